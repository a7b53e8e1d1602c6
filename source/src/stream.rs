//! Streams: descriptions of what a source has.

use std::sync::Arc;

use arrow_schema::Schema;

use crate::column::{BODY, Column};
use crate::nearest::known_names;
use crate::pass::Pass;
use crate::projection::Projection;
use crate::system::SystemColumn;

/// The description of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// Its name, in snake case.
    pub name: String,
    /// What its rows are and where they come from, in Markdown.
    pub documentation: String,
    /// Names of the columns whose values together identify a row.
    pub key: Vec<String>,
    /// Names of the streams whose rows are the parents of a step. Empty: it is listed without.
    pub parents: Vec<String>,
    /// Whether it can be read by space.
    pub by_space: bool,
    /// Its columns, in order, without those of [`SystemColumn`].
    pub columns: Vec<Column>,
    /// The passes that it supports.
    pub passes: Vec<Pass>,
    /// OAuth scopes, of which one of each list is needed.
    pub scopes: Vec<Vec<String>>,
    /// Points of the site's rate limit for each row, in addition to one for each request.
    pub points_per_row: u32,
    /// Whether it is read if no streams are named.
    pub is_default: bool,
    /// Names of the settings that it needs.
    pub settings: Vec<String>,
}

/// A name that no stream has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no stream `{name}`; {}", known_names(.name, "streams", .streams))]
#[non_exhaustive]
pub struct NoSuchStream {
    /// The name.
    pub name: String,
    /// The names of all streams.
    pub streams: Vec<String>,
}

impl Stream {
    /// The stream of this name.
    ///
    /// # Errors
    ///
    /// [`NoSuchStream`], with the nearest names.
    pub fn find<'a>(streams: &'a [Self], name: &str) -> Result<&'a Self, NoSuchStream> {
        let found = streams.iter().find(|stream| stream.name == name);
        found.ok_or_else(|| NoSuchStream {
            name: name.to_owned(),
            streams: streams.iter().map(|stream| stream.name.clone()).collect(),
        })
    }

    /// Whether it supports a pass.
    #[must_use]
    pub fn has(&self, pass: Pass) -> bool {
        self.passes.contains(&pass)
    }

    /// The pass that shows all of its keys.
    #[must_use]
    pub fn census(&self) -> Pass {
        if self.has(Pass::Census) {
            Pass::Census
        } else {
            Pass::Full
        }
    }

    /// Its column of this name, whether its own or one that every stream has.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<Column> {
        let own = self.columns.iter().find(|column| column.name == name);
        own.cloned()
            .or_else(|| SystemColumn::named(name).map(SystemColumn::column))
    }

    /// The columns of the batches that a projection makes, in their order.
    #[must_use]
    pub fn projected(&self, projection: &Projection) -> Vec<Column> {
        let is_wanted = |column: &&Column| {
            if projection.columns.is_empty() {
                !column.on_request || projection.body_format.is_some() && column.name == BODY
            } else {
                projection.columns.contains(&column.name)
            }
        };
        let before = SystemColumn::ALWAYS.map(SystemColumn::column);
        let after = projection.raw.then(|| SystemColumn::Raw.column());
        before
            .into_iter()
            .chain(self.columns.iter().filter(is_wanted).cloned())
            .chain(after)
            .collect()
    }

    /// The schema of the batches that a projection makes.
    #[must_use]
    pub fn schema(&self, projection: &Projection) -> Arc<Schema> {
        schema(&self.projected(projection))
    }
}

/// The schema of batches with these columns.
pub(crate) fn schema(columns: &[Column]) -> Arc<Schema> {
    let fields: Vec<_> = columns.iter().map(Column::field).collect();
    Arc::new(Schema::new(fields))
}
