//! What a call answers when it fails: the same nine fields for every failure.

use std::ops::Deref;

/// Why a call failed, told to a person and to a program.
///
/// One pointer wide, so that `Result` stays small. Its fields are those of [`ErrorParts`],
/// read through `Deref`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.message)]
pub struct Error(Box<ErrorParts>);

/// The fields of an [`Error`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorParts {
    /// A stable word for this very failure, such as `limit-out-of-range`.
    pub code: String,
    /// The kind, to decide upon.
    pub kind: ErrorKind,
    /// What failed. One sentence, values in backticks, no full stop.
    pub message: String,
    /// The likely cause.
    pub cause: String,
    /// What to do about it.
    pub resolution: String,
    /// The HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// What Atlassian's support asks for: the `atl-traceid` of the answer.
    pub request_id: Option<String>,
    /// How long Confluence asks to wait, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// What the rate limit counts. Only with [`ErrorKind::RateLimited`].
    pub limit_scope: Option<LimitScope>,
}

/// What kind of thing went wrong. Closed, so that a caller can decide on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorKind {
    /// An argument is out of range, malformed or contradicts another.
    InvalidArgument,
    /// An endpoint cannot be one.
    InvalidEndpoint,
    /// There is no endpoint or no authorization.
    NotConfigured,
    /// The host did not allow what was asked of it.
    Refused,
    /// 401, or an answer to an anonymous visitor where a user was expected.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 404: missing, or hidden from this user.
    NotFound,
    /// 429.
    RateLimited,
    /// 5xx, or another status that no caller can act upon.
    UpstreamFailed,
    /// The answer is not JSON, though its status says that all went well.
    NotJson,
    /// The answer ends before it is complete.
    Truncated,
    /// The answer nests deeper than any answer of Confluence does.
    TooDeep,
    /// The answer is larger than the host lets through.
    TooLarge,
    /// The answer is JSON of another shape than Confluence's.
    UnexpectedAnswer,
    /// The site did not accept the connection, or closed it.
    Unreachable,
    /// The site's name has no address.
    Unresolvable,
    /// The site did not answer in time.
    TimedOut,
    /// The site's certificate or TLS does not hold.
    Insecure,
    /// The host's network policy forbids the request.
    Denied,
    /// Confluence's pages go in circles.
    Looping,
    /// A defect of the connector or its host.
    Internal,
}

/// What a rate limit counts, and so who has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LimitScope {
    /// Requests per second of this site.
    Burst,
    /// The hourly quota of the app, shared by all its tenants.
    QuotaApp,
    /// The hourly quota of the app at this site.
    QuotaTenant,
    /// The API gateway in front of the site.
    Gateway,
    /// Confluence did not say.
    Unknown,
}

impl Error {
    /// An error that no answer belongs to.
    #[must_use]
    pub fn new(
        kind: ErrorKind,
        code: &str,
        message: impl Into<String>,
        cause: impl Into<String>,
        resolution: impl Into<String>,
    ) -> Self {
        Self::of(kind, code, message.into(), cause.into(), resolution.into())
    }

    /// Compiled once.
    #[inline(never)]
    fn of(kind: ErrorKind, code: &str, message: String, cause: String, resolution: String) -> Self {
        Self(Box::new(ErrorParts {
            code: code.to_owned(),
            kind,
            message,
            cause,
            resolution,
            status: None,
            request_id: None,
            retry_after_ms: None,
            limit_scope: None,
        }))
    }

    /// The fields, to move them on.
    #[must_use]
    pub fn into_parts(self) -> ErrorParts {
        *self.0
    }

    pub(crate) fn argument(
        code: &str,
        message: impl Into<String>,
        cause: impl Into<String>,
        resolution: impl Into<String>,
    ) -> Self {
        Self::new(ErrorKind::InvalidArgument, code, message, cause, resolution)
    }

    pub(crate) fn wait(mut self, retry_after_ms: Option<u64>) -> Self {
        self.0.retry_after_ms = retry_after_ms;
        self
    }

    pub(crate) fn limited_by(mut self, scope: LimitScope) -> Self {
        self.0.limit_scope = Some(scope);
        self
    }
}

impl Deref for Error {
    type Target = ErrorParts;

    fn deref(&self) -> &ErrorParts {
        &self.0
    }
}

impl From<ErrorParts> for Error {
    fn from(parts: ErrorParts) -> Self {
        Self(Box::new(parts))
    }
}

/// Foreign text made fit to stand between backticks: no control characters, no backticks, at
/// most `most` characters.
pub(crate) fn quoted(text: &str, most: usize) -> String {
    let mut clean: String = text
        .chars()
        .map(|c| match c {
            '`' => '\'',
            '\n' | '\r' | '\t' => ' ',
            c => c,
        })
        .filter(|c| !c.is_control())
        .take(most + 1)
        .collect();
    if let Some((end, _)) = clean.char_indices().nth(most) {
        clean.truncate(end);
        clean.push('…');
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_with_an_error_is_as_wide_as_a_pointer() {
        assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
    }

    #[test]
    fn quoted_text_has_no_controls_and_no_backticks_and_is_cut() {
        assert_eq!(quoted("a`b\u{7}c\nd", 10), "a'bc d");
        assert_eq!(quoted("abcdef", 3), "abc…");
        assert_eq!(quoted("abc", 3), "abc");
    }
}
