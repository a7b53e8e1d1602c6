use super::{
    fields::parent,
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const SPACE_ROLE_ASSIGNMENTS: Stream = Stream {
    name: "space_role_assignments",
    documentation: "Role assignments of spaces, on sites that have roles: `GET /wiki/api/v2/spaces/{id}/role-assignments`.",
    shape: Shape {
        fields: &[
            parent::SPACE_ID,
            Field::new("role_id", "roleId", Kind::Text, "Role."),
            Field::new(
                "principal_type",
                "principal.principalType",
                Kind::Text,
                "`USER`, `GROUP`, `ACCESS_CLASS`. Other values are possible.",
            ),
            Field::new(
                "principal_id",
                "principal.principalId",
                Kind::Text,
                "Id of the account, group or role that has it.",
            ),
        ],
        key: &["space_id", "role_id", "principal_id"],
        identity: "*",
        parent: &["space_id"],
        container: "space_id",
        status: "",
        others: &[],
    },
    parents: &["spaces"],
    passes: &[Pass::Access],
    scopes: &[&["read:space.permission:confluence"]],
    points: 2,
    default: true,
    settings: &[],
    reads: &[Read {
        passes: &[Pass::Access],
        doing: "list the role assignments of a space",
        scope: "read:space.permission:confluence",
        path: "/api/v2/spaces/{parent}/role-assignments",
        parts: Parts::Parents,
        unsupported: &[400, 403, 404, 501],
        ..Read::NEW
    }],
    route: None,
};
