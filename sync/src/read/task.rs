//! Tasks: what is left to read.

use source::{Parent, Pass, Projection, StepRequest, Stream, VERSION_NUMBER};

use super::request::{ReadRequest, chosen};
use crate::folders::{PLACE, is_of_folders};

/// A pass over a partition, or over the children of some parents, and how far it has come.
#[derive(Debug, Clone)]
pub(super) struct Task<'a> {
    pub(super) stream: &'a Stream,
    /// Streams that are read of its rows, the last one first. Empty: its rows are what is to be read.
    pub(super) children: Vec<&'a Stream>,
    partition: Option<String>,
    parents: Vec<Parent>,
    state: Option<String>,
}

impl<'a> Task<'a> {
    /// The rows of the stream in a partition, from the beginning.
    pub(super) const fn own(stream: &'a Stream, partition: Option<String>) -> Self {
        Self {
            stream,
            children: Vec::new(),
            partition,
            parents: Vec::new(),
            state: None,
        }
    }

    /// The rows of one of its stream's parents in the same partition, from the beginning.
    pub(super) fn of(&self, parent: &'a Stream) -> Self {
        let mut children = self.children.clone();
        children.push(self.stream);
        Self {
            children,
            ..Self::own(parent, self.partition.clone())
        }
    }

    /// The rows of its next child that belong to these parents.
    pub(super) fn with_parents(&self, parents: Vec<Parent>) -> Self {
        let mut children = self.children.clone();
        let child = children.pop().unwrap_or(self.stream);
        Self {
            children,
            parents,
            ..Self::own(child, self.partition.clone())
        }
    }

    /// What is behind a state.
    pub(super) fn after(&self, state: Option<String>) -> Self {
        Self {
            state,
            ..self.clone()
        }
    }

    /// The stream that its rows are parents in; itself, if its rows are what is to be read.
    pub(super) fn child(&self) -> &'a Stream {
        self.children.last().copied().unwrap_or(self.stream)
    }

    /// Whether its rows are what is to be read.
    pub(super) const fn is_own(&self) -> bool {
        self.children.is_empty()
    }

    /// Whether it reads rows without parents.
    pub(super) const fn is_alone(&self) -> bool {
        self.parents.is_empty()
    }

    /// Whether its rows lead to those of a stream.
    pub(super) fn is_for(&self, stream: &str) -> bool {
        let names = self.children.iter().chain([&self.stream]);
        names.into_iter().any(|child| child.name == stream)
    }

    /// Its next step.
    pub(super) fn request(&self, read: &ReadRequest, pass: Pass) -> StepRequest {
        let stream = self.stream;
        let (pass, projection) = if self.is_own() {
            (pass, read.projection.clone())
        } else {
            (
                listing(stream).unwrap_or_else(|| chosen(stream)),
                keys(stream, self.child()),
            )
        };
        StepRequest {
            projection,
            // Children are of the space of their parents, which need not be known by space.
            partition: self
                .partition
                .clone()
                .filter(|_| stream.by_space && self.is_alone()),
            parents: self.parents.clone(),
            state: self.state.clone(),
            budget: read.budget,
            settings: read.settings.clone(),
            ..StepRequest::new(&stream.name, pass)
        }
    }
}

/// The pass that lists all keys of a stream without parents, if there is one.
pub(super) fn listing(stream: &Stream) -> Option<Pass> {
    let passes = [Pass::Census, Pass::Full];
    passes.into_iter().find(|pass| stream.has(*pass))
}

/// The key columns of a stream, and what else a child is read by: the number of a row's version, or the
/// folder that it is in.
fn keys(stream: &Stream, child: &Stream) -> Projection {
    let mut keys = Projection {
        columns: stream.key.clone(),
        ..Projection::default()
    };
    if stream.column(VERSION_NUMBER).is_some() {
        keys.add(&[VERSION_NUMBER]);
    }
    if is_of_folders(child) {
        keys.add(&PLACE);
    }
    keys
}
