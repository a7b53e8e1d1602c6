//! What a row that arrives is to a sink that knows its key, or does not.

/// What a sink knows of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The fingerprint of its row.
    pub fingerprint: String,
    /// A digest of its body, if one was stored.
    pub body_hash: Option<Vec<u8>>,
    /// Whether its row is deleted.
    pub is_deleted: bool,
    /// Whether a census saw more of it than is stored.
    pub is_stale: bool,
    /// The number of its version.
    pub version: Option<i64>,
}

/// A row that arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen<'a> {
    /// Its fingerprint.
    pub fingerprint: &'a str,
    /// A digest of its body, if it has one.
    pub body_hash: Option<&'a [u8]>,
    /// The number of its version.
    pub version: Option<i64>,
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
}

impl Change {
    /// What becomes of a row. `is_whole` and `is_rewrite` are those of the
    /// [`Commit`](crate::Commit).
    #[must_use]
    pub fn of(known: Option<&Known>, seen: Seen<'_>, is_whole: bool, is_rewrite: bool) -> Self {
        let Some(known) = known else {
            return if is_whole {
                Self::Inserted
            } else {
                Self::Stale
            };
        };
        let has_other_body = seen
            .body_hash
            .is_some_and(|hash| known.body_hash.as_deref() != Some(hash));
        let is_same = known.fingerprint == seen.fingerprint && !has_other_body && !is_rewrite;
        let is_settled = !known.is_stale || !is_whole;
        if is_same && !known.is_deleted && is_settled {
            return Self::Unchanged;
        }
        // A body is that of a version, and gone with a deleted row.
        let needs_body = known.is_stale || known.is_deleted || known.version != seen.version;
        if !is_whole && needs_body {
            return Self::Stale;
        }
        // Its body was never read: it is not there yet.
        if known.is_deleted || known.is_stale && known.body_hash.is_none() {
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
