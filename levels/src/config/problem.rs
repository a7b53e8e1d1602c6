//! What is wrong with configuration, and where.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::remedy::Remedy;

/// What is wrong with a file, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub(super) kind: ProblemKind,
    pub(super) file: PathBuf,
    pub(super) place: Option<Place>,
    pub(super) key: Option<String>,
    pub(super) message: String,
    pub(super) fix: Option<String>,
    pub(super) remedy: Option<Remedy>,
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
    /// A value that goes beyond what a wider level has.
    Wider,
    /// Something is missing that belongs there.
    Missing,
    /// A file that is no level's, so that nothing in it is in force.
    Stray,
}

/// A place in a file: line and column count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
    /// A piece of the line, where it may be shown.
    pub(super) excerpt: Option<Excerpt>,
}

/// A piece of a line, and what in it is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Excerpt {
    text: String,
    /// Characters before what is meant, and its characters.
    before: usize,
    width: usize,
}

/// Most characters of a line that are shown, before what is meant and in all. A line of a
/// megabyte would be shown once for each of its mistakes.
const BEFORE_CHARACTERS: usize = 60;
const SHOWN_CHARACTERS: usize = 160;

/// How much of a line may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    /// All of it, unless it has an `@`: what stands before one in an address may be a password,
    /// whichever setting of the line is meant.
    Line,
    /// What stands before the first `=`: what follows it may be a secret in a wrong place.
    Key,
    /// Nothing.
    Nothing,
}

/// A text, and where its lines begin.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    text: String,
    starts: Vec<usize>,
}

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self {
            text: text.to_owned(),
            starts: std::iter::once(0)
                .chain(ends.map(|(end, _)| end + 1))
                .collect(),
        }
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The line of an offset, from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// The place of a range of bytes.
    pub(super) fn place(&self, range: Range<usize>, show: Show) -> Place {
        let line = self.line(range.start);
        let start = self
            .starts
            .get(line.saturating_sub(1))
            .copied()
            .unwrap_or(0);
        let end = self.starts.get(line).copied().unwrap_or(self.text.len());
        let whole = self.text.get(start..end).unwrap_or_default().trim_end();
        let meant_at = range.start.saturating_sub(start).min(whole.len());
        let before = whole.get(..meant_at).unwrap_or_default().chars().count();
        let meant = range.end.saturating_sub(range.start).max(1);
        let shown = match show {
            Show::Line if !whole.contains('@') => Some(whole),
            Show::Line | Show::Key => whole.split_once('=').map(|(key, _)| key.trim_end()),
            Show::Nothing => None,
        };
        // What is meant may stand beyond what is shown, as the value of a key.
        let shown = shown.filter(|shown| meant_at < shown.len() || shown.len() < whole.len());
        let excerpt = shown.map(|shown| {
            let (before, meant) = if meant_at < shown.len() {
                (before, meant)
            } else {
                let key = shown.trim_start();
                let indent = shown.len() - key.len();
                (indent, key.chars().count())
            };
            let skipped = before.saturating_sub(BEFORE_CHARACTERS);
            let text: String = shown
                .chars()
                .skip(skipped)
                .take(SHOWN_CHARACTERS)
                // A tab is one character here and several on a screen.
                .map(|c| if c == '\t' { ' ' } else { c })
                .collect();
            let before = before - skipped;
            let width = meant
                .min(text.chars().count().saturating_sub(before))
                .max(1);
            Excerpt {
                text,
                before,
                width,
            }
        });
        Place {
            line,
            column: before + 1,
            excerpt,
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

    /// What to do about it, as data: for whoever has commands of its own for that.
    #[must_use]
    pub fn remedy(&self) -> Option<&Remedy> {
        self.remedy.as_ref()
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

    /// The line that is wrong, and under it a mark at what is meant. Of lines that may hold what
    /// nobody should read only the key, or nothing.
    #[must_use]
    pub fn excerpt(&self) -> Option<String> {
        let place = self.place.as_ref()?;
        let excerpt = place.excerpt.as_ref()?;
        let number = place.line.to_string();
        Some(format!(
            "{number} | {}\n{} | {}{}",
            excerpt.text,
            " ".repeat(number.len()),
            " ".repeat(excerpt.before),
            "^".repeat(excerpt.width),
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
    #[error("cannot read the configuration file `{path}`: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file is none, is too large, or leads out of the configuration folder.
    #[error("refusing to read `{path}`: {reason}")]
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
