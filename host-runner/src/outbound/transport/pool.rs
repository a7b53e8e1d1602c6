//! Connections to one site, or to hosts that an entry allows, kept from one request to the next.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::RootCertStore;
use wasmtime_wasi_http::Error;

use super::client::HttpBody;
use super::dial::Dial;
use super::dial_rate::DialRate;
use super::slot::ConnectionSlots;
use super::{Answered, NotSent};
use crate::outbound::admission::in_flight::InFlight;
use crate::outbound::refusal::Refusal;
use crate::tls;

/// Idle connections kept for one site over HTTP/1.1: as many as a connection may have requests
/// under way by default, and some. Over HTTP/2 there is one.
const IDLE_PER_SITE: usize = 8;

/// How long an idle connection is kept, in seconds. Atlassian's edge closes after about 60.
const IDLE_SECONDS: u64 = 50;

/// Longest answer head over HTTP/2, in bytes; [`crate::outbound::answer::guard`] has the limit for both
/// versions.
const HEAD_BYTES: u32 = 64 * 1024;

type Http = Client<HttpsConnector<Dial>, Full<Bytes>>;

/// When a connection of HTTP/2 that says nothing is closed.
///
/// One that a failover or a forgotten entry of an address translation has cut says nothing, and is
/// not closed either: without pings, requests go onto it for as long as there are any.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeepAlive {
    /// How long it may say nothing, while a request is under way, before it is pinged.
    pub(super) silence: Duration,
    /// How long the answer to the ping may take. It waits behind what is on its way already: up to
    /// 4 MiB.
    pub(super) answer: Duration,
}

impl Default for KeepAlive {
    /// Together 20 s: before a request has waited for the 30 s that it may by default. A slow query
    /// holds no ping up.
    fn default() -> Self {
        Self {
            silence: Duration::from_secs(10),
            answer: Duration::from_secs(10),
        }
    }
}

/// The hosts that a pool has connections to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hosts {
    /// One, whose connections are kept when they are idle.
    One,
    /// All those below a suffix, of which a component names as many as it likes: 1 500 that were
    /// asked once left 1 500 connections open, for [`IDLE_SECONDS`]. None is kept, so that no more
    /// are open than requests are under way.
    Many,
}

impl Hosts {
    fn idle_for_each(self) -> usize {
        match self {
            Self::One => IDLE_PER_SITE,
            Self::Many => 0,
        }
    }
}

/// Connections to one site, or to the hosts of one entry.
pub(super) struct Pool {
    http: Http,
    /// How many of them there may be.
    slots: Option<ConnectionSlots>,
    /// How fast they are opened.
    rate: Option<DialRate>,
    /// Held by the first request until it is answered, where the connection may turn out to be
    /// HTTP/2. Without it each of the requests that come at once opens a connection of its own.
    opening: tokio::sync::Mutex<()>,
    /// Whether a request has been answered.
    is_open: AtomicBool,
    /// Whether a request has had no answer in time.
    is_silent: AtomicBool,
}

impl Pool {
    /// A pool without connections.
    ///
    /// # Errors
    ///
    /// [`Refusal::Tls`].
    pub(super) fn new(
        hosts: Hosts,
        dial: Dial,
        (slots, rate): (Option<ConnectionSlots>, Option<DialRate>),
        roots: Arc<RootCertStore>,
        keep_alive: KeepAlive,
    ) -> Result<Self, Refusal> {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls::client(roots).map_err(|error| Refusal::Tls {
                reason: error.to_string(),
            })?)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(dial.within(slots.clone(), rate.clone()));
        let http = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(IDLE_SECONDS))
            .pool_max_idle_per_host(hosts.idle_for_each())
            .timer(TokioTimer::new())
            .http2_keep_alive_interval(keep_alive.silence)
            .http2_keep_alive_timeout(keep_alive.answer)
            .http2_max_header_list_size(HEAD_BYTES)
            // A window of a page of rows: hyper's default of 64 KB makes a page of 170 KB wait for
            // the way there and back twice.
            .http2_initial_stream_window_size(1 << 20)
            .http2_initial_connection_window_size(4 << 20)
            .build(connector);
        Ok(Self {
            http,
            slots,
            rate,
            opening: tokio::sync::Mutex::default(),
            // Of several hosts none waits for another's answer.
            is_open: (hosts == Hosts::Many).into(),
            is_silent: false.into(),
        })
    }

    /// Whether a request has had no answer in time. Where the connection is to blame, so it would be
    /// for the next request: hyper gives it out until it is closed, which nobody does.
    pub(super) fn is_silent(&self) -> bool {
        self.is_silent.load(Ordering::SeqCst)
    }

    /// The slots of this pool, for the one that takes its place: connections of this one stay open
    /// until the requests on them have ended.
    pub(super) fn slots(&self) -> Option<ConnectionSlots> {
        self.slots.clone()
    }

    /// How fast connections of this pool are opened, for the same reason.
    pub(super) fn rate(&self) -> Option<DialRate> {
        self.rate.clone()
    }

    /// Sends a request, and waits for so long for the head of the answer.
    pub(super) async fn request(
        self: Arc<Self>,
        request: http::Request<Bytes>,
        first_byte: Duration,
        in_flight: InFlight,
    ) -> Result<Answered, NotSent> {
        let pool = Arc::clone(&self);
        let answering =
            DialRate::counted(in_flight.clone(), async move { pool.answer(request).await });
        let answer = tokio::time::timeout(first_byte, in_flight.follow(answering)).await;
        let answer = answer.unwrap_or_else(|_| {
            self.is_silent.store(true, Ordering::SeqCst);
            Err(NotSent::Failed(Error::HttpResponseTimeout, None))
        });
        answer.map(|answer| answer.map(HttpBody::new))
    }

    async fn answer(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Incoming>, NotSent> {
        let request = request.map(Full::new);
        let is_open =
            || self.is_open.load(Ordering::SeqCst) || request.uri().scheme_str() != Some("https");
        let opening = if is_open() {
            None
        } else {
            Some(self.opening.lock().await)
        };
        // Whoever has waited finds it open.
        let opening = opening.filter(|_| !is_open());
        let answer = self.http.request(request).await;
        if opening.is_some() {
            self.is_open.store(answer.is_ok(), Ordering::SeqCst);
        }
        answer.map_err(|error| NotSent::by(&error))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::convert::Infallible;
    use std::sync::Arc;
    use std::time::Duration;

    use bytes::Bytes;
    use http_body_util::{BodyExt as _, Full};
    use hyper::body::Incoming;
    use hyper::server::conn::http2;
    use hyper::service::service_fn;
    use hyper_util::rt::{TokioExecutor, TokioIo};
    use rustls::ServerConfig;
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::Semaphore;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::server::TlsStream;
    use wasmtime_wasi_http::Error;

    use super::KeepAlive;
    use crate::connection::Connection;
    use crate::limits::Limits;
    use crate::outbound::admission::in_flight::InFlight;
    use crate::outbound::rules::destination::Destination;
    use crate::outbound::transport::route::Route;
    use crate::outbound::transport::{NotSent, Transports, send};

    const CERTIFICATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/certificates");

    /// A site that speaks HTTP/2, and answers with the number of the connection: to `/now` at once,
    /// to `/told` when it is told to, to anything else never.
    struct Site {
        destination: Destination,
        route: Route,
        told: Arc<Semaphore>,
    }

    impl Site {
        /// A site whose first so many connections say nothing after the handshake of TLS.
        async fn open(concurrency: u8, silent: usize) -> Self {
            let read = |name| std::fs::read(format!("{CERTIFICATES}/{name}")).unwrap();
            let certificate = CertificateDer::from_pem_slice(&read("site.pem")).unwrap();
            let key = PrivateKeyDer::from_pem_slice(&read("site.key.pem")).unwrap();
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let mut config = ServerConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![certificate], key)
                .unwrap();
            config.alpn_protocols = vec![b"h2".to_vec()];
            let acceptor = TlsAcceptor::from(Arc::new(config));
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let endpoint = format!("https://{}", listener.local_addr().unwrap());
            let told = Arc::new(Semaphore::new(0));
            let waits = Arc::clone(&told);
            tokio::spawn(async move {
                for number in 1.. {
                    let (stream, _) = listener.accept().await.unwrap();
                    let (acceptor, waits) = (acceptor.clone(), Arc::clone(&waits));
                    tokio::spawn(async move {
                        let stream = acceptor.accept(stream).await.unwrap();
                        if number <= silent {
                            std::future::pending::<()>().await;
                        }
                        serve(stream, number, waits).await;
                    });
                }
            });
            Self {
                destination: Destination::Site(Arc::new(Connection::fixed(
                    &endpoint,
                    "me",
                    concurrency,
                ))),
                route: Route {
                    ca_file: Some(format!("{CERTIFICATES}/authority.pem").into()),
                    proxy: None,
                },
                told,
            }
        }

        /// The number of the connection that a path is answered on.
        async fn ask(
            &self,
            transports: &Transports,
            path: &str,
            first_byte: Duration,
        ) -> Result<usize, NotSent> {
            let Destination::Site(connection) = &self.destination else {
                unreachable!("it is a site");
            };
            let request = http::Request::get(format!("{}{path}", connection.endpoint()))
                .body(Bytes::new())
                .unwrap();
            let limits = Limits {
                first_byte,
                ..Limits::default()
            };
            let sent = send(
                transports,
                &self.destination,
                request,
                &self.route,
                &limits,
                InFlight::default(),
            );
            let body = sent.await?.into_body().collect().await.unwrap().to_bytes();
            Ok(std::str::from_utf8(&body).unwrap().parse().unwrap())
        }
    }

    async fn serve(stream: TlsStream<TcpStream>, number: usize, told: Arc<Semaphore>) {
        let service = service_fn(move |request: http::Request<Incoming>| {
            let told = Arc::clone(&told);
            async move {
                match request.uri().path() {
                    path if path.ends_with("/now") => {}
                    path if path.ends_with("/told") => told.acquire().await.unwrap().forget(),
                    _ => std::future::pending().await,
                }
                let body = Full::new(Bytes::from(number.to_string()));
                Ok::<_, Infallible>(http::Response::new(body))
            }
        });
        let server = http2::Builder::new(TokioExecutor::new());
        // A client that goes away is no failure of the site's.
        let _ = server.serve_connection(TokioIo::new(stream), service).await;
    }

    const ENOUGH: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn after_a_request_without_an_answer_the_next_one_opens_a_connection() {
        // With one slot the next connection waits until the silent one is closed.
        for concurrency in [1, 5] {
            let site = Site::open(concurrency, 0).await;
            let transports = Transports::default();
            for (connection, next) in [(1, 2), (2, 3)] {
                let ask = async |path| site.ask(&transports, path, ENOUGH).await;
                assert_eq!(ask("/now").await.unwrap(), connection);
                assert_eq!(ask("/now").await.unwrap(), connection);
                let silent = site.ask(&transports, "/never", Duration::from_millis(1));
                assert!(matches!(
                    silent.await,
                    Err(NotSent::Failed(Error::HttpResponseTimeout, _))
                ));
                assert_eq!(ask("/now").await.unwrap(), next);
            }
            assert_eq!(transports.pools.lock().unwrap().len(), 1);
        }
    }

    #[tokio::test]
    async fn a_request_without_an_answer_disturbs_no_other() {
        let site = Site::open(5, 0).await;
        let transports = Transports::default();
        let ask = async |path| site.ask(&transports, path, ENOUGH).await;
        assert_eq!(ask("/now").await.unwrap(), 1);
        let (slow, ()) = tokio::join!(ask("/told"), async {
            let silent = site.ask(&transports, "/never", Duration::from_millis(1));
            silent.await.unwrap_err();
            assert_eq!(ask("/now").await.unwrap(), 2);
            site.told.add_permits(1);
        });
        assert_eq!(slow.unwrap(), 1);
        assert_eq!(ask("/now").await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_connection_that_answers_no_ping_is_closed() {
        let site = Site::open(5, 1).await;
        let transports = Transports {
            keep_alive: KeepAlive {
                silence: Duration::from_millis(10),
                answer: Duration::from_millis(500),
            },
            ..Transports::default()
        };
        let closed = site.ask(&transports, "/now", ENOUGH).await;
        assert!(
            matches!(
                closed,
                Err(NotSent::Failed(Error::ConnectionReadTimeout, _))
            ),
            "{closed:?}"
        );
        assert_eq!(site.ask(&transports, "/now", ENOUGH).await.unwrap(), 2);
    }
}
