//! Rows in parts of a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde::Serialize;
use serde_json::{Value, json};
use sink_sqlite::{Deleted, RowSource, RowStore, StoreError};
use source::{Batch, Column, SystemColumn};
use sync::{Commit, Millis, Naming, SeenRows};

use crate::kept;
use crate::manifest::{self, sync_folder};
use crate::part::{self, Format, Stamp};
use crate::part_file::PartFile;
use crate::rebuild;

/// What a transaction has changed of a stream.
#[derive(Debug, Default)]
struct Changes {
    rows: Vec<(Batch, Vec<usize>)>,
    /// Keys, and why they are deleted.
    deleted: Vec<(String, String)>,
}

/// The parts of a folder.
#[derive(Debug)]
pub(crate) struct Parts {
    folder: PathBuf,
    format: Format,
    changes: BTreeMap<String, Changes>,
    /// The run and the time of the transaction.
    stamp: Option<(i64, Millis)>,
    /// What is to be published once the transaction is committed.
    pending: Option<(i64, String)>,
    /// Columns of streams that others are computed from, now or in an earlier run: files are not read back.
    kept: BTreeMap<String, Vec<String>>,
    part_names: PartNames,
    /// Names of the columns that are added to those of a stream.
    naming: Naming,
}

/// How parts are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartNames {
    /// By their manifest: nobody else writes into the folder.
    Sequence,
    /// By their contents, too: two writers who want the same number write different files, and one who
    /// writes a file twice writes the same one.
    Contents,
}

impl Parts {
    pub(crate) fn new(folder: &Path, format: Format, part_names: PartNames) -> Self {
        Self {
            folder: folder.to_owned(),
            format,
            part_names,
            naming: Naming::Sync,
            changes: BTreeMap::new(),
            stamp: None,
            pending: None,
            kept: BTreeMap::new(),
        }
    }

    /// Writes a part, and returns what the manifest says of it.
    fn part(
        &self,
        stream: &str,
        stamp: Stamp,
        suffix: &str,
        batches: &[arrow_array::RecordBatch],
    ) -> Result<Value, StoreError> {
        let of_stream = self.folder.join(stream);
        let of_run = of_stream.join(format!("run={}", stamp.run));
        let is_new = !of_run.exists();
        fs::create_dir_all(&of_run)?;
        let name = format!("part-{:010}{suffix}", stamp.sequence);
        let draft = of_run.join(format!("{name}.draft"));
        let written = PartFile::create(&draft).and_then(|mut file| {
            self.format.encode(batches, &mut file)?;
            file.finish()
        });
        if written.is_err() {
            // On a full disk, it would keep its space until the next run.
            let _ = fs::remove_file(&draft);
        }
        let written = written?;
        let contents = match self.part_names {
            PartNames::Sequence => String::new(),
            PartNames::Contents => format!("-{}", written.digest.get(..16).unwrap_or_default()),
        };
        let name = format!("{name}{contents}.{}", self.format.extension());
        fs::rename(&draft, of_run.join(&name))?;
        sync_folder(&of_run)?;
        if is_new {
            sync_folder(&of_stream)?;
            sync_folder(&self.folder)?;
        }
        let rows: usize = batches.iter().map(arrow_array::RecordBatch::num_rows).sum();
        Ok(json!({
            "path": format!("{stream}/run={}/{name}", stamp.run),
            "stream": stream,
            "rows": rows,
            "bytes": written.bytes,
            "blake3": written.digest.as_str(),
        }))
    }
}

impl RowStore for Parts {
    fn open(&mut self, connection: &Connection) -> Result<(), StoreError> {
        Ok(connection.execute_batch(kept::TABLES)?)
    }

    fn recover(&mut self, connection: &mut Connection) -> Result<(), StoreError> {
        rebuild::recover(&self.folder, connection)?;
        self.kept = kept::recorded(connection)?;
        Ok(())
    }

    fn name_columns(&mut self, naming: Naming) {
        self.naming = naming;
    }

    fn keeps_other_columns(&self) -> bool {
        false
    }

    fn begin(&mut self) {
        self.changes.clear();
        self.stamp = None;
        self.pending = None;
    }

    /// Each part has the columns of its rows.
    fn prepare(
        &mut self,
        _: &Transaction<'_>,
        _: &str,
        _: bool,
        _: &[&Column],
    ) -> Result<(), StoreError> {
        Ok(())
    }

    /// Parts are never taken away: they are the log.
    fn log_changes(
        &mut self,
        _: &Transaction<'_>,
        _: &str,
        _: Option<bool>,
    ) -> Result<(), StoreError> {
        Ok(())
    }

    fn keep(
        &mut self,
        transaction: &Transaction<'_>,
        stream: &str,
        columns: &[&str],
    ) -> Result<(), StoreError> {
        let kept = self.kept.entry(stream.to_owned()).or_default();
        kept.extend(columns.iter().map(|name| (*name).to_owned()));
        kept.sort_unstable();
        kept.dedup();
        Ok(kept::prepare(transaction, stream, kept)?)
    }

    fn source(&self, _: &str, columns: &[(&str, &str)]) -> RowSource {
        kept::source(columns)
    }

    fn write(
        &mut self,
        transaction: &Transaction<'_>,
        commit: &Commit<'_>,
        batch: &Batch,
        rows: &[usize],
    ) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        self.stamp = Some((commit.run, commit.at));
        if let Some(columns) = self.kept.get(batch.stream()) {
            kept::write(transaction, commit.at, batch, rows, columns)?;
        }
        let changes = self.changes.entry(batch.stream().to_owned()).or_default();
        changes.rows.push((batch.clone(), rows.to_vec()));
        Ok(())
    }

    fn delete(
        &mut self,
        transaction: &Transaction<'_>,
        deleted: Deleted<'_>,
    ) -> Result<(), StoreError> {
        kept::remove(transaction, deleted.stream, deleted.key)?;
        self.stamp = Some((deleted.run, deleted.at));
        let changes = self.changes.entry(deleted.stream.to_owned()).or_default();
        let (key, reason) = (deleted.key.to_owned(), deleted.reason.to_owned());
        changes.deleted.push((key, reason));
        Ok(())
    }

    /// Files say nothing of the scope; the registry does, and a row that filters exclude is deleted in
    /// the end.
    fn mark(
        &mut self,
        _: &Transaction<'_>,
        _: &str,
        _: &str,
        _: Millis,
    ) -> Result<bool, StoreError> {
        Ok(true)
    }

    fn finish(&mut self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        let Some((run, at)) = self.stamp else {
            return Ok(());
        };
        let last: Option<i64> = transaction
            .query_row("SELECT max(sequence) FROM _sync_manifest", [], |row| {
                row.get(0)
            })
            .optional()?
            .flatten();
        let sequence = last.unwrap_or_default() + 1;
        let stamp = Stamp {
            sequence,
            run,
            at,
            naming: self.naming,
        };
        let mut parts = Vec::new();
        let (mut keys, mut deleted) = (Vec::new(), Vec::new());
        for (stream, changes) in &self.changes {
            let mut batches = Vec::with_capacity(changes.rows.len());
            for (batch, rows) in &changes.rows {
                batches.push(part::rows(batch, rows, stamp)?);
                let seen = SeenRows::of(batch);
                keys.extend(rows.iter().map(|row| registered(batch, &seen, *row)));
            }
            if !batches.is_empty() {
                parts.push(self.part(stream, stamp, "", &batches)?);
            }
            if !changes.deleted.is_empty() {
                let batch = part::deletions(&changes.deleted, stamp)?;
                parts.push(self.part(stream, stamp, "-deleted", &[batch])?);
                let keys = changes.deleted.iter();
                deleted.extend(keys.map(|(key, reason)| (stream, key, reason)));
            }
        }
        let settings: String = transaction.query_row(
            "SELECT settings FROM _sync_runs WHERE run = ?1",
            [run],
            |row| row.get(0),
        )?;
        let mut document = serde_json::to_string(&Manifest {
            format: 1,
            sequence,
            run,
            at,
            parts,
            registry: Registry {
                settings: &settings,
                naming: self.naming.name(),
                keys,
                deleted,
            },
        })?;
        document.push('\n');
        transaction.execute("DELETE FROM _sync_manifest", [])?;
        transaction.execute(
            "INSERT INTO _sync_manifest VALUES (?1, ?2)",
            params![sequence, document],
        )?;
        self.pending = Some((sequence, document));
        Ok(())
    }

    fn committed(&mut self) -> Result<(), StoreError> {
        self.changes.clear();
        self.stamp = None;
        if let Some((sequence, document)) = self.pending.take() {
            manifest::publish(&self.folder, sequence, &document)?;
        }
        Ok(())
    }
}

/// What a manifest says.
#[derive(Serialize)]
struct Manifest<'a> {
    format: u8,
    sequence: i64,
    run: i64,
    at: Millis,
    parts: Vec<Value>,
    registry: Registry<'a>,
}

/// What of it rebuilds the registry.
#[derive(Serialize)]
struct Registry<'a> {
    settings: &'a str,
    naming: &'a str,
    keys: Vec<Registered<'a>>,
    /// Streams, keys and reasons.
    deleted: Vec<(&'a String, &'a String, &'a String)>,
}

/// What a rebuilt registry has to know of a row: its stream, key, parent, container, version,
/// fingerprint, and the digest of its body.
type Registered<'a> = (
    &'a str,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
    Option<i64>,
    &'a str,
    Option<String>,
);

fn registered<'a>(batch: &'a Batch, rows: &SeenRows<'a>, row: usize) -> Registered<'a> {
    let seen = rows.seen(row);
    let hash = seen.body_hash;
    (
        batch.stream(),
        batch.system(SystemColumn::Key, row),
        batch.system(SystemColumn::Parent, row),
        batch.system(SystemColumn::Container, row),
        seen.version,
        seen.fingerprint,
        hash.map(|hash| format!("{:032x}", u128::from_be_bytes(hash))),
    )
}
