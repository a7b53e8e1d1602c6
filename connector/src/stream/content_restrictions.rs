use super::{
    request::Pass,
    table::{Parts, Read, ReadOn, Stream},
};
use crate::columns::{Complete, Field, Kind, Nested, Shape};

/// How many users and groups a row names, and how many it would at most: less than it names are not all.
const COUNTS: [(&str, &str); 4] = [
    ("read_users", "read_users_limit"),
    ("read_groups", "read_groups_limit"),
    ("update_users", "update_users_limit"),
    ("update_groups", "update_groups_limit"),
];

const COUNT_NAMES: &[&str] = &[
    "read_users",
    "read_users_limit",
    "read_groups",
    "read_groups_limit",
    "update_users",
    "update_users_limit",
    "update_groups",
    "update_groups_limit",
];

macro_rules! restrictions {
    ($prefix:literal, [$($own:expr),*], $identity:literal, $container:literal) => {
        Nested {
            outer: Shape {
                fields: &[
                    $($own,)*
                    Field::new("read_users", concat!($prefix, "read.restrictions.user.size"), Kind::Integer, ""),
                    Field::new("read_users_limit", concat!($prefix, "read.restrictions.user.limit"), Kind::Integer, ""),
                    Field::new("read_groups", concat!($prefix, "read.restrictions.group.size"), Kind::Integer, ""),
                    Field::new("read_groups_limit", concat!($prefix, "read.restrictions.group.limit"), Kind::Integer, ""),
                    Field::new("update_users", concat!($prefix, "update.restrictions.user.size"), Kind::Integer, ""),
                    Field::new("update_users_limit", concat!($prefix, "update.restrictions.user.limit"), Kind::Integer, ""),
                    Field::new("update_groups", concat!($prefix, "update.restrictions.group.size"), Kind::Integer, ""),
                    Field::new("update_groups_limit", concat!($prefix, "update.restrictions.group.limit"), Kind::Integer, ""),
                ],
                key: &[$identity],
                identity: $identity,
                parent: &[],
                container: $container,
                status: "",
                others: COUNT_NAMES,
            },
            lists: &[
                (
                    concat!($prefix, "read.restrictions.user.results"),
                    &[("operation", "read"), ("principal_type", "user")],
                ),
                (
                    concat!($prefix, "read.restrictions.group.results"),
                    &[("operation", "read"), ("principal_type", "group")],
                ),
                (
                    concat!($prefix, "update.restrictions.user.results"),
                    &[("operation", "update"), ("principal_type", "user")],
                ),
                (
                    concat!($prefix, "update.restrictions.group.results"),
                    &[("operation", "update"), ("principal_type", "group")],
                ),
            ],
            counts: &COUNTS,
            complete: Complete::Counted,
        }
    };
}

/// Restrictions in the rows of a search.
const RESTRICTIONS: Nested = restrictions!(
    "restrictions.",
    [
        Field::new("id", "id", Kind::Text, ""),
        Field::new("space_id", "space.id", Kind::Text, "")
    ],
    "id",
    "space_id"
);

/// Restrictions of one piece of content. The response names the operations, and not the content.
const OF_CONTENT: Nested = restrictions!(
    "",
    [Field::new("read", "read.operation", Kind::Text, "")],
    "read",
    ""
);

const CONTENT_TYPES: &str = "type in (page, blogpost)";

const EXPAND: (&str, &str) = (
    "expand",
    "space,restrictions.read.restrictions.user,restrictions.read.restrictions.group,restrictions.update.restrictions.user,restrictions.update.restrictions.group",
);

const READ: Read = Read {
    passes: &[Pass::Access],
    doing: "list restrictions",
    scope: "read:content-details:confluence",
    path: "/rest/api/content/search",
    nested: Some(&RESTRICTIONS),
    ..Read::NEW
};

pub(super) const CONTENT_RESTRICTIONS: Stream = Stream {
    name: "content_restrictions",
    documentation: "Restrictions of pages and blog posts, from the search index: `GET /wiki/rest/api/content/search?expand=restrictions…`. With parents, those of these pages and blog posts. The index omits some; the pass `details` reads them one by one, those of folders, too: `GET /wiki/rest/api/content/{id}/restriction/byOperation`, and `/read` or `/update` below it for the users and groups that one response does not name. Content without a row has no restrictions of its own if `read-parents` had it.",
    shape: Shape {
        fields: &[
            Field::new(
                "content_id",
                "^",
                Kind::Text,
                "Id of the page or blog post.",
            ),
            Field::new("operation", "", Kind::Text, "`read` or `update`."),
            Field::new("principal_type", "", Kind::Text, "`user` or `group`."),
            Field::new(
                "principal_id",
                "accountId|id",
                Kind::Text,
                "Id of the user or group to whom it is permitted.",
            ),
        ],
        key: &["content_id", "operation", "principal_type", "principal_id"],
        identity: "principal_id",
        parent: &["content_id"],
        container: "",
        status: "",
        others: &[],
    },
    parents: &["pages", "blog_posts"],
    passes: &[Pass::Access, Pass::Details],
    scopes: &[
        &["read:content-details:confluence", "search:confluence"],
        &[
            "read:content-details:confluence",
            "read:confluence-content.all",
        ],
    ],
    points: 1,
    default: true,
    settings: &[],
    reads: &[
        Read {
            fixed: &[("cql", CONTENT_TYPES), EXPAND],
            ..READ
        },
        Read {
            fixed: &[EXPAND],
            parts: Parts::ParentsInCql(CONTENT_TYPES, 100),
            ..READ
        },
        Read {
            passes: &[Pass::Details],
            doing: "get the restrictions of content",
            scope: "read:confluence-content.all",
            path: "/rest/api/content/{parent}/restriction/byOperation",
            single: true,
            read_on: &[
                ReadOn {
                    key: "read",
                    around: (r#"{"read":"#, "}"),
                },
                ReadOn {
                    key: "update",
                    around: (r#"{"read":{"operation":"read"},"update":"#, "}"),
                },
            ],
            parts: Parts::Parents,
            nested: Some(&OF_CONTENT),
            ..Read::NEW
        },
    ],
    route: None,
};
