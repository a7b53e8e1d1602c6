//! The file as a sink.

use std::fs::{File, OpenOptions};
use std::future::ready;
use std::path::{Path, PathBuf};

use source::Parent;
use sync::{
    Begun, Commit, Counts, Hold, Judged, Millis, Missing, NewRun, PassId, PassState, PastRun,
    Registered, Rescope, RowFailure, RunEnd, Sink, SinkError, SinkFuture, StoredRow, StreamStatus,
    Table, Verdict, Which, reason,
};

use crate::error::Refused;
use crate::library::Library;
use crate::open::{self, Opened};
use crate::parameters::{Instant, Parameter, list};
use crate::rows::{Row, Rows};
use crate::schema::{self, Tables};
use crate::session::{Session, Work};
use crate::tombstone::Grave;
use crate::{change_log, commit, failures, filtered, history, scope, stored};

/// How many keys one look at the registry returns.
const KEYS: i64 = 250;

/// The pass that notes, in the table of passes, that a stream is read anew.
const RESET: &str = "reset";

/// A DuckDB file that a sync is written to.
///
/// It is opened for reading until a run begins, and closed when the run ends: other programs can read it
/// then, and none while a run writes.
pub struct Duckdb {
    library: Library,
    path: PathBuf,
    opened: Option<Opened>,
    /// Locked while a run writes.
    lock: Option<File>,
    tables: Tables,
    epoch: i64,
}

impl std::fmt::Debug for Duckdb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Duckdb")
            .field("path", &self.path)
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

/// What is done with a file.
impl Duckdb {
    /// The sink of a file, which the first run creates.
    ///
    /// # Errors
    ///
    /// [`SinkError::Unusable`] for a file that is not DuckDB's, or of a later version;
    /// [`SinkError::InUse`] while another program has it open to write.
    pub fn open(library: &Library, path: &Path) -> Result<Self, SinkError> {
        let mut sink = Self {
            library: library.clone(),
            path: path.to_owned(),
            opened: None,
            lock: None,
            tables: Tables::default(),
            epoch: 0,
        };
        sink.has_copy()?;
        Ok(sink)
    }

    /// Whether there is a copy in the file.
    ///
    /// # Errors
    ///
    /// As for [`Duckdb::open`].
    pub fn has_copy(&mut self) -> Result<bool, SinkError> {
        let reading = self.reading().map(|session| session.is_some());
        reading.map_err(|refused| self.failed(refused))
    }

    /// The rows that a query returns, each value as text: while a run has the file open, only its own
    /// process can read it.
    ///
    /// # Errors
    ///
    /// What DuckDB says.
    pub fn read(&mut self, query: &str) -> Result<Vec<Vec<Option<String>>>, SinkError> {
        let query = format!("SELECT COLUMNS(*)::VARCHAR FROM ({query}) AS query");
        let values = |row: Row<'_>| (0..row.columns()).map(|place| row.text(place)).collect();
        self.select(&query, &[], values)
    }

    fn failed(&self, refused: Refused) -> SinkError {
        let sink = self.path.display().to_string();
        match refused {
            Refused::Superseded => SinkError::Superseded { sink },
            Refused::Busy => SinkError::Busy { sink },
            Refused::Open(reason) => SinkError::InUse { sink, reason },
            Refused::Foreign(table) => SinkError::ForeignTable { sink, table },
            Refused::Naming { has, wanted } => SinkError::OtherNaming { sink, has, wanted },
            Refused::Unusable(reason) => SinkError::Unusable { sink, reason },
            refused if refused.is_full() => SinkError::Full {
                sink,
                error: Box::new(refused),
            },
            refused => SinkError::Failed {
                sink,
                error: Box::new(refused),
            },
        }
    }

    /// The file, open; none if there is no copy in it.
    fn reading(&mut self) -> Result<Option<&mut Session>, Refused> {
        if self.opened.is_none() {
            if !open::is_there(&self.path)? {
                return Ok(None);
            }
            let mut opened = self.connect(false)?;
            if !schema::exists(&mut opened.session)? {
                return Ok(None);
            }
            self.opened = Some(opened);
        }
        Ok(self.opened.as_mut().map(|opened| &mut opened.session))
    }

    /// The file, open to write, and the lock of a run.
    fn writing(&mut self) -> Result<&mut Session, Refused> {
        self.lock()?;
        let is_open = self.opened.as_ref().is_some_and(Opened::is_writable);
        if !is_open {
            self.opened = None;
            if !open::is_there(&self.path)? {
                open::create(&self.library, &self.path)?;
            }
            let mut opened = self.connect(true)?;
            schema::create(&mut opened.session)?;
            self.opened = Some(opened);
        }
        let opened = self.opened.as_mut().map(|opened| &mut opened.session);
        opened.ok_or(Refused::Busy)
    }

    fn connect(&self, is_writable: bool) -> Result<Opened, Refused> {
        let opened = Opened::open(&self.library, &self.path, is_writable);
        match opened {
            // It is the run that has the lock.
            Err(Refused::Open(_)) if self.lock.is_none() && self.is_locked() => Err(Refused::Busy),
            other => other,
        }
    }

    fn lock_file(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push("-sync-lock");
        name.into()
    }

    /// Whether another run has the lock.
    fn is_locked(&self) -> bool {
        let file = OpenOptions::new().write(true).open(self.lock_file());
        file.is_ok_and(|file| file.try_lock().is_err())
    }

    fn lock(&mut self) -> Result<(), Refused> {
        if self.lock.is_some() {
            return Ok(());
        }
        let name = self.lock_file();
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&name)
            .map_err(|error| Refused::beside(&name, error))?;
        file.try_lock().map_err(|_| Refused::Busy)?;
        self.lock = Some(file);
        Ok(())
    }

    /// Gives back the lock, and closes the file: others may read it then.
    fn release(&mut self) {
        self.opened = None;
        self.lock = None;
    }

    /// Runs a query. A copy that is not there has no rows.
    fn query(&mut self, sql: &str, parameters: &[&dyn Parameter]) -> Result<Rows, Refused> {
        match self.reading()? {
            Some(session) => session.query(sql, parameters),
            None => Ok(Rows(Vec::new())),
        }
    }

    fn select<T>(
        &mut self,
        sql: &str,
        parameters: &[&dyn Parameter],
        read: impl Fn(Row<'_>) -> T,
    ) -> Result<Vec<T>, SinkError> {
        let rows = self.query(sql, parameters);
        let rows = rows.map_err(|refused| self.failed(refused))?;
        Ok(rows.iter().map(read).collect())
    }

    /// Writes in a transaction of the run.
    fn write<T>(
        &mut self,
        write: impl FnOnce(&mut Work<'_>, &Tables) -> Result<T, Refused>,
    ) -> Result<T, SinkError> {
        let (epoch, tables) = (self.epoch, &self.tables);
        let written = match &mut self.opened {
            Some(opened) => (|| {
                let mut work = opened.session.begin(epoch)?;
                let written = write(&mut work, tables)?;
                work.commit()?;
                Ok(written)
            })(),
            // A run has the file open.
            None => Err(Refused::Superseded),
        };
        written.map_err(|refused| self.failed(refused))
    }

    /// Writes outside of a run, or in one.
    fn write_apart<T>(
        &mut self,
        write: impl FnOnce(&mut Session) -> Result<T, Refused>,
    ) -> Result<T, SinkError> {
        let is_in_run = self.lock.is_some();
        let written = self.writing().and_then(write);
        if !is_in_run {
            self.release();
        }
        written.map_err(|refused| self.failed(refused))
    }
}

/// What a [`Sink`] does; DuckDB is in the same process, and answers at once.
impl Duckdb {
    fn begin_run(&mut self, run: &NewRun) -> Result<Begun, Refused> {
        let session = self.writing()?;
        let layouts = schema::layouts(session)?;
        let mut work = session.transaction()?;
        let naming = schema::naming(&mut work, run.naming)?;
        let epoch = work.query(
            "UPDATE _sync_meta SET epoch = epoch + 1 RETURNING epoch",
            &[],
        )?;
        let epoch = first_number(&epoch);
        interrupt(&mut work)?;
        let before = work.query(
            "SELECT settings FROM _sync_runs WHERE outcome = 'complete' ORDER BY run DESC LIMIT 1",
            &[],
        )?;
        let outside = work.query("SELECT 1 FROM _sync_keys WHERE scope <> 0 LIMIT 1", &[])?;
        let number = work.query(
            "INSERT INTO _sync_runs (run, started_at, settings) \
             SELECT coalesce(max(run), 0) + 1, $1, $2 FROM _sync_runs RETURNING run",
            &[&Instant(run.started), &run.settings],
        )?;
        work.commit()?;
        self.epoch = epoch;
        self.tables = Tables {
            layouts,
            naming,
            ..Tables::default()
        };
        Ok(Begun {
            run: first_number(&number),
            settings_before: before.iter().next().and_then(|row| row.text(0)),
            has_outside: !outside.is_empty(),
        })
    }

    fn prepare_table(&mut self, table: &Table<'_>) -> Result<(), Refused> {
        let Some(opened) = &mut self.opened else {
            return Err(Refused::Superseded);
        };
        let (session, stream) = (&mut opened.session, &table.stream.name);
        let layout = schema::prepare(session, table, self.tables.naming)?;
        // Columns of other runs stay known: a deleted row is emptied of them.
        let known = self.tables.layouts.entry(stream.clone()).or_default();
        known.extend(layout);
        if change_log::prepare(session, &self.tables, stream, table.logs_changes)? {
            self.tables.logged.insert(stream.clone());
        }
        Ok(())
    }

    fn rows_of(
        &mut self,
        stream: &str,
        columns: &[&str],
        which: Which<'_>,
    ) -> Result<Vec<StoredRow>, SinkError> {
        if self.tables.layouts.is_empty() {
            let layouts = match self.reading() {
                Ok(Some(session)) => schema::layouts(session),
                Ok(None) => return Ok(Vec::new()),
                Err(refused) => Err(refused),
            };
            self.tables.layouts = layouts.map_err(|refused| self.failed(refused))?;
        }
        let Some(layout) = self.tables.layouts.get(stream) else {
            return Ok(Vec::new());
        };
        let select = stored::select(stream, columns, layout);
        let read = |row: Row<'_>| stored::row_of(row, columns.len());
        match which {
            Which::After(after) => self.select(
                &format!(
                    "{select} AND k.key > $2 AND k.deleted_at IS NULL AND k.scope = 0 \
                     ORDER BY k.key LIMIT $3"
                ),
                &[&stream, &after, &stored::ROWS],
                read,
            ),
            Which::Keyed(keys) => self.select(
                &format!("{select} AND k.key IN (SELECT unnest($2))"),
                &[&stream, &list(keys)],
                read,
            ),
        }
    }

    fn end_run(&mut self, run: i64, end: &RunEnd) -> Result<(), SinkError> {
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let [inserted, updated, unchanged, deleted] = end.counts.columns();
        let update = format!(
            "UPDATE _sync_runs SET ended_at = $2, outcome = $3, requests = $4, points = $5, \
             inserted = $6, updated = $7, unchanged = $8, deleted = $9, streams = {}, errors = {}, \
             started_at = $12 WHERE run = $1",
            schema::json("$10"),
            schema::json("$11")
        );
        let ended = self.write(|work, _| {
            work.query(
                &update,
                &[
                    &run,
                    &Instant(end.ended),
                    &end.outcome.name(),
                    &count(end.requests),
                    &count(end.points),
                    &inserted,
                    &updated,
                    &unchanged,
                    &deleted,
                    &end.streams,
                    &end.errors,
                    &Instant(end.started),
                ],
            )
            .map(drop)
        });
        self.release();
        ended
    }
}

fn first_number(rows: &Rows) -> i64 {
    let first = rows.iter().next().and_then(|row| row.integer(0));
    first.unwrap_or_default()
}

/// Records runs that have not ended as interrupted.
fn interrupt(work: &mut Work<'_>) -> Result<(), Refused> {
    let open = work.query("SELECT run FROM _sync_runs WHERE outcome IS NULL", &[])?;
    for run in open.iter().filter_map(|row| row.integer(0)) {
        let rows = work.query(history::COUNTS, &[&run])?;
        let counts = rows.iter().map(|row| history::counts(row).1);
        let [inserted, updated, unchanged, deleted] = counts.sum::<Counts>().columns();
        work.query(
            "UPDATE _sync_runs SET outcome = 'interrupted', inserted = $2, updated = $3, \
             unchanged = $4, deleted = $5 WHERE run = $1",
            &[&run, &inserted, &updated, &unchanged, &deleted],
        )?;
    }
    Ok(())
}

/// Records what becomes of missing keys.
fn judge(work: &mut Work<'_>, tables: &Tables, judged: &Judged<'_>) -> Result<(), Refused> {
    let stream = &judged.stream;
    let at = Instant(judged.at);
    let mut deleted = judged.deleted();
    let suspected = judged.of(Verdict::Suspected);
    if !suspected.is_empty() {
        work.query(
            "UPDATE _sync_keys SET missing_since = coalesce(missing_since, $3) \
             WHERE stream = $1 AND key IN (SELECT unnest($2))",
            &[stream, &list(&suspected), &at],
        )?;
    }
    let held = judged.of(Verdict::Held);
    if !held.is_empty() {
        let held = list(&held);
        let approved = work.query(
            "SELECT key FROM _sync_holds \
             WHERE stream = $1 AND key IN (SELECT unnest($2)) AND approved_at IS NOT NULL",
            &[stream, &held],
        )?;
        work.query(
            "INSERT INTO _sync_holds SELECT $1, unnest($2), $3::BIGINT, $4, NULL \
             ON CONFLICT (stream, key) DO NOTHING",
            &[stream, &held, &judged.run, &at],
        )?;
        let approved = approved.texts();
        deleted
            .entry(reason::PURGED_OR_HIDDEN)
            .or_default()
            .extend(approved);
    }
    let grave = Grave {
        run: judged.run,
        at: judged.at,
        tables,
    };
    for (reason, keys) in deleted {
        grave.place(work, stream, &keys, reason)?;
        grave.place_children(work, stream, &keys, judged.children)?;
    }
    work.query(
        "DELETE FROM _sync_holds WHERE stream = $1 AND key IN \
         (SELECT key FROM _sync_keys WHERE stream = $1 AND missing_since IS NULL)",
        &[stream],
    )?;
    Ok(())
}

fn parent_of(stream: &str, row: Row<'_>) -> Parent {
    Parent {
        stream: stream.to_owned(),
        key: row.text(0).unwrap_or_default(),
        version: row
            .integer(1)
            .and_then(|version| u64::try_from(version).ok()),
        container: row.text(2),
    }
}

impl Sink for Duckdb {
    fn begin<'a>(&'a mut self, run: &'a NewRun) -> SinkFuture<'a, Begun> {
        let begun = self.begin_run(run);
        Box::pin(ready(begun.map_err(|refused| {
            let error = self.failed(refused);
            self.release();
            error
        })))
    }

    fn prepare<'a>(&'a mut self, table: &'a Table<'a>) -> SinkFuture<'a, ()> {
        let prepared = self.prepare_table(table);
        Box::pin(ready(prepared.map_err(|refused| self.failed(refused))))
    }

    fn pass_state<'a>(&'a mut self, pass: &'a PassId) -> SinkFuture<'a, PassState> {
        let found = self.select(
            "SELECT state, mark, is_open, epoch_ms(completed_at) FROM _sync_state \
             WHERE stream = $1 AND pass = $2 AND partition = $3",
            &[&pass.stream, &pass.pass.name(), &pass.partition],
            |row| PassState {
                state: row.text(0),
                mark: row.integer(1).unwrap_or_default(),
                is_open: row.flag(2),
                completed: row.integer(3),
            },
        );
        let first = |found: Vec<PassState>| found.into_iter().next().unwrap_or_default();
        Box::pin(ready(found.map(first)))
    }

    fn commit<'a>(&'a mut self, commit: &'a Commit<'a>) -> SinkFuture<'a, Counts> {
        Box::pin(ready(
            self.write(|work, tables| commit::write(work, tables, commit)),
        ))
    }

    fn parents<'a>(
        &'a mut self,
        stream: &'a str,
        parent: &'a str,
        after: &'a str,
        due: Millis,
    ) -> SinkFuture<'a, Vec<Parent>> {
        Box::pin(ready(self.select(
            "SELECT k.key, k.version, k.container FROM _sync_keys AS k \
             LEFT JOIN _sync_children AS c ON c.stream = $1 AND c.parent = k.key \
             WHERE k.stream = $2 AND k.key > $3 AND k.deleted_at IS NULL AND k.scope = 0 \
             AND (c.parent IS NULL OR c.version IS DISTINCT FROM k.version \
             OR c.read_at < $4) ORDER BY k.key LIMIT $5",
            &[&stream, &parent, &after, &Instant(due), &KEYS],
            |row| parent_of(parent, row),
        )))
    }

    fn count_parents<'a>(
        &'a mut self,
        stream: &'a str,
        parent: &'a str,
        due: Millis,
        without_rows: bool,
    ) -> SinkFuture<'a, u64> {
        let counts = self.select(
            "SELECT count(*) FROM _sync_keys AS k \
             LEFT JOIN _sync_children AS c ON c.stream = $1 AND c.parent = k.key \
             WHERE k.stream = $2 AND k.deleted_at IS NULL AND k.scope = 0 \
             AND (c.parent IS NULL OR c.version IS DISTINCT FROM k.version \
             OR c.read_at < $3) AND (NOT $4 OR k.key NOT IN (SELECT s.parent FROM _sync_keys AS s \
             WHERE s.stream = $1 AND s.parent IS NOT NULL AND s.deleted_at IS NULL))",
            &[&stream, &parent, &Instant(due), &without_rows],
            |row| row.integer(0).unwrap_or_default(),
        );
        let counts = counts.map(|counts| counts.into_iter().sum::<i64>().unsigned_abs());
        Box::pin(ready(counts))
    }

    fn partitions<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, Vec<String>> {
        // `-` is what goes on from nothing.
        Box::pin(ready(self.select(
            "SELECT DISTINCT partition FROM _sync_state WHERE stream = $1 \
             AND partition NOT IN ('', '-') ORDER BY partition",
            &[&stream],
            |row| row.text(0).unwrap_or_default(),
        )))
    }

    fn reset<'a>(&'a mut self, streams: &'a [String], at: Millis) -> SinkFuture<'a, ()> {
        Box::pin(ready(self.write_apart(|session| {
            let streams = list(streams);
            let mut work = session.transaction()?;
            for table in ["_sync_state", "_sync_children"] {
                let delete = format!("DELETE FROM {table} WHERE stream IN (SELECT unnest($1))");
                work.query(&delete, &[&streams])?;
            }
            work.query(
                "INSERT INTO _sync_state (stream, pass, partition, mark, is_open, updated_at) \
                 SELECT unnest($1), $2, '', 0, true, $3",
                &[&streams, &RESET, &Instant(at)],
            )?;
            work.commit()
        })))
    }

    fn resets(&mut self) -> SinkFuture<'_, Vec<String>> {
        Box::pin(ready(self.select(
            "SELECT stream FROM _sync_state WHERE pass = $1 ORDER BY stream",
            &[&RESET],
            |row| row.text(0).unwrap_or_default(),
        )))
    }

    fn settle_reset<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, ()> {
        Box::pin(ready(self.write_apart(|session| {
            session
                .query(
                    "DELETE FROM _sync_state WHERE stream = $1 AND pass = $2",
                    &[&stream, &RESET],
                )
                .map(drop)
        })))
    }

    fn stale<'a>(
        &'a mut self,
        stream: &'a str,
        after: &'a str,
        now: Millis,
    ) -> SinkFuture<'a, Vec<Parent>> {
        Box::pin(ready(self.select(
            "SELECT key, version, container FROM _sync_keys AS k WHERE stream = $1 \
             AND key > $2 AND is_stale AND deleted_at IS NULL AND scope = 0 AND NOT EXISTS \
             (SELECT 1 FROM _sync_failures AS f WHERE f.stream = $1 AND f.key = k.key \
             AND f.next_at > $4) ORDER BY key LIMIT $3",
            &[&stream, &after, &KEYS, &Instant(now)],
            |row| parent_of(stream, row),
        )))
    }

    fn failures(&mut self) -> SinkFuture<'_, Vec<RowFailure>> {
        Box::pin(ready(self.select(failures::ALL, &[], failures::failure)))
    }

    fn missing<'a>(
        &'a mut self,
        stream: &'a str,
        mark: i64,
        containers: Option<&'a [String]>,
        lists_replies: bool,
    ) -> SinkFuture<'a, Vec<Missing>> {
        // Before the mark: rows that are newer than the list were not in it.
        Box::pin(ready(self.select(
            "SELECT key, parent, container, epoch_ms(missing_since) FROM _sync_keys AS k WHERE stream = $1 \
             AND deleted_at IS NULL AND scope <> 1 AND (seen IS NULL OR seen < $2) AND ($4 OR NOT EXISTS \
             (SELECT 1 FROM _sync_keys AS p WHERE p.stream = $1 AND p.key = k.parent)) \
             AND ($3 IS NULL OR container IN (SELECT unnest($3))) ORDER BY key",
            &[&stream, &mark, &containers.map(list), &lists_replies],
            |row| Missing {
                key: row.text(0).unwrap_or_default(),
                parent: row.text(1),
                container: row.text(2),
                since: row.integer(3),
            },
        )))
    }

    fn belonging<'a>(
        &'a mut self,
        stream: &'a str,
        parents: &'a [String],
    ) -> SinkFuture<'a, Vec<String>> {
        Box::pin(ready(self.select(
            "SELECT key FROM _sync_keys WHERE stream = $1 AND parent IN (SELECT unnest($2)) \
             AND deleted_at IS NULL AND scope <> $3",
            &[&stream, &list(parents), &scope::OUTSIDE],
            |row| row.text(0).unwrap_or_default(),
        )))
    }

    fn live<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, Vec<(Option<String>, u64)>> {
        Box::pin(ready(self.select(
            "SELECT container, count(*) FROM _sync_keys WHERE stream = $1 \
             AND deleted_at IS NULL AND scope <> $2 GROUP BY container",
            &[&stream, &scope::OUTSIDE],
            |row| {
                let count = row.integer(1).unwrap_or_default();
                (row.text(0), count.unsigned_abs())
            },
        )))
    }

    fn counts(&mut self, run: i64) -> SinkFuture<'_, Vec<(String, Counts)>> {
        let counts = self.select(history::COUNTS, &[&run], history::counts);
        Box::pin(ready(counts))
    }

    fn registered<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, Vec<Registered>> {
        Box::pin(ready(self.select(
            scope::REGISTERED,
            &[&stream],
            scope::registered,
        )))
    }

    fn rescope<'a>(&'a mut self, rescope: &'a Rescope<'a>) -> SinkFuture<'a, u64> {
        Box::pin(ready(
            self.write(|work, tables| scope::rescope(work, tables, rescope)),
        ))
    }

    fn apply_filters<'a>(&'a mut self, run: i64, at: Millis) -> SinkFuture<'a, Vec<(String, u64)>> {
        Box::pin(ready(self.write(|work, tables| {
            filtered::apply(work, Grave { run, at, tables })
        })))
    }

    fn rows<'a>(
        &'a mut self,
        stream: &'a str,
        columns: &'a [&'a str],
        which: Which<'a>,
    ) -> SinkFuture<'a, Vec<StoredRow>> {
        Box::pin(ready(self.rows_of(stream, columns, which)))
    }

    fn reads<'a>(
        &'a mut self,
        stream: &'a str,
        after: &'a str,
    ) -> SinkFuture<'a, Vec<(String, Millis)>> {
        Box::pin(ready(self.select(
            "SELECT parent, epoch_ms(read_at) FROM _sync_children WHERE stream = $1 AND parent > $2 \
             ORDER BY parent LIMIT $3",
            &[&stream, &after, &stored::ROWS],
            |row| {
                (
                    row.text(0).unwrap_or_default(),
                    row.integer(1).unwrap_or_default(),
                )
            },
        )))
    }

    fn judge<'a>(&'a mut self, judged: &'a Judged<'a>) -> SinkFuture<'a, ()> {
        Box::pin(ready(
            self.write(|work, tables| judge(work, tables, judged)),
        ))
    }

    fn end<'a>(&'a mut self, run: i64, end: &'a RunEnd) -> SinkFuture<'a, ()> {
        Box::pin(ready(self.end_run(run, end)))
    }

    fn runs(&mut self, limit: u32) -> SinkFuture<'_, Vec<PastRun>> {
        Box::pin(ready(self.select(
            history::RUNS,
            &[&i64::from(limit)],
            history::run,
        )))
    }

    fn streams(&mut self) -> SinkFuture<'_, Vec<StreamStatus>> {
        Box::pin(ready(self.select(history::STREAMS, &[], history::stream)))
    }

    fn holds(&mut self) -> SinkFuture<'_, Vec<Hold>> {
        Box::pin(ready(self.select(history::HOLDS, &[], history::hold)))
    }

    fn approve<'a>(&'a mut self, stream: &'a str, at: Millis) -> SinkFuture<'a, u64> {
        Box::pin(ready(self.write_apart(|session| {
            let approved = session.query(
                "UPDATE _sync_holds SET approved_at = $2 \
                 WHERE stream = $1 AND approved_at IS NULL RETURNING key",
                &[&stream, &Instant(at)],
            )?;
            Ok(approved.texts().len() as u64)
        })))
    }
}
