//! One change of a row.

use crate::{Version, dates::iso_ms, fingerprint::Fingerprint};

/// Time before the instant that is read again. Servers' clocks differ, and a change becomes
/// visible after the time that it bears.
pub(super) const OVERLAP_MS: i64 = 5 * 60 * 1_000;

/// One change of a row: when, unless the row does not say, and a hash of id and version.
pub(super) struct Change {
    pub(super) at: Option<i64>,
    pub(super) hash: u64,
}

impl Change {
    pub(super) fn of(id: &str, version: Option<&Version>) -> Self {
        let mut hash = Fingerprint::new();
        hash.add(id.as_bytes());
        let number = version.and_then(|version| version.number);
        hash.add(&number.unwrap_or_default().to_le_bytes());
        // When the row was created says nothing of when it changed.
        let at = version.and_then(|version| version.created_at.as_deref());
        Self {
            at: at.and_then(iso_ms),
            hash: hash.value(),
        }
    }
}
