//! Sketches of rows, compared with what is known.

use rusqlite::{Transaction, params};
use source::{SystemColumn, VERSION_NUMBER};
use sync::Commit;

use crate::reads::{forget_unseen, read_parents};

/// Marks rows as seen that sketches show as they are known, and sets as due that sketches do not fit
/// into.
pub(crate) fn compare(transaction: &Transaction<'_>, commit: &Commit<'_>) -> rusqlite::Result<()> {
    let (stream, Some(mark)) = (&commit.pass.stream, commit.mark) else {
        return Ok(());
    };
    let mut see = transaction.prepare_cached(
        "UPDATE _sync_keys SET seen = max(coalesce(seen, ?5), ?5) WHERE stream = ?1 AND key = ?2 \
         AND deleted_at IS NULL AND parent = ?3 AND version IS ?4",
    )?;
    let mut is_due = transaction
        .prepare_cached("DELETE FROM _sync_children WHERE stream = ?1 AND parent = ?2")?;
    let mut may_be_due = transaction.prepare_cached(
        "DELETE FROM _sync_children WHERE stream = ?1 AND parent = ?2 AND NOT EXISTS \
         (SELECT 1 FROM _sync_keys WHERE stream = ?1 AND parent = ?2 AND deleted_at IS NULL)",
    )?;
    for batch in commit.batches {
        for row in 0..batch.rows() {
            let Some(key) = batch.system(SystemColumn::Key, row) else {
                continue;
            };
            may_be_due.execute(params![stream, key])?;
            let Some(parent) = batch.system(SystemColumn::Parent, row) else {
                continue;
            };
            let version = batch.integer(VERSION_NUMBER, row);
            if see.execute(params![stream, key, parent, version, mark])? == 0 {
                is_due.execute(params![stream, parent])?;
            }
        }
    }
    read_parents(transaction, commit, mark)?;
    if commit.state.completed.is_some() {
        forget_unseen(transaction, stream, mark)?;
        transaction
            .prepare_cached(
                "UPDATE _sync_children SET read_at = ?2 WHERE stream = ?1 AND parent IN \
                 (SELECT parent FROM _sync_keys WHERE stream = ?1 AND deleted_at IS NULL)",
            )?
            .execute(params![stream, commit.at])?;
    }
    Ok(())
}
