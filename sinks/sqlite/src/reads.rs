//! Which parents every row was read of.

use rusqlite::{Transaction, params};
use sync::Commit;

/// Notes the parents of which every row was read. Those with rows that were not seen are due.
pub(crate) fn read_parents(
    transaction: &Transaction<'_>,
    commit: &Commit<'_>,
    mark: i64,
) -> rusqlite::Result<()> {
    let stream = &commit.pass.stream;
    let mut due = transaction.prepare_cached(
        "DELETE FROM _sync_children WHERE stream = ?1 AND parent = ?2 AND EXISTS \
         (SELECT 1 FROM _sync_keys WHERE stream = ?1 AND parent = ?2 AND deleted_at IS NULL \
         AND (seen IS NULL OR seen < ?3))",
    )?;
    let mut read = transaction.prepare_cached(
        "INSERT INTO _sync_children SELECT ?1, key, version, ?5 FROM _sync_keys AS p \
         WHERE stream = ?6 AND key = ?2 AND deleted_at IS NULL AND (?4 IS NULL OR version = ?4) \
         AND NOT EXISTS (SELECT 1 FROM _sync_keys WHERE stream = ?1 AND parent = ?2 \
         AND deleted_at IS NULL AND (seen IS NULL OR seen < ?3)) \
         ON CONFLICT DO UPDATE SET version = excluded.version, read_at = excluded.read_at",
    )?;
    for complete in commit.read_parents {
        let version = complete
            .version
            .and_then(|version| i64::try_from(version).ok());
        due.execute(params![stream, complete.key, mark])?;
        for parent in commit.parents {
            read.execute(params![
                stream,
                complete.key,
                mark,
                version,
                commit.at,
                parent
            ])?;
        }
    }
    Ok(())
}

/// Parents whose rows are known and were not seen are due again.
pub(crate) fn forget_unseen(
    transaction: &Transaction<'_>,
    stream: &str,
    mark: i64,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "DELETE FROM _sync_children WHERE stream = ?1 AND parent IN \
             (SELECT parent FROM _sync_keys WHERE stream = ?1 AND deleted_at IS NULL \
             AND (seen IS NULL OR seen < ?2))",
        )?
        .execute(params![stream, mark])?;
    Ok(())
}
