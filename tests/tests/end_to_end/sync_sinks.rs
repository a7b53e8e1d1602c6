//! What holds for a copy in every kind of sink.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rusqlite::Connection;
use sink_tests::Server;
use tests::{Ended, Host};

use crate::{site_of, sync_duckdb};

/// A place that a site is copied to.
enum Target {
    Sqlite(PathBuf),
    Duckdb(PathBuf),
    Jsonl(PathBuf),
    /// A schema of the server that all tests share.
    Postgresql(&'static str),
}

impl Target {
    fn sink(&self) -> String {
        match self {
            Self::Sqlite(file) => format!("sqlite:{}", file.display()),
            Self::Duckdb(file) => format!("duckdb:{}", file.display()),
            Self::Jsonl(folder) => format!("jsonl:{}", folder.display()),
            Self::Postgresql(schema) => Server::shared().url(schema),
        }
    }

    /// The keys of all rows of a table, and whether each is live.
    fn keys(&self, table: &str) -> Vec<(String, bool)> {
        let sql = |table: &str| {
            format!("SELECT _sync_key, _sync_deleted_at IS NULL FROM {table} ORDER BY 1")
        };
        match self {
            Self::Sqlite(file) => {
                let database = Connection::open(file).unwrap();
                let mut rows = database.prepare(&sql(table)).unwrap();
                let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
                rows.unwrap().map(Result::unwrap).collect()
            }
            Self::Duckdb(file) => sync_duckdb::read(file, &sql(table))
                .into_iter()
                .map(|row| (row[0].clone(), row[1] == "true"))
                .collect(),
            Self::Jsonl(folder) => last_rows(folder, table),
            Self::Postgresql(schema) => Server::shared()
                .sql(&sql(&format!("{schema}.{table}")))
                .into_iter()
                .map(|row| (row[0].clone(), row[1] == "t"))
                .collect(),
        }
    }

    fn run(&self, host: &Host, words: &[&str]) -> Ended {
        let sink = self.sink();
        let mut all = vec!["sync", "run", "--to", &sink, "--output", "json"];
        all.extend_from_slice(words);
        host.run(&all)
    }
}

/// A DuckDB file of a host that has the library.
fn duckdb(host: &Host) -> Target {
    sync_duckdb::name_library(host);
    Target::Duckdb(host.state().join("site.duckdb"))
}

/// The keys of a stream in a folder, and whether the last row of each is live: from the parts that
/// manifests name, each key of a part once.
fn last_rows(folder: &Path, stream: &str) -> Vec<(String, bool)> {
    let mut last = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for sequence in 1.. {
        let manifest = folder.join(format!("_manifest/{sequence:010}.json"));
        let Ok(text) = std::fs::read_to_string(manifest) else {
            break;
        };
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
        for part in manifest["parts"].as_array().unwrap() {
            if part["stream"] != stream {
                continue;
            }
            let part = folder.join(part["path"].as_str().unwrap());
            for line in std::fs::read_to_string(part).unwrap().lines() {
                let row: serde_json::Value = serde_json::from_str(line).unwrap();
                let key = row["_sync_key"].as_str().unwrap().to_owned();
                // The site does not change: a row that is there twice was doubled.
                assert!(
                    seen.insert(line.to_owned()) && !last.contains_key(&key),
                    "{line}"
                );
                last.insert(key, row["_sync_op"] == "upsert");
            }
        }
    }
    last.into_iter().collect()
}

/// How many rows of all streams a run changed.
fn changed(ended: &Ended) -> u64 {
    let report = ended.json();
    let streams = report["streams"].as_array().unwrap().iter();
    streams
        .flat_map(|stream| ["new", "changed", "deleted"].map(|name| stream[name].as_u64().unwrap()))
        .sum()
}

/// A number that looks random, and is the same each time.
fn random(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

/// Kills runs with a signal that no program can catch, each behind some of its events, and then lets
/// one end.
async fn killed_at_random_moments(target: impl FnOnce(&Host) -> Target, mut seed: u64) {
    let kills = std::env::var("SYNC_KILLS").map_or(20, |count| count.parse().unwrap());
    let site = site_of(200).await;
    let host = Host::with_site(&site);
    let target = target(&host);
    let streams = [
        "--streams",
        "spaces,pages,blog_posts,page_labels,attachments",
    ];
    let mut killed = 0;
    for _ in 0..kills {
        let mut child = host
            .command()
            .args(["--message-format", "json", "sync", "run", "--full", "--to"])
            .arg(target.sink())
            .args(streams)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ended = lines.nth(random(&mut seed) as usize % 16);
        killed += u32::from(ended.is_some());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(killed > 0);
    target.run(&host, &streams).ok();
    let mut ids: Vec<String> = site.site().page_ids().collect();
    ids.sort();
    let expected: Vec<(String, bool)> = ids.into_iter().map(|id| (id, true)).collect();
    assert_eq!(target.keys("pages"), expected);
    // The search index omits some pages, so that there may be more labels than it shows.
    let read = host.run(&["read", "page_labels"]).ok();
    assert!(target.keys("page_labels").len() >= read.stdout.lines().count());
    let again = target
        .run(&host, &[&streams[..], &["--full"]].concat())
        .ok();
    assert_eq!(changed(&again), 0, "{again:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_into_sqlite_that_are_killed_are_completed_by_the_next_one() {
    killed_at_random_moments(|host| Target::Sqlite(host.state().join("site.db")), 7).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_into_duckdb_that_are_killed_are_completed_by_the_next_one() {
    if sink_tests::duckdb::library().is_some() {
        killed_at_random_moments(duckdb, 17).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_into_a_folder_that_are_killed_are_completed_by_the_next_one() {
    killed_at_random_moments(|host| Target::Jsonl(host.state().join("copy")), 13).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_in_a_folder_has_all_default_streams_and_tells_how_current_it_is() {
    let site = site_of(60).await;
    let host = Host::with_site(&site);
    for kind in ["jsonl+zst", "csv", "parquet"] {
        let sink = format!("{kind}:{}", host.state().join(kind).display());
        let words = [
            "sync", "run", "--output", "json", "--bodies", "text", "--to", &sink,
        ];
        host.run(&["sync", "status", "--to", &sink])
            .fails(3, &["there is no folder"]);
        assert_eq!(host.run(&words).ok().json()["outcome"], "complete");
        assert_eq!(changed(&host.run(&words).ok()), 0);
        let status = host.run(&["sync", "status", "--to", &sink, "--output", "json"]);
        let status = status.ok().json();
        let mut rows = status.as_array().unwrap().iter();
        let pages = rows.find(|row| row["stream"] == "pages").unwrap();
        assert_eq!(pages["rows"], 60);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_into_postgresql_that_are_killed_are_completed_by_the_next_one() {
    killed_at_random_moments(|_| Target::Postgresql("killed"), 11).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_in_postgresql_has_all_default_streams_and_tells_how_current_it_is() {
    let site = site_of(200).await;
    let host = Host::with_site(&site);
    let target = Target::Postgresql("defaults");
    let sink = target.sink();
    host.run(&["sync", "status", "--to", &sink])
        .fails(3, &["no copy in the schema `defaults`"]);
    let first = target.run(&host, &["--bodies", "markdown", "--raw"]).ok();
    assert_eq!(first.json()["outcome"], "complete", "{first:#?}");
    let second = target.run(&host, &["--bodies", "markdown", "--raw"]).ok();
    assert_eq!(changed(&second), 0, "{second:#?}");
    let sql =
        "SELECT count(body), count(raw -> 'id'), count(version__created_at) FROM defaults.pages";
    assert_eq!(Server::shared().sql(sql), [["200", "200", "200"]]);
    let status = host.run(&["sync", "status", "--to", &sink, "--output", "json"]);
    let status = status.ok().json();
    let mut rows = status.as_array().unwrap().iter();
    let pages = rows.find(|row| row["stream"] == "pages").unwrap();
    assert_eq!(
        (&pages["rows"], &pages["deleted"]),
        (&200.into(), &0.into())
    );
    assert!(pages["listedAt"].is_string(), "{pages}");
    let runs = host.run(&["sync", "runs", "--to", &sink, "--output", "json"]);
    let runs = runs.ok().json();
    assert_eq!(runs[1]["streams"]["pages"]["inserted"], 200, "{runs}");
    host.run(&["sync", "holds", "--to", &sink]).ok();
    host.run(&["sync", "approve", "pages", "--to", &sink])
        .fails(3, &["no deletions of the stream `pages` need approval"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_in_the_url_of_a_database_is_refused_and_not_repeated() {
    let site = site_of(10).await;
    let host = Host::with_site(&site);
    let hidden = "hid-den";
    let run = |to: &str, format: &str| {
        let words = ["--message-format", format, "sync", "run", "--to", to];
        let ended = host.run(&words);
        assert!(!ended.stderr.contains(hidden), "{ended:#?}");
        assert!(!ended.stdout.contains(hidden), "{ended:#?}");
        ended
    };
    for format in ["text", "json"] {
        run(&format!("postgresql://me:{hidden}@localhost/d"), format)
            .fails(2, &["contains a password", "PGPASSWORD"]);
        run(
            &format!("postgresql://me@localhost/d?password={hidden}"),
            format,
        )
        .fails(2, &["contains a password"]);
        run(&format!("postgressql://me:{hidden}@localhost/d"), format).fails(2, &["--to"]);
        run(&format!("postgresql://{hidden},b/d"), format).fails(2, &["several hosts"]);
    }
    // The variable is read, and the server refuses what it holds.
    let server = Server::shared();
    let to = format!(
        "postgresql://guarded@127.0.0.1:{}/postgres?schema=guarded",
        server.port()
    );
    let with = |password: &str| {
        let words = ["sync", "run", "--streams", "spaces", "--to", &to];
        host.run_with(&words, "", &[("PGPASSWORD", password)])
    };
    with(hidden).fails(25, &["password authentication failed", "PGPASSWORD"]);
    with(sink_tests::server::PASSWORD).ok();
    if server.authority().exists() {
        let to = format!(
            "postgresql://guarded@localhost:{}/postgres?schema=guarded&sslmode=verify-full&sslrootcert={}",
            server.port(),
            server.authority().display()
        );
        let words = ["sync", "run", "--streams", "spaces", "--to", &to];
        host.run_with(&words, "", &[("PGPASSWORD", sink_tests::server::PASSWORD)])
            .ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_read_what_happens_in_a_run_as_one_object_a_line() {
    let site = site_of(60).await;
    let host = Host::with_site(&site);
    let file = host.state().join("site.db");
    let sink = format!("sqlite:{}", file.display());
    let words = ["--message-format", "json", "sync", "run", "--to", &sink];
    let ended = host
        .run(&[&words[..], &["--streams", "pages,spaces"]].concat())
        .ok();
    let events: Vec<serde_json::Value> = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |name: &'static str| events.iter().filter(move |event| event["event"] == name);
    assert!(of("started").any(|event| event["stream"] == "pages" && event["pass"] == "full"));
    assert!(of("committed").any(|event| event["stream"] == "pages" && event["rows"] == 60));
    let last = events.last().unwrap();
    assert_eq!(
        (&last["event"], &last["outcome"]),
        (&"ended".into(), &"complete".into())
    );
    assert_eq!(last["streams"].as_array().unwrap().len(), 2);
    site.set_faults(crate::faults("*:400"));
    let failed = host.run(&[&words[..], &["--streams", "pages"]].concat());
    assert!(failed.code != 0);
    assert!(failed.stdout.contains(r#""event":"failed""#), "{failed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_to_comments_and_their_replies_are_copied() {
    let site = site_of(60).await;
    let host = Host::with_site(&site);
    for target in [
        Target::Sqlite(host.state().join("site.db")),
        Target::Postgresql("replies"),
    ] {
        let streams = ["--streams", "pages,blog_posts,*_comments"];
        let first = target.run(&host, &streams).ok();
        let mut all = 0;
        let tables = [
            "page_footer_comments",
            "page_inline_comments",
            "blog_post_footer_comments",
            "blog_post_inline_comments",
        ];
        let mut copied: BTreeSet<String> = BTreeSet::new();
        for table in tables {
            for (key, is_live) in target.keys(table) {
                assert!(is_live, "{key} of {table}");
                all += 1;
                copied.insert(key);
            }
        }
        let of_copied = copied.iter();
        let replies: BTreeSet<String> = of_copied
            .flat_map(|id| site.site().comment_reply_ids(id))
            .collect();
        assert!(
            replies.len() > 5 && replies.is_subset(&copied),
            "{first:#?}"
        );
        assert_eq!(all, copied.len());
        let second = target.run(&host, &streams).ok();
        assert_eq!(changed(&second), 0, "{second:#?}");
        // What was read once is not asked for again before it is due.
        let requests = second.json()["requests"].as_u64().unwrap();
        assert!(requests < 20, "{requests}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_of_pages_that_the_search_index_omits_are_read_and_not_deleted() {
    let site = site_of(60).await;
    let host = Host::with_site(&site);
    let shown = host
        .run(&["read", "page_labels"])
        .ok()
        .stdout
        .lines()
        .count();
    for target in [
        Target::Sqlite(host.state().join("site.db")),
        Target::Postgresql("labels"),
    ] {
        let streams = [
            "--full",
            "--streams",
            "pages,page_labels,content_restrictions",
        ];
        target.run(&host, &streams).ok();
        let labels = target.keys("page_labels");
        assert!(labels.len() > shown, "{} {shown}", labels.len());
        for _ in 0..2 {
            let again = target.run(&host, &streams).ok();
            assert_eq!(changed(&again), 0, "{again:#?}");
        }
        assert_eq!(target.keys("page_labels"), labels);
        let between = target.run(&host, &streams[1..]).ok();
        let requests = between.json()["requests"].as_u64().unwrap();
        assert!(requests <= 6, "{requests}");
    }
}

/// Runs into a target whose files cannot grow beyond so many KiB, as on a full disk.
fn run_with_little_room(target: &Target, host: &Host, kib: u32) -> Ended {
    // The signal would end the program before it can say anything.
    let line = format!(
        "trap '' XFSZ; ulimit -f {kib}; exec \"$PROGRAM\" sync run --to \"$SINK\" --streams pages --bodies storage"
    );
    let output = host
        .command_line(&line)
        .env("PROGRAM", tests::binary())
        .env("SINK", target.sink())
        .output()
        .unwrap();
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

async fn on_a_full_disk(target: impl FnOnce(&Host) -> Target) {
    let site = site_of(3_000).await;
    let host = Host::with_site(&site);
    // The compiled component is larger than what the runs may write. 2 MiB hold the image of its memory, and
    // the first of the steps.
    host.call(&["listSpaces"]).ok();
    let target = target(&host);
    for kib in [2_000, 3_000] {
        let ended = run_with_little_room(&target, &host, kib);
        ended.fails(25, &["no room left", "fix: free space"]);
    }
    let words = ["--streams", "pages", "--bodies", "storage"];
    let ended = target.run(&host, &words).ok();
    assert!(changed(&ended) < 3_000, "nothing was kept: {ended:?}");
    let mut ids: Vec<(String, bool)> = site.site().page_ids().map(|id| (id, true)).collect();
    ids.sort();
    assert!(target.keys("pages") == ids);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_into_sqlite_on_a_full_disk_says_so_and_the_next_one_completes_it() {
    on_a_full_disk(|host| Target::Sqlite(host.state().join("site.db"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_into_duckdb_on_a_full_disk_says_so_and_the_next_one_completes_it() {
    if sink_tests::duckdb::library().is_some() {
        on_a_full_disk(duckdb).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_into_a_folder_on_a_full_disk_says_so_and_the_next_one_completes_it() {
    on_a_full_disk(|host| Target::Jsonl(host.state().join("site"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_whose_path_cannot_be_opened_names_the_path_the_cause_and_a_fix() {
    let site = site_of(10).await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path).display().to_string();
    std::fs::write(folder.path().join("file"), "text").unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(at("pipe"))
        .status();
    assert!(made.unwrap().success());
    for (kind, path, cause, fix) in [
        ("sqlite", at("none/site.db"), "does not exist", "mkdir -p"),
        ("sqlite", at(""), "it is a folder", "name a file in it"),
        (
            "sqlite",
            at("pipe"),
            "not a regular file",
            "choose another path",
        ),
        (
            "sqlite",
            at("file/site.db"),
            "is not a folder",
            "choose another path",
        ),
        (
            "jsonl",
            at("file"),
            "is not a folder",
            "choose another path",
        ),
        (
            "parquet",
            at("file/below"),
            "is not a folder",
            "choose another path",
        ),
        (
            "sqlite",
            "/proc/self/site.db".to_owned(),
            "cannot be written",
            "writable",
        ),
    ] {
        let sink = format!("{kind}:{path}");
        let words = ["sync", "run", "--to", &sink, "--streams", "spaces"];
        host.run(&words)
            .fails(25, &[&format!("cannot open `{path}`: "), cause, fix]);
    }
}
