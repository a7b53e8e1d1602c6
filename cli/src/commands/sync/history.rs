//! What past runs of a sync left.

use clap::Args;
use host_runner::GrantState;
use serde_json::{Value, json};
use sync::Millis;

use super::defined::CopyName;
use super::now;
use crate::count::count;
use crate::exit::Failure;
use crate::formats::Format;
use crate::options::SessionOptions;
use crate::output::{PrintOptions, Sheet};
use crate::{output, report};

/// A copy, and how what is known of it is printed.
#[derive(Debug, Args)]
pub(crate) struct CopyArguments {
    #[command(flatten)]
    pub(crate) copy: CopyName,
    #[command(flatten)]
    pub(crate) print: PrintOptions,
}

#[derive(Debug, Args)]
pub(crate) struct RunsArguments {
    #[command(flatten)]
    pub(crate) copy: CopyArguments,
    /// Maximum number of runs
    #[arg(long, default_value = "20")]
    pub(crate) limit: u32,
}

#[derive(Debug, Args)]
pub(crate) struct ApproveArguments {
    /// Stream whose deletions are approved
    pub(crate) stream: String,
    #[command(flatten)]
    pub(crate) copy: CopyName,
}

/// What is shown of a stream.
const STATUS: Sheet<'_> = Sheet {
    columns: &[
        "stream",
        "rows",
        "deleted",
        "missing",
        "held",
        "filtered",
        "changesAt",
        "listedAt",
        "setsAt",
    ],
    wide: &["deleted", "missing", "held", "filtered", "setsAt"],
    shortened: &[],
};

/// What is shown of a run.
const RUNS: [&str; 13] = [
    "run",
    "started",
    "outcome",
    "new",
    "changed",
    "deleted",
    "requests",
    "ended",
    "stoppedBy",
    "points",
    "unchanged",
    "streams",
    "errors",
];

pub(super) async fn status(
    session: &SessionOptions,
    arguments: &CopyArguments,
) -> Result<(), Failure> {
    let mut sink = arguments.copy.sink(session)?.open_existing(session).await?;
    let printing = arguments.print.printing()?;
    let format = printing.format;
    let shown = |at| time(at, format);
    let rows: Vec<Value> = sink
        .streams()
        .await?
        .into_iter()
        .map(|stream| {
            json!({
                "stream": stream.stream,
                "rows": stream.live,
                "deleted": stream.deleted,
                "missing": stream.missing,
                "held": stream.held,
                "filtered": stream.filtered,
                "changesAt": stream.changes.map(shown),
                "listedAt": stream.seen.map(shown),
                "setsAt": stream.sets.map(shown),
            })
        })
        .collect();
    if rows.is_empty() {
        report::note("no stream has been copied yet");
    }
    output::records(&STATUS, &rows, &printing)?;
    let connection = arguments.copy.connection(session)?;
    warn_of_login(&session.over(connection.as_ref())).await;
    Ok(())
}

/// Warns if the next run cannot log in, or soon cannot. A copy can be looked at where no connection is
/// configured, so that errors say nothing here.
async fn warn_of_login(session: &SessionOptions) {
    let Ok(host) = session.open_to_read() else {
        return;
    };
    let Ok(connections) = host.connections(&session.scope()).await else {
        return;
    };
    let in_use = connections.into_iter().find(|connection| connection.in_use);
    let Some((name, Some(state))) = in_use.map(|one| (one.name, one.grant)) else {
        return;
    };
    if state != GrantState::Ok {
        report::warning(&format!(
            "the login of connection `{name}`: {state}; `host-runner doctor` shows the fix"
        ));
    }
}

pub(super) async fn runs(
    session: &SessionOptions,
    arguments: &RunsArguments,
) -> Result<(), Failure> {
    let mut sink = arguments
        .copy
        .copy
        .sink(session)?
        .open_existing(session)
        .await?;
    let printing = arguments.copy.print.printing()?;
    let format = printing.format;
    let document = |text: Option<String>| {
        text.and_then(|text| serde_json::from_str::<Value>(&text).ok())
            .unwrap_or(Value::Null)
    };
    let runs = sink.runs(arguments.limit).await?;
    let rows: Vec<Value> = runs
        .into_iter()
        .map(|run| {
            let stopped_by = run.stopped_by();
            let outcome = run.outcome.as_deref().unwrap_or("running");
            let shown = match stopped_by {
                Some(_) if format.is_table() => "budget".to_owned(),
                _ => outcome.to_owned(),
            };
            json!({
                "run": run.run,
                "started": time(run.started, format),
                "outcome": shown,
                "new": run.inserted,
                "changed": run.updated,
                "deleted": run.deleted,
                "requests": run.requests,
                "ended": run.ended.map(|at| time(at, format)),
                "stoppedBy": stopped_by,
                "points": run.points,
                "unchanged": run.unchanged,
                "streams": flat(document(run.streams), format, names_of),
                "errors": flat(document(run.errors), format, texts_of),
            })
        })
        .collect();
    // Documents of many lines are for programs.
    let columns = if format.is_table() {
        RUNS.get(..RUNS.len() - 2).unwrap_or_default()
    } else {
        &RUNS
    };
    let sheet = Sheet {
        columns,
        wide: &["ended", "stoppedBy", "points", "unchanged"],
        shortened: &[],
    };
    output::records(&sheet, &rows, &printing)
}

/// A document as it is, or in CSV as one text, which spreadsheets can hold.
fn flat(document: Value, format: Format, text: fn(&Value) -> String) -> Value {
    match format {
        Format::Csv if !document.is_null() => Value::String(text(&document)),
        _ => document,
    }
}

/// The names of the streams of a run.
fn names_of(streams: &Value) -> String {
    let streams = streams.as_object().into_iter().flatten();
    let names: Vec<&str> = streams.map(|(name, _)| name.as_str()).collect();
    names.join(" ")
}

/// What the errors of a run say.
fn texts_of(errors: &Value) -> String {
    let errors = errors.as_array().into_iter().flatten();
    let texts: Vec<String> = errors
        .map(|error| {
            let text = |name: &str| error.get(name).and_then(Value::as_str);
            match (text("stream"), text("message")) {
                (Some(stream), Some(message)) => format!("{stream}: {message}"),
                (None, Some(message)) => message.to_owned(),
                _ => error.to_string(),
            }
        })
        .collect();
    texts.join("; ")
}

pub(super) async fn holds(
    session: &SessionOptions,
    arguments: &CopyArguments,
) -> Result<(), Failure> {
    let mut sink = arguments.copy.sink(session)?.open_existing(session).await?;
    let printing = arguments.print.printing()?;
    let format = printing.format;
    let rows: Vec<Value> = sink
        .holds()
        .await?
        .into_iter()
        .map(|hold| {
            json!({
                "stream": hold.stream,
                "key": hold.key,
                "space": hold.container,
                "since": time(hold.held, format),
            })
        })
        .collect();
    if rows.is_empty() {
        report::note("no deletions need approval");
    }
    output::records(
        &Sheet::of(&["stream", "key", "space", "since"]),
        &rows,
        &printing,
    )
}

pub(super) async fn failures(
    session: &SessionOptions,
    arguments: &CopyArguments,
) -> Result<(), Failure> {
    let mut sink = arguments.copy.sink(session)?.open_existing(session).await?;
    let printing = arguments.print.printing()?;
    let format = printing.format;
    let failures = sink.failures().await?;
    if failures.is_empty() {
        report::note("all rows could be read");
    }
    let rows: Vec<Value> = failures
        .into_iter()
        .map(|failure| {
            json!({
                "stream": failure.stream,
                "key": failure.key,
                "attempts": failure.attempts,
                "since": time(failure.first, format),
                "next": time(failure.next, format),
                "pass": failure.pass,
                "last": time(failure.last, format),
                "code": failure.code,
                "message": failure.message,
            })
        })
        .collect();
    let sheet = Sheet {
        columns: &[
            "stream", "key", "attempts", "since", "next", "pass", "last", "code", "message",
        ],
        wide: &["pass", "last", "code", "message"],
        shortened: &[],
    };
    output::records(&sheet, &rows, &printing)
}

pub(super) async fn approve(
    session: &SessionOptions,
    arguments: &ApproveArguments,
) -> Result<(), Failure> {
    let mut sink = arguments.copy.sink(session)?.open_existing(session).await?;
    match sink.approve(&arguments.stream, now()).await? {
        0 => Err(Failure::NotThere(format!(
            "no deletions of the stream `{}` need approval",
            arguments.stream
        ))),
        approved => output::say(&format!(
            "approved {} of `{}`; the next run makes them",
            count(approved, "deletion"),
            arguments.stream
        )),
    }
}

/// A time: `2026-04-28 07:26` in a table, which is narrow, and `2026-04-28T07:26:08Z` elsewhere.
pub(super) fn time(millis: Millis, format: Format) -> String {
    let at = arrow_array::temporal_conversions::timestamp_ms_to_datetime(millis);
    let pattern = match format {
        Format::Table => "%Y-%m-%d %H:%M",
        _ => "%Y-%m-%dT%H:%M:%SZ",
    };
    at.map_or_else(String::new, |at| at.format(pattern).to_string())
}
