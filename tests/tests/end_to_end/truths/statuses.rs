//! What is in the trash, what is archived, and what is missing or hidden.

use confluence_simulator::{Settings, Simulator};
use tests::Host;

use super::{Place, column, functions, items, sorted};

/// To delete is to put into the trash, and from there single calls answer like any other.
#[tokio::test(flavor = "multi_thread")]
async fn trashed_content_is_answered_with_200_and_says_so() {
    let place = Place::new().await;
    let truth = place.site.site();
    let page = truth.trashed_page_ids().next().unwrap();
    let post = truth.trashed_blog_post_ids().next().unwrap();
    let files = place.call(&["listAttachments", "--status", "trashed"]).ok();
    for words in [
        ["getPageById", &page],
        ["getBlogPostById", &post],
        ["getAttachmentById", &files.ids()[0]],
    ] {
        let (ended, requests) = place.asked(|| place.call(&words).ok());
        assert_eq!(ended.json()["id"], words[1]);
        assert_eq!(ended.json()["status"], "trashed", "{words:?}");
        assert_eq!(requests[0].status, 200);
    }
    let readers = place.call(&["getEffectiveReaders", "page", &page]).ok();
    assert_eq!(readers.json()["status"], "trashed");
    // Who wants live pages only says so, and gets a 404.
    place
        .call(&["getPageById", &page, "--status", "current"])
        .fails(6, &["missing or hidden"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_leave_the_trash_out_and_the_archive_in_unless_a_status_is_asked_for() {
    let place = Place::new().await;
    let truth = place.site.site();
    let listed = |words: &[&str]| {
        let words = [words, &["--limit", "10000"]].concat();
        place.call(&words).ok()
    };
    let usual = listed(&["listPages"]);
    let statuses = column(&items(&usual), "status");
    for wanted in ["current", "archived"] {
        assert!(statuses.iter().any(|status| status == wanted), "{wanted}");
    }
    assert_eq!(sorted(usual.ids()), sorted(truth.page_ids()));
    let trash = listed(&["listPages", "--status", "trashed"]);
    assert_eq!(sorted(trash.ids()), sorted(truth.trashed_page_ids()));
    let archive = listed(&["listPages", "--status", "archived"]);
    assert_eq!(sorted(archive.ids()), sorted(truth.archived_page_ids()));
    let posts = listed(&["listBlogPosts", "--status", "trashed"]);
    assert_eq!(sorted(posts.ids()), sorted(truth.trashed_blog_post_ids()));
    // Blog posts know no archive, and drafts are in no list.
    let (_, requests) = place.asked(|| {
        for words in [
            ["listBlogPosts", "--status", "archived"],
            ["listPages", "--status", "draft"],
            ["listAttachments", "--status", "deleted"],
        ] {
            place.call(&words).fails(18, &[words[2], "current"]);
        }
    });
    assert!(requests.is_empty());
}

/// Confluence says 404 for both, and for content in the trash of somebody else.
#[tokio::test(flavor = "multi_thread")]
async fn a_404_is_missing_or_hidden_and_never_deleted() {
    let place = Place::new().await;
    for words in [
        &["getPageById", "987654321012345678"][..],
        &["getBlogPostById", "987654321012345678"],
        &["getAttachmentById", "att987654321012345678"],
        &["getSpaceById", "987654321012345678"],
        &["getSpaceById", "NOPE"],
        &["getFolder", "987654321012345678"],
        &["getTaskById", "987654321012345678"],
        &["getCommentById", "987654321012345678"],
        &["getPageAncestors", "987654321012345678"],
        &["getContentRestrictions", "987654321012345678"],
        &[
            "getComments",
            "page",
            "987654321012345678",
            "footer",
            "false",
        ],
        &["getEffectiveReaders", "page", "987654321012345678"],
    ] {
        let ended = place.call(words).fails(6, &["hidden", "cause:", "fix:"]);
        assert!(!ended.stderr.contains("deleted"), "{ended:#?}");
        assert_eq!(ended.stdout, "", "{words:?}");
    }
    // Refused, forbidden and missing are three things.
    for (fault, code) in [("*:401", 4), ("*:403", 5), ("*:404", 6)] {
        place.under(fault, &["listPages"]).fails(code, &["fix:"]);
    }
}

/// Confluence does not tell a group that is not there from one without members.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_not_there_has_no_members_and_is_no_error() {
    let place = Place::new().await;
    let ended = place.call(&["getGroupMembers", "00000000-0000-4000-8000-000000000000"]);
    let ended = ended.ok();
    assert!(items(&ended).is_empty());
    assert!(ended.json()["rest"]["stopped"].is_null());
}

/// Where anonymous visitors may look, a token that is no longer good gets 200 and what they see.
#[tokio::test(flavor = "multi_thread")]
async fn an_anonymous_answer_to_a_bad_token_is_an_error_of_every_function() {
    let place = Place::new().await;
    for (words, _) in functions(&place.site) {
        let (ended, requests) = place.asked(|| place.under("*:anonymous", &words));
        assert_eq!(requests.len(), 1, "{words:?}");
        assert_eq!(requests[0].status, 200, "{words:?}");
        assert_eq!(ended.stdout, "", "{words:?}");
        ended.fails(4, &["anonymous", "token", "fix:"]);
    }
}

/// The site says 401 to it, whatever it may do at the gateway.
#[tokio::test(flavor = "multi_thread")]
async fn a_401_at_the_site_names_the_gateway_as_a_way_out() {
    let settings = Settings {
        credential: Some("Basic b3RoZXI6dG9rZW4=".to_owned()),
        ..Settings::default()
    };
    let site = Simulator::start(settings).await.unwrap();
    let host = Host::with_site(&site);
    let before = site.request_count();
    host.call(&["listPages"])
        .fails(4, &["scoped", "api.atlassian.com/ex/confluence/", "fix:"]);
    assert_eq!(
        site.request_count() - before,
        1,
        "asked once, not in a loop"
    );
}
