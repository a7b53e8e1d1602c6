//! The outbound pipeline under `wasi:http`: every request of a guest passes these stages, in order.
//!
//! 1. [`rules`]: [`policy`](rules::policy) lets GETs below the connection's endpoint pass, the few
//!    look-ups there that are POSTs, and GETs to an [`allowed_host`](rules::allowed_host), if the
//!    levels have any. [`look_up_body`](rules::look_up_body) receives what a look-up sends. The
//!    result is a [`destination`](rules::destination), which all later stages go by.
//! 2. [`admission`]: the request waits for its [`quota`](admission::quota), for the
//!    [`rate_limiter`](admission::rate_limiter) of the site and credential, and for one of the
//!    [`request_permits`](admission::request_permits) of the connection, which are shared fairly
//!    among tenants. [`call_end`](admission::call_end) limits how many requests leave in one call.
//!    [`in_flight`](admission::in_flight) holds the permits of a request that its guest drops, until
//!    the site has done its work.
//! 3. [`credential`]: the authorization, requested from the connection's source for each request,
//!    added last and to the connection's endpoint only. A 401 is reported to the source, which can
//!    have the request sent once more with another authorization.
//! 4. [`transport`]: a pooled connection along a [`route`](transport::route), dialled at an
//!    [`address`](rules::address) that was checked, or the [`HttpClient`] of the program.
//! 5. [`answer`]: [`coding`](answer::coding) decompresses the response, [`guard`](answer::guard)
//!    limits its size, time and type, and [`pieces`](answer::pieces) collects all of it.
//! 6. [`echo`] searches it for every authorization of the call before the guest sees any of it.
//! 7. [`retry`]: whether a failed request is sent again, from stage 2 on, and when.
//! 8. [`accounting`]: what all of it cost, for the [receipt](crate::receipt) and the quota.
//!
//! [`exchange`] takes a request through stages 2 to 7, with the [`terms`] of the host and the call.
//! Responses are received completely before the guest sees them, so that one that breaks off can be
//! requested again. [`request_head`](rules::request_head) limits how much memory of the host a request
//! takes before it is sent.
//!
//! Redirects are not followed: they are responses like any other, so that the credential never
//! travels to where one points. Where they lead is hidden from the guest, but for the host and that it
//! is a login page, except in the one call that asks for it, which has it kept as a
//! [`location`](redirect::location);
//! [`content`](redirect::content) fetches what is there, without a credential.

mod accounting;
mod admission;
mod answer;
mod clock;
mod credential;
mod echo;
mod exchange;
mod redirect;
mod refusal;
mod retry;
mod rules;
mod terms;
mod transport;

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, header};
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, WasiBody,
    WasiHttpHooks,
};

use host_levels::Setting;

use exchange::Exchange;

pub use clock::{Clock, SystemClock};
pub use redirect::content::NotFetched;
pub use retry::{Pacing, Retry};
pub use rules::address::AddressScope;
pub use transport::{HttpBody, HttpClient, HttpClientError, HttpFuture, ServerError};

pub(crate) use admission::call_end::{CallEnd, EndReason, MAX_CUT};
pub(crate) use admission::departure::depart_at_once;
pub(crate) use admission::quota::Quota;
pub(crate) use answer::body_error::name_body_errors;
pub(crate) use answer::held::Held;
pub(crate) use credential::LiveAuthorizations;
pub(crate) use redirect::content::{Content, ContentError, Fetch};
pub(crate) use redirect::location::Locations;
pub(crate) use refusal::{Refusal, RefusalSlot};
pub(crate) use retry::GivenUp;
pub(crate) use rules::allowed_host::AllowedHosts;
pub(crate) use rules::request_head::bound_request_heads;
pub(crate) use terms::{CallTerms, Egress};
pub(crate) use transport::route::Route;
pub(crate) use transport::{Exchanged, NotExchanged, Servers, Transports};

/// The settings of requests: one table for each module that reads them.
pub(crate) const SETTINGS: [&[Setting]; 4] = [
    rules::allowed_host::SETTINGS,
    admission::quota::SETTINGS,
    transport::route::SETTINGS,
    retry::SETTINGS,
];

/// The hooks of one instance.
pub(crate) struct Outbound {
    egress: Arc<Egress>,
    /// Those of the call that runs. `None` between calls.
    terms: Option<Arc<CallTerms>>,
}

impl Outbound {
    /// For a call.
    pub(crate) fn new(egress: Arc<Egress>, terms: Arc<CallTerms>) -> Self {
        Self {
            egress,
            terms: Some(terms),
        }
    }

    /// Drops what belongs to the call that has ended: the credential, answers, requests.
    pub(crate) fn end_call(&mut self) {
        self.terms = None;
    }

    /// What may end the call.
    pub(crate) fn end(&self) -> CallEnd {
        let terms = self.terms.as_ref();
        terms.map(|terms| terms.end.clone()).unwrap_or_default()
    }
}

/// What a guest may write of a body in one piece, in bytes. Two pieces wait to be taken in, which
/// those of look-ups alone are; wasmtime's 1 MiB each would be the host's memory, for each request
/// that a guest holds open.
const BODY_PIECE_BYTES: usize = 4 * 1024;

type Sent = (
    http::Response<WasiBody>,
    Box<dyn Future<Output = Result<(), Error>> + Send>,
);

impl WasiHttpHooks for Outbound {
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(is_forbidden)
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        BODY_PIECE_BYTES
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        _options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent, Error>> + Send> {
        let checked = match &self.terms {
            None => Err(Error::HttpRequestDenied),
            Some(terms) => rules::policy::check(
                &request,
                terms.connection.clone(),
                &terms.allowed_hosts,
                &terms.refusal,
            )
            .map(|passed| {
                let (egress, terms) = (Arc::clone(&self.egress), Arc::clone(terms));
                let exchange = Exchange::new(egress, terms, passed.destination);
                (passed.kind, exchange)
            }),
        };
        Box::new(async move {
            let (kind, exchange) = checked?;
            let (head, body) = request.into_parts();
            let mut request = http::Request::from_parts(stripped(head), Bytes::new());
            let body = match kind {
                rules::policy::Kind::Get => None,
                rules::policy::Kind::LookUp => Some(exchange.take_in(body).await?),
            };
            if let Some(body) = &body {
                give(&mut request, body.to_bytes());
            }
            let mut answer = exchange.run(&request).await?;
            // It need not be sent again.
            drop(body);
            let asked = request.uri();
            let is_told = answer.status().is_redirection() && exchange.destination.is_site();
            match exchange.terms.locations.as_ref().filter(|_| is_told) {
                Some(locations) => locations.keep(asked, answer.headers()),
                None => {
                    redirect::location::keep_host_alone(asked, answer.headers_mut(), is_told);
                }
            }
            let drained: Box<dyn Future<Output = Result<(), Error>> + Send> =
                Box::new(async { Ok(()) });
            Ok((answer, drained))
        })
    }
}

/// Headers that a guest may not set: those of the connection, and those that carry credentials.
///
/// The same filter hides headers of answers from the guest, so that it cannot be the allow list
/// that [`stripped`] is.
fn is_forbidden(name: &HeaderName) -> bool {
    DEFAULT_FORBIDDEN_HEADERS.contains(name)
        || [
            header::AUTHORIZATION,
            header::COOKIE,
            header::PROXY_AUTHORIZATION,
            header::SET_COOKIE,
        ]
        .contains(name)
}

/// The head with no header but `host` and `accept`.
///
/// An allow list, because a block list would have to know them all: `accept-encoding` would hide
/// an echo of the credential from [`echo`], `range` would cut one in two, and
/// `x-http-method-override` would make a write of a GET.
fn stripped(mut head: Parts) -> Parts {
    let given = std::mem::take(&mut head.headers);
    for name in [header::HOST, header::ACCEPT] {
        if let Some(value) = given.get(&name) {
            head.headers.insert(name, value.clone());
        }
    }
    head
}

/// Gives a look-up its body. The length is the host's to say: a site that reads less than what is
/// sent takes the rest for the next request on the same connection.
fn give(request: &mut http::Request<Bytes>, body: Bytes) {
    let headers = request.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    *request.body_mut() = body;
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        reason = "a test fails by panicking"
    )]

    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use http_body_util::{BodyExt as _, Full};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use wasmtime_wasi_http::{Error, WasiBody, WasiHttpHooks as _};

    use super::clock::TestClock;
    use super::transport::route::Proxy;
    use super::{
        AllowedHosts, CallEnd, CallTerms, Clock, Egress, GivenUp, Held, LiveAuthorizations,
        Locations, Outbound, Pacing, RefusalSlot, Route, Transports,
    };
    use crate::connection::Connection;
    use crate::limits::Limits;
    use crate::meter::Meter;
    use host_levels::{Level, Scope};

    /// A clock by which the hour never ends.
    #[derive(Debug, Default)]
    struct Asleep(TestClock);

    impl Clock for Asleep {
        fn now(&self) -> Instant {
            self.0.now()
        }

        fn since_1970(&self) -> Duration {
            Duration::from_secs(3600 * 1000 - 5)
        }

        fn sleep(&self, _wait: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
            Box::pin(std::future::pending())
        }

        fn jitter(&self) -> f64 {
            0.5
        }
    }

    fn egress(clock: impl Clock + 'static) -> Arc<Egress> {
        Arc::new(Egress::new(Transports::default(), Arc::new(clock)))
    }

    fn terms(endpoint: &str) -> CallTerms {
        CallTerms {
            connection: Some(Arc::new(Connection::fixed(endpoint, "me", 5))),
            allowed_hosts: AllowedHosts {
                app: Scope::default().path(Level::App),
                entries: Vec::new(),
            },
            tenant: Arc::default(),
            quota: Vec::new(),
            route: Route::default(),
            meter: Meter::default(),
            pacing: Pacing::default(),
            deadline: Instant::now() + Limits::default().call,
            held: Held::default(),
            given_up: GivenUp::default(),
            live: LiveAuthorizations::default(),
            end: CallEnd::default(),
            limits: Limits::default(),
            refusal: RefusalSlot::default(),
            locations: None,
        }
    }

    fn hooks(terms: CallTerms) -> Outbound {
        Outbound::new(egress(TestClock::default()), Arc::new(terms))
    }

    fn outbound(endpoint: &str) -> Outbound {
        hooks(terms(endpoint))
    }

    async fn send(outbound: &mut Outbound, method: &str, uri: &str) -> Result<u16, Error> {
        let body: WasiBody = Full::new(bytes::Bytes::from_static(b"smuggled"))
            .map_err(|never| match never {})
            .boxed_unsync();
        let request = http::Request::builder()
            .method(method)
            .uri(uri)
            .header("accept", "application/json")
            .header("accept-encoding", "gzip")
            .header("range", "bytes=0-9")
            .header("content-length", "8")
            .header("x-http-method-override", "DELETE")
            .body(body)
            .unwrap();
        let sent = outbound.send_request(request, None, Box::new(async { Ok(()) }));
        Ok(std::pin::Pin::from(sent).await?.0.status().as_u16())
    }

    #[test]
    fn a_guest_cannot_set_what_carries_credentials() {
        let forbidden = outbound("http://127.0.0.1:1").forbidden_header_filter();
        for name in [
            "authorization",
            "Proxy-Authorization",
            "cookie",
            "host",
            "transfer-encoding",
        ] {
            assert!(forbidden(&name.parse().unwrap()), "{name}");
        }
        // The filter is asked about answers, too.
        assert!(!forbidden(&http::header::RETRY_AFTER));
    }

    #[tokio::test]
    async fn what_the_policy_refuses_never_reaches_a_socket() {
        // Port 1 of loopback would answer with a refused connection, not with a refusal.
        let mut outbound = outbound("http://127.0.0.1:1");
        for (method, uri) in [
            ("POST", "http://127.0.0.1:1/wiki/api/v2/pages"),
            ("GET", "http://127.0.0.1:2/wiki/api/v2/pages"),
            ("GET", "http://127.0.0.1:1/wiki/download/x"),
        ] {
            let refused = send(&mut outbound, method, uri).await;
            assert!(
                matches!(refused, Err(Error::HttpRequestDenied)),
                "{method} {uri}"
            );
            assert!(outbound.terms.as_ref().unwrap().refusal.take().is_some());
        }
        let tried = send(&mut outbound, "GET", "http://127.0.0.1:1/wiki/api/v2/pages").await;
        assert!(matches!(tried, Err(Error::ConnectionRefused)), "{tried:?}");
    }

    #[tokio::test]
    async fn a_request_that_is_given_up_costs_what_it_may_have_cost() {
        let site = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", site.local_addr().unwrap());
        let mut outbound = outbound(&endpoint);
        let uri = format!("{endpoint}/wiki/api/v2/pages?limit=250");
        let request = http::Request::get(&uri).body(WasiBody::default()).unwrap();
        let sent = outbound.send_request(request, None, Box::new(async { Ok(()) }));
        tokio::select! {
            _ = std::pin::Pin::from(sent) => unreachable!("nobody answers"),
            // It has left once its first byte is there.
            byte = async { site.accept().await.unwrap().0.read_u8().await } => {
                assert_eq!(byte.unwrap(), b'G');
            }
        }
        let receipt = outbound.terms.as_ref().unwrap().meter.receipt();
        assert_eq!((receipt.requests, receipt.points), (1, 251));
    }

    #[tokio::test]
    async fn a_request_that_waits_for_its_quota_holds_no_permit() {
        let site = confluence_simulator::Simulator::start(Default::default())
            .await
            .unwrap();
        let uri = format!("{}spaces", site.endpoint());
        let egress = egress(Asleep::default());
        let quota = |app: &str| super::Quota {
            owner: "cluster".to_owned(),
            per_hour: 1_000,
            tenant: app.to_owned(),
        };
        let of = |app: &str| {
            let mut terms = terms(&site.site_url());
            terms.tenant = Arc::new(Scope {
                app: app.parse().unwrap(),
                ..Scope::default()
            });
            terms.quota = vec![quota(app)];
            Outbound::new(Arc::clone(&egress), Arc::new(terms))
        };
        let (mut one, mut other) = (of("one"), of("other"));
        // Both are there, and each is owed its half.
        assert_eq!(send(&mut other, "GET", &uri).await.unwrap(), 200);
        let now = egress.clock.since_1970();
        while egress.quotas.check(&quota("one"), now).is_ok() {
            egress.quotas.spend(&quota("one"), now, 1);
        }
        let mut waiting: Vec<_> = (0..5)
            .map(|_| {
                let request = http::Request::get(&uri).body(WasiBody::default()).unwrap();
                std::pin::Pin::from(one.send_request(request, None, Box::new(async { Ok(()) })))
            })
            .collect();
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        for one in &mut waiting {
            assert!(one.as_mut().poll(&mut context).is_pending());
        }
        assert_eq!(send(&mut other, "GET", &uri).await.unwrap(), 200);
    }

    #[tokio::test]
    async fn where_a_redirect_leads_is_shown_to_the_call_that_asks_for_it_alone() {
        let site = confluence_simulator::Simulator::start(Default::default())
            .await
            .unwrap();
        site.set_faults("*:redirect".parse().unwrap());
        let uri = format!("{}spaces", site.endpoint());
        let elsewhere = "https://elsewhere.example.com/wiki/api/v2/pages";
        for locations in [None, Some(Locations::default())] {
            let mut terms = terms(&site.site_url());
            terms.locations = locations.clone();
            let mut outbound = hooks(terms);
            let request = http::Request::get(&uri).body(WasiBody::default()).unwrap();
            let sent = outbound.send_request(request, None, Box::new(async { Ok(()) }));
            let (answer, _) = std::pin::Pin::from(sent).await.unwrap();
            assert_eq!(answer.status(), 302);
            let shown = answer.headers().get("location").unwrap();
            match &locations {
                Some(_) => assert_eq!(shown, elsewhere),
                // The host is no secret, and names the site that a renamed one has become.
                None => assert_eq!(shown, "https://elsewhere.example.com/"),
            }
            let granted = locations.map(|locations| locations.take(elsewhere).is_some());
            assert_ne!(granted, Some(false));
        }
    }

    #[tokio::test]
    async fn where_another_host_sends_to_is_nowhere_to_fetch_from() {
        // In place of the public internet: it opens a way to any name, and answers itself.
        let proxy = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = proxy.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = proxy.accept().await.unwrap();
            for answer in [
                "HTTP/1.1 200 Open\r\n\r\n",
                "HTTP/1.1 302 Found\r\nlocation: https://m.example/x\r\ncontent-length: 0\r\n\r\n",
            ] {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let mut terms = terms("http://127.0.0.1:1");
        let locations = Locations::default();
        terms.locations = Some(locations.clone());
        terms.route.proxy = Some(Proxy {
            uri: format!("http://{address}").parse().unwrap(),
            authorization_file: None,
        });
        terms.allowed_hosts = AllowedHosts {
            app: Scope::default().path(Level::App),
            entries: vec!["http://api.example.com".parse().unwrap()],
        };
        let mut outbound = hooks(terms);
        let request = http::Request::get("http://api.example.com/a")
            .body(WasiBody::default())
            .unwrap();
        let sent = outbound.send_request(request, None, Box::new(async { Ok(()) }));
        let (answer, _) = std::pin::Pin::from(sent).await.unwrap();
        assert_eq!(answer.status(), 302);
        assert!(!answer.headers().contains_key("location"));
        assert!(locations.take("https://m.example/x").is_none());
    }

    #[tokio::test]
    async fn what_a_guest_sends_along_stays_here() {
        let site = confluence_simulator::Simulator::start(Default::default())
            .await
            .unwrap();
        let mut outbound = outbound(&site.site_url());
        let uri = format!("{}spaces", site.endpoint());
        assert_eq!(send(&mut outbound, "GET", &uri).await.unwrap(), 200);
        let sent = site.requests().pop().unwrap();
        let mut names: Vec<String> = sent
            .headers
            .iter()
            .map(|(name, _)| name.to_lowercase())
            .collect();
        names.sort();
        let ours = [
            "accept",
            "accept-encoding",
            "authorization",
            "host",
            "user-agent",
        ];
        assert_eq!(names, ours);
        let coding = sent
            .headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("accept-encoding"));
        let coding = coding.map(|(_, value)| value.as_str());
        assert_eq!(
            coding,
            Some("zstd, br, gzip"),
            "the host's, not the guest's"
        );
        assert_eq!(send(&mut outbound, "GET", &uri).await.unwrap(), 200);
        assert_eq!(site.connection_count(), 1);
    }
}
