//! What a call cost is told: through the library, and by the binary.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use host_runner::{AddressScope, HostRunner, HttpClient, HttpFuture, Level, Receipt, bind};
use http::Request;
use hyper::body::{Body, Frame};
use serde_json::Value;
use tests::{AUTHORIZATION, Host};

use crate::caller::{Caller, scope};
use crate::{faults, site, supplied_client};

/// The value of `Authorization` of a token that an OAuth app has.
const BEARER: &str = "Bearer eyJhbGciOiJub25lIn0-0123456789abcdef";

fn told(ended: &tests::Ended) -> Value {
    let line = ended.stderr.lines().find(|line| line.starts_with('{'));
    serde_json::from_str(line.unwrap_or_else(|| panic!("no receipt: {ended:#?}"))).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_made_again_says_how_often_and_how_long_it_waited() {
    let site = site().await;
    let host = Host::with_site(&site);
    host.write(
        "cluster.toml",
        "network.allow-loopback = true\nretry.first-wait-seconds = 0.001\n",
    );
    site.set_faults(faults("1:503,2:503"));
    let words = [
        "listPages",
        "--limit",
        "250",
        "--output",
        "json",
        "--receipt",
    ];
    let ended = host.call(&words).ok();
    let receipt = told(&ended);
    assert_eq!(receipt["requests"], 3);
    assert_eq!(receipt["retries"], 2);
    assert_eq!(receipt["points"], 0, "a token of a user is not counted");
    assert!(receipt["waitedMs"].as_f64() > Some(0.0));
    assert!(receipt["networkMs"].as_f64() > Some(0.0));
    assert!(receipt["componentMs"].as_f64() > Some(0.0));
    let part = |name: &str| receipt[name].as_f64().unwrap();
    // One request after the other: nothing overlaps, and nothing is left out.
    let sum = part("waitedMs") + part("networkMs") + part("componentMs");
    assert!(
        (sum - part("totalMs")).abs() < 0.1 * part("totalMs"),
        "{receipt}"
    );
    assert!(receipt["peakMemoryBytes"].as_u64() > Some(1 << 20));
    let answer: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(answer["items"].as_array().unwrap().len(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_fails_has_a_receipt_as_well() {
    let site = site().await;
    let host = Host::with_site(&site);
    site.set_faults(faults("*:500"));
    let ended = host
        .call(&["listSpaces", "--output", "json", "--receipt"])
        .fails(8, &[]);
    assert!(told(&ended)["requests"].as_u64() > Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_list_has_one_receipt() {
    let site = crate::site_of(2500).await;
    let host = Host::with_site(&site);
    let ended = host.call(&["listPages", "--all", "--receipt"]).ok();
    assert_eq!(ended.line_ids().len(), 2500);
    assert_eq!(told(&ended)["requests"], 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_told_in_words() {
    let site = site().await;
    let host = Host::with_site(&site);
    let ended = host
        .call(&["listSpaces", "--output", "table", "--receipt"])
        .ok();
    assert!(
        ended.stderr.contains("receipt: 1 request (0 retries)"),
        "{}",
        ended.stderr
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn points_are_counted_for_apps_by_row() {
    let site = site().await;
    let host = Host::new();
    host.set(&site.endpoint(), BEARER, "app").ok();
    let words = [
        "listPages",
        "--limit",
        "200",
        "--output",
        "json",
        "--receipt",
    ];
    assert_eq!(told(&host.call(&words).ok())["points"], 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_has_spent_its_part_of_the_quota_is_told_to_wait_for_the_hour() {
    let site = site().await;
    let folder = tempfile::TempDir::new().unwrap();
    let host = HostRunner::builder(folder.path().join("config"), folder.path().join("state"))
        .open()
        .unwrap();
    crate::allow_loopback(&host);
    let scope = |app: &str| host_runner::Scope {
        env: "test".parse().unwrap(),
        app: app.parse().unwrap(),
    };
    host.config()
        .set(
            &scope("one"),
            Level::Cluster,
            "network.points-per-hour",
            "300",
        )
        .unwrap();
    let call = async |app: &str, function: &str, words: &[&str]| {
        let tenant = host.tenant(&scope(app)).unwrap();
        let function = tenant.function(function).unwrap();
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let arguments = bind(function, &words, &[]).unwrap();
        tenant.call_with_receipt(function, arguments).await
    };
    for app in ["large", "small"] {
        let (set, _) = call(app, "setApiUrlAndAuth", &[&site.endpoint(), BEARER, "app"]).await;
        set.unwrap();
    }
    let (spaces, receipt): (_, Receipt) = call("small", "listSpaces", &[]).await;
    spaces.unwrap();
    assert!(receipt.points > 1);
    // 201 of 300: more than its half, of which nobody had the use until now.
    let (first, receipt) = call("large", "listPages", &["null", "200"]).await;
    first.unwrap();
    assert_eq!(receipt.points, 201);
    let sent = site.requests().len();
    let (second, receipt) = call("large", "listPages", &["null", "200"]).await;
    let error = match second.unwrap_err() {
        host_runner::CallError::Component { error, .. } => *error,
        other => panic!("{other}"),
    };
    assert_eq!(error.kind.as_str(), "rate-limited");
    assert!(error.retry_after_ms <= Some(3_600_000));
    assert_eq!(receipt.requests, 0);
    assert_eq!(site.requests().len(), sent);
    let (spaces, _) = call("small", "listSpaces", &[]).await;
    spaces.unwrap();
}

/// A body in pieces of 64 KiB that does not say how long it is.
struct Pieces(VecDeque<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

/// A site with one page, which has a field of so many bytes that nobody reads.
struct Large(usize);

impl HttpClient for Large {
    fn send(&self, _request: Request<Bytes>, _reach: AddressScope) -> HttpFuture<'_> {
        let unread = "x".repeat(self.0);
        let text = format!(r#"{{"results":[{{"id":"1","unread":"{unread}"}}],"_links":{{}}}}"#);
        let pieces = text.as_bytes().chunks(64 << 10);
        let answer = supplied_client::json(Pieces(pieces.map(Bytes::copy_from_slice).collect()));
        Box::pin(async move { Ok(answer) })
    }
}

#[tokio::test]
async fn an_answer_is_in_the_guest_once_however_it_comes() {
    let bytes = 6 << 20;
    let caller = Caller::set_up(|setup| setup.http_client(Arc::new(Large(bytes))));
    let endpoint = "http://127.0.0.1:1/wiki/api/v2/";
    caller.connect("one", endpoint, AUTHORIZATION).await;
    let tenant = caller.host.tenant(&scope("one")).unwrap();
    let function = tenant.function("listPages").unwrap();
    let arguments = bind(function, &[], &[]).unwrap();
    let (listed, receipt) = tenant.call_with_receipt(function, arguments).await;
    assert_eq!(listed.unwrap().items().unwrap().len(), 1);
    assert!(receipt.bytes_decoded > bytes as u64);
    // What each instance begins with, and a step of growth.
    let beside = (2 << 20) + (1 << 19);
    assert!(
        receipt.peak_memory_bytes <= (bytes + beside) as u64,
        "{}",
        receipt.peak_memory_bytes
    );
}
