use super::Confluence;
use crate::{
    Attachment, Error, ListOptions, Listing, Transport, Window,
    plan::Call,
    query::{ids, options::Takes, words},
};

/// Which attachments to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachmentQuery {
    /// Only files with exactly this name.
    pub filename: Option<String>,
    /// Only files of exactly this type, such as `image/png`.
    pub media_type: Option<String>,
}

const TAKES: Takes = Takes {
    statuses: &["current", "archived", "trashed"],
    sorts: &["created-date", "modified-date"],
    ..Takes::NONE
};

const SCOPE: &str = "read:attachment:confluence";

impl<T: Transport> Confluence<T> {
    /// Lists attachments of the site. `GET /wiki/api/v2/attachments`.
    ///
    /// Options: `status` (`current`, `archived`, `trashed`; current and archived by default),
    /// `sort` (`created-date`, `modified-date`), `raw`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn list_attachments(
        &mut self,
        query: &AttachmentQuery,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Attachment>, Error> {
        let mut call = Call::new(4, "list attachments", SCOPE, "/api/v2/attachments");
        words::word("filename", query.filename.as_deref())?;
        words::word("media-type", query.media_type.as_deref())?;
        call.parameter("filename", query.filename.as_deref());
        call.parameter("mediaType", query.media_type.as_deref());
        TAKES.apply(options, &mut call)?;
        self.list(&call, window)
    }

    /// Lists the attachments of a page. `GET /wiki/api/v2/pages/{id}/attachments`.
    ///
    /// Options: as for [`list_attachments`](Self::list_attachments).
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn list_attachments_by_page(
        &mut self,
        page_id: &str,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Attachment>, Error> {
        let id = ids::id("page-id", page_id)?;
        let path = format!("/api/v2/pages/{id}/attachments");
        let mut call = Call::new(5, "list the attachments of a page", SCOPE, path);
        TAKES.apply(options, &mut call)?;
        self.list(&call, window)
    }
}
