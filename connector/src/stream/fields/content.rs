//! What most content has.

use crate::columns::{Field, Kind};

pub(in crate::stream) const ID: Field = Field::new("id", "id", Kind::Text, "Numeric id.");

pub(in crate::stream) const TITLE: Field = Field::new("title", "title", Kind::Text, "Title.");

pub(in crate::stream) const SPACE_ID: Field = Field::new(
    "space_id",
    "spaceId",
    Kind::Text,
    "Id of the space that contains it.",
);

pub(in crate::stream) const AUTHOR_ID: Field = Field::new(
    "author_id",
    "authorId",
    Kind::Text,
    "Id of the account that created it.",
);

pub(in crate::stream) const OWNER_ID: Field = Field::new(
    "owner_id",
    "ownerId",
    Kind::Text,
    "Id of the account that owns it.",
);

pub(in crate::stream) const CREATED_AT: Field = Field::new(
    "created_at",
    "createdAt",
    Kind::Instant,
    "When it was created.",
);

pub(in crate::stream) const CREATED_BY: Field = Field::new(
    "created_by",
    "createdBy",
    Kind::Text,
    "Id of the account that created it.",
);

pub(in crate::stream) const POSITION: Field = Field::new(
    "position",
    "position",
    Kind::Integer,
    "Position among its siblings.",
);

pub(in crate::stream) const PARENT_TYPE: Field = Field::new(
    "parent_type",
    "parentType",
    Kind::Text,
    "Type of the parent. Other values are possible.",
);

pub(in crate::stream) const NAME: Field = Field::new("name", "name", Kind::Text, "Name.");

pub(in crate::stream) const STATUS: Field = Field::new(
    "status",
    "status",
    Kind::Text,
    "`current`, `archived`, `trashed`. Other values are possible.",
);
