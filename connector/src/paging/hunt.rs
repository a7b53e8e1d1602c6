//! How many rows a page is asked for while the site fails at some of them.
//!
//! A page that answers 500, 502, 503 or 504 often does so because of one row whose body cannot be
//! rendered, or because all of its bodies together are too heavy. Asked for in halves, the rest
//! of it comes, and the one row is found.
//!
//! A failure halves the size. An answer leaves it, until the rows of the page that failed first
//! are behind: was it a single row, the next page is a full one; was it the weight, the size
//! doubles after each [`CALM`] pages.

/// Pages that have to come before a size that failed is tried again. Of a site that is too slow
/// for full pages one request in five fails; after a failure that does not repeat, a list of
/// 250 a page takes 4 requests more.
const CALM: u8 = 4;

/// The size of the next page, and why it is that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Hunt {
    /// Rows to ask for. 0: as many as a page has.
    pub(crate) size: u8,
    /// Rows from here on that the page that failed had. 0: none is looked for.
    pub(crate) suspects: u8,
    /// Pages that came at this size since.
    pub(crate) calm: u8,
}

impl Hunt {
    /// Rows to ask for, where a page has `full`.
    pub(crate) fn rows(self, full: u32) -> u32 {
        match self.size {
            0 => full,
            size => u32::from(size).min(full),
        }
    }

    /// Takes a failure. False when it was of a single row: there is no half of it.
    pub(crate) fn halve(&mut self, full: u32) -> bool {
        let failed = u8::try_from(self.rows(full)).unwrap_or(u8::MAX);
        let suspects = match self.suspects {
            0 => failed,
            suspects => suspects.min(failed),
        };
        *self = Self {
            size: suspects.div_ceil(2),
            suspects,
            calm: 0,
        };
        failed > 1
    }

    /// Takes an answer.
    pub(crate) fn answered(&mut self, full: u32) {
        if self.size == 0 {
            return;
        }
        self.suspects = self.suspects.saturating_sub(self.size);
        if self.suspects > 0 {
            return;
        }
        self.calm += 1;
        if self.calm >= CALM {
            let doubled = self.size.saturating_mul(2);
            *self = Self {
                size: if u32::from(doubled) >= full {
                    0
                } else {
                    doubled
                },
                ..Self::default()
            };
        }
    }

    /// Whether rows of a page that failed are still ahead.
    pub(crate) const fn is_on(self) -> bool {
        self.suspects > 0
    }

    /// Whether the state can have come about with pages of `full` rows.
    pub(crate) fn is_sound(self, full: u32) -> bool {
        u32::from(self.size) <= full && u32::from(self.suspects) <= full && self.calm < CALM
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Requests for a list whose pages fail when `fails` says so of their first row and size;
    /// those that failed, and where it ended.
    fn requests(rows: u32, fails: impl Fn(u32, u32) -> bool) -> (u32, u32, Option<u32>) {
        let (mut hunt, mut at) = (Hunt::default(), 0);
        let (mut asked, mut failed, mut poison) = (0, 0, None);
        while at < rows {
            asked += 1;
            assert!(asked < 10_000 && hunt.is_sound(250));
            let size = hunt.rows(250);
            if !fails(at, size) {
                hunt.answered(250);
                at += size;
            } else {
                failed += 1;
                if !hunt.halve(250) {
                    poison = Some(at);
                    at += 1;
                    hunt = Hunt::default();
                }
            }
        }
        (asked, failed, poison)
    }

    #[test]
    fn one_row_is_found_with_nine_failures_and_eight_smaller_pages_at_most() {
        let worst = (0..250).map(|poison| {
            let (asked, failed, found) =
                requests(500, |at, size| (at..at + size).contains(&poison));
            assert_eq!(found, Some(poison));
            assert!(failed <= 9, "{poison}: {failed}");
            asked
        });
        // One to two of them are the full pages behind it.
        assert!(worst.max().is_some_and(|asked| asked <= 9 + 8 + 2));
    }

    #[test]
    fn a_site_that_is_too_slow_for_full_pages_fails_at_one_request_in_five() {
        let (asked, failed, poison) = requests(100_000, |_, size| size > 125);
        assert_eq!(poison, None);
        assert!(asked <= 1_002 && failed <= 202, "{asked} {failed}");
    }

    #[test]
    fn a_failure_that_does_not_repeat_costs_few_requests() {
        let left = std::cell::Cell::new(1);
        let (asked, failed, poison) = requests(10_000, |_, _| left.replace(0) == 1);
        assert_eq!((failed, poison), (1, None));
        assert!(asked <= 40 + 4, "{asked}");
    }
}
