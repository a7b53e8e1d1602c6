use super::{Body, Face, Parts, Row, content};
use crate::json::{Broken, Fields, Value};

/// A space. `GET /wiki/api/v2/spaces`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Space {
    /// Numeric id.
    pub id: String,
    /// The key, as in its URL. Personal spaces have keys that start with `~`.
    pub key: Option<String>,
    /// The name that people see.
    pub name: Option<String>,
    /// `global`, `personal`, `collaboration`, `knowledge_base`, … Open.
    pub type_: Option<String>,
    /// `current` or `archived`. Open.
    pub status: Option<String>,
    /// The account that created it.
    pub author_id: Option<String>,
    /// The account that owns it.
    pub owner_id: Option<String>,
    /// When it was created, ISO 8601 in UTC.
    pub created_at: Option<String>,
    /// The page that opens first.
    pub homepage_id: Option<String>,
    /// The alias in its URL, when it has one.
    pub alias: Option<String>,
    /// The description, when it was asked for and there is one.
    pub description: Option<Body>,
    /// Where a person can look at it.
    pub web_url: Option<String>,
    /// The upstream JSON, when it was asked for.
    pub raw: Option<String>,
}

impl Fields for Space {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "id" => self.id = value.text()?.unwrap_or_default(),
            "key" => value.text_into(&mut self.key)?,
            "name" => value.text_into(&mut self.name)?,
            "type" => value.text_into(&mut self.type_)?,
            "status" => value.text_into(&mut self.status)?,
            "authorId" => value.text_into(&mut self.author_id)?,
            "spaceOwnerId" => value.text_into(&mut self.owner_id)?,
            "createdAt" => value.time_into(&mut self.created_at)?,
            "homepageId" => value.text_into(&mut self.homepage_id)?,
            "currentActiveAlias" => value.text_into(&mut self.alias)?,
            "description" => self.description = content::body(value)?,
            "_links" => self.web_url = content::links(value)?.webui,
            _ => {}
        }
        Ok(())
    }
}

impl Row for Space {
    fn parts(&mut self) -> Parts<'_> {
        Parts {
            face: Face {
                id: &self.id,
                key: self.key.as_deref(),
                alias: self.alias.as_deref(),
                ..Face::default()
            },
            web_url: Some(&mut self.web_url),
            ..Parts::of(&self.id, &mut self.raw)
        }
    }
}
