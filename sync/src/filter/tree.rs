//! The tree of pages, and what is below what.

use std::collections::HashMap;

use super::Selection;

/// Where a page is in the tree, to a selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// It, or what it is below, is selected.
    pub(crate) is_below_only: bool,
    /// It, or what it is below, is excluded.
    pub(crate) is_below_not: bool,
    /// All that it is below is known.
    pub(crate) is_known: bool,
}

impl Place {
    const TOP: Self = Self {
        is_below_only: false,
        is_below_not: false,
        is_known: true,
    };

    const UNKNOWN: Self = Self {
        is_known: false,
        ..Self::TOP
    };

    /// Whether the selection lets it through. What is perhaps below something excluded is not.
    pub(crate) fn is_admitted(self, selection: &Selection) -> bool {
        let is_in = self.is_below_only || !selection.has_only();
        let is_out = self.is_below_not || !self.is_known && selection.not().next().is_some();
        is_in && !is_out
    }
}

/// What each page and folder is below.
#[derive(Debug, Default)]
pub(crate) struct Tree<'a> {
    parents: HashMap<&'a str, Option<&'a str>>,
}

impl<'a> Tree<'a> {
    /// Adds one; without a parent it is at the top.
    pub(crate) fn add(&mut self, key: &'a str, parent: Option<&'a str>) {
        self.parents.insert(key, parent);
    }

    /// Whether it is there.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.parents.contains_key(key)
    }

    /// The places of all.
    pub(crate) fn places(&self, selection: &Selection) -> HashMap<&'a str, Place> {
        let mut places: HashMap<&'a str, Place> = HashMap::with_capacity(self.parents.len());
        for key in self.parents.keys() {
            // Up to what is known already, and down again.
            let mut path: Vec<&'a str> = Vec::new();
            let mut at = Some(*key);
            let mut place = loop {
                let Some(key) = at else { break Place::TOP };
                if let Some(known) = places.get(key) {
                    break *known;
                }
                let Some((key, parent)) = self.parents.get_key_value(key) else {
                    break named(key, selection, Place::UNKNOWN);
                };
                // A loop of parents leads to no top; each of it is below all of it.
                if let Some(start) = path.iter().position(|it| it == key) {
                    let all = path.iter().skip(start);
                    break all.fold(Place::UNKNOWN, |place, key| named(key, selection, place));
                }
                path.push(key);
                at = *parent;
            };
            for key in path.into_iter().rev() {
                place = named(key, selection, place);
                places.insert(key, place);
            }
        }
        places
    }
}

/// The place of what is below another place, and may be named itself.
fn named(key: &str, selection: &Selection, above: Place) -> Place {
    Place {
        is_below_only: above.is_below_only || selection.only().any(|it| it == key),
        is_below_not: above.is_below_not || selection.not().any(|it| it == key),
        is_known: above.is_known,
    }
}
