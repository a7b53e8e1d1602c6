//! A connection: a site's endpoint and the authorization for it, always together.
//!
//! Levels override whole connections, never the halves. Were endpoint and token two settings, an
//! app that sets its own endpoint would be sent the cluster's token.

mod authorization;
mod credential;
mod token;

use std::sync::Arc;

use host_levels::LevelPath;
pub(crate) use host_levels::{
    ConcurrencyLimit, ConnectionDefinition, ConnectionName, DEFAULT_CONCURRENCY, DefinitionError,
    Endpoint, MAX_CONCURRENCY, Scheme, TokenKind, is_loopback,
};

pub use authorization::{Authorization, AuthorizationError};
pub use credential::{
    AfterRejection, CredentialError, CredentialFuture, CredentialIdentity, CredentialSource,
};
pub use token::{Token, TokenError};

pub(crate) use credential::FixedCredential;

/// A connection that a call goes over.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    /// Which requests count towards the same concurrency.
    pub(crate) concurrency_limit: ConcurrencyLimit,
    /// What its requests are authorized with.
    pub(crate) credential: Arc<dyn CredentialSource>,
    /// The source's, which is the same for as long as the call lasts, whatever the source says.
    identity: CredentialIdentity,
    /// A hash of the token that somebody entered, if there is one. It never replaces the identity:
    ///
    /// - Kept instances are dropped when it changes. A bearer token that is entered in place of
    ///   another one may be another account's, and an instance remembers what its calls have read.
    /// - Connections with the same token wait together when the site requests a wait.
    pub(crate) entered: Option<blake3::Hash>,
}

impl Connection {
    /// A connection to the endpoint of a credential.
    pub(crate) fn new(
        concurrency_limit: ConcurrencyLimit,
        credential: Arc<dyn CredentialSource>,
    ) -> Self {
        Self {
            concurrency_limit,
            identity: credential.identity().clone(),
            credential,
            entered: None,
        }
    }

    /// The level that has the connection.
    pub(crate) fn level(&self) -> &LevelPath {
        self.identity.level()
    }

    /// Where the site is.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        self.identity.endpoint()
    }

    /// A hash that has taken in what tells this site and credential from any other.
    pub(crate) fn hasher(&self) -> blake3::Hasher {
        self.identity.hasher()
    }

    /// A connection of a test, with an authorization that does not change.
    #[cfg(test)]
    #[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    pub(crate) fn fixed(endpoint: &str, account: &str, concurrency: u8) -> Self {
        use host_levels::{Level, Scope};
        let concurrency_limit = ConcurrencyLimit {
            owner: "main".to_owned(),
            concurrency,
        };
        let identity = CredentialIdentity::new(
            Scope::default().path(Level::App),
            "main".parse().unwrap(),
            Endpoint::parse(endpoint).unwrap(),
            account,
        );
        let authorization = Authorization::parse("Bearer sesame").unwrap();
        let credential = FixedCredential::new(identity, authorization);
        Self::new(concurrency_limit, Arc::new(credential))
    }
}
