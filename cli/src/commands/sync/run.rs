//! `host-runner sync run`.

use clap::{Args, ValueEnum};
use clap_complete::engine::ArgValueCompleter;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use sync::{RunOutcome, StreamReport, SyncError, SyncEvent, SyncReport, SyncRequest};

use super::super::at_once;
use super::super::interruption::Interruption;
use super::events::Events;
use super::filter::FilterOptions;
use super::{SinkName, now};
use crate::count::count;
use crate::exit::Failure;
use crate::formats::{Format, MessageFormat};
use crate::options::SessionOptions;
use crate::output::Sheet;
use crate::{candidates, output, progress, report};

pub(super) const AFTER_HELP: &str = "\
The database also holds the state: the same command again reads what is new or has changed. Each batch of \
rows is committed together with the state behind it, so a run can be interrupted at any time, and the next \
one continues there.

Rows that no longer exist are marked with `_sync_deleted_at`: at once if Confluence reports them as trashed \
or deleted, otherwise once two runs at least ten minutes apart did not find them. If so many rows are missing \
that it looks like a mistake, their deletion waits for `host-runner sync approve`.

With `--message-format json`, standard output has one JSON object per line for each event: `started`, \
`committed`, `notice`, `failed`, and at the end `ended` with the summary. `--output` prints the summary alone.

Exit codes:
  32 partial: something could not be read; what was read is in the database
  33 held: deletions need approval; everything else is in the database

Examples:
  host-runner sync run --to sqlite:site.db
  host-runner sync run --to sqlite:site.db --streams 'pages,page_*,!page_versions'
  host-runner sync run --to sqlite:site.db --spaces ENG,HR --bodies markdown
  host-runner sync run --to sqlite:site.db --spaces '!HR' --modified-after 2026-01-01
  host-runner sync run --to sqlite:site.db --pages 98304 --streams '!attachment*'
  host-runner sync run --to sqlite:site.db --history on
  PGPASSWORD=... host-runner sync run --to 'postgresql://sync@db.example/wiki?schema=confluence'
  host-runner sync run --to jsonl+zst:site";

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// Where to write rows and state: sqlite:FILE, postgresql://USER@HOST/DATABASE, jsonl:FOLDER or csv:FOLDER
    #[arg(long, value_name = "SINK", add = ArgValueCompleter::new(candidates::sinks))]
    pub(crate) to: SinkName,
    /// Streams: names, patterns such as `page_*`, and `!NAME` to omit one. Default: those that `host-runner streams NAME` marks as default
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) streams: Vec<String>,
    /// Also copy bodies, in this format: storage, atlas_doc_format, text, markdown
    #[arg(long, value_name = "FORMAT")]
    pub(crate) bodies: Option<String>,
    /// Also copy each row's JSON from Confluence, into the column `raw`
    #[arg(long)]
    pub(crate) raw: bool,
    /// Read everything again, even if it is not due
    #[arg(long)]
    pub(crate) full: bool,
    /// Log each change of a row in the table `STREAM__changes` from this run on, or stop. Default: as before; files keep every change in any case
    #[arg(long, value_enum, value_name = "ON|OFF")]
    pub(crate) history: Option<History>,
    /// Types of custom content, separated by commas, for the stream `custom_content`
    #[arg(long, value_name = "TYPES")]
    pub(crate) custom_content_types: Option<String>,
    /// Output format of the summary
    #[arg(long, short, value_enum)]
    pub(crate) output: Option<Format>,
    /// Print the cost on standard error
    #[arg(long)]
    pub(crate) receipt: bool,
    #[command(flatten)]
    pub(crate) filters: FilterOptions,
}

/// Whether changes are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum History {
    On,
    Off,
}

pub(super) async fn run(session: &SessionOptions, arguments: RunArguments) -> Result<(), Failure> {
    let filters = arguments.filters.filters()?;
    let host = session.open()?;
    let tenant = host.tenant(&session.scope())?;
    let client = tenant.client();
    let mut sink = arguments.to.open().await?;
    let mut request = arguments.request(at_once(&host, &session.scope()));
    request.filters = filters;
    let progress = progress::counter("{spinner} {msg}, {pos} rows, {elapsed}");
    let mut interruption = Interruption::expect();
    // Whoever names a format wants the summary alone.
    let is_for_programs = session.telemetry.message_format == MessageFormat::Json;
    let mut events = (is_for_programs && arguments.output.is_none()).then(Events::default);
    let mut tell = |event: SyncEvent<'_>| match &mut events {
        Some(events) => events.happened(&event),
        None => tell(&progress, &event),
    };
    let running = sync::sync(&client, sink.as_mut(), &request, &now, &mut tell);
    let ended = tokio::select! {
        biased;
        exit = interruption.happens() => Err(Failure::SyncInterrupted(exit)),
        ended = running => ended.map_err(Failure::from),
    };
    progress.finish_and_clear();
    let format = arguments.output.unwrap_or_else(output::default_format);
    if arguments.receipt {
        report::receipt(&client.receipt(), format);
    }
    let ended = ended.and_then(|done| {
        let printed = match events {
            Some(events) => events.ended(&done, done.streams.iter().map(row).collect()),
            None => print(&done, format),
        };
        printed.and_then(|()| conclude(done))
    });
    session.after_calls(&host, ended)
}

impl RunArguments {
    fn request(&self, at_once: usize) -> SyncRequest {
        let mut request = SyncRequest::default();
        request.streams.clone_from(&self.streams);
        request.bodies = self.bodies.clone().filter(|format| format != "none");
        request.raw = self.raw;
        request.full = self.full;
        request.logs_changes = self.history.map(|history| history == History::On);
        request.at_once = at_once;
        if let Some(types) = &self.custom_content_types {
            request
                .settings
                .push(("custom-content-types".to_owned(), types.clone()));
        }
        request
    }
}

fn tell(progress: &ProgressBar, event: &SyncEvent<'_>) {
    match event {
        SyncEvent::Started { stream, pass } => {
            progress.set_message(format!("{stream}: {pass}"));
            progress.set_position(0);
        }
        SyncEvent::Committed { rows, .. } => progress.set_position(*rows),
        SyncEvent::Notice { stream, notice } => {
            progress.suspend(|| report::note(&format!("{stream}: {}", notice.message)));
        }
        _ => {}
    }
}

/// A line for each stream that has rows or problems.
fn print(done: &SyncReport, format: Format) -> Result<(), Failure> {
    let columns = ["stream", "new", "changed", "deleted", "unchanged", "state"];
    let rows: Vec<Value> = done.streams.iter().map(row).collect();
    if format != Format::Json {
        return output::records(&Sheet::of(&columns), &rows, format);
    }
    let whole = json!({
        "run": done.run,
        "outcome": done.outcome.name(),
        "requests": done.requests,
        "points": done.points,
        "streams": rows,
    });
    output::document(&whole)
}

fn row(stream: &StreamReport) -> Value {
    let counts = stream.counts;
    json!({
        "stream": stream.stream,
        "new": counts.inserted,
        "changed": counts.updated,
        "deleted": counts.deleted,
        "unchanged": counts.unchanged,
        "filtered": counts.left,
        "state": state(stream),
    })
}

fn state(stream: &StreamReport) -> String {
    if let Some(error) = stream.failures.first() {
        return format!("failed: {}", error.message);
    }
    if let Some(reason) = &stream.unsupported {
        return format!("not available: {reason}");
    }
    let mut words = Vec::new();
    if stream.held > 0 {
        words.push(format!("{} need approval", count(stream.held, "deletion")));
    }
    let unread = stream.missed + stream.failed;
    if unread > 0 {
        words.push(format!("{} could not be read", count(unread, "row")));
    }
    if stream.suspected > 0 {
        words.push(format!(
            "{} missing, to be confirmed by the next run",
            stream.suspected
        ));
    }
    if stream.counts.left > 0 {
        let rows = count(stream.counts.left, "row");
        words.push(format!(
            "{rows} left the scope, kept until `host-runner sync apply-filters`"
        ));
    }
    if words.is_empty() {
        "complete".to_owned()
    } else {
        words.join(", ")
    }
}

/// How the command ends: a failure of the source as that of a call.
fn conclude(done: SyncReport) -> Result<(), Failure> {
    let held: u64 = done.streams.iter().map(|stream| stream.held).sum();
    match done.outcome {
        RunOutcome::Complete => Ok(()),
        RunOutcome::Held => Err(Failure::SyncHeld(held)),
        outcome => {
            let failures = done.streams.into_iter().flat_map(|stream| stream.failures);
            let mut failures: Vec<_> = failures.collect();
            if outcome == RunOutcome::Failed && !failures.is_empty() {
                return Err(failures.remove(0).into());
            }
            for error in &failures {
                report::warning(&error.message);
            }
            if held > 0 {
                report::warning(&format!("{} need approval", count(held, "deletion")));
            }
            Err(Failure::SyncPartial)
        }
    }
}

impl From<SyncError> for Failure {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::Source(error) => (*error).into(),
            other => Self::Sync(Box::new(other)),
        }
    }
}
