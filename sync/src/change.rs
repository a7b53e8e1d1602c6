//! What a row that arrives is to a sink that knows its key, or does not.

use arrow_array::cast::AsArray as _;
use arrow_array::{Array, Int64Array, StringArray};
use source::{BODY, Batch, SystemColumn, VERSION_NUMBER};

use crate::admission::Admission;

/// What a sink knows of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The fingerprint of its row.
    pub fingerprint: String,
    /// A digest of its body, if one was stored.
    pub body_hash: Option<Vec<u8>>,
    /// Whether its row is deleted.
    pub is_deleted: bool,
    /// Whether it is out of scope.
    pub is_outside: bool,
    /// Whether a census saw more of it than is stored.
    pub is_stale: bool,
    /// Whether its row was ever written, as far as that is known.
    pub is_written: bool,
    /// The number of its version.
    pub version: Option<i64>,
}

/// A row that arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen<'a> {
    /// Its fingerprint.
    pub fingerprint: &'a str,
    /// The first 16 bytes of the BLAKE3 digest of its body, null being an empty one; none if the
    /// batch has no bodies.
    pub body_hash: Option<[u8; 16]>,
    /// The number of its version.
    pub version: Option<i64>,
}

/// What a batch says of its rows: their columns are found once for all of them.
#[derive(Debug)]
pub struct SeenRows<'a> {
    batch: &'a Batch,
    bodies: Option<&'a StringArray>,
    versions: Option<&'a Int64Array>,
}

impl<'a> SeenRows<'a> {
    /// The rows of a batch.
    #[must_use]
    pub fn of(batch: &'a Batch) -> Self {
        let column = |name| batch.records().column_by_name(name);
        Self {
            batch,
            bodies: column(BODY).and_then(|array| array.as_string_opt()),
            versions: column(VERSION_NUMBER).and_then(|array| array.as_primitive_opt()),
        }
    }

    /// What it says of one.
    #[must_use]
    pub fn seen(&self, row: usize) -> Seen<'a> {
        let digest = self.bodies.map(|bodies| {
            let body = is_there(bodies, row).then(|| bodies.value(row));
            blake3::hash(body.unwrap_or_default().as_bytes())
        });
        let version = self
            .versions
            .filter(|versions| is_there(versions, row))
            .map(|versions| versions.value(row));
        let fingerprint = self.batch.system(SystemColumn::Fingerprint, row);
        Seen {
            fingerprint: fingerprint.unwrap_or_default(),
            body_hash: digest.and_then(|digest| digest.as_bytes().first_chunk().copied()),
            version,
        }
    }
}

fn is_there(array: &dyn Array, row: usize) -> bool {
    row < array.len() && array.is_valid(row)
}

/// What becomes of a row that arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is as it was.
    Unchanged,
    /// Its key is noted as stale, and nothing of it is written: half of a row is none.
    Stale,
    /// It is written, and was not there.
    Inserted,
    /// It is written, and was different.
    Updated,
    /// It is out of scope, and nothing of it is written.
    Outside,
}

impl Change {
    /// What becomes of a row that filters say this of. `is_whole` and `is_rewrite` are those of the
    /// [`Commit`](crate::Commit).
    #[must_use]
    pub fn admitted(
        admission: Admission,
        known: Option<&Known>,
        seen: Seen<'_>,
        is_whole: bool,
        is_rewrite: bool,
    ) -> Self {
        match admission {
            Admission::Inside => Self::of(known, seen, is_whole, is_rewrite),
            Admission::Outside => Self::Outside,
            Admission::Undecided => {
                let is_same = known.is_some_and(|known| {
                    known.fingerprint == seen.fingerprint && !known.is_deleted
                });
                if is_same {
                    Self::Unchanged
                } else {
                    Self::Stale
                }
            }
        }
    }

    /// Whether the key of such a row is in scope once it is noted. `None`: that stays as it is.
    #[must_use]
    pub fn is_in_scope(admission: Admission, known: Option<&Known>) -> Option<bool> {
        // What is undecided is out of scope, unless its row is there.
        let is_there = known.is_some_and(|known| !known.is_deleted);
        match admission {
            Admission::Undecided if is_there => None,
            Admission::Undecided => Some(false),
            _ => Some(true),
        }
    }

    /// What becomes of a row. `is_whole` and `is_rewrite` are those of the
    /// [`Commit`](crate::Commit).
    fn of(known: Option<&Known>, seen: Seen<'_>, is_whole: bool, is_rewrite: bool) -> Self {
        let Some(known) = known else {
            return if is_whole {
                Self::Inserted
            } else {
                Self::Stale
            };
        };
        let has_other_body = seen
            .body_hash
            .is_some_and(|hash| known.body_hash.as_deref() != Some(hash.as_slice()));
        let is_same = known.fingerprint == seen.fingerprint && !has_other_body && !is_rewrite;
        let is_settled = !known.is_stale || !is_whole;
        let is_gone = known.is_deleted || known.is_outside;
        if is_same && !is_gone && is_settled {
            return Self::Unchanged;
        }
        // A body is that of a version, and gone with a deleted row.
        let needs_body = known.is_stale || is_gone || known.version != seen.version;
        if !is_whole && needs_body {
            return Self::Stale;
        }
        // Only its key was noted: it is not there yet.
        let is_noted = known.is_stale && known.body_hash.is_none() && !known.is_written;
        if is_gone || is_noted {
            Self::Inserted
        } else {
            Self::Updated
        }
    }

    /// Whether the row is written.
    #[must_use]
    pub const fn is_written(self) -> bool {
        matches!(self, Self::Inserted | Self::Updated)
    }
}
