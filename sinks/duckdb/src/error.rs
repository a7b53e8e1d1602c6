//! What DuckDB says, and what it means.

use std::path::{Path, PathBuf};

use adbc_core::error::Error;
use sync::Naming;

/// Why a statement failed, or was not tried.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// A newer run has begun.
    #[error("a newer run has begun")]
    Superseded,
    /// Another run writes.
    #[error("another run is writing")]
    Busy,
    /// Another program has the file open.
    #[error("{0}")]
    Open(String),
    /// A table of the same name is not a sync's.
    #[error("there is a table `{0}`")]
    Foreign(String),
    /// The copy has other names than the run wants.
    #[error("it has the naming `{has}`")]
    Naming {
        /// What it has.
        has: Naming,
        /// What the run wants.
        wanted: Naming,
    },
    /// The file cannot be used, for this reason.
    #[error("{0}")]
    Unusable(String),
    /// The operating system refuses a file next to it.
    #[error("`{}` cannot be written: {error}", .path.display())]
    Beside {
        /// Its path.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        error: std::io::Error,
    },
    /// What DuckDB says.
    #[error("{0}")]
    Duckdb(String),
}

impl Refused {
    pub(crate) fn beside(path: &Path, error: std::io::Error) -> Self {
        Self::Beside {
            path: path.to_owned(),
            error,
        }
    }

    /// Whether a write failed for want of room: a full disk, a quota, or a limit on the size of files.
    pub(crate) fn is_full(&self) -> bool {
        // DuckDB has one kind of error for all that the operating system refuses, and adds what that says.
        const FULL: [&str; 3] = [
            "No space left on device",
            "Disk quota exceeded",
            "File too large",
        ];
        match self {
            Self::Duckdb(said) => FULL.iter().any(|full| said.contains(full)),
            Self::Beside { error, .. } => matches!(
                error.kind(),
                std::io::ErrorKind::StorageFull
                    | std::io::ErrorKind::QuotaExceeded
                    | std::io::ErrorKind::FileTooLarge
            ),
            _ => false,
        }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Duckdb(said(&error))
    }
}

/// What DuckDB says, without what follows its first paragraph: the statement, links for developers, and
/// addresses on the stack.
pub(crate) fn said(error: &Error) -> String {
    message(&error.message)
}

/// The same of an error that rows ended with, which is a JSON document.
pub(crate) fn message(text: &str) -> String {
    let document = text.find('{').and_then(|start| text.get(start..));
    let document = document.and_then(|text| serde_json::from_str(text).ok());
    let inner = document.and_then(|document: serde_json::Value| {
        let message = document.get("exception_message")?;
        message.as_str().map(str::to_owned)
    });
    let text = inner.as_deref().unwrap_or(text);
    let first = text.split("\n\n").next().unwrap_or_default();
    first.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn a_message_ends_before_the_statement_and_the_stack() {
        for (text, expected) in [
            (
                "Binder Error: no\n\nLINE 1: SELECT x\n  ^",
                "Binder Error: no",
            ),
            (
                r#"{"exception_type":"IO","exception_message":"disk\n is full\n\nStack Trace"}"#,
                "disk is full",
            ),
            (
                r#"External error: {"exception_message":"x","position":"1"}"#,
                "x",
            ),
            ("a { in a text", "a { in a text"),
        ] {
            assert_eq!(message(text), expected);
        }
    }
}
