//! What the module of a stream says of it, as a table.

use super::request::Pass;
use crate::{
    columns::{Complete, Nested, Shape},
    query::call::Paging,
};

/// A stream, as its module describes it.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(super) name: &'static str,
    pub(super) documentation: &'static str,
    pub(super) shape: Shape,
    pub(super) parents: &'static [&'static str],
    /// Supported passes, each once.
    pub(super) passes: &'static [Pass],
    pub(super) scopes: &'static [&'static [&'static str]],
    pub(super) points: u32,
    pub(super) default: bool,
    pub(super) settings: &'static [&'static str],
    /// How each pass is read: the first that fits is taken.
    pub(super) reads: &'static [Read],
    /// How rows are divided, if the response feeds another stream, too.
    pub(super) route: Option<Route>,
}

/// How the rows of a response are divided between two streams of the same columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route {
    /// A column.
    pub(super) column: &'static str,
    /// Stream of the rows that have a value in it.
    pub(super) with: &'static str,
    /// Stream of the others.
    pub(super) without: &'static str,
}

/// How a pass over a stream is read.
#[derive(Debug)]
pub(crate) struct Read {
    pub(super) passes: &'static [Pass],
    /// Stands behind "cannot": `list pages`.
    pub(super) doing: &'static str,
    /// The scopes that an error names.
    pub(super) scope: &'static str,
    /// Path below `/wiki`. `{parent}` is the key of a parent.
    pub(super) path: &'static str,
    pub(super) paging: Paging,
    /// Parameters that are the same in all requests.
    pub(super) fixed: &'static [(&'static str, &'static str)],
    /// Parameter of the space's id. Empty: it has none.
    pub(super) space: &'static str,
    /// Parameter of the body's format. Empty: it has none.
    pub(super) body: &'static str,
    /// The lists that it consists of.
    pub(super) parts: Parts,
    /// The column with the instant of a row's last change: rows are sorted by it, newest first. Empty:
    /// they are not.
    pub(super) newest_first: &'static str,
    /// The response is one row, and no list.
    pub(super) single: bool,
    /// What has lists that may be longer than the response.
    pub(super) read_on: &'static [ReadOn],
    /// Lists within the rows, if their elements are the stream's rows.
    pub(super) nested: Option<&'static Nested>,
    /// The rows are sketches of this shape, and which of them are complete.
    pub(super) sketch: Option<(&'static Shape, Complete)>,
    /// Statuses that mean that this site or account does not have the stream. A 404 of Confluence means that
    /// only if all parents get it: a hidden one does, too.
    pub(super) unsupported: &'static [u16],
}

/// A key of a response, and how its lists are read on: at a path below that of the response, from `start`
/// on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReadOn {
    /// The key, which is the path, too. The counts of its lists begin with it.
    pub(super) key: &'static str,
    /// What makes a response of the shape of the first one out of one of the path: what is before it, and
    /// after it.
    pub(super) around: (&'static str, &'static str),
}

/// The lists that a pass consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parts {
    /// One.
    One,
    /// One for each value of a setting, which is a parameter.
    Setting(&'static str, &'static str),
    /// One for each parameter, whose value is the instant that changes are read from.
    Since(&'static [&'static str]),
    /// One for each parent.
    Parents,
    /// One, whose rows are named by the parents: the parameter, and how many one request takes.
    ParentsAtOnce(&'static str, usize),
    /// One for each so many parents, whose ids are a condition beside this one in CQL.
    ParentsInCql(&'static str, usize),
}

impl Parts {
    /// Whether a step needs parents.
    pub(super) const fn are_of_parents(self) -> bool {
        matches!(
            self,
            Self::Parents | Self::ParentsAtOnce(..) | Self::ParentsInCql(..)
        )
    }
}

impl Read {
    pub(super) const NEW: Self = Self {
        passes: &[],
        doing: "",
        scope: "",
        path: "",
        paging: Paging::Cursor,
        fixed: &[],
        space: "",
        body: "",
        parts: Parts::One,
        newest_first: "",
        single: false,
        read_on: &[],
        nested: None,
        sketch: None,
        unsupported: &[],
    };
}

impl Stream {
    /// How a pass is read, with parents or without. If there is one way only, it is taken.
    pub(super) fn read(&self, pass: Pass, has_parents: bool) -> Option<&'static Read> {
        let reads = || self.reads.iter().filter(|read| read.passes.contains(&pass));
        reads()
            .find(|read| read.parts.are_of_parents() == has_parents)
            .or_else(|| reads().next())
    }
}
