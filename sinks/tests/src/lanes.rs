//! Lists that are read in lanes of spaces.

use std::collections::{BTreeMap, BTreeSet};

use sync::{RunOutcome, SyncReport, SyncRequest};

use crate::filters::wiki;
use crate::runs::{SiteCopy, dropped_after};
use crate::site::key;
use crate::wiki::Wiki;

/// Makes the tests of lanes for a [`SiteCopy`].
#[macro_export]
macro_rules! lane_tests {
    ($copy:ty) => {
        $crate::lane_tests!($copy:
            a_first_list_that_is_dropped_anywhere_is_completed_by_the_next_run
            what_a_list_by_space_cannot_show_is_found_and_not_deleted
            a_long_list_is_read_alone_if_the_spaces_of_the_site_cannot_be_listed
            a_list_of_spaces_that_fails_leaves_open_lanes_to_a_later_run_and_other_streams_go_on
            a_list_of_spaces_that_fails_for_the_whole_site_ends_the_run_with_a_report
        );
    };
    ($copy:ty: $($name:ident)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                if <$copy as $crate::SiteCopy>::can_be_tested() {
                    $crate::lanes::$name::<$copy>().await;
                }
            }
        )*
    };
}

fn request() -> SyncRequest {
    let mut request = SyncRequest::default();
    request.streams = vec!["spaces".to_owned(), "pages".to_owned()];
    request.bodies = Some("storage".to_owned());
    request.at_once = 3;
    request
}

async fn run(wiki: &Wiki, copy: &impl SiteCopy) -> SyncReport {
    wiki.0.lock().unwrap().forget_requests();
    let mut sink = copy.sink().await;
    let report = sync::sync(wiki, sink.as_mut(), &request(), &|| 0, &mut |_| ()).await;
    report.unwrap()
}

/// Spaces and titles of the pages of a site, by id.
fn of_site(wiki: &Wiki) -> BTreeMap<String, String> {
    let state = wiki.0.lock().unwrap();
    let pages = state.content.iter();
    let pages = pages.filter(|(_, it)| it.is_page && !it.is_trashed);
    pages.map(|(id, it)| (key(*id), key(it.space))).collect()
}

async fn of_copy(copy: &impl SiteCopy) -> BTreeMap<String, String> {
    let rows = copy.rows("pages", &["id", "space_id"]).await;
    rows.into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect()
}

/// See its name.
pub async fn a_first_list_that_is_dropped_anywhere_is_completed_by_the_next_run<C: SiteCopy>() {
    let mut polls = 1;
    let mut resumed = 0;
    loop {
        let (copy, wiki) = (C::new().await, wiki());
        let has_ended = dropped_after(polls, &wiki, &copy, &request()).await;
        let lanes = |wiki: &Wiki| -> BTreeSet<String> {
            let partitions = wiki.0.lock().unwrap().partitions.clone();
            partitions.into_iter().collect()
        };
        let sent = wiki.0.lock().unwrap().bodies.clone();
        let was_in_lanes = !lanes(&wiki).is_empty();
        {
            let mut state = wiki.0.lock().unwrap();
            let ids: Vec<u32> = state.content.keys().copied().collect();
            state.now += 11;
            let now = state.now;
            let spaces: Vec<u32> = state.spaces.keys().copied().collect();
            // One moves to another space, and one is new in a space that is new.
            let moved = state.content.get_mut(&ids[3]).unwrap();
            moved.space = *spaces.iter().find(|id| **id != moved.space).unwrap();
            let mut page = state.content[&ids[0]].clone();
            (page.space, page.modified, page.parent) = (77, now, None);
            state.spaces.insert(77, "NEW".to_owned());
            state.content.insert(900, page);
            state.content.get_mut(&ids[5]).unwrap().is_trashed = true;
        }
        let mut report = run(&wiki, &copy).await;
        assert_eq!(report.outcome, RunOutcome::Complete, "{polls}");
        if was_in_lanes && !has_ended {
            resumed += 1;
            let again = wiki.0.lock().unwrap().bodies.clone();
            // Whatever was committed is not read again, but what is under way: a step in each lane, and
            // what has changed.
            let twice = again.intersection(&sent).count();
            assert!(twice <= 3 * 4 + 4, "{polls}: {twice} of {}", sent.len());
        }
        for _ in 0..2 {
            wiki.0.lock().unwrap().now += 11;
            report = run(&wiki, &copy).await;
        }
        assert_eq!(report.outcome, RunOutcome::Complete, "{polls}");
        assert_eq!(of_copy(&copy).await, of_site(&wiki), "{polls}");
        if has_ended {
            break;
        }
        polls += 1 + polls / 16;
    }
    assert!(resumed > 0);
}

/// See its name.
pub async fn what_a_list_by_space_cannot_show_is_found_and_not_deleted<C: SiteCopy>() {
    let (copy, wiki) = (C::new().await, wiki());
    let hidden = {
        let mut state = wiki.0.lock().unwrap();
        let (hidden, _) = state.spaces.pop_first().unwrap();
        hidden
    };
    run(&wiki, &copy).await;
    assert!(wiki.0.lock().unwrap().partitions.len() > 1);
    for _ in 0..3 {
        wiki.0.lock().unwrap().now += 11;
        let report = run(&wiki, &copy).await;
        assert_eq!(report.outcome, RunOutcome::Complete, "{report:?}");
    }
    let pages = of_copy(&copy).await;
    assert!(pages.values().any(|space| *space == key(hidden)));
    assert_eq!(pages, of_site(&wiki));
    assert_eq!(copy.tombstones("pages").await, BTreeMap::new());
}

/// Of pages and blog posts alone, so that the list of spaces has no stream of its own.
fn request_of_content() -> SyncRequest {
    let mut request = request();
    request.streams = vec!["pages".to_owned(), "blog_posts".to_owned()];
    request
}

async fn run_content(wiki: &Wiki, copy: &impl SiteCopy) -> SyncReport {
    let mut sink = copy.sink().await;
    let request = request_of_content();
    let report = sync::sync(wiki, sink.as_mut(), &request, &|| 0, &mut |_| ()).await;
    report.unwrap()
}

fn fail_spaces(wiki: &Wiki, kind: Option<&'static str>) {
    let failing = kind.map(|kind| ("spaces".to_owned(), kind));
    wiki.0.lock().unwrap().failing = failing.into_iter().collect();
}

/// See its name.
pub async fn a_long_list_is_read_alone_if_the_spaces_of_the_site_cannot_be_listed<C: SiteCopy>() {
    let (copy, wiki) = (C::new().await, wiki());
    fail_spaces(&wiki, Some("upstream-failed"));
    let report = run_content(&wiki, &copy).await;
    assert_eq!(report.outcome, RunOutcome::Complete, "{report:?}");
    assert_eq!(of_copy(&copy).await, of_site(&wiki));
    let partitions = wiki.0.lock().unwrap().partitions.clone();
    assert_eq!(partitions, BTreeSet::new());
}

/// See its name.
pub async fn a_list_of_spaces_that_fails_leaves_open_lanes_to_a_later_run_and_other_streams_go_on<
    C: SiteCopy,
>() {
    let mut polls = 1;
    let (copy, wiki) = loop {
        let (copy, wiki) = (C::new().await, wiki());
        let has_ended = dropped_after(polls, &wiki, &copy, &request_of_content()).await;
        assert!(!has_ended, "no run was dropped in lanes");
        if wiki.0.lock().unwrap().partitions.len() > 1 {
            break (copy, wiki);
        }
        polls += 1;
    };
    fail_spaces(&wiki, Some("upstream-failed"));
    let report = run_content(&wiki, &copy).await;
    assert_eq!(report.outcome, RunOutcome::Partial, "{report:?}");
    let failed: Vec<_> = report
        .streams
        .iter()
        .map(|stream| (stream.stream.as_str(), stream.failures.len()))
        .collect();
    assert_eq!(failed, [("pages", 1), ("blog_posts", 0)]);
    let posts = copy.rows("blog_posts", &["id"]).await.len();
    assert_eq!(posts, 4);
    fail_spaces(&wiki, None);
    wiki.0.lock().unwrap().forget_requests();
    let report = run_content(&wiki, &copy).await;
    assert_eq!(report.outcome, RunOutcome::Complete, "{report:?}");
    // The lanes went on: the list is not complete because nothing of it was left to read.
    assert!(wiki.0.lock().unwrap().partitions.len() > 1);
    assert_eq!(of_copy(&copy).await, of_site(&wiki));
    assert_eq!(copy.tombstones("pages").await, BTreeMap::new());
}

/// See its name.
pub async fn a_list_of_spaces_that_fails_for_the_whole_site_ends_the_run_with_a_report<
    C: SiteCopy,
>() {
    let (copy, wiki) = (C::new().await, wiki());
    fail_spaces(&wiki, Some("unauthorized"));
    let report = run_content(&wiki, &copy).await;
    assert_eq!(report.outcome, RunOutcome::Failed, "{report:?}");
    let mut failures = report.streams.iter().flat_map(|stream| &stream.failures);
    assert!(failures.any(|error| &*error.kind == "unauthorized"));
    fail_spaces(&wiki, None);
    let report = run_content(&wiki, &copy).await;
    assert_eq!(report.outcome, RunOutcome::Complete, "{report:?}");
    assert_eq!(of_copy(&copy).await, of_site(&wiki));
}
