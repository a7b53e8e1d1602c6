//! Times to wait, in units that people use.

/// A time in milliseconds, rounded up to a second: `45 s`, `5 min`, `1 h 30 min`.
pub(crate) fn duration(millis: u64) -> String {
    let seconds = millis.div_ceil(1_000);
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let parts = [(hours, "h"), (minutes, "min"), (rest, "s")];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    if parts.is_empty() {
        return "0 s".to_owned();
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn times_have_the_units_that_people_use() {
        for (millis, expected) in [
            (0, "0 s"),
            (1, "1 s"),
            (45_000, "45 s"),
            (300_000, "5 min"),
            (3_600_000, "1 h"),
            (5_400_000, "1 h 30 min"),
            (86_399_000, "23 h 59 min 59 s"),
            (86_400_001, "24 h 1 s"),
        ] {
            assert_eq!(duration(millis), expected);
        }
    }
}
