use super::{
    fields::content,
    request::Pass,
    table::{Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const CHILD_PAGES: Stream = Stream {
    name: "child_pages",
    documentation: "The page tree: the parent and position of each page, from `GET /wiki/api/v2/pages`. The columns `parent_id` and `position` of `pages` have the same.",
    shape: Shape {
        fields: &[
            Field::new("parent_id", "parentId", Kind::Text, "Id of the parent."),
            Field::new("child_id", "id", Kind::Text, "Id of the page."),
            content::PARENT_TYPE,
            content::POSITION,
            Field::new(
                "space_id",
                "spaceId",
                Kind::Text,
                "Id of the space that contains it.",
            ),
        ],
        key: &["parent_id", "child_id"],
        identity: "child_id",
        parent: &["parent_id"],
        container: "space_id",
        status: "",
        others: &[],
    },
    parents: &[],
    passes: &[Pass::Full, Pass::Census],
    scopes: &[&["read:page:confluence"]],
    points: 1,
    default: false,
    settings: &[],
    reads: &[Read {
        passes: &[Pass::Full, Pass::Census],
        doing: "list pages",
        scope: "read:page:confluence",
        path: "/api/v2/pages",
        space: "space-id",
        ..Read::NEW
    }],
    route: None,
};
