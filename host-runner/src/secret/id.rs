//! What a secret belongs to, and what tells one version of it from another.

use std::fmt;

use crate::connection::Token;
use host_levels::{LevelPath, PlainName};

/// What a secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SecretKind {
    /// The API token or access token of a connection.
    Token,
    /// The access token and refresh token that a connection has from an OAuth login.
    OauthGrant,
    /// The client secret of an OAuth app.
    OauthClientSecret,
    /// The password of a sink.
    SinkPassword,
}

impl SecretKind {
    /// The word for it, which stores keep: it never changes.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::OauthGrant => "oauth-grant",
            Self::OauthClientSecret => "oauth-client-secret",
            Self::SinkPassword => "sink-password",
        }
    }

    /// What it is and what has it, for people.
    fn noun(self) -> &'static str {
        match self {
            Self::Token => "token of connection",
            Self::OauthGrant => "OAuth grant of connection",
            Self::OauthClientSecret => "client secret of OAuth app",
            Self::SinkPassword => "password of sink",
        }
    }
}

impl fmt::Display for SecretKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a secret belongs to: something that a level has, as it was when the secret was entered.
///
/// Its text names the secret for people.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SecretId {
    /// The level that has what the secret is for.
    pub level: LevelPath,
    /// What the secret is.
    pub kind: SecretKind,
    /// The connection, OAuth app or sink that the secret is for.
    pub name: PlainName,
    /// What the secret was entered for: of a token the endpoint, scheme and user. A connection that
    /// is changed to lead elsewhere has no token until one is entered for there.
    pub binding: String,
}

impl SecretId {
    /// The id as bytes that no other id has: no part contains a line end.
    pub(super) fn associated_data(&self) -> Vec<u8> {
        associated_data(
            self.level.as_str(),
            self.kind.as_str(),
            self.name.as_str(),
            &self.binding,
        )
    }
}

impl fmt::Display for SecretId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = self.kind.noun();
        write!(f, "{noun} `{}` at level `{}`", self.name, self.level)
    }
}

/// The same of the parts. Tokens have no line for their kind, as before there were other kinds, so
/// that those that were sealed then are still opened.
pub(super) fn associated_data(level: &str, kind: &str, name: &str, binding: &str) -> Vec<u8> {
    let kind = match kind {
        "token" => String::new(),
        kind => format!("{kind}\n"),
    };
    format!("{kind}{level}\n{name}\n{binding}").into_bytes()
}

/// What tells a secret from the one that replaced it, without being it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretDigest(blake3::Hash);

impl SecretDigest {
    /// The digest of a secret.
    #[must_use]
    pub fn of(secret: &Token) -> Self {
        Self(blake3::hash(secret.expose().as_bytes()))
    }
}

/// What became of a secret that was to be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Replacement {
    /// The new one is stored.
    Replaced,
    /// The stored secret is not the expected one, or there is none. Nothing was changed.
    Conflict,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::collections::HashSet;

    use host_levels::{Level, Scope};

    use super::{SecretId, SecretKind};

    #[test]
    fn secrets_of_different_kinds_are_sealed_apart() {
        let kinds = [
            SecretKind::Token,
            SecretKind::OauthGrant,
            SecretKind::OauthClientSecret,
            SecretKind::SinkPassword,
        ];
        let data = kinds.map(|kind| {
            let id = SecretId {
                level: Scope::default().path(Level::App),
                kind,
                name: "main".parse().unwrap(),
                binding: "x".to_owned(),
            };
            id.associated_data()
        });
        assert_eq!(data[0], b"env/default/app/default\nmain\nx");
        let apart: HashSet<_> = data.iter().collect();
        assert_eq!(apart.len(), kinds.len());
    }
}
