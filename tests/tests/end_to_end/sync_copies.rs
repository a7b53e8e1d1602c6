//! What becomes of a copy as a whole: what waits with a missing space, runs that are not valid, and copies that
//! are read anew or have lost their state.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use confluence_simulator::{Content, Mutation, Settings, Simulator};
use rusqlite::Connection;
use serde_json::{Value, json};
use tests::{Ended, Host};

const HOUR: Duration = Duration::from_secs(3_600);

struct Copy {
    host: Host,
    site: Simulator,
    file: PathBuf,
}

impl Copy {
    async fn new() -> Self {
        let settings = Settings {
            content: Content::Company,
            ..Settings::default()
        };
        let site = Simulator::start(settings).await.unwrap();
        let host = Host::with_site(&site);
        let file = host.state().join("site.db");
        Self { host, site, file }
    }

    fn sink(&self) -> String {
        format!("sqlite:{}", self.file.display())
    }

    fn run(&self) -> Ended {
        self.run_to(&self.sink())
    }

    fn run_to(&self, sink: &str) -> Ended {
        let words = ["sync", "run", "--to", sink, "--output", "json"];
        self.host.run(&words)
    }

    fn mutate(&self, mutation: &Value) -> Vec<String> {
        let mutation = Mutation::parse(&mutation.to_string()).unwrap();
        self.site.mutate(&mutation).unwrap().ids
    }

    fn number(&self, sql: &str) -> i64 {
        let database = Connection::open(&self.file).unwrap();
        database.query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

/// What a run counted of a stream.
fn of_stream<'a>(report: &'a Value, name: &str) -> &'a Value {
    let mut streams = report["streams"].as_array().unwrap().iter();
    streams.find(|stream| stream["stream"] == name).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_hidden_space_is_deleted_until_that_is_approved() {
    let copy = Copy::new().await;
    copy.run().ok();
    let ids = copy.mutate(&json!({"kind": "hide-space", "space": "HR"}));
    let of_space = format!(
        "SELECT count(*) FROM _sync_keys WHERE container = '{}' AND deleted_at IS NULL",
        ids[0]
    );
    let before = copy.number(&of_space);
    assert!(before > 50, "{before}");
    copy.run().ok();
    // Ten minutes later deletions are confirmed, then labels and permissions are due, replies, and all that
    // the search omits.
    for passed in [HOUR / 4, 7 * HOUR, 26 * HOUR, 200 * HOUR] {
        copy.site.advance_clock(passed);
        // The site has roles, also if the hidden space is the only one whose roles are due.
        for _ in 0..2 {
            let report = copy.run().fails(33, &["deletions need approval"]).json();
            let roles = of_stream(&report, "space_role_assignments");
            assert_eq!(roles["state"], "complete", "{roles:#}");
        }
        let deleted = "SELECT count(*) FROM _sync_keys WHERE deleted_at IS NOT NULL";
        assert_eq!(copy.number(deleted), 0, "after {passed:?}");
    }
    let sink = copy.sink();
    let holds = ["sync", "holds", "--to", &sink, "--output", "json"];
    let holds = copy.host.run(&holds).ok().json();
    let holds = holds.as_array().unwrap().iter();
    let held: BTreeSet<&str> = holds.map(|hold| hold["stream"].as_str().unwrap()).collect();
    assert_eq!(held, BTreeSet::from(["blog_posts", "pages", "spaces"]));
    for stream in held {
        let approve = ["sync", "approve", "--to", &sink, stream];
        copy.host.run(&approve).ok();
    }
    let report = copy.run().ok().json();
    assert_eq!(copy.number(&of_space), 0);
    for stream in report["streams"].as_array().unwrap() {
        assert_eq!(stream["state"], "complete", "{stream}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_a_trashed_page_is_deleted_in_the_same_run() {
    let copy = Copy::new().await;
    copy.run().ok();
    let page = "SELECT a.parent FROM _sync_keys AS a JOIN _sync_keys AS c ON c.parent = a.parent \
                AND c.stream = 'page_footer_comments' WHERE a.stream = 'attachments' LIMIT 1";
    let database = Connection::open(&copy.file).unwrap();
    let page: String = database.query_row(page, [], |row| row.get(0)).unwrap();
    drop(database);
    copy.mutate(&json!({"kind": "trash", "id": page}));
    copy.run().ok();
    let of_page = |stream: &str, what: &str| {
        copy.number(&format!(
            "SELECT count(*) FROM _sync_keys WHERE stream = '{stream}' AND parent = '{page}' AND {what}"
        ))
    };
    for stream in ["attachments", "page_footer_comments"] {
        assert_eq!(of_page(stream, "deleted_at IS NULL"), 0, "{stream}");
        assert!(of_page(stream, "reason = 'parent'") > 0, "{stream}");
    }
    copy.mutate(&json!({"kind": "restore", "id": page}));
    copy.run().ok();
    for stream in ["attachments", "page_footer_comments"] {
        assert_eq!(of_page(stream, "deleted_at IS NOT NULL"), 0, "{stream}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_whose_clock_is_ahead_costs_no_more_than_another() {
    let copy = Copy::new().await;
    copy.site.advance_clock(7 * HOUR);
    copy.run().ok();
    let again = copy.run().ok().json();
    assert_eq!(again["requests"], 18, "{again:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_of_all_streams_is_complete_after_one_run() {
    let copy = Copy::new().await;
    let first = copy.run().ok().json();
    let sink = copy.sink();
    copy.host.run(&["sync", "reset", "--to", &sink]).ok();
    let again = copy.run().ok().json();
    for stream in first["streams"].as_array().unwrap() {
        let name = stream["stream"].as_str().unwrap();
        let counts = of_stream(&again, name);
        assert_eq!(counts["changed"], stream["new"], "{counts:#}");
    }
    let open = "SELECT count(*) FROM _sync_state WHERE pass = 'reset'";
    assert_eq!(copy.number(open), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_not_valid_leaves_no_file() {
    let copy = Copy::new().await;
    let invalid: [(&[&str], i32, u64); 8] = [
        (&["--bodies", "mardown"], 2, 0),
        (&["--streams", "page"], 2, 0),
        (&["--streams", ""], 2, 0),
        (&["--streams", "zzz_*"], 2, 0),
        (&["--streams", "page_chunks"], 2, 0),
        (&["--pages", "zz"], 2, 0),
        (&["--files", "/etc"], 25, 0),
        (&["--spaces", "NOPE"], 6, 1),
    ];
    let place = copy.host.state().join("copies");
    fs::create_dir(&place).unwrap();
    let is_empty = |place: &Path| fs::read_dir(place).unwrap().next().is_none();
    let sinks = ["sqlite", "jsonl"].map(|kind| format!("{kind}:{}", place.join("copy").display()));
    for (words, code, requests) in invalid {
        for sink in &sinks {
            let before = copy.site.request_count();
            let run = [&["sync", "run", "--to", sink], words].concat();
            copy.host.run(&run).fails(code, &[]);
            assert_eq!(copy.site.request_count() - before, requests, "{words:?}");
            assert!(is_empty(&place), "{words:?} {sink}");
        }
    }
    let host = Host::new();
    for sink in &sinks {
        let run = host.run(&["sync", "run", "--to", sink]);
        run.fails(3, &["no connection", "host-runner connection add"]);
        assert!(is_empty(&place), "{sink}");
        let apply = host.run(&["sync", "apply-filters", "--to", sink]);
        apply.fails(3, &["there is no"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_files_have_are_not_new_if_the_state_of_the_copy_is_lost() {
    let copy = Copy::new().await;
    let folder = copy.host.state().join("files");
    let sink = format!("jsonl:{}", folder.display());
    let first = copy.run_to(&sink).ok().json();
    for file in ["_sync.db", "_sync.db-wal", "_sync.db-shm"] {
        let _ = fs::remove_file(folder.join(file));
    }
    let again = copy.run_to(&sink).ok().json();
    for stream in first["streams"].as_array().unwrap() {
        let counts = of_stream(&again, stream["stream"].as_str().unwrap());
        assert_eq!(counts["new"], 0, "{counts:#}");
        assert_eq!(counts["deleted"], 0, "{counts:#}");
        let present = |name: &str| counts[name].as_u64().unwrap();
        let rows = present("changed") + present("unchanged");
        assert_eq!(rows, stream["new"], "{counts:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_in_files_is_not_written_or_read_in_another_format() {
    let copy = Copy::new().await;
    let folder = copy.host.state().join("files");
    let to = |kind: &str| format!("{kind}:{}", folder.display());
    let words = ["sync", "run", "--streams", "spaces", "--to"];
    let run = |kind: &str| {
        let sink = to(kind);
        copy.host.run(&[&words[..], &[&sink]].concat())
    };
    run("parquet").ok();
    let before = copy.site.request_count();
    for kind in ["jsonl", "csv+zst"] {
        run(kind).fails(2, &["the format `parquet`", "use `--to parquet:...`"]);
        let status = copy.host.run(&["sync", "status", "--to", &to(kind)]);
        status.fails(2, &["the format `parquet`"]);
    }
    assert_eq!(copy.site.request_count(), before);
    run("parquet").ok();
}

/// The hash of the layers of each content, by its key, as the parts of a folder have it.
fn access_of(folder: &Path) -> BTreeMap<String, Value> {
    let mut access = BTreeMap::new();
    let mut parts = Vec::new();
    for run in fs::read_dir(folder.join("content_access")).unwrap() {
        for part in fs::read_dir(run.unwrap().path()).unwrap() {
            parts.push(part.unwrap().path());
        }
    }
    parts.sort_by_key(|part| part.file_name().map(ToOwned::to_owned));
    for part in parts {
        for line in fs::read_to_string(part).unwrap().lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            let key = row["_sync_key"].as_str().unwrap().to_owned();
            access.insert(key, row["access_hash"].clone());
        }
    }
    access
}

#[tokio::test(flavor = "multi_thread")]
async fn access_can_be_added_to_a_copy_in_files_that_has_pages_and_permissions() {
    let mut copy = Copy::new().await;
    let folder = |name: &str| copy.host.state().join(name);
    let (late, early) = (folder("late"), folder("early"));
    copy.file = late.join("_sync.db");
    let run = |folder: &Path, streams: &str| {
        let sink = format!("jsonl:{}", folder.display());
        let words = ["sync", "run", "--streams", streams, "--to", &sink];
        copy.host.run(&words).ok();
    };
    let kept = "SELECT count(*) FROM _sync_kept WHERE stream = 'pages'";
    let pages = "SELECT count(*) FROM _sync_keys WHERE stream = 'pages' AND deleted_at IS NULL";
    run(&late, "pages,space_permissions,space_role_assignments");
    assert_eq!(copy.number(kept), 0);
    run(&late, "content_access");
    assert_eq!(copy.number(kept), copy.number(pages));
    run(&early, "content_access");
    let access = access_of(&late);
    assert_eq!(access, access_of(&early));
    assert!(access.values().any(|hash| !hash.is_null()), "{access:?}");
}
