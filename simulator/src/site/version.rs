//! The versions that content went through.

use super::Site;
use super::entity::Entity;
use crate::random::mix;

/// One version of something.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Version {
    pub(crate) number: u64,
    /// Milliseconds since 1970.
    pub(crate) created: u64,
    /// For `Site::account_id`.
    pub(crate) author: u64,
    pub(crate) minor: bool,
    pub(crate) message: &'static str,
}

impl Site {
    /// The number of the latest version, which is how many there are.
    ///
    /// Most have 2 to 8. One in 211 has more than an answer carries by default.
    pub(crate) fn version_count(&self, entity: Entity) -> u64 {
        let edits = self.rows_of(entity).edits(entity.slot());
        self.first_version_count(entity) + edits.len() as u64
    }

    /// How many versions there were before it was edited.
    pub(crate) fn first_version_count(&self, entity: Entity) -> u64 {
        let (rows, slot) = (self.rows_of(entity), entity.slot());
        let roll = rows.roll(11, slot);
        if let Some(percent) = self.with_many_versions {
            return if roll % 100 < percent {
                3 + roll / 100 % 6
            } else {
                1 + roll / 100 % 2
            };
        }
        match slot % 211 {
            7 => 60 + roll % 80,
            _ => 2 + roll % 7,
        }
    }

    /// The version of this number: 1 was made with the thing, the latest with its last change.
    pub(crate) fn version(&self, entity: Entity, number: u64) -> Version {
        let (rows, slot) = (self.rows_of(entity), entity.slot());
        let latest = self.first_version_count(entity);
        let (created, changed) = (rows.created(slot), rows.first_changed(slot));
        let edits = rows.edits(slot);
        let edited = number.checked_sub(latest + 1);
        let edited = edited.and_then(|place| edits.get(place as usize).copied());
        let roll = match number {
            _ if number == latest => rows.roll(11, slot),
            number => mix(rows.roll(11, slot), 88, number),
        };
        Version {
            number,
            created: if let Some(edited) = edited {
                edited
            } else if number == latest {
                changed
            } else {
                created + (changed - created) / (latest - 1).max(1) * (number - 1)
            },
            author: if number == 1 {
                self.author_of(entity)
            } else {
                roll >> 16
            },
            minor: roll.is_multiple_of(4),
            message: if roll.is_multiple_of(9) {
                "tidied \"up\" & fixed"
            } else {
                ""
            },
        }
    }

    /// Who made it, for `account_id`.
    pub(crate) fn author_of(&self, entity: Entity) -> u64 {
        let roll = self.rows_of(entity).roll(6, entity.slot());
        match entity {
            Entity::Page(_) => roll >> 20,
            _ => roll,
        }
    }
}

impl Site {
    /// Saves a page once more, as an editor does: it has a new version with another body, and is the
    /// page that was changed last. `false` if there is no such page.
    pub fn edit_page(&self, id: &str) -> bool {
        let slot = id.parse().ok().and_then(|id| self.pages.slot_of(id));
        let slot = slot.filter(|slot| !self.pages.is_trashed(*slot));
        if let Some(slot) = slot {
            self.pages.edit(slot);
        }
        slot.is_some()
    }
}

/// How long search needs to see a change.
const SEARCH_LAG: u64 = 600_000;

impl Site {
    /// When a page or a blog post was last changed, in milliseconds since 1970: the moment that
    /// the site stands at.
    #[must_use]
    pub fn last_change(&self) -> u64 {
        let last = |rows: &super::population::Population| {
            rows.changed(rows.changes().index(rows.slots().saturating_sub(1)))
        };
        last(&self.pages).max(last(&self.blog_posts))
    }

    /// The last change that search knows of. What changed in the ten minutes before
    /// [`Self::last_change`] it shows as it was before.
    pub(crate) fn indexed_change(&self, entity: Entity) -> u64 {
        let changed = self.rows_of(entity).changed(entity.slot());
        if changed + SEARCH_LAG > self.last_change() {
            let before = self.version_count(entity).saturating_sub(1).max(1);
            return self.version(entity, before).created;
        }
        changed
    }

    /// The ids of the current and archived pages that were changed at this time or later, in
    /// milliseconds since 1970. Search lags behind, and leaves archived ones out.
    pub fn page_ids_changed_since(&self, time: u64) -> impl Iterator<Item = String> + '_ {
        changed_since(&self.pages, time)
    }

    /// The ids of the current blog posts that were changed at this time or later, in
    /// milliseconds since 1970. Search lags behind.
    pub fn blog_post_ids_changed_since(&self, time: u64) -> impl Iterator<Item = String> + '_ {
        changed_since(&self.blog_posts, time)
    }
}

fn changed_since(
    rows: &super::population::Population,
    time: u64,
) -> impl Iterator<Item = String> + '_ {
    (0..rows.slots())
        .filter(move |&slot| !rows.is_trashed(slot) && rows.changed(slot) >= time)
        .map(|slot| rows.id(slot).to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test fails by panicking")]

    use super::super::Site;
    use super::super::entity::Entity;

    #[test]
    fn an_edited_page_has_a_new_version_and_is_the_one_that_was_changed_last() {
        let site = Site::new(42, 300);
        let ids: Vec<String> = site.page_ids().take(3).collect();
        let before: Vec<_> = (0..site.pages.slots())
            .map(|slot| site.pages.changed(slot))
            .collect();
        for id in [&ids[2], &ids[0], &ids[2]] {
            assert!(site.edit_page(id));
        }
        assert!(!site.edit_page("1"));
        let slots = site.pages.slots();
        let order: Vec<u64> = (0..slots)
            .map(|rank| site.pages.changes().index(rank))
            .collect();
        assert_eq!(order[order.len() - 2..], [0, 2]);
        for (rank, slot) in order.iter().enumerate() {
            assert_eq!(site.pages.changes().rank(*slot), rank as u64);
        }
        let times: Vec<u64> = order.iter().map(|slot| site.pages.changed(*slot)).collect();
        assert!(times.is_sorted_by(|left, right| left < right));
        let others = (0..slots).filter(|slot| ![0, 2].contains(slot));
        assert!(
            others
                .into_iter()
                .all(|slot| site.pages.changed(slot) == before[slot as usize])
        );
        let page = Entity::Page(2);
        let latest = site.version_count(page);
        assert_eq!(latest, site.first_version_count(page) + 2);
        let times: Vec<u64> = (1..=latest)
            .map(|number| site.version(page, number).created)
            .collect();
        assert!(times.is_sorted_by(|left, right| left < right));
        assert_eq!(times.last(), Some(&site.pages.changed(2)));
    }

    #[test]
    fn versions_rise_in_time_from_the_creation_to_the_last_change() {
        let site = Site::new(42, 300);
        for slot in 0..site.pages.slots() {
            let page = Entity::Page(slot);
            let times: Vec<u64> = (1..=site.version_count(page))
                .map(|number| site.version(page, number).created)
                .collect();
            assert!(
                times.is_sorted_by(|left, right| left < right),
                "page {slot}"
            );
            assert_eq!(times.first(), Some(&site.pages.created(slot)));
            assert_eq!(times.last(), Some(&site.pages.changed(slot)));
        }
    }
}
