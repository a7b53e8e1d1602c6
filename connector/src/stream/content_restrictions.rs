use super::{
    request::Pass,
    search::CONTENT,
    table::{Parts, Read, Stream},
};
use crate::columns::{Complete, Field, Kind, Nested, Shape};

/// Restrictions in the rows of a search.
const RESTRICTIONS: Nested = Nested {
    outer: CONTENT,
    lists: &[
        (
            "restrictions.read.restrictions.user.results",
            &[("operation", "read"), ("principal_type", "user")],
        ),
        (
            "restrictions.read.restrictions.group.results",
            &[("operation", "read"), ("principal_type", "group")],
        ),
        (
            "restrictions.update.restrictions.user.results",
            &[("operation", "update"), ("principal_type", "user")],
        ),
        (
            "restrictions.update.restrictions.group.results",
            &[("operation", "update"), ("principal_type", "group")],
        ),
    ],
    complete: Complete::Short,
};

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
    documentation: "Restrictions of pages and blog posts, from the search index: `GET /wiki/rest/api/content/search?expand=restrictions…`. With parents, those of these pages and blog posts. Content without a row has no restrictions of its own.",
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
    passes: &[Pass::Access],
    scopes: &[&["read:content-details:confluence", "search:confluence"]],
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
    ],
    route: None,
};
