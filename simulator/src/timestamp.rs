//! Milliseconds since 1970, written as ISO-8601 in UTC.

/// `2026-03-19T14:23:47.640Z`, or without the milliseconds, which Confluence leaves out at times.
pub(crate) fn iso(milliseconds: u64, with_milliseconds: bool) -> String {
    let (year, month, day) = civil(milliseconds / 86_400_000);
    let second = milliseconds / 1000 % 86_400;
    let mut text = String::with_capacity(24);
    // By hand: every row has two or more of these, and formatting was a third of a row's cost.
    digits(year, 4, &mut text);
    for (before, value) in [
        ('-', month),
        ('-', day),
        ('T', second / 3600),
        (':', second / 60 % 60),
        (':', second % 60),
    ] {
        text.push(before);
        digits(value, 2, &mut text);
    }
    if with_milliseconds {
        text.push('.');
        digits(milliseconds % 1000, 3, &mut text);
    }
    text.push('Z');
    text
}

fn digits(value: u64, width: u32, text: &mut String) {
    for place in (0..width).rev() {
        text.push(char::from(b'0' + (value / 10_u64.pow(place) % 10) as u8));
    }
}

/// `2026-04-22T16:00Z`, as the API gateway writes the time at which a limit is reset.
pub(crate) fn iso_minute(milliseconds: u64) -> String {
    let (year, month, day) = civil(milliseconds / 86_400_000);
    let minute = milliseconds / 60_000 % 1440;
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}Z",
        minute / 60,
        minute % 60
    )
}

/// `2026/04/28`, as in the links of blog posts.
pub(crate) fn day_path(milliseconds: u64) -> String {
    let (year, month, day) = civil(milliseconds / 86_400_000);
    format!("{year:04}/{month:02}/{day:02}")
}

/// `Sun, 29 Nov 2026 12:00:00 GMT`, as in headers.
pub(crate) fn http_date(milliseconds: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let days = milliseconds / 86_400_000;
    let (year, month, day) = civil(days);
    let second = milliseconds / 1000 % 86_400;
    let word = |words: &'static [&'static str], at: u64| words.get(at as usize).unwrap_or(&"");
    format!(
        "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} GMT",
        word(&DAYS, days % 7),
        word(&MONTHS, month.saturating_sub(1)),
        second / 3600,
        second / 60 % 60,
        second % 60,
    )
}

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar.
fn civil(days: u64) -> (u64, u64, u64) {
    // Counted from 0000-03-01, so that the leap day ends its year.
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::{http_date, iso, iso_minute};

    #[test]
    fn leap_days_and_year_ends_are_written_right() {
        assert_eq!(iso(0, true), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso(1_709_164_799_999, true), "2024-02-28T23:59:59.999Z");
        assert_eq!(iso(1_709_164_800_000, false), "2024-02-29T00:00:00Z");
        assert_eq!(iso(1_798_761_599_000, false), "2026-12-31T23:59:59Z");
        assert_eq!(iso_minute(1_776_873_600_000), "2026-04-22T16:00Z");
        assert_eq!(
            http_date(1_795_953_600_000),
            "Sun, 29 Nov 2026 12:00:00 GMT"
        );
    }
}
