//! Cursors, next links, empty and short pages, offsets.

use std::collections::BTreeSet;

use super::{Place, items, lists, notices, parameter, path, sorted, with};

/// Next links are relative to the site, with `/wiki` from v2 and without it from v1, also behind
/// the gateway. Only their cursor is good.
#[tokio::test(flavor = "multi_thread")]
async fn the_next_link_is_rebuilt_on_our_base_for_site_and_gateway() {
    let site = Place::of(600).await;
    let gateway = Place::behind_the_gateway(600).await;
    let below_gateway = format!("/ex/confluence/{}/wiki/", gateway.site.site().cloud_id());
    for (place, base) in [(&site, "/wiki/"), (&gateway, below_gateway.as_str())] {
        for words in [
            &["listPages", "--limit", "10000"][..],
            &["search", "type = page", "false", "--limit", "10000"],
        ] {
            let (ended, requests) = place.asked(|| place.call(words).ok());
            assert!(ended.json()["rest"]["after"].is_null(), "{words:?}");
            assert!(ended.ids().len() > 400, "{words:?}");
            assert!(requests.len() > 1, "{words:?}");
            for request in &requests {
                assert_eq!(request.status, 200, "{request:?}");
                assert!(request.path_and_query.starts_with(base), "{request:?}");
                assert_eq!(path(request), path(&requests[0]));
            }
        }
    }
}

/// A cursor stands anywhere in the query, its `+`, `/` and `=` escaped or not.
#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_taken_from_where_it_stands_and_escaped_once() {
    let place = Place::of(4_000).await;
    let (ended, requests) = place.asked(|| place.call(&["listPages", "--all"]).ok());
    assert_eq!(ended.line_ids().len(), 4_000);
    let mut with_plus = 0;
    for request in &requests[1..] {
        let [cursor] = parameter(request, "cursor")[..] else {
            panic!("{request:?}");
        };
        assert!(!cursor.contains(['+', '/', '=']), "{cursor}");
        assert!(!cursor.contains("%25"), "escaped twice: {cursor}");
        with_plus += usize::from(cursor.contains("%2B"));
        assert_eq!(request.status, 200);
    }
    assert!(with_plus > 2, "no cursor with a `+`: {with_plus}");
}

/// The header `Link` has other relations as well, and one of them first.
#[tokio::test(flavor = "multi_thread")]
async fn of_the_header_link_only_the_relation_next_is_followed() {
    let place = Place::of(4_000).await;
    let ended = place
        .under("*:link-in-header", &["listPages", "--all"])
        .ok();
    assert_eq!(
        ended.line_ids(),
        place.site.site().page_ids().collect::<Vec<_>>()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_page_is_no_end() {
    let place = Place::of(1_000).await;
    for words in [
        &["listPages"][..],
        &["search", "type = page", "false"],
        &["listBlogPosts"],
        &["listTasks"],
    ] {
        let words = [words, &["--limit", "10000"]].concat();
        let whole = place.call(&words).ok().ids();
        let (short, requests) = place.asked(|| place.under("*:short-pages", &words).ok());
        assert_eq!(short.ids(), whole, "{words:?}");
        assert!(requests.len() * 125 >= whole.len(), "{words:?}");
        assert!(short.json()["rest"]["after"].is_null());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_next_link_to_an_empty_page_is_the_end_and_no_error() {
    let place = Place::of(600).await;
    let key = place.site.site().space_keys().next().unwrap();
    for words in [
        &["listPages"][..],
        &["listBlogPosts"],
        &["getPagesBySpace", &key],
    ] {
        let words = [words, &["--limit", "10000"]].concat();
        let whole = place.call(&words).ok();
        let ended = place.under("*:empty-end", &words).ok();
        assert_eq!(ended.ids(), whole.ids());
        assert!(ended.json()["rest"]["after"].is_null());
        assert!(ended.json()["rest"]["stopped"].is_null());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_page_with_a_next_link_is_followed_a_bounded_number_of_times_and_noted() {
    let place = Place::of(600).await;
    let words = ["listPages", "--limit", "10000"];
    for fault in ["1:empty-page", "2:empty-page", "2-6:empty-page"] {
        let ended = place.under(fault, &words).ok();
        assert_eq!(ended.ids().len(), 600, "{fault}");
        assert_eq!(notices(&ended), ["empty-page"], "{fault}");
    }
    let (ended, requests) = place.asked(|| place.under("2:empty-pages", &words));
    let ended = ended.ok();
    assert_eq!(ended.ids().len(), 250);
    assert!(ended.json()["rest"]["after"].is_string());
    assert!(ended.json()["rest"]["stopped"].is_null());
    assert_eq!(notices(&ended), ["empty-page"]);
    assert_eq!(requests.len(), 7);

    // Who goes on is told that they have no end.
    let all = ["listPages", "--all"];
    let (ended, requests) = place.asked(|| place.under("2:empty-pages", &all));
    ended.fails(21, &["without rows", "fix:"]);
    assert_eq!(requests.len(), 251);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_seen_twice_ends_in_a_typed_error() {
    let place = Place::of(1_000).await;
    let (ended, requests) =
        place.asked(|| place.under("2:repeated-cursor", &["listPages", "--limit", "10000"]));
    let ended = ended.fails(21, &["cursor", "fix:"]);
    let stopped = ended.json()["rest"]["stopped"].clone();
    assert_eq!(
        (&stopped["kind"], &stopped["code"]),
        (&"looping".into(), &"cursor-repeated".into())
    );
    assert_eq!(ended.ids().len(), 500, "what came is good");
    assert_eq!(requests.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_bring_only_known_ids_end_in_a_typed_error() {
    let place = Place::of(1_000).await;
    let (ended, requests) =
        place.asked(|| place.under("2:same-page", &["listPages", "--limit", "10000"]));
    let ended = ended.fails(21, &["fix:"]);
    let stopped = ended.json()["rest"]["stopped"].clone();
    assert_eq!(
        (&stopped["kind"], &stopped["code"]),
        (&"looping".into(), &"no-progress".into())
    );
    let ids = ended.ids();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    assert!(requests.len() < 8, "{}", requests.len());

    // Offsets that are not looked at are a circle of the same kind.
    let place = Place::of(9_000).await;
    let ended = place.under("*:same-page", &["getGroups", "--limit", "10000"]);
    let ended = ended.fails(21, &["fix:"]);
    assert_eq!(ended.ids().len(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_not_over_at_the_size_of_a_page() {
    for pages in [250, 251, 1_001] {
        let place = Place::of(pages).await;
        let ended = place.call(&["listPages", "--limit", "10000"]).ok();
        assert_eq!(
            ended.ids(),
            place.site.site().page_ids().collect::<Vec<_>>(),
            "{pages}"
        );
    }
}

/// A cursor holds for the query that it came with, and for no other.
#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_sent_with_the_query_that_it_is_bound_to() {
    let place = Place::of(1_200).await;
    let spaces: Vec<String> = place.site.site().space_ids().take(20).collect();
    let words = [
        "listPages",
        "--sort",
        "-modified-date",
        "--status",
        "current,archived",
        "--space-ids",
        &spaces.join(","),
        "--limit",
        "10000",
    ];
    let (ended, requests) = place.asked(|| place.call(&words).ok());
    assert!(ended.ids().len() > 500);
    assert!(requests.len() > 2);
    let without_cursor = |url: &str| -> Vec<String> {
        let pairs = url
            .split(['?', '&'])
            .filter(|pair| !pair.starts_with("cursor="));
        sorted(pairs.map(str::to_owned))
    };
    for request in &requests {
        assert_eq!(request.status, 200, "{request:?}");
        assert_eq!(
            without_cursor(&request.path_and_query),
            without_cursor(&requests[0].path_and_query)
        );
    }
}

/// Groups and members know `start` and `limit`, tell no next link, and end with a short answer.
#[tokio::test(flavor = "multi_thread")]
async fn version_1_lists_go_on_by_offset_until_a_short_answer() {
    let place = Place::of(9_000).await;
    let (ended, requests) = place.asked(|| place.call(&["getGroups", "--limit", "10000"]).ok());
    let truth = place.site.site();
    assert_eq!(sorted(ended.ids()), sorted(truth.group_ids()));
    let starts: Vec<Vec<&str>> = requests.iter().map(|one| parameter(one, "start")).collect();
    assert_eq!(starts.concat(), ["200", "400"]);
    assert!(
        requests
            .iter()
            .all(|one| parameter(one, "cursor").is_empty())
    );

    // As many as asked for: the next answer is empty, and that is the end.
    let group = truth
        .group_ids()
        .find(|group| truth.group_member_ids(group).len() > 3)
        .unwrap();
    let count = truth.group_member_ids(&group).len();
    let mut members = Vec::new();
    let mut after = "null".to_owned();
    while members.len() < count {
        let ended = place
            .call(&["getGroupMembers", &group, "--limit", "2", "--after", &after])
            .ok();
        members.extend(super::column(&items(&ended), "accountId"));
        match ended.json()["rest"]["after"].as_str() {
            Some(next) => after = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(sorted(members), sorted(truth.group_member_ids(&group)));
}

/// Confluence refuses 0 and 251, and has other defaults for some lists.
#[tokio::test(flavor = "multi_thread")]
async fn every_request_of_a_list_has_a_limit_that_confluence_takes() {
    let place = Place::of(600).await;
    for words in lists(&place.site) {
        for limit in ["251", "10000"] {
            let words = with(&words, &["--limit", limit]);
            let (_, requests) = place.asked(|| place.call(&words).ok());
            for request in requests {
                if path(&request).ends_with("/user/bulk") {
                    continue;
                }
                let [limit] = parameter(&request, "limit")[..] else {
                    panic!("{request:?}");
                };
                assert!((1..=250).contains(&limit.parse().unwrap()), "{request:?}");
                assert_eq!(request.status, 200, "{request:?}");
            }
        }
        let nothing = with(&words, &["--limit", "0"]);
        let (_, requests) = place.asked(|| place.call(&nothing).fails(18, &["limit"]));
        assert!(requests.is_empty(), "{words:?}");
    }
}
