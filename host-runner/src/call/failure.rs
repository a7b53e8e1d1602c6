//! Why a call did not answer.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use wasmtime::component::Val;

use super::answer::{field, some};
use super::foreign_text::{MAX_MESSAGE_BYTES, MAX_WORD_BYTES, cut, cut_json, cut_owned};
use crate::connection::{AuthorizationError, ConnectionName, CredentialError, DefinitionError};
use crate::error_kind::ErrorKind;
use crate::outbound::MAX_CUT;
use crate::receipt::TimeSpent;
use crate::secret::SecretError;
use crate::settings::not_configured;
use host_levels::{ConfigError, EditError, Effective, EndpointDenied, Level, LevelPath, Remedy};

/// An error that the component answered: the `error` record of its WIT.
///
/// Its texts are cut at 4096 bytes, its code, kind, scope and request id at 128, and say so. They
/// are the component's to choose, and may hold control characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ComponentError {
    /// A stable word for this very failure.
    pub code: String,
    /// The kind, such as `rate-limited`.
    pub kind: ErrorKind,
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
    /// What to do about it, as data: where the host told the component of the problem. Never from
    /// the component itself.
    pub remedy: Option<Box<Remedy>>,
}

impl ComponentError {
    /// Reads an error record. Other components' errors need not have all fields, or may be no
    /// records at all: then their JSON is the message.
    pub(crate) fn read(value: &Val) -> Self {
        let text = |name: &str, max_bytes: usize| match field(value, name).and_then(some) {
            Some(Val::String(text) | Val::Enum(text)) => Some(cut(text, max_bytes)),
            _ => None,
        };
        let word = |name: &str| text(name, MAX_WORD_BYTES);
        let sentence = |name: &str| text(name, MAX_MESSAGE_BYTES);
        let number = |name: &str| match field(value, name).and_then(some) {
            Some(Val::U16(number)) => Some(u64::from(*number)),
            Some(Val::U64(number)) => Some(*number),
            _ => None,
        };
        Self {
            code: word("code").unwrap_or_default(),
            kind: word("kind")
                .map(|word| ErrorKind::from(word.as_str()))
                .unwrap_or_default(),
            message: sentence("message").unwrap_or_else(|| cut_json(value, MAX_MESSAGE_BYTES)),
            cause: sentence("cause").unwrap_or_default(),
            resolution: sentence("resolution").unwrap_or_default(),
            status: number("status").and_then(|status| u16::try_from(status).ok()),
            request_id: word("request-id"),
            retry_after_ms: number("retry-after-ms"),
            limit_scope: word("limit-scope"),
            remedy: None,
        }
    }

    /// The same, with its texts cut.
    pub(crate) fn cut(self) -> Self {
        let word = |text| cut_owned(text, MAX_WORD_BYTES);
        let sentence = |text| cut_owned(text, MAX_MESSAGE_BYTES);
        Self {
            code: word(self.code),
            kind: ErrorKind::from(word(self.kind.as_str().to_owned()).as_str()),
            message: sentence(self.message),
            cause: sentence(self.cause),
            resolution: sentence(self.resolution),
            request_id: self.request_id.map(word),
            limit_scope: self.limit_scope.map(word),
            ..self
        }
    }
}

impl fmt::Display for ComponentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ComponentError {}

/// Which connection a call used, and which level supplied it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SuppliedBy {
    /// The connection.
    pub connection: ConnectionName,
    /// The level that has it.
    pub level: LevelPath,
    /// The level's file.
    pub file: PathBuf,
    /// The line in it, from 1.
    pub line: usize,
    /// The endpoint.
    pub endpoint: String,
    /// Whether its tokens come from an OAuth login.
    pub is_oauth: bool,
}

impl fmt::Display for SuppliedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(variable) = self
            .file
            .to_str()
            .and_then(|file| file.strip_prefix("variable "))
        {
            return write!(
                f,
                "endpoint `{}` and its authorization come from connection `{}` of the variable `{variable}`",
                self.endpoint, self.connection
            );
        }
        write!(
            f,
            "endpoint `{}` and its authorization come from connection `{}` of level `{}` ({}:{})",
            self.endpoint,
            self.connection,
            self.level,
            self.file.display(),
            self.line
        )
    }
}

/// Why a list is not followed any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PaginationLoop {
    /// A continuation token was returned for the second time.
    #[error("the component returned a continuation token that it had returned before")]
    Repeated,
    /// Answers continue, and have no rows.
    #[error(
        "the component returned {answers} consecutive results without items, and no end of the list"
    )]
    Empty {
        /// How many.
        answers: u32,
    },
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
        supplied_by: Option<Box<SuppliedBy>>,
    },
    /// What was given as an authorization is none.
    #[error(transparent)]
    Authorization(#[from] AuthorizationError),
    /// The secrets cannot be read or written.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The levels have mistakes, or cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A level cannot be changed.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The parts of a connection do not go together.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    /// No connection may lead where this one does.
    #[error(transparent)]
    EndpointDenied(#[from] EndpointDenied),
    /// The connection is there, and its token is not.
    #[error("connection `{}` of level `{}` has no token for `{}`", .supplied_by.connection, .supplied_by.level, .supplied_by.endpoint)]
    NoToken {
        /// The connection.
        supplied_by: Box<SuppliedBy>,
    },
    /// The connection has no authorization for its requests: somebody has to log in, or the
    /// authorization server fails.
    #[error("{error}")]
    Credential {
        /// Why.
        error: Box<CredentialError>,
        /// The connection.
        supplied_by: Option<Box<SuppliedBy>>,
    },
    /// Callers may not store connections at that level.
    #[error(
        "a connection cannot be stored at level `{level}` here, where callers may write `{widest}` at most"
    )]
    LevelNotWritable {
        /// The level.
        level: LevelPath,
        /// The widest level that callers may write.
        widest: Level,
    },
    /// The call took longer than it may, waiting for the network included.
    #[error("the call timed out after {} ms: {spent}", .limit.as_millis())]
    TimedOut {
        /// The limit.
        limit: Duration,
        /// Where the time went.
        spent: TimeSpent,
    },
    /// The component asked for more memory than a call may use.
    #[error("the component exceeded its memory limit of {} MiB", .limit_bytes >> 20)]
    Memory {
        /// The limit, in bytes.
        limit_bytes: usize,
    },
    /// The component asked for more elements of tables than a call may use.
    #[error("the component exceeded its limit of {limit} table elements")]
    Tables {
        /// The limit.
        limit: usize,
    },
    /// The component called itself too deeply.
    #[error("the component exceeded its stack limit of {} KiB", .limit_bytes >> 10)]
    Stack {
        /// The limit, in bytes.
        limit_bytes: usize,
    },
    /// The component held more open than a call may: requests, answers, streams.
    #[error("the component exceeded its limit of {limit} open requests, responses and streams")]
    Handles {
        /// The limit.
        limit: usize,
    },
    /// The component handed over values that take more of the host's memory than a call may use.
    #[error("the component passed values of more than {} MiB at once, the maximum memory of a call", .limit_bytes >> 20)]
    HandedOver {
        /// The limit, in bytes.
        limit_bytes: usize,
    },
    /// The component sent more requests than a call may.
    #[error("the call was ended after {limit} requests, the maximum of one call")]
    Requests {
        /// The limit.
        limit: u32,
    },
    /// The component returned a continuation token that is too long to be repeated.
    #[error("the component returned a `{name}` of {bytes} bytes; the maximum is {limit_bytes}")]
    ContinuationTooLong {
        /// The field: `after` or `checkpoint`.
        name: &'static str,
        /// Its length, in bytes.
        bytes: usize,
        /// The maximum, in bytes.
        limit_bytes: usize,
    },
    /// The list does not end: its continuation tokens do not lead on.
    #[error("{0}")]
    PaginationLoop(PaginationLoop),
    /// The component set headers that are too large.
    #[error("the component exceeded the limit of {} KiB for the headers of a request", .limit_bytes >> 10)]
    Headers {
        /// The limit, in bytes.
        limit_bytes: usize,
    },
    /// The call waited for its turn for as long as it may take.
    #[error("the call timed out after {} ms waiting for a free slot: {at_once} calls are running, the maximum of `{setting}`", .limit.as_millis())]
    Busy {
        /// The most that a call may take.
        limit: Duration,
        /// How many calls run at once.
        at_once: usize,
        /// The setting that says so.
        setting: &'static str,
    },
    /// There is no room for another instance.
    #[error(
        "the host has no room for another instance: the running components have many memories or tables each"
    )]
    Crowded,
    /// The site repeated the credential in an answer that the component needs, or in too many.
    #[error("{}", echoed(*.answers))]
    CredentialEchoed {
        /// How many did: 3 stop a call, and after fewer the component gave up.
        answers: u32,
    },
    /// The operating system did not reserve memory for the instance.
    #[error("the operating system reserved no memory for the instance: {reason}")]
    AddressSpace {
        /// What it said.
        reason: String,
    },
    /// The component broke.
    #[error("the component trapped: {reason}")]
    Trapped {
        /// What the engine said.
        reason: String,
    },
    /// The component does not behave as its interface promises.
    #[error("the component violated its interface: {reason}")]
    Contract {
        /// What it did.
        reason: String,
    },
}

fn echoed(answers: u32) -> String {
    if answers < MAX_CUT {
        "a response repeated the credential, so it was withheld from the component".to_owned()
    } else {
        format!("{answers} responses repeated the credential, so the call was stopped")
    }
}

impl CallError {
    /// What a call of the connector fails with where no connection is configured, or `None` where one
    /// is. A program can look before it opens a host, whose state folder is made otherwise.
    #[must_use]
    pub fn without_connection(effective: &Effective) -> Option<Self> {
        let name = effective.connection_name();
        if effective.definition(&name).is_some() {
            return None;
        }
        let problem = not_configured(effective);
        Some(Self::Component {
            error: Box::new(ComponentError {
                code: problem.code,
                kind: ErrorKind::NotConfigured,
                message: problem.message,
                cause: problem.cause,
                resolution: problem.resolution,
                remedy: Some(Box::new(Remedy::AddConnection { name })),
                ..ComponentError::default()
            }),
            supplied_by: None,
        })
    }

    /// The kind, in the words of the WIT's `error-kind`, and five more that only a host has:
    /// `store`, `configuration`, `limit-exceeded`, `credential-echoed` and `trapped`.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Component { error, .. } => error.kind.clone(),
            Self::Authorization(_) | Self::Definition(_) => ErrorKind::InvalidArgument,
            Self::Secret(_) => ErrorKind::Store,
            Self::Config(_) => ErrorKind::Configuration,
            Self::Edit(EditError::Config(_)) => ErrorKind::Configuration,
            Self::Edit(EditError::Write { .. }) => ErrorKind::Store,
            Self::Edit(_) | Self::EndpointDenied(_) | Self::LevelNotWritable { .. } => {
                ErrorKind::Refused
            }
            Self::NoToken { .. } => ErrorKind::NotConfigured,
            Self::Credential { error, .. } => error.kind().clone(),
            Self::TimedOut { .. } => ErrorKind::TimedOut,
            Self::PaginationLoop(_) => ErrorKind::Looping,
            Self::Memory { .. }
            | Self::Tables { .. }
            | Self::Stack { .. }
            | Self::Handles { .. }
            | Self::HandedOver { .. }
            | Self::ContinuationTooLong { .. }
            | Self::Headers { .. }
            | Self::Requests { .. }
            | Self::Busy { .. }
            | Self::AddressSpace { .. }
            | Self::Crowded => ErrorKind::LimitExceeded,
            Self::CredentialEchoed { .. } => ErrorKind::CredentialEchoed,
            Self::Trapped { .. } | Self::Contract { .. } => ErrorKind::Trapped,
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
            Self::TimedOut { spent, .. } => Some(spent.cause()),
            Self::PaginationLoop(_) => {
                Some("a defect of the component, or a site whose pages do not lead to an end")
            }
            Self::Memory { .. } | Self::HandedOver { .. } => {
                Some("the responses are too large for this limit, such as pages with long bodies")
            }
            Self::Tables { .. } | Self::Handles { .. } => {
                Some("a component that needs more than the connector, or a defect of the component")
            }
            Self::Stack { .. } | Self::Headers { .. } | Self::ContinuationTooLong { .. } => {
                Some("a defect of the component")
            }
            Self::Requests { .. } => Some(
                "a call that reads very much at once, or a component that sends requests in a loop",
            ),
            Self::Busy { .. } => Some(
                "calls arrive faster than they finish: the site responds slowly, or one caller makes many calls at once",
            ),
            Self::Crowded => Some("many calls at once of components that are composed of several"),
            Self::CredentialEchoed { .. } => Some(
                "the site, or a proxy in front of it, copies the headers of requests into its answers; or the component tries to find out the credential",
            ),
            Self::AddressSpace { .. } => Some(
                "the address space of this process is limited, as by `ulimit -v`, or the machine has no memory left",
            ),
            Self::Trapped { .. } | Self::Contract { .. } => Some("a defect of the component"),
            Self::EndpointDenied(forbidden) => Some(forbidden.cause()),
            Self::NoToken { .. } => Some(
                "tokens are stored separately from files, and bound to endpoint, user and level: the connection was written by hand or copied, or was changed after its token was entered",
            ),
            Self::Credential { error, .. } => error.cause(),
            Self::LevelNotWritable { .. } => Some("the embedding program restricts it"),
            Self::Secret(_) | Self::Config(_) | Self::Edit(_) | Self::Definition(_) => None,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn resolution(&self) -> Option<String> {
        match self {
            Self::Component { error, .. } => {
                Some(error.resolution.clone()).filter(|text| !text.is_empty())
            }
            Self::Authorization(_) => Some(
                "pass `Basic ` and the base64 of `email:token`, as printed by `printf %s 'me@example.com:TOKEN' | base64 -w0`, or `Bearer ` and the token".to_owned(),
            ),
            Self::TimedOut { .. }
            | Self::Memory { .. }
            | Self::HandedOver { .. }
            | Self::NoToken { .. } => self.remedy().map(|remedy| remedy.to_string()),
            Self::PaginationLoop(_) => Some(
                "narrow the query, or report it, with the call that led to it".to_owned(),
            ),
            Self::ContinuationTooLong { .. } => Some(
                "no setting raises it, since a token that was cut leads elsewhere: report it, with the call that led to it".to_owned(),
            ),
            Self::Tables { .. } => Some(
                "raise `limits.table-elements` if the component is known to need it".to_owned(),
            ),
            Self::Handles { .. } => Some(
                "raise `limits.handles` if the component is known to need it".to_owned(),
            ),
            Self::Requests { .. } => Some(
                "request less in one call, or raise `limits.requests` if the component is known to need it"
                    .to_owned(),
            ),
            Self::Stack { .. } | Self::Headers { .. } => Some(
                "no setting raises it: report it, with the call that led to it".to_owned(),
            ),
            Self::Busy { setting, .. } => Some(format!(
                "try again, make fewer calls at once, or raise `{setting}`"
            )),
            Self::Crowded => Some("try again, or lower `limits.calls-at-once`".to_owned()),
            Self::CredentialEchoed { .. } => Some(
                "find out what copies the `Authorization` header into answers and turn that off; if the component is not one that you trust, replace the token".to_owned(),
            ),
            Self::AddressSpace { .. } => Some(
                "raise the limit with `ulimit -v unlimited`, or lower `limits.memory-mib`".to_owned(),
            ),
            Self::Trapped { .. } | Self::Contract { .. } => {
                Some("report it, with the call that led to it".to_owned())
            }
            Self::EndpointDenied(forbidden) => Some(forbidden.resolution()),
            Self::Credential { error, .. } => error.resolution().map(str::to_owned),
            Self::LevelNotWritable { .. } => Some("store it at a narrower level".to_owned()),
            Self::Secret(_) | Self::Config(_) | Self::Edit(_) | Self::Definition(_) => None,
        }
    }

    /// What to do about it, as data: for whoever has commands of its own for that.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Component { error, .. } => error.remedy.as_deref().cloned(),
            Self::Secret(error) => error.remedy(),
            Self::Edit(error) => error.remedy(),
            Self::EndpointDenied(forbidden) => forbidden.remedy(),
            Self::NoToken { supplied_by } => Some(Remedy::EnterToken {
                name: Some(supplied_by.connection.clone()),
                level: Some(supplied_by.level.clone()),
            }),
            Self::Credential { error, .. } => error.remedy().cloned(),
            Self::TimedOut { spent, .. } => Some(spent.remedy()),
            Self::Memory { .. } | Self::HandedOver { .. } => Some(Remedy::AskForLess {
                setting: "limits.memory-mib",
            }),
            _ => None,
        }
    }

    /// Which level supplied the connection. `None` for arguments that were refused before the
    /// connection was used: it has no part in that.
    #[must_use]
    pub fn supplied_by(&self) -> Option<&SuppliedBy> {
        match self {
            Self::Component { error, .. }
                if error.kind == ErrorKind::InvalidArgument && error.status.is_none() =>
            {
                None
            }
            Self::Component { supplied_by, .. } => supplied_by.as_deref(),
            Self::NoToken { supplied_by } => Some(supplied_by),
            Self::Credential { supplied_by, .. } => supplied_by.as_deref(),
            _ => None,
        }
    }
}
