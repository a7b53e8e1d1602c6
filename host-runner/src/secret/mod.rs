//! Secrets at rest: where tokens are kept, and how.
//!
//! A token is kept apart from the file that has its connection, and bound to the connection's
//! level, name, endpoint, scheme and user. Other secrets are kept in the same way, each under its
//! kind. [`sealed`] keeps it in the state folder, sealed with a
//! [`key`]; [`vault`] keeps it in HashiCorp Vault.

mod check;
mod id;
mod key;
mod rotation;
mod seal;
mod sealed;
mod settings;
mod vault;

use std::error::Error;
use std::future::Future;
use std::pin::Pin;

use crate::connection::Token;
use host_levels::{LevelPath, PlainName, Remedy};

pub use check::{KeyLocation, KeyState, SecretsState};
pub use id::{Replacement, SecretDigest, SecretId, SecretKind};
pub use key::KeyError;
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

    /// Whether the disk has no room for the store.
    #[must_use]
    pub fn is_full_disk(&self) -> bool {
        match self {
            Self::Store(StoreError::Database { source, .. }) => {
                source.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
            }
            Self::Store(StoreError::File { source, .. })
            | Self::Key(KeyError::File { source, .. }) => {
                source.kind() == std::io::ErrorKind::StorageFull
            }
            _ => false,
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

/// Where secrets are kept.
///
/// Endpoint and authorization are one record: a token belongs to the complete [`SecretId`], and is
/// returned for that very id only. A store that returned it for another binding would send one
/// site's token to another.
///
/// A connection may have several tokens at once, each bound to another endpoint or user: while a
/// connection is changed, the old one stays until the new one is in force, so that an interruption
/// in between leaves one of the two complete.
///
/// [`HostRunnerBuilder::secrets`](crate::HostRunnerBuilder::secrets) accepts a store that a program
/// brings along. What holds for it:
///
/// - It is read once for each call and once more after a 401, by many calls at once, and the time
///   counts towards the call: it must not block the thread, caches what it has read where reading is
///   slow, and tolerates that a future is dropped before it completes.
/// - A secret that was stored is there for everybody who reads the same configuration, from when the
///   future has completed. The connection that needs it is written after that.
/// - [`replace`](Self::replace) is atomic, also between processes that share the store: of two hosts
///   that refresh the same token at the same time, exactly one stores its new one.
/// - A [`Token`] overwrites its memory when it is dropped. What the store copies out of
///   [`Token::expose`] is its own to overwrite (`zeroize`), to encrypt, and to keep out of logs,
///   `Debug` and errors ([`SecretError::supplied`]).
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::{Mutex, PoisonError};
///
/// use host_runner::{
///     LevelPath, PlainName, Replacement, SecretDigest, SecretFuture, SecretId, SecretKind,
///     SecretStore, Token,
/// };
///
/// /// Secrets that are gone when the program ends.
/// #[derive(Default)]
/// struct InMemory(Mutex<HashMap<SecretId, Token>>);
///
/// impl InMemory {
///     fn with<T>(&self, ask: impl FnOnce(&mut HashMap<SecretId, Token>) -> T) -> T {
///         ask(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
///     }
/// }
///
/// impl SecretStore for InMemory {
///     fn get<'a>(&'a self, id: &'a SecretId) -> SecretFuture<'a, Option<Token>> {
///         Box::pin(async { Ok(self.with(|secrets| secrets.get(id).cloned())) })
///     }
///
///     fn put<'a>(&'a self, id: &'a SecretId, secret: &'a Token) -> SecretFuture<'a, ()> {
///         Box::pin(async {
///             self.with(|secrets| secrets.insert(id.clone(), secret.clone()));
///             Ok(())
///         })
///     }
///
///     fn replace<'a>(
///         &'a self,
///         id: &'a SecretId,
///         expected: SecretDigest,
///         new: &'a Token,
///     ) -> SecretFuture<'a, Replacement> {
///         Box::pin(async move {
///             Ok(self.with(|secrets| match secrets.get_mut(id) {
///                 Some(stored) if SecretDigest::of(stored) == expected => {
///                     *stored = new.clone();
///                     Replacement::Replaced
///                 }
///                 _ => Replacement::Conflict,
///             }))
///         })
///     }
///
///     fn forget<'a>(
///         &'a self,
///         level: &'a LevelPath,
///         kind: SecretKind,
///         name: &'a PlainName,
///         keep: Option<&'a str>,
///     ) -> SecretFuture<'a, ()> {
///         let is_kept = move |id: &SecretId| {
///             (&id.level, id.kind, &id.name) != (level, kind, name)
///                 || Some(id.binding.as_str()) == keep
///         };
///         Box::pin(async move {
///             self.with(|secrets| secrets.retain(|id, _| is_kept(id)));
///             Ok(())
///         })
///     }
/// }
/// ```
pub trait SecretStore: Send + Sync {
    /// The secret of an id, or none.
    ///
    /// # Errors
    ///
    /// [`SecretError`] when it cannot be read. `None` means that there is none, and the caller is
    /// then told to enter a token.
    fn get<'a>(&'a self, id: &'a SecretId) -> SecretFuture<'a, Option<Token>>;

    /// Stores a secret, in place of what that very id had.
    ///
    /// # Errors
    ///
    /// [`SecretError`]; nothing has changed then.
    fn put<'a>(&'a self, id: &'a SecretId, secret: &'a Token) -> SecretFuture<'a, ()>;

    /// Stores a secret in place of the expected one, if that is still the one that is stored.
    ///
    /// # Errors
    ///
    /// [`SecretError`]; nothing has changed then.
    fn replace<'a>(
        &'a self,
        id: &'a SecretId,
        expected: SecretDigest,
        new: &'a Token,
    ) -> SecretFuture<'a, Replacement>;

    /// Removes the secrets of this very level, kind and name, except the one that is bound to
    /// `keep`. It is no error if there are none.
    ///
    /// # Errors
    ///
    /// [`SecretError`] when some may still be there.
    fn forget<'a>(
        &'a self,
        level: &'a LevelPath,
        kind: SecretKind,
        name: &'a PlainName,
        keep: Option<&'a str>,
    ) -> SecretFuture<'a, ()>;
}
