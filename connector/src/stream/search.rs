//! The rows of `GET /wiki/rest/api/content/search`, whose lists have the rows of streams.

use crate::columns::{Field, Kind, Shape};

/// A piece of content in a search.
pub(super) const CONTENT: Shape = Shape {
    fields: &[
        Field::new("id", "id", Kind::Text, ""),
        Field::new("space_id", "space.id", Kind::Text, ""),
    ],
    key: &["id"],
    identity: "id",
    parent: &[],
    container: "space_id",
    status: "",
    others: &[],
};
