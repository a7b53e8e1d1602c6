//! A token, which nothing prints.

use std::fmt;

use zeroize::Zeroizing;

/// Longest token, in bytes. Atlassian's API tokens have some 200, OAuth access tokens some 2 000.
const TOKEN_BYTES: usize = 16 * 1024;

/// An API token or an access token.
///
/// It has no `Display`, its `Debug` shows nothing of it, and its memory is overwritten when it is
/// dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Zeroizing<String>);

/// Why a text is no token. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// There is nothing.
    #[error("the token is empty")]
    Empty,
    /// It has blanks, control characters, or characters beyond ASCII.
    #[error(
        "the token has blanks, control characters or letters beyond ASCII: paste the token alone, without `Basic `, `Bearer `, a user or quotes"
    )]
    Characters,
    /// It is too long.
    #[error("the token has more than {TOKEN_BYTES} bytes: paste the token alone")]
    Long,
}

impl Token {
    /// Reads a token. Blanks around it are dropped, since tokens are pasted with a line end.
    ///
    /// # Errors
    ///
    /// [`TokenError`] says what is wrong with it, without repeating it.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        if text.is_empty() {
            Err(TokenError::Empty)
        } else if text.len() > TOKEN_BYTES {
            Err(TokenError::Long)
        } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Err(TokenError::Characters)
        } else {
            Ok(Self(Zeroizing::new(text.to_owned())))
        }
    }

    /// The text itself: for the store and for the wire, and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{Token, TokenError};

    #[test]
    fn a_token_is_one_word() {
        assert_eq!(Token::parse(" sesame\n").unwrap().expose(), "sesame");
        assert_eq!(Token::parse(" \n"), Err(TokenError::Empty));
        for text in ["Bearer sesame", "ses\tame", "sésame", "ses\u{0}ame"] {
            assert_eq!(Token::parse(text), Err(TokenError::Characters), "{text:?}");
        }
        assert_eq!(Token::parse(&"a".repeat(20_000)), Err(TokenError::Long));
    }

    #[test]
    fn a_token_is_not_shown() {
        assert!(!format!("{:?}", Token::parse("sesame").unwrap()).contains("sesame"));
        assert!(!format!("{:?}", Token::parse("Bearer sesame")).contains("sesame"));
    }
}
