//! What is due of a stream. A run and a plan go by the same decisions.

use source::{Parent, Pass, Stream};

use super::SyncRequest;
use super::content;
use super::labels::FILTER;
use super::scope::DueScope;
use crate::clock::Millis;
use crate::history::RowFailure;
use crate::sink::{PassId, PassState, Sink, SinkError};
use crate::spaces::SPACES;

/// The passes over sets that belong to rows of parents, the first that a stream has before others. A
/// stream whose list leaves some out has two: its `details` read them one by one.
const SETS: [Pass; 3] = [Pass::Access, Pass::Versions, Pass::Details];

/// The pass that reads the sets of given parents.
pub(super) fn set_pass(stream: &Stream) -> Option<Pass> {
    SETS.into_iter().find(|pass| stream.has(*pass))
}

/// The partition of what is kept of a pass that reads sets one parent after another, until all are read.
pub(super) const PARENTS: &str = "parents";

/// What the state of a pass that has no cursor begins with if it reads everything.
pub(super) const FULL: &str = "full ";

/// The place of the pass that reads all rows in scope again by their keys.
pub(super) fn reread_pass(stream: &Stream) -> PassId {
    PassId {
        stream: stream.name.clone(),
        pass: Pass::Full,
        partition: FILTER.to_owned(),
    }
}

fn by_parents(id: &PassId) -> PassId {
    PassId {
        partition: PARENTS.to_owned(),
        ..id.clone()
    }
}

/// Decides what is due at an instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due<'a> {
    pub(super) request: &'a SyncRequest,
    pub(super) now: Millis,
    /// Whether everything is read, whatever is due.
    pub(super) is_full: bool,
    /// What filters say.
    pub(super) scope: DueScope,
}

/// Sets of rows of parents, and how far their pass has come.
#[derive(Debug, Clone)]
pub(super) struct DueSets {
    pub(super) id: PassId,
    pub(super) state: PassState,
    /// Whether all of them are due. Otherwise those of new and changed parents are.
    pub(super) is_due: bool,
    is_full: bool,
    now: Millis,
    /// When a run began to read them one parent after another that has not come to the end.
    began: Option<Millis>,
    /// From which age on sets that no list shows are read one by one.
    full: Millis,
}

/// A stream that cannot be read by space is not part of a copy of some spaces, except for the spaces
/// themselves, what belongs to content of theirs, and groups: who may read the content of any space depends
/// on all of them.
pub(super) fn cannot_be_limited(stream: &Stream, request: &SyncRequest) -> bool {
    request.filters.select_within_kinds()
        && is_listed(stream)
        && !stream.by_space
        && stream.name != SPACES
        && stream.name != content::GROUPS
        && !content::follows_content(stream)
}

/// Whether a stream is listed, and not read parent by parent.
pub(super) fn is_listed(stream: &Stream) -> bool {
    stream.has(Pass::Full) || stream.has(Pass::Changes)
}

/// Whether rows of a stream belong to other rows of it, which lists omit: replies to comments.
pub(super) fn has_replies(stream: &Stream) -> bool {
    is_listed(stream) && stream.has(Pass::Details) && stream.parents.contains(&stream.name)
}

/// Whether a survey can show what there is of a stream: it has the rows of all content, also of what
/// filters exclude.
pub(super) fn may_be_surveyed(stream: &Stream, request: &SyncRequest) -> bool {
    stream.has(Pass::Survey) && request.filters.spaces.is_empty()
}

/// Whether a survey takes fewer requests than reading so many sets one by one. `rows`: of the stream.
pub(super) const fn is_survey_cheaper(sets: u64, rows: u64) -> bool {
    const REQUEST_ROWS: u64 = 250;
    sets > 1 + rows / REQUEST_ROWS
}

/// Whether the time decides if anything of a stream is requested.
pub(super) fn goes_by_age(stream: &Stream, request: &SyncRequest) -> bool {
    if stream.has(Pass::Changes) {
        return false;
    }
    let cadences = &request.cadences;
    let cadence = if stream.has(Pass::Full) {
        Some(cadences.of_list(&stream.name))
    } else {
        set_pass(stream).map(|pass| cadences.of_sets(pass))
    };
    cadence.is_some_and(|cadence| cadence > 0)
}

impl Due<'_> {
    /// The pass over all rows that is due, if one is.
    pub(super) async fn list(
        &self,
        sink: &mut dyn Sink,
        stream: &Stream,
        partitions: &[String],
    ) -> Result<Option<Pass>, SinkError> {
        if !stream.has(Pass::Full) {
            return Ok(None);
        }
        let now = self.now;
        let mut oldest_full = Some(now);
        let mut oldest_any = Some(now);
        let mut is_open = false;
        for partition in partitions {
            let id = |pass| PassId {
                stream: stream.name.clone(),
                pass,
                partition: partition.clone(),
            };
            let full = sink.pass_state(&id(Pass::Full)).await?;
            let census = sink.pass_state(&id(Pass::Census)).await?;
            is_open |= full.is_open;
            oldest_full = oldest_full.zip(full.completed).map(|(a, b)| a.min(b));
            let any = full.completed.max(census.completed);
            oldest_any = oldest_any.zip(any).map(|(a, b)| a.min(b));
        }
        let cadences = &self.request.cadences;
        let has_bodies = self.request.projection(stream).body_format.is_some();
        let full_is_old = |at: Millis| has_bodies && now - at >= cadences.full;
        let census = if stream.has(Pass::Census) {
            Pass::Census
        } else {
            Pass::Full
        };
        let is_due = self.scope.has_changed
            || oldest_any.is_none_or(|at| now - at >= cadences.of_list(&stream.name));
        // Rows of which the list has more than is known are read by their ids.
        if self.scope.decides(stream) {
            let is_listed =
                |passes: &Vec<Pass>| passes.contains(&Pass::Full) || passes.contains(&Pass::Census);
            let passes = self.request.passes.as_ref();
            let is_wanted = passes.map_or(is_due || self.is_full, is_listed);
            return Ok(is_wanted.then_some(census));
        }
        if let Some(passes) = &self.request.passes {
            let is_first = oldest_full.is_none() || is_open;
            return Ok(if passes.contains(&Pass::Full) {
                Some(Pass::Full)
            } else if passes.contains(&Pass::Census) {
                Some(if is_first { Pass::Full } else { census })
            } else {
                None
            });
        }
        let Some(oldest_full) = oldest_full.filter(|_| !is_open && !self.is_full) else {
            let is_known = content::is_content(&stream.name)
                && self.scope.has_changed
                && !is_open
                && !self.is_full
                && !sink.live(&stream.name).await?.is_empty();
            return Ok(Some(if is_known { census } else { Pass::Full }));
        };
        if full_is_old(oldest_full) {
            return Ok(Some(Pass::Full));
        }
        Ok(is_due.then_some(census))
    }

    /// The sets of a stream that is not listed.
    pub(super) async fn sets(
        &self,
        sink: &mut dyn Sink,
        stream: &Stream,
    ) -> Result<Option<DueSets>, SinkError> {
        let Some(pass) = set_pass(stream) else {
            return Ok(None);
        };
        self.of_pass(sink, stream, pass, self.request.cadences.of_sets(pass))
            .await
    }

    /// The replies of a stream that has some.
    pub(super) async fn replies(
        &self,
        sink: &mut dyn Sink,
        stream: &Stream,
    ) -> Result<Option<DueSets>, SinkError> {
        if !has_replies(stream) {
            return Ok(None);
        }
        self.of_pass(sink, stream, Pass::Details, self.request.cadences.replies)
            .await
    }

    async fn of_pass(
        &self,
        sink: &mut dyn Sink,
        stream: &Stream,
        pass: Pass,
        cadence: Millis,
    ) -> Result<Option<DueSets>, SinkError> {
        let passes = self.request.passes.as_ref();
        if passes.is_some_and(|passes| !passes.contains(&pass)) {
            return Ok(None);
        }
        let id = PassId {
            stream: stream.name.clone(),
            pass,
            partition: String::new(),
        };
        let state = sink.pass_state(&id).await?;
        let is_old = |at: Millis| self.now - at >= cadence;
        let is_due =
            self.is_full || passes.is_some() || state.is_open || state.completed.is_none_or(is_old);
        let by_parents = sink.pass_state(&by_parents(&id)).await?;
        let began = by_parents.state.filter(|_| by_parents.is_open);
        let began = began.and_then(|state| match state.strip_prefix(FULL) {
            Some(began) => began.parse().ok(),
            // What a run read that does not read everything is not new enough for one that does.
            None if self.is_full => None,
            None => state.parse().ok(),
        });
        Ok(Some(DueSets {
            id,
            state,
            began,
            is_due,
            is_full: self.is_full,
            now: self.now,
            full: self.request.cadences.full,
        }))
    }

    /// Whether all folders are read again, if their pass is at this state. `None`: none of them is read.
    pub(super) fn folders(&self, state: &PassState) -> Option<bool> {
        if let Some(passes) = &self.request.passes {
            return passes.contains(&Pass::Details).then_some(true);
        }
        let is_old = |at: Millis| self.now - at >= self.request.cadences.details;
        Some(self.is_full || state.is_open || state.completed.is_some_and(is_old))
    }

    /// Rows that could not be read, and are due again.
    pub(super) fn retries(&self, stream: &Stream, failures: Vec<RowFailure>) -> Vec<Parent> {
        if !stream.has(Pass::LookUp) {
            return Vec::new();
        }
        let is_due = |failure: &RowFailure| {
            failure.stream == stream.name && (failure.next <= self.now || self.request.full)
        };
        failures
            .into_iter()
            .filter(is_due)
            .map(|failure| Parent::of_key(failure.stream, failure.key))
            .collect()
    }

    /// Whether all rows in scope are read again by their keys. Lists of content that is decided have no
    /// bodies.
    pub(super) async fn rereads(
        &self,
        sink: &mut dyn Sink,
        stream: &Stream,
    ) -> Result<bool, SinkError> {
        if !self.scope.decides(stream) {
            return Ok(false);
        }
        let id = reread_pass(stream);
        let completed = sink.pass_state(&id).await?.completed;
        let has_bodies = self.request.projection(stream).body_format.is_some();
        let is_old = |at| has_bodies && self.now - at >= self.request.cadences.full;
        Ok(self.is_full
            || match &self.request.passes {
                Some(passes) => passes.contains(&Pass::Full),
                None => completed.is_some_and(is_old),
            })
    }

    /// Whether rows are read by key that a census saw more of than is stored: for their bodies, or
    /// since they entered the scope.
    pub(super) fn refreshes(&self, stream: &Stream) -> bool {
        let has_bodies = self.request.projection(stream).body_format.is_some();
        stream.has(Pass::LookUp) && (has_bodies || self.scope.settles(stream))
    }
}

impl DueSets {
    /// Whether a list of all sets is read first. A copy of some spaces reads those of its parents.
    pub(super) fn reads_list(&self, request: &SyncRequest) -> bool {
        self.is_due && !request.filters.spaces.has_only()
    }

    /// The instant before which sets of parents were read that are read again. `is_listed`: a list has
    /// shown all that it can.
    pub(super) const fn read_before(&self, is_listed: bool) -> Millis {
        match (self.is_due, is_listed) {
            (false, _) => Millis::MIN,
            // What the list did not show is read one by one: if it was never read, was not shown
            // although it has rows, or was read long ago.
            (true, true) if !self.is_full => self.now - self.full,
            // A run that was stopped has read the others.
            (true, _) => self.oldest(),
        }
    }

    /// What to keep while parents are left whose sets are due, so that the next run goes on with those.
    /// `None`: it is kept already, or the age of a set alone says whether it is due.
    pub(super) fn unfinished(&self, run: i64, is_listed: bool) -> Option<(PassId, PassState)> {
        let is_new = self.is_due && self.began.is_none() && (self.is_full || !is_listed);
        is_new.then(|| {
            let kind = if self.is_full { FULL } else { "" };
            let state = PassState {
                state: Some(format!("{kind}{}", self.now)),
                mark: run,
                is_open: true,
                completed: None,
            };
            (by_parents(&self.id), state)
        })
    }

    /// What to keep once all are read.
    pub(super) fn finished(&self, run: i64) -> (PassId, PassState) {
        let state = PassState {
            mark: run,
            ..PassState::default()
        };
        (by_parents(&self.id), state)
    }

    /// Whether an earlier run read some of them.
    pub(super) const fn is_continued(&self) -> bool {
        self.is_due && self.began.is_some()
    }

    /// When the first of them was read or will be, and so the oldest once all are read that are due.
    pub(super) const fn oldest(&self) -> Millis {
        match self.began {
            Some(began) => began,
            None => self.now,
        }
    }
}
