//! Runs of a sync from a site in memory into a database.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod site;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::Connection;
use sink_sqlite::Sqlite;
use site::{Page, Site, key};
use sync::{RunOutcome, SyncReport, SyncRequest};
use tempfile::TempDir;

fn request() -> SyncRequest {
    let mut request = SyncRequest::default();
    request.bodies = Some("storage".to_owned());
    request.cadences.details = 0;
    request.at_once = 2;
    request
}

async fn run(site: &Site, file: &Path) -> SyncReport {
    run_with(site, file, &request()).await
}

async fn run_with(site: &Site, file: &Path, request: &SyncRequest) -> SyncReport {
    let mut sink = Sqlite::open(file).unwrap();
    sync::sync(site, &mut sink, request, &|| 0, &mut |_| ())
        .await
        .unwrap()
}

/// The live rows of a copy.
fn pages(file: &Path) -> BTreeMap<String, (String, i64, String)> {
    let database = Connection::open(file).unwrap();
    let mut rows = database
        .prepare("SELECT _sync_key, title, version__number, body FROM pages WHERE _sync_deleted_at IS NULL")
        .unwrap();
    rows.query_map([], |row| {
        Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?)))
    })
    .unwrap()
    .map(Result::unwrap)
    .collect()
}

fn labels(file: &Path) -> BTreeSet<String> {
    let database = Connection::open(file).unwrap();
    let mut rows = database
        .prepare("SELECT _sync_key FROM page_labels WHERE _sync_deleted_at IS NULL")
        .unwrap();
    let rows = rows.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn tombstones(file: &Path, stream: &str) -> BTreeMap<String, String> {
    let database = Connection::open(file).unwrap();
    let mut rows = database
        .prepare(&format!(
            "SELECT _sync_key, _sync_deleted_reason FROM {stream} WHERE _sync_deleted_at IS NOT NULL"
        ))
        .unwrap();
    let rows = rows
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

fn page(id: u32, now: i64) -> Page {
    Page {
        title: format!("page {id}"),
        space: id % 2,
        version: 1,
        body: format!("body {id}"),
        modified: now,
        is_trashed: false,
        is_hidden: false,
        labels: BTreeSet::from([format!("label {}", id % 3)]),
    }
}

/// A site with so many pages.
fn site(pages: u32) -> Site {
    let site = Site::default();
    {
        let mut state = site.0.lock().unwrap();
        for id in 1..=pages {
            state.now += 1;
            let page = page(id, state.now);
            state.pages.insert(id, page);
        }
    }
    site
}

fn later(site: &Site, minutes: i64) {
    site.0.lock().unwrap().now += minutes;
}

fn change(site: &Site, id: u32, change: impl FnOnce(&mut Page)) {
    let mut state = site.0.lock().unwrap();
    state.now += 1;
    let now = state.now;
    let page = state.pages.get_mut(&id).unwrap();
    page.modified = now;
    change(page);
}

#[tokio::test]
async fn a_copy_has_what_the_site_has_and_a_second_run_changes_nothing() {
    let (folder, site) = (TempDir::new().unwrap(), site(10));
    let file = folder.path().join("site.db");
    let first = run(&site, &file).await;
    assert_eq!(first.outcome, RunOutcome::Complete);
    assert_eq!(pages(&file), site.pages());
    assert_eq!(labels(&file), site.labels());
    let second = run(&site, &file).await;
    let changed: u64 = second
        .streams
        .iter()
        .map(|stream| stream.counts.inserted + stream.counts.updated + stream.counts.deleted)
        .sum();
    assert_eq!((second.outcome, changed), (RunOutcome::Complete, 0));
}

#[tokio::test]
async fn bodies_that_are_wanted_later_are_read_for_rows_that_have_not_changed() {
    let (folder, site) = (TempDir::new().unwrap(), site(10));
    let file = folder.path().join("site.db");
    let mut without = request();
    without.bodies = None;
    run_with(&site, &file, &without).await;
    // It fails in between: what is left of it is read by the next one.
    site.0.lock().unwrap().fails_after = Some(3);
    run(&site, &file).await;
    site.0.lock().unwrap().fails_after = None;
    run(&site, &file).await;
    assert_eq!(pages(&file), site.pages());
    let again = run(&site, &file).await;
    assert_eq!(again.streams[0].counts.updated, 0);
}

#[tokio::test]
async fn what_is_edited_trashed_restored_and_labelled_arrives_with_the_next_run() {
    let (folder, site) = (TempDir::new().unwrap(), site(10));
    let file = folder.path().join("site.db");
    run(&site, &file).await;
    change(&site, 3, |page| {
        page.version = 2;
        page.body = "new".to_owned();
    });
    change(&site, 4, |page| page.is_trashed = true);
    change(&site, 5, |page| {
        page.labels.insert("more".to_owned());
    });
    run(&site, &file).await;
    assert_eq!(pages(&file), site.pages());
    assert_eq!(labels(&file), site.labels());
    assert_eq!(
        tombstones(&file, "pages"),
        BTreeMap::from([(key(4), "trashed".to_owned())])
    );
    // Its version is as before: only the list of all shows that it is there again.
    site.0.lock().unwrap().pages.get_mut(&4).unwrap().is_trashed = false;
    run(&site, &file).await;
    assert_eq!(pages(&file), site.pages());
    assert_eq!(labels(&file), site.labels());
}

#[tokio::test]
async fn a_row_that_is_gone_is_deleted_once_two_lists_ten_minutes_apart_lack_it() {
    let (folder, site) = (TempDir::new().unwrap(), site(10));
    let file = folder.path().join("site.db");
    run(&site, &file).await;
    site.0.lock().unwrap().pages.remove(&7);
    let second = run(&site, &file).await;
    assert_eq!(second.streams[0].suspected, 1);
    assert!(pages(&file).contains_key(&key(7)));
    later(&site, 11);
    run(&site, &file).await;
    assert_eq!(pages(&file), site.pages());
    assert_eq!(labels(&file), site.labels());
    let reason = "purged-or-hidden".to_owned();
    assert_eq!(
        tombstones(&file, "pages"),
        BTreeMap::from([(key(7), reason)])
    );
}

#[tokio::test]
async fn a_row_that_a_list_leaves_out_is_looked_up_and_stays() {
    let (folder, site) = (TempDir::new().unwrap(), site(10));
    let file = folder.path().join("site.db");
    run(&site, &file).await;
    site.0.lock().unwrap().unlisted.insert(7);
    for _ in 0..3 {
        later(&site, 20);
        let report = run(&site, &file).await;
        assert_eq!(report.streams[0].suspected, 0);
        assert_eq!(pages(&file), site.pages());
    }
}

#[tokio::test]
async fn many_deletions_at_once_wait_until_they_are_approved() {
    let (folder, site) = (TempDir::new().unwrap(), site(60));
    let file = folder.path().join("site.db");
    run(&site, &file).await;
    let all = pages(&file);
    for id in 1..=30 {
        site.0.lock().unwrap().pages.get_mut(&id).unwrap().is_hidden = true;
    }
    run(&site, &file).await;
    later(&site, 11);
    let held = run(&site, &file).await;
    assert_eq!((held.outcome, held.streams[0].held), (RunOutcome::Held, 30));
    assert_eq!(pages(&file), all);
    assert_eq!(tombstones(&file, "pages"), BTreeMap::new());
    let mut sink = Sqlite::open(&file).unwrap();
    assert_eq!(sink.holds().unwrap().len(), 30);
    assert_eq!(sink.approve("pages", 0).unwrap(), 30);
    drop(sink);
    later(&site, 11);
    run(&site, &file).await;
    assert_eq!(pages(&file), site.pages());
}

#[tokio::test]
async fn a_hold_that_a_later_list_contradicts_disappears() {
    let (folder, site) = (TempDir::new().unwrap(), site(60));
    let file = folder.path().join("site.db");
    run(&site, &file).await;
    for id in 1..=30 {
        site.0.lock().unwrap().pages.get_mut(&id).unwrap().is_hidden = true;
    }
    run(&site, &file).await;
    later(&site, 11);
    run(&site, &file).await;
    for id in 1..=30 {
        site.0.lock().unwrap().pages.get_mut(&id).unwrap().is_hidden = false;
    }
    let report = run(&site, &file).await;
    assert_eq!(report.outcome, RunOutcome::Complete);
    assert!(Sqlite::open(&file).unwrap().holds().unwrap().is_empty());
    assert_eq!(pages(&file), site.pages());
}

#[tokio::test]
async fn a_run_that_fails_anywhere_deletes_nothing_and_the_next_one_completes_it() {
    // The run has some thirty steps; it fails at each of them once.
    for steps in 0..30 {
        let (folder, site) = (TempDir::new().unwrap(), site(20));
        let file = folder.path().join("site.db");
        run(&site, &file).await;
        change(&site, 2, |page| {
            page.version = 2;
            page.body = "new".to_owned();
        });
        site.0.lock().unwrap().pages.insert(100, page(100, 1));
        site.0.lock().unwrap().fails_after = Some(steps);
        let report = run(&site, &file).await;
        assert_eq!(tombstones(&file, "pages"), BTreeMap::new());
        assert!(pages(&file).len() >= 20);
        let reached = site.0.lock().unwrap().fails_after.take();
        // The last step that succeeded may have been the last of all.
        if reached.is_some_and(|left| left > 0) {
            assert_eq!(report.outcome, RunOutcome::Complete, "{steps}");
        }
        let report = run(&site, &file).await;
        assert_eq!(report.outcome, RunOutcome::Complete);
        assert_eq!(pages(&file), site.pages(), "{steps}");
        assert_eq!(labels(&file), site.labels(), "{steps}");
    }
}

#[tokio::test]
async fn a_run_that_is_dropped_anywhere_is_completed_by_the_next_one() {
    for polls in 0..40 {
        let (folder, site) = (TempDir::new().unwrap(), site(20));
        let file = folder.path().join("site.db");
        let database = file.clone();
        {
            let mut sink = Sqlite::open(&database).unwrap();
            let request = request();
            let mut commits = 0;
            let mut tell = |_: sync::SyncEvent<'_>| commits += 1;
            // Each event is behind a commit or a request; the run is dropped behind one of them.
            let mut running = Box::pin(sync::sync(&site, &mut sink, &request, &|| 0, &mut tell));
            site.0.lock().unwrap().fails_after = Some(polls);
            let waker = futures_util::task::noop_waker();
            let mut context = std::task::Context::from_waker(&waker);
            let _ = std::future::Future::poll(running.as_mut(), &mut context);
        }
        site.0.lock().unwrap().fails_after = None;
        let report = run(&site, &file).await;
        assert_eq!(report.outcome, RunOutcome::Complete, "{polls}");
        assert_eq!(pages(&file), site.pages(), "{polls}");
        assert_eq!(labels(&file), site.labels(), "{polls}");
    }
}

#[tokio::test]
async fn two_runs_never_write_at_once() {
    let (folder, site) = (TempDir::new().unwrap(), site(4));
    let file = folder.path().join("site.db");
    let mut first = Sqlite::open(&file).unwrap();
    let new = sync::NewRun {
        started: 0,
        settings: String::new(),
    };
    sync::Sink::begin(&mut first, &new).unwrap();
    let mut second = Sqlite::open(&file).unwrap();
    let refused = sync::sync(&site, &mut second, &request(), &|| 0, &mut |_| ()).await;
    assert!(refused.unwrap_err().to_string().contains("another run"));
    drop(first);
    assert_eq!(run(&site, &file).await.outcome, RunOutcome::Complete);
}

#[tokio::test]
async fn a_table_that_is_not_a_sync_s_is_left_alone() {
    let (folder, site) = (TempDir::new().unwrap(), site(4));
    let file = folder.path().join("site.db");
    let database = Connection::open(&file).unwrap();
    database
        .execute_batch("CREATE TABLE pages (mine TEXT); INSERT INTO pages VALUES ('kept')")
        .unwrap();
    let mut sink = Sqlite::open(&file).unwrap();
    let refused = sync::sync(&site, &mut sink, &request(), &|| 0, &mut |_| ()).await;
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

/// A number that looks random, and is the same each time.
fn random(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

#[tokio::test]
async fn after_any_changes_and_clean_runs_the_copy_is_what_the_site_shows() {
    let count = std::env::var("SYNC_SEQUENCES").map_or(60, |count| count.parse().unwrap());
    for sequence in 1..=count {
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(sequence) | 1;
        let (folder, site) = (TempDir::new().unwrap(), site(8));
        let file = folder.path().join("site.db");
        let mut next = 9;
        for _ in 0..6 {
            for _ in 0..random(&mut seed) % 6 {
                let ids: Vec<u32> = site.0.lock().unwrap().pages.keys().copied().collect();
                let id = ids[random(&mut seed) as usize % ids.len()];
                match random(&mut seed) % 8 {
                    0 => {
                        let mut state = site.0.lock().unwrap();
                        state.now += 1;
                        let page = page(next, state.now);
                        state.pages.insert(next, page);
                        next += 1;
                    }
                    1 => change(&site, id, |page| {
                        page.version += 1;
                        page.body = format!("body {id} of {}", page.version);
                    }),
                    2 => change(&site, id, |page| page.is_trashed = true),
                    // A move, a restriction, and the end of each: the version is as before.
                    3 => site.0.lock().unwrap().pages.get_mut(&id).unwrap().space += 1,
                    4 => site.0.lock().unwrap().pages.get_mut(&id).unwrap().is_hidden = true,
                    5 => {
                        let mut state = site.0.lock().unwrap();
                        let page = state.pages.get_mut(&id).unwrap();
                        page.is_hidden = false;
                        page.is_trashed = false;
                    }
                    6 => {
                        let label = format!("label {}", random(&mut seed) % 4);
                        let mut state = site.0.lock().unwrap();
                        let labels = &mut state.pages.get_mut(&id).unwrap().labels;
                        if !labels.remove(&label) {
                            labels.insert(label);
                        }
                    }
                    _ if ids.len() > 4 => {
                        site.0.lock().unwrap().pages.remove(&id);
                    }
                    _ => {}
                }
            }
            if random(&mut seed).is_multiple_of(3) {
                site.0.lock().unwrap().fails_after = Some(random(&mut seed) % 12);
                run(&site, &file).await;
                site.0.lock().unwrap().fails_after = None;
            }
        }
        // Deletions need two lists that are apart; that of nearly everything needs approval.
        for _ in 0..3 {
            run(&site, &file).await;
            later(&site, 11);
            let mut sink = Sqlite::open(&file).unwrap();
            sink.approve("pages", 0).unwrap();
        }
        let report = run(&site, &file).await;
        assert_eq!(report.outcome, RunOutcome::Complete, "sequence {sequence}");
        assert_eq!(pages(&file), site.pages(), "sequence {sequence}");
        assert_eq!(labels(&file), site.labels(), "sequence {sequence}");
    }
}
