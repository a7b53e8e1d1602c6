//! Which sync a command is for: a defined one, one of the command line, or all that are due.

use std::str::FromStr as _;

use clap::Args;
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter};
use host_runner::SyncName;

use super::flags::CopyFlags;
use super::job::Job;
use super::{SinkName, defined};
use crate::candidates;
use crate::exit::Failure;
use crate::options::SessionOptions;

/// Which syncs are run.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Which {
    /// Name of a defined sync
    #[arg(value_name = "NAME", value_parser = SyncName::from_str, add = ArgValueCandidates::new(candidates::syncs))]
    pub(crate) name: Option<SyncName>,
    /// Where to write rows and state: sqlite:FILE, duckdb:FILE, postgresql://USER@HOST/DATABASE, jsonl:FOLDER, csv:FOLDER or parquet:FOLDER; s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX in place of FOLDER
    #[arg(long, value_name = "SINK", add = ArgValueCompleter::new(candidates::sinks))]
    pub(crate) to: Option<SinkName>,
    /// All defined syncs that are due
    #[arg(long = "due", id = "all_due")]
    pub(crate) all_due: bool,
}

impl Which {
    /// The sync that is named, or what the options define.
    pub(super) fn job(&self, session: &SessionOptions, copy: &CopyFlags) -> Result<Job, Failure> {
        match (&self.name, &self.to) {
            (Some(name), _) => {
                let mut defined = defined::find(session, name)?;
                copy.check_against(name.as_str(), &defined.definition)?;
                copy.budget.apply(&mut defined.definition);
                Ok(defined.into())
            }
            (None, Some(sink)) => Ok(Job {
                id: None,
                definition: copy.definition(sink.as_str()),
                sink: sink.clone(),
            }),
            (None, None) => Err(Failure::Usage(
                "name a sync, or pass a sink with `--to`".to_owned(),
            )),
        }
    }
}
