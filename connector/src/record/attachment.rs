use std::fmt;

use super::{Parts, Row, Version, content};
use crate::json::{Broken, Fields, Value};

/// A file attached to a page, a blog post or custom content. `GET /wiki/api/v2/attachments`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attachment {
    /// `att` and a number.
    pub id: String,
    /// `current`, `archived`, `trashed`, … Open.
    pub status: Option<String>,
    /// The file's name.
    pub title: Option<String>,
    /// When it was first attached, ISO 8601 in UTC.
    pub created_at: Option<String>,
    /// The page that it belongs to, if it is a page.
    pub page_id: Option<String>,
    /// The blog post that it belongs to, if it is a blog post.
    pub blog_post_id: Option<String>,
    /// The custom content that it belongs to, if it is one.
    pub custom_content_id: Option<String>,
    /// Such as `application/pdf`.
    pub media_type: Option<String>,
    /// Such as `PDF Document`.
    pub media_type_description: Option<String>,
    /// What its author wrote about it.
    pub comment: Option<String>,
    /// The id that `atlas_doc_format` bodies name it by. Not the attachment's id.
    pub file_id: Option<String>,
    /// In bytes.
    pub file_size: Option<u64>,
    /// The current version.
    pub version: Option<Version>,
    /// Where a person can look at it.
    pub web_url: Option<String>,
    /// The download path as Confluence gives it, for browsers: it refuses API tokens.
    pub download_path: Option<String>,
    /// The upstream JSON, when it was asked for.
    pub raw: Option<String>,
}

/// Where the content of an attachment can be fetched, for a short while.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AttachmentLocation {
    /// `att` and a number.
    pub id: String,
    /// The version that `url` leads to, counted from 1.
    pub version: Option<u64>,
    /// `current`, `archived`, `trashed`, … Open.
    pub status: Option<String>,
    /// The file's name as its author gave it. Never a path.
    pub title: Option<String>,
    /// Such as `application/pdf`.
    pub media_type: Option<String>,
    /// The size of this version, in bytes.
    pub file_size: Option<u64>,
    /// The address of the content, absolute: a secret, good for everybody who has it, to be fetched
    /// without credentials.
    pub url: String,
}

/// Without the address, which is a secret.
impl fmt::Debug for AttachmentLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttachmentLocation")
            .field("id", &self.id)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl Fields for Attachment {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "id" => self.id = value.text()?.unwrap_or_default(),
            "status" => value.text_into(&mut self.status)?,
            "title" => value.text_into(&mut self.title)?,
            "createdAt" => value.time_into(&mut self.created_at)?,
            "pageId" => value.text_into(&mut self.page_id)?,
            "blogPostId" => value.text_into(&mut self.blog_post_id)?,
            "customContentId" => value.text_into(&mut self.custom_content_id)?,
            "mediaType" => value.text_into(&mut self.media_type)?,
            "mediaTypeDescription" => value.text_into(&mut self.media_type_description)?,
            "comment" => value.text_into(&mut self.comment)?,
            "fileId" => value.text_into(&mut self.file_id)?,
            "fileSize" => self.file_size = value.natural()?,
            "version" => self.version = content::version(value)?,
            "webuiLink" => {
                if let Some(link) = value.text()? {
                    self.web_url = Some(link);
                }
            }
            "downloadLink" => {
                if let Some(link) = value.text()? {
                    self.download_path = Some(link);
                }
            }
            "_links" => {
                let links = content::links(value)?;
                self.web_url = self.web_url.take().or(links.webui);
                self.download_path = self.download_path.take().or(links.download);
            }
            _ => {}
        }
        Ok(())
    }
}

impl Row for Attachment {
    fn parts(&mut self) -> Parts<'_> {
        Parts {
            web_url: Some(&mut self.web_url),
            ..Parts::of(&self.id, &mut self.raw)
        }
    }
}
