//! What past runs left: for people who ask how current a copy is.

use sync::{Counts, Hold, PastRun, StreamStatus};
use tokio_postgres::Row;

use crate::instant::Instant;

pub(crate) const RUNS: &str = "SELECT run, started_at, ended_at, outcome, requests, points, inserted, \
     updated, unchanged, deleted, streams::text, errors::text, settings FROM _sync_runs ORDER BY run DESC LIMIT $1";

pub(crate) fn run(row: &Row) -> PastRun {
    let instant = |index| {
        row.get::<_, Option<Instant>>(index)
            .map(|instant| instant.0)
    };
    PastRun {
        run: row.get(0),
        started: instant(1).unwrap_or_default(),
        ended: instant(2),
        outcome: row.get(3),
        requests: row.get(4),
        points: row.get(5),
        inserted: row.get(6),
        updated: row.get(7),
        unchanged: row.get(8),
        deleted: row.get(9),
        streams: row.get(10),
        errors: row.get(11),
        settings: row.get(12),
    }
}

/// What a run has done to the rows of each stream. Of a row that was never written, only the key is there. One
/// that is back in scope was there before.
pub(crate) const COUNTS: &str = "\
SELECT stream, count(*) FILTER (WHERE is_there AND was_added),
  count(*) FILTER (WHERE is_there AND was_written AND NOT was_added),
  count(*) FILTER (WHERE is_there AND NOT was_written AND NOT (is_stale AND written_run IS NULL)),
  count(*) FILTER (WHERE is_deleted AND was_written AND added_run IS DISTINCT FROM $1),
  count(*) FILTER (WHERE scope = 2 AND left_run IS NOT DISTINCT FROM $1)
FROM (SELECT stream, is_stale, scope, added_run, written_run, left_run, deleted_at IS NULL AND scope = 0 AS is_there,
  deleted_at IS NOT NULL AS is_deleted, added_run IS NOT DISTINCT FROM $1 AND left_run IS NULL AS was_added,
  written_run IS NOT DISTINCT FROM $1 AS was_written FROM _sync_keys) AS keys
GROUP BY stream";

pub(crate) fn counts(row: &Row) -> (String, Counts) {
    let count = |index| row.get::<_, i64>(index).unsigned_abs();
    let stream = row.get(0);
    let counts = Counts {
        inserted: count(1),
        updated: count(2),
        unchanged: count(3),
        deleted: count(4),
        left: count(5),
    };
    (stream, counts)
}

pub(crate) const STREAMS: &str = "\
WITH keys AS (
  SELECT stream, count(*) FILTER (WHERE deleted_at IS NULL AND scope = 0) AS live,
    count(*) FILTER (WHERE scope = 2) AS filtered,
    count(*) FILTER (WHERE deleted_at IS NOT NULL) AS deleted,
    count(*) FILTER (WHERE missing_since IS NOT NULL AND scope = 0) AS missing FROM _sync_keys GROUP BY stream),
holds AS (SELECT stream, count(*) AS held FROM _sync_holds GROUP BY stream),
passes AS (
  SELECT stream, min(completed_at) FILTER (WHERE pass = 'changes') AS changes,
    max(completed_at) FILTER (WHERE pass IN ('full', 'census') AND NOT is_open) AS seen,
    max(completed_at) FILTER (WHERE pass IN ('details', 'versions', 'access') AND NOT is_open) AS sets
  FROM _sync_state GROUP BY stream)
SELECT names.stream, coalesce(live, 0), coalesce(deleted, 0), coalesce(missing, 0), coalesce(held, 0),
  changes, seen, sets, coalesce(filtered, 0)
FROM (SELECT DISTINCT stream FROM _sync_columns WHERE type <> 'view' AND column_name <> 'seq') AS names
LEFT JOIN keys ON keys.stream = names.stream
LEFT JOIN holds ON holds.stream = names.stream
LEFT JOIN passes ON passes.stream = names.stream ORDER BY names.stream COLLATE \"C\"";

pub(crate) fn stream(row: &Row) -> StreamStatus {
    let instant = |index| {
        row.get::<_, Option<Instant>>(index)
            .map(|instant| instant.0)
    };
    StreamStatus {
        stream: row.get(0),
        live: row.get(1),
        deleted: row.get(2),
        missing: row.get(3),
        held: row.get(4),
        changes: instant(5),
        seen: instant(6),
        sets: instant(7),
        filtered: row.get(8),
    }
}

pub(crate) const HOLDS: &str = "SELECT h.stream, h.key, k.container, h.held_at FROM _sync_holds AS h \
     LEFT JOIN _sync_keys AS k ON k.stream = h.stream AND k.key = h.key \
     WHERE approved_at IS NULL ORDER BY h.stream, h.key";

pub(crate) fn hold(row: &Row) -> Hold {
    let held: Instant = row.get(3);
    Hold {
        stream: row.get(0),
        key: row.get(1),
        container: row.get(2),
        held: held.0,
    }
}
