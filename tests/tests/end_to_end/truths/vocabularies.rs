//! Statuses and types that the description lacks.

use super::{Place, column, items, notices};

#[tokio::test(flavor = "multi_thread")]
async fn words_that_nobody_has_heard_of_pass_as_they_are() {
    let place = Place::new().await;
    let truth = place.site.site();
    let space = truth.space_ids().next().unwrap();
    let page = truth
        .page_ids()
        .find(|id| !truth.inline_comment_ids_of(id).is_empty())
        .unwrap();
    for (words, fields) in [
        (&["listPages"][..], &["status", "parentType"][..]),
        (&["listSpaces"], &["status", "type"]),
        (&["listBlogPosts"], &["status"]),
        (&["listAttachments"], &["status"]),
        (&["listTasks"], &["status"]),
        (&["listLabels"], &["prefix"]),
        (&["getGroups"], &["usageType", "managedBy"]),
        (
            &["getComments", "page", &page, "inline", "false"],
            &["status", "resolutionStatus"],
        ),
    ] {
        let usual = items(&place.call(words).ok());
        let ended = place.under("*:unknown-words", words).ok();
        let odd = items(&ended);
        assert_eq!(odd.len(), usual.len(), "{words:?}");
        assert!(notices(&ended).is_empty(), "{words:?}");
        for field in fields {
            let expected: Vec<String> = column(&usual, field)
                .iter()
                .map(|word| format!("new-{word}"))
                .collect();
            assert!(!expected.is_empty(), "{words:?} {field}");
            assert_eq!(column(&odd, field), expected, "{words:?} {field}");
        }
    }
    let permissions = items(
        &place
            .under("*:unknown-words", &["getSpacePermissions", &space])
            .ok(),
    );
    assert_eq!(permissions[0]["principal"]["kind"], "new-user");
}

/// What is not understood must not open a door.
#[tokio::test(flavor = "multi_thread")]
async fn a_kind_of_principal_that_nobody_has_heard_of_lets_nobody_in() {
    let place = Place::new().await;
    let words = ["getEffectiveReaders", "page", &place.page(1)];
    place.call(&words).ok();
    let ended = place.under("*:unknown-words", &words);
    assert_eq!(ended.stdout, "");
    ended.fails(
        23,
        &[
            "cannot be read",
            "which is not a user, group or access class",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_do_not_leak_in_through_children() {
    let place = Place::of(1_000).await;
    let truth = place.site.site();
    let page = truth
        .page_ids()
        .find(|id| truth.children_of(id).len() > 8)
        .unwrap();
    let types = "page,folder,whiteboard,database,embed";
    let words = ["getPageChildren", &page, "--types", types, "--limit", "250"];
    let all = place.call(&words).ok().ids();
    let published = items(&place.under("*:drafts", &words).ok());
    assert!(!published.is_empty() && published.len() < all.len());
    assert!(column(&published, "status").iter().all(|is| is != "draft"));
    // Who asks for drafts gets them, and nothing else.
    let words = [&words[..], &["--status", "draft"]].concat();
    let drafts = items(&place.under("*:drafts", &words).ok());
    assert!(column(&drafts, "status").iter().all(|is| is == "draft"));
    assert_eq!(drafts.len() + published.len(), all.len());
}
