use super::{Body, Face, Parts, Row, Version, content};
use crate::json::{Broken, Fields, Value};

/// A blog post. `GET /wiki/api/v2/blogposts`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlogPost {
    /// Numeric id.
    pub id: String,
    /// `current`, `trashed`, `deleted`, … Open. Blog posts are never `archived`.
    pub status: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The space that it is in.
    pub space_id: Option<String>,
    /// The account that created it.
    pub author_id: Option<String>,
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

impl Fields for BlogPost {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "id" => self.id = value.text()?.unwrap_or_default(),
            "status" => value.text_into(&mut self.status)?,
            "title" => value.text_into(&mut self.title)?,
            "spaceId" => value.text_into(&mut self.space_id)?,
            "authorId" => value.text_into(&mut self.author_id)?,
            "createdAt" => value.time_into(&mut self.created_at)?,
            "version" => self.version = content::version(value)?,
            "body" => self.body = content::body(value)?,
            "_links" => self.web_url = content::links(value)?.webui,
            _ => {}
        }
        Ok(())
    }
}

impl Row for BlogPost {
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
