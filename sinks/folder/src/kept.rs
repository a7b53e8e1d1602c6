//! Columns that streams are computed from. Files are not read back, so the registry has a copy.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde_json::{Map, Value};
use sink_sqlite::{RowSource, forget_passes};
use source::{Batch, SystemColumn};
use sync::Millis;

/// The columns of each row as a JSON object, and which columns that are.
pub(crate) const TABLES: &str = "\
CREATE TABLE IF NOT EXISTS _sync_kept (stream TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, \
row TEXT NOT NULL, PRIMARY KEY (stream, key)) WITHOUT ROWID; \
CREATE TABLE IF NOT EXISTS _sync_kept_columns (stream TEXT PRIMARY KEY NOT NULL, columns TEXT NOT NULL) \
WITHOUT ROWID;";

/// Which columns are kept, by stream. What was kept once is kept from then on: otherwise a run that does
/// not need it would leave rows behind that are older than those of the copy.
pub(crate) fn recorded(connection: &Connection) -> rusqlite::Result<BTreeMap<String, Vec<String>>> {
    let mut streams = connection.prepare("SELECT stream, columns FROM _sync_kept_columns")?;
    let streams = streams.query_map([], |row| {
        let columns: String = row.get(1)?;
        Ok((row.get(0)?, columns.split('/').map(str::to_owned).collect()))
    })?;
    streams.collect()
}

/// Prepares a stream. If other columns were kept before, all of it is due again: files are not read back.
/// Rows whose columns are missing are written once more when they are read.
pub(crate) fn prepare(
    transaction: &Transaction<'_>,
    stream: &str,
    columns: &[String],
) -> rusqlite::Result<()> {
    let text = columns.join("/");
    let before: Option<String> = transaction
        .query_row(
            "SELECT columns FROM _sync_kept_columns WHERE stream = ?1",
            [stream],
            |row| row.get(0),
        )
        .optional()?;
    if before.as_ref() != Some(&text) {
        transaction.execute("DELETE FROM _sync_kept WHERE stream = ?1", [stream])?;
        transaction.execute(
            "INSERT OR REPLACE INTO _sync_kept_columns VALUES (?1, ?2)",
            [stream, &text],
        )?;
        forget_passes(transaction, stream)?;
    }
    transaction.execute(
        "UPDATE _sync_keys SET is_stale = 1 WHERE stream = ?1 AND deleted_at IS NULL AND NOT EXISTS \
         (SELECT 1 FROM _sync_kept AS r WHERE r.stream = _sync_keys.stream AND r.key = _sync_keys.key)",
        [stream],
    )?;
    Ok(())
}

/// Keeps the columns of rows.
pub(crate) fn write(
    transaction: &Transaction<'_>,
    at: Millis,
    batch: &Batch,
    rows: &[usize],
    columns: &[String],
) -> rusqlite::Result<()> {
    let mut insert =
        transaction.prepare_cached("INSERT OR REPLACE INTO _sync_kept VALUES (?1, ?2, ?3, ?4)")?;
    for row in rows {
        let value = |name: &String| -> Value {
            let text = batch.text(name, *row).map(Value::from);
            let number = || {
                batch
                    .integer(name, *row)
                    .or_else(|| batch.instant(name, *row))
            };
            text.or_else(|| number().map(Value::from))
                .unwrap_or_default()
        };
        let object: Map<String, Value> = columns
            .iter()
            .map(|name| (name.clone(), value(name)))
            .collect();
        let key = batch.system(SystemColumn::Key, *row);
        let text = Value::Object(object).to_string();
        insert.execute(params![batch.stream(), key, at, text])?;
    }
    Ok(())
}

/// Forgets a row that is deleted.
pub(crate) fn remove(
    transaction: &Transaction<'_>,
    stream: &str,
    key: &str,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("DELETE FROM _sync_kept WHERE stream = ?1 AND key = ?2")?
        .execute([stream, key])?;
    Ok(())
}

/// Where SQL finds the columns.
pub(crate) fn source(columns: &[(&str, &str)]) -> RowSource {
    let value = |(name, _): &(&str, &str)| format!("t.row ->> '$.\"{name}\"'");
    RowSource {
        join: "LEFT JOIN _sync_kept AS t ON t.stream = k.stream AND t.key = k.key".to_owned(),
        changed: "t.at".to_owned(),
        columns: columns.iter().map(value).collect(),
    }
}
