use super::{
    fields::{content, parent, property, version},
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::Shape;

pub(super) const ATTACHMENT_CONTENT_PROPERTIES: Stream = Stream {
    name: "attachment_content_properties",
    documentation: "Content properties of attachments: `GET /wiki/api/v2/attachments/{id}/properties`. Confluence does not report changes: read them again.",
    shape: Shape {
        fields: &[
            parent::ATTACHMENT_ID,
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
        key: &["attachment_id", "id"],
        identity: "id",
        parent: &["attachment_id"],
        container: "",
        status: "",
        others: &[],
    },
    parents: &["attachments"],
    passes: &[Pass::Details],
    scopes: &[&["read:attachment:confluence"]],
    points: 1,
    default: false,
    settings: &[],
    reads: &[Read {
        passes: &[Pass::Details],
        doing: "list content properties",
        scope: "read:attachment:confluence",
        path: "/api/v2/attachments/{parent}/properties",
        parts: Parts::Parents,
        ..Read::NEW
    }],
    route: None,
};
