//! The log of a stream's changes: `STREAM__changes`.
//!
//! DuckDB has no triggers, and needs none here: whatever changes a row adds its line in the same
//! transaction, and while a run has the file open no other program can change one.

use std::collections::BTreeMap;

use crate::error::Refused;
use crate::parameters::{List, list};
use crate::schema::{Tables, has_table, quoted};
use crate::session::{Session, Work};

/// The column by which `_sync_columns` says that a log is a sync's.
pub(crate) const MARKER: &str = "seq";

const COLUMNS: &str = "\
seq BIGINT PRIMARY KEY, run BIGINT NOT NULL, \"at\" TIMESTAMPTZ NOT NULL, op VARCHAR NOT NULL, \
key VARCHAR NOT NULL, \"row\" JSON";

fn log_of(stream: &str) -> String {
    format!("{stream}__changes")
}

/// Begins or ends the log of a stream, or leaves it as it is. Returns whether changes are logged.
pub(crate) fn prepare(
    session: &mut Session,
    tables: &Tables,
    stream: &str,
    is_wanted: Option<bool>,
) -> Result<bool, Refused> {
    let kept = session.query("SELECT 1 FROM _sync_logs WHERE stream = $1", &[&stream])?;
    let is_kept = !kept.is_empty();
    if !is_wanted.unwrap_or(is_kept) {
        if is_kept {
            session.query("DELETE FROM _sync_logs WHERE stream = $1", &[&stream])?;
        }
        return Ok(false);
    }
    if is_kept {
        return Ok(true);
    }
    let log = log_of(stream);
    let is_ours = session.query("SELECT 1 FROM _sync_columns WHERE stream = $1", &[&log])?;
    let is_ours = !is_ours.is_empty();
    if !is_ours && has_table(session, &log)? {
        return Err(Refused::Foreign(log));
    }
    let mut work = session.transaction()?;
    if !is_ours {
        work.query(
            "INSERT INTO _sync_columns VALUES ($1, $2, 'BIGINT', $2)",
            &[&log, &MARKER],
        )?;
        let create = format!("CREATE TABLE {} ({COLUMNS})", quoted(&log));
        work.query(&create, &[])?;
    }
    work.query("INSERT INTO _sync_logs VALUES ($1)", &[&stream])?;
    // From here on the last line of each key is what the table has.
    let begin = lines(tables, stream, "'insert'", "true");
    work.query(&begin, &[])?;
    work.commit()?;
    Ok(true)
}

/// The live rows among these, which a later line says were updated.
pub(crate) fn live(
    work: &mut Work<'_>,
    tables: &Tables,
    stream: &str,
    keys: &List,
) -> Result<Vec<String>, Refused> {
    if !tables.logged.contains(stream) {
        return Ok(Vec::new());
    }
    let live = format!(
        "SELECT _sync_key FROM {} WHERE _sync_key IN (SELECT unnest($1)) \
         AND _sync_deleted_at IS NULL",
        quoted(stream)
    );
    Ok(work.query(&live, &[keys])?.texts())
}

/// Adds a line for each of these rows as they are now; `updated` were live before.
pub(crate) fn add(
    work: &mut Work<'_>,
    tables: &Tables,
    stream: &str,
    keys: &List,
    updated: &[String],
) -> Result<(), Refused> {
    if !tables.logged.contains(stream) {
        return Ok(());
    }
    let op = "CASE WHEN t._sync_key IN (SELECT unnest($2)) THEN 'update' ELSE 'insert' END";
    let add = lines(tables, stream, op, "t._sync_key IN (SELECT unnest($1))");
    work.query(&add, &[keys, &list(updated)]).map(drop)
}

/// The statement that adds a line for each row of a stream for which a condition holds. The line of a
/// deleted row has no columns of it.
fn lines(tables: &Tables, stream: &str, op: &str, condition: &str) -> String {
    let (log, table) = (quoted(&log_of(stream)), quoted(stream));
    // In a fixed order: the layout has none.
    let layout: BTreeMap<_, _> = tables.layouts.get(stream).into_iter().flatten().collect();
    let columns: Vec<String> = layout
        .values()
        .map(|column| {
            let name = &column.name;
            let text = name.trim_matches('"').replace("\"\"", "\"");
            let text = text.replace('\'', "''");
            let value = match column.sql_type {
                crate::schema::SqlType::Timestamptz => {
                    format!("strftime(make_timestamp(epoch_us(t.{name})), '%Y-%m-%dT%H:%M:%S.%gZ')")
                }
                _ => format!("t.{name}"),
            };
            format!("'{text}': {value}")
        })
        .collect();
    let row = format!("to_json({{{}}})", columns.join(", "));
    format!(
        "INSERT INTO {log} SELECT (SELECT coalesce(max(seq), 0) FROM {log}) \
         + row_number() OVER (ORDER BY t._sync_at, t._sync_key), t._sync_run, t._sync_at, \
         CASE WHEN t._sync_deleted_at IS NULL THEN {op} ELSE 'delete' END, t._sync_key, \
         CASE WHEN t._sync_deleted_at IS NULL THEN {row} END FROM {table} AS t WHERE {condition}"
    )
}
