//! Every sink computes the same, and the views of all databases show the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use access::{CONTENT_ACCESS, ContentAccess};
use serde_json::Value;
use sink_duckdb::{Duckdb, Library};
use sink_folder::Format;
use sink_postgresql::Postgresql;
use sink_sqlite::Sqlite;
use sink_tests::Server;
use sync::{RunOutcome, Sink, SyncRequest, Which};
use tempfile::TempDir;

use super::wiki::{Moment, Wiki};
use super::{Dice, Size, change, granted, site};

/// State, reason and layers of each content, as a sink reads them back.
async fn computed(sink: &mut dyn Sink) -> BTreeMap<String, (String, Value, bool)> {
    let columns = ["state", "layers", "oldest_input_at", "content_hash"];
    let rows = sink
        .rows(CONTENT_ACCESS, &columns, Which::After(""))
        .await
        .unwrap();
    rows.into_iter()
        .map(|row| {
            let state = row.value(0).unwrap().to_owned();
            let layers = row
                .value(1)
                .map_or(Value::Null, |text| serde_json::from_str(text).unwrap());
            let is_dated = row
                .value(2)
                .is_some_and(|at| at.parse::<i64>().unwrap() > 1_600_000_000_000);
            (row.key, (state, layers, is_dated))
        })
        .collect()
}

async fn run(wiki: &Wiki, sink: &mut dyn Sink, now: i64) {
    let mut request = SyncRequest::default();
    request.derivations = vec![Arc::new(ContentAccess::new())];
    request.full = true;
    let clock = || now;
    let report = sync::sync(wiki, sink, &request, &clock, &mut |_| ())
        .await
        .unwrap();
    assert_eq!(report.outcome, RunOutcome::Complete, "{report:?}");
}

fn granted_by_postgresql(schema: &str) -> BTreeSet<(String, String)> {
    let rows = Server::shared().sql(&format!(
        "SELECT content_id, account_id FROM {schema}.content_readers WHERE class IS NULL"
    ));
    rows.into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect()
}

/// The DuckDB library, if this machine has it.
fn library() -> Option<Library> {
    let path = sink_tests::duckdb::library()?;
    Some(Library::load(&path).unwrap())
}

fn granted_by_duckdb(sink: &mut Duckdb) -> BTreeSet<(String, String)> {
    let granted = "SELECT content_id, account_id FROM content_readers WHERE class IS NULL";
    let rows = sink.read(granted).unwrap().into_iter();
    rows.map(|row| (row[0].clone().unwrap(), row[1].clone().unwrap()))
        .collect()
}

#[tokio::test]
async fn every_sink_computes_the_same_and_all_databases_grant_what_the_site_grants() {
    let size = Size {
        contents: 60,
        users: 12,
        restrictions: 10,
        changes: 8,
    };
    let mut dice = Dice(3);
    let wiki = Wiki::default();
    *wiki.now.lock().unwrap() = site(&size, &mut dice);
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("site.db");
    let files = folder.path().join("files");
    let library = library();
    let schema = "access_copy";
    let address = Server::shared().url(schema).parse().unwrap();
    for number in 0..=size.changes {
        let now = 1_700_000_000_000 + i64::try_from(number).unwrap() * 3_600_000;
        let name = change(&mut wiki.now.lock().unwrap(), &mut dice);
        let moment: Moment = wiki.now.lock().unwrap().clone();
        // As a new process opens them.
        let mut sqlite = Sqlite::open(&file).unwrap();
        let mut postgresql = Postgresql::connect(&address).await.unwrap();
        let format = Format::JSONL;
        let mut jsonl = sink_folder::open(&files, format).unwrap();
        let mut all = Vec::new();
        let sinks: [&mut dyn Sink; 3] = [&mut sqlite, &mut postgresql, &mut jsonl];
        for sink in sinks {
            run(&wiki, sink, now).await;
            all.push(computed(sink).await);
        }
        assert!(!all[0].is_empty() && all[0].values().all(|(_, _, is_dated)| *is_dated));
        assert_eq!(all[0], all[1], "{name}");
        assert_eq!(all[0], all[2], "{name}");
        assert_eq!(granted(&file), moment.pairs(), "{name}");
        assert_eq!(granted_by_postgresql(schema), moment.pairs(), "{name}");
        if let Some(library) = &library {
            let mut duckdb = Duckdb::open(library, &folder.path().join("site.duckdb")).unwrap();
            run(&wiki, &mut duckdb, now).await;
            assert_eq!(all[0], computed(&mut duckdb).await, "{name}");
            assert_eq!(granted_by_duckdb(&mut duckdb), moment.pairs(), "{name}");
        }
    }
    // Files that are read without what is known of them are a new copy: nothing of it is trusted.
    std::fs::remove_file(files.join("_sync.db")).unwrap();
    let mut jsonl = sink_folder::open(&files, Format::JSONL).unwrap();
    run(&wiki, &mut jsonl, 1_800_000_000_000).await;
    let mut sqlite = Sqlite::open(&file).unwrap();
    assert_eq!(computed(&mut jsonl).await, computed(&mut sqlite).await);
}

#[tokio::test]
async fn a_class_is_a_condition_in_the_views_and_a_reader_of_its_own() {
    let mut moment = site(
        &Size {
            contents: 3,
            users: 4,
            restrictions: 0,
            changes: 0,
        },
        &mut Dice(1),
    );
    let readers = vec![("access-class", "ALL_LICENSED_USERS".to_owned())];
    moment
        .permissions
        .values_mut()
        .for_each(|all| all.clone_from(&readers));
    for content in moment.contents.values_mut() {
        (content.kind, content.parent) = ("page", None);
    }
    moment.contents.get_mut(&2).unwrap().read = vec![("user", moment.users[1].clone())];
    let user = moment.users[1].clone();
    let wiki = Wiki::default();
    *wiki.now.lock().unwrap() = moment;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("site.db");
    let address = Server::shared().url("class_copy").parse().unwrap();
    run(&wiki, &mut Sqlite::open(&file).unwrap(), 1_700_000_000_000).await;
    run(
        &wiki,
        &mut Postgresql::connect(&address).await.unwrap(),
        1_700_000_000_000,
    )
    .await;
    let sql = "SELECT content_id, coalesce(account_id, '-'), class FROM content_readers ORDER BY 1";
    let class = "all-licensed-users";
    let expected = [
        ["1", "-", class],
        ["2", user.as_str(), class],
        ["3", "-", class],
    ];
    let database = rusqlite::Connection::open(&file).unwrap();
    let mut rows = database.prepare(sql).unwrap();
    let rows = rows.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]));
    let rows: Vec<[String; 3]> = rows.unwrap().map(Result::unwrap).collect();
    assert_eq!(rows, expected);
    let rows = Server::shared().sql(&format!("SET search_path = class_copy; {sql}"));
    assert_eq!(rows, expected);
    if let Some(library) = library() {
        let mut duckdb = Duckdb::open(&library, &folder.path().join("site.duckdb")).unwrap();
        run(&wiki, &mut duckdb, 1_700_000_000_000).await;
        let rows = duckdb.read(sql).unwrap();
        let texts = |row: Vec<Option<String>>| row.into_iter().map(Option::unwrap).collect();
        let rows: Vec<Vec<String>> = rows.into_iter().map(texts).collect();
        assert_eq!(rows, expected);
    }
}
