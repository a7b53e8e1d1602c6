//! Tables: those of the streams, and those with what is known of the rows.
//!
//! No table has a generated column, a default or an index besides its key: DuckDB may fail to replay the
//! log of a file whose tables have them, after a process was killed, and the file cannot be opened then.

use std::collections::{HashMap, HashSet};

use source::ColumnType;
use sync::{AddedColumn, AddedValue, Naming, NamingConflict, Table, View};

use crate::error::Refused;
use crate::session::{Session, Work};

/// The layout of the `_sync_*` tables.
pub(crate) const FORMAT: i64 = 1;

/// The tables with what is known of the rows.
const TABLES: [&str; 11] = [
    "CREATE TABLE _sync_meta (format BIGINT NOT NULL, epoch BIGINT NOT NULL, naming VARCHAR)",
    "CREATE TABLE _sync_runs (
       run BIGINT PRIMARY KEY, started_at TIMESTAMPTZ NOT NULL, ended_at TIMESTAMPTZ,
       outcome VARCHAR, requests BIGINT, points BIGINT, inserted BIGINT, updated BIGINT,
       unchanged BIGINT, deleted BIGINT, settings VARCHAR NOT NULL, streams JSON, errors JSON)",
    "CREATE TABLE _sync_state (
       stream VARCHAR NOT NULL, pass VARCHAR NOT NULL, partition VARCHAR NOT NULL, state VARCHAR,
       mark BIGINT NOT NULL, is_open BOOLEAN NOT NULL, completed_at TIMESTAMPTZ,
       updated_at TIMESTAMPTZ NOT NULL, PRIMARY KEY (stream, pass, partition))",
    "CREATE TABLE _sync_keys (
       stream VARCHAR NOT NULL, key VARCHAR NOT NULL, parent VARCHAR, container VARCHAR,
       version BIGINT, fingerprint VARCHAR NOT NULL, body_hash BLOB, is_stale BOOLEAN NOT NULL,
       seen BIGINT, missing_since TIMESTAMPTZ, deleted_at TIMESTAMPTZ, reason VARCHAR,
       scope BIGINT NOT NULL, added_run BIGINT, written_run BIGINT, \
       left_run BIGINT, PRIMARY KEY (stream, key))",
    "CREATE TABLE _sync_children (
       stream VARCHAR NOT NULL, parent VARCHAR NOT NULL, version BIGINT,
       read_at TIMESTAMPTZ NOT NULL, PRIMARY KEY (stream, parent))",
    "CREATE TABLE _sync_holds (
       stream VARCHAR NOT NULL, key VARCHAR NOT NULL, run BIGINT NOT NULL,
       held_at TIMESTAMPTZ NOT NULL, approved_at TIMESTAMPTZ, PRIMARY KEY (stream, key))",
    "CREATE TABLE _sync_columns (
       stream VARCHAR NOT NULL, column_name VARCHAR NOT NULL, type VARCHAR NOT NULL,
       table_column VARCHAR NOT NULL, PRIMARY KEY (stream, column_name, type))",
    "CREATE TABLE _sync_failures (
       stream VARCHAR NOT NULL, key VARCHAR NOT NULL, pass VARCHAR NOT NULL,
       code VARCHAR NOT NULL, message VARCHAR NOT NULL, run BIGINT NOT NULL,
       first_at TIMESTAMPTZ NOT NULL, last_at TIMESTAMPTZ NOT NULL, attempts BIGINT NOT NULL,
       next_at TIMESTAMPTZ NOT NULL, PRIMARY KEY (stream, key))",
    "CREATE TABLE _sync_facts (
       stream VARCHAR NOT NULL, key VARCHAR NOT NULL, facts VARCHAR, labels VARCHAR,
       PRIMARY KEY (stream, key))",
    "CREATE TABLE _sync_logs (stream VARCHAR PRIMARY KEY)",
    "INSERT INTO _sync_meta VALUES (1, 0, NULL)",
];

/// Columns that each table has beside those of its stream.
const OWN_COLUMNS: &str = "\
_sync_key VARCHAR PRIMARY KEY, _sync_run BIGINT NOT NULL, _sync_at TIMESTAMPTZ NOT NULL, \
_sync_hash VARCHAR NOT NULL, _sync_deleted_at TIMESTAMPTZ, _sync_deleted_reason VARCHAR, \
_sync_filtered_at TIMESTAMPTZ";

/// What DuckDB has in every table, and whose name no column may have.
const RESERVED: &str = "rowid";

/// What a value is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SqlType {
    Text,
    Json,
    Bigint,
    Timestamptz,
    Boolean,
}

impl SqlType {
    fn of(column: &source::Column) -> Self {
        match column.column_type {
            // `raw` is kept byte for byte.
            ColumnType::Json if column.name != source::SystemColumn::Raw.name() => Self::Json,
            ColumnType::Integer => Self::Bigint,
            ColumnType::Instant => Self::Timestamptz,
            ColumnType::Boolean => Self::Boolean,
            // Text, and whatever there will be.
            _ => Self::Text,
        }
    }

    fn named(name: &str) -> Option<Self> {
        let all = [
            Self::Text,
            Self::Json,
            Self::Bigint,
            Self::Timestamptz,
            Self::Boolean,
        ];
        all.into_iter().find(|sql_type| sql_type.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Text => "VARCHAR",
            Self::Json => "JSON",
            Self::Bigint => "BIGINT",
            Self::Timestamptz => "TIMESTAMPTZ",
            Self::Boolean => "BOOLEAN",
        }
    }
}

/// A column of a table: its name, quoted, and type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableColumn {
    pub(crate) name: String,
    pub(crate) sql_type: SqlType,
}

/// The columns of a table by the name that the stream has for them.
pub(crate) type Layout = HashMap<String, TableColumn>;

/// What a run knows of the tables that it writes.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    /// The columns of each, by stream.
    pub(crate) layouts: HashMap<String, Layout>,
    /// The names of the columns that are added.
    pub(crate) naming: Naming,
    /// The streams whose changes are logged.
    pub(crate) logged: HashSet<String>,
}

/// Whether there are tables of a sync.
pub(crate) fn exists(session: &mut Session) -> Result<bool, Refused> {
    if !has_table(session, "_sync_meta")? {
        return Ok(false);
    }
    let rows = session.query("SELECT format FROM _sync_meta", &[])?;
    match rows.iter().next().and_then(|row| row.integer(0)) {
        Some(FORMAT) => Ok(true),
        Some(format) => Err(Refused::Unusable(format!(
            "its tables have the format {format}, and this version knows {FORMAT}"
        ))),
        None => Err(Refused::Foreign("_sync_meta".to_owned())),
    }
}

/// Creates the tables with what is known of the rows, all of them or none.
pub(crate) fn create(session: &mut Session) -> Result<(), Refused> {
    if exists(session)? {
        // Copies that were begun when a run counted the rows of its commits.
        for column in ["added_run", "written_run", "left_run"] {
            let add = format!("ALTER TABLE _sync_keys ADD COLUMN IF NOT EXISTS {column} BIGINT");
            session.query(&add, &[])?;
        }
        return Ok(());
    }
    if has_table(session, "_sync_keys")? {
        return Err(Refused::Foreign("_sync_keys".to_owned()));
    }
    let mut work = session.transaction()?;
    for table in TABLES {
        work.query(table, &[])?;
    }
    work.commit()
}

/// Whether there is a table or a view of this name, whatever the case of its letters.
pub(crate) fn has_table(session: &mut Session, table: &str) -> Result<bool, Refused> {
    let found = session.query(
        "SELECT 1 FROM information_schema.tables WHERE table_catalog = current_database() \
         AND table_schema = current_schema() AND lower(table_name) = lower($1)",
        &[&table],
    )?;
    Ok(!found.is_empty())
}

/// Creates the table of a stream, or adds the columns that it lacks. A column whose type has changed
/// gets a new one beside it. Returns the layout of the table.
pub(crate) fn prepare(
    session: &mut Session,
    table: &Table<'_>,
    naming: Naming,
) -> Result<Layout, Refused> {
    let stream = &table.stream.name;
    let known = session.query(
        "SELECT column_name, type, table_column FROM _sync_columns WHERE stream = $1",
        &[stream],
    )?;
    let mut taken: Vec<String> = Vec::new();
    let mut by_type: HashMap<(String, String), String> = HashMap::new();
    for row in known.iter() {
        let text = |index| row.text(index).unwrap_or_default();
        taken.push(text(2));
        by_type.insert((text(0), text(1)), text(2));
    }
    if known.is_empty() && has_table(session, stream)? {
        return Err(Refused::Foreign(stream.clone()));
    }
    let mut layout = Layout::new();
    let mut added: Vec<(&str, SqlType, String)> = Vec::new();
    for column in &table.columns {
        let sql_type = SqlType::of(column);
        let key = (column.name.clone(), sql_type.name().to_owned());
        let name = by_type.get(&key).cloned().unwrap_or_else(|| {
            let name = column_name(&column.name, &taken, naming);
            taken.push(name.clone());
            added.push((&column.name, sql_type, name.clone()));
            name
        });
        let column_of_table = TableColumn {
            name: quoted(&name),
            sql_type,
        };
        layout.insert(column.name.clone(), column_of_table);
    }
    if known.is_empty() || !added.is_empty() {
        let mut work = session.transaction()?;
        let name = quoted(stream);
        if known.is_empty() {
            let mut columns = OWN_COLUMNS.to_owned();
            for column in naming.columns() {
                let (sql_type, _) = definition(*column);
                columns.push_str(&format!(", {} {sql_type}", quoted(column.name)));
            }
            for (_, sql_type, column) in &added {
                columns.push_str(&format!(", {} {}", quoted(column), sql_type.name()));
            }
            work.query(&format!("CREATE TABLE {name} ({columns})"), &[])?;
        }
        for (column, sql_type, column_of_table) in added {
            let sql_type = sql_type.name();
            work.query(
                "INSERT INTO _sync_columns VALUES ($1, $2, $3, $4)",
                &[stream, &column, &sql_type, &column_of_table],
            )?;
            if !known.is_empty() {
                let column_of_table = quoted(&column_of_table);
                let add = format!("ALTER TABLE {name} ADD COLUMN {column_of_table} {sql_type}");
                work.query(&add, &[])?;
            }
        }
        work.commit()?;
    }
    for view in table.views {
        create_view(session, view)?;
    }
    Ok(layout)
}

/// The naming of a copy, which is recorded by its first run.
pub(crate) fn naming(work: &mut Work<'_>, wanted: Option<Naming>) -> Result<Naming, Refused> {
    let rows = work.query(
        "SELECT naming, EXISTS (SELECT 1 FROM _sync_columns) FROM _sync_meta",
        &[],
    )?;
    let row = rows.iter().next();
    let recorded = row.and_then(|row| row.text(0));
    let has_tables = row.is_some_and(|row| row.flag(1));
    let naming = Naming::of_copy(recorded.as_deref(), has_tables, wanted);
    let naming = naming.map_err(|conflict| match conflict {
        NamingConflict::Other { has } => Refused::Naming {
            has,
            wanted: wanted.unwrap_or_default(),
        },
        NamingConflict::Unknown(error) => {
            Refused::Unusable(format!("its columns are those of a later version: {error}"))
        }
    })?;
    if recorded.is_none() {
        work.query("UPDATE _sync_meta SET naming = $1", &[&naming.name()])?;
    }
    Ok(naming)
}

/// The type of an added column, and what it has, computed from `_sync_*`.
pub(crate) fn definition(column: AddedColumn) -> (&'static str, &'static str) {
    match column.value {
        AddedValue::Key => ("VARCHAR", "_sync_key"),
        AddedValue::WrittenAt => ("TIMESTAMPTZ", "_sync_at"),
        AddedValue::WrittenAtMillis => ("BIGINT", "epoch_ms(_sync_at)"),
        AddedValue::Run => ("VARCHAR", "_sync_run::VARCHAR"),
        AddedValue::DeletedAt => ("TIMESTAMPTZ", "_sync_deleted_at"),
        AddedValue::Meta => (
            "JSON",
            "('{\"sync_id\": ' || _sync_run::VARCHAR || ', \"changes\": []}')::JSON",
        ),
        AddedValue::Zero => ("BIGINT", "0"),
    }
}

/// Has the added columns of rows, whose keys are the parameter `$1`, follow those that they are computed
/// from.
pub(crate) fn follow(
    work: &mut Work<'_>,
    naming: Naming,
    stream: &str,
    keys: &crate::parameters::List,
) -> Result<(), Refused> {
    let columns = naming.columns();
    if columns.is_empty() {
        return Ok(());
    }
    let values: Vec<String> = columns
        .iter()
        .map(|column| format!("{} = {}", quoted(column.name), definition(*column).1))
        .collect();
    let follow = format!(
        "UPDATE {} SET {} WHERE _sync_key IN (SELECT unnest($1))",
        quoted(stream),
        values.join(", ")
    );
    work.query(&follow, &[keys]).map(drop)
}

/// Creates a view, unless it is there as it should be.
fn create_view(session: &mut Session, view: &View) -> Result<(), Refused> {
    let known = session.query(
        "SELECT table_column FROM _sync_columns WHERE stream = $1 AND type = 'view'",
        &[&view.name],
    )?;
    let digest = blake3::hash(view.duckdb.as_bytes()).to_hex();
    let digest = digest.as_str();
    if known.texts().iter().any(|known| known == digest) {
        return Ok(());
    }
    if known.is_empty() && has_table(session, view.name)? {
        return Err(Refused::Foreign(view.name.to_owned()));
    }
    let name = quoted(view.name);
    let mut work = session.transaction()?;
    // One statement: what was deleted in a transaction cannot be inserted again in it by all versions.
    work.query(
        "INSERT INTO _sync_columns VALUES ($1, '', 'view', $2) \
         ON CONFLICT (stream, column_name, type) DO UPDATE SET table_column = excluded.table_column",
        &[&view.name, &digest],
    )?;
    let create = format!("CREATE OR REPLACE VIEW {name} AS {}", view.duckdb);
    work.query(&create, &[])?;
    work.commit()
}

/// The layouts of all tables that there are.
pub(crate) fn layouts(session: &mut Session) -> Result<HashMap<String, Layout>, Refused> {
    let sql = "SELECT stream, column_name, type, table_column FROM _sync_columns";
    let mut layouts: HashMap<String, Layout> = HashMap::new();
    for row in session.query(sql, &[])?.iter() {
        let text = |index| row.text(index).unwrap_or_default();
        let Some(sql_type) = SqlType::named(&text(2)) else {
            continue;
        };
        let column_of_table = TableColumn {
            name: quoted(&text(3)),
            sql_type,
        };
        let layout = layouts.entry(text(0)).or_default();
        layout.insert(text(1), column_of_table);
    }
    Ok(layouts)
}

/// An expression for a text as JSON. A text that DuckDB does not take for a document, such as one with a
/// number beyond all bounds, becomes a string.
pub(crate) fn json(text: &str) -> String {
    format!(
        "CASE WHEN {text} IS NULL OR json_valid({text}) THEN TRY_CAST({text} AS JSON) \
         ELSE to_json({text}) END"
    )
}

/// A name in SQL.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The name of a new column: that of the stream, if it is free. DuckDB does not tell `Title` from `title`.
fn column_name(name: &str, taken: &[String], naming: Naming) -> String {
    let is_free = |name: &str| {
        let lower = name.to_lowercase();
        lower != RESERVED
            && !taken.iter().any(|taken| taken.to_lowercase() == lower)
            && !naming.columns().iter().any(|added| added.name == lower)
    };
    if is_free(name) && !name.to_lowercase().starts_with("_sync_") {
        return name.to_owned();
    }
    (2..)
        .map(|number| format!("{name}__v{number}"))
        .find(|name| is_free(name))
        .unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use sync::Naming;

    use super::{column_name, quoted};

    #[test]
    fn names_of_columns_do_not_collide_whatever_the_case_of_their_letters() {
        let taken = ["title".to_owned(), "état".to_owned()];
        let name = |name: &str| column_name(name, &taken, Naming::Dlt);
        assert_eq!(name("title"), "title__v2");
        assert_eq!(name("Title"), "Title__v2");
        assert_eq!(name("ÉTAT"), "ÉTAT__v2");
        assert_eq!(name("rowid"), "rowid__v2");
        assert_eq!(name("_sync_at"), "_sync_at__v2");
        assert_eq!(name("_dlt_id"), "_dlt_id__v2");
        assert_eq!(name("status"), "status");
    }

    #[test]
    fn a_quote_in_a_name_does_not_end_it() {
        assert_eq!(quoted("a\"; DROP"), "\"a\"\"; DROP\"");
    }
}
