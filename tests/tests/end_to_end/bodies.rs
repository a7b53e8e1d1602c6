//! Bodies as text and as markdown: rendered in the sandbox from what the site has.

use confluence_rendering::{Context, Format, Rendered, storage};
use serde_json::Value;
use tests::Host;

use crate::site;

/// What the rendering library makes of a body that Confluence sent.
fn expected(page: &Value, format: Format, base: &str) -> Rendered {
    let link = page["webUrl"].as_str().unwrap();
    let (_, behind) = link.split_once("/spaces/").unwrap();
    let mut context = Context::default();
    context.base_url = Some(base);
    context.space_key = behind.split('/').next();
    let value = page["body"]["value"].as_str().unwrap();
    storage(value, format, &context).unwrap()
}

fn rows(host: &Host, words: &[&str]) -> Vec<Value> {
    let answer = host.call(words).ok().json();
    answer["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_listed_with_bodies_in_text_and_markdown() {
    let site = site().await;
    let host = Host::with_site(&site);
    let base = format!("{}/wiki", site.site_url());
    let list = |format: &str| {
        rows(
            &host,
            &[
                "listPages",
                "--limit",
                "60",
                "--options",
                &format!(r#"{{"bodyFormat":"{format}"}}"#),
            ],
        )
    };
    let stored = list("storage");
    let (mut degraded, mut links) = (0, 0);
    for (name, format) in [("text", Format::Text), ("markdown", Format::Markdown)] {
        let rendered = list(name);
        assert_eq!(rendered.len(), 60);
        for (page, source) in rendered.iter().zip(&stored) {
            assert_eq!(page["id"], source["id"]);
            let wanted = expected(source, format, &base);
            assert_eq!(page["body"]["representation"], name);
            assert_eq!(page["body"]["value"].as_str().unwrap(), wanted.text);
            assert_eq!(
                page["body"]["degraded"].is_string(),
                !wanted.notices.is_empty()
            );
            degraded += usize::from(!wanted.notices.is_empty());
            links += usize::from(
                wanted
                    .text
                    .contains(&format!("{base}/display/ENG/Road+map")),
            );
        }
    }
    assert!(degraded > 0, "no body of the site has an unknown macro");
    assert!(links > 0, "no body of the site links to a page");
    for request in site.requests() {
        assert!(
            !request.path_and_query.contains("markdown")
                && !request.path_and_query.contains("=text"),
            "{request:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn single_pieces_of_every_kind_have_their_body_rendered() {
    let site = site().await;
    let host = Host::with_site(&site);
    let markdown = ["--options", r#"{"bodyFormat":"markdown"}"#];
    let ids = |function: &str| host.call(&[function, "--limit", "5"]).ok().ids();
    let comment = {
        let found = site.site().page_ids().find_map(|page| {
            let rows = rows(&host, &["getComments", "page", &page, "footer", "false"]);
            rows.first()
                .map(|row| row["id"].as_str().unwrap().to_owned())
        });
        found.unwrap()
    };
    let calls = [
        ["getPageById".to_owned(), ids("listPages").remove(0)],
        ["getBlogPostById".to_owned(), ids("listBlogPosts").remove(0)],
        ["getTaskById".to_owned(), ids("listTasks").remove(0)],
        ["getCommentById".to_owned(), comment],
    ];
    for call in &calls {
        let mut words: Vec<&str> = call.iter().map(String::as_str).collect();
        if call[0] == "getCommentById" {
            words.push("footer");
        }
        let row = host.call(&[&words[..], &markdown].concat()).ok().json();
        assert_eq!(row["body"]["representation"], "markdown", "{call:?}");
        let value = row["body"]["value"].as_str().unwrap();
        assert!(
            !value.contains("</p>") && !value.trim().is_empty(),
            "{call:?}: {value}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_storage_format_is_not_rendered() {
    let site = site().await;
    let host = Host::with_site(&site);
    let before = site.request_count();
    for format in ["markdown", "text"] {
        host.call(&[
            "listSpaces",
            "--options",
            &format!(r#"{{"bodyFormat":"{format}"}}"#),
        ])
        .fails(18, &["body-format", "`plain` and `view`"]);
    }
    assert_eq!(site.request_count(), before);
}
