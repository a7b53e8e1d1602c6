use super::{
    fields::{parent, past_version},
    request::Pass,
    search::{EXPAND_VERSIONS, SURVEY_OF_VERSIONS},
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const PAGE_VERSIONS: Stream = Stream {
    name: "page_versions",
    documentation: "Versions of pages: `GET /wiki/api/v2/pages/{id}/versions`. Deleting a version renumbers those after it: replace the versions of each parent as a set. The pass `survey` finds versions of pages that have one or two, in the search index: `GET /wiki/rest/api/content/search?expand=history.previousVersion`.",
    shape: Shape {
        fields: &[
            parent::PAGE_ID,
            past_version::NUMBER,
            past_version::MESSAGE,
            past_version::MINOR_EDIT,
            past_version::AUTHOR_ID,
            past_version::CREATED_AT,
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
    passes: &[Pass::Versions, Pass::Survey],
    scopes: &[&["read:page:confluence"]],
    points: 1,
    default: false,
    settings: &[],
    reads: &[
        Read {
            fixed: &[("cql", "type=page"), EXPAND_VERSIONS],
            ..SURVEY_OF_VERSIONS
        },
        Read {
            passes: &[Pass::Versions],
            doing: "list versions",
            scope: "read:page:confluence",
            path: "/api/v2/pages/{parent}/versions",
            parts: Parts::Parents,
            ..Read::NEW
        },
    ],
    route: None,
};
