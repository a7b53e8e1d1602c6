//! The streams of a run, several at once: each begins once the streams that its rows belong to are read.

use std::sync::{Mutex, PoisonError};

use futures_util::StreamExt as _;
use futures_util::lock::Mutex as Lock;
use futures_util::stream::FuturesUnordered;
use source::{Observed, Pass, Stream};

use super::permits::{ENDED, Limited};
use super::shared_sink::SharedSink;
use super::splitting::Splitting;
use super::{Engine, StreamReport, SyncError, SyncEvent, content, due, is_fatal};
use crate::clock::Heard;
use crate::sink::Sink;

/// A stream that was read.
struct Read {
    /// Its place among the chosen ones.
    place: usize,
    report: StreamReport,
    /// What its answers told of the site's time.
    heard: Heard,
    observed: Observed,
    resets: Vec<String>,
}

impl Engine<'_> {
    /// Reads what is due of the streams, and returns what became of each, in their order.
    ///
    /// A run with a budget reads one stream after the other, so that it ends with one stream that is not
    /// complete, and not with all of them.
    pub(super) async fn read_all(
        &mut self,
        chosen: &[&Stream],
    ) -> Result<Vec<StreamReport>, SyncError> {
        if self.request.at_once > 1 && !self.request.budget.is_limited() {
            return self.side_by_side(chosen).await;
        }
        let mut reports = Vec::with_capacity(chosen.len());
        for &stream in chosen {
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
        let own: &mut dyn Sink = &mut *self.sink;
        let sink = Lock::new(own);
        let own: &mut (dyn FnMut(SyncEvent<'_>) + Send) = &mut *self.tell;
        let tell = Mutex::new(own);
        let mut reports: Vec<Option<StreamReport>> = chosen.iter().map(|_| None).collect();
        let mut waiting: Vec<usize> = (0..chosen.len()).collect();
        let mut running = FuturesUnordered::new();
        let (mut clock, mut resets) = (self.clock.clone(), self.resets.clone());
        let mut observed = Observed::default();
        loop {
            let is_read = |name: &str, before: usize| {
                let mut earlier = chosen.iter().zip(&reports).take(before);
                earlier.all(|(stream, report)| stream.name != name || report.is_some())
            };
            // One survey serves all streams of comments: the first one makes it.
            let is_first_of_survey = |before: usize| {
                let mut earlier = chosen.iter().zip(&reports).take(before);
                earlier.all(|(stream, report)| !shares_survey(stream) || report.is_some())
            };
            // What is in scope is decided before what follows it is read.
            let orders = self.scope.orders();
            let is_decided = |stream: &Stream| {
                let rank = content::rank(&stream.name);
                let mut all = chosen.iter().zip(&reports);
                !orders
                    || all.all(|(one, report)| content::rank(&one.name) >= rank || report.is_some())
            };
            let may_begin = |place: usize, knows_time: bool| {
                let stream = chosen.get(place);
                stream.is_some_and(|stream| {
                    let has_parents = stream.parents.iter().all(|parent| is_read(parent, place));
                    has_parents
                        && is_decided(stream)
                        && (!shares_survey(stream) || is_first_of_survey(place))
                        && (knows_time || !due::goes_by_age(stream, self.request))
                })
            };
            let first = |knows_time: bool| {
                let mut waiting = waiting.iter();
                waiting.position(|&place| may_begin(place, knows_time))
            };
            // What is due goes by the time of the site, which the response to another stream tells; if
            // there is none, by that of the host.
            let knows_time = clock.heard().is_known();
            let mut next = first(knows_time);
            if next.is_none() && running.is_empty() {
                next = first(true);
            }
            if running.len() >= self.request.at_once || limited.has_ended() {
                next = None;
            }
            if let Some(at) = next {
                let place = waiting.remove(at);
                let Some(stream) = chosen.get(place).copied() else {
                    continue;
                };
                let (limited, sink, tell) = (&limited, &sink, &tell);
                let (clock, resets) = (clock.clone(), resets.clone());
                let (spaces, scope) = (self.spaces.clone(), self.scope.clone());
                let splits: Vec<Splitting<'_>> = self.splits.iter().map(Splitting::anew).collect();
                let (request, streams) = (self.request, self.streams);
                let (run, is_rewrite) = (self.run, self.is_rewrite);
                let rewritten = self.rewritten.clone();
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
                        is_rewrite,
                        resets,
                        rewritten,
                        observed: Observed::default(),
                        spaces,
                        scope,
                        began_by_host,
                        stopped_by: None,
                        unread: Vec::new(),
                        splits,
                    };
                    let mut report = StreamReport::of(stream);
                    let read = engine.stream(stream, &mut report).await;
                    read.map(|()| Read {
                        place,
                        report,
                        heard: engine.clock.heard(),
                        observed: engine.observed,
                        resets: engine.resets,
                    })
                });
                continue;
            }
            let Some(read) = running.next().await else {
                break;
            };
            let read = read?;
            observed.add(read.observed);
            clock.learn(read.heard);
            resets.retain(|reset| read.resets.contains(reset));
            if let Some(slot) = reports.get_mut(read.place) {
                *slot = Some(read.report);
            }
        }
        drop(running);
        self.clock = clock;
        self.resets = resets;
        self.observed.add(observed);
        let mut reports: Vec<StreamReport> = reports.into_iter().flatten().collect();
        stop_others(&mut reports);
        Ok(reports)
    }
}

/// Whether a survey of the stream may have rows of others: it finds replies.
fn shares_survey(stream: &Stream) -> bool {
    stream.has(Pass::Survey) && due::has_replies(stream)
}

/// Streams that only the failure of another one ended are stopped, and have not failed.
fn stop_others(reports: &mut [StreamReport]) {
    for report in reports {
        let failures = report.failures.len();
        report.failures.retain(|error| &*error.code != ENDED);
        report.is_stopped |= report.failures.len() < failures;
    }
}
