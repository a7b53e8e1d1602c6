//! `host-runner sync run --due`.

use host_runner::{SyncRecord, SyncRecords};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use sync::{RunOutcome, SyncEvent};

use super::super::interruption::Interruption;
use super::defined::{self, Defined};
use super::ending::conclude;
use super::flags::{CopyFlags, DueFlags};
use super::job::{self, Job};
use super::now;
use crate::count::count;
use crate::exit::{Exit, Failure};
use crate::notices::Notices;
use crate::options::SessionOptions;
use crate::output::{Printing, Sheet};
use crate::{output, progress, report};

/// How bad an end of a run is, from the least on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Severity {
    Budget,
    Held,
    Partial,
    Failed,
}

/// The syncs that are due, the one that has waited longest first.
pub(super) fn syncs(session: &SessionOptions, copy: &CopyFlags) -> Result<Vec<Defined>, Failure> {
    if copy.define_something() {
        return Err(Failure::Usage(
            "`--due` takes syncs as they are defined: omit the options that say what is copied"
                .to_owned(),
        ));
    }
    let records = SyncRecords::of_state(&session.state_path()?);
    let mut due = Vec::new();
    for sync in defined::all(session)? {
        let record = records.get(&sync.id).unwrap_or_else(|error| {
            let name = &sync.id.name;
            report::warning(&format!(
                "the state of sync `{name}` cannot be read: {error}"
            ));
            SyncRecord::default()
        });
        let schedule = sync.definition.schedule.as_ref();
        let at = record.due(schedule, &sync.id.to_string(), now());
        due.extend(at.filter(|at| *at <= now()).map(|at| (at, sync)));
    }
    due.sort_by_key(|(at, _)| *at);
    if due.is_empty() {
        report::note("no sync is due");
    }
    Ok(due.into_iter().map(|(_, sync)| sync).collect())
}

/// Runs all syncs that are due.
pub(super) async fn run(
    session: &SessionOptions,
    copy: &CopyFlags,
    flags: &DueFlags,
    printing: &Printing,
) -> Result<(), Failure> {
    let due = syncs(session, copy)?;
    let progress = progress::counter("{spinner} {msg}, {pos} rows, {elapsed}");
    let mut interruption = Interruption::expect();
    let mut rows = Vec::new();
    let mut worst: Vec<(Severity, Exit)> = Vec::new();
    let mut ended = Ok(());
    let runs = due.len() as u64;
    for sync in due {
        let name = sync.id.name.to_string();
        let (row, severity) = one(session, (copy, flags), sync, &progress, &mut interruption).await;
        rows.push(row);
        match severity {
            Ok(severity) => worst.extend(severity),
            Err(failure) => {
                progress.suspend(|| report::warning(&format!("sync `{name}`: {failure}")));
                ended = Err(failure);
                break;
            }
        }
    }
    progress.finish_and_clear();
    let columns = [
        "sync", "outcome", "new", "changed", "deleted", "requests", "seconds",
    ];
    output::records(&Sheet::of(&columns), &rows, printing)?;
    ended?;
    let incomplete = worst.len() as u64;
    match worst.into_iter().max_by_key(|(severity, _)| *severity) {
        None => Ok(()),
        Some((_, exit)) => Err(Failure::SyncsIncomplete {
            incomplete,
            runs: count(runs, "sync"),
            exit,
        }),
    }
}

/// Runs one. Its line of the summary, and how bad its end is; an interruption ends all.
async fn one(
    session: &SessionOptions,
    (copy, flags): (&CopyFlags, &DueFlags),
    sync: Defined,
    progress: &ProgressBar,
    interruption: &mut Interruption,
) -> (Value, Result<Option<(Severity, Exit)>, Failure>) {
    let name = sync.id.name.to_string();
    let mut job: Job = sync.into();
    copy.budget.apply(&mut job.definition);
    let mut notices = Notices::default();
    let mut tell = |event: SyncEvent<'_>| match event {
        SyncEvent::Started { stream, pass } => {
            progress.set_message(format!("{name}, {stream}: {pass}"));
            progress.set_position(0);
        }
        SyncEvent::Committed { rows, .. } => progress.set_position(rows),
        SyncEvent::Notice { stream, notice } => {
            let about = format!("{name}, {stream}");
            notices.tell(progress, &about, &notice.code, &notice.message);
        }
        _ => {}
    };
    let made = job.run(session, flags, &mut tell, interruption).await;
    notices.end(progress);
    let row = |outcome: &str, rest: &[(&str, Value)]| {
        let mut row = json!({ "sync": name, "outcome": outcome });
        if let Some(fields) = row.as_object_mut() {
            fields.extend(
                rest.iter()
                    .map(|(key, value)| ((*key).to_owned(), value.clone())),
            );
        }
        row
    };
    let failed = |failure: Failure| {
        let exit = failure.exit();
        warn(progress, &name, &failure);
        (row("failed", &[]), Ok(Some((Severity::Failed, exit))))
    };
    let ended = made.and_then(|made| Ok((made.ended?, made.took)));
    let (done, took) = match ended {
        Ok(ended) => ended,
        Err(failure @ Failure::SyncInterrupted(_)) => {
            return (row("interrupted", &[]), Err(failure));
        }
        Err(failure) if job::is_busy(&failure) => {
            let text = format!("skipped sync `{name}`: another run is writing its copy");
            progress.suspend(|| report::note(&text));
            return (row("skipped", &[]), Ok(None));
        }
        Err(failure) => return failed(failure),
    };
    if let Some((stream, message)) = job.nothing_visible(&done) {
        let text = format!("{name}, {stream}: {message}");
        progress.suspend(|| report::note(&text));
    }
    let mut counts = sync::Counts::default();
    for stream in &done.streams {
        counts.add(stream.counts);
    }
    let row = row(
        done.outcome.name(),
        &[
            ("new", json!(counts.inserted)),
            ("changed", json!(counts.updated)),
            ("deleted", json!(counts.deleted)),
            ("requests", json!(done.requests)),
            ("points", json!(done.points)),
            ("seconds", json!(took.as_secs())),
            (
                "stoppedBy",
                json!(done.stopped_by.map(sync::BudgetLimit::name)),
            ),
        ],
    );
    let outcome = done.outcome;
    let Err(failure) = conclude(done) else {
        return (row, Ok(None));
    };
    warn(progress, &name, &failure);
    let severity = match (outcome, &failure) {
        (_, Failure::SyncBudget(_)) => Severity::Budget,
        (RunOutcome::Held, _) => Severity::Held,
        (RunOutcome::Failed, _) => Severity::Failed,
        _ => Severity::Partial,
    };
    (row, Ok(Some((severity, failure.exit()))))
}

/// Says why a sync is not complete.
fn warn(progress: &ProgressBar, name: &str, failure: &Failure) {
    let (cause, fix) = failure.reason();
    let mut text = format!("sync `{name}`: {failure}");
    if let Some(cause) = cause {
        text.push_str(&format!("; cause: {cause}"));
    }
    if let Some(fix) = fix {
        text.push_str(&format!("; fix: {fix}"));
    }
    progress.suspend(|| report::warning(&text));
}
