//! Rows that are made of the bodies of a step.

use source::{Batch, Stream, SystemColumn};

use super::{Engine, StreamReport, SyncError, SyncRequest, derived};
use crate::admission::{Admission, Admitted};
use crate::derivation::DerivedRow;
use crate::sink::Parts;
use crate::split::Split;

/// A stream that is made of bodies, in a run.
pub(super) struct Splitting<'a> {
    split: &'a dyn Split,
    /// Whether the bodies of the run have its format. Of others nothing is made, and what was made before
    /// is removed.
    is_made: bool,
    pub(super) report: StreamReport,
}

impl<'a> Splitting<'a> {
    pub(super) fn new(split: &'a dyn Split, request: &SyncRequest) -> Self {
        Self {
            split,
            is_made: request.bodies.as_deref() == Some(split.body_format()),
            report: StreamReport::of(split.stream()),
        }
    }

    /// The same stream, of which nothing is counted yet.
    pub(super) fn anew(&self) -> Self {
        Self {
            report: StreamReport::of(self.split.stream()),
            ..*self
        }
    }
}

impl Engine<'_> {
    /// What is made of rows that have their bodies, and that are in scope by `admitted`; empty, all are.
    pub(super) fn parts(
        &self,
        stream: &Stream,
        batches: &[Batch],
        admitted: &[Vec<Admitted>],
    ) -> Result<Vec<Parts>, SyncError> {
        let mut parts = Vec::new();
        for splitting in self.splits_of(stream) {
            for (place, batch) in batches.iter().enumerate() {
                let admitted = admitted.get(place);
                let is_inside = |row: usize| {
                    let of_row = admitted.and_then(|rows| rows.get(row));
                    of_row.is_none_or(|it| it.admission == Admission::Inside)
                };
                let is_live = |row: &usize| {
                    batch.system(SystemColumn::Deleted, *row).is_none() && is_inside(*row)
                };
                let live: Vec<usize> = (0..batch.rows()).filter(is_live).collect();
                let keys = live
                    .iter()
                    .filter_map(|row| batch.system(SystemColumn::Key, *row));
                let of = keys.map(str::to_owned).collect();
                let is_made = splitting.is_made && !self.request.not_split.contains(&stream.name);
                let rows = live.iter().filter(|_| is_made);
                let made = rows.flat_map(|row| splitting.split.split(batch, *row));
                let made: Vec<DerivedRow> = made.collect();
                let made = derived::batch(splitting.split.stream(), &[], &made);
                let batch = made.map_err(|error| SyncError::Derived {
                    stream: splitting.report.stream.clone(),
                    error: Box::new(error),
                })?;
                parts.push(Parts { batch, of });
            }
        }
        Ok(parts)
    }

    fn splits_of<'s>(&'s self, stream: &'s Stream) -> impl Iterator<Item = &'s Splitting<'s>> {
        let is_of = |one: &&Splitting<'_>| one.split.stream().parents.contains(&stream.name);
        self.splits.iter().filter(is_of)
    }
}
