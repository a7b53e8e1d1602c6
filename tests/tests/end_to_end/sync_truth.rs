//! After any changes of a site, clean runs of the real engine and component leave a copy that is what
//! the site shows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use confluence_simulator::{ContentKind, IndexLag, Settings, Simulator};
use host_runner::{HostRunner, Scope, Tenant};
use host_sync::HostClock;
use rusqlite::Connection;
use serde_json::Value;
use sink_postgresql::Postgresql;
use sink_sqlite::Sqlite;
use sink_tests::Server;
use sync::{RunOutcome, Sink, SyncReport, SyncRequest};

use crate::random_changes::{APART, Random, change, small_site, text};
use crate::sync_folders::above_pages;

const STREAMS: [&str; 22] = [
    "spaces",
    "space_permissions",
    "pages",
    "blog_posts",
    "child_pages",
    "folders",
    "attachments",
    "tasks",
    "groups",
    "group_members",
    "users",
    "page_labels",
    "blog_post_labels",
    "attachment_labels",
    "page_versions",
    "blog_post_versions",
    "attachment_versions",
    "page_footer_comments",
    "page_inline_comments",
    "blog_post_footer_comments",
    "blog_post_inline_comments",
    "content_restrictions",
];

/// A time with milliseconds, as the copy has it.
fn instant(value: &Value) -> String {
    let time = text(value);
    match time.strip_suffix('Z') {
        Some(whole) if !time.contains('.') => format!("{whole}.000Z"),
        _ => time,
    }
}

/// Where a copy is.
enum Place {
    Sqlite(PathBuf),
    /// A schema of the server that all tests share.
    Postgresql(String),
}

impl Place {
    async fn sink(&self) -> Box<dyn Sink> {
        match self {
            Self::Sqlite(file) => Box::new(Sqlite::open(file).unwrap()),
            Self::Postgresql(schema) => {
                let url = Server::shared().url(schema);
                let address = url.parse().unwrap();
                Box::new(Postgresql::connect(&address).await.unwrap())
            }
        }
    }

    /// What selects a time as SQLite's copy has it.
    fn time(&self, column: &str) -> String {
        match self {
            Self::Sqlite(_) => column.to_owned(),
            Self::Postgresql(_) => {
                format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')")
            }
        }
    }

    /// Lines of a query whose columns are text or numbers.
    fn lines(&self, sql: &str) -> BTreeSet<String> {
        match self {
            Self::Sqlite(file) => lines_of(file, sql),
            Self::Postgresql(schema) => {
                let rows = Server::shared().sql(&format!("SET search_path TO {schema};\n{sql}"));
                rows.into_iter().map(|row| row.join("|")).collect()
            }
        }
    }
}

fn lines_of(file: &Path, sql: &str) -> BTreeSet<String> {
    let database = Connection::open(file).unwrap();
    let mut statement = database.prepare(sql).unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let cells = (0..columns).map(|at| {
            let cell: Option<rusqlite::types::Value> = row.get(at).unwrap();
            match cell {
                Some(rusqlite::types::Value::Text(text)) => text,
                Some(rusqlite::types::Value::Integer(number)) => number.to_string(),
                _ => String::new(),
            }
        });
        Ok(cells.collect::<Vec<_>>().join("|"))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// A kind of database.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Sqlite,
    Postgresql,
}

/// A site, and a copy of it.
struct Copied {
    site: Simulator,
    tenant: Tenant,
    sink: Box<dyn Sink>,
    place: Place,
    _host: tests::Host,
}

impl Copied {
    async fn new(seed: u64, kind: Kind) -> Self {
        let settings = Settings {
            // Until all is settled, search is behind.
            index_lag: match seed % 3 {
                0 => IndexLag::UntilFlushed,
                1 => IndexLag::Mutations(3),
                _ => IndexLag::None,
            },
            ..small_site(seed)
        };
        let site = Simulator::start(settings).await.unwrap();
        let host = tests::Host::with_site(&site);
        let runner = HostRunner::builder(host.config(), host.state()).open();
        let tenant = runner.unwrap().tenant(&Scope::default()).unwrap();
        let place = match kind {
            Kind::Sqlite => Place::Sqlite(host.state().join("site.db")),
            Kind::Postgresql => Place::Postgresql(format!("truth_{seed}")),
        };
        Self {
            site,
            tenant,
            sink: place.sink().await,
            place,
            _host: host,
        }
    }

    async fn run(&mut self, is_full: bool) -> SyncReport {
        let mut request = SyncRequest::default();
        request.streams = STREAMS.map(str::to_owned).to_vec();
        request.full = is_full;
        // The clock of the host stays where it is when that of the site is put forward.
        let clock = HostClock::default();
        let now = || clock.now();
        sync::sync(&self.tenant, &mut *self.sink, &request, &now, &mut |_| ())
            .await
            .unwrap()
    }

    /// Runs after which the copy has to be what the site shows. Deletions need two lists that are
    /// apart, and many of them need approval.
    async fn settle(&mut self) -> SyncReport {
        self.site.flush_index();
        for _ in 0..3 {
            self.run(true).await;
            for stream in STREAMS {
                self.sink.approve(stream, 0).await.unwrap();
            }
            self.site.advance_clock(APART);
        }
        self.run(true).await
    }

    fn live(&self, table: &str, columns: &str) -> BTreeSet<String> {
        self.place.lines(&format!(
            "SELECT {columns} FROM {table} WHERE _sync_deleted_at IS NULL"
        ))
    }

    /// By key, why rows of a table are deleted.
    fn deleted(&self, table: &str) -> BTreeMap<String, String> {
        let rows = self.place.lines(&format!(
            "SELECT _sync_key, _sync_deleted_reason FROM {table} WHERE _sync_deleted_at IS NOT NULL"
        ));
        let rows = rows.iter().filter_map(|row| row.split_once('|'));
        rows.map(|(key, reason)| (key.to_owned(), reason.to_owned()))
            .collect()
    }
}

/// The differences between what the site has and what the copy has, as text. Empty: none.
fn differences(copied: &Copied) -> String {
    let mut found = String::new();
    let mut compare = |name: &str, truth: BTreeSet<String>, copy: BTreeSet<String>| {
        for row in truth.difference(&copy) {
            found.push_str(&format!("{name}: the copy lacks {row}\n"));
        }
        for row in copy.difference(&truth) {
            found.push_str(&format!("{name}: the site lacks {row}\n"));
        }
    };
    let site = copied.site.site();
    let all = |kind| site.inventory(kind);
    let columns = |rows: &[Value], names: &[&str]| -> BTreeSet<String> {
        let line = |row: &Value| {
            let cells = names.iter().map(|name| text(&row[*name]));
            cells.collect::<Vec<_>>().join("|")
        };
        rows.iter().map(line).collect()
    };
    let is_live = |row: &Value| row["status"] != "trashed";
    let live = |kind| -> Vec<Value> { all(kind).into_iter().filter(is_live).collect() };
    let (pages, posts) = (live(ContentKind::Page), live(ContentKind::BlogPost));
    let attachments = live(ContentKind::Attachment);
    let spaces = all(ContentKind::Space);

    compare(
        "spaces",
        columns(&spaces, &["id", "key", "name", "status"]),
        copied.live("spaces", "id, key, name, status"),
    );
    let set = |rows: &[Value], member: &str| -> BTreeSet<String> {
        let of = |row: &Value| {
            let id = text(&row["id"]);
            let members = row[member].as_array().cloned().unwrap_or_default();
            let line = move |one: Value| format!("{id}|{}", text(&one));
            members.into_iter().map(line).collect::<Vec<_>>()
        };
        rows.iter().flat_map(of).collect()
    };
    compare(
        "space_permissions",
        set(&spaces, "permissions"),
        copied.live("space_permissions", "space_id, id"),
    );
    let fields = ["id", "status", "spaceId", "parentId", "title", "version"];
    compare(
        "pages",
        columns(&pages, &fields),
        copied.live(
            "pages",
            "id, status, space_id, parent_id, title, version__number",
        ),
    );
    let fields = ["id", "status", "spaceId", "title", "version"];
    compare(
        "blog_posts",
        columns(&posts, &fields),
        copied.live("blog_posts", "id, status, space_id, title, version__number"),
    );
    let fields = [
        "id",
        "status",
        "title",
        "containerId",
        "fileSize",
        "version",
    ];
    compare(
        "attachments",
        columns(&attachments, &fields),
        copied.live(
            "attachments",
            "id, status, title, coalesce(page_id, blog_post_id), file_size, version__number",
        ),
    );
    let versions = |rows: &[Value]| -> BTreeSet<String> {
        let of = |row: &Value| {
            let times = row["versions"].as_array().unwrap().clone();
            let id = text(&row["id"]);
            let line =
                move |(at, time): (usize, Value)| format!("{id}|{}|{}", at + 1, instant(&time));
            times.into_iter().enumerate().map(line).collect::<Vec<_>>()
        };
        rows.iter().flat_map(of).collect()
    };
    for (name, rows, id) in [
        ("page", &pages, "page_id"),
        ("blog_post", &posts, "blog_post_id"),
        ("attachment", &attachments, "attachment_id"),
    ] {
        let table = format!("{name}_labels");
        let copy = copied.live(&table, &format!("{id}, name"));
        compare(&table, set(rows, "labels"), copy);
        let table = format!("{name}_versions");
        let created = copied.place.time("created_at");
        let copy = copied.live(&table, &format!("{id}, number, {created}"));
        compare(&table, versions(rows), copy);
    }
    let current = |rows: &[Value]| -> BTreeSet<String> {
        let of = |row: &Value| {
            let times = row["versions"].as_array().unwrap();
            format!("{}|{}", text(&row["id"]), instant(times.last().unwrap()))
        };
        rows.iter().map(of).collect()
    };
    for (table, rows) in [
        ("pages", &pages),
        ("blog_posts", &posts),
        ("attachments", &attachments),
    ] {
        let modified = copied.place.time("version__created_at");
        let copy = copied.live(table, &format!("id, {modified}"));
        compare(table, current(rows), copy);
    }
    let mut restrictions = BTreeSet::new();
    for row in pages.iter().chain(&posts) {
        for (operation, of) in row["restrictions"].as_object().unwrap() {
            for (kind, principals) in [("user", &of["users"]), ("group", &of["groups"])] {
                for principal in principals.as_array().unwrap() {
                    let (id, principal) = (text(&row["id"]), text(principal));
                    restrictions.insert(format!("{id}|{operation}|{kind}|{principal}"));
                }
            }
        }
    }
    let of_folders = "SELECT id FROM folders";
    compare(
        "content_restrictions",
        restrictions,
        copied.place.lines(&format!(
            "SELECT content_id, operation, principal_type, principal_id FROM content_restrictions \
             WHERE _sync_deleted_at IS NULL AND content_id NOT IN ({of_folders})"
        )),
    );
    for (kind, name) in [
        (ContentKind::FooterComment, "footer"),
        (ContentKind::InlineComment, "inline"),
    ] {
        let truth = columns(&all(kind), &["id", "parentId", "version", "resolution"]);
        let columns = "id, parent_comment_id, version__number, resolution_status";
        let mut copy = copied.live(&format!("page_{name}_comments"), columns);
        copy.extend(copied.live(&format!("blog_post_{name}_comments"), columns));
        compare(&format!("{name} comments"), truth, copy);
    }
    compare(
        "tasks",
        columns(&all(ContentKind::Task), &["id", "status", "containerId"]),
        copied.live("tasks", "id, status, coalesce(page_id, blog_post_id)"),
    );
    let groups = all(ContentKind::Group);
    compare(
        "groups",
        columns(&groups, &["id", "name"]),
        copied.live("groups", "id, name"),
    );
    compare(
        "group_members",
        set(&groups, "members"),
        copied.live("group_members", "group_id, account_id"),
    );
    let folders = all(ContentKind::Folder);
    let line = ["id", "title", "spaceId", "parentId"];
    let copy = copied.live("folders", "id, title, space_id, parent_id");
    let above = above_pages(&copied.site);
    // Others stay for as long as the site has them.
    let mut expected = &columns(&folders, &line) & &copy;
    let above: Vec<Value> = folders
        .into_iter()
        .filter(|folder| above.contains(&text(&folder["id"])))
        .collect();
    expected.extend(columns(&above, &line));
    compare("folders", expected, copy);
    let users = columns(&all(ContentKind::User), &["id", "name"]);
    compare(
        "users",
        users,
        copied.live("users", "account_id, display_name"),
    );
    let children: BTreeSet<String> = pages
        .iter()
        .filter(|row| !row["parentId"].is_null())
        .map(|row| format!("{}|{}", text(&row["parentId"]), text(&row["id"])))
        .collect();
    compare(
        "child_pages",
        children,
        copied.live("child_pages", "parent_id, child_id"),
    );

    for (table, kind) in [
        ("pages", ContentKind::Page),
        ("blog_posts", ContentKind::BlogPost),
        ("attachments", ContentKind::Attachment),
    ] {
        let rows = all(kind);
        let in_trash: BTreeSet<String> = rows
            .iter()
            .filter(|row| row["status"] == "trashed")
            .map(|row| text(&row["id"]))
            .collect();
        for (id, reason) in copied.deleted(table) {
            // What the site says of itself is certain; what is gone is gone in one of several ways.
            if in_trash.contains(&id) && reason != "trashed" {
                found.push_str(&format!("{table}: {id} is in the trash, not {reason}\n"));
            }
        }
    }
    found
}

async fn sequence(number: u64, kind: Kind) {
    let mut random = Random::of(number);
    let mut copied = Copied::new(number, kind).await;
    copied.run(false).await;
    for _ in 0..4 {
        change(&mut random, &copied.site);
        if random.below(2) == 0 {
            copied.run(false).await;
            let apart = APART * (random.below(60) as u32);
            copied.site.advance_clock(apart);
        }
    }
    let report = copied.settle().await;
    let differences = differences(&copied);
    let journal: Vec<String> = copied
        .site
        .journal()
        .iter()
        .map(|change| serde_json::to_string(change).unwrap())
        .collect();
    assert!(
        differences.is_empty() && report.outcome == RunOutcome::Complete,
        "sequence {number} in {kind:?}, outcome {}:\n{differences}after\n{}\n{:#?}",
        report.outcome,
        journal.join("\n"),
        report
            .streams
            .iter()
            .flat_map(|stream| &stream.failures)
            .collect::<Vec<_>>()
    );
    if let Place::Postgresql(schema) = &copied.place {
        drop(copied.sink);
        Server::shared().sql(&format!("DROP SCHEMA {schema} CASCADE"));
    }
}

/// `SYNC_SEQUENCES` is how many sequences, `SYNC_SEQUENCES_FROM` the first, and `SYNC_SEQUENCE` the only one.
async fn sequences(kind: Kind) {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().unwrap());
    if let Some(only) = number("SYNC_SEQUENCE") {
        return sequence(only, kind).await;
    }
    let first = number("SYNC_SEQUENCES_FROM").unwrap_or(1);
    // A tenth of 2 000. In PostgreSQL, a sequence takes six times as long.
    let sample = match kind {
        Kind::Sqlite => 200,
        Kind::Postgresql => 6,
    };
    let count = number("SYNC_SEQUENCES").unwrap_or(sample);
    for number in first..first + count {
        sequence(number, kind).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_any_changes_and_clean_runs_the_copy_is_what_the_site_shows() {
    sequences(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_any_changes_and_clean_runs_the_copy_in_postgresql_is_what_the_site_shows() {
    sequences(Kind::Postgresql).await;
}
