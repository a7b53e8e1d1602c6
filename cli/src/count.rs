//! Numbers with what they count.

/// `1 row`, `2 rows`. The plural of `noun` ends in `s`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}
