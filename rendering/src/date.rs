//! Dates out of milliseconds, without a clock or a time zone.

/// The day of a time given in milliseconds since 1970, in UTC as Confluence means it; or the
/// text itself when it is no such time.
pub(crate) fn day(milliseconds: &str) -> String {
    let Ok(time) = milliseconds.trim().parse::<i64>() else {
        return milliseconds.trim().to_owned();
    };
    let (year, month, day) = civil(time.div_euclid(86_400_000));
    if !(0..=9_999).contains(&year) {
        return milliseconds.trim().to_owned();
    }
    format!("{year:04}-{month:02}-{day:02}")
}

/// Year, month and day of a day counted from 1970-01-01. Years begin in March here, so that the
/// leap day is the last of one, and 400 of them are one cycle.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let cycle = shifted.div_euclid(146_097);
    let day_of_cycle = shifted.rem_euclid(146_097);
    let year_of_cycle = (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524
        - day_of_cycle / 146_096)
        / 365;
    let day_of_year =
        day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (cycle * 400 + year_of_cycle + next_year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_exact_around_leaps_and_before_1970() {
        for (time, expected) in [
            ("0", "1970-01-01"),
            ("-1", "1969-12-31"),
            ("951782400000", "2000-02-29"),
            ("951868800000", "2000-03-01"),
            ("1709164800000", "2024-02-29"),
            ("1767139200000", "2025-12-31"),
            ("4107542400000", "2100-03-01"),
            ("-62167219200000", "0000-01-01"),
        ] {
            assert_eq!(day(time), expected);
        }
    }

    #[test]
    fn what_is_no_time_stays_as_it_is() {
        for text in [
            "tomorrow",
            "",
            "9223372036854775807",
            "99999999999999999999",
        ] {
            assert_eq!(day(text), text);
        }
    }
}
