//! A label.

use crate::columns::{Field, Kind};

pub(in crate::stream) const ID: Field = Field::new("id", "id", Kind::Text, "Id of the label.");

pub(in crate::stream) const NAME: Field =
    Field::new("name", "name", Kind::Text, "Name, in lower case.");

pub(in crate::stream) const PREFIX: Field = Field::new(
    "prefix",
    "prefix",
    Kind::Text,
    "`global`, `my`, `team`. Other values are possible.",
);
