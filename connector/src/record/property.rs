use super::{Parts, Row, Version, content};
use crate::json::{Broken, Fields, Value};

/// Something that an app keeps with content or a space, under a key.
/// `GET /wiki/api/v2/pages/{id}/properties`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContentProperty {
    /// Numeric id.
    pub id: String,
    /// The key, such as `editor`.
    pub key: Option<String>,
    /// The value, as a JSON text.
    pub value: Option<String>,
    /// When it was created, ISO 8601 in UTC. Of spaces.
    pub created_at: Option<String>,
    /// The account that created it. Of spaces.
    pub created_by: Option<String>,
    /// The current version.
    pub version: Option<Version>,
    /// The upstream JSON, when it was asked for.
    pub raw: Option<String>,
}

impl Fields for ContentProperty {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "id" => self.id = value.text()?.unwrap_or_default(),
            "key" => value.text_into(&mut self.key)?,
            "value" => self.value = Some(value.json()?),
            "createdAt" => value.time_into(&mut self.created_at)?,
            "createdBy" => value.text_into(&mut self.created_by)?,
            "version" => self.version = content::version(value)?,
            _ => {}
        }
        Ok(())
    }
}

impl Row for ContentProperty {
    fn parts(&mut self) -> Parts<'_> {
        Parts::of(&self.id, &mut self.raw)
    }
}
