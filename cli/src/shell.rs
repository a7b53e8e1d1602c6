//! Shells that complete the command line.

use clap::ValueEnum;

/// A shell whose completions call this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Shell {
    /// The script that makes the shell call this program.
    pub(crate) fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("completions/host-runner.bash"),
            Self::Zsh => include_str!("completions/host-runner.zsh"),
            Self::Fish => include_str!("completions/host-runner.fish"),
        }
    }

    /// A path as one word of the shell's scripts.
    pub(crate) fn quoted(self, path: &str) -> String {
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
