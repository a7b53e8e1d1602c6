//! `host-runner sync`.

mod defined;
mod definitions;
mod destination;
mod duckdb;
mod due;
mod ending;
mod events;
mod files;
mod filter;
mod flags;
mod history;
mod job;
mod new_copy;
mod object_store;
mod plan;
mod reset;
mod run;
mod which;
mod why;

use ::sync::Millis;
use clap::Subcommand;
use host_sync::HostClock;

use crate::exit::Failure;
use crate::options::SessionOptions;

pub(crate) use destination::SinkName;

#[derive(Debug, Subcommand)]
pub(crate) enum SyncCommand {
    /// Copy a site into a database or files, and keep the copy current
    #[command(after_help = run::AFTER_HELP)]
    Run(run::RunArguments),
    /// Show what the next run would read and cost, without a request
    #[command(after_help = plan::AFTER_HELP)]
    Plan(plan::PlanArguments),
    /// Define a sync: what is copied where, and when
    #[command(
        after_help = "Passwords in `--to` are rejected: set `PGPASSWORD` or use `~/.pgpass`.\n\nExamples:\n  host-runner sync add docs --to sqlite:site.db --schedule 60m\n  host-runner sync add hr --to 'postgresql://sync@db.example/wiki' --spaces HR --bodies markdown --schedule '15 6 * * 1-5 Europe/Berlin'\n  host-runner sync run docs"
    )]
    Add(definitions::AddArguments),
    /// List defined syncs: state, last run, next run
    #[command(
        after_help = "States: active, running, paused, held, failing, needs authorization, never run.\n\nExamples:\n  host-runner sync list\n  host-runner sync list --output wide"
    )]
    List(definitions::ListArguments),
    /// Show a defined sync
    #[command(after_help = "Examples:\n  host-runner sync show docs --output json")]
    Show(definitions::ShowArguments),
    /// Remove the definition of a sync; its copy stays
    #[command(after_help = "Examples:\n  host-runner sync remove docs")]
    Remove(definitions::RemoveArguments),
    /// Exclude a sync from `sync run --due`
    #[command(
        after_help = "The pause is stored in the state folder of this host, not in the level's file. `sync run NAME` still runs the sync.\n\nExamples:\n  host-runner sync pause docs"
    )]
    Pause(definitions::NameArguments),
    /// End the pause of a sync
    #[command(after_help = "Examples:\n  host-runner sync resume docs")]
    Resume(definitions::NameArguments),
    /// Read streams again from the beginning in the next run
    #[command(
        after_help = "Rows stay until the new reading is complete; those that it does not have are deleted then, unless so many are missing that their deletion needs approval.\n\nExamples:\n  host-runner sync reset docs\n  host-runner sync reset --to sqlite:site.db --streams 'page_labels,page_versions'"
    )]
    Reset(reset::ResetArguments),
    /// Show how current a copy is, by stream
    #[command(
        after_help = "Examples:\n  host-runner sync status docs\n  host-runner sync status --to sqlite:site.db --output json"
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
    /// Explain why a page is in a copy or not, and who may read it there
    #[command(after_help = why::AFTER_HELP)]
    Why(why::WhyArguments),
}

pub(crate) async fn run(session: &SessionOptions, command: SyncCommand) -> Result<(), Failure> {
    match command {
        SyncCommand::Run(arguments) => run::run(session, arguments).await,
        SyncCommand::Plan(arguments) => plan::plan(session, arguments).await,
        SyncCommand::Add(arguments) => definitions::add(session, arguments).await,
        SyncCommand::List(arguments) => definitions::list(session, &arguments),
        SyncCommand::Show(arguments) => definitions::show(session, &arguments),
        SyncCommand::Remove(arguments) => definitions::remove(session, &arguments),
        SyncCommand::Pause(arguments) => definitions::pause(session, &arguments),
        SyncCommand::Resume(arguments) => definitions::resume(session, &arguments),
        SyncCommand::Reset(arguments) => reset::reset(session, &arguments).await,
        SyncCommand::Status(arguments) => history::status(session, &arguments).await,
        SyncCommand::Runs(arguments) => history::runs(session, &arguments).await,
        SyncCommand::Holds(arguments) => history::holds(session, &arguments).await,
        SyncCommand::Failures(arguments) => history::failures(session, &arguments).await,
        SyncCommand::ApplyFilters(arguments) => filter::apply(session, &arguments).await,
        SyncCommand::Approve(arguments) => history::approve(session, &arguments).await,
        SyncCommand::Why(arguments) => why::why(session, &arguments).await,
    }
}

/// What the host takes the time for.
pub(crate) fn now() -> Millis {
    HostClock::default().now()
}
