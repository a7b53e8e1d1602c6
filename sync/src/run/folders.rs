//! The folders that pages and other folders are in, which are read by their ids.

use std::collections::BTreeSet;

use source::{MAX_PARENTS, Parent, Pass, Stream};

use super::content::PAGES;
use super::derived::report_of;
use super::drive::Work;
use super::due::FULL;
use super::{Engine, StreamReport, SyncError};
use crate::folders::{FOLDER, PLACE, is_of_folders};
use crate::sink::{PassId, PassState};

/// The pass that reads all of them again.
pub(super) fn pass_of(stream: &Stream) -> PassId {
    PassId {
        stream: stream.name.clone(),
        pass: Pass::Details,
        partition: String::new(),
    }
}

impl Engine<'_> {
    /// Reads the folders that the copy lacks, and if that is due, all of them. Those that are gone are judged
    /// like rows that a list lacks.
    pub(super) async fn keep_folders(
        &mut self,
        stream: &Stream,
        reports: &mut Vec<StreamReport>,
    ) -> Result<(), SyncError> {
        if !is_of_folders(stream) {
            return Ok(());
        }
        let id = pass_of(stream);
        let state = self.sink.pass_state(&id).await?;
        let (Some(is_due), Some(report)) = (self.due().folders(&state), report_of(stream, reports))
        else {
            return Ok(());
        };
        let is_due = is_due || self.is_reset(&stream.name);
        self.delete_with_spaces(stream).await?;
        let full = self.due().is_full.then(|| FULL.to_owned());
        // What a run read that does not read everything is not new enough for one that does.
        let goes_on = state.is_open && (full.is_none() || state.state == full);
        let mark = if goes_on { state.mark } else { self.run };
        let seen_since = is_due.then_some(mark);
        if self.look_up_folders(stream, seen_since, report).await? {
            if is_due {
                // The others that the copy has are looked up as well: nothing may be in them now.
                self.judge(stream, mark, &[String::new()], report).await?;
            }
            if !report.is_stopped && report.failures.is_empty() {
                if is_due || state.completed.is_none() {
                    self.completed(&id, self.clock.now()).await?;
                }
                return Ok(());
            }
        }
        if is_due {
            let open = PassState {
                state: full,
                mark,
                is_open: true,
                completed: state.completed,
            };
            self.set_pass(&id, open).await?;
        }
        Ok(())
    }

    /// Looks up the folders that something is in and that no run since this one has seen; without it, those
    /// that the copy lacks. Returns whether all were read.
    async fn look_up_folders(
        &mut self,
        stream: &Stream,
        seen_since: Option<i64>,
        report: &mut StreamReport,
    ) -> Result<bool, SyncError> {
        let pages = self.all_rows(PAGES, &PLACE).await?;
        let mut asked: BTreeSet<String> = BTreeSet::new();
        loop {
            let known = self.all_rows(&stream.name, &PLACE).await?;
            let current: BTreeSet<&str> = known
                .iter()
                .filter(|row| seen_since.is_none_or(|run| row.seen >= Some(run)))
                .map(|row| row.key.as_str())
                .collect();
            let named: BTreeSet<&str> = pages
                .iter()
                .chain(&known)
                .filter(|row| row.value(1) == Some(FOLDER))
                .filter_map(|row| row.value(0))
                .filter(|id| !current.contains(id) && !asked.contains(*id))
                .collect();
            if named.is_empty() {
                return Ok(true);
            }
            let wanted: Vec<Parent> = named
                .into_iter()
                .map(|id| Parent::of_key(&stream.name, id))
                .collect();
            asked.extend(wanted.iter().map(|parent| parent.key.clone()));
            let work = wanted
                .chunks(MAX_PARENTS)
                .map(|keys| Work::look_up(&stream.name, keys.to_vec()))
                .collect();
            self.drive(stream, work, Some(self.run), report).await?;
            if report.is_stopped || !report.failures.is_empty() {
                return Ok(false);
            }
        }
    }
}
