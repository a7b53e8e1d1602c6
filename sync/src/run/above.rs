//! Pages that filters exclude, and that pages in scope are below. Who may read those depends on the restrictions
//! of all that is above them, so these are read, and nothing else of what is excluded.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use source::{MAX_PARENTS, Parent, Pass, Stream};

use super::content::PAGES;
use super::drive::Work;
use super::labels::FILTER;
use super::{Engine, StreamReport, SyncError};
use crate::clock::Millis;
use crate::filter::Facts;
use crate::folders::{FOLDERS, PARENT_ID};
use crate::sink::{Commit, PassId, PassState, Registered, SinkError};
use crate::stored::{Doubt, StoredRow, Which};

/// A page that is out of scope, and that content in scope is below.
pub(super) struct Above {
    pub(super) key: String,
    container: Option<String>,
    version: Option<i64>,
    facts: Facts,
    seen: Option<i64>,
    seen_at: Option<Millis>,
    doubt: Option<Doubt>,
}

impl Above {
    /// As a row with these columns.
    pub(super) fn row(self, columns: &[&str]) -> StoredRow {
        let value = |column: &&str| match *column {
            "space_id" => self.container.clone(),
            "parent_id" => self.facts.parent.clone(),
            "parent_type" => self.facts.parent_type.clone(),
            _ => None,
        };
        StoredRow {
            values: columns.iter().map(value).collect(),
            key: self.key,
            container: self.container,
            version: self.version,
            seen: self.seen,
            seen_at: self.seen_at,
            doubt: self.doubt,
            ..StoredRow::default()
        }
    }

    fn parent(self) -> Parent {
        Parent {
            stream: PAGES.to_owned(),
            key: self.key,
            version: self.version.and_then(|it| u64::try_from(it).ok()),
            container: self.container,
        }
    }
}

/// Whether rows of a stream belong to pages, and say who may read those.
pub(super) fn says_who_may_read_pages(stream: &Stream) -> bool {
    stream.has(Pass::Access) && stream.parents.iter().any(|parent| parent == PAGES)
}

impl Engine<'_> {
    /// The pages that are out of scope, and that content in scope is below.
    pub(super) async fn above(&mut self) -> Result<Vec<Above>, SinkError> {
        if !self.scope.is_of_content() {
            return Ok(Vec::new());
        }
        let pages = self.sink.registered(PAGES).await?;
        let facts: HashMap<&str, Facts> = pages
            .iter()
            .filter_map(|page| Some((page.key.as_str(), Facts::read(page.facts.as_deref()?)?)))
            .collect();
        let mut parents: HashMap<&str, &str> = HashMap::new();
        for (key, facts) in &facts {
            if let Some(parent) = &facts.parent {
                parents.insert(key, parent);
            }
        }
        let folders = self.all_rows(FOLDERS, &[PARENT_ID]).await?;
        for folder in &folders {
            if let Some(parent) = folder.value(0) {
                parents.insert(&folder.key, parent);
            }
        }
        let outside: HashMap<&str, &Registered> = pages
            .iter()
            .filter(|page| !page.is_inside)
            .map(|page| (page.key.as_str(), page))
            .collect();
        let (mut found, mut passed) = (BTreeSet::new(), HashSet::new());
        for page in pages.iter().filter(|page| page.is_inside) {
            let mut at = page.key.as_str();
            while let Some(above) = parents.get(at)
                && passed.insert(*above)
            {
                if outside.contains_key(above) {
                    found.insert((*above).to_owned());
                }
                at = above;
            }
        }
        let found: Vec<String> = found.into_iter().collect();
        let rows = self.sink.rows(PAGES, &[], Which::Keyed(&found)).await?;
        let failures = self.sink.failures().await?;
        let has_failed = |key: &str| {
            let mut failures = failures.iter();
            failures.any(|row| row.stream == PAGES && row.key == key)
        };
        let listed = self.lists_of_pages().await?;
        let mut above = Vec::with_capacity(rows.len());
        for row in rows {
            let of_space = row.container.as_ref().and_then(|space| listed.get(space));
            let last = of_space.or_else(|| listed.get("")).copied();
            let known = facts.get(row.key.as_str());
            let doubt = if has_failed(&row.key) {
                Some(Doubt::Failed)
            // Without them nobody knows what is above it.
            } else if known.is_none() || row.seen < last {
                Some(Doubt::Missing)
            } else {
                None
            };
            above.push(Above {
                facts: known.cloned().unwrap_or_default(),
                key: row.key,
                container: row.container,
                version: row.version,
                seen: row.seen,
                seen_at: row.seen_at,
                doubt,
            });
        }
        Ok(above)
    }

    /// The marks of the last complete lists of pages, by partition.
    async fn lists_of_pages(&mut self) -> Result<BTreeMap<String, i64>, SinkError> {
        let mut partitions = self.spaces.clone();
        partitions.push(String::new());
        let mut lists = BTreeMap::new();
        for partition in partitions {
            for pass in [Pass::Census, Pass::Full] {
                let id = PassId {
                    stream: PAGES.to_owned(),
                    pass,
                    partition: partition.clone(),
                };
                let state = self.sink.pass_state(&id).await?;
                if state.completed.is_some() && !state.is_open {
                    let mark = lists.entry(partition.clone()).or_insert(state.mark);
                    *mark = state.mark.max(*mark);
                }
            }
        }
        Ok(lists)
    }

    /// Has a stream that says who may read forget what it knows of pages which are out of scope, and which nothing
    /// in scope is below any more: it is not kept current.
    pub(super) async fn forget_outside(&mut self, stream: &Stream) -> Result<(), SinkError> {
        if !says_who_may_read_pages(stream) || !self.scope.is_of_content() {
            return Ok(());
        }
        let pages = self.sink.registered(PAGES).await?;
        let outside = pages.into_iter().filter(|page| !page.is_inside);
        let outside: HashSet<String> = outside.map(|page| page.key).collect();
        let reads = self.reads_of(&stream.name).await?;
        let is_needless = |key: &&String| outside.contains(*key) && !self.scope.counts(stream, key);
        let needless: Vec<String> = reads.keys().filter(is_needless).cloned().collect();
        let (Some(column), false) = (stream.key.first(), needless.is_empty()) else {
            return Ok(());
        };
        let rows = self.all_rows(&stream.name, &[column.as_str()]).await?;
        let keys: HashSet<&str> = needless.iter().map(String::as_str).collect();
        let is_of = |row: &StoredRow| row.value(0).is_some_and(|parent| keys.contains(parent));
        let leaves = rows.into_iter().filter(is_of).map(|row| row.key);
        let leaves: Vec<String> = leaves.collect();
        self.leave_rows(&stream.name, &leaves, &[]).await?;
        let pass = PassId {
            stream: stream.name.clone(),
            pass: Pass::Access,
            partition: FILTER.to_owned(),
        };
        let at = self.clock.now();
        let state = PassState {
            mark: self.run,
            completed: Some(at),
            ..PassState::default()
        };
        self.sink
            .commit(&Commit {
                unread: &needless,
                ..Commit::of_state(self.run, at, &pass, state)
            })
            .await?;
        Ok(())
    }

    /// Reads the sets of pages that are out of scope and that content in scope is below, if they say who may read
    /// that: those that were never read, or that were read before a time. Returns whether all were read.
    pub(super) async fn sets_above(
        &mut self,
        stream: &Stream,
        pass: Pass,
        before: Millis,
        report: &mut StreamReport,
    ) -> Result<bool, SyncError> {
        if !says_who_may_read_pages(stream) {
            return Ok(true);
        }
        let above = self.above().await?;
        let reads = self.reads_of(&stream.name).await?;
        let is_due = |page: &Above| reads.get(&page.key).is_none_or(|at| *at < before);
        let due = above.into_iter().filter(is_due).map(Above::parent);
        let due: Vec<Parent> = due.collect();
        if due.is_empty() {
            return Ok(true);
        }
        let work = due
            .chunks(MAX_PARENTS)
            .map(|parents| Work::of_parents(&stream.name, pass, parents.to_vec()))
            .collect();
        let driven = self.drive(stream, work, Some(self.run), report).await?;
        Ok(self.read_one_by_one(stream, report).await? && driven.is_complete)
    }
}
