//! Nulls where text was promised, members that nobody has heard of, rows that are none.

use serde_json::Value;
use tests::Ended;

use super::{Place, functions, items, lists, notices};

/// The items of a list, without the values of properties: the fault writes their JSON anew.
fn without_values(ended: &Ended) -> Vec<Value> {
    let mut items = items(ended);
    for item in &mut items {
        item.as_object_mut().unwrap().remove("value");
    }
    items
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_are_null_or_unheard_of_cost_no_row_and_no_call() {
    let place = Place::new().await;
    for words in lists(&place.site) {
        // Without a type, an account or a space a row is not what was asked for.
        let by_content = [
            "getPagesBySpace",
            "listBlogPostsBySpace",
            "getBlogPostsBySpace",
            "getUsers",
            "getGroupMembers",
            "search",
            "listCustomContent",
            "getCustomContent",
            "getAllUsers",
            "getAttachmentVersions",
            "getAuditRecords",
            "getPageVersions",
            "getBlogPostVersions",
            "getPageChildren",
        ];
        let usual = place.call(&words).ok();
        let unknown = place.under("*:unknown-fields", &words).ok();
        assert_eq!(
            without_values(&unknown),
            without_values(&usual),
            "{words:?}"
        );
        if by_content.contains(&words[0].as_str()) {
            continue;
        }
        let nulls = place.under("*:nulls", &words).ok();
        assert_eq!(nulls.ids(), usual.ids(), "{words:?}");
        assert!(notices(&nulls).is_empty(), "{words:?}: {nulls:?}");
        for item in items(&nulls) {
            assert!(
                item["title"].is_null() && item["status"].is_null(),
                "{item}"
            );
        }
    }
    // Single pieces have no row to lose: they are answered, or refused with a reason.
    for (words, _) in functions(&place.site) {
        let ended = place.under("*:unknown-fields", &words).ok();
        assert_ne!(ended.stdout, "", "{words:?}");
    }
    for words in [["getPageById", &place.page(5)], ["getSpaceById", "null"]] {
        let mut words = words.map(str::to_owned);
        if words[1] == "null" {
            words[1] = place.site.site().space_ids().next().unwrap();
        }
        let ended = place.under("*:nulls", &words).ok();
        assert_eq!(ended.json()["id"], words[1]);
        assert!(ended.json()["title"].is_null());
    }
}

/// What upstream sends is never lost, whether this version knows it or not.
#[tokio::test(flavor = "multi_thread")]
async fn raw_rows_keep_what_nobody_has_heard_of() {
    let place = Place::new().await;
    let ended = place.under("*:unknown-fields", &["listPages", "--raw", "--limit", "3"]);
    for item in items(&ended.ok()) {
        let raw = item["raw"].as_str().unwrap();
        assert!(raw.contains("9007199254740993"), "digit by digit: {raw}");
        assert!(raw.contains("\"zzNested\""), "{raw}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_none_is_dropped_and_told_and_the_others_stay() {
    let place = Place::new().await;
    let words = ["listPages", "--limit", "10"];
    let usual = place.call(&words).ok().ids();
    let ended = place.under("1:bad-row", &words).ok();
    assert_eq!(notices(&ended), ["row-dropped"]);
    // The first row lost its id, and is the one that is missing.
    assert!(ended.ids().iter().all(|id| *id != usual[0]));
    assert_eq!(ended.ids()[..9], usual[1..]);
}
