//! Syncs of a program that embeds the host: its example, and what the command has that it has, too.

use host_runner::{HostRunner, Level, Scope, SyncDefinition, SyncId, SyncRecords};
use host_sync::{RunLease, RunOutcome, Sync, SyncEvent};
use rusqlite::Connection;
use serde_json::Value;
use sink_sqlite::Sqlite;
use sink_tests::Server;
use tests::Host;

use crate::site_of;

#[path = "../../../host-sync/examples/sync.rs"]
#[allow(dead_code, reason = "the example has a `main` of its own")]
mod example;

#[tokio::test(flavor = "multi_thread")]
async fn the_example_copies_two_tenants_into_schemas_of_their_own_of_one_postgresql() {
    let server = Server::start();
    let database = server.url("unused");
    example::run(&database).await.unwrap();
    let count = |sql: &str| server.sql(sql)[0][0].parse::<u64>().unwrap();
    for (schema, pages) in [("search", 40), ("warehouse", 60)] {
        let rows = format!("SELECT count(*) FROM {schema}.pages WHERE body LIKE '%'");
        assert_eq!(count(&rows), pages, "{schema}");
        let chunks = format!("SELECT count(DISTINCT content_id) FROM {schema}.page_chunks");
        assert!(count(&chunks) > 0, "{schema}");
        let runs = format!("SELECT outcome FROM {schema}._sync_runs");
        assert_eq!(server.sql(&runs), [["complete"]]);
    }
    let unused = "SELECT count(*) FROM pg_namespace WHERE nspname = 'unused'";
    assert_eq!(count(unused), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_continues_a_copy_that_a_program_made_of_the_same_definition() {
    let site = site_of(40).await;
    let host = Host::with_site(&site);
    let embedded = HostRunner::builder(host.config(), host.state());
    let client = embedded.open().unwrap().tenant(&Scope::default());
    let client = client.unwrap().client();
    let mut definition = SyncDefinition::new("sqlite:site.db");
    definition.streams = ["pages", "page_labels", "page_chunks", "content_access"]
        .map(str::to_owned)
        .to_vec();
    definition.bodies = Some("markdown".to_owned());
    let builder = Sync::builder().definition(&definition).unwrap();
    let sync = builder.build().unwrap();
    let before = site.request_count();
    let planned = sync.plan(&client, None).await.unwrap();
    assert!(planned.next.unknown > 0);
    assert_eq!(site.request_count(), before);
    let file = host.state().join("site.db");
    let mut copy = Sqlite::open(&file).unwrap();
    let mut committed = 0;
    let report = sync
        .run_with_events(&client, &mut copy, &mut |event| {
            if let SyncEvent::Committed { .. } = event {
                committed += 1;
            }
        })
        .await
        .unwrap();
    drop(copy);
    assert_eq!(report.outcome, RunOutcome::Complete);
    assert!(committed >= 3, "{committed}");
    assert_eq!(report.requests, (site.request_count() - before) as u64);
    assert_eq!(report.requests, client.receipt().requests);

    let streams = definition.streams.join(",");
    let to = format!("sqlite:{}", file.display());
    let again = host.run(&[
        "sync",
        "run",
        "--to",
        &to,
        "--bodies",
        "markdown",
        "--streams",
        &streams,
        "--output",
        "json",
    ]);
    let summary: Value = serde_json::from_str(&again.ok().stdout).unwrap();
    for stream in summary["streams"].as_array().unwrap() {
        assert_eq!(stream["new"], 0, "{stream}");
        assert_eq!(stream["changed"], 0, "{stream}");
    }
    // What decides which columns and streams are written is the same text.
    let database = Connection::open(&file).unwrap();
    let settings = "SELECT count(*), count(DISTINCT settings) FROM _sync_runs";
    let counts: (i64, i64) = database
        .query_row(settings, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(counts, (2, 1));
    for table in ["pages", "page_chunks", "content_access"] {
        let rows = format!("SELECT count(*) FROM {table}");
        let rows: i64 = database.query_row(&rows, [], |row| row.get(0)).unwrap();
        assert!(rows >= 40, "{table}: {rows}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_of_a_defined_sync_is_told_which_process_holds_it() {
    let site = site_of(10).await;
    let host = Host::with_site(&site);
    let to = format!("sqlite:{}", host.state().join("site.db").display());
    let add = [
        "add",
        "docs",
        "--to",
        &to,
        "--streams",
        "pages",
        "--schedule",
        "1d",
    ];
    host.run(&[&["sync"], &add[..]].concat()).ok();
    let id = SyncId {
        level: Scope::default().path(Level::App),
        name: "docs".parse().unwrap(),
    };
    let records = SyncRecords::of_state(host.state());
    let lease = RunLease::begin(&records, &id).unwrap();
    let asked = site.request_count();
    let process = format!("process {} on host `", std::process::id());
    host.run(&["sync", "run", "docs"]).fails(
        20,
        &["another run holds the sync", &process, "since ", "fix:"],
    );
    let due = host.run(&["sync", "run", "--due", "--output", "json"]).ok();
    assert_eq!(due.json()[0]["outcome"], "skipped", "{due:?}");
    assert_eq!(site.request_count(), asked);
    let list = host.run(&["sync", "list", "--output", "json"]).ok().json();
    assert_eq!(list[0]["state"], "running");
    // What ends here, recorded, is as if the command had run it.
    let client = HostRunner::builder(host.config(), host.state())
        .open()
        .unwrap();
    let client = client.tenant(&Scope::default()).unwrap().client();
    let mut copy = Sqlite::open(&host.state().join("site.db")).unwrap();
    let sync = Sync::builder().streams(["pages"]).build().unwrap();
    let ended = sync
        .run_leased(&client, &mut copy, &lease, &mut |_| {})
        .await;
    assert!(!lease.record(&ended).unwrap());
    drop((copy, lease));
    let list = host.run(&["sync", "list", "--output", "json"]).ok().json();
    assert_eq!(list[0]["state"], "active");
    assert_eq!(list[0]["outcome"], "complete");
    host.run(&["sync", "run", "docs"]).ok();
}
