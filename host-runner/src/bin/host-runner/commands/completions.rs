//! `host-runner completions` and `host-runner man`.

use std::path::PathBuf;

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

#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// Writes a page for every command into this folder. Without it the main page is printed.
    #[arg(long)]
    folder: Option<PathBuf>,
}

pub(crate) fn run(_arguments: &CompletionsArguments) -> Result<(), Failure> {
    Ok(())
}

pub(crate) fn manual(_arguments: &ManArguments) -> Result<(), Failure> {
    Ok(())
}
