//! Which store of secrets a host has, and the key that stays in its state folder.

use std::path::Path;
use std::sync::Arc;

use super::vault::store_in_force;
use super::{HostRunner, OpenError};
use crate::secret::{KeyOrigin, MasterKey, RotationReport, SealedStore, SecretError, SecretStore};
use host_levels::ConfigFolder;

/// Where a host keeps tokens.
pub(super) struct Secrets {
    pub(super) store: Arc<dyn SecretStore>,
    /// The sealed records of the state folder. `None` where the program supplied the store: they
    /// are not even opened.
    pub(super) sealed: Option<SealedStore>,
    /// The key of the state folder, which compiled code is authenticated with, too.
    pub(super) key: MasterKey,
}

impl Secrets {
    /// The store that the program supplied.
    pub(super) fn supplied(
        store: Arc<dyn SecretStore>,
        origin: &KeyOrigin,
    ) -> Result<Self, SecretError> {
        Ok(Self {
            store,
            sealed: None,
            key: origin.read()?,
        })
    }

    /// The sealed records of a folder.
    pub(super) fn sealed(folder: &Path, origin: KeyOrigin) -> Result<Self, SecretError> {
        let sealed = SealedStore::open(folder, origin)?;
        Ok(Self {
            store: Arc::new(sealed.clone()),
            key: sealed.key(),
            sealed: Some(sealed),
        })
    }

    /// The store that the cluster level names.
    pub(super) fn of_cluster(
        config: &ConfigFolder,
        folder: &Path,
        origin: KeyOrigin,
    ) -> Result<Self, OpenError> {
        let sealed = Self::sealed(folder, origin)?;
        let vault = store_in_force(&config.cluster()?).map_err(SecretError::Vault)?;
        Ok(match vault {
            Some(vault) => Self {
                store: Arc::new(vault),
                ..sealed
            },
            None => sealed,
        })
    }
}

impl HostRunner {
    /// Seals every secret with a new key: the one in `key` (base64 of 32 bytes), or a random one.
    /// Whoever is killed half-way leaves secrets that the old or the new key opens, and the next
    /// one to open them finishes the rotation.
    ///
    /// # Errors
    ///
    /// [`SecretError`]; the secrets are then sealed with the old key. A key from
    /// `HOST_RUNNER_KEY` cannot be replaced by a random one, since nobody would know it.
    /// [`SecretError::NotSealed`] where the program supplied the store of secrets.
    pub fn rotate_key(&self, key: Option<&str>) -> Result<RotationReport, SecretError> {
        let sealed = self.0.secrets.sealed.as_ref();
        sealed.ok_or(SecretError::NotSealed)?.rotate(key)
    }
}
