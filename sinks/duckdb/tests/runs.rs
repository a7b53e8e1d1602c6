//! Runs of a sync from a site in memory into a DuckDB file.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use adbc_core::options::{AdbcVersion, OptionDatabase};
use adbc_core::{Connection as _, Database as _, Driver as _, Statement as _};
use adbc_driver_manager::ManagedDriver;
use sink_duckdb::{Duckdb, Library, LibraryError};
use sink_tests::site::Site;
use sink_tests::{ChangeLog, SiteCopy};
use sync::{
    Judged, Naming, NewRun, Sink, SinkError, SyncError, SyncEvent, SyncReport, SyncRequest,
};
use tempfile::TempDir;

fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| Library::load(&sink_tests::duckdb::library().unwrap()).unwrap())
}

struct Database(TempDir);

impl Database {
    fn file(&self) -> PathBuf {
        self.0.path().join("si'te \"1\";.duckdb")
    }

    fn open(&self) -> Duckdb {
        Duckdb::open(library(), &self.file()).unwrap()
    }

    fn read(&self, query: &str) -> Vec<Vec<String>> {
        let rows = self.open().read(query).unwrap();
        let texts = |row: Vec<Option<String>>| row.into_iter().map(Option::unwrap_or_default);
        rows.into_iter().map(|row| texts(row).collect()).collect()
    }
}

impl SiteCopy for Database {
    const CASES: usize = 12;

    fn can_be_tested() -> bool {
        sink_tests::duckdb::library().is_some()
    }

    async fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    async fn sink(&self) -> Box<dyn Sink> {
        Box::new(self.open())
    }

    async fn rows(&self, stream: &str, columns: &[&str]) -> Vec<Vec<String>> {
        self.read(&format!(
            "SELECT {} FROM {stream} WHERE _sync_deleted_at IS NULL AND _sync_filtered_at IS NULL",
            columns.join(", ")
        ))
    }

    async fn tombstones(&self, stream: &str) -> BTreeMap<String, String> {
        let rows = self.read(&format!(
            "SELECT _sync_key, _sync_deleted_reason FROM {stream} WHERE _sync_deleted_at IS NOT NULL"
        ));
        rows.into_iter()
            .map(|row| (row[0].clone(), row[1].clone()))
            .collect()
    }
}

impl ChangeLog for Database {
    async fn log(&self) -> Vec<[String; 4]> {
        let lines = self.read(
            "SELECT op, key, coalesce(\"row\" ->> 'title', ''), coalesce(\"row\" ->> 'body', '') \
             FROM pages__changes ORDER BY seq",
        );
        lines
            .into_iter()
            .map(|line| line.try_into().unwrap())
            .collect()
    }

    async fn break_log(&self) {
        change_in_another_program(
            &self.file(),
            "ALTER TABLE pages__changes DROP COLUMN \"row\"",
        );
    }
}

sink_tests::sink_tests!(Database);
sink_tests::part_tests!(Database);
sink_tests::log_tests!(Database);

async fn synced(site: &Site, sink: &mut dyn Sink) -> Result<SyncReport, SyncError> {
    let mut request = SyncRequest::default();
    request.bodies = Some("storage".to_owned());
    request.cadences.details = 0;
    sync::sync(site, sink, &request, &|| 0, &mut |_| ()).await
}

/// What another program does to a file that nobody has open.
fn change_in_another_program(file: &Path, sql: &str) {
    let path = sink_tests::duckdb::library().unwrap();
    let mut driver = ManagedDriver::load_dynamic_from_filename(
        path,
        Some(b"duckdb_adbc_init"),
        AdbcVersion::V100,
    )
    .unwrap();
    let name = OptionDatabase::Other("path".to_owned());
    let database = driver
        .new_database_with_opts([(name, file.to_str().unwrap().into())])
        .unwrap();
    let mut connection = database.new_connection().unwrap();
    for sql in sql.split(';') {
        let mut statement = connection.new_statement().unwrap();
        statement.set_sql_query(sql).unwrap();
        statement.execute_update().unwrap();
    }
}

/// A test that needs the library, and ends without it.
macro_rules! with_library {
    () => {
        if sink_tests::duckdb::library().is_none() {
            return;
        }
    };
}

#[tokio::test]
async fn a_table_that_is_not_a_sync_s_is_left_alone() {
    with_library!();
    for table in ["pages", "PAGES", "pages__changes", "_sync_keys"] {
        let copy = Database::new().await;
        change_in_another_program(
            &copy.file(),
            &format!("CREATE TABLE {table} (mine VARCHAR); INSERT INTO {table} VALUES ('kept')"),
        );
        let mut request = SyncRequest::default();
        request.logs_changes = Some(true);
        let (site, mut sink) = (Site::default(), copy.sink().await);
        let refused = sync::sync(&site, sink.as_mut(), &request, &|| 0, &mut |_| ()).await;
        let refused = refused.unwrap_err();
        let SyncError::Sink(SinkError::ForeignTable { table: found, .. }) = refused else {
            panic!("{table}: {refused}");
        };
        assert_eq!(found, table.to_lowercase());
        drop(sink);
        change_in_another_program(&copy.file(), &format!("UPDATE {table} SET mine = mine"));
    }
}

#[tokio::test]
async fn a_file_that_is_not_duckdb_s_is_left_alone() {
    with_library!();
    let copy = Database::new().await;
    for (contents, times) in [
        ("SQLite format 3\0 and more", 1_000),
        ("a text", 1),
        ("", 0),
    ] {
        let contents = contents.repeat(times);
        std::fs::write(copy.file(), &contents).unwrap();
        let refused = Duckdb::open(library(), &copy.file()).unwrap_err();
        assert!(matches!(refused, SinkError::Unusable { .. }), "{refused:?}");
        let refused = refused.to_string();
        assert!(refused.contains("not a DuckDB file"), "{refused}");
        assert_eq!(std::fs::read_to_string(copy.file()).unwrap(), contents);
    }
}

#[tokio::test]
async fn a_file_is_complete_once_it_has_its_name() {
    with_library!();
    let copy = Database::new().await;
    assert!(!copy.open().has_copy().unwrap());
    // What an interrupted run has left.
    for left in ["-sync-new", "-sync-new.wal"] {
        std::fs::write(format!("{}{left}", copy.file().display()), "half").unwrap();
    }
    synced(&Site::with_pages(3), copy.sink().await.as_mut())
        .await
        .unwrap();
    assert!(copy.open().has_copy().unwrap());
    let mut files: Vec<_> = std::fs::read_dir(copy.0.path()).unwrap().collect();
    files.retain(|file| {
        !file
            .as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .ends_with("-lock")
    });
    assert_eq!(files.len(), 1, "{files:?}");
}

#[tokio::test]
async fn a_path_that_cannot_be_a_file_is_told() {
    with_library!();
    let copy = Database::new().await;
    let nowhere = copy.0.path().join("nowhere/site.duckdb");
    let mut sink = Duckdb::open(library(), &nowhere).unwrap();
    let refused = synced(&Site::default(), &mut sink).await.unwrap_err();
    let refused = refused.to_string();
    assert!(refused.contains("No such file"), "{refused}");
    let refused = Duckdb::open(library(), copy.0.path())
        .unwrap_err()
        .to_string();
    assert!(refused.contains("directory"), "{refused}");
    std::fs::write(copy.file(), "").unwrap();
    let refused = Duckdb::open(library(), &copy.file().join("x")).unwrap_err();
    let refused = refused.to_string();
    assert!(refused.contains("Not a directory"), "{refused}");
}

#[tokio::test]
async fn a_copy_of_a_later_version_is_left_alone() {
    with_library!();
    let copy = Database::new().await;
    synced(&Site::with_pages(3), copy.sink().await.as_mut())
        .await
        .unwrap();
    change_in_another_program(&copy.file(), "UPDATE _sync_meta SET format = 2");
    let refused = Duckdb::open(library(), &copy.file())
        .unwrap_err()
        .to_string();
    assert!(refused.contains("the format 2"), "{refused}");
}

#[tokio::test]
async fn a_run_that_was_overtaken_commits_nothing_more() {
    with_library!();
    let copy = Database::new().await;
    let site = Site::with_pages(10);
    let new = NewRun {
        started: 0,
        settings: String::new(),
        naming: None,
    };
    let mut first = copy.open();
    first.begin(&new).await.unwrap();
    // The lock is a file: whoever removes it can begin another run, in the same process alone.
    std::fs::remove_file(copy.0.path().join("si'te \"1\";.duckdb-sync-lock")).unwrap();
    let mut second = copy.open();
    second.begin(&new).await.unwrap();
    let judged = Judged {
        run: 1,
        at: 0,
        stream: "pages",
        verdicts: &[],
        children: sync::Children::NONE,
    };
    let refused = first.judge(&judged).await.unwrap_err();
    assert!(
        matches!(refused, SinkError::Superseded { .. }),
        "{refused:?}"
    );
    second.judge(&judged).await.unwrap();
    drop((first, second));
    synced(&site, copy.sink().await.as_mut()).await.unwrap();
    assert_eq!(copy.rows("pages", &["id"]).await.len(), 10);
}

#[tokio::test]
async fn instants_numbers_and_texts_have_types_of_their_own() {
    with_library!();
    let copy = Database::new().await;
    let site = Site::with_pages(3);
    let title = "a\0b \u{1f600} \\N \t\"'; DROP TABLE pages; --";
    {
        let mut state = site.0.lock().unwrap();
        state.pages.get_mut(&1).unwrap().title = title.to_owned();
    }
    synced(&site, copy.sink().await.as_mut()).await.unwrap();
    let types = copy.read(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'pages'",
    );
    let types: Vec<String> = types.into_iter().map(|row| row.join(" ")).collect();
    for expected in [
        "_sync_at TIMESTAMP WITH TIME ZONE",
        "modified TIMESTAMP WITH TIME ZONE",
        "title VARCHAR",
        "version__number BIGINT",
    ] {
        assert!(types.contains(&expected.to_owned()), "{types:?}");
    }
    let row = copy.read("SELECT title, epoch_ms(modified) FROM pages WHERE id = '000001'");
    assert_eq!(row, [[title, "1"]]);
}

#[tokio::test]
async fn values_in_a_log_have_the_types_of_json() {
    with_library!();
    let copy = Database::new().await;
    let mut request = SyncRequest::default();
    request.logs_changes = Some(true);
    let (site, mut sink) = (Site::with_pages(1), copy.sink().await);
    sync::sync(&site, sink.as_mut(), &request, &|| 0, &mut |_| ())
        .await
        .unwrap();
    let types = copy.read(
        "SELECT DISTINCT json_type(\"row\", '$.version__number'), \"row\" ->> 'modified' \
         FROM pages__changes",
    );
    assert_eq!(types, [["UBIGINT", "1970-01-01T00:00:00.001Z"]]);
}

/// The file as it is on the disk while a run writes: what a process leaves that is killed then.
fn images(copy: &Database, folder: &Path, number: usize) -> (PathBuf, PathBuf) {
    let image = folder.join(format!("{number}.duckdb"));
    let log = |file: &Path| PathBuf::from(format!("{}.wal", file.display()));
    std::fs::copy(copy.file(), &image).unwrap();
    // A log that has just been written into the file is not there.
    let _ = std::fs::copy(log(&copy.file()), log(&image));
    (log(&image), image)
}

#[tokio::test]
async fn what_a_process_leaves_that_is_killed_is_opened_and_completed() {
    with_library!();
    let folder = TempDir::new().unwrap();
    let copy = Database::new().await;
    let site = Site::with_pages(40);
    let mut request = SyncRequest::default();
    request.bodies = Some("storage".to_owned());
    request.cadences.details = 0;
    request.naming = Some(Naming::Airbyte);
    request.logs_changes = Some(true);
    let mut taken = Vec::new();
    let mut take = |event: SyncEvent<'_>| {
        if matches!(event, SyncEvent::Committed { .. }) {
            taken.push(images(&copy, folder.path(), taken.len()));
        }
    };
    // The second run adds columns to tables, and changes rows that are there.
    for bodies in [None, Some("storage".to_owned())] {
        request.bodies = bodies;
        let mut sink = copy.sink().await;
        sync::sync(&site, sink.as_mut(), &request, &|| 0, &mut take)
            .await
            .unwrap();
        let mut state = site.0.lock().unwrap();
        for page in state.pages.values_mut().skip(7).take(9) {
            page.version += 1;
            page.title.push('!');
        }
    }
    assert!(taken.len() > 10, "{}", taken.len());
    let mut torn = 0;
    for (place, (log, image)) in taken.iter().enumerate() {
        // Some of many are tried.
        if place % 4 > 1 {
            continue;
        }
        // Every second one of them was killed in the middle of a write, too.
        if let (Ok(bytes), 1) = (std::fs::read(log), place % 4) {
            torn += 1;
            std::fs::write(
                log,
                &bytes[..bytes.len() - 1 - place * 37 % (bytes.len() / 2)],
            )
            .unwrap();
        }
        let mut sink = Duckdb::open(library(), image).unwrap();
        let half = sink.read(
            "SELECT key FROM _sync_keys AS k FULL JOIN pages AS p ON p._sync_key = k.key \
             WHERE coalesce(k.stream, 'pages') = 'pages' AND NOT coalesce(k.is_stale, false) \
             AND (p._sync_hash IS DISTINCT FROM k.fingerprint)",
        );
        // Before its first commit a copy may have no table.
        assert_eq!(half.unwrap_or_default(), Vec::<Vec<_>>::new(), "{place}");
        sync::sync(&site, &mut sink, &request, &|| 0, &mut |_| ())
            .await
            .unwrap();
        let rows = sink
            .read("SELECT title, count(*) FROM pages GROUP BY title")
            .unwrap();
        assert_eq!(rows.len(), 40, "{place}");
        assert!(rows.iter().all(|row| row[1].as_deref() == Some("1")));
    }
    assert!(torn > 3, "{torn}");
}

/// Not a test of its own: the other process of tests that start this program again.
#[test]
fn another_process() {
    let Some(file) = std::env::var_os("HOLD_FILE") else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let mut sink = Duckdb::open(library(), Path::new(&file)).unwrap();
    if std::env::var_os("HOLD_IN_RUN").is_some() {
        let new = NewRun {
            started: 0,
            settings: String::new(),
            naming: None,
        };
        runtime.unwrap().block_on(sink.begin(&new)).unwrap();
    }
    println!("\nholding");
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

/// Another process that has a file open.
fn holder(file: &Path, is_in_run: bool) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "another_process", "--nocapture"])
        .env("HOLD_FILE", file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    if is_in_run {
        command.env("HOLD_IN_RUN", "1");
    }
    let mut child = command.spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut lines = lines.map(Result::unwrap);
    assert!(lines.any(|line| line == "holding"));
    child
}

#[tokio::test]
async fn a_file_that_another_process_has_open_is_in_use() {
    with_library!();
    let copy = Database::new().await;
    synced(&Site::with_pages(3), copy.sink().await.as_mut())
        .await
        .unwrap();
    let mut reader = holder(&copy.file(), false);
    // Several processes can read.
    assert_eq!(copy.rows("pages", &["id"]).await.len(), 3);
    let refused = synced(&Site::default(), copy.sink().await.as_mut()).await;
    let refused = refused.unwrap_err();
    let SyncError::Sink(SinkError::InUse { reason, .. }) = &refused else {
        panic!("{refused:?}");
    };
    assert!(reason.contains(&format!("PID {}", reader.id())), "{reason}");
    reader.kill().unwrap();
    reader.wait().unwrap();
    let mut writer = holder(&copy.file(), true);
    let refused = Duckdb::open(library(), &copy.file()).unwrap_err();
    assert!(matches!(refused, SinkError::Busy { .. }), "{refused:?}");
    writer.kill().unwrap();
    writer.wait().unwrap();
    synced(&Site::with_pages(4), copy.sink().await.as_mut())
        .await
        .unwrap();
    assert_eq!(copy.rows("pages", &["id"]).await.len(), 4);
}

#[test]
fn each_reason_why_a_library_cannot_be_loaded_is_told() {
    with_library!();
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("text.so"), "not a library").unwrap();
    let found = sink_tests::duckdb::library().unwrap();
    let bytes = std::fs::read(found).unwrap();
    std::fs::write(path("half.so"), &bytes[..bytes.len() / 2]).unwrap();
    std::os::unix::fs::symlink("/nowhere/libduckdb.so", path("dangling.so")).unwrap();
    let load = |path: &Path| Library::load(path).unwrap_err();
    let relative = load(Path::new("libduckdb.so"));
    assert!(matches!(relative, LibraryError::RelativePath { .. }));
    for missing in ["missing.so", "dangling.so"] {
        let missing = load(&path(missing));
        assert!(matches!(missing, LibraryError::Unreadable { .. }));
    }
    assert!(matches!(load(folder.path()), LibraryError::NotAFile { .. }));
    for broken in ["text.so", "half.so"] {
        let refused = load(&path(broken));
        assert!(
            matches!(refused, LibraryError::NotLoaded { .. }),
            "{refused}"
        );
    }
    // Another library of this process, which has no entry point.
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let libc = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5));
    if let Some(libc) = libc.into_iter().find(|path| path.contains("libc.so")) {
        let refused = load(Path::new(libc));
        let LibraryError::NotLoaded { reason, .. } = &refused else {
            panic!("{refused:?}");
        };
        assert!(reason.contains("AdbcDriverInit"), "{reason}");
    }
}
