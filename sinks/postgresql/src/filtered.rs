//! Rows that filters exclude, and that are deleted on request.

use sync::reason;

use crate::error::Refused;
use crate::failures;
use crate::scope::{MARKED, OUTSIDE};
use crate::session::Work;
use crate::tombstone::Grave;

/// Deletes the rows that are marked. Keys that filters look at stay, out of scope.
pub(crate) async fn apply(
    work: &mut Work<'_>,
    grave: Grave<'_>,
) -> Result<Vec<(String, u64)>, Refused> {
    let marked = "SELECT stream, key FROM _sync_keys WHERE scope = $1 ORDER BY stream, key";
    let marked = work.prepare(marked).await?;
    let rows = work.transaction.query(&marked, &[&MARKED]).await?;
    let mut by_stream: Vec<(String, Vec<String>)> = Vec::new();
    for row in &rows {
        let (stream, key): (String, String) = (row.get(0), row.get(1));
        match by_stream.last_mut() {
            Some((last, keys)) if *last == stream => keys.push(key),
            _ => by_stream.push((stream, vec![key])),
        }
    }
    let mut counts = Vec::with_capacity(by_stream.len());
    for (stream, keys) in by_stream {
        grave.bury(work, &stream, &keys, reason::FILTERED).await?;
        let note = work
            .prepare(
                "UPDATE _sync_keys SET scope = $3, is_stale = true, body_hash = NULL, \
                 missing_since = NULL, written_run = NULL, left_run = NULL WHERE stream = $1 AND key = ANY($2)",
            )
            .await?;
        work.transaction
            .execute(&note, &[&stream, &keys, &OUTSIDE])
            .await?;
        let holds = "DELETE FROM _sync_holds WHERE stream = $1 AND key = ANY($2)";
        let holds = work.prepare(holds).await?;
        work.transaction.execute(&holds, &[&stream, &keys]).await?;
        failures::forget(work, &stream, &keys).await?;
        counts.push((stream, keys.len() as u64));
    }
    // What belongs to them is read again once they are back.
    let due = work
        .prepare(
            "DELETE FROM _sync_children WHERE parent IN (SELECT key FROM _sync_keys WHERE scope = $1)",
        )
        .await?;
    work.transaction.execute(&due, &[&OUTSIDE]).await?;
    // What filters do not look at is found again by what it belongs to.
    let forget = work
        .prepare(
            "DELETE FROM _sync_keys AS k WHERE scope = $1 AND NOT EXISTS (SELECT FROM _sync_facts AS f \
             WHERE f.stream = k.stream AND f.key = k.key)",
        )
        .await?;
    work.transaction.execute(&forget, &[&OUTSIDE]).await?;
    Ok(counts)
}
