//! What can go wrong with requests to the token endpoint.

use std::str::FromStr;
use std::time::Duration;

/// Something that goes wrong with one request to the token endpoint.
///
/// As text: `403`, `401`, a status from 500 on, `nonsense`, `cut`, `cut-after`, `redirect` or
/// `slow=MILLISECONDS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenFault {
    /// 403 `unauthorized_client`, `refresh_token is invalid`; 403 `invalid_grant` for a code.
    InvalidGrant,
    /// 401 `access_denied`: the client is not known, or its secret is another one.
    WrongClient,
    /// This status, with a page.
    Status(u16),
    /// 200, and no JSON.
    Nonsense,
    /// The connection closes. Nothing was done.
    Cut,
    /// The connection closes after the tokens were issued.
    CutAfter,
    /// 302 to another path of this server, which issues tokens to whoever follows.
    Redirect,
    /// The right answer, this much later.
    Slow(Duration),
    /// Nothing goes wrong.
    None,
}

/// A text is no [`TokenFault`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a valid fault: use `401`, `403`, `500` to `599`, `nonsense`, `cut`, `cut-after`, `redirect`, `slow=MILLISECONDS` or `none`"
)]
pub struct ParseTokenFaultError(String);

impl FromStr for TokenFault {
    type Err = ParseTokenFaultError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || ParseTokenFaultError(text.to_owned());
        Ok(match text {
            "403" => Self::InvalidGrant,
            "401" => Self::WrongClient,
            "nonsense" => Self::Nonsense,
            "cut" => Self::Cut,
            "cut-after" => Self::CutAfter,
            "redirect" => Self::Redirect,
            "none" => Self::None,
            text => match text.strip_prefix("slow=") {
                Some(wait) => {
                    Self::Slow(Duration::from_millis(wait.parse().map_err(|_| unknown())?))
                }
                None => match text.parse() {
                    Ok(status @ 500..=599) => Self::Status(status),
                    _ => return Err(unknown()),
                },
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::TokenFault;

    #[test]
    fn faults_are_read_from_words() {
        for (text, fault) in [
            ("403", Some(TokenFault::InvalidGrant)),
            ("503", Some(TokenFault::Status(503))),
            ("cut-after", Some(TokenFault::CutAfter)),
            (
                "slow=20",
                Some(TokenFault::Slow(std::time::Duration::from_millis(20))),
            ),
            ("200", None),
            ("slow=", None),
        ] {
            assert_eq!(text.parse().ok(), fault, "{text}");
        }
    }
}
