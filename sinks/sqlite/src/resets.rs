//! Streams that are read anew: a pass of their own in the table of passes, until they were read to
//! their end.

use rusqlite::{Connection, params};
use sync::Millis;

/// What the table of passes calls it.
const PASS: &str = "reset";

/// Forgets how far the passes of streams have come, and notes the streams.
pub(crate) fn begin(
    connection: &mut Connection,
    streams: &[String],
    at: Millis,
) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for stream in streams {
        forget_passes(&transaction, stream)?;
        transaction.execute(
            "INSERT INTO _sync_state (stream, pass, partition, mark, is_open, updated_at) \
             VALUES (?1, ?2, '', 0, 1, ?3)",
            params![stream, PASS, at],
        )?;
    }
    transaction.commit()
}

/// Forgets how far the passes of a stream have come: all of it is due again.
///
/// # Errors
///
/// What SQLite says.
pub fn forget_passes(connection: &Connection, stream: &str) -> rusqlite::Result<()> {
    for table in ["_sync_state", "_sync_children"] {
        connection.execute(&format!("DELETE FROM {table} WHERE stream = ?1"), [stream])?;
    }
    Ok(())
}

/// The streams that were noted.
pub(crate) fn all(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare("SELECT stream FROM _sync_state WHERE pass = ?1 ORDER BY stream")?
        .query_map([PASS], |row| row.get(0))?
        .collect()
}

/// A stream was read to its end.
pub(crate) fn settle(connection: &Connection, stream: &str) -> rusqlite::Result<()> {
    connection
        .execute(
            "DELETE FROM _sync_state WHERE stream = ?1 AND pass = ?2",
            [stream, PASS],
        )
        .map(drop)
}
