//! `host-runner completions`.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::exit::Failure;

#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// Shell
    shell: Shell,
}

/// A shell whose completions call this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Shell {
    /// The script that makes the shell call this program.
    fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("../completions/host-runner.bash"),
            Self::Zsh => include_str!("../completions/host-runner.zsh"),
            Self::Fish => include_str!("../completions/host-runner.fish"),
        }
    }

    /// A path as one word of the shell's scripts.
    fn quoted(self, path: &str) -> String {
        match self {
            Self::Bash | Self::Zsh => format!("'{}'", path.replace('\'', r"'\''")),
            // It is inside single quotes, in which a backslash escapes a quote.
            Self::Fish => {
                let word = path.replace('\\', r"\\").replace('\'', r"\'");
                format!("'{word}'")
                    .replace('\\', r"\\")
                    .replace('\'', r"\'")
            }
        }
    }
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
