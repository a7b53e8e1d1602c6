//! Due dates, as arguments.

use time::Time;

use crate::{
    Error,
    dates::{at, day, iso_ms},
    error::quoted,
};

const DAY_MS: i64 = 86_400_000;

/// Which end of a time span a date stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    From,
    To,
}

/// A due date: a day, a time with its zone, or milliseconds. A day is its first millisecond in
/// UTC as the beginning of a span and its last one as the end.
pub(crate) fn due_ms(argument: &str, text: &str, end: End) -> Result<i64, Error> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let read = if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().ok()
    } else if text.len() == 10 {
        day(text)
            .and_then(|date| at(date, Time::MIDNIGHT, 0))
            .map(|ms| match end {
                End::From => ms,
                End::To => ms + DAY_MS - 1,
            })
    } else {
        iso_ms(text)
    };
    read.ok_or_else(|| {
        Error::argument(
            "date-malformed",
            format!("`{argument}` has `{}`, which is no date", quoted(text, 60)),
            "a date is a day, a time with `Z` or an offset, or milliseconds since 1970",
            "give `2026-01-31`, `2026-01-31T12:00:00Z` or `1769860800000`",
        )
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_three_forms_of_a_date_are_read() {
        let from = |text: &str| due_ms("due-date-from", text, End::From).unwrap();
        let to = |text: &str| due_ms("due-date-to", text, End::To).unwrap();
        assert_eq!(from("2026-01-31"), 1_769_817_600_000);
        assert_eq!(to("2026-01-31"), 1_769_903_999_999);
        assert_eq!(from("2026-01-31T12:00:00Z"), 1_769_860_800_000);
        assert_eq!(to("2026-01-31T12:00:00.25+02:00"), 1_769_853_600_250);
        assert_eq!(to("2026-01-31t12:00:00-00:30"), 1_769_862_600_000);
        assert_eq!(from("1769860800000"), 1_769_860_800_000);
        assert_eq!(from("-1"), -1);
        assert_eq!(from("1969-12-31T23:59:59.500Z"), -500);
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "-",
            "2026-02-30",
            "2026-1-31",
            "31.01.2026",
            "2026-01-31T12:00:00",
            "today",
            "2026-01-31T25:00:00Z",
            "2026-01-31 12:00:00Z",
            "2026-01-31T12:00:00+2",
            "ä2026-01-3",
            "2026-01-31T12:00:00.Z",
            "99999999999999999999",
            "2026-01-31T12:00.5Z",
        ] {
            let error = due_ms("due-date-from", text, End::From).unwrap_err();
            assert_eq!(error.code, "date-malformed", "{text}");
        }
    }
}
