//! The command line.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::engine::ArgValueCandidates;
use host_runner::{Level, LevelName};

use crate::candidates;
use crate::commands::check::CheckArguments;
use crate::commands::completions::CompletionsArguments;
use crate::commands::component::ComponentCommand;
use crate::commands::config::ConfigCommand;
use crate::commands::connection::ConnectionCommand;
use crate::commands::doctor::DoctorArguments;
use crate::commands::download::DownloadArguments;
use crate::commands::manual::ManArguments;
use crate::commands::secrets::SecretsCommand;

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
                             143 asked to end (SIGTERM)";

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct SessionOptions {
    /// The folder with the files of levels: `cluster.toml`, `env/ENV.toml`, `env/ENV/app/APP.toml`.
    #[arg(
        long,
        global = true,
        value_name = "FOLDER",
        env = "HOST_RUNNER_CONFIG_DIR",
        value_hint = ValueHint::DirPath
    )]
    pub(crate) config_dir: Option<PathBuf>,
    /// The folder with secrets, key, components and compiled code.
    #[arg(
        long,
        global = true,
        value_name = "FOLDER",
        env = "HOST_RUNNER_STATE_DIR",
        value_hint = ValueHint::DirPath
    )]
    pub(crate) state_dir: Option<PathBuf>,
    /// The environment on whose behalf to call.
    #[arg(long, global = true, value_name = "NAME", env = "HOST_RUNNER_ENV", default_value = "default", value_parser = LevelName::from_str, add = ArgValueCandidates::new(candidates::environments))]
    pub(crate) env: LevelName,
    /// The app on whose behalf to call.
    #[arg(long, global = true, value_name = "NAME", env = "HOST_RUNNER_APP", default_value = "default", value_parser = LevelName::from_str, add = ArgValueCandidates::new(candidates::apps))]
    pub(crate) app: LevelName,
    /// The most that one call may take, waiting for the network included, in seconds: the setting
    /// `limits.call-seconds`.
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<f64>,
    /// The most memory that one call may use, in MiB: the setting `limits.memory-mib`.
    #[arg(long, global = true, value_name = "MIB", value_parser = mebibytes)]
    pub(crate) memory: Option<i64>,
    #[command(flatten)]
    pub(crate) telemetry: TelemetryOptions,
}

/// What is told of calls and requests beside their results.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct TelemetryOptions {
    /// Logs calls and requests to standard error: `info`, `debug`, or a filter such as
    /// `host_runner::outbound=debug`. No token, no query and no body is ever logged, and nothing of
    /// the libraries below.
    #[arg(long, global = true, value_name = "FILTER", env = "HOST_RUNNER_LOG")]
    pub(crate) log: Option<String>,
    /// How logs are written: `text` for people, `json` for programs.
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        env = "HOST_RUNNER_LOG_FORMAT",
        value_enum,
        default_value_t
    )]
    pub(crate) log_format: LogFormat,
    /// How errors, warnings, notes and receipts are told on standard error: `text` for people,
    /// `json` for programs, an object on a line for each.
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        env = "HOST_RUNNER_MESSAGE_FORMAT",
        value_enum,
        default_value_t
    )]
    pub(crate) message_format: MessageFormat,
    /// Sends spans of calls and requests to an OpenTelemetry collector, by OTLP over HTTP, such as
    /// `http://127.0.0.1:4318`. Headers for it come from `OTEL_EXPORTER_OTLP_HEADERS`.
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "HOST_RUNNER_OTLP_ENDPOINT"
    )]
    pub(crate) otlp_endpoint: Option<String>,
    /// Writes what all calls of this process have cost into a file, in the text format of
    /// Prometheus, at its end: for the collector of text files.
    #[arg(long, global = true, value_name = "FILE", env = "HOST_RUNNER_METRICS_FILE", value_hint = ValueHint::FilePath)]
    pub(crate) metrics_file: Option<PathBuf>,
}

/// How logs are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// A line of JSON for each event.
    Json,
}

/// How people, or programs, are told of what is no result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageFormat {
    /// For people.
    #[default]
    Text,
    /// A line of JSON for each message.
    Json,
}

impl MessageFormat {
    /// The one that a command line asks for, whether the rest of it is understood or not.
    pub(crate) fn of_process() -> Self {
        let words: Vec<_> = std::env::args_os().collect();
        let named = words.iter().enumerate().find_map(|(at, word)| {
            match word.to_str()?.strip_prefix("--message-format")? {
                "" => words.get(at + 1)?.to_str().map(str::to_owned),
                rest => rest.strip_prefix('=').map(str::to_owned),
            }
        });
        let asked = named.or_else(|| std::env::var("HOST_RUNNER_MESSAGE_FORMAT").ok());
        asked
            .and_then(|text| Self::from_str(&text, true).ok())
            .unwrap_or_default()
    }
}

/// Reads a time in seconds.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|seconds| (0.001..=86_400.0).contains(seconds))
        .ok_or_else(|| "a time is 0.001 to 86400 seconds".to_owned())
}

/// Reads an amount of memory in MiB.
pub(crate) fn mebibytes(text: &str) -> Result<i64, String> {
    text.parse()
        .ok()
        .filter(|mebibytes| (1..=4096).contains(mebibytes))
        .ok_or_else(|| "an amount of memory is 1 to 4096 MiB".to_owned())
}

/// The level that a command reads or writes.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct LevelOption {
    /// The level: `cluster`, `env` or `app`.
    #[arg(long, value_name = "LEVEL", default_value = "app", value_parser = Level::from_str, add = ArgValueCandidates::new(candidates::levels))]
    pub(crate) level: Level,
}

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

#[derive(Debug, Args)]
#[command(
    // What stands behind the function is read against the function's own parameters.
    disable_help_flag = true,
    override_usage = "host-runner call FUNCTION [ARGUMENTS]... [--NAME VALUE]... [--all] [--receipt] [--output FORMAT]",
    after_help = "\
Arguments stand in the order of `host-runner functions FUNCTION`, as JSON or as bare words, or are
named: `--keys ENG,SCS --limit 100`. Fields of options are named alike: `--sort -modified-date`.
`--all` follows a list to its end, and prints a line of JSON for each item where no terminal is;
`--output` is `table`, `json`, `ndjson` or `csv`, and `--columns id,title,version.number` picks the
columns of tables and CSV. What changed since an instant ends with a checkpoint on standard error, which is the
`--since` of the next time. `--receipt` tells on standard error what the call cost: requests, bytes, points,
times and memory. The authorization of setApiUrlAndAuth is best given as `-` (standard input),
`@FILE` or `env:VARIABLE`.

Examples:
  host-runner call listSpaces
  host-runner call listSpaces null '[\"ENG\",\"SCS\"]' 100
  host-runner call listPages --ids 98304,98312 --body-format storage
  host-runner call listPages --all > pages.ndjson
  host-runner call listPages --all --output json > pages.json
  host-runner call listPages --all --receipt > pages.ndjson
  host-runner --message-format json call listPages --all > pages.ndjson 2> messages.ndjson
  host-runner call listPages --all --output csv --columns id,title,version.number > pages.csv
  host-runner call setApiUrlAndAuth https://DOMAIN.atlassian.net/wiki/api/v2/ env:CONFLUENCE_AUTH app"
)]
pub(crate) struct CallArguments {
    /// The function, in camelCase or kebab-case, its arguments, and options.
    #[arg(
        value_name = "FUNCTION",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub(crate) words: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct FunctionsArguments {
    /// A function, to be documented.
    #[arg(add = ArgValueCandidates::new(candidates::functions))]
    pub(crate) function: Option<String>,
    /// Only functions whose name, signature or documentation has all these words.
    #[arg(long, value_name = "WORDS", conflicts_with = "function")]
    pub(crate) search: Option<String>,
    /// How to print. The documentation of one function is a text where this is left away.
    #[arg(long, short, value_enum)]
    pub(crate) output: Option<Format>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SimulatorCommand {
    /// Serves a generated site until it is interrupted.
    #[command(after_help = "\
Examples:
  host-runner simulator serve
  host-runner simulator serve --port 8090 --pages 100000 --latency-ms 50
  host-runner simulator serve --fault 3:429 --fault '*:500'
  host-runner simulator serve --request-log requests.ndjson")]
    Serve(ServeArguments),
}

#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 8090)]
    pub(crate) port: u16,
    /// Generate names and titles that programs get wrong, from this seed; without it, those of a company
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// How many pages a default listing has.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub(crate) pages: u64,
    /// How long every answer takes, in milliseconds.
    #[arg(long, default_value_t = 0)]
    pub(crate) latency_ms: u64,
    /// What goes wrong at which request, such as `3:429`, `2-5:truncate` or `*:500`.
    #[arg(long, value_name = "REQUEST:FAULT")]
    pub(crate) fault: Vec<String>,
    /// A file with the one value of the `Authorization` header that is accepted. Without it any
    /// well-formed one is an account.
    #[arg(long, value_name = "FILE")]
    pub(crate) credential_file: Option<PathBuf>,
    /// A file that gets a line of JSON for each request, before its answer is sent: number, method,
    /// path with query, and status. It is emptied first.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) request_log: Option<PathBuf>,
}

/// How an answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// The whole answer as one document.
    Json,
    /// One line of JSON for each item.
    Ndjson,
    /// Comma-separated values, with a header.
    Csv,
}
