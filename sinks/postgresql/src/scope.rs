//! Which keys are in the scope of a sync, and what filters look at.

use std::collections::HashMap;

use sync::{Millis, Registered, Rescope};
use tokio_postgres::Row;

use crate::error::Refused;
use crate::failures;
use crate::instant::Instant;
use crate::schema::{Layout, quoted, table_name};
use crate::session::Work;

/// The row of the key is in scope.
pub(crate) const INSIDE: i16 = 0;

/// It is not, and is not there.
pub(crate) const OUTSIDE: i16 = 1;

/// It is not, but is there: it is marked.
pub(crate) const MARKED: i16 = 2;

/// What is noted of a key that is in scope, or is not and is not there.
pub(crate) const fn of(is_inside: bool) -> i16 {
    if is_inside { INSIDE } else { OUTSIDE }
}

/// The live keys of a stream.
pub(crate) const REGISTERED: &str = "\
SELECT k.key, k.container, k.version, k.scope, f.facts, f.labels FROM _sync_keys AS k \
LEFT JOIN _sync_facts AS f ON f.stream = k.stream AND f.key = k.key \
WHERE k.stream = $1 AND k.deleted_at IS NULL ORDER BY k.key";

pub(crate) fn registered(row: &Row) -> Registered {
    let scope: i16 = row.get(3);
    Registered {
        key: row.get(0),
        container: row.get(1),
        version: row.get(2),
        is_inside: scope == INSIDE,
        is_loaded: scope != OUTSIDE,
        facts: row.get(4),
        labels: row.get(5),
    }
}

/// Notes what filters look at.
pub(crate) async fn note_facts(
    work: &mut Work<'_>,
    stream: &str,
    facts: &[(&str, &str)],
) -> Result<(), Refused> {
    if facts.is_empty() {
        return Ok(());
    }
    let note = work
        .prepare(
            "INSERT INTO _sync_facts (stream, key, facts) \
             SELECT $1, rows.* FROM unnest($2::text[], $3::text[]) AS rows \
             ON CONFLICT (stream, key) DO UPDATE SET facts = excluded.facts",
        )
        .await?;
    let (keys, texts): (Vec<&str>, Vec<&str>) = facts.iter().copied().unzip();
    work.transaction
        .execute(&note, &[&stream, &keys, &texts])
        .await?;
    Ok(())
}

/// Forgets keys that are deleted, as far as filters go: all of those whose rows are not there.
pub(crate) async fn forget(
    work: &mut Work<'_>,
    stream: &str,
    keys: &[String],
) -> Result<(), Refused> {
    let facts = "DELETE FROM _sync_facts WHERE stream = $1 AND key = ANY($2)";
    let facts = work.prepare(facts).await?;
    work.transaction.execute(&facts, &[&stream, &keys]).await?;
    let outside = "DELETE FROM _sync_keys WHERE stream = $1 AND key = ANY($2) AND scope = $3";
    let outside = work.prepare(outside).await?;
    work.transaction
        .execute(&outside, &[&stream, &keys, &OUTSIDE])
        .await?;
    Ok(())
}

/// How rows leave.
#[derive(Clone, Copy)]
pub(crate) struct Leaving<'a> {
    /// The number of the run.
    pub(crate) run: i64,
    /// When it is.
    pub(crate) at: Millis,
    /// The streams of what may belong to them.
    pub(crate) followers: &'a [String],
    pub(crate) layouts: &'a HashMap<String, Layout>,
}

impl Leaving<'_> {
    /// Marks rows that leave, and all that belongs to them. Returns how many rows are marked now that
    /// were not.
    pub(crate) async fn leave(
        self,
        work: &mut Work<'_>,
        stream: &str,
        keys: Vec<String>,
    ) -> Result<u64, Refused> {
        let mut marked = 0;
        let mut waiting = vec![(stream.to_owned(), keys)];
        while let Some((stream, keys)) = waiting.pop() {
            let outside = work
                .prepare(
                    "UPDATE _sync_keys SET scope = $3 WHERE stream = $1 AND key = ANY($2) \
                     AND scope = $4 AND deleted_at IS NULL RETURNING key",
                )
                .await?;
            let rows = work
                .transaction
                .query(&outside, &[&stream, &keys, &OUTSIDE, &INSIDE])
                .await?;
            let left: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
            if left.is_empty() {
                continue;
            }
            // They are not read again.
            failures::forget(work, &stream, &left).await?;
            if self.layouts.contains_key(&stream) {
                let mark = format!(
                    "UPDATE {} SET _sync_filtered_at = $2 WHERE _sync_key = ANY($1) \
                     AND _sync_deleted_at IS NULL RETURNING _sync_key",
                    quoted(&table_name(&stream))
                );
                let mark = work.prepare(&mark).await?;
                let at = Instant(self.at);
                let rows = work.transaction.query(&mark, &[&left, &at]).await?;
                let there: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
                marked += there.len() as u64;
                let note = "UPDATE _sync_keys SET scope = $3, left_run = $4 WHERE stream = $1 AND key = ANY($2)";
                let note = work.prepare(note).await?;
                work.transaction
                    .execute(&note, &[&stream, &there, &MARKED, &self.run])
                    .await?;
            }
            // What belongs to them is not kept current.
            let unread = "DELETE FROM _sync_children WHERE stream = ANY($1) AND parent = ANY($2)";
            let unread = work.prepare(unread).await?;
            work.transaction
                .execute(&unread, &[&self.followers, &left])
                .await?;
            for follower in self.followers {
                let children = work
                    .prepare(
                        "SELECT key FROM _sync_keys WHERE stream = $1 AND parent = ANY($2) \
                         AND deleted_at IS NULL AND scope = $3",
                    )
                    .await?;
                let rows = work
                    .transaction
                    .query(&children, &[follower, &left, &INSIDE])
                    .await?;
                if !rows.is_empty() {
                    let keys = rows.iter().map(|row| row.get(0)).collect();
                    waiting.push((follower.clone(), keys));
                }
            }
        }
        Ok(marked)
    }
}

/// Records which keys enter and which leave.
pub(crate) async fn rescope(
    work: &mut Work<'_>,
    layouts: &HashMap<String, Layout>,
    rescope: &Rescope<'_>,
) -> Result<u64, Refused> {
    let stream = rescope.stream;
    if !rescope.labels.is_empty() {
        let note = work
            .prepare(
                "INSERT INTO _sync_facts (stream, key, labels) \
                 SELECT $1, rows.* FROM unnest($2::text[], $3::text[]) AS rows \
                 ON CONFLICT (stream, key) DO UPDATE SET labels = excluded.labels",
            )
            .await?;
        let labels = rescope.labels.iter();
        let (keys, texts): (Vec<&str>, Vec<&str>) = labels
            .map(|(key, labels)| (key.as_str(), labels.as_str()))
            .unzip();
        work.transaction
            .execute(&note, &[&stream, &keys, &texts])
            .await?;
    }
    if !rescope.enters.is_empty() {
        let enter = work
            .prepare(
                "UPDATE _sync_keys SET scope = $3, is_stale = true \
                 WHERE stream = $1 AND key = ANY($2)",
            )
            .await?;
        work.transaction
            .execute(&enter, &[&stream, &rescope.enters, &INSIDE])
            .await?;
        let due = "DELETE FROM _sync_children WHERE stream = ANY($1) AND parent = ANY($2)";
        let due = work.prepare(due).await?;
        work.transaction
            .execute(&due, &[&rescope.followers, &rescope.enters])
            .await?;
        let lists = "DELETE FROM _sync_state WHERE stream = ANY($1) AND pass IN ('full', 'census')";
        let lists = work.prepare(lists).await?;
        work.transaction.execute(&lists, &[&rescope.listed]).await?;
    }
    let leaving = Leaving {
        run: rescope.run,
        at: rescope.at,
        followers: rescope.followers,
        layouts,
    };
    leaving.leave(work, stream, rescope.leaves.to_vec()).await
}
