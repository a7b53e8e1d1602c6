//! The first layer: who may view a space.

use std::collections::{BTreeMap, BTreeSet};

use sync::{Millis, Stored};

use crate::principal::Principal;
use crate::reason::Reason;

pub(crate) const SPACES: &str = "spaces";
pub(crate) const PERMISSIONS: &str = "space_permissions";
pub(crate) const ROLES: &str = "space_role_assignments";

pub(crate) const PERMISSION_COLUMNS: &[&str] = &[
    "space_id",
    "principal_type",
    "principal_id",
    "operation_key",
    "operation_target_type",
];
pub(crate) const ROLE_COLUMNS: &[&str] = &["space_id", "role_id", "principal_type", "principal_id"];

/// Who may view a space, and when that was read.
#[derive(Debug, Clone)]
pub(crate) struct SpaceLayer {
    pub(crate) principals: BTreeSet<Principal>,
    /// When the oldest part of it was read.
    pub(crate) read_at: Millis,
    /// When the newest part of it was read.
    pub(crate) newest_at: Millis,
    /// Whether roles may view it, so that their assignments are a part of it.
    pub(crate) has_roles: bool,
}

/// The permissions of all spaces.
#[derive(Debug, Default)]
pub(crate) struct Spaces {
    direct: BTreeMap<String, BTreeSet<Principal>>,
    roles: BTreeMap<String, BTreeSet<String>>,
    assigned: BTreeMap<(String, String), BTreeSet<Principal>>,
}

impl Spaces {
    pub(crate) fn of(stored: &Stored) -> Self {
        let mut spaces = Self::default();
        let is = |given: Option<&str>, wanted: &str| {
            given.is_some_and(|given| given.eq_ignore_ascii_case(wanted))
        };
        for row in stored.rows(PERMISSIONS) {
            let may_view = is(row.value(3), "read") && is(row.value(4), "space");
            let (Some(space), Some(kind), Some(id), true) =
                (row.value(0), row.value(1), row.value(2), may_view)
            else {
                continue;
            };
            if kind.eq_ignore_ascii_case("role") {
                let roles = spaces.roles.entry(space.to_owned()).or_default();
                roles.insert(id.to_owned());
            } else {
                let direct = spaces.direct.entry(space.to_owned()).or_default();
                direct.insert(Principal::of(kind, id));
            }
        }
        for row in stored.rows(ROLES) {
            let (Some(space), Some(role), Some(kind), Some(id)) =
                (row.value(0), row.value(1), row.value(2), row.value(3))
            else {
                continue;
            };
            let key = (space.to_owned(), role.to_owned());
            let assigned = spaces.assigned.entry(key).or_default();
            assigned.insert(Principal::of(kind, id));
        }
        spaces
    }

    /// Who may view a space.
    pub(crate) fn layer(&self, stored: &Stored, space: &str) -> Result<SpaceLayer, Reason> {
        let Some(mut read_at) = stored.read_at(PERMISSIONS, space) else {
            return Err(Reason::PermissionsUnread);
        };
        let mut newest_at = read_at;
        let mut principals = self.direct.get(space).cloned().unwrap_or_default();
        let roles = self.roles.get(space);
        if let Some(roles) = roles {
            let Some(at) = stored.read_at(ROLES, space) else {
                return Err(Reason::RolesUnread);
            };
            (read_at, newest_at) = (read_at.min(at), newest_at.max(at));
            for role in roles {
                let assigned = self.assigned.get(&(space.to_owned(), role.clone()));
                principals.extend(assigned.into_iter().flatten().cloned());
            }
        }
        if principals.is_empty() {
            return Err(Reason::PermissionsEmpty);
        }
        Ok(SpaceLayer {
            principals,
            read_at,
            newest_at,
            has_roles: roles.is_some(),
        })
    }
}
