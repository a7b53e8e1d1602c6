//! One bounded step of a pass.

use super::{
    catalogue,
    description::Stream,
    request::{Pass, StepRequest},
    state::{self, State},
};
use crate::{
    Confluence, Error, Notice, Rest, Transport,
    columns::{Column, Columns, Field, Meter, Wanted},
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
    reading::rows::Rows,
};

/// Parents of a step, at most.
const MAX_PARENTS: usize = 250;

/// Settings that some stream needs.
const SETTINGS: &[&str] = &["custom-content-types"];

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
    request: &'a StepRequest,
    wanted: Wanted,
    /// Format of bodies.
    format: Option<&'a str>,
    space: Option<String>,
    digest: u64,
    state: State,
    rows: usize,
    page_size: u32,
    meter: Meter,
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
        if !stream.passes.contains(&request.pass) {
            return Err(unsupported_pass(stream, request.pass));
        }
        check_settings(&request.settings)?;
        let format = body_format(stream, request)?;
        let wanted = wanted(stream, request, format)?;
        let space = match request.partition.as_deref() {
            None => None,
            Some(_) if stream.list.space.is_empty() => {
                return Err(Error::argument(
                    "unsupported-partition",
                    format!("stream `{}` cannot be read by space", stream.name),
                    "its endpoint has no parameter for a space; confluence would return the rows of all spaces",
                    "omit `partition`",
                ));
            }
            Some(space) => Some(ids::id("partition", space)?),
        };
        if request.parents.len() > MAX_PARENTS {
            return Err(Error::argument(
                "too-many-parents",
                format!("`parents` has `{}` rows", request.parents.len()),
                format!("a step takes up to `{MAX_PARENTS}`"),
                "pass the rest to further steps",
            ));
        }
        let budget = &request.budget;
        let rows = within("rows", budget.rows, 1..=100_000, 10_000)?;
        let bytes = within("bytes", budget.bytes, 65_536..=16_777_216, 4 << 20)?;
        let requests = within("requests", budget.requests, 1..=1_000, 100)?;
        let page_size = within("page-size", budget.page_size, 1..=250, 250)?;
        let digest = digest(request);
        let state = match request.state.as_deref() {
            None => State::default(),
            Some(text) => State::read(text, digest)?,
        };
        Ok(Self {
            stream,
            request,
            wanted,
            format,
            space,
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

    fn step(self, transport: &mut dyn Transport) -> Result<Progress, Error> {
        let call = self.call();
        let renders = call.ask.rendered.is_some();
        let (plan, at) = self.begin(&call)?;
        let mut columns = Columns::new(
            &self.stream.shape,
            self.wanted.clone(),
            renders,
            self.meter.clone(),
        );
        let mut rows = Rows::of_columns(&mut columns);
        let rest = walk(transport, &plan, at, self.rows, &mut rows)?;
        drop(rows);
        Ok(self.progress(columns, rest))
    }

    /// The call of the list.
    fn call(&self) -> Call {
        let list = &self.stream.list;
        let mut call = Call::new(Function::Stream, list.doing, list.scope, list.path);
        call.paging = list.paging;
        call.identity = Some(self.digest);
        call.raw = self.request.projection.raw;
        if self.request.pass == Pass::Census {
            for status in list.statuses {
                call.parameter("status", Some(status));
            }
        }
        if let Some(format) = self.format {
            call.ask.rendered = body_format::rendered(format);
            let format = match call.ask.rendered {
                Some(_) => body_format::SOURCE,
                None => format,
            };
            call.body(list.body, format);
            format.clone_into(&mut call.ask.wanted);
        }
        if let Some(space) = &self.space {
            call.inner(Some(Dimension {
                name: list.space,
                by: By::Space,
                values: vec![space.clone()],
                most: 1,
            }));
        }
        call
    }

    /// Where the step begins.
    fn begin<'b>(&self, call: &'b Call) -> Result<(Plan<'b>, Position), Error> {
        match self.state.after.as_deref() {
            None => Ok((Plan::new(call, self.page_size), Position::default())),
            Some(after) => after::resume(call, after).map_err(|_| state::malformed()),
        }
    }

    fn progress(self, columns: Columns, rest: Rest) -> Progress {
        let meter = columns.meter.clone();
        let rows = columns.rows();
        let points = u64::from(meter.requests) + meter.sent * u64::from(self.stream.points);
        let state = rest.after.map(|after| {
            let state = State {
                after: Some(after),
                ..self.state
            };
            state.write(self.digest)
        });
        let outcome = match rest.stopped {
            Some(error) => Outcome::Failed(error),
            None if state.is_some() => Outcome::More,
            None => Outcome::Done,
        };
        Progress {
            batches: vec![Batch {
                stream: self.stream.name,
                rows,
                columns: columns.finish(),
            }],
            state,
            outcome,
            observed: Observed {
                rows: meter.sent,
                requests: meter.requests,
                points,
                foreign_rows: meter.foreign,
                missing_parents: Vec::new(),
                site_time: meter.site_time.and_then(dates::iso_of_number),
            },
            notices: rest.notices,
        }
    }
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
    }
}

/// Refuses settings that no stream has.
pub(super) fn check_settings(settings: &[(String, String)]) -> Result<(), Error> {
    let unknown = settings
        .iter()
        .find(|(name, _)| !SETTINGS.contains(&name.as_str()));
    match unknown {
        None => Ok(()),
        Some((name, _)) => Err(Error::argument(
            "unknown-setting",
            format!("unknown setting `{}`", quoted(name, 60)),
            "no stream of this version has it",
            format!("omit it, or pass one of: `{}`", SETTINGS.join("`, `")),
        )),
    }
}

/// The format of bodies. A census never has bodies.
fn body_format<'a>(stream: &Stream, request: &'a StepRequest) -> Result<Option<&'a str>, Error> {
    let Some(format) = request.projection.body_format.as_deref() else {
        return Ok(None);
    };
    choice(
        "body-format-unknown",
        "body-format",
        format,
        LIST_FORMATS,
        stream.list.doing,
    )?;
    let has_bodies = !stream.list.body.is_empty() && request.pass != Pass::Census;
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
fn wanted(stream: &Stream, request: &StepRequest, format: Option<&str>) -> Result<Wanted, Error> {
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
    let is_wanted = |field: &Field| {
        if columns.is_empty() {
            format.is_some() || !field.kind.is_of_body()
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
