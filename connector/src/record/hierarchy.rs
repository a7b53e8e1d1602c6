//! What hangs under and above a page, and folders.

use super::{Face, Parts, Row, Version, content};
use crate::json::{Broken, Fields, Value};

/// Something directly under a page. `GET /wiki/api/v2/pages/{id}/direct-children`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Child {
    /// Numeric id.
    pub id: String,
    /// `page`, `folder`, `whiteboard`, `database`, `embed`. Open.
    pub type_: Option<String>,
    /// `current`, `archived`, `draft`, … Open.
    pub status: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The space that it is in.
    pub space_id: Option<String>,
    /// Its place among its siblings.
    pub position: Option<i64>,
    /// The upstream JSON, when it was asked for.
    pub raw: Option<String>,
}

impl Fields for Child {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "id" => self.id = value.text()?.unwrap_or_default(),
            "type" => value.text_into(&mut self.type_)?,
            "status" => value.text_into(&mut self.status)?,
            "title" => value.text_into(&mut self.title)?,
            "spaceId" => value.text_into(&mut self.space_id)?,
            "childPosition" => self.position = value.whole()?,
            _ => {}
        }
        Ok(())
    }
}

impl Row for Child {
    fn parts(&mut self) -> Parts<'_> {
        Parts::of(&self.id, &mut self.raw)
    }
}

/// Something above a page. `GET /wiki/api/v2/pages/{id}/ancestors`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ancestor {
    /// Numeric id.
    pub id: String,
    /// `page`, `folder`, `whiteboard`, `database`, `embed`. Open.
    pub type_: Option<String>,
    raw: Option<String>,
}

impl Fields for Ancestor {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "id" => self.id = value.text()?.unwrap_or_default(),
            "type" => value.text_into(&mut self.type_)?,
            _ => {}
        }
        Ok(())
    }
}

impl Row for Ancestor {
    fn parts(&mut self) -> Parts<'_> {
        Parts::of(&self.id, &mut self.raw)
    }
}

/// A folder. `GET /wiki/api/v2/folders/{id}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folder {
    /// Numeric id.
    pub id: String,
    /// `current`, `archived`, `trashed`, … Open.
    pub status: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The space that it is in, when Confluence says so.
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
    /// When it was created.
    pub created_at: Option<String>,
    /// The current version.
    pub version: Option<Version>,
    /// Where a person can look at it.
    pub web_url: Option<String>,
    /// The upstream JSON, when it was asked for.
    pub raw: Option<String>,
}

impl Fields for Folder {
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
            "createdAt" => value.time_into(&mut self.created_at)?,
            "version" => self.version = content::version(value)?,
            "_links" => self.web_url = content::links(value)?.webui,
            _ => {}
        }
        Ok(())
    }
}

impl Row for Folder {
    fn parts(&mut self) -> Parts<'_> {
        Parts {
            face: Face {
                id: &self.id,
                space_id: self.space_id.as_deref(),
                ..Face::default()
            },
            web_url: Some(&mut self.web_url),
            ..Parts::of(&self.id, &mut self.raw)
        }
    }
}
