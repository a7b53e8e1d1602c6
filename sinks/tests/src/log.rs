//! The log of changes: each change of a row is a line of it.

use std::collections::BTreeMap;

use sync::SyncRequest;

use crate::runs::{SiteCopy, change, pages, request, run, run_with};
use crate::site::{Site, key};

/// A copy that can log the changes of its rows.
pub trait ChangeLog: SiteCopy {
    /// The log of the stream `pages`, oldest line first: op, key, title and body.
    async fn log(&self) -> Vec<[String; 4]>;

    /// Has every statement fail that writes into the log.
    async fn break_log(&self);
}

/// Makes tests of what a copy with a log has to pass.
#[macro_export]
macro_rules! log_tests {
    ($copy:ty) => {
        $crate::log_tests!($copy:
            each_change_of_a_row_is_a_line_of_the_log
            a_log_that_begins_late_or_again_has_all_rows
            a_change_that_cannot_be_logged_is_not_made
        );
    };
    ($copy:ty: $($name:ident)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                if <$copy as $crate::SiteCopy>::can_be_tested() {
                    $crate::log::$name::<$copy>().await;
                }
            }
        )*
    };
}

fn logging(is_wanted: bool) -> SyncRequest {
    let mut request = request();
    request.logs_changes = Some(is_wanted);
    request
}

/// What a log says that the copy has: the last line of each key.
async fn replayed(copy: &impl ChangeLog) -> BTreeMap<String, (String, String)> {
    let mut rows = BTreeMap::new();
    for [op, key, title, body] in copy.log().await {
        match op.as_str() {
            "insert" | "update" => rows.insert(key, (title, body)),
            "delete" => rows.remove(&key),
            other => panic!("{other}"),
        };
    }
    rows
}

async fn without_versions(copy: &impl SiteCopy) -> BTreeMap<String, (String, String)> {
    let rows = pages(copy).await.into_iter();
    rows.map(|(id, (title, _, body))| (id, (title, body)))
        .collect()
}

/// See its name.
pub async fn each_change_of_a_row_is_a_line_of_the_log<C: ChangeLog>() {
    let (copy, site) = (C::new().await, Site::with_pages(5));
    run_with(&site, &copy, &logging(true)).await;
    change(&site, 3, |page| {
        page.version = 2;
        page.body = "new".to_owned();
    });
    // Runs that say nothing of the log go on with it.
    run(&site, &copy).await;
    change(&site, 3, |page| page.is_trashed = true);
    run(&site, &copy).await;
    run(&site, &copy).await;
    site.0.lock().unwrap().pages.get_mut(&3).unwrap().is_trashed = false;
    run(&site, &copy).await;
    let log = copy.log().await;
    let of_page: Vec<(&str, &str)> = log
        .iter()
        .filter(|[_, id, ..]| *id == key(3))
        .map(|[op, _, _, body]| (op.as_str(), body.as_str()))
        .collect();
    assert_eq!(
        of_page,
        [
            ("insert", "body 3"),
            ("update", "new"),
            ("delete", ""),
            ("insert", "new")
        ]
    );
    assert_eq!(log.len(), 8);
    assert_eq!(replayed(&copy).await, without_versions(&copy).await);
}

/// See its name.
pub async fn a_log_that_begins_late_or_again_has_all_rows<C: ChangeLog>() {
    let (copy, site) = (C::new().await, Site::with_pages(10));
    let mut without = request();
    without.bodies = None;
    run_with(&site, &copy, &without).await;
    change(&site, 2, |page| page.is_trashed = true);
    run_with(&site, &copy, &without).await;
    without.logs_changes = Some(true);
    run_with(&site, &copy, &without).await;
    let begun: Vec<String> = replayed(&copy).await.into_keys().collect();
    let listed: Vec<String> = site.pages().into_keys().collect();
    assert_eq!(begun, listed);
    // A column that comes later is in it, too.
    run(&site, &copy).await;
    assert_eq!(replayed(&copy).await, without_versions(&copy).await);
    run_with(&site, &copy, &logging(false)).await;
    let lines = copy.log().await.len();
    change(&site, 3, |page| page.is_trashed = true);
    change(&site, 4, |page| page.title = "renamed".to_owned());
    run(&site, &copy).await;
    assert_eq!(copy.log().await.len(), lines);
    run_with(&site, &copy, &logging(true)).await;
    assert_eq!(replayed(&copy).await, without_versions(&copy).await);
    assert_eq!(pages(&copy).await, site.pages());
}

/// See its name.
pub async fn a_change_that_cannot_be_logged_is_not_made<C: ChangeLog>() {
    let (copy, site) = (C::new().await, Site::with_pages(5));
    run_with(&site, &copy, &logging(true)).await;
    let before = pages(&copy).await;
    change(&site, 3, |page| {
        page.version = 2;
        page.title = "renamed".to_owned();
    });
    copy.break_log().await;
    let mut sink = copy.sink().await;
    let failed = sync::sync(&site, sink.as_mut(), &request(), &|| 0, &mut |_| ()).await;
    failed.unwrap_err();
    assert_eq!(pages(&copy).await, before);
}
