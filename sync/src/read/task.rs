//! Tasks: what is left to read.

use source::{Parent, Pass, Projection, StepRequest, Stream, VERSION_NUMBER};

use super::request::ReadRequest;

/// Whose rows a task reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    /// Those of the stream.
    Own,
    /// Those of one of its parents, of this name.
    Parent(String),
}

/// A pass over a partition, or over the children of some parents, and how far it has come.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) role: Role,
    partition: Option<String>,
    parents: Vec<Parent>,
    state: Option<String>,
}

impl Task {
    /// The rows of the stream in a partition, from the beginning.
    pub(super) const fn own(partition: Option<String>) -> Self {
        Self {
            role: Role::Own,
            partition,
            parents: Vec::new(),
            state: None,
        }
    }

    /// The same partition of other rows, from the beginning.
    pub(super) fn of(&self, role: Role) -> Self {
        Self {
            role,
            ..Self::own(self.partition.clone())
        }
    }

    /// The rows of the stream that belong to these parents.
    pub(super) fn with_parents(&self, parents: Vec<Parent>) -> Self {
        Self {
            parents,
            ..Self::own(self.partition.clone())
        }
    }

    /// What is behind a state.
    pub(super) fn after(&self, state: Option<String>) -> Self {
        Self {
            state,
            ..self.clone()
        }
    }

    /// Whether it reads rows of the stream without parents.
    pub(super) fn is_alone(&self) -> bool {
        self.role == Role::Own && self.parents.is_empty()
    }

    /// Its next step.
    pub(super) fn request(
        &self,
        stream: &Stream,
        streams: &[Stream],
        read: &ReadRequest,
        pass: Pass,
    ) -> StepRequest {
        match &self.role {
            Role::Own => StepRequest {
                projection: read.projection.clone(),
                // Children are of the space of their parents, which need not be known by space.
                partition: self
                    .partition
                    .clone()
                    .filter(|_| stream.by_space && self.parents.is_empty()),
                parents: self.parents.clone(),
                ..self.step(stream, read, pass)
            },
            Role::Parent(name) => {
                let parent = streams.iter().find(|stream| stream.name == *name);
                let Some(parent) = parent else {
                    return self.step(stream, read, pass);
                };
                StepRequest {
                    projection: keys(parent),
                    partition: self.partition.clone().filter(|_| parent.by_space),
                    ..self.step(parent, read, parent.census())
                }
            }
        }
    }

    fn step(&self, stream: &Stream, read: &ReadRequest, pass: Pass) -> StepRequest {
        StepRequest {
            state: self.state.clone(),
            budget: read.budget,
            settings: read.settings.clone(),
            ..StepRequest::new(&stream.name, pass)
        }
    }
}

/// The key columns of a stream, and the number of a row's version, which children are read by.
fn keys(stream: &Stream) -> Projection {
    let mut columns = stream.key.clone();
    if stream.column(VERSION_NUMBER).is_some() && !columns.iter().any(|name| name == VERSION_NUMBER)
    {
        columns.push(VERSION_NUMBER.to_owned());
    }
    Projection {
        columns,
        ..Projection::default()
    }
}
