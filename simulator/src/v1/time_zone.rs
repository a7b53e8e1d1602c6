//! From the clock on somebody's wall to UTC: searches name times as the account that asks reads
//! them.

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

/// When a zone puts its clocks forward and back: month, and which Sunday of it (0: the last).
struct Summer {
    from: (i64, i64),
    until: (i64, i64),
}

const EUROPE: Summer = Summer {
    from: (3, 0),
    until: (10, 0),
};
const AMERICA: Summer = Summer {
    from: (3, 2),
    until: (11, 1),
};
const SOUTH: Summer = Summer {
    from: (10, 1),
    until: (4, 1),
};

/// Milliseconds since 1970 in UTC of a local time given the same way. `None` for a time that the
/// clocks skip in spring. Of a time that comes twice in autumn it is the first.
pub(super) fn to_utc(zone: &str, local: i64) -> Option<i64> {
    let (standard, summer_shift, rule, at_utc) = match zone {
        "Europe/Berlin" => (60, 60, &EUROPE, true),
        "America/New_York" => (-300, 60, &AMERICA, false),
        "America/St_Johns" => (-210, 60, &AMERICA, false),
        "Australia/Lord_Howe" => (630, 30, &SOUTH, false),
        "Asia/Kolkata" => return Some(local - 330 * MINUTE),
        _ => return Some(local),
    };
    let year = year_of(local);
    // The hour is 01:00 UTC in Europe, and 02:00 on the clock before the change elsewhere.
    let change = |(month, sunday): (i64, i64), offset: i64| {
        let day = sunday_of(year, month, sunday) * DAY;
        if at_utc {
            day + 60 * MINUTE
        } else {
            day + 120 * MINUTE - offset * MINUTE
        }
    };
    let (from, until) = (
        change(rule.from, standard),
        change(rule.until, standard + summer_shift),
    );
    let is_summer = |utc: i64| {
        if from < until {
            (from..until).contains(&utc)
        } else {
            !(until..from).contains(&utc)
        }
    };
    let in_summer = local - (standard + summer_shift) * MINUTE;
    let in_winter = local - standard * MINUTE;
    if is_summer(in_summer) {
        Some(in_summer)
    } else if !is_summer(in_winter) {
        Some(in_winter)
    } else {
        None
    }
}

fn year_of(milliseconds: i64) -> i64 {
    let guess = 1970 + milliseconds / (DAY * 365) + 1;
    (guess - 3..=guess)
        .rev()
        .find(|&year| days(year, 1, 1) * DAY <= milliseconds)
        .unwrap_or(1970)
}

/// The day of the `sunday`-th Sunday of a month, or of the last one for 0.
fn sunday_of(year: i64, month: i64, sunday: i64) -> i64 {
    // 1970-01-01 was a Thursday, and 1970-01-04 a Sunday.
    let on_or_after = |day: i64| day + (3 - day).rem_euclid(7);
    match sunday {
        0 => on_or_after(days(year, month + 1, 1) - 7),
        nth => on_or_after(days(year, month, 1)) + (nth - 1) * 7,
    }
}

/// Days since 1970-01-01 of a day in the Gregorian calendar.
pub(super) fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March here, so that the leap day ends one.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    365 * year + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::{DAY, MINUTE, days, to_utc};

    fn at(year: i64, month: i64, day: i64, minute: i64) -> i64 {
        days(year, month, day) * DAY + minute * MINUTE
    }

    #[test]
    fn clocks_are_put_forward_and_back_where_they_are() {
        for (zone, month, offset) in [
            ("Europe/Berlin", 1, 60),
            ("Europe/Berlin", 7, 120),
            ("America/New_York", 1, -300),
            ("America/New_York", 7, -240),
            ("America/St_Johns", 7, -150),
            ("Australia/Lord_Howe", 1, 660),
            ("Australia/Lord_Howe", 7, 630),
            ("Asia/Kolkata", 7, 330),
            ("UTC", 7, 0),
        ] {
            let local = at(2026, month, 15, 600);
            assert_eq!(
                to_utc(zone, local),
                Some(local - offset * MINUTE),
                "{zone} {month}"
            );
        }
    }

    #[test]
    fn a_time_that_is_skipped_is_none() {
        assert_eq!(to_utc("Europe/Berlin", at(2026, 3, 29, 150)), None);
        assert_eq!(to_utc("America/New_York", at(2026, 3, 8, 150)), None);
        assert_eq!(to_utc("Australia/Lord_Howe", at(2026, 10, 4, 135)), None);
        let twice = at(2026, 10, 25, 150);
        assert_eq!(to_utc("Europe/Berlin", twice), Some(twice - 120 * MINUTE));
    }
}
