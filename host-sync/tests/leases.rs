//! Who a sync belongs to, and that nobody else writes.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use host_runner::{Level, Scope, SyncId, SyncRecords};
use host_sync::{
    Coordinator, HeldLease, HostClock, LeaseError, Owner, RunLease, RunOutcome, SinkError,
    SqliteCoordinator, SyncError, is_busy,
};
use sink_sqlite::Sqlite;
use sink_tests::site::Site;
use sync::{LeasedSink, SyncEvent, SyncRequest};

/// A runner of a state folder, whose clock a test sets.
fn runner(folder: &Path, process: u32, at: &Arc<AtomicI64>) -> Arc<dyn Coordinator> {
    let owner = Owner {
        host: "there".to_owned(),
        process,
    };
    let at = Arc::clone(at);
    let clock = HostClock::new(move || at.load(Ordering::SeqCst));
    Arc::new(SqliteCoordinator::open(&folder.join("leases.db"), owner, clock).unwrap())
}

#[test]
fn a_second_runner_is_told_who_has_the_lease_and_gets_it_once_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let at = Arc::new(AtomicI64::new(1_795_953_605_000));
    let first = runner(folder.path(), 1, &at);
    let second = runner(folder.path(), 2, &at);
    let lease = first.acquire("docs", false).unwrap();
    let lasts = lease.until - lease.since;
    at.fetch_add(lasts - 1, Ordering::SeqCst);
    let refused = second.acquire("docs", false).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "another run holds the sync `docs`: process 1 on host `there`, since 2026-11-29T12:00:05Z"
    );
    // Another sync is another lease.
    second.acquire("other", false).unwrap();
    // A renewed lease lasts longer, and names the same begin.
    let renewed = first.renew(&lease).unwrap();
    assert_eq!((renewed.since, renewed.epoch), (lease.since, 1));
    at.fetch_add(lasts - 1, Ordering::SeqCst);
    second.acquire("docs", false).unwrap_err();
    at.fetch_add(1, Ordering::SeqCst);
    let taken = second.acquire("docs", true).unwrap();
    assert_eq!((taken.epoch, taken.owner.process), (2, 2));
    // The first one has lost it for good.
    for _ in 0..2 {
        let lost = first.renew(&renewed).unwrap_err();
        assert!(matches!(lost, LeaseError::Lost { .. }), "{lost}");
    }
    first.release(&renewed);
    first.acquire("docs", false).unwrap_err();
    // One that has ended, or given it back, is not waited for; epochs never fall.
    assert_eq!(first.acquire("docs", true).unwrap().epoch, 3);
    let again = first.acquire("docs", true).unwrap();
    first.release(&again);
    assert_eq!(second.acquire("docs", false).unwrap().epoch, 5);
}

#[test]
fn a_lock_does_not_end_the_lease_of_an_owner_that_never_held_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = Arc::new(AtomicI64::new(0));
    let hung = runner(folder.path(), 1, &at);
    let lease = hung.acquire("docs", true).unwrap();
    at.store(lease.until, Ordering::SeqCst);
    // It hangs, and keeps the lock: another one takes over its lease, and has no lock.
    let second = runner(folder.path(), 2, &at);
    let taken = second.acquire("docs", false).unwrap();
    // Then the first one ends, and with it the lock, which a third one gets.
    let third = runner(folder.path(), 3, &at);
    for _ in 0..2 {
        let refused = third.acquire("docs", true).unwrap_err();
        assert!(
            matches!(&refused, LeaseError::Held(held) if held.owner.process == 2),
            "{refused}"
        );
    }
    let renewed = second.renew(&taken).unwrap();
    third.acquire("docs", true).unwrap_err();
    at.store(renewed.until, Ordering::SeqCst);
    assert_eq!(third.acquire("docs", true).unwrap().epoch, 3);
    // That one holds the lock: who gets it after it knows that it has ended.
    let fourth = runner(folder.path(), 4, &at);
    fourth.acquire("docs", false).unwrap_err();
    assert_eq!(fourth.acquire("docs", true).unwrap().epoch, 4);
}

#[test]
fn leases_of_an_older_version_last_until_their_end() {
    let folder = tempfile::tempdir().unwrap();
    let older = rusqlite::Connection::open(folder.path().join("leases.db")).unwrap();
    older
        .execute_batch(
            "CREATE TABLE leases (sync TEXT PRIMARY KEY, epoch INTEGER NOT NULL, \
             host TEXT NOT NULL, process INTEGER NOT NULL, since INTEGER NOT NULL, \
             until INTEGER NOT NULL) STRICT; \
             INSERT INTO leases VALUES ('docs', 6, 'there', 1, 0, 60000)",
        )
        .unwrap();
    let at = Arc::new(AtomicI64::new(59_999));
    for process in [2, 3] {
        let refused = runner(folder.path(), process, &at).acquire("docs", true);
        assert!(matches!(refused, Err(LeaseError::Held(_))), "{refused:?}");
    }
    at.store(60_000, Ordering::SeqCst);
    let lease = runner(folder.path(), 2, &at).acquire("docs", true).unwrap();
    assert_eq!(lease.epoch, 7);
}

#[test]
fn a_lease_that_nobody_took_over_is_renewed_after_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let at = Arc::new(AtomicI64::new(0));
    let first = runner(folder.path(), 1, &at);
    let held = HeldLease::acquire(Arc::clone(&first), "docs", false).unwrap();
    at.store(held.lease().until + 3_600_000, Ordering::SeqCst);
    held.renew().unwrap();
    runner(folder.path(), 2, &at)
        .acquire("docs", false)
        .unwrap_err();
    drop(held);
    runner(folder.path(), 2, &at)
        .acquire("docs", false)
        .unwrap();
}

#[tokio::test]
async fn a_runner_that_was_paused_for_longer_than_its_lease_commits_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("site.db");
    let at = Arc::new(AtomicI64::new(0));
    let site = Site::with_pages(30);
    let request = SyncRequest::default();
    let rows = || {
        let database = rusqlite::Connection::open(&file).unwrap();
        let rows = database.query_row("SELECT count(*) FROM pages", [], |row| row.get(0));
        rows.unwrap_or(0_i64)
    };
    let first = HeldLease::acquire(runner(folder.path(), 1, &at), "docs", false).unwrap();
    let mut sink = Sqlite::open(&file).unwrap();
    let mut leased = LeasedSink::new(&mut sink, &first);
    let mut second = None;
    let mut when_paused = 0;
    let ended = sync::sync(&site, &mut leased, &request, &|| 0, &mut |event| {
        let SyncEvent::Committed {
            stream: "pages", ..
        } = event
        else {
            return;
        };
        if second.is_none() {
            // The process sleeps, and another one takes over.
            at.fetch_add(first.lease().until + 1, Ordering::SeqCst);
            let taken = HeldLease::acquire(runner(folder.path(), 2, &at), "docs", false);
            second = Some(taken.unwrap());
            when_paused = rows();
        }
    })
    .await;
    let error = ended.unwrap_err();
    assert!(
        matches!(error, SyncError::Sink(SinkError::Superseded { .. })),
        "{error}"
    );
    assert!(is_busy(&error));
    assert!(when_paused > 0 && when_paused < 30, "{when_paused}");
    assert_eq!(rows(), when_paused);
    drop(sink);
    // The one that took over continues.
    let second = second.unwrap();
    let mut sink = Sqlite::open(&file).unwrap();
    let mut leased = LeasedSink::new(&mut sink, &second);
    let report = sync::sync(&site, &mut leased, &request, &|| 0, &mut |_| ()).await;
    assert_eq!(report.unwrap().outcome, RunOutcome::Complete);
    assert_eq!(rows(), 30);
}

#[test]
fn a_defined_sync_has_one_run_at_a_time_and_none_after_its_process_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let records = SyncRecords::of_state(folder.path());
    let id = SyncId {
        level: Scope::default().path(Level::App),
        name: "docs".parse().unwrap(),
    };
    let lease = RunLease::begin(&records, &id).unwrap();
    assert!(records.is_running(&id));
    let error = SyncError::from(RunLease::begin(&records, &id).unwrap_err());
    let process = format!("process {} on host", std::process::id());
    assert!(error.to_string().contains(&process), "{error}");
    assert!(is_busy(&error));
    // That run was not made, and is not recorded.
    assert!(!lease.record(&Err(error)).unwrap());
    assert_eq!(records.get(&id).unwrap().last, None);
    assert_eq!(lease.lease().epoch, 1);
    // As if the process were killed: the system ends its lock, and nobody its lease.
    let database = folder.path().join("syncs").join("leases.db");
    drop(lease);
    let database = rusqlite::Connection::open(database).unwrap();
    database
        .execute("UPDATE leases SET until = 1 << 60", [])
        .unwrap();
    let lease = RunLease::begin(&records, &id).unwrap();
    assert_eq!(lease.lease().epoch, 2);
}
