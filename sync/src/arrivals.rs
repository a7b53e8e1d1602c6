//! Rows of a batch as they arrive at a sink that looks up all of their keys at once.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use source::{Batch, SystemColumn};

use crate::admission::Admission;
use crate::change::{Change, Known, Seen, SeenRows};
use crate::sink::{Commit, Counts};

/// A row of a batch that is not deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival<'a> {
    /// Its place in the batch.
    pub place: usize,
    /// Its key.
    pub key: Cow<'a, str>,
    /// Its fingerprint.
    pub fingerprint: Cow<'a, str>,
    /// As [`Seen::body_hash`].
    pub body_hash: Option<[u8; 16]>,
    /// The number of its version.
    pub version: Option<i64>,
}

impl Arrival<'_> {
    fn seen(&self) -> Seen<'_> {
        Seen {
            fingerprint: &self.fingerprint,
            body_hash: self.body_hash,
            version: self.version,
        }
    }
}

/// The rows of a batch. Of rows with the same key the last one counts.
#[derive(Debug, Default)]
pub struct Arrivals<'a> {
    /// Those that are there, in the order of the batch.
    pub rows: Vec<Arrival<'a>>,
    /// The keys of those that say that they are deleted, by reason.
    pub deleted: BTreeMap<String, Vec<String>>,
}

impl<'a> Arrivals<'a> {
    /// Those of a batch. `stored` is how the sink stores a text.
    #[must_use]
    pub fn of(batch: &'a Batch, stored: fn(&'a str) -> Cow<'a, str>) -> Self {
        let text = |column: SystemColumn, row| batch.system(column, row).map(stored);
        let mut last = HashMap::new();
        for place in 0..batch.rows() {
            if let Some(key) = text(SystemColumn::Key, place) {
                last.insert(key, place);
            }
        }
        let mut arrivals = Self::default();
        let rows = SeenRows::of(batch);
        for place in 0..batch.rows() {
            let Some(key) = text(SystemColumn::Key, place) else {
                continue;
            };
            if last.get(&key) != Some(&place) {
                continue;
            }
            if let Some(reason) = text(SystemColumn::Deleted, place) {
                let keys = arrivals.deleted.entry(reason.into_owned()).or_default();
                keys.push(key.into_owned());
                continue;
            }
            let seen = rows.seen(place);
            arrivals.rows.push(Arrival {
                place,
                key,
                fingerprint: stored(seen.fingerprint),
                body_hash: seen.body_hash,
                version: seen.version,
            });
        }
        arrivals
    }
}

/// A row whose key is noted anew.
#[derive(Debug, Clone, Copy)]
pub struct ChangedRow<'a> {
    /// The row.
    pub row: &'a Arrival<'a>,
    /// What becomes of it.
    pub change: Change,
    /// Whether it is in scope. `None`: that stays as it is.
    pub is_in_scope: Option<bool>,
}

impl ChangedRow<'_> {
    /// The number of the run, if the run adds the row.
    #[must_use]
    pub fn added_by(&self, run: i64) -> Option<i64> {
        (self.change == Change::Inserted).then_some(run)
    }

    /// The number of the run, if the run writes the row.
    #[must_use]
    pub fn written_by(&self, run: i64) -> Option<i64> {
        self.change.is_written().then_some(run)
    }
}

/// What becomes of the rows of a batch.
#[derive(Debug, Default)]
pub struct Decided<'a> {
    /// Keys that were seen, and whose rows stay as they are.
    pub unchanged: Vec<&'a str>,
    /// Rows with known keys that are out of scope now.
    pub outside: Vec<&'a Arrival<'a>>,
    /// Rows whose keys are noted anew.
    pub changed: Vec<ChangedRow<'a>>,
    /// What is noted for filters, by key.
    pub facts: Vec<(&'a str, &'a str)>,
}

impl<'a> Decided<'a> {
    /// Decides about rows of which this is known, by key, and counts them. `place` is that of their
    /// batch in the commit; parts have none, and are in scope.
    pub fn of(
        rows: &'a [Arrival<'a>],
        known: &HashMap<String, Known>,
        commit: &'a Commit<'_>,
        place: Option<usize>,
        counts: &mut Counts,
    ) -> Self {
        let mut decided = Self::default();
        for row in rows {
            let known = known.get(&*row.key);
            let admission = place.map_or(Admission::Inside, |place| {
                commit.admission(place, row.place)
            });
            let change = Change::admitted(
                admission,
                known,
                row.seen(),
                commit.is_whole,
                commit.is_rewrite,
            );
            counts.count(change);
            if let Some(facts) = place.and_then(|place| commit.facts(place, row.place))
                && (known.is_some() || change != Change::Outside)
            {
                decided.facts.push((&row.key, facts));
            }
            match change {
                Change::Unchanged => decided.unchanged.push(&row.key),
                Change::Outside if known.is_some() => {
                    decided.unchanged.push(&row.key);
                    decided.outside.push(row);
                }
                Change::Outside => {}
                _ => decided.changed.push(ChangedRow {
                    row,
                    change,
                    is_in_scope: Change::is_in_scope(admission, known),
                }),
            }
        }
        decided
    }

    /// The rows that are written.
    #[must_use]
    pub fn written(&self) -> Vec<&'a Arrival<'a>> {
        let written = self.changed.iter().filter(|row| row.change.is_written());
        written.map(|changed| changed.row).collect()
    }
}
