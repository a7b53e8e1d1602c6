//! A site in a DuckDB file, and the library that it needs.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use confluence_simulator::{Mutation, Simulator};
use rusqlite::Connection;
use rusqlite::types::Value;
use serde_json::json;
use sink_duckdb::{Duckdb, Library};
use sink_tests::duckdb::{VARIABLE, library};
use tests::{Ended, Host};

use crate::site_of;

/// The library, loaded into this process.
fn loaded() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| Library::load(&library().unwrap()).unwrap())
}

/// The rows of a query, with null as an empty text. The file is closed behind it.
pub(crate) fn read(file: &Path, query: &str) -> Vec<Vec<String>> {
    let rows = Duckdb::open(loaded(), file).unwrap().read(query).unwrap();
    let texts = |row: Vec<Option<String>>| row.into_iter().map(Option::unwrap_or_default);
    rows.into_iter().map(|row| texts(row).collect()).collect()
}

/// Names the library at the cluster level of a host.
pub(crate) fn name_library(host: &Host) {
    let library = library().unwrap();
    let library = library.to_str().unwrap();
    let words = ["config", "set", "sinks.duckdb-library", library];
    host.run(&[&words[..], &["--level", "cluster"]].concat())
        .ok();
}

fn mutate(site: &Simulator, mutation: serde_json::Value) {
    let parsed = Mutation::parse(&mutation.to_string()).unwrap();
    site.mutate(&parsed).unwrap();
}

fn run(host: &Host, to: &str, words: &[&str]) -> Ended {
    let run = ["sync", "run", "--output", "json", "--to", to];
    host.run(&[&run[..], words].concat())
}

/// All rows of a table in SQLite, and in DuckDB as the same texts.
fn rows_of_both(sqlite: &Path, duckdb: &Path, table: &str) -> [Vec<Vec<String>>; 2] {
    let types = read(
        duckdb,
        &format!(
            "SELECT column_name, data_type FROM information_schema.columns \
             WHERE table_name = '{table}' AND column_name NOT LIKE '%\\_at' ESCAPE '\\' \
             AND column_name NOT LIKE '\\_sync\\_%' ESCAPE '\\' ORDER BY 1"
        ),
    );
    let names: Vec<String> = types.iter().map(|row| format!("\"{}\"", row[0])).collect();
    let own = "_sync_key, _sync_deleted_reason, ";
    let in_duckdb: Vec<String> = types
        .iter()
        .map(|row| match row[1].as_str() {
            "BOOLEAN" => format!("\"{}\"::BIGINT", row[0]),
            _ => format!("\"{}\"", row[0]),
        })
        .collect();
    let select = |columns: &[String]| {
        format!(
            "SELECT {own}{} FROM {table} ORDER BY _sync_key",
            columns.join(", ")
        )
    };
    let database = Connection::open(sqlite).unwrap();
    let mut statement = database.prepare(&select(&names)).unwrap();
    let in_sqlite = statement
        .query_map([], |row| {
            let text = |index| match row.get(index).unwrap() {
                Value::Null => String::new(),
                Value::Integer(number) => number.to_string(),
                Value::Text(text) => text,
                other => panic!("{other:?}"),
            };
            Ok((0..names.len() + 2).map(text).collect())
        })
        .unwrap();
    let in_sqlite = in_sqlite.map(Result::unwrap).collect();
    [in_sqlite, read(duckdb, &select(&in_duckdb))]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_in_duckdb_has_what_one_in_sqlite_has_before_and_after_changes_on_the_site() {
    if library().is_none() {
        return;
    }
    let site = site_of(80).await;
    let host = Host::with_site(&site);
    name_library(&host);
    let (sqlite, duckdb) = (
        host.state().join("site.db"),
        host.state().join("site.duckdb"),
    );
    let sinks = [
        format!("sqlite:{}", sqlite.display()),
        format!("duckdb:{}", duckdb.display()),
    ];
    let words = [
        "--bodies",
        "markdown",
        "--raw",
        "--naming",
        "dlt",
        "--history",
        "on",
        "--streams",
        "*,!custom_content,page_chunks",
    ];
    let compare = || {
        let tables = read(
            &duckdb,
            "SELECT DISTINCT stream FROM _sync_columns \
             WHERE type <> 'view' AND NOT contains(stream, '__changes') ORDER BY 1",
        );
        let mut rows = 0;
        for table in tables.iter().map(|row| &row[0]) {
            let [in_sqlite, in_duckdb] = rows_of_both(&sqlite, &duckdb, table);
            assert_eq!(in_sqlite, in_duckdb, "{table}");
            rows += in_duckdb.len();
        }
        assert!(tables.len() > 20 && rows > 500, "{} {rows}", tables.len());
    };
    for sink in &sinks {
        let first = run(&host, sink, &words).ok();
        assert_eq!(first.json()["outcome"], "complete", "{first:#?}");
    }
    compare();
    let ids: Vec<String> = site.site().page_ids().collect();
    mutate(
        &site,
        json!({"kind": "edit", "id": ids[3], "title": "it's \"new\"; --"}),
    );
    mutate(&site, json!({"kind": "trash", "id": ids[5]}));
    for sink in &sinks {
        let second = run(&host, sink, &words).ok();
        assert_eq!(second.json()["outcome"], "complete", "{second:#?}");
    }
    compare();
    let page = |id: &str| {
        let sql = "SELECT title, _sync_deleted_reason, body IS NULL, _sync_run FROM pages";
        read(&duckdb, &format!("{sql} WHERE _sync_key = '{id}'")).remove(0)
    };
    assert_eq!(page(&ids[3]), ["it's \"new\"; --", "", "false", "2"]);
    assert_eq!(page(&ids[5])[1..], ["trashed", "true", "2"]);
    let log = format!(
        "SELECT op, \"row\" ->> 'title' FROM pages__changes WHERE run = 2 AND key = '{}'",
        ids[3]
    );
    assert_eq!(read(&duckdb, &log), [["update", "it's \"new\"; --"]]);
    let readers = read(&duckdb, "SELECT * FROM content_readers ORDER BY ALL");
    let database = Connection::open(&sqlite).unwrap();
    let granted: i64 = database
        .query_row("SELECT count(*) FROM content_readers", [], |row| row.get(0))
        .unwrap();
    assert_eq!(readers.len() as i64, granted);
    for sink in &sinks {
        let last = run(&host, sink, &words).ok().json();
        let streams = last["streams"].as_array().unwrap();
        for name in ["new", "changed", "deleted"] {
            assert!(streams.iter().all(|stream| stream[name] == 0), "{last}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_sync_works_on_a_copy_in_duckdb() {
    if library().is_none() {
        return;
    }
    let site = site_of(30).await;
    let host = Host::with_site(&site);
    name_library(&host);
    let to = "duckdb:site.duckdb";
    let sync = |words: &[&str]| {
        let mut command = host.command();
        command.current_dir(host.state()).arg("sync").args(words);
        let output = command.output().unwrap();
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    };
    sync(&["status", "--to", to]).fails(3, &["there is no copy in `site.duckdb`"]);
    sync(&["plan", "--to", to, "--streams", "pages,spaces"]).ok();
    assert!(!host.state().join("site.duckdb").exists());
    sync(&["add", "docs", "--to", to, "--streams", "pages,spaces"]).ok();
    sync(&["run", "docs"]).ok();
    let status = sync(&["status", "docs", "--output", "json"]).ok().json();
    assert_eq!(status[0]["rows"], 30, "{status}");
    for words in ["runs", "holds", "failures", "apply-filters"] {
        sync(&[words, "docs"]).ok();
    }
    sync(&["reset", "docs", "--streams", "pages"]).ok();
    sync(&["plan", "docs"]).ok();
    sync(&["run", "docs"]).ok();
    sync(&["approve", "pages", "--to", to])
        .fails(3, &["no deletions of the stream `pages` need approval"]);
    // A day of schedules finds the file closed.
    let file = host.state().join("site.duckdb");
    assert_eq!(read(&file, "SELECT count(*) FROM pages"), [["30"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_library_that_is_missing_or_wrong_is_told_before_any_request() {
    let site = site_of(10).await;
    let host = Host::with_site(&site);
    let words = ["sync", "run", "--to", "duckdb:site.duckdb"];
    host.run(&words).fails(
        3,
        &[
            "no path to it is set",
            "HOST_RUNNER_DUCKDB_LIBRARY",
            "sinks.duckdb-library",
        ],
    );
    let named = |path: &str| host.run_with(&words, "", &[(VARIABLE, path)]);
    named("libduckdb.so").fails(3, &["`libduckdb.so`, is not absolute"]);
    named("/nowhere/libduckdb.so").fails(
        3,
        &[
            "`/nowhere/libduckdb.so` cannot be read",
            "moved or removed",
            "fix: ",
        ],
    );
    let text = host.state().join("text.so");
    std::fs::write(&text, "not a library").unwrap();
    named(text.to_str().unwrap()).fails(3, &["cannot be loaded", "fix: install `libduckdb`"]);
    // An app, or an environment, cannot have this process load code.
    let text = text.to_str().unwrap();
    for level in ["app", "env"] {
        let set = [
            "config",
            "set",
            "sinks.duckdb-library",
            text,
            "--level",
            level,
        ];
        host.run(&set)
            .fails(20, &["sinks.duckdb-library", "cluster"]);
    }
    let set = ["config", "set", "sinks.duckdb-library", "libduckdb.so"];
    host.run(&[&set[..], &["--level", "cluster"]].concat())
        .fails(20, &["absolute"]);
    host.write(
        "env/default/app/default.toml",
        &format!(
            "{}\n[sinks]\nduckdb-library = \"{text}\"\n",
            host.read("env/default/app/default.toml")
        ),
    );
    host.run(&words)
        .fails(27, &["default.toml", "sinks.duckdb-library"]);
    assert!(!PathBuf::from("site.duckdb").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_written_is_told_with_the_reason() {
    let Some(library) = library() else {
        return;
    };
    let site = site_of(10).await;
    let host = Host::with_site(&site);
    let library = library.to_str().unwrap();
    let to = |path: &Path| {
        let sink = format!("duckdb:{}", path.display());
        let words = ["sync", "run", "--streams", "spaces", "--to", &sink];
        host.run_with(&words, "", &[(VARIABLE, library)])
    };
    let file = host.state().join("site.duckdb");
    std::fs::write(&file, "a text").unwrap();
    to(&file).fails(
        25,
        &["site.duckdb` cannot be used: it is not a DuckDB file"],
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "a text");
    to(host.state()).fails(25, &["directory"]);
    to(&file.join("below")).fails(25, &["Not a directory"]);
    to(&host.state().join("nowhere/site.duckdb")).fails(25, &["No such file or directory"]);
    std::fs::remove_file(&file).unwrap();
    // A name that would be SQL, or the address of another database, in other places.
    for name in [
        "it's \"a\"; DROP TABLE pages; --.duckdb",
        ":memory:",
        "md:site",
        "-.duckdb",
    ] {
        let odd = host.state().join(name);
        to(&odd).ok();
        assert!(odd.is_file(), "{name}");
    }
    to(&host.state().join("a?b.duckdb")).fails(25, &["no path with a `?`"]);
    to(&file).ok();
    let reader = Duckdb::open(loaded(), &file).unwrap();
    to(&file).fails(
        20,
        &["is in use", "PID", "fix: close it in the other program"],
    );
    drop(reader);
    to(&file).ok();
}
