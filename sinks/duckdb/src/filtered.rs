//! Rows that filters exclude, and that are deleted on request.

use sync::reason;

use crate::error::Refused;
use crate::failures;
use crate::parameters::list;
use crate::scope::{MARKED, OUTSIDE};
use crate::session::Work;
use crate::tombstone::Grave;

/// Deletes the rows that are marked. Keys that filters look at stay, out of scope.
pub(crate) fn apply(work: &mut Work<'_>, grave: Grave<'_>) -> Result<Vec<(String, u64)>, Refused> {
    let marked = "SELECT stream, key FROM _sync_keys WHERE scope = $1 ORDER BY stream, key";
    let mut by_stream: Vec<(String, Vec<String>)> = Vec::new();
    for row in work.query(marked, &[&MARKED])?.iter() {
        let (Some(stream), Some(key)) = (row.text(0), row.text(1)) else {
            continue;
        };
        match by_stream.last_mut() {
            Some((last, keys)) if *last == stream => keys.push(key),
            _ => by_stream.push((stream, vec![key])),
        }
    }
    let mut counts = Vec::with_capacity(by_stream.len());
    for (stream, keys) in by_stream {
        let count = keys.len() as u64;
        let keys = list(&keys);
        grave.bury(work, &stream, &keys, reason::FILTERED)?;
        work.query(
            "UPDATE _sync_keys SET scope = $3, is_stale = true, body_hash = NULL, \
             missing_since = NULL, written_run = NULL, left_run = NULL \
             WHERE stream = $1 AND key IN (SELECT unnest($2))",
            &[&stream, &keys, &OUTSIDE],
        )?;
        work.query(
            "DELETE FROM _sync_holds WHERE stream = $1 AND key IN (SELECT unnest($2))",
            &[&stream, &keys],
        )?;
        failures::forget(work, &stream, &keys)?;
        counts.push((stream, count));
    }
    // What belongs to them is read again once they are back.
    work.query(
        "DELETE FROM _sync_children WHERE parent IN (SELECT key FROM _sync_keys WHERE scope = $1)",
        &[&OUTSIDE],
    )?;
    // What filters do not look at is found again by what it belongs to.
    work.query(
        "DELETE FROM _sync_keys AS k WHERE scope = $1 AND NOT EXISTS (SELECT 1 FROM _sync_facts AS f \
         WHERE f.stream = k.stream AND f.key = k.key)",
        &[&OUTSIDE],
    )?;
    Ok(counts)
}
