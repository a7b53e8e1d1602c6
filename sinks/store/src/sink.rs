//! An object store as a sink.

use std::path::Path;

use sink_folder::{Format, ManifestFault, Staged};
use sink_sqlite::Sqlite;
use source::Parent;
use sync::{
    Begun, Commit, Committed, Hold, Judged, Millis, Missing, NewRun, PassId, PassState, PastRun,
    Registered, Rescope, RowFailure, RunEnd, Sink, SinkError, SinkFuture, StoredRow, StreamStatus,
    Table, Which,
};

use crate::fault::StoreFault;
use crate::remote::Remote;
use crate::shipment::{Shipment, Stopped};

/// An object store that a sync is written to. What is known of the rows is in a folder of this machine.
#[derive(Debug)]
pub struct ObjectStoreSink {
    state: Sqlite,
    format: Format,
    shipment: Shipment,
}

impl ObjectStoreSink {
    /// Opens a copy in a store. `folder` is for its state: the copy's alone, and the same in every run.
    /// Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`SinkError::Unusable`] for a folder with other files; what the file system and SQLite say.
    pub fn open(remote: Remote, folder: &Path, format: Format) -> Result<Self, SinkError> {
        Ok(Self {
            state: sink_folder::open_staging(folder, format)?,
            format,
            shipment: Shipment::new(remote, Staged::of(folder)),
        })
    }

    /// Rebuilds the state from the manifests in the store, unless they are those that it knows. Returns
    /// how many manifests it was rebuilt from. The next run reads everything, and writes again what has
    /// changed and what other streams are computed from.
    ///
    /// # Errors
    ///
    /// [`SinkError::Busy`] while a run of this machine writes; what the store says.
    pub async fn take_over(&mut self) -> Result<Option<u64>, SinkError> {
        match self.state.claim() {
            Err(error @ SinkError::Busy { .. }) => return Err(error),
            // A state that cannot be completed is replaced.
            Err(_) => {}
            Ok(()) => match self.shipment.reconcile().await {
                Ok(()) => return Ok(None),
                // What is staged and cannot be read is replaced, too.
                Err(
                    Stopped::Unknown(_)
                    | Stopped::Overtaken(_)
                    | Stopped::Fault(StoreFault::State { .. }),
                ) => {}
                Err(stopped) => return Err(self.shipment.error(stopped)),
            },
        }
        // The connection is closed before its file is removed. No run may begin until there is another.
        let lock = std::mem::replace(&mut self.state, Sqlite::in_memory()?).into_lock();
        let taken = self.shipment.take_over().await;
        self.state = sink_folder::open_staging(self.shipment.staged().folder(), self.format)?;
        self.state.keep_lock(lock);
        let taken = taken.map_err(|stopped| self.shipment.error(stopped))?;
        self.state.claim()?;
        Ok(Some(taken))
    }

    /// Takes the lock of the state. One whose registry is lost has no other manifests than the last:
    /// those in the store are the ones to rebuild it from.
    fn claim(&mut self) -> Result<(), SinkError> {
        self.state.claim().map_err(|error| {
            let fault = match &error {
                SinkError::Failed { error, .. } => error.downcast_ref::<ManifestFault>(),
                _ => None,
            };
            match fault {
                Some(fault) => self.shipment.error(Stopped::Unknown(fault.to_string())),
                None => error,
            }
        })
    }

    async fn ship(&mut self) -> Result<(), SinkError> {
        let shipped = self.shipment.ship().await;
        shipped.map_err(|stopped| self.shipment.error(stopped))
    }
}

/// What changes rows is committed to the state and staged first, and then shipped. A future that is
/// dropped in between leaves the shipment to the next run.
impl Sink for ObjectStoreSink {
    fn begin<'a>(&'a mut self, run: &'a NewRun) -> SinkFuture<'a, Begun> {
        Box::pin(async move {
            self.claim()?;
            let reconciled = self.shipment.reconcile().await;
            reconciled.map_err(|stopped| self.shipment.error(stopped))?;
            self.state.begin(run).await
        })
    }

    fn commit<'a>(&'a mut self, commit: &'a Commit<'a>) -> SinkFuture<'a, Committed> {
        Box::pin(async move {
            let committed = self.state.commit(commit).await?;
            self.ship().await?;
            Ok(committed)
        })
    }

    fn rescope<'a>(&'a mut self, rescope: &'a Rescope<'a>) -> SinkFuture<'a, u64> {
        Box::pin(async move {
            let left = self.state.rescope(rescope).await?;
            self.ship().await?;
            Ok(left)
        })
    }

    fn apply_filters<'a>(&'a mut self, run: i64, at: Millis) -> SinkFuture<'a, Vec<(String, u64)>> {
        Box::pin(async move {
            let deleted = self.state.apply_filters(run, at).await?;
            self.ship().await?;
            Ok(deleted)
        })
    }

    fn judge<'a>(&'a mut self, judged: &'a Judged<'a>) -> SinkFuture<'a, u64> {
        Box::pin(async move {
            let deleted = self.state.judge(judged).await?;
            self.ship().await?;
            Ok(deleted)
        })
    }

    fn prepare<'a>(&'a mut self, table: &'a Table<'a>) -> SinkFuture<'a, ()> {
        self.state.prepare(table)
    }

    fn pass_state<'a>(&'a mut self, pass: &'a PassId) -> SinkFuture<'a, PassState> {
        self.state.pass_state(pass)
    }

    fn parents<'a>(
        &'a mut self,
        stream: &'a str,
        parent: &'a str,
        after: &'a str,
        due: Millis,
    ) -> SinkFuture<'a, Vec<Parent>> {
        self.state.parents(stream, parent, after, due)
    }

    fn count_parents<'a>(
        &'a mut self,
        stream: &'a str,
        parent: &'a str,
        due: Millis,
        without_rows: bool,
    ) -> SinkFuture<'a, u64> {
        self.state.count_parents(stream, parent, due, without_rows)
    }

    fn partitions<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, Vec<String>> {
        self.state.partitions(stream)
    }

    fn reset<'a>(&'a mut self, streams: &'a [String], at: Millis) -> SinkFuture<'a, ()> {
        self.state.reset(streams, at)
    }

    fn resets(&mut self) -> SinkFuture<'_, Vec<String>> {
        self.state.resets()
    }

    fn settle_reset<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, ()> {
        self.state.settle_reset(stream)
    }

    fn stale<'a>(
        &'a mut self,
        stream: &'a str,
        after: &'a str,
        now: Millis,
    ) -> SinkFuture<'a, Vec<Parent>> {
        self.state.stale(stream, after, now)
    }

    fn failures(&mut self) -> SinkFuture<'_, Vec<RowFailure>> {
        self.state.failures()
    }

    fn missing<'a>(
        &'a mut self,
        stream: &'a str,
        mark: i64,
        containers: Option<&'a [String]>,
    ) -> SinkFuture<'a, Vec<Missing>> {
        self.state.missing(stream, mark, containers)
    }

    fn live<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, Vec<(Option<String>, u64)>> {
        self.state.live(stream)
    }

    fn rows<'a>(
        &'a mut self,
        stream: &'a str,
        columns: &'a [&'a str],
        which: Which<'a>,
    ) -> SinkFuture<'a, Vec<StoredRow>> {
        self.state.rows(stream, columns, which)
    }

    fn reads<'a>(
        &'a mut self,
        stream: &'a str,
        after: &'a str,
    ) -> SinkFuture<'a, Vec<(String, Millis)>> {
        self.state.reads(stream, after)
    }

    fn registered<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, Vec<Registered>> {
        self.state.registered(stream)
    }

    fn end<'a>(&'a mut self, run: i64, end: &'a RunEnd) -> SinkFuture<'a, ()> {
        self.state.end(run, end)
    }

    fn runs(&mut self, limit: u32) -> SinkFuture<'_, Vec<PastRun>> {
        self.state.runs(limit)
    }

    fn streams(&mut self) -> SinkFuture<'_, Vec<StreamStatus>> {
        self.state.streams()
    }

    fn holds(&mut self) -> SinkFuture<'_, Vec<Hold>> {
        self.state.holds()
    }

    fn approve<'a>(&'a mut self, stream: &'a str, at: Millis) -> SinkFuture<'a, u64> {
        self.state.approve(stream, at)
    }
}
