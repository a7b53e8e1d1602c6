//! Tables: those of the streams, and those with what is known of the rows.

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use source::{Column, ColumnType};
use sync::{AddedColumn, AddedValue, Naming, Table};

use crate::refused::Refused;
use crate::store::RowStore;

/// The layout of the `_sync_*` tables.
pub(crate) const FORMAT: i64 = 1;

/// The tables with what is known of the rows. Times are milliseconds since 1970.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS _sync_meta (format INTEGER NOT NULL, epoch INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS _sync_runs (
  run INTEGER PRIMARY KEY, started_at INTEGER NOT NULL, ended_at INTEGER, outcome TEXT,
  requests INTEGER, points INTEGER, inserted INTEGER, updated INTEGER, unchanged INTEGER,
  deleted INTEGER, settings TEXT NOT NULL, streams TEXT, errors TEXT);
CREATE TABLE IF NOT EXISTS _sync_state (
  stream TEXT NOT NULL, pass TEXT NOT NULL, partition TEXT NOT NULL, state TEXT,
  mark INTEGER NOT NULL, is_open INTEGER NOT NULL, completed_at INTEGER, updated_at INTEGER NOT NULL,
  PRIMARY KEY (stream, pass, partition)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _sync_keys (
  stream TEXT NOT NULL, key TEXT NOT NULL, parent TEXT, container TEXT, version INTEGER,
  fingerprint TEXT NOT NULL, body_hash BLOB, is_stale INTEGER NOT NULL DEFAULT 0,
  seen INTEGER, missing_since INTEGER, deleted_at INTEGER, reason TEXT,
  scope INTEGER NOT NULL DEFAULT 0, added_run INTEGER, written_run INTEGER,
  left_run INTEGER,
  PRIMARY KEY (stream, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS _sync_keys_parent ON _sync_keys (stream, parent) WHERE parent IS NOT NULL;
CREATE TABLE IF NOT EXISTS _sync_facts (
  stream TEXT NOT NULL, key TEXT NOT NULL, facts TEXT, labels TEXT,
  PRIMARY KEY (stream, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _sync_children (
  stream TEXT NOT NULL, parent TEXT NOT NULL, version INTEGER, read_at INTEGER NOT NULL,
  PRIMARY KEY (stream, parent)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _sync_holds (
  stream TEXT NOT NULL, key TEXT NOT NULL, run INTEGER NOT NULL, held_at INTEGER NOT NULL,
  approved_at INTEGER, PRIMARY KEY (stream, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _sync_failures (
  stream TEXT NOT NULL, key TEXT NOT NULL, pass TEXT NOT NULL, code TEXT NOT NULL,
  message TEXT NOT NULL, run INTEGER NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL, next_at INTEGER NOT NULL, PRIMARY KEY (stream, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _sync_columns (
  stream TEXT NOT NULL, column_name TEXT NOT NULL, type TEXT NOT NULL,
  PRIMARY KEY (stream, column_name)) WITHOUT ROWID;
";

/// Columns that each table has beside those of its stream.
const OWN_COLUMNS: &str = "\
_sync_key TEXT PRIMARY KEY NOT NULL, _sync_run INTEGER NOT NULL, _sync_at TEXT NOT NULL, \
_sync_hash TEXT NOT NULL, _sync_deleted_at TEXT, _sync_deleted_reason TEXT, \
_sync_filtered_at TEXT";

/// Keys that are out of scope: few, or those of a copy with filters.
const OUTSIDE: &str = "\
CREATE INDEX IF NOT EXISTS _sync_keys_outside ON _sync_keys (stream) WHERE scope <> 0";

/// Why the tables cannot be used.
pub(crate) enum Unusable {
    Foreign(String),
    Later(i64),
}

/// Whether a database has the tables, in a layout that is known.
pub(crate) fn is_known(connection: &Connection) -> rusqlite::Result<bool> {
    let format = connection.query_row("SELECT format FROM _sync_meta", [], |row| row.get(0));
    format.map(|format: i64| format <= FORMAT)
}

/// Creates the tables with what is known of the rows, all of them or none: a disk may be full in between.
pub(crate) fn create(connection: &Connection) -> rusqlite::Result<Result<(), Unusable>> {
    let transaction = connection.unchecked_transaction()?;
    let is_there = |table: &str| has_table(connection, table);
    let format = if is_there("_sync_meta")? {
        transaction
            .query_row("SELECT format FROM _sync_meta", [], |row| row.get(0))
            .optional()?
    } else if is_there("_sync_keys")? {
        return Ok(Err(Unusable::Foreign("_sync_keys".to_owned())));
    } else {
        None
    };
    match format {
        Some(format) if format > FORMAT => return Ok(Err(Unusable::Later(format))),
        // Tables that a later version of the same format added.
        Some(_) => transaction.execute_batch(TABLES)?,
        None => {
            transaction.execute_batch(TABLES)?;
            transaction.execute(
                "INSERT INTO _sync_meta (format, epoch) VALUES (?1, 0)",
                [FORMAT],
            )?;
        }
    }
    // Copies that were begun before there were filters.
    add_column(
        &transaction,
        "_sync_keys",
        "scope",
        "INTEGER NOT NULL DEFAULT 0",
    )?;
    transaction.execute_batch(OUTSIDE)?;
    // Copies that were begun when a run counted the rows of its commits.
    for column in ["added_run", "written_run", "left_run"] {
        add_column(&transaction, "_sync_keys", column, "INTEGER")?;
    }
    // Copies that were begun before there were namings.
    add_column(&transaction, "_sync_meta", "naming", "TEXT")?;
    transaction.commit()?;
    Ok(Ok(()))
}

/// Adds a column to a table, unless it is there.
fn add_column(
    connection: &Connection,
    table: &str,
    column: &str,
    definition: &str,
) -> rusqlite::Result<()> {
    let is_there = connection
        .prepare("SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2")?
        .exists([table, column])?;
    if !is_there {
        let table = quoted(table);
        connection.execute_batch(&format!(
            "ALTER TABLE {table} ADD COLUMN {column} {definition}"
        ))?;
    }
    Ok(())
}

fn has_table(connection: &Connection, table: &str) -> rusqlite::Result<bool> {
    connection
        .prepare("SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = ?1")?
        .exists([table])
}

/// The name of the table that logs the changes of a stream.
pub(crate) fn log_name(stream: &str) -> String {
    format!("{stream}__changes")
}

/// Whether a table is one of the sync's.
fn is_ours(connection: &Connection, table: &str) -> rusqlite::Result<bool> {
    connection
        .prepare("SELECT 1 FROM _sync_columns WHERE stream = ?1")?
        .exists([table])
}

/// A name in SQL.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

const fn sql_type(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Integer | ColumnType::Boolean => "INTEGER",
        _ => "TEXT",
    }
}

/// Creates the table of a stream, or adds the columns that it lacks.
pub(crate) fn prepare(
    connection: &mut Connection,
    store: &mut dyn RowStore,
    table: &Table<'_>,
) -> Result<Result<(), Unusable>, Refused> {
    let stream = &table.stream.name;
    let transaction = connection.transaction()?;
    let is_known = is_ours(&transaction, stream)?;
    if !is_known && has_table(&transaction, stream)? {
        return Ok(Err(Unusable::Foreign(stream.clone())));
    }
    let log = log_name(stream);
    if table.logs_changes == Some(true)
        && !is_ours(&transaction, &log)?
        && has_table(&transaction, &log)?
    {
        return Ok(Err(Unusable::Foreign(log)));
    }
    let mut added = Vec::new();
    for column in &table.columns {
        let is_added = transaction.execute(
            "INSERT OR IGNORE INTO _sync_columns VALUES (?1, ?2, ?3)",
            params![stream, column.name, column.column_type.name()],
        )?;
        if is_added > 0 {
            added.push(column);
        }
    }
    store.prepare(&transaction, stream, !is_known, &added)?;
    store.log_changes(&transaction, stream, table.logs_changes)?;
    if !table.read_back.is_empty() {
        store.keep(&transaction, stream, table.read_back)?;
    }
    for view in table.views {
        if !is_ours(&transaction, view.name)? {
            if has_table(&transaction, view.name)? {
                return Ok(Err(Unusable::Foreign(view.name.to_owned())));
            }
            // It has no columns of its own to remember.
            transaction.execute(
                "INSERT INTO _sync_columns VALUES (?1, '', 'view')",
                [view.name],
            )?;
        }
    }
    store.view(&transaction, table.views)?;
    transaction.commit()?;
    Ok(Ok(()))
}

/// The naming of a copy, which is recorded once, by its first run.
pub(crate) fn naming(
    transaction: &Transaction<'_>,
    wanted: Option<Naming>,
) -> Result<Naming, Refused> {
    let recorded: Option<String> =
        transaction.query_row("SELECT naming FROM _sync_meta", [], |row| row.get(0))?;
    let has_tables = transaction
        .prepare("SELECT 1 FROM _sync_columns")?
        .exists([])?;
    let naming = Naming::of_copy(recorded.as_deref(), has_tables, wanted);
    let naming = naming.map_err(|conflict| Refused::of_naming(conflict, wanted))?;
    if recorded.is_none() {
        transaction.execute("UPDATE _sync_meta SET naming = ?1", [naming.name()])?;
    }
    Ok(naming)
}

/// The definition of an added column. It is computed from `_sync_*` when it is read, and takes no room.
fn definition(column: AddedColumn) -> String {
    let (sql_type, value) = match column.value {
        AddedValue::Key => ("TEXT", "_sync_key"),
        AddedValue::WrittenAt => ("TEXT", "_sync_at"),
        AddedValue::WrittenAtMillis => (
            "INTEGER",
            "CAST(round(unixepoch(_sync_at, 'subsec') * 1000) AS INTEGER)",
        ),
        AddedValue::Run => ("TEXT", "CAST(_sync_run AS TEXT)"),
        AddedValue::DeletedAt => ("TEXT", "_sync_deleted_at"),
        AddedValue::Meta => ("TEXT", "'{\"sync_id\":' || _sync_run || ',\"changes\":[]}'"),
        AddedValue::Zero => ("INTEGER", "0"),
    };
    format!(
        "{} {sql_type} GENERATED ALWAYS AS ({value}) VIRTUAL",
        quoted(column.name)
    )
}

/// Creates the table of a stream, if it is new, and adds columns.
pub(crate) fn create_table(
    transaction: &Transaction<'_>,
    stream: &str,
    is_new: bool,
    added: &[&Column],
    naming: Naming,
) -> rusqlite::Result<()> {
    let name = quoted(stream);
    if is_new {
        let mut columns = OWN_COLUMNS.to_owned();
        for column in naming.columns() {
            columns.push_str(", ");
            columns.push_str(&definition(*column));
        }
        transaction.execute_batch(&format!("CREATE TABLE {name} ({columns})"))?;
    } else {
        add_column(transaction, stream, "_sync_filtered_at", "TEXT")?;
    }
    for column in added {
        transaction.execute_batch(&format!(
            "ALTER TABLE {name} ADD COLUMN {} {}",
            quoted(&column.name),
            sql_type(column.column_type)
        ))?;
    }
    Ok(())
}
