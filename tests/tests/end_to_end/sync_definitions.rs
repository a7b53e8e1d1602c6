//! Syncs that levels define: plans, budgets, schedules, and streams that are read anew.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use rusqlite::Connection;
use serde_json::Value;
use tests::{Ended, Host};

use crate::{faults, site_of};

struct Docs {
    host: Host,
    file: PathBuf,
}

impl Docs {
    /// A sync `docs` with these further options of `sync add`.
    fn of(site: &confluence_simulator::Simulator, options: &[&str]) -> Self {
        let host = Host::with_site(site);
        let file = host.state().join("docs.db");
        let docs = Self { host, file };
        let sink = docs.sink();
        docs.sync(&[&["add", "docs", "--to", &sink], options].concat())
            .ok();
        docs
    }

    fn sink(&self) -> String {
        format!("sqlite:{}", self.file.display())
    }

    fn sync(&self, words: &[&str]) -> Ended {
        self.host.run(&[&["sync"], words].concat())
    }

    fn json(&self, words: &[&str]) -> Value {
        self.sync(&[words, &["--output", "json"]].concat())
            .ok()
            .json()
    }

    /// What people see, which fits a terminal of 80 columns.
    fn table(&self, words: &[&str]) -> String {
        let shown = self.sync(&[words, &["--output", "table"]].concat()).ok();
        let lines = shown.stdout.lines();
        let widest = lines.map(|line| line.chars().count()).max();
        assert!(widest.is_some_and(|widest| widest <= 80), "{shown:?}");
        shown.stdout
    }

    /// The state of the sync `docs`.
    fn state(&self) -> String {
        let listed = self.json(&["list"]);
        listed[0]["state"].as_str().unwrap().to_owned()
    }

    fn rows(&self, table: &str) -> i64 {
        let database = Connection::open(&self.file).unwrap();
        let sql = format!("SELECT count(*) FROM {table} WHERE _sync_deleted_at IS NULL");
        database.query_row(&sql, [], |row| row.get(0)).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_is_defined_run_paused_resumed_and_removed_by_its_name() {
    let site = site_of(100).await;
    let docs = Docs::of(&site, &["--streams", "pages,spaces", "--schedule", "60m"]);
    assert_eq!(docs.state(), "never run");
    let again = ["add", "docs", "--to", "sqlite:x.db"];
    docs.sync(&again).fails(2, &["already has a sync `docs`"]);
    let run = docs.json(&["run", "docs"]);
    assert_eq!(run["outcome"], "complete");
    assert_eq!(docs.rows("pages"), 100);
    assert_eq!(docs.state(), "active");
    let status = docs.json(&["status", "docs"]);
    assert_eq!(status[0]["rows"], 100, "{status}");
    assert_eq!(docs.json(&["runs", "docs"])[0]["outcome"], "complete");
    docs.json(&["holds", "docs"]);
    docs.json(&["failures", "docs"]);
    docs.sync(&["approve", "pages", "docs"])
        .fails(3, &["no deletions"]);
    let shown = docs.json(&["show", "docs"]);
    assert_eq!(shown["streams"], serde_json::json!(["pages", "spaces"]));
    assert_eq!(
        (&shown["schedule"], &shown["level"]),
        (&"60m".into(), &"env/default/app/default".into())
    );
    docs.sync(&["pause", "docs"]).ok();
    assert_eq!(docs.state(), "paused");
    let due = docs.sync(&["run", "--due"]).ok();
    assert!(due.stderr.contains("no sync is due"), "{due:?}");
    docs.sync(&["resume", "docs"]).ok();
    assert_eq!(docs.state(), "active");
    assert!(docs.table(&["list"]).contains("active"));
    docs.sync(&["remove", "docs"]).ok();
    docs.sync(&["run", "docs"])
        .fails(3, &["no sync `docs`", "sync add"]);
    assert_eq!(docs.rows("pages"), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_option_that_contradicts_the_definition_is_refused_before_a_request() {
    let site = site_of(10).await;
    let docs = Docs::of(&site, &["--streams", "pages", "--bodies", "text"]);
    let before = site.request_count();
    for (words, own) in [
        (&["--bodies", "markdown"][..], "has `text`"),
        (&["--streams", "spaces"], "has `pages`"),
        (&["--spaces", "ENG"], "does not set it"),
        (&["--raw"], "has `false`"),
        (&["--details-every", "1h"], "has `the default`"),
    ] {
        let words = [&["run", "docs"], words].concat();
        docs.sync(&words)
            .fails(2, &["contradicts the sync `docs`", own]);
    }
    let sink = docs.sink();
    docs.sync(&["run", "docs", "--to", &sink])
        .fails(2, &["cannot be used with"]);
    docs.sync(&["run"]).fails(2, &["--to"]);
    for (words, told) in [
        (&["--to", "mysql:x"][..], "is not a sink"),
        (&["--to", "postgresql://me:sesame@db/wiki"], "password"),
        (
            &["--to", "sqlite:x.db", "--streams", "pagess"],
            "matches no stream",
        ),
        (
            &["--to", "sqlite:x.db", "--schedule", "daily"],
            "a schedule is",
        ),
        (
            &["--to", "sqlite:x.db", "--connection", "other"],
            "no connection `other`",
        ),
        (
            &["--to", "sqlite:x.db", "--max-time", "soon"],
            "a duration is",
        ),
    ] {
        let ended = docs.sync(&[&["add", "bad"], words].concat());
        assert!(ended.code != 0, "{ended:?}");
        assert!(
            ended.stderr.contains(told) && !ended.stderr.contains("sesame"),
            "{ended:?}"
        );
    }
    assert_eq!(site.request_count(), before);
    // What says the same is no contradiction.
    docs.json(&["run", "docs", "--bodies", "text"]);
}

#[test]
fn a_mistake_in_a_definition_is_shown_with_its_line_and_without_its_password() {
    for (text, line, told) in [
        (
            "[syncs.docs]\nto = \"sqlite:x.db\"\nstream = [\"pages\"]\n",
            3,
            "unknown setting",
        ),
        ("[syncs.docs]\nstreams = [\"pages\"]\n", 1, "has no `to`"),
        (
            "[syncs.docs]\nto = \"postgresql://me:sesame@db/w\"\n",
            2,
            "password",
        ),
        (
            "[syncs.docs]\nto = \"sqlite:x.db\"\nschedule = \"0 25 * * *\"\n",
            3,
            "hour",
        ),
        (
            "[syncs.docs]\nto = \"sqlite:x.db\"\nfull-every = \"1w\"\n",
            3,
            "a duration is",
        ),
        (
            "[syncs.\"a b\"]\nto = \"sqlite:x.db\"\n",
            1,
            "name of a sync",
        ),
    ] {
        let host = Host::bare();
        let file = "env/default/app/default.toml";
        host.write(file, text);
        let place = format!("default.toml:{line}:");
        let ended = host.run(&["sync", "list"]).fails(27, &[told, &place]);
        assert!(!ended.stderr.contains("sesame"), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrower_level_overrides_an_entire_sync_and_paths_are_those_of_its_file() {
    let site = site_of(10).await;
    let host = Host::with_site(&site);
    host.write(
        "env/default.toml",
        "[syncs.docs]\nto = \"sqlite:../wide.db\"\nbodies = \"text\"\nschedule = \"60m\"\n",
    );
    let show = || {
        host.run(&["sync", "show", "docs", "--output", "json"])
            .ok()
            .json()
    };
    let shown = show();
    assert_eq!(shown["bodies"], "text");
    assert!(
        shown["source"]
            .as_str()
            .unwrap()
            .ends_with("default.toml:1"),
        "{shown}"
    );
    host.run(&["sync", "run", "docs", "--streams", ""])
        .fails(2, &[]);
    host.run(&[
        "config",
        "set",
        "syncs.docs.streams",
        "spaces",
        "--level",
        "env",
    ])
    .ok();
    host.run(&["sync", "run", "docs"]).ok();
    assert!(host.config().join("wide.db").exists());
    let narrow = host.state().join("narrow.db");
    let sink = format!("sqlite:{}", narrow.display());
    host.run(&["sync", "add", "docs", "--to", &sink]).ok();
    let shown = show();
    assert_eq!(
        (&shown["bodies"], &shown["schedule"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        (&shown["to"], &shown["state"]),
        (&sink.into(), &"never run".into())
    );
}

/// Whether an estimate is within 5 % of what was spent.
fn is_near(planned: &Value, spent: &Value) -> bool {
    let (Some(planned), Some(spent)) = (planned.as_f64(), spent.as_f64()) else {
        return false;
    };
    (planned - spent).abs() <= spent * 0.05
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_what_the_next_run_costs_and_sends_and_writes_nothing() {
    let site = site_of(600).await;
    let streams = "!content_restrictions,!content_access";
    let docs = Docs::of(&site, &["--bodies", "markdown", "--streams", streams]);
    let before = site.request_count();
    let plan = docs.json(&["plan", "docs"]);
    assert_eq!(plan["next"]["requests"], Value::Null, "{plan}");
    assert_eq!(site.request_count(), before);
    assert!(!docs.file.exists());
    let table = docs.table(&["plan", "docs"]);
    assert!(table.contains("next run: unknown"), "{table}");
    docs.json(&["run", "docs"]);
    for words in [&["docs"][..], &["docs", "--full"]] {
        // What was read in the second in which a run begins is not read again.
        site.advance_clock(Duration::from_secs(60));
        let before = site.request_count();
        let plan = docs.json(&[&["plan"], words].concat());
        let dry = docs.json(&[&["run", "--dry-run"], words].concat());
        assert_eq!(plan["next"], dry["next"]);
        assert_eq!(site.request_count(), before);
        let run = docs.json(&[&["run"], words].concat());
        assert_eq!(
            site.request_count() - before,
            run["requests"].as_u64().unwrap()
        );
        for cost in ["requests", "points"] {
            assert!(
                is_near(&plan["next"][cost], &run[cost]),
                "{words:?} {cost}: {plan:#} {run:#}"
            );
        }
    }
    let plan = docs.table(&["plan", "docs"]);
    assert!(
        plan.contains("next run: ") && plan.contains("first run: "),
        "{plan}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_everything_is_what_a_run_in_full_costs() {
    let site = site_of(600).await;
    for part in [
        &[][..],
        &["--kinds", "pages,blog-posts"],
        &["--spaces", "ENG"],
        &["--streams", "content_access"],
        &["--labels", "runbook,api", "--streams", "pages,page_labels"],
        &[
            "--labels", "!draft", "--spaces", "!ENG", "--bodies", "storage",
        ],
    ] {
        let docs = Docs::of(&site, part);
        docs.json(&["run", "docs"]);
        site.advance_clock(Duration::from_secs(60));
        let plan = docs.json(&["plan", "docs", "--full"]);
        let run = docs.json(&["run", "docs", "--full"]);
        for cost in ["requests", "points"] {
            assert!(
                is_near(&plan["next"][cost], &run[cost]),
                "{part:?} {cost}: {plan:#} {run:#}"
            );
        }
        // What it says of a first run is the same.
        assert_eq!(plan["next"], plan["first"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_ends_at_its_budget_with_an_exit_code_of_its_own_and_the_next_one_continues() {
    let site = site_of(1_000).await;
    let docs = Docs::of(
        &site,
        &[
            "--streams",
            "pages,page_labels,spaces",
            "--max-requests",
            "3",
        ],
    );
    let first = docs
        .sync(&["run", "docs", "--output", "json"])
        .fails(34, &["`max-requests`"]);
    let report = first.json();
    assert_eq!(
        (&report["outcome"], &report["stoppedBy"]),
        (&"partial".into(), &"max-requests".into())
    );
    assert_eq!(report["requests"], 3);
    let runs = docs.json(&["runs", "docs"]);
    assert_eq!(runs[0]["stoppedBy"], "max-requests", "{runs}");
    assert!(docs.table(&["runs", "docs"]).contains("budget"));
    for _ in 0..5 {
        docs.sync(&["run", "docs"]);
    }
    assert_eq!(docs.rows("pages"), 1_000);
    assert!(docs.rows("page_labels") > 0);
    // An option of the run is stronger than the definition.
    docs.json(&["run", "docs", "--max-requests", "1000"]);
    let points = docs.sync(&[
        "run",
        "docs",
        "--max-requests",
        "1000",
        "--max-points",
        "300",
    ]);
    points.fails(34, &["`max-points`"]);
    docs.sync(&["run", "docs", "--max-requests", "1000", "--max-time", "0s"])
        .fails(34, &["`max-time`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn due_syncs_run_once_a_busy_one_is_skipped_and_one_that_fails_waits() {
    let site = site_of(100).await;
    let docs = Docs::of(&site, &["--streams", "pages", "--schedule", "1d"]);
    let other = format!("sqlite:{}", docs.host.state().join("other.db").display());
    let streams = [
        "--streams",
        "spaces",
        "--schedule",
        "15 6 * * * Europe/Berlin",
    ];
    docs.sync(&[&["add", "other", "--to", &other], &streams[..]].concat())
        .ok();
    docs.sync(&["add", "by-hand", "--to", "sqlite:never.db"])
        .ok();
    // Another program writes into the copy of `docs`.
    let lock = File::create(docs.host.state().join("docs.db-sync-lock")).unwrap();
    lock.try_lock().unwrap();
    let due = docs.sync(&["run", "--due", "--output", "json"]).ok();
    let outcome = |ended: &Ended, name: &str| {
        let rows = ended.json();
        let row = rows
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["sync"] == name);
        row.map(|row| row["outcome"].as_str().unwrap().to_owned())
    };
    assert_eq!(outcome(&due, "docs").as_deref(), Some("skipped"));
    assert_eq!(outcome(&due, "other").as_deref(), Some("complete"));
    assert_eq!(outcome(&due, "by-hand"), None);
    assert!(due.stderr.contains("skipped sync `docs`"), "{due:?}");
    drop(lock);
    docs.sync(&["run", "--due", "--bodies", "text"])
        .fails(2, &["as they are defined"]);
    docs.host
        .run(&["config", "set", "retry.attempts", "0"])
        .ok();
    site.set_faults(faults("*:500"));
    let due = docs
        .sync(&["run", "--due", "--output", "json"])
        .fails(8, &["sync `docs`"]);
    assert_eq!(outcome(&due, "docs").as_deref(), Some("failed"));
    assert_eq!(outcome(&due, "other"), None);
    assert_eq!(docs.json(&["list"])[1]["state"], "failing");
    // It waits for 15 minutes.
    site.set_faults(faults(""));
    let due = docs.sync(&["run", "--due"]).ok();
    assert!(due.stderr.contains("no sync is due"), "{due:?}");
    docs.json(&["run", "docs"]);
    assert_eq!(docs.json(&["list"])[1]["state"], "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_the_site_refuses_is_paused_until_a_run_succeeds() {
    let site = site_of(100).await;
    let docs = Docs::of(&site, &["--streams", "pages", "--schedule", "1d"]);
    site.set_faults(faults("*:401"));
    docs.sync(&["run", "--due"])
        .fails(4, &["is paused", "sync resume docs"]);
    assert_eq!(docs.state(), "needs authorization");
    let due = docs.sync(&["run", "--due"]).ok();
    assert!(due.stderr.contains("no sync is due"), "{due:?}");
    site.set_faults(faults(""));
    docs.json(&["run", "docs"]);
    assert_eq!(docs.state(), "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_were_lost_in_the_copy_are_back_after_a_reset() {
    let site = site_of(300).await;
    let docs = Docs::of(&site, &["--streams", "pages,page_labels"]);
    docs.json(&["run", "docs"]);
    let labels = docs.rows("page_labels");
    let database = Connection::open(&docs.file).unwrap();
    database
        .execute_batch("DELETE FROM pages WHERE id IN (SELECT id FROM pages LIMIT 50); DELETE FROM page_labels")
        .unwrap();
    drop(database);
    docs.json(&["run", "docs"]);
    assert_eq!((docs.rows("pages"), docs.rows("page_labels")), (250, 0));
    docs.sync(&["reset", "docs", "--streams", "page_versions"])
        .fails(2, &["matches no stream"]);
    let reset = docs.sync(&["reset", "docs"]).ok();
    assert!(reset.stdout.contains("`page_labels`, `pages`"), "{reset:?}");
    docs.json(&["run", "docs"]);
    assert_eq!(
        (docs.rows("pages"), docs.rows("page_labels")),
        (300, labels)
    );
}
