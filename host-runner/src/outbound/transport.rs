//! The pooled transport under `wasi:http`.
//!
//! wasmtime's default opens a TCP and a TLS connection for every request; a listing of 100 000
//! pages then spends most of its time in handshakes and runs a busy host out of ports. A pool
//! belongs to one level, endpoint and credential, so that neither connections nor TLS tickets
//! ever serve two.

use std::collections::HashMap;
use std::error::Error as _;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http::header;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use url::Url;
use wasmtime_wasi_http::{Error, WasiBody};

use super::address::Reach;
use super::credential::USER_AGENT;
use crate::connection::{Connection, Endpoint};
use crate::engine::Limits;
use crate::tls::tls_error;

/// Idle connections kept for one site. A call has one request in flight; calls of one app that
/// run at once are few.
const IDLE_PER_SITE: usize = 8;

/// How long an idle connection is kept, in seconds. Atlassian's edge closes after about 60.
const IDLE_SECONDS: u64 = 50;

/// Pools kept at once. Rotated tokens leave pools behind that nobody uses; at this number all are
/// dropped, and the ones in use are made anew. A pool is some 100 KB with its TLS roots.
const MOST_POOLS: usize = 1000;

type Pool = Client<HttpsConnector<HttpConnector<Resolver>>, WasiBody>;

/// What a pool belongs to: a hash of the level, the endpoint, the credential, and the time that
/// connecting may take.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Tenant(blake3::Hash);

/// The pools of all tenants.
#[derive(Default)]
pub(crate) struct Transports {
    pools: Mutex<HashMap<Tenant, Pool>>,
}

impl Transports {
    fn pool(&self, connection: &Connection, connect: Duration) -> Pool {
        let mut hasher = connection.hasher();
        // A pool is made with its time limit: one tenant's is none of another's business.
        hasher.update(&connect.as_nanos().to_le_bytes());
        hasher.update(connection.level.as_str().as_bytes());
        let tenant = Tenant(hasher.finalize());
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if pools.len() >= MOST_POOLS && !pools.contains_key(&tenant) {
            pools.clear();
        }
        pools
            .entry(tenant)
            .or_insert_with(|| pool(&connection.endpoint, connect))
            .clone()
    }
}

fn pool(endpoint: &Endpoint, connect: Duration) -> Pool {
    let secure = endpoint.as_str().starts_with("https:");
    client(secure, reach(endpoint), connect)
}

fn client(secure: bool, reach: Reach, connect: Duration) -> Pool {
    let mut roots = RootCertStore::empty();
    // Reading the platform's roots takes some 10 ms, which a loopback site has no use for.
    if secure {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let tls =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map(|builder| builder.with_root_certificates(roots).with_no_client_auth());
    let mut http = HttpConnector::new_with_resolver(Resolver {
        patience: connect,
        reach,
    });
    http.enforce_http(false);
    http.set_nodelay(true);
    http.set_connect_timeout(Some(connect));
    let connector = match tls {
        Ok(tls) => HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(http),
        // The ring provider supports the default versions, so that this arm is never taken; a
        // connector that trusts nobody is the safe answer if it ever were.
        Err(_) => HttpsConnectorBuilder::new()
            .with_tls_config(
                ClientConfig::builder()
                    .with_root_certificates(RootCertStore::empty())
                    .with_no_client_auth(),
            )
            .https_only()
            .enable_http1()
            .wrap_connector(http),
    };
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(IDLE_SECONDS))
        .pool_max_idle_per_host(IDLE_PER_SITE)
        .build(connector)
}

/// Sends a request over the pool of its connection.
pub(super) async fn send(
    transports: &Transports,
    connection: &Connection,
    request: http::Request<WasiBody>,
    limits: &Limits,
) -> Result<http::Response<Incoming>, Error> {
    // The connector dials an address in an URL without asking the resolver.
    if let Some(address) = literal(connection.endpoint.host())
        && !reach(&connection.endpoint).allows(address)
    {
        return Err(Error::DestinationIpProhibited);
    }
    let pool = transports.pool(connection, limits.connect);
    match tokio::time::timeout(limits.first_byte, pool.request(request)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(classify(&error)),
        Err(_) => Err(Error::HttpResponseTimeout),
    }
}

/// What a connection may dial. Whether it may lead to this machine at all is the levels' to say,
/// and they have.
fn reach(endpoint: &Endpoint) -> Reach {
    if endpoint.is_loopback() {
        Reach::Loopback
    } else {
        Reach::Public
    }
}

/// The address that a host is, if it is one and no name.
fn literal(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .ok()
}

/// The head of a site's answer to a request without authorization. The connection is nobody's
/// pool's, and closed at once.
pub(crate) async fn head(
    endpoint: &Endpoint,
    limits: &Limits,
) -> Result<http::HeaderMap, Option<Error>> {
    if literal(endpoint.host()).is_some_and(|address| !reach(endpoint).allows(address)) {
        return Err(Some(Error::DestinationIpProhibited));
    }
    // GET, as everything that leaves this host; whoever is not known is answered shortly.
    let request = http::Request::get(format!("{endpoint}/rest/api/user/current"))
        .body(WasiBody::default())
        .map_err(|_| None)?;
    let pool = pool(endpoint, limits.connect);
    match tokio::time::timeout(limits.first_byte, pool.request(request)).await {
        Ok(Ok(answer)) => Ok(answer.into_parts().0.headers),
        Ok(Err(error)) => Err(Some(classify(&error))),
        Err(_) => Err(Some(Error::HttpResponseTimeout)),
    }
}

/// The answer to a GET without credentials, by whoever listens at an address that `reach` allows.
/// The connection is this request's alone.
pub(super) async fn fetch(
    url: &Url,
    reach: Reach,
    limits: &Limits,
) -> Result<http::Response<Incoming>, Error> {
    if literal(url.host_str().unwrap_or_default()).is_some_and(|address| !reach.allows(address)) {
        return Err(Error::DestinationIpProhibited);
    }
    // What a GET needs, and nothing that tells of the caller. No `accept-encoding`: the length of
    // what comes is compared with the file's.
    let request = http::Request::get(url.as_str())
        .header(header::ACCEPT, "*/*")
        .header(header::USER_AGENT, USER_AGENT)
        .body(WasiBody::default())
        .map_err(|_| Error::HttpRequestUriInvalid)?;
    let client = client(url.scheme() == "https", reach, limits.connect);
    match tokio::time::timeout(limits.first_byte, client.request(request)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(classify(&error)),
        Err(_) => Err(Error::HttpResponseTimeout),
    }
}

/// Finds the cause that a person can act upon in a chain of errors.
fn classify(error: &hyper_util::client::legacy::Error) -> Error {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.downcast_ref::<OutOfReach>().is_some() {
            return Error::DestinationIpProhibited;
        }
        if let Some(error) = error.downcast_ref::<Unresolved>() {
            return Error::DnsError {
                rcode: Some(error.0.to_string()),
                info_code: None,
            };
        }
        if let Some(error) = tls_error(error) {
            return classify_tls(error);
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            match error.kind() {
                io::ErrorKind::ConnectionRefused => return Error::ConnectionRefused,
                io::ErrorKind::TimedOut => return Error::ConnectionTimeout,
                io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                    return Error::DestinationUnavailable;
                }
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof => return Error::ConnectionTerminated,
                _ => {}
            }
        }
        if let Some(error) = error.downcast_ref::<hyper::Error>() {
            if error.is_incomplete_message() {
                return Error::ConnectionTerminated;
            }
            if error.is_parse_too_large() {
                return Error::HttpResponseHeaderSectionSize(None);
            }
        }
        cause = error.source();
    }
    if error.is_connect() {
        Error::DestinationUnavailable
    } else {
        Error::HttpProtocolError
    }
}

fn classify_tls(error: &rustls::Error) -> Error {
    match error {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
            Error::TlsCertificateError
        }
        _ => Error::TlsProtocolError,
    }
}

/// The operating system's resolver, which answers what may be dialled, and errors that can be
/// told from others.
#[derive(Debug, Clone)]
struct Resolver {
    patience: Duration,
    reach: Reach,
}

/// A name without an address.
#[derive(Debug, thiserror::Error)]
#[error("the name does not resolve: {0}")]
struct Unresolved(io::Error);

/// A name that has addresses, none of which may be dialled.
#[derive(Debug, thiserror::Error)]
#[error("the name resolves to addresses that must not be dialled")]
struct OutOfReach;

impl tower_service::Service<Name> for Resolver {
    type Response = std::vec::IntoIter<std::net::SocketAddr>;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let Self { patience, reach } = *self;
        Box::pin(async move {
            let addresses =
                tokio::time::timeout(patience, tokio::net::lookup_host((name.as_str(), 0)))
                    .await
                    .map_err(|_| {
                        Unresolved(io::Error::new(
                            io::ErrorKind::TimedOut,
                            "the resolver did not answer in time",
                        ))
                    })?
                    .map_err(Unresolved)?;
            let allowed: Vec<_> = addresses
                .filter(|address| reach.allows(address.ip()))
                .collect();
            if allowed.is_empty() {
                return Err(OutOfReach.into());
            }
            Ok(allowed.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::time::Duration;

    use tower_service::Service as _;

    use super::{Connection, Endpoint, OutOfReach, Reach, Resolver, Transports};
    use crate::connection::{Authorization, Lane};
    use crate::level::{Level, Scope};

    #[tokio::test]
    async fn a_tenants_time_limit_is_not_in_anothers_pool() {
        let connection = Connection {
            level: Scope::default().path(Level::Cluster),
            lane: Lane {
                owner: "main".to_owned(),
                concurrency: 5,
            },
            endpoint: Endpoint::parse("http://127.0.0.1:1").unwrap(),
            authorization: Authorization::parse("Bearer sesame").unwrap(),
        };
        let transports = Transports::default();
        for milliseconds in [1, 10_000, 1, 10_000] {
            transports.pool(&connection, Duration::from_millis(milliseconds));
        }
        assert_eq!(transports.pools.lock().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn a_name_of_this_machine_resolves_for_connections_to_it_alone() {
        let resolve = async |reach| {
            let patience = Duration::from_secs(10);
            let name = "localhost".parse().unwrap();
            Resolver { patience, reach }.call(name).await
        };
        assert!(resolve(Reach::Loopback).await.unwrap().len() > 0);
        let refused = resolve(Reach::Public).await.unwrap_err();
        assert!(refused.downcast_ref::<OutOfReach>().is_some(), "{refused}");
    }
}
