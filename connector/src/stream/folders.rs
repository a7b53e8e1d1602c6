use super::{
    fields::{content, version},
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const FOLDERS: Stream = Stream {
    name: "folders",
    documentation: "Folders: `GET /wiki/api/v2/folders/{id}`. Their ids are in `parent_id` of pages whose `parent_type` is `folder`.",
    shape: Shape {
        fields: &[
            content::ID,
            content::STATUS,
            content::TITLE,
            content::SPACE_ID,
            Field::new("parent_id", "parentId", Kind::Text, "Id of its parent."),
            content::PARENT_TYPE,
            content::POSITION,
            content::AUTHOR_ID,
            content::OWNER_ID,
            content::CREATED_AT,
            version::NUMBER,
            version::MESSAGE,
            version::MINOR_EDIT,
            version::AUTHOR_ID,
            version::CREATED_AT,
            Field::new(
                "web_url",
                "_links.webui",
                Kind::Link,
                "URL of the folder in the browser.",
            ),
        ],
        key: &["id"],
        identity: "id",
        parent: &["parent_id"],
        container: "space_id",
        status: "status",
        others: &[],
    },
    parents: &["pages", "folders"],
    passes: &[Pass::Details, Pass::LookUp],
    scopes: &[&["read:folder:confluence"]],
    points: 1,
    default: false,
    settings: &[],
    reads: &[Read {
        passes: &[Pass::Details, Pass::LookUp],
        doing: "get folders",
        scope: "read:folder:confluence",
        path: "/api/v2/folders/{parent}",
        single: true,
        parts: Parts::Parents,
        ..Read::NEW
    }],
    route: None,
};
