//! Which rows a listing looks at, and in which order.

use crate::permutation::Permutation;
use crate::site::population::Population;

/// The order of a listing.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Order<'a> {
    /// By slot, which is also the order of ids and of creation.
    Slots,
    /// By a rank that is known without sorting.
    Ranks(&'a Permutation),
    /// By titles, of which some have changed.
    Titles(&'a Population),
}

/// Candidates of a listing by position. Some may still be refused by its filters.
pub(crate) enum Sequence<'a> {
    /// All slots.
    All {
        length: u64,
        ranks: Option<&'a Permutation>,
    },
    /// Every `step`-th slot from `first` on.
    Step { first: u64, step: u64, length: u64 },
    /// These slots, in their order.
    Picked(Vec<u64>),
}

impl<'a> Sequence<'a> {
    pub(crate) fn of(rows: &Population, order: Order<'a>) -> Self {
        let length = rows.slots();
        match order {
            Order::Slots => Self::All {
                length,
                ranks: None,
            },
            Order::Ranks(ranks) => Self::All {
                length,
                ranks: Some(ranks),
            },
            Order::Titles(_) => Self::picked((0..length).collect(), order),
        }
    }

    /// These slots, each once, in the order asked for.
    pub(crate) fn picked(mut slots: Vec<u64>, order: Order<'a>) -> Self {
        slots.sort_unstable();
        slots.dedup();
        match order {
            Order::Slots => {}
            Order::Ranks(ranks) => slots.sort_by_cached_key(|&slot| ranks.rank(slot)),
            Order::Titles(rows) => slots.sort_by_cached_key(|&slot| rows.title(slot)),
        }
        Self::Picked(slots)
    }

    /// The rows of one space: places `space`, `space + spaces`, …
    pub(crate) fn of_space(rows: &Population, space: u64, spaces: u64) -> Self {
        Self::Step {
            first: space,
            step: spaces,
            length: rows.slots().saturating_sub(space).div_ceil(spaces.max(1)),
        }
    }

    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::All { length, .. } | Self::Step { length, .. } => *length,
            Self::Picked(slots) => slots.len() as u64,
        }
    }

    /// The slot at a position below `length`.
    pub(crate) fn slot(&self, position: u64, falling: bool) -> Option<u64> {
        let at = if falling {
            self.length().checked_sub(position + 1)?
        } else {
            position
        };
        match self {
            Self::All { ranks, .. } => Some(ranks.map_or(at, |ranks| ranks.index(at))),
            Self::Step { first, step, .. } => Some(first + at * step),
            Self::Picked(slots) => slots.get(at as usize).copied(),
        }
    }
}
