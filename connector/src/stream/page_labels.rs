use super::{
    fields::{label, parent},
    request::Pass,
    search::LABELS,
    table::{Parts, Read, Stream},
};
use crate::columns::Shape;

pub(super) const PAGE_LABELS: Stream = Stream {
    name: "page_labels",
    documentation: "Labels of pages. Without parents, labels of all current pages, from the search index: `GET /wiki/rest/api/content/search?expand=metadata.labels`. With parents, labels of these: `GET /wiki/api/v2/pages/{id}/labels`.",
    shape: Shape {
        fields: &[parent::PAGE_ID, label::ID, label::NAME, label::PREFIX],
        key: &["page_id", "id"],
        identity: "id",
        parent: &["page_id"],
        container: "",
        status: "",
        others: &[],
    },
    parents: &["pages"],
    passes: &[Pass::Details],
    scopes: &[&[
        "read:content-details:confluence",
        "search:confluence",
        "read:page:confluence",
    ]],
    points: 1,
    default: true,
    settings: &[],
    reads: &[
        Read {
            passes: &[Pass::Details],
            doing: "list labels",
            scope: "read:content-details:confluence",
            path: "/rest/api/content/search",
            fixed: &[("cql", "type=page"), ("expand", "metadata.labels,space")],
            nested: Some(&LABELS),
            ..Read::NEW
        },
        Read {
            passes: &[Pass::Details],
            doing: "list labels",
            scope: "read:page:confluence",
            path: "/api/v2/pages/{parent}/labels",
            parts: Parts::Parents,
            ..Read::NEW
        },
    ],
    route: None,
};
