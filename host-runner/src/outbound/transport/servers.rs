//! Requests that no guest sends, to servers that the program names, over connections that are kept.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt as _, Limited};
use wasmtime_wasi_http::Error;

use super::exchange::words;
use super::pool::{Hosts, Pool};
use super::way::Way;
use super::{NotSent, Transports, USER_AGENT, literal};
use crate::limits::Limits;
use crate::outbound::admission::in_flight::InFlight;
use crate::outbound::rules::address::AddressScope;
use crate::outbound::transport::route::Route;

/// From a request to the head of its answer, at least: 8 MiB take 67 s at 1 Mbit/s.
const UPLOAD: Duration = Duration::from_secs(120);

/// Largest answer, in bytes.
const MAX_BYTES: usize = 256 << 20;

/// Why a server of the program has no answer. The reasons are shown to people: they contain no header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The program did not name the server.
    #[error("`{host}` is not one of the servers that this client may reach")]
    NotAllowed {
        /// Its host.
        host: String,
    },
    /// The request is not sent, or the server cannot be trusted.
    #[error("{reason}")]
    Refused {
        /// Why.
        reason: String,
    },
    /// No connection comes about.
    #[error("{reason}")]
    Unreachable {
        /// Why.
        reason: String,
    },
    /// The answer did not come in time.
    #[error("no answer within the time limit")]
    TimedOut,
    /// The connection broke before the answer was complete.
    #[error("{reason}")]
    Broken {
        /// What broke.
        reason: String,
    },
}

/// Servers that the program names, and the connections to them.
pub(crate) struct Servers {
    origins: BTreeSet<String>,
    route: Route,
    limits: Limits,
    pools: Mutex<HashMap<String, Arc<Pool>>>,
}

impl Servers {
    /// Those of some origins, such as `https://host.example.com:443`.
    pub(crate) fn new(origins: BTreeSet<String>, route: Route, limits: Limits) -> Self {
        let first_byte = limits.first_byte.max(UPLOAD);
        Self {
            origins,
            route,
            limits: Limits {
                first_byte,
                ..limits
            },
            pools: Mutex::default(),
        }
    }

    /// Sends a request once and takes in its answer. Redirects are answers, and not followed.
    pub(crate) async fn send(
        &self,
        transports: &Transports,
        mut request: Request<Bytes>,
    ) -> Result<Response<Bytes>, ServerError> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let is_secure = request.uri().scheme_str() == Some("https");
        let port = request.uri().port_u16();
        let port = port.unwrap_or(if is_secure { 443 } else { 80 });
        let scheme = if is_secure { "https" } else { "http" };
        let origin = format!("{scheme}://{}:{port}", host.to_ascii_lowercase());
        if !self.origins.contains(&origin) {
            return Err(ServerError::NotAllowed { host });
        }
        // The program names them, not a component: they may be in the network of this host.
        let is_loopback = literal(&host).map_or(host == "localhost", |it| it.is_loopback());
        let reach = if is_loopback {
            AddressScope::Loopback
        } else {
            AddressScope::Anywhere
        };
        let agent = http::HeaderValue::from_static(USER_AGENT);
        request.headers_mut().insert(header::USER_AGENT, agent);
        let pool = || {
            let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(pool) = pools.get(&origin).filter(|pool| !pool.is_silent()) {
                return Ok(Arc::clone(pool));
            }
            let way = Way::look(&transports.files, &self.route, is_secure, reach)?;
            let pool = transports.open(Hosts::One, &way, self.limits.connect, (None, None))?;
            let pool = Arc::new(pool);
            pools.insert(origin.clone(), Arc::clone(&pool));
            Ok(pool)
        };
        let answer = transports
            .ask(request, reach, &self.limits, InFlight::default(), pool)
            .await
            .map_err(of_transport)?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, MAX_BYTES).collect();
        let body = tokio::time::timeout(self.limits.first_byte, body)
            .await
            .map_err(|_| ServerError::TimedOut)?
            .map_err(|_| ServerError::Broken {
                reason: "the connection closed before the answer was complete".to_owned(),
            })?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }
}

fn of_transport(not_sent: NotSent) -> ServerError {
    let (error, refusal) = match not_sent {
        NotSent::Refused(refusal) => {
            let reason = refusal.to_string();
            return ServerError::Refused { reason };
        }
        NotSent::Failed(error, refusal) => (error, refusal),
    };
    let reason = refusal.map_or_else(|| words(&error).to_owned(), |refusal| refusal.to_string());
    match error {
        Error::HttpResponseTimeout | Error::ConnectionTimeout => ServerError::TimedOut,
        Error::ConnectionRefused | Error::DnsError { .. } | Error::DestinationUnavailable => {
            ServerError::Unreachable { reason }
        }
        Error::ConnectionTerminated => ServerError::Broken { reason },
        _ => ServerError::Refused { reason },
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        reason = "a test fails by panicking"
    )]

    use std::collections::BTreeSet;

    use bytes::Bytes;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::{ServerError, Servers};
    use crate::limits::Limits;
    use crate::outbound::transport::Transports;
    use crate::outbound::transport::route::{Proxy, Route};

    fn put(url: &str) -> http::Request<Bytes> {
        let request = http::Request::put(url).header("authorization", "sesame");
        request.body(Bytes::from_static(b"rows")).unwrap()
    }

    #[tokio::test]
    async fn a_server_that_the_program_did_not_name_is_not_dialled() {
        let named = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let other = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = |listener: &tokio::net::TcpListener| {
            format!("http://{}", listener.local_addr().unwrap())
        };
        let servers = Servers::new(
            BTreeSet::from([origin(&named)]),
            // This machine is reached without it.
            Route {
                proxy: Some(Proxy {
                    uri: "http://proxy.example.com:3128".parse().unwrap(),
                    authorization_file: None,
                }),
                ..Route::default()
            },
            Limits::default(),
        );
        let transports = Transports::default();
        for elsewhere in [
            format!("{}/x", origin(&other)),
            origin(&named).replace("http:", "https:"),
            "http://169.254.169.254/latest/meta-data".to_owned(),
        ] {
            let refused = servers.send(&transports, put(&elsewhere)).await;
            let refused = refused.unwrap_err();
            assert!(
                matches!(refused, ServerError::NotAllowed { .. }),
                "{refused}"
            );
        }
        let url = format!("{}/x", origin(&named));
        let sending = servers.send(&transports, put(&url));
        let answering = async {
            let (mut stream, _) = named.accept().await.unwrap();
            let mut head = vec![0; 4096];
            let mut read = 0;
            while !head[..read].ends_with(b"\r\n\r\nrows") {
                read += stream.read(&mut head[read..]).await.unwrap();
            }
            // A redirect is an answer.
            let to = format!("location: {}/y", origin(&other));
            let answer = format!("HTTP/1.1 307 x\r\n{to}\r\ncontent-length: 2\r\n\r\nok");
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream
        };
        let (answer, _stream) = tokio::join!(sending, answering);
        let answer = answer.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.body()[..]),
            (307, &b"ok"[..])
        );
        drop(servers);
        let nobody = tokio::time::timeout(std::time::Duration::from_millis(1), other.accept());
        assert!(nobody.await.is_err());
    }
}
