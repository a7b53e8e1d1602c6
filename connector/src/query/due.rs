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

/// Numbers below this are no milliseconds of a time that a task is due: it would be before March
/// 1973.
const LEAST_MILLISECONDS: i64 = 100_000_000_000;

/// A due date, as [`instant_ms`]. A number that can only be an id or seconds is refused.
pub(crate) fn due_ms(argument: &str, text: &str, end: End) -> Result<i64, Error> {
    let ms = instant_ms(argument, text, end)?;
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || ms >= LEAST_MILLISECONDS {
        return Ok(ms);
    }
    let (cause, resolution) = if (1_000_000_000..=9_999_999_999).contains(&ms) {
        (
            "it has the length of seconds since 1970, and milliseconds are expected",
            format!("pass a day such as `2026-01-31`, or `{}`", ms * 1_000),
        )
    } else {
        (
            "as milliseconds since 1970 it is a time before 1973; it looks like an id in the position of a date",
            format!(
                "pass a day such as `2026-01-31`; if it is the id of a space, omit `{argument}` and name the space's argument"
            ),
        )
    };
    Err(Error::argument(
        "date-malformed",
        format!(
            "`{argument}` has `{}`, which is not a due date",
            quoted(text, 60)
        ),
        cause,
        resolution,
    ))
}

/// An instant: a day, a time with its zone, or milliseconds. A day is its first millisecond in
/// UTC as the beginning of a span and its last one as the end.
pub(crate) fn instant_ms(argument: &str, text: &str, end: End) -> Result<i64, Error> {
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
            format!(
                "`{argument}` is `{}`, which is not a date",
                quoted(text, 60)
            ),
            "a date is a day, a time with `Z` or an offset, or milliseconds since 1970",
            "pass `2026-01-31`, `2026-01-31T12:00:00Z` or `1769860800000`",
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
        assert_eq!(instant_ms("since", "-1", End::From).unwrap(), -1);
        assert_eq!(from("1969-12-31T23:59:59.500Z"), -500);
    }

    #[test]
    fn ids_and_seconds_are_not_due_dates() {
        for (text, advice) in [
            ("65538", "id of a space"),
            ("0", "id of a space"),
            ("99999999999", "id of a space"),
            ("1769860800", "`1769860800000`"),
        ] {
            let error = due_ms("due-date", text, End::To).unwrap_err();
            assert_eq!(error.code, "date-malformed", "{text}");
            assert!(error.resolution.contains(advice), "{}", error.resolution);
            // An instant may be any number: `0` is the beginning of everything.
            assert!(instant_ms("since", text, End::From).is_ok());
        }
        assert!(due_ms("due-date", "100000000000", End::To).is_ok());
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
