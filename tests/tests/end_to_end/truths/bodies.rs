//! Which formats of bodies there are where, and what they are.

use serde_json::Value;

use super::{Place, items};

#[tokio::test(flavor = "multi_thread")]
async fn rendered_formats_are_refused_in_lists_and_taken_by_single_pieces() {
    let place = Place::new().await;
    let truth = place.site.site();
    let page = place.page(5);
    let post = truth.blog_post_ids().next().unwrap();
    let comment = truth.footer_comment_ids().next().unwrap();
    let kind = truth.custom_content_types()[0];
    for format in [
        "view",
        "export_view",
        "anonymous_export_view",
        "styled_view",
        "editor",
    ] {
        let (_, requests) = place.asked(|| {
            for words in [
                &["listPages"][..],
                &["listBlogPosts"],
                &["listTasks"],
                &["listCustomContent", kind],
                &["getPageVersions", &page],
                &["getComments", "page", &page, "footer", "false"],
            ] {
                let words = [words, &["--body-format", format]].concat();
                place.call(&words).fails(18, &[format, "storage"]);
            }
        });
        assert!(requests.is_empty(), "{format}");
        for words in [
            ["getPageById", &page],
            ["getBlogPostById", &post],
            ["getCommentById", &comment],
        ] {
            let words = [&words[..], &["--body-format", format]].concat();
            let body = place.call(&words).ok().json()["body"].clone();
            assert_eq!(body["representation"], format, "{words:?}");
            assert!(!body["value"].as_str().unwrap().is_empty(), "{words:?}");
        }
    }
    // Only what apps define has a raw body, and only spaces are described in plain text.
    place
        .call(&["listPages", "--body-format", "raw"])
        .fails(18, &["raw"]);
    place
        .call(&["listPages", "--body-format", "plain"])
        .fails(18, &["plain"]);
    // And a raw body can be read raw only.
    let of_app = truth.custom_content_types()[1];
    for (kind, format, is) in [
        (kind, "storage", true),
        (kind, "raw", false),
        (of_app, "raw", true),
        (of_app, "storage", false),
    ] {
        let content = place.call(&["listCustomContent", kind, "--body-format", format]);
        for item in items(&content.ok()) {
            assert_eq!(item["body"]["value"].is_string(), is, "{kind} {format}");
        }
    }
    let spaces = items(&place.call(&["listSpaces", "--body-format", "plain"]).ok());
    assert!(
        spaces
            .iter()
            .any(|space| space["description"]["value"].is_string())
    );
    place
        .call(&["listSpaces", "--body-format", "storage"])
        .fails(18, &["storage"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_of_adf_is_text_that_holds_json() {
    let place = Place::new().await;
    let page = place.page(5);
    let listed = items(
        &place
            .call(&["listPages", "--body-format", "atlas_doc_format"])
            .ok(),
    );
    let single = place.call(&["getPageById", &page, "--body-format", "atlas_doc_format"]);
    for body in [&listed[0]["body"], &single.ok().json()["body"]] {
        assert_eq!(body["representation"], "atlas_doc_format");
        let document: Value = serde_json::from_str(body["value"].as_str().unwrap()).unwrap();
        assert_eq!(document["type"], "doc");
    }
}

/// Pages then come with an empty `body`, comments without one.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_format_there_is_no_body() {
    let place = Place::new().await;
    let truth = place.site.site();
    let commented = truth
        .page_ids()
        .find(|id| !truth.footer_comment_ids_of(id).is_empty())
        .unwrap();
    let comments = &["getComments", "page", &commented, "footer", "false"][..];
    for words in [
        &["listPages"][..],
        &["listBlogPosts"],
        &["listTasks"],
        comments,
    ] {
        let found = items(&place.call(words).ok());
        assert!(!found.is_empty(), "{words:?}");
        assert!(found.iter().all(|item| item["body"].is_null()), "{words:?}");
        let words = [words, &["--body-format", "storage"]].concat();
        let found = items(&place.call(&words).ok());
        assert!(
            found
                .iter()
                .all(|item| item["body"]["representation"] == "storage")
        );
    }
}
