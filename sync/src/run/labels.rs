//! The labels of content, as far as filters look at them. They are read before it is decided which
//! content is in scope, so the labels of what is not are read here, and written nowhere.

use std::collections::{BTreeMap, HashMap, HashSet};

use source::{MAX_PARENTS, Parent, Pass, StepRequest, Stream, SystemColumn};

use super::content::{self, LABEL};
use super::gather::Gathered;
use super::scope::Content;
use super::{Engine, StreamReport, SyncError};
use crate::filter::KnownLabels;
use crate::sink::PassId;

/// The partition of what filters read for themselves.
pub(super) const FILTER: &str = "filter";

impl Engine<'_> {
    /// Reads the labels of content that filters admit but for its labels, where they are not known or
    /// may have changed. Returns what is known now and was not.
    pub(super) async fn read_labels(
        &mut self,
        stream: &Stream,
        all: &mut [Content],
        candidates: &[bool],
        report: &mut StreamReport,
    ) -> Result<Vec<(String, String)>, SyncError> {
        let Some(labels) = content::labels_of(self.streams, &stream.name) else {
            return Ok(Vec::new());
        };
        let id = PassId {
            stream: labels.name.clone(),
            pass: Pass::LookUp,
            partition: FILTER.to_owned(),
        };
        let state = self.sink.pass_state(&id).await?;
        let now = self.clock.now();
        let cadences = self.request.cadences.clone();
        let is_due = self.due().is_full
            || self.scope.has_changed
            || state
                .completed
                .is_none_or(|at| now - at >= cadences.details);
        let is_wide = self.spaces.is_empty() || !self.request.filters.spaces.has_only();
        let mut shown: Option<HashMap<String, Vec<String>>> = None;
        let is_full = self.due().is_full;
        let mut is_complete = true;
        if is_due && is_wide {
            let request = self.label_request(labels);
            for gathered in self.gather(labels, vec![request], report).await {
                if gathered.is_complete {
                    shown = Some(complete_sets(&gathered));
                } else if !gathered.needs_parents {
                    is_complete = false;
                }
            }
        }
        let mut changed: BTreeMap<String, KnownLabels> = BTreeMap::new();
        let mut due: Vec<Parent> = Vec::new();
        let mut omitted: HashSet<String> = HashSet::new();
        for (content, _) in all.iter().zip(candidates).filter(|(_, is_it)| **is_it) {
            let known = &content.known;
            let names = shown.as_mut().and_then(|shown| shown.remove(&known.key));
            if let Some(names) = names {
                let labels = KnownLabels {
                    names,
                    version: known.version,
                    read_at: now,
                    is_omitted: false,
                };
                changed.insert(known.key.clone(), labels);
                continue;
            }
            let is_current = content.labels.as_ref().is_some_and(|labels| {
                let is_old = match &shown {
                    // An index that omits content is no proof that it has no labels.
                    Some(_) => {
                        is_full || !labels.names.is_empty() || now - labels.read_at >= cadences.full
                    }
                    None => is_due && is_complete,
                };
                labels.version == known.version && !is_old
            });
            if content.labels.as_ref().is_some_and(|it| it.is_omitted) {
                omitted.insert(known.key.clone());
            }
            if !is_current {
                due.push(Parent {
                    stream: stream.name.clone(),
                    key: known.key.clone(),
                    version: known.version.and_then(|it| u64::try_from(it).ok()),
                    container: known.container.clone(),
                });
            }
        }
        let requests = due
            .chunks(MAX_PARENTS)
            .map(|parents| StepRequest {
                parents: parents.to_vec(),
                ..self.label_request(labels)
            })
            .collect();
        for gathered in self.gather(labels, requests, report).await {
            if !gathered.is_complete {
                is_complete = false;
                continue;
            }
            let mut found = names(&gathered);
            for parent in &gathered.request.parents {
                let is_missing = gathered.missing.contains(&parent.key);
                if is_missing {
                    continue;
                }
                let labels = KnownLabels {
                    names: found.remove(&parent.key).unwrap_or_default(),
                    version: parent.version.and_then(|it| i64::try_from(it).ok()),
                    read_at: now,
                    is_omitted: shown.is_some() || omitted.contains(&parent.key),
                };
                changed.insert(parent.key.clone(), labels);
            }
        }
        if is_due && is_complete {
            self.completed(&id, self.clock.now()).await?;
        }
        for content in all {
            if let Some(labels) = changed.get(&content.known.key) {
                content.labels = Some(labels.clone());
            }
        }
        let written = changed.into_iter();
        Ok(written.map(|(key, labels)| (key, labels.write())).collect())
    }

    fn label_request(&self, labels: &Stream) -> StepRequest {
        StepRequest {
            settings: self.request.settings.clone(),
            ..StepRequest::new(&labels.name, Pass::Details)
        }
    }
}

/// The names of labels, by what has them, of content whose labels a list showed completely.
fn complete_sets(gathered: &Gathered) -> HashMap<String, Vec<String>> {
    let mut found = names(gathered);
    if gathered.shown.is_empty() {
        // The source does not say which sets are complete.
        return found;
    }
    let shown = gathered.shown.iter();
    shown
        .map(|key| (key.clone(), found.remove(key).unwrap_or_default()))
        .collect()
}

/// The names of labels, by what has them.
fn names(gathered: &Gathered) -> HashMap<String, Vec<String>> {
    let mut names: HashMap<String, Vec<String>> = HashMap::new();
    for batch in &gathered.batches {
        for row in 0..batch.rows() {
            let parent = batch.system(SystemColumn::Parent, row);
            if let (Some(parent), Some(name)) = (parent, batch.text(LABEL, row)) {
                let of_parent = names.entry(parent.to_owned()).or_default();
                of_parent.push(name.to_owned());
            }
        }
    }
    names
}
