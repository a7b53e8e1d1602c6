//! Asking Vault whether it would answer calls, without changing anything there.

use super::path::Area;
use super::{VaultError, VaultStore};
use crate::config::Effective;
use crate::level::Level;

/// A Vault that answers as calls need it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VaultState {
    /// Where it is.
    pub address: String,
    /// What it was asked for, as its policies name it.
    pub path: String,
}

impl VaultState {
    /// Asks the Vault that the cluster level names for the secret of the connection in force, which
    /// need not be there. That one read goes by address, TLS, token, mount and policy, as those of
    /// calls do. `None` where the levels name no Vault.
    ///
    /// # Errors
    ///
    /// [`VaultError`] says which of them is at fault, and what to do about it.
    pub async fn of(effective: &Effective) -> Result<Option<Self>, VaultError> {
        let Some(store) = VaultStore::of(effective)? else {
            return Ok(None);
        };
        let name = effective.connection_name();
        let level = effective.connection(&name).map_or_else(
            || effective.scope().path(Level::App),
            |(file, _)| file.level().clone(),
        );
        let path = store.path(&level, &name);
        store.client.read(&path).await?;
        Ok(Some(Self {
            address: store.settings.address.to_string(),
            path: path.shown(Area::Data),
        }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::super::fake::{Fake, VAULT_TOKEN};
    use super::{VaultError, VaultState};
    use crate::config::ConfigFolder;
    use crate::level::Scope;

    /// What is told of a cluster level with these lines, and with this token for Vault.
    async fn told(lines: &str, token: &str) -> Result<Option<VaultState>, VaultError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, token).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        let lines = format!(
            "[secrets]\n{lines}\nvault.token-file = \"{}\"\n",
            file.display()
        );
        std::fs::write(folder.path().join("cluster.toml"), lines).unwrap();
        let config = ConfigFolder::new(folder.path());
        let effective = config.effective(&Scope::default(), &[]).unwrap();
        VaultState::of(&effective).await
    }

    fn named(address: impl std::fmt::Display) -> String {
        format!("store = \"vault\"\nvault.address = \"{address}\"")
    }

    #[tokio::test]
    async fn a_vault_that_answers_is_told_and_left_as_it_is() {
        let vault = Fake::start().await;
        let state = told(&named(&vault.address), VAULT_TOKEN).await.unwrap();
        let key = "host-runner/env/default/app/default/connection/default";
        assert_eq!(
            state,
            Some(VaultState {
                address: vault.address.to_string(),
                path: format!("secret/data/{key}"),
            })
        );
        assert_eq!(vault.state().requests, [format!("GET data/{key}")]);
    }

    #[tokio::test]
    async fn what_is_at_fault_is_told_apart() {
        let vault = Fake::start().await;
        let refused = told(&named(&vault.address), "hvs.another").await;
        assert!(
            matches!(refused, Err(VaultError::Denied { .. })),
            "{refused:?}"
        );
        let elsewhere = format!("{}\nvault.mount = \"elsewhere\"", named(&vault.address));
        let refused = told(&elsewhere, VAULT_TOKEN).await;
        assert!(
            matches!(refused, Err(VaultError::NoEngine { .. })),
            "{refused:?}"
        );
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", closed.local_addr().unwrap());
        drop(closed);
        let refused = told(&named(address), VAULT_TOKEN).await;
        assert!(
            matches!(refused, Err(VaultError::Unreachable { .. })),
            "{refused:?}"
        );
    }

    #[tokio::test]
    async fn where_no_vault_is_named_nobody_is_asked() {
        let vault = Fake::start().await;
        let lines = format!("store = \"sqlite\"\nvault.address = \"{}\"", vault.address);
        assert_eq!(told(&lines, VAULT_TOKEN).await.unwrap(), None);
        assert!(vault.state().requests.is_empty());
    }
}
