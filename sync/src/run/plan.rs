//! What the next run would read, and what that would cost. Nothing is requested and nothing written.
//!
//! What is due is decided as for a run. What it costs is what the same pass has cost before; a pass
//! without a record is estimated by the rows that the copy has, or not at all.

use std::collections::{BTreeMap, BTreeSet};

use source::{MAX_PARENTS, Pass, Source, Stream};

use super::chosen;
use super::content;
use super::cost::{PassCost, PassKind};
use super::due::{self, Due};
use super::files;
use super::folders;
use super::in_lanes::FIRST_REQUESTS;
use super::labels::FILTER;
use super::scope::DueScope;
use super::{SyncError, SyncRequest};
use crate::clock::Millis;
use crate::files::ATTACHMENTS;
use crate::filter::KnownLabels;
use crate::folders::FOLDERS;
use crate::history::{PastRun, RowFailure, StreamStatus};
use crate::lanes::is_lane;
use crate::sink::{PassId, Sink, SinkError};
use crate::spaces::SPACES;

/// How many past runs are looked at.
const RUNS: u32 = 100;

/// Maximum number of rows of a request.
const REQUEST_ROWS: u64 = 250;

/// The passes that list all rows.
const LISTS: [Pass; 2] = [Pass::Census, Pass::Full];

const DAY: Millis = 24 * 60 * 60 * 1_000;

/// Requests, and points of the site's rate limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Requests.
    pub requests: u64,
    /// Points.
    pub points: u64,
}

/// A pass that a run would make.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PassPlan {
    /// How the stream is read.
    pub kind: PassKind,
    /// How many parents or keys are read, where it is read by them.
    pub parents: Option<u64>,
    /// What it costs. `None`: unknown.
    pub cost: Option<Cost>,
}

/// What a run would read of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamPlan {
    /// Its name.
    pub stream: String,
    /// How many rows of it the copy has.
    pub rows: u64,
    /// The passes, in the order of the run.
    pub passes: Vec<PassPlan>,
    /// Whether it cannot be read, since it cannot be limited to spaces.
    pub is_unavailable: bool,
}

/// What a run would cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Estimate {
    /// All that can be estimated, together.
    pub known: Cost,
    /// How many passes have an unknown cost.
    pub unknown: u64,
    /// How long it takes, going by past runs. `None`: unknown.
    pub time: Option<Millis>,
}

/// What the next run would read and cost.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncPlan {
    /// Streams, in the order of the run.
    pub streams: Vec<StreamPlan>,
    /// What the next run costs.
    pub next: Estimate,
    /// What a run costs that reads everything, as the first one does.
    pub first: Estimate,
}

/// Plans the next run of `request`. The source describes its streams and is asked nothing else;
/// `sink` is only read. Without one, nothing was copied yet.
///
/// Ages count from `now`. A run takes the time of the site for it, once the site has told it.
///
/// # Errors
///
/// [`SyncError`] for streams that do not exist, and what the sink says.
pub async fn plan(
    source: &dyn Source,
    sink: Option<&mut dyn Sink>,
    request: &SyncRequest,
    now: Millis,
) -> Result<SyncPlan, SyncError> {
    request.filters.check()?;
    let mut streams = source.streams(&request.settings).await?;
    // What is computed costs nothing, and what it is computed from is read.
    streams.extend(request.made_of(&streams));
    let mut all = chosen::chosen(&streams, request)?;
    let mut chosen = std::mem::take(&mut all.streams);
    let Some(sink) = sink else {
        let mut streams: Vec<_> = chosen.into_iter().map(|it| first(it, request)).collect();
        streams.extend(all.files.and_then(|stream| first_files(stream, request)));
        let estimate = estimate(&streams, None, None);
        return Ok(SyncPlan {
            streams,
            next: estimate,
            first: estimate,
        });
    };
    let runs = sink.runs(RUNS).await?;
    if let Some(last) = runs.first() {
        chosen::begin_where_stopped(&mut chosen, last);
    }
    let statuses = sink.streams().await?;
    let has_outside = statuses.iter().any(|status| status.filtered > 0);
    if has_outside || !request.filters.is_empty() {
        chosen = content::in_order(&streams, request.filters.kinds(), chosen);
    }
    all.add_splits_of(sink, request).await?;
    let is_complete =
        |run: &&PastRun| matches!(run.outcome.as_deref(), Some("complete" | "rebuilt"));
    let before = runs.iter().find(is_complete).map(|run| &*run.settings);
    let is_rewrite = request.is_rewrite(before, &all);
    let mut planner = Planner {
        failures: sink.failures().await?,
        statuses,
        records: runs.iter().map(Record::of).collect(),
        is_surveyed: false,
        all: &streams,
        sink,
    };
    let spaces = planner.spaces(&streams, request);
    let has_changed = request.has_other_filters(before, has_outside);
    let is_full = request.full || is_rewrite;
    // All that was ever read is read again, also by a clock of the site that is ahead of this one.
    let later = now + DAY;
    let due = Due {
        request,
        now: if is_full { later } else { now },
        is_full,
        scope: DueScope::planned(&request.filters, has_changed, has_outside),
    };
    let mut next = planner.streams(&chosen, due).await?;
    next.extend(planner.looked_up(&all.looked_up, due).await?);
    let files = planner.files(all.files, due).await?;
    next.extend(files.clone());
    let everything = SyncRequest {
        passes: None,
        ..request.clone()
    };
    let due = Due {
        request: &everything,
        now: later,
        is_full: true,
        ..due
    };
    let looked_up = std::mem::take(&mut all.looked_up);
    let mut all = planner.streams(&chosen, due).await?;
    all.extend(planner.looked_up(&looked_up, due).await?);
    // Content that has not changed is never fetched again.
    all.extend(files);
    let pace = pace(&runs);
    Ok(SyncPlan {
        next: estimate(&next, spaces, pace),
        first: estimate(&all, spaces, pace),
        streams: next,
    })
}

/// The content of attachments of which none is known.
fn first_files(stream: &Stream, request: &SyncRequest) -> Option<StreamPlan> {
    let files = request.files.as_ref()?;
    files.source.as_ref().map(|_| StreamPlan {
        stream: stream.name.clone(),
        rows: 0,
        passes: vec![PassPlan {
            kind: PassKind::by_parents(Pass::Details),
            parents: None,
            cost: None,
        }],
        is_unavailable: false,
    })
}

/// What a run reads of a stream of which nothing was copied.
fn first(stream: &Stream, request: &SyncRequest) -> StreamPlan {
    let is_unavailable = due::cannot_be_limited(stream, request);
    let listed = [Pass::Changes, Pass::Full];
    let sets = [Pass::Details, Pass::Versions, Pass::Access];
    let passes = if due::is_listed(stream) {
        &listed[..]
    } else {
        &sets[..]
    };
    let passes = passes
        .iter()
        .filter(|pass| stream.has(**pass) && !is_unavailable);
    StreamPlan {
        stream: stream.name.clone(),
        rows: 0,
        passes: passes
            .map(|pass| PassPlan {
                kind: PassKind::list(*pass),
                parents: None,
                cost: None,
            })
            .collect(),
        is_unavailable,
    }
}

/// Adds up what the passes of streams cost, and `besides`.
fn estimate(streams: &[StreamPlan], besides: Option<Cost>, pace: Option<f64>) -> Estimate {
    let mut estimate = Estimate::default();
    let costs = streams.iter().flat_map(|stream| &stream.passes);
    for cost in costs.map(|pass| pass.cost).chain(besides.map(Some)) {
        match cost {
            Some(cost) => {
                estimate.known.requests += cost.requests;
                estimate.known.points += cost.points;
            }
            None => estimate.unknown += 1,
        }
    }
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "an estimate need not be exact"
    )]
    let time = |pace: f64| (pace * estimate.known.requests as f64) as Millis;
    estimate.time = pace.filter(|_| estimate.unknown == 0).map(time);
    estimate
}

/// Milliseconds per request of the last run that made some.
fn pace(runs: &[PastRun]) -> Option<f64> {
    runs.iter().find_map(|run| {
        let requests = run.requests.filter(|requests| *requests > 0)?;
        #[allow(clippy::cast_precision_loss, reason = "an estimate need not be exact")]
        let pace = (run.ended? - run.started).max(0) as f64 / requests as f64;
        Some(pace)
    })
}

/// What a past run recorded of its streams.
#[derive(Debug, Default)]
struct Record(BTreeMap<String, OfStream>);

#[derive(Debug, Default)]
struct OfStream {
    passes: BTreeMap<PassKind, PassCost>,
    /// By how many rows the copy has grown in the run.
    growth: i64,
}

impl Record {
    fn of(run: &PastRun) -> Self {
        let streams = run.streams.as_deref().unwrap_or_default();
        let streams: serde_json::Value = serde_json::from_str(streams).unwrap_or_default();
        let streams = streams.as_object().into_iter().flatten();
        let streams = streams.map(|(name, counts)| {
            let count = |name: &str| {
                let count = counts.get(name).and_then(serde_json::Value::as_i64);
                count.unwrap_or_default()
            };
            let passes = counts.get("passes").and_then(serde_json::Value::as_array);
            let passes = passes.into_iter().flatten();
            let of_stream = OfStream {
                passes: passes.filter_map(PassCost::of_json).collect(),
                growth: count("inserted") - count("deleted"),
            };
            (name.clone(), of_stream)
        });
        Self(streams.collect())
    }
}

struct Planner<'a> {
    sink: &'a mut dyn Sink,
    /// All streams of the source.
    all: &'a [Stream],
    failures: Vec<RowFailure>,
    statuses: Vec<StreamStatus>,
    /// Of past runs, newest first.
    records: Vec<Record>,
    /// Whether a stream that comes before is surveyed.
    is_surveyed: bool,
}

impl Planner<'_> {
    /// What the list of the spaces costs that a limited run looks its spaces up in.
    fn spaces(&self, streams: &[Stream], request: &SyncRequest) -> Option<Cost> {
        let stream = Stream::find(streams, SPACES).ok()?;
        (!request.filters.spaces.is_empty()).then(|| {
            let kind = PassKind::list(stream.census());
            self.list(stream, kind).unwrap_or_else(|| {
                let rows = self.rows(SPACES);
                Cost {
                    requests: rows.div_ceil(REQUEST_ROWS).max(1),
                    points: rows,
                }
            })
        })
    }

    async fn streams(
        &mut self,
        chosen: &[&Stream],
        due: Due<'_>,
    ) -> Result<Vec<StreamPlan>, SinkError> {
        let mut plans = Vec::with_capacity(chosen.len());
        let mut unavailable: BTreeSet<&str> = BTreeSet::new();
        for stream in chosen {
            let is_unavailable = due::cannot_be_limited(stream, due.request);
            let mut parents = stream.parents.iter();
            let has_parents =
                stream.parents.is_empty() || parents.any(|name| !unavailable.contains(&**name));
            if is_unavailable || !has_parents {
                unavailable.insert(&stream.name);
            }
            let passes = match (is_unavailable, due::is_listed(stream)) {
                (true, _) => Vec::new(),
                (false, true) => self.listed(stream, due).await?,
                (false, false) if has_parents => self.children(stream, due).await?,
                (false, false) => Vec::new(),
            };
            plans.push(StreamPlan {
                stream: stream.name.clone(),
                rows: self.rows(&stream.name),
                passes,
                is_unavailable,
            });
        }
        Ok(plans)
    }

    /// Streams whose rows are looked up by ids that other rows name. Known rows are looked up again where
    /// they are due; which ones come newly, a run alone can tell.
    async fn looked_up(
        &mut self,
        streams: &[&Stream],
        due: Due<'_>,
    ) -> Result<Vec<StreamPlan>, SinkError> {
        let mut plans = Vec::new();
        for stream in streams {
            let state = self.sink.pass_state(&folders::pass_of(stream)).await?;
            if due.folders(&state) != Some(true) {
                continue;
            }
            let rows = self.rows(&stream.name);
            let kind = PassKind::by_parents(Pass::LookUp);
            plans.push(StreamPlan {
                stream: stream.name.clone(),
                rows,
                passes: self.by_parents(stream, kind, rows).into_iter().collect(),
                is_unavailable: false,
            });
        }
        Ok(plans)
    }

    /// A stream that is listed.
    async fn listed(&mut self, stream: &Stream, due: Due<'_>) -> Result<Vec<PassPlan>, SinkError> {
        let mut passes = Vec::new();
        let mut partitions = vec![String::new()];
        let spaces = &due.request.filters.spaces;
        if !spaces.is_empty() && stream.by_space {
            partitions = self.sink.partitions(&stream.name).await?;
            partitions.retain(|partition| {
                ![FILTER, due::PARENTS].contains(&&**partition) && !is_lane(partition)
            });
            partitions = self.last_read(stream, partitions).await?;
            // Which spaces are meant, the site alone can tell.
            let is_known = !spaces.has_only() || partitions.len() == spaces.only().count();
            if partitions.is_empty() || !is_known {
                return Ok(first(stream, due.request).passes);
            }
        }
        if stream.has(Pass::Changes) {
            let kind = PassKind::list(Pass::Changes);
            passes.push(PassPlan {
                kind,
                parents: None,
                cost: self.changes(stream, partitions.len() as u64),
            });
        }
        let list = due.list(self.sink, stream, &partitions).await?;
        if let Some(pass) = list {
            let kind = PassKind::list(pass);
            passes.push(PassPlan {
                kind,
                parents: None,
                cost: self.list_in_parts(stream, kind, partitions.len() as u64),
            });
            let retries = due.retries(stream, self.failures.clone()).len() as u64;
            let missing = self.missing(stream);
            let stale = if due.refreshes(stream) {
                self.stale(stream, due.now).await?
            } else {
                0
            };
            let look_up = PassKind::by_parents(Pass::LookUp);
            // What is in scope is read again as a whole, what was stale of it, too.
            let stale = if due.rereads(self.sink, stream).await? {
                self.inside(stream).await?
            } else {
                stale
            };
            for keys in [retries, stale, missing] {
                passes.extend(self.by_parents(stream, look_up, keys));
            }
        }
        if due.scope.settles(stream) {
            passes.extend(self.filters(stream, due).await?);
        }
        if let Some(replies) = due.replies(self.sink, stream).await? {
            let name = &stream.name;
            let mut before = replies.read_before(false);
            let mut parents = self.sink.count_parents(name, name, before, false).await?;
            if due::may_be_surveyed(stream, due.request) && !due.is_full {
                let is_cheaper = due::is_survey_cheaper(parents, self.rows(name));
                if is_cheaper && !self.is_surveyed {
                    let kind = PassKind::list(Pass::Survey);
                    passes.push(PassPlan {
                        kind,
                        parents: None,
                        cost: self.survey(stream),
                    });
                    // The others that have replies are in it, too.
                    self.is_surveyed = true;
                }
                if self.is_surveyed && replies.is_due {
                    before = replies.read_before(true);
                    parents = self.sink.count_parents(name, name, before, false).await?;
                }
            }
            let kind = PassKind::by_parents(replies.id.pass);
            let mut plan = self.by_parents(stream, kind, parents);
            if let Some(cost) = plan.as_mut().and_then(|plan| plan.cost.as_mut()) {
                // However many are asked for theirs: the replies are those that no list has.
                let replies = self.unlisted(stream) * u64::from(stream.points_per_row);
                cost.points = cost.points.min(cost.requests + replies);
            }
            passes.extend(plan);
        }
        Ok(passes)
    }

    /// How many rows of a stream are in scope.
    async fn inside(&mut self, stream: &Stream) -> Result<u64, SinkError> {
        let known = self.sink.registered(&stream.name).await?;
        Ok(known.iter().filter(|known| known.is_inside).count() as u64)
    }

    /// What filters look at before it is decided which rows of a stream are in scope.
    async fn filters(&mut self, stream: &Stream, due: Due<'_>) -> Result<Vec<PassPlan>, SinkError> {
        let filters = &due.request.filters;
        let mut passes = Vec::new();
        if stream.name == content::PAGES && !filters.pages.is_empty() {
            let kind = PassKind::of_filter(Pass::LookUp, true);
            let folders = self.newest(stream, kind).map(|(cost, _)| cost.parents);
            let folders = folders.unwrap_or_else(|| self.rows(FOLDERS));
            passes.extend(self.by_parents(stream, kind, folders));
        }
        let labels = content::labels_of(self.all, &stream.name);
        let Some(labels) = labels.filter(|_| !filters.labels.is_empty()) else {
            return Ok(passes);
        };
        let id = PassId {
            stream: labels.name.clone(),
            pass: Pass::LookUp,
            partition: FILTER.to_owned(),
        };
        let completed = self.sink.pass_state(&id).await?.completed;
        let cadences = &due.request.cadences;
        let is_due = due.is_full
            || due.scope.has_changed
            || completed.is_none_or(|at| due.now - at >= cadences.details);
        let list = PassKind::of_filter(Pass::Details, false);
        let by_parents = PassKind::of_filter(Pass::Details, true);
        let was_listed = self.newest(stream, list).is_some();
        let is_listed = is_due && (was_listed || !filters.spaces.has_only());
        if is_listed {
            passes.push(PassPlan {
                kind: list,
                parents: None,
                cost: self.list(stream, list),
            });
        }
        // Of content that other filters exclude, no labels are known.
        let known = self.sink.registered(&stream.name).await?;
        let (mut parents, mut rows) = (0, 0);
        for known in known {
            let Some(labels) = known.labels.as_deref().and_then(KnownLabels::read) else {
                continue;
            };
            let count = labels.names.len() as u64;
            let is_read = if is_listed {
                let is_old = due.now - labels.read_at >= cadences.full;
                labels.is_omitted && (due.is_full || count > 0 || is_old)
            } else {
                is_due || labels.version != known.version
            };
            if is_read {
                parents += 1;
                rows += count;
            }
        }
        let mut pass = self.by_parents(stream, by_parents, parents);
        if let Some(cost) = pass.as_mut().and_then(|pass| pass.cost.as_mut()) {
            cost.points = cost.requests + rows * u64::from(labels.points_per_row);
        }
        passes.extend(pass);
        Ok(passes)
    }

    /// How many rows of the copy lists omit.
    fn unlisted(&self, stream: &Stream) -> u64 {
        let lists = [Pass::Full, Pass::Census].map(PassKind::list);
        let listed = lists.into_iter().find_map(|kind| self.newest(stream, kind));
        let rows = self.rows(&stream.name);
        listed.map_or(rows, |(cost, _)| rows.saturating_sub(cost.rows))
    }

    /// A stream of sets that belong to rows of others.
    async fn children(
        &mut self,
        stream: &Stream,
        due: Due<'_>,
    ) -> Result<Vec<PassPlan>, SinkError> {
        let Some(sets) = due.sets(self.sink, stream).await? else {
            return Ok(Vec::new());
        };
        let pass = sets.id.pass;
        let (list, by_parents) = (PassKind::list(pass), PassKind::by_parents(pass));
        let mut passes = Vec::new();
        // Whether there is a list shows in a run.
        let was_listed = self.newest(stream, list).is_some();
        let was_read = was_listed || self.newest(stream, by_parents).is_some();
        let is_listed = sets.reads_list(due.request) && (was_listed || !was_read);
        if is_listed {
            passes.push(PassPlan {
                kind: list,
                parents: None,
                cost: self.list(stream, list),
            });
        }
        let before = sets.read_before(is_listed);
        let mut parents = 0;
        if is_listed {
            parents += self.omitted(stream, pass, due.now).await?;
        }
        let shows_all = is_listed && stream.has(Pass::Access);
        for parent in stream.parents.iter().filter(|_| !shows_all) {
            let name = &stream.name;
            parents += self
                .sink
                .count_parents(name, parent, before, is_listed)
                .await?;
        }
        let record = self.in_turn(stream, pass, is_listed);
        let read = record.and_then(|record| record.get(&by_parents)).copied();
        if is_listed && due.is_full {
            // What the list leaves out does not depend on when it was read.
            parents = read.map_or(parents, |read| read.parents);
        }
        let details = PassKind::by_parents(Pass::Details);
        let in_turn = record
            .and_then(|record| record.get(&details))
            .filter(|_| by_parents != details)
            .zip(read.filter(|read| read.parents > 0))
            .map_or(0, |(details, read)| {
                (details.parents * parents).div_ceil(read.parents)
            });
        passes.extend(self.by_parents(stream, by_parents, parents));
        // Those that the search index does not have.
        passes.extend(self.by_parents(stream, details, in_turn));
        Ok(passes)
    }

    /// The passes of the last run that read sets of parents, after a list of them if there is one.
    fn in_turn(
        &self,
        stream: &Stream,
        pass: Pass,
        is_listed: bool,
    ) -> Option<&BTreeMap<PassKind, PassCost>> {
        let records = self.records.iter();
        let mut records = records.filter_map(|record| Some(&record.0.get(&stream.name)?.passes));
        records.find(|passes| {
            let list = passes.get(&PassKind::list(pass));
            passes.contains_key(&PassKind::by_parents(pass))
                && (!is_listed || list.is_some_and(|list| list.is_whole))
        })
    }

    /// How many parents the list of their sets will leave out although they have some.
    async fn omitted(
        &mut self,
        stream: &Stream,
        pass: Pass,
        now: Millis,
    ) -> Result<u64, SinkError> {
        let recorded = |kind| self.newest(stream, kind).map(|(cost, _)| cost);
        let omitted = recorded(PassKind::list(pass)).map_or(0, |cost| cost.omitted);
        if stream.has(Pass::Access) {
            return Ok(omitted);
        }
        // The first run reads one by one those that the list left out and those that have no sets.
        let read = recorded(PassKind::by_parents(pass)).map_or(0, |cost| cost.parents);
        let mut without_sets = 0;
        for parent in &stream.parents {
            let name = &stream.name;
            without_sets += self
                .sink
                .count_parents(name, parent, now + DAY, true)
                .await?;
        }
        Ok(omitted.max(read.saturating_sub(without_sets)))
    }

    /// The content of attachments that the copy knows.
    async fn files(
        &mut self,
        stream: Option<&Stream>,
        due: Due<'_>,
    ) -> Result<Option<StreamPlan>, SinkError> {
        let files = due.request.files.as_ref();
        let files = files.filter(|files| files.source.is_some());
        let (Some(stream), Some(files)) = (stream, files) else {
            return Ok(None);
        };
        if self
            .status(ATTACHMENTS)
            .is_none_or(|status| status.live == 0)
        {
            return Ok(first_files(stream, due.request));
        }
        let retries = if due.request.full {
            Millis::MAX
        } else {
            due.now
        };
        let survey = files::survey(self.sink, files, false, &self.failures, retries).await?;
        let count = survey.fetch.len() as u64;
        let kind = PassKind::by_parents(Pass::Details);
        let mut pass = self.by_parents(stream, kind, count);
        if let Some(pass) = &mut pass {
            pass.cost.get_or_insert(Cost {
                requests: count * files::REQUESTS,
                points: count * files::REQUESTS,
            });
        }
        Ok(Some(StreamPlan {
            stream: stream.name.clone(),
            rows: self.rows(&stream.name),
            passes: pass.into_iter().collect(),
            is_unavailable: false,
        }))
    }

    fn status(&self, stream: &str) -> Option<&StreamStatus> {
        self.statuses.iter().find(|status| status.stream == stream)
    }

    fn rows(&self, stream: &str) -> u64 {
        self.status(stream)
            .map_or(0, |status| status.live.unsigned_abs())
    }

    /// How many rows are looked up since the last list did not have them.
    fn missing(&self, stream: &Stream) -> u64 {
        let status = self
            .status(&stream.name)
            .filter(|_| stream.has(Pass::LookUp));
        status.map_or(0, |status| status.missing.unsigned_abs())
    }

    async fn stale(&mut self, stream: &Stream, now: Millis) -> Result<u64, SinkError> {
        let (mut count, mut after) = (0, String::new());
        loop {
            let stale = self.sink.stale(&stream.name, &after, now).await?;
            let Some(last) = stale.last() else {
                return Ok(count);
            };
            after.clone_from(&last.key);
            count += stale.len() as u64;
        }
    }

    /// What the last run recorded that read a stream in this way from the beginning to the end, and by
    /// how many rows the copy has grown since.
    fn newest(&self, stream: &Stream, kind: PassKind) -> Option<(PassCost, i64)> {
        self.newest_of(stream, |passes| {
            let cost = passes.get(&kind);
            cost.filter(|cost| cost.is_whole || kind.by_parents)
        })
    }

    /// The same, of what is found among the passes of a run.
    fn newest_of<'r>(
        &'r self,
        stream: &Stream,
        find: impl Fn(&'r BTreeMap<PassKind, PassCost>) -> Option<&'r PassCost>,
    ) -> Option<(PassCost, i64)> {
        let mut growth = 0;
        for record in &self.records {
            let Some(of_stream) = record.0.get(&stream.name) else {
                continue;
            };
            if let Some(cost) = find(&of_stream.passes) {
                return Some((*cost, growth));
            }
            growth += of_stream.growth;
        }
        None
    }

    /// One survey. A run makes a second one where it finds many new rows.
    fn survey(&self, stream: &Stream) -> Option<Cost> {
        let (cost, _) = self.newest(stream, PassKind::list(Pass::Survey))?;
        let parts = cost.parts.max(1);
        Some(Cost {
            requests: cost.requests / parts,
            points: cost.points / parts,
        })
    }

    /// Of an unchanged site, the changes cost the least that they ever did. The first time, which a reset
    /// or other filters make again, only finds out where they begin: such a run lists all rows as well.
    /// Where all runs did, the last one counts.
    fn changes(&self, stream: &Stream, partitions: u64) -> Option<Cost> {
        let [kind, full] = [Pass::Changes, Pass::Full].map(PassKind::list);
        let recorded = self.records.iter().filter_map(|record| {
            let passes = &record.0.get(&stream.name)?.passes;
            let cost = passes.get(&kind)?;
            let cost_of_run = Cost {
                requests: cost.requests,
                points: cost.points,
            };
            (cost.is_whole && cost.parts == partitions)
                .then_some((cost_of_run, passes.contains_key(&full)))
        });
        let recorded: Vec<(Cost, bool)> = recorded.collect();
        let begun = recorded.iter().filter(|(_, lists_all)| !lists_all);
        let least = begun
            .map(|(cost, _)| *cost)
            .min_by_key(|cost| (cost.requests, cost.points));
        let least = least.or(recorded.first().map(|(cost, _)| *cost));
        least.or_else(|| {
            let status = self.status(&stream.name)?;
            status.changes?;
            let rows = self.rows(&stream.name).min(REQUEST_ROWS);
            Some(Cost {
                requests: partitions,
                points: partitions + rows * u64::from(stream.points_per_row),
            })
        })
    }

    /// Of the spaces that a stream was ever read by, those that were read together last: filters change.
    async fn last_read(
        &mut self,
        stream: &Stream,
        partitions: Vec<String>,
    ) -> Result<Vec<String>, SinkError> {
        let mut marked = Vec::with_capacity(partitions.len());
        for partition in partitions {
            let mut mark = 0;
            for pass in LISTS {
                let id = PassId {
                    stream: stream.name.clone(),
                    pass,
                    partition: partition.clone(),
                };
                mark = mark.max(self.sink.pass_state(&id).await?.mark);
            }
            marked.push((mark, partition));
        }
        let last = marked.iter().map(|(mark, _)| *mark).max();
        marked.retain(|(mark, _)| Some(*mark) == last);
        Ok(marked.into_iter().map(|(_, partition)| partition).collect())
    }

    /// What a list of all rows in so many parts costs.
    fn list_in_parts(&self, stream: &Stream, kind: PassKind, parts: u64) -> Option<Cost> {
        let alike = self.newest_of(stream, |passes| {
            let mut costs = LISTS
                .iter()
                .filter_map(|pass| passes.get(&PassKind::list(*pass)));
            costs.find(|cost| cost.is_whole && cost.parts == parts)
        });
        if alike.is_some() {
            return self.of_list(stream, alike);
        }
        let before = self.newest_list(stream, kind);
        let cost = self.of_list(stream, before)?;
        // A longer list is read in lanes: its parts are not spaces.
        let max_short = u64::from(FIRST_REQUESTS) * REQUEST_ROWS;
        let short = before.filter(|(cost, _)| cost.parts > 0 && cost.rows <= max_short);
        let Some((before, _)) = short else {
            return Some(cost);
        };
        let requests = (cost.requests * parts).div_ceil(before.parts).max(parts);
        Some(Cost {
            requests,
            points: (cost.points + requests).saturating_sub(cost.requests),
        })
    }

    /// What a list of all rows costs.
    fn list(&self, stream: &Stream, kind: PassKind) -> Option<Cost> {
        self.of_list(stream, self.newest_list(stream, kind))
    }

    /// What the last list of all rows has cost, and by how many rows the copy has grown since. A list with
    /// other columns has the same pages.
    fn newest_list(&self, stream: &Stream, kind: PassKind) -> Option<(PassCost, i64)> {
        let lists = LISTS.map(PassKind::list);
        let alike = lists.contains(&kind).then_some(lists);
        let alike = alike.into_iter().flatten().filter(|other| *other != kind);
        let mut recorded = std::iter::once(kind).chain(alike);
        recorded.find_map(|kind| self.newest(stream, kind))
    }

    fn of_list(&self, stream: &Stream, recorded: Option<(PassCost, i64)>) -> Option<Cost> {
        let rows = self.rows(&stream.name);
        let of_rows = |requests: u64, rows: u64| Cost {
            requests,
            points: requests + rows * u64::from(stream.points_per_row),
        };
        let Some((cost, growth)) = recorded else {
            let was_listed = self.status(&stream.name)?.seen.is_some();
            return was_listed.then(|| of_rows(rows.div_ceil(REQUEST_ROWS).max(1), rows));
        };
        if growth == 0 {
            return Some(Cost {
                requests: cost.requests,
                points: cost.points,
            });
        }
        let rows = cost.rows.saturating_add_signed(growth);
        let pages = |rows: u64| rows.div_ceil(REQUEST_ROWS).max(1);
        let more = pages(rows).saturating_sub(pages(cost.rows));
        let fewer = pages(cost.rows).saturating_sub(pages(rows));
        let requests = (cost.requests + more).saturating_sub(fewer).max(1);
        Some(of_rows(requests, rows))
    }

    /// The newest record of a pass by parents that tells whether each takes a request, or a group of them,
    /// which a group of one does not; without such a record, the newest.
    fn telling(&self, stream: &Stream, kind: PassKind) -> Option<PassCost> {
        let records = self.records.iter();
        let passes = records.filter_map(|record| record.0.get(&stream.name)?.passes.get(&kind));
        let mut passes = passes.filter(|cost| cost.parents > 0 && cost.parts > 0);
        let mut others = passes.clone();
        let telling = passes.find(|cost| cost.parents > cost.parts);
        telling.or_else(|| others.next()).copied()
    }

    /// What so many parents or keys cost. None of them: no pass.
    fn by_parents(&self, stream: &Stream, kind: PassKind, parents: u64) -> Option<PassPlan> {
        if parents == 0 {
            return None;
        }
        let groups = |parents: u64| parents.div_ceil(MAX_PARENTS as u64);
        let cost = self.telling(stream, kind).map(|cost| {
            // A request for each parent, or a few for each group of them.
            if cost.parents == parents {
                return Cost {
                    requests: cost.requests,
                    points: cost.points,
                };
            }
            let scaled = |amount: u64| (amount * parents).div_ceil(cost.parents);
            let requests = if cost.requests > cost.parts {
                scaled(cost.requests)
            } else {
                (cost.requests * groups(parents)).div_ceil(cost.parts)
            };
            let of_rows = cost.points.saturating_sub(cost.requests);
            Cost {
                requests,
                points: requests + scaled(of_rows),
            }
        });
        Some(PassPlan {
            kind,
            parents: Some(parents),
            cost: cost.or_else(|| {
                (kind.pass == Pass::LookUp).then(|| Cost {
                    requests: groups(parents),
                    points: groups(parents) + parents * u64::from(stream.points_per_row),
                })
            }),
        })
    }
}
