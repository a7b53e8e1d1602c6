//! The current version of content.

use crate::columns::{Field, Kind};

pub(in crate::stream) const NUMBER: Field = Field::new(
    "version__number",
    "version.number",
    Kind::Integer,
    "Number of the current version. Deleting a version renumbers those after it.",
);

pub(in crate::stream) const MESSAGE: Field = Field::new(
    "version__message",
    "version.message",
    Kind::Text,
    "Version comment. Often empty.",
);

pub(in crate::stream) const MINOR_EDIT: Field = Field::new(
    "version__minor_edit",
    "version.minorEdit",
    Kind::Boolean,
    "Whether watchers were not notified.",
);

pub(in crate::stream) const AUTHOR_ID: Field = Field::new(
    "version__author_id",
    "version.authorId|version.createdBy",
    Kind::Text,
    "Id of the account that wrote the version.",
);

pub(in crate::stream) const CREATED_AT: Field = Field::new(
    "version__created_at",
    "version.createdAt",
    Kind::Instant,
    "When the version was written: the time of the last change.",
);
