//! What is wrong with configuration, and where.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What is wrong with a file, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub(super) kind: ProblemKind,
    pub(super) file: PathBuf,
    pub(super) place: Option<Place>,
    pub(super) key: Option<String>,
    pub(super) message: String,
    pub(super) fix: Option<String>,
}

/// What kind of thing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// It is not TOML.
    Syntax,
    /// A key that there is not.
    UnknownKey,
    /// A value of another type.
    WrongType,
    /// A value that may not be.
    WrongValue,
    /// A setting that this level may not have.
    WrongLevel,
    /// A setting that a wider level has fixed.
    Final,
    /// Something is missing that belongs there.
    Missing,
}

/// A place in a file: line and column count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
    /// How many characters of the line are meant.
    pub(super) width: usize,
    /// The line itself.
    pub(super) text: String,
}

impl Place {
    /// The place of a range of bytes.
    pub(super) fn of(text: &str, range: std::ops::Range<usize>) -> Self {
        let before = text.get(..range.start).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let line_text = text
            .get(start..)
            .and_then(|rest| rest.lines().next())
            .unwrap_or_default();
        let column = before.get(start..).unwrap_or_default().chars().count() + 1;
        let meant = text.get(range).unwrap_or_default();
        Self {
            line: before.matches('\n').count() + 1,
            column,
            width: meant
                .lines()
                .next()
                .unwrap_or_default()
                .chars()
                .count()
                .max(1),
            text: line_text.to_owned(),
        }
    }
}

impl Problem {
    /// What kind of thing is wrong.
    #[must_use]
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The line in it, from 1.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.place.as_ref().map(|place| place.line)
    }

    /// The setting, such as `limits.memory-mib`.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// What to do about it.
    #[must_use]
    pub fn fix(&self) -> Option<&str> {
        self.fix.as_deref()
    }

    /// What is wrong, in one line, without where.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// `FILE:LINE:COLUMN`.
    #[must_use]
    pub fn location(&self) -> String {
        match &self.place {
            Some(place) => format!("{}:{}:{}", self.file.display(), place.line, place.column),
            None => self.file.display().to_string(),
        }
    }

    /// The line that is wrong, and under it a mark at what is meant. `None` for lines that may
    /// hold what nobody should read.
    #[must_use]
    pub fn excerpt(&self) -> Option<String> {
        let place = self.place.as_ref().filter(|place| !place.text.is_empty())?;
        let number = place.line.to_string();
        // A tab is one character here and several on a screen.
        let line: String = place.text.replace('\t', " ").chars().take(160).collect();
        let marks = place
            .width
            .min(line.chars().count().saturating_sub(place.column - 1))
            .max(1);
        Some(format!(
            "{number} | {line}\n{blank} | {indent}{marks}",
            blank = " ".repeat(number.len()),
            indent = " ".repeat(place.column - 1),
            marks = "^".repeat(marks),
        ))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.location(), self.message)
    }
}

/// Why configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Files have mistakes.
    #[error("{}", list(.problems))]
    Invalid {
        /// The mistakes: at least one.
        problems: Vec<Problem>,
    },
    /// A file cannot be read.
    #[error("the configuration file `{path}` cannot be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file is none, is too large, or leads out of the configuration folder.
    #[error("the configuration file `{path}` is not read: {reason}")]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: &'static str,
    },
}

fn list(problems: &[Problem]) -> String {
    let mut text = problems.first().map(Problem::to_string).unwrap_or_default();
    if let Some(more) = problems.len().checked_sub(1).filter(|more| *more > 0) {
        text.push_str(&format!(" (and {more} more)"));
    }
    text
}

impl ConfigError {
    /// The mistakes, where files have them.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Invalid { problems } => problems,
            _ => &[],
        }
    }
}
