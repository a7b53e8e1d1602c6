//! The database as a sink.

use std::fs::{File, OpenOptions};
use std::future::ready;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, Params, Row, Transaction, params};
use source::Parent;
use sync::{
    Begun, Commit, Counts, Hold, Judged, Millis, Missing, Naming, NewRun, PassId, PassState,
    PastRun, PathFault, Registered, Rescope, RowFailure, RunEnd, Sink, SinkError, SinkFuture,
    StoredRow, StreamStatus, Table, Verdict, Which, reason,
};

use crate::failure::{failed, not_opened, refused_by_store};
use crate::refused::Refused;
use crate::schema::{self, Unusable};
use crate::store::{Deleted, RowStore};
use crate::tables::Tables;
use crate::{commit, failures, history, read_only, resets, scope, stored, tombstone};

/// How many keys one look at the registry returns.
const KEYS: usize = 250;

/// Statements that are kept compiled: some twenty of the registry, and two for each stream.
const STATEMENTS: usize = 128;

/// A SQLite database that a sync is written to.
pub struct Sqlite {
    connection: Connection,
    path: PathBuf,
    /// Where the rows are.
    store: Box<dyn RowStore>,
    lock: Option<RunLock>,
    epoch: i64,
}

/// That no other process writes, as long as this is there.
#[derive(Debug)]
pub struct RunLock {
    /// Locked by the operating system.
    _file: File,
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sqlite")
            .field("path", &self.path)
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

impl Sqlite {
    /// Opens or creates a database.
    ///
    /// # Errors
    ///
    /// [`SinkError::Unusable`] for a database of a later version; what SQLite says.
    pub fn open(path: &Path) -> Result<Self, SinkError> {
        // The rows are in the same file, so that a commit that a power failure takes back takes both
        // back.
        Self::connect(path, Box::new(Tables::default()), "NORMAL")
    }

    /// Opens a database that is there, to look at it. One that this process cannot write is opened to be read
    /// only.
    ///
    /// # Errors
    ///
    /// As for [`Sqlite::open`].
    pub fn open_to_read(path: &Path) -> Result<Self, SinkError> {
        Self::or_read_only(Self::open(path), path, Box::new(Tables::default()))
    }

    /// The same, with what is known of rows that are in a store.
    ///
    /// # Errors
    ///
    /// As for [`Sqlite::open`].
    pub fn with_store_to_read(
        path: &Path,
        store: Box<dyn RowStore>,
        again: Box<dyn RowStore>,
    ) -> Result<Self, SinkError> {
        Self::or_read_only(Self::with_store(path, store), path, again)
    }

    /// What was opened, or a database that is only read if it could not be opened because it cannot be written.
    fn or_read_only(
        opened: Result<Self, SinkError>,
        path: &Path,
        store: Box<dyn RowStore>,
    ) -> Result<Self, SinkError> {
        let cause = match opened {
            Err(error @ SinkError::Path { .. }) | Err(error @ SinkError::Failed { .. }) => error,
            opened => return opened,
        };
        let read = || -> rusqlite::Result<Option<Self>> {
            let Some(connection) = read_only::open(path)? else {
                return Ok(None);
            };
            let is_known = schema::is_known(&connection)?;
            Ok(is_known.then(|| Self {
                connection,
                path: path.to_owned(),
                store,
                lock: None,
                epoch: 0,
            }))
        };
        // What cannot be read either has the error of before.
        read().ok().flatten().ok_or(cause)
    }

    /// A database in memory, which is gone with the value.
    ///
    /// # Errors
    ///
    /// What SQLite says.
    pub fn in_memory() -> Result<Self, SinkError> {
        Self::connect(Path::new(":memory:"), Box::new(Tables::default()), "OFF")
    }

    /// Opens or creates a database with what is known of rows that are in a store.
    ///
    /// # Errors
    ///
    /// As for [`Sqlite::open`].
    pub fn with_store(path: &Path, store: Box<dyn RowStore>) -> Result<Self, SinkError> {
        Self::connect(path, store, "FULL")
    }

    /// Takes the lock that a run holds, and has the store complete what an interrupted run has left.
    /// [`Sink::begin`] does the same; a sink that is built on this one may have something to do in between.
    ///
    /// # Errors
    ///
    /// [`SinkError::Busy`] while another run writes; what the store says.
    pub fn claim(&mut self) -> Result<(), SinkError> {
        self.lock()?;
        let recovered = self.store.recover(&mut self.connection);
        recovered.map_err(|error| self.refused(Refused::Store(error)))
    }

    /// Closes the database, and keeps the lock, if it was taken: for one that is to be made anew.
    #[must_use]
    pub fn into_lock(self) -> Option<RunLock> {
        self.lock
    }

    /// Takes over the lock of the same database, which was closed.
    pub fn keep_lock(&mut self, lock: Option<RunLock>) {
        self.lock = lock;
    }

    fn connect(
        path: &Path,
        store: Box<dyn RowStore>,
        synchronous: &str,
    ) -> Result<Self, SinkError> {
        let failed = |error| failed(path, error);
        if let Some(fault) = PathFault::of_place(path) {
            let sink = path.display().to_string();
            return Err(SinkError::Path { sink, fault });
        }
        let connection = Connection::open(path).map_err(|error| not_opened(path, error))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection
            .execute_batch(&format!(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; \
                 PRAGMA busy_timeout = 5000;"
            ))
            .map_err(|error| not_opened(path, error))?;
        let mut sink = Self {
            connection,
            path: path.to_owned(),
            store,
            lock: None,
            epoch: 0,
        };
        let created = schema::create(&sink.connection).map_err(failed)?;
        created.map_err(|unusable| sink.unusable(unusable))?;
        let opened = sink.store.open(&sink.connection);
        opened.map_err(|error| sink.refused(Refused::Store(error)))?;
        Ok(sink)
    }

    fn unusable(&self, unusable: Unusable) -> SinkError {
        let sink = self.path.display().to_string();
        match unusable {
            Unusable::Foreign(table) => SinkError::ForeignTable { sink, table },
            Unusable::Later(format) => SinkError::Unusable {
                sink,
                reason: format!(
                    "its tables have the format {format}, and this version knows {}",
                    schema::FORMAT
                ),
            },
        }
    }

    fn failed(&self, error: rusqlite::Error) -> SinkError {
        failed(&self.path, error)
    }

    fn refused(&self, refused: Refused) -> SinkError {
        match refused {
            Refused::Sqlite(error) => self.failed(error),
            Refused::Store(error) => refused_by_store(&self.path, error),
            Refused::Superseded => SinkError::Superseded {
                sink: self.path.display().to_string(),
            },
            Refused::Naming { has, wanted } => SinkError::OtherNaming {
                sink: self.path.display().to_string(),
                has,
                wanted,
            },
            Refused::UnknownNaming(error) => SinkError::Unusable {
                sink: self.path.display().to_string(),
                reason: format!("its columns are those of a later version: {error}"),
            },
        }
    }

    fn select<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, SinkError> {
        let select = || -> rusqlite::Result<Vec<T>> {
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.query_map(values, read)?.collect()
        };
        select().map_err(|error| self.failed(error))
    }

    fn lock(&mut self) -> Result<(), SinkError> {
        if self.lock.is_some() {
            return Ok(());
        }
        let mut name = self.path.clone().into_os_string();
        name.push("-sync-lock");
        let busy = || SinkError::Busy {
            sink: self.path.display().to_string(),
        };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&name)
            .map_err(|error| SinkError::Failed {
                sink: name.to_string_lossy().into_owned(),
                error: Box::new(error),
            })?;
        file.try_lock().map_err(|_| busy())?;
        self.lock = Some(RunLock { _file: file });
        Ok(())
    }
}

/// What a [`Sink`] does; the database is in the same process, and answers at once.
impl Sqlite {
    fn begin_run(&mut self, run: &NewRun) -> Result<Begun, SinkError> {
        self.claim()?;
        let begin = |connection: &mut Connection| -> Result<(i64, Naming, Begun), Refused> {
            let transaction = connection.transaction()?;
            let naming = schema::naming(&transaction, run.naming)?;
            transaction.execute("UPDATE _sync_meta SET epoch = epoch + 1", [])?;
            let epoch =
                transaction.query_row("SELECT epoch FROM _sync_meta", [], |row| row.get(0))?;
            history::interrupt(&transaction)?;
            let settings_before = transaction
                .query_row(
                    "SELECT settings FROM _sync_runs WHERE outcome IN ('complete', 'rebuilt') \
                     ORDER BY run DESC LIMIT 1",
                    [],
                    |row| row.get(0),
                )
                .optional()?;
            transaction.execute(
                "INSERT INTO _sync_runs (started_at, settings) VALUES (?1, ?2)",
                params![run.started, run.settings],
            )?;
            let begun = Begun {
                run: transaction.last_insert_rowid(),
                settings_before,
                has_outside: transaction
                    .prepare("SELECT 1 FROM _sync_keys WHERE scope <> 0")?
                    .exists([])?,
            };
            transaction.commit()?;
            Ok((epoch, naming, begun))
        };
        let began = begin(&mut self.connection);
        let (epoch, naming, begun) = began.map_err(|refused| self.refused(refused))?;
        self.store.name_columns(naming);
        self.epoch = epoch;
        Ok(begun)
    }

    fn prepare_table(&mut self, table: &Table<'_>) -> Result<(), SinkError> {
        let prepared = schema::prepare(&mut self.connection, self.store.as_mut(), table);
        let prepared = prepared.map_err(|refused| self.refused(refused))?;
        prepared.map_err(|unusable| self.unusable(unusable))
    }

    fn state_of(&mut self, pass: &PassId) -> Result<PassState, SinkError> {
        let found = self.connection.prepare_cached(
            "SELECT state, mark, is_open, completed_at FROM _sync_state \
             WHERE stream = ?1 AND pass = ?2 AND partition = ?3",
        );
        let found = found.and_then(|mut statement| {
            statement
                .query_row(
                    params![pass.stream, pass.pass.name(), pass.partition],
                    |row| {
                        Ok(PassState {
                            state: row.get(0)?,
                            mark: row.get(1)?,
                            is_open: row.get(2)?,
                            completed: row.get(3)?,
                        })
                    },
                )
                .optional()
        });
        let found = found.map_err(|error| failed(&self.path, error))?;
        Ok(found.unwrap_or_default())
    }

    fn commit_rows(&mut self, commit: &Commit<'_>) -> Result<Counts, SinkError> {
        self.write(|transaction, store| {
            let committed = commit::rows(transaction, store, commit)?;
            transaction
                .prepare_cached(
                    "INSERT INTO _sync_state VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
                     ON CONFLICT DO UPDATE SET state = excluded.state, mark = excluded.mark, \
                     is_open = excluded.is_open, updated_at = excluded.updated_at, \
                     completed_at = coalesce(excluded.completed_at, completed_at)",
                )?
                .execute(params![
                    commit.pass.stream,
                    commit.pass.pass.name(),
                    commit.pass.partition,
                    commit.state.state,
                    commit.state.mark,
                    commit.state.is_open,
                    commit.state.completed,
                    commit.at,
                ])?;
            Ok(committed)
        })
    }

    fn due_parents(
        &mut self,
        stream: &str,
        parent: &str,
        after: &str,
        due: Millis,
    ) -> Result<Vec<Parent>, SinkError> {
        self.select(
            "SELECT k.key, k.version, k.container FROM _sync_keys AS k \
             LEFT JOIN _sync_children AS c ON c.stream = ?1 AND c.parent = k.key \
             WHERE k.stream = ?2 AND k.key > ?3 AND k.deleted_at IS NULL AND k.scope = 0 \
             AND (c.parent IS NULL OR c.version IS NOT k.version OR c.read_at < ?4) \
             ORDER BY k.key LIMIT ?5",
            params![stream, parent, after, due, KEYS as i64],
            |row| parent_of(parent, row),
        )
    }

    fn number_of_parents(
        &mut self,
        stream: &str,
        parent: &str,
        due: Millis,
        without_rows: bool,
    ) -> Result<u64, SinkError> {
        let counts = self.select(
            "SELECT count(*) FROM _sync_keys AS k \
             LEFT JOIN _sync_children AS c ON c.stream = ?1 AND c.parent = k.key \
             WHERE k.stream = ?2 AND k.deleted_at IS NULL AND k.scope = 0 \
             AND (c.parent IS NULL OR c.version IS NOT k.version OR c.read_at < ?3) \
             AND (NOT ?4 OR NOT EXISTS (SELECT 1 FROM _sync_keys AS s WHERE s.stream = ?1 \
             AND s.parent = k.key AND s.deleted_at IS NULL))",
            params![stream, parent, due, without_rows],
            |row| row.get::<_, i64>(0),
        )?;
        Ok(counts.into_iter().sum::<i64>().unsigned_abs())
    }

    fn begin_reset(&mut self, streams: &[String], at: Millis) -> Result<(), SinkError> {
        let had_lock = self.lock.is_some();
        self.lock()?;
        let begun = resets::begin(&mut self.connection, streams, at);
        if !had_lock {
            self.lock = None;
        }
        begun.map_err(|error| self.failed(error))
    }

    fn stale_rows(
        &mut self,
        stream: &str,
        after: &str,
        now: Millis,
    ) -> Result<Vec<Parent>, SinkError> {
        self.select(
            "SELECT key, version, container FROM _sync_keys AS k WHERE stream = ?1 AND key > ?2 \
             AND is_stale AND deleted_at IS NULL AND scope = 0 AND NOT EXISTS (SELECT 1 FROM _sync_failures AS f \
             WHERE f.stream = ?1 AND f.key = k.key AND f.next_at > ?4) ORDER BY key LIMIT ?3",
            params![stream, after, KEYS as i64, now],
            |row| parent_of(stream, row),
        )
    }

    fn missing_rows(
        &mut self,
        stream: &str,
        mark: i64,
        containers: Option<&[String]>,
        lists_replies: bool,
    ) -> Result<Vec<Missing>, SinkError> {
        // Before the mark: rows that are newer than the list were not in it.
        let mut found = self.select(
            "SELECT key, parent, container, missing_since FROM _sync_keys AS k WHERE stream = ?1 \
             AND deleted_at IS NULL AND scope <> 1 AND (seen IS NULL OR seen < ?2) AND (?3 OR NOT EXISTS \
             (SELECT 1 FROM _sync_keys AS p WHERE p.stream = ?1 AND p.key = k.parent)) ORDER BY key",
            params![stream, mark, lists_replies],
            |row| {
                Ok(Missing {
                    key: row.get(0)?,
                    parent: row.get(1)?,
                    container: row.get(2)?,
                    since: row.get(3)?,
                })
            },
        )?;
        if let Some(containers) = containers {
            found.retain(|missing| {
                let container = missing.container.as_ref();
                container.is_some_and(|container| containers.contains(container))
            });
        }
        Ok(found)
    }

    fn belonging_rows(
        &mut self,
        stream: &str,
        parents: &[String],
    ) -> Result<Vec<String>, SinkError> {
        let mut found = Vec::new();
        for parent in parents {
            found.extend(self.select(
                "SELECT key FROM _sync_keys WHERE stream = ?1 AND parent = ?2 \
                 AND deleted_at IS NULL AND scope <> ?3",
                params![stream, parent, scope::OUTSIDE],
                |row| row.get::<_, String>(0),
            )?);
        }
        Ok(found)
    }

    fn live_rows(&mut self, stream: &str) -> Result<Vec<(Option<String>, u64)>, SinkError> {
        self.select(
            "SELECT container, count(*) FROM _sync_keys WHERE stream = ?1 AND deleted_at IS NULL \
             AND scope <> ?2 GROUP BY container",
            params![stream, scope::OUTSIDE],
            |row| {
                let count: i64 = row.get(1)?;
                Ok((row.get(0)?, count.unsigned_abs()))
            },
        )
    }

    fn judge_rows(&mut self, judged: &Judged<'_>) -> Result<(), SinkError> {
        let Judged {
            run,
            at,
            stream,
            verdicts,
            children,
        } = *judged;
        self.write(|transaction, store| {
            for (key, verdict) in verdicts {
                let verdict = match verdict {
                    Verdict::Held if is_approved(transaction, stream, key)? => {
                        Verdict::Deleted(reason::PURGED_OR_HIDDEN)
                    }
                    other => *other,
                };
                match verdict {
                    Verdict::Present => {}
                    Verdict::Suspected => {
                        transaction
                            .prepare_cached(
                                "UPDATE _sync_keys SET missing_since = coalesce(missing_since, ?3) \
                                 WHERE stream = ?1 AND key = ?2",
                            )?
                            .execute(params![stream, key, at])?;
                    }
                    Verdict::Held => {
                        transaction
                            .prepare_cached(
                                "INSERT OR IGNORE INTO _sync_holds VALUES (?1, ?2, ?3, ?4, NULL)",
                            )?
                            .execute(params![stream, key, run, at])?;
                    }
                    Verdict::Deleted(reason) => {
                        let grave = Deleted {
                            run,
                            at,
                            stream,
                            key,
                            reason,
                        };
                        if tombstone::place(transaction, store, grave)? {
                            tombstone::place_children(transaction, store, grave, children)?;
                        }
                    }
                }
            }
            transaction
                .prepare_cached(
                    "DELETE FROM _sync_holds WHERE stream = ?1 AND key IN (SELECT key FROM _sync_keys \
                     WHERE stream = ?1 AND missing_since IS NULL)",
                )?
                .execute([stream])?;
            Ok(())
        })
    }

    fn rescope_keys(&mut self, rescope: &Rescope<'_>) -> Result<u64, SinkError> {
        self.write(|transaction, store| scope::rescope(transaction, store, rescope))
    }

    fn apply(&mut self, run: i64, at: Millis) -> Result<Vec<(String, u64)>, SinkError> {
        self.write(|transaction, store| scope::apply(transaction, store, run, at))
    }

    /// Writes in a transaction of the run.
    fn write<T>(
        &mut self,
        write: impl FnOnce(&Transaction<'_>, &mut dyn RowStore) -> Result<T, Refused>,
    ) -> Result<T, SinkError> {
        let epoch = self.epoch;
        let written = |connection: &mut Connection, store: &mut dyn RowStore| {
            let transaction = ours(connection, epoch)?;
            store.begin();
            let written = write(&transaction, store)?;
            store.finish(&transaction)?;
            transaction.commit()?;
            store.committed()?;
            Ok(written)
        };
        let written = written(&mut self.connection, self.store.as_mut());
        written.map_err(|refused| self.refused(refused))
    }

    fn end_run(&mut self, run: i64, end: &RunEnd) -> Result<(), SinkError> {
        let [inserted, updated, unchanged, deleted] = end.counts.columns();
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let ended = self.connection.execute(
            "UPDATE _sync_runs SET ended_at = ?2, outcome = ?3, requests = ?4, points = ?5, \
             inserted = ?6, updated = ?7, unchanged = ?8, deleted = ?9, streams = ?10, errors = ?11, \
             started_at = ?12 WHERE run = ?1",
            params![
                run,
                end.ended,
                end.outcome.name(),
                count(end.requests),
                count(end.points),
                inserted,
                updated,
                unchanged,
                deleted,
                end.streams,
                end.errors,
                end.started,
            ],
        );
        ended.map_err(|error| self.failed(error))?;
        self.lock = None;
        Ok(())
    }
}

impl Sink for Sqlite {
    fn begin<'a>(&'a mut self, run: &'a NewRun) -> SinkFuture<'a, Begun> {
        Box::pin(ready(self.begin_run(run)))
    }

    fn prepare<'a>(&'a mut self, table: &'a Table<'a>) -> SinkFuture<'a, ()> {
        Box::pin(ready(self.prepare_table(table)))
    }

    fn pass_state<'a>(&'a mut self, pass: &'a PassId) -> SinkFuture<'a, PassState> {
        Box::pin(ready(self.state_of(pass)))
    }

    fn commit<'a>(&'a mut self, commit: &'a Commit<'a>) -> SinkFuture<'a, Counts> {
        Box::pin(ready(self.commit_rows(commit)))
    }

    fn parents<'a>(
        &'a mut self,
        stream: &'a str,
        parent: &'a str,
        after: &'a str,
        due: Millis,
    ) -> SinkFuture<'a, Vec<Parent>> {
        Box::pin(ready(self.due_parents(stream, parent, after, due)))
    }

    fn count_parents<'a>(
        &'a mut self,
        stream: &'a str,
        parent: &'a str,
        due: Millis,
        without_rows: bool,
    ) -> SinkFuture<'a, u64> {
        Box::pin(ready(self.number_of_parents(
            stream,
            parent,
            due,
            without_rows,
        )))
    }

    fn partitions<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, Vec<String>> {
        // `-` is what goes on from nothing.
        Box::pin(ready(self.select(
            "SELECT DISTINCT partition FROM _sync_state WHERE stream = ?1 \
             AND partition NOT IN ('', '-') ORDER BY partition",
            [stream],
            |row| row.get(0),
        )))
    }

    fn reset<'a>(&'a mut self, streams: &'a [String], at: Millis) -> SinkFuture<'a, ()> {
        Box::pin(ready(self.begin_reset(streams, at)))
    }

    fn resets(&mut self) -> SinkFuture<'_, Vec<String>> {
        let resets = resets::all(&self.connection);
        Box::pin(ready(resets.map_err(|error| self.failed(error))))
    }

    fn settle_reset<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, ()> {
        let settled = resets::settle(&self.connection, stream);
        Box::pin(ready(settled.map_err(|error| self.failed(error))))
    }

    fn stale<'a>(
        &'a mut self,
        stream: &'a str,
        after: &'a str,
        now: Millis,
    ) -> SinkFuture<'a, Vec<Parent>> {
        Box::pin(ready(self.stale_rows(stream, after, now)))
    }

    fn failures(&mut self) -> SinkFuture<'_, Vec<RowFailure>> {
        let failures = failures::all(&self.connection);
        Box::pin(ready(failures.map_err(|error| self.failed(error))))
    }

    fn missing<'a>(
        &'a mut self,
        stream: &'a str,
        mark: i64,
        containers: Option<&'a [String]>,
        lists_replies: bool,
    ) -> SinkFuture<'a, Vec<Missing>> {
        Box::pin(ready(self.missing_rows(
            stream,
            mark,
            containers,
            lists_replies,
        )))
    }

    fn belonging<'a>(
        &'a mut self,
        stream: &'a str,
        parents: &'a [String],
    ) -> SinkFuture<'a, Vec<String>> {
        Box::pin(ready(self.belonging_rows(stream, parents)))
    }

    fn live<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, Vec<(Option<String>, u64)>> {
        Box::pin(ready(self.live_rows(stream)))
    }

    fn registered<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, Vec<Registered>> {
        let registered = scope::registered(&self.connection, stream);
        Box::pin(ready(registered.map_err(|error| self.failed(error))))
    }

    fn rescope<'a>(&'a mut self, rescope: &'a Rescope<'a>) -> SinkFuture<'a, u64> {
        Box::pin(ready(self.rescope_keys(rescope)))
    }

    fn apply_filters<'a>(&'a mut self, run: i64, at: Millis) -> SinkFuture<'a, Vec<(String, u64)>> {
        Box::pin(ready(self.apply(run, at)))
    }

    fn rows<'a>(
        &'a mut self,
        stream: &'a str,
        columns: &'a [&'a str],
        which: Which<'a>,
    ) -> SinkFuture<'a, Vec<StoredRow>> {
        let rows = stored::rows(
            &self.connection,
            self.store.as_ref(),
            stream,
            columns,
            which,
        );
        Box::pin(ready(rows.map_err(|error| self.failed(error))))
    }

    fn reads<'a>(
        &'a mut self,
        stream: &'a str,
        after: &'a str,
    ) -> SinkFuture<'a, Vec<(String, Millis)>> {
        let reads = stored::reads(&self.connection, stream, after);
        Box::pin(ready(reads.map_err(|error| self.failed(error))))
    }

    fn judge<'a>(&'a mut self, judged: &'a Judged<'a>) -> SinkFuture<'a, ()> {
        Box::pin(ready(self.judge_rows(judged)))
    }

    fn counts(&mut self, run: i64) -> SinkFuture<'_, Vec<(String, Counts)>> {
        let counts = history::counts(&self.connection, run);
        Box::pin(ready(counts.map_err(|error| self.failed(error))))
    }

    fn end<'a>(&'a mut self, run: i64, end: &'a RunEnd) -> SinkFuture<'a, ()> {
        Box::pin(ready(self.end_run(run, end)))
    }

    fn runs(&mut self, limit: u32) -> SinkFuture<'_, Vec<PastRun>> {
        let runs = history::runs(&self.connection, limit);
        Box::pin(ready(runs.map_err(|error| self.failed(error))))
    }

    fn streams(&mut self) -> SinkFuture<'_, Vec<StreamStatus>> {
        let streams = history::streams(&self.connection);
        Box::pin(ready(streams.map_err(|error| self.failed(error))))
    }

    fn holds(&mut self) -> SinkFuture<'_, Vec<Hold>> {
        let holds = history::holds(&self.connection);
        Box::pin(ready(holds.map_err(|error| self.failed(error))))
    }

    fn approve<'a>(&'a mut self, stream: &'a str, at: Millis) -> SinkFuture<'a, u64> {
        let approved = self.connection.execute(
            "UPDATE _sync_holds SET approved_at = ?2 WHERE stream = ?1 AND approved_at IS NULL",
            params![stream, at],
        );
        let approved = approved.map(|count| count as u64);
        Box::pin(ready(approved.map_err(|error| self.failed(error))))
    }
}

/// Begins a transaction, unless a newer run has begun.
fn ours(connection: &mut Connection, epoch: i64) -> Result<Transaction<'_>, Refused> {
    let transaction = connection.transaction()?;
    // The first thing is a write, so that the transaction waits for others here and nowhere else.
    let is_ours = transaction
        .prepare_cached("UPDATE _sync_meta SET epoch = epoch WHERE epoch = ?1")?
        .execute([epoch])?;
    if is_ours == 0 {
        return Err(Refused::Superseded);
    }
    Ok(transaction)
}

fn parent_of(stream: &str, row: &Row<'_>) -> rusqlite::Result<Parent> {
    let version: Option<i64> = row.get(1)?;
    Ok(Parent {
        stream: stream.to_owned(),
        key: row.get(0)?,
        version: version.and_then(|version| u64::try_from(version).ok()),
        container: row.get(2)?,
    })
}

fn is_approved(transaction: &Transaction<'_>, stream: &str, key: &str) -> rusqlite::Result<bool> {
    transaction
        .prepare_cached(
            "SELECT 1 FROM _sync_holds WHERE stream = ?1 AND key = ?2 AND approved_at IS NOT NULL",
        )?
        .exists([stream, key])
}
