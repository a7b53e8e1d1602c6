//! The body of content.

use crate::columns::{Field, Kind};

pub(in crate::stream) const TEXT: Field =
    Field::new("body", "body", Kind::Body, "Body in the requested format.");

pub(in crate::stream) const REPRESENTATION: Field = Field::new(
    "body__representation",
    "body",
    Kind::Representation,
    "Format that the body has: the requested one, unless Confluence or the renderer returned another.",
);

pub(in crate::stream) const DEGRADED: Field = Field::new(
    "body__degraded",
    "body",
    Kind::Degraded,
    "What `text` or `markdown` show otherwise than Confluence. Null: nothing.",
);
