//! After any changes of a site, clean runs of the real engine and component leave a copy that is what
//! the site shows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use confluence_simulator::{
    Amounts, ContentKind, IndexLag, Mutation, MutationError, Settings, Simulator,
};
use host_runner::{HostRunner, Scope, Tenant};
use host_sync::HostClock;
use rusqlite::Connection;
use serde_json::{Value, json};
use sink_sqlite::Sqlite;
use sync::{RunOutcome, Sink as _, SyncReport, SyncRequest};

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

/// More than the ten minutes that two lists which lack a row have to be apart.
const APART: Duration = Duration::from_secs(660);

/// Numbers that look random, and are the same each time.
struct Random(u64);

impl Random {
    fn of(sequence: u64) -> Self {
        Self(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(sequence) | 1)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end.max(1)
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len() as u64) as usize)
    }

    /// The id of something of a kind.
    fn id(&mut self, site: &Simulator, kind: ContentKind) -> Option<String> {
        let rows = site.site().inventory(kind);
        self.pick(&rows).map(|row| text(&row["id"]))
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A time with milliseconds, as the copy has it.
fn instant(value: &Value) -> String {
    let time = text(value);
    match time.strip_suffix('Z') {
        Some(whole) if !time.contains('.') => format!("{whole}.000Z"),
        _ => time,
    }
}

/// A site, and a copy of it.
struct Copied {
    site: Simulator,
    tenant: Tenant,
    sink: Sqlite,
    file: PathBuf,
    _host: tests::Host,
}

impl Copied {
    async fn new(seed: u64) -> Self {
        let settings = Settings {
            seed,
            pages: 40,
            amounts: Amounts {
                spaces: Some(4),
                attachments: Some(12),
                footer_comments: Some(15),
                inline_comments: Some(15),
                groups: Some(6),
                with_many_versions: Some(20),
                ..Amounts::default()
            },
            // Until all is settled, search is behind.
            index_lag: match seed % 3 {
                0 => IndexLag::UntilFlushed,
                1 => IndexLag::Mutations(3),
                _ => IndexLag::None,
            },
            ..Settings::default()
        };
        let site = Simulator::start(settings).await.unwrap();
        let host = tests::Host::with_site(&site);
        let runner = HostRunner::builder(host.config(), host.state()).open();
        let tenant = runner.unwrap().tenant(&Scope::default()).unwrap();
        let file = host.state().join("site.db");
        let sink = Sqlite::open(&file).unwrap();
        Self {
            site,
            tenant,
            sink,
            file,
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
        sync::sync(&self.tenant, &mut self.sink, &request, &now, &mut |_| ())
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

    /// Lines of a query whose columns are text.
    fn lines(&self, sql: &str) -> BTreeSet<String> {
        let database = Connection::open(&self.file).unwrap();
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

    fn live(&self, table: &str, columns: &str) -> BTreeSet<String> {
        self.lines(&format!(
            "SELECT {columns} FROM {table} WHERE _sync_deleted_at IS NULL"
        ))
    }

    /// By key, why rows of a table are deleted.
    fn deleted(&self, table: &str) -> BTreeMap<String, String> {
        let rows = self.lines(&format!(
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
        let copy = copied.live(&table, &format!("{id}, number, created_at"));
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
        let copy = copied.live(table, "id, version__created_at");
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
        copied.lines(&format!(
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
    let folders = columns(
        &all(ContentKind::Folder),
        &["id", "title", "spaceId", "parentId"],
    );
    let copy = copied.live("folders", "id, title, space_id, parent_id");
    compare("folders", &folders & &copy, copy);
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

/// Something that may happen at any moment. `None` where nothing fits.
fn mutation(random: &mut Random, site: &Simulator) -> Option<Value> {
    use ContentKind::{Attachment, BlogPost, FooterComment, InlineComment, Page};
    let truth = site.site();
    let content = [Page, Page, Page, BlogPost, Attachment];
    let content = *random.pick(&content)?;
    let comments = [FooterComment, InlineComment];
    let comments = *random.pick(&comments)?;
    let id = random.id(site, content)?;
    let page = random.id(site, Page)?;
    let comment = random.id(site, comments);
    let spaces = truth.inventory(ContentKind::Space);
    let space = random.pick(&spaces)?.clone();
    let users: Vec<String> = truth.account_ids().collect();
    let user = random.pick(&users)?.clone();
    let groups: Vec<String> = truth.group_ids().collect();
    let group = random.pick(&groups)?.clone();
    let words = ["runbook", "api", "faq", "policy", "team:ops", "draft"];
    let word = *random.pick(&words)?;
    let operation = *random.pick(&["read", "update"])?;
    let number = random.below(4) + 1;
    let is_odd = number % 2 == 1;
    Some(match random.below(29) {
        0 if is_odd => json!({"kind": "create-page", "parent": page}),
        0 => json!({"kind": "create-page", "space": space["id"]}),
        1 => json!({"kind": "create-blog-post", "space": space["id"]}),
        2 => json!({"kind": "edit", "id": id}),
        3 => json!({"kind": "edit", "id": comment?}),
        4 => {
            json!({"kind": "retitle", "id": page, "title": format!("Title {}", random.below(1_000))})
        }
        5 | 6 => json!({"kind": "trash", "id": id}),
        7 => json!({"kind": "restore", "id": id}),
        8 | 9 => json!({"kind": "purge", "id": id}),
        10 if is_odd => json!({"kind": "move", "id": page, "parent": random.id(site, Page)?}),
        10 => json!({"kind": "move", "id": page, "space": space["id"]}),
        11 => json!({"kind": "move", "id": random.id(site, BlogPost)?, "space": space["id"]}),
        12 => json!({"kind": "archive", "id": page}),
        13 => json!({"kind": "unarchive", "id": page}),
        14 => json!({"kind": "add-label", "id": id, "label": word}),
        15 => {
            let rows = truth.inventory(content);
            let labeled: Vec<Value> = rows
                .into_iter()
                .filter(|row| {
                    row["labels"]
                        .as_array()
                        .is_some_and(|labels| !labels.is_empty())
                })
                .collect();
            let row = random.pick(&labeled)?;
            json!({"kind": "remove-label", "id": row["id"], "label": row["labels"][0]})
        }
        16 if is_odd => {
            json!({"kind": "restrict", "id": page, "operation": operation, "user": user})
        }
        16 => json!({"kind": "restrict", "id": page, "operation": operation, "group": group}),
        17 => {
            let rows = truth.inventory(Page);
            let restricted: Vec<&Value> = rows
                .iter()
                .filter(|row| !row["restrictions"][operation]["users"][0].is_null())
                .collect();
            let row = random.pick(&restricted)?;
            let user = &row["restrictions"][operation]["users"][0];
            json!({"kind": "unrestrict", "id": row["id"], "operation": operation, "user": user})
        }
        18 => json!({"kind": "create-comment", "on": page, "inline": is_odd}),
        19 => json!({"kind": "create-comment", "on": comment?}),
        20 => json!({"kind": "delete-comment", "id": comment?}),
        21 if is_odd => json!({"kind": "resolve", "id": random.id(site, InlineComment)?}),
        21 => json!({"kind": "reopen", "id": random.id(site, InlineComment)?}),
        22 if is_odd => json!({"kind": "complete-task", "id": random.id(site, ContentKind::Task)?}),
        22 => json!({"kind": "reopen-task", "id": random.id(site, ContentKind::Task)?}),
        23 => json!({"kind": "delete-version", "id": id, "number": number}),
        24 => json!({"kind": "drift", "id": id}),
        25 if is_odd => {
            json!({"kind": "grant", "space": space["id"], "operation": "export", "target": "space", "user": user})
        }
        25 => {
            json!({"kind": "revoke", "space": space["id"], "permission": space["permissions"][2]})
        }
        26 if spaces.len() > 2 => json!({"kind": "hide-space", "space": space["id"]}),
        26 => {
            let keys: BTreeSet<String> = spaces.iter().map(|space| text(&space["id"])).collect();
            let hidden = HIDDEN_CANDIDATES.iter().find(|id| !keys.contains(**id))?;
            json!({"kind": "show-space", "space": hidden})
        }
        27 if is_odd => json!({"kind": "add-member", "group": group, "user": user}),
        27 => json!({"kind": "remove-member", "group": group, "user": user}),
        _ => {
            json!({"kind": "rename-user", "user": user, "name": format!("Name {}", random.below(1_000))})
        }
    })
}

/// The ids of the four spaces of these sites.
const HIDDEN_CANDIDATES: [&str; 4] = ["65538", "65550", "9107199254740993", "9107199254740995"];

/// Changes the site a few times. What is impossible is left out.
fn change(random: &mut Random, site: &Simulator) {
    for _ in 0..random.below(7) {
        let Some(mutation) = mutation(random, site) else {
            continue;
        };
        let parsed = Mutation::parse(&mutation.to_string()).unwrap();
        match site.mutate(&parsed) {
            Ok(_) | Err(MutationError::Refused { .. } | MutationError::NotFound { .. }) => {}
            Err(error) => panic!("{mutation}: {error}"),
        }
    }
}

async fn sequence(number: u64) {
    let mut random = Random::of(number);
    let mut copied = Copied::new(number).await;
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
        "sequence {number}, outcome {}:\n{differences}after\n{}\n{:#?}",
        report.outcome,
        journal.join("\n"),
        report
            .streams
            .iter()
            .flat_map(|stream| &stream.failures)
            .collect::<Vec<_>>()
    );
}

/// `SYNC_SEQUENCES` is how many sequences, and `SYNC_SEQUENCE` the only one.
#[tokio::test(flavor = "multi_thread")]
async fn after_any_changes_and_clean_runs_the_copy_is_what_the_site_shows() {
    if let Ok(only) = std::env::var("SYNC_SEQUENCE") {
        return sequence(only.parse().unwrap()).await;
    }
    let count = std::env::var("SYNC_SEQUENCES").map_or(6, |count| count.parse().unwrap());
    for number in 1..=count {
        sequence(number).await;
    }
}
