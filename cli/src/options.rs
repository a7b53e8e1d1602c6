//! Options of every command.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueHint};
use clap_complete::engine::ArgValueCandidates;
use host_runner::{Level, LevelName};

use crate::candidates;
use crate::formats::{LogFormat, MessageFormat};

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
