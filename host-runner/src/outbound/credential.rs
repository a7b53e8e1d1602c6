//! The authorization, added after the policy has passed the request, for the connection's site and
//! nowhere else.
//!
//! It is requested from the connection's source for every request, since it may have expired between
//! two of them. A 401 is reported to the source, which can have the request sent once more.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, header};
use wasmtime_wasi_http::Error;

use super::echo::Echoes;
use super::exchange::Exchange;
use super::refusal::Refusal;
use crate::connection::{AfterRejection, Authorization};

/// How this host names itself to Confluence.
pub(super) const USER_AGENT: &str = concat!("host-runner/", env!("CARGO_PKG_VERSION"));

/// Every authorization that requests of one call were sent with, and the search for each.
///
/// One that was replaced during the call is still valid for a while at some sites, and a component
/// must see neither.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveAuthorizations(Arc<Mutex<Vec<(Authorization, Echoes)>>>);

impl LiveAuthorizations {
    /// Adds the one that a request is about to be sent with.
    fn add(&self, authorization: &Authorization) {
        let mut live = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = |known: &(Authorization, Echoes)| known.0.expose() == authorization.expose();
        if !live.iter().any(is_known) {
            live.push((authorization.clone(), Echoes::default()));
        }
    }

    /// Whether a complete answer repeats any of them.
    pub(super) fn has_echo(&self, headers: &HeaderMap, body: &Bytes) -> bool {
        let live = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        live.iter()
            .any(|(authorization, echoes)| echoes.has_echo(authorization, headers, body))
    }
}

impl Exchange {
    /// The authorization that belongs to the request's destination, if one does.
    pub(super) async fn authorization(&self) -> Result<Option<Authorization>, Error> {
        let Some(credential) = self.destination.credential() else {
            return Ok(None);
        };
        let authorization = credential.authorization().await.map_err(|error| {
            self.terms.refusal.keep(Refusal::Credential {
                error: Box::new(error),
            });
            Error::HttpRequestDenied
        })?;
        self.terms.live.add(&authorization);
        Ok(Some(authorization))
    }

    /// Reports a 401 to the source of the credential, and returns whether the request is to be sent
    /// with another one.
    pub(super) async fn is_replayed(&self, rejected: &Authorization) -> bool {
        let Some(credential) = self.destination.credential() else {
            return false;
        };
        match credential.rejected(rejected).await {
            Ok(after) => after == AfterRejection::Replay,
            Err(error) => {
                tracing::warn!(%error, "the rejected credential cannot be replaced");
                self.terms.refusal.keep(Refusal::Credential {
                    error: Box::new(error),
                });
                false
            }
        }
    }
}

/// Adds an authorization to a request that is sent to where it belongs.
pub(super) fn add<B>(
    mut request: http::Request<B>,
    authorization: Option<&Authorization>,
) -> Result<http::Request<B>, Error> {
    let headers = request.headers_mut();
    if let Some(authorization) = authorization {
        let value = authorization
            .header_value()
            .ok_or(Error::ConfigurationError)?;
        headers.insert(header::AUTHORIZATION, value);
    }
    headers.insert(
        header::USER_AGENT,
        header::HeaderValue::from_static(USER_AGENT),
    );
    Ok(request)
}
