//! The folders that pages and other folders are in, which are read by their ids.

use std::collections::{BTreeMap, BTreeSet};

use source::{MAX_PARENTS, Parent, Pass, Stream};

use super::content::PAGES;
use super::derived::report_of;
use super::drive::Work;
use super::{Engine, StreamReport, SyncError};
use crate::folders::{FOLDER, PLACE, is_of_folders};
use crate::sink::PassId;

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
        let Some(is_due) = self.due().folders(self.sink, stream).await? else {
            return Ok(());
        };
        let Some(report) = report_of(stream, reports) else {
            return Ok(());
        };
        let before = report.failures.len();
        let pages = self.all_rows(PAGES, &PLACE).await?;
        let mut asked: BTreeSet<String> = BTreeSet::new();
        loop {
            let known = self.all_rows(&stream.name, &PLACE).await?;
            // What this run has looked up for something else is current.
            let is_current = |seen: Option<i64>| !is_due || seen == Some(self.run);
            let known_ids: BTreeMap<&str, bool> = known
                .iter()
                .map(|row| (row.key.as_str(), is_current(row.seen)))
                .collect();
            let places = pages.iter().chain(&known);
            let named: BTreeSet<&str> = places
                .filter(|row| row.value(1) == Some(FOLDER))
                .filter_map(|row| row.value(0))
                .filter(|id| known_ids.get(id) != Some(&true) && !asked.contains(*id))
                .collect();
            let wanted: Vec<Parent> = named
                .into_iter()
                .map(|id| Parent {
                    stream: stream.name.clone(),
                    key: id.to_owned(),
                    version: None,
                    container: None,
                })
                .collect();
            if wanted.is_empty() {
                break;
            }
            asked.extend(wanted.iter().map(|parent| parent.key.clone()));
            let work = wanted
                .chunks(MAX_PARENTS)
                .map(|keys| Work::look_up(&stream.name, keys.to_vec()))
                .collect();
            self.drive(stream, work, Some(self.run), report).await?;
            if report.is_stopped || report.failures.len() > before {
                return Ok(());
            }
        }
        if is_due {
            // The others that the copy has are looked up as well: nothing may be in them now.
            self.judge(stream, self.run, &[String::new()], report)
                .await?;
            if !report.is_stopped && report.failures.len() == before {
                self.completed(&pass_of(stream), self.clock.now()).await?;
            }
        }
        Ok(())
    }
}
