//! The rows of one kind: how many, under which ids, since when, and which of them are gone.

use std::collections::BTreeMap;

use super::row::{Row, Status, Version};
use crate::content::Content;
use crate::permutation::Permutation;
use crate::random::mix;
use crate::timestamp::iso;
use crate::title::Titles;

/// 2018-01-01, in milliseconds since 1970.
const FIRST_CREATION: u64 = 1_514_764_800_000;
/// 2025-07-01. Everything was created before and changed after, so that both orders are free.
const FIRST_CHANGE: u64 = 1_751_328_000_000;
/// 2026-11-15: the last change of what is generated.
pub(crate) const LAST_CHANGE: u64 = 1_794_700_800_000;

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
/// an ordinal is its place among those that were generated outside the trash.
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
    /// Rows that were created after the site was generated. Their slots follow the generated ones.
    added: u64,
    /// What happened to rows since, by slot.
    rows: BTreeMap<u64, Row>,
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
            added: 0,
            rows: BTreeMap::new(),
        }
    }

    /// Rows that were generated outside the trash.
    pub(crate) fn generated_live(&self) -> u64 {
        self.live
    }

    /// Rows that were generated.
    pub(crate) fn generated(&self) -> u64 {
        self.slots
    }

    /// All rows, those in the trash and purged ones included.
    pub(crate) fn slots(&self) -> u64 {
        self.slots + self.added
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

    /// Whether a row was generated in the trash.
    pub(crate) fn was_trashed(&self, slot: u64) -> bool {
        slot < self.slots && self.ordinal(slot).is_none()
    }

    pub(crate) fn status(&self, slot: u64) -> Status {
        if let Some(status) = self.changed_status(slot) {
            return status;
        }
        match self.ordinal(slot) {
            None if slot < self.slots => Status::Trashed,
            // No such row.
            None => Status::Purged,
            Some(ordinal) if ordinal >= self.protected && ordinal % 30 == 5 => Status::Archived,
            _ => Status::Current,
        }
    }

    /// The status of a row that changed since the site was generated.
    pub(crate) fn changed_status(&self, slot: u64) -> Option<Status> {
        self.rows.get(&slot).and_then(|row| row.status)
    }

    pub(crate) fn is_trashed(&self, slot: u64) -> bool {
        self.status(slot) == Status::Trashed
    }

    /// Whether a row is neither in the trash nor purged.
    pub(crate) fn is_live(&self, slot: u64) -> bool {
        matches!(self.status(slot), Status::Current | Status::Archived)
    }

    /// About one in 30 of what is generated, and none of the protected ones.
    pub(crate) fn is_archived(&self, slot: u64) -> bool {
        self.status(slot) == Status::Archived
    }

    pub(crate) fn id(&self, slot: u64) -> u64 {
        self.ids.of(slot)
    }

    /// The row of an id, purged ones included.
    pub(crate) fn slot_of(&self, id: u64) -> Option<u64> {
        self.ids.slot(id, self.slots())
    }

    /// Milliseconds since 1970. Rises with the slot.
    pub(crate) fn created(&self, slot: u64) -> u64 {
        if let Some(created) = self.rows.get(&slot).and_then(|row| row.created) {
            return created;
        }
        FIRST_CREATION + self.spread(slot, FIRST_CHANGE - FIRST_CREATION, 90, slot)
    }

    /// The versions of a row that was changed since the site was generated.
    pub(crate) fn changed_versions(&self, slot: u64) -> Option<&[Version]> {
        self.rows.get(&slot)?.versions.as_deref()
    }

    /// Milliseconds since 1970. Rises with the rank in [`Self::changes`].
    pub(crate) fn changed(&self, slot: u64) -> u64 {
        let last = self.changed_versions(slot).and_then(<[_]>::last);
        last.map_or_else(|| self.first_changed(slot), |version| version.created)
    }

    /// Adds a row with one version, and returns its slot.
    pub(crate) fn add(&mut self, title: String, first: Version) -> u64 {
        let slot = self.slots();
        self.added += 1;
        let row = Row {
            status: Some(Status::Current),
            created: Some(first.created),
            title: Some(title),
            versions: Some(vec![first]),
        };
        self.rows.insert(slot, row);
        self.changes.move_to_end(slot);
        slot
    }

    pub(crate) fn set_status(&mut self, slot: u64, status: Status) {
        self.rows.entry(slot).or_default().status = Some(status);
    }

    pub(crate) fn set_title(&mut self, slot: u64, title: &str) {
        self.rows.entry(slot).or_default().title = Some(title.to_owned());
    }

    /// Replaces the versions of a row. If the last of them is later than the row's last change so far,
    /// the row is the one that was changed last.
    pub(crate) fn set_versions(&mut self, slot: u64, versions: Vec<Version>) {
        let before = self.changed(slot);
        self.rows.entry(slot).or_default().versions = Some(versions);
        if self.changed(slot) > before {
            self.changes.move_to_end(slot);
        }
    }

    /// The last change of a generated row before it was changed here.
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

    /// A time of a row as it is answered. One in seven has no milliseconds.
    pub(crate) fn time_text(&self, slot: u64, milliseconds: u64) -> String {
        iso(milliseconds, !self.roll(10, slot).is_multiple_of(7))
    }

    /// The order of the last changes.
    pub(crate) fn changes(&self) -> &Permutation {
        &self.changes
    }

    pub(crate) fn title(&self, slot: u64) -> String {
        let row = self.rows.get(&slot);
        let title = row.and_then(|row| row.title.clone());
        title.unwrap_or_else(|| self.titles.of(slot))
    }

    /// The rows that have exactly this title.
    pub(crate) fn slots_titled(&self, title: &str) -> Vec<u64> {
        let is_renamed = |slot: &u64| self.rows.get(slot).is_some_and(|row| row.title.is_some());
        let generated = self.titles.find(title).filter(|slot| !is_renamed(slot));
        let renamed = self
            .rows
            .iter()
            .filter(|(_, row)| row.title.as_deref() == Some(title));
        let renamed = renamed.map(|(slot, _)| *slot);
        generated.into_iter().chain(renamed).collect()
    }

    /// The order of the titles, where no row was given another one.
    pub(crate) fn title_order(&self) -> Option<&Permutation> {
        let is_generated = self.rows.values().all(|row| row.title.is_none());
        is_generated.then(|| self.titles.permutation())
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
