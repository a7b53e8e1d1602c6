//! The value of the `Authorization` header, which nothing prints.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

use host_levels::Scheme;

use super::token::Token;

/// The value of an `Authorization` header.
///
/// It has no `Display`, its `Debug` shows the scheme alone, and its memory is overwritten when
/// it is dropped. To leak it, code would have to ask for [`Authorization::expose`] by name.
#[derive(Clone)]
pub struct Authorization(Zeroizing<String>);

/// Why a text is no authorization. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizationError {
    /// It starts with neither `Basic ` nor `Bearer `.
    #[error("the authorization starts with neither `Basic ` nor `Bearer `")]
    Scheme,
    /// What follows `Basic ` is not the base64 of `email:token`.
    #[error("what follows `Basic ` is not the base64 of `email:token`")]
    Basic,
    /// What follows `Bearer ` is no token.
    #[error(
        "the value after `Bearer ` is not a valid token: it is empty, or has spaces or control characters"
    )]
    Bearer,
}

impl Authorization {
    /// Reads `Basic BASE64` or `Bearer TOKEN`. Blanks around it are dropped, since tokens are
    /// pasted with a line end.
    ///
    /// # Errors
    ///
    /// [`AuthorizationError`] says what is wrong with it, without repeating it.
    pub fn parse(text: &str) -> Result<Self, AuthorizationError> {
        let text = text.trim();
        let (scheme, credential) = text.split_once(' ').ok_or(AuthorizationError::Scheme)?;
        let credential = credential.trim_start();
        if scheme.eq_ignore_ascii_case("basic") {
            let decoded = Zeroizing::new(
                STANDARD
                    .decode(credential)
                    .map_err(|_| AuthorizationError::Basic)?,
            );
            let colon = decoded
                .iter()
                .position(|byte| *byte == b':')
                .ok_or(AuthorizationError::Basic)?;
            if colon == 0 || colon + 1 == decoded.len() {
                return Err(AuthorizationError::Basic);
            }
            Ok(Self(Zeroizing::new(format!("Basic {credential}"))))
        } else if scheme.eq_ignore_ascii_case("bearer") {
            if credential.is_empty() || !credential.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(AuthorizationError::Bearer);
            }
            Ok(Self(Zeroizing::new(format!("Bearer {credential}"))))
        } else {
            Err(AuthorizationError::Scheme)
        }
    }

    /// What a token becomes on the wire.
    #[must_use]
    pub fn new(scheme: &Scheme, token: &Token) -> Self {
        match scheme {
            Scheme::Basic { user } => Self::basic(user, token),
            Scheme::Bearer | Scheme::Oauth { .. } => Self::bearer(token),
        }
    }

    /// The authorization of a user with a token.
    fn basic(user: &str, token: &Token) -> Self {
        let pair = Zeroizing::new(format!("{user}:{}", token.expose()));
        Self(Zeroizing::new(format!(
            "Basic {}",
            Zeroizing::new(STANDARD.encode(pair.as_bytes())).as_str()
        )))
    }

    /// The authorization of whoever holds a token.
    fn bearer(token: &Token) -> Self {
        Self(Zeroizing::new(format!("Bearer {}", token.expose())))
    }

    /// The user, with `Basic`, and the token.
    ///
    /// # Errors
    ///
    /// [`AuthorizationError::Basic`] for a user or a token that is no text.
    pub(crate) fn parts(&self) -> Result<(Option<String>, Token), AuthorizationError> {
        if self.scheme() == "Bearer" {
            let token = Token::parse(self.credential()).map_err(|_| AuthorizationError::Bearer)?;
            return Ok((None, token));
        }
        let decoded = Zeroizing::new(
            STANDARD
                .decode(self.credential())
                .map_err(|_| AuthorizationError::Basic)?,
        );
        let text = std::str::from_utf8(&decoded).map_err(|_| AuthorizationError::Basic)?;
        let (user, token) = text.split_once(':').ok_or(AuthorizationError::Basic)?;
        let token = Token::parse(token).map_err(|_| AuthorizationError::Basic)?;
        Ok((Some(user.to_owned()), token))
    }

    /// The text itself: for the seal and for the wire, and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `Basic` or `Bearer`.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.0.starts_with("Basic ") {
            "Basic"
        } else {
            "Bearer"
        }
    }

    /// What stands behind the scheme: what an answer must not echo.
    #[must_use]
    pub fn credential(&self) -> &str {
        self.0
            .split_once(' ')
            .map_or("", |(_, credential)| credential)
    }

    /// The header's value, marked so that HTTP libraries neither log nor index it.
    ///
    /// All its clones share one copy of the text, which is overwritten when the last of them is
    /// dropped. What an HTTP library writes to the network is another one, in its own buffer.
    #[must_use]
    pub fn header_value(&self) -> Option<HeaderValue> {
        let text = Bytes::from_owner(HeaderText(self.0.clone()));
        let mut value = HeaderValue::from_maybe_shared(text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// A text of the same form that opens nothing: what a component is shown in its place.
    ///
    /// `nonce` makes it unguessable, so that a component cannot ask for another one's to be stored.
    #[must_use]
    pub fn stand_in(&self, nonce: &str) -> Zeroizing<String> {
        Zeroizing::new(if self.scheme() == "Basic" {
            format!("Basic {}", STANDARD.encode(format!("held-by-host:{nonce}")))
        } else {
            format!("Bearer held-by-host-{nonce}")
        })
    }
}

/// The text of a header, which is overwritten when it is dropped.
struct HeaderText(Zeroizing<String>);

impl AsRef<[u8]> for HeaderText {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorization({} …)", self.scheme())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{Authorization, AuthorizationError};
    use crate::connection::{Scheme, Token};

    #[test]
    fn clones_of_the_header_share_one_copy() {
        let authorization = Authorization::parse("Bearer sesame-4711").unwrap();
        let value = authorization.header_value().unwrap();
        assert_eq!(value.as_bytes(), b"Bearer sesame-4711");
        assert!(value.is_sensitive());
        let clone = value.clone();
        assert!(clone.is_sensitive());
        assert_eq!(clone.as_bytes().as_ptr(), value.as_bytes().as_ptr());
    }

    #[test]
    fn a_token_is_not_debuggable() {
        let authorization = Authorization::parse("Bearer sesame-4711").unwrap();
        assert_eq!(format!("{authorization:?}"), "Authorization(Bearer …)");
    }

    #[test]
    fn an_authorization_comes_apart_into_what_it_was_made_of() {
        let token = Token::parse("ses:ame").unwrap();
        let scheme = Scheme::Basic {
            user: "me@example.com".to_owned(),
        };
        let (user, again) = Authorization::new(&scheme, &token).parts().unwrap();
        assert_eq!(user.as_deref(), Some("me@example.com"));
        assert_eq!(again, token);
    }

    #[test]
    fn errors_do_not_repeat_the_text() {
        for text in [
            "sesame4711",
            "Basic sesame4711",
            "Digest sesame4711",
            "Bearer sesame 4711",
        ] {
            let error = Authorization::parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("4711"), "{text}");
        }
    }

    #[test]
    fn basic_needs_both_halves() {
        // `user:`, `:token`, `usertoken`
        for text in [
            "Basic dXNlcjo=",
            "Basic OnRva2Vu",
            "Basic dXNlcnRva2Vu",
            "Basic ???",
        ] {
            assert_eq!(
                Authorization::parse(text).unwrap_err(),
                AuthorizationError::Basic,
                "{text}"
            );
        }
        assert!(Authorization::parse(" basic dXNlcjp0b2tlbg==\n").is_ok());
    }

    #[test]
    fn a_stand_in_has_the_form_and_not_the_token() {
        for text in ["Basic dXNlcjp0b2tlbg==", "Bearer sesame-4711"] {
            let authorization = Authorization::parse(text).unwrap();
            let stand_in = authorization.stand_in("00ff");
            assert!(Authorization::parse(&stand_in).is_ok());
            assert!(!stand_in.contains(authorization.credential()));
        }
    }
}
