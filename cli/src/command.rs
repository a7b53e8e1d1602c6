//! The command line: the grammar of all commands.

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::commands;
use crate::commands::call::CallArguments;
use crate::commands::completions::CompletionsArguments;
use crate::commands::component::ComponentCommand;
use crate::commands::config::ConfigCommand;
use crate::commands::connection::ConnectionCommand;
use crate::commands::doctor::DoctorArguments;
use crate::commands::download::DownloadArguments;
use crate::commands::functions::FunctionsArguments;
use crate::commands::manual::ManArguments;
use crate::commands::oauth_app::OauthAppCommand;
use crate::commands::policy::PolicyArguments;
use crate::commands::read::ReadArguments;
use crate::commands::secrets::SecretsCommand;
use crate::commands::simulator::SimulatorCommand;
use crate::commands::streams::StreamsArguments;
use crate::commands::sync::SyncCommand;
use crate::options::SessionOptions;

/// Read Confluence Cloud through a sandboxed WebAssembly component, and keep copies of sites current
#[derive(Debug, Parser)]
#[command(name = "host-runner", version, about, after_help = AFTER_HELP)]
pub(crate) struct CommandLine {
    #[command(flatten)]
    pub(crate) session: SessionOptions,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The command line with the options that `call` reads itself, as help and manual pages show it.
pub(crate) fn complete() -> clap::Command {
    CommandLine::command()
        .mut_subcommand("call", |call| call.args(commands::call::result_options()))
}

const AFTER_HELP: &str = "\
Examples:
  host-runner demo
  host-runner functions
  host-runner call listSpaces
  host-runner call listPages --all > pages.ndjson
  host-runner download att295053
  host-runner read pages --to csv:pages.csv
  host-runner sync run --to sqlite:site.db
  host-runner --env prod --app search call testConnection
  host-runner connection add --site DOMAIN.atlassian.net --user me@example.com
  host-runner connection login docs --oauth-app main --site DOMAIN.atlassian.net
  host-runner config explain
  host-runner policy
  host-runner doctor

Exit codes:
   0 success
   1 internal error
   2 invalid usage
   3 not configured
   4 unauthorized (401)
   5 forbidden (403)
   6 not found (404)
   7 rate limited (429)
   8 site failed (5xx)
   9 response is not JSON
  10 response truncated
  11 response nested too deep
  12 response too large
  13 site unreachable
  14 site name not resolved
  15 timed out
  16 denied by policy
  17 limit exceeded
  18 invalid argument
  19 invalid endpoint
  20 operation rejected
  21 pagination loop
  22 TLS verification failed
  23 unexpected response
  24 state or key unusable
  25 cannot write output
  26 cannot start simulator
  27 invalid configuration
  28 component rejected
  29 doctor found a problem
  30 credential in responses
  31 stream not available
  32 sync partial
  33 deletions need approval
  34 sync budget reached
 130 interrupted (Ctrl-C)
 143 terminated (SIGTERM)

`host-runner COMMAND --help` documents a command, with examples.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run an end-to-end demo against a generated site
    #[command(after_help = "Examples:\n  host-runner demo")]
    Demo,
    /// Call a function of the connector, such as `listPages`
    Call(CallArguments),
    /// Download an attachment to a file or standard output
    #[command(after_help = "\
Examples:
  host-runner download att295053
  host-runner download att295053 --version 2 --output-file design.pdf --force
  host-runner download att295053 --media-types 'image/*,application/pdf' --largest 20
  host-runner download att295053 --output-file - | tar -tz")]
    Download(DownloadArguments),
    /// List the functions of the connector, or document one
    #[command(
        after_help = "Examples:\n  host-runner functions\n  host-runner functions listTasks\n  host-runner functions --search 'due date'"
    )]
    Functions(FunctionsArguments),
    /// List the streams of the connector, or document one
    #[command(
        after_help = "Examples:\n  host-runner streams\n  host-runner streams pages\n  host-runner streams --output json"
    )]
    Streams(StreamsArguments),
    /// Copy all rows of a stream, such as `pages`, to a file or standard output
    #[command(after_help = commands::read::AFTER_HELP)]
    Read(ReadArguments),
    /// Copy a site into a database or files, and keep the copy current
    Sync {
        #[command(subcommand)]
        command: Box<SyncCommand>,
    },
    /// Show, change and explain settings
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Manage connections: a site, and a token or an OAuth login
    Connection {
        #[command(subcommand)]
        command: ConnectionCommand,
    },
    /// Manage OAuth apps that connections log in with
    OauthApp {
        #[command(subcommand)]
        command: OauthAppCommand,
    },
    /// Manage stored secrets
    Secrets {
        #[command(subcommand)]
        command: SecretsCommand,
    },
    /// Load, inspect, package, sign and compose components
    Component {
        #[command(subcommand)]
        command: ComponentCommand,
    },
    /// Explain an app's effective policy in plain sentences
    #[command(
        alias = "check",
        after_help = "Examples:\n  host-runner policy\n  host-runner --env prod --app search policy --output json"
    )]
    Policy(PolicyArguments),
    /// Check folders, key, levels, connections, clock, DNS and TLS, and suggest fixes
    #[command(
        after_help = "Examples:\n  host-runner doctor\n  host-runner --env prod --app search doctor --offline"
    )]
    Doctor(DoctorArguments),
    /// Print a shell completion script
    #[command(after_help = "\
Examples:
  source <(host-runner completions bash)
  host-runner completions zsh > ~/.zfunc/_host-runner
  host-runner completions fish > ~/.config/fish/completions/host-runner.fish")]
    Completions(CompletionsArguments),
    /// Print the version
    #[command(after_help = "Examples:\n  host-runner version")]
    Version,
    /// Print or write manual pages
    #[command(
        after_help = "Examples:\n  host-runner man | man -l -\n  host-runner man --folder /usr/local/share/man/man1"
    )]
    Man(ManArguments),
    /// Run a generated Confluence site on the loopback address
    Simulator {
        #[command(subcommand)]
        command: SimulatorCommand,
    },
}
