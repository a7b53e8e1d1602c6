//! A copy whose options change from run to run ends as a new copy with the last ones, whatever changes
//! on the site meanwhile, and a plan of the next run of an unchanged site is what that run costs.
//!
//! `OPTION_SEQUENCES` is how many sequences are made, `OPTION_SEQUENCES_FROM` the first one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use confluence_simulator::{ContentKind, Simulator};
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use serde_json::Value;
use tests::{Ended, Host};

use crate::random_changes::{APART, Random, change, small_site, text};

/// How many sequences are made without `OPTION_SEQUENCES`.
const SAMPLE: u64 = 4;

/// The exit code of a run that is limited to a space which is not there.
const NO_SPACE: i32 = 6;

/// What a run chooses of the streams.
const STREAMS: [&str; 7] = [
    "*,!audit_records",
    "*,!audit_records",
    "*,!audit_records,!content_access",
    "*,!audit_records,!content_*",
    "pages,page_labels,folders",
    "spaces,space_*,attachments,attachment_labels",
    "blog_posts,child_pages,page_versions,content_restrictions",
];

/// Columns that say when something was found, which differs from copy to copy.
const TIMES: [&str; 3] = ["computed_at", "oldest_input_at", "placed_at"];

/// A site, and a copy of it.
struct Copied {
    site: Simulator,
    host: Host,
    /// What was run, and how it ended.
    log: String,
    found: String,
}

impl Copied {
    async fn new(number: u64) -> Self {
        let site = Simulator::start(small_site(number)).await.unwrap();
        Self {
            host: Host::with_site(&site),
            site,
            log: String::new(),
            found: String::new(),
        }
    }

    fn sink(&self, name: &str) -> String {
        format!("sqlite:{}", self.host.state().join(name).display())
    }

    fn sync(&mut self, command: &str, sink: &str, words: &[String]) -> Ended {
        let sink = self.sink(sink);
        let types = self.site.site().custom_content_types().join(",");
        let mut all = vec!["sync", command, "--to", &sink];
        if matches!(command, "run" | "plan") {
            all.extend(["--custom-content-types", &types]);
        }
        if matches!(command, "run" | "plan" | "holds") {
            all.extend(["--output", "json"]);
        }
        all.extend(words.iter().map(String::as_str));
        let ended = self.host.run(&all);
        let requests = requests(&ended);
        let _ = writeln!(
            self.log,
            "sync {command} {}: {} with {requests:?} requests",
            words.join(" "),
            ended.code
        );
        ended
    }

    fn run(&mut self, words: &[String]) -> Ended {
        let ended = self.sync("run", "copy.db", words);
        // Complete, deletions held back, the end of a budget, and a space that is hidden by now.
        if !matches!(ended.code, 0 | NO_SPACE | 33 | 34) {
            let _ = writeln!(self.found, "{}: {}", words.join(" "), ended.stderr);
        }
        ended
    }

    fn approve(&mut self) {
        let holds = self.sync("holds", "copy.db", &[]).ok().json();
        let holds = holds.as_array().unwrap().iter();
        let streams: BTreeSet<String> = holds.map(|hold| text(&hold["stream"])).collect();
        for stream in streams {
            self.sync("approve", "copy.db", &[stream]).ok();
        }
    }

    /// Runs after which a copy is what the site shows. Deletions need two lists that are apart, and many
    /// of them need approval.
    fn settle(&mut self, words: &[String]) {
        let full = [words, &["--full".to_owned()]].concat();
        for _ in 0..3 {
            self.run(&full);
            self.approve();
            self.site.advance_clock(APART);
        }
        let ended = self.run(&full);
        if !matches!(ended.code, 0 | NO_SPACE) {
            let _ = writeln!(self.found, "the last run: {ended:#?}");
        }
    }

    /// A plan of a run, and the run.
    fn plan(&mut self, words: &[String]) {
        let plan = self.sync("plan", "copy.db", words).ok().json();
        let ended = self.run(words);
        if ended.code != 0 || plan["next"]["unknownPasses"] != 0 {
            return;
        }
        let planned = plan["next"]["requests"].as_u64().unwrap();
        let spent = requests(&ended).unwrap();
        if planned.abs_diff(spent) * 20 > spent {
            let (planned_of, spent_of) = (passes_planned(&plan), self.passes_made());
            let _ = writeln!(
                self.found,
                "{}: {planned} requests planned, {spent} spent; only planned {:?}, only made {:?}",
                words.join(" "),
                planned_of.difference(&spent_of).collect::<Vec<_>>(),
                spent_of.difference(&planned_of).collect::<Vec<_>>()
            );
        }
    }

    /// The passes that the last run recorded, and their requests.
    fn passes_made(&self) -> BTreeSet<String> {
        let database = Connection::open(self.host.state().join("copy.db")).unwrap();
        let sql = "SELECT streams FROM _sync_runs ORDER BY run DESC LIMIT 1";
        let streams: String = database.query_row(sql, [], |row| row.get(0)).unwrap();
        let streams: Value = serde_json::from_str(&streams).unwrap();
        let streams = streams.as_object().unwrap().iter();
        let passes = streams.flat_map(|(stream, of_stream)| {
            let passes = of_stream["passes"].as_array().unwrap().iter();
            passes.map(|pass| line(stream, pass, pass["parents"] != 0))
        });
        passes.collect()
    }

    /// The rows of a table in scope by key, each with its columns.
    fn rows(&self, file: &str, table: &str) -> BTreeMap<String, BTreeMap<String, String>> {
        let database = Connection::open(self.host.state().join(file)).unwrap();
        let mut statement = database
            .prepare(&format!(
                "SELECT * FROM {table} \
                 WHERE _sync_deleted_at IS NULL AND _sync_filtered_at IS NULL"
            ))
            .unwrap();
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let rows = statement.query_map([], |row| {
            let cell = |at| match row.get_unwrap(at) {
                Cell::Text(text) => text,
                Cell::Integer(number) => number.to_string(),
                Cell::Null => String::new(),
                other => format!("{other:?}"),
            };
            let mut cells = BTreeMap::new();
            for (at, name) in names.iter().enumerate() {
                cells.insert(name.clone(), cell(at));
            }
            let key = cells["_sync_key"].clone();
            cells.retain(|name, _| !name.starts_with('_') && !TIMES.contains(&name.as_str()));
            Ok((key, cells))
        });
        rows.unwrap().map(Result::unwrap).collect()
    }

    /// How the copy differs from a new one.
    fn compare(&mut self, words: &[String]) {
        let full = [words, &["--full".to_owned()]].concat();
        let fresh = self.sync("run", "fresh.db", &full);
        if fresh.code == NO_SPACE {
            return;
        }
        let fresh = fresh.ok().json();
        let folders = self.site.site().inventory(ContentKind::Folder);
        let folders: BTreeSet<String> = folders.iter().map(|row| text(&row["id"])).collect();
        for stream in fresh["streams"].as_array().unwrap() {
            let stream = text(&stream["stream"]);
            let (new, copy) = (
                self.rows("fresh.db", &stream),
                self.rows("copy.db", &stream),
            );
            for (key, row) in &new {
                let Some(copied) = copy.get(key) else {
                    let _ = writeln!(self.found, "{stream} lacks {key}");
                    continue;
                };
                for (column, value) in row {
                    if copied.get(column) != Some(value) {
                        let other = copied.get(column);
                        let _ = writeln!(
                            self.found,
                            "{stream} {key} {column}: {other:?}, anew {value:?}"
                        );
                    }
                }
            }
            for (key, row) in copy.iter().filter(|(key, _)| !new.contains_key(*key)) {
                // A folder stays for as long as the site has it, whatever is in it.
                let is_of_folder = match stream.as_str() {
                    "folders" => folders.contains(&row["id"]),
                    "content_restrictions" => folders.contains(&row["content_id"]),
                    _ => false,
                };
                if !is_of_folder {
                    let _ = writeln!(self.found, "{stream} has {key}");
                }
            }
        }
    }
}

/// How many requests a run made, by its report.
fn requests(ended: &Ended) -> Option<u64> {
    let report: Option<Value> = serde_json::from_str(&ended.stdout).ok();
    report?["requests"].as_u64()
}

fn passes_planned(plan: &Value) -> BTreeSet<String> {
    let passes = plan["passes"].as_array().unwrap().iter();
    passes
        .map(|pass| line(&text(&pass["stream"]), pass, !pass["parents"].is_null()))
        .collect()
}

/// A pass and its requests.
fn line(stream: &str, pass: &Value, by_parents: bool) -> String {
    let parents = if by_parents {
        &pass["parents"]
    } else {
        &Value::Null
    };
    let (name, requests) = (text(&pass["pass"]), &pass["requests"]);
    format!("{stream} {name} of {parents}: {requests}")
}

/// Filters, or none.
fn filters(random: &mut Random, site: &Simulator) -> Vec<String> {
    let truth = site.site();
    let spaces: Vec<String> = truth
        .inventory(ContentKind::Space)
        .iter()
        .map(|space| text(&space["key"]))
        .collect();
    let pages = truth.inventory(ContentKind::Page);
    let page = |random: &mut Random| text(&random.pick(&pages).unwrap()["id"]);
    let time = |random: &mut Random| {
        let versions = random.pick(&pages).unwrap()["versions"].clone();
        text(versions.as_array().unwrap().last().unwrap())
    };
    let space = random.pick(&spaces).unwrap().clone();
    let (option, value) = match random.below(20) {
        0..=5 => return Vec::new(),
        6 | 7 => ("spaces", space),
        8 | 9 => ("spaces", format!("!{space}")),
        10 => ("labels", "runbook,api".to_owned()),
        11 => ("labels", "!faq".to_owned()),
        12 => ("pages", page(random)),
        13 => ("pages", format!("!{}", page(random))),
        14 => ("kinds", "!comments".to_owned()),
        15 => ("kinds", "pages".to_owned()),
        16 => ("archived", "drop".to_owned()),
        17 => ("statuses", "current".to_owned()),
        18 => ("modified-after", time(random)),
        _ => ("created-before", time(random)),
    };
    vec![format!("--{option}"), value]
}

/// What later runs keep, until the next change of options.
fn options(random: &mut Random, site: &Simulator) -> Vec<String> {
    let streams = random.pick(&STREAMS).unwrap();
    let mut words = vec!["--streams".to_owned(), (*streams).to_owned()];
    if streams.starts_with('*') || random.below(2) == 0 {
        words.extend(["--bodies", "markdown"].map(str::to_owned));
    }
    let filters = filters(random, site);
    // A kind that is off is no stream to choose.
    if streams.starts_with('*') || !filters.contains(&"--kinds".to_owned()) {
        words.extend(filters);
    }
    words
}

/// What one run has besides.
fn besides(random: &mut Random) -> Vec<String> {
    match random.below(8) {
        0 => vec!["--full".to_owned()],
        1 | 2 => vec![
            "--max-requests".to_owned(),
            (5 + random.below(60)).to_string(),
        ],
        3 => vec!["--history".to_owned(), "on".to_owned()],
        _ => Vec::new(),
    }
}

async fn sequence(number: u64) -> String {
    let mut random = Random::of(number);
    let mut copied = Copied::new(number).await;
    let mut chosen = options(&mut random, &copied.site);
    for step in 0..5 {
        if step > 0 {
            change(&mut random, &copied.site);
        }
        if random.below(3) > 0 {
            chosen = options(&mut random, &copied.site);
        }
        let words = [chosen.clone(), besides(&mut random)].concat();
        copied.run(&words);
        // A run that ends with its budget before it has read anything makes no copy.
        let is_there = copied.host.state().join("copy.db").exists();
        match random.below(6) {
            _ if !is_there => {}
            0 => drop(copied.sync("apply-filters", "copy.db", &[]).ok()),
            1 => copied.approve(),
            2 => drop(copied.sync("reset", "copy.db", &[]).ok()),
            _ => {}
        }
        let apart = APART * (random.below(60) as u32);
        copied.site.advance_clock(apart);
    }
    copied.settle(&chosen);
    copied.plan(&chosen);
    copied.compare(&chosen);
    if copied.found.is_empty() {
        return String::new();
    }
    let journal: Vec<String> = copied
        .site
        .journal()
        .iter()
        .map(|change| serde_json::to_string(change).unwrap())
        .collect();
    format!(
        "sequence {number}:\n{}after\n{}changes\n{}\n",
        copied.found,
        copied.log,
        journal.join("\n")
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_whose_options_change_ends_as_a_new_copy_with_the_last_ones() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().unwrap());
    let first = number("OPTION_SEQUENCES_FROM").unwrap_or(1);
    let count = number("OPTION_SEQUENCES").unwrap_or(SAMPLE);
    let mut found = String::new();
    for number in first..first + count {
        found += &sequence(number).await;
    }
    assert!(found.is_empty(), "{found}");
}
