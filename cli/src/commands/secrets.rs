//! `host-runner secrets`.

use clap::{Args, Subcommand};

use crate::exit::Failure;
use crate::options::SessionOptions;
use crate::{report, secret_argument};

#[derive(Debug, Subcommand)]
pub(crate) enum SecretsCommand {
    /// Encrypt every secret with a new key
    ///
    /// Safe to rerun after an interruption. The previous key is kept next to a file that
    /// `HOST_RUNNER_KEY_FILE` names, because other state folders may need it.
    #[command(after_help = "\
Examples:
  host-runner secrets rotate
  head -c 32 /dev/urandom | base64 > new.key && host-runner secrets rotate --new-key @new.key")]
    Rotate(RotateArguments),
}

#[derive(Debug, Args)]
pub(crate) struct RotateArguments {
    /// Source of the new key, base64 of 32 bytes: `-` (standard input), `@FILE` or `env:VARIABLE`
    /// [default: a random key, if the key is in a file]
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
    let (secrets, are) = match rotated.records {
        1 => ("1 secret".to_owned(), "is"),
        records => (format!("{records} secrets"), "are"),
    };
    report::note(&match &rotated.key_file {
        Some(file) => format!(
            "{secrets} {are} encrypted with the new key in {}",
            file.display()
        ),
        None => format!(
            "{secrets} {are} encrypted with the new key: set `HOST_RUNNER_KEY` to it now wherever it is used"
        ),
    });
    if let (Some(old), Some(new)) = (rotated.old_key_file, rotated.key_file) {
        report::note(&format!(
            "the previous key is in `{old}`. If other state folders use it, encrypt their secrets with the new key: run `HOST_RUNNER_KEY=\"$(cat {old})\" host-runner --state-dir FOLDER secrets rotate --new-key @{new}`; then remove `{old}`",
            old = old.display(),
            new = new.display(),
        ));
    }
    Ok(())
}
