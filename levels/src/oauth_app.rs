//! An OAuth app: what an administrator has registered with the authorization server, except for its
//! secret.

use std::fmt;

use crate::plain_name::PlainName;

/// The name of an OAuth app, in a table `[oauth-apps.NAME]`.
pub type OauthAppName = PlainName;

/// One authorization asks for fewer scopes than this. Atlassian refuses more.
pub const MAX_SCOPES: usize = 50;

/// The scope without which a login has no refresh token.
pub const OFFLINE_ACCESS: &str = "offline_access";

/// Longest client id, scope or callback path, in bytes. Client ids of Atlassian have 32.
const MAX_TEXT_BYTES: usize = 512;

/// What callback URLs start with: the only host and scheme that a listener of this program serves.
const LOCALHOST: &str = "http://localhost:";

/// What an OAuth app is, except for its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthApp {
    /// The client id, as the developer console shows it.
    pub client_id: String,
    /// The callback URL, to the letter as it is registered.
    pub redirect_uri: RedirectUri,
    /// The scopes to ask for. `None`: those that this program needs.
    pub scopes: Option<Vec<String>>,
}

impl OauthApp {
    /// How many scopes one authorization asks for, `offline_access` included, which each login needs.
    #[must_use]
    pub fn requested(scopes: &[String]) -> usize {
        let has_it = scopes.iter().any(|scope| scope == OFFLINE_ACCESS);
        scopes.len() + usize::from(!has_it)
    }

    /// The definition as JSON, with the fields of the file.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "client-id": self.client_id,
            "redirect-uri": self.redirect_uri.as_str(),
            "scopes": self.scopes,
        })
    }
}

/// A callback URL, kept as it was written: authorization servers compare it to the letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    port: u16,
}

/// Why a text is not a callback URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the redirect URI {reason}: write it as registered with the OAuth app, such as `http://localhost:8765/callback`"
)]
pub struct RedirectUriError {
    reason: &'static str,
}

impl RedirectUri {
    /// Reads `http://localhost:PORT/PATH`.
    ///
    /// ```
    /// use host_levels::RedirectUri;
    ///
    /// let uri = RedirectUri::parse("http://localhost:8765/callback")?;
    /// assert_eq!((uri.port(), uri.path()), (8765, "/callback"));
    /// for text in [
    ///     "https://localhost:8765/callback",
    ///     "http://127.0.0.1:8765/callback",
    ///     "http://localhost/callback",
    ///     "http://localhost:8765/callback?x=1",
    ///     "http://localhost:8765/callback#x",
    ///     "http://localhost:0/callback",
    /// ] {
    ///     assert!(RedirectUri::parse(text).is_err(), "{text}");
    /// }
    /// # Ok::<(), host_levels::RedirectUriError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RedirectUriError`] for any other scheme or host, a port that is missing, a query, a fragment.
    pub fn parse(text: &str) -> Result<Self, RedirectUriError> {
        let wrong = |reason| Err(RedirectUriError { reason });
        if !text.starts_with("http://") {
            return wrong("does not start with `http://`");
        }
        if text.contains('?') {
            return wrong("has a query (`?…`)");
        }
        if text.contains('#') {
            return wrong("has a fragment (`#…`)");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.len() > MAX_TEXT_BYTES {
            return wrong("has spaces or characters that URLs cannot have, or is too long");
        }
        let Some(rest) = text.strip_prefix(LOCALHOST) else {
            let host = text.strip_prefix("http://").unwrap_or_default();
            let host = host.split('/').next().unwrap_or_default();
            return if host == "localhost" {
                wrong("has no port")
            } else {
                wrong("is not on `localhost`")
            };
        };
        let digits = rest.split('/').next().unwrap_or_default();
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        match digits.parse() {
            Ok(port @ 1..) if is_number => Ok(Self {
                text: text.to_owned(),
                port,
            }),
            _ => wrong("has no port from 1 to 65535"),
        }
    }

    /// The URL as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The port to listen at.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path that the browser is sent to. `/` where there is none.
    #[must_use]
    pub fn path(&self) -> &str {
        let rest = self.text.strip_prefix(LOCALHOST).unwrap_or_default();
        rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Checks a client id.
///
/// # Errors
///
/// What is wrong with it, without repeating it: a secret in its place is a likely mistake.
pub fn check_client_id(text: &str) -> Result<(), String> {
    if text.is_empty() {
        Err("it is empty".to_owned())
    } else if text.len() > MAX_TEXT_BYTES || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Err(
            "a client id has no spaces or control characters: copy it from the settings of the OAuth app"
                .to_owned(),
        )
    } else {
        Ok(())
    }
}

/// Checks a scope.
///
/// # Errors
///
/// What is wrong with it.
pub fn check_scope(text: &str) -> Result<(), String> {
    let is_scope = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b',' | b'"' | b'\\');
    if !text.is_empty() && text.len() <= MAX_TEXT_BYTES && text.bytes().all(is_scope) {
        Ok(())
    } else {
        Err("a scope is one word, such as `read:page:confluence`".to_owned())
    }
}

/// As a check of a setting.
pub(crate) fn check_redirect_uri(text: &str) -> Result<(), String> {
    RedirectUri::parse(text)
        .map(drop)
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::{RedirectUri, check_scope};

    #[test]
    fn a_redirect_uri_is_kept_to_the_letter() {
        for (text, port, path) in [
            ("http://localhost:80", 80, "/"),
            ("http://localhost:8765/", 8765, "/"),
            ("http://localhost:08765/Callback/", 8765, "/Callback/"),
        ] {
            let uri = RedirectUri::parse(text).ok();
            let parts = uri
                .as_ref()
                .map(|uri| (uri.as_str(), uri.port(), uri.path()));
            assert_eq!(parts, Some((text, port, path)));
        }
        for text in [
            "http://localhost.evil.example:80/",
            "http://localhost:80.evil.example/",
            "http://localhost:@evil.example:80/",
            "http://localhost:65536/",
            "http://LOCALHOST:80/",
            "http://localhost:80/a b",
            "",
        ] {
            assert!(RedirectUri::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_scope_is_one_word() {
        assert!(check_scope("read:page:confluence").is_ok());
        for text in [
            "",
            "read:page:confluence read:space:confluence",
            "a,b",
            "a\"b",
        ] {
            assert!(check_scope(text).is_err(), "{text}");
        }
    }
}
