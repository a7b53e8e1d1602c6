//! The form of what stands in the `Authorization` header.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::Error;

/// Checks that a text can be an authorization: `Basic ` and the base64 of `email:token`, or
/// `Bearer ` and a token.
///
/// # Errors
///
/// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) with the code
/// `authorization-scheme`, `authorization-basic` or `authorization-bearer`. The text, which may
/// be a secret, is never repeated.
///
/// ```
/// use confluence_connector::check_authorization;
///
/// assert!(check_authorization("Bearer abc").is_ok());
/// assert!(check_authorization("abc").is_err());
/// ```
pub fn check_authorization(text: &str) -> Result<(), Error> {
    if let Some(encoded) = text.strip_prefix("Basic ") {
        let pair = STANDARD.decode(encoded).unwrap_or_default();
        let sound = std::str::from_utf8(&pair)
            .ok()
            .filter(|pair| !pair.chars().any(char::is_control))
            .and_then(|pair| pair.split_once(':'))
            .is_some_and(|(user, token)| !user.is_empty() && !token.is_empty());
        if sound {
            return Ok(());
        }
        return Err(Error::argument(
            "authorization-basic",
            "the authorization is not the base64 of an e-mail address and a token",
            "the pair was not encoded, one of the two is missing, or a line break was encoded with it",
            "encode `email:token` without a line break, and put `Basic ` before it",
        ));
    }
    if let Some(token) = text.strip_prefix("Bearer ") {
        if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(());
        }
        return Err(Error::argument(
            "authorization-bearer",
            "the authorization has no token, or one with blanks or foreign characters",
            "the token was copied incompletely, or with something else",
            "put `Bearer ` and then the token, with nothing around it",
        ));
    }
    Err(Error::argument(
        "authorization-scheme",
        "the authorization begins neither with `Basic ` nor with `Bearer `",
        "the scheme is missing or of another kind; upper and lower case count",
        "for an API token, pass `Basic ` and the base64 of `email:token`; for OAuth, pass `Bearer ` and the access token",
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn both_forms_are_taken() {
        check_authorization("Basic bWVAZXhhbXBsZS5jb206dG9rZW4=").unwrap();
        check_authorization("Bearer eyJ.x-y_z~+/=").unwrap();
    }

    #[test]
    fn other_forms_are_refused_and_never_repeated() {
        for (text, code) in [
            ("", "authorization-scheme"),
            ("SECRET", "authorization-scheme"),
            ("basic SECRET", "authorization-scheme"),
            ("Basic SECRET", "authorization-basic"),
            ("Basic ", "authorization-basic"),
            ("Basic U0VDUkVU", "authorization-basic"),
            ("Basic U0VDUkVUOg==", "authorization-basic"),
            ("Basic OlNFQ1JFVA==", "authorization-basic"),
            ("Basic YTpTRUNSRVQK", "authorization-basic"),
            ("Bearer ", "authorization-bearer"),
            ("Bearer SECRET SECRET", "authorization-bearer"),
            ("Bearer SECRET\r\nX: y", "authorization-bearer"),
            ("Bearer SECRÉT", "authorization-bearer"),
        ] {
            let error = check_authorization(text).unwrap_err();
            assert_eq!(error.code, code, "{text:?}");
            assert!(!format!("{error:?}").contains("SECR"), "{text:?}");
        }
    }
}
