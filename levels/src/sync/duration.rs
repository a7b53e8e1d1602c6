//! Durations such as `90s`, `30m`, `6h` and `7d`.

use std::time::Duration;

/// Maximum duration: ten years.
const MAX_SECONDS: u64 = 3_650 * DAY;

const DAY: u64 = 24 * 60 * 60;

/// Units, largest first.
const UNITS: [(char, u64); 4] = [('d', DAY), ('h', 60 * 60), ('m', 60), ('s', 1)];

/// A text that is not a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a duration is a number and a unit: `90s`, `30m`, `6h` or `7d`, up to `3650d`")]
pub struct DurationError;

/// Reads a duration.
///
/// # Errors
///
/// [`DurationError`] for any other text.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let unit = text.chars().next_back().ok_or(DurationError)?;
    let number = text.strip_suffix(unit).unwrap_or_default();
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let of_unit = UNITS.iter().find(|(name, _)| *name == unit);
    let (Some((_, seconds)), true) = (of_unit, is_number) else {
        return Err(DurationError);
    };
    let number: u64 = number.parse().map_err(|_| DurationError)?;
    match number.checked_mul(*seconds) {
        Some(seconds @ 0..=MAX_SECONDS) => Ok(Duration::from_secs(seconds)),
        _ => Err(DurationError),
    }
}

/// A duration as [`parse_duration`] reads it, in the largest unit that has a whole number of it.
#[must_use]
pub fn duration_text(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let fits = |(_, unit): &&(char, u64)| seconds > 0 && seconds.is_multiple_of(*unit);
    let (name, unit) = UNITS.iter().find(fits).unwrap_or(&('s', 1));
    format!("{}{name}", seconds / unit)
}

/// As a check of a setting.
pub(crate) fn check_duration(text: &str) -> Result<(), String> {
    parse_duration(text)
        .map(drop)
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{DurationError, duration_text, parse_duration};

    #[test]
    fn a_duration_is_written_as_it_was_read_in_its_largest_unit() {
        for (text, seconds, written) in [
            ("0s", 0, "0s"),
            ("90s", 90, "90s"),
            ("120s", 120, "2m"),
            ("60m", 3_600, "1h"),
            ("36h", 129_600, "36h"),
            ("7d", 604_800, "7d"),
        ] {
            let duration = parse_duration(text);
            assert_eq!(duration, Ok(Duration::from_secs(seconds)), "{text}");
            assert_eq!(duration.map(duration_text).as_deref(), Ok(written));
        }
        for text in [
            "", "6", "h", "-1h", "1.5h", "6 h", "6H", "4000d", "1w", "٣h",
        ] {
            assert_eq!(parse_duration(text), Err(DurationError), "{text}");
        }
    }
}
