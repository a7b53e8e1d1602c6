//! Rows that could not be read, and are read again later.

use sync::{Commit, FailedRow, RowFailure};

use crate::error::Refused;
use crate::parameters::{Instant, List, list};
use crate::rows::Row;
use crate::session::Work;

/// Records the failures of a commit, and forgets those that are none any more.
pub(crate) fn record(work: &mut Work<'_>, commit: &Commit<'_>) -> Result<(), Refused> {
    let stream = &commit.pass.stream;
    if !commit.settled.is_empty() {
        forget(work, stream, &list(commit.settled))?;
    }
    for row in commit.failed {
        let before = work.query(
            "SELECT attempts, run FROM _sync_failures WHERE stream = $1 AND key = $2",
            &[stream, &row.key],
        )?;
        let attempts = before.iter().next().map_or(1, |before| {
            let is_another_run = before.integer(1) != Some(commit.run);
            before.integer(0).unwrap_or_default() + i64::from(is_another_run)
        });
        work.query(
            "INSERT INTO _sync_failures VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9) \
             ON CONFLICT (stream, key) DO UPDATE SET pass = excluded.pass, \
             code = excluded.code, message = excluded.message, run = excluded.run, \
             last_at = excluded.last_at, attempts = excluded.attempts, \
             next_at = excluded.next_at",
            &[
                stream,
                &row.key,
                &commit.pass.pass.name(),
                &row.code,
                &row.message,
                &commit.run,
                &Instant(commit.at),
                &attempts,
                &Instant(commit.at + FailedRow::distance(attempts)),
            ],
        )?;
        work.query(
            "UPDATE _sync_keys SET seen = coalesce($3, seen), missing_since = NULL \
             WHERE stream = $1 AND key = $2",
            &[stream, &row.key, &commit.mark],
        )?;
    }
    Ok(())
}

/// Forgets the failures of rows, which were read or are deleted.
pub(crate) fn forget(work: &mut Work<'_>, stream: &str, keys: &List) -> Result<(), Refused> {
    work.query(
        "DELETE FROM _sync_failures WHERE stream = $1 AND key IN (SELECT unnest($2))",
        &[&stream, keys],
    )
    .map(drop)
}

pub(crate) const ALL: &str = "SELECT stream, key, pass, code, message, epoch_ms(first_at), \
     epoch_ms(last_at), attempts, epoch_ms(next_at) FROM _sync_failures ORDER BY stream, key";

pub(crate) fn failure(row: Row<'_>) -> RowFailure {
    let text = |index| row.text(index).unwrap_or_default();
    let number = |index| row.integer(index).unwrap_or_default();
    RowFailure {
        stream: text(0),
        key: text(1),
        pass: text(2),
        code: text(3),
        message: text(4),
        first: number(5),
        last: number(6),
        attempts: number(7),
        next: number(8),
    }
}
