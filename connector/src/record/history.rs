use super::{Body, Parts, Row, content};
use crate::json::{Broken, Fields, Value};

/// One version of a page, a blog post or an attachment. `GET /wiki/api/v2/pages/{id}/versions`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContentVersion {
    /// Counts up from 1, as text: it tells the versions of one piece apart.
    pub number: String,
    /// What its author wrote about it. Often empty.
    pub message: Option<String>,
    /// Whether watchers were spared a notification.
    pub minor_edit: Option<bool>,
    /// The account that wrote it.
    pub author_id: Option<String>,
    /// When it was written, ISO 8601 in UTC.
    pub created_at: Option<String>,
    /// The title in this version, when Confluence says so.
    pub title: Option<String>,
    /// The text of this version, when it was asked for.
    pub body: Option<Body>,
    /// The upstream JSON, when it was asked for.
    pub raw: Option<String>,
}

impl Fields for ContentVersion {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "number" => self.number = value.text()?.unwrap_or_default(),
            "message" => value.text_into(&mut self.message)?,
            "minorEdit" => self.minor_edit = value.flag()?,
            "authorId" => value.text_into(&mut self.author_id)?,
            "createdAt" => value.time_into(&mut self.created_at)?,
            "page" | "blogpost" | "attachment" => {
                let mut piece = Piece::default();
                value.object(&mut piece)?;
                self.title = piece.title;
                self.body = piece.body;
            }
            _ => {}
        }
        Ok(())
    }
}

/// The piece of content in one of its versions.
#[derive(Default)]
struct Piece {
    title: Option<String>,
    body: Option<Body>,
}

impl Fields for Piece {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "title" => value.text_into(&mut self.title)?,
            "body" => self.body = content::body(value)?,
            _ => {}
        }
        Ok(())
    }
}

impl Row for ContentVersion {
    fn parts(&mut self) -> Parts<'_> {
        Parts {
            body: self.body.as_mut(),
            ..Parts::of(&self.number, &mut self.raw)
        }
    }
}
