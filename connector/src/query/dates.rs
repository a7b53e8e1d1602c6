//! Times as text, and as milliseconds since 1970.

use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset};

use crate::{Error, error::quoted};

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
            format!(
                "`{argument}` is `{}`, which is not a date",
                quoted(text, 60)
            ),
            "a date is a day, a time with `Z` or an offset, or milliseconds since 1970",
            "pass `2026-01-31`, `2026-01-31T12:00:00Z` or `1769860800000`",
        )
    })
}

/// ISO 8601 with a zone, with or without seconds and fraction.
pub(crate) fn iso_ms(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't'])?;
    let zone = rest.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = rest.split_at(zone);
    at(day(date)?, clock_time(clock)?, offset_seconds(zone)?)
}

/// A time of HTTP, such as `Sun, 06 Nov 1994 08:49:37 GMT`. The two older forms have not been
/// sent by anyone for decades.
pub(crate) fn http_date_ms(text: &str) -> Option<i64> {
    let (_, text) = text.split_once(", ")?;
    let mut parts = text.split_ascii_whitespace();
    let day: u8 = parts.next()?.parse().ok()?;
    let name = parts.next()?;
    let month = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    .iter()
    .position(|month| month.eq_ignore_ascii_case(name))?;
    let month = Month::try_from(u8::try_from(month + 1).ok()?).ok()?;
    let year: i32 = parts.next()?.parse().ok()?;
    let clock = clock_time(parts.next()?)?;
    matches!(parts.next(), Some("GMT" | "UTC")).then_some(())?;
    at(Date::from_calendar_date(year, month, day).ok()?, clock, 0)
}

fn day(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let year = number(parts.next()?, 4)?;
    let month = Month::try_from(u8::try_from(number(parts.next()?, 2)?).ok()?).ok()?;
    let day = u8::try_from(number(parts.next()?, 2)?).ok()?;
    if parts.next().is_some() {
        return None;
    }
    Date::from_calendar_date(i32::try_from(year).ok()?, month, day).ok()
}

/// `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fff`. A leap second counts as the one before it.
fn clock_time(text: &str) -> Option<Time> {
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
    };
    let mut parts = clock.split(':');
    let mut two = || -> Option<Option<u8>> {
        match parts.next() {
            Some(part) => Some(Some(u8::try_from(number(part, 2)?).ok()?)),
            None => Some(None),
        }
    };
    let (hour, minute, second) = (two()??, two()??, two()?);
    if parts.next().is_some() {
        return None;
    }
    let ms = match fraction {
        Some(_) if second.is_none() => return None,
        Some(digits) if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) => {
            return None;
        }
        Some(digits) => format!("{digits}00").get(..3)?.parse().ok()?,
        None => 0,
    };
    let second = second.unwrap_or(0);
    let second = if second == 60 { 59 } else { second };
    Time::from_hms_milli(hour, minute, second, ms).ok()
}

fn offset_seconds(zone: &str) -> Option<i32> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, clock) = zone.split_at_checked(1)?;
    let (hours, minutes) = clock.split_once(':')?;
    let offset = UtcOffset::from_hms(
        i8::try_from(number(hours, 2)?).ok()?,
        i8::try_from(number(minutes, 2)?).ok()?,
        0,
    )
    .ok()?;
    let seconds = offset.whole_seconds();
    Some(if sign == "-" { -seconds } else { seconds })
}

fn at(date: Date, time: Time, offset_seconds: i32) -> Option<i64> {
    let utc = PrimitiveDateTime::new(date, time).assume_utc();
    let seconds = utc
        .unix_timestamp()
        .checked_sub(i64::from(offset_seconds))?;
    Some(seconds * 1_000 + i64::from(time.millisecond()))
}

/// Exactly so many digits.
fn number(text: &str, digits: usize) -> Option<u32> {
    (text.len() == digits && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
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

    #[test]
    fn times_of_http_and_resets_without_seconds_are_read() {
        assert_eq!(
            http_date_ms("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(784_111_777_000)
        );
        assert_eq!(http_date_ms("Sun, 06 Nov 1994 08:49:37 CET"), None);
        assert_eq!(iso_ms("2026-01-31T12:00Z"), Some(1_769_860_800_000));
    }
}
