//! What hangs under what.

use std::collections::BTreeSet;

use confluence_simulator::Settings;

use super::{Place, items, parameter, path, sorted};

/// Folders, whiteboards, databases and embeds are parents as well as pages.
#[tokio::test(flavor = "multi_thread")]
async fn a_parent_may_be_of_any_kind_and_a_page_under_it_is_no_orphan() {
    let place = Place::of(3_000).await;
    let truth = place.site.site();
    let mut kinds = BTreeSet::new();
    for page in items(&place.call(&["listPages", "--limit", "10000"]).ok()) {
        let parent = truth.ancestors_of(page["id"].as_str().unwrap()).pop();
        let (kind, id) = parent.unzip();
        assert_eq!(page["parentType"].as_str(), kind);
        assert_eq!(page["parentId"].as_str(), id.as_deref());
        kinds.extend(kind);
    }
    let all = ["database", "embed", "folder", "page", "whiteboard"];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), all);
}

/// Children of other kinds stand among the pages, and are given to who asks for them.
#[tokio::test(flavor = "multi_thread")]
async fn children_are_pages_unless_other_kinds_are_asked_for() {
    let place = Place::of(600).await;
    let truth = place.site.site();
    let home = place.page(0);
    let of = |kind: &str| {
        let children = truth.children_of(&home).into_iter();
        sorted(children.filter(|(is, _)| *is == kind).map(|(_, id)| id))
    };
    let words = ["getPageChildren", &home, "--limit", "250"];
    let (pages, requests) = place.asked(|| place.call(&words).ok());
    assert_eq!(sorted(pages.ids()), of("page"));
    // The call that is deprecated is left alone.
    assert!(path(&requests[0]).ends_with("/direct-children"));
    for kind in ["folder", "whiteboard", "database", "embed"] {
        assert!(!of(kind).is_empty(), "{kind}");
        let words = [&words[..], &["--types", kind]].concat();
        assert_eq!(sorted(place.call(&words).ok().ids()), of(kind), "{kind}");
    }
}

/// One answer holds 250, with no link to more: those above are the ancestors of the topmost.
#[tokio::test(flavor = "multi_thread")]
async fn more_than_250_ancestors_come_whole_and_from_the_top() {
    let place = Place::with(Settings {
        pages: 160_000,
        chained: true,
        ..Settings::default()
    })
    .await;
    let truth = place.site.site();
    let space = truth.space_ids().nth(3).unwrap();
    let pages: Vec<String> = truth.page_ids_in(&space).collect();
    for depth in [3, 250, 251, 300] {
        let id = &pages[depth];
        let (ended, requests) = place.asked(|| place.call(&["getPageAncestors", id]).ok());
        let found: Vec<String> = ended
            .json()
            .as_array()
            .unwrap()
            .iter()
            .map(|above| above["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(found, pages[..depth], "{depth}");
        assert!(
            requests
                .iter()
                .all(|one| parameter(one, "limit") == ["250"])
        );
        // A full answer may be all of them, and only the next one tells.
        assert_eq!(requests.len(), 1 + depth / 250, "{depth}");
    }
}
