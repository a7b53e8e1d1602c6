//! An HTTP client that a program brings along, in place of the host's pools: all that stands in
//! front of it and behind it holds.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use confluence_simulator::Simulator;
use host_runner::{
    AddressScope, AttachmentRequest, CallError, Endpoint, HttpBody, HttpClient, HttpClientError,
    HttpFuture, Receipt, bind,
};
use http::{HeaderMap, Request, Response, header};
use http_body_util::Full;
use hyper::body::{Body, Frame};
use hyper_util::rt::TokioIo;
use tests::{AUTHORIZATION, TOKEN};
use tokio::net::TcpStream;

use crate::caller::{Caller, component_error, scope};
use crate::{faults, site};

/// What a client of the test's does in place of sending a request.
enum Trick {
    Fails(HttpClientError),
    Answers(Response<HttpBody>),
    SaysNothing,
}

/// A client with a connection for each request.
#[derive(Default)]
struct Plain {
    /// What it was given.
    given: Mutex<Vec<Request<Bytes>>>,
    /// What it does first.
    tricks: Mutex<VecDeque<Trick>>,
}

impl Plain {
    fn will(&self, trick: Trick) {
        self.tricks.lock().unwrap().push_back(trick);
    }

    fn count(&self) -> u64 {
        self.given.lock().unwrap().len() as u64
    }

    /// The headers of requests whose path has this in it.
    fn headers_of(&self, part: &str) -> Vec<HeaderMap> {
        let given = self.given.lock().unwrap();
        given
            .iter()
            .filter(|request| request.uri().path().contains(part))
            .map(|request| request.headers().clone())
            .collect()
    }
}

fn unreachable(error: impl ToString) -> HttpClientError {
    HttpClientError::Unreachable {
        reason: error.to_string(),
    }
}

async fn over_a_socket(
    request: Request<Bytes>,
    reach: AddressScope,
) -> Result<Response<HttpBody>, HttpClientError> {
    let authority = request.uri().authority().unwrap().clone();
    let stream = TcpStream::connect(authority.as_str())
        .await
        .map_err(unreachable)?;
    if !reach.allows(stream.peer_addr().map_err(unreachable)?.ip()) {
        return Err(HttpClientError::OutOfReach);
    }
    let broken = |error: hyper::Error| HttpClientError::Broken {
        reason: error.to_string(),
    };
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    tokio::spawn(connection);
    let mut request = request.map(Full::new);
    *request.uri_mut() = request
        .uri()
        .path_and_query()
        .unwrap()
        .as_str()
        .parse()
        .unwrap();
    let host = authority.as_str().parse().unwrap();
    request.headers_mut().insert(header::HOST, host);
    let answer = sender.send_request(request).await.map_err(broken)?;
    Ok(answer.map(HttpBody::new))
}

impl HttpClient for Plain {
    fn send(&self, request: Request<Bytes>, reach: AddressScope) -> HttpFuture<'_> {
        self.given.lock().unwrap().push(request.clone());
        let trick = self.tricks.lock().unwrap().pop_front();
        Box::pin(async move {
            match trick {
                None => over_a_socket(request, reach).await,
                Some(Trick::Fails(error)) => Err(error),
                Some(Trick::Answers(answer)) => Ok(answer),
                Some(Trick::SaysNothing) => std::future::pending().await,
            }
        })
    }
}

/// A body without end, which counts what was taken of it.
struct Endless(Arc<AtomicU64>);

impl Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        static BLANKS: [u8; 64 * 1024] = [b' '; 64 * 1024];
        self.0.fetch_add(BLANKS.len() as u64, Ordering::SeqCst);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&BLANKS)))))
    }
}

/// An answer of Confluence's kind, with a body that a test makes.
pub(crate) fn json<B>(body: B) -> Response<HttpBody>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut answer = Response::new(HttpBody::new(body));
    let kind = "application/json".parse().unwrap();
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}

fn text(text: impl Into<Bytes>) -> Full<Bytes> {
    Full::new(text.into())
}

async fn connected(site: &Simulator) -> (Caller, Arc<Plain>) {
    let client = Arc::new(Plain::default());
    let caller = Caller::set_up(|setup| setup.http_client(client.clone()));
    caller.connect("one", &site.endpoint(), AUTHORIZATION).await;
    (caller, client)
}

/// Lists the pages, and tells what it cost.
async fn pages(caller: &Caller) -> (Result<(), CallError>, Receipt) {
    let tenant = caller.host.tenant(&scope("one")).unwrap();
    let list = tenant.function("listPages").unwrap();
    let arguments = bind(list, &[], &[]).unwrap();
    let (answer, receipt) = tenant.call_with_receipt(list, arguments).await;
    (answer.map(drop), receipt)
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_leaves_goes_through_a_supplied_client() {
    let site = site().await;
    let (caller, client) = connected(&site).await;
    assert_eq!(caller.pages("one").await.unwrap().len(), 200);

    let endpoint = Endpoint::parse(&site.endpoint()).unwrap();
    caller
        .host
        .site_time(&scope("one"), &endpoint)
        .await
        .unwrap();

    let tenant = caller.host.tenant(&scope("one")).unwrap();
    let id = site
        .site()
        .attachment_ids()
        .find(|id| site.site().attachment_size(id) < Some(1_000_000))
        .unwrap();
    let wanted: Vec<u8> = site.site().attachment_bytes(&id).collect();
    let mut download = tenant.download(&AttachmentRequest::new(&id)).await.unwrap();
    let mut file = Vec::new();
    while let Some(piece) = download.piece().await.unwrap() {
        file.extend_from_slice(&piece);
    }
    assert!(file == wanted);

    // A connection for each request: the host has opened none of its own.
    assert_eq!(client.count(), site.request_count());
    assert_eq!(client.count(), site.connection_count());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supplied_client_is_given_the_credential_for_the_connections_endpoint_alone() {
    let site = site().await;
    let (caller, client) = connected(&site).await;
    caller.pages("one").await.unwrap();
    let listed = client.headers_of("/wiki/api/v2/pages");
    assert_eq!(listed.len(), 1);
    let shown = &listed[0][header::AUTHORIZATION];
    assert_eq!(shown, AUTHORIZATION);
    assert!(shown.is_sensitive(), "`Debug` would show it");
    let names: Vec<&str> = listed[0].keys().map(|name| name.as_str()).collect();
    for name in names {
        assert!(
            [
                "accept",
                "accept-encoding",
                "authorization",
                "host",
                "user-agent"
            ]
            .contains(&name),
            "{name}"
        );
    }

    let endpoint = Endpoint::parse(&site.endpoint()).unwrap();
    caller
        .host
        .site_time(&scope("one"), &endpoint)
        .await
        .unwrap();
    let unauthorized = client.headers_of("/wiki/rest/api/user/current");
    assert_eq!(unauthorized.len(), 1);
    assert!(!unauthorized[0].contains_key(header::AUTHORIZATION));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_policy_refuses_is_not_shown_to_a_supplied_client() {
    let site = site().await;
    let (caller, client) = connected(&site).await;
    // An address inside a network, and this machine when that is not allowed.
    let words = ["https://10.0.0.1/wiki/api/v2/", AUTHORIZATION, "app"];
    let refused = component_error(caller.call("two", "setApiUrlAndAuth", &words, &[]).await);
    assert!(refused.message.contains("private address"), "{refused:?}");
    caller.set("network.allow-loopback", "false");
    assert_eq!(
        pages(&caller).await.0.unwrap_err().kind().as_str(),
        "refused"
    );
    assert_eq!(client.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_end_is_cut_where_the_limit_is() {
    let site = site().await;
    let (caller, client) = connected(&site).await;
    caller.set("limits.answer-mib", "1");
    let taken = Arc::<AtomicU64>::default();
    client.will(Trick::Answers(json(Endless(Arc::clone(&taken)))));
    let (answer, receipt) = pages(&caller).await;
    assert_eq!(component_error(answer).kind.as_str(), "too-large");
    let taken = taken.load(Ordering::SeqCst);
    assert!(taken <= (1 << 20) + (64 << 10), "{taken}");
    assert_eq!(receipt.bytes_received, taken);
    assert_eq!(client.count(), 1);
}

/// A body that breaks off after some bytes.
struct BreaksOff(Option<Bytes>);

impl Body for BreaksOff {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        Poll::Ready(Some(match self.0.take() {
            Some(bytes) => Ok(Frame::data(bytes)),
            None => Err(std::io::Error::other("the connection was reset")),
        }))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_counts_by_its_head_whatever_becomes_of_its_body() {
    let site = site().await;
    let headed = |mut answer: Response<HttpBody>, status: u16, headers: &[(&'static str, &str)]| {
        *answer.status_mut() = status.try_into().unwrap();
        for (name, value) in headers {
            answer.headers_mut().insert(*name, value.parse().unwrap());
        }
        answer
    };
    let cut = || json(BreaksOff(Some(Bytes::from_static(b"{\"mess"))));
    let empty = || json(Full::new(Bytes::new()));
    let packed = ("content-encoding", "gzip");
    for (answer, kind) in [
        (
            headed(cut(), 429, &[("retry-after", "7200")]),
            "rate-limited",
        ),
        (
            headed(empty(), 429, &[("retry-after", "7200"), packed]),
            "rate-limited",
        ),
        (headed(cut(), 401, &[]), "unauthorized"),
        (headed(empty(), 401, &[packed]), "unauthorized"),
    ] {
        // Each on a host of its own: what a site asks to wait, all wait.
        let (caller, client) = connected(&site).await;
        let before = client.count();
        client.will(Trick::Answers(answer));
        let error = component_error(pages(&caller).await.0);
        assert_eq!(error.kind.as_str(), kind, "{error:?}");
        if kind == "rate-limited" {
            let again = component_error(pages(&caller).await.0);
            assert_eq!(again.kind.as_str(), kind, "{again:?}");
        }
        assert_eq!(client.count() - before, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guards_hold_behind_a_supplied_client() {
    let site = site().await;
    let (caller, client) = connected(&site).await;
    let mut long_head = json(text("{}"));
    let long = "x".repeat(100 * 1024).parse().unwrap();
    long_head.headers_mut().insert("x-long", long);
    let echo = json(text(format!("{{\"message\":\"{TOKEN}\"}}")));
    let mut unknown = json(text("{}"));
    let coding = "compress".parse().unwrap();
    unknown
        .headers_mut()
        .insert(header::CONTENT_ENCODING, coding);
    for (answer, kind) in [
        (long_head, "too-large"),
        (echo, "credential-echoed"),
        (unknown, "unreachable"),
    ] {
        let before = client.count();
        client.will(Trick::Answers(answer));
        let error = pages(&caller).await.0.unwrap_err();
        assert_eq!(error.kind().as_str(), kind, "{error:?}");
        assert!(!format!("{error:?}").contains(TOKEN));
        assert_eq!(client.count() - before, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supplied_client_that_says_nothing_is_given_up() {
    let site = site().await;
    let (caller, client) = connected(&site).await;
    caller.set("limits.first-byte-seconds", "0.01");
    caller.set("retry.attempts", "0");
    client.will(Trick::SaysNothing);
    let error = component_error(pages(&caller).await.0);
    assert_eq!(error.kind.as_str(), "timed-out");
    assert_eq!(site.request_count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supplied_client_that_fails_is_asked_again_where_that_may_help() {
    let site = site().await;
    let (caller, client) = connected(&site).await;
    let reason = || "sesame".to_owned();
    for error in [
        HttpClientError::Unreachable { reason: reason() },
        HttpClientError::TimedOut,
        HttpClientError::Broken { reason: reason() },
    ] {
        client.will(Trick::Fails(error));
    }
    assert_eq!(caller.pages("one").await.unwrap().len(), 200);
    assert_eq!(client.count(), 4);
    assert_eq!(caller.clock.waits().len(), 3);

    // What a site says goes by the same rules.
    site.set_faults(faults("1:503"));
    assert_eq!(caller.pages("one").await.unwrap().len(), 200);
    assert_eq!(client.count(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_wait_mends_is_told_in_the_words_of_a_supplied_client() {
    let site = site().await;
    let (caller, client) = connected(&site).await;
    let reason = || "it has gone to the beach".to_owned();
    for (error, kind) in [
        (
            HttpClientError::Unresolved { reason: reason() },
            "unresolvable",
        ),
        (HttpClientError::Untrusted { reason: reason() }, "insecure"),
        (HttpClientError::Refused { reason: reason() }, "denied"),
    ] {
        let before = client.count();
        client.will(Trick::Fails(error));
        let error = component_error(pages(&caller).await.0);
        assert_eq!(error.kind.as_str(), kind);
        assert!(error.cause.contains("to the beach"), "{error:?}");
        assert_eq!(client.count() - before, 1);
    }
    let before = client.count();
    client.will(Trick::Fails(HttpClientError::OutOfReach));
    let error = component_error(pages(&caller).await.0);
    assert_eq!(error.kind.as_str(), "denied");
    assert_eq!(client.count() - before, 1);
    assert!(caller.clock.waits().is_empty());

    // What went wrong before, and was tried again, is not the reason.
    client.will(Trick::Fails(unreachable("it was at lunch")));
    client.will(Trick::Fails(HttpClientError::Untrusted {
        reason: reason(),
    }));
    let error = component_error(pages(&caller).await.0);
    assert!(error.cause.contains("to the beach"), "{error:?}");
}
