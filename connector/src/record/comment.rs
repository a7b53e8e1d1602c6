use super::{Body, Parts, Row, Version, content};
use crate::json::{Broken, Fields, Value};

/// Where a comment stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CommentKind {
    /// Below the text.
    #[default]
    Footer,
    /// At a place in the text.
    Inline,
}

/// A comment, or a reply to one. `GET /wiki/api/v2/footer-comments/{id}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comment {
    /// Numeric id.
    pub id: String,
    /// Where it stands.
    pub kind: CommentKind,
    /// `current`, `trashed`, `deleted`, … Open.
    pub status: Option<String>,
    /// The title that Confluence made for it.
    pub title: Option<String>,
    /// The page that it is about, when Confluence says so.
    pub page_id: Option<String>,
    /// The blog post that it is about, when Confluence says so.
    pub blog_post_id: Option<String>,
    /// The attachment that it is about, when Confluence says so.
    pub attachment_id: Option<String>,
    /// The custom content that it is about, when Confluence says so.
    pub custom_content_id: Option<String>,
    /// The comment that it replies to. Absent for the first of a thread.
    pub parent_id: Option<String>,
    /// `open`, `resolved`, `reopened`, `dangling`. Open. Of inline comments.
    pub resolution_status: Option<String>,
    /// The account that last resolved or reopened it. Of inline comments.
    pub resolution_modifier_id: Option<String>,
    /// When that was, ISO 8601 in UTC.
    pub resolution_modified_at: Option<String>,
    /// The text that an inline comment is about.
    pub selection: Option<String>,
    /// The mark in the body that an inline comment is about.
    pub marker_ref: Option<String>,
    /// The current version; the first one's author wrote the comment.
    pub version: Option<Version>,
    /// The text, when it was asked for.
    pub body: Option<Body>,
    /// Where a person can look at it.
    pub web_url: Option<String>,
    /// The upstream JSON, when it was asked for.
    pub raw: Option<String>,
}

impl Fields for Comment {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "id" => self.id = value.text()?.unwrap_or_default(),
            "status" => value.text_into(&mut self.status)?,
            "title" => value.text_into(&mut self.title)?,
            "pageId" => value.text_into(&mut self.page_id)?,
            "blogPostId" => value.text_into(&mut self.blog_post_id)?,
            "attachmentId" => value.text_into(&mut self.attachment_id)?,
            "customContentId" => value.text_into(&mut self.custom_content_id)?,
            "resolutionLastModifierId" => value.text_into(&mut self.resolution_modifier_id)?,
            "resolutionLastModifiedAt" => value.time_into(&mut self.resolution_modified_at)?,
            "parentCommentId" => value.text_into(&mut self.parent_id)?,
            "resolutionStatus" => value.text_into(&mut self.resolution_status)?,
            "version" => self.version = content::version(value)?,
            "body" => self.body = content::body(value)?,
            "properties" => {
                let mut place = Place::default();
                value.object(&mut place)?;
                self.selection = place.selection;
                self.marker_ref = place.marker_ref;
            }
            "_links" => self.web_url = content::links(value)?.webui,
            _ => {}
        }
        Ok(())
    }
}

/// The place of an inline comment. The live service has names of both forms.
#[derive(Default)]
struct Place {
    selection: Option<String>,
    marker_ref: Option<String>,
}

impl Fields for Place {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "inlineOriginalSelection" | "inline-original-selection" => {
                self.selection = value.text()?.or(self.selection.take());
            }
            "inlineMarkerRef" | "inline-marker-ref" => {
                self.marker_ref = value.text()?.or(self.marker_ref.take());
            }
            _ => {}
        }
        Ok(())
    }
}

impl Row for Comment {
    fn parts(&mut self) -> Parts<'_> {
        Parts {
            web_url: Some(&mut self.web_url),
            body: self.body.as_mut(),
            ..Parts::of(&self.id, &mut self.raw)
        }
    }
}
