//! `host-runner sync plan`: what the next run would read and cost.

use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};
use sync::{Estimate, PassPlan, StreamPlan, SyncPlan};

use super::due;
use super::files;
use super::flags::{self, CopyFlags, DueFlags};
use super::job::Job;
use super::which::Which;
use crate::count::count;
use crate::exit::Failure;
use crate::formats::Format;
use crate::options::SessionOptions;
use crate::output::{self, Sheet};
use crate::output::{PrintOptions, Printing};

pub(super) const AFTER_HELP: &str = "\
Nothing is sent to the site, and nothing is written. The cost of a pass is what it was in earlier runs, for as \
many rows as the copy has now; it is `unknown` for what was never read. `parents` is how many rows are read one by \
one or in groups, such as the pages whose labels are due. `first run` is a run that reads \
everything, as with `--full`.

Examples:
  host-runner sync plan docs
  host-runner sync plan --to sqlite:site.db --full
  host-runner sync plan --to sqlite:site.db --output json";

/// What is shown of a pass.
const COLUMNS: [&str; 6] = ["stream", "rows", "pass", "parents", "requests", "points"];

#[derive(Debug, Args)]
pub(crate) struct PlanArguments {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    due: DueFlags,
    #[command(flatten)]
    print: PrintOptions,
    #[command(flatten)]
    copy: CopyFlags,
}

pub(super) async fn plan(
    session: &SessionOptions,
    arguments: PlanArguments,
) -> Result<(), Failure> {
    let printing = arguments.print.printing()?;
    if arguments.which.all_due {
        return due(session, &arguments.copy, &arguments.due, &printing).await;
    }
    let job = arguments.which.job(session, &arguments.copy)?;
    print(session, &job, &arguments.due, &printing).await
}

/// Prints the plans of all syncs that are due.
pub(super) async fn due(
    session: &SessionOptions,
    copy: &CopyFlags,
    flags: &DueFlags,
    printing: &Printing,
) -> Result<(), Failure> {
    let mut plans = Vec::new();
    for sync in due::syncs(session, copy)? {
        let name = sync.id.name.to_string();
        plans.push((name, made(session, &sync.into(), flags).await?));
    }
    let format = printing.format;
    if format == Format::Json {
        let documents = plans.iter().map(|(name, plan)| {
            let mut document = document(plan);
            if let Some(fields) = document.as_object_mut() {
                fields.insert("sync".to_owned(), json!(name));
            }
            document
        });
        return output::document(&Value::Array(documents.collect()), printing);
    }
    let mut rows: Vec<Value> = Vec::new();
    for (name, plan) in &plans {
        for mut row in shown(plan, format) {
            if let Some(fields) = row.as_object_mut() {
                fields.insert("sync".to_owned(), json!(name));
            }
            rows.push(row);
        }
    }
    let columns: Vec<&str> = ["sync"].into_iter().chain(COLUMNS).collect();
    output::records(&Sheet::of(&columns), &rows, printing)?;
    if format.is_table() {
        for (name, plan) in &plans {
            output::say(&format!("{name}: next run: {}", words(&plan.next)))?;
        }
    }
    Ok(())
}

/// Prints what the next run of a job would read and cost.
pub(super) async fn print(
    session: &SessionOptions,
    job: &Job,
    due: &DueFlags,
    printing: &Printing,
) -> Result<(), Failure> {
    let plan = made(session, job, due).await?;
    let format = printing.format;
    if format == Format::Json {
        return output::document(&document(&plan), printing);
    }
    output::records(&Sheet::of(&COLUMNS), &shown(&plan, format), printing)?;
    if format.is_table() {
        output::say(&format!("next run: {}", words(&plan.next)))?;
        output::say(&format!("first run: {}", words(&plan.first)))?;
    }
    Ok(())
}

async fn made(session: &SessionOptions, job: &Job, due: &DueFlags) -> Result<SyncPlan, Failure> {
    let session = session.over(job.definition.connection.as_ref());
    job.sink.check()?;
    session.check_connection()?;
    let host = session.open_to_read()?;
    let client = Arc::new(host.tenant(&session.scope())?.client());
    let sync = flags::sync(&job.definition, due)?;
    let mut sink = match job.sink.open_existing(&session).await {
        Ok(sink) => Some(sink),
        Err(Failure::NotThere(_)) => None,
        Err(failure) => return Err(failure),
    };
    let plan = match &mut sink {
        Some(sink) => {
            let files = files::files(&job.definition, &client, Some(sink.as_mut())).await?;
            sync.with_files(files)
                .plan(&client, Some(sink.as_mut()))
                .await?
        }
        None => {
            let files = files::files(&job.definition, &client, None).await?;
            sync.with_files(files).plan(&client, None).await?
        }
    };
    session.after_calls(&host, Ok(()))?;
    Ok(plan)
}

fn document(plan: &SyncPlan) -> Value {
    let streams: Vec<Value> = plan.streams.iter().flat_map(rows).collect();
    json!({
        "passes": streams,
        "next": estimate(&plan.next),
        "first": estimate(&plan.first),
    })
}

/// The rows, as a format has them.
fn shown(plan: &SyncPlan, format: Format) -> Vec<Value> {
    let mut rows: Vec<Value> = plan.streams.iter().flat_map(rows).collect();
    if format.is_table() {
        for row in &mut rows {
            for name in ["requests", "points"] {
                if let Some(cost) = row.get_mut(name).filter(|cost| cost.is_null()) {
                    *cost = json!("unknown");
                }
            }
        }
    }
    rows
}

/// A row for each pass of a stream.
fn rows(stream: &StreamPlan) -> Vec<Value> {
    let row = |pass: &PassPlan| {
        json!({
            "stream": stream.stream,
            "rows": stream.rows,
            "pass": pass.kind.name(),
            "parents": pass.parents,
            "requests": pass.cost.map(|cost| cost.requests),
            "points": pass.cost.map(|cost| cost.points),
        })
    };
    stream.passes.iter().map(row).collect()
}

fn estimate(estimate: &Estimate) -> Value {
    let known = (estimate.unknown == 0).then_some(estimate.known);
    json!({
        "requests": known.map(|cost| cost.requests),
        "points": known.map(|cost| cost.points),
        "seconds": estimate.time.map(|time| time / 1_000),
        "unknownPasses": estimate.unknown,
        "knownRequests": estimate.known.requests,
        "knownPoints": estimate.known.points,
    })
}

fn words(estimate: &Estimate) -> String {
    let cost = format!(
        "{}, {}",
        count(estimate.known.requests, "request"),
        count(estimate.known.points, "point")
    );
    if estimate.unknown > 0 {
        let unknown = match estimate.unknown {
            1 => "1 pass was never read".to_owned(),
            number => format!("{number} passes were never read"),
        };
        if estimate.known.requests == 0 {
            return format!("unknown, since {unknown}");
        }
        return format!("unknown, since {unknown}; others: {cost}");
    }
    let time = match estimate.time {
        None => return cost,
        Some(time) if time < 60_000 => "less than a minute".to_owned(),
        Some(time) => format!("about {}", count((time / 60_000).unsigned_abs(), "minute")),
    };
    format!("{cost}, {time}")
}
