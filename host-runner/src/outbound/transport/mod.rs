//! The pooled transport under `wasi:http`.
//!
//! wasmtime's default opens a TCP and a TLS connection for every request; a listing of 100 000
//! pages then spends most of its time in handshakes and runs a busy host out of ports. A pool
//! belongs to one level, endpoint and credential, or to one app and entry of `network.allow-hosts`,
//! so that neither connections nor TLS tickets ever serve two.

mod client;
mod dial;
mod dial_rate;
mod exchange;
mod failure;
mod files;
mod pool;
mod resolver;
pub(super) mod route;
mod servers;
mod slot;
mod trust;
mod way;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header;
use url::Url;
use wasmtime_wasi_http::Error;

use super::credential::USER_AGENT;
use super::refusal::Refusal;
use crate::connection::Endpoint;
use crate::limits::Limits;
use crate::outbound::admission::in_flight::InFlight;
use crate::outbound::clock::Clock;
use crate::outbound::rules::address::AddressScope;
use crate::outbound::rules::destination::Destination;
use crate::outbound::transport::route::Route;

pub use client::{HttpBody, HttpClient, HttpClientError, HttpFuture};
pub use servers::ServerError;

pub(crate) use exchange::{Exchanged, NotExchanged};
pub(crate) use servers::Servers;

use dial_rate::DialRate;
use files::Files;
use pool::{Hosts, KeepAlive, Pool};
use slot::ConnectionSlots;
use trust::Roots;
use way::Way;

/// Pools kept at once. Rotated tokens and passwords leave pools behind that nobody uses; at this
/// number those that no request is using are dropped. A pool is some 10 KB.
const MAX_POOLS: usize = 10_000;

#[cfg(test)]
impl Default for Transports {
    fn default() -> Self {
        Self::new(None, Arc::new(crate::outbound::clock::SystemClock))
    }
}

/// What a pool belongs to: a hash of the level, the endpoint and the credential or the entry, the way
/// there with what its files hold, and the time that connecting may take.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Tenant(blake3::Hash);

/// An answer whose body is yet to come.
type Answered = http::Response<HttpBody>;

/// The pools of all tenants, or what the program brings along in their place.
pub(crate) struct Transports {
    pools: Mutex<HashMap<Tenant, Arc<Pool>>>,
    files: Files,
    roots: Roots,
    keep_alive: KeepAlive,
    supplied: Option<Arc<dyn HttpClient>>,
    /// By which connections are opened at a rate.
    clock: Arc<dyn Clock>,
}

impl Transports {
    /// Sends everything with a client that the program brings along, if there is one.
    pub(crate) fn new(supplied: Option<Arc<dyn HttpClient>>, clock: Arc<dyn Clock>) -> Self {
        Self {
            pools: Mutex::default(),
            files: Files::default(),
            roots: Roots::default(),
            keep_alive: KeepAlive::default(),
            supplied,
            clock,
        }
    }

    fn pool(
        &self,
        destination: &Destination,
        route: &Route,
        connect: Duration,
    ) -> Result<Arc<Pool>, Refusal> {
        let (is_secure, reach) = (destination.is_secure(), destination.reach());
        let way = Way::look(&self.files, route, is_secure, reach)?;
        let mut hasher = destination.hasher();
        // A pool is made with its time limit: one tenant's is none of another's business.
        hasher.update(&connect.as_nanos().to_le_bytes());
        way.hash_into(&mut hasher);
        hasher.update(destination.level().as_str().as_bytes());
        // Nor are the requests that it may have under way.
        let concurrency_limit = destination.concurrency_limit();
        hasher.update(&[concurrency_limit.concurrency]);
        hasher.update(concurrency_limit.owner.as_bytes());
        let tenant = Tenant(hasher.finalize());
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let silent = match pools.get(&tenant) {
            Some(pool) if !pool.is_silent() => return Ok(Arc::clone(pool)),
            silent => silent.cloned(),
        };
        if pools.len() >= MAX_POOLS {
            pools.retain(|_, pool| Arc::strong_count(pool) > 1);
        }
        // What several hosts share says nothing of how many connections one of them has.
        let slots = destination.is_site().then(|| {
            let theirs = silent.as_ref().and_then(|silent| silent.slots());
            theirs.unwrap_or_else(|| {
                ConnectionSlots::new(usize::from(concurrency_limit.concurrency), connect)
            })
        });
        let theirs = silent.as_ref().and_then(|silent| silent.rate());
        let rate = theirs.unwrap_or_else(|| {
            DialRate::of(concurrency_limit.concurrency, Arc::clone(&self.clock))
        });
        let hosts = if destination.is_one_host() {
            Hosts::One
        } else {
            Hosts::Many
        };
        let pool = Arc::new(self.open(hosts, &way, connect, (slots, Some(rate)))?);
        pools.insert(tenant, Arc::clone(&pool));
        Ok(pool)
    }

    /// A pool without connections.
    fn open(
        &self,
        hosts: Hosts,
        way: &Way<'_>,
        connect: Duration,
        bounds: (Option<ConnectionSlots>, Option<DialRate>),
    ) -> Result<Pool, Refusal> {
        let roots = way.roots(&self.roots)?;
        Pool::new(hosts, way.dial(connect)?, bounds, roots, self.keep_alive)
    }

    /// A pool for one request, over which no other goes.
    fn open_once(
        &self,
        is_secure: bool,
        reach: AddressScope,
        route: &Route,
        limits: &Limits,
    ) -> Result<Arc<Pool>, Refusal> {
        let way = Way::look(&self.files, route, is_secure, reach)?;
        self.open(Hosts::One, &way, limits.connect, (None, None))
            .map(Arc::new)
    }
}

/// Why a request has no answer.
#[derive(Debug)]
pub(super) enum NotSent {
    /// The host does not send it.
    Refused(Refusal),
    /// The network, in the words of `wasi:http`, and what a proxy said.
    Failed(Error, Option<Refusal>),
}

impl NotSent {
    fn by(error: &hyper_util::client::legacy::Error) -> Self {
        let refusal = failure::proxy(error).map(|reason| Refusal::Proxy {
            reason: reason.to_owned(),
        });
        Self::Failed(failure::classify(error), refusal)
    }

    /// The word of `wasi:http` for it; the reason goes into `keep`.
    pub(super) fn into_error(self, mut keep: impl FnMut(Refusal)) -> Error {
        match self {
            Self::Refused(refusal) => {
                keep(refusal);
                Error::HttpRequestDenied
            }
            Self::Failed(error, refusal) => {
                refusal.into_iter().for_each(keep);
                error
            }
        }
    }
}

/// Sends a request over the pool of its destination. What goes with it while it is in flight does so
/// until the site has answered, also when this is dropped.
pub(super) async fn send(
    transports: &Transports,
    destination: &Destination,
    request: http::Request<Bytes>,
    route: &Route,
    limits: &Limits,
    in_flight: InFlight,
) -> Result<Answered, NotSent> {
    let pool = || transports.pool(destination, route, limits.connect);
    transports
        .ask(request, destination.reach(), limits, in_flight, pool)
        .await
}

/// The address that a host is, if it is one and no name.
fn literal(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .ok()
}

impl Transports {
    /// Sends a request over a pool, unless the program has brought a client along.
    async fn ask(
        &self,
        request: http::Request<Bytes>,
        reach: AddressScope,
        limits: &Limits,
        in_flight: InFlight,
        pool: impl FnOnce() -> Result<Arc<Pool>, Refusal>,
    ) -> Result<Answered, NotSent> {
        // The connector dials an address in an URL without asking the resolver.
        let host = request.uri().host().unwrap_or_default();
        if literal(host).is_some_and(|address| !reach.allows(address)) {
            let host = host.to_owned();
            let refusal = Some(Refusal::Address { host });
            return Err(NotSent::Failed(Error::DestinationIpProhibited, refusal));
        }
        let Some(client) = &self.supplied else {
            let pool = pool().map_err(NotSent::Refused)?;
            return pool.request(request, limits.first_byte, in_flight).await;
        };
        let client = Arc::clone(client);
        let sending = in_flight.follow(async move { client.send(request, reach).await });
        tokio::time::timeout(limits.first_byte, sending)
            .await
            .map_err(|_| NotSent::Failed(Error::HttpResponseTimeout, None))?
            .map(|answer| answer.map(HttpBody::new))
            .map_err(|error| {
                let (error, refusal) = error.into_parts();
                NotSent::Failed(error, Some(refusal))
            })
    }

    /// The head of a site's answer to a request without authorization. The connection is nobody's
    /// pool's, and closed at once.
    pub(crate) async fn head(
        &self,
        endpoint: &Endpoint,
        route: &Route,
        limits: &Limits,
    ) -> Result<http::HeaderMap, String> {
        // GET, as everything that leaves this host; whoever is not known is answered shortly.
        let request = http::Request::get(format!("{endpoint}/rest/api/user/current"))
            .body(Bytes::new())
            .map_err(|error| error.to_string())?;
        let (secure, reach) = (endpoint.is_secure(), AddressScope::of(endpoint));
        let pool = || self.open_once(secure, reach, route, limits);
        match self
            .ask(request, reach, limits, InFlight::default(), pool)
            .await
        {
            Ok(answer) => Ok(answer.into_parts().0.headers),
            Err(NotSent::Refused(refusal) | NotSent::Failed(_, Some(refusal))) => {
                Err(refusal.to_string())
            }
            Err(NotSent::Failed(error, None)) => Err(format!("{error:?}")),
        }
    }

    /// The answer to a GET without credentials, by whoever listens at an address that `reach`
    /// allows. The connection is this request's alone.
    pub(super) async fn fetch(
        &self,
        url: &Url,
        reach: AddressScope,
        route: &Route,
        limits: &Limits,
    ) -> Result<Answered, Error> {
        // What a GET needs, and nothing that tells of the caller. No `accept-encoding`: the length
        // of what comes is compared with the file's.
        let request = http::Request::get(url.as_str())
            .header(header::ACCEPT, "*/*")
            .header(header::USER_AGENT, USER_AGENT)
            .body(Bytes::new())
            .map_err(|_| Error::HttpRequestUriInvalid)?;
        let secure = url.scheme() == "https";
        let pool = || self.open_once(secure, reach, route, limits);
        self.ask(request, reach, limits, InFlight::default(), pool)
            .await
            .map_err(|error| match error {
                NotSent::Refused(refusal) => Error::InternalError(Some(refusal.to_string())),
                NotSent::Failed(error, _) => error,
            })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::time::Duration;

    use std::sync::Arc;

    use super::{Destination, Route, Transports};
    use crate::connection::Connection;
    use crate::outbound::transport::route::Proxy;

    #[tokio::test]
    async fn a_tenants_time_limit_is_not_in_anothers_pool() {
        let connection =
            Destination::Site(Arc::new(Connection::fixed("http://127.0.0.1:1", "me", 5)));
        let transports = Transports::default();
        for milliseconds in [1, 10_000, 1, 10_000] {
            let connect = Duration::from_millis(milliseconds);
            transports
                .pool(&connection, &Route::default(), connect)
                .unwrap();
        }
        assert_eq!(transports.pools.lock().unwrap().len(), 2);
        // Nor is what a proxy is shown: another file is another way there.
        for file in ["one", "other", "one"] {
            let route = Route {
                proxy: Some(Proxy {
                    uri: "http://proxy.example.com:3128".parse().unwrap(),
                    authorization_file: Some(file.into()),
                }),
                ..Route::default()
            };
            let connect = Duration::from_secs(10);
            transports.pool(&connection, &route, connect).unwrap();
        }
        assert_eq!(transports.pools.lock().unwrap().len(), 4);
    }
}
