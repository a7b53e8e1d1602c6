//! Texts as the component reads them: sixteen bytes at a time, which nothing but WebAssembly does.

use std::sync::Arc;

use bytes::Bytes;
use host_runner::{AddressScope, HttpClient, HttpFuture};
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

use tests::AUTHORIZATION;

use crate::caller::Caller;
use crate::supplied_client;

/// A site with a page for each title.
struct Titles(Vec<String>);

impl HttpClient for Titles {
    fn send(&self, _request: Request<Bytes>, _reach: AddressScope) -> HttpFuture<'_> {
        let rows = self.0.iter().enumerate();
        let rows: Vec<Value> = rows
            .map(|(at, title)| json!({"id": (at + 1).to_string(), "title": title}))
            .collect();
        let text = json!({"results": rows, "_links": {}}).to_string();
        let answer = supplied_client::json(Full::new(Bytes::from(text)));
        Box::pin(async move { Ok(answer) })
    }
}

#[tokio::test]
async fn a_text_comes_through_wherever_its_escapes_stand() {
    let around = |length: usize| length.saturating_sub(20)..length + 20;
    let lengths = around(0).chain(around(64)).chain(around(4096));
    let titles: Vec<String> = lengths
        .chain([10_000, 100_000])
        .flat_map(|length| {
            let run = "x".repeat(length);
            let wide = "é".repeat(length / 2);
            [run.clone(), format!("{run}\"{wide}\n\t{run}"), wide + "\\"]
        })
        .collect();
    let site = Arc::new(Titles(titles.clone()));
    let caller = Caller::set_up(|setup| setup.http_client(site));
    let endpoint = "http://127.0.0.1:1/wiki/api/v2/";
    caller.connect("one", endpoint, AUTHORIZATION).await;
    let limit = [("limit", "1000")];
    let listed = caller.call("one", "listPages", &[], &limit).await.unwrap();
    let listed: Value = serde_json::from_str(&listed.to_json()).unwrap();
    let rows = listed["items"].as_array().unwrap();
    assert_eq!(rows.len(), titles.len());
    for (row, title) in rows.iter().zip(&titles) {
        assert!(row["title"] == **title, "{}", title.len());
    }
}
