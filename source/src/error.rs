//! Why a source could not be read.

use std::error::Error;
use std::time::Duration;

/// Why a source could not be read, for people and for programs.
#[derive(Debug)]
#[non_exhaustive]
pub struct SourceError {
    /// The category, in kebab case: `invalid-argument`, `unauthorized`, `rate-limited`. Open.
    pub kind: Box<str>,
    /// A stable identifier, such as `unknown-stream`. Open.
    pub code: Box<str>,
    /// What failed. One sentence, no full stop.
    pub message: Box<str>,
    /// The likely cause, if known.
    pub cause: Option<Box<str>>,
    /// What fixes it, if known.
    pub resolution: Option<Box<str>>,
    /// The HTTP status, if there was a response.
    pub status: Option<u16>,
    /// How long the site asked to wait.
    pub retry_after: Option<Duration>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl SourceError {
    /// An error of a kind and a code.
    #[must_use]
    pub fn new(
        kind: impl Into<Box<str>>,
        code: impl Into<Box<str>>,
        message: impl Into<Box<str>>,
    ) -> Self {
        Self {
            kind: kind.into(),
            code: code.into(),
            message: message.into(),
            cause: None,
            resolution: None,
            status: None,
            retry_after: None,
            source: None,
        }
    }

    /// With the error that it comes from. Programs that know its type find it with
    /// [`Error::source`].
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Takes out the error that it comes from.
    pub fn take_source(&mut self) -> Option<Box<dyn Error + Send + Sync>> {
        self.source.take()
    }
}

impl std::fmt::Display for SourceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for SourceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
