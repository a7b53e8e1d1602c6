//! What stands before a site: TLS, HTTP/2, compression. It passes requests on to the simulator, and
//! counts connections.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_compression::tokio::write::{BrotliEncoder, GzipEncoder, ZstdEncoder};
use bytes::Bytes;
use confluence_simulator::Simulator;
use http::{HeaderMap, Request, Response, Uri, header};
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Who vouches for the front's certificate.
pub(crate) const AUTHORITY: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/certificates/authority.pem");
const CERTIFICATE: &[u8] = include_bytes!("../../certificates/site.pem");
const KEY: &[u8] = include_bytes!("../../certificates/site.key.pem");

/// What the front does to the bodies of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    /// Nothing.
    Plain,
    /// It compresses them, whether that was asked for or not.
    Gzip,
    Brotli,
    Zstd,
    /// It says that they are compressed, and cuts the end off.
    CutGzip,
    /// It answers 64 MiB of blanks, compressed.
    Bomb,
    /// It names a coding that nobody asked for.
    Unknown,
}

/// How the front is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaks {
    /// HTTP/1.1 without TLS.
    Plain,
    /// TLS, and these protocols in it.
    Tls(&'static [&'static [u8]]),
}

/// TLS with HTTP/2 and HTTP/1.1, as Atlassian's edge has it.
pub(crate) const BOTH: Speaks = Speaks::Tls(&[b"h2", b"http/1.1"]);

/// A running front.
pub(crate) struct Front {
    endpoint: String,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicU64,
    over_http_2: AtomicU64,
    requests: AtomicU64,
}

impl Front {
    /// Starts before a site.
    pub(crate) async fn start(site: &Simulator, speaks: Speaks, coding: Coding) -> Self {
        Self::answering(site, speaks, coding, u64::MAX).await
    }

    /// The same, over TLS, with a first connection that answers so many requests, and stays open.
    pub(crate) async fn falling_silent(site: &Simulator, answers: u64) -> Self {
        Self::answering(site, BOTH, Coding::Plain, answers).await
    }

    async fn answering(
        site: &Simulator,
        speaks: Speaks,
        coding: Coding,
        first_answers: u64,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (scheme, acceptor) = match speaks {
            Speaks::Plain => ("http", None),
            Speaks::Tls(protocols) => ("https", Some(acceptor(CERTIFICATE, KEY, protocols))),
        };
        let seen = Arc::<Seen>::default();
        let passing = Passing {
            site: site.site_url().trim_end_matches('/').to_owned(),
            client: Client::builder(TokioExecutor::new()).build_http(),
            coding,
            answers: Arc::default(),
            seen: Arc::clone(&seen),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let before = passing.seen.connections.fetch_add(1, Ordering::SeqCst);
                let passing = Passing {
                    answers: Arc::new(AtomicU64::new(match before {
                        0 => first_answers,
                        _ => u64::MAX,
                    })),
                    ..passing.clone()
                };
                tokio::spawn(serve(stream, acceptor.clone(), passing));
            }
        });
        Self {
            endpoint: format!("{scheme}://{address}/wiki/api/v2/"),
            seen,
        }
    }

    pub(crate) fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    pub(crate) fn connections(&self) -> u64 {
        self.seen.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> u64 {
        self.seen.requests.load(Ordering::SeqCst)
    }

    pub(crate) fn requests_over_http_2(&self) -> u64 {
        self.seen.over_http_2.load(Ordering::SeqCst)
    }
}

/// A server's end of TLS: with a certificate and its key (PEM), and these protocols in it.
pub(crate) fn acceptor(certificate: &[u8], key: &[u8], protocols: &[&[u8]]) -> TlsAcceptor {
    let mut config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_pem_slice(certificate).unwrap()],
                PrivateKeyDer::from_pem_slice(key).unwrap(),
            )
            .unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

/// What a connection passes requests on with.
#[derive(Clone)]
struct Passing {
    site: String,
    client: Client<HttpConnector, Empty<Bytes>>,
    coding: Coding,
    /// How many requests it has yet to answer.
    answers: Arc<AtomicU64>,
    seen: Arc<Seen>,
}

async fn serve(stream: TcpStream, acceptor: Option<TlsAcceptor>, passing: Passing) {
    let service = service_fn(move |request| {
        let passing = passing.clone();
        async move { Ok::<_, Infallible>(passing.answer(request).await) }
    });
    let server = auto::Builder::new(TokioExecutor::new());
    // A client that goes away is no failure of the front's.
    let _ = match acceptor {
        None => server.serve_connection(TokioIo::new(stream), service).await,
        Some(acceptor) => match acceptor.accept(stream).await {
            Ok(stream) => server.serve_connection(TokioIo::new(stream), service).await,
            Err(_) => return,
        },
    };
}

impl Passing {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        self.seen.requests.fetch_add(1, Ordering::SeqCst);
        if request.version() == http::Version::HTTP_2 {
            self.seen.over_http_2.fetch_add(1, Ordering::SeqCst);
        }
        let left = |left: u64| left.checked_sub(1);
        if let Err(0) = self
            .answers
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, left)
        {
            return std::future::pending().await;
        }
        let path = request.uri().path_and_query().unwrap().as_str();
        let mut passed = Request::get(format!("{}{path}", self.site).parse::<Uri>().unwrap())
            .body(Empty::new())
            .unwrap();
        // The coding is the front's to make.
        *passed.headers_mut() = kept(request.headers());
        let (mut head, body) = self.client.request(passed).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let (name, body) = encode(self.coding, &body).await;
        head.headers.remove(header::CONTENT_LENGTH);
        head.headers.remove(header::TRANSFER_ENCODING);
        if let Some(name) = name {
            head.headers
                .insert(header::CONTENT_ENCODING, name.parse().unwrap());
        }
        Response::from_parts(head, Full::new(body.into()))
    }
}

fn kept(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in [header::ACCEPT_ENCODING, header::HOST, header::CONNECTION] {
        headers.remove(name);
    }
    headers
}

async fn encode(coding: Coding, body: &[u8]) -> (Option<&'static str>, Vec<u8>) {
    match coding {
        Coding::Plain => (None, body.to_vec()),
        Coding::Unknown => (Some("compress"), body.to_vec()),
        Coding::Gzip => (Some("gzip"), gzip(body).await),
        Coding::CutGzip => {
            let mut packed = gzip(body).await;
            packed.truncate(packed.len() / 2);
            (Some("gzip"), packed)
        }
        Coding::Bomb => (Some("gzip"), gzip(&vec![b' '; 64 << 20]).await),
        Coding::Brotli => {
            let mut encoder = BrotliEncoder::new(Vec::new());
            encoder.write_all(body).await.unwrap();
            encoder.shutdown().await.unwrap();
            (Some("br"), encoder.into_inner())
        }
        Coding::Zstd => {
            let mut encoder = ZstdEncoder::new(Vec::new());
            encoder.write_all(body).await.unwrap();
            encoder.shutdown().await.unwrap();
            (Some("zstd"), encoder.into_inner())
        }
    }
}

async fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzipEncoder::new(Vec::new());
    encoder.write_all(body).await.unwrap();
    encoder.shutdown().await.unwrap();
    encoder.into_inner()
}
