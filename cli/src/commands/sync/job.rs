//! One run of a sync, and what is kept of it in the state of this host.

use std::sync::Arc;
use std::time::Duration;

use host_runner::{HostRunner, Receipt, SyncDefinition, SyncId, SyncRecords};
use host_sync::{LeaseError, RunLease};
use sync::{SyncError, SyncEvent, SyncReport};

use super::super::interruption::Interruption;
use super::super::nothing_visible;
use super::SinkName;
use super::defined::Defined;
use super::files;
use super::flags::{self, DueFlags};
use crate::exit::Failure;
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
        session.require_connection()?;
        let lease = self.lease(&session)?;
        let host = session.open_to_stream()?;
        let client = Arc::new(host.tenant(&session.scope())?.client());
        let sync = flags::sync(&self.definition, due)?;
        let mut sink = self.sink.open(&session, &host).await?;
        let files = files::files(&self.definition, &client, Some(sink.as_mut())).await?;
        let sync = sync.with_files(files);
        let clock = std::time::Instant::now();
        let running = async {
            match &lease {
                Some(lease) => sync.run_leased(&client, sink.as_mut(), lease, tell).await,
                None => sync.run_with_events(&client, sink.as_mut(), tell).await,
            }
        };
        let ended = tokio::select! {
            biased;
            exit = interruption.happens() => Err(Failure::SyncInterrupted(exit)),
            ended = running => {
                if let Some(lease) = &lease {
                    self.note(lease, &ended);
                }
                ended.map_err(Failure::from)
            }
        };
        drop(lease);
        Ok(Made {
            host,
            receipt: client.receipt(),
            ended,
            took: clock.elapsed(),
        })
    }

    /// What to say where nothing was copied although no filter excludes anything: the stream, and the
    /// message.
    pub(super) fn nothing_visible<'a>(&self, done: &'a SyncReport) -> Option<(&'a str, String)> {
        let Self { definition, .. } = self;
        let has_filters = !definition.spaces.is_empty() || !definition.filters.is_empty();
        nothing_visible::of_sync(done).filter(|_| !has_filters)
    }

    /// The lease of a sync that a level defines. Where the state cannot be written, the sink's lock holds.
    fn lease(&self, session: &SessionOptions) -> Result<Option<RunLease>, Failure> {
        let Some(id) = &self.id else { return Ok(None) };
        let records = SyncRecords::of_state(&session.state_path()?);
        match RunLease::begin(&records, id) {
            Ok(lease) => Ok(Some(lease)),
            Err(LeaseError::Failed { error, .. }) => {
                report::warning(&format!(
                    "the state of sync `{}` cannot be written, so that this run is not recorded: {error}",
                    id.name
                ));
                Ok(None)
            }
            Err(error) => Err(SyncError::from(error).into()),
        }
    }

    /// Records how a run ended.
    fn note(&self, lease: &RunLease, ended: &Result<SyncReport, SyncError>) {
        let Some(id) = &self.id else { return };
        match lease.record(ended) {
            Ok(true) => report::warning(&format!(
                "sync `{}` is paused, because the site rejected its credentials; once that is fixed, `host-runner sync run {}` or `host-runner sync resume {}` ends the pause",
                id.name, id.name, id.name
            )),
            Ok(false) => {}
            Err(error) => report::warning(&format!(
                "the state of sync `{}` cannot be written: {error}",
                id.name
            )),
        }
    }
}

/// Whether another run holds the sync or its sink.
pub(super) fn is_busy(failure: &Failure) -> bool {
    matches!(failure, Failure::Sync(error) if host_sync::is_busy(error))
}
