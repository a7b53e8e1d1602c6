use serde::de::MapAccess;

use super::{Face, Row, Version, content};
use crate::lenient::{self, Fields};

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

impl Fields for Attachment {
    fn read<'de, M: MapAccess<'de>>(
        &mut self,
        name: &str,
        map: &mut M,
        wanted: &str,
    ) -> Result<(), M::Error> {
        match name {
            "id" => self.id = lenient::text(map)?.unwrap_or_default(),
            "status" => self.status = lenient::text(map)?,
            "title" => self.title = lenient::text(map)?,
            "createdAt" => self.created_at = lenient::text(map)?,
            "pageId" => self.page_id = lenient::text(map)?,
            "blogPostId" => self.blog_post_id = lenient::text(map)?,
            "customContentId" => self.custom_content_id = lenient::text(map)?,
            "mediaType" => self.media_type = lenient::text(map)?,
            "mediaTypeDescription" => self.media_type_description = lenient::text(map)?,
            "comment" => self.comment = lenient::text(map)?,
            "fileId" => self.file_id = lenient::text(map)?,
            "fileSize" => self.file_size = lenient::natural(map)?,
            "version" => self.version = lenient::nested(map, wanted)?,
            "webuiLink" => {
                if let Some(link) = lenient::text(map)? {
                    self.web_url = Some(link);
                }
            }
            "downloadLink" => {
                if let Some(link) = lenient::text(map)? {
                    self.download_path = Some(link);
                }
            }
            "_links" => {
                let links = content::links(map)?;
                self.web_url = self.web_url.take().or(links.webui);
                self.download_path = self.download_path.take().or(links.download);
            }
            _ => lenient::skip(map)?,
        }
        Ok(())
    }
}

impl Row for Attachment {
    fn face(&self) -> Face<'_> {
        Face {
            id: &self.id,
            ..Face::default()
        }
    }

    fn raw(&mut self) -> &mut Option<String> {
        &mut self.raw
    }

    fn web_url(&mut self) -> Option<&mut Option<String>> {
        Some(&mut self.web_url)
    }
}
