//! The syncs that levels define.

use std::str::FromStr as _;

use clap::Args;
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter};
use host_runner::{ConnectionName, Effective, SyncDefinition, SyncId, SyncName};

use super::SinkName;
use super::files;
use crate::candidates;
use crate::exit::Failure;
use crate::options::SessionOptions;

/// A copy: that of a sync, or by its sink.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct CopyName {
    /// Name of the sync
    #[arg(value_name = "NAME", value_parser = SyncName::from_str, add = ArgValueCandidates::new(candidates::syncs))]
    pub(crate) name: Option<SyncName>,
    /// The copy: sqlite:FILE, duckdb:FILE, postgresql://USER@HOST/DATABASE, jsonl:FOLDER, csv:FOLDER or parquet:FOLDER; s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX in place of FOLDER
    #[arg(long, value_name = "SINK", add = ArgValueCompleter::new(candidates::sinks))]
    pub(crate) to: Option<SinkName>,
}

/// A sync that a level defines.
#[derive(Debug, Clone)]
pub(super) struct Defined {
    pub(super) id: SyncId,
    pub(super) definition: SyncDefinition,
    /// Where it writes to.
    pub(super) sink: SinkName,
    /// Where the definition is: `FILE:LINE`, or a variable.
    pub(super) source: String,
}

impl CopyName {
    /// The sink.
    pub(super) fn sink(&self, session: &SessionOptions) -> Result<SinkName, Failure> {
        match (&self.name, &self.to) {
            (Some(name), _) => Ok(find(session, name)?.sink),
            (None, Some(sink)) => Ok(sink.clone()),
            (None, None) => Err(Failure::Usage(
                "name a sync, or pass its sink with `--to`".to_owned(),
            )),
        }
    }

    /// The connection that the sync names.
    pub(super) fn connection(
        &self,
        session: &SessionOptions,
    ) -> Result<Option<ConnectionName>, Failure> {
        let defined = self.name.as_ref().map(|name| find(session, name));
        Ok(defined
            .transpose()?
            .and_then(|one| one.definition.connection))
    }
}

/// The sync of a name.
pub(super) fn find(session: &SessionOptions, name: &SyncName) -> Result<Defined, Failure> {
    let effective = effective(session)?;
    of(&effective, name).unwrap_or_else(|| {
        let names = effective.sync_names();
        let known = if names.is_empty() {
            "none is defined; `host-runner sync add` defines one".to_owned()
        } else {
            let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
            format!("syncs are `{}`", names.join("`, `"))
        };
        Err(Failure::NotThere(format!(
            "`{}` has no sync `{name}`: {known}",
            session.scope()
        )))
    })
}

/// All syncs in force.
pub(super) fn all(session: &SessionOptions) -> Result<Vec<Defined>, Failure> {
    let effective = effective(session)?;
    let names = effective.sync_names();
    names
        .into_iter()
        .filter_map(|name| of(&effective, name))
        .collect()
}

pub(super) fn effective(session: &SessionOptions) -> Result<Effective, Failure> {
    let config = session.config()?;
    Ok(config.effective(&session.scope(), &session.setting_overrides())?)
}

fn of(effective: &Effective, name: &SyncName) -> Option<Result<Defined, Failure>> {
    let (file, entry) = effective.sync(name)?;
    let source = match file.variable() {
        Some(variable) => format!("variable {variable}"),
        None => format!("{}:{}", file.path().display(), entry.line),
    };
    let folder = file.path().parent().unwrap_or_else(|| file.path());
    let sink = match SinkName::in_folder(&entry.definition.to, folder) {
        Ok(sink) => sink,
        Err(error) => {
            return Some(Err(Failure::Usage(format!(
                "`syncs.{name}.to` ({source}): {error}"
            ))));
        }
    };
    let mut definition = entry.definition.clone();
    files::place_in(&mut definition, folder);
    Some(Ok(Defined {
        id: SyncId {
            level: file.level().clone(),
            name: name.clone(),
        },
        definition,
        sink,
        source,
    }))
}
