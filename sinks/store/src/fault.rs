//! Why a store could not do it.

use object_store::Error;

use crate::answers::Answers;
use crate::location::Location;
use crate::transport::TransportError;

/// Why a store could not do it. It contains no credential, and of the store's answers nothing but
/// statuses and codes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreFault {
    /// It does not accept the credentials, or they do not permit it.
    #[error("the store denied access ({answer})")]
    Denied {
        /// Status and code.
        answer: String,
    },
    /// There is no such bucket or container.
    #[error("the store has no `{bucket}` ({answer})")]
    NoBucket {
        /// Its name.
        bucket: String,
        /// Status and code.
        answer: String,
    },
    /// It failed, also when the request was made again.
    #[error("the store answered {answer} to every attempt")]
    Unavailable {
        /// Status and code.
        answer: String,
    },
    /// It answered otherwise.
    #[error("the store refused a request ({answer})")]
    Refused {
        /// Status and code.
        answer: String,
    },
    /// There is no answer.
    #[error("{0}")]
    NoAnswer(TransportError),
    /// It overwrites objects that were to be created only if absent.
    #[error(
        "the store overwrites objects although the request forbids it, so that two writers could destroy each other's rows"
    )]
    IgnoresConditions,
    /// What it sent cannot be read.
    #[error("the answer of the store cannot be read: {reason}")]
    Unreadable {
        /// Why.
        reason: String,
    },
    /// What is staged cannot be read or changed.
    #[error("the state in `{folder}` cannot be used: {reason}")]
    State {
        /// The folder.
        folder: String,
        /// What the file system says.
        reason: String,
    },
}

impl StoreFault {
    /// What the library says, by what the store last answered.
    pub(crate) fn of(error: &Error, location: &Location, answers: &Answers) -> Self {
        if let Some(error) = transport_error(error) {
            return Self::NoAnswer(error);
        }
        let Some(last) = answers.last() else {
            return Self::Unreadable {
                reason: kind(error).to_owned(),
            };
        };
        let answer = last.to_string();
        let bucket = location.bucket().to_owned();
        match last.status {
            401 | 403 => Self::Denied { answer },
            404 => Self::NoBucket { bucket, answer },
            408 | 429 | 500..=599 => Self::Unavailable { answer },
            _ => Self::Refused { answer },
        }
    }
}

/// What the transport said, if it was the transport.
fn transport_error(error: &Error) -> Option<TransportError> {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<TransportError>() {
            return Some(error.clone());
        }
        source = error.source();
    }
    None
}

/// Without the texts of the library, which may repeat what the store sent.
const fn kind(error: &Error) -> &'static str {
    match error {
        Error::NotFound { .. } => "there is no such object",
        Error::AlreadyExists { .. } | Error::Precondition { .. } => "the object is there already",
        Error::NotSupported { .. } | Error::NotImplemented { .. } => {
            "the store does not support the request"
        }
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => "access was denied",
        Error::InvalidPath { .. } => "a key is not valid",
        _ => "it is not what the protocol says",
    }
}
