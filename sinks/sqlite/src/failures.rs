//! Rows that could not be read, and are read again later.

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use sync::{Commit, FailedRow, RowFailure};

/// Records the failures of a commit, and forgets those that are none any more.
pub(crate) fn record(transaction: &Transaction<'_>, commit: &Commit<'_>) -> rusqlite::Result<()> {
    let stream = &commit.pass.stream;
    for key in commit.settled {
        forget(transaction, stream, key)?;
    }
    for row in commit.failed {
        let before: Option<(i64, i64)> = transaction
            .prepare_cached(
                "SELECT attempts, run FROM _sync_failures WHERE stream = ?1 AND key = ?2",
            )?
            .query_row(params![stream, row.key], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let attempts = match before {
            Some((attempts, run)) => attempts + i64::from(run != commit.run),
            None => 1,
        };
        transaction
            .prepare_cached(
                "INSERT INTO _sync_failures VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9) \
                 ON CONFLICT DO UPDATE SET pass = excluded.pass, code = excluded.code, \
                 message = excluded.message, run = excluded.run, last_at = excluded.last_at, \
                 attempts = excluded.attempts, next_at = excluded.next_at",
            )?
            .execute(params![
                stream,
                row.key,
                commit.pass.pass.name(),
                row.code,
                row.message,
                commit.run,
                commit.at,
                attempts,
                commit.at + FailedRow::distance(attempts),
            ])?;
        transaction
            .prepare_cached(
                "UPDATE _sync_keys SET seen = coalesce(?3, seen), missing_since = NULL \
                 WHERE stream = ?1 AND key = ?2",
            )?
            .execute(params![stream, row.key, commit.mark])?;
    }
    Ok(())
}

/// Whether rows of a stream could not be read.
pub(crate) fn exist(transaction: &Transaction<'_>, stream: &str) -> rusqlite::Result<bool> {
    transaction
        .prepare_cached("SELECT 1 FROM _sync_failures WHERE stream = ?1")?
        .exists([stream])
}

/// Forgets the failure of a row, which was read or is deleted.
pub(crate) fn forget(
    transaction: &Transaction<'_>,
    stream: &str,
    key: &str,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("DELETE FROM _sync_failures WHERE stream = ?1 AND key = ?2")?
        .execute([stream, key])?;
    Ok(())
}

pub(crate) fn all(connection: &Connection) -> rusqlite::Result<Vec<RowFailure>> {
    connection
        .prepare_cached(
            "SELECT stream, key, pass, code, message, first_at, last_at, attempts, next_at \
             FROM _sync_failures ORDER BY stream, key",
        )?
        .query_map([], |row| {
            Ok(RowFailure {
                stream: row.get(0)?,
                key: row.get(1)?,
                pass: row.get(2)?,
                code: row.get(3)?,
                message: row.get(4)?,
                first: row.get(5)?,
                last: row.get(6)?,
                attempts: row.get(7)?,
                next: row.get(8)?,
            })
        })?
        .collect()
}
