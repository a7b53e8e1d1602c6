//! One bounded step of a pass.

use std::borrow::Cow;

use super::{
    catalogue,
    request::{Parent, Pass, StepRequest},
    search::COMMENT_STREAMS,
    settings::check_settings,
    state::{self, State},
    table::{Parts, Read, ReadOn, Route, Stream},
};
use crate::{
    Confluence, Error, Notice, Rest, Transport, answer,
    columns::{Column, Columns, Field, Kind, Meter, ReadParent, Wanted},
    dates,
    error::quoted,
    fingerprint::Fingerprint,
    paging::{after, plan::Plan, position::Position, walk::walk},
    query::{
        body_format::{self, LIST_FORMATS},
        call::{By, Call, Dimension},
        choice::choice,
        function::Function,
        ids,
    },
    reading::{decode, link, rows::Rows},
};

/// Parents of a step, at most.
const MAX_PARENTS: usize = 250;

/// Responses that one key of a response is read on with: 10 000 users and groups of a restriction.
const MAX_READ_ON: usize = 100;

/// Spaces of a partition, at most: what Confluence takes in a request.
const MAX_SPACES: usize = 100;

/// Maximum number of parents that may return 404 before a stream is reported as unsupported, if all of them
/// do.
const MAX_MISSING_PARENTS: usize = 5;

/// The column that sketches of rows have.
const SKETCHED: &str = "version__number";

/// Time before the newest change of the pass before that is read again. Servers' clocks differ, and a
/// change becomes visible after the time that it bears.
const OVERLAP_MS: i64 = 5 * 60 * 1_000;

/// What a `Date` omits of the time: it is in seconds.
const LESS_THAN_A_SECOND: i64 = 999;

/// Rows of one stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Name of the stream.
    pub stream: &'static str,
    /// Number of rows.
    pub rows: usize,
    /// Columns, all of so many values.
    pub columns: Vec<Column>,
}

/// State of a pass after a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// There is more to read.
    More,
    /// The pass is complete.
    Done,
    /// The pass ended early. Returned rows are valid.
    Failed(Error),
    /// This site or account does not have the stream, and why.
    Unsupported(String),
}

/// What a step saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// Rows that Confluence sent.
    pub rows: u64,
    /// Requests.
    pub requests: u32,
    /// Estimated points of Confluence's rate limit.
    pub points: u64,
    /// Rows that were dropped because they belong to another space.
    pub foreign_rows: u64,
    /// Parents that no longer exist, or are hidden from this account, by key.
    pub missing_parents: Vec<String>,
    /// Parents of which every row was read: in bulk, or one by one in a stream with the pass `access`.
    pub read_parents: Vec<ReadParent>,
    /// `Date` of the last response, ISO 8601 in UTC.
    pub site_time: Option<String>,
}

/// Result of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Rows, at most one batch for each stream.
    pub batches: Vec<Batch>,
    /// Argument of the next step.
    pub state: Option<String>,
    /// How the pass stands.
    pub outcome: Outcome,
    /// What was seen.
    pub observed: Observed,
    /// What was omitted or unusual, and why.
    pub notices: Vec<Notice>,
}

impl<T: Transport> Confluence<T> {
    /// Reads the next rows of a pass over a stream.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for what is wrong in the
    /// request, and whatever the first request fails with. Then nothing was read.
    pub fn step(&mut self, request: &StepRequest) -> Result<Progress, Error> {
        let checked = Checked::new(request)?;
        checked.step(self.transport_mut())
    }
}

/// A request with its arguments checked.
struct Checked<'a> {
    stream: &'static Stream,
    read: &'static Read,
    request: &'a StepRequest,
    wanted: Wanted,
    /// Format of bodies.
    format: Option<&'a str>,
    /// Ids of the spaces whose rows are read. Empty: all.
    spaces: Vec<String>,
    /// The parameter of each list that the pass consists of.
    parts: Vec<Part<'a>>,
    digest: u64,
    state: State,
    rows: usize,
    page_size: u32,
    meter: Meter,
}

/// What tells one list of a pass from the others.
enum Part<'a> {
    Only,
    /// A parameter and its value.
    With(&'static str, String),
    /// The rows of one parent.
    Of(&'a Parent),
    /// The rows that these parents name, so many a request.
    These(&'static str, usize),
}

impl<'a> Checked<'a> {
    fn new(request: &'a StepRequest) -> Result<Self, Error> {
        let Some(stream) = catalogue::named(&request.stream) else {
            return Err(Error::argument(
                "unknown-stream",
                format!("unknown stream `{}`", quoted(&request.stream, 60)),
                "this version of the component does not have it",
                "pass the `name` of a stream that `streams` describes",
            ));
        };
        let has_parents = !request.parents.is_empty();
        let Some(read) = stream.read(request.pass, has_parents) else {
            return Err(unsupported_pass(stream, request.pass));
        };
        check_settings(&request.settings)?;
        let format = body_format(stream, read, request)?;
        let wanted = wanted(stream, request)?;
        let spaces = match request.partition.as_deref() {
            None => Vec::new(),
            Some(_) if read.space.is_empty() => {
                return Err(Error::argument(
                    "unsupported-partition",
                    format!(
                        "pass `{}` of stream `{}` cannot be read by space",
                        pass_name(request.pass),
                        stream.name
                    ),
                    "its endpoint has no parameter for a space; Confluence would return the rows of all spaces",
                    "omit `partition`",
                ));
            }
            Some(ids) => {
                let ids = ids.split(',').map(|id| ids::id("partition", id));
                ids.collect::<Result<Vec<_>, _>>()?
            }
        };
        if spaces.len() > MAX_SPACES {
            return Err(Error::argument(
                "unsupported-partition",
                format!("`partition` has {} spaces", spaces.len()),
                "Confluence takes 100 spaces in a request",
                "pass up to 100 ids",
            ));
        }
        check_parents(stream, read, &request.parents)?;
        let projection = &request.projection;
        if read.sketch.is_some() && (projection.columns != [SKETCHED] || projection.raw) {
            return Err(Error::argument(
                "unsupported-projection",
                format!("pass `survey` of stream `{}` returns sketches", stream.name),
                "a search has other fields than the stream",
                format!("pass `{SKETCHED}` as the only column, without `raw`"),
            ));
        }
        let budget = &request.budget;
        let rows = within("rows", budget.rows, 1..=100_000, 10_000)?;
        let bytes = within("bytes", budget.bytes, 65_536..=16_777_216, 2 << 20)?;
        let requests = within("requests", budget.requests, 1..=1_000, 100)?;
        let page_size = within("page-size", budget.page_size, 1..=250, 250)?;
        let digest = digest(request);
        let state = match request.state.as_deref() {
            None => State::default(),
            Some(text) => State::read(text, digest)?,
        };
        Ok(Self {
            parts: parts(stream, read, request, &state)?,
            stream,
            read,
            request,
            wanted,
            format,
            spaces,
            digest,
            state,
            rows: rows as usize,
            page_size,
            meter: Meter {
                max_requests: requests,
                max_bytes: bytes as usize,
                ..Meter::default()
            },
        })
    }

    fn step(mut self, transport: &mut dyn Transport) -> Result<Progress, Error> {
        let renders = self.format.and_then(body_format::rendered).is_some();
        let (shape, wanted) = (&self.stream.shape, self.wanted.clone());
        let meter = self.meter.clone();
        let mut columns = match (self.read.nested, self.read.sketch) {
            (None, None) => Columns::new(shape, wanted, renders, meter),
            (None, Some((shape, complete))) => {
                Columns::sketches(shape, complete, &self.request.projection.columns, meter)
            }
            (Some(nested), _) => Columns::nested(
                nested,
                Columns::new(shape, wanted, false, Meter::default()),
                meter,
            ),
        };
        let mut seen = Seen::default();
        let outcome = loop {
            let Some(part) = self.parts.get(self.state.part as usize) else {
                break Outcome::Done;
            };
            let before = columns.rows();
            if let Part::Of(parent) = part {
                columns.begin_parent(&parent.key, parent.container.as_deref());
            }
            let not_found = match self.read(transport, part, &mut columns) {
                Ok(rest) => {
                    let parent = match part {
                        Part::Of(parent) => Some(*parent),
                        _ => None,
                    };
                    self.see_sets(parent, &rest, before, &columns, &mut seen);
                    let stopped = self.follow(rest, before, &mut columns, &mut seen);
                    if let Some(error) = stopped {
                        break Outcome::Failed(error);
                    }
                    None
                }
                Err(error) => match (part, error.status) {
                    // Not a proxy's page, which says nothing of the parent.
                    (Part::Of(parent), Some(404)) if error.code == "not-found" => {
                        seen.missing.push(parent.key.clone());
                        self.end_part();
                        Some(error)
                    }
                    (_, Some(status)) if self.read.unsupported.contains(&status) => {
                        break unsupported(&error);
                    }
                    _ if seen.is_nothing => return Err(error),
                    _ => break Outcome::Failed(error),
                },
            };
            seen.is_nothing = false;
            let is_full = columns.is_full(columns.rows(), self.rows, self.page_size, 0);
            let is_last = !self.is_left();
            // A site that lacks the stream answers so for each parent, in this step and those before.
            let are_all_missing = seen.missing.len() == self.state.part as usize;
            if let Some(error) = not_found
                && are_all_missing
                && self.read.unsupported.contains(&404)
                && (is_full || is_last || seen.missing.len() >= MAX_MISSING_PARENTS)
            {
                break unsupported(&error);
            }
            if is_full && !is_last {
                break Outcome::More;
            }
        };
        Ok(self.progress(columns, outcome, seen))
    }

    /// Whether there are lists that were not read.
    fn is_left(&self) -> bool {
        (self.state.part as usize) < self.parts.len()
    }

    /// Reads on in the list of a part.
    fn read(
        &self,
        transport: &mut dyn Transport,
        part: &Part<'_>,
        columns: &mut Columns,
    ) -> Result<Rest, Error> {
        let call = self.call(part)?;
        if self.read.single {
            let before = columns.rows();
            let rest = single(transport, &call, None, &mut Rows::of_columns(columns))?;
            if columns.rows() > before {
                self.read_on(transport, &call, before, columns)?;
            }
            return Ok(rest);
        }
        let (plan, at) = match self.state.after.as_deref() {
            None => (Plan::new(&call, self.page_size), Position::default()),
            Some(after) => after::resume(&call, after).map_err(|_| state::malformed())?,
        };
        // Of a list in the order of changes, each page may be the last.
        let limit = if self.reads_page_by_page() {
            self.rows.min(columns.rows() + plan.page_size as usize)
        } else {
            self.rows
        };
        walk(transport, &plan, at, limit, &mut Rows::of_columns(columns))
    }

    /// Reads the lists of a response on that it does not have to their end. Each further response is a row
    /// of its own.
    fn read_on(
        &self,
        transport: &mut dyn Transport,
        call: &Call,
        first: usize,
        columns: &mut Columns,
    ) -> Result<(), Error> {
        for ReadOn { key, around } in self.read.read_on {
            let (mut row, mut start) = (first, 0);
            for _ in 0..MAX_READ_ON {
                // Without a limit, nobody knows where the next ones begin.
                let Some(Err(distance @ 1..)) = columns.end_of_lists(row, key) else {
                    break;
                };
                start += distance;
                let mut call = call.clone().below(key);
                call.parameter("start", Some(&start.to_string()));
                call.parameter("limit", Some(&distance.to_string()));
                row = columns.rows();
                single(
                    transport,
                    &call,
                    Some(*around),
                    &mut Rows::of_columns(columns),
                )?;
                if columns.rows() == row {
                    break;
                }
            }
        }
        Ok(())
    }

    fn reads_page_by_page(&self) -> bool {
        let is_first = self.state.before.is_none() && self.request.pass == Pass::Changes;
        is_first || !self.read.newest_first.is_empty()
    }

    /// Notes whose sets are complete. Only streams that say who may do what need to know it.
    fn see_sets(
        &mut self,
        parent: Option<&Parent>,
        rest: &Rest,
        before: usize,
        columns: &Columns,
        seen: &mut Seen,
    ) {
        if !self.stream.passes.contains(&Pass::Access) {
            return;
        }
        let has_lists = self.read.nested.is_some();
        if let Some(parent) = parent {
            let is_lost = |one: &Notice| {
                matches!(
                    one.code.as_str(),
                    "row-dropped" | "foreign-row-dropped" | "poison-item"
                )
            };
            // Also of the steps before, if the list of a parent takes several.
            self.state.gap |= rest.notices.iter().any(is_lost);
            let has_ended = rest.after.is_none() && rest.stopped.is_none();
            let has_all = if has_lists {
                let ends = |ReadOn { key, .. }: &ReadOn| {
                    let mut rows = before..columns.rows();
                    rows.any(|row| columns.end_of_lists(row, key) == Some(Ok(())))
                };
                let mut rows = before..columns.rows();
                !rows.is_empty()
                    && rows.all(|row| columns.has_all_elements(row))
                    && self.read.read_on.iter().all(ends)
            } else {
                !self.state.gap
            };
            self.state.gap &= !has_ended;
            if has_ended && has_all {
                seen.read.push(parent.key.clone());
            }
        } else if has_lists {
            let rows = before..columns.rows();
            let complete = rows.filter(|row| columns.has_complete_lists(*row));
            seen.read
                .extend(complete.map(|row| columns.face(row).id.to_owned()));
        }
    }

    /// Moves the state behind what was read. The error that the list stopped with, if it did.
    fn follow(
        &mut self,
        rest: Rest,
        before: usize,
        columns: &mut Columns,
        seen: &mut Seen,
    ) -> Option<Error> {
        // A row that is named can be looked up: it keeps nothing behind it waiting.
        let is_lost = |one: &Notice| {
            let is_named = one.id.is_some() && self.stream.passes.contains(&Pass::LookUp);
            one.code == "poison-item" && !is_named
        };
        let is_of_changes = self.request.pass == Pass::Changes;
        self.state.gap |= is_of_changes && rest.notices.iter().any(is_lost);
        for notice in rest.notices {
            match notice.id {
                Some(id) if notice.code == "unknown-id" => seen.missing.push(id),
                _ => seen.notices.push(notice),
            }
        }
        self.state.after = rest.after;
        seen.is_lost = rest.stopped.is_some() && self.state.after.is_none();
        if is_of_changes {
            self.follow_changes(before, columns, seen);
        }
        if self.state.after.is_none() && rest.stopped.is_none() {
            self.end_part();
        }
        rest.stopped
    }

    /// Notes the newest change, and ends the list where it gets older than the pass before.
    fn follow_changes(&mut self, before: usize, columns: &mut Columns, seen: &mut Seen) {
        let instants = |row: usize| columns.number(self.read.newest_first, row);
        // A row of a time that is yet to come would hide all changes until then.
        let date = columns.meter.site_time;
        let now = date.map_or(i64::MAX, |date| date.saturating_add(LESS_THAN_A_SECOND));
        if self.state.newest.is_none() {
            let newest = match self.read.parts {
                // What changes while the page is read is above it, and comes next time.
                Parts::One => (before..columns.rows()).filter_map(instants).max(),
                // Of several lists, the first response is older than any row that is missed.
                _ => columns.meter.site_time,
            };
            let newest = newest.or(self.state.before).unwrap_or(0);
            self.state.newest = Some(newest.min(now));
        }
        let Some(bound) = self.state.before else {
            // Without a pass before, there is the first page.
            self.state.after = None;
            self.state.part = u32::MAX;
            return;
        };
        let bound = bound.min(now).saturating_sub(OVERLAP_MS);
        let mut older = None;
        for row in before..columns.rows() {
            let Some(at) = columns.number(self.read.newest_first, row) else {
                continue;
            };
            if at > seen.oldest.saturating_add(OVERLAP_MS) && !self.state.unordered {
                self.state.unordered = true;
                seen.notices.push(Notice {
                    code: "order-ignored".to_owned(),
                    message: "a later change followed an earlier one: the entire list is read"
                        .to_owned(),
                    id: None,
                });
            }
            seen.oldest = seen.oldest.min(at);
            if at < bound {
                older.get_or_insert(row);
            }
        }
        if let Some(row) = older
            && !self.state.unordered
        {
            columns.set_rows(row);
            self.state.after = None;
        }
    }

    fn end_part(&mut self) {
        self.state.part = self.state.part.saturating_add(1);
        self.state.after = None;
    }

    /// The call of a list.
    fn call(&self, part: &Part<'_>) -> Result<Call, Error> {
        let read = self.read;
        let path = match part {
            Part::Of(parent) => {
                let id = path_segment(&parent.key)?;
                Cow::Owned(read.path.replace("{parent}", id))
            }
            _ => Cow::Borrowed(read.path),
        };
        let mut call = Call::new(Function::Stream, read.doing, read.scope, path);
        call.paging = read.paging;
        call.identity = Some(self.digest);
        call.raw = self.request.projection.raw;
        for (name, value) in read.fixed {
            call.parameter(name, Some(value));
        }
        match part {
            Part::Only | Part::Of(_) => {}
            Part::With(name, value) => call.parameter(name, Some(value)),
            Part::These(name, most) => call.outer(Some(Dimension {
                name,
                by: By::Id,
                values: own_ids(&self.request.parents),
                most: *most,
            })),
        }
        if let Some(format) = self.format {
            call.ask.rendered = body_format::rendered(format);
            let format = match call.ask.rendered {
                Some(_) => body_format::SOURCE,
                None => format,
            };
            call.body(read.body, format);
            format.clone_into(&mut call.ask.wanted);
        }
        if !self.spaces.is_empty() {
            call.inner(Some(Dimension {
                name: read.space,
                by: By::Space,
                values: self.spaces.clone(),
                most: MAX_SPACES,
            }));
        }
        Ok(call)
    }

    fn progress(self, mut columns: Columns, outcome: Outcome, seen: Seen) -> Progress {
        let read_parents = if self.stream.passes.contains(&Pass::Access) {
            let read = seen.read.into_iter();
            read.map(|key| ReadParent { key, version: None }).collect()
        } else {
            columns.read_parents()
        };
        let meter = columns.meter.clone();
        let points = u64::from(meter.requests) + meter.sent * u64::from(self.stream.points);
        let state = match &outcome {
            Outcome::Done if self.request.pass == Pass::Changes => {
                let newest = if self.state.gap {
                    self.state.before
                } else {
                    self.state.newest
                };
                Some(State {
                    before: newest.or(Some(0)),
                    ..State::default()
                })
            }
            Outcome::Unsupported(_) if !seen.missing.is_empty() && self.is_left() => {
                Some(self.state)
            }
            Outcome::Done | Outcome::Unsupported(_) => None,
            Outcome::Failed(_) if seen.is_lost => None,
            Outcome::More | Outcome::Failed(_) => Some(self.state),
        };
        Progress {
            batches: batches(self.stream, self.request.pass, columns),
            state: state.map(|state| state.write(self.digest)),
            outcome,
            observed: Observed {
                rows: meter.sent,
                requests: meter.requests,
                points,
                foreign_rows: meter.foreign,
                missing_parents: seen.missing,
                read_parents,
                site_time: meter.site_time.and_then(dates::iso_of_number),
            },
            notices: seen.notices,
        }
    }
}

/// Reads a response that is one row, between these texts.
fn single(
    transport: &mut dyn Transport,
    call: &Call,
    around: Option<(&str, &str)>,
    rows: &mut Rows<'_>,
) -> Result<Rest, Error> {
    rows.count_request();
    let answer = transport
        .get(&call.single())
        .map_err(|failure| answer::unanswered(failure, &call.ask))?;
    rows.note(&answer);
    let text = answer::text(&answer, &call.ask)?;
    let text = match around {
        None => Cow::Borrowed(text),
        Some((before, after)) => Cow::Owned(format!("{before}{text}{after}")),
    };
    decode::single(rows, &text, &call.ask, call.raw, || {
        link::base(&answer, transport)
    })
    .map_err(|error| error.answered(&answer))?;
    rows.count_sent(rows.on_page());
    let usable = vec![true; rows.on_page()];
    rows.keep(&usable);
    Ok(Rest::default())
}

/// What a step has met.
struct Seen {
    /// No request has succeeded.
    is_nothing: bool,
    /// The list stopped, and nothing leads on.
    is_lost: bool,
    /// Instant of the oldest row.
    oldest: i64,
    missing: Vec<String>,
    /// Parents whose sets are complete.
    read: Vec<String>,
    notices: Vec<Notice>,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            is_nothing: true,
            is_lost: false,
            oldest: i64::MAX,
            missing: Vec::new(),
            read: Vec::new(),
            notices: Vec::new(),
        }
    }
}

/// One batch for each stream that the rows belong to.
fn batches(stream: &'static Stream, pass: Pass, mut columns: Columns) -> Vec<Batch> {
    columns.drop_keyless();
    let batch = |stream: &'static str, columns: Columns| Batch {
        stream,
        rows: columns.output_rows(),
        columns: columns.finish(),
    };
    if pass == Pass::Survey && columns.is_of_sketches() {
        // A search does not tell the comments of the streams apart: they know their rows by key.
        let (rows, columns) = (columns.output_rows(), columns.finish());
        let batch = |stream: &&'static str| Batch {
            stream,
            rows,
            columns: columns.clone(),
        };
        return COMMENT_STREAMS.iter().map(batch).collect();
    }
    match stream.route {
        // Replies to given comments belong to their stream.
        Some(Route {
            column,
            with,
            without,
        }) if pass != Pass::Details => {
            let (others, these) = columns.split(column);
            vec![batch(without, others), batch(with, these)]
        }
        _ => vec![batch(stream.name, columns)],
    }
}

/// The lists that a pass consists of.
fn parts<'a>(
    stream: &'static Stream,
    read: &'static Read,
    request: &'a StepRequest,
    state: &State,
) -> Result<Vec<Part<'a>>, Error> {
    Ok(match read.parts {
        Parts::One => vec![Part::Only],
        Parts::Parents => request.parents.iter().map(Part::Of).collect(),
        Parts::ParentsAtOnce(name, most) => vec![Part::These(name, most)],
        Parts::ParentsInCql(cql, most) => {
            let ids = own_ids(&request.parents);
            ids.chunks(most)
                .map(|ids| Part::With("cql", format!("{cql} and id in ({})", ids.join(","))))
                .collect()
        }
        Parts::Since(names) => match state.before {
            None => vec![Part::Only],
            Some(before) => {
                let since = before.saturating_sub(OVERLAP_MS).max(0).to_string();
                let part = |name: &&'static str| Part::With(name, since.clone());
                names.iter().map(part).collect()
            }
        },
        Parts::Setting(setting, parameter) => {
            let given = request.settings.iter().find(|(name, _)| name == setting);
            let values = given.map_or("", |(_, value)| value.as_str()).split(',');
            let values: Vec<Part<'_>> = values
                .map(str::trim)
                .filter(|value| !value.is_empty())
                .map(|value| Part::With(parameter, value.to_owned()))
                .collect();
            if values.is_empty() {
                return Err(Error::argument(
                    "setting-missing",
                    format!("stream `{}` needs the setting `{setting}`", stream.name),
                    "Confluence has no list of the types that a site has",
                    format!("pass `{setting}` with the types, separated by commas"),
                ));
            }
            values
        }
    })
}

fn check_parents(stream: &Stream, read: &Read, parents: &[Parent]) -> Result<(), Error> {
    let takes_parents = read.parts.are_of_parents();
    if parents.len() > MAX_PARENTS {
        return Err(Error::argument(
            "too-many-parents",
            format!("`parents` has `{}` rows", parents.len()),
            format!("a step takes up to `{MAX_PARENTS}`"),
            "pass the rest to further steps",
        ));
    }
    if takes_parents && parents.is_empty() {
        return Err(Error::argument(
            "parents-missing",
            format!("stream `{}` needs `parents` for this pass", stream.name),
            "its endpoint lists the rows of one parent at a time",
            format!("pass rows of `{}`", stream.parents.join("`, `")),
        ));
    }
    if !takes_parents && !parents.is_empty() {
        return Err(Error::argument(
            "unsupported-parents",
            format!("stream `{}` takes no `parents` for this pass", stream.name),
            "its endpoint lists the rows of the entire site or space",
            "omit `parents`",
        ));
    }
    parents.iter().try_for_each(|parent| match read.parts {
        Parts::Parents => path_segment(&parent.key).map(drop),
        Parts::ParentsInCql(..) if !ids::is_id(&parent.key) => Err(key_malformed(&parent.key)),
        _ => path_segment(own_id(&parent.key)).map(drop),
    })
}

/// The id of what a key names: a member of a group, `GROUP/ACCOUNT`, is an account.
fn own_id(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

/// The ids of parents, each once: an account can be in several groups.
fn own_ids(parents: &[Parent]) -> Vec<String> {
    let mut ids: Vec<String> = Vec::with_capacity(parents.len());
    for parent in parents {
        let id = own_id(&parent.key);
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    ids
}

/// A key as a segment of a path: no characters that lead elsewhere.
fn path_segment(key: &str) -> Result<&str, Error> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.');
    if !key.is_empty() && key.len() <= 256 && key.chars().all(is_plain) && !key.starts_with('.') {
        return Ok(key);
    }
    Err(key_malformed(key))
}

fn key_malformed(key: &str) -> Error {
    Error::argument(
        "id-malformed",
        format!(
            "`parents` has the key `{}`, which is not an id",
            quoted(key, 60)
        ),
        "keys of parents are ids, such as `98304` or `att98306`",
        "pass `_key` of rows of the parent stream",
    )
}

fn unsupported(error: &Error) -> Outcome {
    Outcome::Unsupported(format!("{error}: {}", error.cause))
}

fn unsupported_pass(stream: &Stream, pass: Pass) -> Error {
    let supported: Vec<&str> = stream.passes.iter().map(|pass| pass_name(*pass)).collect();
    Error::argument(
        "unsupported-pass",
        format!("stream `{}` has no pass `{}`", stream.name, pass_name(pass)),
        "its endpoint cannot be read that way",
        format!("pass one of: `{}`", supported.join("`, `")),
    )
}

fn pass_name(pass: Pass) -> &'static str {
    match pass {
        Pass::Full => "full",
        Pass::Changes => "changes",
        Pass::Census => "census",
        Pass::Details => "details",
        Pass::Versions => "versions",
        Pass::Access => "access",
        Pass::LookUp => "look-up",
        Pass::Survey => "survey",
    }
}

/// The format of bodies. A census never has bodies.
fn body_format<'a>(
    stream: &Stream,
    read: &Read,
    request: &'a StepRequest,
) -> Result<Option<&'a str>, Error> {
    let Some(format) = request.projection.body_format.as_deref() else {
        return Ok(None);
    };
    choice(
        "body-format-unknown",
        "body-format",
        format,
        LIST_FORMATS,
        read.doing,
    )?;
    let has_bodies = !read.body.is_empty() && request.pass != Pass::Census;
    let columns = &request.projection.columns;
    let is_wanted =
        columns.is_empty()
            || stream.shape.fields.iter().any(|field| {
                field.kind.is_of_body() && columns.iter().any(|name| name == field.name)
            });
    // With `raw`, the body is in the row's JSON.
    Ok((has_bodies && (is_wanted || request.projection.raw)).then_some(format))
}

/// Which fields are wanted.
fn wanted(stream: &Stream, request: &StepRequest) -> Result<Wanted, Error> {
    let columns = &request.projection.columns;
    let fields = stream.shape.fields;
    let unknown = columns
        .iter()
        .find(|name| !fields.iter().any(|field| field.name == *name));
    if let Some(name) = unknown {
        return Err(Error::argument(
            "unknown-column",
            format!(
                "stream `{}` has no column `{}`",
                stream.name,
                quoted(name, 60)
            ),
            "this version of the component does not have it, or it is a system column, which every batch has",
            "pass names of columns that `streams` describes",
        ));
    }
    let has_format = request.projection.body_format.is_some();
    let is_wanted = |field: &Field| {
        if columns.is_empty() {
            !field.kind.is_of_body() || has_format && field.kind == Kind::Body
        } else {
            columns.iter().any(|name| name == field.name)
        }
    };
    Ok(Wanted {
        fields: fields.iter().map(is_wanted).collect(),
        raw: request.projection.raw,
    })
}

fn within(
    name: &str,
    given: Option<u32>,
    range: std::ops::RangeInclusive<u32>,
    default: u32,
) -> Result<u32, Error> {
    match given {
        None => Ok(default),
        Some(value) if range.contains(&value) => Ok(value),
        Some(value) => Err(Error::argument(
            "budget-out-of-range",
            format!(
                "`{name}` of the budget is `{value}`, which is not between `{}` and `{}`",
                range.start(),
                range.end()
            ),
            "a step is bounded, and makes progress",
            format!("pass a value in that range; the default is `{default}`"),
        )),
    }
}

/// Tells passes apart in states.
fn digest(request: &StepRequest) -> u64 {
    let mut digest = Fingerprint::new();
    digest.add(request.stream.as_bytes());
    digest.add(pass_name(request.pass).as_bytes());
    digest.add(request.partition.as_deref().unwrap_or_default().as_bytes());
    for (name, value) in &request.settings {
        digest.add(name.as_bytes());
        digest.add(value.as_bytes());
    }
    digest.add(b"");
    for parent in &request.parents {
        digest.add(parent.key.as_bytes());
    }
    digest.value()
}
