//! A connection: a site's endpoint and the authorization for it, always together.
//!
//! Levels override whole connections, never the halves. Were endpoint and token two settings, an
//! app that sets its own endpoint would be sent the cluster's token.

mod authorization;
mod token;

use host_levels::LevelPath;
pub(crate) use host_levels::{
    ConnectionDefinition, ConnectionName, DEFAULT_CONCURRENCY, DefinitionError, Endpoint, Lane,
    MAX_CONCURRENCY, Scheme, TokenKind, is_loopback,
};

pub use authorization::{Authorization, AuthorizationError};
pub use token::{Token, TokenError};

/// A connection that a call goes over: its definition, and the authorization made of its token.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    /// The level that has the connection.
    pub(crate) level: LevelPath,
    /// Which requests count towards the same concurrency.
    pub(crate) lane: Lane,
    /// Where the site is.
    pub(crate) endpoint: Endpoint,
    /// What to show it.
    pub(crate) authorization: Authorization,
}

impl Connection {
    /// A hash that has taken in what tells this site and credential from any other.
    pub(crate) fn hasher(&self) -> blake3::Hasher {
        let mut hasher = blake3::Hasher::new();
        for part in [self.endpoint.as_str(), self.authorization.expose()] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher
    }
}
