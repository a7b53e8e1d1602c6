//! `host-runner sync add`, `list`, `show`, `remove`, `pause` and `resume`.

use std::str::FromStr as _;
use std::sync::Arc;

use clap::Args;
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter};
use host_runner::{ConnectionName, Level, PauseReason, Schedule, SyncId, SyncName, SyncRecords};
use serde_json::{Value, json};

use super::defined::{self, Defined};
use super::files;
use super::flags::{self, CopyFlags, DueFlags};
use super::history::time;
use super::{SinkName, now};
use crate::exit::Failure;
use crate::formats::Format;
use crate::options::{LevelOption, SessionOptions};
use crate::output::{PrintOptions, Sheet};
use crate::{candidates, output, remedy, report};

#[derive(Debug, Args)]
pub(crate) struct AddArguments {
    /// Name of the sync
    #[arg(value_parser = SyncName::from_str)]
    name: SyncName,
    /// Where to write rows and state: sqlite:FILE, duckdb:FILE, postgresql://USER@HOST/DATABASE, jsonl:FOLDER, csv:FOLDER or parquet:FOLDER; s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX in place of FOLDER. A relative path is stored as an absolute one
    #[arg(long, value_name = "SINK", add = ArgValueCompleter::new(candidates::sinks))]
    to: SinkName,
    /// Connection whose site is copied [default: the active connection]
    #[arg(long, value_name = "NAME", value_parser = ConnectionName::from_str, add = ArgValueCandidates::new(candidates::connections))]
    connection: Option<ConnectionName>,
    /// When it is due: an interval such as `60m`, or `MINUTE HOUR DAY MONTH WEEKDAY [ZONE]`, UTC by default
    #[arg(long, value_name = "SCHEDULE", value_parser = Schedule::parse)]
    schedule: Option<Schedule>,
    #[command(flatten)]
    level: LevelOption,
    #[command(flatten)]
    copy: CopyFlags,
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    print: PrintOptions,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    /// Name of the sync
    #[arg(value_parser = SyncName::from_str, add = ArgValueCandidates::new(candidates::syncs))]
    name: SyncName,
    #[command(flatten)]
    print: PrintOptions,
}

#[derive(Debug, Args)]
pub(crate) struct NameArguments {
    /// Name of the sync
    #[arg(value_parser = SyncName::from_str, add = ArgValueCandidates::new(candidates::syncs))]
    name: SyncName,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveArguments {
    /// Name of the sync
    #[arg(value_parser = SyncName::from_str, add = ArgValueCandidates::new(candidates::syncs))]
    name: SyncName,
    /// Level of the sync: `cluster`, `env` or `app` [default: the level that it comes from]
    #[arg(long, value_name = "LEVEL", value_parser = Level::from_str, add = ArgValueCandidates::new(candidates::levels))]
    level: Option<Level>,
}

pub(super) async fn add(session: &SessionOptions, arguments: AddArguments) -> Result<(), Failure> {
    let (name, level) = (&arguments.name, arguments.level.level);
    let (scope, config) = (session.scope(), session.config()?);
    let path = scope.path(level);
    if config
        .read(&path)?
        .is_some_and(|file| file.sync(name).is_some())
    {
        return Err(Failure::Usage(format!(
            "level `{path}` already has a sync `{name}`: remove it first, or change it with `host-runner config set syncs.{name}.FIELD VALUE {}`",
            remedy::options(&path)
        )));
    }
    arguments.to.check()?;
    let mut definition = arguments.copy.definition(arguments.to.absolute()?.as_str());
    files::make_absolute(&mut definition)?;
    definition.connection = arguments.connection;
    definition.schedule = arguments.schedule;
    if let Some(connection) = &definition.connection {
        let effective = config.effective(&scope, &session.setting_overrides())?;
        if effective.connection(connection).is_none() {
            return Err(Failure::NotThere(format!(
                "`{scope}` has no connection `{connection}`; `host-runner connection list` lists the connections"
            )));
        }
    }
    // Names of streams are checked as a run would: the component describes them without a request.
    let host = session.open_to_read()?;
    let client = Arc::new(host.tenant(&scope)?.client());
    let sync = flags::sync(&definition, &DueFlags::default())?;
    let sync = sync.with_files(files::files(&definition, &client, None).await?);
    sync.plan(&client, None).await?;
    config.put_sync(&scope, level, name, &definition)?;
    report::note(&format!(
        "stored sync `{name}` at level `{path}` ({})",
        config.file(&path).display()
    ));
    report::note(&match &definition.schedule {
        Some(_) => "`host-runner sync run --due` runs it when it is due".to_owned(),
        None => format!("it has no schedule; `host-runner sync run {name}` runs it"),
    });
    session.after_calls(&host, Ok(()))
}

pub(super) fn list(session: &SessionOptions, arguments: &ListArguments) -> Result<(), Failure> {
    let printing = arguments.print.printing()?;
    let format = printing.format;
    let records = SyncRecords::of_state(&session.state_path()?);
    let syncs = defined::all(session)?;
    if syncs.is_empty() {
        report::note("no sync is defined; `host-runner sync add` defines one");
    }
    let mut rows = Vec::with_capacity(syncs.len());
    for sync in &syncs {
        rows.push(row(&records, sync, format)?);
    }
    let sheet = Sheet {
        columns: &[
            "name", "state", "outcome", "lastRun", "nextRun", "schedule", "level", "to", "failures",
        ],
        wide: &["schedule", "level", "to", "failures"],
        shortened: &[],
    };
    output::records(&sheet, &rows, &printing)
}

/// A sync as it stands.
fn row(records: &SyncRecords, sync: &Defined, format: Format) -> Result<Value, Failure> {
    let record = records
        .get(&sync.id)
        .map_err(|source| Failure::io("the state of syncs cannot be read", source))?;
    let schedule = sync.definition.schedule.as_ref();
    let now = now();
    let due = record.due(schedule, &sync.id.to_string(), now);
    let next = due.map(|at| {
        if at <= now {
            "now".to_owned()
        } else {
            time(at, format)
        }
    });
    Ok(json!({
        "name": sync.id.name.as_str(),
        "state": record.state(records.is_running(&sync.id)).name(),
        "schedule": schedule.map(Schedule::as_str),
        "lastRun": record.last.as_ref().map(|last| time(last.started, format)),
        "outcome": record.last.as_ref().map(|last| &last.outcome),
        "nextRun": next,
        "level": sync.id.level.as_str(),
        "to": sync.sink.as_str(),
        "failures": record.failures,
    }))
}

pub(super) fn show(session: &SessionOptions, arguments: &ShowArguments) -> Result<(), Failure> {
    let printing = arguments.print.printing()?;
    let format = printing.format;
    let records = SyncRecords::of_state(&session.state_path()?);
    let sync = defined::find(session, &arguments.name)?;
    let mut shown = row(&records, &sync, format)?;
    if let (Some(shown), Value::Object(fields)) = (shown.as_object_mut(), sync.definition.to_json())
    {
        shown.extend(fields.into_iter().filter(|(key, _)| key != "to"));
        shown.insert("source".to_owned(), json!(sync.source));
    }
    output::object(&shown, &printing)
}

pub(super) fn remove(session: &SessionOptions, arguments: &RemoveArguments) -> Result<(), Failure> {
    let (name, scope, config) = (&arguments.name, session.scope(), session.config()?);
    let level = match arguments.level {
        Some(level) => level,
        None => defined::find(session, name)?.id.level.level(),
    };
    let path = scope.path(level);
    if !config.remove_sync(&scope, level, name)? {
        return Err(Failure::NotThere(format!(
            "level `{path}` has no sync `{name}`; `host-runner sync list` lists the syncs"
        )));
    }
    let id = SyncId {
        level: path.clone(),
        name: name.clone(),
    };
    SyncRecords::of_state(&session.state_path()?)
        .remove(&id)
        .map_err(|source| Failure::io("the state of the sync cannot be removed", source))?;
    report::note(&format!(
        "removed sync `{name}` from level `{path}`; its copy is unchanged"
    ));
    Ok(())
}

pub(super) fn pause(session: &SessionOptions, arguments: &NameArguments) -> Result<(), Failure> {
    let sync = defined::find(session, &arguments.name)?;
    let records = SyncRecords::of_state(&session.state_path()?);
    records
        .update(&sync.id, |record| record.pause(now(), PauseReason::Request))
        .map_err(|source| Failure::io("the state of the sync cannot be written", source))?;
    report::note(&format!(
        "paused sync `{}`; `host-runner sync resume {}` resumes it",
        arguments.name, arguments.name
    ));
    Ok(())
}

pub(super) fn resume(session: &SessionOptions, arguments: &NameArguments) -> Result<(), Failure> {
    let sync = defined::find(session, &arguments.name)?;
    let records = SyncRecords::of_state(&session.state_path()?);
    let was_paused = records
        .update(&sync.id, |record| record.resume())
        .map_err(|source| Failure::io("the state of the sync cannot be written", source))?;
    report::note(&if was_paused {
        format!("resumed sync `{}`", arguments.name)
    } else {
        format!("sync `{}` was not paused", arguments.name)
    });
    Ok(())
}
