//! Collections inside of other answers, which are cut.

use confluence_simulator::Operation;

use super::{Place, column, items, parameter, path, sorted};

/// A space carries at most 50 of its permissions inside, a page 50 labels. So they are read at
/// their own calls, to the end.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_piece_includes_in_part_is_read_whole_at_its_own_call() {
    let place = Place::new().await;
    let truth = place.site.site();
    let space = truth.space_ids().next().unwrap();
    let (first, labelled) = (place.page(0), place.page(2));
    let permissions = truth.space_permissions(&space);
    let permissions: Vec<String> = permissions.iter().map(|one| one.id.to_string()).collect();
    assert!(permissions.len() > 50);
    let properties = truth.page_property_keys(&first);
    assert!(properties.len() > 50);
    for (words, field, expected) in [
        (&["getSpacePermissions", &space][..], "id", permissions),
        (&["getContentProperties", "page", &first], "key", properties),
        (
            &["getContentProperties", "space", &space],
            "key",
            truth.space_property_keys(&space),
        ),
        (
            &["getLabelsByPage", &labelled],
            "id",
            truth.label_ids().collect(),
        ),
    ] {
        let words = [words, &["--limit", "75"]].concat();
        // Half of 75 in an answer: there is more to fetch of each.
        for fault in ["", "*:short-pages"] {
            let (ended, requests) = place.asked(|| place.under(fault, &words).ok());
            let found = column(&items(&ended), field);
            assert_eq!(sorted(found), sorted(expected.clone()), "{words:?} {fault}");
            assert!(ended.json()["rest"]["after"].is_null());
            let answers = if fault.is_empty() { 1 } else { 2 };
            assert_eq!(requests.len(), answers, "{words:?} {fault}");
        }
    }
}

/// Users and groups are two lists in one answer, which holds a hundred of each.
#[tokio::test(flavor = "multi_thread")]
async fn a_restriction_that_names_hundreds_is_read_whole() {
    let place = Place::new().await;
    let truth = place.site.site();
    let crowded = truth
        .page_ids()
        .find(|id| truth.restriction_of(id, Operation::Read).groups.len() > 200)
        .unwrap();
    let expected = truth.restriction_of(&crowded, Operation::Read);
    let words = ["getContentRestrictions", &crowded];
    let (ended, requests) = place.asked(|| place.call(&words).ok());
    let read = ended.json()["read"].clone();
    let named = |of: &str, field: &str| sorted(column(read[of].as_array().unwrap(), field));
    assert_eq!(named("users", "accountId"), sorted(expected.users.clone()));
    assert_eq!(named("groups", "id"), sorted(expected.groups.clone()));
    assert_eq!(read["inherits"], false);
    let reading = requests.iter().filter(|one| path(one).ends_with("/read"));
    let starts: Vec<&str> = reading.flat_map(|one| parameter(one, "start")).collect();
    assert_eq!(starts, ["100", "200"]);
    // And who may read is worked out from all of them.
    let readers = place.call(&["getEffectiveReaders", "page", &crowded]).ok();
    let gates = readers.json()["gates"].as_array().unwrap().clone();
    let gate = gates.iter().find(|gate| gate["id"] == crowded).unwrap();
    let count = expected.users.len() + expected.groups.len();
    assert_eq!(gate["principals"].as_array().unwrap().len(), count);
}

/// Empty lists mean that the piece inherits, and neither nobody nor everybody.
#[tokio::test(flavor = "multi_thread")]
async fn a_restriction_that_names_nobody_inherits() {
    let place = Place::new().await;
    let truth = place.site.site();
    let open = |id: &String| truth.restriction_of(id, Operation::Read).is_empty();
    let all: Vec<String> = truth.page_ids().collect();
    let free = all
        .iter()
        .find(|id| truth.readers_of(id).is_none())
        .unwrap();
    let under = all
        .iter()
        .find(|id| open(id) && truth.readers_of(id).is_some())
        .unwrap();
    for (id, more_gates) in [(free, false), (under, true)] {
        let told = place.call(&["getContentRestrictions", id]).ok().json();
        assert_eq!(told["read"]["inherits"], true, "{id}");
        let readers = place.call(&["getEffectiveReaders", "page", id]).ok().json();
        let gates = readers["gates"].as_array().unwrap();
        assert_eq!(gates[0]["kind"], "space");
        assert!(!gates[0]["principals"].as_array().unwrap().is_empty());
        assert_eq!(gates.len() > 1, more_gates, "{id}: {gates:?}");
        assert!(gates.iter().all(|gate| gate["id"] != **id));
    }
}

/// One part that cannot be read fails the whole, and is the one that is named.
#[tokio::test(flavor = "multi_thread")]
async fn a_part_above_that_cannot_be_read_is_named_and_nobody_is_let_in() {
    let place = Place::of(1_000).await;
    let truth = place.site.site();
    let deep = truth
        .page_ids()
        .find(|id| truth.ancestors_of(id).len() > 2)
        .unwrap();
    let words = ["getEffectiveReaders", "page", &deep];
    let (_, requests) = place.asked(|| place.call(&words).ok());
    let mut parts = 0;
    for (kind, above) in truth.ancestors_of(&deep) {
        let wanted = format!("/content/{above}/restriction/");
        let at = requests
            .iter()
            .position(|one| one.path_and_query.contains(&wanted))
            .unwrap();
        let ended = place.under(&format!("{}:404", at + 1), &words);
        assert_eq!(ended.stdout, "");
        ended.fails(6, &[&format!("{kind} `{above}` cannot be read"), "fix:"]);
        parts += 1;
    }
    assert!(parts > 2);
}
