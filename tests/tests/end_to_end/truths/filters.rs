//! Confluence ignores what it does not know, and answers everything with 200.

use super::{Place, column, items, notices, parameter};

/// In a scope of one tenant this would show the pages of another.
#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_site_that_ignores_a_filter_are_dropped_and_noticed() {
    let place = Place::of(300).await;
    let truth = place.site.site();
    let space = truth.space_ids().nth(1).unwrap();
    let key = truth.space_keys().nth(1).unwrap();
    let two: Vec<String> = truth.page_ids().skip(40).take(2).collect();
    let posts: Vec<String> = truth.blog_post_ids().skip(3).take(2).collect();
    let kind = truth.custom_content_types()[0];
    let custom: Vec<String> = truth.custom_content_ids(kind).skip(1).take(2).collect();
    let (two, posts, custom) = (two.join(","), posts.join(","), custom.join(","));
    for words in [
        &["listPages", "--ids", &two][..],
        &["listPages", "--space-ids", &space],
        &["getPages", "--space-ids", &key],
        &["getPagesBySpace", &space],
        &["getPagesBySpace", &key],
        &["listSpaces", "--ids", &space],
        &["listSpaces", "--keys", &key],
        &["listBlogPosts", "--ids", &posts],
        &["listBlogPosts", "--space-ids", &space],
        &["listBlogPostsBySpace", &space],
        &["listCustomContent", kind, "--ids", &custom],
        &["listCustomContent", kind, "--space-ids", &space],
        &["listTasks", "--space-ids", &space],
    ] {
        let words = [words, &["--limit", "10000"]].concat();
        let whole = place.call(&words).ok();
        assert!(notices(&whole).is_empty(), "{words:?}");
        // A key is looked up first: with the filter ignored it has to be found among all spaces.
        let ended = place.under("*:ignore-filter", &words).ok();
        assert_eq!(ended.ids(), whole.ids(), "{words:?}");
        let foreign = "foreign-row-dropped".to_owned();
        assert!(notices(&ended).contains(&foreign), "{words:?}: {ended:?}");
    }
}

/// Another form than repetition makes Confluence answer wrong sets, or refuse.
#[tokio::test(flavor = "multi_thread")]
async fn values_of_one_parameter_repeat_its_name() {
    let place = Place::of(200).await;
    let spaces: Vec<String> = place.site.site().space_ids().take(3).collect();
    let keys: Vec<String> = place.site.site().space_keys().take(3).collect();
    let accounts: Vec<String> = place.site.site().account_ids().take(3).collect();
    let pages: Vec<String> = place.site.site().page_ids().take(3).collect();
    for (words, name, values) in [
        (["listPages", "--ids"], "id", &pages),
        (["listPages", "--space-ids"], "space-id", &spaces),
        (["listSpaces", "--keys"], "keys", &keys),
        (["listTasks", "--assigned-to"], "assigned-to", &accounts),
        (["getUsers", "--account-ids"], "accountId", &accounts),
    ] {
        let joined = values.join(",");
        let words = [&words[..], &[joined.as_str()]].concat();
        let (_, requests) = place.asked(|| place.call(&words).ok());
        assert_eq!(requests.len(), 1, "{words:?}");
        let sent = parameter(&requests[0], name);
        assert_eq!(sent.len(), 3, "{:?}", requests[0]);
        assert!(!requests[0].path_and_query.contains("%2C"));
    }
    let words = [
        "listPages",
        "--status",
        "trashed,archived",
        "--limit",
        "250",
    ];
    let (ended, requests) = place.asked(|| place.call(&words).ok());
    assert_eq!(parameter(&requests[0], "status"), ["trashed", "archived"]);
    let statuses = column(&items(&ended), "status");
    assert!(!statuses.is_empty() && !statuses.contains(&"current".to_owned()));
}

/// Ids that are missing and ids that are hidden are left out without a word.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_nothing_comes_back_for_is_named() {
    let place = Place::new().await;
    let (page, trashed) = (place.page(3), place.site.site().trashed_page_ids().next());
    let ids = format!("{page},{},5", trashed.unwrap());
    let ended = place.call(&["listPages", "--ids", &ids]).ok();
    assert_eq!(ended.ids(), [page]);
    assert_eq!(notices(&ended), ["unknown-id"]);
    for notice in ended.json()["rest"]["notices"].as_array().unwrap() {
        let said = notice["message"].as_str().unwrap();
        assert!(said.contains("missing or hidden"), "{said}");
        assert!(!said.contains("deleted"), "{said}");
    }
}
