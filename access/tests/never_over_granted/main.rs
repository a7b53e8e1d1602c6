//! A copy of a site whose permissions change grants what the site grants, and never more.
//!
//! `ACCESS_TEST_FULL=1` makes the full size: 2 000 contents, 200 users, 40 restrictions, 500 changes.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod sinks;
mod watched;
mod wiki;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use access::ContentAccess;
use rusqlite::Connection;
use sink_sqlite::Sqlite;
use sync::{RunOutcome, SyncReport, SyncRequest};
use tempfile::TempDir;
use watched::Watched;
use wiki::{Content, Moment, Who, Wiki};

/// Numbers that look like chance, and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides.max(1)
    }

    fn pick<'a, T>(&mut self, those: &'a [T]) -> &'a T {
        &those[self.roll(those.len())]
    }
}

struct Size {
    contents: u32,
    users: usize,
    restrictions: usize,
    changes: usize,
}

fn size() -> Size {
    if std::env::var_os("ACCESS_TEST_FULL").is_some() {
        return Size {
            contents: 2_000,
            users: 200,
            restrictions: 40,
            changes: 500,
        };
    }
    Size {
        contents: 200,
        users: 20,
        restrictions: 12,
        changes: 50,
    }
}

fn somebody(moment: &Moment, dice: &mut Dice) -> Who {
    match dice.roll(8) {
        0..=2 => ("user", dice.pick(&moment.users).clone()),
        3 => ("group", "deleted".to_owned()),
        _ => {
            let groups: Vec<&String> = moment.groups.keys().collect();
            ("group", (*dice.pick(&groups)).clone())
        }
    }
}

fn people(moment: &Moment, dice: &mut Dice) -> Vec<Who> {
    let count = 1 + dice.roll(3);
    let mut people: Vec<Who> = (0..count).map(|_| somebody(moment, dice)).collect();
    people.sort();
    people.dedup();
    people
}

fn site(size: &Size, dice: &mut Dice) -> Moment {
    let mut moment = Moment {
        users: (0..size.users).map(|user| format!("u{user:03}")).collect(),
        ..Moment::default()
    };
    for group in 0..size.users.div_ceil(5) {
        let members = moment.users.iter().filter(|_| dice.roll(3) == 0);
        let members = members.cloned().collect();
        moment.groups.insert(format!("g{group:02}"), members);
    }
    for space in 0..4 {
        let id = format!("s{space}");
        let mut readers = people(&moment, dice);
        if space % 2 == 0 {
            readers.push(("role", "viewer".to_owned()));
            let holders = people(&moment, dice);
            moment
                .roles
                .insert((id.clone(), "viewer".to_owned()), holders);
            let others = people(&moment, dice);
            moment
                .roles
                .insert((id.clone(), "other".to_owned()), others);
        }
        readers.push(("group", "g00".to_owned()));
        moment.permissions.insert(id, readers);
    }
    for id in 1..=size.contents {
        let kind = match dice.roll(12) {
            0 => "blogpost",
            1 | 2 => "folder",
            _ => "page",
        };
        let earlier: Vec<u32> = (1..id)
            .rev()
            .filter(|it| moment.contents[it].kind != "blogpost")
            .take(40)
            .collect();
        let parent = (kind != "blogpost" && !earlier.is_empty() && dice.roll(15) > 0)
            .then(|| *dice.pick(&earlier));
        let space = parent.map_or_else(
            || format!("s{}", dice.roll(4)),
            |parent| moment.contents[&parent].space.clone(),
        );
        moment.contents.insert(
            id,
            Content {
                kind,
                space,
                parent,
                version: 1,
                read: Vec::new(),
                update: Vec::new(),
            },
        );
    }
    let ids: Vec<u32> = moment.contents.keys().copied().collect();
    for _ in 0..size.restrictions {
        let id = *dice.pick(&ids);
        let read = people(&moment, dice);
        moment.contents.get_mut(&id).unwrap().read = read;
    }
    moment
}

/// Changes one thing. Returns its name.
fn change(moment: &mut Moment, dice: &mut Dice) -> &'static str {
    let ids: Vec<u32> = moment.contents.keys().copied().collect();
    let id = *dice.pick(&ids);
    match dice.roll(12) {
        0 | 1 => {
            let read = people(moment, dice);
            moment.contents.get_mut(&id).unwrap().read = read;
            "restrict"
        }
        2 => {
            let restricted = ids.iter().find(|id| !moment.contents[id].read.is_empty());
            if let Some(id) = restricted {
                moment.contents.get_mut(id).unwrap().read.clear();
            }
            "open"
        }
        3 | 4 => {
            let below = |mut at: u32| loop {
                if at == id {
                    return true;
                }
                match moment.contents[&at].parent {
                    Some(parent) => at = parent,
                    None => return false,
                }
            };
            let places: Vec<u32> = ids
                .iter()
                .copied()
                .filter(|it| moment.contents[it].kind != "blogpost" && !below(*it))
                .collect();
            if moment.contents[&id].kind == "blogpost" || places.is_empty() {
                return "nothing";
            }
            let parent = *dice.pick(&places);
            let space = moment.contents[&parent].space.clone();
            moment.contents.get_mut(&id).unwrap().parent = Some(parent);
            // Everything below it goes with it.
            let mut moved = BTreeSet::from([id]);
            loop {
                let more: Vec<u32> = ids
                    .iter()
                    .copied()
                    .filter(|it| {
                        let parent = moment.contents[it].parent;
                        !moved.contains(it) && parent.is_some_and(|parent| moved.contains(&parent))
                    })
                    .collect();
                if more.is_empty() {
                    break;
                }
                moved.extend(more);
            }
            for it in moved {
                moment
                    .contents
                    .get_mut(&it)
                    .unwrap()
                    .space
                    .clone_from(&space);
            }
            "move"
        }
        5 => {
            let groups: Vec<String> = moment.groups.keys().cloned().collect();
            let user = dice.pick(&moment.users).clone();
            let group = dice.pick(&groups).clone();
            moment.groups.get_mut(&group).unwrap().insert(user);
            "join"
        }
        6 => {
            let groups: Vec<String> = moment.groups.keys().cloned().collect();
            let group = dice.pick(&groups).clone();
            let members = moment.groups.get_mut(&group).unwrap();
            if let Some(user) = members.iter().next().cloned() {
                members.remove(&user);
            }
            "leave"
        }
        7 => {
            let space = format!("s{}", dice.roll(4));
            let mut readers = people(moment, dice);
            readers.push(("group", "g00".to_owned()));
            moment.permissions.insert(space, readers);
            "permit"
        }
        8 => {
            let holders = people(moment, dice);
            moment
                .roles
                .insert(("s0".to_owned(), "viewer".to_owned()), holders);
            "assign"
        }
        9 => {
            let next = ids.last().unwrap() + 1;
            let parent = (moment.contents[&id].kind != "blogpost").then_some(id);
            moment.contents.insert(
                next,
                Content {
                    kind: "page",
                    space: moment.contents[&id].space.clone(),
                    parent,
                    version: 1,
                    read: Vec::new(),
                    update: people(moment, dice),
                },
            );
            "create"
        }
        10 => {
            let groups: Vec<String> = moment.groups.keys().skip(3).cloned().collect();
            if groups.len() > 2 {
                moment.groups.remove(dice.pick(&groups));
            }
            "delete a group"
        }
        _ => {
            moment.contents.get_mut(&id).unwrap().version += 1;
            "edit"
        }
    }
}

/// What the copy grants, on the condition of no class.
fn granted(file: &Path) -> BTreeSet<(String, String)> {
    let database = Connection::open(file).unwrap();
    let there: i64 = database
        .query_row(
            "SELECT count(*) FROM sqlite_master WHERE name = 'content_readers'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    if there == 0 {
        return BTreeSet::new();
    }
    let mut rows = database
        .prepare("SELECT content_id, account_id FROM content_readers WHERE class IS NULL")
        .unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

fn unknown(file: &Path) -> BTreeMap<String, i64> {
    let database = Connection::open(file).unwrap();
    let mut rows = database
        .prepare(
            "SELECT reason, count(*) FROM content_access WHERE state = 'unknown' \
             AND _sync_deleted_at IS NULL GROUP BY 1",
        )
        .unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

struct Copy {
    folder: TempDir,
    clock: Arc<AtomicI64>,
    wiki: Wiki,
    request: SyncRequest,
}

impl Copy {
    fn new(moment: Moment) -> Self {
        let mut request = SyncRequest::default();
        request.derivations = vec![Arc::new(ContentAccess::new())];
        request.full = true;
        Self {
            folder: TempDir::new().unwrap(),
            clock: Arc::new(AtomicI64::new(1_700_000_000_000)),
            wiki: Wiki {
                now: std::sync::Mutex::new(moment),
                ..Wiki::default()
            },
            request,
        }
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("site.db")
    }

    fn change(&self, change: impl FnOnce(&mut Moment)) {
        change(&mut self.wiki.now.lock().unwrap());
    }

    /// Makes a run. After each transaction, nothing may be granted that was not granted before
    /// or is now.
    async fn run(&self, before: &Moment, context: &str) -> SyncReport {
        let now = self.wiki.now.lock().unwrap().clone();
        let mut allowed = before.pairs();
        allowed.extend(now.pairs());
        let file = self.file();
        self.clock.fetch_add(1_000_000, Ordering::Relaxed);
        let look = |stream: &str| {
            // The view reads no other tables.
            if ![
                "content_access",
                "group_members",
                "groups",
                "pages",
                "blog_posts",
            ]
            .contains(&stream)
            {
                return;
            }
            let granted = granted(&file);
            let over: Vec<_> = granted.difference(&allowed).collect();
            assert!(
                over.is_empty(),
                "{context}: after a commit of {stream}: {over:?}"
            );
        };
        let mut sink = Watched {
            sink: Sqlite::open(&self.file()).unwrap(),
            look: Box::new(look),
        };
        let tick = || self.clock.fetch_add(1, Ordering::Relaxed);
        sync::sync(&self.wiki, &mut sink, &self.request, &tick, &mut |_| ())
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn after_each_change_and_run_the_copy_grants_what_the_site_grants() {
    let size = size();
    let mut dice = Dice(7);
    let copy = Copy::new(site(&size, &mut dice));
    for id in 0..size.contents {
        if dice.roll(9) == 0 {
            copy.wiki.trouble.lock().unwrap().unindexed.insert(id);
        }
    }
    let mut before = Moment::default();
    let mut grants = 0;
    for number in 0..=size.changes {
        let mut name = "first run";
        if number > 0 {
            copy.change(|moment| name = change(moment, &mut dice));
        }
        let context = format!("change {number}, {name}");
        let now = copy.wiki.now.lock().unwrap().clone();
        let report = copy.run(&before, &context).await;
        assert_eq!(
            report.outcome,
            RunOutcome::Complete,
            "{context}: {report:?}"
        );
        assert_eq!(unknown(&copy.file()), BTreeMap::new(), "{context}");
        let (granted, expected) = (granted(&copy.file()), now.pairs());
        let missing: Vec<_> = expected.difference(&granted).collect();
        let over: Vec<_> = granted.difference(&expected).collect();
        assert!(
            missing.is_empty() && over.is_empty(),
            "{context}: missing {missing:?}, over {over:?}"
        );
        grants += granted.len();
        before = now;
    }
    assert!(grants > size.changes * 100, "{grants}");
}

#[tokio::test]
async fn while_reads_fail_the_copy_grants_nothing_that_the_site_does_not_grant() {
    let size = size();
    let mut dice = Dice(11);
    let copy = Copy::new(site(&size, &mut dice));
    let mut before = Moment::default();
    let (mut partial, mut unknowns, mut grants) = (0, BTreeMap::new(), 0);
    for number in 0..=size.changes {
        let mut names = Vec::new();
        for _ in 0..dice.roll(4) {
            copy.change(|moment| names.push(change(moment, &mut dice)));
        }
        copy.wiki.trouble.lock().unwrap().fails_every = match number % 3 {
            0 => 0,
            1 => 5,
            _ => 2,
        };
        let context = format!("run {number}, {names:?}");
        let now = copy.wiki.now.lock().unwrap().clone();
        let report = copy.run(&before, &context).await;
        partial += usize::from(report.outcome != RunOutcome::Complete);
        let (granted, expected) = (granted(&copy.file()), now.pairs());
        let over: Vec<_> = granted.difference(&expected).collect();
        // A run that could not read anything leaves what was there.
        if report.outcome != RunOutcome::Failed {
            assert!(over.is_empty(), "{context}: {over:?}");
        }
        if report.outcome == RunOutcome::Complete {
            let missing: Vec<_> = expected.difference(&granted).collect();
            let reasons = unknown(&copy.file());
            assert!(missing.is_empty(), "{context}: {missing:?}, {reasons:?}");
        }
        for (reason, count) in unknown(&copy.file()) {
            *unknowns.entry(reason).or_insert(0) += count;
        }
        grants += granted.len();
        before = now;
    }
    assert!(partial > size.changes / 3, "{partial}");
    assert!(grants > 0 && !unknowns.is_empty(), "{grants} {unknowns:?}");
}
