use super::{
    fields::{content, parent, property, version},
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::Shape;

pub(super) const PAGE_CONTENT_PROPERTIES: Stream = Stream {
    name: "page_content_properties",
    documentation: "Content properties of pages: `GET /wiki/api/v2/pages/{id}/properties`. Confluence does not report changes: read them again.",
    shape: Shape {
        fields: &[
            parent::PAGE_ID,
            property::ID,
            property::KEY,
            property::VALUE,
            content::CREATED_AT,
            content::CREATED_BY,
            version::NUMBER,
            version::MESSAGE,
            version::MINOR_EDIT,
            version::AUTHOR_ID,
            version::CREATED_AT,
        ],
        key: &["page_id", "id"],
        identity: "id",
        parent: &["page_id"],
        container: "",
        status: "",
        others: &[],
    },
    parents: &["pages"],
    passes: &[Pass::Details],
    scopes: &[&["read:page:confluence"]],
    points: 1,
    default: false,
    settings: &[],
    reads: &[Read {
        passes: &[Pass::Details],
        doing: "list content properties",
        scope: "read:page:confluence",
        path: "/api/v2/pages/{parent}/properties",
        parts: Parts::Parents,
        ..Read::NEW
    }],
    route: None,
};
