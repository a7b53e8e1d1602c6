//! What past runs left: for people who ask how current a copy is.

use rusqlite::Connection;
use sync::Millis;

/// A past run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PastRun {
    /// Its number.
    pub run: i64,
    /// When it began.
    pub started: Millis,
    /// When it ended, unless it was interrupted or still goes on.
    pub ended: Option<Millis>,
    /// How it ended: `complete`, `partial`, `held`, `failed` or `interrupted`.
    pub outcome: Option<String>,
    /// Requests.
    pub requests: Option<i64>,
    /// Points.
    pub points: Option<i64>,
    /// Rows that were new.
    pub inserted: Option<i64>,
    /// Rows that had changed.
    pub updated: Option<i64>,
    /// Rows that were as before.
    pub unchanged: Option<i64>,
    /// Rows that were deleted.
    pub deleted: Option<i64>,
    /// What was counted for each stream, as JSON.
    pub streams: Option<String>,
    /// Errors, as JSON.
    pub errors: Option<String>,
}

/// How current a stream is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamStatus {
    /// Its name.
    pub stream: String,
    /// Live rows.
    pub live: i64,
    /// Deleted rows.
    pub deleted: i64,
    /// Rows that are missing on the site and not deleted yet.
    pub missing: i64,
    /// Deletions that wait for approval.
    pub held: i64,
    /// When changes were read last.
    pub changes: Option<Millis>,
    /// When all rows were seen last.
    pub seen: Option<Millis>,
    /// When sets were read last.
    pub sets: Option<Millis>,
}

/// A deletion that waits for approval.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hold {
    /// The stream.
    pub stream: String,
    /// The key of the row.
    pub key: String,
    /// The id of its space.
    pub container: Option<String>,
    /// Since when it waits.
    pub held: Millis,
}

pub(crate) fn runs(connection: &Connection, limit: u32) -> rusqlite::Result<Vec<PastRun>> {
    connection
        .prepare(
            "SELECT run, started_at, ended_at, outcome, requests, points, inserted, updated, unchanged, \
             deleted, streams, errors FROM _sync_runs ORDER BY run DESC LIMIT ?1",
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
            })
        })?
        .collect()
}

pub(crate) fn streams(connection: &Connection) -> rusqlite::Result<Vec<StreamStatus>> {
    connection
        .prepare(
            "SELECT names.stream, \
             (SELECT count(*) FROM _sync_keys AS k WHERE k.stream = names.stream AND deleted_at IS NULL), \
             (SELECT count(*) FROM _sync_keys AS k WHERE k.stream = names.stream AND deleted_at IS NOT NULL), \
             (SELECT count(*) FROM _sync_keys AS k WHERE k.stream = names.stream AND missing_since IS NOT NULL), \
             (SELECT count(*) FROM _sync_holds AS h WHERE h.stream = names.stream), \
             (SELECT min(completed_at) FROM _sync_state AS s WHERE s.stream = names.stream AND pass = 'changes'), \
             (SELECT max(completed_at) FROM _sync_state AS s WHERE s.stream = names.stream AND pass IN ('full', 'census') AND is_open = 0), \
             (SELECT max(completed_at) FROM _sync_state AS s WHERE s.stream = names.stream AND pass IN ('details', 'versions', 'access') AND is_open = 0) \
             FROM (SELECT DISTINCT stream FROM _sync_columns) AS names ORDER BY names.stream",
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
