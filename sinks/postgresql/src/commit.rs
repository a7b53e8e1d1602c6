//! One commit: rows, what is known of them, and the state behind them.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use futures_util::SinkExt as _;
use source::{Batch, SystemColumn};
use sync::{
    Arrival, Arrivals, Change, ChangedRow, Commit, Completes, Counts, Decided, Known, Parts, reason,
};

use crate::copy::Copy;
use crate::error::Refused;
use crate::failures;
use crate::instant::Instant;
use crate::json;
use crate::reads::{forget_unseen, read_parents};
use crate::schema::{Layout, quoted, table_name};
use crate::scope::{self, Leaving};
use crate::session::Work;
use crate::sketch;
use crate::tombstone::Grave;

/// The table that rows are merged from.
const STAGE: &str = "_sync_stage";

/// Writes a commit, all but its end.
pub(crate) async fn write(
    work: &mut Work<'_>,
    layouts: &HashMap<String, Layout>,
    commit: &Commit<'_>,
) -> Result<Counts, Refused> {
    let grave = Grave {
        run: commit.run,
        at: commit.at,
        layouts,
    };
    let mut counts = Counts::default();
    if commit.completes == Completes::Sketched {
        sketch::compare(work, commit).await?;
    } else {
        for (place, batch) in commit.batches.iter().enumerate() {
            write_batch(work, grave, commit, batch, Some(place), &mut counts).await?;
        }
        failures::record(work, commit).await?;
        complete(work, grave, commit, &mut counts).await?;
    }
    for one in commit.parts {
        let mut of_parts = Counts::default();
        write_batch(work, grave, commit, &one.batch, None, &mut of_parts).await?;
        replace(work, grave, one).await?;
    }
    let state = work
        .prepare(
            "INSERT INTO _sync_state AS s VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT (stream, pass, partition) DO UPDATE SET state = excluded.state, \
             mark = excluded.mark, is_open = excluded.is_open, updated_at = excluded.updated_at, \
             completed_at = coalesce(excluded.completed_at, s.completed_at)",
        )
        .await?;
    work.transaction
        .execute(
            &state,
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
        )
        .await?;
    Ok(counts)
}

/// Removes parts that their rows no longer have.
async fn replace(work: &mut Work<'_>, grave: Grave<'_>, parts: &Parts) -> Result<(), Refused> {
    let stream = parts.batch.stream();
    let key = |row| parts.batch.system(SystemColumn::Key, row).map(json::text);
    let kept: Vec<Cow<'_, str>> = (0..parts.batch.rows()).filter_map(key).collect();
    let gone = work
        .prepare(
            "SELECT key FROM _sync_keys WHERE stream = $1 AND parent = ANY($2) \
             AND deleted_at IS NULL AND key <> ALL($3)",
        )
        .await?;
    let rows = work
        .transaction
        .query(&gone, &[&stream, &parts.of, &kept])
        .await?;
    let keys: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    grave.place(work, stream, &keys, reason::REMOVED).await?;
    Ok(())
}

/// Writes a batch. `place` is that of the batch in the commit; parts have none.
async fn write_batch(
    work: &mut Work<'_>,
    grave: Grave<'_>,
    commit: &Commit<'_>,
    batch: &Batch,
    place: Option<usize>,
    counts: &mut Counts,
) -> Result<(), Refused> {
    let stream = batch.stream();
    let Arrivals { mut rows, deleted } = Arrivals::of(batch, json::text);
    let known = known(work, stream, &rows).await?;
    if place.is_some() {
        leave_out_orphans(work, commit, batch, &mut rows, &known).await?;
    }
    let decided = Decided::of(&rows, &known, commit, place, counts);
    scope::note_facts(work, stream, &decided.facts).await?;
    if !decided.unchanged.is_empty() {
        let see = work
            .prepare(
                "UPDATE _sync_keys SET seen = coalesce($3, seen), missing_since = NULL \
                 WHERE stream = $1 AND key = ANY($2) \
                 AND (missing_since IS NOT NULL OR seen IS DISTINCT FROM coalesce($3, seen))",
            )
            .await?;
        work.transaction
            .execute(&see, &[&stream, &decided.unchanged, &commit.mark])
            .await?;
        if !commit.ages.is_empty()
            && let Some(layout) = grave.layouts.get(stream)
        {
            age(work, layout, commit, batch, &rows, &decided.unchanged).await?;
        }
    }
    if !decided.outside.is_empty() {
        leave(work, grave, commit, batch, &decided.outside, counts).await?;
    }
    if !decided.changed.is_empty() {
        note(work, commit, batch, &decided.changed).await?;
    }
    let written = decided.written();
    if !written.is_empty()
        && let Some(layout) = grave.layouts.get(stream)
    {
        merge(work, layout, commit, batch, &written).await?;
        let keys: Vec<&str> = written.iter().map(|row| &*row.key).collect();
        failures::forget(work, stream, &keys).await?;
    }
    for (reason, keys) in deleted {
        counts.deleted += grave.place(work, stream, &keys, &reason).await?;
        grave
            .place_children(work, stream, &keys, commit.children)
            .await?;
    }
    Ok(())
}

/// Leaves out new rows of parents that are deleted: an index that lags still has them, and who may not
/// read the parent any more must not read them here.
async fn leave_out_orphans(
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
    let parent = |row: &Arrival<'_>| {
        let parent = batch.system(SystemColumn::Parent, row.place);
        parent.map(json::text)
    };
    let new = rows.iter().filter(|row| is_new(row));
    let parents: HashSet<Cow<'_, str>> = new.filter_map(parent).collect();
    if parents.is_empty() {
        return Ok(());
    }
    let parents: Vec<Cow<'_, str>> = parents.into_iter().collect();
    let look = work
        .prepare(
            "SELECT key FROM _sync_keys WHERE stream = ANY($1) AND key = ANY($2) \
             GROUP BY key HAVING bool_and(deleted_at IS NOT NULL)",
        )
        .await?;
    let found = work
        .transaction
        .query(&look, &[&commit.parents, &parents])
        .await?;
    let deleted: HashSet<String> = found.into_iter().map(|row| row.get(0)).collect();
    if !deleted.is_empty() {
        rows.retain(|row| {
            !is_new(row) || parent(row).is_none_or(|parent| !deleted.contains(&*parent))
        });
    }
    Ok(())
}

/// Marks rows that are out of scope now.
async fn leave(
    work: &mut Work<'_>,
    grave: Grave<'_>,
    commit: &Commit<'_>,
    batch: &Batch,
    outside: &[&Arrival<'_>],
    counts: &mut Counts,
) -> Result<(), Refused> {
    let stream = batch.stream();
    // A row may have come here from a space that is in scope.
    let moved = work
        .prepare(
            "UPDATE _sync_keys AS k SET container = rows.container \
             FROM unnest($2::text[], $3::text[]) AS rows (key, container) \
             WHERE k.stream = $1 AND k.key = rows.key AND k.container IS DISTINCT FROM rows.container",
        )
        .await?;
    let keys: Vec<String> = outside.iter().map(|row| row.key.to_string()).collect();
    let containers: Vec<Option<Cow<'_, str>>> = outside
        .iter()
        .map(|row| batch.system(SystemColumn::Container, row.place))
        .map(|container| container.map(json::text))
        .collect();
    work.transaction
        .execute(&moved, &[&stream, &keys, &containers])
        .await?;
    let leaving = Leaving {
        run: commit.run,
        at: commit.at,
        followers: commit.followers,
        layouts: grave.layouts,
    };
    counts.left += leaving.leave(work, stream, keys).await?;
    Ok(())
}

/// What is known of the keys of rows.
async fn known(
    work: &mut Work<'_>,
    stream: &str,
    rows: &[Arrival<'_>],
) -> Result<HashMap<String, Known>, Refused> {
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let look = work
        .prepare(
            "SELECT key, fingerprint, body_hash, deleted_at IS NOT NULL, is_stale, version, \
             scope <> 0, written_run IS NOT NULL FROM _sync_keys WHERE stream = $1 AND key = ANY($2)",
        )
        .await?;
    let keys: Vec<&str> = rows.iter().map(|row| &*row.key).collect();
    let found = work.transaction.query(&look, &[&stream, &keys]).await?;
    let known = found.into_iter().map(|row| {
        let known = Known {
            fingerprint: row.get(1),
            body_hash: row.get(2),
            is_deleted: row.get(3),
            is_stale: row.get(4),
            version: row.get(5),
            is_outside: row.get(6),
            is_written: row.get(7),
        };
        (row.get(0), known)
    });
    Ok(known.collect())
}

/// Notes what is known now of rows that have changed.
async fn note(
    work: &mut Work<'_>,
    commit: &Commit<'_>,
    batch: &Batch,
    changed: &[ChangedRow<'_>],
) -> Result<(), Refused> {
    let note = work
        .prepare(
            "INSERT INTO _sync_keys AS k (stream, key, parent, container, version, fingerprint, \
             body_hash, is_stale, seen, scope, added_run, written_run) \
             SELECT $1, key, parent, container, version, fingerprint, body_hash, is_stale, \
             $9::bigint, coalesce(scope, 0), added_run, written_run \
             FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::bytea[], \
             $8::boolean[], $10::smallint[], $11::bigint[], $12::bigint[]) AS rows \
             (key, parent, container, version, fingerprint, body_hash, is_stale, scope, added_run, \
             written_run) \
             ON CONFLICT (stream, key) DO UPDATE SET parent = excluded.parent, \
             container = excluded.container, version = excluded.version, \
             fingerprint = excluded.fingerprint, \
             body_hash = coalesce(excluded.body_hash, k.body_hash), \
             is_stale = excluded.is_stale, seen = coalesce(excluded.seen, k.seen), \
             missing_since = NULL, deleted_at = NULL, reason = NULL, \
             added_run = coalesce(excluded.added_run, k.added_run), \
             written_run = CASE WHEN k.deleted_at IS NULL \
             THEN coalesce(excluded.written_run, k.written_run) ELSE excluded.written_run END",
        )
        .await?;
    // The scope of the others stays as it is.
    let rescope = work
        .prepare(
            "UPDATE _sync_keys AS k SET scope = rows.scope \
             FROM unnest($2::text[], $3::smallint[]) AS rows (key, scope) \
             WHERE k.stream = $1 AND k.key = rows.key AND k.scope IS DISTINCT FROM rows.scope",
        )
        .await?;
    let text = |column: SystemColumn| -> Vec<Option<Cow<'_, str>>> {
        let of = |row: &Arrival<'_>| batch.system(column, row.place).map(json::text);
        changed.iter().map(|changed| of(changed.row)).collect()
    };
    let rows = || changed.iter().map(|changed| changed.row);
    let keys: Vec<&str> = rows().map(|row| &*row.key).collect();
    let parents = text(SystemColumn::Parent);
    let containers = text(SystemColumn::Container);
    let versions: Vec<Option<i64>> = rows().map(|row| row.version).collect();
    let fingerprints: Vec<&str> = rows().map(|row| &*row.fingerprint).collect();
    let hashes: Vec<Option<&[u8]>> = rows()
        .map(|row| row.body_hash.as_ref().map(<[u8; 16]>::as_slice))
        .collect();
    let stale: Vec<bool> = changed
        .iter()
        .map(|changed| changed.change == Change::Stale)
        .collect();
    let scopes = || {
        changed
            .iter()
            .map(|changed| changed.is_in_scope.map(scope::of))
    };
    let all: Vec<Option<i16>> = scopes().collect();
    let added: Vec<Option<i64>> = changed.iter().map(|row| row.added_by(commit.run)).collect();
    let written: Vec<Option<i64>> = changed
        .iter()
        .map(|row| row.written_by(commit.run))
        .collect();
    work.transaction
        .execute(
            &note,
            &[
                &batch.stream(),
                &keys,
                &parents,
                &containers,
                &versions,
                &fingerprints,
                &hashes,
                &stale,
                &commit.mark,
                &all,
                &added,
                &written,
            ],
        )
        .await?;
    let (keys, scopes): (Vec<&str>, Vec<i16>) = keys
        .into_iter()
        .zip(scopes())
        .filter_map(|(key, scope)| Some((key, scope?)))
        .unzip();
    if !keys.is_empty() {
        work.transaction
            .execute(&rescope, &[&batch.stream(), &keys, &scopes])
            .await?;
    }
    Ok(())
}

/// Writes the columns that [`Commit::ages`] names of rows that have not changed.
async fn age(
    work: &mut Work<'_>,
    layout: &Layout,
    commit: &Commit<'_>,
    batch: &Batch,
    rows: &[Arrival<'_>],
    unchanged: &[&str],
) -> Result<(), Refused> {
    let table = quoted(&table_name(batch.stream()));
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
        let update = work
            .prepare(&format!(
                "UPDATE {table} AS t SET {column} = n.value \
                 FROM unnest($1::text[], $2::timestamptz[]) AS n(key, value) \
                 WHERE t._sync_key = n.key AND t.{column} IS DISTINCT FROM n.value"
            ))
            .await?;
        work.transaction.execute(&update, &[&keys, &values]).await?;
    }
    Ok(())
}

/// Copies rows into the temporary table, and merges them from there.
async fn merge(
    work: &mut Work<'_>,
    layout: &Layout,
    commit: &Commit<'_>,
    batch: &Batch,
    written: &[&Arrival<'_>],
) -> Result<(), Refused> {
    let stream = batch.stream();
    let table = quoted(&table_name(stream));
    let records = batch.records();
    let schema = records.schema();
    let columns: Vec<_> = schema
        .fields()
        .iter()
        .enumerate()
        .filter(|(_, field)| !SystemColumn::is_bookkeeping(field.name()))
        .filter_map(|(index, field)| Some((records.column(index), layout.get(field.name())?)))
        .collect();
    let own = ["_sync_key", "_sync_run", "_sync_at", "_sync_hash"];
    let names: Vec<&str> = own
        .into_iter()
        .chain(columns.iter().map(|(_, column)| column.name.as_str()))
        .collect();
    if work.staged.as_deref() == Some(stream) {
        // Of an earlier batch of the same transaction; at its beginning the table is empty.
        let empty = work.prepare("DELETE FROM _sync_stage").await?;
        work.transaction.execute(&empty, &[]).await?;
    } else {
        *work.staged = None;
        let stage = format!(
            "DROP TABLE IF EXISTS pg_temp.{STAGE}; \
             CREATE TEMPORARY TABLE {STAGE} ON COMMIT DELETE ROWS AS SELECT * FROM {table} WITH NO DATA"
        );
        work.transaction.batch_execute(&stage).await?;
        *work.staged = Some(stream.to_owned());
    }
    let into = format!(
        "COPY pg_temp.{STAGE} ({}) FROM STDIN (FORMAT binary)",
        names.join(", ")
    );
    let sink = work.transaction.copy_in(&into).await?;
    let mut sink = std::pin::pin!(sink);
    let mut copy = Copy::new(names.len());
    for row in written {
        copy.begin_row();
        copy.text(&row.key);
        copy.bigint(commit.run);
        copy.instant(commit.at);
        copy.text(&row.fingerprint);
        for (array, column) in &columns {
            copy.value(array, row.place, column.sql_type);
        }
        if let Some(piece) = copy.piece() {
            sink.send(piece).await?;
        }
    }
    sink.send(copy.finish()).await?;
    sink.as_mut().finish().await?;
    let updates: Vec<String> = names
        .iter()
        .skip(1)
        .map(|name| format!("{name} = excluded.{name}"))
        .collect();
    let names = names.join(", ");
    let merge = format!(
        "INSERT INTO {table} ({names}) SELECT {names} FROM pg_temp.{STAGE} \
         ON CONFLICT (_sync_key) DO UPDATE SET {}, _sync_deleted_at = NULL, \
         _sync_deleted_reason = NULL, _sync_filtered_at = NULL",
        updates.join(", ")
    );
    // Not compiled ahead: the temporary table is another one for each stream.
    work.transaction.execute(&merge, &[]).await?;
    Ok(())
}

/// Removes rows of the stream of a commit, and what belongs to them. Returns how many rows were live.
async fn remove(
    work: &mut Work<'_>,
    grave: Grave<'_>,
    commit: &Commit<'_>,
    keys: &[String],
) -> Result<u64, Refused> {
    let stream = &commit.pass.stream;
    let removed = grave.place(work, stream, keys, reason::REMOVED).await?;
    grave
        .place_children(work, stream, keys, commit.children)
        .await?;
    Ok(removed)
}

/// Removes what complete sets no longer have.
async fn complete(
    work: &mut Work<'_>,
    grave: Grave<'_>,
    commit: &Commit<'_>,
    counts: &mut Counts,
) -> Result<(), Refused> {
    let stream = &commit.pass.stream;
    if !commit.unread.is_empty() {
        let forget = work
            .prepare("DELETE FROM _sync_children WHERE stream = $1 AND parent = ANY($2)")
            .await?;
        work.transaction
            .execute(&forget, &[stream, &commit.unread])
            .await?;
    }
    let Some(mark) = commit.mark else {
        return Ok(());
    };
    read_parents(work, commit, mark).await?;
    match &commit.completes {
        Completes::Nothing | Completes::Sketched => Ok(()),
        Completes::All => {
            let unseen = work
                .prepare(
                    "SELECT key FROM _sync_keys WHERE stream = $1 AND deleted_at IS NULL \
                     AND (seen IS NULL OR seen < $2)",
                )
                .await?;
            let rows = work.transaction.query(&unseen, &[stream, &mark]).await?;
            let keys: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
            counts.deleted += remove(work, grave, commit, &keys).await?;
            Ok(())
        }
        Completes::Seen(parents) => {
            let unseen = work
                .prepare(
                    "SELECT key FROM _sync_keys AS k WHERE stream = $1 AND deleted_at IS NULL \
                     AND (seen IS NULL OR seen < $2) AND EXISTS (SELECT FROM _sync_keys AS s \
                     WHERE s.stream = $1 AND s.parent = k.parent AND s.seen >= $2)",
                )
                .await?;
            let rows = work.transaction.query(&unseen, &[stream, &mark]).await?;
            let gone: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
            counts.deleted += remove(work, grave, commit, &gone).await?;
            let read = work
                .prepare(
                    "INSERT INTO _sync_children \
                     SELECT DISTINCT ON (p.key) $1, p.key, p.version, $4::timestamptz \
                     FROM _sync_keys AS p WHERE p.stream = ANY($3) AND p.deleted_at IS NULL \
                     AND EXISTS (SELECT FROM _sync_keys AS s WHERE s.stream = $1 \
                     AND s.parent = p.key AND s.seen >= $2) \
                     ON CONFLICT (stream, parent) DO UPDATE SET version = excluded.version, \
                     read_at = excluded.read_at",
                )
                .await?;
            work.transaction
                .execute(&read, &[stream, &mark, parents, &Instant(commit.at)])
                .await?;
            forget_unseen(work, stream, mark).await
        }
        Completes::Read {
            keys,
            streams,
            is_complete,
        } => {
            let gone = unseen(work, stream, keys, mark).await?;
            counts.deleted += remove(work, grave, commit, &gone).await?;
            let read = work
                .prepare(
                    "INSERT INTO _sync_children \
                     SELECT DISTINCT ON (p.key) $1, p.key, p.version, $4::timestamptz \
                     FROM _sync_keys AS p WHERE p.stream = ANY($3) AND p.key = ANY($2) \
                     AND p.deleted_at IS NULL \
                     ON CONFLICT (stream, parent) DO UPDATE SET version = excluded.version, \
                     read_at = excluded.read_at",
                )
                .await?;
            work.transaction
                .execute(&read, &[stream, keys, streams, &Instant(commit.at)])
                .await?;
            if *is_complete {
                forget_unseen(work, stream, mark).await?;
            }
            Ok(())
        }
        Completes::Of(parents) => {
            let keys: Vec<String> = parents.iter().map(|parent| parent.key.clone()).collect();
            let is_there = |key: &&String| !commit.missing.contains(*key);
            let there: Vec<String> = keys.iter().filter(is_there).cloned().collect();
            let gone = unseen(work, stream, &there, mark).await?;
            counts.deleted += remove(work, grave, commit, &gone).await?;
            let read = work
                .prepare(
                    "INSERT INTO _sync_children \
                     SELECT $1, parents.*, $4::timestamptz \
                     FROM unnest($2::text[], $3::bigint[]) AS parents \
                     ON CONFLICT (stream, parent) DO UPDATE SET version = excluded.version, \
                     read_at = excluded.read_at",
                )
                .await?;
            let versions: Vec<Option<i64>> = parents
                .iter()
                .map(|parent| i64::try_from(parent.version?).ok())
                .collect();
            work.transaction
                .execute(&read, &[stream, &keys, &versions, &Instant(commit.at)])
                .await?;
            Ok(())
        }
    }
}

/// The live rows of parents that a pass did not see.
async fn unseen(
    work: &mut Work<'_>,
    stream: &str,
    parents: &[String],
    mark: i64,
) -> Result<Vec<String>, Refused> {
    let unseen = work
        .prepare(
            "SELECT key FROM _sync_keys WHERE stream = $1 AND parent = ANY($2) \
             AND deleted_at IS NULL AND (seen IS NULL OR seen < $3)",
        )
        .await?;
    let rows = work
        .transaction
        .query(&unseen, &[&stream, &parents, &mark])
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
