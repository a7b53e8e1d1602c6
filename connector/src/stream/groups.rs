use super::{
    fields::content,
    request::Pass,
    table::{Read, Stream},
};
use crate::{
    columns::{Field, Kind, Shape},
    query::call::Paging,
};

pub(super) const GROUPS: Stream = Stream {
    name: "groups",
    documentation: "Groups: `GET /wiki/rest/api/group`.",
    shape: Shape {
        fields: &[
            Field::new("id", "id", Kind::Text, "Id, a UUID."),
            content::NAME,
            Field::new(
                "usage_type",
                "usageType",
                Kind::Text,
                "What it is for. Other values are possible.",
            ),
            Field::new(
                "managed_by",
                "managedBy",
                Kind::Text,
                "Who manages it: `ADMINS`, `EXTERNAL`, … Other values are possible.",
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
    passes: &[Pass::Full, Pass::Census],
    scopes: &[&["read:group:confluence", "read:confluence-groups"]],
    points: 2,
    default: true,
    settings: &[],
    reads: &[Read {
        passes: &[Pass::Full, Pass::Census],
        doing: "list groups",
        scope: "read:confluence-groups",
        path: "/rest/api/group",
        paging: Paging::Offset,
        ..Read::NEW
    }],
    route: None,
};
