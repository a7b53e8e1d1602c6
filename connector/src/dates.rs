//! Times as text, and as milliseconds since 1970.

mod instant;

pub(crate) use instant::of_text as ms_of_text;

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use crate::find;

/// ISO 8601 with a zone, with or without seconds and fraction.
pub(crate) fn iso_ms(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't'])?;
    let zone = rest.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = rest.split_at(zone);
    at(day(date)?, clock_time(clock)?, offset_seconds(zone)?)
}

/// Numbers below this are seconds since 1970: as milliseconds they would be before March 1973, and
/// Confluence is of 2004.
const LEAST_MILLISECONDS: i64 = 100_000_000_000;

/// Milliseconds since 1970 of a time that came as a number: milliseconds or seconds since 1970.
pub(crate) fn ms_of_number(number: i64) -> Option<i64> {
    if number.unsigned_abs() < LEAST_MILLISECONDS.unsigned_abs() {
        return number.checked_mul(1_000);
    }
    Some(number)
}

/// The ISO 8601 form, in UTC, of a time that came as a number: milliseconds or seconds since 1970.
pub(crate) fn iso_of_number(number: i64) -> Option<String> {
    let ms = ms_of_number(number)?;
    let time = OffsetDateTime::from_unix_timestamp(ms.div_euclid(1_000)).ok()?;
    let (year, month, day) = time.to_calendar_date();
    let (hour, minute, second) = time.to_hms();
    (0..=9_999).contains(&year).then(|| {
        format!(
            "{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z",
            u8::from(month),
            ms.rem_euclid(1_000)
        )
    })
}

/// A time of HTTP, such as `Sun, 06 Nov 1994 08:49:37 GMT`. The two older forms have not been
/// sent by anyone for decades.
pub(crate) fn http_date_ms(text: &str) -> Option<i64> {
    let (_, text) = find::split(text, ", ")?;
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

pub(crate) fn day(text: &str) -> Option<Date> {
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

pub(crate) fn at(date: Date, time: Time, offset_seconds: i32) -> Option<i64> {
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
    use super::*;

    #[test]
    fn times_of_http_and_resets_without_seconds_are_read() {
        assert_eq!(
            http_date_ms("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(784_111_777_000)
        );
        assert_eq!(http_date_ms("Sun, 06 Nov 1994 08:49:37 CET"), None);
        assert_eq!(iso_ms("2026-01-31T12:00Z"), Some(1_769_860_800_000));
    }

    #[test]
    fn numbers_become_iso_times() {
        let cases = [
            (1_769_860_800_000, Some("2026-01-31T12:00:00.000Z")),
            (1_769_860_800_007, Some("2026-01-31T12:00:00.007Z")),
            (1_769_860_800, Some("2026-01-31T12:00:00.000Z")),
            (0, Some("1970-01-01T00:00:00.000Z")),
            (-1, Some("1969-12-31T23:59:59.000Z")),
            (-100_000_000_001, Some("1966-10-31T14:13:19.999Z")),
            (i64::MAX, None),
            (i64::MIN + 1, None),
        ];
        for (number, wanted) in cases {
            assert_eq!(iso_of_number(number).as_deref(), wanted, "{number}");
        }
    }
}
