use super::{
    fields::{label, parent},
    request::Pass,
    search::LABELS,
    table::{Parts, Read, Stream},
};
use crate::columns::Shape;

pub(super) const ATTACHMENT_LABELS: Stream = Stream {
    name: "attachment_labels",
    documentation: "Labels of attachments. Without parents, labels of all current attachments, from the search index: `GET /wiki/rest/api/content/search?expand=metadata.labels`. With parents, labels of these: `GET /wiki/api/v2/attachments/{id}/labels`.",
    shape: Shape {
        fields: &[parent::ATTACHMENT_ID, label::ID, label::NAME, label::PREFIX],
        key: &["attachment_id", "id"],
        identity: "id",
        parent: &["attachment_id"],
        container: "",
        status: "",
        others: &[],
    },
    parents: &["attachments"],
    passes: &[Pass::Details],
    scopes: &[&[
        "read:content-details:confluence",
        "search:confluence",
        "read:attachment:confluence",
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
            fixed: &[
                ("cql", "type=attachment"),
                ("expand", "metadata.labels,space"),
            ],
            nested: Some(&LABELS),
            ..Read::NEW
        },
        Read {
            passes: &[Pass::Details],
            doing: "list labels",
            scope: "read:attachment:confluence",
            path: "/api/v2/attachments/{parent}/labels",
            parts: Parts::Parents,
            ..Read::NEW
        },
    ],
    route: None,
};
