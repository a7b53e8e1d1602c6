//! Times, and what changed since.

use serde_json::Value;

use super::{Place, items, notices, parameter, path, sorted};

#[tokio::test(flavor = "multi_thread")]
async fn times_pass_as_they_came_with_and_without_milliseconds() {
    let place = Place::new().await;
    let (mut with, mut without) = (0, 0);
    for words in [&["listPages"][..], &["listBlogPosts"], &["listAttachments"]] {
        let words = [words, &["--raw", "--limit", "10000"]].concat();
        for item in items(&place.call(&words).ok()) {
            let raw: Value = serde_json::from_str(item["raw"].as_str().unwrap()).unwrap();
            for at in ["/createdAt", "/version/createdAt"] {
                let (given, sent) = (item.pointer(at).unwrap(), raw.pointer(at).unwrap());
                assert_eq!(given, sent, "{words:?}");
                match given.as_str().unwrap().contains('.') {
                    true => with += 1,
                    false => without += 1,
                }
            }
        }
    }
    assert!(with > 10 && without > 10, "{with} {without}");
}

/// v2 has no filter by time, and search lags: changes are read newest first, until they get old.
#[tokio::test(flavor = "multi_thread")]
async fn changes_are_read_in_the_order_of_change_and_no_further_than_they_go() {
    let place = Place::of(3_000).await;
    let truth = place.site.site();
    // What changed in a hundredth of the time.
    let since = truth.last_change() - 400_000_000;
    let wanted = sorted(truth.page_ids_changed_since(since));
    assert!(wanted.len() > 5, "{wanted:?}");
    let words = [
        "getPagesChangedSince",
        &since.to_string(),
        "--limit",
        "10000",
    ];
    let (ended, requests) = place.asked(|| place.call(&words).ok());
    let found = ended.ids();
    for id in &wanted {
        assert!(found.contains(id), "{id} is missing");
    }
    assert!(found.len() < wanted.len() + 20);
    assert!(requests.len() <= 2, "{} requests", requests.len());
    for request in &requests {
        assert!(path(request).ends_with("/api/v2/pages"), "{request:?}");
        assert_eq!(parameter(request, "sort"), ["-modified-date"]);
        assert!(!request.path_and_query.contains("cql"));
    }
    assert!(ended.json()["checkpoint"].is_string());
}

/// A run that had an error is not complete, and must not move the place to go on from.
#[tokio::test(flavor = "multi_thread")]
async fn changes_that_fail_on_the_way_give_no_checkpoint() {
    let place = Place::of(3_000).await;
    let words = ["getPagesChangedSince", "0", "--limit", "10000"];
    let whole = place.call(&words).ok();
    assert!(whole.json()["checkpoint"].is_string());
    for fault in [
        "3:403",
        "3:429",
        "3-40:500",
        "3:truncate",
        "3:repeated-cursor",
    ] {
        let ended = place.under(fault, &words);
        assert_ne!(ended.code, 0, "{fault}");
        assert!(ended.ids().len() < 3_000, "{fault}");
        assert!(ended.json()["checkpoint"].is_null(), "{fault}");
        assert!(!ended.json()["rest"]["stopped"].is_null(), "{fault}");
    }
}

/// Days and times become milliseconds since 1970, both ends included.
#[tokio::test(flavor = "multi_thread")]
async fn due_dates_of_tasks_are_sent_in_milliseconds() {
    let place = Place::new().await;
    let words = [
        "listTasks",
        "--due-date-from",
        "2026-01-31",
        "--due-date-to",
        "2026-01-31",
    ];
    let (_, requests) = place.asked(|| place.call(&words).ok());
    assert_eq!(parameter(&requests[0], "due-at-from"), ["1769817600000"]);
    assert_eq!(parameter(&requests[0], "due-at-to"), ["1769903999999"]);
}

/// Search lags by minutes, and reads dates to the minute in the time zone of the account.
#[tokio::test(flavor = "multi_thread")]
async fn a_search_says_that_it_lags_and_whose_clock_it_reads() {
    let place = Place::new().await;
    let plain = place.call(&["search", "type = page", "false"]).ok();
    assert_eq!(notices(&plain), ["index-lags"]);
    let cql = "type = page and lastmodified >= \"2026-05-04 10:30\"";
    let dated = place.call(&["search", cql, "false"]).ok();
    assert_eq!(notices(&dated), ["dates-in-time-zone", "index-lags"]);
    assert!(place.call(&["getCurrentUser"]).ok().json()["timeZone"].is_string());
}

/// Search leaves archived spaces out, unless it is told.
#[tokio::test(flavor = "multi_thread")]
async fn archived_spaces_are_searched_when_it_is_asked_for() {
    let place = Place::of(2_000).await;
    let count = |archived| {
        let words = ["search", "type = page", archived, "--limit", "10000"];
        place.asked(|| place.call(&words).ok().ids().len())
    };
    let ((without, plain), (with, asked)) = (count("false"), count("true"));
    assert_eq!(without as u64, place.site.site().searchable_page_count());
    assert!(with > without, "{with} {without}");
    assert_eq!(parameter(&plain[0], "includeArchivedSpaces"), [""; 0]);
    assert_eq!(parameter(&asked[0], "includeArchivedSpaces"), ["true"]);
}
