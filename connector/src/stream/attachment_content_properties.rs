use super::{
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const ATTACHMENT_CONTENT_PROPERTIES: Stream = Stream {
    name: "attachment_content_properties",
    documentation: "Content properties of attachments: `GET /wiki/api/v2/attachments/{id}/properties`. Nothing tells that one has changed.",
    shape: Shape {
        fields: &[
            Field::new("attachment_id", "^", Kind::Text, "Id of the attachment."),
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
                "Number of the current version. Deleting a version renumbers those after it.",
            ),
            Field::new(
                "version__message",
                "version.message",
                Kind::Text,
                "Comment of the version's author. Often empty.",
            ),
            Field::new(
                "version__minor_edit",
                "version.minorEdit",
                Kind::Boolean,
                "Whether watchers were not notified.",
            ),
            Field::new(
                "version__author_id",
                "version.authorId|version.createdBy",
                Kind::Text,
                "Account that wrote the version.",
            ),
            Field::new(
                "version__created_at",
                "version.createdAt",
                Kind::Instant,
                "When the version was written: the time of the last change.",
            ),
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
