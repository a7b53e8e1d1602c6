//! What may be done in a space, and by whom.

use super::Site;
use super::restriction::Restricted;
use crate::random::uuid;

/// What may be permitted in a space.
pub(crate) const SPACE_OPERATIONS: [(&str, &str); 6] = [
    ("read", "space"),
    ("create", "page"),
    ("delete", "page"),
    ("create", "comment"),
    ("export", "space"),
    ("administer", "space"),
];

/// One permission of a space.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpacePermission {
    /// Unique over the site.
    pub id: u64,
    /// `user`, `group`, `role` or `access-class`.
    pub principal_type: &'static str,
    /// An account id, the id of a group or a role, or the name of an access class.
    pub principal_id: String,
    /// Such as `read`.
    pub operation: &'static str,
    /// Such as `space`.
    pub target: &'static str,
}

/// Who has a role in a space.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoleAssignment {
    /// The role.
    pub role_id: String,
    /// `USER`, `GROUP` or `ACCESS_CLASS`.
    pub principal_type: &'static str,
    /// An account id, the id of a group, or the name of an access class.
    pub principal_id: String,
}

impl Site {
    /// The first space has more permissions than one answer carries inside.
    fn generated_permission_count(&self, space: u64) -> u64 {
        match space {
            0 => 72,
            _ => 12 + space % 30,
        }
    }

    /// All permissions of a space.
    pub(crate) fn permissions_of(&self, space: u64) -> Vec<SpacePermission> {
        if let Some(changed) = self.overlay.permissions.get(&space) {
            return changed.clone();
        }
        let numbers = 0..self.generated_permission_count(space);
        numbers.map(|at| self.space_permission(space, at)).collect()
    }

    fn space_permission(&self, space: u64, at: u64) -> SpacePermission {
        let (operation, target) = SPACE_OPERATIONS
            .get((at % 6) as usize)
            .copied()
            .unwrap_or(("read", "space"));
        let (principal_type, principal_id) = match at % 4 {
            0 => ("user", self.account_id(at).to_owned()),
            1 => ("group", self.group_id((space + at) % self.group_count())),
            2 => ("role", uuid(self.seed, 502, at)),
            _ => ("access-class", "ALL_LICENSED_USERS".to_owned()),
        };
        SpacePermission {
            id: space * 1_000 + at + 1,
            principal_type,
            principal_id,
            operation,
            target,
        }
    }

    /// Who has the roles of a space: of each role one user, one group, and everybody with a licence.
    pub(crate) fn role_assignment(&self, space: u64, at: u64) -> RoleAssignment {
        // Each fourth permission, from the third on, is a role's.
        let permission = at / 3 * 4 + 2;
        let (principal_type, principal_id) = match at % 3 {
            0 => ("USER", self.account_id(permission + 1).to_owned()),
            1 => (
                "GROUP",
                self.group_id((space + permission) % self.group_count()),
            ),
            _ => ("ACCESS_CLASS", "all-licensed-users".to_owned()),
        };
        RoleAssignment {
            role_id: self.space_permission(space, permission).principal_id,
            principal_type,
            principal_id,
        }
    }

    pub(crate) fn role_assignment_count(&self, space: u64) -> u64 {
        (self.generated_permission_count(space) + 1) / 4 * 3
    }

    /// Whether an account may view a page or blog post: its space lets it, and so do the restrictions of
    /// the content and of everything above it. All accounts have a licence.
    #[must_use]
    pub fn may_view(&self, content_id: &str, account_id: &str) -> bool {
        let Some(of) = content_id
            .parse()
            .ok()
            .and_then(|id| self.restricted_of_id(id))
        else {
            return false;
        };
        let space = match of {
            Restricted::Node(node) => self.space_of_node(node),
            Restricted::BlogPost(post) => self.space_of_blog_post(post),
        };
        let is = |kind: &str, id: &str| match kind.to_ascii_lowercase().replace('_', "-").as_str() {
            "user" => id == account_id,
            "group" => self
                .group_member_ids(id)
                .iter()
                .any(|one| one == account_id),
            "access-class" => id.to_ascii_lowercase().replace('_', "-") == "all-licensed-users",
            _ => false,
        };
        let has_role = |role: &str| {
            (0..self.role_assignment_count(space))
                .map(|at| self.role_assignment(space, at))
                .any(|one| one.role_id == role && is(one.principal_type, &one.principal_id))
        };
        let permissions = self.permissions_of(space).into_iter();
        let may_view_space = permissions
            .filter(|one| one.operation == "read" && one.target == "space")
            .any(|one| match one.principal_type {
                "role" => has_role(&one.principal_id),
                kind => is(kind, &one.principal_id),
            });
        let readers = self.readers_of(content_id);
        may_view_space && readers.is_none_or(|readers| readers.contains(account_id))
    }

    /// The permissions of a space. None for a space that is not there.
    #[must_use]
    pub fn space_permissions(&self, space_id: &str) -> Vec<SpacePermission> {
        let space = space_id.parse().ok().and_then(|id| self.space_of_id(id));
        space.map_or_else(Vec::new, |space| self.permissions_of(space))
    }
}
