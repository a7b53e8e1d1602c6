//! The log of a stream's changes: `STREAM__changes`, which triggers of its table write.
//!
//! A trigger runs in the transaction that changes a row, whatever changes it: no change is without its
//! line in the log, and no line without its change. It stays until it is taken away, so that a run
//! that says nothing of the log leaves no gap in it.

use rusqlite::{Transaction, params};
use source::ColumnType;

use crate::schema::{log_name, quoted};

const COLUMNS: &str = "\
seq INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, at TEXT NOT NULL, op TEXT NOT NULL, \
key TEXT NOT NULL, \"row\" TEXT";

/// A row that only got a mark or another age is what it was: neither touches what says when it was
/// written.
const UNLESS_AS_IT_WAS: &str = " WHEN (NEW._sync_run, NEW._sync_at, NEW._sync_hash, NEW._sync_deleted_at) \
IS NOT (OLD._sync_run, OLD._sync_at, OLD._sync_hash, OLD._sync_deleted_at)";

/// Begins or ends the log of a stream, or leaves it as it is; a log has all columns that the table has
/// now.
pub(crate) fn prepare(
    transaction: &Transaction<'_>,
    stream: &str,
    is_wanted: Option<bool>,
) -> rusqlite::Result<()> {
    let log = log_name(stream);
    let is_kept = transaction
        .prepare("SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = ?1")?
        .exists([trigger(stream, "insert")])?;
    let is_wanted = is_wanted.unwrap_or(is_kept);
    if !is_kept && !is_wanted {
        return Ok(());
    }
    for event in ["insert", "update"] {
        let name = quoted(&trigger(stream, event));
        transaction.execute_batch(&format!("DROP TRIGGER IF EXISTS {name}"))?;
    }
    if !is_wanted {
        return Ok(());
    }
    let is_new = transaction.execute(
        "INSERT OR IGNORE INTO _sync_columns VALUES (?1, 'seq', ?2)",
        params![log, ColumnType::Integer.name()],
    )?;
    if is_new > 0 {
        transaction.execute_batch(&format!("CREATE TABLE {} ({COLUMNS})", quoted(&log)))?;
    }
    let (into, table) = (quoted(&log), quoted(stream));
    let columns = columns(transaction, stream)?;
    if !is_kept {
        // From here on the last line of each key is what the table has.
        transaction.execute_batch(&format!(
            "INSERT INTO {into} (run, at, op, key, \"row\") SELECT {}, {} FROM {table} AS n \
             ORDER BY n._sync_at, n._sync_key",
            line("n", "'insert'"),
            whole("n", &columns)
        ))?;
    }
    let was_deleted = "CASE WHEN OLD._sync_deleted_at IS NULL THEN 'update' ELSE 'insert' END";
    for (event, op) in [("insert", "'insert'"), ("update", was_deleted)] {
        transaction.execute_batch(&format!(
            "CREATE TRIGGER {} AFTER {event} ON {table}{} BEGIN \
             INSERT INTO {into} (run, at, op, key, \"row\") VALUES ({}, {}); END",
            quoted(&trigger(stream, event)),
            if event == "update" {
                UNLESS_AS_IT_WAS
            } else {
                ""
            },
            line("NEW", op),
            whole("NEW", &columns)
        ))?;
    }
    Ok(())
}

fn trigger(stream: &str, event: &str) -> String {
    format!("{stream}__changes_{event}")
}

/// A line of the log, all but the row.
fn line(row: &str, op: &str) -> String {
    format!(
        "{row}._sync_run, {row}._sync_at, \
         CASE WHEN {row}._sync_deleted_at IS NULL THEN {op} ELSE 'delete' END, {row}._sync_key"
    )
}

/// The columns of a row as a JSON object; of a deleted one nothing.
fn whole(row: &str, columns: &[(String, String)]) -> String {
    let values: Vec<String> = columns
        .iter()
        .map(|(name, column_type)| {
            let value = format!("{row}.{}", quoted(name));
            let value = if column_type == ColumnType::Json.name() {
                format!("CASE WHEN json_valid({value}) THEN json({value}) ELSE {value} END")
            } else if column_type == ColumnType::Boolean.name() {
                format!("json(CASE {value} WHEN 0 THEN 'false' WHEN 1 THEN 'true' END)")
            } else {
                value
            };
            format!("'{}', {value}", name.replace('\'', "''"))
        })
        .collect();
    format!(
        "CASE WHEN {row}._sync_deleted_at IS NULL THEN json_object({}) END",
        values.join(", ")
    )
}

/// The columns of a table that are a stream's, and their types.
fn columns(transaction: &Transaction<'_>, stream: &str) -> rusqlite::Result<Vec<(String, String)>> {
    transaction
        .prepare_cached(
            "SELECT c.column_name, c.type FROM _sync_columns AS c JOIN pragma_table_info(?1) AS t \
             ON t.name = c.column_name WHERE c.stream = ?1 ORDER BY t.cid",
        )?
        .query_map([stream], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}
