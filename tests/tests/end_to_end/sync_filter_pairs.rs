//! Every filter, alone and with every other one: the keys of each stream are those that the simulator's
//! own content has, whatever changes on the site, and nothing that filters exclude is requested.
//!
//! What a copy should have is decided here, from what `GET /content` of the control interface returns and
//! from [filters](../../../docs/sync-filters.md) as they are documented, by no code of the product.
//!
//! `FILTER_PAIRS` is how many cases are made, in an order that is the same each time; `all` for each filter
//! and each pair. `FILTER_PAIR` is the number of the only one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use confluence_simulator::{Amounts, ContentKind, Mutation, Settings, Simulator};
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use serde_json::{Value, json};
use tests::{Ended, Host};

use crate::random_changes::{APART, Random, mutation, text};

/// How many cases are made without `FILTER_PAIRS`.
const SAMPLE: usize = 5;

type Keys = BTreeSet<String>;

/// The values of each option of a run.
type Options = BTreeMap<&'static str, Vec<String>>;

const DAY: u64 = 24 * 60 * 60 * 1_000;

/// Files that are downloaded are not larger, for the tests' sake.
const MAX_FILE: &str = "1MiB";

/// Everything that the simulator has.
struct Truth {
    spaces: Vec<Value>,
    /// Not in the trash.
    pages: Vec<Value>,
    posts: Vec<Value>,
    attachments: Vec<Value>,
    footer_comments: Vec<Value>,
    inline_comments: Vec<Value>,
    tasks: Vec<Value>,
    custom_content: Vec<Value>,
    folders: Vec<Value>,
    groups: Vec<Value>,
    users: Vec<Value>,
    /// Ids of what is on pages and blog posts that were generated in the trash: the site lists it.
    on_trash: Keys,
}

impl Truth {
    fn of(site: &Simulator) -> Self {
        let site = site.site();
        let all = |kind| site.inventory(kind);
        let is_live = |row: &Value| row["status"] != "trashed";
        let live = |kind| -> Vec<Value> { all(kind).into_iter().filter(is_live).collect() };
        let mut truth = Self {
            spaces: all(ContentKind::Space),
            pages: live(ContentKind::Page),
            posts: live(ContentKind::BlogPost),
            attachments: live(ContentKind::Attachment),
            footer_comments: all(ContentKind::FooterComment),
            inline_comments: all(ContentKind::InlineComment),
            tasks: all(ContentKind::Task),
            custom_content: all(ContentKind::CustomContent),
            folders: all(ContentKind::Folder),
            groups: all(ContentKind::Group),
            users: all(ContentKind::User),
            on_trash: Keys::new(),
        };
        let mut content = truth.ids(&truth.pages);
        content.extend(truth.ids(&truth.posts));
        let mut belongs = HashMap::new();
        for row in truth.belongings() {
            belongs.insert(text(&row["id"]), text(&row["containerId"]));
        }
        for id in belongs.keys() {
            let mut at = id;
            while let Some(container) = belongs.get(at) {
                at = container;
            }
            // Custom content in a space has no container.
            if !at.is_empty() && !content.contains(at) {
                truth.on_trash.insert(id.clone());
            }
        }
        truth
    }

    fn ids(&self, rows: &[Value]) -> Keys {
        rows.iter().map(|row| text(&row["id"])).collect()
    }

    /// What is on content.
    fn belongings(&self) -> impl Iterator<Item = &Value> {
        let of_content = [
            &self.attachments,
            &self.footer_comments,
            &self.inline_comments,
            &self.tasks,
            &self.custom_content,
        ];
        of_content.into_iter().flatten()
    }
}

/// A time with milliseconds, so that times compare as texts.
fn instant(time: &str) -> String {
    match time.strip_suffix('Z') {
        Some(seconds) if !time.contains('.') => format!("{seconds}.000Z"),
        _ => time.to_owned(),
    }
}

fn instant_of(millis: u64) -> String {
    let sql = "SELECT strftime('%Y-%m-%dT%H:%M:%S', ?1, 'unixepoch')";
    let database = Connection::open_in_memory().unwrap();
    let seconds = i64::try_from(millis / 1_000).unwrap();
    let time: String = database
        .query_row(sql, [seconds], |row| row.get(0))
        .unwrap();
    format!("{time}.{:03}Z", millis % 1_000)
}

fn modified(row: &Value) -> String {
    instant(&text(row["versions"].as_array().unwrap().last().unwrap()))
}

fn created(row: &Value) -> String {
    instant(&text(&row["createdAt"]))
}

fn entries<'a>(options: &'a Options, option: &str) -> &'a [String] {
    options.get(option).map_or(&[], Vec::as_slice)
}

fn included<'a>(options: &'a Options, option: &str) -> Vec<&'a str> {
    let all = entries(options, option).iter().map(String::as_str);
    all.filter(|entry| !entry.starts_with('!')).collect()
}

fn excluded<'a>(options: &'a Options, option: &str) -> Vec<&'a str> {
    let all = entries(options, option).iter();
    all.filter_map(|entry| entry.strip_prefix('!')).collect()
}

/// Whether any of some names is selected, as far as a list goes.
fn is_selected(options: &Options, option: &str, matches: impl Fn(&str) -> bool) -> bool {
    let (only, not) = (included(options, option), excluded(options, option));
    (only.is_empty() || only.iter().any(|it| matches(it))) && !not.iter().any(|it| matches(it))
}

fn has_kind(options: &Options, kind: &str) -> bool {
    is_selected(options, "kinds", |name| {
        name == kind
            || name == "attachments" && kind.ends_with("-attachments")
            || name == "comments" && kind.ends_with("-comments")
    })
}

/// Whether options contradict each other, so that they are rejected.
fn is_contradiction(options: &Options) -> bool {
    let is_off = |kind| !has_kind(options, kind) && !included(options, kind).is_empty();
    let only_archived = entries(options, "statuses") == ["archived"];
    is_off("pages")
        || is_off("blog-posts")
        || only_archived && options.contains_key("archived")
        || options.contains_key("anchor-date") && options.contains_key("look-back-days")
}

/// The pages and blog posts that a copy should have, and the spaces.
#[derive(Debug, Clone, Default)]
struct Wanted {
    spaces: Keys,
    pages: Keys,
    posts: Keys,
}

impl Wanted {
    /// What the filters say of a site. `loaded` is what the copy had before; `now` is the time of the site.
    fn of(truth: &Truth, options: &Options, loaded: &Keys, now: u64) -> Self {
        let spaces = truth.spaces.iter().filter(|space| {
            let (id, key) = (text(&space["id"]), text(&space["key"]));
            is_selected(options, "spaces", |it| it == id || it == key)
        });
        let spaces: Keys = spaces.map(|space| text(&space["id"])).collect();
        let anchor = match entries(options, "look-back-days") {
            [days] => Some(instant_of(now - days.parse::<u64>().unwrap() * DAY)),
            _ => entries(options, "anchor-date")
                .first()
                .map(|it| instant(it)),
        };
        let is_in = |row: &&Value| {
            let of = |name: &str| text(&row[name]);
            let labels = row["labels"].as_array().unwrap();
            let within = |name: &str, time: String| {
                let bound = |side: &str| entries(options, side).first().map(|it| instant(it));
                let from = bound(&format!("{name}-after"));
                let to = bound(&format!("{name}-before"));
                from.is_none_or(|from| time >= from) && to.is_none_or(|to| time < to)
            };
            let statuses = entries(options, "statuses");
            let id = of("id");
            spaces.contains(&of("spaceId"))
                && is_selected(options, "labels", |it| {
                    labels.iter().any(|label| label == it)
                })
                && within("modified", modified(row))
                && within("created", created(row))
                && (statuses.is_empty() || statuses.contains(&of("status")))
                && !(options.contains_key("archived") && of("status") == "archived")
                && anchor
                    .as_ref()
                    .is_none_or(|anchor| loaded.contains(&id) || modified(row) >= *anchor)
        };
        let has_only = |option| !included(options, option).is_empty();
        let pages = truth.pages.iter().filter(|row| {
            let is_wanted = has_only("pages") || !has_only("blog-posts");
            has_kind(options, "pages")
                && is_wanted
                && is_in(row)
                && is_in_tree(truth, options, &text(&row["id"]))
        });
        let posts = truth.posts.iter().filter(|row| {
            let is_wanted = has_only("blog-posts") || !has_only("pages");
            let id = text(&row["id"]);
            has_kind(options, "blog-posts")
                && is_wanted
                && is_in(row)
                && is_selected(options, "blog-posts", |it| it == id)
        });
        Self {
            pages: pages.map(|row| text(&row["id"])).collect(),
            posts: posts.map(|row| text(&row["id"])).collect(),
            spaces,
        }
    }

    fn content(&self) -> Keys {
        self.pages.union(&self.posts).cloned().collect()
    }
}

/// A page, and all that it is below. The second is whether it leads to the top of the space: not, if the
/// page is below something that is neither a page nor a folder.
fn path(truth: &Truth, page: &str) -> (Vec<String>, bool) {
    let mut path = Vec::new();
    let mut at = page.to_owned();
    while !at.is_empty() {
        let mut rows = truth.pages.iter().chain(&truth.folders);
        let Some(row) = rows.find(|row| row["id"] == *at) else {
            return (path, false);
        };
        path.push(at);
        at = text(&row["parentId"]);
    }
    (path, true)
}

/// The pages that some pages are below.
fn above(truth: &Truth, pages: &Keys) -> Keys {
    let paths = pages
        .iter()
        .flat_map(|page| path(truth, page).0.into_iter().skip(1));
    let all = truth.ids(&truth.pages);
    paths.filter(|id| all.contains(id)).collect()
}

fn is_in_tree(truth: &Truth, options: &Options, page: &str) -> bool {
    if entries(options, "pages").is_empty() {
        return true;
    }
    let (path, is_known) = path(truth, page);
    let has = |of: &[&str]| path.iter().any(|it| of.contains(&it.as_str()));
    let (only, not) = (included(options, "pages"), excluded(options, "pages"));
    (only.is_empty() || has(&only)) && !has(&not) && (is_known || not.is_empty())
}

fn is_media_type(pattern: &str, media_type: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(group) => media_type.starts_with(group),
        None => media_type == pattern,
    }
}

fn bytes(size: &str) -> u64 {
    let mebi = size.strip_suffix("MiB").unwrap();
    mebi.parse::<u64>().unwrap() << 20
}

/// The rows that each stream of a copy should have: columns that identify them, joined by `|`.
fn rows(truth: &Truth, options: &Options, wanted: &Wanted) -> BTreeMap<&'static str, Keys> {
    let mut rows: BTreeMap<&'static str, Keys> = BTreeMap::new();
    let members = |row: &Value, member: &str| -> Vec<String> {
        let id = text(&row["id"]);
        let all = row[member].as_array().cloned().unwrap_or_default();
        all.iter()
            .map(|one| format!("{id}|{}", text(one)))
            .collect()
    };
    let versions = |row: &Value| -> Vec<String> {
        let last = row["version"].as_u64().unwrap();
        (1..=last)
            .map(|number| format!("{}|{number}", text(&row["id"])))
            .collect()
    };
    let spaces = truth.spaces.iter();
    let spaces = spaces.filter(|space| wanted.spaces.contains(&text(&space["id"])));
    for space in spaces {
        let mut add = |stream, keys: Vec<String>| rows.entry(stream).or_default().extend(keys);
        let id = text(&space["id"]);
        add("spaces", vec![id.clone()]);
        add("space_labels", members(space, "labels"));
        add("space_permissions", members(space, "permissions"));
        add("space_properties", members(space, "properties"));
        let roles = space["roles"].as_array().unwrap().iter();
        let roles =
            roles.map(|one| format!("{id}|{}|{}", text(&one["role"]), text(&one["principal"])));
        add("space_role_assignments", roles.collect());
    }
    let content = wanted.content();
    let is_in = |row: &&Value| content.contains(&text(&row["id"]));
    for (all, streams) in [
        (
            &truth.pages,
            [
                "pages",
                "page_labels",
                "page_versions",
                "page_content_properties",
            ],
        ),
        (
            &truth.posts,
            [
                "blog_posts",
                "blog_post_labels",
                "blog_post_versions",
                "blog_post_content_properties",
            ],
        ),
    ] {
        for row in all.iter().filter(is_in) {
            let mut add = |stream, keys: Vec<String>| rows.entry(stream).or_default().extend(keys);
            let id = text(&row["id"]);
            add(streams[0], vec![id.clone()]);
            add(streams[1], members(row, "labels"));
            add(streams[2], versions(row));
            add(streams[3], members(row, "properties"));
            add("content_access", vec![id.clone()]);
            let parent = text(&row["parentId"]);
            if !parent.is_empty() {
                add("child_pages", vec![format!("{parent}|{id}")]);
            }
            for (operation, of) in row["restrictions"].as_object().unwrap() {
                for (kind, principals) in [("user", &of["users"]), ("group", &of["groups"])] {
                    let principals = principals.as_array().unwrap().iter();
                    let key = |who| format!("{id}|{operation}|{kind}|{}", text(who));
                    add("content_restrictions", principals.map(key).collect());
                }
            }
        }
    }
    let attachments: Vec<&Value> = truth
        .attachments
        .iter()
        .filter(|row| {
            let container = text(&row["containerId"]);
            let media_type = text(&row["mediaType"]);
            let max = entries(options, "max-attachment-size").first();
            let is_on = wanted.pages.contains(&container) && has_kind(options, "page-attachments")
                || wanted.posts.contains(&container) && has_kind(options, "blog-post-attachments");
            is_on
                && is_selected(options, "media-types", |it| is_media_type(it, &media_type))
                && max.is_none_or(|max| row["fileSize"].as_u64().unwrap() <= bytes(max))
        })
        .collect();
    for row in &attachments {
        let mut add = |stream, keys: Vec<String>| rows.entry(stream).or_default().extend(keys);
        add("attachments", vec![text(&row["id"])]);
        add("attachment_labels", members(row, "labels"));
        add("attachment_versions", versions(row));
        add("attachment_content_properties", members(row, "properties"));
        let media_type = text(&row["mediaType"]);
        let max = entries(options, "files-max-size").first();
        let is_small = |max: &String| row["fileSize"].as_u64().unwrap() <= bytes(max);
        let is_file = max.is_some_and(is_small)
            && is_selected(options, "files-types", |it| is_media_type(it, &media_type));
        if is_file {
            add("attachment_files", vec![text(&row["id"])]);
        }
    }
    for (comments, streams) in [
        (
            &truth.footer_comments,
            ["page_footer_comments", "blog_post_footer_comments"],
        ),
        (
            &truth.inline_comments,
            ["page_inline_comments", "blog_post_inline_comments"],
        ),
    ] {
        for row in comments {
            let container = text(&row["containerId"]);
            if wanted.pages.contains(&container) && has_kind(options, "page-comments") {
                rows.entry(streams[0]).or_default().insert(text(&row["id"]));
            }
            if wanted.posts.contains(&container) && has_kind(options, "blog-post-comments") {
                rows.entry(streams[1]).or_default().insert(text(&row["id"]));
            }
        }
    }
    let tasks = truth.tasks.iter();
    let tasks = tasks.filter(|row| content.contains(&text(&row["containerId"])));
    rows.insert("tasks", tasks.map(|row| text(&row["id"])).collect());
    let is_of_spaces =
        included(options, "pages").is_empty() && included(options, "blog-posts").is_empty();
    let mut custom = Keys::new();
    // What is on other custom content comes after it.
    for row in &truth.custom_content {
        let container = text(&row["containerId"]);
        let is_in = match container.as_str() {
            "" => is_of_spaces && wanted.spaces.contains(&text(&row["spaceId"])),
            container => content.contains(container) || custom.contains(container),
        };
        if is_in {
            custom.insert(text(&row["id"]));
        }
    }
    rows.insert("custom_content", custom);
    // Who may read what depends on all of them.
    rows.insert("groups", truth.ids(&truth.groups));
    let members = truth
        .groups
        .iter()
        .flat_map(|group| members(group, "members"));
    rows.insert("group_members", members.collect());
    rows.insert("users", truth.ids(&truth.users));
    rows
}

/// The columns of [`rows`], by stream.
const STREAMS: [(&str, &str); 32] = [
    ("spaces", "id"),
    ("space_labels", "space_id, name"),
    ("space_permissions", "space_id, id"),
    ("space_properties", "space_id, id"),
    ("space_role_assignments", "space_id, role_id, principal_id"),
    ("pages", "id"),
    ("page_labels", "page_id, name"),
    ("page_versions", "page_id, number"),
    ("page_content_properties", "page_id, id"),
    ("child_pages", "parent_id, child_id"),
    ("blog_posts", "id"),
    ("blog_post_labels", "blog_post_id, name"),
    ("blog_post_versions", "blog_post_id, number"),
    ("blog_post_content_properties", "blog_post_id, id"),
    ("attachments", "id"),
    ("attachment_labels", "attachment_id, name"),
    ("attachment_versions", "attachment_id, number"),
    ("attachment_content_properties", "attachment_id, id"),
    ("attachment_files", "attachment_id"),
    ("page_footer_comments", "id"),
    ("page_inline_comments", "id"),
    ("blog_post_footer_comments", "id"),
    ("blog_post_inline_comments", "id"),
    ("tasks", "id"),
    ("custom_content", "id"),
    (
        "content_restrictions",
        "content_id, operation, principal_type, principal_id",
    ),
    ("content_access", "content_id"),
    ("page_chunks", "content_id"),
    ("folders", "id"),
    ("groups", "id"),
    ("group_members", "group_id, account_id"),
    ("users", "account_id"),
];

/// An option and its values.
type Filter = (&'static str, Vec<String>);

/// Filters, each of which selects a part of a site and not all of it.
struct Choice {
    filters: Vec<Filter>,
    /// The page that one of them includes.
    root: String,
    /// The page below it that another one excludes.
    inner: String,
    labels: Vec<String>,
}

impl Choice {
    fn of(truth: &Truth, now: u64) -> Self {
        let keys: Vec<String> = truth.spaces.iter().map(|it| text(&it["key"])).collect();
        let ids: Vec<String> = truth.spaces.iter().map(|it| text(&it["id"])).collect();
        // A page with some pages below it, and one of those.
        let below = |root: &str| -> Vec<String> {
            let ids = truth.pages.iter().map(|row| text(&row["id"]));
            ids.filter(|id| id != root && path(truth, id).0.iter().any(|it| it == root))
                .collect()
        };
        let mut roots = truth.pages.iter().map(|row| text(&row["id"]));
        let root = roots.find(|id| {
            let below = below(id);
            (4..truth.pages.len() / 3).contains(&below.len()) && path(truth, id).1
        });
        let root = root.unwrap();
        let inner = below(&root)
            .into_iter()
            .max_by_key(|id| below(id).len())
            .unwrap();
        let post = |at: usize| text(&truth.posts[at]["id"]);
        // The labels of most pages first.
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for row in &truth.pages {
            for label in row["labels"].as_array().unwrap() {
                *counts.entry(text(label)).or_default() += 1;
            }
        }
        let mut labels: Vec<(String, usize)> = counts.into_iter().collect();
        labels.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), name.clone()));
        let label = |at: usize| labels[at].0.clone();
        // Times of rows: a range includes its begin, and not its end.
        let at = |of: fn(&Value) -> String, percent: usize| {
            let mut times: Vec<String> = truth.pages.iter().map(of).collect();
            times.sort();
            vec![times[times.len() * percent / 100].clone()]
        };
        let list = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        let filters = vec![
            ("spaces", vec![keys[1].clone()]),
            (
                "spaces",
                vec![format!("!{}", keys[0]), format!("!{}", ids[2])],
            ),
            ("kinds", list("pages")),
            ("kinds", list("!attachments")),
            ("kinds", list("!comments")),
            ("kinds", list("!blog-posts")),
            ("kinds", list("!page-attachments,!blog-post-comments")),
            ("pages", vec![root.clone()]),
            ("pages", vec![format!("!{inner}")]),
            ("blog-posts", vec![post(1), post(3), post(4)]),
            (
                "blog-posts",
                vec![format!("!{}", post(0)), format!("!{}", post(2))],
            ),
            ("labels", vec![label(0), label(2)]),
            ("labels", vec![format!("!{}", label(1))]),
            ("modified-after", at(modified, 30)),
            ("modified-before", at(modified, 70)),
            ("created-after", at(created, 25)),
            ("created-before", at(created, 75)),
            ("statuses", list("current")),
            ("statuses", list("archived")),
            ("archived", list("drop")),
            ("anchor-date", at(modified, 50)),
            ("look-back-days", vec![look_back(truth, now).to_string()]),
            ("media-types", list("image/*,application/pdf")),
            ("media-types", list("!image/png,!text/*")),
            ("max-attachment-size", list("8MiB")),
            ("files-types", list("image/*,application/*")),
            ("files-max-size", list(MAX_FILE)),
        ];
        let labels = vec![label(0), label(1), label(2)];
        Self {
            filters,
            root,
            inner,
            labels,
        }
    }
}

/// So many days that half of the pages are later, and none is close to the begin of the first day.
fn look_back(truth: &Truth, now: u64) -> u64 {
    let mut times: Vec<String> = truth
        .pages
        .iter()
        .chain(&truth.posts)
        .map(modified)
        .collect();
    times.sort();
    let median = times[times.len() / 2].clone();
    let is_clear = |days: &u64| {
        let begin = now - days * DAY;
        let hour = DAY / 24;
        let (from, to) = (instant_of(begin - hour), instant_of(begin + 2 * hour));
        from < median && !times.iter().any(|time| (&from..&to).contains(&time))
    };
    (1..10_000).find(is_clear).unwrap()
}

struct Case<'a> {
    choice: &'a Choice,
    options: Options,
    site: Simulator,
    host: Host,
    file: PathBuf,
    ahead: Duration,
    /// Contents that the copy had after any run.
    loaded: Keys,
}

fn now() -> u64 {
    let machine = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(machine.unwrap().as_millis()).unwrap()
}

fn settings() -> Settings {
    Settings {
        pages: 72,
        amounts: Amounts {
            spaces: Some(5),
            attachments: Some(36),
            footer_comments: Some(24),
            inline_comments: Some(20),
            groups: Some(6),
            with_many_versions: Some(20),
            ..Amounts::default()
        },
        ..Settings::default()
    }
}

impl<'a> Case<'a> {
    async fn new(choice: &'a Choice, options: &Options) -> Self {
        let site = Simulator::start(settings()).await.unwrap();
        let host = Host::with_site(&site);
        Self {
            choice,
            options: options.clone(),
            file: host.state().join("part.db"),
            site,
            host,
            ahead: Duration::ZERO,
            loaded: Keys::new(),
        }
    }

    fn now(&self) -> u64 {
        now() + u64::try_from(self.ahead.as_millis()).unwrap()
    }

    fn advance(&mut self, by: Duration) {
        self.site.advance_clock(by);
        self.ahead += by;
    }

    fn run(&self, more: &[&str]) -> Ended {
        let sink = format!("sqlite:{}", self.file.display());
        let files = self.host.state().join("files").display().to_string();
        let types = self.site.site().custom_content_types().join(",");
        let mut words = vec!["sync", "run", "--to", &sink, "--output", "json"];
        words.extend(["--streams", "*,!audit_records", "--bodies", "markdown"]);
        words.extend(["--custom-content-types", &types]);
        let given: Vec<(String, String)> = self
            .options
            .iter()
            .map(|(option, values)| (format!("--{option}"), values.join(",")))
            .collect();
        for (option, value) in &given {
            words.extend([option.as_str(), value.as_str()]);
        }
        if self
            .options
            .keys()
            .any(|option| option.starts_with("files-"))
        {
            words.extend(["--files", &files]);
        }
        words.extend(more);
        self.host.run(&words)
    }

    /// A run, and if it holds back deletions, their approval and another one.
    fn complete(&self, more: &[&str]) -> Vec<String> {
        let before = self.site.request_count();
        let mut ended = self.run(more);
        if ended.code == 33 {
            let sink = format!("sqlite:{}", self.file.display());
            let holds = self
                .host
                .run(&["sync", "holds", "--to", &sink, "--output", "json"]);
            let holds = holds.ok().json();
            let holds = holds.as_array().unwrap().iter();
            for stream in holds.map(|hold| text(&hold["stream"])).collect::<Keys>() {
                self.host
                    .run(&["sync", "approve", &stream, "--to", &sink])
                    .ok();
            }
            ended = self.run(more);
        }
        ended.ok();
        let requests = self.site.requests().into_iter();
        let requests = requests.filter(|request| request.number > before);
        requests.map(|request| request.path_and_query).collect()
    }

    /// The rows of a copy in scope, as [`rows`] has them.
    fn copied(&self, stream: &str, columns: &str) -> Keys {
        let copy = Connection::open(&self.file).unwrap();
        let sql = format!(
            "SELECT {columns} FROM {stream} \
             WHERE _sync_deleted_at IS NULL AND _sync_filtered_at IS NULL"
        );
        // A stream that is not read has no table.
        let Ok(mut statement) = copy.prepare(&sql) else {
            return Keys::new();
        };
        let count = statement.column_count();
        let rows = statement.query_map([], |row| {
            let cell = |at| match row.get_unwrap(at) {
                Cell::Text(text) => text,
                Cell::Integer(number) => number.to_string(),
                _ => String::new(),
            };
            Ok((0..count).map(cell).collect::<Vec<_>>().join("|"))
        });
        rows.unwrap().map(Result::unwrap).collect()
    }

    /// Differences between what the copy has and should have.
    fn differences(&mut self, streams: &[&str], requests: &[String], when: &str) -> String {
        let truth = Truth::of(&self.site);
        let wanted = Wanted::of(&truth, &self.options, &self.loaded, self.now());
        let before = self.loaded.clone();
        self.loaded.extend(wanted.content());
        let expected = rows(&truth, &self.options, &wanted);
        let mut found = String::new();
        for (stream, columns) in STREAMS {
            if !streams.is_empty() && !streams.contains(&stream) {
                continue;
            }
            let mut copy = self.copied(stream, columns);
            let id = |row: &String| row.split('|').next().unwrap_or_default().to_owned();
            copy.retain(|row| !truth.on_trash.contains(&id(row)));
            let mut expected = expected.get(stream).cloned().unwrap_or_default();
            expected.retain(|row| !truth.on_trash.contains(&id(row)));
            match stream {
                "folders" => {
                    // Those that pages in the copy are in; others stay until they are gone.
                    let all = truth.ids(&truth.folders);
                    expected = self.folders(&truth, &wanted);
                    expected.extend(copy.intersection(&all).cloned().collect::<Keys>());
                }
                "page_chunks" => {
                    let of = |stream| self.copied(stream, "CASE WHEN trim(body) <> '' THEN id END");
                    expected = of("pages").union(&of("blog_posts")).cloned().collect();
                    expected.remove("");
                }
                "content_restrictions" => {
                    // Those of folders and of pages above, too: who may read what depends on them.
                    let mut others = above(&truth, &wanted.pages);
                    others.retain(|id| !wanted.pages.contains(id));
                    others.extend(truth.ids(&truth.folders));
                    copy.retain(|row| !others.contains(&id(row)));
                }
                _ => {}
            }
            for row in expected.difference(&copy).take(4) {
                found.push_str(&format!("{when}: {stream} lacks {row}\n"));
            }
            for row in copy.difference(&expected).take(4) {
                found.push_str(&format!("{when}: {stream} has {row}\n"));
            }
        }
        for request in self
            .needless(&truth, &wanted, &before, &expected, requests)
            .iter()
            .take(4)
        {
            found.push_str(&format!("{when}: {request}\n"));
        }
        found
    }

    /// The folders that pages in scope are in, as far as all between them and the page is in scope.
    fn folders(&self, truth: &Truth, wanted: &Wanted) -> Keys {
        let all = truth.ids(&truth.folders);
        let mut folders = Keys::new();
        for page in &wanted.pages {
            let path = path(truth, page).0.into_iter();
            let known = path.take_while(|it| all.contains(it) || wanted.pages.contains(it));
            folders.extend(known.filter(|it| all.contains(it)));
        }
        folders
    }

    /// Requests that ask for something that filters exclude, by its id or with its body.
    fn needless(
        &self,
        truth: &Truth,
        wanted: &Wanted,
        before: &Keys,
        expected: &BTreeMap<&'static str, Keys>,
        requests: &[String],
    ) -> Vec<String> {
        let all_of = |rows: &[Value]| truth.ids(rows);
        let content: Keys = all_of(&truth.pages)
            .union(&all_of(&truth.posts))
            .cloned()
            .collect();
        let mut out: Keys = content.difference(&wanted.content()).cloned().collect();
        out.extend(all_of(&truth.spaces).difference(&wanted.spaces).cloned());
        let has = |streams: &[&str], id: &String| {
            let mut streams = streams.iter().filter_map(|stream| expected.get(*stream));
            streams.any(|keys| keys.contains(id)) || truth.on_trash.contains(id)
        };
        let comments = truth.footer_comments.iter().chain(&truth.inline_comments);
        let others = comments
            .chain(&truth.attachments)
            .map(|row| text(&row["id"]));
        out.extend(others.filter(|id| {
            let streams = [
                "attachments",
                "page_footer_comments",
                "page_inline_comments",
                "blog_post_footer_comments",
                "blog_post_inline_comments",
            ];
            !has(&streams, id)
        }));
        let above = above(truth, &wanted.pages);
        let looks_at_labels = self.options.contains_key("labels");
        let mut needless = Vec::new();
        for request in requests {
            let (path, query) = request.split_once('?').unwrap_or((request.as_str(), ""));
            let query: Vec<(&str, String)> = query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .map(|(name, value)| (name, value.replace("%2C", ",").replace("%20", " ")))
                .collect();
            let values = |name: &str| {
                let mut all = query.iter().filter(|(it, _)| *it == name);
                all.next().map(|(_, value)| value.clone())
            };
            // What the copy had is looked up by its id where a list of a space no longer has it.
            let is_look_up = matches!(path.rsplit('/').next(), Some("pages" | "blogposts"))
                && values("id").is_some()
                && values("body-format").is_none();
            // Who may read a page depends on the restrictions of all that is above it.
            let is_of_restrictions = path.contains("/restriction/")
                || values("expand").is_some_and(|expand| expand.contains("restrictions"));
            // Labels are read before it is known which content is in scope.
            let is_of_labels = path.ends_with("/labels")
                || values("expand").is_some_and(|expand| expand.contains("labels"));
            let asked = query.iter().filter(|(name, _)| *name != "cursor");
            let asked = asked.map(|(_, value)| value.as_str()).chain([path]);
            let numbers = asked.flat_map(|part| part.split(|it: char| !it.is_ascii_alphanumeric()));
            if !(is_of_labels && looks_at_labels) {
                let is_needed = |id: &str| {
                    is_look_up && before.contains(id) || is_of_restrictions && above.contains(id)
                };
                for id in numbers.filter(|id| out.contains(*id) && !is_needed(id)) {
                    needless.push(format!("{id} is excluded, and requested: {request}"));
                }
            }
            let listed = match path.rsplit('/').next() {
                Some("pages") => &truth.pages,
                Some("blogposts") => &truth.posts,
                _ => continue,
            };
            if values("body-format").is_none() || values("id").is_some() {
                continue;
            }
            let spaces = values("space-id");
            let is_listed = |row: &&Value| {
                let space = text(&row["spaceId"]);
                spaces
                    .as_ref()
                    .is_none_or(|all| all.split(',').any(|it| it == space))
            };
            let bodies = all_of(&listed.iter().filter(is_listed).cloned().collect::<Vec<_>>());
            if let Some(id) = bodies.difference(&wanted.content()).next() {
                needless.push(format!(
                    "{id} is excluded, and its body requested: {request}"
                ));
            }
        }
        needless
    }

    /// Changes after which other content is selected, and some more. What is impossible is left out.
    fn change(&self, random: &mut Random) {
        let truth = Truth::of(&self.site);
        let (root, inner) = (&self.choice.root, &self.choice.inner);
        let in_tree: Vec<&Value> = truth
            .pages
            .iter()
            .filter(|row| path(&truth, &text(&row["id"])).0.contains(root))
            .collect();
        let outside: Vec<&Value> = truth
            .pages
            .iter()
            .filter(|row| !path(&truth, &text(&row["id"])).0.contains(root))
            .collect();
        let mut pick = |rows: &[&Value]| text(&random.pick(rows).unwrap()["id"]);
        let homes: Vec<String> = truth
            .spaces
            .iter()
            .map(|space| text(&space["id"]))
            .collect();
        let posts: Vec<&Value> = truth.posts.iter().collect();
        let files: Vec<&Value> = truth.attachments.iter().collect();
        let archived: Vec<&Value> = truth
            .pages
            .iter()
            .filter(|row| row["status"] == "archived")
            .collect();
        let mut changes = vec![
            // Into the tree and out of it, with what is below.
            json!({"kind": "move", "id": pick(&outside), "parent": root}),
            json!({"kind": "move", "id": pick(&outside), "parent": inner}),
            json!({"kind": "move", "id": inner, "parent": pick(&outside)}),
            json!({"kind": "move", "id": pick(&in_tree), "space": homes[2]}),
            json!({"kind": "move", "id": pick(&outside), "space": homes[1]}),
            json!({"kind": "move", "id": pick(&posts), "space": homes[1]}),
            json!({"kind": "move", "id": pick(&posts), "space": homes[0]}),
            json!({"kind": "edit", "id": pick(&outside)}),
            json!({"kind": "edit", "id": pick(&posts)}),
            json!({"kind": "edit", "id": pick(&files)}),
            json!({"kind": "archive", "id": pick(&outside)}),
            json!({"kind": "trash", "id": pick(&in_tree)}),
            json!({"kind": "trash", "id": pick(&posts)}),
            json!({"kind": "create-page", "parent": root}),
            json!({"kind": "create-blog-post", "space": homes[1]}),
            json!({"kind": "create-comment", "on": pick(&outside)}),
        ];
        if !archived.is_empty() {
            changes.push(json!({"kind": "unarchive", "id": pick(&archived)}));
        }
        for label in &self.choice.labels {
            let has = |row: &&&Value| row["labels"].as_array().unwrap().contains(&json!(label));
            let with: Vec<&Value> = outside.iter().filter(has).copied().collect();
            let without: Vec<&Value> = outside.iter().filter(|row| !has(row)).copied().collect();
            changes.push(json!({"kind": "add-label", "id": pick(&without), "label": label}));
            changes.push(json!({"kind": "add-label", "id": pick(&posts), "label": label}));
            if !with.is_empty() {
                changes.push(json!({"kind": "remove-label", "id": pick(&with), "label": label}));
            }
        }
        for change in changes {
            self.apply(&change);
        }
        for _ in 0..12 {
            let Some(change) = mutation(random, &self.site) else {
                continue;
            };
            // That something is gone takes two lists which are apart.
            let kind = text(&change["kind"]);
            let is_sudden = ["purge", "delete-comment", "hide-space", "show-space"];
            if !is_sudden.contains(&kind.as_str()) {
                self.apply(&change);
            }
        }
    }

    fn apply(&self, change: &Value) {
        let parsed = Mutation::parse(&change.to_string()).unwrap();
        // Some are impossible, as those of archived pages.
        let _ = self.site.mutate(&parsed);
    }

    fn journal(&self) -> String {
        let journal = self.site.journal();
        let lines = journal
            .iter()
            .map(|change| serde_json::to_string(change).unwrap());
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Differences, after the first run and after those that follow changes.
    fn compare(&mut self, random: &mut Random) -> String {
        if is_contradiction(&self.options) {
            let ended = self.run(&[]);
            return match (ended.code, self.site.request_count()) {
                (2, 0) => String::new(),
                _ => format!("is not rejected: {ended:#?}\n"),
            };
        }
        let requests = self.complete(&[]);
        let mut found = self.differences(&[], &requests, "first run");
        self.change(random);
        // The next run finds what is moved, edited, archived and trashed. Labels are due later.
        let requests = self.complete(&[]);
        if !self.options.contains_key("labels") {
            found += &self.differences(
                &["pages", "blog_posts", "content_access"],
                &requests,
                "next run",
            );
        }
        self.advance(APART);
        let requests = self.complete(&["--full"]);
        found += &self.differences(&[], &requests, "full run");
        found
    }
}

/// Each filter alone, each pair, and the same one in both roles: lists become one list.
fn cases(filters: &[Filter]) -> Vec<(String, Options)> {
    let mut cases = Vec::new();
    for (at, (option, values)) in filters.iter().enumerate() {
        let alone: Options = BTreeMap::from([(*option, values.clone())]);
        cases.push(alone.clone());
        for (other, more) in &filters[at + 1..] {
            let mut both = alone.clone();
            both.entry(*other).or_default().extend(more.clone());
            cases.push(both);
        }
    }
    for options in &mut cases {
        // Other files are too large for a test.
        if options.contains_key("files-types") {
            options.insert("files-max-size", vec![MAX_FILE.to_owned()]);
        }
    }
    let name = |options: &Options| {
        let all = options.iter();
        let all = all.map(|(option, values)| format!("--{option} {}", values.join(",")));
        all.collect::<Vec<_>>().join(" ")
    };
    cases
        .into_iter()
        .map(|options| (name(&options), options))
        .collect()
}

/// The numbers of the cases to make.
fn chosen(count: usize) -> Vec<usize> {
    if let Ok(only) = std::env::var("FILTER_PAIR") {
        return vec![only.parse().unwrap()];
    }
    let sample = match std::env::var("FILTER_PAIRS").as_deref() {
        Ok("all") => count,
        Ok(sample) => sample.parse().unwrap(),
        Err(_) => SAMPLE,
    };
    let mut random = Random::of(28);
    let mut left: Vec<usize> = (0..count).collect();
    let mut chosen = Vec::new();
    while chosen.len() < sample.min(count) {
        let at = random.below(left.len() as u64) as usize;
        chosen.push(left.swap_remove(at));
    }
    chosen
}

#[test]
fn each_filter_alone_and_with_each_other_selects_what_the_site_has() {
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
    };
    let choice = runtime().unwrap().block_on(async {
        let site = Simulator::start(settings()).await.unwrap();
        Choice::of(&Truth::of(&site), now())
    });
    let cases = cases(&choice.filters);
    assert_eq!(cases.len(), 27 * 28 / 2);
    let (chosen, next) = (chosen(cases.len()), AtomicUsize::new(0));
    let found = Mutex::new(BTreeMap::new());
    let work = || {
        let runtime = runtime().unwrap();
        while let Some(number) = chosen.get(next.fetch_add(1, Ordering::SeqCst)) {
            let (name, options) = &cases[*number];
            let compared = AssertUnwindSafe(|| {
                runtime.block_on(async {
                    let mut case = Case::new(&choice, options).await;
                    let found = case.compare(&mut Random::of(1 + *number as u64));
                    match found.is_empty() {
                        true => found,
                        false => format!("{found}after\n{}\n", case.journal()),
                    }
                })
            });
            // All cases are made, whatever one of them says.
            let compared = catch_unwind(compared).unwrap_or_else(|panic| {
                let text = panic.downcast_ref::<String>().cloned();
                format!("{}\n", text.unwrap_or_default())
            });
            if !compared.is_empty() {
                let case = format!("case {number}: {name}\n{compared}");
                found.lock().unwrap().insert(*number, case);
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let found: Vec<String> = found.into_inner().unwrap().into_values().collect();
    assert!(
        found.is_empty(),
        "{} cases differ\n{}",
        found.len(),
        found.join("\n")
    );
}
