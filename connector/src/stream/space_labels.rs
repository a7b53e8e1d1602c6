use super::{
    fields::{label, parent},
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::Shape;

pub(super) const SPACE_LABELS: Stream = Stream {
    name: "space_labels",
    documentation: "Labels of spaces: `GET /wiki/api/v2/spaces/{id}/labels`.",
    shape: Shape {
        fields: &[parent::SPACE_ID, label::ID, label::NAME, label::PREFIX],
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
