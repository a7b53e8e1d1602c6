//! `host-runner completions`.

use clap::{Args, ValueEnum};

use crate::exit::Failure;

#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// The shell.
    shell: Shell,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

pub(crate) fn run(_arguments: &CompletionsArguments) -> Result<(), Failure> {
    Ok(())
}
