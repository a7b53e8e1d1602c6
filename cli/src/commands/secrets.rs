//! `host-runner secrets`.

use clap::{Args, Subcommand};

use crate::exit::Failure;
use crate::options::SessionOptions;
use crate::{report, secret_argument};

#[derive(Debug, Subcommand)]
pub(crate) enum SecretsCommand {
    /// Seals every secret with a new key. Whoever is interrupted half-way may run it again. The key
    /// before it stays beside a file that `HOST_RUNNER_KEY_FILE` names: other state folders may
    /// need it.
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
    report::note(&match &rotated.key_file {
        Some(file) => format!(
            "{records} secrets are sealed with the new key in {}",
            file.display()
        ),
        None => format!(
            "{records} secrets are sealed with the new key: set `HOST_RUNNER_KEY` to it now, wherever it is set"
        ),
    });
    if let (Some(old), Some(new)) = (rotated.old_key_file, rotated.key_file) {
        report::note(&format!(
            "the key before it is in `{old}`, and secrets of other state folders may be sealed with it: seal those with the new one by `HOST_RUNNER_KEY=\"$(cat {old})\" host-runner --state-dir FOLDER secrets rotate --new-key @{new}`, and remove `{old}` when nothing needs it",
            old = old.display(),
            new = new.display(),
        ));
    }
    Ok(())
}
