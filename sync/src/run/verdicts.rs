//! What becomes of rows that a complete list does not have.
//!
//! A row is deleted on proof, or when two complete lists lack it that are ten minutes apart: indexes
//! lag, and rows move while a list is read. The site does not tell a deleted row from a hidden one, so
//! neither does the reason.

use std::collections::{BTreeMap, BTreeSet};

use source::{MAX_PARENTS, Parent, Pass, Stream};

use super::drive::Work;
use super::{Engine, StreamReport, SyncError};
use crate::clock::Millis;
use crate::reason::PURGED_OR_HIDDEN;
use crate::sink::{Judged, Missing, Verdict};

/// How far two lists that lack a row have to be apart.
const APART: Millis = 10 * 60 * 1_000;

impl Engine<'_> {
    /// Judges the rows that a complete list of these partitions with this mark did not have.
    pub(super) async fn judge(
        &mut self,
        stream: &Stream,
        mark: i64,
        partitions: &[String],
        report: &mut StreamReport,
    ) -> Result<(), SyncError> {
        let is_of_all = partitions.iter().any(String::is_empty);
        let containers = (!is_of_all).then_some(partitions);
        let missing = self.sink.missing(&stream.name, mark, containers).await?;
        if stream.has(Pass::LookUp) {
            let before = report.failures.len();
            for part in missing.chunks(MAX_PARENTS) {
                let keys = part.iter().map(|missing| key(stream, missing)).collect();
                let mut work = Work::look_up(&stream.name, keys);
                if self.scope.settles(stream) {
                    work = work.without_bodies();
                }
                // What is found gets the mark, and is missing no more; what is in the trash is
                // deleted with it.
                self.drive(stream, vec![work], Some(mark), report).await?;
            }
            if report.failures.len() > before || report.is_stopped {
                return Ok(());
            }
            if self.scope.settles(stream) {
                self.refresh(stream, report).await?;
            }
        }
        let missing = self.sink.missing(&stream.name, mark, containers).await?;
        let now = self.clock.now();
        // Whoever had the stream read anew wants no row that is not in the new reading.
        let is_reset = self.is_reset(&stream.name);
        let is_candidate =
            |missing: &Missing| is_reset || missing.since.is_some_and(|since| now - since >= APART);
        let (candidates, suspects): (Vec<_>, Vec<_>) = missing.into_iter().partition(is_candidate);
        report.suspected += suspects.len() as u64;
        let held = self.held(stream, &candidates).await?;
        // What is held stays held for as long as it is known to be missing.
        let newly: Vec<_> = candidates
            .iter()
            .filter(|missing| missing.since.is_none())
            .map(|missing| (missing.key.clone(), Verdict::Suspected))
            .collect();
        let verdicts: Vec<(String, Verdict)> = suspects
            .into_iter()
            .map(|missing| (missing.key, Verdict::Suspected))
            .chain(newly)
            .chain(candidates.into_iter().map(|missing| {
                let verdict = if held.contains(&missing.key) {
                    Verdict::Held
                } else {
                    Verdict::Deleted(PURGED_OR_HIDDEN)
                };
                (missing.key, verdict)
            }))
            .collect();
        let children = self.children_of(stream);
        self.sink
            .judge(&Judged {
                run: self.run,
                at: now,
                stream: &stream.name,
                verdicts: &verdicts,
                children: &children,
            })
            .await?;
        // Without those that were approved, which are deleted now.
        let holds = self.sink.holds().await?;
        let waits = holds.iter().filter(|hold| hold.stream == stream.name);
        report.held += waits.count() as u64;
        // A stream of which something could not be read was not read anew.
        if report.failures.is_empty() && !report.is_stopped && report.missed == 0 {
            self.settle(stream).await?;
        }
        Ok(())
    }

    /// The keys whose deletion waits for approval: all of a stream, or those of a space.
    async fn held(
        &mut self,
        stream: &Stream,
        candidates: &[Missing],
    ) -> Result<BTreeSet<String>, SyncError> {
        let live = self.sink.live(&stream.name).await?;
        let breaker = self.request.breaker;
        let all: u64 = live.iter().map(|(_, live)| live).sum();
        if breaker.holds(candidates.len() as u64, all) {
            return Ok(candidates
                .iter()
                .map(|missing| missing.key.clone())
                .collect());
        }
        let mut by_space: BTreeMap<Option<&str>, Vec<&Missing>> = BTreeMap::new();
        for missing in candidates {
            by_space
                .entry(missing.container.as_deref())
                .or_default()
                .push(missing);
        }
        let mut held = BTreeSet::new();
        for (space, missing) in by_space {
            let live = live
                .iter()
                .find(|(container, _)| container.as_deref() == space)
                .map_or(0, |(_, live)| *live);
            // A small space may lose all of its rows without anybody being surprised.
            let is_many = missing.len() as u64 >= breaker.min_rows;
            if is_many && breaker.holds(missing.len() as u64, live) {
                held.extend(missing.iter().map(|missing| missing.key.clone()));
            }
        }
        Ok(held)
    }
}

fn key(stream: &Stream, missing: &Missing) -> Parent {
    Parent {
        stream: stream.name.clone(),
        key: missing.key.clone(),
        version: None,
        container: missing.container.clone(),
    }
}
