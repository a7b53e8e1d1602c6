//! Connects, directly or through a proxy.

use std::error::Error as StdError;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderValue, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use super::resolver::Resolver;
use crate::outbound::address::Reach;

/// Opens TCP connections.
#[derive(Clone)]
pub(super) enum Dial {
    Direct(HttpConnector<Resolver>),
    Proxied(Tunnel<HttpConnector<Resolver>>),
}

/// The proxy did not open a way.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub(super) struct ProxyFailed {
    pub(super) reason: String,
}

impl Dial {
    /// Dials addresses that `reach` allows.
    pub(super) fn direct(reach: Reach, connect: Duration) -> Self {
        Self::Direct(connector(reach, connect))
    }

    /// Dials a proxy, wherever it is, and has it open a tunnel.
    pub(super) fn proxied(proxy: Uri, shown: Option<HeaderValue>, connect: Duration) -> Self {
        let tunnel = Tunnel::new(proxy, connector(Reach::Anywhere, connect));
        Self::Proxied(match shown {
            Some(value) => tunnel.with_auth(value),
            None => tunnel,
        })
    }
}

/// Names the port of plain HTTP, in whose place the tunnel would take that of TLS.
fn with_port(to: Uri) -> Uri {
    if to.scheme_str() != Some("http") || to.port().is_some() {
        return to;
    }
    let Some(host) = to.host() else {
        return to;
    };
    Uri::builder()
        .scheme("http")
        .authority(format!("{host}:80"))
        .path_and_query("/")
        .build()
        // A host with a port behind it is one.
        .unwrap_or(to)
}

fn connector(reach: Reach, connect: Duration) -> HttpConnector<Resolver> {
    let mut http = HttpConnector::new_with_resolver(Resolver {
        patience: connect,
        reach,
    });
    http.enforce_http(false);
    http.set_nodelay(true);
    http.set_connect_timeout(Some(connect));
    http
}

impl Service<Uri> for Dial {
    type Response = TokioIo<TcpStream>;
    type Error = Box<dyn StdError + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        match self {
            Self::Direct(direct) => direct.poll_ready(context).map_err(Into::into),
            Self::Proxied(tunnel) => tunnel.poll_ready(context).map_err(Into::into),
        }
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        match self {
            Self::Direct(direct) => {
                let dialling = direct.call(to);
                Box::pin(async { dialling.await.map_err(Into::into) })
            }
            Self::Proxied(tunnel) => {
                let dialling = tunnel.call(with_port(to));
                Box::pin(async {
                    dialling.await.map_err(|error| {
                        let cause = error.source().map(|cause| format!(": {cause}"));
                        let reason = format!("{error}{}", cause.unwrap_or_default());
                        ProxyFailed { reason }.into()
                    })
                })
            }
        }
    }
}
