//! The Vault that the cluster level names.

use std::path::PathBuf;

use host_levels::{Effective, Level};

use crate::secret::{VaultAddress, VaultError, VaultSettings, VaultState, VaultStore, VaultToken};

impl VaultSettings {
    /// Where Vault is, if the levels keep tokens there.
    ///
    /// # Errors
    ///
    /// [`VaultError`] when the address or the Vault token are of no use.
    fn in_force(effective: &Effective) -> Result<Option<Self>, VaultError> {
        if effective.text("secrets.store").as_deref() != Some("vault") {
            return Ok(None);
        }
        let address = effective.text("secrets.vault.address").unwrap_or_default();
        let file = |key: &str| effective.text(key).map(PathBuf::from);
        let settings = Self::new(
            VaultAddress::parse(&address)?,
            VaultToken::open(file("secrets.vault.token-file").as_deref())?,
        );
        Ok(Some(Self {
            mount: effective.text("secrets.vault.mount").unwrap_or_default(),
            prefix: effective.text("secrets.vault.prefix").unwrap_or_default(),
            namespace: effective.text("secrets.vault.namespace"),
            ca_file: file("secrets.vault.ca-file"),
            ..settings
        }))
    }
}

/// The store that the cluster level names, if it names Vault. It has not connected yet.
///
/// # Errors
///
/// [`VaultError`] when the settings or the Vault token are of no use.
pub(super) fn store_in_force(effective: &Effective) -> Result<Option<VaultStore>, VaultError> {
    VaultSettings::in_force(effective)?
        .map(VaultStore::new)
        .transpose()
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
        let Some(store) = store_in_force(effective)? else {
            return Ok(None);
        };
        let name = effective.connection_name();
        let level = effective.connection(&name).map_or_else(
            || effective.scope().path(Level::App),
            |(file, _)| file.level().clone(),
        );
        store.state(&level, &name).await.map(Some)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use host_levels::{ConfigFolder, Scope};

    use crate::known_settings::SETTINGS;
    use crate::secret::vault_stand_in::{Fake, VAULT_TOKEN};
    use crate::secret::{VaultError, VaultState};

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
        let config = ConfigFolder::new(folder.path(), SETTINGS);
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
