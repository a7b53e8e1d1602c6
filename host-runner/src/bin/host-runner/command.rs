//! The command line.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::engine::ArgValueCandidates;
use host_runner::{Level, LevelName};

use crate::candidates;
use crate::commands::check::PolicyArguments;
use crate::commands::completions::CompletionsArguments;
use crate::commands::component::ComponentCommand;
use crate::commands::config::ConfigCommand;
use crate::commands::connection::ConnectionCommand;
use crate::commands::doctor::DoctorArguments;
use crate::commands::download::DownloadArguments;
use crate::commands::manual::ManArguments;
use crate::commands::secrets::SecretsCommand;

/// Call the Confluence connector, a sandboxed WebAssembly component
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
  host-runner policy
  host-runner doctor

Exit codes:
   0 success                  10 response truncated        20 setting rejected
   1 internal error           11 response nested too deep  21 pagination loop
   2 invalid usage            12 response too large        22 TLS verification failed
   3 not configured           13 site unreachable          23 unexpected response
   4 unauthorized (401)       14 site name not resolved    24 state or key unusable
   5 forbidden (403)          15 timed out                 25 cannot write output
   6 not found (404)          16 denied by policy          26 cannot start simulator
   7 rate limited (429)       17 limit exceeded            27 invalid configuration
   8 site failed (5xx)        18 invalid argument          28 component rejected
   9 response is not JSON     19 invalid endpoint          29 doctor found a problem
 130 interrupted (Ctrl-C)    143 terminated (SIGTERM)";

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct SessionOptions {
    /// Configuration folder, with `cluster.toml`, `env/ENV.toml` and `env/ENV/app/APP.toml`
    #[arg(
        long,
        global = true,
        value_name = "FOLDER",
        env = "HOST_RUNNER_CONFIG_DIR",
        value_hint = ValueHint::DirPath
    )]
    pub(crate) config_dir: Option<PathBuf>,
    /// State folder, with secrets, key, components and compiled code
    #[arg(
        long,
        global = true,
        value_name = "FOLDER",
        env = "HOST_RUNNER_STATE_DIR",
        value_hint = ValueHint::DirPath
    )]
    pub(crate) state_dir: Option<PathBuf>,
    /// Environment to act for
    #[arg(long, global = true, value_name = "NAME", env = "HOST_RUNNER_ENV", default_value = "default", value_parser = LevelName::from_str, add = ArgValueCandidates::new(candidates::environments))]
    pub(crate) env: LevelName,
    /// App to act for
    #[arg(long, global = true, value_name = "NAME", env = "HOST_RUNNER_APP", default_value = "default", value_parser = LevelName::from_str, add = ArgValueCandidates::new(candidates::apps))]
    pub(crate) app: LevelName,
    /// Time limit per call in seconds, including network waits; overrides `limits.call-seconds`
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<f64>,
    /// Memory limit per call in MiB; overrides `limits.memory-mib`
    #[arg(long, global = true, value_name = "MIB", value_parser = mebibytes)]
    pub(crate) memory: Option<i64>,
    #[command(flatten)]
    pub(crate) telemetry: TelemetryOptions,
}

/// What is reported about calls and requests besides their results.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct TelemetryOptions {
    /// Log calls and requests to standard error: `info`, `debug` or a filter such as
    /// `host_runner::outbound=debug`. Tokens, queries and bodies are never logged; logs of
    /// dependencies are not included
    #[arg(long, global = true, value_name = "FILTER", env = "HOST_RUNNER_LOG")]
    pub(crate) log: Option<String>,
    /// Format of logs
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        env = "HOST_RUNNER_LOG_FORMAT",
        value_enum,
        default_value_t
    )]
    pub(crate) log_format: LogFormat,
    /// Format of errors, warnings, notes and receipts on standard error; `json` prints JSON Lines
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        env = "HOST_RUNNER_MESSAGE_FORMAT",
        value_enum,
        default_value_t
    )]
    pub(crate) message_format: MessageFormat,
    /// Send spans of calls and requests to an OpenTelemetry collector with OTLP over HTTP, such as
    /// `http://127.0.0.1:4318`. `OTEL_EXPORTER_OTLP_HEADERS` adds headers
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "HOST_RUNNER_OTLP_ENDPOINT"
    )]
    pub(crate) otlp_endpoint: Option<String>,
    /// On exit, write call metrics in Prometheus text format, for node_exporter's textfile collector
    #[arg(long, global = true, value_name = "FILE", env = "HOST_RUNNER_METRICS_FILE", value_hint = ValueHint::FilePath)]
    pub(crate) metrics_file: Option<PathBuf>,
}

/// The format of logs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    #[default]
    Text,
    /// JSON Lines, one object per event
    Json,
}

/// The format of everything on standard error that is not a log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageFormat {
    /// For people
    #[default]
    Text,
    /// JSON Lines, one object per message
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
        .ok_or_else(|| "expected 0.001 to 86400 seconds".to_owned())
}

/// Reads an amount of memory in MiB.
pub(crate) fn mebibytes(text: &str) -> Result<i64, String> {
    text.parse()
        .ok()
        .filter(|mebibytes| (1..=4096).contains(mebibytes))
        .ok_or_else(|| "expected 1 to 4096 MiB".to_owned())
}

/// The level that a command reads or writes.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct LevelOption {
    /// Level to use: `cluster`, `env` or `app`
    #[arg(long, value_name = "LEVEL", default_value = "app", value_parser = Level::from_str, add = ArgValueCandidates::new(candidates::levels))]
    pub(crate) level: Level,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run an end-to-end demo against a generated site
    #[command(after_help = "Examples:\n  host-runner demo")]
    Demo,
    /// Call a function of the component
    Call(CallArguments),
    /// Download an attachment to a file or standard output
    #[command(after_help = "\
Examples:
  host-runner download att295053
  host-runner download att295053 --version 2 --output-file design.pdf --force
  host-runner download att295053 --media-types 'image/*,application/pdf' --largest 20
  host-runner download att295053 --output-file - | tar -tz")]
    Download(DownloadArguments),
    /// List the functions of the component, or document one
    #[command(
        after_help = "Examples:\n  host-runner functions\n  host-runner functions listTasks\n  host-runner functions --search 'due date'"
    )]
    Functions(FunctionsArguments),
    /// Show, change and explain settings
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Manage connections: a site, a user and a token
    Connection {
        #[command(subcommand)]
        command: ConnectionCommand,
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

#[derive(Debug, Args)]
#[command(
    // Words after the function are parsed against the function's own parameters.
    disable_help_flag = true,
    override_usage = "host-runner call FUNCTION [ARGUMENTS]... [--NAME VALUE]... [--all] [--receipt] [--output FORMAT]",
    after_help = "\
Arguments are JSON or bare words, by position in the order of `host-runner functions FUNCTION`, or by
name: `--keys ENG,SCS --limit 100`. Fields of `options` are passed by name, too: `--sort -modified-date`.

Result options:
  --all              fetch every page; in a pipe, print JSON Lines
  --output FORMAT    `table`, `json`, `ndjson` or `csv`
  --columns NAMES    columns of tables and CSV, such as `id,title,version.number`
  --receipt          print the cost of the call on standard error

Change feeds print a checkpoint on standard error; pass it as `--since` next time. Pass the
authorization of setApiUrlAndAuth as `-` (standard input), `@FILE` or `env:VARIABLE`.

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
    /// Function in camelCase or kebab-case, its arguments, and options
    #[arg(
        value_name = "FUNCTION",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub(crate) words: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct FunctionsArguments {
    /// Function to document
    #[arg(add = ArgValueCandidates::new(candidates::functions))]
    pub(crate) function: Option<String>,
    /// Only functions whose name, signature or documentation contains all these words
    #[arg(long, value_name = "WORDS", conflicts_with = "function")]
    pub(crate) search: Option<String>,
    /// Output format. Omit it to print one function's documentation as text
    #[arg(long, short, value_enum)]
    pub(crate) output: Option<Format>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SimulatorCommand {
    /// Serve a generated site until interrupted
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
    /// Port on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value_t = 8090)]
    pub(crate) port: u16,
    /// Seed of the generated site; the same seed generates the same site
    #[arg(long, default_value_t = 42)]
    pub(crate) seed: u64,
    /// Number of pages that a default listing returns
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub(crate) pages: u64,
    /// Latency of every response, in milliseconds
    #[arg(long, default_value_t = 0)]
    pub(crate) latency_ms: u64,
    /// Fault to inject, as a request number or range and a fault: `3:429`, `2-5:truncate`, `*:500`
    #[arg(long, value_name = "REQUEST:FAULT")]
    pub(crate) fault: Vec<String>,
    /// File with the only `Authorization` value to accept [default: any well-formed value]
    #[arg(long, value_name = "FILE")]
    pub(crate) credential_file: Option<PathBuf>,
    /// File for a request log in JSON Lines: number, method, path with query, status. Truncated at
    /// the start
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) request_log: Option<PathBuf>,
}

/// How a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// One JSON document
    Json,
    /// JSON Lines, one item per line
    Ndjson,
    /// Comma-separated values with a header
    Csv,
}
