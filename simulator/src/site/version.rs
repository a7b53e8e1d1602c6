//! The versions that content went through.

use super::Site;
use super::entity::Entity;
use super::population::Population;
use super::row::Version;
use crate::random::mix;

impl Site {
    /// The number of the latest version, which is how many there are.
    ///
    /// Most have 2 to 8. One in 211 has more than an answer carries by default.
    pub(crate) fn version_count(&self, entity: Entity) -> u64 {
        let changed = self.rows_of(entity).changed_versions(entity.slot());
        changed.map_or_else(
            || self.first_version_count(entity),
            |versions| versions.len() as u64,
        )
    }

    /// How many versions were generated.
    fn first_version_count(&self, entity: Entity) -> u64 {
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
        if let Some(versions) = rows.changed_versions(slot) {
            let at = number.clamp(1, versions.len() as u64) as usize - 1;
            if let Some(version) = versions.get(at) {
                return version.clone();
            }
        }
        let latest = self.first_version_count(entity);
        let (created, changed) = (rows.created(slot), rows.first_changed(slot));
        let roll = match number {
            _ if number == latest => rows.roll(11, slot),
            number => mix(rows.roll(11, slot), 88, number),
        };
        Version {
            created: if number == latest {
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
                "tidied \"up\" & fixed".into()
            } else {
                "".into()
            },
            body: latest.wrapping_sub(number),
        }
    }

    /// All versions, the first one first.
    pub(crate) fn versions(&self, entity: Entity) -> Vec<Version> {
        let numbers = 1..=self.version_count(entity);
        numbers.map(|number| self.version(entity, number)).collect()
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

/// How long search needs to see a change.
const SEARCH_LAG: u64 = 600_000;

impl Site {
    /// When a page or a blog post was last changed, in milliseconds since 1970: the moment that
    /// the site stands at.
    #[must_use]
    pub fn last_change(&self) -> u64 {
        let last =
            |rows: &Population| rows.changed(rows.changes().index(rows.slots().saturating_sub(1)));
        last(&self.pages).max(last(&self.blog_posts))
    }

    /// [`Self::last_change`] of the site as it was generated.
    fn last_generated_change(&self) -> u64 {
        let last = |rows: &Population| {
            rows.first_changed(
                rows.changes()
                    .first_index(rows.generated().saturating_sub(1)),
            )
        };
        last(&self.pages).max(last(&self.blog_posts))
    }

    /// The last change that search knows of. Of generated changes, it shows what happened in the last
    /// ten minutes as it was before.
    pub(crate) fn indexed_change(&self, entity: Entity) -> u64 {
        let rows = self.rows_of(entity);
        let changed = rows.changed(entity.slot());
        let is_generated = rows.changed_versions(entity.slot()).is_none();
        if is_generated && changed + SEARCH_LAG > self.last_generated_change() {
            let before = self.version_count(entity).saturating_sub(1).max(1);
            return self.version(entity, before).created;
        }
        changed
    }

    /// The ids of the current and archived pages that were changed at this time or later, in
    /// milliseconds since 1970. Search lags behind, and leaves archived ones out.
    pub fn page_ids_changed_since(&self, time: u64) -> impl Iterator<Item = String> + '_ {
        self.changed_since(Entity::Page, time)
    }

    /// The ids of the current blog posts that were changed at this time or later, in
    /// milliseconds since 1970. Search lags behind.
    pub fn blog_post_ids_changed_since(&self, time: u64) -> impl Iterator<Item = String> + '_ {
        self.changed_since(Entity::BlogPost, time)
    }

    fn changed_since(
        &self,
        entity: fn(u64) -> Entity,
        time: u64,
    ) -> impl Iterator<Item = String> + '_ {
        let rows = self.rows_of(entity(0));
        self.live_slots(entity)
            .filter(move |&slot| rows.changed(slot) >= time)
            .map(|slot| rows.id(slot).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Site;
    use super::super::entity::Entity;

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
