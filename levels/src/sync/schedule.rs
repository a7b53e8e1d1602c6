//! When a sync is due: at intervals, or at times of a calendar.

use std::fmt;
use std::time::Duration;

use super::cron::Cron;
use super::duration::{duration_text, parse_duration};

/// Shortest interval, in milliseconds: a minute.
const MIN_INTERVAL: i64 = 60_000;

const HOUR: i64 = 60 * 60 * 1_000;

/// When a sync is due. Times are milliseconds since 1970.
#[derive(Debug, Clone)]
pub struct Schedule {
    text: String,
    when: When,
}

#[derive(Debug, Clone)]
enum When {
    Every(i64),
    Cron(Cron),
}

/// Why a text is not a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// It is neither an interval nor five fields.
    #[error(
        "a schedule is an interval from `1m` on, such as `60m`, or `MINUTE HOUR DAY MONTH WEEKDAY [ZONE]`, such as `15 6 * * 1-5 Europe/Berlin`"
    )]
    Form,
    /// A field of cron is wrong.
    #[error(
        "the {field} is not valid: expected `*`, numbers from {least} to {most}, ranges, lists or steps"
    )]
    Field {
        /// Its name.
        field: &'static str,
        /// The least value.
        least: u8,
        /// The greatest value.
        most: u8,
    },
    /// There is no such zone.
    #[error(
        "the time zone is unknown: expected a name of the time zone database, such as `Europe/Berlin`, and the package `tzdata`"
    )]
    Zone,
    /// No day fits.
    #[error("no date matches it")]
    Never,
}

impl Schedule {
    /// Reads a schedule.
    ///
    /// ```
    /// use host_levels::Schedule;
    ///
    /// assert!(Schedule::parse("60m").is_ok());
    /// assert!(Schedule::parse("15 6 * * 1-5 Europe/Berlin").is_ok());
    /// assert!(Schedule::parse("daily").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`ScheduleError`] for a text that is neither an interval nor five fields of cron.
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        let text = text.trim();
        let when = match parse_duration(text) {
            Ok(interval) => {
                let interval = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX);
                if interval < MIN_INTERVAL {
                    return Err(ScheduleError::Form);
                }
                When::Every(interval)
            }
            Err(_) => When::Cron(Cron::parse(text)?),
        };
        Ok(Self {
            text: text.to_owned(),
            when,
        })
    }

    /// An interval. Shorter ones than a minute are a minute.
    #[must_use]
    pub fn every(interval: Duration) -> Self {
        let interval = interval.max(Duration::from_millis(MIN_INTERVAL.unsigned_abs()));
        Self {
            text: duration_text(interval),
            when: When::Every(i64::try_from(interval.as_millis()).unwrap_or(i64::MAX)),
        }
    }

    /// The schedule as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The first time after an instant at which the sync `id` is due. Intervals are counted from a time
    /// that depends on `id` alone, so that many syncs do not begin at once, and none at the full hour,
    /// when everybody else's do. Times of a calendar are kept to the minute.
    #[must_use]
    pub fn next_after(&self, id: &str, after: i64) -> Option<i64> {
        match &self.when {
            When::Cron(cron) => cron.next_after(after),
            When::Every(interval) => {
                let behind = (after - offset(id, *interval)).rem_euclid(*interval);
                after.checked_add(interval - behind)
            }
        }
    }
}

/// How far the times of an interval are shifted: anywhere in it, but at least a minute, or a quarter
/// of a shorter one, from any full hour.
fn offset(id: &str, interval: i64) -> i64 {
    let hash = hash(id);
    // Its times are at these distances from full hours.
    let pace = greatest_common_divisor(interval, HOUR);
    let margin = MIN_INTERVAL.min(pace / 4);
    let within = |hash: u64, bound: i64| {
        let bound = bound.max(1).unsigned_abs();
        i64::try_from(hash % bound).unwrap_or_default()
    };
    let place = within(hash >> 32, interval / pace);
    place * pace + margin + within(hash & 0xffff_ffff, pace - 2 * margin)
}

const fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}

/// FNV-1a, mixed once more: it must be the same in every version of this program.
fn hash(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let hash = (hash ^ hash >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ hash >> 33
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Schedule {}

/// As a check of a setting.
pub(crate) fn check_schedule(text: &str) -> Result<(), String> {
    Schedule::parse(text)
        .map(drop)
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::collections::BTreeSet;

    use super::{HOUR, MIN_INTERVAL, Schedule};

    /// 2026-11-29T00:00:00Z.
    const MIDNIGHT: i64 = 1_795_910_400_000;

    #[test]
    fn intervals_are_spread_by_name_and_never_at_the_full_hour() {
        for text in ["15m", "60m", "90m", "6h", "1d", "7m"] {
            let schedule = Schedule::parse(text).unwrap();
            let mut firsts = BTreeSet::new();
            for number in 0..200 {
                let id = format!("sync-{number}");
                let mut at = MIDNIGHT;
                for _ in 0..50 {
                    let next = schedule.next_after(&id, at).unwrap();
                    assert!(next > at);
                    let from_hour = next.rem_euclid(HOUR).min(HOUR - next.rem_euclid(HOUR));
                    assert!(from_hour >= MIN_INTERVAL / 4, "{text} {id}: {from_hour}");
                    at = next;
                }
                firsts.insert(schedule.next_after(&id, MIDNIGHT).unwrap() / 10_000);
            }
            assert!(firsts.len() > 20, "{text}: {}", firsts.len());
        }
    }

    #[test]
    fn times_of_an_interval_do_not_depend_on_when_it_ran_last() {
        let schedule = Schedule::parse("60m").unwrap();
        let first = schedule.next_after("docs", MIDNIGHT).unwrap();
        assert_eq!(schedule.next_after("docs", first), Some(first + HOUR));
        assert_eq!(schedule.next_after("docs", first - 1), Some(first));
        assert_eq!(
            schedule.next_after("docs", first + HOUR / 2),
            Some(first + HOUR)
        );
    }

    #[test]
    fn a_text_that_is_no_schedule_is_refused() {
        for text in ["", "30s", "0m", "daily", "60", "* * * *"] {
            assert!(Schedule::parse(text).is_err(), "{text}");
        }
    }
}
