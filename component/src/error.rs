//! Errors of the connector and of the host's settings, as the WIT has them.

use confluence_connector::{Error, ErrorKind, LimitScope};

use crate::bindings::confluence::connector::settings::{Problem, ProblemKind};
use crate::bindings::exports::confluence::connector::types as wit;

impl From<Error> for wit::Error {
    fn from(error: Error) -> Self {
        let parts = error.into_parts();
        Self {
            code: parts.code,
            kind: kind(parts.kind),
            message: parts.message,
            cause: parts.cause,
            resolution: parts.resolution,
            status: parts.status,
            request_id: parts.request_id,
            retry_after_ms: parts.retry_after_ms,
            limit_scope: parts.limit_scope.map(limit_scope),
        }
    }
}

fn kind(kind: ErrorKind) -> wit::ErrorKind {
    match kind {
        ErrorKind::InvalidArgument => wit::ErrorKind::InvalidArgument,
        ErrorKind::InvalidEndpoint => wit::ErrorKind::InvalidEndpoint,
        ErrorKind::NotConfigured => wit::ErrorKind::NotConfigured,
        ErrorKind::Refused => wit::ErrorKind::Refused,
        ErrorKind::Unauthorized => wit::ErrorKind::Unauthorized,
        ErrorKind::Forbidden => wit::ErrorKind::Forbidden,
        ErrorKind::NotFound => wit::ErrorKind::NotFound,
        ErrorKind::RateLimited => wit::ErrorKind::RateLimited,
        ErrorKind::UpstreamFailed => wit::ErrorKind::UpstreamFailed,
        ErrorKind::NotJson => wit::ErrorKind::NotJson,
        ErrorKind::Truncated => wit::ErrorKind::Truncated,
        ErrorKind::TooDeep => wit::ErrorKind::TooDeep,
        ErrorKind::TooLarge => wit::ErrorKind::TooLarge,
        ErrorKind::UnexpectedAnswer => wit::ErrorKind::UnexpectedAnswer,
        ErrorKind::Unreachable => wit::ErrorKind::Unreachable,
        ErrorKind::Unresolvable => wit::ErrorKind::Unresolvable,
        ErrorKind::TimedOut => wit::ErrorKind::TimedOut,
        ErrorKind::Insecure => wit::ErrorKind::Insecure,
        ErrorKind::Denied => wit::ErrorKind::Denied,
        ErrorKind::Looping => wit::ErrorKind::Looping,
        ErrorKind::Internal => wit::ErrorKind::Internal,
    }
}

fn limit_scope(scope: LimitScope) -> wit::LimitScope {
    match scope {
        LimitScope::Burst => wit::LimitScope::Burst,
        LimitScope::QuotaApp => wit::LimitScope::QuotaApp,
        LimitScope::QuotaTenant => wit::LimitScope::QuotaTenant,
        LimitScope::Gateway => wit::LimitScope::Gateway,
        LimitScope::Unknown => wit::LimitScope::Unknown,
    }
}

/// The host's word on settings, as an error of the connector.
pub(crate) fn settled(problem: Problem) -> Error {
    let kind = match problem.kind {
        ProblemKind::NotConfigured => ErrorKind::NotConfigured,
        ProblemKind::InvalidEndpoint => ErrorKind::InvalidEndpoint,
        ProblemKind::InvalidAuthorization => ErrorKind::InvalidArgument,
        ProblemKind::Refused => ErrorKind::Refused,
        ProblemKind::Unavailable => ErrorKind::Internal,
    };
    Error::new(
        kind,
        &problem.code,
        problem.message,
        problem.cause,
        problem.resolution,
    )
}
