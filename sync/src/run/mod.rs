//! One run of a sync: all that is due, from a source into a sink.
//!
//! Each step of a pass is one request to the source and one transaction of the sink, which holds the
//! rows and the state behind them. A run that ends in between repeats that one step the next time, and
//! the sink sees that nothing has changed.

mod above;
mod breaker;
mod budget;
mod chosen;
mod content;
mod cost;
mod derived;
mod drive;
mod due;
mod files;
mod folders;
mod gather;
mod in_lanes;
mod kinds;
mod labels;
mod permits;
mod plan;
mod read_back;
mod request;
mod reset;
mod scope;
mod settle;
mod shared_sink;
mod side_by_side;
mod splitting;
mod verdicts;

use std::collections::BTreeMap;

use source::{
    BODY, Batch, MAX_PARENTS, Observed, Parent, Pass, Source, SourceError, Stream, SystemColumn,
};

use crate::children::Children;
use crate::clock::{Millis, SiteClock};
use crate::filter::FilterError;
use crate::folders::{PLACE, is_of_folders};
use crate::lease::LeaseError;
use crate::outcome::RunOutcome;
use crate::sink::{
    Commit, Completes, Counts, NewRun, PassId, PassState, RunEnd, Sink, SinkError, Table,
};
use crate::spaces::{NoSuchSpace, SPACES, Spaces};

pub use breaker::Breaker;
pub use budget::{BudgetLimit, RunBudget};

pub use cost::{PassCost, PassKind};
pub use files::{folder_of_files, sweep_files};
pub use plan::{Cost, Estimate, PassPlan, StreamPlan, SyncPlan, plan};
pub use request::{Cadences, SyncRequest};
pub use reset::reset;

use budget::Spent;
use chosen::Chosen;
use drive::{Driven, Work};
use due::{Due, DueSets};
use scope::{Scope, SpaceError, SpaceScope};
use splitting::Splitting;

/// What a run tells while it goes on.
#[derive(Debug)]
#[non_exhaustive]
pub enum SyncEvent<'a> {
    /// A pass of a stream begins.
    Started {
        /// The stream.
        stream: &'a str,
        /// The pass.
        pass: Pass,
    },
    /// Rows were committed.
    Committed {
        /// The stream.
        stream: &'a str,
        /// How many rows of it were read in this run so far. A row that two passes read counts twice.
        rows: u64,
    },
    /// Rows could not be read.
    Failed {
        /// The stream.
        stream: &'a str,
        /// Why.
        error: &'a SourceError,
    },
    /// Something was omitted or unusual.
    Notice {
        /// The stream.
        stream: &'a str,
        /// What.
        notice: &'a source::Notice,
    },
}

/// What became of one stream.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct StreamReport {
    /// Its name.
    pub stream: String,
    /// What the run has done to its rows, each counted once.
    pub counts: Counts,
    /// Why it is not complete, if it is not.
    pub failures: Vec<SourceError>,
    /// What was missed and has no name: rows that could not be read, or that belong elsewhere.
    pub missed: u64,
    /// How many rows could not be read, in this run or an earlier one, and are read again later.
    pub failed: u64,
    /// How many sets have rows that the site does not return, although each was asked for by itself.
    pub incomplete: u64,
    /// Why the site or the account does not have it.
    pub unsupported: Option<String>,
    /// How many deletions wait for approval.
    pub held: u64,
    /// How many rows are missing, and have to be missing once more before they are deleted.
    pub suspected: u64,
    /// How many rows are missing, as is what they belong to: they are deleted with that.
    pub waiting: u64,
    /// Whether the run's budget ended before all that is due of it was read.
    pub is_stopped: bool,
    /// Whether sets that say who may read something are read by several runs, and this is not the first.
    pub is_continued: bool,
    /// What its passes have cost.
    pub passes: BTreeMap<PassKind, PassCost>,
    /// What a stream that is computed from others reports, as JSON.
    pub summary: Option<String>,
}

impl StreamReport {
    /// One of a stream that nothing is known of yet.
    fn of(stream: &Stream) -> Self {
        Self {
            stream: stream.name.clone(),
            ..Self::default()
        }
    }
}

/// What became of a run.
#[derive(Debug)]
#[non_exhaustive]
pub struct SyncReport {
    /// The number of the run.
    pub run: i64,
    /// How it ended.
    pub outcome: RunOutcome,
    /// Requests.
    pub requests: u64,
    /// Points.
    pub points: u64,
    /// The limit of the budget that ended the run, if one did.
    pub stopped_by: Option<BudgetLimit>,
    /// What became of each stream.
    pub streams: Vec<StreamReport>,
}

/// Why a run could not be made, or broke off.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// The sink failed. What was committed before stays.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// The source could not be asked at all.
    #[error("{0}")]
    Source(#[source] Box<SourceError>),
    /// A name of the request is no stream.
    #[error(transparent)]
    NoSuchStream(#[from] source::NoSuchStream),
    /// A pattern of the request matches no stream.
    #[error("`{pattern}` matches no stream; {}", source::known_names(.pattern, "streams", .streams))]
    NoMatch {
        /// The pattern.
        pattern: String,
        /// The names of all streams.
        streams: Vec<String>,
    },
    /// There is no such space, or this account does not see it.
    #[error(transparent)]
    NoSuchSpace(#[from] NoSuchSpace),
    /// A stream is made of bodies that are not read.
    #[error("the stream `{stream}` is made of bodies in the format `{format}`, and {}", not_read(.bodies.as_deref()))]
    NeedsBodies {
        /// The stream.
        stream: String,
        /// The format that it needs.
        format: String,
        /// The format that was asked for.
        bodies: Option<String>,
    },
    /// The rows of a stream that is computed from others do not have its columns.
    #[error("the rows that were computed for the stream `{stream}` are malformed: {error}")]
    Derived {
        /// The stream.
        stream: String,
        /// What is wrong.
        #[source]
        error: Box<source::BatchError>,
    },
    /// Filters are malformed, or contradict each other.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// Another run has the sync.
    #[error(transparent)]
    Lease(#[from] LeaseError),
    /// The stream of files was asked for, and no files are copied.
    #[error("the stream `{stream}` is made of files, and no files are copied")]
    NeedsFiles {
        /// The stream.
        stream: String,
    },
    /// Files are copied without a stream that they need.
    #[error("files are copied of the stream `{stream}`, which is excluded")]
    ExcludesFiles {
        /// The stream.
        stream: String,
    },
}

impl From<SpaceError> for SyncError {
    fn from(error: SpaceError) -> Self {
        match error {
            SpaceError::NoSuchSpace(error) => error.into(),
            SpaceError::Filter(error) => error.into(),
        }
    }
}

fn not_read(bodies: Option<&str>) -> String {
    bodies.map_or_else(
        || "no bodies are copied".to_owned(),
        |format| format!("they are copied as `{format}`"),
    )
}

impl From<SourceError> for SyncError {
    fn from(error: SourceError) -> Self {
        Self::Source(Box::new(error))
    }
}

/// Makes one run: reads all that is due of `source`, and writes it to `sink`.
///
/// `host_clock` is what the host takes the time for, in milliseconds; it counts until the site tells
/// its own. `tell` hears of what goes on. Dropped in between, the run is recorded as interrupted by
/// the next one, which goes on where it ended.
///
/// # Errors
///
/// [`SyncError`] when nothing can be read or written. What fails for a stream alone is in its report.
pub async fn sync(
    source: &dyn Source,
    sink: &mut dyn Sink,
    request: &SyncRequest,
    host_clock: &(dyn Fn() -> Millis + Send + Sync),
    tell: &mut (dyn FnMut(SyncEvent<'_>) + Send),
) -> Result<SyncReport, SyncError> {
    let filters = &request.filters;
    filters.check()?;
    files::check(sink, request.files.as_ref()).await?;
    let mut streams = source.streams(&request.settings).await?;
    streams.extend(request.made_of(&streams));
    let mut chosen = chosen::chosen(&streams, request)?;
    chosen.add_splits_of(sink, request).await?;
    let mut clock = SiteClock::new(host_clock);
    let began_by_host = clock.host_now();
    let mut scope = Scope::of(filters);
    let (spaces, observed) = if filters.spaces.is_empty() {
        (Vec::new(), Observed::default())
    } else {
        let (spaces, observed) = Spaces::read(source, &streams, &request.settings).await?;
        scope.spaces = SpaceScope::of(filters, &spaces)?;
        (scope.spaces.partitions(&spaces), observed)
    };
    scope.has_partitions = !spaces.is_empty();
    clock.hear(observed.site_time.as_deref());
    let new = NewRun {
        started: clock.now(),
        settings: request.settings(&chosen),
        naming: request.naming,
    };
    let begun = sink.begin(&new).await?;
    chosen.add_derivations_of(sink, request).await?;
    let before = begun.settings_before.as_deref();
    let is_rewrite = request.is_rewrite(before, &chosen);
    scope.has_outside = begun.has_outside;
    scope.has_changed = request.has_other_filters(before, begun.has_outside);
    let resets = sink.resets().await?;
    // The run itself, and the one before.
    for run in sink.runs(2).await? {
        chosen::begin_where_stopped(&mut chosen.streams, &run);
    }
    if scope.orders() {
        chosen.streams = content::in_order(&streams, filters.kinds(), chosen.streams);
    }
    let mut engine = Engine {
        source,
        sink,
        request,
        streams: &streams,
        clock,
        tell,
        run: begun.run,
        is_rewrite,
        rewritten: resets.clone(),
        resets,
        observed,
        spaces,
        scope,
        began_by_host,
        stopped_by: None,
        unread: Vec::new(),
        splits: chosen
            .splits
            .iter()
            .map(|split| Splitting::new(*split, request))
            .collect(),
    };
    for stream in chosen.written(&streams) {
        engine.prepare(stream, &chosen).await?;
    }
    let excluded = engine.leave_kinds().await?;
    let mut reports = engine.read_all(&chosen.streams).await?;
    reports.extend(excluded);
    for split in &chosen.splits {
        let mut parents = split.stream().parents.iter();
        if !parents.any(|parent| engine.is_reset(parent)) {
            engine.settle(split.stream()).await?;
        }
    }
    let mut failures = reports.iter().flat_map(|report| &report.failures);
    let has_ended = failures.any(|error| is_fatal(&error.kind));
    if !has_ended {
        reports.extend(engine.keep_files().await?);
    }
    // After all others, since it is computed from their rows.
    for derivation in chosen.computed().filter(|_| !has_ended) {
        let report = engine.derive(derivation, &mut reports).await?;
        reports.push(report);
    }
    for stream in chosen.looked_up.iter().filter(|_| !has_ended) {
        engine.keep_folders(stream, &mut reports).await?;
    }
    reports.extend(
        std::mem::take(&mut engine.splits)
            .into_iter()
            .map(|splitting| splitting.report),
    );
    let others = engine.count(&mut reports, &chosen.looked_up).await?;
    engine.forget_files_that_are_gone().await?;
    for failure in engine.sink.failures().await? {
        let mut of_streams = reports.iter_mut();
        if let Some(report) = of_streams.find(|report| report.stream == failure.stream) {
            report.failed += 1;
        }
    }
    let outcome = outcome(&reports);
    reports.extend(others);
    engine.end(outcome, &reports).await?;
    Ok(SyncReport {
        run: engine.run,
        outcome,
        requests: engine.observed.requests.into(),
        points: engine.observed.points,
        stopped_by: engine.stopped_by,
        streams: reports,
    })
}

/// Whether a failure of one stream is one of all.
fn is_fatal(kind: &str) -> bool {
    matches!(
        kind,
        "unauthorized"
            | "not-configured"
            | "denied"
            | "unresolvable"
            | "insecure"
            | "credential-echoed"
            | "configuration"
            | "store"
    )
}

/// Deletes the rows of a copy that filters exclude, and returns how many, by stream. Until then they are
/// marked as out of scope.
///
/// # Errors
///
/// What the sink says.
pub async fn apply_filters(
    sink: &mut dyn Sink,
    now: Millis,
) -> Result<Vec<(String, u64)>, SinkError> {
    let new = NewRun {
        started: now,
        settings: String::new(),
        naming: None,
    };
    let begun = sink.begin(&new).await?;
    let deleted = sink.apply_filters(begun.run, now).await?;
    let counts = Counts {
        deleted: deleted.iter().map(|(_, rows)| rows).sum(),
        ..Counts::default()
    };
    let end = RunEnd {
        started: now,
        ended: now,
        outcome: RunOutcome::FiltersApplied,
        requests: 0,
        points: 0,
        counts,
        streams: "{}".to_owned(),
        errors: "[]".to_owned(),
    };
    sink.end(begun.run, &end).await?;
    Ok(deleted)
}

fn outcome(reports: &[StreamReport]) -> RunOutcome {
    let has_failed = |report: &StreamReport| !report.failures.is_empty();
    let fatal = reports
        .iter()
        .flat_map(|report| &report.failures)
        .any(|error| is_fatal(&error.kind));
    if fatal || !reports.is_empty() && reports.iter().all(has_failed) {
        return RunOutcome::Failed;
    }
    let is_partial = |report: &StreamReport| {
        has_failed(report)
            || report.is_stopped
            || report.missed + report.failed + report.incomplete > 0
    };
    if reports.iter().any(is_partial) {
        return RunOutcome::Partial;
    }
    if reports.iter().any(|report| report.held > 0) {
        return RunOutcome::Held;
    }
    RunOutcome::Complete
}

struct Engine<'a> {
    source: &'a dyn Source,
    sink: &'a mut dyn Sink,
    request: &'a SyncRequest,
    streams: &'a [Stream],
    clock: SiteClock<'a>,
    tell: &'a mut (dyn FnMut(SyncEvent<'_>) + Send),
    run: i64,
    /// Whether other columns are written than by the last complete run: everything is read again.
    is_rewrite: bool,
    /// Streams that are read anew.
    resets: Vec<String>,
    /// The same at the beginning of the run: what is read of them in it is written.
    rewritten: Vec<String>,
    /// What all steps saw, together.
    observed: Observed,
    /// Ids of the spaces that streams are read by. Empty: the whole site at once.
    spaces: Vec<String>,
    /// What filters say.
    scope: Scope,
    /// When the run began, by the clock of the host.
    began_by_host: Millis,
    /// The limit of the budget that was reached.
    stopped_by: Option<BudgetLimit>,
    /// Parents whose sets an index did not show.
    unread: Vec<Parent>,
    /// What is made of bodies.
    splits: Vec<Splitting<'a>>,
}

impl<'a> Engine<'a> {
    async fn prepare(&mut self, stream: &Stream, chosen: &Chosen<'_>) -> Result<(), SinkError> {
        let projection = self.request.projection(stream);
        let columns = stream.projected(&projection);
        let is_written = |column: &source::Column| !SystemColumn::is_bookkeeping(&column.name);
        let columns = columns.into_iter().filter(is_written).collect();
        let own = chosen
            .computed()
            .find(|one| one.stream().name == stream.name);
        let mut read_back: Vec<&str> = Vec::new();
        for input in chosen.computed().flat_map(|one| one.inputs()) {
            if input.stream == stream.name {
                read_back.extend(input.columns);
            }
        }
        if own.is_some() {
            read_back.extend(stream.columns.iter().map(|column| column.name.as_str()));
        }
        if self.request.files.is_some() {
            read_back.extend(files::read_back(&stream.name));
        }
        let has_folders = chosen.looked_up.iter().any(|one| is_of_folders(one));
        if has_folders && (stream.name == content::PAGES || is_of_folders(stream)) {
            read_back.extend(PLACE);
        }
        read_back.sort_unstable();
        read_back.dedup();
        let table = Table {
            stream,
            columns,
            logs_changes: self.request.logs_changes,
            read_back: &read_back,
            views: own.map_or(&[], |derivation| derivation.views()),
        };
        self.sink.prepare(&table).await
    }

    /// Reads all that is due of a stream.
    async fn stream(
        &mut self,
        stream: &Stream,
        report: &mut StreamReport,
    ) -> Result<(), SyncError> {
        self.learn_scope(stream).await?;
        let read = if due::is_listed(stream) {
            self.listed(stream, report).await
        } else {
            self.children(stream, report).await
        };
        self.scope.forget(&stream.name);
        read
    }

    /// A stream that is listed: what has changed, and when it is due, all of it.
    async fn listed(
        &mut self,
        stream: &Stream,
        report: &mut StreamReport,
    ) -> Result<(), SyncError> {
        if due::cannot_be_limited(stream, self.request) {
            report.unsupported = Some("it cannot be limited to spaces".to_owned());
            return Ok(());
        }
        let partitions = self.partitions(stream);
        if stream.has(Pass::Changes) {
            // The first time this is one request, which tells from where on changes are new. It comes
            // before the list, so that what changes while that is read is not missed.
            let mut work = Vec::new();
            for partition in &partitions {
                let pass = PassId {
                    stream: stream.name.clone(),
                    pass: Pass::Changes,
                    partition: partition.clone(),
                };
                let state = self.sink.pass_state(&pass).await?.state;
                work.push(Work::of(pass, state));
            }
            let driven = self.drive(stream, work, None, report).await?;
            if driven.is_unsupported {
                return Ok(());
            }
        }
        let outside = self.outside(stream).await?;
        // Spaces that are new in a filter are read without reading the others again.
        let (mut complete, mut is_listed) = (Vec::new(), false);
        for partitions in self.by_age(stream, partitions).await? {
            let Some(pass) = self.due().list(self.sink, stream, &partitions).await? else {
                continue;
            };
            is_listed = true;
            let Some((mark, driven)) = self.read_list(stream, pass, &partitions, report).await?
            else {
                continue;
            };
            if driven.is_unsupported {
                return Ok(());
            }
            if driven.is_complete {
                complete.push((mark, partitions));
            }
        }
        let settles = self.scope.settles(stream);
        if settles {
            self.settle_scope(stream, report).await?;
        }
        self.leave_spaces(stream, report).await?;
        self.readmit(stream, outside).await?;
        if settles || is_listed {
            self.retry(stream, report).await?;
            self.refresh(stream, report).await?;
        }
        self.replies(stream, report).await?;
        let lost = self.lost_partitions(stream, &complete).await?;
        for (mark, partitions) in complete.into_iter().chain(lost) {
            self.judge(stream, mark, &partitions, report).await?;
        }
        Ok(())
    }

    /// Spaces of rows in scope that the site no longer shows, and the mark of the lists of all others: no
    /// list has their rows.
    async fn lost_partitions(
        &mut self,
        stream: &Stream,
        complete: &[(i64, Vec<String>)],
    ) -> Result<Option<(i64, Vec<String>)>, SinkError> {
        let listed: Vec<&String> = complete.iter().flat_map(|(_, spaces)| spaces).collect();
        let is_of_all = listed.iter().any(|space| space.is_empty());
        if is_of_all || listed.len() < self.partitions(stream).len() {
            return Ok(None);
        }
        let live = self.sink.live(&stream.name).await?;
        let spaces = live.into_iter().filter_map(|(space, _)| space);
        let lost: Vec<String> = spaces
            .filter(|space| !listed.contains(&space) && self.scope.spaces.admits(Some(space)))
            .collect();
        let mark = complete.iter().map(|(mark, _)| *mark).min();
        Ok(mark.filter(|_| !lost.is_empty()).map(|mark| (mark, lost)))
    }

    /// By space only where it was asked for: the partitions of a pass must be the same from one run to the
    /// next, and spaces come and go.
    pub(super) fn partitions(&self, stream: &Stream) -> Vec<String> {
        if self.spaces.is_empty() || !stream.by_space {
            vec![String::new()]
        } else {
            self.spaces.clone()
        }
    }

    /// Reads all rows, or those that an interrupted run left, and returns the mark of the pass. `None`: it
    /// cannot be gone on with in this run.
    pub(super) async fn read_list(
        &mut self,
        stream: &Stream,
        pass: Pass,
        partitions: &[String],
        report: &mut StreamReport,
    ) -> Result<Option<(i64, Driven)>, SyncError> {
        let (mark, work) = self.list(stream, pass, partitions).await?;
        let Some(work) = self.in_lanes(stream, mark, work, report).await? else {
            return Ok(None);
        };
        let driven = self.drive(stream, work, Some(mark), report).await?;
        if driven.is_complete {
            for partition in partitions {
                let id = PassId {
                    stream: stream.name.clone(),
                    pass,
                    partition: partition.clone(),
                };
                self.end_lanes(&id, mark).await?;
            }
        }
        Ok(Some((mark, driven)))
    }

    /// Partitions that were never read completely, and the others.
    async fn by_age(
        &mut self,
        stream: &Stream,
        partitions: Vec<String>,
    ) -> Result<Vec<Vec<String>>, SinkError> {
        let (mut known, mut new) = (Vec::new(), Vec::new());
        for partition in partitions {
            let mut is_known = false;
            for pass in [Pass::Full, Pass::Census] {
                let id = PassId {
                    stream: stream.name.clone(),
                    pass,
                    partition: partition.clone(),
                };
                is_known |= self.sink.pass_state(&id).await?.completed.is_some();
            }
            if is_known { &mut known } else { &mut new }.push(partition);
        }
        Ok([known, new]
            .into_iter()
            .filter(|it| !it.is_empty())
            .collect())
    }

    /// The mark of a pass over all rows, and what is left of it: all, or what an interrupted run left.
    async fn list(
        &mut self,
        stream: &Stream,
        pass: Pass,
        partitions: &[String],
    ) -> Result<(i64, Vec<Work>), SinkError> {
        let mut states = Vec::with_capacity(partitions.len());
        for partition in partitions {
            let id = PassId {
                stream: stream.name.clone(),
                pass,
                partition: partition.clone(),
            };
            let state = self.sink.pass_state(&id).await?;
            states.push((id, state));
        }
        let open = states.iter().filter(|(_, state)| state.is_open);
        let mark = open.map(|(_, state)| state.mark).max().unwrap_or(self.run);
        let mut work = Vec::with_capacity(states.len());
        for (id, state) in states {
            match (state.mark == mark, state.is_open) {
                // Complete since the pass began.
                (true, false) => {}
                (true, true) => work.push(Work::of(id, state.state)),
                (false, _) => work.push(Work::of(id, None)),
            }
        }
        Ok((mark, work))
    }

    /// Rows that could not be read, and are due again.
    async fn retry(&mut self, stream: &Stream, report: &mut StreamReport) -> Result<(), SyncError> {
        let failures = self.sink.failures().await?;
        let mut due = self.due().retries(stream, failures);
        let (scope, name) = (&self.scope, &stream.name);
        due.retain(|row| !scope.decides(stream) || scope.is_inside(name, &row.key));
        for part in due.chunks(MAX_PARENTS) {
            let work = Work::look_up(&stream.name, part.to_vec());
            self.drive(stream, vec![work], None, report).await?;
        }
        Ok(())
    }

    /// Rows that a census saw more of than is stored: their bodies are read.
    pub(super) async fn refresh(
        &mut self,
        stream: &Stream,
        report: &mut StreamReport,
    ) -> Result<(), SyncError> {
        if !self.due().refreshes(stream) {
            return Ok(());
        }
        let (now, mut after) = (self.clock.now(), String::new());
        loop {
            let stale = self.sink.stale(&stream.name, &after, now).await?;
            let Some(last) = stale.last() else {
                return Ok(());
            };
            after.clone_from(&last.key);
            let work = Work::look_up(&stream.name, stale);
            self.drive(stream, vec![work], None, report).await?;
            if report.is_stopped {
                return Ok(());
            }
        }
    }

    /// A stream of sets that belong to rows of others.
    async fn children(
        &mut self,
        stream: &Stream,
        report: &mut StreamReport,
    ) -> Result<(), SyncError> {
        let Some(due) = self.due().sets(self.sink, stream).await? else {
            return Ok(());
        };
        let (id, pass) = (&due.id, due.id.pass);
        self.forget_outside(stream).await?;
        let mut is_listed = false;
        if due.reads_list(self.request) && stream.has(Pass::Survey) && !self.due().is_full {
            is_listed = self.survey(stream, report).await?;
        } else if due.reads_list(self.request) && !stream.has(Pass::Survey) {
            let (is_open, state) = (due.state.is_open, due.state.state.clone());
            let mark = if is_open { due.state.mark } else { self.run };
            let mut work = Work::of(id.clone(), state.filter(|_| is_open));
            work.completes = if stream.parents.is_empty() {
                Completes::All
            } else {
                Completes::Seen(stream.parents.clone())
            };
            let driven = self.drive(stream, vec![work], Some(mark), report).await?;
            is_listed = !driven.needs_parents;
            if driven.is_unsupported || is_listed && !driven.is_complete {
                return Ok(());
            }
        }
        let before = due.read_before(is_listed);
        if is_listed {
            let omitted = self.omitted(stream, before).await?;
            let cost = report.passes.entry(PassKind::list(pass));
            cost.or_insert(PassCost::NOTHING).omitted = omitted;
        }
        let mut open = due.unfinished(self.run, is_listed);
        report.is_continued = due.is_continued() && stream.has(Pass::Access);
        for parent in &stream.parents {
            let sets = self.sets(stream, parent, pass, before, &mut open, report);
            if sets.await?.is_some_and(|driven| !driven.is_complete) {
                return Ok(());
            }
        }
        if !self.sets_above(stream, pass, before, report).await? {
            self.keep_open(&mut open).await?;
            return Ok(());
        }
        if due.is_due {
            // A list completes its pass with its last rows.
            self.finish(&due, !is_listed || stream.has(Pass::Survey))
                .await?;
            self.settle(stream).await?;
        }
        Ok(())
    }

    /// How many parents a list of sets has left out, of those that are due.
    async fn omitted(&mut self, stream: &Stream, before: Millis) -> Result<u64, SinkError> {
        let mut omitted = 0;
        for parent in &stream.parents {
            let name = &stream.name;
            omitted += self.sink.count_parents(name, parent, before, false).await?;
            if !stream.has(Pass::Access) {
                // It does not show those without rows.
                omitted -= self.sink.count_parents(name, parent, before, true).await?;
            }
        }
        Ok(omitted)
    }

    /// Rows that belong to rows of the same stream, and that its lists omit: replies to comments.
    async fn replies(
        &mut self,
        stream: &Stream,
        report: &mut StreamReport,
    ) -> Result<(), SyncError> {
        let Some(replies) = self.due().replies(self.sink, stream).await? else {
            return Ok(());
        };
        // What was read in this run, for another stream of comments, is as new as it gets.
        let mut before = replies.read_before(false).min(self.began());
        let mut open = replies.unfinished(self.run, false);
        // Replies have replies: until there are no more that were never asked for theirs.
        loop {
            let is_first = before != Millis::MIN;
            let is_surveyed = is_first && self.was_surveyed(stream).await?
                || self.survey_if_cheaper(stream, before, report).await?;
            if is_surveyed && replies.is_due && is_first {
                // What the survey did not show is read by comment, as long as that is not older.
                before = replies.read_before(true);
            }
            let name = &stream.name;
            let sets = self.sets(stream, name, Pass::Details, before, &mut open, report);
            match sets.await? {
                Some(driven) if driven.is_complete => before = Millis::MIN,
                Some(_) => return Ok(()),
                None => break,
            }
        }
        if replies.is_due {
            self.finish(&replies, true).await?;
        }
        Ok(())
    }

    /// Keeps that the sets of some parents are left to read, if that is not kept yet.
    async fn keep_open(&mut self, open: &mut Option<(PassId, PassState)>) -> Result<(), SinkError> {
        if let Some((pass, state)) = open.take() {
            self.set_pass(&pass, state).await?;
        }
        Ok(())
    }

    /// Records that the sets of all parents are read that were due.
    async fn finish(&mut self, sets: &DueSets, completes: bool) -> Result<(), SinkError> {
        let (pass, state) = sets.finished(self.run);
        if self.sink.pass_state(&pass).await?.is_open {
            self.set_pass(&pass, state).await?;
        }
        if completes {
            self.completed(&sets.id, sets.oldest()).await?;
        }
        Ok(())
    }

    /// Whether the survey of another stream of this run has shown what there is of this one.
    async fn was_surveyed(&mut self, stream: &Stream) -> Result<bool, SyncError> {
        let id = PassId {
            stream: stream.name.clone(),
            pass: Pass::Survey,
            partition: drive::ONCE.to_owned(),
        };
        let completed = self.sink.pass_state(&id).await?.completed;
        Ok(!self.due().is_full && completed.is_some_and(|at| at >= self.began()))
    }

    /// A survey of a stream whose rows belong to rows of it, where that takes fewer requests than reading
    /// the sets that are due one by one.
    async fn survey_if_cheaper(
        &mut self,
        stream: &Stream,
        before: Millis,
        report: &mut StreamReport,
    ) -> Result<bool, SyncError> {
        if !due::may_be_surveyed(stream, self.request) || self.due().is_full {
            return Ok(false);
        }
        let name = &stream.name;
        let due = self.sink.count_parents(name, name, before, false).await?;
        let rows = self.sink.live(name).await?;
        let rows: u64 = rows.into_iter().map(|(_, rows)| rows).sum();
        Ok(due::is_survey_cheaper(due, rows) && self.survey(stream, report).await?)
    }

    /// Reads in bulk what completes some sets of a stream, and says whether that came to its end. It saves
    /// requests and nothing else, so that its failures are none of the stream, except those of the whole
    /// site: sets that it does not complete are read one by one.
    async fn survey(
        &mut self,
        stream: &Stream,
        report: &mut StreamReport,
    ) -> Result<bool, SyncError> {
        if !due::may_be_surveyed(stream, self.request) {
            return Ok(false);
        }
        let id = PassId {
            stream: stream.name.clone(),
            pass: Pass::Survey,
            partition: String::new(),
        };
        let state = self.sink.pass_state(&id).await?;
        let (mark, from) = if state.is_open {
            (state.mark, state.state)
        } else {
            (self.run, None)
        };
        let mut work = Work::of(id, from);
        if stream.parents.contains(&stream.name) {
            work.completes = Completes::Sketched;
        }
        let (failures, missed) = (report.failures.len(), report.missed);
        let driven = self.drive(stream, vec![work], Some(mark), report).await?;
        let failed = report.failures.split_off(failures);
        let fatal = failed.into_iter().filter(|error| is_fatal(&error.kind));
        report.failures.extend(fatal);
        report.missed = missed;
        report.unsupported = None;
        Ok(driven.is_complete && !driven.is_unsupported)
    }

    /// The sets of all rows of a parent stream whose sets are due. None if there are no such rows.
    async fn sets(
        &mut self,
        stream: &Stream,
        parent: &str,
        pass: Pass,
        due: Millis,
        open: &mut Option<(PassId, PassState)>,
        report: &mut StreamReport,
    ) -> Result<Option<Driven>, SyncError> {
        let mut after = String::new();
        let mut result = None;
        loop {
            let mut work = Vec::new();
            while work.len() < self.request.at_once.max(1) {
                let mut parents = self.sink.parents(&stream.name, parent, &after, due).await?;
                let spent = self.spent(0);
                parents.truncate(self.request.budget.parents(spent, stream.points_per_row));
                let Some(last) = parents.last() else { break };
                after.clone_from(&last.key);
                work.push(Work::of_parents(&stream.name, pass, parents));
            }
            if work.is_empty() {
                return Ok(result);
            }
            if result.is_some() {
                self.keep_open(open).await?;
            }
            let mut driven = self.drive(stream, work, Some(self.run), report).await?;
            driven.is_complete &= self.read_one_by_one(stream, report).await?;
            if driven.is_unsupported || !driven.is_complete {
                self.keep_open(open).await?;
                return Ok(Some(Driven {
                    is_complete: false,
                    ..driven
                }));
            }
            result = Some(driven);
        }
    }

    /// Records that a pass is complete which has no state of its own, and when it read the oldest of its
    /// sets.
    async fn completed(&mut self, pass: &PassId, oldest: Millis) -> Result<(), SinkError> {
        let state = PassState {
            state: None,
            mark: self.run,
            is_open: false,
            completed: Some(oldest),
        };
        self.set_pass(pass, state).await
    }

    /// Records how far a pass has come, without rows.
    async fn set_pass(&mut self, pass: &PassId, state: PassState) -> Result<(), SinkError> {
        let at = self.clock.now();
        self.sink
            .commit(&Commit::of_state(self.run, at, pass, state))
            .await?;
        Ok(())
    }

    /// Decides what is due now.
    fn due(&self) -> Due<'a> {
        Due {
            request: self.request,
            now: self.clock.now(),
            is_full: self.request.full || self.is_rewrite,
            scope: self.scope.due(),
        }
    }

    /// What has been spent. `reserved`: requests that running steps may make.
    fn spent(&self, reserved: u64) -> Spent {
        Spent {
            requests: self.observed.requests.into(),
            points: self.observed.points,
            time: self.clock.host_now() - self.began_by_host,
            reserved,
        }
    }

    /// Whether a stream is read anew.
    fn is_reset(&self, stream: &str) -> bool {
        self.resets.iter().any(|reset| reset == stream)
    }

    /// A stream that is read anew was read to its end.
    async fn settle(&mut self, stream: &Stream) -> Result<(), SinkError> {
        if self.is_reset(&stream.name) {
            self.sink.settle_reset(&stream.name).await?;
            self.resets.retain(|reset| *reset != stream.name);
        }
        Ok(())
    }

    /// Reads the sets of parents that an index did not show, if the stream can be read one parent at a
    /// time. Returns whether all were read.
    async fn read_one_by_one(
        &mut self,
        stream: &Stream,
        report: &mut StreamReport,
    ) -> Result<bool, SyncError> {
        let unread = std::mem::take(&mut self.unread);
        if !stream.has(Pass::Details) || unread.is_empty() {
            return Ok(true);
        }
        let work = unread
            .chunks(MAX_PARENTS)
            .map(|part| Work::of_parents(&stream.name, Pass::Details, part.to_vec()))
            .collect();
        let driven = self.drive(stream, work, Some(self.run), report).await?;
        Ok(driven.is_complete)
    }

    /// When the run began, by the clock of the site.
    fn began(&self) -> Millis {
        self.clock.at_site(self.began_by_host)
    }

    /// What goes with rows of a stream.
    fn children_of(&self, stream: &Stream) -> Children {
        Children::below(&stream.name, self.streams)
    }

    /// The streams whose rows are out of scope once the row of this stream is that they belong to. Spaces may
    /// have the ids of content, so that each has followers of its own.
    fn followers(&self, of: &Stream) -> Vec<String> {
        let follows = |stream: &&Stream| {
            if of.name == SPACES {
                stream.parents.contains(&of.name)
            } else {
                content::follows_content(stream) || stream.parents.contains(&stream.name)
            }
        };
        let followers = self.streams.iter().filter(follows);
        followers.map(|stream| stream.name.clone()).collect()
    }

    fn see(&mut self, observed: Observed) {
        self.clock.hear(observed.site_time.as_deref());
        self.observed.add(observed);
    }

    /// Replaces what was counted commit by commit by what the run has done to each row. Returns the streams
    /// that have no report yet: those whose rows have changed with others, and those that are looked up.
    async fn count(
        &mut self,
        reports: &mut [StreamReport],
        looked_up: &[&Stream],
    ) -> Result<Vec<StreamReport>, SinkError> {
        let counted = self.sink.counts(self.run).await?;
        let mut counted: BTreeMap<String, Counts> = counted.into_iter().collect();
        for report in &mut *reports {
            report.counts = counted.remove(&report.stream).unwrap_or_default();
        }
        self.recount_waiting(reports).await?;
        let has_changed =
            |counts: &Counts| counts.inserted + counts.updated + counts.deleted + counts.left > 0;
        let is_looked_up = |name: &String| looked_up.iter().any(|stream| stream.name == *name);
        let others = counted.into_iter();
        let others = others.filter(|(name, counts)| has_changed(counts) || is_looked_up(name));
        let report = |(stream, counts)| StreamReport {
            stream,
            counts,
            ..StreamReport::default()
        };
        Ok(others.map(report).collect())
    }

    /// What waited for the row that it belongs to may have been deleted with it since.
    async fn recount_waiting(&mut self, reports: &mut [StreamReport]) -> Result<(), SinkError> {
        if reports.iter().all(|report| report.waiting == 0) {
            return Ok(());
        }
        let statuses = self.sink.streams().await?;
        for report in reports {
            let mut of_stream = statuses.iter();
            let status = of_stream.find(|status| status.stream == report.stream);
            let missing = status.map_or(0, |status| status.missing.unsigned_abs());
            let others = report.suspected + report.held;
            report.waiting = report.waiting.min(missing.saturating_sub(others));
        }
        Ok(())
    }

    async fn end(
        &mut self,
        outcome: RunOutcome,
        reports: &[StreamReport],
    ) -> Result<(), SinkError> {
        let counts = reports.iter().map(|report| report.counts).sum();
        let ended = self.clock.now();
        self.sink
            .end(
                self.run,
                &RunEnd {
                    started: self.began(),
                    ended,
                    outcome,
                    requests: self.observed.requests.into(),
                    points: self.observed.points,
                    counts,
                    streams: request::counts_json(reports),
                    errors: request::errors_json(reports, self.stopped_by),
                },
            )
            .await
    }
}

/// Whether a batch can be written whole: it has bodies, or none are wanted.
fn has_bodies(batch: &Batch) -> bool {
    batch.records().column_by_name(BODY).is_some()
}

impl Driven {
    const fn new() -> Self {
        Self {
            is_complete: true,
            is_unsupported: false,
            needs_parents: false,
        }
    }
}
