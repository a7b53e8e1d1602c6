//! What a page hangs under, and which labels it has.

use super::{Site, label};

/// Children of a page. With 2 000 pages in a space, 3 give a depth of 7.
const BRANCHES: u64 = 3;

/// What a page hangs under: its kind and its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parent {
    pub(crate) kind: &'static str,
    pub(crate) id: u64,
}

impl Site {
    /// `None` for the pages at the top of a space: the first one, which is its homepage, and
    /// some others.
    pub(crate) fn parent(&self, page: u64) -> Option<Parent> {
        let place = page / self.space_count();
        if place == 0 || place % 23 == 22 {
            return None;
        }
        match self.pages.roll(3, page) % 64 {
            0..=3 => {
                return Some(Parent {
                    kind: "folder",
                    id: 98_310 + place % 9 * 8,
                });
            }
            4 => {
                return Some(Parent {
                    kind: "whiteboard",
                    id: 98_310 + 80,
                });
            }
            5 => {
                return Some(Parent {
                    kind: "database",
                    id: 98_310 + 88,
                });
            }
            6 => {
                return Some(Parent {
                    kind: "embed",
                    id: 98_310 + 96,
                });
            }
            _ => {}
        }
        let mut above = place;
        loop {
            above = above.saturating_sub(1) / BRANCHES;
            let slot = above * self.space_count() + self.space_index(page);
            // What hangs under a trashed page moves up when the page goes. Place 0 never goes.
            if above == 0 || !self.pages.is_trashed(slot) {
                return Some(Parent {
                    kind: "page",
                    id: self.pages.id(slot),
                });
            }
        }
    }

    /// The labels of a page: 0 to 4, and all of them on the third homepage.
    pub(crate) fn labels_of_page(&self, page: u64) -> Vec<u64> {
        if page == 2 {
            return (0..label::COUNT).collect();
        }
        let number = self.pages.roll(4, page);
        let mut labels: Vec<u64> = (0..number % 5)
            .map(|at| ((number >> 8) + at * 11) % label::COUNT)
            .collect();
        labels.sort_unstable();
        labels
    }

    /// The labels of a space, which are of the kinds `my` and `team` only.
    pub(crate) fn labels_of_space(&self, space: u64) -> Vec<u64> {
        (0..label::COUNT)
            .filter(|index| index % 10 < 2 && (space == 0 || (index + space).is_multiple_of(3)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Site;

    #[test]
    fn parents_stand_in_the_same_space_before_their_children_and_are_there() {
        let site = Site::new(42, 3_000);
        let mut deepest = 0;
        for slot in 0..site.pages.slots() {
            let (mut at, mut depth) = (slot, 0);
            while let Some(parent) = site.parent(at).filter(|parent| parent.kind == "page") {
                let above = site.pages.slot_of(parent.id).unwrap_or(u64::MAX);
                assert!(above < at && !site.pages.is_trashed(above), "page {at}");
                assert_eq!(site.space_index(above), site.space_index(at));
                (at, depth) = (above, depth + 1);
            }
            deepest = deepest.max(depth);
        }
        assert!((2..=8).contains(&deepest), "depth {deepest}");
    }
}
