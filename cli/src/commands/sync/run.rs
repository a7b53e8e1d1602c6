//! `host-runner sync run`.

use clap::Args;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use sync::{BudgetLimit, StreamReport, SyncError, SyncEvent, SyncReport};

use super::super::interruption::Interruption;
use super::super::nothing_visible;
use super::ending::{conclude, need_approval};
use super::events::Events;
use super::flags::{CopyFlags, DueFlags};
use super::which::Which;
use super::{due, plan};
use crate::count::count;
use crate::exit::Failure;
use crate::formats::{Format, MessageFormat};
use crate::notices::Notices;
use crate::options::SessionOptions;
use crate::output::{PrintOptions, Printing, Sheet};
use crate::{output, progress, report};

pub(super) const AFTER_HELP: &str = "\
Run the same command again to copy what is new or has changed: the database or folder also holds the state. Rows \
are committed together with the state, so a run can be interrupted at any time, and the next one continues \
where it stopped.

The summary counts each row once: `new`, `changed`, `deleted` or `unchanged`. All but `deleted` are rows that the \
copy has.

Rows that no longer exist are marked with `_sync_deleted_at`: at once if Confluence reports them as trashed \
or deleted, otherwise once two runs at least ten minutes apart did not find them. If so many rows are missing \
that it looks like a mistake, their deletion waits for `host-runner sync approve`.

With `--message-format json`, standard output has a JSON object on a line for each event: `started`, \
`committed`, `notice`, `failed`, and at the end `ended` with the summary. With `--output`, it has the summary only.

A defined sync (`host-runner sync add`) is run by its name, or by `--due` when its schedule requires it. With \
`--due`, a sync whose copy another run is writing is skipped, one that fails is retried after 15 minutes and then at \
growing intervals up to 4 hours, and one whose credentials the site rejects is paused. The exit code is that of \
the worst outcome. With a name, only options for a single run are allowed: `--full`, `--passes`, \
`--max-requests`, `--max-points`, `--max-time`.

Exit codes:
  32 partial: something could not be read; what was read is in the copy
  33 held: deletions need approval; everything else is in the copy
  34 budget: a limit was reached (`--max-requests`, `--max-points`, `--max-time`); the next run continues

Examples:
  host-runner sync run --to sqlite:site.db
  host-runner sync run --to sqlite:site.db --streams 'pages,page_*,!page_versions'
  host-runner sync run --to sqlite:site.db --spaces ENG,HR --bodies markdown
  host-runner sync run --to sqlite:site.db --spaces '!HR' --modified-after 2026-01-01
  host-runner sync run --to sqlite:site.db --pages 98304 --streams '!attachment*'
  host-runner sync run --to sqlite:site.db --kinds '!comments,!blog-post-attachments'
  host-runner sync run --to sqlite:site.db --history on
  host-runner sync run --to sqlite:site.db --naming airbyte
  PGPASSWORD=... host-runner sync run --to 'postgresql://sync@db.example/wiki?schema=confluence'
  HOST_RUNNER_DUCKDB_LIBRARY=/usr/local/lib/libduckdb.so host-runner sync run --to duckdb:site.duckdb
  host-runner sync run --to jsonl+zst:site
  host-runner sync run --to parquet:site
  AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=... host-runner sync run --to parquet:s3://bucket/wiki
  host-runner sync run --to sqlite:site.db --files site-files --files-max-size 50MiB
  host-runner sync run --to sqlite:site.db --files site-files --files-by digest --files-types 'image/*,application/pdf'
  host-runner sync run --to sqlite:site.db --max-requests 500
  host-runner sync run docs
  host-runner sync run --due";

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) due: DueFlags,
    /// Print what the run would read and cost, without running it
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) print: PrintOptions,
    /// Print the cost on standard error
    #[arg(long, conflicts_with = "all_due")]
    pub(crate) receipt: bool,
    // Last, since the heading of its filters holds for what comes behind them, too.
    #[command(flatten)]
    pub(crate) copy: CopyFlags,
}

pub(super) async fn run(session: &SessionOptions, arguments: RunArguments) -> Result<(), Failure> {
    let RunArguments { copy, due, .. } = &arguments;
    let printing = arguments.print.printing()?;
    if arguments.which.all_due {
        if arguments.dry_run {
            return plan::due(session, copy, due, &printing).await;
        }
        return due::run(session, copy, due, &printing).await;
    }
    let job = arguments.which.job(session, &arguments.copy)?;
    if arguments.dry_run {
        return plan::print(session, &job, &arguments.due, &printing).await;
    }
    let progress = progress::counter("{spinner} {msg}, {pos} rows, {elapsed}");
    let mut interruption = Interruption::expect();
    // Whoever names a format wants the summary alone.
    let is_for_programs = session.telemetry.message_format == MessageFormat::Json;
    let mut events = (is_for_programs && arguments.print.asked()?.is_none()).then(Events::default);
    let mut notices = Notices::default();
    let mut tell = |event: SyncEvent<'_>| match &mut events {
        Some(events) => events.happened(&event),
        None => tell(&progress, &mut notices, &event),
    };
    let made = job
        .run(session, &arguments.due, &mut tell, &mut interruption)
        .await;
    progress.finish_and_clear();
    notices.end(&progress);
    let made = made?;
    let format = printing.format;
    if arguments.receipt {
        report::receipt(&made.receipt, format);
    }
    let ended = made.ended.and_then(|done| {
        if let Some((stream, message)) = job.nothing_visible(&done) {
            match &mut events {
                Some(events) => events.notice(stream, nothing_visible::CODE, &message),
                None => report::note(&format!("{stream}: {message}")),
            }
        }
        let printed = match events {
            Some(events) => events.ended(summary(&done)),
            None => print(&done, &printing),
        };
        printed.and_then(|()| conclude(done))
    });
    session.after_calls(&made.host, ended)
}

fn tell(progress: &ProgressBar, notices: &mut Notices, event: &SyncEvent<'_>) {
    match event {
        SyncEvent::Started { stream, pass } => {
            progress.set_message(format!("{stream}: {pass}"));
            progress.set_position(0);
        }
        SyncEvent::Committed { rows, .. } => progress.set_position(*rows),
        SyncEvent::Notice { stream, notice } => {
            notices.tell(progress, stream, &notice.code, &notice.message);
        }
        _ => {}
    }
}

/// A line for each stream that has rows or problems.
fn print(done: &SyncReport, printing: &Printing) -> Result<(), Failure> {
    let columns = ["stream", "new", "changed", "deleted", "unchanged", "state"];
    if printing.format != Format::Json {
        let rows: Vec<Value> = done.streams.iter().map(row).collect();
        return output::records(&Sheet::of(&columns), &rows, printing);
    }
    output::document(&summary(done), printing)
}

/// What a run came to, for programs.
pub(super) fn summary(done: &SyncReport) -> Value {
    let streams: Vec<Value> = done.streams.iter().map(row).collect();
    json!({
        "run": done.run,
        "outcome": done.outcome.name(),
        "requests": done.requests,
        "points": done.points,
        "stoppedBy": done.stopped_by.map(BudgetLimit::name),
        "streams": streams,
    })
}

fn row(stream: &StreamReport) -> Value {
    let counts = stream.counts;
    let mut row = json!({
        "stream": stream.stream,
        "new": counts.inserted,
        "changed": counts.updated,
        "deleted": counts.deleted,
        "unchanged": counts.unchanged,
        "filtered": counts.left,
        "state": state(stream),
    });
    if let Some(summary) = &stream.summary
        && let Some(fields) = row.as_object_mut()
    {
        let summary = serde_json::from_str(summary).unwrap_or_default();
        // That of files, or who may read how much.
        let name = if stream.stream == "attachment_files" {
            "files"
        } else {
            "access"
        };
        fields.insert(name.to_owned(), summary);
    }
    row
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
        words.push(need_approval(stream.held));
    }
    let unread = stream.missed + stream.failed;
    if unread > 0 {
        words.push(format!("{} could not be read", count(unread, "row")));
    }
    if stream.incomplete > 0 {
        words.push(format!(
            "Confluence does not return all of {}",
            count(stream.incomplete, "set")
        ));
    }
    if stream.suspected > 0 {
        words.push(format!(
            "{} missing, to be confirmed by the next run",
            stream.suspected
        ));
    }
    if stream.waiting > 0 {
        words.push(format!(
            "{} missing, and so is what they belong to",
            stream.waiting
        ));
    }
    if stream.counts.left > 0 {
        let rows = count(stream.counts.left, "row");
        words.push(format!(
            "{rows} left the scope, kept until `host-runner sync apply-filters`"
        ));
    }
    if stream.is_stopped {
        words.push("not read to the end: the budget is used up".to_owned());
    }
    if words.is_empty() {
        "complete".to_owned()
    } else {
        words.join(", ")
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
