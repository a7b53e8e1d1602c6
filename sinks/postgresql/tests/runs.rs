//! Runs of a sync from a site in memory into PostgreSQL.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use sink_postgresql::{Address, Postgresql};
use sink_tests::site::Site;
use sink_tests::{ChangeLog, Server, SiteCopy};
use sync::{Sink, SyncRequest};

/// A schema of the server that all tests share.
struct Schema(String);

impl Schema {
    fn address(&self) -> Address {
        Server::shared().url(&self.0).parse().unwrap()
    }

    fn sql(&self, sql: &str) -> Vec<Vec<String>> {
        Server::shared().sql(&format!("SET search_path = {}; {sql}", self.0))
    }
}

impl SiteCopy for Schema {
    const CASES: usize = 5;

    async fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        Self(format!("copy_{}", NEXT.fetch_add(1, Ordering::Relaxed)))
    }

    async fn sink(&self) -> Box<dyn Sink> {
        Box::new(Postgresql::connect(&self.address()).await.unwrap())
    }

    async fn rows(&self, stream: &str, columns: &[&str]) -> Vec<Vec<String>> {
        self.sql(&format!(
            "SELECT {} FROM {stream} WHERE _sync_deleted_at IS NULL AND _sync_filtered_at IS NULL",
            columns.join(", ")
        ))
    }

    async fn tombstones(&self, stream: &str) -> BTreeMap<String, String> {
        let rows = self.sql(&format!(
            "SELECT _sync_key, _sync_deleted_reason FROM {stream} WHERE _sync_deleted_at IS NOT NULL"
        ));
        rows.into_iter()
            .map(|row| (row[0].clone(), row[1].clone()))
            .collect()
    }
}

impl ChangeLog for Schema {
    async fn log(&self) -> Vec<[String; 4]> {
        let lines = self.sql(
            "SELECT op, key, coalesce(\"row\" ->> 'title', ''), coalesce(\"row\" ->> 'body', '') \
             FROM pages__changes ORDER BY seq",
        );
        lines
            .into_iter()
            .map(|line| line.try_into().unwrap())
            .collect()
    }

    async fn break_log(&self) {
        self.sql("ALTER TABLE pages__changes ADD CHECK (seq < 0) NOT VALID");
    }
}

sink_tests::sink_tests!(Schema);
sink_tests::part_tests!(Schema);
sink_tests::log_tests!(Schema);

async fn synced(site: &Site, sink: &mut dyn Sink) -> Result<sync::SyncReport, sync::SyncError> {
    let mut request = SyncRequest::default();
    request.bodies = Some("storage".to_owned());
    request.cadences.details = 0;
    sync::sync(site, sink, &request, &|| 0, &mut |_| ()).await
}

#[tokio::test]
async fn a_table_that_is_not_a_sync_s_is_left_alone() {
    let copy = Schema::new().await;
    let name = &copy.0;
    Server::shared().sql(&format!(
        "CREATE SCHEMA {name}; CREATE TABLE {name}.pages (mine text); INSERT INTO {name}.pages VALUES ('kept')"
    ));
    let refused = synced(&Site::default(), copy.sink().await.as_mut()).await;
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.contains("`pages` that does not belong to a sync"),
        "{refused}"
    );
    assert_eq!(copy.sql("SELECT mine FROM pages"), [["kept"]]);
}

#[tokio::test]
async fn two_schemas_of_a_database_are_two_copies_that_are_written_at_once() {
    let (first, second) = (Schema::new().await, Schema::new().await);
    let new = sync::NewRun {
        started: 0,
        settings: String::new(),
        naming: None,
    };
    let mut sinks = (first.sink().await, second.sink().await);
    sinks.0.begin(&new).await.unwrap();
    sinks.1.begin(&new).await.unwrap();
}

#[tokio::test]
async fn a_run_goes_on_after_its_connections_are_cut() {
    let server = Server::start();
    let site = Site::with_pages(60);
    let mut commits = 0;
    let mut cut = |event: sync::SyncEvent<'_>| {
        if let sync::SyncEvent::Committed { .. } = event {
            commits += 1;
            if commits % 5 == 0 {
                server.sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE application_name = 'host-runner'",
                );
            }
        }
    };
    let mut request = SyncRequest::default();
    request.bodies = Some("storage".to_owned());
    let address: Address = server.url("copy").parse().unwrap();
    let mut sink = Postgresql::connect(&address).await.unwrap();
    sync::sync(&site, &mut sink, &request, &|| 0, &mut cut)
        .await
        .unwrap();
    assert!(commits > 10);
    let counts = server.sql("SELECT count(*), count(DISTINCT id) FROM copy.pages");
    assert_eq!(counts, [["60", "60"]]);
}

#[tokio::test]
async fn a_run_that_was_overtaken_commits_nothing_more() {
    let copy = Schema::new().await;
    let site = Site::with_pages(10);
    synced(&site, copy.sink().await.as_mut()).await.unwrap();
    let name = copy.0.clone();
    let mut request = SyncRequest::default();
    request.full = true;
    let mut overtake = move |_: sync::SyncEvent<'_>| {
        Server::shared().sql(&format!("UPDATE {name}._sync_meta SET epoch = epoch + 1"));
    };
    let mut sink = copy.sink().await;
    let refused = sync::sync(&site, sink.as_mut(), &request, &|| 0, &mut overtake).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("a newer run has taken over"), "{refused}");
}

#[tokio::test]
async fn instants_numbers_and_texts_have_types_of_their_own() {
    let copy = Schema::new().await;
    let site = Site::with_pages(3);
    {
        let mut state = site.0.lock().unwrap();
        let page = state.pages.get_mut(&1).unwrap();
        page.title = "a\0b \u{1f600} \\N \t\"'".to_owned();
    }
    synced(&site, copy.sink().await.as_mut()).await.unwrap();
    let types = copy.sql(
        "SELECT column_name, data_type FROM information_schema.columns \
         WHERE table_name = 'pages' AND table_schema = current_schema() ORDER BY 1",
    );
    let types: Vec<String> = types.into_iter().map(|row| row.join(" ")).collect();
    for expected in [
        "_sync_at timestamp with time zone",
        "modified timestamp with time zone",
        "title text",
        "version__number bigint",
    ] {
        assert!(types.contains(&expected.to_owned()), "{types:?}");
    }
    let title = copy.sql("SELECT title, modified = 'epoch'::timestamptz + interval '1 ms' FROM pages WHERE id = '000001'");
    assert_eq!(title, [["ab \u{1f600} \\N \t\"'", "t"]]);
}

#[tokio::test]
async fn a_server_is_reached_over_tls_with_its_certificate_and_a_password() {
    let server = Server::shared();
    if !server.authority().exists() {
        // There is no `openssl` to make a certificate with.
        return;
    }
    let url = |options: &str| -> Address {
        let port = server.port();
        format!("postgresql://guarded@localhost:{port}/postgres?{options}")
            .parse()
            .unwrap()
    };
    let authority = server.authority();
    let trusted = format!("sslmode=require&sslrootcert={}", authority.display());
    // Without a password, since none is in an argument: the variable is the other test's.
    for (options, expected) in [
        (trusted.as_str(), "PGPASSWORD"),
        ("sslmode=disable", "PGPASSWORD"),
        ("sslmode=verify-full", "certificate"),
        ("sslmode=require&sslrootcert=/nowhere.pem", "/nowhere.pem"),
    ] {
        let refused = Postgresql::connect(&url(options)).await.unwrap_err();
        let refused = refused.to_string();
        assert!(refused.contains(expected), "{options}: {refused}");
    }
}

#[tokio::test]
async fn a_commit_that_conflicts_with_another_client_is_tried_again() {
    let copy = Schema::new().await;
    let site = Site::with_pages(10);
    synced(&site, copy.sink().await.as_mut()).await.unwrap();
    // Numbers of a sequence are not given back: two of three commits fail, of either kind.
    copy.sql(
        "CREATE SEQUENCE tries; CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS $$ \
         DECLARE try bigint := nextval('tries'); BEGIN \
         IF try % 3 = 1 THEN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END IF; \
         IF try % 3 = 2 THEN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END IF; \
         RETURN NULL; END $$; \
         CREATE TRIGGER conflict AFTER INSERT ON pages EXECUTE FUNCTION conflict()",
    );
    {
        let mut state = site.0.lock().unwrap();
        for page in state.pages.values_mut() {
            page.version = 2;
        }
    }
    let mut sink = copy.sink().await;
    let mut request = SyncRequest::default();
    request.bodies = Some("storage".to_owned());
    request.full = true;
    let report = sync::sync(&site, sink.as_mut(), &request, &|| 0, &mut |_| ()).await;
    assert_eq!(report.unwrap().streams[0].counts.updated, 10);
    let versions = copy.sql("SELECT count(*) FROM pages WHERE version__number = 2");
    assert_eq!(versions, [["10"]]);
}
