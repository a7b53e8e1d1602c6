//! Groups of accounts.

use super::Site;
use crate::random::{mix, uuid};

/// One group in so many has no members.
const EMPTY_EVERY: u64 = 7;

impl Site {
    pub(crate) fn group_count(&self) -> u64 {
        let by_pages = (self.pages.generated_live() / 20).clamp(6, 430);
        self.groups.unwrap_or(by_pages)
    }

    pub(crate) fn group_id(&self, index: u64) -> String {
        uuid(self.seed, 501, index)
    }

    /// A group that restrictions still name and that is no longer there.
    pub(crate) fn deleted_group_id(&self, number: u64) -> String {
        uuid(self.seed, 503, number)
    }

    pub(crate) fn group_of_id(&self, id: &str) -> Option<u64> {
        (0..self.group_count()).find(|&index| self.group_id(index) == id)
    }

    /// Rises with the index.
    pub(crate) fn group_name(&self, index: u64) -> String {
        match index {
            0 => "administrators".to_owned(),
            1 => "confluence-users-example".to_owned(),
            last if last + 1 == self.group_count() => "équipe & <co>".to_owned(),
            _ => format!("team-{index:04}"),
        }
    }

    /// Members as numbers for `account_id`, rising.
    pub(crate) fn group_members(&self, index: u64) -> Vec<u64> {
        if let Some(members) = self.overlay.members.get(&index) {
            return members.clone();
        }
        match index {
            1 => (0..self.account_count()).collect(),
            _ if index % EMPTY_EVERY == 5 => Vec::new(),
            _ => (0..self.account_count())
                .filter(|&account| {
                    let place = index * self.account_count() + account;
                    mix(self.seed, 504, place).is_multiple_of(4)
                })
                .collect(),
        }
    }

    /// The ids of all groups, in the order of their names.
    pub fn group_ids(&self) -> impl Iterator<Item = String> + '_ {
        (0..self.group_count()).map(|index| self.group_id(index))
    }

    /// The account ids of the members of a group. None for a group that is not there.
    #[must_use]
    pub fn group_member_ids(&self, group_id: &str) -> Vec<String> {
        let members = self
            .group_of_id(group_id)
            .map(|index| self.group_members(index));
        let id = |account| self.account_id(account).to_owned();
        members.unwrap_or_default().into_iter().map(id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Site;

    #[test]
    fn names_rise_and_some_groups_are_empty() {
        for pages in [0, 200, 5_000] {
            let site = Site::new(42, pages);
            let names: Vec<String> = (0..site.group_count())
                .map(|index| site.group_name(index))
                .collect();
            assert!(names.is_sorted_by(|left, right| left < right));
            assert!(
                site.group_ids()
                    .any(|id| site.group_member_ids(&id).is_empty())
            );
        }
    }
}
