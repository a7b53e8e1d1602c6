use super::{
    fields::{parent, past_version},
    request::Pass,
    search::{EXPAND_VERSIONS, SURVEY_OF_VERSIONS},
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const ATTACHMENT_VERSIONS: Stream = Stream {
    name: "attachment_versions",
    documentation: "Versions of attachments: `GET /wiki/api/v2/attachments/{id}/versions`. Deleting a version renumbers those after it: replace the versions of each parent as a set. The pass `survey` finds versions of attachments that have one or two, in the search index: `GET /wiki/rest/api/content/search?expand=history.previousVersion`.",
    shape: Shape {
        fields: &[
            parent::ATTACHMENT_ID,
            past_version::NUMBER,
            past_version::MESSAGE,
            past_version::MINOR_EDIT,
            past_version::AUTHOR_ID,
            past_version::CREATED_AT,
            Field::new(
                "title",
                "attachment.title",
                Kind::Text,
                "Title in this version, if Confluence sends it.",
            ),
        ],
        key: &["attachment_id", "number"],
        identity: "number",
        parent: &["attachment_id"],
        container: "",
        status: "",
        others: &[],
    },
    parents: &["attachments"],
    passes: &[Pass::Versions, Pass::Survey],
    scopes: &[&["read:attachment:confluence"]],
    points: 1,
    default: false,
    settings: &[],
    reads: &[
        Read {
            fixed: &[("cql", "type=attachment"), EXPAND_VERSIONS],
            ..SURVEY_OF_VERSIONS
        },
        Read {
            passes: &[Pass::Versions],
            doing: "list versions",
            scope: "read:attachment:confluence",
            path: "/api/v2/attachments/{parent}/versions",
            parts: Parts::Parents,
            ..Read::NEW
        },
    ],
    route: None,
};
