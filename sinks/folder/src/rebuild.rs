//! Before a run: the manifests and the registry are made to agree.

use std::fs;
use std::io;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde_json::Value;
use sink_sqlite::StoreError;
use sync::Naming;

use crate::manifest::{self, ManifestFault};

/// The last manifest, which a run that ended before it was created has left to the next one.
const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS _sync_manifest (sequence INTEGER NOT NULL, document TEXT NOT NULL)";

/// Creates the manifest that an interrupted run has left, and removes parts that no manifest names. If
/// the manifests are not those that the registry knows, it is rebuilt from them: then everything is
/// read again, and rows that have not changed are not written again.
pub(crate) fn recover(folder: &Path, connection: &mut Connection) -> Result<(), StoreError> {
    connection.execute_batch(TABLE)?;
    let known: Option<(i64, String)> = connection
        .query_row("SELECT sequence, document FROM _sync_manifest", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let there = manifest::all(folder)?;
    let newest = there.last().copied().unwrap_or_default();
    match known {
        None if newest == 0 => {}
        Some((sequence, document)) if sequence == newest + 1 => {
            manifest::publish(folder, sequence, &document)?;
        }
        Some((sequence, document))
            if sequence == newest
                && fs::read_to_string(manifest::path(folder, sequence))? == document => {}
        _ => rebuild(folder, connection, &there)?,
    }
    let newest = manifest::all(folder)?.last().copied().unwrap_or_default();
    Ok(sweep(folder, connection, newest)?)
}

/// Removes parts of interrupted runs that are behind the last manifest, and their drafts.
fn sweep(folder: &Path, connection: &Connection, newest: i64) -> Result<(), io::Error> {
    let runs = || -> rusqlite::Result<Vec<i64>> {
        let mut runs = connection.prepare("SELECT run FROM _sync_runs WHERE outcome IS NULL")?;
        runs.query_map([], |row| row.get(0))?.collect()
    };
    for run in runs().map_err(io::Error::other)? {
        for stream in fs::read_dir(folder)? {
            let of_run = stream?.path().join(format!("run={run}"));
            if !of_run.is_dir() {
                continue;
            }
            for part in fs::read_dir(of_run)? {
                let part = part?;
                let name = part.file_name();
                let name = name.to_string_lossy();
                let number = name
                    .strip_prefix("part-")
                    .and_then(|rest| rest.get(..10)?.parse::<i64>().ok());
                if number.is_some_and(|number| number > newest) {
                    fs::remove_file(part.path())?;
                }
            }
        }
    }
    Ok(())
}

fn rebuild(folder: &Path, connection: &mut Connection, there: &[i64]) -> Result<(), StoreError> {
    // A registry of some of the manifests would miss rows.
    if let Some(missing) = (1..).zip(there).find_map(|(n, is)| (n != *is).then_some(n)) {
        let path = manifest::path(folder, missing);
        return Err(ManifestFault::Missing { path }.into());
    }
    let transaction = connection.transaction()?;
    transaction.execute_batch(
        "DELETE FROM _sync_keys; DELETE FROM _sync_state; DELETE FROM _sync_children; \
         DELETE FROM _sync_holds; DELETE FROM _sync_facts; DELETE FROM _sync_manifest; \
         DELETE FROM _sync_kept;",
    )?;
    for sequence in there {
        let path = manifest::path(folder, *sequence);
        let of_file = |error: &dyn std::fmt::Display| -> StoreError {
            let (path, reason) = (path.clone(), error.to_string());
            ManifestFault::Damaged { path, reason }.into()
        };
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(of_file(&error));
            }
            read => read?,
        };
        let document: Value = serde_json::from_str(&text).map_err(|error| of_file(&error))?;
        replay(&transaction, &document)?.ok_or_else(|| of_file(&"its registry is incomplete"))?;
        if Some(sequence) == there.last() {
            transaction.execute(
                "INSERT INTO _sync_manifest VALUES (?1, ?2)",
                params![sequence, text],
            )?;
        }
    }
    transaction.commit()?;
    Ok(())
}

/// Takes over what a manifest knows of keys. None: it is not complete.
fn replay(transaction: &Transaction<'_>, document: &Value) -> rusqlite::Result<Option<()>> {
    let registry = document.get("registry");
    let list = |name: &str| {
        registry
            .and_then(|it| it.get(name))
            .and_then(Value::as_array)
    };
    let number = |name: &str| document.get(name).and_then(Value::as_i64);
    let settings = registry
        .and_then(|it| it.get("settings"))
        .and_then(Value::as_str);
    let (Some(keys), Some(deleted)) = (list("keys"), list("deleted")) else {
        return Ok(None);
    };
    let (Some(run), Some(at), Some(settings)) = (number("run"), number("at"), settings) else {
        return Ok(None);
    };
    // Runs go on behind those that there were.
    transaction.execute(
        "INSERT OR IGNORE INTO _sync_runs (run, started_at, outcome, settings) \
         VALUES (?1, ?2, 'rebuilt', ?3)",
        params![run, at, settings],
    )?;
    // Manifests that are older than namings have no other columns.
    let naming = registry
        .and_then(|it| it.get("naming"))
        .and_then(Value::as_str)
        .unwrap_or(Naming::Sync.name());
    transaction.execute("UPDATE _sync_meta SET naming = ?1", [naming])?;
    let mut insert = transaction.prepare_cached(
        "INSERT OR REPLACE INTO _sync_keys (stream, key, parent, container, version, fingerprint, \
         body_hash, is_stale, written_run) VALUES (?1, ?2, ?3, ?4, ?5, ?6, unhex(?7), 0, ?8)",
    )?;
    for key in keys {
        let text = |index: usize| key.get(index).and_then(Value::as_str);
        insert.execute(params![
            text(0),
            text(1),
            text(2),
            text(3),
            key.get(4).and_then(Value::as_i64),
            text(5),
            text(6),
            run
        ])?;
    }
    let mut delete = transaction.prepare_cached(
        "UPDATE _sync_keys SET deleted_at = ?3, reason = ?4, body_hash = NULL \
         WHERE stream = ?1 AND key = ?2",
    )?;
    for key in deleted {
        let text = |index: usize| key.get(index).and_then(Value::as_str);
        delete.execute(params![text(0), text(1), at, text(2)])?;
    }
    Ok(Some(()))
}
