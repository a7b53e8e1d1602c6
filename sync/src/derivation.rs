//! Streams whose rows are computed from stored rows of other streams, without a request.
//!
//! Two ways were compared. *With the row*: the derived rows of a row are computed when it is committed,
//! in the same transaction. That fits what depends on one row alone, such as the sections of a page. *At
//! the end of a run*: all derived rows are computed from all stored rows. That fits what depends on many
//! rows, such as who may read a page: one move reaches a whole subtree, one permission a whole space, and
//! in the middle of a run, rows of different ages are next to each other. [`Derivation`] is the second
//! way.
//!
//! The first way needs no reading back. A derivation by row gets a batch before it is committed, and
//! returns a batch of its own stream; [`Commit::batches`](crate::Commit::batches) takes batches of several
//! streams, and [`Completes::Of`](crate::Completes::Of) the parents whose earlier rows they replace, so
//! what is missing is that `Commit` names the stream of each `Completes`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use source::{Notice, Parent, Stream};

use crate::clock::Millis;
use crate::stored::StoredRow;

/// A stream that is computed from the rows of others.
pub trait Derivation: Debug + Send + Sync {
    /// Its description. The rows of [`Stream::parents`] take the derived rows with the same parent with
    /// them when they are deleted.
    fn stream(&self) -> &Stream;

    /// The streams that it reads. They are copied whenever it is.
    fn inputs(&self) -> &[Input];

    /// Columns that are no part of what a row says, such as its age: they are written for rows that
    /// have not changed, too, and such a row still counts as unchanged.
    fn ages(&self) -> &[&str];

    /// Views over its rows.
    fn views(&self) -> &[View];

    /// Computes all rows.
    fn derive(&self, stored: &Stored, at: Millis) -> Derived;
}

/// A stream that a derivation reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its name.
    pub stream: &'static str,
    /// The columns that it reads, in the order of [`StoredRow::values`].
    pub columns: &'static [&'static str],
    /// How its rows come into the copy.
    pub reading: InputReading,
}

/// How the rows of an input come into the copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputReading {
    /// As those of any stream.
    Stream,
    /// By their keys, which the derivation names in [`Derived::wanted`].
    LookUp,
    /// They are not needed to compute rows, and only have to be there: for a view, or for a report.
    Beside,
}

/// A view over the rows of a copy, for sinks that have views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Its name.
    pub name: &'static str,
    /// Its query in the SQL of SQLite.
    pub sqlite: &'static str,
    /// Its query in the SQL of PostgreSQL.
    pub postgresql: &'static str,
    /// Its query in the SQL of DuckDB.
    pub duckdb: &'static str,
}

/// All that is stored of the inputs of a derivation.
#[derive(Debug, Default)]
pub struct Stored {
    /// The number of the run.
    pub run: i64,
    /// The live rows of each input, and those that the derivation made before, in the order of keys.
    pub rows: BTreeMap<String, Vec<StoredRow>>,
    /// Rows that filters exclude, and that rows in scope are below in the tree of pages, by stream. Their place
    /// is known, and nothing else of them.
    pub above: BTreeMap<String, Vec<StoredRow>>,
    /// When the set of each parent was read, by stream and by the parent's key.
    pub reads: BTreeMap<String, BTreeMap<String, Millis>>,
    /// Streams of which a part could not be read yet, and since when: what was read before belongs to
    /// an earlier state of the site.
    pub incomplete: BTreeMap<String, Millis>,
    /// When the run began.
    pub began: Millis,
    /// Whether a budget ended the run before all that is due was read: what this run read and what it did
    /// not may belong to different states of the site.
    pub is_stopped: bool,
    /// Whether the run goes on with sets that an earlier one began to read, with the same consequence.
    pub is_continued: bool,
    /// By stream, the time before which what was read is due to be read again.
    pub due: BTreeMap<String, Millis>,
}

impl Stored {
    /// The rows of a stream.
    #[must_use]
    pub fn rows(&self, stream: &str) -> &[StoredRow] {
        self.rows.get(stream).map_or(&[], Vec::as_slice)
    }

    /// The rows of a stream that filters exclude, and that rows in scope are below.
    #[must_use]
    pub fn above(&self, stream: &str) -> &[StoredRow] {
        self.above.get(stream).map_or(&[], Vec::as_slice)
    }

    /// The time before which what was read of a stream is due to be read again.
    #[must_use]
    pub fn due(&self, stream: &str) -> Millis {
        self.due.get(stream).copied().unwrap_or(Millis::MIN)
    }

    /// When the set of a parent was read. Of a stream that is incomplete, what was read before is not
    /// known any more.
    #[must_use]
    pub fn read_at(&self, stream: &str, parent: &str) -> Option<Millis> {
        let at = self.reads.get(stream)?.get(parent).copied()?;
        let since = self.incomplete.get(stream).copied();
        since.is_none_or(|since| at >= since).then_some(at)
    }
}

/// A derived row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DerivedRow {
    /// Its key.
    pub key: String,
    /// The key of the row that it belongs to.
    pub parent: Option<String>,
    /// The id of its space.
    pub container: Option<String>,
    /// The values of the stream's columns, in their order.
    pub values: Vec<DerivedValue>,
}

/// A value of a derived row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum DerivedValue {
    /// None.
    #[default]
    Null,
    /// Of a column of text or JSON.
    Text(String),
    /// Of a column of integers or instants.
    Number(i64),
}

impl From<Option<String>> for DerivedValue {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}

impl From<String> for DerivedValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for DerivedValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Millis> for DerivedValue {
    fn from(number: Millis) -> Self {
        Self::Number(number)
    }
}

impl From<Option<Millis>> for DerivedValue {
    fn from(number: Option<Millis>) -> Self {
        number.map_or(Self::Null, Self::Number)
    }
}

/// What a derivation computed.
#[derive(Debug, Default)]
pub struct Derived {
    /// All rows, in the order of keys. Rows that were there before and are not among them are removed.
    pub rows: Vec<DerivedRow>,
    /// What should be read first, by stream: the sets of these parents, or rows of an input that is
    /// read by [`InputReading::LookUp`]. Each is read once in a run; then the rows are computed again.
    pub wanted: Vec<(&'static str, Vec<Parent>)>,
    /// Streams whose lists should be read first, from the beginning, since rows of them were not seen in
    /// this run. Each is read once in a run; then the rows are computed again.
    pub unseen: BTreeSet<&'static str>,
    /// What there is to report.
    pub notices: Vec<Notice>,
    /// The same for programs, as JSON.
    pub summary: Option<String>,
}
