use serde::de::MapAccess;

use super::{Face, Row};
use crate::lenient::{self, Fields};

/// A label. `GET /wiki/api/v2/labels`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Label {
    /// Numeric id.
    pub id: String,
    /// The word itself.
    pub name: Option<String>,
    /// `global`, `my`, `team`, `system`. Open.
    pub prefix: Option<String>,
    /// The upstream JSON, when it was asked for.
    pub raw: Option<String>,
}

impl Fields for Label {
    fn read<'de, M: MapAccess<'de>>(
        &mut self,
        name: &str,
        map: &mut M,
        _wanted: &str,
    ) -> Result<(), M::Error> {
        match name {
            "id" => self.id = lenient::text(map)?.unwrap_or_default(),
            "name" => self.name = lenient::text(map)?,
            "prefix" => self.prefix = lenient::text(map)?,
            _ => lenient::skip(map)?,
        }
        Ok(())
    }
}

impl Row for Label {
    fn face(&self) -> Face<'_> {
        Face {
            id: &self.id,
            ..Face::default()
        }
    }

    fn raw(&mut self) -> &mut Option<String> {
        &mut self.raw
    }

    fn web_url(&mut self) -> Option<&mut Option<String>> {
        None
    }
}
