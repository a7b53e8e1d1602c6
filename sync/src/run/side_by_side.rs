//! The streams of a run, several at once: each begins once the streams that its rows belong to are read.

use std::sync::{Mutex, PoisonError};

use futures_util::StreamExt as _;
use futures_util::lock::Mutex as Lock;
use futures_util::stream::FuturesUnordered;
use source::{Observed, Stream};

use super::permits::Limited;
use super::shared_sink::SharedSink;
use super::{Engine, StreamReport, SyncError, SyncEvent, is_fatal};

impl Engine<'_> {
    /// Reads what is due of the streams, and returns what became of each, in their order.
    ///
    /// A run with a budget reads one stream after the other, so that it ends with one stream that is not
    /// complete, and not with all of them.
    pub(super) async fn read_all(
        &mut self,
        chosen: Vec<&Stream>,
    ) -> Result<Vec<StreamReport>, SyncError> {
        if self.request.at_once > 1 && !self.request.budget.is_limited() {
            return self.side_by_side(&chosen).await;
        }
        let mut reports = Vec::with_capacity(chosen.len());
        for stream in chosen {
            let mut report = StreamReport::of(stream);
            if self.stopped_by.is_some() {
                report.is_stopped = true;
            } else {
                self.stream(stream, &mut report).await?;
            }
            let is_fatal = report.failures.iter().any(|error| is_fatal(&error.kind));
            reports.push(report);
            if is_fatal {
                break;
            }
        }
        Ok(reports)
    }

    async fn side_by_side(&mut self, chosen: &[&Stream]) -> Result<Vec<StreamReport>, SyncError> {
        let limited = Limited::new(self.source, self.request.at_once);
        let sink = Lock::new(&mut *self.sink);
        let tell = Mutex::new(&mut *self.tell);
        let mut reports: Vec<Option<StreamReport>> = chosen.iter().map(|_| None).collect();
        let mut waiting: Vec<usize> = (0..chosen.len()).collect();
        let mut running = FuturesUnordered::new();
        let mut observed = Observed::default();
        loop {
            let is_read = |name: &str, before: usize| {
                let mut earlier = chosen.iter().zip(&reports).take(before);
                earlier.all(|(stream, report)| stream.name != name || report.is_some())
            };
            let mut next = waiting.iter().position(|&place| {
                let stream = chosen.get(place);
                stream.is_some_and(|stream| {
                    stream.parents.iter().all(|parent| is_read(parent, place))
                })
            });
            if running.len() >= self.request.at_once || limited.fatal().is_some() {
                next = None;
            }
            if let Some(at) = next {
                let place = waiting.remove(at);
                let Some(stream) = chosen.get(place).copied() else {
                    continue;
                };
                let (limited, sink, tell) = (&limited, &sink, &tell);
                let clock = self.clock.clone();
                let resets = self.resets.clone();
                let spaces = self.spaces.clone();
                let (request, streams) = (self.request, self.streams);
                let (run, began, is_rewrite) = (self.run, self.began, self.is_rewrite);
                let began_by_host = self.began_by_host;
                running.push(async move {
                    let mut sink = SharedSink(sink);
                    let mut tell = |event: SyncEvent<'_>| {
                        (tell.lock().unwrap_or_else(PoisonError::into_inner))(event);
                    };
                    let mut engine = Engine {
                        source: limited,
                        sink: &mut sink,
                        request,
                        streams,
                        clock,
                        tell: &mut tell,
                        run,
                        began,
                        is_rewrite,
                        resets,
                        observed: Observed::default(),
                        spaces,
                        began_by_host,
                        stopped_by: None,
                        unread: Vec::new(),
                    };
                    let mut report = StreamReport::of(stream);
                    let read = engine.stream(stream, &mut report).await;
                    let (clock, observed, resets) = (engine.clock, engine.observed, engine.resets);
                    read.map(|()| (place, report, clock, observed, resets))
                });
                continue;
            }
            let Some(read) = running.next().await else {
                break;
            };
            let (place, report, clock, seen, resets) = read?;
            observed.add(seen);
            self.clock = clock;
            self.resets.retain(|reset| resets.contains(reset));
            if let Some(slot) = reports.get_mut(place) {
                *slot = Some(report);
            }
        }
        drop(running);
        self.observed.add(observed);
        let mut reports: Vec<StreamReport> = reports.into_iter().flatten().collect();
        end_with(limited.fatal().as_ref(), &mut reports);
        Ok(reports)
    }
}

/// Of several streams that end with the failure of one, that one has failed, and the others are stopped.
fn end_with(fatal: Option<&source::SourceError>, reports: &mut [StreamReport]) {
    let Some(fatal) = fatal else { return };
    let mut is_first = true;
    for report in reports {
        if !report.failures.contains(fatal) {
            continue;
        }
        report.failures.retain(|error| error != fatal);
        if is_first {
            report.failures.push(fatal.clone());
        } else {
            report.is_stopped = true;
        }
        is_first = false;
    }
}
