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
    documentation: "Records of the audit log: `GET /wiki/rest/api/audit`, for administrators, on plans that have one. Records have no id.",
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
                "Id of the account that did it. Null for the system and for anonymous visitors.",
            ),
            Field::new(
                "author_name",
                "author.displayName|author.publicName",
                Kind::Text,
                "Name shown to people.",
            ),
            Field::new(
                "remote_address",
                "remoteAddress",
                Kind::Text,
                "IP address of the client.",
            ),
            Field::new("summary", "summary", Kind::Text, "What was done."),
            Field::new(
                "description",
                "description",
                Kind::Text,
                "Description. Often empty.",
            ),
            Field::new(
                "category",
                "category",
                Kind::Text,
                "Category. Other values are possible.",
            ),
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
                "Whether it used the rights of a super administrator.",
            ),
            Field::new(
                "affected_object",
                "affectedObject",
                Kind::Json,
                "Object that it concerns.",
            ),
            Field::new(
                "changed_values",
                "changedValues",
                Kind::Json,
                "Changed values, before and after.",
            ),
            Field::new(
                "associated_objects",
                "associatedObjects",
                Kind::Json,
                "Other objects that it concerns.",
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
