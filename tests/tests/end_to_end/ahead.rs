//! The page behind one is asked for while the component still reads it.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use host_runner::{AddressScope, HttpBody, HttpClient, HttpFuture};
use http::{Request, Response, header};
use http_body_util::Full;
use serde_json::{Value, json};

use tests::AUTHORIZATION;

use crate::caller::Caller;

/// A site of two pages, whose header and body each name the second one. Where they differ, what is
/// asked for before the body is read shows.
struct Site {
    in_body: &'static str,
    asked: Mutex<Vec<Option<String>>>,
}

impl HttpClient for Site {
    fn send(&self, request: Request<Bytes>, _reach: AddressScope) -> HttpFuture<'_> {
        let query = request.uri().query().unwrap_or_default();
        let cursor = query
            .split_once("cursor=")
            .map(|(_, cursor)| cursor.to_owned());
        let is_first = cursor.is_none();
        self.asked.lock().unwrap().push(cursor);
        let links = if is_first {
            json!({"next": format!("/wiki/api/v2/pages?cursor={}", self.in_body)})
        } else {
            json!({})
        };
        let page = json!({"results": [{"id": if is_first { "1" } else { "2" }}], "_links": links});
        let mut answer = Response::builder().header(header::CONTENT_TYPE, "application/json");
        if is_first {
            let next = r#"</wiki/api/v2/pages?cursor=header>; rel="next""#;
            answer = answer.header(header::LINK, next);
        }
        let body = HttpBody::new(Full::new(Bytes::from(page.to_string())));
        let answer = answer.body(body).unwrap();
        Box::pin(async move { Ok(answer) })
    }
}

/// The cursors that a site is asked for by a call with that limit, which answers those ids.
///
/// One thread runs component and network, so that nothing leaves unless the component is made to
/// wait for it.
async fn asked(in_body: &'static str, limit: &str, ids: &[&str]) -> Vec<Option<String>> {
    let site = Arc::new(Site {
        in_body,
        asked: Mutex::default(),
    });
    let caller = Caller::set_up(|setup| setup.http_client(site.clone()));
    let endpoint = "http://127.0.0.1:1/wiki/api/v2/";
    caller.connect("one", endpoint, AUTHORIZATION).await;
    let limit = [("limit", limit)];
    let listed = caller.call("one", "listPages", &[], &limit).await.unwrap();
    let listed: Value = serde_json::from_str(&listed.to_json()).unwrap();
    let rows = listed["items"].as_array().unwrap();
    assert_eq!(rows.iter().map(|row| &row["id"]).collect::<Vec<_>>(), ids);
    site.asked.lock().unwrap().clone()
}

#[tokio::test]
async fn the_next_page_is_asked_for_before_the_rows_of_this_one_are_read() {
    let cursor = |text: &str| Some(text.to_owned());
    let both = [None, cursor("header"), cursor("body")];
    assert_eq!(asked("body", "500", &["1", "2"]).await, both);
}

#[tokio::test]
async fn what_was_asked_for_ahead_is_not_asked_for_again_nor_in_vain() {
    let once = [None, Some("header".to_owned())];
    assert_eq!(asked("header", "500", &["1", "2"]).await, once);
    // The rows of the first page may be all that is wanted.
    assert_eq!(asked("header", "1", &["1"]).await, [None]);
}
