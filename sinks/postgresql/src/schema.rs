//! Tables: those of the streams, and those with what is known of the rows.

use std::collections::HashMap;

use source::ColumnType;
use sync::{AddedColumn, AddedValue, Naming, Table, View};
use tokio_postgres::Client;

use crate::address::MAX_NAME;
use crate::error::Refused;

/// The layout of the `_sync_*` tables.
pub(crate) const FORMAT: i64 = 1;

/// The tables with what is known of the rows. Keys are compared byte by byte: a copy is read in their
/// order, which must not depend on a language.
const TABLES: &str = r#"
CREATE TABLE IF NOT EXISTS _sync_meta (format bigint NOT NULL, epoch bigint NOT NULL);
CREATE TABLE IF NOT EXISTS _sync_runs (
  run bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, started_at timestamptz NOT NULL,
  ended_at timestamptz, outcome text, requests bigint, points bigint, inserted bigint,
  updated bigint, unchanged bigint, deleted bigint, settings text NOT NULL, streams jsonb,
  errors jsonb);
CREATE TABLE IF NOT EXISTS _sync_state (
  stream text COLLATE "C" NOT NULL, pass text NOT NULL, partition text NOT NULL, state text,
  mark bigint NOT NULL, is_open boolean NOT NULL, completed_at timestamptz,
  updated_at timestamptz NOT NULL, PRIMARY KEY (stream, pass, partition));
CREATE TABLE IF NOT EXISTS _sync_keys (
  stream text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, parent text COLLATE "C",
  container text, version bigint, fingerprint text NOT NULL, body_hash bytea,
  is_stale boolean NOT NULL, seen bigint, missing_since timestamptz, deleted_at timestamptz,
  reason text, scope smallint NOT NULL DEFAULT 0, added_run bigint, written_run bigint,
  left_run bigint,
  PRIMARY KEY (stream, key)) WITH (fillfactor = 80);
ALTER TABLE _sync_keys ADD COLUMN IF NOT EXISTS scope smallint NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS added_run bigint, ADD COLUMN IF NOT EXISTS written_run bigint,
  ADD COLUMN IF NOT EXISTS left_run bigint;
CREATE INDEX IF NOT EXISTS _sync_keys_outside ON _sync_keys (stream) WHERE scope <> 0;
CREATE INDEX IF NOT EXISTS _sync_keys_parent ON _sync_keys (stream, parent) WHERE parent IS NOT NULL;
CREATE TABLE IF NOT EXISTS _sync_children (
  stream text COLLATE "C" NOT NULL, parent text COLLATE "C" NOT NULL, version bigint,
  read_at timestamptz NOT NULL, PRIMARY KEY (stream, parent));
CREATE TABLE IF NOT EXISTS _sync_holds (
  stream text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, run bigint NOT NULL,
  held_at timestamptz NOT NULL, approved_at timestamptz, PRIMARY KEY (stream, key));
CREATE TABLE IF NOT EXISTS _sync_columns (
  stream text NOT NULL, column_name text NOT NULL, type text NOT NULL, table_column text NOT NULL,
  PRIMARY KEY (stream, column_name, type));
CREATE TABLE IF NOT EXISTS _sync_failures (
  stream text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, pass text NOT NULL,
  code text NOT NULL, message text NOT NULL, run bigint NOT NULL, first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL, attempts bigint NOT NULL, next_at timestamptz NOT NULL,
  PRIMARY KEY (stream, key));
CREATE TABLE IF NOT EXISTS _sync_facts (
  stream text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, facts text, labels text,
  PRIMARY KEY (stream, key));
INSERT INTO _sync_meta SELECT 1, 0 WHERE NOT EXISTS (SELECT FROM _sync_meta);
"#;

/// Columns that each table has beside those of its stream.
const OWN_COLUMNS: &str = r#"
_sync_key text COLLATE "C" PRIMARY KEY, _sync_run bigint NOT NULL, _sync_at timestamptz NOT NULL,
_sync_hash text NOT NULL, _sync_deleted_at timestamptz, _sync_deleted_reason text,
_sync_filtered_at timestamptz"#;

/// Columns that every table of PostgreSQL has, and whose names no other may have.
const RESERVED: [&str; 7] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid", "oid"];

/// What a value is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SqlType {
    Text,
    Jsonb,
    /// JSON byte for byte: `raw`.
    Json,
    Bigint,
    Timestamptz,
    Boolean,
}

impl SqlType {
    fn of(column: &source::Column) -> Self {
        match column.column_type {
            ColumnType::Json if column.name == source::SystemColumn::Raw.name() => Self::Json,
            ColumnType::Json => Self::Jsonb,
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
            Self::Jsonb,
            Self::Json,
            Self::Bigint,
            Self::Timestamptz,
            Self::Boolean,
        ];
        all.into_iter().find(|sql_type| sql_type.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Jsonb => "jsonb",
            Self::Json => "json",
            Self::Bigint => "bigint",
            Self::Timestamptz => "timestamptz",
            Self::Boolean => "boolean",
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

/// Whether there are tables of a sync.
pub(crate) async fn exists(client: &Client, schema: &str) -> Result<bool, Refused> {
    if !has_table(client, schema, "_sync_meta").await? {
        return Ok(false);
    }
    let row = client
        .query_one("SELECT format FROM _sync_meta", &[])
        .await?;
    let format: i64 = row.get(0);
    if format > FORMAT {
        return Err(Refused::Later(format, FORMAT));
    }
    Ok(true)
}

/// Whether a table has the column that marks rows as out of scope.
async fn has_mark(client: &Client, table: &str) -> Result<bool, Refused> {
    let column = "SELECT FROM pg_attribute WHERE attrelid = to_regclass($1) \
                  AND attname = '_sync_filtered_at' AND NOT attisdropped";
    let found = client.query_opt(column, &[&quoted(table)]).await?;
    Ok(found.is_some())
}

/// Creates the schema, and the tables with what is known of the rows.
pub(crate) async fn create(client: &mut Client, schema: &str) -> Result<(), Refused> {
    // All tables and columns but the newest column are as old as the first version.
    if exists(client, schema).await?
        && has_column(client, schema, "_sync_keys", "written_run").await?
    {
        return Ok(());
    }
    if !exists(client, schema).await? && has_table(client, schema, "_sync_keys").await? {
        return Err(Refused::Foreign("_sync_keys".to_owned()));
    }
    let found = client
        .query_opt("SELECT FROM pg_namespace WHERE nspname = $1", &[&schema])
        .await?;
    let transaction = client.transaction().await?;
    if found.is_none() {
        let create = format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(schema));
        transaction.batch_execute(&create).await?;
    }
    transaction.batch_execute(TABLES).await?;
    transaction.commit().await?;
    Ok(())
}

pub(crate) async fn has_table(client: &Client, schema: &str, table: &str) -> Result<bool, Refused> {
    let found = client
        .query_opt(
            "SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
             WHERE n.nspname = $1 AND c.relname = $2",
            &[&schema, &table],
        )
        .await?;
    Ok(found.is_some())
}

async fn has_column(
    client: &Client,
    schema: &str,
    table: &str,
    column: &str,
) -> Result<bool, Refused> {
    let found = client
        .query_opt(
            "SELECT FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2 \
             AND column_name = $3",
            &[&schema, &table, &column],
        )
        .await?;
    Ok(found.is_some())
}

/// Creates the table of a stream, or adds the columns that it lacks. A column whose type has changed
/// gets a new one beside it. Returns the layout of the table.
pub(crate) async fn prepare(
    client: &mut Client,
    schema: &str,
    table: &Table<'_>,
    naming: Naming,
) -> Result<Layout, Refused> {
    let stream = &table.stream.name;
    let known = client
        .query(
            "SELECT column_name, type, table_column FROM _sync_columns WHERE stream = $1",
            &[stream],
        )
        .await?;
    let mut taken: Vec<String> = Vec::new();
    let mut by_type: HashMap<(String, String), String> = HashMap::new();
    for row in &known {
        let (column, sql_type, name): (String, String, String) =
            (row.get(0), row.get(1), row.get(2));
        taken.push(name.clone());
        by_type.insert((column, sql_type), name);
    }
    let name = table_name(stream);
    if known.is_empty() && has_table(client, schema, &name).await? {
        return Err(Refused::Foreign(name));
    }
    let mut layout = Layout::new();
    let mut added: Vec<(&str, SqlType, String)> = Vec::new();
    for column in &table.columns {
        let sql_type = SqlType::of(column);
        let key = (column.name.clone(), sql_type.name().to_owned());
        let name = by_type.get(&key).cloned().unwrap_or_else(|| {
            let name = column_name(&column.name, &taken);
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
    if !known.is_empty() && !has_mark(client, &name).await? {
        // Of a copy that was begun before there were filters. It waits for all who read the table, so that
        // it is not tried in every run.
        let add = "ADD COLUMN _sync_filtered_at timestamptz";
        let add = format!("ALTER TABLE {} {add}", quoted(&name));
        client.batch_execute(&add).await?;
    }
    if known.is_empty() || !added.is_empty() {
        let transaction = client.transaction().await?;
        let name = quoted(&name);
        if known.is_empty() {
            let added: String = naming.columns().iter().copied().map(definition).collect();
            let create = format!("CREATE TABLE {name} ({OWN_COLUMNS}{added})");
            transaction.batch_execute(&create).await?;
        }
        for (column, sql_type, column_of_table) in added {
            let sql_type = sql_type.name();
            transaction
                .execute(
                    "INSERT INTO _sync_columns VALUES ($1, $2, $3, $4)",
                    &[stream, &column, &sql_type, &column_of_table],
                )
                .await?;
            let column_of_table = quoted(&column_of_table);
            let add = format!("ALTER TABLE {name} ADD COLUMN {column_of_table} {sql_type}");
            transaction.batch_execute(&add).await?;
        }
        transaction.commit().await?;
    }
    for view in table.views {
        create_view(client, schema, view).await?;
    }
    Ok(layout)
}

/// The naming of a copy, which is recorded by its first run.
pub(crate) async fn naming(
    client: &Client,
    schema: &str,
    wanted: Option<Naming>,
) -> Result<Naming, Refused> {
    if !has_column(client, schema, "_sync_meta", "naming").await? {
        // Of a copy that was begun before there were namings.
        let add = "ALTER TABLE _sync_meta ADD COLUMN IF NOT EXISTS naming text";
        client.batch_execute(add).await?;
    }
    let row = client
        .query_one(
            "SELECT naming, EXISTS (SELECT FROM _sync_columns) FROM _sync_meta",
            &[],
        )
        .await?;
    let (recorded, has_tables): (Option<String>, bool) = (row.get(0), row.get(1));
    let naming = Naming::of_copy(recorded.as_deref(), has_tables, wanted);
    let naming = naming.map_err(|conflict| Refused::of_naming(conflict, wanted))?;
    if recorded.is_none() {
        let record = "UPDATE _sync_meta SET naming = $1";
        client.execute(record, &[&naming.name()]).await?;
    }
    Ok(naming)
}

/// The definition of an added column, computed from `_sync_*`.
fn definition(column: AddedColumn) -> String {
    let (sql_type, value) = match column.value {
        AddedValue::Key => ("text", "_sync_key"),
        AddedValue::WrittenAt => ("timestamptz", "_sync_at"),
        // In a time zone of its own: a column must not depend on that of a session.
        AddedValue::WrittenAtMillis => (
            "bigint",
            "(extract(epoch FROM _sync_at AT TIME ZONE 'UTC') * 1000)::bigint",
        ),
        AddedValue::Run => ("text", "_sync_run::text"),
        AddedValue::DeletedAt => ("timestamptz", "_sync_deleted_at"),
        AddedValue::Meta => (
            "jsonb",
            "('{\"sync_id\": ' || _sync_run::text || ', \"changes\": []}')::jsonb",
        ),
        AddedValue::Zero => ("bigint", "0"),
    };
    format!(
        ", {} {sql_type} GENERATED ALWAYS AS ({value}) STORED",
        quoted(column.name)
    )
}

/// Creates a view, unless it is there as it should be.
async fn create_view(client: &mut Client, schema: &str, view: &View) -> Result<(), Refused> {
    let of_view = "SELECT table_column FROM _sync_columns WHERE stream = $1 AND type = 'view'";
    let known = client.query_opt(of_view, &[&view.name]).await?;
    let digest = blake3::hash(view.postgresql.as_bytes()).to_hex();
    let digest = digest.as_str();
    if known
        .as_ref()
        .is_some_and(|row| row.get::<_, &str>(0) == digest)
    {
        return Ok(());
    }
    if known.is_none() && has_table(client, schema, view.name).await? {
        return Err(Refused::Foreign(view.name.to_owned()));
    }
    let name = quoted(view.name);
    let transaction = client.transaction().await?;
    transaction
        .execute("DELETE FROM _sync_columns WHERE stream = $1", &[&view.name])
        .await?;
    transaction
        .execute(
            "INSERT INTO _sync_columns VALUES ($1, '', 'view', $2)",
            &[&view.name, &digest],
        )
        .await?;
    transaction
        .batch_execute(&format!(
            "DROP VIEW IF EXISTS {name}; CREATE VIEW {name} AS {}",
            view.postgresql
        ))
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// The layouts of all tables that there are.
pub(crate) async fn layouts(client: &Client) -> Result<HashMap<String, Layout>, Refused> {
    let sql = "SELECT stream, column_name, type, table_column FROM _sync_columns";
    let mut layouts: HashMap<String, Layout> = HashMap::new();
    for row in client.query(sql, &[]).await? {
        let (stream, column): (String, String) = (row.get(0), row.get(1));
        let (sql_type, name): (String, String) = (row.get(2), row.get(3));
        let Some(sql_type) = SqlType::named(&sql_type) else {
            continue;
        };
        let column_of_table = TableColumn {
            name: quoted(&name),
            sql_type,
        };
        let layout = layouts.entry(stream).or_default();
        layout.insert(column, column_of_table);
    }
    Ok(layouts)
}

/// A name in SQL.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The name of the table of a stream, not quoted.
pub(crate) fn table_name(stream: &str) -> String {
    shortened(stream)
}

/// The name of a new column: that of the stream, if there is room for it and it is free.
fn column_name(name: &str, taken: &[String]) -> String {
    let is_free = |name: &String| !taken.contains(name) && !RESERVED.contains(&name.as_str());
    let plain = shortened(name);
    if is_free(&plain) && !plain.starts_with("_sync_") {
        return plain;
    }
    (2..)
        .map(|number| shortened(&format!("{name}__v{number}")))
        .find(is_free)
        .unwrap_or(plain)
}

/// A name that is not too long for PostgreSQL, which would cut it, and make two names one.
fn shortened(name: &str) -> String {
    if name.len() <= MAX_NAME {
        return name.to_owned();
    }
    let digest = blake3::hash(name.as_bytes()).to_hex();
    let mut end = MAX_NAME - 9;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let (start, digest) = (name.get(..end), digest.get(..8));
    format!(
        "{}_{}",
        start.unwrap_or_default(),
        digest.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::{column_name, shortened};

    #[test]
    fn names_fit_and_do_not_collide() {
        let taken = ["title".to_owned()];
        assert_eq!(column_name("title", &taken), "title__v2");
        assert_eq!(column_name("ctid", &[]), "ctid__v2");
        assert_eq!(column_name("_sync_at", &[]), "_sync_at__v2");
        assert_eq!(column_name("status", &taken), "status");
        let (a, b) = ("é".repeat(40), format!("{}a", "é".repeat(40)));
        assert!(shortened(&a).len() <= 63);
        assert_ne!(shortened(&a), shortened(&b));
    }
}
