use super::{Face, Parts, Row};
use crate::json::{Broken, Fields, Value};

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
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "id" => self.id = value.text()?.unwrap_or_default(),
            "name" => value.text_into(&mut self.name)?,
            "prefix" => value.text_into(&mut self.prefix)?,
            _ => {}
        }
        Ok(())
    }
}

impl Row for Label {
    fn parts(&mut self) -> Parts<'_> {
        Parts {
            face: Face {
                id: &self.id,
                name: self.name.as_deref(),
                ..Face::default()
            },
            ..Parts::of(&self.id, &mut self.raw)
        }
    }
}
