//! Where Vault is, and where in it tokens are kept.

use std::fmt;
use std::path::PathBuf;

use url::Url;

use super::error::VaultError;
use super::token::VaultToken;
use crate::connection::is_loopback;

/// Mount of the KV engine when none is set: the one that the `vault` command's examples use.
pub(crate) const DEFAULT_MOUNT: &str = "secret";

/// First part of every path when none is set, so that hosts share a mount with others.
pub(crate) const DEFAULT_PREFIX: &str = "host-runner";

/// Where Vault is, and where in it tokens are kept.
#[derive(Debug, Clone)]
pub(crate) struct VaultSettings {
    /// Where Vault is.
    pub(crate) address: VaultAddress,
    /// Path of the KV version 2 engine.
    pub(crate) mount: String,
    /// What every path in the engine starts with.
    pub(crate) prefix: String,
    /// The namespace (Vault Enterprise, OpenBao), sent as `X-Vault-Namespace`.
    pub(crate) namespace: Option<String>,
    /// A PEM file of authorities that are trusted besides the platform's.
    pub(crate) ca_file: Option<PathBuf>,
    /// What Vault is asked with.
    pub(crate) token: VaultToken,
}

impl VaultSettings {
    /// The settings with the default mount and prefix.
    pub(crate) fn new(address: VaultAddress, token: VaultToken) -> Self {
        Self {
            address,
            mount: DEFAULT_MOUNT.to_owned(),
            prefix: DEFAULT_PREFIX.to_owned(),
            namespace: None,
            ca_file: None,
            token,
        }
    }
}

/// The URL of Vault, without a `/` at its end: https, or http on this machine. It may have a path,
/// for a Vault behind a proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VaultAddress(String);

impl VaultAddress {
    /// Reads a URL as the `vault` command takes it in `VAULT_ADDR`.
    ///
    /// # Errors
    ///
    /// [`VaultError::Address`] for other schemes than https (http is for loopback addresses),
    /// user information, a query and a fragment. It repeats no user information.
    pub(crate) fn parse(text: &str) -> Result<Self, VaultError> {
        let wrong = |reason: &str| VaultError::Address {
            reason: reason.to_owned(),
        };
        let url = Url::parse(text.trim())
            .map_err(|error| wrong(&format!("does not parse as a URL ({error})")))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("has user information in front of its host"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("has a query or a fragment"));
        }
        let host = url.host().ok_or_else(|| wrong("has no host"))?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&host) => {}
            "http" => {
                return Err(wrong(&format!(
                    "`http://{host}` would send the tokens unencrypted over the network"
                )));
            }
            scheme => return Err(wrong(&format!("has the scheme `{scheme}`"))),
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }

    #[cfg(test)]
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
}

impl fmt::Display for VaultAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::VaultAddress;

    #[test]
    fn an_address_is_https_or_on_this_machine() {
        for (text, read) in [
            (
                "https://vault.example.com:8200/",
                "https://vault.example.com:8200",
            ),
            ("https://example.com/vault/", "https://example.com/vault"),
            (" http://127.0.0.1:8200\n", "http://127.0.0.1:8200"),
            ("http://[::1]:8200", "http://[::1]:8200"),
            ("http://localhost:8200", "http://localhost:8200"),
        ] {
            assert_eq!(VaultAddress::parse(text).unwrap().as_str(), read);
        }
        for text in [
            "http://vault.example.com:8200",
            "http://10.0.0.1",
            "ftp://127.0.0.1",
            "vault.example.com:8200",
            "https://",
            "https://me:sesame@vault.example.com",
            "https://vault.example.com?token=sesame",
            "https://vault.example.com#sesame",
        ] {
            let error = VaultAddress::parse(text).unwrap_err().to_string();
            assert!(!error.contains("sesame"), "{error}");
        }
    }
}
