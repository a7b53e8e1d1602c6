//! Which keys are in the scope of a sync, and what filters look at.

use rusqlite::{Transaction, params};
use sync::{Millis, Registered, Rescope, reason};

use crate::failures;
use crate::refused::Refused;
use crate::store::{Deleted, RowStore};

/// The row of the key is in scope.
pub(crate) const INSIDE: i64 = 0;

/// It is not, and is not there.
pub(crate) const OUTSIDE: i64 = 1;

/// It is not, but is there: it is marked.
const MARKED: i64 = 2;

/// What is noted of a key that is in scope, or is not and is not there.
pub(crate) const fn of(is_inside: bool) -> i64 {
    if is_inside { INSIDE } else { OUTSIDE }
}

/// Notes what filters look at.
pub(crate) fn note_facts(
    transaction: &Transaction<'_>,
    stream: &str,
    key: &str,
    facts: &str,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO _sync_facts (stream, key, facts) VALUES (?1, ?2, ?3) \
             ON CONFLICT DO UPDATE SET facts = excluded.facts",
        )?
        .execute([stream, key, facts])?;
    Ok(())
}

/// Forgets a key that is deleted, as far as filters go: all of it, if its row is not there. Returns
/// whether that is so.
pub(crate) fn forget(
    transaction: &Transaction<'_>,
    stream: &str,
    key: &str,
) -> rusqlite::Result<bool> {
    transaction
        .prepare_cached("DELETE FROM _sync_facts WHERE stream = ?1 AND key = ?2")?
        .execute([stream, key])?;
    let forgotten = transaction
        .prepare_cached("DELETE FROM _sync_keys WHERE stream = ?1 AND key = ?2 AND scope = ?3")?
        .execute(params![stream, key, OUTSIDE])?;
    Ok(forgotten > 0)
}

/// How rows leave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leaving<'a> {
    /// The number of the run.
    pub(crate) run: i64,
    /// When it is.
    pub(crate) at: Millis,
    /// The streams of what may belong to them.
    pub(crate) followers: &'a [String],
}

impl Leaving<'_> {
    /// Marks a row that leaves, and all that belongs to it. Returns how many rows are marked now that
    /// were not.
    pub(crate) fn leave(
        self,
        transaction: &Transaction<'_>,
        store: &mut dyn RowStore,
        stream: &str,
        key: &str,
    ) -> Result<u64, Refused> {
        let mut marked = 0;
        let mut waiting = vec![(stream.to_owned(), key.to_owned())];
        while let Some((stream, key)) = waiting.pop() {
            let is_inside = transaction
                .prepare_cached(
                    "SELECT 1 FROM _sync_keys WHERE stream = ?1 AND key = ?2 AND scope = ?3 \
                     AND deleted_at IS NULL",
                )?
                .exists(params![stream, key, INSIDE])?;
            if !is_inside {
                continue;
            }
            let is_there = store.mark(transaction, &stream, &key, self.at)?;
            marked += u64::from(is_there);
            let scope = if is_there { MARKED } else { OUTSIDE };
            transaction
                .prepare_cached(
                    "UPDATE _sync_keys SET scope = ?3, left_run = ?4 WHERE stream = ?1 AND key = ?2",
                )?
                .execute(params![stream, key, scope, is_there.then_some(self.run)])?;
            // It is not read again.
            failures::forget(transaction, &stream, &key)?;
            for follower in self.followers {
                // Its rows are not kept current.
                transaction
                    .prepare_cached("DELETE FROM _sync_children WHERE stream = ?1 AND parent = ?2")?
                    .execute([follower, &key])?;
                let children: Vec<String> = transaction
                    .prepare_cached(
                        "SELECT key FROM _sync_keys WHERE stream = ?1 AND parent = ?2 \
                         AND deleted_at IS NULL AND scope = ?3",
                    )?
                    .query_map(params![follower, key, INSIDE], |row| row.get(0))?
                    .collect::<rusqlite::Result<_>>()?;
                let children = children.into_iter();
                waiting.extend(children.map(|child| (follower.clone(), child)));
            }
        }
        Ok(marked)
    }
}

/// Records which keys enter and which leave.
pub(crate) fn rescope(
    transaction: &Transaction<'_>,
    store: &mut dyn RowStore,
    rescope: &Rescope<'_>,
) -> Result<u64, Refused> {
    let stream = rescope.stream;
    for (key, labels) in rescope.labels {
        transaction
            .prepare_cached(
                "INSERT INTO _sync_facts (stream, key, labels) VALUES (?1, ?2, ?3) \
                 ON CONFLICT DO UPDATE SET labels = excluded.labels",
            )?
            .execute([stream, key, labels])?;
    }
    for key in rescope.enters {
        transaction
            .prepare_cached(
                "UPDATE _sync_keys SET scope = ?3, is_stale = 1 WHERE stream = ?1 AND key = ?2",
            )?
            .execute(params![stream, key, INSIDE])?;
        for follower in rescope.followers {
            transaction
                .prepare_cached("DELETE FROM _sync_children WHERE stream = ?1 AND parent = ?2")?
                .execute([follower, key])?;
        }
    }
    if !rescope.enters.is_empty() {
        for follower in rescope.listed {
            transaction
                .prepare_cached(
                    "DELETE FROM _sync_state WHERE stream = ?1 AND pass IN ('full', 'census')",
                )?
                .execute([follower])?;
        }
    }
    let leaving = Leaving {
        run: rescope.run,
        at: rescope.at,
        followers: rescope.followers,
    };
    let mut marked = 0;
    for key in rescope.leaves {
        marked += leaving.leave(transaction, store, stream, key)?;
    }
    Ok(marked)
}

/// The live keys of a stream.
pub(crate) fn registered(
    connection: &rusqlite::Connection,
    stream: &str,
) -> rusqlite::Result<Vec<Registered>> {
    connection
        .prepare_cached(
            "SELECT k.key, k.container, k.version, k.scope, f.facts, f.labels FROM _sync_keys AS k \
             LEFT JOIN _sync_facts AS f ON f.stream = k.stream AND f.key = k.key \
             WHERE k.stream = ?1 AND k.deleted_at IS NULL ORDER BY k.key",
        )?
        .query_map([stream], |row| {
            let scope: i64 = row.get(3)?;
            Ok(Registered {
                key: row.get(0)?,
                container: row.get(1)?,
                version: row.get(2)?,
                is_inside: scope == INSIDE,
                is_loaded: scope != OUTSIDE,
                facts: row.get(4)?,
                labels: row.get(5)?,
            })
        })?
        .collect()
}

/// Deletes the rows that are marked. Keys that filters look at stay, out of scope.
pub(crate) fn apply(
    transaction: &Transaction<'_>,
    store: &mut dyn RowStore,
    run: i64,
    at: Millis,
) -> Result<Vec<(String, u64)>, Refused> {
    let marked: Vec<(String, String)> = transaction
        .prepare_cached("SELECT stream, key FROM _sync_keys WHERE scope = ?1 ORDER BY stream, key")?
        .query_map([MARKED], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut counts: Vec<(String, u64)> = Vec::new();
    for (stream, key) in marked {
        store.delete(
            transaction,
            Deleted {
                run,
                at,
                stream: &stream,
                key: &key,
                reason: reason::FILTERED,
            },
        )?;
        transaction
            .prepare_cached(
                "UPDATE _sync_keys SET scope = ?3, is_stale = 1, body_hash = NULL, \
                 missing_since = NULL, written_run = NULL, left_run = NULL WHERE stream = ?1 AND key = ?2",
            )?
            .execute(params![stream, key, OUTSIDE])?;
        for statement in [
            "DELETE FROM _sync_failures WHERE stream = ?1 AND key = ?2",
            "DELETE FROM _sync_holds WHERE stream = ?1 AND key = ?2",
        ] {
            transaction
                .prepare_cached(statement)?
                .execute([&stream, &key])?;
        }
        match counts.last_mut() {
            Some((last, count)) if *last == stream => *count += 1,
            _ => counts.push((stream, 1)),
        }
    }
    // What belongs to them is read again once they are back.
    transaction.execute(
        "DELETE FROM _sync_children WHERE parent IN (SELECT key FROM _sync_keys WHERE scope = ?1)",
        [OUTSIDE],
    )?;
    // What filters do not look at is found again by what it belongs to.
    transaction.execute(
        "DELETE FROM _sync_keys AS k WHERE scope = ?1 AND NOT EXISTS (SELECT 1 FROM _sync_facts AS f \
         WHERE f.stream = k.stream AND f.key = k.key)",
        [OUTSIDE],
    )?;
    Ok(counts)
}
