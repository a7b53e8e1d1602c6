//! Where a request goes, and as whom: to the connection's site with its credential, or to another
//! host that the levels allow, without any.

use std::sync::Arc;

use crate::connection::{ConcurrencyLimit, Connection, CredentialSource, DEFAULT_CONCURRENCY};
use crate::outbound::rules::address::AddressScope;
use crate::outbound::rules::allowed_host::{AllowedHost, AllowedHosts};
use host_levels::LevelPath;

/// Where a request goes.
#[derive(Debug, Clone)]
pub(in crate::outbound) enum Destination {
    /// The connection's site.
    Site(Arc<Connection>),
    /// Another host.
    Other(OtherHost),
}

/// A host that the levels allow beside the site.
#[derive(Debug, Clone)]
pub(in crate::outbound) struct OtherHost {
    app: LevelPath,
    /// Why it is allowed. What is kept from one request to the next is kept by entry and not by
    /// host: of the hosts below a suffix a component can name as many as it likes.
    entry: AllowedHost,
    host: String,
}

impl OtherHost {
    /// The host of a request, if an entry has it.
    pub(in crate::outbound) fn of(allowed: &AllowedHosts, uri: &http::Uri) -> Option<Self> {
        Some(Self {
            app: allowed.app.clone(),
            entry: allowed.entry(uri)?.clone(),
            host: uri.host()?.to_owned(),
        })
    }
}

impl Destination {
    pub(in crate::outbound) fn is_site(&self) -> bool {
        matches!(self, Self::Site(_))
    }

    /// Whether what is kept for it is one host's, and not that of all hosts below a suffix.
    pub(in crate::outbound) fn is_one_host(&self) -> bool {
        match self {
            Self::Site(_) => true,
            Self::Other(other) => other.entry.is_one_host(),
        }
    }

    /// What requests there are authorized with.
    pub(in crate::outbound) fn credential(&self) -> Option<&dyn CredentialSource> {
        match self {
            Self::Site(connection) => Some(&*connection.credential),
            Self::Other(_) => None,
        }
    }

    /// The host, without a port.
    pub(in crate::outbound) fn host(&self) -> &str {
        match self {
            Self::Site(connection) => connection.endpoint().host(),
            Self::Other(other) => &other.host,
        }
    }

    /// Whether it is spoken to over TLS.
    pub(in crate::outbound) fn is_secure(&self) -> bool {
        match self {
            Self::Site(connection) => connection.endpoint().is_secure(),
            Self::Other(other) => other.entry.is_secure(),
        }
    }

    /// What may be dialled for it: another host is never on this machine.
    pub(in crate::outbound) fn reach(&self) -> AddressScope {
        match self {
            Self::Site(connection) => AddressScope::of(connection.endpoint()),
            Self::Other(_) => AddressScope::Public,
        }
    }

    /// The level whose requests share connections with no other level's.
    pub(in crate::outbound) fn level(&self) -> &LevelPath {
        match self {
            Self::Site(connection) => connection.level(),
            Self::Other(other) => &other.app,
        }
    }

    /// Whose concurrency counts. All other hosts of an app together have one.
    pub(in crate::outbound) fn concurrency_limit(&self) -> ConcurrencyLimit {
        match self {
            Self::Site(connection) => connection.concurrency_limit.clone(),
            // No connection has a space in its name.
            Self::Other(other) => ConcurrencyLimit {
                owner: format!("{} other hosts", other.app),
                concurrency: DEFAULT_CONCURRENCY,
            },
        }
    }

    /// A hash of the site and the token that somebody entered for it, if there is one: several
    /// levels can have the same.
    pub(in crate::outbound) fn entered(&self) -> Option<blake3::Hash> {
        match self {
            Self::Site(connection) => {
                let mut hasher = blake3::Hasher::new();
                hasher.update(connection.entered?.as_bytes());
                hasher.update(connection.endpoint().as_str().as_bytes());
                Some(hasher.finalize())
            }
            Self::Other(_) => None,
        }
    }

    /// A hash that has taken in what tells it from any other: site and credential, or app and entry.
    pub(in crate::outbound) fn hasher(&self) -> blake3::Hasher {
        match self {
            Self::Site(connection) => connection.hasher(),
            Self::Other(other) => {
                let mut hasher = blake3::Hasher::new();
                // A connection's endpoint is never empty.
                for part in ["", other.app.as_str(), &other.entry.to_string()] {
                    hasher.update(&(part.len() as u64).to_le_bytes());
                    hasher.update(part.as_bytes());
                }
                hasher
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::collections::HashSet;
    use std::sync::Arc;

    use bytes::Bytes;
    use tokio::net::TcpListener;
    use wasmtime_wasi_http::Error;

    use super::{Destination, OtherHost};
    use crate::connection::{ConcurrencyLimit, Connection};
    use crate::limits::Limits;
    use crate::outbound::admission::in_flight::InFlight;
    use crate::outbound::transport::route::Route;
    use crate::outbound::transport::{self, NotSent, Transports};
    use host_levels::{Level, Scope};

    fn other(app: &str, entry: &str, host: &str) -> Destination {
        let scope = Scope {
            app: app.parse().unwrap(),
            ..Scope::default()
        };
        Destination::Other(OtherHost {
            app: scope.path(Level::App),
            entry: entry.parse().unwrap(),
            host: host.to_owned(),
        })
    }

    fn site(account: &str) -> Destination {
        Destination::Site(Arc::new(Connection::fixed(
            "https://api.example.com",
            account,
            7,
        )))
    }

    #[test]
    fn what_is_kept_is_kept_apart_by_account_app_and_entry() {
        let host = "api.example.com";
        let all = [
            site("one"),
            site("two"),
            other("one", "https://api.example.com", host),
            other("two", "https://api.example.com", host),
            other("one", "https://*.example.com", host),
            other("one", "https://api.example.com:8443", host),
            other("one", "http://api.example.com", host),
        ];
        let hashes: HashSet<_> = all
            .iter()
            .map(|destination| *destination.hasher().finalize().as_bytes())
            .collect();
        assert_eq!(hashes.len(), all.len());
        // Of the hosts of one entry a component can name as many as it likes.
        let one = other("one", "https://*.example.com", "a.example.com");
        let two = other("one", "https://*.example.com", "b.example.com");
        assert_eq!(one.hasher().finalize(), two.hasher().finalize());
        let request_permits: HashSet<ConcurrencyLimit> =
            all.iter().map(Destination::concurrency_limit).collect();
        assert_eq!(request_permits.len(), 3, "the site's, and one of each app");
    }

    #[tokio::test]
    async fn another_host_is_never_on_this_machine() {
        // It listens, so that nothing but the check keeps the request from it.
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in ["localhost", "127.0.0.1"] {
            let destination = other("one", "http://*.example.com", host);
            let request = http::Request::get(format!("http://{host}:{port}/"))
                .body(Bytes::new())
                .unwrap();
            let transports = Transports::default();
            let (route, limits) = (Route::default(), Limits::default());
            let sent = transport::send(
                &transports,
                &destination,
                request,
                &route,
                &limits,
                InFlight::default(),
            );
            let refused = sent.await.unwrap_err();
            assert!(
                matches!(refused, NotSent::Failed(Error::DestinationIpProhibited, _)),
                "{host}: {refused:?}"
            );
        }
    }
}
