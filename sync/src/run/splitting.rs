//! Rows that are made of the bodies of a step.

use source::{Batch, Stream, SystemColumn};

use super::{Engine, StreamReport, SyncError, derived};
use crate::admission::{Admission, Admitted};
use crate::derivation::DerivedRow;
use crate::sink::{Counts, Parts};
use crate::split::Split;

/// A stream that is made of bodies, in a run.
pub(super) struct Splitting<'a> {
    split: &'a dyn Split,
    pub(super) report: StreamReport,
}

impl<'a> Splitting<'a> {
    pub(super) fn new(split: &'a dyn Split) -> Self {
        let report = StreamReport {
            stream: split.stream().name.clone(),
            ..StreamReport::default()
        };
        Self { split, report }
    }
}

impl Splitting<'_> {
    /// The same stream, of which nothing is counted yet.
    pub(super) fn anew(&self) -> Self {
        Self::new(self.split)
    }
}

impl Engine<'_> {
    /// Counts what was made of the rows of a stream that was read beside others.
    pub(super) fn add_made(&mut self, made: &[Counts]) {
        for (splitting, counts) in self.splits.iter_mut().zip(made) {
            splitting.report.counts.add(*counts);
        }
    }

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
                let text = |column: SystemColumn, row| batch.text(column.name(), row);
                let is_live =
                    |row: &usize| text(SystemColumn::Deleted, *row).is_none() && is_inside(*row);
                let live: Vec<usize> = (0..batch.rows()).filter(is_live).collect();
                let keys = live.iter().filter_map(|row| text(SystemColumn::Key, *row));
                let of = keys.map(str::to_owned).collect();
                let made = live
                    .iter()
                    .flat_map(|row| splitting.split.split(batch, *row));
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

    /// Counts what was made: one for each of [`Engine::parts`].
    pub(super) fn count_parts(&mut self, parts: &[Parts], counts: &[Counts]) {
        for (parts, counts) in parts.iter().zip(counts) {
            let mut splits = self.splits.iter_mut();
            let of_stream = splits.find(|one| one.report.stream == parts.batch.stream());
            if let Some(splitting) = of_stream {
                splitting.report.counts.add(*counts);
            }
        }
    }

    fn splits_of<'s>(&'s self, stream: &'s Stream) -> impl Iterator<Item = &'s Splitting<'s>> {
        let is_of = |one: &&Splitting<'_>| one.split.stream().parents.contains(&stream.name);
        self.splits.iter().filter(is_of)
    }
}
