//! Ids that were seen.

use std::collections::BTreeSet;

/// Ids, each as a number. Most lists are in the order of their ids: an id above all before is new,
/// and needs no search.
#[derive(Debug, Default)]
pub(crate) struct SeenIds {
    /// Those that were above all before.
    rising: Vec<u128>,
    others: BTreeSet<u128>,
}

impl SeenIds {
    /// Adds an id. False if it was there.
    pub(crate) fn insert(&mut self, id: u128) -> bool {
        if self.rising.last().is_none_or(|last| *last < id) {
            self.rising.push(id);
            return true;
        }
        self.rising.binary_search(&id).is_err() && self.others.insert(id)
    }

    pub(crate) fn contains(&self, id: &u128) -> bool {
        self.rising.binary_search(id).is_ok() || self.others.contains(id)
    }

    pub(crate) fn clear(&mut self) {
        self.rising.clear();
        self.others.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::SeenIds;

    #[test]
    fn ids_in_any_order_are_new_once() {
        let mut seen = SeenIds::default();
        let mut all = BTreeSet::new();
        let mut id = 7_u128;
        for round in 0..2_000_u128 {
            id = (id * 31 + round) % 997;
            assert_eq!(seen.contains(&id), all.contains(&id));
            assert_eq!(seen.insert(id), all.insert(id), "{id}");
        }
        seen.clear();
        assert!(seen.insert(id) && !seen.insert(id));
    }
}
