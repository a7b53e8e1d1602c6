use super::{
    fields::{content, parent, property},
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const SPACE_PROPERTIES: Stream = Stream {
    name: "space_properties",
    documentation: "Properties of spaces: `GET /wiki/api/v2/spaces/{id}/properties`.",
    shape: Shape {
        fields: &[
            parent::SPACE_ID,
            property::ID,
            property::KEY,
            property::VALUE,
            content::CREATED_AT,
            content::CREATED_BY,
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
                "Version comment.",
            ),
            Field::new(
                "version__author_id",
                "version.createdBy|version.authorId",
                Kind::Text,
                "Id of the account that wrote the version.",
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
