//! While the permissions of a site change, a copy grants what the site grants, and never more.
//!
//! The site has 2 000 pages and blog posts, 200 users, and 40 restrictions that are nested and overlap. It
//! is changed at random. After each change and a run that reads permissions, every pair of a content and a
//! user is compared with the evaluation of the simulator. In between, the copy is looked at before each
//! response of the site: no pair may be granted that the site granted neither before the change nor after.
//!
//! `ACCESS_CHANGES` is how many changes there are: 500 take half an hour.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash as _, Hasher as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use confluence_simulator::{Amounts, ContentKind, Mutation, Settings, Simulator};
use host_runner::typed::Client;
use host_runner::{HostRunner, Scope};
use host_sync::{Filters, RunOutcome, Sync};
use rusqlite::{Connection, OpenFlags, Row};
use serde_json::{Value, json};
use sink_sqlite::Sqlite;
use tests::Host;

use crate::faults;
use crate::random_changes::{Random, text};

const USERS: u64 = 200;

/// Contents that have a restriction of their own, beside a folder of each space.
const RESTRICTIONS: usize = 30;

/// A bit more than the time after which a run reads restrictions, permissions and members again: members
/// are read with the details of groups, every six hours.
const DUE: Duration = Duration::from_secs(6 * 60 * 60 + 1);

/// So many changes, of which every so many-th is copied by the program; the others, by its library.
fn changes() -> (u64, u64) {
    let asked = std::env::var("ACCESS_CHANGES").ok();
    asked.map_or((5, 3), |count| (count.parse().unwrap(), 10))
}

/// Which accounts may read what: a bit for each account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Grants(BTreeMap<String, [u64; 4]>);

impl Grants {
    fn add(&mut self, content: &str, account: usize) {
        let bits = match self.0.get_mut(content) {
            Some(bits) => bits,
            None => self.0.entry(content.to_owned()).or_default(),
        };
        bits[account / 64] |= 1 << (account % 64);
    }

    fn add_all(&mut self, other: &Self) {
        for (content, more) in &other.0 {
            let bits = self.0.entry(content.clone()).or_default();
            for (bits, more) in bits.iter_mut().zip(more) {
                *bits |= more;
            }
        }
    }

    /// The pairs that another one lacks, as text.
    fn beyond(&self, other: &Self) -> Vec<String> {
        let mut pairs = Vec::new();
        for (content, bits) in &self.0 {
            let others = other.0.get(content).copied().unwrap_or_default();
            for account in 0..256 {
                let is_in = |bits: &[u64; 4]| (bits[account / 64] >> (account % 64)) & 1 == 1;
                if is_in(bits) && !is_in(&others) {
                    pairs.push(format!("content {content}, account {account}"));
                }
            }
        }
        pairs
    }

    fn count(&self) -> u64 {
        let bits = self.0.values().flatten();
        bits.map(|bits| u64::from(bits.count_ones())).sum()
    }

    /// Those of the site, of contents of which the copy can know who may read them.
    fn of_site(site: &Simulator, accounts: &BTreeMap<String, usize>) -> Self {
        let truth = site.site();
        let mut grants = Self::default();
        for (content, viewers) in truth.viewers() {
            for viewer in viewers {
                grants.add(&content, accounts[viewer]);
            }
        }
        grants
    }

    fn without(mut self, contents: &BTreeSet<String>) -> Self {
        self.0.retain(|content, _| !contents.contains(content));
        self
    }

    /// Those of the view of a copy. All accounts have a licence.
    fn of_copy(copy: &Connection, accounts: &BTreeMap<String, usize>) -> rusqlite::Result<Self> {
        let mut rows = copy.prepare_cached("SELECT content_id, account_id FROM content_readers")?;
        let mut rows = rows.query([])?;
        let mut grants = Self::default();
        while let Some(row) = rows.next()? {
            let content = row.get_ref(0)?.as_str()?;
            match row.get_ref(1)?.as_str_or_null()? {
                // Some accounts are not there any more; what is granted to them is granted to nobody.
                Some(account) => {
                    if let Some(account) = accounts.get(account) {
                        grants.add(content, *account);
                    }
                }
                None => {
                    for account in accounts.values() {
                        grants.add(content, *account);
                    }
                }
            }
        }
        Ok(grants)
    }
}

/// Looks at a copy whenever the site is about to answer.
struct Watch {
    file: PathBuf,
    accounts: BTreeMap<String, usize>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    copy: Option<Connection>,
    version: i64,
    digest: u64,
    /// What may be granted now.
    allowed: Grants,
    /// How often the copy was another one than before.
    looks: u64,
    /// What was granted beyond that.
    over: Vec<String>,
}

impl Watch {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// Looks, if anything that the view is made of has changed.
    fn look(&self, when: &str) {
        let mut seen = self.seen();
        if seen.copy.is_none() {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            seen.copy = Connection::open_with_flags(&self.file, flags).ok();
        }
        let Seen {
            copy: Some(copy),
            version,
            digest,
            allowed,
            looks,
            over,
        } = &mut *seen
        else {
            return;
        };
        let now = copy.pragma_query_value(None, "data_version", |row| row.get(0));
        let now: i64 = now.unwrap_or_default();
        if now == std::mem::replace(version, now) {
            return;
        }
        // One transaction, so that both are of the same moment.
        let moment = copy.unchecked_transaction().unwrap();
        // Before the first run has made the view there is nothing to look at.
        let Ok(is_now) = digest_of(&moment) else {
            return;
        };
        if is_now == std::mem::replace(digest, is_now) {
            return;
        }
        let granted = Grants::of_copy(&moment, &self.accounts).unwrap();
        *looks += 1;
        let beyond = granted.beyond(allowed);
        if !beyond.is_empty() {
            let shown = beyond.iter().take(5).cloned().collect::<Vec<_>>();
            over.push(format!("{when}: {} pairs: {shown:?}", beyond.len()));
        }
    }

    /// Asserts that nothing was granted beyond what was allowed.
    #[track_caller]
    fn saw_nothing_more(&self, context: &str) {
        let over = std::mem::take(&mut self.seen().over);
        assert!(over.is_empty(), "{context}\n{}", over.join("\n"));
    }
}

/// A number that is another one if the view is.
fn digest_of(copy: &Connection) -> rusqlite::Result<u64> {
    let mut hasher = DefaultHasher::new();
    for sql in [
        "SELECT count(*), 0, 0, 0 FROM content_readers WHERE 0",
        "SELECT content_id, content_hash, state, layers FROM content_access WHERE _sync_deleted_at IS NULL",
        "SELECT _sync_key, _sync_hash, 0, 0 FROM pages WHERE _sync_deleted_at IS NULL",
        "SELECT _sync_key, _sync_hash, 0, 0 FROM blog_posts WHERE _sync_deleted_at IS NULL",
        "SELECT group_id, account_id, _sync_run, 0 FROM group_members WHERE _sync_deleted_at IS NULL",
        "SELECT max(mark), 0, 0, 0 FROM _sync_state WHERE stream = 'content_access' AND is_open = 0",
    ] {
        let mut rows = copy.prepare_cached(sql)?;
        let mut rows = rows.query([])?;
        let cell = |row: &Row<'_>, at: usize| row.get_ref(at).map(|cell| format!("{cell:?}"));
        while let Some(row) = rows.next()? {
            for at in 0..4 {
                cell(row, at)?.hash(&mut hasher);
            }
        }
    }
    Ok(hasher.finish())
}

/// What makes a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Program,
    Library,
}

struct Copy {
    site: Simulator,
    host: Host,
    client: Client,
    file: PathBuf,
    accounts: BTreeMap<String, usize>,
    watch: Arc<Watch>,
    random: Random,
    /// Contents that were modified then or later are not copied.
    end: Option<String>,
}

impl Copy {
    async fn new(seed: u64) -> Self {
        let settings = Settings {
            // With 184 blog posts.
            pages: 1_816,
            amounts: Amounts {
                spaces: Some(10),
                users: Some(USERS),
                groups: Some(20),
                restricted: Some(0),
                attachments: Some(4),
                footer_comments: Some(4),
                inline_comments: Some(4),
                ..Amounts::default()
            },
            ..Settings::default()
        };
        let site = Simulator::start(settings).await.unwrap();
        let host = Host::with_site(&site);
        let runner = HostRunner::builder(host.config(), host.state()).open();
        let tenant = runner.unwrap().tenant(&Scope::default()).unwrap();
        let file = host.state().join("site.db");
        let accounts: BTreeMap<String, usize> = site.site().account_ids().zip(0..).collect();
        let watch = Arc::new(Watch {
            file: file.clone(),
            accounts: accounts.clone(),
            seen: Mutex::default(),
        });
        let watching = Arc::clone(&watch);
        site.observe(move |request| {
            watching.look(&format!(
                "before the response to {}",
                request.path_and_query
            ));
        });
        let mut copy = Self {
            client: tenant.client(),
            site,
            host,
            file,
            accounts,
            watch,
            random: Random::of(seed),
            end: None,
        };
        copy.restrict_some();
        copy.watch.seen().allowed = copy.truth();
        let contents = copy.site.site().page_count() + copy.site.site().blog_post_count();
        assert_eq!((contents, copy.accounts.len() as u64), (2_000, USERS));
        copy
    }

    /// Applies a change. `false` if it is impossible.
    fn apply(&self, change: &Value) -> bool {
        let parsed = Mutation::parse(&change.to_string()).unwrap();
        self.site.mutate(&parsed).is_ok()
    }

    fn pages(&self) -> Vec<Value> {
        self.current(ContentKind::Page)
    }

    fn current(&self, kind: ContentKind) -> Vec<Value> {
        let rows = self.site.site().inventory(kind).into_iter();
        rows.filter(|row| row["status"] == "current").collect()
    }

    fn user(&mut self) -> String {
        let users: Vec<&String> = self.accounts.keys().collect();
        (*self.random.pick(&users).unwrap()).clone()
    }

    fn group(&mut self) -> String {
        let groups: Vec<String> = self.site.site().group_ids().collect();
        self.random.pick(&groups).unwrap().clone()
    }

    /// A member of a change that names a user or, twice as often, a group.
    fn somebody(&mut self) -> (&'static str, String) {
        if self.random.below(3) == 0 {
            ("user", self.user())
        } else {
            ("group", self.group())
        }
    }

    fn restrict(&mut self, id: &str, operation: &str) -> Vec<Value> {
        let (kind, who) = self.somebody();
        vec![json!({"kind": "restrict", "id": id, "operation": operation, kind: who})]
    }

    /// The restrictions that the site begins with. Half of the spaces are for some only.
    fn restrict_some(&mut self) {
        let spaces: Vec<String> = self.site.site().space_ids().collect();
        for space in spaces.iter().step_by(2) {
            let permissions = self.site.site().space_permissions(space);
            let of_roles = permissions.iter().filter(|one| {
                one.principal_type == "role" && (one.operation, one.target) == ("read", "space")
            });
            for one in of_roles {
                let id = one.id.to_string();
                let revoke = json!({"kind": "revoke", "space": space, "permission": id});
                assert!(self.apply(&revoke));
            }
            for _ in 0..4 {
                let (kind, who) = self.somebody();
                self.apply(&json!({"kind": "grant", "space": space, "operation": "read", "target": "space", kind: who}));
            }
        }
        // Chains of restricted pages, from the deepest pages up, and others.
        let site = self.site.site();
        let mut pages = self.pages();
        pages.sort_by_cached_key(|page| {
            std::cmp::Reverse(site.ancestors_of(&text(&page["id"])).len())
        });
        let mut restricted = BTreeSet::new();
        let mut at = 0;
        while restricted.len() < RESTRICTIONS {
            let id = text(&pages[at % pages.len()]["id"]);
            at += 37;
            let above = site.ancestors_of(&id).into_iter();
            let above = above.filter(|(kind, _)| *kind == "page");
            let chain = above.map(|(_, id)| id).skip(1).chain([id]);
            for id in chain.collect::<Vec<_>>() {
                if restricted.len() < RESTRICTIONS {
                    for _ in 0..4 {
                        for change in self.restrict(&id, "read") {
                            self.apply(&change);
                        }
                    }
                    restricted.insert(id);
                }
            }
        }
        let nested = |id: &&String| {
            let above = site.ancestors_of(id);
            above.iter().any(|(_, above)| restricted.contains(above))
        };
        assert!(restricted.iter().filter(nested).count() > 10);
        // More people than a response names.
        let crowded = restricted.first().unwrap().clone();
        for user in self.accounts.keys().step_by(2).cloned().collect::<Vec<_>>() {
            self.apply(
                &json!({"kind": "restrict", "id": crowded, "operation": "read", "user": user}),
            );
        }
        for group in site.group_ids() {
            self.apply(
                &json!({"kind": "restrict", "id": crowded, "operation": "read", "group": group}),
            );
        }
    }

    /// Changes that together are one, and decide on who may read something.
    fn change(&mut self) -> Option<Vec<Value>> {
        let pages = self.pages();
        let restricted: Vec<&Value> = pages
            .iter()
            .filter(|page| !principals(page).is_empty())
            .collect();
        let page = text(&self.random.pick(&pages)?["id"]);
        let site = self.site.site();
        // One at any depth: the page, or one above it.
        let above: Vec<String> = site
            .ancestors_of(&page)
            .into_iter()
            .filter(|(kind, _)| *kind == "page")
            .map(|(_, id)| id)
            .chain([page.clone()])
            .collect();
        let at_any_depth = self.random.pick(&above)?.clone();
        let posts = self.current(ContentKind::BlogPost);
        let post = text(&self.random.pick(&posts)?["id"]);
        let spaces: Vec<String> = site.space_ids().collect();
        let space = self.random.pick(&spaces)?.clone();
        let (kind, who) = self.somebody();
        Some(match self.random.below(20) {
            0..=2 => self.restrict(&at_any_depth, "read"),
            3 => self.restrict(&post, "read"),
            // Nobody is kept from reading.
            4 => self.restrict(&page, "update"),
            5 | 6 => {
                let page = self.random.pick(&restricted)?;
                let principals = principals(page);
                let (kind, who) = self.random.pick(&principals)?;
                vec![
                    json!({"kind": "unrestrict", "id": page["id"], "operation": "read", *kind: who}),
                ]
            }
            // For everybody again.
            7 => {
                let page = self.random.pick(&restricted)?;
                let one = |(kind, who): (&str, String)| json!({"kind": "unrestrict", "id": page["id"], "operation": "read", kind: who});
                principals(page).into_iter().map(one).collect()
            }
            // Below a restricted page, with everything below it.
            8..=10 => {
                let parent = text(&self.random.pick(&restricted)?["id"]);
                vec![json!({"kind": "move", "id": at_any_depth, "parent": parent})]
            }
            11 => {
                let folders = site.inventory(ContentKind::Folder);
                let folder = text(&self.random.pick(&folders)?["id"]);
                vec![json!({"kind": "move", "id": at_any_depth, "parent": folder})]
            }
            12 => vec![json!({"kind": "move", "id": at_any_depth, "space": space})],
            13 => vec![json!({"kind": "move", "id": post, "space": space})],
            14 => vec![json!({"kind": "add-member", "group": self.group(), "user": self.user()})],
            15 => {
                let groups = site.inventory(ContentKind::Group);
                let group = self.random.pick(&groups)?;
                let member = self.random.pick(group["members"].as_array()?)?;
                vec![json!({"kind": "remove-member", "group": group["id"], "user": member})]
            }
            16 => {
                vec![
                    json!({"kind": "grant", "space": space, "operation": "read", "target": "space", kind: who}),
                ]
            }
            17 => {
                let permissions = site.space_permissions(&space).into_iter();
                let of_readers: Vec<String> = permissions
                    .filter(|one| (one.operation, one.target) == ("read", "space"))
                    .map(|one| one.id.to_string())
                    .collect();
                // That nobody may view a space is true of none, and is not taken for the truth.
                if of_readers.len() < 3 {
                    return None;
                }
                vec![
                    json!({"kind": "revoke", "space": space, "permission": self.random.pick(&of_readers)?}),
                ]
            }
            // Child pages move up, and are below fewer restrictions then.
            18 => vec![json!({"kind": "trash", "id": self.random.pick(&restricted)?["id"]})],
            _ => {
                let parent = text(&self.random.pick(&restricted)?["id"]);
                vec![
                    json!({"kind": "create-page", "parent": parent}),
                    json!({"kind": "edit", "id": page}),
                ]
            }
        })
    }

    /// Makes a change that is possible, and returns it.
    fn make_a_change(&mut self) -> Vec<Value> {
        loop {
            let Some(changes) = self.change() else {
                continue;
            };
            let done: Vec<Value> = changes.into_iter().filter(|it| self.apply(it)).collect();
            if !done.is_empty() {
                return done;
            }
        }
    }

    /// Contents that the search index omits: what is archived, and all of archived spaces.
    fn omitted(&self) -> BTreeSet<String> {
        let site = self.site.site();
        let is_archived = |row: &Value| row["status"] == "archived";
        let spaces = site.inventory(ContentKind::Space).into_iter();
        let spaces: BTreeSet<String> = spaces
            .filter(is_archived)
            .map(|row| text(&row["id"]))
            .collect();
        let kinds = [ContentKind::Page, ContentKind::BlogPost];
        let content = kinds.into_iter().flat_map(|kind| site.inventory(kind));
        let omitted =
            content.filter(|row| is_archived(row) || spaces.contains(&text(&row["spaceId"])));
        omitted.map(|row| text(&row["id"])).collect()
    }

    /// Whether only a run that reads everything, or one after seven days, has to know of changes: they
    /// are about content that the search index omits. Of such content, restrictions that are known are
    /// read again as often as others; that there are some where there were none is found later, and so is
    /// that a place above it no longer counts.
    fn is_put_off(&self, made: &[Value], before: &Grants) -> bool {
        let (omitted, now) = (self.omitted(), self.truth());
        let site = self.site.site();
        let is_late = |id: &String| {
            let above = site.ancestors_of(id);
            omitted.contains(id) || above.iter().any(|(_, above)| omitted.contains(above))
        };
        let is_first = |id: &String| {
            let kinds = [ContentKind::Page, ContentKind::BlogPost];
            let mut rows = kinds.into_iter().flat_map(|kind| site.inventory(kind));
            let row = rows.find(|row| row["id"] == **id).unwrap();
            let operations = row["restrictions"].as_object().unwrap().values();
            let principals = operations.flat_map(|of| [&of["users"], &of["groups"]]);
            let count: usize = principals
                .map(|all| all.as_array().map_or(0, Vec::len))
                .sum();
            count == 1
        };
        made.iter().any(|change| match change["kind"].as_str() {
            Some("restrict") => {
                let id = text(&change["id"]);
                omitted.contains(&id) && is_first(&id)
            }
            Some("move" | "trash") => {
                let mut changed = now
                    .0
                    .iter()
                    .filter(|(id, bits)| before.0.get(*id) != Some(bits));
                changed.any(|(id, _)| is_late(id))
            }
            _ => false,
        })
    }

    fn truth(&self) -> Grants {
        let all = Grants::of_site(&self.site, &self.accounts);
        all.without(&self.excluded())
    }

    /// Contents that the filter excludes.
    fn excluded(&self) -> BTreeSet<String> {
        let Some(end) = &self.end else {
            return BTreeSet::new();
        };
        let site = self.site.site();
        let kinds = [ContentKind::Page, ContentKind::BlogPost];
        let content = kinds.into_iter().flat_map(|kind| site.inventory(kind));
        let excluded = content.filter(|row| modified(row) >= *end);
        excluded.map(|row| text(&row["id"])).collect()
    }

    /// Excludes what was modified in the later half of the time.
    fn exclude_half(&mut self) {
        let mut times: Vec<String> = self.pages().iter().map(modified).collect();
        times.sort();
        self.end = Some(times[times.len() / 2].clone());
        let allowed = self.truth();
        self.watch.seen().allowed = allowed;
    }

    /// Contents of which a copy cannot know who may read them: they are below content that is not copied.
    fn unknowable(&self) -> BTreeSet<String> {
        let site = self.site.site();
        let is_below = |id: &String| {
            let above = site.ancestors_of(id);
            above
                .iter()
                .any(|(kind, _)| !matches!(*kind, "page" | "folder"))
        };
        let excluded = self.excluded();
        let is_in = |id: &String| !excluded.contains(id);
        site.page_ids().filter(is_below).filter(is_in).collect()
    }

    fn open(&self) -> Connection {
        Connection::open(&self.file).unwrap()
    }

    fn granted(&self) -> Grants {
        Grants::of_copy(&self.open(), &self.accounts).unwrap()
    }

    /// Contents whose readers the copy does not know, by id, and why.
    fn unknown(&self) -> BTreeMap<String, String> {
        let copy = self.open();
        let sql = "SELECT content_id, reason FROM content_access \
                   WHERE state = 'unknown' AND _sync_deleted_at IS NULL";
        let mut rows = copy.prepare(sql).unwrap();
        let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }

    async fn run(&self, by: By, is_full: bool) -> RunOutcome {
        let outcome = match by {
            By::Program => {
                let sink = format!("sqlite:{}", self.file.display());
                let mut words = vec!["sync", "run", "--to", &sink, "--streams", "content_access"];
                words.extend(is_full.then_some("--full"));
                if let Some(end) = &self.end {
                    words.extend(["--modified-before", end]);
                }
                let ended = self.host.run(&words);
                match ended.code {
                    0 => RunOutcome::Complete,
                    32 => RunOutcome::Partial,
                    33 => RunOutcome::Held,
                    _ => RunOutcome::Failed,
                }
            }
            By::Library => {
                let filters = Filters {
                    modified_before: self.end.as_ref().map(|end| end.parse().unwrap()),
                    ..Filters::default()
                };
                let sync = Sync::builder().streams(["content_access"]).full(is_full);
                let sync = sync.filters(filters);
                let mut sink = Sqlite::open(&self.file).unwrap();
                let report = sync.build().unwrap().run(&self.client, &mut sink).await;
                report.map_or(RunOutcome::Failed, |report| report.outcome)
            }
        };
        self.watch.look("after the run");
        outcome
    }

    /// A run that reads restrictions, permissions and members: since they are due, or since it reads all.
    async fn promised_run(&self, by: By, is_full: bool) -> RunOutcome {
        if !is_full {
            self.site.advance_clock(DUE);
        }
        self.run(by, is_full).await
    }

    /// Asserts that the copy grants what the site does, to every account and of every content.
    #[track_caller]
    fn is_the_truth(&self, context: &str) -> Grants {
        let unknowable = self.unknowable();
        let unknown = self.unknown();
        let others = unknown.iter().filter(|(id, _)| !unknowable.contains(*id));
        let others: Vec<_> = others.take(5).collect();
        assert!(others.is_empty(), "{context}\nunknown: {others:?}");
        assert_eq!(unknown.len(), unknowable.len(), "{context}");
        let (truth, granted) = (self.truth().without(&unknowable), self.granted());
        let (missing, over) = (truth.beyond(&granted), granted.beyond(&truth));
        let some = |pairs: &[String]| pairs.iter().take(5).cloned().collect::<Vec<_>>();
        assert!(
            missing.is_empty() && over.is_empty(),
            "{context}\n{} pairs are missing: {:?}\n{} pairs are granted beyond: {:?}",
            missing.len(),
            some(&missing),
            over.len(),
            some(&over)
        );
        granted
    }
}

/// When the version of a page was made, with milliseconds, so that times compare as texts.
fn modified(row: &Value) -> String {
    let time = text(row["versions"].as_array().unwrap().last().unwrap());
    match time.strip_suffix('Z') {
        Some(seconds) if !time.contains('.') => format!("{seconds}.000Z"),
        _ => time,
    }
}

/// Those whom a page is restricted to: `user` or `group`, and an id.
fn principals(page: &Value) -> Vec<(&'static str, String)> {
    let of = |kind, member: &str| {
        let ids = page["restrictions"]["read"][member].as_array().cloned();
        let ids = ids.unwrap_or_default().into_iter();
        ids.map(move |id| (kind, text(&id))).collect::<Vec<_>>()
    };
    [of("user", "users"), of("group", "groups")].concat()
}

/// Makes changes, and compares all pairs after each. Returns how many pairs were granted, all in all.
async fn compare_after_each_change(copy: &mut Copy, count: u64, by_program: u64) -> u64 {
    let mut granted = Grants::default();
    let mut grants = 0;
    for number in 0..=count {
        let before = copy.truth();
        let made = match number {
            0 => Vec::new(),
            _ => copy.make_a_change(),
        };
        let context = format!("change {number}: {}", json!(made));
        let is_put_off = copy.is_put_off(&made, &before);
        let mut allowed = copy.truth();
        allowed.add_all(&granted);
        copy.watch.seen().allowed = allowed;
        let by = if number % by_program == 0 {
            By::Program
        } else {
            By::Library
        };
        if number % 4 == 1 {
            // One in which permissions are not due.
            let outcome = copy.run(by, false).await;
            assert_eq!(outcome, RunOutcome::Complete, "{context}");
            copy.watch.saw_nothing_more(&context);
        }
        let is_full = is_put_off || number % 3 == 0;
        let outcome = copy.promised_run(by, is_full).await;
        copy.watch.saw_nothing_more(&context);
        assert_eq!(outcome, RunOutcome::Complete, "{context}");
        granted = copy.is_the_truth(&context);
        grants += granted.count();
    }
    let looks = copy.watch.seen().looks;
    assert!(looks > 2 * count, "{looks}");
    grants
}

#[tokio::test(flavor = "multi_thread")]
async fn after_each_change_of_permissions_a_copy_grants_each_pair_that_the_site_grants() {
    let (count, by_program) = changes();
    let mut copy = Copy::new(1).await;
    let grants = compare_after_each_change(&mut copy, count, by_program).await;
    let pairs = 2_000 * USERS * count;
    assert!(
        grants > pairs / 5 && grants < pairs * 4 / 5,
        "{grants} of {pairs}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_below_excluded_pages_is_granted_as_the_site_grants_it() {
    let (count, by_program) = changes();
    let mut copy = Copy::new(3).await;
    copy.exclude_half();
    compare_after_each_change(&mut copy, count, by_program).await;
    let database = copy.open();
    let sql = "SELECT count(*) FROM content_access AS a, json_each(a.layer_origins) AS o \
               WHERE a._sync_deleted_at IS NULL AND o.value LIKE 'page:%' AND NOT EXISTS \
               (SELECT 1 FROM pages AS p WHERE p.id = substr(o.value, 6) \
               AND p._sync_deleted_at IS NULL AND p._sync_filtered_at IS NULL)";
    let layers: i64 = database.query_row(sql, [], |row| row.get(0)).unwrap();
    assert!(layers > 10, "{layers} layers of pages that are excluded");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_reads_fail_a_copy_grants_no_pair_that_the_site_does_not_grant() {
    let (count, by_program) = changes();
    let count = count / 5 + 3;
    let mut copy = Copy::new(2).await;
    let outcome = copy.run(By::Library, false).await;
    assert_eq!(outcome, RunOutcome::Complete);
    let mut allowed = copy.is_the_truth("at first");
    let troubles = [
        "/40:503",
        "/7:503",
        "/3:truncate",
        "/2:500",
        "/11:reset",
        "/5:403",
        "/4:empty-page",
    ];
    let (mut partial, mut reasons) = (0, BTreeSet::new());
    for number in 1..=count {
        let mut made = Vec::new();
        for _ in 0..copy.random.below(3) + 1 {
            made.extend(copy.make_a_change());
        }
        let truth = copy.truth();
        allowed.add_all(&truth);
        copy.watch.seen().allowed = allowed.clone();
        let trouble = *copy.random.pick(&troubles).unwrap();
        let context = format!("{trouble}, change {number}: {}", json!(made));
        let by = if number % by_program == 0 {
            By::Program
        } else {
            By::Library
        };
        copy.site.set_faults(faults(trouble));
        let outcome = copy.promised_run(by, number % 2 == 0).await;
        copy.site.set_faults(faults(""));
        copy.watch.saw_nothing_more(&context);
        // Where nothing could be read, what was there stays.
        if outcome != RunOutcome::Failed {
            let over = copy.granted().beyond(&truth);
            let some: Vec<_> = over.iter().take(5).collect();
            assert!(over.is_empty(), "{context}: {} pairs: {some:?}", over.len());
        }
        partial += u64::from(outcome != RunOutcome::Complete);
        reasons.extend(copy.unknown().into_values());
        if number % 3 == 0 {
            let outcome = copy.promised_run(by, true).await;
            copy.watch.saw_nothing_more(&context);
            assert_eq!(outcome, RunOutcome::Complete, "{context}");
            allowed = copy.is_the_truth(&context);
        }
    }
    assert!(
        partial > count / 3 && reasons.len() > 1,
        "{partial} {reasons:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_budget_ends_runs_a_copy_grants_no_pair_that_the_site_never_granted() {
    let (count, _) = changes();
    let count = count / 5 + 2;
    let mut copy = Copy::new(3).await;
    let outcome = copy.run(By::Library, false).await;
    assert_eq!(outcome, RunOutcome::Complete);
    let mut before = copy.is_the_truth("at first");
    let (mut stopped, sink) = (0, format!("sqlite:{}", copy.file.display()));
    for number in 1..=count {
        let made = copy.make_a_change();
        before.add_all(&copy.truth());
        copy.watch.seen().allowed = before;
        let context = format!("change {number}: {}", json!(made));
        copy.site.advance_clock(DUE);
        let words = ["sync", "run", "--to", &sink, "--streams", "content_access"];
        let words = [&words[..], &["--max-requests", "50"]].concat();
        let mut runs = 0;
        loop {
            let ended = copy.host.run(&words);
            copy.watch.look("after the run");
            copy.watch.saw_nothing_more(&context);
            if ended.code == 0 {
                break;
            }
            assert_eq!(ended.code, 34, "{context}: {ended:?}");
            (stopped, runs) = (stopped + 1, runs + 1);
            assert!(runs < 40, "{context}");
        }
        // What was read by several runs keeps the layers of before, and search omits some restrictions.
        assert_eq!(copy.run(By::Library, true).await, RunOutcome::Complete);
        before = copy.is_the_truth(&context);
    }
    assert!(stopped > count, "{stopped}");
}
