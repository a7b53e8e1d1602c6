//! Options of every command.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueHint};
use clap_complete::engine::ArgValueCandidates;
use host_runner::{ConnectionName, Level, LevelName};

use crate::candidates;
use crate::formats::{LogFormat, MessageFormat};

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct SessionOptions {
    /// Configuration folder, with `cluster.toml`, `env/ENV.toml` and `env/ENV/app/APP.toml` [default:
    /// `config` inside `--state-dir` if that is set, otherwise the platform's folder, such as
    /// `~/.config/host-runner`]
    #[arg(
        long,
        global = true,
        value_name = "FOLDER",
        env = "HOST_RUNNER_CONFIG_DIR",
        value_hint = ValueHint::DirPath
    )]
    pub(crate) config_dir: Option<PathBuf>,
    /// State folder, with secrets, key, components and compiled code [default: the platform's folder,
    /// such as `~/.local/share/host-runner`]
    #[arg(
        long,
        global = true,
        value_name = "FOLDER",
        env = "HOST_RUNNER_STATE_DIR",
        value_hint = ValueHint::DirPath
    )]
    pub(crate) state_dir: Option<PathBuf>,
    /// Environment to act for; its settings override those of the cluster
    #[arg(long, global = true, value_name = "NAME", env = "HOST_RUNNER_ENV", default_value = "default", value_parser = LevelName::from_str, add = ArgValueCandidates::new(candidates::environments))]
    pub(crate) env: LevelName,
    /// App to act for; its settings override those of the environment
    #[arg(long, global = true, value_name = "NAME", env = "HOST_RUNNER_APP", default_value = "default", value_parser = LevelName::from_str, add = ArgValueCandidates::new(candidates::apps))]
    pub(crate) app: LevelName,
    /// Time limit per call in seconds, 0.001 to 86400, including network waits [default: 60]; more
    /// than a level's `limits.call-seconds` is rejected
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<f64>,
    /// Memory limit per call in MiB, 1 to 4096 [default: 256]; more than a level's `limits.memory-mib` is
    /// rejected
    #[arg(long, global = true, value_name = "MIB", value_parser = mebibytes)]
    pub(crate) memory: Option<i64>,
    #[command(flatten)]
    pub(crate) telemetry: TelemetryOptions,
    /// The connection that calls use in place of the active one.
    #[arg(skip)]
    pub(crate) connection: Option<ConnectionName>,
}

/// What is reported about calls and requests besides their results.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
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
