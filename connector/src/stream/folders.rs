use super::{
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const FOLDERS: Stream = Stream {
    name: "folders",
    documentation: "Folders: `GET /wiki/api/v2/folders/{id}`. Their ids are the parents of pages of which `parent_type` is `folder`.",
    shape: Shape {
        fields: &[
            Field::new("id", "id", Kind::Text, "Numeric id."),
            Field::new(
                "status",
                "status",
                Kind::Text,
                "`current`, `archived`, `trashed`. Open.",
            ),
            Field::new("title", "title", Kind::Text, "Title."),
            Field::new(
                "space_id",
                "spaceId",
                Kind::Text,
                "Id of the space that contains it.",
            ),
            Field::new("parent_id", "parentId", Kind::Text, "Id of its parent."),
            Field::new(
                "parent_type",
                "parentType",
                Kind::Text,
                "Type of the parent. Open.",
            ),
            Field::new(
                "position",
                "position",
                Kind::Integer,
                "Position among its siblings.",
            ),
            Field::new(
                "author_id",
                "authorId",
                Kind::Text,
                "Account that created it.",
            ),
            Field::new("owner_id", "ownerId", Kind::Text, "Account that owns it."),
            Field::new(
                "created_at",
                "createdAt",
                Kind::Instant,
                "When it was created.",
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
            Field::new(
                "web_url",
                "_links.webui",
                Kind::Link,
                "Address of the folder for people.",
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
