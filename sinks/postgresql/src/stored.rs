//! Rows and times of reading, as streams that are computed from them read them back.

use sync::{Doubt, StoredRow};
use tokio_postgres::Row;

use crate::instant::Instant;
use crate::schema::{Layout, SqlType, quoted, table_name};

/// How many rows are returned at once.
pub(crate) const ROWS: i64 = 1_000;

/// The query for rows of a stream with these columns, up to the condition on keys.
pub(crate) fn select(stream: &str, columns: &[&str], layout: &Layout) -> String {
    let mut values = String::new();
    for name in columns {
        values.push_str(", ");
        match layout.get(*name) {
            None => values.push_str("NULL::text"),
            Some(column) => {
                let name = &column.name;
                values.push_str(&match column.sql_type {
                    SqlType::Timestamptz => {
                        format!("round(extract(epoch from t.{name}) * 1000)::bigint::text")
                    }
                    _ => format!("t.{name}::text"),
                });
            }
        }
    }
    format!(
        "SELECT k.key, k.container, k.fingerprint, t._sync_at, k.seen, r.started_at, \
         CASE WHEN k.scope <> 0 THEN 'filtered' WHEN EXISTS (SELECT FROM _sync_failures AS f WHERE f.stream = k.stream AND f.key = k.key) \
         THEN 'failed' WHEN EXISTS (SELECT FROM _sync_holds AS h WHERE h.stream = k.stream AND h.key = k.key) \
         THEN 'held' WHEN k.missing_since IS NOT NULL THEN 'missing' WHEN k.is_stale THEN 'stale' END, \
         k.deleted_at, k.reason, k.version{values} FROM _sync_keys AS k \
         LEFT JOIN {} AS t ON t._sync_key = k.key \
         LEFT JOIN _sync_runs AS r ON r.run = k.seen WHERE k.stream = $1",
        quoted(&table_name(stream))
    )
}

/// A row of that query.
pub(crate) fn row_of(row: &Row, columns: usize) -> StoredRow {
    let instant = |place| row.get::<_, Option<Instant>>(place).map(|at| at.0);
    let doubt: Option<&str> = row.get(6);
    let reason: Option<String> = row.get(8);
    StoredRow {
        key: row.get(0),
        container: row.get(1),
        fingerprint: row.get(2),
        changed: instant(3).unwrap_or_default(),
        seen: row.get(4),
        seen_at: instant(5),
        doubt: doubt.and_then(Doubt::named),
        deleted: instant(7).map(|at| (at, reason.unwrap_or_default())),
        version: row.get(9),
        values: (0..columns).map(|place| row.get(10 + place)).collect(),
    }
}
