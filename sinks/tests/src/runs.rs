//! What every sink has to pass: runs from a site in memory, and what the copy has then.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future as _;
use std::task::Poll;

use sync::{BudgetLimit, RunOutcome, Sink, SyncReport, SyncRequest};

use crate::comments::Comments;
use crate::site::{Page, Site, key, page};

/// A copy of a site, in a sink of its own.
pub trait SiteCopy {
    /// Whether rows that are out of scope are told apart from others by the copy itself.
    const MARKS: bool = true;

    /// Of the cases of tests that have hundreds of runs, one in so many is tried.
    const CASES: usize = 1;

    /// Whether this machine has what the tests need. A copy that says no prints why.
    fn can_be_tested() -> bool {
        true
    }

    /// An empty one.
    async fn new() -> Self;

    /// Its sink, as a new process opens it.
    async fn sink(&self) -> Box<dyn Sink>;

    /// The values of these columns of the live rows of a stream that are in scope, as text, in any order.
    async fn rows(&self, stream: &str, columns: &[&str]) -> Vec<Vec<String>>;

    /// The keys of the deleted rows of a stream, and why they are deleted.
    async fn tombstones(&self, stream: &str) -> BTreeMap<String, String>;
}

/// Makes tests of all that a copy of this type has to pass.
#[macro_export]
macro_rules! sink_tests {
    ($copy:ty) => {
        $crate::sink_tests!($copy:
            a_copy_has_what_the_site_has_and_a_second_run_changes_nothing
            a_run_counts_each_row_once_whatever_number_of_passes_read_it
            bodies_that_are_wanted_later_are_read_for_rows_that_have_not_changed
            what_is_edited_trashed_restored_and_labelled_arrives_with_the_next_run
            a_row_that_is_gone_is_deleted_once_two_lists_ten_minutes_apart_lack_it
            a_row_that_a_list_leaves_out_is_looked_up_and_stays
            many_deletions_at_once_wait_until_they_are_approved
            a_hold_that_a_later_list_contradicts_disappears
            a_run_that_fails_anywhere_deletes_nothing_and_the_next_one_completes_it
            labels_that_an_index_omits_are_read_page_by_page_and_not_deleted
            labels_that_an_index_still_has_of_pages_that_are_gone_do_not_come_back
            replies_are_read_where_a_survey_shows_others_than_are_known
            a_run_that_is_dropped_anywhere_is_completed_by_the_next_one
            an_interrupted_run_is_recorded_with_what_it_did
            two_runs_never_write_at_once
            a_run_that_its_budget_ends_deletes_nothing_and_the_next_one_goes_on
            small_budgets_complete_a_copy_together
            a_stream_that_is_reset_loses_rows_once_the_new_reading_is_complete
            many_rows_that_a_new_reading_lacks_wait_until_they_are_approved
            a_plan_says_what_the_next_run_costs_and_asks_the_site_nothing
            a_row_that_cannot_be_read_is_named_and_read_again_later
            a_row_that_cannot_be_read_and_is_deleted_is_no_failure_any_more
            after_any_changes_and_clean_runs_the_copy_is_what_the_site_shows
        );
        $crate::filter_tests!($copy);
        $crate::naming_tests!($copy);
        $crate::file_tests!($copy);
        $crate::lane_tests!($copy);
        $crate::belonging_tests!($copy);
        $crate::generation_tests!($copy);
    };
    ($copy:ty: $($name:ident)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                if <$copy as $crate::SiteCopy>::can_be_tested() {
                    $crate::runs::$name::<$copy>().await;
                }
            }
        )*
    };
}

pub(crate) fn request() -> SyncRequest {
    let mut request = SyncRequest::default();
    request.bodies = Some("storage".to_owned());
    request.cadences.details = 0;
    request.at_once = 2;
    request
}

pub(crate) async fn run(site: &Site, copy: &impl SiteCopy) -> SyncReport {
    run_with(site, copy, &request()).await
}

pub(crate) async fn run_with(
    site: &Site,
    copy: &impl SiteCopy,
    request: &SyncRequest,
) -> SyncReport {
    let mut sink = copy.sink().await;
    sync::sync(site, sink.as_mut(), request, &|| 0, &mut |_| ())
        .await
        .unwrap()
}

/// The live rows of a copy.
pub(crate) async fn pages(copy: &impl SiteCopy) -> BTreeMap<String, (String, i64, String)> {
    let columns = ["id", "title", "version__number", "body"];
    let rows = copy.rows("pages", &columns).await;
    rows.into_iter()
        .map(|row| {
            let [id, title, version, body] = <[String; 4]>::try_from(row).unwrap();
            (id, (title, version.parse().unwrap(), body))
        })
        .collect()
}

async fn labels(copy: &impl SiteCopy) -> BTreeSet<String> {
    let rows = copy.rows("page_labels", &["id"]).await;
    rows.into_iter().flatten().collect()
}

pub(crate) fn later(site: &Site, minutes: i64) {
    site.0.lock().unwrap().now += minutes;
}

pub(crate) fn change(site: &Site, id: u32, change: impl FnOnce(&mut Page)) {
    let mut state = site.0.lock().unwrap();
    state.now += 1;
    let now = state.now;
    let page = state.pages.get_mut(&id).unwrap();
    page.modified = now;
    change(page);
}

/// See its name.
pub async fn a_copy_has_what_the_site_has_and_a_second_run_changes_nothing<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(10));
    let first = run(&site, &copy).await;
    assert_eq!(first.outcome, RunOutcome::Complete);
    assert_eq!(pages(&copy).await, site.pages());
    assert_eq!(labels(&copy).await, site.labels());
    let second = run(&site, &copy).await;
    let changed: u64 = second
        .streams
        .iter()
        .map(|stream| stream.counts.inserted + stream.counts.updated + stream.counts.deleted)
        .sum();
    assert_eq!((second.outcome, changed), (RunOutcome::Complete, 0));
}

/// New, changed, deleted and unchanged rows of a stream.
fn counts_of(report: &SyncReport, stream: &str) -> [u64; 4] {
    let mut streams = report.streams.iter();
    let counts = streams.find(|one| one.stream == stream).unwrap().counts;
    [
        counts.inserted,
        counts.updated,
        counts.deleted,
        counts.unchanged,
    ]
}

/// See its name.
pub async fn a_run_counts_each_row_once_whatever_number_of_passes_read_it<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(10));
    let first = run(&site, &copy).await;
    assert_eq!(counts_of(&first, "pages"), [10, 0, 0, 0]);
    assert_eq!(counts_of(&first, "page_labels"), [10, 0, 0, 0]);
    change(&site, 3, |page| page.version = 2);
    // Its label goes with it.
    change(&site, 4, |page| page.is_trashed = true);
    change(&site, 5, |page| {
        page.labels.insert("more".to_owned());
    });
    site.0.lock().unwrap().pages.insert(11, page(11, 1_000));
    let second = run(&site, &copy).await;
    assert_eq!(counts_of(&second, "pages")[..3], [1, 1, 1]);
    assert_eq!(counts_of(&second, "pages")[3], 8);
    assert_eq!(counts_of(&second, "page_labels"), [2, 0, 1, 9]);
    // All rows are written again, and the one that has changed no more often than the others.
    change(&site, 6, |page| page.version = 2);
    let all = ["pages", "page_labels"].map(str::to_owned);
    copy.sink().await.reset(&all, 0).await.unwrap();
    let third = run(&site, &copy).await;
    assert_eq!(counts_of(&third, "pages"), [0, 10, 0, 0]);
    assert_eq!(counts_of(&third, "page_labels")[2..], [0, 0]);
    // A run that reads no list says the same of the rows that it leaves alone.
    let mut rare = request();
    rare.cadences.census = 24 * 60 * 60 * 1_000;
    rare.cadences.details = rare.cadences.census;
    let fourth = run_with(&site, &copy, &rare).await;
    assert_eq!(counts_of(&fourth, "pages"), [0, 0, 0, 10]);
    assert_eq!(counts_of(&fourth, "page_labels"), [0, 0, 0, 11]);
    for report in [&first, &second, &third, &fourth] {
        let recorded = copy.sink().await.runs(10).await.unwrap();
        let recorded = recorded.iter().find(|one| one.run == report.run).unwrap();
        let of_all = |count: fn(&sync::Counts) -> u64| {
            let counts = report.streams.iter().map(|one| count(&one.counts));
            i64::try_from(counts.sum::<u64>()).ok()
        };
        assert_eq!(recorded.inserted, of_all(|counts| counts.inserted));
        assert_eq!(recorded.unchanged, of_all(|counts| counts.unchanged));
    }
    // What the copy has is what is new, changed or unchanged.
    let status = copy.sink().await.streams().await.unwrap();
    let live = status.iter().map(|one| (one.stream.as_str(), one.live));
    assert_eq!(
        live.collect::<Vec<_>>(),
        [("page_labels", 11), ("pages", 10)]
    );
}

/// See its name.
pub async fn bodies_that_are_wanted_later_are_read_for_rows_that_have_not_changed<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(10));
    let mut without = request();
    without.bodies = None;
    run_with(&site, &copy, &without).await;
    // It fails in between: what is left of it is read by the next one.
    site.0.lock().unwrap().fails_after = Some(3);
    run(&site, &copy).await;
    site.0.lock().unwrap().fails_after = None;
    run(&site, &copy).await;
    assert_eq!(pages(&copy).await, site.pages());
    let again = run(&site, &copy).await;
    assert_eq!(again.streams[0].counts.updated, 0);
}

/// See its name.
pub async fn what_is_edited_trashed_restored_and_labelled_arrives_with_the_next_run<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(10));
    run(&site, &copy).await;
    change(&site, 3, |page| {
        page.version = 2;
        page.body = "new".to_owned();
    });
    change(&site, 4, |page| page.is_trashed = true);
    change(&site, 5, |page| {
        page.labels.insert("more".to_owned());
    });
    run(&site, &copy).await;
    assert_eq!(pages(&copy).await, site.pages());
    assert_eq!(labels(&copy).await, site.labels());
    assert_eq!(
        copy.tombstones("pages").await,
        BTreeMap::from([(key(4), "trashed".to_owned())])
    );
    // Its version is as before: only the list of all shows that it is there again.
    site.0.lock().unwrap().pages.get_mut(&4).unwrap().is_trashed = false;
    run(&site, &copy).await;
    assert_eq!(pages(&copy).await, site.pages());
    assert_eq!(labels(&copy).await, site.labels());
}

async fn failures(copy: &impl SiteCopy) -> Vec<(String, i64)> {
    let mut sink = copy.sink().await;
    let failures = sink.failures().await.unwrap();
    failures
        .into_iter()
        .map(|failure| (failure.key, failure.attempts))
        .collect()
}

fn poison(site: &Site, id: u32) {
    site.0.lock().unwrap().poisoned.insert(id);
}

/// See its name.
pub async fn a_row_that_cannot_be_read_is_named_and_read_again_later<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(10));
    poison(&site, 4);
    let mut expected = site.pages();
    expected.remove(&key(4));
    let first = run(&site, &copy).await;
    assert_eq!(first.outcome, RunOutcome::Partial);
    assert_eq!(first.streams[0].failed, 1);
    assert_eq!(pages(&copy).await, expected);
    assert_eq!(failures(&copy).await, [(key(4), 1)]);
    // A row that was read before keeps what it had, and is not taken for missing.
    poison(&site, 6);
    change(&site, 6, |page| page.version = 2);
    later(&site, 11);
    for _ in 0..3 {
        assert_eq!(run(&site, &copy).await.outcome, RunOutcome::Partial);
        later(&site, 5);
        assert_eq!(copy.tombstones("pages").await, BTreeMap::new());
    }
    assert_eq!(pages(&copy).await, expected);
    let named = failures(&copy).await;
    assert_eq!(named.len(), 2);
    assert!(
        named.iter().all(|(_, attempts)| *attempts <= 3),
        "{named:?}"
    );
    // The rest of the stream goes on.
    change(&site, 7, |page| {
        page.version = 2;
        page.body = "new".to_owned();
    });
    run(&site, &copy).await;
    assert_eq!(pages(&copy).await[&key(7)].2, "new");
    site.0.lock().unwrap().poisoned.clear();
    later(&site, 24 * 60);
    assert_eq!(run(&site, &copy).await.outcome, RunOutcome::Complete);
    assert_eq!(pages(&copy).await, site.pages());
    assert_eq!(failures(&copy).await, []);
}

/// See its name.
pub async fn a_row_that_cannot_be_read_and_is_deleted_is_no_failure_any_more<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(10));
    poison(&site, 4);
    // One that no list of keys ever shows.
    poison(&site, 8);
    run(&site, &copy).await;
    site.0.lock().unwrap().pages.remove(&8);
    poison(&site, 5);
    change(&site, 5, |page| page.version = 2);
    run(&site, &copy).await;
    assert_eq!(failures(&copy).await.len(), 3);
    for id in [4, 5] {
        site.0.lock().unwrap().pages.remove(&id);
    }
    later(&site, 60);
    run(&site, &copy).await;
    later(&site, 60);
    run(&site, &copy).await;
    assert_eq!(run(&site, &copy).await.outcome, RunOutcome::Complete);
    assert_eq!(failures(&copy).await, []);
    assert_eq!(pages(&copy).await, site.pages());
}

/// See its name.
pub async fn a_row_that_is_gone_is_deleted_once_two_lists_ten_minutes_apart_lack_it<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(10));
    run(&site, &copy).await;
    site.0.lock().unwrap().pages.remove(&7);
    let second = run(&site, &copy).await;
    assert_eq!(second.streams[0].suspected, 1);
    assert!(pages(&copy).await.contains_key(&key(7)));
    later(&site, 11);
    run(&site, &copy).await;
    assert_eq!(pages(&copy).await, site.pages());
    assert_eq!(labels(&copy).await, site.labels());
    let reason = "purged-or-hidden".to_owned();
    assert_eq!(
        copy.tombstones("pages").await,
        BTreeMap::from([(key(7), reason)])
    );
}

/// See its name.
pub async fn a_row_that_a_list_leaves_out_is_looked_up_and_stays<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(10));
    run(&site, &copy).await;
    site.0.lock().unwrap().unlisted.insert(7);
    for _ in 0..3 {
        later(&site, 20);
        let report = run(&site, &copy).await;
        assert_eq!(report.streams[0].suspected, 0);
        assert_eq!(pages(&copy).await, site.pages());
    }
}

/// See its name.
pub async fn many_deletions_at_once_wait_until_they_are_approved<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(60));
    run(&site, &copy).await;
    let all = pages(&copy).await;
    for id in 1..=30 {
        site.0.lock().unwrap().pages.get_mut(&id).unwrap().is_hidden = true;
    }
    run(&site, &copy).await;
    later(&site, 11);
    let held = run(&site, &copy).await;
    assert_eq!((held.outcome, held.streams[0].held), (RunOutcome::Held, 30));
    assert_eq!(pages(&copy).await, all);
    assert_eq!(copy.tombstones("pages").await, BTreeMap::new());
    let mut sink = copy.sink().await;
    assert_eq!(sink.holds().await.unwrap().len(), 30);
    assert_eq!(sink.approve("pages", 0).await.unwrap(), 30);
    drop(sink);
    later(&site, 11);
    run(&site, &copy).await;
    assert_eq!(pages(&copy).await, site.pages());
}

/// See its name.
pub async fn a_hold_that_a_later_list_contradicts_disappears<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(60));
    run(&site, &copy).await;
    for id in 1..=30 {
        site.0.lock().unwrap().pages.get_mut(&id).unwrap().is_hidden = true;
    }
    run(&site, &copy).await;
    later(&site, 11);
    run(&site, &copy).await;
    for id in 1..=30 {
        site.0.lock().unwrap().pages.get_mut(&id).unwrap().is_hidden = false;
    }
    let report = run(&site, &copy).await;
    assert_eq!(report.outcome, RunOutcome::Complete);
    assert!(copy.sink().await.holds().await.unwrap().is_empty());
    assert_eq!(pages(&copy).await, site.pages());
}

/// See its name.
pub async fn a_run_that_fails_anywhere_deletes_nothing_and_the_next_one_completes_it<
    C: SiteCopy,
>() {
    // The run has some thirty steps; it fails at each of them once.
    for steps in 0..30 {
        let (copy, site) = (C::new().await, Site::with_pages(20));
        run(&site, &copy).await;
        change(&site, 2, |page| {
            page.version = 2;
            page.body = "new".to_owned();
        });
        site.0.lock().unwrap().pages.insert(100, page(100, 1));
        site.0.lock().unwrap().fails_after = Some(steps);
        let report = run(&site, &copy).await;
        assert_eq!(copy.tombstones("pages").await, BTreeMap::new());
        assert!(pages(&copy).await.len() >= 20);
        let reached = site.0.lock().unwrap().fails_after.take();
        // The last step that succeeded may have been the last of all.
        if reached.is_some_and(|left| left > 0) {
            assert_eq!(report.outcome, RunOutcome::Complete, "{steps}");
        }
        let report = run(&site, &copy).await;
        assert_eq!(report.outcome, RunOutcome::Complete);
        assert_eq!(pages(&copy).await, site.pages(), "{steps}");
        assert_eq!(labels(&copy).await, site.labels(), "{steps}");
    }
}

/// See its name.
pub async fn labels_that_an_index_omits_are_read_page_by_page_and_not_deleted<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(12));
    {
        let mut state = site.0.lock().unwrap();
        state.has_index = true;
        state.unindexed.extend([3, 4]);
        state.pages.get_mut(&9).unwrap().labels.clear();
    }
    run(&site, &copy).await;
    assert_eq!(labels(&copy).await, site.labels());
    site.0.lock().unwrap().unindexed = BTreeSet::from([4, 5, 6]);
    change(&site, 7, |page| page.labels.clear());
    run(&site, &copy).await;
    assert_eq!(labels(&copy).await, site.labels());
    change(&site, 6, |page| page.labels.clear());
    run(&site, &copy).await;
    assert_eq!(labels(&copy).await, site.labels());
    // Nothing of it changes, so that the list of all labels is all that is read of them.
    let before = site.0.lock().unwrap().requests;
    site.0.lock().unwrap().unindexed.clear();
    run(&site, &copy).await;
    assert_eq!(labels(&copy).await, site.labels());
    assert!(site.0.lock().unwrap().requests - before < 10);
}

/// See its name.
pub async fn labels_that_an_index_still_has_of_pages_that_are_gone_do_not_come_back<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(12));
    site.0.lock().unwrap().has_index = true;
    run(&site, &copy).await;
    change(&site, 3, |page| page.is_hidden = true);
    change(&site, 5, |page| page.is_trashed = true);
    site.0.lock().unwrap().lagging.extend([3, 5]);
    for _ in 0..3 {
        later(&site, 11);
        run(&site, &copy).await;
    }
    assert_eq!(pages(&copy).await, site.pages());
    assert_eq!(labels(&copy).await, site.labels());
    // It was a permission that was missing.
    change(&site, 3, |page| page.is_hidden = false);
    run(&site, &copy).await;
    assert_eq!(pages(&copy).await, site.pages());
    assert_eq!(labels(&copy).await, site.labels());
}

/// A run that is dropped once it was polled so often. Returns whether it had ended before.
async fn run_dropped_after(polls: u32, site: &Site, copy: &impl SiteCopy) -> bool {
    dropped_after(polls, site, copy, &request()).await
}

/// Runs until it was polled so often. Whether it ended before.
pub(crate) async fn dropped_after(
    polls: u32,
    site: &dyn source::Source,
    copy: &impl SiteCopy,
    request: &SyncRequest,
) -> bool {
    let mut sink = copy.sink().await;
    let mut tell = |_: sync::SyncEvent<'_>| ();
    let mut running = Box::pin(sync::sync(site, sink.as_mut(), request, &|| 0, &mut tell));
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        running.as_mut().poll(context).map(|ended| {
            ended.unwrap();
            true
        })
    })
    .await
}

/// See its name.
pub async fn a_run_that_is_dropped_anywhere_is_completed_by_the_next_one<C: SiteCopy>() {
    let mut polls = 1;
    loop {
        let (copy, site) = (C::new().await, Site::with_pages(20));
        run_dropped_after(polls, &site, &copy).await;
        change(&site, 2, |page| {
            page.version = 2;
            page.body = "new".to_owned();
            page.labels.clear();
        });
        change(&site, 4, |page| page.is_trashed = true);
        site.0.lock().unwrap().pages.insert(100, page(100, 1));
        let has_ended = run_dropped_after(polls, &site, &copy).await;
        // The list goes on where it was dropped, and may have had the page that is in the trash
        // before: only the list after it shows that it is gone.
        for _ in 0..2 {
            let report = run(&site, &copy).await;
            assert_eq!(report.outcome, RunOutcome::Complete, "{polls}");
        }
        assert_eq!(pages(&copy).await, site.pages(), "{polls}");
        assert_eq!(labels(&copy).await, site.labels(), "{polls}");
        if has_ended {
            break;
        }
        // Each poll of a run in memory; of a longer one, such that there are some dozens.
        polls += 1 + polls / 16;
    }
}

/// See its name.
pub async fn an_interrupted_run_is_recorded_with_what_it_did<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(60));
    let mut polls = 0;
    let written = loop {
        polls += 1;
        assert!(!run_dropped_after(polls, &site, &copy).await);
        // Tables are not there before a run has come far enough to make them.
        let mut sink = copy.sink().await;
        let mut written = 0;
        for stream in ["pages", "page_labels"] {
            let live = sink.live(stream).await.unwrap();
            written += live.into_iter().map(|(_, rows)| rows).sum::<u64>();
        }
        if written > 0 {
            break written;
        }
    };
    run(&site, &copy).await;
    let runs = copy.sink().await.runs(2).await.unwrap();
    let interrupted = &runs[1];
    assert_eq!(interrupted.outcome.as_deref(), Some("interrupted"));
    let counts = [
        interrupted.inserted,
        interrupted.updated,
        interrupted.unchanged,
        interrupted.deleted,
    ];
    let written = i64::try_from(written).unwrap();
    assert_eq!(counts, [Some(written), Some(0), Some(0), Some(0)]);
}

fn limited(max_requests: u64) -> SyncRequest {
    let mut request = request();
    request.budget.max_requests = Some(max_requests);
    request
}

/// See its name.
pub async fn a_run_that_its_budget_ends_deletes_nothing_and_the_next_one_goes_on<C: SiteCopy>() {
    let mut stopped = 0;
    for max_requests in 1..12 {
        let (copy, site) = (C::new().await, Site::with_pages(10));
        run(&site, &copy).await;
        change(&site, 4, |page| page.is_hidden = true);
        run(&site, &copy).await;
        later(&site, 11);
        let report = run_with(&site, &copy, &limited(max_requests)).await;
        assert!(report.requests <= max_requests, "{report:?}");
        if report.stopped_by.is_some() {
            stopped += 1;
            assert_eq!(report.outcome, RunOutcome::Partial);
            assert_eq!(report.stopped_by, Some(BudgetLimit::Requests));
            let is_listed = report.streams[0].passes.values().all(|cost| cost.is_whole);
            if !is_listed || report.streams[0].is_stopped {
                assert_eq!(copy.tombstones("pages").await, BTreeMap::new());
            }
            let runs = copy.sink().await.runs(1).await.unwrap();
            assert_eq!(runs[0].stopped_by().as_deref(), Some("max-requests"));
        }
        let report = run(&site, &copy).await;
        assert_eq!(
            (report.outcome, report.stopped_by),
            (RunOutcome::Complete, None)
        );
        assert_eq!(pages(&copy).await, site.pages());
        let gone = copy.tombstones("pages").await;
        assert_eq!(gone.keys().collect::<Vec<_>>(), [&key(4)]);
    }
    assert!(stopped > 5, "{stopped}");
}

/// See its name.
pub async fn small_budgets_complete_a_copy_together<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(10));
    for _ in 0..30 {
        let report = run_with(&site, &copy, &limited(2)).await;
        assert!(report.requests <= 2, "{report:?}");
    }
    assert_eq!(pages(&copy).await, site.pages());
    assert_eq!(labels(&copy).await, site.labels());
}

async fn reset(copy: &impl SiteCopy, patterns: &[&str]) -> Vec<String> {
    let patterns: Vec<String> = patterns.iter().map(|it| (*it).to_owned()).collect();
    let mut sink = copy.sink().await;
    sync::reset(sink.as_mut(), &patterns, 0).await.unwrap()
}

/// See its name.
pub async fn a_stream_that_is_reset_loses_rows_once_the_new_reading_is_complete<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(10));
    run(&site, &copy).await;
    change(&site, 4, |page| page.is_hidden = true);
    assert_eq!(reset(&copy, &["pages"]).await, ["pages"]);
    for max_requests in [1, 2] {
        run_with(&site, &copy, &limited(max_requests)).await;
        assert_eq!(copy.tombstones("pages").await, BTreeMap::new());
        assert_eq!(pages(&copy).await.len(), 10);
    }
    let report = run(&site, &copy).await;
    assert_eq!(report.outcome, RunOutcome::Complete);
    assert_eq!(pages(&copy).await, site.pages());
    assert_eq!(reset(&copy, &[]).await.len(), 2);
    let report = run(&site, &copy).await;
    // All of them are written again, and the run after that is as any other.
    let labels = site.labels().len() as u64;
    let updated: Vec<u64> = report.streams.iter().map(|it| it.counts.updated).collect();
    assert_eq!(updated, [9, labels]);
    let report = run(&site, &copy).await;
    assert!(report.streams.iter().all(|it| it.counts.updated == 0));
    assert_eq!(pages(&copy).await, site.pages());
}

/// See its name.
pub async fn many_rows_that_a_new_reading_lacks_wait_until_they_are_approved<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(30));
    run(&site, &copy).await;
    for id in 1..=25 {
        change(&site, id, |page| page.is_hidden = true);
    }
    reset(&copy, &["pages"]).await;
    assert_eq!(run(&site, &copy).await.outcome, RunOutcome::Held);
    assert_eq!(pages(&copy).await.len(), 30);
    let approved = copy.sink().await.approve("pages", 0).await.unwrap();
    assert_eq!(approved, 25);
    later(&site, 11);
    assert_eq!(run(&site, &copy).await.outcome, RunOutcome::Complete);
    assert_eq!(pages(&copy).await, site.pages());
}

/// Long after all that happens in a test.
const LATER: i64 = 4_000_000_000_000;

/// See its name.
pub async fn a_plan_says_what_the_next_run_costs_and_asks_the_site_nothing<C: SiteCopy>() {
    for has_index in [false, true] {
        let (copy, site) = (C::new().await, Site::with_pages(20));
        site.0.lock().unwrap().has_index = has_index;
        let full = {
            let mut request = request();
            request.full = true;
            request
        };
        let empty = sync::plan(&site, None, &request(), LATER).await.unwrap();
        assert_eq!(empty.next.known.requests, 0);
        assert!(empty.next.unknown > 0, "{empty:?}");
        assert_eq!(empty.next.time, None);
        run(&site, &copy).await;
        for request in [request(), full.clone(), request(), full] {
            let before = site.0.lock().unwrap().requests;
            let mut sink = copy.sink().await;
            let plan = sync::plan(&site, Some(sink.as_mut()), &request, LATER).await;
            drop(sink);
            let plan = plan.unwrap();
            assert_eq!(site.0.lock().unwrap().requests, before);
            let report = run_with(&site, &copy, &request).await;
            let planned = (plan.next.known.requests, plan.next.unknown);
            assert_eq!(planned, (report.requests, 0), "{plan:#?} {report:#?}");
            assert_eq!(plan.first.unknown, 0, "{plan:#?}");
        }
    }
}

/// See its name.
pub async fn two_runs_never_write_at_once<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(4));
    let mut first = copy.sink().await;
    let new = sync::NewRun {
        started: 0,
        settings: String::new(),
        naming: None,
    };
    first.begin(&new).await.unwrap();
    let mut second = copy.sink().await;
    let refused = sync::sync(&site, second.as_mut(), &request(), &|| 0, &mut |_| ()).await;
    assert!(refused.unwrap_err().to_string().contains("another run"));
    drop(first);
    assert_eq!(run(&site, &copy).await.outcome, RunOutcome::Complete);
}

/// A number that looks random, and is the same each time.
pub(crate) fn random(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

/// See its name.
pub async fn after_any_changes_and_clean_runs_the_copy_is_what_the_site_shows<C: SiteCopy>() {
    let count = std::env::var("SYNC_SEQUENCES").map_or(60, |count| count.parse().unwrap());
    for sequence in 1..=count {
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(sequence) | 1;
        let (copy, site) = (C::new().await, Site::with_pages(8));
        let mut next = 9;
        let has_index = sequence.is_multiple_of(2);
        site.0.lock().unwrap().has_index = has_index;
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
            let omitted = random(&mut seed);
            site.0.lock().unwrap().unindexed =
                (0..32).filter(|id| omitted >> id & 1 == 1).collect();
            if random(&mut seed).is_multiple_of(3) {
                site.0.lock().unwrap().fails_after = Some(random(&mut seed) % 12);
                run(&site, &copy).await;
                site.0.lock().unwrap().fails_after = None;
            }
        }
        // Deletions need two lists that are apart; that of nearly everything needs approval.
        for _ in 0..3 {
            run(&site, &copy).await;
            later(&site, 11);
            let mut sink = copy.sink().await;
            sink.approve("pages", 0).await.unwrap();
        }
        // New labels of a page that the index omits are found by a run that reads everything.
        let mut all = request();
        all.full = has_index;
        let report = run_with(&site, &copy, &all).await;
        assert_eq!(report.outcome, RunOutcome::Complete, "sequence {sequence}");
        assert_eq!(pages(&copy).await, site.pages(), "sequence {sequence}");
        assert_eq!(labels(&copy).await, site.labels(), "sequence {sequence}");
    }
}

pub async fn replies_are_read_where_a_survey_shows_others_than_are_known<C: SiteCopy>() {
    let (site, copy) = (Comments::with_roots(40), C::new().await);
    for (id, above) in [(101, 1), (102, 1), (103, 2), (104, 103)] {
        site.add(id, Some(above));
    }
    site.0.lock().unwrap().unindexed.insert(7);
    let hours = std::sync::atomic::AtomicI64::new(0);
    let run = async || {
        let mut request = SyncRequest::default();
        request.cadences.replies = 0;
        let mut sink = copy.sink().await;
        let hour = hours.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let now = || hour * 3_600_000;
        let report = sync::sync(&site, sink.as_mut(), &request, &now, &mut |_| ()).await;
        assert_eq!(report.unwrap().outcome, RunOutcome::Complete);
        let mut asked = site.asked();
        asked.sort_unstable();
        asked
    };
    let equals = async |when: &str| {
        let rows = copy.rows("comments", &["id", "version__number"]).await;
        let rows: BTreeSet<(String, String)> = rows
            .into_iter()
            .map(|row| <[String; 2]>::try_from(row).unwrap().into())
            .collect();
        assert_eq!(rows, site.rows(), "{when}");
    };
    // Those with replies, the one that the index leaves out, and one reply that a survey costs more for.
    assert_eq!(run().await, [1, 2, 7, 103, 104]);
    equals("first").await;
    // Nothing is different from what is known, but nothing is known of what the index leaves out.
    assert_eq!(run().await, Vec::<u32>::new());
    equals("unchanged").await;
    // Edited, new, gone, and the first one of a comment that had none.
    let with = |change: &dyn Fn(&mut crate::comments::State)| change(&mut site.0.lock().unwrap());
    with(&|state| state.comments.get_mut(&101).unwrap().version = 2);
    assert_eq!(run().await, [1, 101]);
    equals("edited").await;
    site.add(105, Some(3));
    assert_eq!(run().await, [3, 105]);
    equals("new").await;
    with(&|state| {
        state.comments.remove(&102);
    });
    assert_eq!(run().await, [1]);
    equals("gone").await;
    // That the index leaves a reply out is no proof that it is gone.
    with(&|state| {
        state.unindexed.insert(104);
    });
    assert_eq!(run().await, [103]);
    equals("left out").await;
    assert!(site.0.lock().unwrap().surveys > 3);
}
