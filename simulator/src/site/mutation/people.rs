//! Changes of restrictions, permissions, groups and accounts.

use super::MutationError;
use super::content::Changed;
use super::target::{not_found, refused};
use crate::site::Site;
use crate::site::entity::Entity;
use crate::site::overlay::AuditEvent;
use crate::site::permission::{SPACE_OPERATIONS, SpacePermission};
use crate::site::restriction::Operation;

/// Ids of permissions that were granted after the site was generated are above this one.
const FIRST_GRANTED: u64 = 10_000_000;

/// The user or group that a mutation names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Principal<'a> {
    pub(super) user: Option<&'a str>,
    pub(super) group: Option<&'a str>,
}

impl Site {
    /// `user` or `group`, and its id.
    fn principal<'a>(
        &self,
        principal: Principal<'a>,
    ) -> Result<(&'static str, &'a str), MutationError> {
        match (principal.user, principal.group) {
            (Some(user), None) => self.account(user).map(|_| ("user", user)),
            (None, Some(group)) => self.group(group).map(|_| ("group", group)),
            _ => Err(MutationError::Malformed {
                reason: "one of `user` and `group` is needed".to_owned(),
            }),
        }
    }

    pub(super) fn restrict(
        &mut self,
        id: &str,
        operation: Operation,
        principal: Principal<'_>,
        is_wanted: bool,
    ) -> Result<Changed, MutationError> {
        let entity = self.page_or_post(id)?;
        self.current(id, entity)?;
        let number: Option<u64> = id.parse().ok();
        let of = number.and_then(|id| self.restricted_of_id(id));
        let (Some(number), Some(of)) = (number, of) else {
            return Err(not_found(id, "a page or blog post"));
        };
        let mut restriction = self.restriction(of, operation);
        let (user, group) = (principal.user, principal.group);
        let (list, name) = match (user, group) {
            (Some(user), None) => (&mut restriction.users, user),
            (None, Some(group)) => (&mut restriction.groups, group),
            _ => {
                self.principal(principal)?;
                return Err(not_found(id, "a page or blog post"));
            }
        };
        let has = list.iter().any(|one| one == name);
        match (has, is_wanted) {
            (true, true) => return Err(refused(id, "is restricted to them already")),
            (false, false) => return Err(refused(id, "is not restricted to them")),
            (false, true) => {
                self.principal(principal)?;
                list.push(name.to_owned());
            }
            // A group that is gone can be taken out as well.
            (true, false) => list.retain(|one| one != name),
        }
        self.overlay
            .restrictions
            .insert((number, operation), restriction);
        let summary = if is_wanted {
            "Content restriction added"
        } else {
            "Content restriction removed"
        };
        let kind = match entity {
            Entity::BlogPost(_) => "Blog post",
            _ => "Page",
        };
        self.audit(summary, "Permissions", kind, self.title_of(entity));
        Ok(self.one(entity))
    }

    pub(super) fn grant(
        &mut self,
        named: &str,
        operation: &str,
        target: &str,
        principal: Principal<'_>,
    ) -> Result<Changed, MutationError> {
        let space = self.shown_space(named)?;
        let (principal_type, principal_id) = self.principal(principal)?;
        let known = SPACE_OPERATIONS
            .iter()
            .find(|known| **known == (operation, target));
        let &(operation, target) =
            known.ok_or_else(|| not_found(operation, "an operation on this `target`"))?;
        let mut permissions = self.permissions_of(space);
        let id = FIRST_GRANTED + self.overlay.changes;
        let permission = SpacePermission {
            id,
            principal_type,
            principal_id: principal_id.to_owned(),
            operation,
            target,
        };
        let is_same = |other: &SpacePermission| {
            let other = SpacePermission {
                id,
                ..other.clone()
            };
            other == permission
        };
        if permissions.iter().any(is_same) {
            return Err(refused(named, "has this permission already"));
        }
        permissions.push(permission);
        self.overlay.permissions.insert(space, permissions);
        self.audit_space("Space permission added", space);
        Ok(self.of_space(space, [id.to_string()]))
    }

    pub(super) fn revoke(
        &mut self,
        named: &str,
        permission: &str,
    ) -> Result<Changed, MutationError> {
        let space = self.shown_space(named)?;
        let mut permissions = self.permissions_of(space);
        let at = permissions
            .iter()
            .position(|one| one.id.to_string() == permission);
        let at = at.ok_or_else(|| not_found(permission, "a permission of the space"))?;
        permissions.remove(at);
        self.overlay.permissions.insert(space, permissions);
        self.audit_space("Space permission removed", space);
        Ok(self.of_space(space, [permission.to_owned()]))
    }

    pub(super) fn hide_space(
        &mut self,
        named: &str,
        is_hidden: bool,
    ) -> Result<Changed, MutationError> {
        let space = self.any_space(named)?;
        let hidden = &mut self.overlay.hidden_spaces;
        let has_changed = if is_hidden {
            hidden.insert(space)
        } else {
            hidden.remove(&space)
        };
        if !has_changed {
            return Err(refused(
                named,
                if is_hidden {
                    "is hidden already"
                } else {
                    "is not hidden"
                },
            ));
        }
        Ok(self.of_space(space, []))
    }

    fn audit(
        &mut self,
        summary: &'static str,
        category: &'static str,
        kind: &'static str,
        affected: String,
    ) {
        let event = AuditEvent {
            at: self.overlay.now(),
            by: self.actor(),
            summary,
            category,
            kind,
            affected,
        };
        self.overlay.audit.push(event);
    }

    fn audit_space(&mut self, summary: &'static str, space: u64) {
        let name = self.space(space).map(|space| space.name.clone());
        self.audit(summary, "Permissions", "Space", name.unwrap_or_default());
    }

    fn of_space(&self, space: u64, others: impl IntoIterator<Item = String>) -> Changed {
        let id = self.space(space).map_or(0, |space| space.id);
        Changed {
            ids: [id.to_string()].into_iter().chain(others).collect(),
            versioned: None,
        }
    }

    pub(super) fn set_member(
        &mut self,
        group: &str,
        user: &str,
        is_wanted: bool,
    ) -> Result<Changed, MutationError> {
        let (index, account) = (self.group(group)?, self.account(user)?);
        let mut members = self.group_members(index);
        match (members.contains(&account), is_wanted) {
            (true, true) => return Err(refused(user, "is a member already")),
            (false, false) => return Err(refused(user, "is not a member")),
            (false, true) => members.push(account),
            (true, false) => members.retain(|other| *other != account),
        }
        members.sort_unstable();
        self.overlay.members.insert(index, members);
        let summary = if is_wanted {
            "User added to group"
        } else {
            "User removed from group"
        };
        let name = self.group_name(index);
        self.audit(summary, "Users and groups", "Group", name);
        Ok(Changed {
            ids: vec![group.to_owned(), user.to_owned()],
            versioned: None,
        })
    }

    pub(super) fn rename_user(&mut self, user: &str, name: &str) -> Result<Changed, MutationError> {
        let at = self.account(user)?;
        if let Some(account) = self.accounts.get_mut(at as usize) {
            name.clone_into(&mut account.name);
        }
        Ok(Changed {
            ids: vec![user.to_owned()],
            versioned: None,
        })
    }
}
