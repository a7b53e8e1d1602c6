//! Secrets at rest: where tokens are kept, and how.
//!
//! A token is kept apart from the file that has its connection, and bound to the connection's
//! level, name, endpoint, scheme and user. [`sealed`] keeps it in the state folder, sealed with a
//! [`key`]; [`vault`] keeps it in HashiCorp Vault.

mod check;
mod key;
mod place;
mod rotation;
mod seal;
mod sealed;
mod vault;

use std::future::Future;
use std::pin::Pin;

use crate::connection::{ConnectionName, Token};
use crate::level::LevelPath;

pub use check::{KeyState, KeyWhere, SecretsState};
pub use key::KeyError;
pub use place::SecretPlace;
pub use rotation::Rotated;
pub use seal::SealError;
pub use sealed::StoreError;
pub use vault::VaultError;

#[cfg(test)]
pub(crate) use vault::fake as vault_stand_in;

pub(crate) use key::{KeyOrigin, MasterKey};
pub(crate) use sealed::SealedStore;
pub(crate) use vault::{VaultAddress, VaultSettings, VaultStore, VaultToken};

/// Why a secret is not given or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// There is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The sealed records do not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Vault does not answer, or refuses.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// An answer of a store of secrets.
pub type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T, SecretError>> + Send + 'a>>;

/// Where tokens are kept.
///
/// A connection may have several tokens at once, each bound to another endpoint or user: while a
/// connection is changed, the old one stays until the new one is in force, so that whoever is
/// interrupted in between finds one of the two whole.
pub trait SecretStore: Send + Sync {
    /// The token at a place, or none.
    fn get<'a>(&'a self, place: &'a SecretPlace) -> Answering<'a, Option<Token>>;

    /// Keeps a token at a place, in place of what that very place had.
    fn put<'a>(&'a self, place: &'a SecretPlace, token: &'a Token) -> Answering<'a, ()>;

    /// Removes the tokens of a connection, all but the one that is bound to `keep`.
    fn forget<'a>(
        &'a self,
        level: &'a LevelPath,
        connection: &'a ConnectionName,
        keep: Option<&'a str>,
    ) -> Answering<'a, ()>;
}
