use super::{Body, Face, Parts, Row, content};
use crate::json::{Broken, Fields, Value};

/// A task: a line with a check box in a page or a blog post. `GET /wiki/api/v2/tasks`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Task {
    /// Numeric id.
    pub id: String,
    /// The id within its page or blog post.
    pub local_id: Option<String>,
    /// The space that it is in.
    pub space_id: Option<String>,
    /// The page that it is in, if it is in a page.
    pub page_id: Option<String>,
    /// The blog post that it is in, if it is in a blog post.
    pub blog_post_id: Option<String>,
    /// `complete` or `incomplete`. Open.
    pub status: Option<String>,
    /// The text, when it was asked for.
    pub body: Option<Body>,
    /// The account that wrote it.
    pub created_by: Option<String>,
    /// The account that it is assigned to.
    pub assigned_to: Option<String>,
    /// The account that ticked it off.
    pub completed_by: Option<String>,
    /// When it was written, ISO 8601 in UTC.
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601 in UTC.
    pub updated_at: Option<String>,
    /// When it is due, ISO 8601 in UTC.
    pub due_at: Option<String>,
    /// When it was ticked off, ISO 8601 in UTC.
    pub completed_at: Option<String>,
    /// The upstream JSON, when it was asked for.
    pub raw: Option<String>,
}

impl Fields for Task {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "id" => self.id = value.text()?.unwrap_or_default(),
            "localId" => value.text_into(&mut self.local_id)?,
            "spaceId" => value.text_into(&mut self.space_id)?,
            "pageId" => value.text_into(&mut self.page_id)?,
            "blogPostId" => value.text_into(&mut self.blog_post_id)?,
            "status" => value.text_into(&mut self.status)?,
            "body" => self.body = content::body(value)?,
            "createdBy" => value.text_into(&mut self.created_by)?,
            "assignedTo" => value.text_into(&mut self.assigned_to)?,
            "completedBy" => value.text_into(&mut self.completed_by)?,
            "createdAt" => value.time_into(&mut self.created_at)?,
            "updatedAt" => value.time_into(&mut self.updated_at)?,
            "dueAt" => value.time_into(&mut self.due_at)?,
            "completedAt" => value.time_into(&mut self.completed_at)?,
            _ => {}
        }
        Ok(())
    }
}

impl Row for Task {
    fn parts(&mut self) -> Parts<'_> {
        Parts {
            face: Face {
                id: &self.id,
                space_id: self.space_id.as_deref(),
                ..Face::default()
            },
            body: self.body.as_mut(),
            ..Parts::of(&self.id, &mut self.raw)
        }
    }
}
