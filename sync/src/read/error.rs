//! Why a stream could not be read.

use source::{Batch, NoSuchStream, Pass, SourceError, known_names};

use crate::spaces::NoSuchSpace;

/// Why a stream could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// There is no such stream.
    #[error(transparent)]
    NoSuchStream(#[from] NoSuchStream),
    /// The stream has no column of this name.
    #[error("the stream `{stream}` has no column `{column}`; {}", known_names(.column, "its columns", .columns))]
    NoSuchColumn {
        /// The stream.
        stream: String,
        /// The name.
        column: String,
        /// The names of its columns.
        columns: Vec<String>,
    },
    /// The stream cannot be read in this way.
    #[error("the stream `{stream}` does not support the pass `{pass}`; it supports {}", names(.passes))]
    PassNotSupported {
        /// The stream.
        stream: String,
        /// The pass.
        pass: Pass,
        /// Those that it supports and that need no keys.
        passes: Vec<Pass>,
    },
    /// The stream has no bodies.
    #[error("the stream `{stream}` has no bodies")]
    NoBodies {
        /// The stream.
        stream: String,
    },
    /// The stream cannot be limited to spaces.
    #[error("the stream `{stream}` cannot be limited to spaces")]
    NotBySpace {
        /// The stream.
        stream: String,
    },
    /// There is no such space, or this account does not see it.
    #[error(transparent)]
    NoSuchSpace(#[from] NoSuchSpace),
    /// The site or the account does not have the stream.
    #[error("the stream `{stream}` is not available: {reason}")]
    Unsupported {
        /// The stream.
        stream: String,
        /// Why.
        reason: String,
    },
    /// The pass broke off. The rows of its last step are valid, and are not complete.
    #[error("{error}")]
    Broken {
        /// The rows of the last step.
        batches: Vec<Batch>,
        /// Why.
        #[source]
        error: Box<SourceError>,
    },
    /// The source failed.
    #[error("{0}")]
    Source(#[source] Box<SourceError>),
}

fn names(passes: &[Pass]) -> String {
    let names: Vec<&str> = passes.iter().map(|pass| pass.name()).collect();
    format!("`{}`", names.join("`, `"))
}

impl From<SourceError> for ReadError {
    fn from(error: SourceError) -> Self {
        Self::Source(Box::new(error))
    }
}
