//! What becomes of rows that belong to rows which are gone: what is on a page, and what is in a space.

use std::collections::BTreeSet;

use sync::{RunOutcome, SyncReport, SyncRequest};

use crate::SiteCopy;
use crate::comments::Comments;
use crate::wiki::{Attachment, Content, Wiki};

/// Makes the tests of rows that belong to others for a [`SiteCopy`].
#[macro_export]
macro_rules! belonging_tests {
    ($copy:ty) => {
        $crate::belonging_tests!($copy:
            a_trashed_page_takes_what_is_on_it_along_in_the_same_run
            what_is_on_pages_that_are_missing_counts_and_is_deleted_with_them
            a_missing_space_and_all_that_is_in_it_wait_for_approval
            replies_count_with_the_comments_that_are_missing
        );
    };
    ($copy:ty: $($name:ident)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                if <$copy as $crate::SiteCopy>::can_be_tested() {
                    $crate::belonging::$name::<$copy>().await;
                }
            }
        )*
    };
}

/// All streams of the site.
const STREAMS: [&str; 7] = [
    "spaces",
    "pages",
    "blog_posts",
    "page_labels",
    "blog_post_labels",
    "attachments",
    "comments",
];

/// Two spaces, each with so many pages and blog posts. Pages 1, 2 and so on are in the first one: spaces and
/// content have ids of their own, and the same number can be both.
fn wiki(pages: u32, posts: u32) -> Wiki {
    let wiki = Wiki::default();
    {
        let mut state = wiki.0.lock().unwrap();
        state.has_index = true;
        for space in 1..=2 {
            state.spaces.insert(space, format!("S{space}"));
            for number in 0..pages + posts {
                state.now += 1;
                let content = Content {
                    is_page: number < pages,
                    space,
                    parent: None,
                    is_archived: false,
                    is_trashed: false,
                    created: state.now,
                    modified: state.now,
                    version: 1,
                    labels: BTreeSet::from(["faq".to_owned()]),
                };
                let id = (space - 1) * 100 + number + 1;
                state.content.insert(id, content);
            }
        }
    }
    wiki
}

/// Adds attachments to content, and a comment.
fn attach(wiki: &Wiki, on: u32, attachments: u32) {
    let mut state = wiki.0.lock().unwrap();
    for number in 0..attachments {
        let attachment = Attachment {
            on,
            media_type: "image/png",
            size: 100,
        };
        let id = 10_000 + on * 100 + number;
        state.attachments.insert(id, attachment);
    }
    state.comments.insert(30_000 + on, on);
}

async fn run(wiki: &Wiki, copy: &impl SiteCopy) -> SyncReport {
    let mut request = SyncRequest::default();
    request.cadences.details = 0;
    request.at_once = 2;
    let mut sink = copy.sink().await;
    let report = sync::sync(wiki, sink.as_mut(), &request, &|| 0, &mut |_| ()).await;
    report.unwrap()
}

/// Runs that find something missing, ten minutes apart.
async fn two_runs(wiki: &Wiki, copy: &impl SiteCopy) -> SyncReport {
    run(wiki, copy).await;
    wiki.0.lock().unwrap().now += 11;
    run(wiki, copy).await
}

/// Deleted rows of a stream, and why.
async fn deleted(copy: &impl SiteCopy, stream: &str) -> (usize, BTreeSet<String>) {
    let deleted = copy.tombstones(stream).await;
    (deleted.len(), deleted.into_values().collect())
}

fn because(rows: usize, reason: &str) -> (usize, BTreeSet<String>) {
    (rows, BTreeSet::from([reason.to_owned()]))
}

/// The streams of which deletions wait for approval, and how many of each.
async fn held(copy: &impl SiteCopy) -> Vec<(String, usize)> {
    let holds = copy.sink().await.holds().await.unwrap();
    let streams: BTreeSet<&String> = holds.iter().map(|hold| &hold.stream).collect();
    let count = |stream: &&String| holds.iter().filter(|hold| hold.stream == **stream).count();
    let counted = streams
        .iter()
        .map(|stream| ((*stream).clone(), count(stream)));
    counted.collect()
}

/// See its name.
pub async fn a_trashed_page_takes_what_is_on_it_along_in_the_same_run<C: SiteCopy>() {
    let (copy, wiki) = (C::new().await, wiki(3, 0));
    attach(&wiki, 1, 2);
    attach(&wiki, 2, 2);
    run(&wiki, &copy).await;
    let trash = |is_trashed: bool| {
        let mut state = wiki.0.lock().unwrap();
        state.content.get_mut(&1).unwrap().is_trashed = is_trashed;
    };
    trash(true);
    run(&wiki, &copy).await;
    assert_eq!(deleted(&copy, "pages").await, because(1, "trashed"));
    assert_eq!(deleted(&copy, "attachments").await, because(2, "parent"));
    assert_eq!(deleted(&copy, "comments").await, because(1, "parent"));
    assert_eq!(deleted(&copy, "page_labels").await, because(1, "parent"));
    trash(false);
    run(&wiki, &copy).await;
    for (stream, rows) in [("pages", 6), ("attachments", 4), ("comments", 2)] {
        assert_eq!(copy.rows(stream, &["id"]).await.len(), rows, "{stream}");
    }
}

/// See its name.
pub async fn what_is_on_pages_that_are_missing_counts_and_is_deleted_with_them<C: SiteCopy>() {
    let (copy, wiki) = (C::new().await, wiki(30, 0));
    for page in 1..=5 {
        attach(&wiki, page, 5);
    }
    attach(&wiki, 30, 10);
    run(&wiki, &copy).await;
    // Five pages of sixty are few, 25 attachments of 35 are not.
    wiki.0.lock().unwrap().content.retain(|id, _| *id > 5);
    let report = two_runs(&wiki, &copy).await;
    assert_eq!(report.outcome, RunOutcome::Held);
    assert_eq!(held(&copy).await, [("pages".to_owned(), 5)]);
    for stream in STREAMS {
        assert_eq!(deleted(&copy, stream).await.0, 0, "{stream}");
    }
    let waiting = |stream: &str| {
        let mut streams = report.streams.iter();
        let found = streams.find(|report| report.stream == stream).unwrap();
        (found.waiting, found.suspected, found.held)
    };
    assert_eq!(waiting("attachments"), (25, 0, 0));
    assert_eq!(waiting("comments"), (5, 0, 0));
    copy.sink().await.approve("pages", 0).await.unwrap();
    let report = run(&wiki, &copy).await;
    assert_eq!(report.outcome, RunOutcome::Complete);
    assert!(report.streams.iter().all(|report| report.waiting == 0));
    assert_eq!(
        deleted(&copy, "pages").await,
        because(5, "purged-or-hidden")
    );
    assert_eq!(deleted(&copy, "attachments").await, because(25, "parent"));
    assert_eq!(deleted(&copy, "comments").await, because(5, "parent"));
}

/// See its name.
pub async fn a_missing_space_and_all_that_is_in_it_wait_for_approval<C: SiteCopy>() {
    // Neither 12 pages nor 10 blog posts are many, but together they are.
    let (copy, wiki) = (C::new().await, wiki(12, 10));
    attach(&wiki, 1, 3);
    attach(&wiki, 101, 3);
    run(&wiki, &copy).await;
    let (spaces, content) = {
        let mut state = wiki.0.lock().unwrap();
        let before = (state.spaces.clone(), state.content.clone());
        state.spaces.remove(&1);
        state.content.retain(|_, it| it.space == 2);
        before
    };
    let report = two_runs(&wiki, &copy).await;
    assert_eq!(report.outcome, RunOutcome::Held);
    let all = [("blog_posts", 10), ("pages", 12), ("spaces", 1)];
    let all = all.map(|(stream, rows)| (stream.to_owned(), rows));
    assert_eq!(held(&copy).await, all);
    for stream in STREAMS {
        assert_eq!(deleted(&copy, stream).await.0, 0, "{stream}");
    }
    {
        let mut state = wiki.0.lock().unwrap();
        (state.spaces, state.content) = (spaces, content);
    }
    let report = run(&wiki, &copy).await;
    assert_eq!(report.outcome, RunOutcome::Complete);
    assert_eq!(held(&copy).await, []);
    {
        let mut state = wiki.0.lock().unwrap();
        state.spaces.remove(&1);
        state.content.retain(|_, it| it.space == 2);
    }
    two_runs(&wiki, &copy).await;
    for stream in ["spaces", "pages", "blog_posts"] {
        copy.sink().await.approve(stream, 0).await.unwrap();
    }
    let report = run(&wiki, &copy).await;
    assert_eq!(report.outcome, RunOutcome::Complete);
    assert_eq!(
        deleted(&copy, "pages").await,
        because(12, "purged-or-hidden")
    );
    assert_eq!(deleted(&copy, "attachments").await, because(3, "parent"));
    assert_eq!(deleted(&copy, "spaces").await.0, 1);
}

/// See its name.
pub async fn replies_count_with_the_comments_that_are_missing<C: SiteCopy>() {
    let (copy, comments) = (C::new().await, Comments::with_roots(40));
    for root in 1..=12 {
        comments.add(100 + root, Some(root));
    }
    let run = async |minutes: i64| {
        let mut request = SyncRequest::default();
        request.cadences.replies = 0;
        let mut sink = copy.sink().await;
        let now = move || minutes * 60_000;
        let report = sync::sync(&comments, sink.as_mut(), &request, &now, &mut |_| ()).await;
        report.unwrap()
    };
    run(0).await;
    {
        let mut state = comments.0.lock().unwrap();
        state.comments.retain(|id, _| *id > 12 && *id <= 100);
    }
    run(1).await;
    // Twelve comments of forty are few, but with their replies they are not.
    assert_eq!(run(12).await.outcome, RunOutcome::Held);
    assert_eq!(held(&copy).await, [("comments".to_owned(), 12)]);
    assert_eq!(deleted(&copy, "comments").await.0, 0);
}
