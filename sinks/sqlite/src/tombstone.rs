//! Deleted rows. Their keys stay, and say when and why they were deleted.

use rusqlite::{Transaction, params};
use sync::{Children, reason};

use crate::failures;
use crate::refused::Refused;
use crate::scope;
use crate::store::{Deleted, RowStore};

/// Marks a row as deleted. Returns whether it was a live one.
pub(crate) fn place(
    transaction: &Transaction<'_>,
    store: &mut dyn RowStore,
    deleted: Deleted<'_>,
) -> Result<bool, Refused> {
    let Deleted {
        run,
        at,
        stream,
        key,
        reason,
    } = deleted;
    if scope::forget(transaction, stream, key)? {
        return Ok(false);
    }
    let mut known = transaction.prepare_cached(
        // Of a row that was never written, only the key was there.
        "UPDATE _sync_keys SET scope = 0, deleted_at = ?3, reason = ?4, is_stale = 0, missing_since = NULL, \
         body_hash = NULL, left_run = NULL, written_run = iif(is_stale AND written_run IS NULL, NULL, ?5) \
         WHERE stream = ?1 AND key = ?2 AND deleted_at IS NULL",
    )?;
    if known.execute(params![stream, key, at, reason, run])? == 0 {
        return Ok(false);
    }
    store.delete(transaction, deleted)?;
    failures::forget(transaction, stream, key)?;
    transaction
        .prepare_cached("DELETE FROM _sync_holds WHERE stream = ?1 AND key = ?2")?
        .execute(params![stream, key])?;
    Ok(true)
}

/// Marks all live rows that belong to a deleted row as deleted, and what belongs to those.
pub(crate) fn place_children(
    transaction: &Transaction<'_>,
    store: &mut dyn RowStore,
    parent: Deleted<'_>,
    children: &Children,
) -> Result<(), Refused> {
    for stream in children.of(parent.stream) {
        let keys: Vec<String> = transaction
            .prepare_cached(
                "SELECT key FROM _sync_keys WHERE stream = ?1 AND parent = ?2 AND deleted_at IS NULL",
            )?
            .query_map(params![stream, parent.key], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for key in keys {
            let child = Deleted {
                stream,
                key: &key,
                reason: reason::PARENT,
                ..parent
            };
            place(transaction, store, child)?;
            place_children(transaction, store, child, children)?;
        }
        transaction
            .prepare_cached("DELETE FROM _sync_children WHERE stream = ?1 AND parent = ?2")?
            .execute(params![stream, parent.key])?;
    }
    Ok(())
}
