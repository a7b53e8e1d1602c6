//! The command line: the grammar of all commands.

use clap::{Parser, Subcommand};

use crate::commands::call::CallArguments;
use crate::commands::check::CheckArguments;
use crate::commands::completions::CompletionsArguments;
use crate::commands::component::ComponentCommand;
use crate::commands::config::ConfigCommand;
use crate::commands::connection::ConnectionCommand;
use crate::commands::doctor::DoctorArguments;
use crate::commands::download::DownloadArguments;
use crate::commands::functions::FunctionsArguments;
use crate::commands::manual::ManArguments;
use crate::commands::secrets::SecretsCommand;
use crate::commands::simulator::SimulatorCommand;
use crate::options::SessionOptions;

/// Loads the Confluence connector, a WebAssembly component, and calls it.
#[derive(Debug, Parser)]
#[command(name = "host-runner", version, about, after_help = AFTER_HELP)]
pub(crate) struct CommandLine {
    #[command(flatten)]
    pub(crate) session: SessionOptions,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "\
Examples:
  host-runner demo
  host-runner functions
  host-runner call listSpaces
  host-runner call listPages --all > pages.ndjson
  host-runner download att295053
  host-runner --env prod --app search call testConnection
  host-runner connection add --site DOMAIN.atlassian.net --user me@example.com
  host-runner config explain
  host-runner check
  host-runner doctor

Exit codes:
   0 done                      10 answer truncated        19 endpoint invalid
   1 defect                    11 answer nested too deep  20 setting refused
   2 wrong usage               12 answer too large        21 pages go in circles
   3 not configured            13 site unreachable        22 TLS does not hold
   4 unauthorized (401)        14 site unresolvable       23 unexpected answer
   5 forbidden (403)           15 timed out               24 state or key unusable
   6 not found (404)           16 denied by the policy    25 output cannot be written
   7 rate limited (429)        17 limit passed              26 simulator cannot start
   8 upstream failed (5xx)     18 argument invalid         27 configuration invalid
   9 answer is not JSON                                    28 component refused
                             130 interrupted (Ctrl-C)      29 doctor found a fault
                             143 asked to end (SIGTERM)    30 credential in answers";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Shows the whole path on a Confluence of its own: no account, no configuration.
    #[command(after_help = "Examples:\n  host-runner demo")]
    Demo,
    /// Calls a function of the component.
    Call(CallArguments),
    /// Downloads the content of an attachment into a file, or to standard output.
    #[command(after_help = "\
Examples:
  host-runner download att295053
  host-runner download att295053 --version 2 --output-file design.pdf --force
  host-runner download att295053 --media-types 'image/*,application/pdf' --largest 20
  host-runner download att295053 --output-file - | tar -tz")]
    Download(DownloadArguments),
    /// Lists the functions of the component, or documents one.
    #[command(
        after_help = "Examples:\n  host-runner functions\n  host-runner functions listTasks\n  host-runner functions --search 'due date'"
    )]
    Functions(FunctionsArguments),
    /// Reads, changes and explains the settings of levels.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Adds, changes, tests and removes connections: where a site is, and the token for it.
    Connection {
        #[command(subcommand)]
        command: ConnectionCommand,
    },
    /// Keeps the secrets.
    Secrets {
        #[command(subcommand)]
        command: SecretsCommand,
    },
    /// Loads, lists and inspects components, and grants them imports.
    Component {
        #[command(subcommand)]
        command: ComponentCommand,
    },
    /// Says what is in force for an app: who may reach what, and which level says so.
    #[command(
        after_help = "Examples:\n  host-runner check\n  host-runner --env prod --app search check --output json"
    )]
    Check(CheckArguments),
    /// Checks folders, key, levels, connections, clock, names and TLS, and says what to do.
    #[command(
        after_help = "Examples:\n  host-runner doctor\n  host-runner --env prod --app search doctor --offline"
    )]
    Doctor(DoctorArguments),
    /// Prints what makes a shell complete commands, functions, arguments, apps and connections.
    #[command(after_help = "\
Examples:
  source <(host-runner completions bash)
  host-runner completions zsh > ~/.zfunc/_host-runner
  host-runner completions fish > ~/.config/fish/completions/host-runner.fish")]
    Completions(CompletionsArguments),
    /// Writes manual pages.
    #[command(
        after_help = "Examples:\n  host-runner man | man -l -\n  host-runner man --folder /usr/local/share/man/man1"
    )]
    Man(ManArguments),
    /// Runs a Confluence on the loopback address.
    Simulator {
        #[command(subcommand)]
        command: SimulatorCommand,
    },
}
