//! What past runs left: for people who ask how current a copy is.

use sync::{Counts, Hold, PastRun, StreamStatus};

use crate::rows::Row;

pub(crate) const RUNS: &str = "SELECT run, epoch_ms(started_at), epoch_ms(ended_at), outcome, \
     requests, points, inserted, updated, unchanged, deleted, streams, errors, settings \
     FROM _sync_runs ORDER BY run DESC LIMIT $1";

pub(crate) fn run(row: Row<'_>) -> PastRun {
    PastRun {
        run: row.integer(0).unwrap_or_default(),
        started: row.integer(1).unwrap_or_default(),
        ended: row.integer(2),
        outcome: row.text(3),
        requests: row.integer(4),
        points: row.integer(5),
        inserted: row.integer(6),
        updated: row.integer(7),
        unchanged: row.integer(8),
        deleted: row.integer(9),
        streams: row.text(10),
        errors: row.text(11),
        settings: row.text(12).unwrap_or_default(),
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

pub(crate) fn counts(row: Row<'_>) -> (String, Counts) {
    let count = |index| row.integer(index).unwrap_or_default().unsigned_abs();
    let stream = row.text(0).unwrap_or_default();
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
  epoch_ms(changes), epoch_ms(seen), epoch_ms(sets), coalesce(filtered, 0)
FROM (SELECT DISTINCT stream FROM _sync_columns WHERE type <> 'view' AND column_name <> 'seq') AS names
LEFT JOIN keys ON keys.stream = names.stream
LEFT JOIN holds ON holds.stream = names.stream
LEFT JOIN passes ON passes.stream = names.stream ORDER BY names.stream";

pub(crate) fn stream(row: Row<'_>) -> StreamStatus {
    let number = |index| row.integer(index).unwrap_or_default();
    StreamStatus {
        stream: row.text(0).unwrap_or_default(),
        live: number(1),
        deleted: number(2),
        missing: number(3),
        held: number(4),
        changes: row.integer(5),
        seen: row.integer(6),
        sets: row.integer(7),
        filtered: number(8),
    }
}

pub(crate) const HOLDS: &str = "\
SELECT h.stream, h.key, k.container, epoch_ms(h.held_at) FROM _sync_holds AS h \
LEFT JOIN _sync_keys AS k ON k.stream = h.stream AND k.key = h.key \
WHERE approved_at IS NULL ORDER BY h.stream, h.key";

pub(crate) fn hold(row: Row<'_>) -> Hold {
    Hold {
        stream: row.text(0).unwrap_or_default(),
        key: row.text(1).unwrap_or_default(),
        container: row.text(2),
        held: row.integer(3).unwrap_or_default(),
    }
}
