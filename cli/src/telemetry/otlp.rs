//! Spans to a collector, by OTLP over HTTP.
//!
//! The exporter sends from a thread of its own, which has no runtime; the requests therefore run on
//! one that is kept for them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use tokio::runtime::Runtime;

use crate::exit::Failure;

/// How long a collector may take, in seconds. What it does not take by then is lost, and said so.
const SECONDS: u64 = 5;

/// The longest answer of a collector that is read, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// What sends spans to the collector at `endpoint`.
pub(super) fn exporter(endpoint: &str) -> Result<SpanExporter, Failure> {
    let refused = |what: &str| {
        Failure::Usage(format!(
            "`{endpoint}` is not a valid `--otlp-endpoint`: {what}; use a collector's URL, such as `http://127.0.0.1:4318`"
        ))
    };
    let mut url = url::Url::parse(endpoint).map_err(|error| refused(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused("the scheme must be `http` or `https`"));
    }
    if url.path() == "/" {
        url.set_path("/v1/traces");
    }
    SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_http_client(Sender::start()?)
        .with_endpoint(url.as_str())
        .with_timeout(Duration::from_secs(SECONDS))
        .build()
        .map_err(|error| refused(&error.to_string()))
}

type Pool = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

#[derive(Debug, Clone)]
struct Sender {
    pool: Pool,
    runtime: Arc<Runtime>,
}

impl Sender {
    fn start() -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|source| {
                Failure::io("cannot start the runtime for `--otlp-endpoint`", source)
            })?;
        let tls = host_runner::platform_tls()
            .map_err(|error| Failure::Usage(format!("cannot start TLS: {error}")))?;
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_all_versions()
            .build();
        Ok(Self {
            pool: Client::builder(TokioExecutor::new()).build(connector),
            runtime: Arc::new(runtime),
        })
    }
}

type Sending<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

impl HttpClient for Sender {
    fn send_bytes<'life, 'sending>(&'life self, request: Request<Bytes>) -> Sending<'sending>
    where
        'life: 'sending,
        Self: 'sending,
    {
        let pool = self.pool.clone();
        let sending = self.runtime.spawn(async move {
            let exchange = async {
                let (head, body) = pool.request(request.map(Full::new)).await?.into_parts();
                let body = Limited::new(body, MAX_BYTES).collect().await?.to_bytes();
                Ok(Response::from_parts(head, body))
            };
            tokio::time::timeout(Duration::from_secs(SECONDS), exchange).await?
        });
        Box::pin(async { sending.await? })
    }
}
