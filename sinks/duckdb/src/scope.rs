//! Which keys are in the scope of a sync, and what filters look at.

use sync::{Millis, Registered, Rescope};

use crate::error::Refused;
use crate::failures;
use crate::parameters::{Instant, List, list};
use crate::rows::Row;
use crate::schema::{Tables, quoted};
use crate::session::Work;

/// The row of the key is in scope.
pub(crate) const INSIDE: i64 = 0;

/// It is not, and is not there.
pub(crate) const OUTSIDE: i64 = 1;

/// It is not, but is there: it is marked.
pub(crate) const MARKED: i64 = 2;

/// What is noted of a key that is in scope, or is not and is not there.
pub(crate) const fn of(is_inside: bool) -> i64 {
    if is_inside { INSIDE } else { OUTSIDE }
}

/// The live keys of a stream.
pub(crate) const REGISTERED: &str = "\
SELECT k.key, k.container, k.version, k.scope, f.facts, f.labels FROM _sync_keys AS k \
LEFT JOIN _sync_facts AS f ON f.stream = k.stream AND f.key = k.key \
WHERE k.stream = $1 AND k.deleted_at IS NULL ORDER BY k.key";

pub(crate) fn registered(row: Row<'_>) -> Registered {
    let scope = row.integer(3);
    Registered {
        key: row.text(0).unwrap_or_default(),
        container: row.text(1),
        version: row.integer(2),
        is_inside: scope == Some(INSIDE),
        is_loaded: scope != Some(OUTSIDE),
        facts: row.text(4),
        labels: row.text(5),
    }
}

/// Notes what filters look at.
pub(crate) fn note_facts(
    work: &mut Work<'_>,
    stream: &str,
    facts: &[(&str, &str)],
) -> Result<(), Refused> {
    if facts.is_empty() {
        return Ok(());
    }
    let (keys, texts): (Vec<&str>, Vec<&str>) = facts.iter().copied().unzip();
    work.query(
        "INSERT INTO _sync_facts (stream, key, facts) SELECT $1, unnest($2), unnest($3) \
         ON CONFLICT (stream, key) DO UPDATE SET facts = excluded.facts",
        &[&stream, &list(&keys), &list(&texts)],
    )
    .map(drop)
}

/// Forgets keys that are deleted, as far as filters go: all of those whose rows are not there.
pub(crate) fn forget(work: &mut Work<'_>, stream: &str, keys: &List) -> Result<(), Refused> {
    work.query(
        "DELETE FROM _sync_facts WHERE stream = $1 AND key IN (SELECT unnest($2))",
        &[&stream, keys],
    )?;
    work.query(
        "DELETE FROM _sync_keys WHERE stream = $1 AND key IN (SELECT unnest($2)) AND scope = $3",
        &[&stream, keys, &OUTSIDE],
    )?;
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
    pub(crate) tables: &'a Tables,
}

impl Leaving<'_> {
    /// Marks rows that leave, and all that belongs to them. Returns how many rows are marked now that
    /// were not.
    pub(crate) fn leave(
        self,
        work: &mut Work<'_>,
        stream: &str,
        keys: Vec<String>,
    ) -> Result<u64, Refused> {
        let mut marked = 0;
        let mut waiting = vec![(stream.to_owned(), keys)];
        while let Some((stream, keys)) = waiting.pop() {
            let left = work.query(
                "UPDATE _sync_keys SET scope = $3 WHERE stream = $1 AND key IN (SELECT unnest($2)) \
                 AND scope = $4 AND deleted_at IS NULL RETURNING key",
                &[&stream, &list(&keys), &OUTSIDE, &INSIDE],
            )?;
            let left = left.texts();
            if left.is_empty() {
                continue;
            }
            let left = list(&left);
            // They are not read again.
            failures::forget(work, &stream, &left)?;
            if self.tables.layouts.contains_key(&stream) {
                let mark = format!(
                    "UPDATE {} SET _sync_filtered_at = $2 WHERE _sync_key IN (SELECT unnest($1)) \
                     AND _sync_deleted_at IS NULL RETURNING _sync_key",
                    quoted(&stream)
                );
                let there = work.query(&mark, &[&left, &Instant(self.at)])?.texts();
                marked += there.len() as u64;
                work.query(
                    "UPDATE _sync_keys SET scope = $3, left_run = $4 \
                     WHERE stream = $1 AND key IN (SELECT unnest($2))",
                    &[&stream, &list(&there), &MARKED, &self.run],
                )?;
            }
            // What belongs to them is not kept current.
            work.query(
                "DELETE FROM _sync_children WHERE stream IN (SELECT unnest($1)) \
                 AND parent IN (SELECT unnest($2))",
                &[&list(self.followers), &left],
            )?;
            for follower in self.followers {
                let children = work.query(
                    "SELECT key FROM _sync_keys WHERE stream = $1 \
                     AND parent IN (SELECT unnest($2)) AND deleted_at IS NULL AND scope = $3",
                    &[follower, &left, &INSIDE],
                )?;
                let children = children.texts();
                if !children.is_empty() {
                    waiting.push((follower.clone(), children));
                }
            }
        }
        Ok(marked)
    }
}

/// Records which keys enter and which leave.
pub(crate) fn rescope(
    work: &mut Work<'_>,
    tables: &Tables,
    rescope: &Rescope<'_>,
) -> Result<u64, Refused> {
    let stream = &rescope.stream;
    if !rescope.labels.is_empty() {
        let labels = rescope.labels.iter();
        let (keys, texts): (Vec<&str>, Vec<&str>) = labels
            .map(|(key, labels)| (key.as_str(), labels.as_str()))
            .unzip();
        work.query(
            "INSERT INTO _sync_facts (stream, key, labels) SELECT $1, unnest($2), unnest($3) \
             ON CONFLICT (stream, key) DO UPDATE SET labels = excluded.labels",
            &[stream, &list(&keys), &list(&texts)],
        )?;
    }
    if !rescope.enters.is_empty() {
        let enters = list(rescope.enters);
        work.query(
            "UPDATE _sync_keys SET scope = $3, is_stale = true \
             WHERE stream = $1 AND key IN (SELECT unnest($2))",
            &[stream, &enters, &INSIDE],
        )?;
        work.query(
            "DELETE FROM _sync_children WHERE stream IN (SELECT unnest($1)) \
             AND parent IN (SELECT unnest($2))",
            &[&list(rescope.followers), &enters],
        )?;
        work.query(
            "DELETE FROM _sync_state WHERE stream IN (SELECT unnest($1)) \
             AND pass IN ('full', 'census')",
            &[&list(rescope.listed)],
        )?;
    }
    let leaving = Leaving {
        run: rescope.run,
        at: rescope.at,
        followers: rescope.followers,
        tables,
    };
    leaving.leave(work, stream, rescope.leaves.to_vec())
}
