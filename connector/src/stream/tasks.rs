use super::{
    fields::{body, content},
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::columns::{Field, Kind, Shape};

pub(super) const TASKS: Stream = Stream {
    name: "tasks",
    documentation: "Tasks in pages and blog posts: `GET /wiki/api/v2/tasks`. The pass `changes` finds created and completed tasks; a census finds other edits.",
    shape: Shape {
        fields: &[
            content::ID,
            Field::new(
                "local_id",
                "localId",
                Kind::Text,
                "Id within its page or blog post.",
            ),
            content::SPACE_ID,
            Field::new(
                "page_id",
                "pageId",
                Kind::Text,
                "Id of the page that it is in.",
            ),
            Field::new(
                "blog_post_id",
                "blogPostId",
                Kind::Text,
                "Id of the blog post that it is in.",
            ),
            Field::new(
                "status",
                "status",
                Kind::Text,
                "`complete` or `incomplete`. Other values are possible.",
            ),
            content::CREATED_BY,
            Field::new(
                "assigned_to",
                "assignedTo",
                Kind::Text,
                "Id of the account that it is assigned to.",
            ),
            Field::new(
                "completed_by",
                "completedBy",
                Kind::Text,
                "Id of the account that completed it.",
            ),
            content::CREATED_AT,
            Field::new(
                "updated_at",
                "updatedAt",
                Kind::Instant,
                "When it was last updated.",
            ),
            Field::new("due_at", "dueAt", Kind::Instant, "When it is due."),
            Field::new(
                "completed_at",
                "completedAt",
                Kind::Instant,
                "When it was completed.",
            ),
            body::TEXT,
            body::REPRESENTATION,
            body::DEGRADED,
        ],
        key: &["id"],
        identity: "id",
        parent: &["page_id", "blog_post_id"],
        container: "space_id",
        status: "",
        others: &[],
    },
    parents: &[],
    passes: &[Pass::Full, Pass::Changes, Pass::Census, Pass::LookUp],
    scopes: &[&["read:task:confluence"]],
    points: 1,
    default: true,
    settings: &[],
    reads: &[
        Read {
            passes: &[Pass::Full, Pass::Census],
            doing: "list tasks",
            scope: "read:task:confluence",
            path: "/api/v2/tasks",
            space: "space-id",
            body: "body-format",
            ..Read::NEW
        },
        Read {
            passes: &[Pass::Changes],
            doing: "list tasks",
            scope: "read:task:confluence",
            path: "/api/v2/tasks",
            space: "space-id",
            body: "body-format",
            parts: Parts::Since(&["created-at-from", "completed-at-from"]),
            ..Read::NEW
        },
        Read {
            passes: &[Pass::LookUp],
            doing: "list tasks",
            scope: "read:task:confluence",
            path: "/api/v2/tasks",
            space: "",
            body: "body-format",
            parts: Parts::ParentsAtOnce("task-id", 250),
            ..Read::NEW
        },
    ],
    route: None,
};
