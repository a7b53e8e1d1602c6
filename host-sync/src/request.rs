//! What is copied and how, and runs of it.

use std::sync::Arc;
use std::time::Duration;

use access::ContentAccess;
use chunks::PageChunks;
use host_runner::SyncDefinition;
use host_runner::typed::Client;
use source::{Pass, Source as _, SourceError, Stream};
use sync::{
    Breaker, Cadences, Derivation, Files, Filters, LeasedSink, Naming, Sink, Split, SyncError,
    SyncEvent, SyncPlan, SyncReport, SyncRequest,
};

use crate::clock::HostClock;
use crate::definition::{self, InvalidSync, millis};
use crate::run_lease::{RENEWED, RunLease};

/// What of a site is copied, and how: of the site of any tenant, into any sink.
#[derive(Debug, Clone)]
pub struct Sync {
    request: SyncRequest,
    /// How many steps run at once. `None`: as many as the connection permits requests.
    at_once: Option<usize>,
    clock: HostClock,
}

/// Builds a [`Sync`]. What is not set has the default of `host-runner sync run`.
#[derive(Debug, Clone)]
#[must_use]
pub struct SyncBuilder(Sync);

impl Sync {
    /// A sync of all default streams of the entire site, without bodies.
    pub fn builder() -> SyncBuilder {
        let mut request = SyncRequest::default();
        request.derivations = vec![Arc::new(ContentAccess::new())];
        request.splits = vec![Arc::new(PageChunks::default())];
        SyncBuilder(Self {
            request,
            at_once: None,
            clock: HostClock::default(),
        })
    }

    /// Makes one run: reads all that is due, and writes it to `sink`. Dropped before it is ready, the
    /// next run records it as interrupted and continues after its last commit.
    ///
    /// What it costs is in the report, and in [`Client::receipt`].
    ///
    /// # Errors
    ///
    /// [`SyncError`] when nothing can be read or written. What fails for a stream alone is in its report,
    /// whose [`outcome`](SyncReport::outcome) says whether anything is missing.
    pub async fn run(&self, client: &Client, sink: &mut dyn Sink) -> Result<SyncReport, SyncError> {
        self.run_with_events(client, sink, &mut |_| {}).await
    }

    /// The same; `on_event` is called for everything that happens in the run.
    ///
    /// # Errors
    ///
    /// As for [`Sync::run`].
    pub async fn run_with_events(
        &self,
        client: &Client,
        sink: &mut dyn Sink,
        on_event: &mut (dyn FnMut(SyncEvent<'_>) + Send),
    ) -> Result<SyncReport, SyncError> {
        let request = self.request(client);
        sync::sync(client, sink, &request, &|| self.clock.now(), on_event).await
    }

    /// The same, under a lease: a run that loses it, for example because the process was paused for longer
    /// than it lasts, writes nothing more and ends. The lease is renewed while the run waits.
    ///
    /// # Errors
    ///
    /// As for [`Sync::run`]; [`SyncError::Lease`] or [`SyncError::Sink`] once the lease is lost.
    pub async fn run_leased(
        &self,
        client: &Client,
        sink: &mut dyn Sink,
        lease: &RunLease,
        on_event: &mut (dyn FnMut(SyncEvent<'_>) + Send),
    ) -> Result<SyncReport, SyncError> {
        let mut sink = LeasedSink::new(sink, lease.held());
        let lost = async {
            loop {
                tokio::time::sleep(RENEWED).await;
                if let Err(error) = lease.held().renew() {
                    return error;
                }
            }
        };
        tokio::select! {
            biased;
            ended = self.run_with_events(client, &mut sink, on_event) => ended,
            error = lost => Err(error.into()),
        }
    }

    /// What the next run would read and cost, and one that reads everything. Sends no request, and writes
    /// nothing. `None`: there is no copy yet.
    ///
    /// # Errors
    ///
    /// [`SyncError`], as a run would report it before its first request.
    pub async fn plan(
        &self,
        client: &Client,
        sink: Option<&mut dyn Sink>,
    ) -> Result<SyncPlan, SyncError> {
        sync::plan(client, sink, &self.request(client), self.clock.now()).await
    }

    /// All streams that there are: those of the component, and those that are computed from them.
    ///
    /// # Errors
    ///
    /// [`SourceError`], if the component cannot be called.
    pub async fn streams(&self, client: &Client) -> Result<Vec<Stream>, SourceError> {
        let mut streams = client.streams(&self.request.settings).await?;
        streams.extend(self.request.made_of(&streams));
        Ok(streams)
    }

    /// The same with the content of attachments: into the place of these [`Files`], from the client that
    /// they have. `None`: rows alone.
    #[must_use]
    pub fn with_files(mut self, files: Option<Files>) -> Self {
        self.request.files = files;
        self
    }

    fn request(&self, client: &Client) -> SyncRequest {
        let mut request = self.request.clone();
        request.at_once = self.at_once.unwrap_or_else(|| client.concurrency());
        request
    }
}

impl SyncBuilder {
    /// Does what a definition of a level says: streams, filters, bodies, cadences and budget. Its
    /// connection, sink and schedule are not part of it.
    ///
    /// # Errors
    ///
    /// [`InvalidSync`] for filters that cannot be read.
    pub fn definition(mut self, definition: &SyncDefinition) -> Result<Self, InvalidSync> {
        definition::apply(definition, &mut self.0.request)?;
        Ok(self)
    }

    /// Streams, by name, by a pattern such as `page_*`, or with `!` before it to omit one. Default: those
    /// whose [`Stream::is_default`] is true.
    pub fn streams(mut self, streams: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.0.request.streams = streams.into_iter().map(Into::into).collect();
        self
    }

    /// Which part of the site is copied. Default: all of it.
    pub fn filters(mut self, filters: Filters) -> Self {
        self.0.request.filters = filters;
        self
    }

    /// Copies bodies, too: as `storage`, `atlas_doc_format`, `text` or `markdown`.
    pub fn bodies(mut self, format: impl Into<String>) -> Self {
        self.0.request.bodies = Some(format.into());
        self
    }

    /// Copies each row's JSON from Confluence, too, into the column `raw`.
    pub fn raw(mut self, raw: bool) -> Self {
        self.0.request.raw = raw;
        self
    }

    /// Logs each change of a row from the next run on, or no longer. Default: as the copy has it.
    pub fn history(mut self, logs_changes: bool) -> Self {
        self.0.request.logs_changes = Some(logs_changes);
        self
    }

    /// Also adds the columns of another loader to tables and files. Default: as the copy has them.
    pub fn naming(mut self, naming: Naming) -> Self {
        self.0.request.naming = Some(naming);
        self
    }

    /// Types of custom content, for the stream `custom_content`.
    pub fn custom_content_types(
        mut self,
        types: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let types: Vec<String> = types.into_iter().map(Into::into).collect();
        definition::custom_content_types(&types, &mut self.0.request);
        self
    }

    /// Reads everything, due or not.
    pub fn full(mut self, full: bool) -> Self {
        self.0.request.full = full;
        self
    }

    /// Reads changes and exactly these passes, due or not. Default: what is due.
    pub fn passes(mut self, passes: impl IntoIterator<Item = Pass>) -> Self {
        self.0.request.passes = Some(passes.into_iter().collect());
        self
    }

    /// How old what was read may become before it is read again. [`Cadences`] has the defaults.
    pub fn cadences(mut self, cadences: Cadences) -> Self {
        self.0.request.cadences = cadences;
        self
    }

    /// Maximum number of requests of a run, 1 or more. Default: no limit.
    pub fn max_requests(mut self, requests: u64) -> Self {
        self.0.request.budget.max_requests = Some(requests);
        self
    }

    /// Maximum number of rate limit points of a run; its last request can exceed it.
    pub fn max_points(mut self, points: u64) -> Self {
        self.0.request.budget.max_points = Some(points);
        self
    }

    /// Maximum time of a run; its last batch is completed.
    pub fn max_time(mut self, time: Duration) -> Self {
        self.0.request.budget.max_time = Some(millis(time));
        self
    }

    /// From how many deletions on a person has to approve them. [`Breaker`] has the defaults.
    pub fn breaker(mut self, breaker: Breaker) -> Self {
        self.0.request.breaker = breaker;
        self
    }

    /// How many steps run at once, 1 or more. Default: as many as the connection permits requests.
    pub fn at_once(mut self, steps: usize) -> Self {
        self.0.at_once = Some(steps.max(1));
        self
    }

    /// A stream that is computed from stored rows, beside `content_access`.
    pub fn derivation(mut self, derivation: Arc<dyn Derivation>) -> Self {
        self.0.request.derivations.push(derivation);
        self
    }

    /// A stream that is made of bodies, beside `page_chunks`.
    pub fn split(mut self, split: Arc<dyn Split>) -> Self {
        self.0.request.splits.push(split);
        self
    }

    /// The clock that counts until the site's is known.
    pub fn clock(mut self, clock: HostClock) -> Self {
        self.0.clock = clock;
        self
    }

    /// The sync.
    ///
    /// # Errors
    ///
    /// [`InvalidSync`] for filters that are malformed or contradict each other, and for bodies in a format that
    /// there is not.
    pub fn build(self) -> Result<Sync, InvalidSync> {
        self.0.request.filters.check()?;
        definition::check_bodies(&self.0.request)?;
        Ok(self.0)
    }
}
