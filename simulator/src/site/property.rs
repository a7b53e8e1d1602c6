//! What apps store beside content and spaces: keys and values in JSON.

use super::Site;
use super::entity::Entity;
use crate::random::{mix, pick};

const KEYS: [&str; 8] = [
    "editor",
    "content-appearance-published",
    "emoji-title-published",
    "cover-picture-id-published",
    "com.example:settings",
    "größe & maß",
    "a/b?c=d",
    "zz-last",
];

const VALUES: [&str; 8] = [
    "\"v2\"",
    "\"full-width\"",
    "\"1f680\"",
    "{\"id\":\"\",\"position\":50}",
    "{\"on\":true,\"list\":[1,2.5,null],\"nested\":{\"a\":{\"b\":\"<&>\"}}}",
    "9007199254740993",
    "null",
    "[]",
];

/// Below it, ids of content; above it, one block of ids for each kind.
const FIRST: u64 = 31_000_000_000_000;
const BLOCK: u64 = 1_000_000_000_000;
const MOST: u64 = 128;

/// What a property belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PropertyOf {
    Content(Entity),
    Space(u64),
}

impl PropertyOf {
    fn family_and_slot(self) -> (u64, u64) {
        match self {
            Self::Content(entity) => (entity.family(), entity.slot()),
            Self::Space(index) => (6, index),
        }
    }
}

impl Site {
    /// How many properties there are: 0 to 4, and 60 at the first of each kind.
    pub(crate) fn property_count(&self, of: PropertyOf) -> u64 {
        let (family, slot) = of.family_and_slot();
        match slot {
            0 => 60,
            _ => mix(self.seed, 110 + family, slot) % 5,
        }
    }

    pub(crate) fn property_id(&self, of: PropertyOf, at: u64) -> u64 {
        let (family, slot) = of.family_and_slot();
        FIRST + family * BLOCK + slot * MOST + at
    }

    /// The property of this id, if it is one of these.
    pub(crate) fn property_of_id(&self, of: PropertyOf, id: u64) -> Option<u64> {
        let at = id.checked_sub(self.property_id(of, 0))?;
        (at < self.property_count(of)).then_some(at)
    }

    /// No two properties of one thing share a key.
    pub(crate) fn property_key(&self, of: PropertyOf, at: u64) -> String {
        let (_, slot) = of.family_and_slot();
        let key = pick(&KEYS, at + slot);
        match at / KEYS.len() as u64 {
            0 => key.to_owned(),
            round => format!("{key}-{round}"),
        }
    }

    /// JSON.
    pub(crate) fn property_value(&self, of: PropertyOf, at: u64) -> &'static str {
        let (family, slot) = of.family_and_slot();
        pick(&VALUES, mix(self.seed, 120 + family, slot * MOST + at))
    }

    /// The keys of the properties of a page, in the order of their ids. None for a page that is
    /// not there.
    pub fn page_property_keys(&self, page_id: &str) -> Vec<String> {
        let page = page_id.parse().ok().and_then(|id| self.pages.slot_of(id));
        page.map_or_else(Vec::new, |page| {
            self.property_keys(PropertyOf::Content(Entity::Page(page)))
        })
    }

    /// The keys of the properties of a space, in the order of their ids. None for a space that
    /// is not there.
    pub fn space_property_keys(&self, space_id: &str) -> Vec<String> {
        let space = space_id.parse().ok().and_then(|id| self.space_of_id(id));
        space.map_or_else(Vec::new, |space| {
            self.property_keys(PropertyOf::Space(space))
        })
    }

    fn property_keys(&self, of: PropertyOf) -> Vec<String> {
        (0..self.property_count(of))
            .map(|at| self.property_key(of, at))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Site;
    use super::super::entity::Entity;
    use super::PropertyOf;
    use std::collections::BTreeSet;

    #[test]
    fn keys_are_unique_and_ids_lead_back() {
        let site = Site::new(42, 50);
        for slot in 0..20 {
            let of = PropertyOf::Content(Entity::Page(slot));
            let count = site.property_count(of);
            let keys: BTreeSet<String> = (0..count).map(|at| site.property_key(of, at)).collect();
            assert_eq!(keys.len() as u64, count);
            for at in 0..count {
                assert_eq!(site.property_of_id(of, site.property_id(of, at)), Some(at));
            }
            assert_eq!(site.property_of_id(of, site.property_id(of, count)), None);
        }
    }
}
