//! The rows of one kind: how many, under which ids, since when, and which of them are gone.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::content::Content;
use crate::permutation::Permutation;
use crate::random::mix;
use crate::title::Titles;

/// 2018-01-01, in milliseconds since 1970.
const FIRST_CREATION: u64 = 1_514_764_800_000;
/// 2025-07-01. Everything was created before and changed after, so that both orders are free.
const FIRST_CHANGE: u64 = 1_751_328_000_000;
/// 2026-11-15.
const LAST_CHANGE: u64 = 1_794_700_800_000;

/// Of 21 slots behind the protected ones, this one is in the trash.
const GONE: u64 = 13;

/// Ids that rise with the slot: the first half small, the second half beyond 2^53, where a
/// number in floating point is no longer exact.
#[derive(Debug, Clone)]
struct Ids {
    small: u64,
    large: u64,
    half: u64,
}

impl Ids {
    /// `family`, 0 to 7, keeps the small ids of kinds apart that share one id space.
    fn new(family: u64, slots: u64) -> Self {
        Self {
            small: 98_304 + family,
            large: 9_007_199_254_740_993 + family * 100_000_000_000,
            half: slots.div_ceil(2),
        }
    }

    fn of(&self, slot: u64) -> u64 {
        match slot.checked_sub(self.half) {
            None => self.small + slot * 8,
            Some(beyond) => self.large + beyond * 2,
        }
    }

    fn slot(&self, id: u64, slots: u64) -> Option<u64> {
        let slot = match id.checked_sub(self.large) {
            Some(offset) => offset / 2 + self.half,
            None => id.checked_sub(self.small)? / 8,
        };
        (slot < slots && self.of(slot) == id).then_some(slot)
    }
}

/// The rows of one kind. A slot is a row's place in the order of ids, trashed rows included;
/// an ordinal is its place among those that are not in the trash.
#[derive(Debug, Clone)]
pub(crate) struct Population {
    seed: u64,
    salt: u64,
    live: u64,
    protected: u64,
    slots: u64,
    ids: Ids,
    changes: Permutation,
    titles: Titles,
    /// When rows were edited after the site was generated, by slot. Clones share them.
    edits: Arc<RwLock<BTreeMap<u64, Vec<u64>>>>,
}

impl Population {
    /// `live` rows, of which the first `protected` stand together, and about one in 20 more in
    /// the trash: at least two.
    pub(crate) fn with_trash(
        content: Content,
        seed: u64,
        family: u64,
        live: u64,
        protected: u64,
    ) -> Self {
        let protected = protected.min(live);
        let beyond = live - protected;
        // The last live slot, and with it every slot in the trash before it.
        let full = beyond.saturating_sub(1);
        let until_last = if beyond == 0 {
            live
        } else {
            protected + full / 20 * 21 + slot_in_block(full % 20) + 1
        };
        let trashed = until_last - live;
        Self::build(
            content,
            seed,
            family,
            live,
            protected,
            until_last + 2_u64.saturating_sub(trashed).max(1),
        )
    }

    /// `live` rows, and no trash.
    pub(crate) fn without_trash(content: Content, seed: u64, family: u64, live: u64) -> Self {
        Self::build(content, seed, family, live, live, live)
    }

    fn build(
        content: Content,
        seed: u64,
        family: u64,
        live: u64,
        protected: u64,
        slots: u64,
    ) -> Self {
        Self {
            seed,
            salt: 1_000 + family,
            live,
            protected,
            slots,
            ids: Ids::new(family, slots),
            changes: Permutation::new(mix(seed, 1, family), slots),
            titles: Titles::new(content, mix(seed, 2, family), slots),
            edits: Arc::default(),
        }
    }

    pub(crate) fn live(&self) -> u64 {
        self.live
    }

    pub(crate) fn slots(&self) -> u64 {
        self.slots
    }

    /// A number that belongs to this row and this question alone.
    pub(crate) fn roll(&self, question: u64, slot: u64) -> u64 {
        mix(self.seed, self.salt * 100 + question, slot)
    }

    pub(crate) fn live_slot(&self, ordinal: u64) -> u64 {
        match ordinal.checked_sub(self.protected) {
            None => ordinal,
            Some(beyond) => self.protected + beyond / 20 * 21 + slot_in_block(beyond % 20),
        }
    }

    pub(crate) fn ordinal(&self, slot: u64) -> Option<u64> {
        let ordinal = match slot.checked_sub(self.protected) {
            None => slot,
            Some(beyond) => {
                let within = beyond % 21;
                if within == GONE {
                    return None;
                }
                self.protected + beyond / 21 * 20 + within - u64::from(within > GONE)
            }
        };
        (ordinal < self.live).then_some(ordinal)
    }

    pub(crate) fn is_trashed(&self, slot: u64) -> bool {
        self.ordinal(slot).is_none()
    }

    /// About one in 30, and none of the protected ones.
    pub(crate) fn is_archived(&self, slot: u64) -> bool {
        self.ordinal(slot)
            .is_some_and(|ordinal| ordinal >= self.protected && ordinal % 30 == 5)
    }

    pub(crate) fn id(&self, slot: u64) -> u64 {
        self.ids.of(slot)
    }

    pub(crate) fn slot_of(&self, id: u64) -> Option<u64> {
        self.ids.slot(id, self.slots)
    }

    /// Milliseconds since 1970. Rises with the slot.
    pub(crate) fn created(&self, slot: u64) -> u64 {
        FIRST_CREATION + self.spread(slot, FIRST_CHANGE - FIRST_CREATION, 90, slot)
    }

    /// Edits a row, a minute after the last change of any.
    pub(crate) fn edit(&self, slot: u64) {
        let mut edits = self.edits.write().unwrap_or_else(PoisonError::into_inner);
        let before: usize = edits.values().map(Vec::len).sum();
        let at = LAST_CHANGE + (before as u64 + 1) * 60_000;
        edits.entry(slot).or_default().push(at);
        self.changes.move_to_end(slot);
    }

    /// When a row was edited after the site was generated.
    pub(crate) fn edits(&self, slot: u64) -> Vec<u64> {
        let edits = self.edits.read().unwrap_or_else(PoisonError::into_inner);
        edits.get(&slot).cloned().unwrap_or_default()
    }

    /// Milliseconds since 1970. Rises with the rank in [`Self::changes`].
    pub(crate) fn changed(&self, slot: u64) -> u64 {
        let edited = self.edits(slot).last().copied();
        edited.unwrap_or_else(|| self.first_changed(slot))
    }

    /// The last change before the row was edited.
    pub(crate) fn first_changed(&self, slot: u64) -> u64 {
        FIRST_CHANGE
            + self.spread(
                self.changes.first_rank(slot),
                LAST_CHANGE - FIRST_CHANGE,
                91,
                slot,
            )
    }

    /// The later half of each step stays free, so that a time stays behind its predecessor even
    /// when its milliseconds are left out.
    fn spread(&self, rank: u64, span: u64, question: u64, slot: u64) -> u64 {
        let step = (span / self.slots.max(1)).max(2);
        rank * step + self.roll(question, slot) % (step / 2)
    }

    /// The order of the last changes.
    pub(crate) fn changes(&self) -> &Permutation {
        &self.changes
    }

    pub(crate) fn titles(&self) -> &Titles {
        &self.titles
    }
}

fn slot_in_block(within: u64) -> u64 {
    within + u64::from(within >= GONE)
}

#[cfg(test)]
mod tests {
    use super::Population;
    use crate::content::Content;

    #[test]
    fn slots_and_ordinals_lead_to_each_other() {
        for live in [0, 1, 3, 4, 10, 17, 18, 24, 25, 200, 1_000] {
            let population = Population::with_trash(Content::EdgeCases, 42, 0, live, 4);
            for ordinal in 0..live {
                assert_eq!(
                    population.ordinal(population.live_slot(ordinal)),
                    Some(ordinal),
                    "live {live}"
                );
            }
            let trashed = (0..population.slots())
                .filter(|&slot| population.is_trashed(slot))
                .count() as u64;
            assert_eq!(trashed, population.slots() - live);
            assert!(trashed >= 2, "live {live}");
        }
    }

    #[test]
    fn ids_rise_lead_back_and_go_beyond_what_a_double_holds() {
        let population = Population::with_trash(Content::EdgeCases, 42, 3, 1_000, 4);
        let ids: Vec<u64> = (0..population.slots())
            .map(|slot| population.id(slot))
            .collect();
        assert!(ids.is_sorted_by(|left, right| left < right));
        for (slot, id) in ids.iter().enumerate() {
            assert_eq!(population.slot_of(*id), Some(slot as u64));
            assert_eq!(population.slot_of(id + 1), None);
        }
        assert!(ids.iter().filter(|&&id| id as f64 as u64 != id).count() > 100);
    }

    #[test]
    fn times_rise_with_their_rank_even_in_whole_seconds() {
        let population = Population::with_trash(Content::EdgeCases, 42, 0, 100_000, 4);
        let created: Vec<u64> = (0..population.slots())
            .map(|slot| population.created(slot) / 1000)
            .collect();
        assert!(created.is_sorted_by(|left, right| left < right));
        let changed: Vec<u64> = (0..population.slots())
            .map(|rank| population.changed(population.changes().index(rank)) / 1000)
            .collect();
        assert!(changed.is_sorted_by(|left, right| left < right));
    }
}
