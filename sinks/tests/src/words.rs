//! The words of each page's body as a stream, and what a copy of it has to have.

use std::collections::BTreeSet;
use std::sync::Arc;

use source::{Batch, Column, ColumnType, Stream, SystemColumn};
use sync::{DerivedRow, RunOutcome, Split, SyncRequest};

use crate::runs::{SiteCopy, change, later, request, run_with};
use crate::site::{Site, key};

/// Makes tests of what a copy with parts has to pass.
#[macro_export]
macro_rules! part_tests {
    ($copy:ty) => {
        $crate::part_tests!($copy:
            parts_of_a_row_are_replaced_with_it_and_deleted_with_it
            parts_that_are_wanted_later_are_made_of_rows_that_have_not_changed
            parts_of_bodies_that_are_not_copied_are_refused
            parts_that_a_run_does_not_name_are_replaced_with_their_rows_or_removed
            a_run_that_does_not_name_parts_and_the_next_one_that_does_write_nothing_again
        );
    };
    ($copy:ty: $($name:ident)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                if <$copy as $crate::SiteCopy>::can_be_tested() {
                    $crate::words::$name::<$copy>().await;
                }
            }
        )*
    };
}

/// A part for each word.
#[derive(Debug)]
struct Words(Stream);

impl Words {
    fn new() -> Self {
        let column = |name: &str| Column {
            name: name.to_owned(),
            documentation: String::new(),
            column_type: ColumnType::Text,
            nullable: false,
            on_request: false,
        };
        Self(Stream {
            name: "words".to_owned(),
            documentation: String::new(),
            key: vec!["page".to_owned(), "word".to_owned()],
            parents: vec!["pages".to_owned()],
            by_space: false,
            columns: vec![column("page"), column("word"), column("title")],
            passes: Vec::new(),
            scopes: Vec::new(),
            points_per_row: 0,
            is_default: false,
            settings: Vec::new(),
        })
    }
}

impl Split for Words {
    fn stream(&self) -> &Stream {
        &self.0
    }

    fn body_format(&self) -> &'static str {
        "storage"
    }

    fn split(&self, rows: &Batch, row: usize) -> Vec<DerivedRow> {
        let text = |column: &str| rows.text(column, row).unwrap_or_default().to_owned();
        let (page, title) = (text(SystemColumn::Key.name()), text("title"));
        let body = text("body");
        let words: BTreeSet<&str> = body.split_whitespace().collect();
        let words = words.into_iter().map(|word| DerivedRow {
            key: format!("{page}/{word}"),
            parent: Some(page.clone()),
            container: None,
            values: vec![page.clone().into(), word.into(), title.clone().into()],
        });
        words.collect()
    }
}

fn with_words() -> SyncRequest {
    let mut request = request();
    request.streams = vec!["words".to_owned()];
    request.splits = vec![Arc::new(Words::new())];
    request
}

/// The words that a copy has, and those that it should have: page, word, title.
async fn is_current(copy: &impl SiteCopy, site: &Site) -> bool {
    let rows = copy.rows("words", &["page", "word", "title"]).await;
    let stored: BTreeSet<Vec<String>> = rows.into_iter().collect();
    let pages = site.pages();
    let expected = pages.iter().flat_map(|(id, (title, _, body))| {
        let words = body.split_whitespace();
        words.map(|word| vec![id.clone(), word.to_owned(), title.clone()])
    });
    stored == expected.collect()
}

/// See its name.
pub async fn parts_of_a_row_are_replaced_with_it_and_deleted_with_it<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(8));
    let first = run_with(&site, &copy, &with_words()).await;
    assert_eq!(first.outcome, RunOutcome::Complete);
    assert!(is_current(&copy, &site).await);
    let report = first.streams.iter().find(|one| one.stream == "words");
    assert_eq!(report.unwrap().counts.inserted, 16);
    change(&site, 3, |page| {
        page.version = 2;
        page.body = "body and more".to_owned();
    });
    change(&site, 4, |page| {
        page.version = 2;
        page.body = String::new();
    });
    change(&site, 5, |page| page.is_trashed = true);
    let second = run_with(&site, &copy, &with_words()).await;
    assert!(is_current(&copy, &site).await);
    let report = second.streams.iter().find(|one| one.stream == "words");
    let counts = report.unwrap().counts;
    // Those of the page that is gone are deleted, too.
    assert_eq!((counts.inserted, counts.deleted), (2, 5));
    let gone = copy.tombstones("words").await;
    assert_eq!(gone[&format!("{}/body", key(4))], "removed");
    assert_eq!(gone[&format!("{}/body", key(5))], "parent");
    // It comes back with its words.
    change(&site, 5, |page| page.is_trashed = false);
    run_with(&site, &copy, &with_words()).await;
    assert!(is_current(&copy, &site).await);
    later(&site, 11);
    let last = run_with(&site, &copy, &with_words()).await;
    let changed = |counts: &sync::Counts| counts.inserted + counts.updated + counts.deleted;
    let changed: u64 = last.streams.iter().map(|one| changed(&one.counts)).sum();
    assert_eq!(changed, 0);
}

/// See its name.
pub async fn parts_that_are_wanted_later_are_made_of_rows_that_have_not_changed<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(8));
    let mut without = with_words();
    without.streams = vec!["pages".to_owned()];
    run_with(&site, &copy, &without).await;
    run_with(&site, &copy, &with_words()).await;
    assert!(is_current(&copy, &site).await);
}

/// See its name.
pub async fn parts_that_a_run_does_not_name_are_replaced_with_their_rows_or_removed<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(8));
    run_with(&site, &copy, &with_words()).await;
    change(&site, 3, |page| {
        page.version = 2;
        page.body = "body and more".to_owned();
    });
    let mut unnamed = with_words();
    unnamed.streams = vec!["pages".to_owned()];
    run_with(&site, &copy, &unnamed).await;
    assert!(is_current(&copy, &site).await);
    // Of bodies in another format there are no words.
    unnamed.bodies = Some("markdown".to_owned());
    run_with(&site, &copy, &unnamed).await;
    assert!(copy.rows("words", &["word"]).await.is_empty());
    run_with(&site, &copy, &with_words()).await;
    assert!(is_current(&copy, &site).await);
}

/// See its name.
pub async fn a_run_that_does_not_name_parts_and_the_next_one_that_does_write_nothing_again<
    C: SiteCopy,
>() {
    let (copy, site) = (C::new().await, Site::with_pages(8));
    run_with(&site, &copy, &with_words()).await;
    let again = run_with(&site, &copy, &with_words()).await;
    let mut unnamed = with_words();
    unnamed.streams = vec!["pages".to_owned()];
    for request in [&unnamed, &with_words()] {
        let mut sink = copy.sink().await;
        let plan = sync::plan(&site, Some(sink.as_mut()), request, 0);
        assert_eq!(plan.await.unwrap().next.known.requests, again.requests);
        drop(sink);
        let report = run_with(&site, &copy, request).await;
        assert_eq!(report.requests, again.requests);
        assert_eq!(report.streams[0].counts.updated, 0);
    }
    assert!(is_current(&copy, &site).await);
}

/// See its name.
pub async fn parts_of_bodies_that_are_not_copied_are_refused<C: SiteCopy>() {
    let (copy, site) = (C::new().await, Site::with_pages(2));
    let mut request = with_words();
    request.bodies = Some("markdown".to_owned());
    let mut sink = copy.sink().await;
    let refused = sync::sync(&site, sink.as_mut(), &request, &|| 0, &mut |_| ()).await;
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.contains("`storage`") && refused.contains("`markdown`"),
        "{refused}"
    );
    // A pattern for all streams does not ask for it.
    request.streams = vec!["*".to_owned()];
    let done = sync::sync(&site, sink.as_mut(), &request, &|| 0, &mut |_| ()).await;
    assert!(
        done.unwrap()
            .streams
            .iter()
            .all(|one| one.stream != "words")
    );
}
