use super::{Body, Face, Parts, Row, Version, content};
use crate::json::{Broken, Fields, Value};

/// A page. `GET /wiki/api/v2/pages`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Numeric id.
    pub id: String,
    /// `current`, `archived`, `trashed`, `deleted`, `draft`, … Open.
    pub status: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The space that it is in.
    pub space_id: Option<String>,
    /// What it hangs under. Absent at the top of a space.
    pub parent_id: Option<String>,
    /// What `parent_id` is: `page`, `folder`, `whiteboard`, `database`, `embed`. Open.
    pub parent_type: Option<String>,
    /// Its place among its siblings.
    pub position: Option<i64>,
    /// The account that created it.
    pub author_id: Option<String>,
    /// The account that owns it.
    pub owner_id: Option<String>,
    /// The account that owned it before.
    pub last_owner_id: Option<String>,
    /// `live` for a live document; absent for most.
    pub subtype: Option<String>,
    /// When it was created, ISO 8601 in UTC.
    pub created_at: Option<String>,
    /// The current version; its `created_at` is the time of the last change.
    pub version: Option<Version>,
    /// The text, when it was asked for.
    pub body: Option<Body>,
    /// Where a person can look at it.
    pub web_url: Option<String>,
    /// The upstream JSON, when it was asked for.
    pub raw: Option<String>,
}

impl Fields for Page {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "id" => self.id = value.text()?.unwrap_or_default(),
            "status" => value.text_into(&mut self.status)?,
            "title" => value.text_into(&mut self.title)?,
            "spaceId" => value.text_into(&mut self.space_id)?,
            "parentId" => value.text_into(&mut self.parent_id)?,
            "parentType" => value.text_into(&mut self.parent_type)?,
            "position" => self.position = value.whole()?,
            "authorId" => value.text_into(&mut self.author_id)?,
            "ownerId" => value.text_into(&mut self.owner_id)?,
            "lastOwnerId" => value.text_into(&mut self.last_owner_id)?,
            "subtype" => value.text_into(&mut self.subtype)?,
            "createdAt" => value.time_into(&mut self.created_at)?,
            "version" => self.version = content::version(value)?,
            "body" => self.body = content::body(value)?,
            "_links" => self.web_url = content::links(value)?.webui,
            _ => {}
        }
        Ok(())
    }
}

impl Row for Page {
    fn parts(&mut self) -> Parts<'_> {
        Parts {
            face: Face {
                id: &self.id,
                space_id: self.space_id.as_deref(),
                ..Face::default()
            },
            web_url: Some(&mut self.web_url),
            body: self.body.as_mut(),
            ..Parts::of(&self.id, &mut self.raw)
        }
    }
}
