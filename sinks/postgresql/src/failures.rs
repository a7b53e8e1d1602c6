//! Rows that could not be read, and are read again later.

use sync::{Commit, FailedRow, RowFailure};
use tokio_postgres::Row;

use crate::error::Refused;
use crate::instant::Instant;
use crate::session::Work;

/// Records the failures of a commit, and forgets those that are none any more.
pub(crate) async fn record(work: &mut Work<'_>, commit: &Commit<'_>) -> Result<(), Refused> {
    let stream = &commit.pass.stream;
    forget(work, stream, commit.settled).await?;
    for row in commit.failed {
        let before = work
            .prepare("SELECT attempts, run FROM _sync_failures WHERE stream = $1 AND key = $2")
            .await?;
        let before = work
            .transaction
            .query_opt(&before, &[stream, &row.key])
            .await?;
        let attempts = before.map_or(1, |before| {
            let (attempts, run): (i64, i64) = (before.get(0), before.get(1));
            attempts + i64::from(run != commit.run)
        });
        let record = work
            .prepare(
                "INSERT INTO _sync_failures VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9) \
                 ON CONFLICT (stream, key) DO UPDATE SET pass = excluded.pass, \
                 code = excluded.code, message = excluded.message, run = excluded.run, \
                 last_at = excluded.last_at, attempts = excluded.attempts, \
                 next_at = excluded.next_at",
            )
            .await?;
        let message = crate::json::text(&row.message);
        work.transaction
            .execute(
                &record,
                &[
                    stream,
                    &row.key,
                    &commit.pass.pass.name(),
                    &row.code,
                    &message,
                    &commit.run,
                    &Instant(commit.at),
                    &attempts,
                    &Instant(commit.at + FailedRow::distance(attempts)),
                ],
            )
            .await?;
        let see = work
            .prepare(
                "UPDATE _sync_keys SET seen = coalesce($3, seen), missing_since = NULL \
                 WHERE stream = $1 AND key = $2",
            )
            .await?;
        work.transaction
            .execute(&see, &[stream, &row.key, &commit.mark])
            .await?;
    }
    Ok(())
}

/// Forgets the failures of rows, which were read or are deleted.
pub(crate) async fn forget(
    work: &mut Work<'_>,
    stream: &str,
    keys: &[impl AsRef<str>],
) -> Result<(), Refused> {
    if keys.is_empty() {
        return Ok(());
    }
    let keys: Vec<&str> = keys.iter().map(AsRef::as_ref).collect();
    let forget = work
        .prepare("DELETE FROM _sync_failures WHERE stream = $1 AND key = ANY($2)")
        .await?;
    work.transaction.execute(&forget, &[&stream, &keys]).await?;
    Ok(())
}

pub(crate) const ALL: &str = "SELECT stream, key, pass, code, message, first_at, last_at, attempts, \
     next_at FROM _sync_failures ORDER BY stream, key";

pub(crate) fn failure(row: &Row) -> RowFailure {
    let instant = |index| row.get::<_, Instant>(index).0;
    RowFailure {
        stream: row.get(0),
        key: row.get(1),
        pass: row.get(2),
        code: row.get(3),
        message: row.get(4),
        first: instant(5),
        last: instant(6),
        attempts: row.get(7),
        next: instant(8),
    }
}
