//! A calendar day, such as the one on which a token expires.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

const SECONDS_PER_DAY: u64 = 86_400;

/// A day of the Gregorian calendar, written `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// Why a text is no [`Date`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DateError {
    /// It is of another form.
    #[error("expected a day as `YYYY-MM-DD`, such as `2027-02-01`")]
    Form,
    /// There is no such month.
    #[error("there is no month `{month:02}`: expected a day as `YYYY-MM-DD`, such as `2027-02-01`")]
    Month {
        /// The month.
        month: u16,
    },
    /// The month has fewer days.
    #[error("`{year:04}-{month:02}` has {days} days, and not a day `{day:02}`")]
    Day {
        /// The year.
        year: u16,
        /// The month.
        month: u8,
        /// The day.
        day: u16,
        /// The days of the month.
        days: u8,
    },
    /// It is before 1970.
    #[error("the year `{year:04}` is before 1970")]
    Year {
        /// The year.
        year: u16,
    },
}

impl Date {
    /// Days from the day of `now`, in UTC, to this one: 0 on the day itself, negative afterwards.
    #[must_use]
    pub fn days_after(self, now: SystemTime) -> i64 {
        let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let today = i64::try_from(seconds / SECONDS_PER_DAY).unwrap_or(i64::MAX);
        self.days_since_1970().saturating_sub(today)
    }

    /// Counted in years that begin in March, so that the leap day is the last of its year.
    fn days_since_1970(self) -> i64 {
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let year = i64::from(self.year) - i64::from(month <= 2);
        let month_from_march = (month + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
        // 719 468 days lie between 0000-03-01 and 1970-01-01.
        365 * year + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
    }

    fn days_of_month(year: u16, month: u8) -> u8 {
        let is_leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        match month {
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            _ => 31,
        }
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let mut parts = text.trim().split('-');
        let mut digits = |length: usize| {
            parts
                .next()
                .filter(|part| {
                    part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
                })
                .and_then(|part| part.parse::<u16>().ok())
                .ok_or(DateError::Form)
        };
        let (year, month, day) = (digits(4)?, digits(2)?, digits(2)?);
        if parts.next().is_some() {
            return Err(DateError::Form);
        }
        if year < 1970 {
            return Err(DateError::Year { year });
        }
        let found = u8::try_from(month)
            .ok()
            .filter(|month| (1..=12).contains(month));
        let month = found.ok_or(DateError::Month { month })?;
        let days = Self::days_of_month(year, month);
        let found = u8::try_from(day)
            .ok()
            .filter(|day| (1..=days).contains(day));
        let day = found.ok_or(DateError::Day {
            year,
            month,
            day,
            days,
        })?;
        Ok(Self { year, month, day })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::time::{Duration, UNIX_EPOCH};

    use super::Date;

    #[test]
    fn days_are_counted_across_months_and_leap_years() {
        let days = |text: &str| text.parse::<Date>().unwrap().days_since_1970();
        assert_eq!(days("1970-01-01"), 0);
        assert_eq!(days("1970-03-01"), 59);
        assert_eq!(days("2000-02-29"), 11_016);
        assert_eq!(days("2000-03-01"), 11_017);
        assert_eq!(days("2026-11-28"), 20_785);
        let noon = UNIX_EPOCH + Duration::from_secs(20_785 * 86_400 + 43_200);
        let after = |text: &str| text.parse::<Date>().unwrap().days_after(noon);
        assert_eq!(
            (
                after("2026-11-28"),
                after("2026-12-12"),
                after("2026-11-27")
            ),
            (0, 14, -1)
        );
    }

    #[test]
    fn only_days_that_exist_are_read() {
        assert_eq!(
            "2027-02-01".parse::<Date>().unwrap().to_string(),
            "2027-02-01"
        );
        for text in [
            "",
            "2027-2-1",
            "2027-02-29",
            "2100-02-29",
            "2027-13-01",
            "2027-00-01",
            "2027-01-00",
            "2027-04-31",
            "27-01-01",
            "2027-01-01-01",
            "2027/01/01",
            "1969-12-31",
            "２027-01-01",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_day_is_said() {
        for (text, expected) in [
            ("2026-02-30", "`2026-02` has 28 days, and not a day `30`"),
            ("2028-02-30", "`2028-02` has 29 days"),
            ("2026-04-31", "`2026-04` has 30 days"),
            ("2026-01-00", "`2026-01` has 31 days, and not a day `00`"),
            ("2026-13-01", "no month `13`"),
            ("2026-00-01", "no month `00`"),
            ("1969-12-31", "the year `1969` is before 1970"),
            ("2026-1-1", "as `YYYY-MM-DD`"),
            ("tomorrow", "as `YYYY-MM-DD`"),
            ("2026-02-30-01", "as `YYYY-MM-DD`"),
        ] {
            let error = text.parse::<Date>().unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
