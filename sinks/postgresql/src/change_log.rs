//! The log of a stream's changes: `STREAM__changes`, which a trigger of its table writes.
//!
//! The trigger runs in the transaction that changes a row, whatever changes it: no change is without
//! its line in the log, and no line without its change. It stays until it is taken away, so that a run
//! that says nothing of the log leaves no gap in it.

use tokio_postgres::Client;

use crate::error::Refused;
use crate::schema::{has_table, quoted, table_name};

const COLUMNS: &str = "\
seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run bigint NOT NULL, at timestamptz NOT NULL, \
op text NOT NULL, key text COLLATE \"C\" NOT NULL, \"row\" json";

/// Begins or ends the log of a stream, or leaves it as it is; a log has all columns that the table has
/// now.
pub(crate) async fn prepare(
    client: &mut Client,
    schema: &str,
    stream: &str,
    is_wanted: Option<bool>,
) -> Result<(), Refused> {
    let log = table_name(&format!("{stream}__changes"));
    let (into, table) = (quoted(&log), quoted(&table_name(stream)));
    let is_kept = client
        .query_opt(
            "SELECT FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid \
             JOIN pg_namespace AS n ON n.oid = c.relnamespace \
             WHERE n.nspname = $1 AND c.relname = $2 AND t.tgname = $3",
            &[&schema, &table_name(stream), &log],
        )
        .await?
        .is_some();
    if !is_wanted.unwrap_or(is_kept) {
        if is_kept {
            let end = format!("DROP TRIGGER {into} ON {table}; DROP FUNCTION {into}()");
            client.batch_execute(&end).await?;
        }
        return Ok(());
    }
    let is_ours = client
        .query_opt("SELECT FROM _sync_columns WHERE stream = $1", &[&log])
        .await?
        .is_some();
    if !is_ours && has_table(client, schema, &log).await? {
        return Err(Refused::Foreign(log));
    }
    let columns = client
        .query(
            "SELECT s.table_column FROM _sync_columns AS s JOIN information_schema.columns AS c \
             ON c.column_name = s.table_column AND c.table_schema = $1 AND c.table_name = $2 \
             WHERE s.stream = $3 ORDER BY c.ordinal_position",
            &[&schema, &table_name(stream), &stream],
        )
        .await?;
    let columns: Vec<String> = columns.iter().map(|row| quoted(row.get(0))).collect();
    let transaction = client.transaction().await?;
    if !is_ours {
        transaction
            .execute(
                "INSERT INTO _sync_columns VALUES ($1, 'seq', 'bigint', 'seq')",
                &[&log],
            )
            .await?;
        let create = format!("CREATE TABLE {into} ({COLUMNS})");
        transaction.batch_execute(&create).await?;
    }
    if !is_kept {
        // From here on the last line of each key is what the table has.
        let begin = format!(
            "INSERT INTO {into} (run, at, op, key, \"row\") {} FROM {table} AS n \
             ORDER BY n._sync_at, n._sync_key",
            line("n", "'insert'", &columns)
        );
        transaction.batch_execute(&begin).await?;
    }
    let op = "CASE WHEN TG_OP = 'UPDATE' AND OLD._sync_deleted_at IS NULL THEN 'update' ELSE 'insert' END";
    // A row that only got a mark or another age is what it was: neither touches what says when it was
    // written. Names in it do not depend on whose search path it is run with.
    let function = format!(
        "CREATE OR REPLACE FUNCTION {into}() RETURNS trigger LANGUAGE plpgsql AS $log$ BEGIN \
         IF TG_OP = 'UPDATE' AND \
         (NEW._sync_run, NEW._sync_at, NEW._sync_hash, NEW._sync_deleted_at) IS NOT DISTINCT FROM \
         (OLD._sync_run, OLD._sync_at, OLD._sync_hash, OLD._sync_deleted_at) \
         THEN RETURN NULL; END IF; \
         INSERT INTO {schema}.{into} (run, at, op, key, \"row\") {}; RETURN NULL; END $log$",
        line("NEW", op, &columns),
        schema = quoted(schema),
    );
    transaction.batch_execute(&function).await?;
    if !is_kept {
        let trigger = format!(
            "CREATE TRIGGER {into} AFTER INSERT OR UPDATE ON {table} \
             FOR EACH ROW EXECUTE FUNCTION {into}()"
        );
        transaction.batch_execute(&trigger).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// The query of a line of the log; that of a deleted row has no columns of it.
fn line(row: &str, op: &str, columns: &[String]) -> String {
    let columns: Vec<String> = columns
        .iter()
        .map(|column| format!("{row}.{column}"))
        .collect();
    format!(
        "SELECT {row}._sync_run, {row}._sync_at, \
         CASE WHEN {row}._sync_deleted_at IS NULL THEN {op} ELSE 'delete' END, {row}._sync_key, \
         CASE WHEN {row}._sync_deleted_at IS NULL \
         THEN (SELECT row_to_json(r) FROM (SELECT {}) AS r) END",
        columns.join(", ")
    )
}
