//! The breaker: so many deletions at once are a mistake more often than a wish.

/// From which number of deletions on a person has to approve them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Breaker {
    /// Fewer than this never wait, unless they are all there is.
    pub min_rows: u64,
    /// The part of the live rows, 0 to 1, from which on they wait.
    pub min_part: f64,
}

impl Default for Breaker {
    fn default() -> Self {
        Self {
            min_rows: 20,
            min_part: 0.3,
        }
    }
}

impl Breaker {
    /// Whether so many of so many live rows have to wait.
    #[must_use]
    pub fn holds(&self, deletions: u64, live: u64) -> bool {
        let is_everything = deletions >= live && deletions >= 2;
        is_everything || self.holds_some(deletions, live)
    }

    /// The same for rows that are a part of what is deleted, such as those of one space: a small space may
    /// lose all of them without anybody being surprised.
    #[must_use]
    pub fn holds_some(&self, deletions: u64, live: u64) -> bool {
        #[allow(clippy::cast_precision_loss, reason = "a part need not be exact")]
        let part = deletions as f64 / live.max(1) as f64;
        deletions >= self.min_rows && part >= self.min_part
    }
}

#[cfg(test)]
mod tests {
    use super::Breaker;

    #[test]
    fn a_few_deletions_or_a_small_part_do_not_wait_but_all_do() {
        let breaker = Breaker::default();
        for (deletions, live, holds) in [
            (1, 1, false),
            (2, 2, true),
            (19, 20, false),
            (20, 20, true),
            (20, 66, true),
            (20, 67, false),
            (1_000, 10_000, false),
            (3_000, 10_000, true),
        ] {
            assert_eq!(
                breaker.holds(deletions, live),
                holds,
                "{deletions} of {live}"
            );
        }
    }
}
