//! The formats of results, messages and logs.

use clap::ValueEnum;

/// How an answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// The whole answer as one document.
    Json,
    /// One line of JSON for each item.
    Ndjson,
    /// Comma-separated values, with a header.
    Csv,
}

/// How logs are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// A line of JSON for each event.
    Json,
}

/// How people, or programs, are told of what is no result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageFormat {
    /// For people.
    #[default]
    Text,
    /// A line of JSON for each message.
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
