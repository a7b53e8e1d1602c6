use super::{
    fields::parent,
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const SPACE_PERMISSIONS: Stream = Stream {
    name: "space_permissions",
    documentation: "Permissions of spaces: `GET /wiki/api/v2/spaces/{id}/permissions`.",
    shape: Shape {
        fields: &[
            parent::SPACE_ID,
            Field::new("id", "id", Kind::Text, "Id of the permission."),
            Field::new(
                "principal_type",
                "principal.type",
                Kind::Text,
                "`user`, `group`, `role`. Other values are possible.",
            ),
            Field::new(
                "principal_id",
                "principal.id",
                Kind::Text,
                "Id of the account, group or role that has it.",
            ),
            Field::new(
                "operation_key",
                "operation.key",
                Kind::Text,
                "What is permitted, such as `read`. Other values are possible.",
            ),
            Field::new(
                "operation_target_type",
                "operation.targetType",
                Kind::Text,
                "What it applies to, such as `space`, `page`. Other values are possible.",
            ),
        ],
        key: &["space_id", "id"],
        identity: "id",
        parent: &["space_id"],
        container: "space_id",
        status: "",
        others: &[],
    },
    parents: &["spaces"],
    passes: &[Pass::Access],
    scopes: &[&["read:space:confluence"]],
    points: 2,
    default: true,
    settings: &[],
    reads: &[Read {
        passes: &[Pass::Access],
        doing: "list the permissions of a space",
        scope: "read:space:confluence",
        path: "/api/v2/spaces/{parent}/permissions",
        parts: Parts::Parents,
        ..Read::NEW
    }],
    route: None,
};
