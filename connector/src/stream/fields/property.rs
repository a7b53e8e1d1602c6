//! A property.

use crate::columns::{Field, Kind};

pub(in crate::stream) const ID: Field = Field::new("id", "id", Kind::Text, "Id of the property.");

pub(in crate::stream) const KEY: Field = Field::new("key", "key", Kind::Text, "Key.");

pub(in crate::stream) const VALUE: Field = Field::new("value", "value", Kind::Json, "Value.");
