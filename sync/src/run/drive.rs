//! Steps of passes, several at once, each committed as it comes.

use std::collections::BTreeSet;

use source::{
    Batch, Budget, Notice, Outcome, Parent, Pass, Progress, Projection, ReadParent, Source,
    SourceError, StepRequest, Stream, VERSION_NUMBER,
};

use super::budget::Allowance;
use super::{Engine, PassCost, PassKind, StreamReport, SyncError, SyncEvent, has_bodies};
use crate::clock::Millis;
use crate::lanes::LANE_BYTES;
use crate::read::needs_parents;
use crate::running::Running;
use crate::sink::{Commit, Completes, FailedRow, PassId, PassState, SinkError};

/// The partition of passes that nothing goes on from.
pub(super) const ONCE: &str = "-";

/// The code of a notice that says that a row could not be read.
const POISON: &str = "poison-item";

/// The code of a notice that says that the site does not return all rows of a set.
pub(super) const INCOMPLETE: &str = "set-incomplete";

/// Codes of notices that say that a row is missing and nobody knows which; `poison-item`, where it
/// names none that can be looked up.
const UNNAMED: [&str; 3] = ["row-dropped", "foreign-row-dropped", POISON];

/// A pass over a partition, or over some parents, and what is left of it.
#[derive(Debug, Clone)]
pub(super) struct Work {
    pub(super) pass: PassId,
    pub(super) state: Option<String>,
    /// Ids of spaces, if the partition is not the id of one.
    spaces: Option<String>,
    /// Requests of its first step. If that is not the last one, the list goes on in lanes.
    first_requests: Option<u32>,
    parents: Vec<Parent>,
    pub(super) completes: Completes,
    /// Whether its state is kept from one run to the next.
    is_kept: bool,
    /// Whether it has begun anew, since its state was refused.
    is_restarted: bool,
    /// Whether bodies are left out in any case.
    is_without_bodies: bool,
    /// How many requests its running step may make, if the run has a budget.
    reserved: Option<u32>,
    /// Keys of parents whose sets were shown, of those that were asked for.
    shown: BTreeSet<String>,
    /// Keys of parents that are missing.
    missing: BTreeSet<String>,
}

/// What came of some work.
#[derive(Debug, Clone, Copy)]
pub(super) struct Driven {
    /// Whether all rows were seen.
    pub(super) is_complete: bool,
    pub(super) is_unsupported: bool,
    pub(super) needs_parents: bool,
}

impl Work {
    pub(super) const fn of(pass: PassId, state: Option<String>) -> Self {
        Self {
            pass,
            state,
            spaces: None,
            first_requests: None,
            parents: Vec::new(),
            completes: Completes::Nothing,
            is_kept: true,
            is_restarted: false,
            is_without_bodies: false,
            reserved: None,
            shown: BTreeSet::new(),
            missing: BTreeSet::new(),
        }
    }

    /// A part of a pass that has the rows of these spaces.
    pub(super) fn of_lane(pass: PassId, state: Option<String>, spaces: String) -> Self {
        Self {
            spaces: Some(spaces),
            ..Self::of(pass, state)
        }
    }

    /// The same, which goes on in lanes if so many requests are not the whole list.
    pub(super) fn first_of(self, requests: u32) -> Self {
        Self {
            first_requests: Some(requests),
            ..self
        }
    }

    /// The same, not in lanes: from the beginning, if its state is `lanes`.
    pub(super) fn in_one_list(self, lanes: &str) -> Self {
        Self {
            state: self.state.filter(|state| state != lanes),
            first_requests: None,
            ..self
        }
    }

    /// The sets of some parents.
    pub(super) fn of_parents(stream: &str, pass: Pass, parents: Vec<Parent>) -> Self {
        Self {
            completes: Completes::Of(parents.clone()),
            ..Self::once(stream, pass, parents)
        }
    }

    /// Rows whose keys are known.
    pub(super) fn look_up(stream: &str, keys: Vec<Parent>) -> Self {
        Self::once(stream, Pass::LookUp, keys)
    }

    /// The same, without their bodies: what is found may be out of scope.
    pub(super) fn without_bodies(self) -> Self {
        Self {
            is_without_bodies: true,
            ..self
        }
    }

    /// Whether its next step can begin before the rows of one are written: it depends on nothing but the
    /// state, and no budget counts it.
    fn may_go_ahead(&self, progress: &Progress) -> bool {
        matches!(progress.outcome, Outcome::More)
            && self.parents.is_empty()
            && self.first_requests.is_none()
            && self.reserved.is_none()
    }

    /// What is left behind a step.
    fn behind(&self, state: Option<String>) -> Self {
        Self {
            state,
            ..self.clone()
        }
    }

    const fn kind(&self) -> PassKind {
        PassKind {
            pass: self.pass.pass,
            by_parents: !self.parents.is_empty(),
            is_of_filter: false,
        }
    }

    fn once(stream: &str, pass: Pass, parents: Vec<Parent>) -> Self {
        let pass = PassId {
            stream: stream.to_owned(),
            pass,
            partition: String::new(),
        };
        Self {
            parents,
            is_kept: false,
            ..Self::of(pass, None)
        }
    }
}

impl Engine<'_> {
    /// Drives work to its end. `mark` is what rows get that a pass over all of them sees.
    pub(super) async fn drive(
        &mut self,
        stream: &Stream,
        work: Vec<Work>,
        mark: Option<i64>,
        report: &mut StreamReport,
    ) -> Result<Driven, SyncError> {
        let mut driven = Driven::new();
        let mut waiting: Vec<Work> = work.into_iter().rev().collect();
        if let Some(first) = waiting.last() {
            (self.tell)(SyncEvent::Started {
                stream: &stream.name,
                pass: first.pass.pass,
            });
        }
        for work in &waiting {
            begin_cost(work, report);
        }
        let (source, streams) = (self.source, self.streams);
        let mut running = Running::new();
        let mut reserved = 0;
        loop {
            while running.len() < self.request.at_once.max(1) && !waiting.is_empty() {
                let allowance = self
                    .request
                    .budget
                    .allowance(self.spent(reserved), stream.points_per_row);
                let requests = match allowance {
                    Allowance::Step(requests) => requests,
                    Allowance::Wait => break,
                    Allowance::Stop(limit) => {
                        self.stopped_by = Some(limit);
                        break;
                    }
                };
                let Some(mut work) = waiting.pop() else { break };
                work.reserved = requests;
                reserved += u64::from(requests.unwrap_or_default());
                let request = self.step_of(stream, &work);
                running.begin(step(source, streams, work, request)).await;
            }
            let Some((work, stepped)) = running.next().await else {
                if !waiting.is_empty() {
                    driven.is_complete = false;
                    report.is_stopped = true;
                    waiting.iter().for_each(|work| unfinished(work, report));
                }
                return Ok(driven);
            };
            reserved -= u64::from(work.reserved.unwrap_or_default());
            match stepped {
                Ok(progress) => {
                    // The network is busy while rows are written.
                    let is_ahead = work.may_go_ahead(&progress);
                    if is_ahead {
                        let next = work.behind(progress.state.clone());
                        let request = self.step_of(stream, &next);
                        running.begin(step(source, streams, next, request)).await;
                    }
                    let next = self
                        .take(stream, work, progress, mark, report, &mut driven)
                        .await?;
                    match (next, mark) {
                        _ if is_ahead => {}
                        (Some(next), Some(mark)) if next.first_requests.is_some() => {
                            let lanes = self.lanes_of(stream, mark, next, report).await?;
                            driven.is_complete &= lanes.is_some();
                            waiting.extend(lanes.into_iter().flatten().rev());
                        }
                        (next, _) => waiting.extend(next),
                    }
                }
                Err(error) if needs_parents(&error) && work.parents.is_empty() => {
                    report.passes.remove(&work.kind());
                    driven.needs_parents = true;
                    driven.is_complete = false;
                }
                Err(error) if is_stale(&error) && !work.is_restarted => waiting.push(Work {
                    state: None,
                    is_restarted: true,
                    ..work
                }),
                Err(error) => {
                    driven.is_complete = false;
                    unfinished(&work, report);
                    self.failed(stream, error, report);
                }
            }
        }
    }

    /// Whether a step found none of its parents because they are hidden. Where sets of the stream were read
    /// before, the site has it.
    async fn are_hidden(
        &mut self,
        stream: &Stream,
        progress: &Progress,
    ) -> Result<bool, SinkError> {
        let is_unclear = matches!(progress.outcome, Outcome::Unsupported(_))
            && !progress.observed.missing_parents.is_empty();
        Ok(is_unclear && !self.sink.reads(&stream.name, "").await?.is_empty())
    }

    pub(super) fn failed(
        &mut self,
        stream: &Stream,
        error: SourceError,
        report: &mut StreamReport,
    ) {
        (self.tell)(SyncEvent::Failed {
            stream: &stream.name,
            error: &error,
        });
        report.failures.push(error);
    }

    fn step_of(&self, stream: &Stream, work: &Work) -> StepRequest {
        let mut projection = self.request.projection(stream);
        let is_listed = matches!(work.pass.pass, Pass::Full | Pass::Changes);
        let is_bare = work.pass.pass == Pass::Census || work.is_without_bodies;
        if is_bare || is_listed && self.scope.decides(stream) {
            projection.body_format = None;
        }
        if work.completes == Completes::Sketched {
            projection = Projection {
                columns: vec![VERSION_NUMBER.to_owned()],
                ..Projection::default()
            };
        }
        StepRequest {
            partition: Some(work.spaces.as_ref().unwrap_or(&work.pass.partition).clone())
                .filter(|ids| !ids.is_empty()),
            state: work.state.clone(),
            parents: work.parents.clone(),
            projection,
            settings: self.request.settings.clone(),
            budget: Budget {
                requests: work.first_requests.or(work.reserved),
                bytes: work.spaces.as_ref().map(|_| LANE_BYTES),
                ..Budget::default()
            },
            ..StepRequest::new(&stream.name, work.pass.pass)
        }
    }

    /// Commits a step, and returns the work that is left behind it.
    async fn take(
        &mut self,
        stream: &Stream,
        work: Work,
        progress: Progress,
        mark: Option<i64>,
        report: &mut StreamReport,
        driven: &mut Driven,
    ) -> Result<Option<Work>, SyncError> {
        let mut failed = Vec::new();
        for notice in &progress.notices {
            if let Some(row) = failed_row(stream, notice) {
                failed.push(row);
            } else if UNNAMED.contains(&notice.code.as_str()) {
                driven.is_complete = false;
                report.missed += 1;
            }
            (self.tell)(SyncEvent::Notice {
                stream: &stream.name,
                notice,
            });
        }
        if progress.observed.foreign_rows > 0 {
            driven.is_complete = false;
        }
        let cost = cost_of(&work, report);
        cost.requests += u64::from(progress.observed.requests);
        cost.points += progress.observed.points;
        cost.rows += progress.observed.rows;
        let mut work = work;
        let mut read_parents = progress.observed.read_parents.clone();
        let read = if stream.has(Pass::Access) {
            let read = std::mem::take(&mut read_parents).into_iter();
            let read = read.map(|parent| parent.key);
            // The rows of others are not written.
            let is_list = work.parents.is_empty();
            read.filter(|key| !is_list || self.scope.counts(stream, key))
                .collect()
        } else {
            Vec::new()
        };
        work.shown.extend(read.iter().cloned());
        if !driven.is_complete {
            // What has gaps completes nobody's set.
            read_parents.clear();
        }
        let missing = progress.observed.missing_parents.iter();
        work.missing.extend(missing.cloned());
        let are_hidden = self.are_hidden(stream, &progress).await?;
        self.see(progress.observed);
        let (batches, others): (Vec<Batch>, Vec<Batch>) = progress
            .batches
            .into_iter()
            .partition(|batch| batch.stream() == stream.name);
        let (has_ended, is_done) = match progress.outcome {
            Outcome::More => (false, false),
            Outcome::Done => (true, true),
            Outcome::Failed(error) => {
                driven.is_complete = false;
                unfinished(&work, report);
                self.failed(stream, error, report);
                (true, false)
            }
            Outcome::Unsupported(_) if are_hidden => {
                let has_ended = progress.state.is_none();
                (has_ended, has_ended)
            }
            Outcome::Unsupported(reason) => {
                driven.is_complete = false;
                driven.is_unsupported = true;
                report.unsupported = Some(reason);
                return Ok(None);
            }
            _ => (true, false),
        };
        let at = self.clock.now();
        let wants_bodies = self.request.projection(stream).body_format.is_some();
        // What cannot be looked up is written as it is.
        let is_whole = !wants_bodies || !stream.has(Pass::LookUp) || batches.iter().all(has_bodies);
        let settled: Vec<String> = match work.pass.pass {
            Pass::LookUp if is_done => {
                let keys = work.parents.iter().map(|parent| &parent.key);
                let has_failed = |key: &String| failed.iter().any(|row| row.key == *key);
                keys.filter(|key| !has_failed(key)).cloned().collect()
            }
            _ => Vec::new(),
        };
        let children = self.children_of(stream);
        let followers = self.followers(stream);
        let (pass, is_of_parents) = (work.pass.pass, !work.parents.is_empty());
        let admitted: Vec<_> = batches
            .iter()
            .map(|batch| {
                // What is looked up is named by its own keys.
                let is_of_parents = is_of_parents && pass != Pass::LookUp;
                self.scope.admit(stream, batch, pass, is_of_parents)
            })
            .collect();
        let state = PassState {
            state: progress.state.clone().filter(|_| work.is_kept),
            mark: mark.unwrap_or(self.run),
            is_open: !is_done && work.is_kept,
            completed: is_done.then_some(at),
        };
        // What has gaps completes nobody's set: what is missing in it may be there.
        let is_whole_set = is_done && driven.is_complete;
        let completes = match &work.completes {
            Completes::Sketched => Completes::Sketched,
            // Who may read something is not concluded from silence: a set counts if it was shown.
            completes if stream.has(Pass::Access) => shown(completes, read, is_whole_set),
            completes if is_whole_set => completes.clone(),
            _ => Completes::Nothing,
        };
        let mut unread = Vec::new();
        if is_done && stream.has(Pass::Access) {
            let is_last = work.pass.pass == Pass::Details || !stream.has(Pass::Details);
            let not_shown = |parent: &&Parent| !work.shown.contains(&parent.key);
            for parent in work.parents.iter().filter(not_shown) {
                let is_missing = work.missing.contains(&parent.key);
                if !is_last && !is_missing {
                    self.unread.push(parent.clone());
                    continue;
                }
                unread.push(parent.key.clone());
                if !is_missing && driven.is_complete {
                    report.incomplete += 1;
                    let message = format!(
                        "the site does not return all rows of `{}` that belong to `{}`",
                        stream.name, parent.key
                    );
                    let id = Some(parent.key.clone());
                    (self.tell)(SyncEvent::Notice {
                        stream: &stream.name,
                        notice: &Notice::new(INCOMPLETE.to_owned(), message, id),
                    });
                }
            }
        }
        let pass = if work.is_kept {
            work.pass.clone()
        } else {
            // Nothing goes on from it.
            PassId {
                partition: ONCE.to_owned(),
                ..work.pass.clone()
            }
        };
        let has_parts = wants_bodies && batches.iter().all(has_bodies);
        let parts = if has_parts {
            self.parts(stream, &batches, &admitted)?
        } else {
            Vec::new()
        };
        let committed = self
            .sink
            .commit(&Commit {
                run: self.run,
                mark,
                at,
                batches: &batches,
                admitted: &admitted,
                followers: &followers,
                parts: &parts,
                is_whole,
                // Changes have no mark, and the list behind them has all rows.
                is_rewrite: (self.is_rewrite || self.rewritten.contains(&stream.name))
                    && mark.is_some(),
                children: &children,
                pass: &pass,
                state,
                completes,
                read_parents: &read_parents,
                parents: &stream.parents,
                failed: &failed,
                settled: &settled,
                unread: &unread,
                ages: &[],
                missing: &work.missing,
            })
            .await?;
        if work.completes == Completes::Sketched {
            let completed = is_done.then_some(at);
            self.compare_others(&others, mark, at, completed, &read_parents)
                .await?;
        }
        report.counts.add(committed);
        (self.tell)(SyncEvent::Committed {
            stream: &stream.name,
            rows: report.counts.present(),
        });
        Ok((!has_ended).then_some(Work {
            state: progress.state,
            ..work
        }))
    }
}

impl Engine<'_> {
    /// Compares the sketches of other streams that a survey has, too, with what is known of those.
    async fn compare_others(
        &mut self,
        others: &[Batch],
        mark: Option<i64>,
        at: Millis,
        completed: Option<Millis>,
        read_parents: &[ReadParent],
    ) -> Result<(), SyncError> {
        for batch in others {
            let name = batch.stream().to_owned();
            if self.sink.live(&name).await?.is_empty() {
                continue;
            }
            let pass = PassId {
                stream: name.clone(),
                pass: Pass::Survey,
                partition: ONCE.to_owned(),
            };
            let state = PassState {
                state: None,
                mark: mark.unwrap_or(self.run),
                is_open: false,
                completed,
            };
            self.sink
                .commit(&Commit {
                    mark,
                    batches: std::slice::from_ref(batch),
                    completes: Completes::Sketched,
                    read_parents,
                    parents: std::slice::from_ref(&name),
                    ..Commit::of_state(self.run, at, &pass, state)
                })
                .await?;
        }
        Ok(())
    }
}

async fn step(
    source: &dyn Source,
    streams: &[Stream],
    work: Work,
    request: StepRequest,
) -> (Work, Result<Progress, SourceError>) {
    let stepped = source.step(streams, &request).await;
    (work, stepped)
}

/// What the pass of some work has cost so far.
pub(super) fn cost_of<'a>(work: &Work, report: &'a mut StreamReport) -> &'a mut PassCost {
    report
        .passes
        .entry(work.kind())
        .or_insert(PassCost::NOTHING)
}

/// A part of a pass is about to be read.
fn begin_cost(work: &Work, report: &mut StreamReport) {
    let is_continued = work.state.is_some() && work.pass.pass != Pass::Changes;
    let cost = cost_of(work, report);
    cost.parts += 1;
    cost.parents += work.parents.len() as u64;
    // The run in which it began has its other half.
    cost.is_whole &= !is_continued;
}

/// A part of a pass was not read to its end.
pub(super) fn unfinished(work: &Work, report: &mut StreamReport) {
    cost_of(work, report).is_whole = false;
}

/// What a step completes of sets whose parents have to be shown: those of the parents in `read`.
fn shown(completes: &Completes, read: Vec<String>, is_complete: bool) -> Completes {
    match completes {
        Completes::Of(parents) => {
            let is_shown = |parent: &&Parent| read.contains(&parent.key);
            Completes::Of(parents.iter().filter(is_shown).cloned().collect())
        }
        Completes::Seen(streams) => Completes::Read {
            keys: read,
            streams: streams.clone(),
            is_complete,
        },
        other if is_complete => other.clone(),
        _ => Completes::Nothing,
    }
}

/// The row that a notice says could not be read, if it names one that can be looked up later.
fn failed_row(stream: &Stream, notice: &Notice) -> Option<FailedRow> {
    let has_id_as_key = matches!(stream.key.as_slice(), [key] if key == "id");
    if notice.code != POISON || !has_id_as_key || !stream.has(Pass::LookUp) {
        return None;
    }
    Some(FailedRow {
        key: notice.id.clone()?,
        code: notice.code.clone(),
        message: notice.message.clone(),
    })
}

/// Whether the source refuses to go on from a state: a pass begins anew then.
fn is_stale(error: &SourceError) -> bool {
    error.code.starts_with("state-") || &*error.code == "cursor-refused"
}
