//! Rows that the site fails at.

use super::{Place, items, notices, parameter};

/// Bodies make pages heavy, and some cannot be rendered at all.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_answers_5xx_is_asked_for_in_halves_down_to_the_poison_item_which_is_skipped() {
    let place = Place::of(1_000).await;
    let poison = place.page(400);
    let words = ["listPages", "--body-format", "storage", "--limit", "1000"];
    let (ended, requests) =
        place.asked(|| place.under(&format!("*:poison-body={poison}"), &words).ok());
    let rest = ended.json()["rest"].clone();
    assert!(rest["stopped"].is_null(), "{rest}");
    // Heavy pages end a call early; the rest of the list is its `after`.
    let mut given = ended.ids();
    let mut after = rest["after"].as_str().map(str::to_owned);
    while let Some(place_to_go_on) = after {
        let words = [&words[..], &["--after", &place_to_go_on]].concat();
        let ended = place.under(&format!("*:poison-body={poison}"), &words).ok();
        given.extend(ended.ids());
        after = ended.json()["rest"]["after"].as_str().map(str::to_owned);
    }
    let mut expected: Vec<String> = place.site.site().page_ids().collect();
    expected.retain(|id| *id != poison);
    assert_eq!(given, expected);
    assert_eq!(notices(&ended), ["poison-item"]);
    assert_eq!(rest["notices"][0]["id"], poison);
    let said = rest["notices"][0]["message"].as_str().unwrap();
    assert!(said.contains("500"), "{said}");
    assert!(ended.stderr.contains(said), "people are told as well");
    let failed: Vec<&str> = requests
        .iter()
        .filter(|request| request.status == 500)
        .flat_map(|request| parameter(request, "limit"))
        .collect();
    assert_eq!(failed.first(), Some(&"250"));
    assert_eq!(failed.last(), Some(&"1"));
    assert!(failed.len() <= 9, "{failed:?}");
    for pair in failed.windows(2) {
        let [wide, narrow] = [pair[0], pair[1]].map(|limit| limit.parse::<u32>().unwrap());
        assert!(narrow <= wide.div_ceil(2), "{failed:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poison_item_that_no_cursor_leads_behind_stops_the_list_and_is_never_taken_for_its_end() {
    let place = Place::of(1_000).await;
    let poison = place.page(400);
    let fault = format!("*:poison={poison}");
    let ended = place.under(&fault, &["listPages", "--limit", "1000"]);
    let ended = ended.fails(8, &["500", "ended early", "fix:"]);
    let rest = ended.json()["rest"].clone();
    assert_eq!(rest["stopped"]["code"], "poison-item");
    assert_eq!(rest["stopped"]["status"], 500);
    let expected: Vec<String> = place.site.site().page_ids().take(400).collect();
    assert_eq!(ended.ids(), expected);
    // The site is well again: nothing is lost and nothing doubled.
    let after = rest["after"].as_str().unwrap();
    let again = place.call(&["listPages", "--limit", "1000", "--after", after]);
    let mut given = expected;
    given.extend(again.ok().ids());
    assert_eq!(given, place.site.site().page_ids().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poison_item_among_ids_is_left_out_and_named() {
    let place = Place::of(600).await;
    let ids: Vec<String> = place.site.site().page_ids().take(300).collect();
    let fault = format!("*:poison={}", ids[123]);
    let ended = place.under(
        &fault,
        &["listPages", "--ids", &ids.join(","), "--limit", "1000"],
    );
    let ended = ended.ok();
    let mut expected = ids.clone();
    expected.remove(123);
    assert_eq!(super::sorted(ended.ids()), super::sorted(expected));
    assert_eq!(notices(&ended), ["poison-item"]);
    assert_eq!(ended.json()["rest"]["notices"][0]["id"], ids[123]);
}

/// A site that is down is no row at fault.
#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_answers_5xx_to_everything_is_asked_nine_times_at_most() {
    let place = Place::of(600).await;
    for status in ["500", "502", "503", "504"] {
        let (_, requests) = place.asked(|| {
            let ended = place.under(&format!("*:{status}"), &["listPages", "--limit", "600"]);
            ended.fails(8, &[status, "fix:"])
        });
        assert_eq!(requests.len(), 9, "{status}");
    }
    // A rate limit is no weight: the page stays what it was.
    let (ended, requests) = place.asked(|| place.under("2:429", &["listPages", "--limit", "600"]));
    assert_eq!(items(&ended.fails(7, &["429"])).len(), 200);
    assert_eq!(requests.len(), 2);
}
