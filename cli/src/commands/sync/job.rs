//! One run of a sync, and what is kept of it in the state of this host.

use std::time::Duration;

use host_runner::{HostRunner, LastRun, Receipt, SyncDefinition, SyncId, SyncLock, SyncRecords};
use sync::{RunOutcome, SinkError, SyncEvent, SyncReport};

use super::super::interruption::Interruption;
use super::defined::Defined;
use super::flags::{self, DueFlags};
use super::{SinkName, now};
use crate::exit::{Exit, Failure};
use crate::options::SessionOptions;
use crate::report;

/// What is run: a sync that a level defines, or one of the command line.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: Option<SyncId>,
    pub(super) definition: SyncDefinition,
    pub(super) sink: SinkName,
}

/// A run that was made.
pub(super) struct Made {
    pub(super) host: HostRunner,
    pub(super) receipt: Receipt,
    pub(super) ended: Result<SyncReport, Failure>,
    pub(super) took: Duration,
}

impl From<Defined> for Job {
    fn from(defined: Defined) -> Self {
        Self {
            id: Some(defined.id),
            definition: defined.definition,
            sink: defined.sink,
        }
    }
}

impl Job {
    /// Runs it. What happens before the first request, such as that another run holds the sync, is the
    /// error of this function; what the run came to is in what it returns.
    pub(super) async fn run(
        &self,
        session: &SessionOptions,
        due: &DueFlags,
        tell: &mut (dyn FnMut(SyncEvent<'_>) + Send),
        interruption: &mut Interruption,
    ) -> Result<Made, Failure> {
        let session = session.over(self.definition.connection.as_ref());
        self.sink.check()?;
        let lock = self.lock(&session)?;
        let host = session.open()?;
        let client = host.tenant(&session.scope())?.client();
        // Filters that are malformed are refused before the copy is created.
        let sync = flags::sync(&self.definition, due)?;
        let mut sink = self.sink.open().await?;
        let (started, clock) = (now(), std::time::Instant::now());
        let running = sync.run_with_events(&client, sink.as_mut(), tell);
        let ended = tokio::select! {
            biased;
            exit = interruption.happens() => Err(Failure::SyncInterrupted(exit)),
            ended = running => ended.map_err(Failure::from),
        };
        if let Some((id, records, _)) = &lock {
            note(id, records, started, &ended);
        }
        drop(lock);
        Ok(Made {
            host,
            receipt: client.receipt(),
            ended,
            took: clock.elapsed(),
        })
    }

    /// The lock of a sync that a level defines. Where the state cannot be written, the sink's lock holds.
    fn lock(
        &self,
        session: &SessionOptions,
    ) -> Result<Option<(SyncId, SyncRecords, SyncLock)>, Failure> {
        let Some(id) = &self.id else { return Ok(None) };
        let records = SyncRecords::of_state(&session.state_path()?);
        match records.lock(id) {
            Ok(Some(lock)) => Ok(Some((id.clone(), records, lock))),
            Ok(None) => Err(SinkError::Busy {
                sink: self.sink.as_str().to_owned(),
            }
            .into()),
            Err(error) => {
                report::warning(&format!(
                    "the state of sync `{}` cannot be written, so that this run is not recorded: {error}",
                    id.name
                ));
                Ok(None)
            }
        }
    }
}

/// Notes how a run ended. One that was interrupted, or that another one kept from the sink, is as if it
/// had not begun.
fn note(id: &SyncId, records: &SyncRecords, started: i64, ended: &Result<SyncReport, Failure>) {
    let (outcome, is_refused) = match ended {
        Ok(done) => {
            let mut failures = done.streams.iter().flat_map(|stream| &stream.failures);
            (
                done.outcome,
                failures.any(|error| &*error.kind == "unauthorized"),
            )
        }
        Err(Failure::SyncInterrupted(_)) => return,
        Err(failure) if is_busy(failure) => return,
        Err(failure) => (RunOutcome::Failed, failure.exit() == Exit::Unauthorized),
    };
    let run = LastRun::new(started, now(), outcome.name());
    let was_paused = records.update(id, |record| {
        let was_paused = record.paused.is_some();
        record.ended(run, is_refused);
        was_paused
    });
    match was_paused {
        Ok(false) if is_refused => report::warning(&format!(
            "sync `{}` is paused, because the site refused its connection; once that is fixed, `host-runner sync run {}` or `host-runner sync resume {}` ends the pause",
            id.name, id.name, id.name
        )),
        Ok(_) => {}
        Err(error) => report::warning(&format!(
            "the state of sync `{}` cannot be written: {error}",
            id.name
        )),
    }
}

/// Whether another run holds the sync or its sink.
pub(super) fn is_busy(failure: &Failure) -> bool {
    use sync::SyncError;
    matches!(failure, Failure::Sync(error) if matches!(**error, SyncError::Sink(SinkError::Busy { .. })))
}
