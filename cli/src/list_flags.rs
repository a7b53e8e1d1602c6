//! Arguments of functions that are written as flags.

/// Options of lists that are true when they are named, and may have their value behind them.
pub(crate) fn is_flag(name: &str) -> bool {
    matches!(name, "raw" | "mention-names")
}

/// Whether a word behind a flag is its value, and not the next argument.
pub(crate) fn is_truth(word: &str) -> bool {
    matches!(word, "true" | "false")
}
