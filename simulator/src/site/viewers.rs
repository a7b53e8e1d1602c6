//! Who may view what, for all content at once.
//!
//! [`Site::may_view`] decides about one account and one content, from the beginning. Here, what contents
//! share is evaluated once: spaces, groups, and what is above them.

use std::collections::{BTreeMap, BTreeSet};

use super::Site;
use super::entity::Entity;
use super::restriction::{Operation, Restricted};
use super::tree::Node;

/// Accounts, as numbers for [`Site::account_id`].
type Accounts = BTreeSet<u64>;

/// The class of all accounts that may use the product.
const LICENSED: &str = "all-licensed-users";

struct Evaluation<'a> {
    site: &'a Site,
    groups: BTreeMap<String, Accounts>,
    spaces: BTreeMap<u64, Accounts>,
    /// Whom the restrictions of a node and of all above it let pass. `None`: everybody.
    nodes: BTreeMap<Node, Option<Accounts>>,
}

impl Site {
    /// The accounts that may view each page and blog post that is shown and not in the trash, by the id
    /// of the content: those of which [`Self::may_view`] says so.
    #[must_use]
    pub fn viewers(&self) -> BTreeMap<String, Vec<&str>> {
        let groups = (0..self.group_count()).map(|index| {
            let members = self.group_members(index).into_iter().collect();
            (self.group_id(index), members)
        });
        let mut evaluation = Evaluation {
            site: self,
            groups: groups.collect(),
            spaces: BTreeMap::new(),
            nodes: BTreeMap::new(),
        };
        let pages = self.live_slots(Entity::Page).map(|page| {
            let of = Restricted::Node(Node::Page(page));
            (of, self.space_of_page(page))
        });
        let posts = self
            .live_slots(Entity::BlogPost)
            .map(|post| (Restricted::BlogPost(post), self.space_of_blog_post(post)));
        let mut viewers = BTreeMap::new();
        for (of, space) in pages.chain(posts) {
            let restricted = match of {
                Restricted::Node(node) => evaluation.of_node(node),
                Restricted::BlogPost(_) => evaluation.named_by(of),
            };
            let of_space = evaluation.of_space(space);
            let accounts = match restricted {
                Some(restricted) => restricted.intersection(&of_space).copied().collect(),
                None => of_space,
            };
            let accounts = accounts.into_iter().map(|at| self.account_id(at));
            viewers.insert(self.id_of_restricted(of).to_string(), accounts.collect());
        }
        viewers
    }
}

impl Evaluation<'_> {
    /// Who may view a space.
    fn of_space(&mut self, space: u64) -> Accounts {
        if let Some(known) = self.spaces.get(&space) {
            return known.clone();
        }
        let site = self.site;
        let mut accounts = Accounts::new();
        for permission in site.permissions_of(space) {
            if (permission.operation, permission.target) != ("read", "space") {
                continue;
            }
            if permission.principal_type != "role" {
                let (kind, id) = (permission.principal_type, permission.principal_id);
                accounts.extend(self.stand_for(kind, &id));
                continue;
            }
            for at in 0..site.role_assignment_count(space) {
                let assigned = site.role_assignment(space, at);
                if assigned.role_id == permission.principal_id {
                    let (kind, id) = (assigned.principal_type, assigned.principal_id);
                    accounts.extend(self.stand_for(kind, &id));
                }
            }
        }
        self.spaces.insert(space, accounts.clone());
        accounts
    }

    /// The accounts that a principal stands for. All accounts have a licence.
    fn stand_for(&self, kind: &str, id: &str) -> Accounts {
        let site = self.site;
        match kind.to_ascii_lowercase().replace('_', "-").as_str() {
            "user" => site.account_of_id(id).into_iter().collect(),
            "group" => self.groups.get(id).cloned().unwrap_or_default(),
            "access-class" if id.to_ascii_lowercase().replace('_', "-") == LICENSED => {
                (0..site.account_count()).collect()
            }
            _ => Accounts::new(),
        }
    }

    /// Whom the restriction of a content itself lets pass. `None`: it has none.
    fn named_by(&self, of: Restricted) -> Option<Accounts> {
        let restriction = self.site.restriction(of, Operation::Read);
        if restriction.is_empty() {
            return None;
        }
        let groups = restriction.groups.iter();
        let mut accounts: Accounts = groups.flat_map(|id| self.stand_for("group", id)).collect();
        let users = restriction.users.iter();
        accounts.extend(users.filter_map(|id| self.site.account_of_id(id)));
        Some(accounts)
    }

    fn of_node(&mut self, node: Node) -> Option<Accounts> {
        if let Some(known) = self.nodes.get(&node) {
            return known.clone();
        }
        let above = self.site.parent(node).and_then(|above| self.of_node(above));
        let own = self.named_by(Restricted::Node(node));
        let both = match (above, own) {
            (Some(above), Some(own)) => Some(above.intersection(&own).copied().collect()),
            (above, own) => above.or(own),
        };
        self.nodes.insert(node, both.clone());
        both
    }
}

#[cfg(test)]
mod tests {
    use super::Site;

    #[test]
    fn all_at_once_are_those_that_may_view_one_by_one() {
        let site = Site::new(42, 300);
        let viewers = site.viewers();
        let contents = site.page_ids().chain(site.blog_post_ids());
        let mut pairs = 0;
        for id in contents {
            for account in site.account_ids() {
                let may = site.may_view(&id, &account);
                let among = viewers.get(&id).map(|of| of.contains(&account.as_str()));
                assert_eq!(among, Some(may), "{id} {account}");
                pairs += usize::from(may);
            }
        }
        assert_eq!(
            viewers.len() as u64,
            site.page_count() + site.blog_post_count()
        );
        let all = viewers.len() * site.account_ids().count();
        assert!(pairs > all / 10 && pairs < all * 9 / 10, "{pairs} of {all}");
    }
}
