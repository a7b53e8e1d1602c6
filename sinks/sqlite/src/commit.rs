//! The rows of a commit, and what is known of them.

use std::collections::HashSet;

use rusqlite::{OptionalExtension as _, Transaction, params};
use source::{Batch, SystemColumn};
use sync::{Admission, Change, Commit, Completes, Counts, Known, Parts, SeenRows, reason};

use crate::failures;
use crate::reads::{forget_unseen, read_parents};
use crate::refused::Refused;
use crate::scope::{self, Leaving};
use crate::sketch;
use crate::store::{Deleted, RowStore};
use crate::tombstone;

/// Writes the rows of a commit, and completes the sets that it completes.
pub(crate) fn rows(
    transaction: &Transaction<'_>,
    store: &mut dyn RowStore,
    commit: &Commit<'_>,
) -> Result<Counts, Refused> {
    let mut counts = Counts::default();
    if commit.completes == Completes::Sketched {
        sketch::compare(transaction, commit)?;
        return Ok(counts);
    }
    for (place, batch) in commit.batches.iter().enumerate() {
        write(transaction, store, commit, batch, Some(place), &mut counts)?;
    }
    failures::record(transaction, commit)?;
    complete(transaction, store, commit, &mut counts)?;
    for one in commit.parts {
        let mut of_parts = Counts::default();
        write(transaction, store, commit, &one.batch, None, &mut of_parts)?;
        replace(transaction, store, commit, one)?;
    }
    Ok(counts)
}

/// Writes the rows of a batch. `place` is that of the batch in the commit; parts have none.
fn write(
    transaction: &Transaction<'_>,
    store: &mut dyn RowStore,
    commit: &Commit<'_>,
    batch: &Batch,
    place: Option<usize>,
    counts: &mut Counts,
) -> Result<(), Refused> {
    let stream = batch.stream();
    let mut insert = transaction.prepare_cached(
        "INSERT INTO _sync_keys (stream, key, parent, container, version, fingerprint, \
         body_hash, is_stale, seen, scope, added_run, written_run) VALUES (?1, ?2, ?3, ?4, ?5, ?6, \
         ?7, ?8, ?9, coalesce(?10, 0), ?11, ?12)",
    )?;
    let mut look = transaction.prepare_cached(
        "SELECT fingerprint, body_hash, deleted_at IS NOT NULL, is_stale, version, scope <> 0, written_run IS NOT NULL \
         FROM _sync_keys WHERE stream = ?1 AND key = ?2",
    )?;
    let mut see = transaction.prepare_cached(
        "UPDATE _sync_keys SET seen = coalesce(?3, seen), missing_since = NULL \
         WHERE stream = ?1 AND key = ?2",
    )?;
    let mut update = transaction.prepare_cached(
        "UPDATE _sync_keys SET parent = ?3, container = ?4, version = ?5, fingerprint = ?6, \
         body_hash = coalesce(?7, body_hash), is_stale = ?8, seen = coalesce(?9, seen), \
         missing_since = NULL, deleted_at = NULL, reason = NULL, scope = coalesce(?10, scope), \
         added_run = coalesce(?11, added_run), \
         written_run = iif(deleted_at IS NULL, coalesce(?12, written_run), ?12) \
         WHERE stream = ?1 AND key = ?2",
    )?;
    let has_failures = failures::exist(transaction, stream)?;
    let mut orphans = Orphans::of(transaction);
    let mut written = Vec::new();
    let rows = SeenRows::of(batch);
    for row in 0..batch.rows() {
        let Some(key) = batch.system(SystemColumn::Key, row) else {
            continue;
        };
        if let Some(reason) = batch.system(SystemColumn::Deleted, row) {
            // What came before it in the batch is before it in the store, too.
            store.write(transaction, commit, batch, &written)?;
            written.clear();
            let deleted = Deleted {
                run: commit.run,
                at: commit.at,
                stream,
                key,
                reason,
            };
            let is_new = tombstone::place(transaction, store, deleted)?;
            counts.deleted += u64::from(is_new);
            tombstone::place_children(transaction, store, deleted, commit.children)?;
            continue;
        }
        let seen = rows.seen(row);
        let known = look
            .query_row(params![stream, key], |row| {
                Ok(Known {
                    fingerprint: row.get(0)?,
                    body_hash: row.get(1)?,
                    is_deleted: row.get(2)?,
                    is_stale: row.get(3)?,
                    version: row.get(4)?,
                    is_outside: row.get(5)?,
                    is_written: row.get(6)?,
                })
            })
            .optional()?;
        let is_new = known.as_ref().is_none_or(|known| known.is_deleted);
        if is_new
            && place.is_some()
            && orphans.has(commit, batch.system(SystemColumn::Parent, row))?
        {
            continue;
        }
        let admission = place.map_or(Admission::Inside, |place| commit.admission(place, row));
        let change = Change::admitted(
            admission,
            known.as_ref(),
            seen,
            commit.is_whole,
            commit.is_rewrite,
        );
        let is_half = !commit.is_whole && !store.keeps_other_columns();
        let change = if is_half && change.is_written() {
            Change::Stale
        } else {
            change
        };
        if let Some(facts) = place
            .and_then(|place| commit.facts(place, row))
            .filter(|_| known.is_some() || change != Change::Outside)
        {
            scope::note_facts(transaction, stream, key, facts)?;
        }
        counts.count(change);
        if change == Change::Outside {
            if known.is_some() {
                see.execute(params![stream, key, commit.mark])?;
                // It may have come here from a space that is in scope.
                transaction
                    .prepare_cached(
                        "UPDATE _sync_keys SET container = ?3 WHERE stream = ?1 AND key = ?2",
                    )?
                    .execute(params![
                        stream,
                        key,
                        batch.system(SystemColumn::Container, row)
                    ])?;
                let leaving = Leaving {
                    run: commit.run,
                    at: commit.at,
                    followers: commit.followers,
                };
                counts.left += leaving.leave(transaction, store, stream, key)?;
            }
            continue;
        }
        if change == Change::Unchanged {
            see.execute(params![stream, key, commit.mark])?;
            if !commit.ages.is_empty() {
                store.age(transaction, commit, batch, row)?;
            }
            continue;
        }
        let scope = Change::is_in_scope(admission, known.as_ref()).map(scope::of);
        let statement = if known.is_some() {
            &mut update
        } else {
            &mut insert
        };
        statement.execute(params![
            stream,
            key,
            batch.system(SystemColumn::Parent, row),
            batch.system(SystemColumn::Container, row),
            seen.version,
            seen.fingerprint,
            seen.body_hash,
            change == Change::Stale,
            commit.mark,
            scope,
            (change == Change::Inserted).then_some(commit.run),
            change.is_written().then_some(commit.run)
        ])?;
        if change.is_written() {
            if has_failures {
                failures::forget(transaction, stream, key)?;
            }
            written.push(row);
        }
    }
    store.write(transaction, commit, batch, &written)?;
    Ok(())
}

/// Rows of parents that are deleted: an index that lags still has them, and who may not read the
/// parent any more must not read them here.
struct Orphans<'t> {
    transaction: &'t Transaction<'t>,
    /// The parent that was looked at last, since its rows come together.
    last: Option<(String, bool)>,
}

impl<'t> Orphans<'t> {
    const fn of(transaction: &'t Transaction<'t>) -> Self {
        Self {
            transaction,
            last: None,
        }
    }

    /// Whether the row of this parent is one.
    fn has(&mut self, commit: &Commit<'_>, parent: Option<&str>) -> rusqlite::Result<bool> {
        let Some(parent) = parent.filter(|_| !commit.parents.is_empty()) else {
            return Ok(false);
        };
        if let Some((_, is_deleted)) = self.last.as_ref().filter(|(last, _)| last == parent) {
            return Ok(*is_deleted);
        }
        let mut look = self.transaction.prepare_cached(
            "SELECT deleted_at IS NOT NULL FROM _sync_keys WHERE stream = ?1 AND key = ?2",
        )?;
        let mut is_deleted = false;
        for stream in commit.parents {
            let known: Option<bool> = look
                .query_row(params![stream, parent], |row| row.get(0))
                .optional()?;
            match known {
                Some(false) => {
                    is_deleted = false;
                    break;
                }
                Some(true) => is_deleted = true,
                None => {}
            }
        }
        self.last = Some((parent.to_owned(), is_deleted));
        Ok(is_deleted)
    }
}

/// Removes parts that their rows no longer have.
fn replace(
    transaction: &Transaction<'_>,
    store: &mut dyn RowStore,
    commit: &Commit<'_>,
    parts: &Parts,
) -> Result<(), Refused> {
    let stream = parts.batch.stream();
    let key = |row| parts.batch.system(SystemColumn::Key, row);
    let kept: HashSet<&str> = (0..parts.batch.rows()).filter_map(key).collect();
    for row in &parts.of {
        let keys = transaction
            .prepare_cached(
                "SELECT key FROM _sync_keys WHERE stream = ?1 AND parent = ?2 AND deleted_at IS NULL",
            )?
            .query_map(params![stream, row], |row| row.get(0))?
            .collect::<rusqlite::Result<Vec<String>>>()?;
        for key in keys.iter().filter(|key| !kept.contains(key.as_str())) {
            let deleted = Deleted {
                run: commit.run,
                at: commit.at,
                stream,
                key,
                reason: reason::REMOVED,
            };
            tombstone::place(transaction, store, deleted)?;
        }
    }
    Ok(())
}

/// Removes what complete sets no longer have.
fn complete(
    transaction: &Transaction<'_>,
    store: &mut dyn RowStore,
    commit: &Commit<'_>,
    counts: &mut Counts,
) -> Result<(), Refused> {
    let stream = &commit.pass.stream;
    for parent in commit.unread {
        transaction
            .prepare_cached("DELETE FROM _sync_children WHERE stream = ?1 AND parent = ?2")?
            .execute(params![stream, parent])?;
    }
    let Some(mark) = commit.mark else {
        return Ok(());
    };
    read_parents(transaction, commit, mark)?;
    let mut remove = |keys: Vec<String>| -> Result<(), Refused> {
        for key in keys {
            let deleted = Deleted {
                run: commit.run,
                at: commit.at,
                stream,
                key: &key,
                reason: reason::REMOVED,
            };
            counts.deleted += u64::from(tombstone::place(transaction, store, deleted)?);
            tombstone::place_children(transaction, store, deleted, commit.children)?;
        }
        Ok(())
    };
    match &commit.completes {
        Completes::Nothing | Completes::Sketched => Ok(()),
        Completes::All => {
            let keys = transaction
                .prepare_cached(
                    "SELECT key FROM _sync_keys WHERE stream = ?1 AND deleted_at IS NULL \
                     AND (seen IS NULL OR seen < ?2)",
                )?
                .query_map(params![stream, mark], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<String>>>()?;
            remove(keys)
        }
        Completes::Seen(parents) => {
            let keys = transaction
                .prepare_cached(
                    "SELECT key FROM _sync_keys AS k WHERE stream = ?1 AND deleted_at IS NULL \
                     AND (seen IS NULL OR seen < ?2) AND EXISTS (SELECT 1 FROM _sync_keys AS s \
                     WHERE s.stream = ?1 AND s.parent = k.parent AND s.seen >= ?2)",
                )?
                .query_map(params![stream, mark], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<String>>>()?;
            remove(keys)?;
            for parent in parents {
                transaction
                    .prepare_cached(
                        "INSERT INTO _sync_children SELECT ?1, p.key, p.version, ?4 \
                         FROM _sync_keys AS p WHERE p.stream = ?3 AND p.deleted_at IS NULL \
                         AND EXISTS (SELECT 1 FROM _sync_keys AS s WHERE s.stream = ?1 \
                         AND s.parent = p.key AND s.seen >= ?2) ON CONFLICT DO UPDATE \
                         SET version = excluded.version, read_at = excluded.read_at",
                    )?
                    .execute(params![stream, mark, parent, commit.at])?;
            }
            forget_unseen(transaction, stream, mark)?;
            Ok(())
        }
        Completes::Read {
            keys,
            streams,
            is_complete,
        } => {
            for key in keys {
                remove(unseen(transaction, stream, key, mark)?)?;
                for parent in streams {
                    transaction
                        .prepare_cached(
                            "INSERT INTO _sync_children SELECT ?1, key, version, ?4 FROM _sync_keys \
                             WHERE stream = ?3 AND key = ?2 AND deleted_at IS NULL \
                             ON CONFLICT DO UPDATE SET version = excluded.version, \
                             read_at = excluded.read_at",
                        )?
                        .execute(params![stream, key, parent, commit.at])?;
                }
            }
            if *is_complete {
                forget_unseen(transaction, stream, mark)?;
            }
            Ok(())
        }
        Completes::Of(parents) => {
            for parent in parents {
                if !commit.missing.contains(&parent.key) {
                    remove(unseen(transaction, stream, &parent.key, mark)?)?;
                }
                let version = parent
                    .version
                    .and_then(|version| i64::try_from(version).ok());
                transaction
                    .prepare_cached(
                        "INSERT INTO _sync_children VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE \
                         SET version = excluded.version, read_at = excluded.read_at",
                    )?
                    .execute(params![stream, parent.key, version, commit.at])?;
            }
            Ok(())
        }
    }
}

/// The live rows of a parent that a pass did not see.
fn unseen(
    transaction: &Transaction<'_>,
    stream: &str,
    parent: &str,
    mark: i64,
) -> rusqlite::Result<Vec<String>> {
    transaction
        .prepare_cached(
            "SELECT key FROM _sync_keys WHERE stream = ?1 AND parent = ?2 \
             AND deleted_at IS NULL AND (seen IS NULL OR seen < ?3)",
        )?
        .query_map(params![stream, parent, mark], |row| row.get(0))?
        .collect()
}
