//! A site copied into a database, and kept current.

use std::collections::BTreeMap;
use std::path::PathBuf;

use confluence_simulator::{Amounts, Mutation, Settings, Simulator};
use rusqlite::Connection;
use serde_json::{Value, json};
use tests::{Ended, Host};

use crate::{faults, site_of};

struct Copy {
    host: Host,
    file: PathBuf,
}

impl Copy {
    fn of(site: &Simulator) -> Self {
        let host = Host::with_site(site);
        let file = host.state().join("site.db");
        Self { host, file }
    }

    fn sink(&self) -> String {
        format!("sqlite:{}", self.file.display())
    }

    fn run(&self, words: &[&str]) -> Ended {
        let sink = self.sink();
        let mut all = vec!["sync", "run", "--to", &sink, "--output", "json"];
        all.extend_from_slice(words);
        self.host.run(&all)
    }

    fn ids(&self, table: &str) -> Vec<String> {
        let database = Connection::open(&self.file).unwrap();
        let sql =
            format!("SELECT _sync_key FROM {table} WHERE _sync_deleted_at IS NULL ORDER BY 1");
        let mut rows = database.prepare(&sql).unwrap();
        let rows = rows.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }
}

/// What each stream counted, by name.
fn counts(ended: &Ended) -> BTreeMap<String, (u64, u64, u64)> {
    let report = ended.json();
    let streams = report["streams"].as_array().unwrap();
    streams
        .iter()
        .map(|stream| {
            let count = |name: &str| stream[name].as_u64().unwrap();
            let name = stream["stream"].as_str().unwrap().to_owned();
            (name, (count("new"), count("changed"), count("deleted")))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_summary_counts_each_row_once_and_agrees_with_the_copy() {
    let site = site_of(300).await;
    let copy = Copy::of(&site);
    let sink = copy.sink();
    let status = |name: &str| {
        let status = copy
            .host
            .run(&["sync", "status", "--to", &sink, "--output", "json"]);
        let status = status.ok().json();
        let mut streams = status.as_array().unwrap().iter();
        streams.find(|row| row["stream"] == *name).unwrap()["rows"].clone()
    };
    let first = copy.run(&["--bodies", "storage"]).ok().json();
    for stream in first["streams"].as_array().unwrap() {
        let name = stream["stream"].as_str().unwrap();
        assert_eq!(stream["new"], status(name), "{stream}");
        for other in ["changed", "deleted", "unchanged"] {
            assert_eq!(stream[other], 0, "{other} {stream}");
        }
    }
    let labelled: String = Connection::open(&copy.file)
        .unwrap()
        .query_row(
            "SELECT max(parent) FROM _sync_keys WHERE stream = 'page_labels'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let edited = copy.ids("pages").into_iter().find(|id| *id != labelled);
    for mutation in [
        json!({"kind": "trash", "id": labelled}),
        json!({"kind": "edit", "id": edited}),
    ] {
        let mutation = Mutation::parse(&mutation.to_string()).unwrap();
        site.mutate(&mutation).unwrap();
    }
    let sync = ["sync", "run", "--to", &sink, "--bodies", "storage"];
    let events = [&sync[..], &["--message-format", "json"]].concat();
    let events = copy.host.run(&events).ok();
    let ended: Value = serde_json::from_str(events.stdout.lines().last().unwrap()).unwrap();
    let count = |row: &Value, name: &str| row[name].as_u64().unwrap();
    let mut all = [0; 4];
    for stream in ended["streams"].as_array().unwrap() {
        let name = stream["stream"].as_str().unwrap();
        let counts = ["new", "changed", "deleted", "unchanged"].map(|it| count(stream, it));
        let [new, changed, deleted, unchanged] = counts;
        assert_eq!(new + changed + unchanged, status(name), "{stream}");
        if name == "pages" {
            // Pages below the one that is gone have another parent.
            assert!(changed > 0, "{stream}");
            assert_eq!((new, deleted, changed + unchanged), (0, 1, 299));
        }
        if name == "page_labels" {
            assert!(deleted > 0, "{stream}");
        }
        all.iter_mut()
            .zip(counts)
            .for_each(|(all, one)| *all += one);
    }
    let runs = ["sync", "runs", "--to", &sink, "--output", "json"];
    let runs = copy.host.run(&runs).ok().json();
    let recorded = ["new", "changed", "deleted", "unchanged"].map(|it| count(&runs[0], it));
    assert_eq!(recorded, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_the_site_fails_at_is_listed_and_holds_nothing_else_up() {
    let site = site_of(600).await;
    let copy = Copy::of(&site);
    let words = ["--streams", "pages", "--bodies", "storage"];
    copy.run(&words).ok();
    let all = copy.ids("pages");
    let poison = all[400].clone();
    site.set_faults(faults(&format!("*:poison-body={poison}")));
    let full = [&words[..], &["--full"]].concat();
    copy.run(&full).fails(32, &["could not be read"]);
    assert_eq!(copy.ids("pages"), all);
    let sink = copy.sink();
    let failures = ["sync", "failures", "--to", &sink, "--output", "json"];
    let listed = copy.host.run(&failures).ok().json();
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed[0]["key"], *poison);
    assert_eq!(listed[0]["code"], "poison-item");
    // It is not due yet, and the copy is not complete without it.
    copy.run(&words).fails(32, &[]);
    let shown = copy.host.run(&["sync", "failures", "--to", &sink]).ok();
    assert!(shown.stdout.contains(&poison), "{shown:?}");
    site.set_faults(faults(""));
    copy.run(&full).ok();
    let ended = copy.host.run(&["sync", "failures", "--to", &sink]).ok();
    assert!(ended.stderr.contains("all rows could be read"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_changes_has_what_the_copy_has() {
    let site = site_of(300).await;
    let copy = Copy::of(&site);
    copy.run(&["--streams", "pages", "--history", "on"]).ok();
    copy.run(&["--streams", "pages", "--full"]).ok();
    let database = Connection::open(&copy.file).unwrap();
    let logged: Vec<String> = database
        .prepare(
            "SELECT key FROM pages__changes WHERE op = 'insert' AND \"row\" ->> 'id' = key ORDER BY 1",
        )
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(logged, copy.ids("pages"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_has_all_pages_and_a_second_run_finds_nothing_new() {
    let site = site_of(600).await;
    let copy = Copy::of(&site);
    let first = copy.run(&["--streams", "pages,spaces"]).ok();
    assert_eq!(counts(&first)["pages"], (600, 0, 0));
    let mut ids: Vec<String> = site.site().page_ids().collect();
    ids.sort();
    assert_eq!(copy.ids("pages"), ids);
    let second = copy.run(&["--streams", "pages,spaces"]).ok();
    assert_eq!(counts(&second)["pages"], (0, 0, 0));
    let json = second.json();
    // One for changes of the pages, three for the list of all, and one for the spaces.
    assert!(json["requests"].as_u64().unwrap() <= 6, "{json}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_is_read_by_space_and_has_every_row() {
    let settings = Settings {
        pages: 3_000,
        amounts: Amounts {
            spaces: Some(40),
            ..Amounts::default()
        },
        ..Settings::default()
    };
    let site = Simulator::start(settings).await.unwrap();
    let copy = Copy::of(&site);
    let words = ["--streams", "pages", "--bodies", "storage"];
    let first = copy.run(&words).ok();
    assert_eq!(counts(&first)["pages"], (3_000, 0, 0));
    let by_space = |since: u64| {
        let asked = site.requests().into_iter();
        let asked = asked.filter(|asked| asked.number > since);
        asked
            .filter(|asked| asked.path_and_query.contains("space-id="))
            .count()
    };
    assert!(by_space(0) > 12);
    // Twelve for all of them in one list; four until it shows that it is long, one for the spaces, one for
    // changes, and for each group of spaces one that is not full.
    assert!(
        site.request_count() <= 12 + 4 + 2 + 32,
        "{}",
        site.request_count()
    );
    let before = site.request_count();
    let full = [&words[..], &["--full"]].concat();
    let second = copy.run(&full).ok();
    assert_eq!(counts(&second)["pages"], (0, 0, 0));
    assert!(by_space(before) > 12);
    let mut ids: Vec<String> = site.site().page_ids().collect();
    ids.sort();
    assert_eq!(copy.ids("pages"), ids);
    // Within a budget one list is read.
    let before = site.request_count();
    let limited = [&full[..], &["--max-requests", "100"]].concat();
    copy.run(&limited).ok();
    assert_eq!(by_space(before), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_are_wanted_later_are_read_for_rows_that_have_not_changed() {
    let site = site_of(200).await;
    let copy = Copy::of(&site);
    copy.run(&["--streams", "pages"]).ok();
    let second = copy.run(&["--streams", "pages", "--raw"]).ok();
    assert_eq!(counts(&second)["pages"], (0, 200, 0));
    let third = copy.run(&["--streams", "pages", "--raw"]).ok();
    assert_eq!(counts(&third)["pages"], (0, 0, 0));
    let database = Connection::open(&copy.file).unwrap();
    let with_raw: i64 = database
        .query_row("SELECT count(raw) FROM pages", [], |row| row.get(0))
        .unwrap();
    assert_eq!(with_raw, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_limited_to_spaces_copies_nothing_of_others() {
    let site = site_of(200).await;
    let copy = Copy::of(&site);
    let spaces = copy.host.run(&["read", "spaces", "--in-order"]).ok();
    let first: serde_json::Value =
        serde_json::from_str(spaces.stdout.lines().next().unwrap()).unwrap();
    let (id, key) = (
        first["id"].as_str().unwrap(),
        first["key"].as_str().unwrap(),
    );
    copy.run(&["--spaces", key]).ok();
    let database = Connection::open(&copy.file).unwrap();
    let count = |sql: &str| -> i64 { database.query_row(sql, [id], |row| row.get(0)).unwrap() };
    assert!(count("SELECT count(*) FROM pages WHERE space_id = ?1") > 0);
    assert_eq!(count("SELECT count(*) FROM pages WHERE space_id <> ?1"), 0);
    let others =
        "SELECT count(*) FROM page_labels WHERE ?1 <> '' AND page_id NOT IN (SELECT id FROM pages)";
    assert_eq!(count(others), 0);
    // Those that the search index omits are read one by one.
    let all = copy.host.run(&["read", "content_restrictions"]).ok().stdout;
    let copied: Vec<String> = ["pages", "blog_posts"].map(|it| copy.ids(it)).concat();
    let shown = all.lines().filter(|line| {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        copied.contains(&row["content_id"].as_str().unwrap().to_owned())
    });
    let shown = i64::try_from(shown.count()).unwrap();
    assert!(shown > 0);
    assert!(count("SELECT count(*) FROM content_restrictions WHERE ?1 <> ''") >= shown);
    let others = "SELECT count(*) FROM content_restrictions WHERE ?1 <> '' AND content_id NOT IN \
                  (SELECT id FROM pages UNION ALL SELECT id FROM blog_posts UNION ALL SELECT id FROM folders)";
    assert_eq!(count(others), 0);
    copy.run(&["--spaces", &key.to_lowercase()])
        .fails(6, &[&format!("did you mean `{key}`?")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_default_streams_of_a_site_are_copied() {
    let site = site_of(200).await;
    let copy = Copy::of(&site);
    let first = copy.run(&["--bodies", "markdown"]).ok();
    assert_eq!(first.json()["outcome"], "complete", "{first:#?}");
    let counts = counts(&first);
    for stream in [
        "spaces",
        "pages",
        "blog_posts",
        "attachments",
        "page_labels",
        "tasks",
    ] {
        assert!(counts[stream].0 > 0, "{stream}: {counts:?}");
    }
    let database = Connection::open(&copy.file).unwrap();
    let with_body: i64 = database
        .query_row("SELECT count(body) FROM pages", [], |row| row.get(0))
        .unwrap();
    assert_eq!(with_body, 200);
    let status = copy
        .host
        .run(&["sync", "status", "--to", &copy.sink(), "--output", "json"]);
    let status = status.ok().json();
    let pages = status
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["stream"] == "pages");
    assert_eq!(pages.unwrap()["rows"], 200);
    let runs = copy
        .host
        .run(&["sync", "runs", "--to", &copy.sink(), "--output", "json"]);
    let runs = runs.ok().json();
    assert_eq!(runs[0]["outcome"], "complete");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_fails_is_partial_and_the_next_one_completes_it() {
    let site = site_of(1_000).await;
    let copy = Copy::of(&site);
    copy.host
        .run(&["config", "set", "retry.attempts", "0"])
        .ok();
    site.set_faults(faults("4:truncate-body"));
    let first = copy.run(&["--streams", "pages,spaces"]);
    assert!(first.code != 0, "{first:#?}");
    site.set_faults(faults(""));
    copy.run(&["--streams", "pages,spaces"]).ok();
    assert_eq!(copy.ids("pages").len(), 1_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_account_deletes_nothing() {
    let site = site_of(200).await;
    let copy = Copy::of(&site);
    copy.run(&["--streams", "pages"]).ok();
    for fault in ["*:401", "*:403", "*:html", "*:404"] {
        site.set_faults(faults(fault));
        let ended = copy.run(&["--streams", "pages"]);
        assert!(ended.code != 0, "{fault}: {ended:#?}");
        assert_eq!(copy.ids("pages").len(), 200, "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_or_a_stream_that_does_not_exist_is_refused() {
    let site = site_of(10).await;
    let copy = Copy::of(&site);
    copy.run(&["--streams", "pagess"])
        .fails(2, &["`pagess` matches no stream"]);
    let run = |to: &str| copy.host.run(&["sync", "run", "--to", to]);
    run("mysql:x").fails(2, &["`mysql:x` is not a sink"]);
    let status = |to: &str| copy.host.run(&["sync", "status", "--to", to]);
    status("sqlite:/nowhere/x.db").fails(3, &["there is no database"]);
}
