use super::{
    fields::content,
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const SPACES: Stream = Stream {
    name: "spaces",
    documentation: "Spaces, current and archived: `GET /wiki/api/v2/spaces`.",
    shape: Shape {
        fields: &[
            content::ID,
            Field::new(
                "key",
                "key",
                Kind::Text,
                "Key, such as `ENG`. It can change; the id does not.",
            ),
            content::NAME,
            Field::new(
                "type",
                "type",
                Kind::Text,
                "`global`, `personal`, `collaboration`, `knowledge_base`, `system`. Other values are possible.",
            ),
            Field::new("status", "status", Kind::Text, "`current` or `archived`."),
            content::AUTHOR_ID,
            Field::new(
                "owner_id",
                "spaceOwnerId",
                Kind::Text,
                "Id of the account that owns it.",
            ),
            content::CREATED_AT,
            Field::new(
                "homepage_id",
                "homepageId",
                Kind::Text,
                "Id of its home page.",
            ),
            Field::new(
                "alias",
                "currentActiveAlias",
                Kind::Text,
                "Alias of the key in URLs.",
            ),
            Field::new(
                "description",
                "description.plain.value",
                Kind::Text,
                "Description as plain text.",
            ),
            Field::new(
                "web_url",
                "_links.webui",
                Kind::Link,
                "URL of the space in the browser.",
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
    passes: &[Pass::Full, Pass::Census, Pass::LookUp],
    scopes: &[&["read:space:confluence"]],
    points: 1,
    default: true,
    settings: &[],
    reads: &[
        Read {
            passes: &[Pass::Full, Pass::Census],
            doing: "list spaces",
            scope: "read:space:confluence",
            path: "/api/v2/spaces",
            fixed: &[("description-format", "plain")],
            ..Read::NEW
        },
        Read {
            passes: &[Pass::LookUp],
            doing: "get spaces",
            scope: "read:space:confluence",
            path: "/api/v2/spaces",
            fixed: &[("description-format", "plain")],
            parts: Parts::ParentsAtOnce("ids", 250),
            ..Read::NEW
        },
    ],
    route: None,
};
