//! Rows and times of reading, as streams that are computed from them read them back.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, ToSql, params};
use sync::{Doubt, Millis, StoredRow, Which};

use crate::store::RowStore;

/// How many rows are returned at once.
const ROWS: i64 = 1_000;

/// Rows of a stream with these columns.
pub(crate) fn rows(
    connection: &Connection,
    store: &dyn RowStore,
    stream: &str,
    columns: &[&str],
    which: Which<'_>,
) -> rusqlite::Result<Vec<StoredRow>> {
    let known = known(connection, stream)?;
    if known.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = columns.iter();
    let there: Vec<&(String, String)> = wanted
        .filter_map(|name| known.iter().find(|(column, _)| column == name))
        .collect();
    let names: Vec<(&str, &str)> = there
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let source = store.source(stream, &names);
    let mut values = String::new();
    for name in columns {
        let place = there.iter().position(|(column, _)| column == name);
        let expression = place.and_then(|place| source.columns.get(place));
        values.push_str(", ");
        values.push_str(expression.map_or("NULL", String::as_str));
    }
    let select = format!(
        "SELECT k.key, k.container, k.fingerprint, coalesce({}, 0), k.seen, r.started_at, \
         CASE WHEN k.scope <> 0 THEN 'filtered' WHEN EXISTS (SELECT 1 FROM _sync_failures AS f WHERE f.stream = k.stream AND f.key = k.key) \
         THEN 'failed' WHEN EXISTS (SELECT 1 FROM _sync_holds AS h WHERE h.stream = k.stream AND h.key = k.key) \
         THEN 'held' WHEN k.missing_since IS NOT NULL THEN 'missing' WHEN k.is_stale THEN 'stale' END, \
         k.deleted_at, k.reason, k.version{values} FROM _sync_keys AS k {} \
         LEFT JOIN _sync_runs AS r ON r.run = k.seen WHERE k.stream = ?1",
        source.changed, source.join
    );
    let read = |row: &Row<'_>| row_of(row, columns.len());
    match which {
        Which::After(after) => connection
            .prepare_cached(&format!(
                "{select} AND k.key > ?2 AND k.deleted_at IS NULL AND k.scope = 0 ORDER BY k.key LIMIT {ROWS}"
            ))?
            .query_map(params![stream, after], read)?
            .collect(),
        Which::Keyed(keys) => {
            let mut found = Vec::with_capacity(keys.len());
            let mut statement = connection.prepare_cached(&format!("{select} AND k.key = ?2"))?;
            for key in keys {
                let values: [&dyn ToSql; 2] = [&stream, key];
                for row in statement.query_map(values, read)? {
                    found.push(row?);
                }
            }
            Ok(found)
        }
    }
}

fn row_of(row: &Row<'_>, columns: usize) -> rusqlite::Result<StoredRow> {
    let doubt: Option<String> = row.get(6)?;
    let deleted: Option<Millis> = row.get(7)?;
    let reason: Option<String> = row.get(8)?;
    let mut values = Vec::with_capacity(columns);
    for place in 0..columns {
        let value: Value = row.get(10 + place)?;
        values.push(match value {
            Value::Text(text) => Some(text),
            Value::Integer(number) => Some(number.to_string()),
            _ => None,
        });
    }
    Ok(StoredRow {
        key: row.get(0)?,
        container: row.get(1)?,
        fingerprint: row.get(2)?,
        version: row.get(9)?,
        changed: row.get(3)?,
        seen: row.get(4)?,
        seen_at: row.get(5)?,
        doubt: doubt.as_deref().and_then(Doubt::named),
        deleted: deleted.map(|at| (at, reason.unwrap_or_default())),
        values,
    })
}

/// The columns that the copy has of a stream, and their types.
fn known(connection: &Connection, stream: &str) -> rusqlite::Result<Vec<(String, String)>> {
    connection
        .prepare_cached(
            "SELECT column_name, type FROM _sync_columns WHERE stream = ?1 AND type <> 'view'",
        )?
        .query_map([stream], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// When the sets of parents were read.
pub(crate) fn reads(
    connection: &Connection,
    stream: &str,
    after: &str,
) -> rusqlite::Result<Vec<(String, Millis)>> {
    connection
        .prepare_cached(&format!(
            "SELECT parent, read_at FROM _sync_children WHERE stream = ?1 AND parent > ?2 \
             ORDER BY parent LIMIT {ROWS}"
        ))?
        .query_map([stream, after], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}
