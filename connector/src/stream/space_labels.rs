use super::{
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const SPACE_LABELS: Stream = Stream {
    name: "space_labels",
    documentation: "Labels of spaces: `GET /wiki/api/v2/spaces/{id}/labels`.",
    shape: Shape {
        fields: &[
            Field::new("space_id", "^", Kind::Text, "Id of the space."),
            Field::new("id", "id", Kind::Text, "Id of the label."),
            Field::new("name", "name", Kind::Text, "Name, in lower case."),
            Field::new(
                "prefix",
                "prefix",
                Kind::Text,
                "`global`, `my`, `team`. Open.",
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
    passes: &[Pass::Details],
    scopes: &[&["read:space:confluence"]],
    points: 1,
    default: true,
    settings: &[],
    reads: &[Read {
        passes: &[Pass::Details],
        doing: "list the labels of a space",
        scope: "read:space:confluence",
        path: "/api/v2/spaces/{parent}/labels",
        parts: Parts::Parents,
        ..Read::NEW
    }],
    route: None,
};
