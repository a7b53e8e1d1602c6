//! The settings of where tokens are kept.

use host_levels::{Kind, Precedence, Setting, Value, check_not_empty};

/// The settings of where tokens are kept.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting {
        key: "secrets.store",
        kind: Kind::Choice(&["sqlite", "vault"]),
        precedence: Precedence::ClusterOnly,
        documentation: "Where tokens are stored: `sqlite`, encrypted in the state folder, or `vault`, in HashiCorp Vault's KV version 2.",
        default: || Some(Value::Text("sqlite".to_owned())),
    },
    Setting {
        key: "secrets.vault.address",
        kind: Kind::Text(vault_address),
        precedence: Precedence::ClusterOnly,
        documentation: "URL of Vault, such as `https://vault.example.com:8200`.",
        default: || None,
    },
    Setting {
        key: "secrets.vault.mount",
        kind: Kind::Text(vault_path),
        precedence: Precedence::ClusterOnly,
        documentation: "Mount path of the KV version 2 engine in Vault.",
        default: || Some(Value::Text("secret".to_owned())),
    },
    Setting {
        key: "secrets.vault.prefix",
        kind: Kind::Text(vault_path),
        precedence: Precedence::ClusterOnly,
        documentation: "Path prefix of tokens in the mount: `PREFIX/LEVEL/connection/NAME`.",
        default: || Some(Value::Text("host-runner".to_owned())),
    },
    Setting {
        key: "secrets.vault.namespace",
        kind: Kind::Text(vault_path),
        precedence: Precedence::ClusterOnly,
        documentation: "Namespace in Vault Enterprise.",
        default: || None,
    },
    Setting {
        key: "secrets.vault.token-file",
        kind: Kind::Text(check_not_empty),
        precedence: Precedence::ClusterOnly,
        documentation: "File with the token for Vault, such as one written by a Vault agent. Read again when Vault rejects the token. Without it, the token is read from the variable `VAULT_TOKEN`.",
        default: || None,
    },
    Setting {
        key: "secrets.vault.ca-file",
        kind: Kind::Text(check_not_empty),
        precedence: Precedence::ClusterOnly,
        documentation: "File with additional trusted certificates (PEM) for Vault.",
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
