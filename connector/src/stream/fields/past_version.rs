//! A version in the history of content.

use crate::columns::{Field, Kind};

pub(in crate::stream) const NUMBER: Field = Field::new(
    "number",
    "number",
    Kind::Integer,
    "Number of the version. Deleting a version renumbers those after it.",
);

pub(in crate::stream) const MESSAGE: Field = Field::new(
    "message",
    "message",
    Kind::Text,
    "Version comment. Often empty.",
);

pub(in crate::stream) const MINOR_EDIT: Field = Field::new(
    "minor_edit",
    "minorEdit",
    Kind::Boolean,
    "Whether watchers were not notified.",
);

pub(in crate::stream) const AUTHOR_ID: Field = Field::new(
    "author_id",
    "authorId|by.accountId",
    Kind::Text,
    "Id of the account that wrote it.",
);

pub(in crate::stream) const CREATED_AT: Field = Field::new(
    "created_at",
    "createdAt|when",
    Kind::Instant,
    "When it was written.",
);
