//! One commit: rows, what is known of them, and the state behind them.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow_array::{ArrayRef, UInt32Array};
use arrow_select::take::take;
use source::{Batch, SystemColumn};
use sync::{
    Arrival, Arrivals, Change, ChangedRow, Commit, Completes, Counts, Decided, Known, Parts, reason,
};

use crate::error::Refused;
use crate::parameters::{Instant, List, Parameter, list};
use crate::reads::{forget_unseen, read_parents};
use crate::schema::{Layout, SqlType, Tables, follow, json, quoted};
use crate::scope::{self, Leaving};
use crate::session::Work;
use crate::tombstone::Grave;
use crate::{change_log, failures, sketch};

/// Writes a commit, all but its end.
pub(crate) fn write(
    work: &mut Work<'_>,
    tables: &Tables,
    commit: &Commit<'_>,
) -> Result<Counts, Refused> {
    let grave = Grave {
        run: commit.run,
        at: commit.at,
        tables,
    };
    let mut counts = Counts::default();
    if commit.completes == Completes::Sketched {
        sketch::compare(work, commit)?;
    } else {
        for (place, batch) in commit.batches.iter().enumerate() {
            write_batch(work, grave, commit, batch, Some(place), &mut counts)?;
        }
        failures::record(work, commit)?;
        complete(work, grave, commit, &mut counts)?;
    }
    for one in commit.parts {
        let mut of_parts = Counts::default();
        write_batch(work, grave, commit, &one.batch, None, &mut of_parts)?;
        replace(work, grave, one)?;
    }
    work.query(
        "INSERT INTO _sync_state AS s VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (stream, pass, partition) DO UPDATE SET state = excluded.state, \
         mark = excluded.mark, is_open = excluded.is_open, updated_at = excluded.updated_at, \
         completed_at = coalesce(excluded.completed_at, s.completed_at)",
        &[
            &commit.pass.stream,
            &commit.pass.pass.name(),
            &commit.pass.partition,
            &commit.state.state,
            &commit.state.mark,
            &commit.state.is_open,
            &commit.state.completed.map(Instant),
            &Instant(commit.at),
        ],
    )?;
    Ok(counts)
}

/// Removes parts that their rows no longer have.
fn replace(work: &mut Work<'_>, grave: Grave<'_>, parts: &Parts) -> Result<(), Refused> {
    let stream = &parts.batch.stream();
    let key = |row| parts.batch.system(SystemColumn::Key, row);
    let kept: Vec<&str> = (0..parts.batch.rows()).filter_map(key).collect();
    let gone = work.query(
        "SELECT key FROM _sync_keys WHERE stream = $1 AND parent IN (SELECT unnest($2)) \
         AND deleted_at IS NULL AND key NOT IN (SELECT unnest($3))",
        &[stream, &list(&parts.of), &list(&kept)],
    )?;
    grave.place(work, stream, &gone.texts(), reason::REMOVED)?;
    Ok(())
}

/// Writes a batch. `place` is that of the batch in the commit; parts have none.
fn write_batch(
    work: &mut Work<'_>,
    grave: Grave<'_>,
    commit: &Commit<'_>,
    batch: &Batch,
    place: Option<usize>,
    counts: &mut Counts,
) -> Result<(), Refused> {
    let stream = batch.stream();
    let Arrivals { mut rows, deleted } = Arrivals::of(batch, Cow::Borrowed);
    let known = known(work, stream, &rows)?;
    if place.is_some() {
        leave_out_orphans(work, commit, batch, &mut rows, &known)?;
    }
    let decided = Decided::of(&rows, &known, commit, place, counts);
    scope::note_facts(work, stream, &decided.facts)?;
    if !decided.unchanged.is_empty() {
        work.query(
            "UPDATE _sync_keys SET seen = coalesce($3, seen), missing_since = NULL \
             WHERE stream = $1 AND key IN (SELECT unnest($2)) \
             AND (missing_since IS NOT NULL OR seen IS DISTINCT FROM coalesce($3, seen))",
            &[&stream, &list(&decided.unchanged), &commit.mark],
        )?;
        if !commit.ages.is_empty()
            && let Some(layout) = grave.tables.layouts.get(stream)
        {
            age(work, layout, commit, batch, &rows, &decided.unchanged)?;
        }
    }
    if !decided.outside.is_empty() {
        leave(work, grave, commit, batch, &decided.outside, counts)?;
    }
    if !decided.changed.is_empty() {
        note(work, commit, batch, &decided.changed)?;
    }
    let written = decided.written();
    if !written.is_empty()
        && let Some(layout) = grave.tables.layouts.get(stream)
    {
        let keys: Vec<&str> = written.iter().map(|row| &*row.key).collect();
        let keys = list(&keys);
        let updated = change_log::live(work, grave.tables, stream, &keys)?;
        merge(work, layout, commit, batch, &written)?;
        follow(work, grave.tables.naming, stream, &keys)?;
        change_log::add(work, grave.tables, stream, &keys, &updated)?;
        failures::forget(work, stream, &keys)?;
    }
    for (reason, keys) in deleted {
        counts.deleted += grave.place(work, stream, &keys, &reason)?;
        grave.place_children(work, stream, &keys, commit.children)?;
    }
    Ok(())
}

/// Leaves out new rows of parents that are deleted: an index that lags still has them, and who may not
/// read the parent any more must not read them here.
fn leave_out_orphans(
    work: &mut Work<'_>,
    commit: &Commit<'_>,
    batch: &Batch,
    rows: &mut Vec<Arrival<'_>>,
    known: &HashMap<String, Known>,
) -> Result<(), Refused> {
    if commit.parents.is_empty() {
        return Ok(());
    }
    let is_new = |row: &Arrival<'_>| known.get(&*row.key).is_none_or(|known| known.is_deleted);
    let parent = |row: &Arrival<'_>| batch.system(SystemColumn::Parent, row.place);
    let new = rows.iter().filter(|row| is_new(row));
    let parents: HashSet<&str> = new.filter_map(parent).collect();
    if parents.is_empty() {
        return Ok(());
    }
    let parents: Vec<&str> = parents.into_iter().collect();
    let deleted = work.query(
        "SELECT key FROM _sync_keys WHERE stream IN (SELECT unnest($1)) \
         AND key IN (SELECT unnest($2)) GROUP BY key HAVING bool_and(deleted_at IS NOT NULL)",
        &[&list(commit.parents), &list(&parents)],
    )?;
    let deleted: HashSet<String> = deleted.texts().into_iter().collect();
    if !deleted.is_empty() {
        rows.retain(|row| {
            !is_new(row) || parent(row).is_none_or(|parent| !deleted.contains(parent))
        });
    }
    Ok(())
}

/// Marks rows that are out of scope now.
fn leave(
    work: &mut Work<'_>,
    grave: Grave<'_>,
    commit: &Commit<'_>,
    batch: &Batch,
    outside: &[&Arrival<'_>],
    counts: &mut Counts,
) -> Result<(), Refused> {
    let stream = batch.stream();
    let keys: Vec<String> = outside.iter().map(|row| row.key.to_string()).collect();
    let containers: Vec<Option<&str>> = outside
        .iter()
        .map(|row| batch.system(SystemColumn::Container, row.place))
        .collect();
    // A row may have come here from a space that is in scope.
    work.query(
        "UPDATE _sync_keys AS k SET container = r.container \
         FROM (SELECT unnest($2) AS key, unnest($3) AS container) AS r \
         WHERE k.stream = $1 AND k.key = r.key AND k.container IS DISTINCT FROM r.container",
        &[&stream, &list(&keys), &list(&containers)],
    )?;
    let leaving = Leaving {
        run: commit.run,
        at: commit.at,
        followers: commit.followers,
        tables: grave.tables,
    };
    counts.left += leaving.leave(work, stream, keys)?;
    Ok(())
}

/// What is known of the keys of rows.
fn known(
    work: &mut Work<'_>,
    stream: &str,
    rows: &[Arrival<'_>],
) -> Result<HashMap<String, Known>, Refused> {
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let keys: Vec<&str> = rows.iter().map(|row| &*row.key).collect();
    let found = work.query(
        "SELECT key, fingerprint, body_hash, deleted_at IS NOT NULL, is_stale, version, \
         scope <> 0, written_run IS NOT NULL FROM _sync_keys WHERE stream = $1 AND key IN (SELECT unnest($2))",
        &[&stream, &list(&keys)],
    )?;
    let known = found.iter().map(|row| {
        let known = Known {
            fingerprint: row.text(1).unwrap_or_default(),
            body_hash: row.bytes(2),
            is_deleted: row.flag(3),
            is_stale: row.flag(4),
            version: row.integer(5),
            is_outside: row.flag(6),
            is_written: row.flag(7),
        };
        (row.text(0).unwrap_or_default(), known)
    });
    Ok(known.collect())
}

/// Notes what is known now of rows that have changed.
fn note(
    work: &mut Work<'_>,
    commit: &Commit<'_>,
    batch: &Batch,
    changed: &[ChangedRow<'_>],
) -> Result<(), Refused> {
    let text = |column: SystemColumn| -> List {
        let of = |changed: &ChangedRow<'_>| batch.system(column, changed.row.place);
        let texts: Vec<Option<&str>> = changed.iter().map(of).collect();
        list(&texts)
    };
    let keys: Vec<&str> = changed.iter().map(|changed| &*changed.row.key).collect();
    let versions: Vec<Option<i64>> = changed.iter().map(|one| one.row.version).collect();
    let fingerprints: Vec<&str> = changed.iter().map(|one| &*one.row.fingerprint).collect();
    let hashes: Vec<Option<[u8; 16]>> = changed.iter().map(|one| one.row.body_hash).collect();
    let stale: Vec<bool> = changed
        .iter()
        .map(|changed| changed.change == Change::Stale)
        .collect();
    let added: Vec<Option<i64>> = changed.iter().map(|row| row.added_by(commit.run)).collect();
    let written: Vec<Option<i64>> = changed
        .iter()
        .map(|row| row.written_by(commit.run))
        .collect();
    let scopes: Vec<Option<i64>> = changed
        .iter()
        .map(|changed| changed.is_in_scope.map(scope::of))
        .collect();
    work.query(
        "INSERT INTO _sync_keys AS k (stream, key, parent, container, version, fingerprint, \
         body_hash, is_stale, seen, scope, added_run, written_run) \
         SELECT $1, key, parent, container, version, fingerprint, body_hash, is_stale, $9::BIGINT, \
         coalesce(scope, 0), added_run, written_run FROM (SELECT unnest($2) AS key, unnest($3) AS parent, \
         unnest($4) AS container, unnest($5) AS version, unnest($6) AS fingerprint, \
         unnest($7) AS body_hash, unnest($8) AS is_stale, unnest($10) AS scope, \
         unnest($11) AS added_run, unnest($12) AS written_run) AS r \
         ON CONFLICT (stream, key) DO UPDATE SET parent = excluded.parent, \
         container = excluded.container, version = excluded.version, \
         fingerprint = excluded.fingerprint, \
         body_hash = coalesce(excluded.body_hash, k.body_hash), \
         is_stale = excluded.is_stale, seen = coalesce(excluded.seen, k.seen), \
         missing_since = NULL, deleted_at = NULL, reason = NULL, \
         added_run = coalesce(excluded.added_run, k.added_run), \
         written_run = CASE WHEN k.deleted_at IS NULL \
         THEN coalesce(excluded.written_run, k.written_run) ELSE excluded.written_run END",
        &[
            &batch.stream(),
            &list(&keys),
            &text(SystemColumn::Parent),
            &text(SystemColumn::Container),
            &list(&versions),
            &list(&fingerprints),
            &list(&hashes),
            &list(&stale),
            &commit.mark,
            &list(&scopes),
            &list(&added),
            &list(&written),
        ],
    )?;
    // The scope of the others stays as it is.
    work.query(
        "UPDATE _sync_keys AS k SET scope = r.scope \
         FROM (SELECT unnest($2) AS key, unnest($3) AS scope) AS r \
         WHERE k.stream = $1 AND k.key = r.key AND r.scope IS NOT NULL AND k.scope <> r.scope",
        &[&batch.stream(), &list(&keys), &list(&scopes)],
    )?;
    Ok(())
}

/// Writes the columns that [`Commit::ages`] names of rows that have not changed.
fn age(
    work: &mut Work<'_>,
    layout: &Layout,
    commit: &Commit<'_>,
    batch: &Batch,
    rows: &[Arrival<'_>],
    unchanged: &[&str],
) -> Result<(), Refused> {
    let table = quoted(batch.stream());
    let unchanged: HashSet<&str> = unchanged.iter().copied().collect();
    let rows = || rows.iter().filter(|row| unchanged.contains(&*row.key));
    let keys: Vec<&str> = rows().map(|row| &*row.key).collect();
    for name in commit.ages {
        let Some(column) = layout.get(*name) else {
            continue;
        };
        let values: Vec<Option<Instant>> = rows()
            .map(|row| batch.instant(name, row.place).map(Instant))
            .collect();
        let column = &column.name;
        work.query(
            &format!(
                "UPDATE {table} AS t SET {column} = n.value \
                 FROM (SELECT unnest($1) AS key, unnest($2) AS value) AS n \
                 WHERE t._sync_key = n.key AND t.{column} IS DISTINCT FROM n.value"
            ),
            &[&list(&keys), &list(&values)],
        )?;
    }
    Ok(())
}

/// Merges rows into their table: the columns of the batch are the parameters.
fn merge(
    work: &mut Work<'_>,
    layout: &Layout,
    commit: &Commit<'_>,
    batch: &Batch,
    written: &[&Arrival<'_>],
) -> Result<(), Refused> {
    let places = written.iter().map(|row| u32::try_from(row.place).ok());
    let places: UInt32Array = places.collect();
    let keys: Vec<&str> = written.iter().map(|row| &*row.key).collect();
    let fingerprints: Vec<&str> = written.iter().map(|row| &*row.fingerprint).collect();
    let mut names = vec!["_sync_key", "_sync_run", "_sync_at", "_sync_hash"];
    let mut values = ["v1", "$2::BIGINT", "$3", "v4"].map(str::to_owned).to_vec();
    let mut lists: Vec<List> = Vec::new();
    let records = batch.records();
    for (index, field) in records.schema().fields().iter().enumerate() {
        let is_stored = !SystemColumn::is_bookkeeping(field.name());
        let Some(column) = layout.get(field.name()).filter(|_| is_stored) else {
            continue;
        };
        let of_rows: ArrayRef = take(records.column(index), &places, None)
            .map_err(|error| Refused::Duckdb(error.to_string()))?;
        lists.push(List(Arc::clone(&of_rows)));
        names.push(&column.name);
        let value = format!("v{}", lists.len() + 4);
        values.push(match column.sql_type {
            SqlType::Json => json(&value),
            _ => value,
        });
    }
    let own: [&dyn Parameter; 4] = [
        &list(&keys),
        &commit.run,
        &Instant(commit.at),
        &list(&fingerprints),
    ];
    let mut parameters = own.to_vec();
    parameters.extend(lists.iter().map(|list| list as &dyn Parameter));
    let unnested = |number: usize| format!("unnest(${number}) AS v{number}");
    let rows: Vec<String> = [1, 4]
        .into_iter()
        .chain(5..lists.len() + 5)
        .map(unnested)
        .collect();
    let updates: Vec<String> = names
        .iter()
        .skip(1)
        .map(|name| format!("{name} = excluded.{name}"))
        .collect();
    let merge = format!(
        "INSERT INTO {} ({}) SELECT {} FROM (SELECT {}) AS r \
         ON CONFLICT (_sync_key) DO UPDATE SET {}, _sync_deleted_at = NULL, \
         _sync_deleted_reason = NULL, _sync_filtered_at = NULL",
        quoted(batch.stream()),
        names.join(", "),
        values.join(", "),
        rows.join(", "),
        updates.join(", ")
    );
    work.query(&merge, &parameters).map(drop)
}

/// Removes what complete sets no longer have.
fn complete(
    work: &mut Work<'_>,
    grave: Grave<'_>,
    commit: &Commit<'_>,
    counts: &mut Counts,
) -> Result<(), Refused> {
    let stream = &commit.pass.stream;
    if !commit.unread.is_empty() {
        work.query(
            "DELETE FROM _sync_children WHERE stream = $1 AND parent IN (SELECT unnest($2))",
            &[stream, &list(commit.unread)],
        )?;
    }
    let Some(mark) = commit.mark else {
        return Ok(());
    };
    read_parents(work, commit, mark)?;
    let mut remove = |work: &mut Work<'_>, keys: &[String]| -> Result<(), Refused> {
        counts.deleted += grave.place(work, stream, keys, reason::REMOVED)?;
        grave.place_children(work, stream, keys, commit.children)
    };
    match &commit.completes {
        Completes::Nothing | Completes::Sketched => Ok(()),
        Completes::All => {
            let gone = work.query(
                "SELECT key FROM _sync_keys WHERE stream = $1 AND deleted_at IS NULL \
                 AND (seen IS NULL OR seen < $2)",
                &[stream, &mark],
            )?;
            remove(work, &gone.texts())?;
            Ok(())
        }
        Completes::Seen(parents) => {
            let gone = work.query(
                "SELECT key FROM _sync_keys WHERE stream = $1 AND deleted_at IS NULL \
                 AND (seen IS NULL OR seen < $2) AND parent IN (SELECT parent FROM _sync_keys \
                 WHERE stream = $1 AND seen >= $2)",
                &[stream, &mark],
            )?;
            remove(work, &gone.texts())?;
            work.query(
                "INSERT INTO _sync_children \
                 SELECT DISTINCT ON (p.key) $1, p.key, p.version, $4 \
                 FROM _sync_keys AS p WHERE p.stream IN (SELECT unnest($3)) \
                 AND p.deleted_at IS NULL AND p.key IN (SELECT parent FROM _sync_keys \
                 WHERE stream = $1 AND seen >= $2) \
                 ON CONFLICT (stream, parent) DO UPDATE SET version = excluded.version, \
                 read_at = excluded.read_at",
                &[stream, &mark, &list(parents), &Instant(commit.at)],
            )?;
            forget_unseen(work, stream, mark)
        }
        Completes::Read {
            keys,
            streams,
            is_complete,
        } => {
            let keys = list(keys);
            let gone = unseen(work, stream, &keys, mark)?;
            remove(work, &gone)?;
            work.query(
                "INSERT INTO _sync_children \
                 SELECT DISTINCT ON (p.key) $1, p.key, p.version, $4 \
                 FROM _sync_keys AS p WHERE p.stream IN (SELECT unnest($3)) \
                 AND p.key IN (SELECT unnest($2)) AND p.deleted_at IS NULL \
                 ON CONFLICT (stream, parent) DO UPDATE SET version = excluded.version, \
                 read_at = excluded.read_at",
                &[stream, &keys, &list(streams), &Instant(commit.at)],
            )?;
            if *is_complete {
                forget_unseen(work, stream, mark)?;
            }
            Ok(())
        }
        Completes::Of(parents) => {
            let keys: Vec<&str> = parents.iter().map(|parent| parent.key.as_str()).collect();
            let there = keys.iter().filter(|key| !commit.missing.contains(**key));
            let there: Vec<&str> = there.copied().collect();
            let gone = unseen(work, stream, &list(&there), mark)?;
            remove(work, &gone)?;
            let keys = list(&keys);
            let versions: Vec<Option<i64>> = parents
                .iter()
                .map(|parent| i64::try_from(parent.version?).ok())
                .collect();
            work.query(
                "INSERT INTO _sync_children SELECT $1, unnest($2), unnest($3), $4 \
                 ON CONFLICT (stream, parent) DO UPDATE SET version = excluded.version, \
                 read_at = excluded.read_at",
                &[stream, &keys, &list(&versions), &Instant(commit.at)],
            )?;
            Ok(())
        }
    }
}

/// The live rows of parents that a pass did not see.
fn unseen(
    work: &mut Work<'_>,
    stream: &str,
    parents: &List,
    mark: i64,
) -> Result<Vec<String>, Refused> {
    let unseen = work.query(
        "SELECT key FROM _sync_keys WHERE stream = $1 AND parent IN (SELECT unnest($2)) \
         AND deleted_at IS NULL AND (seen IS NULL OR seen < $3)",
        &[&stream, parents, &mark],
    )?;
    Ok(unseen.texts())
}
