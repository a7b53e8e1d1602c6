//! The formats of results, messages and logs.

use clap::ValueEnum;

/// How a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: the columns that answer most questions
    Table,
    /// For people: all columns, in full
    Wide,
    /// One JSON document
    Json,
    /// JSON Lines, one item per line
    Ndjson,
    /// Comma-separated values with a header
    Csv,
}

impl Format {
    /// Whether people read it.
    pub(crate) fn is_table(self) -> bool {
        matches!(self, Self::Table | Self::Wide)
    }
}

/// The format of logs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    #[default]
    Text,
    /// JSON Lines, one object per event
    Json,
}

/// The format of everything on standard error that is not a log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageFormat {
    /// For people
    #[default]
    Text,
    /// JSON Lines, one object per message
    Json,
}

impl MessageFormat {
    /// The one that a command line asks for, whether the rest of it is understood or not.
    pub(crate) fn of_process() -> Self {
        let words: Vec<_> = std::env::args_os().collect();
        let named = words.iter().enumerate().find_map(|(at, word)| {
            match word.to_str()?.strip_prefix("--message-format")? {
                "" => words.get(at + 1)?.to_str().map(str::to_owned),
                rest => rest.strip_prefix('=').map(str::to_owned),
            }
        });
        let asked = named.or_else(|| std::env::var("HOST_RUNNER_MESSAGE_FORMAT").ok());
        asked
            .and_then(|text| Self::from_str(&text, true).ok())
            .unwrap_or_default()
    }
}
