//! Instants as text.

use chrono::{DateTime, SecondsFormat};

/// An instant such as `2026-04-28T07:26:08.701Z`, which SQLite's date functions read. Empty for one
/// that is in no calendar.
pub(crate) fn text(millis: i64) -> String {
    let at = DateTime::from_timestamp_millis(millis);
    // Half the time of a format string, which is parsed for each value.
    at.map_or_else(String::new, |at| {
        at.to_rfc3339_opts(SecondsFormat::Millis, true)
    })
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn instants_are_iso_8601_in_utc() {
        for (millis, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_777_361_168_701, "2026-04-28T07:26:08.701Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(text(millis), expected);
        }
    }
}
