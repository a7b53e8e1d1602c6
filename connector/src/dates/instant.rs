//! Instants as milliseconds since 1970.

use super::{iso_ms, ms_of_number};

/// The instant of a text. The forms that Confluence sends, `2026-01-31T12:00:00.000Z` and
/// the same without a fraction, are read digit by digit; others take the general way.
pub(crate) fn of_text(text: &str) -> Option<i64> {
    common(text.as_bytes())
        .or_else(|| iso_ms(text))
        .or_else(|| text.trim().parse().ok().and_then(ms_of_number))
}

fn common(text: &[u8]) -> Option<i64> {
    let (seconds, ms) = match text.split_first_chunk::<19>()? {
        (seconds, b"Z") => (seconds, 0),
        (seconds, [b'.', a, b, c, b'Z']) => {
            (seconds, 100 * digit(*a)? + 10 * digit(*b)? + digit(*c)?)
        }
        _ => return None,
    };
    if [
        seconds[4],
        seconds[7],
        seconds[10],
        seconds[13],
        seconds[16],
    ] != *b"--T::"
    {
        return None;
    }
    let two = |at: usize| -> Option<i64> {
        Some(10 * digit(*seconds.get(at)?)? + digit(*seconds.get(at + 1)?)?)
    };
    let (year, month, day) = (two(0)? * 100 + two(2)?, two(5)?, two(8)?);
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    // Days that not every month has, and leap seconds, take the general way.
    let is_plain = (1..=12).contains(&month)
        && (1..=28).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    is_plain.then(|| {
        let seconds = (days(year, month, day) * 24 + hour) * 3_600 + minute * 60 + second;
        seconds * 1_000 + ms
    })
}

fn digit(byte: u8) -> Option<i64> {
    let digit = byte.wrapping_sub(b'0');
    (digit < 10).then_some(i64::from(digit))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that a leap day is the last of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::super::iso_ms;
    use super::{common, of_text};

    #[test]
    fn the_fast_way_agrees_with_the_general_one() {
        for year in [
            0, 1, 1899, 1900, 1969, 1970, 1972, 2000, 2024, 2026, 2100, 9999,
        ] {
            for month in 1..=12 {
                for day in [1, 2, 27, 28] {
                    for fraction in ["", ".089"] {
                        let text = format!("{year:04}-{month:02}-{day:02}T23:59:07{fraction}Z");
                        assert_eq!(common(text.as_bytes()), iso_ms(&text), "{text}");
                    }
                }
            }
        }
    }

    #[test]
    fn other_forms_are_read_too() {
        assert_eq!(of_text("2024-02-29T00:00:00.000Z"), Some(1_709_164_800_000));
        assert_eq!(
            of_text("2026-01-31T13:00:00.000+01:00"),
            Some(1_769_860_800_000)
        );
        assert_eq!(of_text("2026-01-31T12:00Z"), Some(1_769_860_800_000));
        assert_eq!(of_text("1769860800000"), Some(1_769_860_800_000));
        for wrong in [
            "",
            "2023-02-29T00:00:00.000Z",
            "2026-13-01T00:00:00.000Z",
            "2026-01-01",
        ] {
            assert_eq!(of_text(wrong), None, "{wrong}");
        }
    }
}
