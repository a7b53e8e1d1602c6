//! Why the suite does not succeed.

use std::io;
use std::path::PathBuf;

/// Why the suite does not succeed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum SuiteError {
    /// Something was answered, or asked of the site, that the cases do not expect.
    #[error(
        "{failed} of {cases} cases ended otherwise than expected; mend the host, or look at each and take it over with `--bless`"
    )]
    Differs {
        /// How many.
        failed: usize,
        /// Of how many.
        cases: usize,
    },
    /// A file of the contract is not what `wit/` makes of it.
    #[error(
        "`{path}` is not what `wit/` makes of it; write it with `conformance contract polyglot`"
    )]
    Drifted {
        /// The file.
        path: PathBuf,
    },
    /// The file with the cases is not as it should be.
    #[error("`{path}` holds no cases: {source}")]
    Cases {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: serde_json::Error,
    },
    /// A case cannot be run at all.
    #[error("the case `{case}` cannot be run: {reason}")]
    Case {
        /// Its name.
        case: String,
        /// Why.
        reason: String,
    },
    /// The WIT has something that the other languages' files have no form for.
    #[error("the contract cannot be written: {reason}")]
    Contract {
        /// What it has.
        reason: String,
    },
    /// The host, the simulator or the site does not do its part.
    #[error("{what}: {reason}")]
    Part {
        /// What was wanted.
        what: &'static str,
        /// What came instead.
        reason: String,
    },
    /// A file cannot be read or written.
    #[error("{what}: {source}")]
    Io {
        /// What was wanted.
        what: String,
        /// What the operating system said.
        source: io::Error,
    },
}

impl SuiteError {
    pub(crate) fn io(what: impl Into<String>, source: io::Error) -> Self {
        Self::Io {
            what: what.into(),
            source,
        }
    }

    pub(crate) fn part(what: &'static str, reason: impl ToString) -> Self {
        Self::Part {
            what,
            reason: reason.to_string(),
        }
    }
}
