//! `host-runner sync`.

mod destination;
mod events;
mod filter;
mod history;
mod run;

use std::time::{SystemTime, UNIX_EPOCH};

use ::sync::Millis;
use clap::Subcommand;

use crate::exit::Failure;
use crate::options::SessionOptions;

pub(crate) use destination::SinkName;

#[derive(Debug, Subcommand)]
pub(crate) enum SyncCommand {
    /// Copy a site into a database or files, and keep the copy current
    #[command(after_help = run::AFTER_HELP)]
    Run(run::RunArguments),
    /// Show how current a copy is, by stream
    #[command(
        after_help = "Examples:\n  host-runner sync status --to sqlite:site.db\n  host-runner sync status --to sqlite:site.db --output json"
    )]
    Status(history::CopyArguments),
    /// List past runs, newest first
    #[command(after_help = "Examples:\n  host-runner sync runs --to sqlite:site.db")]
    Runs(history::RunsArguments),
    /// List deletions that need approval
    #[command(after_help = "Examples:\n  host-runner sync holds --to sqlite:site.db")]
    Holds(history::CopyArguments),
    /// List rows that could not be read, and when they are read again
    #[command(
        after_help = "The first run after `next` reads a row again. Until it can be read, runs are partial.\n\nExamples:\n  host-runner sync failures --to sqlite:site.db\n  host-runner sync failures --to sqlite:site.db --output json"
    )]
    Failures(history::CopyArguments),
    /// Delete rows that filters exclude
    #[command(after_help = filter::APPLY_HELP)]
    ApplyFilters(history::CopyArguments),
    /// Approve the deletions of a stream
    #[command(
        after_help = "The next run makes them, if the rows are still missing then.\n\nExamples:\n  host-runner sync approve pages --to sqlite:site.db"
    )]
    Approve(history::ApproveArguments),
}

pub(crate) async fn run(session: &SessionOptions, command: SyncCommand) -> Result<(), Failure> {
    match command {
        SyncCommand::Run(arguments) => run::run(session, arguments).await,
        SyncCommand::Status(arguments) => history::status(session, &arguments).await,
        SyncCommand::Runs(arguments) => history::runs(&arguments).await,
        SyncCommand::Holds(arguments) => history::holds(&arguments).await,
        SyncCommand::Failures(arguments) => history::failures(&arguments).await,
        SyncCommand::ApplyFilters(arguments) => filter::apply(&arguments).await,
        SyncCommand::Approve(arguments) => history::approve(&arguments).await,
    }
}

/// What the host takes the time for.
fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
    })
}
