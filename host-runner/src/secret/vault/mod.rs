//! Tokens in HashiCorp Vault, or OpenBao, in a KV version 2 engine.
//!
//! One secret for each connection, at `{mount}/data/{prefix}/{level path}/connection/{name}`. Its
//! data maps what a token is bound to, to the token. An operator can thus provision by hand, with
//! the token in a file that ends without a line end:
//!
//! ```text
//! vault kv put -mount=secret host-runner/env/prod/connection/docs \
//!     'https://example.atlassian.net/wiki basic me@example.com=@token'
//! ```
//!
//! What else stands in that data is carried along unchanged. Secrets of other kinds are at
//! `{mount}/data/{prefix}/{level path}/{kind}/{name}`, such as `oauth-grant/docs`.
//!
//! # What a policy has to grant
//!
//! | path | capability | for |
//! | --- | --- | --- |
//! | `secret/data/host-runner/*` | `read` | to read |
//! | `secret/data/host-runner/*` | `create`, `update` | to store and to forget |
//! | `secret/destroy/host-runner/*` | `update` | to take replaced and forgotten tokens away for good |
//! | `secret/metadata/host-runner/*` | `delete` | to remove a secret that holds no token any more |
//!
//! # What is kept of old tokens
//!
//! KV version 2 keeps the versions that a write replaces, 10 by default, and with them the tokens.
//! So each write is followed by the destruction of the versions before it. After storing a token
//! this is tried and its outcome ignored: the token is stored, and without the grant somebody has
//! decided to keep versions. After forgetting, a lack of the grant is an error, since the caller
//! believes the token gone. A secret without tokens is removed whole, or, without the grant for
//! that, has all its versions destroyed.
//!
//! # Writers at the same time
//!
//! A write names the version that it read (check-and-set), and starts over when that is no more
//! the newest, so that no write is lost, whichever host it came from. One gap is left, because
//! Vault removes secrets unconditionally: what another host reads and writes after this one has
//! emptied a secret and before its very next request removes it, is removed with it. Writers of
//! one host wait for each other and have no such gap.

mod answer;
mod client;
mod error;
mod path;
mod settings;
mod state;
mod token;

#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod live;
#[cfg(test)]
mod tests;

use std::fmt;

use tokio::sync::Mutex;

pub use error::VaultError;
pub(crate) use settings::{VaultAddress, VaultSettings};
pub use state::VaultState;
pub(crate) use token::VaultToken;

use self::client::Client;
use self::path::{Area, SecretPath};
use crate::connection::Token;
use crate::secret::{Replacement, SecretDigest, SecretFuture, SecretId, SecretKind, SecretStore};
use host_levels::{LevelPath, PlainName};

/// How often a write is tried. Every lost try means that another host's write to the same
/// connection went through, so that this many hosts would have to set one connection at once.
const ATTEMPTS: u32 = 10;

/// Versions before the newest that are destroyed, at most. Each write destroys its predecessors,
/// so that more are there only where versions were written by hand; Vault keeps 10 by default.
const OLD_VERSIONS: u64 = 100;

/// Keeps tokens in Vault.
pub(crate) struct VaultStore {
    client: Client,
    settings: VaultSettings,
    /// Held while a secret is changed: see "Writers at the same time" above.
    changing: Mutex<()>,
}

impl VaultStore {
    /// A store that has not connected to Vault yet.
    ///
    /// # Errors
    ///
    /// [`VaultError`] when the mount, the prefix, the namespace or the file of certificate
    /// authorities is of no use.
    pub(crate) fn new(mut settings: VaultSettings) -> Result<Self, VaultError> {
        settings.mount = path::clean("mount", &settings.mount)?;
        settings.prefix = path::clean("prefix", &settings.prefix)?;
        Ok(Self {
            client: Client::new(&settings)?,
            settings,
            changing: Mutex::new(()),
        })
    }

    fn path(&self, level: &LevelPath, kind: SecretKind, name: &PlainName) -> SecretPath {
        SecretPath::new(&self.settings, level, kind, name)
    }

    fn path_of(&self, id: &SecretId) -> SecretPath {
        self.path(&id.level, id.kind, &id.name)
    }

    async fn read(&self, id: &SecretId) -> Result<Option<Token>, VaultError> {
        let path = self.path_of(id);
        let found = self.client.read(&path).await?;
        found
            .tokens
            .get(&id.binding)
            .transpose()
            .map_err(|()| VaultError::NotToken {
                path: path.shown(Area::Data),
            })
    }

    async fn store(&self, id: &SecretId, token: &Token) -> Result<(), VaultError> {
        let path = self.path_of(id);
        let _alone = self.changing.lock().await;
        for _ in 0..ATTEMPTS {
            let mut found = self.client.read(&path).await?;
            found.tokens.insert(&id.binding, token);
            let written = self
                .client
                .write(&path, found.version, &found.tokens)
                .await?;
            if let Some(version) = written {
                // The token is stored, which is what was asked for: see "old tokens" above.
                let _ = self.destroy_before(&path, version).await;
                return Ok(());
            }
        }
        Err(conflict(&path))
    }

    async fn replace_token(
        &self,
        id: &SecretId,
        expected: SecretDigest,
        new: &Token,
    ) -> Result<Replacement, VaultError> {
        let path = self.path_of(id);
        let _alone = self.changing.lock().await;
        for _ in 0..ATTEMPTS {
            let mut found = self.client.read(&path).await?;
            let stored = found.tokens.get(&id.binding).and_then(Result::ok);
            if stored.as_ref().map(SecretDigest::of) != Some(expected) {
                return Ok(Replacement::Conflict);
            }
            found.tokens.insert(&id.binding, new);
            // A write that loses may have lost to one of another binding: look again.
            let written = self
                .client
                .write(&path, found.version, &found.tokens)
                .await?;
            if let Some(version) = written {
                let _ = self.destroy_before(&path, version).await;
                return Ok(Replacement::Replaced);
            }
        }
        Err(conflict(&path))
    }

    async fn drop_tokens(&self, path: &SecretPath, keep: Option<&str>) -> Result<(), VaultError> {
        let _alone = self.changing.lock().await;
        for _ in 0..ATTEMPTS {
            let mut found = self.client.read(path).await?;
            if found.version == 0 {
                return Ok(());
            }
            let changed = found.tokens.keep_only(keep);
            let newest = if changed {
                // Also where nothing is left, and the secret is removed at once: a writer that
                // read before this has to start over.
                self.client
                    .write(path, found.version, &found.tokens)
                    .await?
            } else {
                Some(found.version)
            };
            let Some(newest) = newest else { continue };
            if found.tokens.is_empty() {
                return self.remove(path, newest).await;
            }
            let destroyed = self.destroy_before(path, newest).await;
            // Nothing was forgotten now: what is left of earlier times has been reported then.
            return if changed { destroyed } else { Ok(()) };
        }
        Err(conflict(path))
    }

    /// Removes a secret that holds no token any more, or what its versions hold.
    async fn remove(&self, path: &SecretPath, newest: u64) -> Result<(), VaultError> {
        match self.client.remove(path).await {
            // The newest as well: deleted by hand, it could be brought back.
            Err(VaultError::Denied { .. }) => self.destroy_up_to(path, newest).await,
            removed => removed,
        }
    }

    async fn destroy_before(&self, path: &SecretPath, newest: u64) -> Result<(), VaultError> {
        self.destroy_up_to(path, newest.saturating_sub(1)).await
    }

    async fn destroy_up_to(&self, path: &SecretPath, last: u64) -> Result<(), VaultError> {
        if last == 0 {
            return Ok(());
        }
        let first = last.saturating_sub(OLD_VERSIONS - 1).max(1);
        match self.client.destroy(path, first..=last).await {
            Err(VaultError::Denied { path, .. }) => Err(VaultError::OldVersions { path }),
            destroyed => destroyed,
        }
    }
}

fn conflict(path: &SecretPath) -> VaultError {
    VaultError::Conflict {
        path: path.shown(Area::Data),
        attempts: ATTEMPTS,
    }
}

impl SecretStore for VaultStore {
    fn get<'a>(&'a self, id: &'a SecretId) -> SecretFuture<'a, Option<Token>> {
        Box::pin(async move { Ok(self.read(id).await?) })
    }

    fn put<'a>(&'a self, id: &'a SecretId, secret: &'a Token) -> SecretFuture<'a, ()> {
        Box::pin(async move { Ok(self.store(id, secret).await?) })
    }

    fn replace<'a>(
        &'a self,
        id: &'a SecretId,
        expected: SecretDigest,
        new: &'a Token,
    ) -> SecretFuture<'a, Replacement> {
        Box::pin(async move { Ok(self.replace_token(id, expected, new).await?) })
    }

    fn forget<'a>(
        &'a self,
        level: &'a LevelPath,
        kind: SecretKind,
        name: &'a PlainName,
        keep: Option<&'a str>,
    ) -> SecretFuture<'a, ()> {
        Box::pin(async move {
            let path = self.path(level, kind, name);
            Ok(self.drop_tokens(&path, keep).await?)
        })
    }
}

impl fmt::Debug for VaultStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaultStore")
            .field("address", self.client.address())
            .field("mount", &self.settings.mount)
            .field("prefix", &self.settings.prefix)
            .finish_non_exhaustive()
    }
}
