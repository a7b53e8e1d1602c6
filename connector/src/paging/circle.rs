//! Circles that are longer than a call.
//!
//! A caller that follows `after` with a small limit sees one upstream page a call, so a set of
//! cursors seen in this call never catches a circle. Brent's algorithm does with constant state,
//! which fits into `after`: it keeps one value, compares each later one with it, and replaces it
//! after 1, 2, 4, 8, … steps. A circle of n pages is noticed within about 3n steps.

/// The state: one kept value, how long it has been kept, and for how long it will be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Circle {
    pub(crate) kept: u64,
    pub(crate) steps: u32,
    /// The kept value is replaced after `2^power` steps. 0: none is kept yet.
    pub(crate) power: u8,
    /// How often the kept value came back.
    pub(crate) hits: u8,
}

impl Circle {
    /// Takes one step. Answers how often the kept value has come back, this time included when
    /// it did.
    pub(crate) fn step(&mut self, value: u64) -> u8 {
        if self.power > 0 && value == self.kept {
            self.hits = self.hits.saturating_add(1);
            return self.hits;
        }
        self.steps += 1;
        if self.power == 0 || self.steps >= 1 << self.power {
            *self = Self {
                kept: value,
                steps: 0,
                power: (self.power + 1).min(Self::MOST_POWER),
                hits: 0,
            };
        }
        0
    }

    /// 2^30 steps are more pages than any site has.
    pub(crate) const MOST_POWER: u8 = 30;

    /// Whether the state can have come about by steps.
    pub(crate) const fn is_sound(&self) -> bool {
        self.power <= Self::MOST_POWER && self.steps < 1 << self.power
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_circle_is_noticed_in_time() {
        for before in 0..20_u64 {
            for round in 1..20_u64 {
                let mut circle = Circle::default();
                let noticed = (0..).take(1_000).find(|&step| {
                    let value = if step < before {
                        1_000 + step
                    } else {
                        (step - before) % round
                    };
                    circle.step(value) >= 2
                });
                let most = 4 * (before + round) + 4 * round + 8;
                assert!(noticed.is_some_and(|step| step <= most), "{before} {round}");
                assert!(circle.is_sound());
            }
        }
    }

    #[test]
    fn what_never_comes_back_is_no_circle() {
        let mut circle = Circle::default();
        assert!((0..100_000).all(|value| circle.step(value) == 0));
        assert!(circle.is_sound());
    }
}
