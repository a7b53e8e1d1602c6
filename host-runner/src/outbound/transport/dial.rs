//! Connects, directly or through a proxy.

use std::error::Error as StdError;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderValue, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use super::dial_rate::DialRate;
use super::resolver::Resolver;
use super::slot::{Berthed, ConnectionSlots};
use crate::outbound::rules::address::AddressScope;

type Failed = Box<dyn StdError + Send + Sync>;

/// Opens TCP connections.
#[derive(Clone)]
pub(super) struct Dial {
    way: Way,
    slots: Option<ConnectionSlots>,
    rate: Option<DialRate>,
}

#[derive(Clone)]
enum Way {
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
    pub(super) fn direct(reach: AddressScope, connect: Duration) -> Self {
        Self {
            way: Way::Direct(connector(reach, connect)),
            slots: None,
            rate: None,
        }
    }

    /// Dials a proxy, wherever it is, and has it open a tunnel.
    pub(super) fn proxied(proxy: Uri, shown: Option<HeaderValue>, connect: Duration) -> Self {
        let tunnel = Tunnel::new(proxy, connector(AddressScope::Anywhere, connect));
        Self {
            way: Way::Proxied(match shown {
                Some(value) => tunnel.with_auth(value),
                None => tunnel,
            }),
            slots: None,
            rate: None,
        }
    }

    /// Keeps no more connections open at once than there are slots, and opens them no faster than
    /// at a rate.
    pub(super) fn within(mut self, slots: Option<ConnectionSlots>, rate: Option<DialRate>) -> Self {
        self.slots = slots;
        self.rate = rate;
        self
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

fn connector(reach: AddressScope, connect: Duration) -> HttpConnector<Resolver> {
    let mut http = HttpConnector::new_with_resolver(Resolver {
        patience: connect,
        reach,
    });
    http.enforce_http(false);
    http.set_nodelay(true);
    http.set_connect_timeout(Some(connect));
    http
}

impl Way {
    async fn open(self, to: Uri) -> Result<TokioIo<TcpStream>, Failed> {
        match self {
            Self::Direct(mut direct) => {
                poll_fn(|context| direct.poll_ready(context)).await?;
                Ok(direct.call(to).await?)
            }
            Self::Proxied(mut tunnel) => {
                poll_fn(|context| tunnel.poll_ready(context)).await?;
                tunnel.call(with_port(to)).await.map_err(|error| {
                    let cause = error.source().map(|cause| format!(": {cause}"));
                    let reason = format!("{error}{}", cause.unwrap_or_default());
                    ProxyFailed { reason }.into()
                })
            }
        }
    }
}

impl Service<Uri> for Dial {
    type Response = Berthed;
    type Error = Failed;
    type Future = Pin<Box<dyn Future<Output = Result<Berthed, Failed>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let Self { way, slots, rate } = self.clone();
        Box::pin(async {
            let slot = match slots {
                Some(slots) => Some(slots.take().await?),
                None => None,
            };
            if let Some(rate) = rate {
                rate.wait().await;
            }
            Ok(Berthed {
                stream: way.open(to).await?,
                _slot: slot,
            })
        })
    }
}
