//! Asking Vault whether it would answer calls, without changing anything there.

use super::path::Area;
use super::{VaultError, VaultStore};
use crate::connection::ConnectionName;
use crate::secret::SecretKind;
use host_levels::LevelPath;

/// A Vault that answers as calls need it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VaultState {
    /// Where it is.
    pub address: String,
    /// What it was asked for, as its policies name it.
    pub path: String,
}

impl VaultStore {
    /// Asks for the secret of a connection, which need not be there. That one read goes by address,
    /// TLS, token, mount and policy, as those of calls do.
    pub(crate) async fn state(
        &self,
        level: &LevelPath,
        name: &ConnectionName,
    ) -> Result<VaultState, VaultError> {
        let path = self.path(level, SecretKind::Token, name);
        self.client.read(&path).await?;
        Ok(VaultState {
            address: self.settings.address.to_string(),
            path: path.shown(Area::Data),
        })
    }
}
