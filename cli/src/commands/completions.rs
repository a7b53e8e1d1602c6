//! `host-runner completions`.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Args;

use crate::exit::Failure;
use crate::shell::Shell;

#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// Shell
    shell: Shell,
}

pub(crate) fn run(arguments: &CompletionsArguments) -> Result<(), Failure> {
    let script = arguments
        .shell
        .script()
        .replace("PROGRAM", &arguments.shell.quoted(&program()));
    write!(io::stdout(), "{script}").map_err(Failure::output)
}

/// This program, as a shell finds it from every folder: by name when it was started by name.
fn program() -> String {
    let started_as = std::env::args_os()
        .next()
        .map_or_else(|| PathBuf::from("host-runner"), PathBuf::from);
    let path = if started_as.components().count() > 1 {
        std::path::absolute(&started_as).unwrap_or(started_as)
    } else {
        started_as
    };
    path.to_string_lossy().into_owned()
}
