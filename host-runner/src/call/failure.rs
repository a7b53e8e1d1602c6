//! Why a call did not answer.

use std::fmt;
use std::time::Duration;

use wasmtime::component::Val;

use super::answer::{field, some};
use crate::connection::AuthorizationError;
use crate::level::LevelPath;
use crate::secret::{KeyError, StoreError};

/// An error that the component answered: the `error` record of its WIT.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ComponentError {
    /// A stable word for this very failure.
    pub code: String,
    /// The kind, such as `rate-limited`.
    pub kind: String,
    /// What failed.
    pub message: String,
    /// The likely cause.
    pub cause: String,
    /// What to do about it.
    pub resolution: String,
    /// The HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// What Atlassian's support asks for.
    pub request_id: Option<String>,
    /// How long Confluence asks to wait, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// What a rate limit counts, such as `quota-app`.
    pub limit_scope: Option<String>,
}

impl ComponentError {
    /// Reads an error record. Other components' errors need not have all fields, or may be no
    /// records at all: then their JSON is the message.
    pub(crate) fn read(value: &Val) -> Self {
        let text = |name: &str| match field(value, name).and_then(some) {
            Some(Val::String(text) | Val::Enum(text)) => Some(text.clone()),
            _ => None,
        };
        let number = |name: &str| match field(value, name).and_then(some) {
            Some(Val::U16(number)) => Some(u64::from(*number)),
            Some(Val::U64(number)) => Some(*number),
            _ => None,
        };
        Self {
            code: text("code").unwrap_or_default(),
            kind: text("kind").unwrap_or_else(|| "internal".to_owned()),
            message: text("message").unwrap_or_else(|| super::answer::value_to_json(value)),
            cause: text("cause").unwrap_or_default(),
            resolution: text("resolution").unwrap_or_default(),
            status: number("status").and_then(|status| u16::try_from(status).ok()),
            request_id: text("request-id"),
            retry_after_ms: number("retry-after-ms"),
            limit_scope: text("limit-scope"),
        }
    }
}

impl fmt::Display for ComponentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ComponentError {}

/// Which level supplied the connection that a call used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuppliedBy {
    /// The level.
    pub level: LevelPath,
    /// Its endpoint.
    pub endpoint: String,
}

impl fmt::Display for SuppliedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "endpoint `{}` and its authorization come from level `{}`",
            self.endpoint, self.level
        )
    }
}

/// Why a call did not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The component answered an error.
    #[error("{error}")]
    Component {
        /// What it answered.
        error: Box<ComponentError>,
        /// Which level supplied the connection, when there was one.
        supplied_by: Option<SuppliedBy>,
    },
    /// What was given as an authorization is none.
    #[error(transparent)]
    Authorization(#[from] AuthorizationError),
    /// The connections cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There are no random numbers to protect the call with.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The call took longer than it may, waiting for the network included.
    #[error("the call was ended after {} ms, the most that one may take", .limit.as_millis())]
    TimedOut {
        /// The limit.
        limit: Duration,
    },
    /// The component asked for more memory than a call may use.
    #[error("the component needed more than {} MiB of memory, the most that a call may use", .limit_bytes >> 20)]
    Memory {
        /// The limit, in bytes.
        limit_bytes: usize,
    },
    /// The component broke.
    #[error("the component broke: {reason}")]
    Trapped {
        /// What the engine said.
        reason: String,
    },
    /// The component does not behave as its interface promises.
    #[error("the component does not keep its interface: {reason}")]
    Contract {
        /// What it did.
        reason: String,
    },
}

impl CallError {
    /// The kind, in the words of the WIT's `error-kind`, and three more that only a host has:
    /// `store`, `limit-exceeded` and `trapped`.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Component { error, .. } => &error.kind,
            Self::Authorization(_) => "invalid-argument",
            Self::Store(_) | Self::Key(_) => "store",
            Self::TimedOut { .. } => "timed-out",
            Self::Memory { .. } => "limit-exceeded",
            Self::Trapped { .. } | Self::Contract { .. } => "trapped",
        }
    }

    /// The likely cause.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        match self {
            Self::Component { error, .. } => {
                Some(error.cause.as_str()).filter(|cause| !cause.is_empty())
            }
            Self::Authorization(_) => Some("something else was pasted, or a part of it is missing"),
            Self::TimedOut { .. } => Some("the site answers slowly, or not at all"),
            Self::Memory { .. } => Some(
                "the answers are larger than this limit allows for, such as pages with long bodies",
            ),
            Self::Trapped { .. } | Self::Contract { .. } => Some("a defect of the component"),
            Self::Store(_) | Self::Key(_) => None,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn resolution(&self) -> Option<&str> {
        match self {
            Self::Component { error, .. } => {
                Some(error.resolution.as_str()).filter(|text| !text.is_empty())
            }
            Self::Authorization(_) => Some(
                "give `Basic ` and the base64 of `email:token`, as `printf %s 'me@example.com:TOKEN' | base64 -w0` prints it, or `Bearer ` and the token",
            ),
            Self::TimedOut { .. } => {
                Some("ask for less with `--limit`, or allow more time with `--timeout`")
            }
            Self::Memory { .. } => {
                Some("ask for less with `--limit`, or allow more memory with `--memory`")
            }
            Self::Trapped { .. } | Self::Contract { .. } => {
                Some("report it, with the command that led to it")
            }
            Self::Store(_) | Self::Key(_) => None,
        }
    }

    /// Which level supplied the connection. `None` for arguments that were refused before the
    /// connection was used: it has no part in that.
    #[must_use]
    pub fn supplied_by(&self) -> Option<&SuppliedBy> {
        match self {
            Self::Component { error, .. }
                if error.kind == "invalid-argument" && error.status.is_none() =>
            {
                None
            }
            Self::Component { supplied_by, .. } => supplied_by.as_ref(),
            _ => None,
        }
    }
}
