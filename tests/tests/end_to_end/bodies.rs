//! Bodies as text and as markdown, rendered in the sandbox from what the site has, and bodies that are
//! too large for one answer.

use std::sync::Arc;

use bytes::Bytes;
use confluence_rendering::{Context, Format, Rendered, storage};
use host_runner::{AddressScope, HttpClient, HttpFuture};
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};
use tests::{AUTHORIZATION, Host};

use crate::caller::Caller;
use crate::{site, supplied_client};

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

/// A site of ten pages, whose bodies have 200 kB each but for one that has 2 MB.
struct Heavy;

impl HttpClient for Heavy {
    fn send(&self, request: Request<Bytes>, _reach: AddressScope) -> HttpFuture<'_> {
        let query = request.uri().query().unwrap_or_default();
        let number = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let found = pairs.find(|(given, _)| *given == name);
            found.map(|(_, value)| value.parse::<usize>().unwrap())
        };
        let (from, size) = (number("cursor").unwrap_or(1), number("limit").unwrap());
        let row = |id: usize| {
            let bytes = if id == 7 { 2_000_000 } else { 200_000 };
            let body = query.contains("body-format=storage").then(
                || json!({"storage": {"representation": "storage", "value": "x".repeat(bytes)}}),
            );
            json!({"id": id.to_string(), "title": id.to_string(), "body": body})
        };
        let behind = (from + size).min(11);
        let rows: Vec<Value> = (from..behind).map(row).collect();
        let next = (behind < 11).then(|| format!("/wiki/api/v2/pages?cursor={behind}"));
        let text = json!({"results": rows, "_links": {"next": next}}).to_string();
        let answer = supplied_client::json(Full::new(Bytes::from(text)));
        Box::pin(async move { Ok(answer) })
    }
}

#[tokio::test]
async fn pages_that_are_too_large_for_one_answer_come_in_several() {
    let caller = Caller::set_up(|setup| setup.http_client(Arc::new(Heavy)));
    let endpoint = "http://127.0.0.1:1/wiki/api/v2/";
    caller.connect("one", endpoint, AUTHORIZATION).await;
    caller.set("limits.answer-mib", "1");
    let options = [("options", r#"{"bodyFormat":"storage"}"#)];
    let listed = caller.call("one", "listPages", &[], &options).await;
    let listed: Value = serde_json::from_str(&listed.unwrap().to_json()).unwrap();
    let rows = listed["items"].as_array().unwrap();
    let ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["1", "2", "3", "4", "5", "6", "8", "9", "10"]);
    for row in rows {
        assert_eq!(row["body"]["value"].as_str().unwrap().len(), 200_000);
    }
    let rest = &listed["rest"];
    assert!(
        rest["after"].is_null() && rest["stopped"].is_null(),
        "{rest}"
    );
    let notices = rest["notices"].as_array().unwrap();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert_eq!(
        (&notices[0]["code"], &notices[0]["id"]),
        (&json!("poison-item"), &json!("7"))
    );
}
