//! Which parents every row was read of.

use sync::Commit;

use crate::error::Refused;
use crate::parameters::{Instant, list};
use crate::session::Work;

/// Notes the parents of which every row was read. Those with rows that were not seen are due.
pub(crate) fn read_parents(
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
    let keys = list(&keys);
    let versions: Vec<Option<i64>> = complete
        .iter()
        .map(|parent| i64::try_from(parent.version?).ok())
        .collect();
    work.query(
        "DELETE FROM _sync_children WHERE stream = $1 AND parent IN \
         (SELECT parent FROM _sync_keys WHERE stream = $1 AND parent IN (SELECT unnest($2)) \
         AND deleted_at IS NULL AND (seen IS NULL OR seen < $3))",
        &[stream, &keys, &mark],
    )?;
    work.query(
        "INSERT INTO _sync_children \
         SELECT DISTINCT ON (p.key) $1, p.key, p.version, $5 \
         FROM (SELECT unnest($2) AS key, unnest($4) AS version) AS c \
         JOIN _sync_keys AS p ON p.stream IN (SELECT unnest($6)) AND p.key = c.key \
         WHERE p.deleted_at IS NULL AND (c.version IS NULL OR p.version = c.version) \
         AND p.key NOT IN (SELECT s.parent FROM _sync_keys AS s WHERE s.stream = $1 \
         AND s.parent IS NOT NULL AND s.deleted_at IS NULL AND (s.seen IS NULL OR s.seen < $3)) \
         ON CONFLICT (stream, parent) DO UPDATE SET version = excluded.version, \
         read_at = excluded.read_at",
        &[
            stream,
            &keys,
            &mark,
            &list(&versions),
            &Instant(commit.at),
            &list(commit.parents),
        ],
    )?;
    Ok(())
}

/// Parents whose rows are known and were not seen are due again.
pub(crate) fn forget_unseen(work: &mut Work<'_>, stream: &str, mark: i64) -> Result<(), Refused> {
    work.query(
        "DELETE FROM _sync_children WHERE stream = $1 AND parent IN \
         (SELECT parent FROM _sync_keys WHERE stream = $1 AND deleted_at IS NULL \
         AND (seen IS NULL OR seen < $2))",
        &[&stream, &mark],
    )
    .map(drop)
}
