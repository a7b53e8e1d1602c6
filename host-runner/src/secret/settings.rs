//! The settings of where tokens are kept.

use host_levels::{Kind, Precedence, Setting, Value, check_not_empty};

/// The settings of where tokens are kept.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting {
        key: "secrets.store",
        kind: Kind::Choice(&["sqlite", "vault"]),
        precedence: Precedence::ClusterOnly,
        documentation: "Where tokens are kept: `sqlite`, sealed in the state folder, or `vault`, in HashiCorp Vault's KV version 2.",
        default: || Some(Value::Text("sqlite".to_owned())),
    },
    Setting {
        key: "secrets.vault.address",
        kind: Kind::Text(vault_address),
        precedence: Precedence::ClusterOnly,
        documentation: "The address of Vault, such as `https://vault.example.com:8200`.",
        default: || None,
    },
    Setting {
        key: "secrets.vault.mount",
        kind: Kind::Text(vault_path),
        precedence: Precedence::ClusterOnly,
        documentation: "Where the KV version 2 engine is mounted in Vault.",
        default: || Some(Value::Text("secret".to_owned())),
    },
    Setting {
        key: "secrets.vault.prefix",
        kind: Kind::Text(vault_path),
        precedence: Precedence::ClusterOnly,
        documentation: "The path in the mount below which tokens are kept, as `PREFIX/LEVEL/connection/NAME`.",
        default: || Some(Value::Text("host-runner".to_owned())),
    },
    Setting {
        key: "secrets.vault.namespace",
        kind: Kind::Text(vault_path),
        precedence: Precedence::ClusterOnly,
        documentation: "The namespace in Vault Enterprise.",
        default: || None,
    },
    Setting {
        key: "secrets.vault.token-file",
        kind: Kind::Text(check_not_empty),
        precedence: Precedence::ClusterOnly,
        documentation: "The file with the token for Vault, as an agent of Vault writes it: it is read again when Vault refuses the token. Without it the variable `VAULT_TOKEN` has the token.",
        default: || None,
    },
    Setting {
        key: "secrets.vault.ca-file",
        kind: Kind::Text(check_not_empty),
        precedence: Precedence::ClusterOnly,
        documentation: "A file with certificates (PEM) to trust for Vault beside those of the platform.",
        default: || None,
    },
];

fn vault_address(text: &str) -> Result<(), String> {
    let wrong = || {
        "an address of Vault is `https://HOST:8200`, or `http` on a loopback address, without user information".to_owned()
    };
    let url = url::Url::parse(text).map_err(|_| wrong())?;
    if matches!(url.scheme(), "https" | "http")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
    {
        Ok(())
    } else {
        Err(wrong())
    }
}

fn vault_path(text: &str) -> Result<(), String> {
    if text.split('/').all(|segment| {
        !matches!(segment, "" | "." | "..") && segment.bytes().all(|byte| byte.is_ascii_graphic())
    }) {
        Ok(())
    } else {
        Err("a path in Vault is words with slashes between them".to_owned())
    }
}
