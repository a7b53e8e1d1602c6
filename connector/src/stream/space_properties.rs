use super::{
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const SPACE_PROPERTIES: Stream = Stream {
    name: "space_properties",
    documentation: "Properties of spaces: `GET /wiki/api/v2/spaces/{id}/properties`.",
    shape: Shape {
        fields: &[
            Field::new("space_id", "^", Kind::Text, "Id of the space."),
            Field::new("id", "id", Kind::Text, "Id of the property."),
            Field::new("key", "key", Kind::Text, "Key."),
            Field::new("value", "value", Kind::Json, "Value."),
            Field::new(
                "created_at",
                "createdAt",
                Kind::Instant,
                "When it was created.",
            ),
            Field::new(
                "created_by",
                "createdBy",
                Kind::Text,
                "Account that created it.",
            ),
            Field::new(
                "version__number",
                "version.number",
                Kind::Integer,
                "Number of its version.",
            ),
            Field::new(
                "version__message",
                "version.message",
                Kind::Text,
                "Comment of the version's author.",
            ),
            Field::new(
                "version__author_id",
                "version.createdBy|version.authorId",
                Kind::Text,
                "Account that wrote the version.",
            ),
            Field::new(
                "version__created_at",
                "version.createdAt",
                Kind::Instant,
                "When the version was written.",
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
    default: false,
    settings: &[],
    reads: &[Read {
        passes: &[Pass::Details],
        doing: "list the properties of a space",
        scope: "read:space:confluence",
        path: "/api/v2/spaces/{parent}/properties",
        parts: Parts::Parents,
        ..Read::NEW
    }],
    route: None,
};
