//! Rows that are read to decide, and are not written.

use source::{Batch, Outcome, SourceError, StepRequest, Stream};

use super::budget::Allowance;
use super::{Engine, PassCost, PassKind, StreamReport, SyncEvent};
use crate::read::needs_parents;
use crate::running::Running;

/// What one request, followed to its end, brought.
pub(super) struct Gathered {
    pub(super) request: StepRequest,
    pub(super) batches: Vec<Batch>,
    /// Keys that the site does not find.
    pub(super) missing: Vec<String>,
    /// Keys of parents whose complete sets a list showed.
    pub(super) shown: Vec<String>,
    /// Whether all of it was read.
    pub(super) is_complete: bool,
    /// Whether the source cannot be asked without parents.
    pub(super) needs_parents: bool,
}

impl Gathered {
    /// What it has cost so far, in the report of the stream that filters look into.
    fn cost<'a>(&self, report: &'a mut StreamReport) -> &'a mut PassCost {
        report
            .passes
            .entry(self.kind())
            .or_insert(PassCost::NOTHING)
    }

    fn kind(&self) -> PassKind {
        PassKind::of_filter(self.request.pass, !self.request.parents.is_empty())
    }
}

impl Engine<'_> {
    /// Follows requests to their ends, several at once. What they cost is in the report.
    pub(super) async fn gather(
        &mut self,
        stream: &Stream,
        requests: Vec<StepRequest>,
        report: &mut StreamReport,
    ) -> Vec<Gathered> {
        let mut waiting: Vec<Gathered> = requests
            .into_iter()
            .rev()
            .map(|request| Gathered {
                request,
                batches: Vec::new(),
                missing: Vec::new(),
                shown: Vec::new(),
                is_complete: false,
                needs_parents: false,
            })
            .collect();
        for gathered in &waiting {
            let cost = gathered.cost(report);
            cost.parts += 1;
            cost.parents += gathered.request.parents.len() as u64;
        }
        if let Some(first) = waiting.last() {
            (self.tell)(SyncEvent::Started {
                stream: &stream.name,
                pass: first.request.pass,
            });
        }
        let (source, streams) = (self.source, self.streams);
        let mut running = Running::new();
        let mut done = Vec::new();
        let mut reserved = 0;
        loop {
            while running.len() < self.request.at_once.max(1) && !waiting.is_empty() {
                let budget = &self.request.budget;
                let requests = match budget.allowance(self.spent(reserved), stream.points_per_row) {
                    Allowance::Step(requests) => requests,
                    Allowance::Wait => break,
                    Allowance::Stop(limit) => {
                        self.stopped_by = Some(limit);
                        report.is_stopped = true;
                        for gathered in &waiting {
                            gathered.cost(report).is_whole = false;
                        }
                        done.append(&mut waiting);
                        break;
                    }
                };
                let Some(mut gathered) = waiting.pop() else {
                    break;
                };
                gathered.request.budget.requests = requests;
                reserved += u64::from(requests.unwrap_or_default());
                running
                    .begin(async move {
                        let stepped = source.step(streams, &gathered.request).await;
                        (gathered, stepped)
                    })
                    .await;
            }
            let Some((mut gathered, stepped)) = running.next().await else {
                return done;
            };
            reserved -= u64::from(gathered.request.budget.requests.unwrap_or_default());
            let outcome = match stepped {
                Ok(progress) => {
                    gathered
                        .missing
                        .extend(progress.observed.missing_parents.iter().cloned());
                    let shown = progress.observed.read_parents.iter();
                    gathered.shown.extend(shown.map(|it| it.key.clone()));
                    let cost = gathered.cost(report);
                    cost.requests += u64::from(progress.observed.requests);
                    cost.points += progress.observed.points;
                    cost.rows += progress.observed.rows;
                    self.see(progress.observed);
                    let mut batches = progress.batches;
                    batches.retain(|batch| batch.stream() == stream.name);
                    gathered.batches.extend(batches);
                    gathered.request.state = progress.state;
                    progress.outcome
                }
                Err(error) => Outcome::Failed(error),
            };
            match outcome {
                Outcome::More => {
                    waiting.push(gathered);
                    continue;
                }
                Outcome::Done => gathered.is_complete = true,
                Outcome::Failed(error) if is_of_parents(&error, &gathered) => {
                    gathered.needs_parents = true;
                    report.passes.remove(&gathered.kind());
                }
                Outcome::Failed(error) => {
                    gathered.cost(report).is_whole = false;
                    self.failed(stream, error, report);
                }
                _ => gathered.cost(report).is_whole = false,
            }
            done.push(gathered);
        }
    }
}

fn is_of_parents(error: &SourceError, gathered: &Gathered) -> bool {
    needs_parents(error) && gathered.request.parents.is_empty()
}
