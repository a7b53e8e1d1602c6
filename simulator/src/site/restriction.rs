//! Restrictions of content. An empty one restricts nothing; what hangs under restricted content
//! is restricted by it as well, and does not say so.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Site;
use super::entity::Entity;
use super::tree::Node;
use crate::random::mix;

/// Groups that the first page behind the homepages names: more than one answer holds. They are
/// long gone, all but a few.
const CROWD: u64 = 230;

/// What can be restricted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Restricted {
    Node(Node),
    BlogPost(u64),
}

/// The operations that can be restricted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Operation {
    /// Seeing it.
    Read,
    /// Changing it.
    Update,
}

impl Operation {
    pub(crate) const ALL: [Self; 2] = [Self::Read, Self::Update];

    /// As the service writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Update => "update",
        }
    }
}

/// Whom content is restricted to. Nobody named: it is not restricted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restriction {
    /// Account ids.
    pub users: Vec<String>,
    /// Group ids. Some are those of groups that are no longer there.
    pub groups: Vec<String>,
}

impl Restriction {
    /// Whether it restricts nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && self.groups.is_empty()
    }
}

impl Site {
    pub(crate) fn restricted_of_id(&self, id: u64) -> Option<Restricted> {
        let node = self.node_of_id(id).map(Restricted::Node);
        node.or_else(|| {
            let post = self.blog_posts.slot_of(id);
            let post = post.filter(|&post| self.shows(Entity::BlogPost(post)));
            post.map(Restricted::BlogPost)
        })
    }

    pub(crate) fn id_of_restricted(&self, of: Restricted) -> u64 {
        match of {
            Restricted::Node(node) => self.node_id(node),
            Restricted::BlogPost(post) => self.blog_posts.id(post),
        }
    }

    pub(crate) fn restriction(&self, of: Restricted, operation: Operation) -> Restriction {
        if self.overlay.changes > 0 {
            let id = self.id_of_restricted(of);
            if let Some(changed) = self.overlay.restrictions.get(&(id, operation)) {
                return changed.clone();
            }
        }
        match of {
            Restricted::Node(Node::Page(page)) if page >= self.pages.generated() => return none(),
            Restricted::BlogPost(post) if post >= self.blog_posts.generated() => return none(),
            _ => {}
        }
        let is_crowded = of == Restricted::Node(Node::Page(self.space_count()));
        if is_crowded && operation == Operation::Read && self.restricted != Some(0) {
            return Restriction {
                users: (0..self.account_count())
                    .map(|user| self.account_id(user).to_owned())
                    .collect(),
                groups: (0..CROWD)
                    .map(|number| self.deleted_group_id(number))
                    .chain((0..3).map(|index| self.group_id(index)))
                    .collect(),
            };
        }
        let number = match of {
            // Homepages are never restricted, or nothing in their space would be open.
            Restricted::Node(Node::Page(page)) if page < self.space_count() => return none(),
            Restricted::Node(Node::Page(page)) => self.pages.roll(13, page),
            Restricted::Node(Node::Other(space, 1)) => mix(self.seed, 150, space) / 9 * 9,
            Restricted::Node(Node::Other(..)) => return none(),
            Restricted::BlogPost(post) => self.blog_posts.roll(13, post),
        };
        let restricted = match operation {
            Operation::Read => match (self.restricted, of) {
                (Some(percent), Restricted::Node(Node::Page(_)) | Restricted::BlogPost(_)) => {
                    number % 100 < percent
                }
                _ => number.is_multiple_of(9),
            },
            Operation::Update => (number >> 8).is_multiple_of(6),
        };
        if !restricted {
            return none();
        }
        let roll = mix(self.seed, 151 + operation as u64, number);
        let mut users: Vec<u64> = (0..roll % 4)
            .map(|at| ((roll >> 8) + at * 5) % self.account_count())
            .collect();
        users.sort_unstable();
        let mut groups: Vec<String> = (0..(roll >> 16) % 3)
            .map(|at| self.group_id(((roll >> 24) + at) % self.group_count()))
            .collect();
        if (roll >> 32).is_multiple_of(5) || (users.is_empty() && groups.is_empty()) {
            groups.push(self.deleted_group_id((roll >> 40) % 8));
        }
        Restriction {
            users: users
                .into_iter()
                .map(|user| self.account_id(user).to_owned())
                .collect(),
            groups,
        }
    }

    /// The restriction that a page, blog post, folder or the like has itself. Empty for what is
    /// not there.
    #[must_use]
    pub fn restriction_of(&self, content_id: &str, operation: Operation) -> Restriction {
        let id = content_id.parse().ok();
        let of = id.and_then(|id| self.restricted_of_id(id));
        of.map_or_else(none, |of| self.restriction(of, operation))
    }

    /// The accounts that the restrictions of the content and of everything above it let see it.
    /// `None`: nothing restricts it, and who may see the space may see it.
    #[must_use]
    pub fn readers_of(&self, content_id: &str) -> Option<BTreeSet<String>> {
        let of = self.restricted_of_id(content_id.parse().ok()?)?;
        let mut chain = vec![of];
        if let Restricted::Node(node) = of {
            chain.extend(self.ancestors(node).into_iter().map(Restricted::Node));
        }
        let restrictions = chain
            .into_iter()
            .map(|of| self.restriction(of, Operation::Read))
            .filter(|restriction| !restriction.is_empty());
        restrictions
            .map(|restriction| {
                let members = restriction
                    .groups
                    .iter()
                    .flat_map(|group| self.group_member_ids(group));
                members.chain(restriction.users.iter().cloned()).collect()
            })
            .reduce(|left: BTreeSet<String>, right| left.intersection(&right).cloned().collect())
    }
}

fn none() -> Restriction {
    Restriction::default()
}

#[cfg(test)]
mod tests {
    use super::{Operation, Site};

    #[test]
    fn some_pages_are_restricted_only_from_above() {
        let site = Site::new(42, 1_000);
        let own = |id: &String| !site.restriction_of(id, Operation::Read).is_empty();
        let restricted: Vec<String> = site
            .page_ids()
            .filter(|id| site.readers_of(id).is_some())
            .collect();
        assert!(restricted.iter().any(own) && !restricted.iter().all(own));
        assert!(restricted.len() > 100 && restricted.len() < 900);
    }

    #[test]
    fn some_restrictions_name_a_group_that_is_gone() {
        let site = Site::new(42, 1_000);
        let gone = |id: String| {
            let restriction = site.restriction_of(&id, Operation::Read);
            let mut groups = restriction.groups.into_iter();
            groups.any(|group| site.group_ids().all(|known| known != group))
        };
        assert!(site.page_ids().any(gone));
    }
}
