//! What a connection is, but for its token.

use std::fmt;

use super::ConnectionName;
use super::cloud_id::CloudId;
use super::date::Date;
use super::endpoint::{CLOUD_ID_HINT, Endpoint};
use crate::oauth_app::OauthAppName;

/// How many requests may be under way at once over a connection that does not say. Atlassian
/// publishes no bound; bursts of about twenty were answered with 429.
pub const DEFAULT_CONCURRENCY: u8 = 5;

/// Maximum number of requests in flight over one connection.
pub const MAX_CONCURRENCY: u8 = 25;

/// How a token is shown to the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scheme {
    /// With the user that it belongs to.
    Basic {
        /// The user: an e-mail address.
        user: String,
    },
    /// Alone.
    Bearer,
    /// A token that an OAuth app has from a login, at the gateway's address of the site.
    Oauth {
        /// The app, at the connection's level or a wider one.
        app: OauthAppName,
        /// The site's id at the gateway.
        cloud_id: CloudId,
    },
}

/// What kind of token a connection has. It decides which address takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenKind {
    /// A classic API token, with all rights of its user: for site URLs.
    #[default]
    Unscoped,
    /// An API token with scopes: for the gateway only. The site URL answers it with 401.
    Scoped,
    /// A token of a service account, which always has scopes: for the gateway only.
    ServiceAccount,
}

impl TokenKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Unscoped, Self::Scoped, Self::ServiceAccount];

    /// The kind in configuration files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unscoped => "unscoped",
            Self::Scoped => "scoped",
            Self::ServiceAccount => "service-account",
        }
    }
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a connection is, but for its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionDefinition {
    /// Where the site is.
    pub endpoint: Endpoint,
    /// How the token is shown to it.
    pub scheme: Scheme,
    /// What kind of token it is.
    pub token_kind: TokenKind,
    /// How many requests may be under way at once, 1 to 25.
    pub concurrency: u8,
    /// The connection whose concurrency is used in place of this one's.
    pub borrow_concurrency_from: Option<ConnectionName>,
    /// The last day on which the token works, if somebody said so: Atlassian does not.
    pub token_expires: Option<Date>,
}

/// Why the parts of a connection do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DefinitionError {
    /// A token with scopes at a site URL.
    #[error(
        "a {kind} token works through Atlassian's gateway only, but `{endpoint}` is a site URL, which rejects it with 401: {CLOUD_ID_HINT}"
    )]
    ScopedAtSite {
        /// The kind of token.
        kind: TokenKind,
        /// The site.
        endpoint: String,
    },
    /// Bearer at a site URL.
    #[error(
        "`bearer` works through Atlassian's gateway only, but `{endpoint}` is a site URL: use `basic` with a user for an unscoped API token, or {CLOUD_ID_HINT}"
    )]
    BearerAtSite {
        /// The site.
        endpoint: String,
    },
    /// The user is none. It is not repeated: `user:token` is a likely mistake.
    #[error(
        "invalid user: expected the account's e-mail address without colons, spaces or control characters"
    )]
    User,
}

impl ConnectionDefinition {
    /// A connection with the usual concurrency.
    #[must_use]
    pub fn new(endpoint: Endpoint, scheme: Scheme, token_kind: TokenKind) -> Self {
        Self {
            endpoint,
            scheme,
            token_kind,
            concurrency: DEFAULT_CONCURRENCY,
            borrow_concurrency_from: None,
            token_expires: None,
        }
    }

    /// Checks that scheme, kind of token and endpoint go together. A site on this machine takes
    /// everything, since it is no Atlassian site.
    ///
    /// # Errors
    ///
    /// [`DefinitionError`] says what does not, and which address to use.
    pub fn check(&self) -> Result<(), DefinitionError> {
        if let Scheme::Basic { user } = &self.scheme
            && !is_user(user)
        {
            return Err(DefinitionError::User);
        }
        let is_oauth = matches!(self.scheme, Scheme::Oauth { .. });
        if is_oauth || self.endpoint.is_loopback() || self.endpoint.is_gateway() {
            return Ok(());
        }
        let endpoint = self.endpoint.to_string();
        match (&self.scheme, self.token_kind) {
            (_, kind @ (TokenKind::Scoped | TokenKind::ServiceAccount)) => {
                Err(DefinitionError::ScopedAtSite { kind, endpoint })
            }
            (Scheme::Bearer, TokenKind::Unscoped) => {
                Err(DefinitionError::BearerAtSite { endpoint })
            }
            (Scheme::Basic { .. } | Scheme::Oauth { .. }, TokenKind::Unscoped) => Ok(()),
        }
    }

    /// What the connection's token is bound to: it is given out for this very endpoint, scheme
    /// and user only.
    #[must_use]
    pub fn binding(&self) -> String {
        match &self.scheme {
            Scheme::Basic { user } => format!("{} basic {user}", self.endpoint),
            Scheme::Bearer => format!("{} bearer", self.endpoint),
            Scheme::Oauth { cloud_id, .. } => format!("{} oauth {cloud_id}", self.endpoint),
        }
    }

    /// The definition as a file has it.
    #[must_use]
    pub fn to_toml(&self, name: &ConnectionName) -> String {
        let mut document = toml_edit::DocumentMut::new();
        let mut table = toml_edit::InlineTable::new();
        let fields = self.to_json();
        for (key, value) in fields.as_object().into_iter().flatten() {
            match value {
                serde_json::Value::String(text) => {
                    table.insert(key, text.as_str().into());
                }
                serde_json::Value::Number(number) => {
                    table.insert(key, number.as_i64().unwrap_or_default().into());
                }
                _ => {}
            }
        }
        let mut connections = toml_edit::InlineTable::new();
        connections.insert(name.as_str(), table.into());
        document.insert("connections", toml_edit::value(connections));
        document.to_string()
    }

    /// The definition as JSON, with the fields of the file.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let (authorization, user) = match &self.scheme {
            Scheme::Basic { user } => ("basic", Some(user)),
            Scheme::Bearer => ("bearer", None),
            Scheme::Oauth { .. } => ("oauth", None),
        };
        let mut json = serde_json::json!({
            "site": self.endpoint.as_str(),
            "authorization": authorization,
            "user": user,
            "token-kind": self.token_kind.as_str(),
            "concurrency": self.concurrency,
            "borrow-concurrency-from":
                self.borrow_concurrency_from.as_ref().map(ConnectionName::as_str),
            "token-expires": self.token_expires.map(|date| date.to_string()),
        });
        if let (Scheme::Oauth { app, cloud_id }, Some(fields)) =
            (&self.scheme, json.as_object_mut())
        {
            fields.insert("oauth-app".to_owned(), app.as_str().into());
            fields.insert("cloud-id".to_owned(), cloud_id.as_str().into());
        }
        json
    }
}

/// Whether a text can stand before the colon of `Basic`.
fn is_user(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 320
        && !text
            .chars()
            .any(|c| c == ':' || c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{ConnectionDefinition, DefinitionError, Scheme, TokenKind};
    use crate::connection::Endpoint;

    const SITE: &str = "https://example.atlassian.net";
    const GATEWAY: &str = "https://api.atlassian.com/ex/confluence/0c5b-11";

    fn basic() -> Scheme {
        Scheme::Basic {
            user: "me@example.com".to_owned(),
        }
    }

    fn check(site: &str, scheme: Scheme, kind: TokenKind) -> Result<(), DefinitionError> {
        ConnectionDefinition::new(Endpoint::parse(site).unwrap(), scheme, kind).check()
    }

    #[test]
    fn a_token_with_scopes_is_for_the_gateway_alone() {
        for kind in [TokenKind::Scoped, TokenKind::ServiceAccount] {
            for scheme in [basic(), Scheme::Bearer] {
                let refused = check(SITE, scheme.clone(), kind).unwrap_err();
                assert!(refused.to_string().contains("ex/confluence/CLOUD-ID"));
                assert_eq!(check(GATEWAY, scheme, kind), Ok(()));
            }
        }
        assert_eq!(check(SITE, basic(), TokenKind::Unscoped), Ok(()));
        assert!(check(SITE, Scheme::Bearer, TokenKind::Unscoped).is_err());
    }

    #[test]
    fn a_user_that_would_move_the_colon_is_refused() {
        for user in ["", "me:you", "me you", "me\n"] {
            let scheme = Scheme::Basic {
                user: user.to_owned(),
            };
            assert!(
                check(SITE, scheme, TokenKind::Unscoped).is_err(),
                "{user:?}"
            );
        }
    }

    #[test]
    fn scheme_user_and_endpoint_are_what_a_token_is_bound_to() {
        let of = |site: &str, scheme: Scheme| {
            ConnectionDefinition::new(Endpoint::parse(site).unwrap(), scheme, TokenKind::Unscoped)
                .binding()
        };
        let mut bindings = vec![
            of(SITE, basic()),
            of(SITE, Scheme::Bearer),
            of(GATEWAY, basic()),
            of("https://other.atlassian.net", basic()),
        ];
        bindings.sort();
        bindings.dedup();
        assert_eq!(bindings.len(), 4, "{bindings:?}");
    }
}
