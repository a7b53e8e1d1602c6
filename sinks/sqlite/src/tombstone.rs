//! Deleted rows. They stay, and say when and why they were deleted; their bodies do not.

use rusqlite::{Connection, params};
use sync::Millis;

use crate::instant;
use crate::schema::quoted;

/// The statement that makes a row of a stream a deleted one: its body and what the site sent are
/// emptied, since who may not read it there any more must not read it here.
fn statement(connection: &Connection, stream: &str) -> rusqlite::Result<String> {
    let mut names = connection.prepare_cached(
        "SELECT column_name FROM _sync_columns WHERE stream = ?1 AND column_name IN ('body', 'raw')",
    )?;
    let names = names.query_map([stream], |row| row.get::<_, String>(0))?;
    let mut emptied = String::new();
    for name in names {
        emptied.push_str(&format!(", {} = NULL", quoted(&name?)));
    }
    Ok(format!(
        "UPDATE {} SET _sync_deleted_at = ?2, _sync_deleted_reason = ?3, _sync_run = ?4, _sync_at = ?2{emptied} WHERE _sync_key = ?1",
        quoted(stream)
    ))
}

/// Marks a row as deleted. Returns whether it was a live one.
pub(crate) fn place(
    connection: &Connection,
    run: i64,
    at: Millis,
    stream: &str,
    key: &str,
    reason: &str,
) -> rusqlite::Result<bool> {
    let mut known = connection.prepare_cached(
        "UPDATE _sync_keys SET deleted_at = ?3, reason = ?4, is_stale = 0, missing_since = NULL, body_hash = NULL \
         WHERE stream = ?1 AND key = ?2 AND deleted_at IS NULL",
    )?;
    if known.execute(params![stream, key, at, reason])? == 0 {
        return Ok(false);
    }
    let statement = statement(connection, stream)?;
    connection
        .prepare_cached(&statement)?
        .execute(params![key, instant::text(at), reason, run])?;
    connection
        .prepare_cached("DELETE FROM _sync_holds WHERE stream = ?1 AND key = ?2")?
        .execute(params![stream, key])?;
    Ok(true)
}

/// Marks all live rows of these streams that belong to a row as deleted. Returns how many.
pub(crate) fn place_children(
    connection: &Connection,
    run: i64,
    at: Millis,
    parent: &str,
    streams: &[String],
) -> rusqlite::Result<u64> {
    let mut count = 0;
    for stream in streams {
        let keys: Vec<String> = connection
            .prepare_cached(
                "SELECT key FROM _sync_keys WHERE stream = ?1 AND parent = ?2 AND deleted_at IS NULL",
            )?
            .query_map(params![stream, parent], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for key in keys {
            count += u64::from(place(connection, run, at, stream, &key, "parent")?);
        }
        connection
            .prepare_cached("DELETE FROM _sync_children WHERE stream = ?1 AND parent = ?2")?
            .execute(params![stream, parent])?;
    }
    Ok(count)
}
