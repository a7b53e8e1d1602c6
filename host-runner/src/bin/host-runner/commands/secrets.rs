//! `host-runner secrets`.

use clap::{Args, Subcommand};

use crate::command::SessionOptions;
use crate::exit::Failure;
use crate::{report, secret_argument};

#[derive(Debug, Subcommand)]
pub(crate) enum SecretsCommand {
    /// Seals every secret with a new key. Whoever is interrupted half-way may run it again.
    #[command(after_help = "\
Examples:
  host-runner secrets rotate
  head -c 32 /dev/urandom | base64 > new.key && host-runner secrets rotate --new-key @new.key")]
    Rotate(RotateArguments),
}

#[derive(Debug, Args)]
pub(crate) struct RotateArguments {
    /// The new key, the base64 of 32 bytes, from `-` (standard input), `@FILE` or `env:VARIABLE`.
    /// Without it, and where the key lies in a file, a random one.
    #[arg(long, value_name = "SOURCE")]
    new_key: Option<String>,
}

pub(crate) fn run(session: &SessionOptions, command: &SecretsCommand) -> Result<(), Failure> {
    match command {
        SecretsCommand::Rotate(arguments) => rotate(session, arguments),
    }
}

fn rotate(session: &SessionOptions, arguments: &RotateArguments) -> Result<(), Failure> {
    let new = match &arguments.new_key {
        Some(source) => Some(secret_argument::ask("key", "--new-key", Some(source))?),
        None => None,
    };
    let rotated = session
        .open()?
        .rotate_key(new.as_ref().map(|key| key.as_str()))?;
    let records = rotated.records;
    report::note(&match rotated.key_file {
        Some(file) => format!(
            "{records} secrets are sealed with the new key in {}",
            file.display()
        ),
        None => format!(
            "{records} secrets are sealed with the new key: set `HOST_RUNNER_KEY` to it now, wherever it is set"
        ),
    });
    Ok(())
}
