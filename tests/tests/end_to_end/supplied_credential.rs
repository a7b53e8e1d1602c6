//! A credential that a program brings along, and that changes while calls run.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use confluence_simulator::Simulator;
use host_runner::{
    AddressScope, AfterRejection, Authorization, CallError, CredentialError, CredentialFuture,
    CredentialIdentity, CredentialSource, Endpoint, HttpClient, HttpFuture, Level, Receipt, bind,
};
use http::{Request, Response, header};
use http_body_util::Full;

use crate::caller::{Caller, component_error, scope};
use crate::supplied_client::json;
use crate::{faults, site_of};

/// A source whose token has a number that grows by one when it is rotated.
pub(crate) struct Rotating {
    identity: CredentialIdentity,
    number: AtomicU64,
    /// How often the source was told of a 401.
    rejected: AtomicU64,
    /// Why there is no authorization, if there is none.
    failure: Mutex<Option<&'static str>>,
}

impl Rotating {
    pub(crate) fn new(app: &str, endpoint: &str) -> Arc<Self> {
        let identity = CredentialIdentity::new(
            scope(app).path(Level::App),
            "wiki".parse().unwrap(),
            Endpoint::parse(endpoint).unwrap(),
            "me",
        );
        Arc::new(Self {
            identity,
            number: AtomicU64::new(1),
            rejected: AtomicU64::default(),
            failure: Mutex::default(),
        })
    }

    pub(crate) fn rotate(&self) {
        self.number.fetch_add(1, Ordering::SeqCst);
    }
}

/// The text of a token's authorization.
fn token(number: u64) -> String {
    format!("Bearer sesame-open-0123456789-{number:04}")
}

impl CredentialSource for Rotating {
    fn authorization(&self) -> CredentialFuture<'_, Authorization> {
        Box::pin(async {
            if let Some(failure) = *self.failure.lock().unwrap() {
                return Err(CredentialError::new(failure));
            }
            Ok(Authorization::parse(&token(self.number.load(Ordering::SeqCst))).unwrap())
        })
    }

    fn rejected<'a>(&'a self, rejected: &'a Authorization) -> CredentialFuture<'a, AfterRejection> {
        Box::pin(async {
            self.rejected.fetch_add(1, Ordering::SeqCst);
            if rejected.expose() == token(self.number.load(Ordering::SeqCst)) {
                self.rotate();
            }
            Ok(AfterRejection::Replay)
        })
    }

    fn identity(&self) -> &CredentialIdentity {
        &self.identity
    }
}

/// Lists all pages in one call, with a source in place of a connection.
async fn pages(
    caller: &Caller,
    source: &Arc<Rotating>,
    limit: &str,
) -> (Result<usize, CallError>, Receipt) {
    let tenant = caller.host.tenant(&scope("one")).unwrap();
    let tenant = tenant.with_credential(source.clone());
    let list = tenant.function("listPages").unwrap();
    let limit = [("limit".to_owned(), limit.to_owned())];
    let arguments = bind(list, &[], &limit).unwrap();
    let (answer, receipt) = tenant.call_with_receipt(list, arguments).await;
    let count = answer.map(|answer| answer.items().unwrap_or_default().len());
    (count, receipt)
}

/// What a site was shown, request by request.
fn shown(site: &Simulator) -> Vec<String> {
    let requests = site.requests();
    let authorization = |request: &confluence_simulator::Request| {
        let mut headers = request.headers.iter();
        let header = headers.find(|(name, _)| name == "authorization");
        header.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    requests.iter().map(authorization).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_401_leads_to_one_replay_with_the_rotated_token() {
    let site = site_of(1_000).await;
    site.set_faults(faults("2:401"));
    let caller = Caller::new();
    let source = Rotating::new("one", &site.endpoint());
    let (count, receipt) = pages(&caller, &source, "1000").await;
    assert_eq!(count.unwrap(), 1_000);
    let (one, two) = (token(1), token(2));
    assert_eq!(
        shown(&site),
        [&one, &one, &two, &two, &two].map(String::from)
    );
    assert_eq!(source.rejected.load(Ordering::SeqCst), 1);
    assert_eq!((receipt.requests, receipt.retries), (5, 1));
    // The replay may leave before the connection of the rejected request is free again.
    let connections = site.connection_count();
    assert!(connections <= 2, "{connections}");
    // The pool is the account's, and not the token's.
    source.rotate();
    pages(&caller, &source, "250").await.0.unwrap();
    assert_eq!(site.connection_count(), connections);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_401_is_final_and_not_reported() {
    let site = site_of(200).await;
    site.set_faults(faults("*:401"));
    let caller = Caller::new();
    let source = Rotating::new("one", &site.endpoint());
    let (count, _) = pages(&caller, &source, "250").await;
    assert_eq!(component_error(count).kind.as_str(), "unauthorized");
    assert_eq!(shown(&site), [token(1), token(2)]);
    assert_eq!(source.rejected.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_that_the_site_requested_outlives_the_token() {
    let site = site_of(200).await;
    site.set_faults(faults("1:quota=600"));
    let caller = Caller::new();
    let source = Rotating::new("one", &site.endpoint());
    let limited = pages(&caller, &source, "250").await.0;
    assert_eq!(component_error(limited).kind.as_str(), "rate-limited");
    source.rotate();
    let limited = pages(&caller, &source, "250").await.0;
    assert_eq!(component_error(limited).kind.as_str(), "rate-limited");
    assert_eq!(site.request_count(), 1);
    // Another account of the same site is not affected.
    let other = Rotating::new("two", &site.endpoint());
    assert_eq!(pages(&caller, &other, "250").await.0.unwrap(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_authorization_nothing_is_sent() {
    let site = site_of(200).await;
    let caller = Caller::new();
    let source = Rotating::new("one", &site.endpoint());
    *source.failure.lock().unwrap() = Some("the safe is shut: open it");
    let (count, receipt) = pages(&caller, &source, "250").await;
    let error = component_error(count);
    assert_eq!(error.kind.as_str(), "denied");
    assert!(
        error.cause.contains("the safe is shut: open it"),
        "{error:?}"
    );
    assert_eq!((site.request_count(), receipt.requests), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_levels_decide_where_a_supplied_credential_is_sent() {
    let site = site_of(200).await;
    let caller = Caller::new();
    caller.set("network.allow-loopback", "false");
    let source = Rotating::new("one", &site.endpoint());
    let refused = pages(&caller, &source, "250").await.0;
    assert_eq!(refused.unwrap_err().kind().as_str(), "refused");
    assert_eq!(site.request_count(), 0);
}

/// A site that rejects the first token, and answers every other request with a repeated one.
struct Repeating(u64);

impl HttpClient for Repeating {
    fn send(&self, request: Request<Bytes>, _: AddressScope) -> HttpFuture<'_> {
        let given = request.headers()[header::AUTHORIZATION].to_str().unwrap();
        let answer = if given == token(1) {
            let mut answer = Response::new(Bytes::from_static(b"{}"));
            *answer.status_mut() = http::StatusCode::UNAUTHORIZED;
            answer
        } else {
            let text = format!("{{\"results\":[],\"said\":\"{}\"}}", token(self.0));
            Response::new(Bytes::from(text))
        };
        let (head, body) = answer.into_parts();
        let mut answer = json(Full::new(body));
        *answer.status_mut() = head.status;
        Box::pin(async { Ok(answer) })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_that_repeats_the_old_or_the_new_token_is_withheld() {
    for (repeated, is_withheld) in [(1, true), (2, true), (3, false)] {
        let client = Arc::new(Repeating(repeated));
        let caller = Caller::set_up(|setup| setup.http_client(client));
        let source = Rotating::new("one", "http://127.0.0.1:9");
        let (count, receipt) = pages(&caller, &source, "250").await;
        assert_eq!(count.is_err(), is_withheld, "{repeated}: {count:?}");
        if is_withheld {
            let error = count.unwrap_err();
            assert_eq!(error.kind().as_str(), "credential-echoed", "{error:?}");
            assert_eq!(receipt.requests, 2);
        }
    }
}
