//! How the site is spoken to.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

/// Who vouches for the site's certificate; the end-to-end tests have the same authority.
pub const AUTHORITY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../tests/certificates/authority.pem"
);
const CERTIFICATE: &[u8] = include_bytes!("../../tests/certificates/site.pem");
const KEY: &[u8] = include_bytes!("../../tests/certificates/site.key.pem");

/// What is spoken on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// HTTP/1.1 without TLS.
    Plain,
    /// TLS and HTTP/1.1, which is all that the site offers.
    TlsHttp1,
    /// TLS with HTTP/2 and HTTP/1.1 on offer, as Atlassian's edge has it.
    TlsHttp2,
}

impl Wire {
    /// The word for it among the arguments of `benchmark-site`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::TlsHttp1 => "http/1.1",
            Self::TlsHttp2 => "h2",
        }
    }

    /// What [`name`](Self::name) is the word for.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Plain, Self::TlsHttp1, Self::TlsHttp2]
            .into_iter()
            .find(|wire| wire.name() == name)
    }

    pub(crate) fn scheme(self) -> &'static str {
        match self {
            Self::Plain => "http",
            Self::TlsHttp1 | Self::TlsHttp2 => "https",
        }
    }

    pub(crate) fn acceptor(self) -> Acceptor {
        let protocols: &[&[u8]] = match self {
            Self::Plain => return Acceptor(None),
            Self::TlsHttp1 => &[b"http/1.1"],
            Self::TlsHttp2 => &[b"h2", b"http/1.1"],
        };
        let certificate = CertificateDer::from_pem_slice(CERTIFICATE).expect("it is PEM");
        let key = PrivateKeyDer::from_pem_slice(KEY).expect("it is PEM");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider supports them")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("the key is the certificate's");
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Acceptor(Some(TlsAcceptor::from(Arc::new(config))))
    }
}

/// Takes connections, with or without TLS.
#[derive(Clone)]
pub(crate) struct Acceptor(Option<TlsAcceptor>);

impl Acceptor {
    /// Answers over one connection until the client closes it.
    pub(crate) async fn serve<S>(self, stream: TcpStream, service: S)
    where
        S: Service<Request<Incoming>, Response = Response<Full<Bytes>>, Error = Infallible>,
        S: Send + 'static,
        S::Future: Send + 'static,
    {
        let Some(acceptor) = self.0 else {
            return over_http_1(stream, service).await;
        };
        // A client that goes away is no failure of the site's.
        let Ok(stream) = acceptor.accept(stream).await else {
            return;
        };
        if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
            return over_http_1(stream, service).await;
        }
        let _ = http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }
}

async fn over_http_1<S>(stream: impl AsyncRead + AsyncWrite + Unpin, service: S)
where
    S: Service<Request<Incoming>, Response = Response<Full<Bytes>>, Error = Infallible>,
{
    let _ = http1::Builder::new()
        // No timeout: a client that computes for a while keeps its connection.
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
