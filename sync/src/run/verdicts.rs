//! What becomes of rows that a complete list does not have.
//!
//! A row is deleted on proof, or when two complete lists lack it that are ten minutes apart: indexes
//! lag, and rows move while a list is read. The site does not tell a deleted row from a hidden one, so
//! neither does the reason.
//!
//! What belongs to a row that is missing, too, goes with it: it is deleted once that is, and not before. It
//! counts when the breaker decides, so that a page with many comments is as many rows as will be deleted.

use std::collections::{BTreeMap, BTreeSet};

use source::{MAX_PARENTS, Parent, Pass, Stream};

use super::drive::Work;
use super::{Engine, StreamReport, SyncError, due};
use crate::clock::Millis;
use crate::folders::is_of_folders;
use crate::owners;
use crate::reason::{PARENT, PURGED_OR_HIDDEN};
use crate::sink::{Judged, Missing, SinkError, Verdict};
use crate::spaces::SPACES;
use crate::stored::{Doubt, StoredRow, Which};

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
        let missing = self.missing(stream, mark, containers).await?;
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
        let missing = self.missing(stream, mark, containers).await?;
        let now = self.clock.now();
        let owners = self.owners(stream, &missing).await?;
        // Nobody approves the deletion of folders and that of their space.
        let spaces = if is_of_folders(stream) {
            let spaces: BTreeSet<&String> = missing
                .iter()
                .filter_map(|it| it.container.as_ref())
                .collect();
            self.fates(SPACES, spaces.into_iter()).await?
        } else {
            BTreeMap::new()
        };
        let (mut verdicts, mut own) = (Vec::new(), Vec::new());
        for missing in missing {
            let owner = missing.parent.as_ref().and_then(|key| owners.get(key));
            let space = missing.container.as_ref().and_then(|key| spaces.get(key));
            match owner.or(space) {
                Some(Owner::Deleted) => verdicts.push((missing.key, Verdict::Deleted(PARENT))),
                Some(Owner::Missing) => {
                    report.waiting += 1;
                    verdicts.push((missing.key, Verdict::Suspected));
                }
                None => own.push(missing),
            }
        }
        // Whoever had the stream read anew wants no row that is not in the new reading.
        let is_reset = self.is_reset(&stream.name);
        let is_candidate =
            |missing: &Missing| is_reset || missing.since.is_some_and(|since| now - since >= APART);
        let (candidates, suspects): (Vec<_>, Vec<_>) = own.into_iter().partition(is_candidate);
        report.suspected += suspects.len() as u64;
        let held = self.held(stream, &candidates).await?;
        // What is held stays held for as long as it is known to be missing.
        let newly: Vec<_> = candidates
            .iter()
            .filter(|missing| missing.since.is_none())
            .map(|missing| (missing.key.clone(), Verdict::Suspected))
            .collect();
        let suspects = suspects.into_iter();
        verdicts.extend(suspects.map(|missing| (missing.key, Verdict::Suspected)));
        verdicts.extend(newly);
        verdicts.extend(candidates.into_iter().map(|missing| {
            let verdict = if held.contains(&missing.key) {
                Verdict::Held
            } else {
                Verdict::Deleted(PURGED_OR_HIDDEN)
            };
            (missing.key, verdict)
        }));
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

    async fn missing(
        &mut self,
        stream: &Stream,
        mark: i64,
        containers: Option<&[String]>,
    ) -> Result<Vec<Missing>, SinkError> {
        let lists_replies = !due::has_replies(stream);
        let missing = self
            .sink
            .missing(&stream.name, mark, containers, lists_replies);
        missing.await
    }

    /// What has become of what missing rows belong to, by its key, where that decides.
    async fn owners(
        &mut self,
        stream: &Stream,
        missing: &[Missing],
    ) -> Result<BTreeMap<String, Owner>, SinkError> {
        let keys: BTreeSet<&String> = missing.iter().filter_map(|it| it.parent.as_ref()).collect();
        let mut owners = BTreeMap::new();
        // Rows that belong to rows of the same stream are not among those that are missing.
        for name in owners::of(stream)
            .into_iter()
            .filter(|name| *name != stream.name)
        {
            owners.extend(self.fates(name, keys.iter().copied()).await?);
        }
        Ok(owners)
    }

    /// Which rows of a stream are deleted or missing, of these.
    async fn fates(
        &mut self,
        stream: &str,
        keys: impl Iterator<Item = &String>,
    ) -> Result<BTreeMap<String, Owner>, SinkError> {
        let keys: Vec<String> = keys.cloned().collect();
        if keys.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = self.sink.rows(stream, &[], Which::Keyed(&keys)).await?;
        let fates = rows.into_iter().filter_map(|row| {
            let fate = match (&row.deleted, row.doubt) {
                (Some(_), _) => Owner::Deleted,
                (None, Some(Doubt::Missing | Doubt::Held)) => Owner::Missing,
                _ => return None,
            };
            Some((row.key, fate))
        });
        Ok(fates.collect())
    }

    /// Deletes the rows of a stream that are in deleted spaces.
    pub(super) async fn delete_with_spaces(&mut self, stream: &Stream) -> Result<(), SinkError> {
        let live = self.sink.live(&stream.name).await?;
        let spaces = live.iter().filter_map(|(space, _)| space.as_ref());
        let mut spaces = self.fates(SPACES, spaces).await?;
        spaces.retain(|_, fate| *fate == Owner::Deleted);
        if spaces.is_empty() {
            return Ok(());
        }
        let is_gone = |row: &StoredRow| {
            let space = row.container.as_ref();
            space.is_some_and(|space| spaces.contains_key(space))
        };
        let rows = self.all_rows(&stream.name, &[]).await?;
        let gone = rows.into_iter().filter(is_gone);
        let verdicts: Vec<_> = gone
            .map(|row| (row.key, Verdict::Deleted(PARENT)))
            .collect();
        let children = self.children_of(stream);
        self.sink
            .judge(&Judged {
                run: self.run,
                at: self.clock.now(),
                stream: &stream.name,
                verdicts: &verdicts,
                children: &children,
            })
            .await
    }

    /// The keys whose deletion waits for approval: all of a stream, or those of a space.
    async fn held(
        &mut self,
        stream: &Stream,
        candidates: &[Missing],
    ) -> Result<BTreeSet<String>, SyncError> {
        let keys = |rows: &mut dyn Iterator<Item = &Missing>| -> Vec<String> {
            rows.map(|missing| missing.key.clone()).collect()
        };
        let all = keys(&mut candidates.iter());
        if all.is_empty() {
            return Ok(BTreeSet::new());
        }
        let breaker = self.request.breaker;
        let below = self.below(stream, &all).await?;
        let replies = below.get(&stream.name).copied().unwrap_or_default();
        let live = self.sink.live(&stream.name).await?;
        if breaker.holds(all.len() as u64 + replies, rows_of(&live)) {
            return Ok(all.into_iter().collect());
        }
        for (name, rows) in below {
            let live = self.sink.live(&name).await?;
            if breaker.holds_some(rows, rows_of(&live)) {
                return Ok(all.into_iter().collect());
            }
        }
        let mut by_space: BTreeMap<&str, Vec<&Missing>> = BTreeMap::new();
        for missing in candidates {
            // A space is in itself.
            let is_space = stream.name == SPACES;
            let space = missing
                .container
                .as_ref()
                .or(is_space.then_some(&missing.key));
            let space = space.map_or("", String::as_str);
            by_space.entry(space).or_default().push(missing);
        }
        let lost = self.lost_spaces(by_space.keys().copied()).await?;
        let mut held = BTreeSet::new();
        for (space, missing) in by_space {
            let in_space = |(container, rows): &(Option<String>, u64)| {
                (container.as_deref().unwrap_or_default() == space).then_some(*rows)
            };
            let live = live.iter().find_map(in_space).unwrap_or_default();
            let is_lost = lost
                .get(space)
                .is_some_and(|rows| *rows >= breaker.min_rows);
            if is_lost || breaker.holds_some(missing.len() as u64, live) {
                held.extend(keys(&mut missing.into_iter()));
            }
        }
        Ok(held)
    }

    /// How many rows are deleted with rows of a stream, by stream: of those that are listed.
    async fn below(
        &mut self,
        stream: &Stream,
        keys: &[String],
    ) -> Result<BTreeMap<String, u64>, SinkError> {
        let children = self.children_of(stream);
        let is_listed = |name: &&String| {
            let found = Stream::find(self.streams, name);
            found.is_ok_and(due::is_listed)
        };
        let mut below: BTreeMap<String, u64> = BTreeMap::new();
        let mut waiting = vec![(stream.name.clone(), keys.to_vec())];
        while let Some((parent, keys)) = waiting.pop() {
            for child in children.of(&parent).iter().filter(is_listed) {
                let found = self.sink.belonging(child, &keys).await?;
                if !found.is_empty() {
                    *below.entry(child.clone()).or_default() += found.len() as u64;
                    waiting.push((child.clone(), found));
                }
            }
        }
        Ok(below)
    }

    /// The spaces among these that are missing, and how many rows of lists each has.
    async fn lost_spaces(
        &mut self,
        spaces: impl Iterator<Item = &str>,
    ) -> Result<BTreeMap<String, u64>, SinkError> {
        let spaces: Vec<String> = spaces
            .filter(|it| !it.is_empty())
            .map(str::to_owned)
            .collect();
        let rows = self.sink.rows(SPACES, &[], Which::Keyed(&spaces)).await?;
        let is_missing = |doubt: Option<Doubt>| matches!(doubt, Some(Doubt::Missing | Doubt::Held));
        let lost = rows.into_iter().filter(|row| is_missing(row.doubt));
        let mut lost: BTreeMap<String, u64> = lost.map(|row| (row.key, 0)).collect();
        if lost.is_empty() {
            return Ok(lost);
        }
        for stream in self.streams.iter().filter(|stream| due::is_listed(stream)) {
            for (space, rows) in self.sink.live(&stream.name).await? {
                if let Some(all) = space.and_then(|space| lost.get_mut(&space)) {
                    *all += rows;
                }
            }
        }
        Ok(lost)
    }
}

/// What has become of what a missing row belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// It is deleted.
    Deleted,
    /// It is missing, too.
    Missing,
}

/// All rows of these spaces.
fn rows_of(live: &[(Option<String>, u64)]) -> u64 {
    live.iter().map(|(_, live)| live).sum()
}

fn key(stream: &Stream, missing: &Missing) -> Parent {
    Parent {
        stream: stream.name.clone(),
        key: missing.key.clone(),
        version: None,
        container: missing.container.clone(),
    }
}
