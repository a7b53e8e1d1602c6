//! What kind of thing went wrong: one list for everything that decides by it.

use std::fmt;

/// Declares the kinds with their words.
macro_rules! kinds {
    ($($(#[doc = $documentation:literal])+ $kind:ident = $word:literal,)+) => {
        /// What kind of thing went wrong: the `error-kind` of the WIT, and what a host adds to it.
        ///
        /// Its text is the word that the WIT, metrics and machine-readable messages have for it, such
        /// as `rate-limited`.
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[doc = $documentation])+ $kind,)+
            /// A defect of the component or its host.
            #[default]
            Internal,
            /// A word that the WIT does not have, from another component than the connector.
            Other(Box<str>),
        }

        impl ErrorKind {
            /// The word for it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$kind => $word,)+
                    Self::Internal => "internal",
                    Self::Other(word) => word,
                }
            }
        }

        /// The kind that a word stands for.
        impl From<&str> for ErrorKind {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$kind,)+
                    "internal" => Self::Internal,
                    word => Self::Other(word.into()),
                }
            }
        }
    };
}

kinds! {
    /// An argument is out of range, malformed or contradicts another one.
    InvalidArgument = "invalid-argument",
    /// An endpoint is not valid.
    InvalidEndpoint = "invalid-endpoint",
    /// There is no connection, or it has no token.
    NotConfigured = "not-configured",
    /// The levels or the host do not allow it.
    Refused = "refused",
    /// HTTP status 401, or an anonymous response where a user was expected.
    Unauthorized = "unauthorized",
    /// HTTP status 403.
    Forbidden = "forbidden",
    /// HTTP status 404: missing, or hidden from this user.
    NotFound = "not-found",
    /// HTTP status 429.
    RateLimited = "rate-limited",
    /// HTTP status 5xx, or another unexpected status.
    UpstreamFailed = "upstream-failed",
    /// A response with a success status is not JSON.
    NotJson = "not-json",
    /// A response ended before it was complete.
    Truncated = "truncated",
    /// A response is nested too deeply.
    TooDeep = "too-deep",
    /// A response exceeds a size limit.
    TooLarge = "too-large",
    /// A response has an unexpected shape.
    UnexpectedAnswer = "unexpected-answer",
    /// The site refused or closed the connection.
    Unreachable = "unreachable",
    /// The site's name does not resolve to an address.
    Unresolvable = "unresolvable",
    /// The call, or the site, took too long.
    TimedOut = "timed-out",
    /// TLS verification failed.
    Insecure = "insecure",
    /// The host's network policy denied the request.
    Denied = "denied",
    /// Pagination or redirects form a loop.
    Looping = "looping",
    /// Secrets or files of the host cannot be read or written.
    Store = "store",
    /// The files of the levels have mistakes.
    Configuration = "configuration",
    /// A limit of the call or the host was exceeded.
    LimitExceeded = "limit-exceeded",
    /// The component trapped, or violated its interface.
    Trapped = "trapped",
    /// A response repeated the credential, and was withheld from the component.
    CredentialEchoed = "credential-echoed",
    /// A file of the caller cannot be written.
    Output = "output",
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorKind;

    #[test]
    fn every_kind_of_the_wit_is_known() {
        let wit = include_str!("../../wit/types.wit");
        let list = wit.split("enum error-kind {").nth(1).unwrap_or_default();
        let list = list.split('}').next().unwrap_or_default();
        let words: Vec<&str> = list
            .lines()
            .filter_map(|line| line.trim().strip_suffix(','))
            .filter(|word| !word.contains(' '))
            .collect();
        assert!(words.len() > 15, "{words:?}");
        for word in words {
            let kind = ErrorKind::from(word);
            assert!(!matches!(kind, ErrorKind::Other(_)), "{word}");
            assert_eq!(kind.as_str(), word);
        }
        assert_eq!(ErrorKind::from("of-another").as_str(), "of-another");
    }
}
