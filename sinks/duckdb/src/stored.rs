//! Rows and times of reading, as streams that are computed from them read them back.

use sync::{Doubt, StoredRow};

use crate::rows::Row;
use crate::schema::{Layout, SqlType, quoted};

/// How many rows are returned at once.
pub(crate) const ROWS: i64 = 1_000;

/// The query for rows of a stream with these columns, up to the condition on keys.
pub(crate) fn select(stream: &str, columns: &[&str], layout: &Layout) -> String {
    let mut values = String::new();
    for name in columns {
        values.push_str(", ");
        match layout.get(*name) {
            None => values.push_str("NULL::VARCHAR"),
            Some(column) => {
                let name = &column.name;
                values.push_str(&match column.sql_type {
                    SqlType::Timestamptz => format!("epoch_ms(t.{name})::VARCHAR"),
                    _ => format!("t.{name}::VARCHAR"),
                });
            }
        }
    }
    format!(
        "SELECT k.key, k.container, k.fingerprint, epoch_ms(t._sync_at), k.seen, \
         epoch_ms(r.started_at), CASE WHEN k.scope <> 0 THEN 'filtered' \
         WHEN EXISTS (SELECT 1 FROM _sync_failures AS f WHERE f.stream = k.stream AND f.key = k.key) \
         THEN 'failed' \
         WHEN EXISTS (SELECT 1 FROM _sync_holds AS h WHERE h.stream = k.stream AND h.key = k.key) \
         THEN 'held' WHEN k.missing_since IS NOT NULL THEN 'missing' WHEN k.is_stale THEN 'stale' END, \
         epoch_ms(k.deleted_at), k.reason, k.version{values} FROM _sync_keys AS k \
         LEFT JOIN {} AS t ON t._sync_key = k.key \
         LEFT JOIN _sync_runs AS r ON r.run = k.seen WHERE k.stream = $1",
        quoted(stream)
    )
}

/// A row of that query.
pub(crate) fn row_of(row: Row<'_>, columns: usize) -> StoredRow {
    let deleted = row.integer(7);
    StoredRow {
        key: row.text(0).unwrap_or_default(),
        container: row.text(1),
        fingerprint: row.text(2).unwrap_or_default(),
        changed: row.integer(3).unwrap_or_default(),
        seen: row.integer(4),
        seen_at: row.integer(5),
        doubt: row.text(6).as_deref().and_then(Doubt::named),
        deleted: deleted.map(|at| (at, row.text(8).unwrap_or_default())),
        version: row.integer(9),
        values: (0..columns).map(|place| row.text(10 + place)).collect(),
    }
}
