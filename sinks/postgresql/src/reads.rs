//! Which parents every row was read of.

use sync::Commit;

use crate::error::Refused;
use crate::instant::Instant;
use crate::session::Work;

/// Notes the parents of which every row was read. Those with rows that were not seen are due.
pub(crate) async fn read_parents(
    work: &mut Work<'_>,
    commit: &Commit<'_>,
    mark: i64,
) -> Result<(), Refused> {
    let complete = commit.read_parents;
    if complete.is_empty() {
        return Ok(());
    }
    let stream = &commit.pass.stream;
    let keys: Vec<&str> = complete.iter().map(|parent| parent.key.as_str()).collect();
    let versions: Vec<Option<i64>> = complete
        .iter()
        .map(|parent| i64::try_from(parent.version?).ok())
        .collect();
    let due = work
        .prepare(
            "DELETE FROM _sync_children WHERE stream = $1 AND parent IN \
             (SELECT parent FROM _sync_keys WHERE stream = $1 AND parent = ANY($2) \
             AND deleted_at IS NULL AND (seen IS NULL OR seen < $3))",
        )
        .await?;
    work.transaction
        .execute(&due, &[stream, &keys, &mark])
        .await?;
    let read = work
        .prepare(
            "INSERT INTO _sync_children \
             SELECT DISTINCT ON (p.key) $1, p.key, p.version, $5::timestamptz \
             FROM unnest($2::text[], $4::bigint[]) AS c (key, version) \
             JOIN _sync_keys AS p ON p.stream = ANY($6) AND p.key = c.key \
             WHERE p.deleted_at IS NULL AND (c.version IS NULL OR p.version = c.version) \
             AND NOT EXISTS (SELECT FROM _sync_keys AS s WHERE s.stream = $1 AND s.parent = p.key \
             AND s.deleted_at IS NULL AND (s.seen IS NULL OR s.seen < $3)) \
             ON CONFLICT (stream, parent) DO UPDATE SET version = excluded.version, \
             read_at = excluded.read_at",
        )
        .await?;
    let (at, parents) = (Instant(commit.at), commit.parents);
    work.transaction
        .execute(&read, &[stream, &keys, &mark, &versions, &at, &parents])
        .await?;
    Ok(())
}

/// Parents whose rows are known and were not seen are due again.
pub(crate) async fn forget_unseen(
    work: &mut Work<'_>,
    stream: &str,
    mark: i64,
) -> Result<(), Refused> {
    let due = work
        .prepare(
            "DELETE FROM _sync_children WHERE stream = $1 AND parent IN \
             (SELECT parent FROM _sync_keys WHERE stream = $1 AND deleted_at IS NULL \
             AND (seen IS NULL OR seen < $2))",
        )
        .await?;
    work.transaction.execute(&due, &[&stream, &mark]).await?;
    Ok(())
}
