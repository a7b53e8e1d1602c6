use super::{
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const PAGE_VERSIONS: Stream = Stream {
    name: "page_versions",
    documentation: "Versions of pages: `GET /wiki/api/v2/pages/{id}/versions`. Numbers are places in a set, not identities: replace the set of each parent.",
    shape: Shape {
        fields: &[
            Field::new("page_id", "^", Kind::Text, "Id of the page."),
            Field::new(
                "number",
                "number",
                Kind::Integer,
                "Number of the version. Deleting a version renumbers those after it.",
            ),
            Field::new(
                "message",
                "message",
                Kind::Text,
                "Comment of its author. Often empty.",
            ),
            Field::new(
                "minor_edit",
                "minorEdit",
                Kind::Boolean,
                "Whether watchers were not notified.",
            ),
            Field::new(
                "author_id",
                "authorId",
                Kind::Text,
                "Account that wrote it.",
            ),
            Field::new(
                "created_at",
                "createdAt",
                Kind::Instant,
                "When it was written.",
            ),
            Field::new(
                "title",
                "page.title",
                Kind::Text,
                "Title in this version, if Confluence sends it.",
            ),
        ],
        key: &["page_id", "number"],
        identity: "number",
        parent: &["page_id"],
        container: "",
        status: "",
        others: &[],
    },
    parents: &["pages"],
    passes: &[Pass::Versions],
    scopes: &[&["read:page:confluence"]],
    points: 1,
    default: false,
    settings: &[],
    reads: &[Read {
        passes: &[Pass::Versions],
        doing: "list versions",
        scope: "read:page:confluence",
        path: "/api/v2/pages/{parent}/versions",
        parts: Parts::Parents,
        ..Read::NEW
    }],
    route: None,
};
