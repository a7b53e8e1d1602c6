//! One authorization request, and what comes back of it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use host_levels::{
    ConnectionName, Expected, Level, LevelPath, OauthApp, OauthAppName, RedirectUri, Scope,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use ring::digest;
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use super::server::OauthServer;
use crate::connection::Token;
use crate::secret::{KeyError, SecretError};

/// Bytes of `state` and of the verifier: 256 bits each.
const RANDOM_BYTES: usize = 32;

/// Most characters of a foreign text that are shown.
const MAX_SHOWN: usize = 200;

/// What is escaped in the URL: all but the unreserved characters of RFC 3986.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The code of a login, which nothing prints.
pub struct AuthorizationCode(Zeroizing<String>);

impl AuthorizationCode {
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AuthorizationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorizationCode(…)")
    }
}

/// What a browser was sent back with.
#[derive(Debug)]
#[non_exhaustive]
pub enum Callback {
    /// The code of this login.
    Code(AuthorizationCode),
    /// The consent was declined.
    Declined,
    /// Another error of the authorization server.
    Refused {
        /// Its word.
        error: String,
        /// What it said, in brackets, or nothing.
        description: String,
    },
    /// `state` is missing, or belongs to another login. Whatever else is there is not looked at.
    WrongState,
    /// It has neither a code nor an error.
    Incomplete,
}

/// Why a pasted address is not the one that the browser was sent to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasteError {
    /// What is before the `?` is not the redirect URI.
    #[error(
        "the pasted address begins with `{pasted}`, but the redirect URI is `{expected}`: they differ at character {position}, where {}",
        difference(.found, .wanted)
    )]
    NotRedirectUri {
        /// What was pasted, without its query.
        pasted: String,
        /// The redirect URI.
        expected: String,
        /// The first character that differs, from 1.
        position: usize,
        /// The character that was pasted. `None` at its end.
        found: Option<char>,
        /// The character of the redirect URI. `None` at its end.
        wanted: Option<char>,
    },
    /// There is no query.
    #[error(
        "the pasted address has no `?` with `code` and `state`: paste the whole address that the browser was sent to"
    )]
    NoQuery,
}

fn difference(found: &Option<char>, wanted: &Option<char>) -> String {
    let shown = |c: &Option<char>| c.map_or_else(|| "its end".to_owned(), |c| format!("`{c}`"));
    format!("it has {} in place of {}", shown(found), shown(wanted))
}

/// What a login is for, as it was when it began.
pub(crate) struct Requested {
    pub(crate) scope: Scope,
    pub(crate) level: Level,
    pub(crate) connection: ConnectionName,
    pub(crate) expected: Expected,
    pub(crate) app_name: OauthAppName,
    pub(crate) app_level: LevelPath,
    pub(crate) app: OauthApp,
    pub(crate) secret: Token,
    pub(crate) server: OauthServer,
    pub(crate) scopes: Vec<String>,
}

/// An authorization request: the URL to open, and what tells its answer from any other.
pub struct LoginRequest {
    pub(crate) requested: Requested,
    state: Zeroizing<String>,
    verifier: Zeroizing<String>,
    url: String,
}

impl LoginRequest {
    /// A request with random numbers of its own.
    pub(crate) fn new(requested: Requested) -> Result<Self, SecretError> {
        let (state, verifier) = (random()?, random()?);
        let challenge = digest::digest(&digest::SHA256, verifier.as_bytes());
        let scopes = requested.scopes.join(" ");
        let challenge = URL_SAFE_NO_PAD.encode(challenge);
        let query: Vec<String> = [
            ("audience", "api.atlassian.com"),
            ("client_id", requested.app.client_id.as_str()),
            ("scope", scopes.as_str()),
            ("redirect_uri", requested.app.redirect_uri.as_str()),
            ("state", state.as_str()),
            ("response_type", "code"),
            ("prompt", "consent"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ]
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, ESCAPED)))
        .collect();
        let origin = requested.server.servers.authorization.origin();
        let url = format!("{origin}/authorize?{}", query.join("&"));
        Ok(Self {
            requested,
            state,
            verifier,
            url,
        })
    }

    /// The URL to open in a browser.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where the browser is sent back to.
    #[must_use]
    pub fn redirect_uri(&self) -> &RedirectUri {
        &self.requested.app.redirect_uri
    }

    /// The scopes that are asked for.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.requested.scopes
    }

    /// The OAuth app.
    #[must_use]
    pub fn app(&self) -> &OauthAppName {
        &self.requested.app_name
    }

    pub(crate) fn verifier(&self) -> &str {
        &self.verifier
    }

    /// Reads the query that a browser was sent back with.
    #[must_use]
    pub fn callback(&self, query: &str) -> Callback {
        let query = query.split('#').next().unwrap_or_default();
        let mut values = Query::default();
        for part in query.split('&') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            values.add(name, value);
        }
        // The hashes are compared in constant time.
        let hash = |text: &str| blake3::hash(text.as_bytes());
        let is_own = values
            .state
            .as_ref()
            .is_some_and(|state| hash(state) == hash(&self.state));
        if !is_own || values.is_ambiguous {
            return Callback::WrongState;
        }
        match (values.code, values.error) {
            (None, Some(error)) if *error == "access_denied" => Callback::Declined,
            (None, Some(error)) => Callback::Refused {
                error: cut(&error),
                description: values
                    .description
                    .map(|text| format!(" ({})", cut(&text)))
                    .unwrap_or_default(),
            },
            (Some(code), None) if !code.is_empty() => Callback::Code(AuthorizationCode(code)),
            _ => Callback::Incomplete,
        }
    }

    /// Reads the whole address that a browser was sent back to.
    ///
    /// # Errors
    ///
    /// [`PasteError`] where it is not the redirect URI, with the first character that differs.
    pub fn pasted(&self, address: &str) -> Result<Callback, PasteError> {
        let address = address.trim();
        let (base, query) = match address.split_once('?') {
            Some((base, query)) => (base, Some(query)),
            None => (address, None),
        };
        let expected = self.redirect_uri().as_str();
        if base != expected {
            let (mut found, mut wanted) = (base.chars(), expected.chars());
            let mut position = 1;
            let (found, wanted) = loop {
                match (found.next(), wanted.next()) {
                    (Some(one), Some(other)) if one == other => position += 1,
                    differing => break differing,
                }
            };
            return Err(PasteError::NotRedirectUri {
                pasted: cut(base),
                expected: expected.to_owned(),
                position,
                found,
                wanted,
            });
        }
        Ok(self.callback(query.ok_or(PasteError::NoQuery)?))
    }
}

/// What a callback has, each value once.
#[derive(Default)]
struct Query {
    state: Option<Zeroizing<String>>,
    code: Option<Zeroizing<String>>,
    error: Option<Zeroizing<String>>,
    description: Option<Zeroizing<String>>,
    /// Whether a value is there twice, so that two readers could take two of them.
    is_ambiguous: bool,
}

impl Query {
    fn add(&mut self, name: &str, value: &str) {
        let slot = match name {
            "state" => &mut self.state,
            "code" => &mut self.code,
            "error" => &mut self.error,
            "error_description" => &mut self.description,
            _ => return,
        };
        let value = value.replace('+', " ");
        let value = percent_decode_str(&value).decode_utf8_lossy().into_owned();
        self.is_ambiguous |= slot.replace(Zeroizing::new(value)).is_some();
    }
}

fn cut(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(MAX_SHOWN)
        .collect()
}

/// A random text for URLs.
fn random() -> Result<Zeroizing<String>, SecretError> {
    let mut bytes = Zeroizing::new([0; RANDOM_BYTES]);
    SystemRandom::new()
        .fill(&mut *bytes)
        .map_err(|_| SecretError::Key(KeyError::Random))?;
    Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes)))
}

/// A random id of a login.
pub(crate) fn login_id() -> Result<String, SecretError> {
    random().map(|id| id.to_string())
}
