//! Runs of a sync from a site in memory into a database.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use rusqlite::Connection;
use rusqlite::types::Value;
use sink_sqlite::Sqlite;
use sink_tests::site::Site;
use sink_tests::{ChangeLog, SiteCopy};
use sync::{Sink, SyncRequest};
use tempfile::TempDir;

struct Database(TempDir);

impl Database {
    fn file(&self) -> PathBuf {
        self.0.path().join("site.db")
    }
}

impl SiteCopy for Database {
    async fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    async fn sink(&self) -> Box<dyn Sink> {
        Box::new(Sqlite::open(&self.file()).unwrap())
    }

    async fn rows(&self, stream: &str, columns: &[&str]) -> Vec<Vec<String>> {
        let database = Connection::open(self.file()).unwrap();
        let sql = format!(
            "SELECT {} FROM {stream} WHERE _sync_deleted_at IS NULL AND _sync_filtered_at IS NULL",
            columns.join(", ")
        );
        let mut rows = database.prepare(&sql).unwrap();
        let rows = rows.query_map([], |row| {
            let text = |index| match row.get(index).unwrap() {
                Value::Text(text) => text,
                Value::Integer(number) => number.to_string(),
                other => format!("{other:?}"),
            };
            Ok((0..columns.len()).map(text).collect())
        });
        rows.unwrap().map(Result::unwrap).collect()
    }

    async fn tombstones(&self, stream: &str) -> BTreeMap<String, String> {
        let database = Connection::open(self.file()).unwrap();
        let mut rows = database
            .prepare(&format!(
                "SELECT _sync_key, _sync_deleted_reason FROM {stream} WHERE _sync_deleted_at IS NOT NULL"
            ))
            .unwrap();
        let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }
}

impl ChangeLog for Database {
    async fn log(&self) -> Vec<[String; 4]> {
        let database = Connection::open(self.file()).unwrap();
        let mut lines = database
            .prepare(
                "SELECT op, key, coalesce(\"row\" ->> 'title', ''), coalesce(\"row\" ->> 'body', '') \
                 FROM pages__changes ORDER BY seq",
            )
            .unwrap();
        let lines = lines.query_map([], |row| {
            Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?])
        });
        lines.unwrap().map(Result::unwrap).collect()
    }

    async fn break_log(&self) {
        let database = Connection::open(self.file()).unwrap();
        database
            .execute_batch(
                "CREATE TRIGGER broken BEFORE INSERT ON pages__changes \
                 BEGIN SELECT RAISE(ABORT, 'no room'); END",
            )
            .unwrap();
    }
}

sink_tests::sink_tests!(Database);
sink_tests::part_tests!(Database);
sink_tests::log_tests!(Database);

#[tokio::test]
async fn a_log_that_is_not_a_sync_s_is_left_alone() {
    let copy = Database::new().await;
    let database = Connection::open(copy.file()).unwrap();
    database
        .execute_batch("CREATE TABLE pages__changes (mine TEXT)")
        .unwrap();
    let mut request = SyncRequest::default();
    request.logs_changes = Some(true);
    let mut sink = copy.sink().await;
    let site = Site::default();
    let refused = sync::sync(&site, sink.as_mut(), &request, &|| 0, &mut |_| ()).await;
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.contains("`pages__changes` that does not belong to a sync"),
        "{refused}"
    );
}

#[tokio::test]
async fn values_in_a_log_have_the_types_of_json() {
    let copy = Database::new().await;
    let mut request = SyncRequest::default();
    request.logs_changes = Some(true);
    let mut sink = copy.sink().await;
    let site = Site::with_pages(1);
    sync::sync(&site, sink.as_mut(), &request, &|| 0, &mut |_| ())
        .await
        .unwrap();
    let database = Connection::open(copy.file()).unwrap();
    let types: Vec<String> = database
        .prepare("SELECT DISTINCT json_type(\"row\", '$.version__number') FROM pages__changes")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(types, ["integer"]);
}

#[tokio::test]
async fn a_table_that_is_not_a_sync_s_is_left_alone() {
    let copy = Database::new().await;
    let database = Connection::open(copy.file()).unwrap();
    database
        .execute_batch("CREATE TABLE pages (mine TEXT); INSERT INTO pages VALUES ('kept')")
        .unwrap();
    let (site, request) = (Site::default(), SyncRequest::default());
    let mut sink = copy.sink().await;
    let refused = sync::sync(&site, sink.as_mut(), &request, &|| 0, &mut |_| ()).await;
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.contains("`pages` that does not belong to a sync"),
        "{refused}"
    );
    let kept: String = database
        .query_row("SELECT mine FROM pages", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, "kept");
}

#[tokio::test]
async fn a_database_whose_tables_were_created_on_a_full_disk_is_used() {
    let copy = Database::new().await;
    drop(copy.sink().await);
    let database = Connection::open(copy.file()).unwrap();
    database.execute_batch("DELETE FROM _sync_meta").unwrap();
    let (site, request) = (Site::with_pages(3), SyncRequest::default());
    let mut sink = copy.sink().await;
    sync::sync(&site, sink.as_mut(), &request, &|| 0, &mut |_| ())
        .await
        .unwrap();
    assert_eq!(copy.rows("pages", &["id"]).await.len(), 3);
}

#[tokio::test]
async fn the_naming_of_a_later_version_is_refused_and_stays_recorded() {
    let (copy, site) = (Database::new().await, Site::with_pages(3));
    let mut request = SyncRequest::default();
    request.naming = Some(sync::Naming::Airbyte);
    let mut sink = copy.sink().await;
    sync::sync(&site, sink.as_mut(), &request, &|| 0, &mut |_| ())
        .await
        .unwrap();
    drop(sink);
    let database = Connection::open(copy.file()).unwrap();
    database
        .execute("UPDATE _sync_meta SET naming = 'later'", [])
        .unwrap();
    for naming in [None, Some(sync::Naming::Sync)] {
        request.naming = naming;
        let mut sink = copy.sink().await;
        let refused = sync::sync(&site, sink.as_mut(), &request, &|| 0, &mut |_| ()).await;
        let error = refused.unwrap_err().to_string();
        assert!(error.contains("`later` is not a naming"), "{error}");
    }
    let recorded: String = database
        .query_row("SELECT naming FROM _sync_meta", [], |row| row.get(0))
        .unwrap();
    assert_eq!(recorded, "later");
}
