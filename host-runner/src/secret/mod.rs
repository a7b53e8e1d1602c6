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
mod settings;
mod vault;

use std::error::Error;
use std::future::Future;
use std::pin::Pin;

use crate::connection::{ConnectionName, Token};
use host_levels::{LevelPath, Remedy};

pub use check::{KeyLocation, KeyState, SecretsState};
pub use key::KeyError;
pub use place::SecretPlace;
pub use rotation::RotationReport;
pub use seal::SealError;
pub use sealed::StoreError;
pub use vault::{VaultError, VaultState};

#[cfg(test)]
pub(crate) use vault::fake as vault_stand_in;

pub(crate) use key::{KeyOrigin, MasterKey};
pub(crate) use sealed::SealedStore;
pub(crate) use settings::SETTINGS;
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
    /// The store that the program supplied does not answer, or refuses.
    #[error("the embedding program's secret store failed: {source}")]
    Supplied {
        /// What it said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// There is nothing sealed, and so no key to rotate.
    #[error(
        "the embedding program supplies its own secret store, so there is no key in the state folder: rotate keys in that store"
    )]
    NotSealed,
}

impl SecretError {
    /// What to do about it, as data.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Key(error) => error.remedy(),
            Self::Store(error) => error.remedy(),
            Self::Vault(_) | Self::Supplied { .. } | Self::NotSealed => None,
        }
    }

    /// The error of a store that a program supplies. Its text is shown to people: it says what
    /// failed and what to do about it, and never holds a token.
    pub fn supplied(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Supplied {
            source: source.into(),
        }
    }
}

/// An answer of a store of secrets.
pub type SecretFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, SecretError>> + Send + 'a>>;

/// Where tokens are kept.
///
/// Endpoint and authorization are one record: a token belongs to the whole of its [`SecretPlace`],
/// and is answered for that very place alone. A store that answered it for another binding would
/// send one site's token to another.
///
/// A connection may have several tokens at once, each bound to another endpoint or user: while a
/// connection is changed, the old one stays until the new one is in force, so that whoever is
/// interrupted in between finds one of the two whole.
///
/// [`HostRunnerBuilder::secrets`](crate::HostRunnerBuilder::secrets) takes a store that a program brings along. What holds
/// for it:
///
/// - It is asked once for each call, by many calls at once, and in time that is the call's: it
///   answers without blocking the thread, keeps what it has read where reading is slow, and bears
///   that a future is dropped half-way.
/// - What was put is there for everybody who reads the same configuration, from when the future has
///   ended on. The connection that needs it is written after that.
/// - A [`Token`] overwrites its memory when it is dropped. What the store copies out of
///   [`Token::expose`] is its own to overwrite (`zeroize`), to encrypt, and to keep out of logs,
///   `Debug` and errors ([`SecretError::supplied`]).
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::{Mutex, PoisonError};
///
/// use host_runner::{SecretFuture, ConnectionName, LevelPath, SecretPlace, SecretStore, Token};
///
/// /// Tokens that are gone when the program ends.
/// #[derive(Default)]
/// struct InMemory(Mutex<HashMap<SecretPlace, Token>>);
///
/// impl InMemory {
///     fn with<T>(&self, ask: impl FnOnce(&mut HashMap<SecretPlace, Token>) -> T) -> T {
///         ask(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
///     }
/// }
///
/// impl SecretStore for InMemory {
///     fn get<'a>(&'a self, place: &'a SecretPlace) -> SecretFuture<'a, Option<Token>> {
///         Box::pin(async { Ok(self.with(|tokens| tokens.get(place).cloned())) })
///     }
///
///     fn put<'a>(&'a self, place: &'a SecretPlace, token: &'a Token) -> SecretFuture<'a, ()> {
///         Box::pin(async {
///             self.with(|tokens| tokens.insert(place.clone(), token.clone()));
///             Ok(())
///         })
///     }
///
///     fn forget<'a>(
///         &'a self,
///         level: &'a LevelPath,
///         connection: &'a ConnectionName,
///         keep: Option<&'a str>,
///     ) -> SecretFuture<'a, ()> {
///         let is_kept = move |place: &SecretPlace| {
///             place.level != *level
///                 || place.connection != *connection
///                 || Some(place.binding.as_str()) == keep
///         };
///         Box::pin(async move {
///             self.with(|tokens| tokens.retain(|place, _| is_kept(place)));
///             Ok(())
///         })
///     }
/// }
/// ```
pub trait SecretStore: Send + Sync {
    /// The token at a place, or none.
    ///
    /// # Errors
    ///
    /// [`SecretError`] when that cannot be told: none is an answer, and the caller is then told to
    /// give a token.
    fn get<'a>(&'a self, place: &'a SecretPlace) -> SecretFuture<'a, Option<Token>>;

    /// Keeps a token at a place, in place of what that very place had.
    ///
    /// # Errors
    ///
    /// [`SecretError`]; nothing has changed then.
    fn put<'a>(&'a self, place: &'a SecretPlace, token: &'a Token) -> SecretFuture<'a, ()>;

    /// Removes the tokens of a connection at this very level, all but the one that is bound to
    /// `keep`. That there are none is no error.
    ///
    /// # Errors
    ///
    /// [`SecretError`] when some may still be there.
    fn forget<'a>(
        &'a self,
        level: &'a LevelPath,
        connection: &'a ConnectionName,
        keep: Option<&'a str>,
    ) -> SecretFuture<'a, ()>;
}
