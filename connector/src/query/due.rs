//! Instants, as arguments.

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

/// Numbers below this are no milliseconds that anybody means: it would be before March 1973.
const LEAST_MILLISECONDS: i64 = 100_000_000_000;

/// An instant: a day, a time with its zone, or milliseconds. A day is its first millisecond in
/// UTC as the beginning of a span and its last one as the end. A number that can only be an id, a
/// limit or seconds is refused, but for `since`, which may be `0`: everything.
pub(crate) fn instant_ms(argument: &str, text: &str, end: End) -> Result<i64, Error> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let read = if is_number {
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
    let (cause, resolution) = match read {
        Some(ms @ 1_000_000_000..=9_999_999_999) if is_number => (
            "it has the length of seconds since 1970, and milliseconds are expected",
            format!("pass a day such as `2026-01-31`, or `{}`", ms * 1_000),
        ),
        Some(0) if argument == "since" => return Ok(0),
        // `20260131`
        Some(ms) if is_number && ms > 19_700_000 && day(&dashed(ms)).is_some() => (
            "days are written with `-`",
            format!("pass `{}`", dashed(ms)),
        ),
        Some(ms) if is_number && ms < LEAST_MILLISECONDS => (
            "as milliseconds since 1970 it is a time before 1973; it looks like an id or a limit in the position of a date",
            format!(
                "pass a day such as `2026-01-31`; if it is the id of a space or a limit, omit `{argument}` and pass it by name"
            ),
        ),
        Some(ms) => return Ok(ms),
        None => (
            "a date is a day, a time with `Z` or an offset, or milliseconds since 1970",
            "pass `2026-01-31`, `2026-01-31T12:00:00Z` or `1769860800000`".to_owned(),
        ),
    };
    Err(Error::argument(
        "date-malformed",
        format!(
            "`{argument}` is `{}`, which is not a date",
            quoted(text, 60)
        ),
        cause,
        resolution,
    ))
}

/// Digits of a year, a month and a day with `-` between them.
fn dashed(digits: i64) -> String {
    let (year, rest) = (digits / 10_000, digits % 10_000);
    format!("{year:04}-{:02}-{:02}", rest / 100, rest % 100)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_three_forms_of_a_date_are_read() {
        let from = |text: &str| instant_ms("due-date-from", text, End::From).unwrap();
        let to = |text: &str| instant_ms("due-date-to", text, End::To).unwrap();
        assert_eq!(from("2026-01-31"), 1_769_817_600_000);
        assert_eq!(to("2026-01-31"), 1_769_903_999_999);
        assert_eq!(from("2026-01-31T12:00:00Z"), 1_769_860_800_000);
        assert_eq!(to("2026-01-31T12:00:00.25+02:00"), 1_769_853_600_250);
        assert_eq!(to("2026-01-31t12:00:00-00:30"), 1_769_862_600_000);
        assert_eq!(from("1769860800000"), 1_769_860_800_000);
        assert_eq!(instant_ms("since", "0", End::From).unwrap(), 0);
        assert_eq!(from("1969-12-31T23:59:59.500Z"), -500);
    }

    #[test]
    fn ids_limits_and_seconds_are_not_dates() {
        for (text, advice) in [
            ("65538", "omit `until`"),
            ("0", "omit `until`"),
            ("-1", "omit `until`"),
            ("-1769860800000", "omit `until`"),
            ("99999999999", "omit `until`"),
            ("1769860800", "`1769860800000`"),
            ("20260131", "pass `2026-01-31`"),
            ("20260231", "omit `until`"),
            ("10101", "omit `until`"),
        ] {
            let error = instant_ms("until", text, End::To).unwrap_err();
            assert_eq!(error.code, "date-malformed", "{text}");
            assert!(error.resolution.contains(advice), "{}", error.resolution);
            // `0` is the beginning of everything.
            let since = instant_ms("since", text, End::From);
            assert_eq!(since.is_ok(), text == "0", "{text}");
        }
        assert!(instant_ms("until", "100000000000", End::To).is_ok());
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
            let error = instant_ms("due-date-from", text, End::From).unwrap_err();
            assert_eq!(error.code, "date-malformed", "{text}");
        }
    }
}
