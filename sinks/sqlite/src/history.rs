//! What past runs left: for people who ask how current a copy is.

use rusqlite::{Connection, params};
use sync::{Counts, Hold, PastRun, StreamStatus};

pub(crate) fn runs(connection: &Connection, limit: u32) -> rusqlite::Result<Vec<PastRun>> {
    connection
        .prepare(
            "SELECT run, started_at, ended_at, outcome, requests, points, inserted, updated, unchanged, \
             deleted, streams, errors, settings FROM _sync_runs ORDER BY run DESC LIMIT ?1",
        )?
        .query_map([limit], |row| {
            Ok(PastRun {
                run: row.get(0)?,
                started: row.get(1)?,
                ended: row.get(2)?,
                outcome: row.get(3)?,
                requests: row.get(4)?,
                points: row.get(5)?,
                inserted: row.get(6)?,
                updated: row.get(7)?,
                unchanged: row.get(8)?,
                deleted: row.get(9)?,
                streams: row.get(10)?,
                errors: row.get(11)?,
                settings: row.get(12)?,
            })
        })?
        .collect()
}

/// What a run has done to the rows of each stream. Of a row that was never written, only the key is there. One
/// that is back in scope was there before.
pub(crate) fn counts(connection: &Connection, run: i64) -> rusqlite::Result<Vec<(String, Counts)>> {
    connection
        .prepare(
            "SELECT stream, \
             count(*) FILTER (WHERE is_there AND is_new), \
             count(*) FILTER (WHERE is_there AND written_run IS ?1 AND NOT is_new), \
             count(*) FILTER (WHERE is_there AND written_run IS NOT ?1 \
               AND NOT (is_stale AND written_run IS NULL)), \
             count(*) FILTER (WHERE deleted_at IS NOT NULL AND written_run IS ?1 \
               AND added_run IS NOT ?1), \
             count(*) FILTER (WHERE scope = 2 AND left_run IS ?1) \
             FROM (SELECT *, deleted_at IS NULL AND scope = 0 AS is_there, \
               added_run IS ?1 AND left_run IS NULL AS is_new FROM _sync_keys) \
             GROUP BY stream",
        )?
        .query_map([run], |row| {
            let count = |index| row.get(index).map(i64::unsigned_abs);
            let counts = Counts {
                inserted: count(1)?,
                updated: count(2)?,
                unchanged: count(3)?,
                deleted: count(4)?,
                left: count(5)?,
            };
            Ok((row.get(0)?, counts))
        })?
        .collect()
}

/// Records runs that have not ended as interrupted.
pub(crate) fn interrupt(connection: &Connection) -> rusqlite::Result<()> {
    let open: Vec<i64> = connection
        .prepare("SELECT run FROM _sync_runs WHERE outcome IS NULL")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for run in open {
        let counts = counts(connection, run)?
            .into_iter()
            .map(|(_, counts)| counts);
        let [inserted, updated, unchanged, deleted] = counts.sum::<Counts>().columns();
        connection.execute(
            "UPDATE _sync_runs SET outcome = 'interrupted', inserted = ?2, updated = ?3, \
             unchanged = ?4, deleted = ?5 WHERE run = ?1",
            params![run, inserted, updated, unchanged, deleted],
        )?;
    }
    Ok(())
}

pub(crate) fn streams(connection: &Connection) -> rusqlite::Result<Vec<StreamStatus>> {
    connection
        .prepare(
            "SELECT names.stream, \
             (SELECT count(*) FROM _sync_keys AS k WHERE k.stream = names.stream AND deleted_at IS NULL AND scope = 0), \
             (SELECT count(*) FROM _sync_keys AS k WHERE k.stream = names.stream AND deleted_at IS NOT NULL), \
             (SELECT count(*) FROM _sync_keys AS k WHERE k.stream = names.stream AND missing_since IS NOT NULL AND scope = 0), \
             (SELECT count(*) FROM _sync_holds AS h WHERE h.stream = names.stream), \
             (SELECT min(completed_at) FROM _sync_state AS s WHERE s.stream = names.stream AND pass = 'changes'), \
             (SELECT max(completed_at) FROM _sync_state AS s WHERE s.stream = names.stream AND pass IN ('full', 'census') AND is_open = 0), \
             (SELECT max(completed_at) FROM _sync_state AS s WHERE s.stream = names.stream AND pass IN ('details', 'versions', 'access') AND is_open = 0), \
             (SELECT count(*) FROM _sync_keys AS k WHERE k.stream = names.stream AND scope = 2) \
             FROM (SELECT DISTINCT stream FROM _sync_columns WHERE type <> 'view' AND column_name <> 'seq') AS names ORDER BY names.stream",
        )?
        .query_map([], |row| {
            Ok(StreamStatus {
                stream: row.get(0)?,
                live: row.get(1)?,
                deleted: row.get(2)?,
                missing: row.get(3)?,
                held: row.get(4)?,
                changes: row.get(5)?,
                seen: row.get(6)?,
                sets: row.get(7)?,
                filtered: row.get(8)?,
            })
        })?
        .collect()
}

pub(crate) fn holds(connection: &Connection) -> rusqlite::Result<Vec<Hold>> {
    connection
        .prepare(
            "SELECT h.stream, h.key, k.container, h.held_at FROM _sync_holds AS h \
             LEFT JOIN _sync_keys AS k ON k.stream = h.stream AND k.key = h.key \
             WHERE approved_at IS NULL ORDER BY h.stream, h.key",
        )?
        .query_map([], |row| {
            Ok(Hold {
                stream: row.get(0)?,
                key: row.get(1)?,
                container: row.get(2)?,
                held: row.get(3)?,
            })
        })?
        .collect()
}
