//! The database as a sink.

use std::collections::HashMap;
use std::time::Duration;

use source::Parent;
use sync::{
    Begun, Commit, Counts, Hold, Judged, Millis, Missing, Naming, NewRun, PassId, PassState,
    PastRun, Registered, Rescope, RowFailure, RunEnd, Sink, SinkError, SinkFuture, StoredRow,
    StreamStatus, Table, Verdict, Which, reason,
};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Transaction};

use crate::address::Address;
use crate::error::Refused;
use crate::history;
use crate::instant::Instant;
use crate::schema::{self, Layout};
use crate::session::{Session, Work};
use crate::tombstone::Grave;
use crate::{change_log, commit, failures, filtered, json, scope, stored};

/// How many keys one look at the registry returns.
const KEYS: i64 = 250;

/// The pass that notes, in the table of passes, that a stream is read anew.
const RESET: &str = "reset";

/// How long it is waited before something is tried again that failed for a reason that passes:
/// a deadlock, a conflict, a server that restarts.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(100),
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

/// A PostgreSQL database that a sync is written to.
pub struct Postgresql {
    address: Address,
    session: Session,
    layouts: HashMap<String, Layout>,
    epoch: i64,
    naming: Naming,
    /// Whether a run goes on, which has the lock.
    is_writing: bool,
}

impl std::fmt::Debug for Postgresql {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgresql")
            .field("address", &self.address)
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

impl Postgresql {
    /// Connects to a database. Nothing is created before a run begins. The password is that of the
    /// variable `PGPASSWORD` or the file `~/.pgpass`.
    ///
    /// # Errors
    ///
    /// [`SinkError::Unusable`] for tables of a later version; what PostgreSQL says.
    pub async fn connect(address: &Address) -> Result<Self, SinkError> {
        let connected = async {
            let session = Session::connect(address).await?;
            schema::exists(&session.client, &address.schema).await?;
            Ok(session)
        };
        let session = connected.await.map_err(|error| failed(address, error))?;
        Ok(Self {
            address: address.clone(),
            session,
            layouts: HashMap::new(),
            epoch: 0,
            naming: Naming::Sync,
            is_writing: false,
        })
    }

    /// Whether there is a copy in the schema.
    ///
    /// # Errors
    ///
    /// What PostgreSQL says.
    pub async fn has_copy(&self) -> Result<bool, SinkError> {
        let exists = schema::exists(&self.session.client, &self.address.schema).await;
        exists.map_err(|error| self.failed(error))
    }

    fn failed(&self, error: Refused) -> SinkError {
        failed(&self.address, error)
    }

    /// Waits before something is tried again, and connects again if the connection is lost.
    /// Returns the error if it does not pass, or was there too often.
    async fn recover(&mut self, error: Refused, attempt: usize) -> Result<(), SinkError> {
        let Some(pause) = PAUSES.get(attempt).filter(|_| error.is_transient()) else {
            return Err(self.failed(error));
        };
        tokio::time::sleep(*pause).await;
        if self.session.client.is_closed() {
            match self.reconnected().await {
                Ok(session) => self.session = session,
                // The next attempt finds the connection closed.
                Err(error) if error.is_transient() => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
        Ok(())
    }

    async fn reconnected(&self) -> Result<Session, Refused> {
        let session = Session::connect(&self.address).await?;
        if self.is_writing {
            session.lock(&self.address.schema).await?;
        }
        Ok(session)
    }

    async fn query(
        &mut self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, SinkError> {
        let mut attempt = 0;
        loop {
            let session = &mut self.session;
            let read = async {
                let statement = session.prepare(sql).await?;
                Ok(session.client.query(&statement, values).await?)
            };
            match read.await {
                Ok(rows) => return Ok(rows),
                Err(error) => self.recover(error, attempt).await?,
            }
            attempt += 1;
        }
    }

    /// The layout of a table: as a run knows it, or as the database has it.
    async fn layout(&mut self, stream: &str) -> Result<Option<Layout>, SinkError> {
        if self.layouts.is_empty() {
            let layouts = self.session.layouts().await;
            self.layouts = layouts.map_err(|error| self.failed(error))?;
        }
        Ok(self.layouts.get(stream).cloned())
    }

    async fn begin_run(&mut self, run: &NewRun) -> Result<Begun, Refused> {
        let schema = &self.address.schema;
        self.session.lock(schema).await?;
        self.is_writing = true;
        schema::create(&mut self.session.client, schema).await?;
        self.naming = schema::naming(&self.session.client, schema, run.naming).await?;
        self.layouts = self.session.layouts().await?;
        let transaction = self.session.client.transaction().await?;
        let epoch = "UPDATE _sync_meta SET epoch = epoch + 1 RETURNING epoch";
        let epoch = transaction.query_one(epoch, &[]).await?.get(0);
        interrupt(&transaction).await?;
        let before = transaction
            .query_opt(
                "SELECT settings FROM _sync_runs WHERE outcome = 'complete' \
                 ORDER BY run DESC LIMIT 1",
                &[],
            )
            .await?;
        let has_outside = transaction
            .query_opt("SELECT FROM _sync_keys WHERE scope <> 0 LIMIT 1", &[])
            .await?
            .is_some();
        let number = transaction
            .query_one(
                "INSERT INTO _sync_runs (started_at, settings) VALUES ($1, $2) RETURNING run",
                &[&Instant(run.started), &run.settings],
            )
            .await?;
        transaction.commit().await?;
        self.epoch = epoch;
        Ok(Begun {
            run: number.get(0),
            settings_before: before.map(|row| row.get(0)),
            has_outside,
        })
    }

    async fn prepare_table(&mut self, table: &Table<'_>) -> Result<(), Refused> {
        let schema = &self.address.schema;
        let layout = schema::prepare(&mut self.session.client, schema, table, self.naming).await?;
        let (client, stream) = (&mut self.session.client, &table.stream.name);
        change_log::prepare(client, schema, stream, table.logs_changes).await?;
        // Columns of other runs stay known: a deleted row is emptied of them.
        let known = self.layouts.entry(table.stream.name.clone()).or_default();
        known.extend(layout);
        Ok(())
    }

    async fn commit_rows(&mut self, commit: &Commit<'_>) -> Result<Counts, Refused> {
        let staged = self.session.staged.clone();
        let written = async {
            let mut work = self.session.begin(self.epoch).await?;
            let committed = commit::write(&mut work, &self.layouts, commit).await?;
            work.commit().await?;
            Ok(committed)
        };
        let written = written.await;
        if written.is_err() {
            // The temporary table is that of before.
            self.session.staged = staged;
        }
        written
    }

    async fn judge_rows(&mut self, judged: &Judged<'_>) -> Result<(), Refused> {
        let mut work = self.session.begin(self.epoch).await?;
        judge(&mut work, &self.layouts, judged).await?;
        work.commit().await
    }

    async fn rescope_keys(&mut self, rescope: &Rescope<'_>) -> Result<u64, Refused> {
        let mut work = self.session.begin(self.epoch).await?;
        let marked = scope::rescope(&mut work, &self.layouts, rescope).await?;
        work.commit().await?;
        Ok(marked)
    }

    async fn apply(&mut self, run: i64, at: Millis) -> Result<Vec<(String, u64)>, Refused> {
        let mut work = self.session.begin(self.epoch).await?;
        let layouts = &self.layouts;
        let deleted = filtered::apply(&mut work, Grave { run, at, layouts }).await?;
        work.commit().await?;
        Ok(deleted)
    }

    async fn begin_reset(&mut self, streams: &[String], at: Millis) -> Result<(), Refused> {
        let is_writing = self.is_writing;
        self.session.lock(&self.address.schema).await?;
        let begun = self.note_reset(streams, at).await;
        if !is_writing {
            self.session
                .client
                .batch_execute("SELECT pg_advisory_unlock_all()")
                .await?;
        }
        begun
    }

    async fn note_reset(&mut self, streams: &[String], at: Millis) -> Result<(), Refused> {
        let transaction = self.session.client.transaction().await?;
        for table in ["_sync_state", "_sync_children"] {
            let delete = format!("DELETE FROM {table} WHERE stream = ANY($1)");
            transaction.execute(&delete, &[&streams]).await?;
        }
        transaction
            .execute(
                "INSERT INTO _sync_state (stream, pass, partition, mark, is_open, updated_at) \
                 SELECT streams, $2, '', 0, true, $3 FROM unnest($1::text[]) AS streams",
                &[&streams, &RESET, &Instant(at)],
            )
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn end_run(&mut self, run: i64, end: &RunEnd) -> Result<(), Refused> {
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let [inserted, updated, unchanged, deleted] = end.counts.columns();
        let (streams, errors) = (json::document(&end.streams), json::document(&end.errors));
        let work = self.session.begin(self.epoch).await?;
        work.transaction
            .execute(
                "UPDATE _sync_runs SET ended_at = $2, outcome = $3, requests = $4, points = $5, \
                 inserted = $6, updated = $7, unchanged = $8, deleted = $9, \
                 streams = $10::text::jsonb, errors = $11::text::jsonb, \
                 started_at = $12 WHERE run = $1",
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
                    &streams,
                    &errors,
                    &Instant(end.started),
                ],
            )
            .await?;
        work.commit().await?;
        self.session
            .client
            .batch_execute("SELECT pg_advisory_unlock_all()")
            .await?;
        self.is_writing = false;
        Ok(())
    }
}

/// Records runs that have not ended as interrupted.
async fn interrupt(transaction: &Transaction<'_>) -> Result<(), Refused> {
    let open = "SELECT run FROM _sync_runs WHERE outcome IS NULL";
    for row in transaction.query(open, &[]).await? {
        let run: i64 = row.get(0);
        let rows = transaction.query(history::COUNTS, &[&run]).await?;
        let counts = rows.iter().map(|row| history::counts(row).1);
        let [inserted, updated, unchanged, deleted] = counts.sum::<Counts>().columns();
        transaction
            .execute(
                "UPDATE _sync_runs SET outcome = 'interrupted', inserted = $2, updated = $3, \
                 unchanged = $4, deleted = $5 WHERE run = $1",
                &[&run, &inserted, &updated, &unchanged, &deleted],
            )
            .await?;
    }
    Ok(())
}

fn failed(address: &Address, error: Refused) -> SinkError {
    let sink = address.to_string();
    match error {
        Refused::Superseded => SinkError::Superseded { sink },
        Refused::Busy => SinkError::Busy { sink },
        Refused::Foreign(table) => SinkError::ForeignTable { sink, table },
        Refused::Naming { has, wanted } => SinkError::OtherNaming { sink, has, wanted },
        Refused::Later(..) | Refused::UnknownNaming(_) => SinkError::Unusable {
            sink,
            reason: error.to_string(),
        },
        Refused::Postgresql(_) if error.is_full() => SinkError::Full {
            sink,
            error: Box::new(error),
        },
        other => SinkError::Failed {
            sink,
            error: Box::new(other),
        },
    }
}

/// Records what becomes of missing keys.
async fn judge(
    work: &mut Work<'_>,
    layouts: &HashMap<String, Layout>,
    judged: &Judged<'_>,
) -> Result<(), Refused> {
    let stream = judged.stream;
    let at = Instant(judged.at);
    let mut deleted = judged.deleted();
    let suspected = judged.of(Verdict::Suspected);
    if !suspected.is_empty() {
        let suspect = work
            .prepare(
                "UPDATE _sync_keys SET missing_since = coalesce(missing_since, $3) \
                 WHERE stream = $1 AND key = ANY($2)",
            )
            .await?;
        work.transaction
            .execute(&suspect, &[&stream, &suspected, &at])
            .await?;
    }
    let held = judged.of(Verdict::Held);
    if !held.is_empty() {
        let approved = work
            .prepare(
                "SELECT key FROM _sync_holds \
                 WHERE stream = $1 AND key = ANY($2) AND approved_at IS NOT NULL",
            )
            .await?;
        let approved = work.transaction.query(&approved, &[&stream, &held]).await?;
        let approved: Vec<String> = approved.iter().map(|row| row.get(0)).collect();
        let hold = work
            .prepare(
                "INSERT INTO _sync_holds SELECT $1, keys, $3, $4, NULL FROM unnest($2::text[]) AS keys \
                 ON CONFLICT (stream, key) DO NOTHING",
            )
            .await?;
        work.transaction
            .execute(&hold, &[&stream, &held, &judged.run, &at])
            .await?;
        deleted
            .entry(reason::PURGED_OR_HIDDEN)
            .or_default()
            .extend(approved);
    }
    let grave = Grave {
        run: judged.run,
        at: judged.at,
        layouts,
    };
    for (reason, keys) in deleted {
        grave.place(work, stream, &keys, reason).await?;
        grave
            .place_children(work, stream, &keys, judged.children)
            .await?;
    }
    let settled = work
        .prepare(
            "DELETE FROM _sync_holds WHERE stream = $1 AND key IN \
             (SELECT key FROM _sync_keys WHERE stream = $1 AND missing_since IS NULL)",
        )
        .await?;
    work.transaction.execute(&settled, &[&stream]).await?;
    Ok(())
}

fn parent_of(stream: &str, row: &Row) -> Parent {
    let version: Option<i64> = row.get(1);
    Parent {
        stream: stream.to_owned(),
        key: row.get(0),
        version: version.and_then(|version| u64::try_from(version).ok()),
        container: row.get(2),
    }
}

impl Sink for Postgresql {
    fn begin<'a>(&'a mut self, run: &'a NewRun) -> SinkFuture<'a, Begun> {
        Box::pin(async move {
            let begun = self.begin_run(run).await;
            begun.map_err(|error| self.failed(error))
        })
    }

    fn prepare<'a>(&'a mut self, table: &'a Table<'a>) -> SinkFuture<'a, ()> {
        Box::pin(async move {
            let prepared = self.prepare_table(table).await;
            prepared.map_err(|error| self.failed(error))
        })
    }

    fn pass_state<'a>(&'a mut self, pass: &'a PassId) -> SinkFuture<'a, PassState> {
        Box::pin(async move {
            // Before its first run a copy has no tables.
            if !self.is_writing && !self.has_copy().await? {
                return Ok(PassState::default());
            }
            let rows = self
                .query(
                    "SELECT state, mark, is_open, completed_at FROM _sync_state \
                     WHERE stream = $1 AND pass = $2 AND partition = $3",
                    &[&pass.stream, &pass.pass.name(), &pass.partition],
                )
                .await?;
            let state = rows.first().map(|row| PassState {
                state: row.get(0),
                mark: row.get(1),
                is_open: row.get(2),
                completed: row.get::<_, Option<Instant>>(3).map(|at| at.0),
            });
            Ok(state.unwrap_or_default())
        })
    }

    fn commit<'a>(&'a mut self, commit: &'a Commit<'a>) -> SinkFuture<'a, Counts> {
        Box::pin(async move {
            let mut attempt = 0;
            loop {
                match self.commit_rows(commit).await {
                    Ok(counts) => return Ok(counts),
                    // Was it committed although the connection was lost, the next attempt finds
                    // nothing changed.
                    Err(error) => self.recover(error, attempt).await?,
                }
                attempt += 1;
            }
        })
    }

    fn parents<'a>(
        &'a mut self,
        stream: &'a str,
        parent: &'a str,
        after: &'a str,
        due: Millis,
    ) -> SinkFuture<'a, Vec<Parent>> {
        Box::pin(async move {
            let rows = self
                .query(
                    "SELECT k.key, k.version, k.container FROM _sync_keys AS k \
                     LEFT JOIN _sync_children AS c ON c.stream = $1 AND c.parent = k.key \
                     WHERE k.stream = $2 AND k.key > $3 AND k.deleted_at IS NULL AND k.scope = 0 \
                     AND (c.parent IS NULL OR c.version IS DISTINCT FROM k.version \
                     OR c.read_at < $4) ORDER BY k.key LIMIT $5",
                    &[&stream, &parent, &after, &Instant(due), &KEYS],
                )
                .await?;
            Ok(rows.iter().map(|row| parent_of(parent, row)).collect())
        })
    }

    fn count_parents<'a>(
        &'a mut self,
        stream: &'a str,
        parent: &'a str,
        due: Millis,
        without_rows: bool,
    ) -> SinkFuture<'a, u64> {
        Box::pin(async move {
            let rows = self
                .query(
                    "SELECT count(*) FROM _sync_keys AS k \
                     LEFT JOIN _sync_children AS c ON c.stream = $1 AND c.parent = k.key \
                     WHERE k.stream = $2 AND k.deleted_at IS NULL AND k.scope = 0 \
                     AND (c.parent IS NULL OR c.version IS DISTINCT FROM k.version \
                     OR c.read_at < $3) AND (NOT $4 OR NOT EXISTS (SELECT FROM _sync_keys AS s \
                     WHERE s.stream = $1 AND s.parent = k.key AND s.deleted_at IS NULL))",
                    &[&stream, &parent, &Instant(due), &without_rows],
                )
                .await?;
            let count: i64 = rows.first().map_or(0, |row| row.get(0));
            Ok(count.unsigned_abs())
        })
    }

    fn partitions<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, Vec<String>> {
        Box::pin(async move {
            // `-` is what goes on from nothing.
            let rows = self
                .query(
                    "SELECT DISTINCT partition FROM _sync_state WHERE stream = $1 \
                     AND partition NOT IN ('', '-') ORDER BY partition",
                    &[&stream],
                )
                .await?;
            Ok(rows.iter().map(|row| row.get(0)).collect())
        })
    }

    fn reset<'a>(&'a mut self, streams: &'a [String], at: Millis) -> SinkFuture<'a, ()> {
        Box::pin(async move {
            let begun = self.begin_reset(streams, at).await;
            begun.map_err(|error| self.failed(error))
        })
    }

    fn resets(&mut self) -> SinkFuture<'_, Vec<String>> {
        Box::pin(async move {
            let rows = self
                .query(
                    "SELECT stream FROM _sync_state WHERE pass = $1 ORDER BY stream COLLATE \"C\"",
                    &[&RESET],
                )
                .await?;
            Ok(rows.iter().map(|row| row.get(0)).collect())
        })
    }

    fn settle_reset<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, ()> {
        Box::pin(async move {
            self.query(
                "DELETE FROM _sync_state WHERE stream = $1 AND pass = $2 RETURNING stream",
                &[&stream, &RESET],
            )
            .await?;
            Ok(())
        })
    }

    fn stale<'a>(
        &'a mut self,
        stream: &'a str,
        after: &'a str,
        now: Millis,
    ) -> SinkFuture<'a, Vec<Parent>> {
        Box::pin(async move {
            let rows = self
                .query(
                    "SELECT key, version, container FROM _sync_keys AS k WHERE stream = $1 \
                     AND key > $2 AND is_stale AND deleted_at IS NULL AND scope = 0 AND NOT EXISTS \
                     (SELECT FROM _sync_failures AS f WHERE f.stream = $1 AND f.key = k.key \
                     AND f.next_at > $4) ORDER BY key LIMIT $3",
                    &[&stream, &after, &KEYS, &Instant(now)],
                )
                .await?;
            Ok(rows.iter().map(|row| parent_of(stream, row)).collect())
        })
    }

    fn failures(&mut self) -> SinkFuture<'_, Vec<RowFailure>> {
        Box::pin(async move {
            let rows = self.query(failures::ALL, &[]).await?;
            Ok(rows.iter().map(failures::failure).collect())
        })
    }

    fn missing<'a>(
        &'a mut self,
        stream: &'a str,
        mark: i64,
        containers: Option<&'a [String]>,
        lists_replies: bool,
    ) -> SinkFuture<'a, Vec<Missing>> {
        Box::pin(async move {
            // Before the mark: rows that are newer than the list were not in it.
            let rows = self
                .query(
                    "SELECT key, parent, container, missing_since FROM _sync_keys AS k WHERE stream = $1 \
                     AND deleted_at IS NULL AND scope <> 1 AND (seen IS NULL OR seen < $2) AND ($4 OR NOT EXISTS \
                     (SELECT FROM _sync_keys AS p WHERE p.stream = $1 AND p.key = k.parent)) \
                     AND ($3::text[] IS NULL OR container = ANY($3)) ORDER BY key",
                    &[&stream, &mark, &containers, &lists_replies],
                )
                .await?;
            let missing = rows.iter().map(|row| Missing {
                key: row.get(0),
                parent: row.get(1),
                container: row.get(2),
                since: row.get::<_, Option<Instant>>(3).map(|since| since.0),
            });
            Ok(missing.collect())
        })
    }

    fn belonging<'a>(
        &'a mut self,
        stream: &'a str,
        parents: &'a [String],
    ) -> SinkFuture<'a, Vec<String>> {
        Box::pin(async move {
            let rows = self
                .query(
                    "SELECT key FROM _sync_keys WHERE stream = $1 AND parent = ANY($2) \
                     AND deleted_at IS NULL AND scope <> $3",
                    &[&stream, &parents, &scope::OUTSIDE],
                )
                .await?;
            Ok(rows.iter().map(|row| row.get(0)).collect())
        })
    }

    fn live<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, Vec<(Option<String>, u64)>> {
        Box::pin(async move {
            if !self.is_writing && !self.has_copy().await? {
                return Ok(Vec::new());
            }
            let rows = self
                .query(
                    "SELECT container, count(*) FROM _sync_keys WHERE stream = $1 \
                     AND deleted_at IS NULL AND scope <> $2 GROUP BY container",
                    &[&stream, &scope::OUTSIDE],
                )
                .await?;
            let live = rows.iter().map(|row| {
                let count: i64 = row.get(1);
                (row.get(0), count.unsigned_abs())
            });
            Ok(live.collect())
        })
    }

    fn counts(&mut self, run: i64) -> SinkFuture<'_, Vec<(String, Counts)>> {
        Box::pin(async move {
            let rows = self.query(history::COUNTS, &[&run]).await?;
            Ok(rows.iter().map(history::counts).collect())
        })
    }

    fn registered<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, Vec<Registered>> {
        Box::pin(async move {
            let rows = self.query(scope::REGISTERED, &[&stream]).await?;
            Ok(rows.iter().map(scope::registered).collect())
        })
    }

    fn rescope<'a>(&'a mut self, rescope: &'a Rescope<'a>) -> SinkFuture<'a, u64> {
        Box::pin(async move {
            let mut attempt = 0;
            loop {
                match self.rescope_keys(rescope).await {
                    Ok(marked) => return Ok(marked),
                    Err(error) => self.recover(error, attempt).await?,
                }
                attempt += 1;
            }
        })
    }

    fn apply_filters<'a>(&'a mut self, run: i64, at: Millis) -> SinkFuture<'a, Vec<(String, u64)>> {
        Box::pin(async move {
            let mut attempt = 0;
            loop {
                match self.apply(run, at).await {
                    Ok(deleted) => return Ok(deleted),
                    Err(error) => self.recover(error, attempt).await?,
                }
                attempt += 1;
            }
        })
    }

    fn rows<'a>(
        &'a mut self,
        stream: &'a str,
        columns: &'a [&'a str],
        which: Which<'a>,
    ) -> SinkFuture<'a, Vec<StoredRow>> {
        Box::pin(async move {
            let layout = self.layout(stream).await?;
            let Some(layout) = layout.filter(|layout| !layout.is_empty()) else {
                return Ok(Vec::new());
            };
            let select = stored::select(stream, columns, &layout);
            let rows = match which {
                Which::After(after) => {
                    let sql = format!(
                        "{select} AND k.key > $2 AND k.deleted_at IS NULL AND k.scope = 0 \
                         ORDER BY k.key LIMIT $3"
                    );
                    self.query(&sql, &[&stream, &after, &stored::ROWS]).await?
                }
                Which::Keyed(keys) => {
                    let sql = format!("{select} AND k.key = ANY($2)");
                    self.query(&sql, &[&stream, &keys]).await?
                }
            };
            let count = columns.len();
            Ok(rows.iter().map(|row| stored::row_of(row, count)).collect())
        })
    }

    fn reads<'a>(
        &'a mut self,
        stream: &'a str,
        after: &'a str,
    ) -> SinkFuture<'a, Vec<(String, Millis)>> {
        Box::pin(async move {
            let rows = self
                .query(
                    "SELECT parent, read_at FROM _sync_children WHERE stream = $1 AND parent > $2 \
                     ORDER BY parent LIMIT $3",
                    &[&stream, &after, &stored::ROWS],
                )
                .await?;
            let read = |row: &Row| (row.get(0), row.get::<_, Instant>(1).0);
            Ok(rows.iter().map(read).collect())
        })
    }

    fn judge<'a>(&'a mut self, judged: &'a Judged<'a>) -> SinkFuture<'a, ()> {
        Box::pin(async move {
            let mut attempt = 0;
            loop {
                match self.judge_rows(judged).await {
                    Ok(()) => return Ok(()),
                    Err(error) => self.recover(error, attempt).await?,
                }
                attempt += 1;
            }
        })
    }

    fn end<'a>(&'a mut self, run: i64, end: &'a RunEnd) -> SinkFuture<'a, ()> {
        Box::pin(async move {
            let mut attempt = 0;
            loop {
                match self.end_run(run, end).await {
                    Ok(()) => return Ok(()),
                    Err(error) => self.recover(error, attempt).await?,
                }
                attempt += 1;
            }
        })
    }

    fn runs(&mut self, limit: u32) -> SinkFuture<'_, Vec<PastRun>> {
        Box::pin(async move {
            let rows = self.query(history::RUNS, &[&i64::from(limit)]).await?;
            Ok(rows.iter().map(history::run).collect())
        })
    }

    fn streams(&mut self) -> SinkFuture<'_, Vec<StreamStatus>> {
        Box::pin(async move {
            let rows = self.query(history::STREAMS, &[]).await?;
            Ok(rows.iter().map(history::stream).collect())
        })
    }

    fn holds(&mut self) -> SinkFuture<'_, Vec<Hold>> {
        Box::pin(async move {
            let rows = self.query(history::HOLDS, &[]).await?;
            Ok(rows.iter().map(history::hold).collect())
        })
    }

    fn approve<'a>(&'a mut self, stream: &'a str, at: Millis) -> SinkFuture<'a, u64> {
        Box::pin(async move {
            let rows = self
                .query(
                    "UPDATE _sync_holds SET approved_at = $2 \
                     WHERE stream = $1 AND approved_at IS NULL RETURNING key",
                    &[&stream, &Instant(at)],
                )
                .await?;
            Ok(rows.len() as u64)
        })
    }
}
