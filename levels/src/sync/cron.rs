//! Five fields of cron, in a time zone.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::schedule::ScheduleError;

/// How many days are searched for the next time: 29 February comes once in eight years at the least.
const DAYS: u32 = 9 * 366;

/// What a field may have.
struct Bounds {
    name: &'static str,
    least: u8,
    most: u8,
    /// Names of its values, from the least on.
    words: &'static [&'static str],
}

const FIELDS: [Bounds; 5] = [
    Bounds {
        name: "minute",
        least: 0,
        most: 59,
        words: &[],
    },
    Bounds {
        name: "hour",
        least: 0,
        most: 23,
        words: &[],
    },
    Bounds {
        name: "day of the month",
        least: 1,
        most: 31,
        words: &[],
    },
    Bounds {
        name: "month",
        least: 1,
        most: 12,
        words: &[
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ],
    },
    Bounds {
        name: "day of the week",
        least: 0,
        most: 7,
        words: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    },
];

/// Times of a calendar.
#[derive(Debug, Clone)]
pub(super) struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether a day fits if either its number or its weekday does. It has to be both where one of the
    /// fields is `*`, and `*` fits each.
    is_either_day: bool,
    zone: TimeZone,
}

impl Cron {
    /// Reads `MINUTE HOUR DAY MONTH WEEKDAY [ZONE]`.
    pub(super) fn parse(text: &str) -> Result<Self, ScheduleError> {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let (fields, zone) = match words.as_slice() {
            [fields @ .., zone] if fields.len() == FIELDS.len() => (fields, *zone),
            fields if fields.len() == FIELDS.len() => (fields, "UTC"),
            _ => return Err(ScheduleError::Form),
        };
        let zone = TimeZone::get(zone).map_err(|_| ScheduleError::Zone)?;
        let mut sets = [0; FIELDS.len()];
        for ((set, field), bounds) in sets.iter_mut().zip(fields).zip(&FIELDS) {
            *set = read(field, bounds).ok_or(ScheduleError::Field {
                field: bounds.name,
                least: bounds.least,
                most: bounds.most,
            })?;
        }
        let is_any = |place: usize| {
            fields
                .get(place)
                .is_some_and(|field| field.starts_with('*'))
        };
        let [minutes, hours, days, months, mut weekdays] = sets;
        // Sunday is 0 and 7.
        weekdays |= weekdays >> 7;
        let cron = Self {
            minutes,
            hours,
            days,
            months,
            weekdays,
            is_either_day: !is_any(2) && !is_any(4),
            zone,
        };
        match cron.next_after(0) {
            Some(_) => Ok(cron),
            None => Err(ScheduleError::Never),
        }
    }

    /// The first time after an instant, in milliseconds since 1970.
    pub(super) fn next_after(&self, after: i64) -> Option<i64> {
        let start = Timestamp::from_millisecond(after).ok()?;
        let mut date = start.to_zoned(self.zone.clone()).date();
        for _ in 0..DAYS {
            if self.has_day(date) {
                let times = bits(self.hours)
                    .flat_map(|hour| bits(self.minutes).map(move |minute| (hour, minute)));
                let instants = times.filter_map(|(hour, minute)| {
                    let time = Time::new(hour, minute, 0, 0).ok()?;
                    // Clocks that go forward skip a time, which is made an hour later; of a time that
                    // comes twice, it is the first.
                    let zoned = date.to_datetime(time).to_zoned(self.zone.clone()).ok()?;
                    Some(zoned.timestamp().as_millisecond())
                });
                if let Some(next) = instants.filter(|at| *at > after).min() {
                    return Some(next);
                }
            }
            date = date.checked_add(1.day()).ok()?;
        }
        None
    }

    fn has_day(&self, date: Date) -> bool {
        let has = |set: u64, place: i8| set >> place & 1 == 1;
        let day = has(self.days, date.day());
        let weekday = has(self.weekdays, date.weekday().to_sunday_zero_offset());
        let is_day = if self.is_either_day {
            day || weekday
        } else {
            day && weekday
        };
        is_day && has(self.months, date.month())
    }
}

fn bits(set: u64) -> impl Iterator<Item = i8> {
    (0..60).filter(move |place| set >> place & 1 == 1)
}

/// The values of a field: lists of `*`, `A`, `A-B`, each with `/STEP`.
fn read(field: &str, bounds: &Bounds) -> Option<u64> {
    let mut set = 0;
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (
                range,
                Some(step.parse::<u8>().ok().filter(|step| *step > 0)?),
            ),
            None => (part, None),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (bounds.least, bounds.most),
            Some((from, to)) => (value(from, bounds)?, value(to, bounds)?),
            // `5/15` is from 5 on.
            None if step.is_some() => (value(range, bounds)?, bounds.most),
            None => (value(range, bounds)?, value(range, bounds)?),
        };
        if from > to {
            return None;
        }
        for value in (from..=to).step_by(usize::from(step.unwrap_or(1))) {
            set |= 1 << value;
        }
    }
    Some(set)
}

fn value(text: &str, bounds: &Bounds) -> Option<u8> {
    let word = text.to_ascii_lowercase();
    let of_word = bounds.words.iter().position(|known| *known == word);
    let value = match of_word {
        Some(place) => bounds.least + u8::try_from(place).ok()?,
        None if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok()?,
        None => return None,
    };
    (bounds.least..=bounds.most)
        .contains(&value)
        .then_some(value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use jiff::Timestamp;

    use super::Cron;
    use crate::sync::ScheduleError;

    fn next(cron: &str, after: &str) -> String {
        let after: Timestamp = after.parse().unwrap();
        let next = Cron::parse(cron)
            .unwrap()
            .next_after(after.as_millisecond());
        Timestamp::from_millisecond(next.unwrap())
            .unwrap()
            .to_string()
    }

    #[test]
    fn the_next_time_is_the_first_that_all_fields_fit() {
        for (cron, after, expected) in [
            ("15 6 * * *", "2026-03-10T06:15:00Z", "2026-03-11T06:15:00Z"),
            (
                "*/20 * * * *",
                "2026-03-10T06:15:01Z",
                "2026-03-10T06:20:00Z",
            ),
            (
                "5/30 8-9 * * mon-fri",
                "2026-03-13T09:35:00Z",
                "2026-03-16T08:05:00Z",
            ),
            (
                "0 0 29 feb *",
                "2026-01-01T00:00:00Z",
                "2028-02-29T00:00:00Z",
            ),
            // Either of two restricted days, as cron has it.
            ("0 0 13 * 5", "2026-03-10T00:00:00Z", "2026-03-13T00:00:00Z"),
            ("0 0 1 * 7", "2026-03-02T00:00:00Z", "2026-03-08T00:00:00Z"),
            (
                "0 6 * * * Europe/Berlin",
                "2026-01-10T00:00:00Z",
                "2026-01-10T05:00:00Z",
            ),
            (
                "0 6 * * * Europe/Berlin",
                "2026-07-10T00:00:00Z",
                "2026-07-10T04:00:00Z",
            ),
            // Clocks skip 02:30 on 29 March, and show it twice on 25 October.
            (
                "30 2 * * * Europe/Berlin",
                "2026-03-28T12:00:00Z",
                "2026-03-29T01:30:00Z",
            ),
            (
                "30 2 * * * Europe/Berlin",
                "2026-10-25T00:30:00Z",
                "2026-10-26T01:30:00Z",
            ),
        ] {
            assert_eq!(next(cron, after), expected, "{cron} after {after}");
        }
    }

    #[test]
    fn a_text_that_is_no_calendar_is_refused() {
        for cron in [
            "* * * *",
            "60 * * * *",
            "a * * * *",
            "5-1 * * * *",
            "*/0 * * * *",
            "* * 0 * *",
        ] {
            assert!(Cron::parse(cron).is_err(), "{cron}");
        }
        assert_eq!(Cron::parse("0 0 30 2 *").err(), Some(ScheduleError::Never));
        assert_eq!(
            Cron::parse("0 0 * * * Nowhere/Land").err(),
            Some(ScheduleError::Zone)
        );
    }
}
