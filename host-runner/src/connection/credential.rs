//! Where the authorization of requests comes from.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use host_levels::{ConnectionName, Endpoint, LevelPath, Remedy};

use super::authorization::Authorization;
use crate::error_kind::ErrorKind;

/// Which credential it is, whatever its secret is at the moment.
///
/// Rate limits, connection pools and kept instances belong to it. It is the same for all tokens
/// that one account has in succession, so that a refreshed token resets none of them, and it never
/// contains anything made of a secret. Two sources with equal identities share all of that: the
/// account has to tell apart what the site tells apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialIdentity {
    level: LevelPath,
    connection: ConnectionName,
    endpoint: Endpoint,
    account: String,
}

impl CredentialIdentity {
    /// The identity of an account's credential for a site.
    ///
    /// `level` and `connection` name what the credential is configured as, `endpoint` is the only
    /// place that it is sent to, and `account` is whose it is: an e-mail address, an account id, the
    /// name of a service account.
    #[must_use]
    pub fn new(
        level: LevelPath,
        connection: ConnectionName,
        endpoint: Endpoint,
        account: impl Into<String>,
    ) -> Self {
        Self {
            level,
            connection,
            endpoint,
            account: account.into(),
        }
    }

    /// The level that it is configured at.
    #[must_use]
    pub fn level(&self) -> &LevelPath {
        &self.level
    }

    /// The connection that it is of.
    #[must_use]
    pub fn connection(&self) -> &ConnectionName {
        &self.connection
    }

    /// The only endpoint that it is sent to.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Whose it is.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// A hash of all its parts. They are text of the configuration, and no secret.
    pub(crate) fn hasher(&self) -> blake3::Hasher {
        let mut hasher = blake3::Hasher::new();
        for part in [
            self.level.as_str(),
            self.connection.as_str(),
            self.endpoint.as_str(),
            &self.account,
        ] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher
    }
}

/// Why a [`CredentialSource`] has no authorization.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", message(.reason, .kind))]
pub struct CredentialError {
    reason: String,
    kind: ErrorKind,
    cause: Option<&'static str>,
    resolution: Option<String>,
    remedy: Option<Box<Remedy>>,
}

fn message(reason: &str, kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::Denied => format!("the connection has no valid credential: {reason}"),
        _ => reason.to_owned(),
    }
}

impl CredentialError {
    /// An error with this reason. It is shown to people: it says what failed and what to do about
    /// it, and never contains a secret.
    #[must_use]
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            kind: ErrorKind::Denied,
            cause: None,
            resolution: None,
            remedy: None,
        }
    }

    /// An error of a source of this host, which says what kind it is.
    pub(crate) fn typed(
        reason: String,
        kind: ErrorKind,
        cause: Option<&'static str>,
        resolution: Option<String>,
        remedy: Option<Remedy>,
    ) -> Self {
        Self {
            reason,
            kind,
            cause,
            resolution,
            remedy: remedy.map(Box::new),
        }
    }

    /// The kind: [`ErrorKind::Denied`] unless the source is one of this host.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The likely cause, where it is known.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.cause
    }

    /// What to do about it, where it is known.
    #[must_use]
    pub fn resolution(&self) -> Option<&str> {
        self.resolution.as_deref()
    }

    /// What to do about it, as data.
    #[must_use]
    pub fn remedy(&self) -> Option<&Remedy> {
        self.remedy.as_deref()
    }
}

/// What happens to a request that the site rejected with 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AfterRejection {
    /// The response is final.
    GiveUp,
    /// The source has another authorization: the request is sent once more with it.
    Replay,
}

/// A result of a [`CredentialSource`], once it is there.
pub type CredentialFuture<'a, T> =
    Pin<Box<dyn Future<Output = Result<T, CredentialError>> + Send + 'a>>;

/// Where the authorization of a connection's requests comes from.
///
/// Connections that are stored at levels have a source of their own.
/// [`Tenant::with_credential`](crate::Tenant::with_credential) accepts one of the embedding program:
/// for tokens that expire, that another service issues, or that must not be stored.
///
/// - [`authorization`](Self::authorization) is called for every request, after rate and concurrency
///   limits and right before it is sent, by many requests at once. A source caches what is valid. It
///   must not block the thread, and must tolerate that a future is dropped before it completes. The
///   time that it takes counts towards `limits.call-seconds`.
/// - [`rejected`](Self::rejected) is called when the site answered 401, at most once per request,
///   with the authorization that the request was sent with. Several requests can be rejected with
///   the same one: a source that has replaced it already answers [`AfterRejection::Replay`] at once
///   and does not refresh again. The request is then sent once more, with what `authorization`
///   returns then. A second 401 is an error of the call, and is not reported to the source.
/// - [`identity`](Self::identity) never changes.
///
/// Every authorization that requests of a call were sent with is searched for in all later
/// responses of that call, also after it was replaced.
///
/// ```
/// use std::sync::{Mutex, PoisonError};
///
/// use host_runner::{
///     AfterRejection, Authorization, CredentialError, CredentialFuture, CredentialIdentity,
///     CredentialSource,
/// };
///
/// /// Access tokens of a service of yours, which issues another one when one has expired.
/// struct AccessTokens {
///     identity: CredentialIdentity,
///     current: Mutex<Authorization>,
/// }
///
/// impl AccessTokens {
///     fn current(&self) -> std::sync::MutexGuard<'_, Authorization> {
///         self.current.lock().unwrap_or_else(PoisonError::into_inner)
///     }
/// }
///
/// impl CredentialSource for AccessTokens {
///     fn authorization(&self) -> CredentialFuture<'_, Authorization> {
///         Box::pin(async { Ok(self.current().clone()) })
///     }
///
///     fn rejected<'a>(
///         &'a self,
///         rejected: &'a Authorization,
///     ) -> CredentialFuture<'a, AfterRejection> {
///         Box::pin(async {
///             if self.current().expose() == rejected.expose() {
///                 let issued = issue_token().await?;
///                 *self.current() = issued;
///             }
///             Ok(AfterRejection::Replay)
///         })
///     }
///
///     fn identity(&self) -> &CredentialIdentity {
///         &self.identity
///     }
/// }
///
/// async fn issue_token() -> Result<Authorization, CredentialError> {
///     # let token = "issued-token-0123456789";
///     // Ask the service, and cut its answer down to the token.
///     Authorization::parse(&format!("Bearer {token}"))
///         .map_err(|error| CredentialError::new(error.to_string()))
/// }
/// ```
pub trait CredentialSource: Send + Sync {
    /// The authorization to send a request with.
    ///
    /// # Errors
    ///
    /// [`CredentialError`] when there is none. The request is not sent then.
    fn authorization(&self) -> CredentialFuture<'_, Authorization>;

    /// The site rejected an authorization with 401.
    ///
    /// # Errors
    ///
    /// [`CredentialError`] when no other one can be had. The 401 is final then.
    fn rejected<'a>(&'a self, rejected: &'a Authorization) -> CredentialFuture<'a, AfterRejection>;

    /// Which credential it is.
    fn identity(&self) -> &CredentialIdentity;
}

/// One authorization that does not change: of a connection that is tested before it is stored.
pub(crate) struct FixedCredential {
    identity: CredentialIdentity,
    authorization: Authorization,
}

impl FixedCredential {
    pub(crate) fn new(identity: CredentialIdentity, authorization: Authorization) -> Self {
        Self {
            identity,
            authorization,
        }
    }
}

impl CredentialSource for FixedCredential {
    fn authorization(&self) -> CredentialFuture<'_, Authorization> {
        Box::pin(std::future::ready(Ok(self.authorization.clone())))
    }

    fn rejected<'a>(&'a self, _: &'a Authorization) -> CredentialFuture<'a, AfterRejection> {
        Box::pin(std::future::ready(Ok(AfterRejection::GiveUp)))
    }

    fn identity(&self) -> &CredentialIdentity {
        &self.identity
    }
}

impl fmt::Debug for dyn CredentialSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.identity().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::collections::HashSet;

    use host_levels::{Endpoint, Level, Scope};

    use super::CredentialIdentity;

    #[test]
    fn level_connection_endpoint_and_account_tell_credentials_apart() {
        let scope = Scope::default();
        let identity = |level, connection: &str, host: &str, account: &str| {
            let endpoint = Endpoint::parse(&format!("https://{host}")).unwrap();
            CredentialIdentity::new(
                scope.path(level),
                connection.parse().unwrap(),
                endpoint,
                account,
            )
        };
        let all = [
            identity(Level::App, "main", "a.example.com", "me"),
            identity(Level::Env, "main", "a.example.com", "me"),
            identity(Level::App, "docs", "a.example.com", "me"),
            identity(Level::App, "main", "b.example.com", "me"),
            identity(Level::App, "main", "a.example.com", "you"),
        ];
        let hashes: HashSet<_> = all
            .iter()
            .map(|identity| *identity.hasher().finalize().as_bytes())
            .collect();
        assert_eq!(hashes.len(), all.len());
    }
}
