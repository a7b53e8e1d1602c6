use super::{
    request::Pass,
    table::{Read, Stream},
};
use crate::{
    columns::{Field, Kind, Shape},
    query::call::Paging,
};

pub(super) const AUDIT_RECORDS: Stream = Stream {
    name: "audit_records",
    documentation: "Records of the audit log: `GET /wiki/rest/api/audit`, for administrators of sites that have one. Records have no id.",
    shape: Shape {
        fields: &[
            Field::new(
                "id",
                "*",
                Kind::Text,
                "32 hexadecimal digits, of all of its fields.",
            ),
            Field::new(
                "created_at",
                "creationDate",
                Kind::Instant,
                "When it happened.",
            ),
            Field::new(
                "author_id",
                "author.accountId",
                Kind::Text,
                "Account that did it. Null for the system and for anonymous visitors.",
            ),
            Field::new(
                "author_name",
                "author.displayName|author.publicName",
                Kind::Text,
                "Name that people see.",
            ),
            Field::new(
                "remote_address",
                "remoteAddress",
                Kind::Text,
                "Address that it was done from.",
            ),
            Field::new("summary", "summary", Kind::Text, "What was done."),
            Field::new(
                "description",
                "description",
                Kind::Text,
                "More about it. Often empty.",
            ),
            Field::new("category", "category", Kind::Text, "Category. Open."),
            Field::new(
                "sys_admin",
                "sysAdmin",
                Kind::Boolean,
                "Whether a system administrator did it.",
            ),
            Field::new(
                "super_admin",
                "superAdmin",
                Kind::Boolean,
                "Whether it was done by use of the super administrator's rights.",
            ),
            Field::new(
                "affected_object",
                "affectedObject",
                Kind::Json,
                "What it was done to.",
            ),
            Field::new(
                "changed_values",
                "changedValues",
                Kind::Json,
                "What was changed, and how.",
            ),
            Field::new(
                "associated_objects",
                "associatedObjects",
                Kind::Json,
                "What else it concerns.",
            ),
        ],
        key: &["id"],
        identity: "id",
        parent: &[],
        container: "",
        status: "",
        others: &[],
    },
    parents: &[],
    passes: &[Pass::Full],
    scopes: &[&["read:audit-log:confluence"]],
    points: 1,
    default: false,
    settings: &[],
    reads: &[Read {
        passes: &[Pass::Full],
        doing: "list audit records",
        scope: "read:audit-log:confluence",
        path: "/rest/api/audit",
        paging: Paging::Offset,
        unsupported: &[403, 404],
        ..Read::NEW
    }],
    route: None,
};
