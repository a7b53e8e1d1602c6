//! Which content is in scope, decided at once from all that is known of it.

use std::collections::{BTreeSet, HashMap, HashSet};

use source::{MAX_PARENTS, Notice, Parent, Pass, StepRequest, Stream, SystemColumn};

use super::above::says_who_may_read_pages;
use super::content::{self, PAGES};
use super::drive::Work;
use super::due::reread_pass;
use super::scope::{Content, Decided};
use super::{Engine, StreamReport, SyncError, SyncEvent};
use crate::folders::{FOLDER, FOLDERS, PARENT_ID, folder_of};
use crate::sink::{Rescope, SinkError};

impl Engine<'_> {
    /// Learns which keys are in scope that rows of a stream can belong to.
    pub(super) async fn learn_scope(&mut self, stream: &Stream) -> Result<(), SinkError> {
        if !self.scope.is_active() {
            return Ok(());
        }
        let needed: Vec<String> = self
            .scope
            .needed(stream)
            .into_iter()
            .map(str::to_owned)
            .collect();
        for name in needed {
            let keys = self.sink.registered(&name).await?;
            let inside = keys.into_iter().filter(|known| known.is_inside);
            let inside: HashSet<String> = inside.map(|known| known.key).collect();
            self.scope.learn(&name, inside);
        }
        if says_who_may_read_pages(stream) {
            let above = self.above().await?.into_iter().map(|row| row.key);
            self.scope.learn_above(above.collect());
        }
        Ok(())
    }

    /// Decides which content of a stream is in scope, and records what enters and what leaves. What
    /// filters decide after a list is read then, if it was not before.
    pub(super) async fn settle_scope(
        &mut self,
        stream: &Stream,
        report: &mut StreamReport,
    ) -> Result<(), SyncError> {
        let before = report.failures.len();
        let known = self.sink.registered(&stream.name).await?;
        let mut all: Vec<Content> = known.into_iter().map(Content::of).collect();
        let folders = if stream.name == PAGES && !self.request.filters.pages.is_empty() {
            self.read_folders(&all, report).await?
        } else {
            HashMap::new()
        };
        let anchor = self.request.filters.anchor(self.clock.now());
        let mut labels = Vec::new();
        if !self.request.filters.labels.is_empty() {
            let candidates = self
                .scope
                .decide(&stream.name, &all, &folders, anchor, false);
            let read = self.read_labels(stream, &mut all, &candidates.content, report);
            labels = read.await?;
        }
        let decided = self
            .scope
            .decide(&stream.name, &all, &folders, anchor, true);
        self.tell_of(stream, &decided);
        // Where not all was read that decides, nothing leaves.
        let has_gaps = report.failures.len() > before || report.is_stopped;
        let (mut enters, mut leaves) = (Vec::new(), Vec::new());
        let mut inside = HashSet::new();
        for (content, is_inside) in all.into_iter().zip(decided.content) {
            let known = content.known;
            let is_inside = is_inside || has_gaps && known.is_inside;
            match (known.is_inside, is_inside) {
                (false, true) => enters.push(known.key.clone()),
                (true, false) => leaves.push(known.key.clone()),
                _ => {}
            }
            if is_inside {
                inside.insert(known.key);
            }
        }
        self.scope.learn(&stream.name, inside);
        if !enters.is_empty() || !leaves.is_empty() || !labels.is_empty() {
            let followers = self.followers(stream);
            let is_listed = |name: &&String| {
                let stream = Stream::find(self.streams, name);
                stream.is_ok_and(|stream| stream.has(Pass::Full))
            };
            let listed: Vec<String> = followers.iter().filter(is_listed).cloned().collect();
            let rescope = Rescope {
                run: self.run,
                at: self.clock.now(),
                stream: &stream.name,
                enters: &enters,
                leaves: &leaves,
                labels: &labels,
                followers: &followers,
                listed: &listed,
            };
            report.counts.left += self.sink.rescope(&rescope).await?;
        }
        self.reread(stream, report).await
    }

    /// Reads all rows in scope again, if that is due. Lists of content that is decided have no bodies.
    async fn reread(
        &mut self,
        stream: &Stream,
        report: &mut StreamReport,
    ) -> Result<(), SyncError> {
        if !self.scope.decides(stream) {
            return Ok(());
        }
        let id = reread_pass(stream);
        let completed = self.sink.pass_state(&id).await?.completed;
        let is_due = self.is_reset(&stream.name) || self.due().rereads(self.sink, stream).await?;
        let mut is_complete = true;
        if is_due {
            let known = self.sink.registered(&stream.name).await?;
            let inside: Vec<Parent> = known
                .into_iter()
                .filter(|known| known.is_inside)
                .map(|known| Parent {
                    stream: stream.name.clone(),
                    key: known.key,
                    version: known.version.and_then(|it| u64::try_from(it).ok()),
                    container: known.container,
                })
                .collect();
            let work = inside
                .chunks(MAX_PARENTS)
                .map(|keys| Work::look_up(&stream.name, keys.to_vec()))
                .collect();
            let driven = self.drive(stream, work, Some(self.run), report).await?;
            is_complete = driven.is_complete;
        }
        if is_complete && (is_due || completed.is_none()) {
            self.completed(&id, self.clock.now()).await?;
        }
        Ok(())
    }

    /// What the folders are in that pages are in.
    async fn read_folders(
        &mut self,
        all: &[Content],
        report: &mut StreamReport,
    ) -> Result<HashMap<String, Option<String>>, SyncError> {
        let mut folders = HashMap::new();
        let Ok(stream) = Stream::find(self.streams, FOLDERS) else {
            return Ok(folders);
        };
        let mut asked: BTreeSet<String> = BTreeSet::new();
        let facts = all.iter().filter_map(|content| content.facts.as_ref());
        let in_folders = facts.filter(|facts| facts.parent_type.as_deref() == Some(FOLDER));
        let mut next: BTreeSet<String> = in_folders
            .filter_map(|facts| facts.parent.clone())
            .collect();
        while !next.is_empty() {
            let keys: Vec<Parent> = next
                .iter()
                .map(|key| Parent::of_key(&stream.name, key))
                .collect();
            let requests = keys
                .chunks(MAX_PARENTS)
                .map(|keys| StepRequest {
                    parents: keys.to_vec(),
                    settings: self.request.settings.clone(),
                    ..StepRequest::new(&stream.name, Pass::LookUp)
                })
                .collect();
            asked.append(&mut next);
            for gathered in self.gather(stream, requests, report).await {
                for batch in &gathered.batches {
                    for row in 0..batch.rows() {
                        let Some(key) = batch.system(SystemColumn::Key, row) else {
                            continue;
                        };
                        if let Some(folder) = folder_of(batch, row)
                            && !asked.contains(folder)
                        {
                            next.insert(folder.to_owned());
                        }
                        let parent = batch.text(PARENT_ID, row).map(str::to_owned);
                        folders.insert(key.to_owned(), parent);
                    }
                }
            }
        }
        Ok(folders)
    }

    fn tell_of(&mut self, stream: &Stream, decided: &Decided) {
        let mut notices: Vec<Notice> = decided
            .unknown_pages
            .iter()
            .map(|page| {
                let message =
                    format!("the filter `pages` has `{page}`, which this account does not see");
                Notice::new("filter-unknown".to_owned(), message, Some(page.clone()))
            })
            .collect();
        if decided.lost > 0 && content::is_content(&stream.name) {
            let message = format!(
                "{} pages are below content that is not read, such as whiteboards: they are taken for \
                 neither below a page that is selected nor outside of one that is excluded",
                decided.lost
            );
            notices.push(Notice::new("tree-unknown".to_owned(), message, None));
        }
        for notice in &notices {
            (self.tell)(SyncEvent::Notice {
                stream: &stream.name,
                notice,
            });
        }
    }
}
