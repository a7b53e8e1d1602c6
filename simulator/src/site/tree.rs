//! What hangs under what in a space, and which labels it has.

use super::entity::Entity;
use super::{Site, label};
use crate::random::{mix, pick};

/// Children of a page. With 2 000 pages in a space, 3 give a depth of 7.
const BRANCHES: u64 = 3;

/// Folders of a space. Behind them stand one whiteboard, one database and one embed.
const FOLDERS: u64 = 9;
const OTHERS: u64 = FOLDERS + 3;
/// Ids of one space's folders and the like, of which some are not taken.
const BLOCK: u64 = 16;
/// The ids of other kinds leave another remainder when divided by 8.
const FIRST_ID: u64 = 98_310;

const NAMES: [&str; 5] = ["Archive & old", "設計", "Vorlagen", "Shared <all>", "2026"];

/// What stands in the tree of a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Node {
    /// By slot.
    Page(u64),
    /// A folder, whiteboard, database or embed: by space and number.
    Other(u64, u64),
}

impl Node {
    /// As `type` and `parentType` have it.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Page(_) => "page",
            Self::Other(_, number) => match number.checked_sub(FOLDERS) {
                None => "folder",
                Some(0) => "whiteboard",
                Some(1) => "database",
                Some(_) => "embed",
            },
        }
    }
}

impl Site {
    /// `None` for what is at the top of a space: the first page, which is its homepage, some
    /// other pages, and two folders.
    pub(crate) fn parent(&self, node: Node) -> Option<Node> {
        let page = match node {
            Node::Page(page) => page,
            Node::Other(_, 1 | 2) => return None,
            Node::Other(space, number @ 3..FOLDERS) => {
                return Some(Node::Other(space, number % 3));
            }
            Node::Other(space, _) => return Some(Node::Page(space)),
        };
        if let Some(placement) = self.overlay.pages.get(&page) {
            return placement.parent;
        }
        let place = page / self.space_count();
        if place == 0 || (place % 23 == 22 && !self.chained) {
            return None;
        }
        let other = match self.pages.roll(3, page) % 64 {
            0..=3 => Some(place % FOLDERS),
            beyond @ 4..=6 => Some(FOLDERS + beyond - 4),
            _ => None,
        };
        if let Some(number) = other.filter(|_| !self.chained) {
            return Some(Node::Other(self.generated_space(page), number));
        }
        let mut above = place;
        loop {
            above = above.saturating_sub(1) / self.branches();
            let slot = above * self.space_count() + self.generated_space(page);
            // What hangs under a trashed page moves up when the page goes. Place 0 never goes.
            if above == 0 || !self.pages.was_trashed(slot) {
                return Some(Node::Page(slot));
            }
        }
    }

    /// What hangs directly under this and is not in the trash, in no order that means anything.
    pub(crate) fn children(&self, node: Node) -> Vec<Node> {
        let space = self.space_of_node(node);
        let is_there = |child: &Node| match child {
            Node::Page(page) => self.pages.is_live(*page) && self.shows(Entity::Page(*page)),
            Node::Other(..) => true,
        };
        let hangs_here = |child: &Node| self.parent(*child) == Some(node) && is_there(child);
        let moved = self.overlay.pages.keys().map(|page| Node::Page(*page));
        let moved: Vec<Node> = moved.filter(hangs_here).collect();
        let has_moved = |child: &Node| matches!(child, Node::Page(page) if self.overlay.pages.contains_key(page));
        let hangs_here = |child: &Node| !has_moved(child) && hangs_here(child);
        let others = (0..OTHERS)
            .map(|number| Node::Other(space, number))
            .filter(hangs_here);
        let Node::Page(page) = node else {
            let pages = (space..self.pages.generated()).step_by(self.spaces.len().max(1));
            let pages = pages.map(Node::Page);
            let children = pages.filter(hangs_here).chain(others);
            return children.chain(moved).collect();
        };
        if !self.pages.is_live(page) {
            return Vec::new();
        }
        let mut children = moved;
        if page >= self.pages.generated() {
            return children;
        }
        let space = self.generated_space(page);
        let mut places = vec![page / self.space_count()];
        while let Some(place) = places.pop() {
            let branches = self.branches();
            for below in place * branches + 1..=place * branches + branches {
                let slot = below * self.space_count() + space;
                if slot >= self.pages.generated() {
                    continue;
                }
                if self.pages.was_trashed(slot) {
                    places.push(below);
                } else if hangs_here(&Node::Page(slot)) {
                    children.push(Node::Page(slot));
                }
            }
        }
        if page < self.space_count() {
            children.extend(others);
        }
        children
    }

    fn branches(&self) -> u64 {
        if self.chained { 1 } else { BRANCHES }
    }

    pub(crate) fn space_of_node(&self, node: Node) -> u64 {
        match node {
            Node::Page(page) => self.space_of_page(page),
            Node::Other(space, _) => space,
        }
    }

    pub(crate) fn node_id(&self, node: Node) -> u64 {
        match node {
            Node::Page(page) => self.pages.id(page),
            Node::Other(space, number) => FIRST_ID + (space * BLOCK + number) * 8,
        }
    }

    /// The folder, whiteboard, database or embed of this id. Spaces without a homepage have none.
    pub(crate) fn other_of_id(&self, id: u64) -> Option<Node> {
        let offset = id.checked_sub(FIRST_ID)?;
        let (space, number) = (offset / 8 / BLOCK, offset / 8 % BLOCK);
        (offset.is_multiple_of(8)
            && space < self.space_count()
            && !self.is_hidden(space)
            && self.pages.ordinal(space).is_some()
            && number < OTHERS)
            .then_some(Node::Other(space, number))
    }

    /// All folders, in the order of their ids.
    pub(crate) fn folders(&self) -> impl Iterator<Item = Node> + '_ {
        let spaces = (0..self.space_count()).filter(|&space| self.pages.ordinal(space).is_some());
        let spaces = spaces.filter(|&space| !self.is_hidden(space));
        spaces.flat_map(|space| (0..FOLDERS).map(move |number| Node::Other(space, number)))
    }

    /// How many folders there are, hidden ones included.
    pub(crate) fn folder_count(&self) -> u64 {
        let spaces = (0..self.space_count()).filter(|&space| self.pages.ordinal(space).is_some());
        spaces.count() as u64 * FOLDERS
    }

    /// The folder at this place among all of them.
    pub(crate) fn folder(&self, at: u64) -> Node {
        // Spaces with a homepage stand before those without.
        Node::Other(at / FOLDERS, at % FOLDERS)
    }

    pub(crate) fn node_title(&self, node: Node) -> String {
        match node {
            Node::Page(page) => self.pages.title(page),
            Node::Other(space, number) => {
                format!("{} {}", pick(&NAMES, space + number), number + 1)
            }
        }
    }

    /// Milliseconds since 1970.
    pub(crate) fn node_created(&self, node: Node) -> u64 {
        match node {
            Node::Page(page) => self.pages.created(page),
            Node::Other(space, number) => {
                self.space(space).map_or(0, |space| space.created) + 3_600_000 * (number + 1)
            }
        }
    }

    /// Milliseconds since 1970.
    pub(crate) fn node_changed(&self, node: Node) -> u64 {
        match node {
            Node::Page(page) => self.pages.changed(page),
            Node::Other(..) => self.node_created(node) + 60_000,
        }
    }

    /// Its place among its siblings, which is at times not known.
    pub(crate) fn position(&self, node: Node) -> Option<u64> {
        let roll = match node {
            Node::Page(page) => self.pages.roll(6, page),
            Node::Other(space, number) => mix(self.seed, 130, space * BLOCK + number),
        };
        (!roll.is_multiple_of(13)).then_some(roll >> 24 & 0x7fff_ffff)
    }

    /// From the top of the space down to what the node hangs under.
    pub(crate) fn ancestors(&self, node: Node) -> Vec<Node> {
        let mut above: Vec<Node> =
            std::iter::successors(self.parent(node), |&node| self.parent(node)).collect();
        above.reverse();
        above
    }

    /// The page, folder, whiteboard, database or embed of this id.
    pub(crate) fn node_of_id(&self, id: u64) -> Option<Node> {
        let page = self.pages.slot_of(id);
        let page = page.filter(|&page| self.shows(Entity::Page(page)));
        page.map(Node::Page).or_else(|| self.other_of_id(id))
    }

    fn node_named(&self, id: &str) -> Option<Node> {
        self.node_of_id(id.parse().ok()?)
    }

    /// The ids of all folders.
    pub fn folder_ids(&self) -> impl Iterator<Item = String> + '_ {
        self.folders().map(|node| self.node_id(node).to_string())
    }

    /// Type and id of what a page, folder, whiteboard, database or embed hangs under, from the
    /// top of the space down. Empty at the top, and for what is not there.
    #[must_use]
    pub fn ancestors_of(&self, id: &str) -> Vec<(&'static str, String)> {
        let ancestors = self.node_named(id).map(|node| self.ancestors(node));
        let named = |node: Node| (node.kind(), self.node_id(node).to_string());
        ancestors
            .unwrap_or_default()
            .into_iter()
            .map(named)
            .collect()
    }

    /// Type and id of what hangs directly under a page, folder, whiteboard, database or embed,
    /// in no order that means anything. Trashed pages are not among them, archived ones are.
    #[must_use]
    pub fn children_of(&self, id: &str) -> Vec<(&'static str, String)> {
        let children = self.node_named(id).map(|node| self.children(node));
        let named = |node: Node| (node.kind(), self.node_id(node).to_string());
        children
            .unwrap_or_default()
            .into_iter()
            .map(named)
            .collect()
    }

    /// The labels of a page: 0 to 4, and all of them on the third homepage.
    pub(crate) fn labels_of_page(&self, page: u64) -> Vec<u64> {
        if page == 2 {
            return (0..label::COUNT).collect();
        }
        some_labels(self.pages.roll(4, page))
    }

    /// The labels of a space, which are of the kinds `my` and `team` only.
    pub(crate) fn labels_of_space(&self, space: u64) -> Vec<u64> {
        (0..label::COUNT)
            .filter(|index| index % 10 < 2 && (space == 0 || (index + space).is_multiple_of(3)))
            .collect()
    }
}

/// 0 to 4 labels, rising.
pub(super) fn some_labels(number: u64) -> Vec<u64> {
    let mut labels: Vec<u64> = (0..number % 5)
        .map(|at| ((number >> 8) + at * 11) % label::COUNT)
        .collect();
    labels.sort_unstable();
    labels
}

#[cfg(test)]
mod tests {
    use super::{Node, Site};

    #[test]
    fn parents_stand_in_the_same_space_and_are_there() {
        let site = Site::new(42, 3_000);
        let mut deepest = 0;
        for slot in 0..site.pages.slots() {
            let ancestors = site.ancestors(Node::Page(slot));
            for &above in &ancestors {
                assert_eq!(site.space_of_node(above), site.space_of_page(slot));
                assert!(!matches!(above, Node::Page(page) if site.pages.is_trashed(page)));
                assert_eq!(site.node_of_id(site.node_id(above)), Some(above));
            }
            deepest = deepest.max(ancestors.len());
        }
        assert!((2..=8).contains(&deepest), "depth {deepest}");
    }

    #[test]
    fn everything_but_the_top_is_a_child_once() {
        for pages in [0, 1, 10, 200, 3_000] {
            let site = Site::new(42, pages);
            let spaces = (0..site.space_count()).filter(|&space| site.pages.is_live(space));
            let others: Vec<Node> = spaces
                .flat_map(|space| (0..super::OTHERS).map(move |number| Node::Other(space, number)))
                .collect();
            let pages = (0..site.pages.slots()).filter(|&slot| !site.pages.is_trashed(slot));
            let everything: Vec<Node> = pages.map(Node::Page).chain(others).collect();
            let mut children: Vec<Node> = everything
                .iter()
                .flat_map(|&node| site.children(node))
                .collect();
            children.sort_unstable();
            let below = everything
                .iter()
                .filter(|&&node| site.parent(node).is_some());
            let mut below: Vec<Node> = below.copied().collect();
            below.sort_unstable();
            assert_eq!(children, below);
        }
    }
}
