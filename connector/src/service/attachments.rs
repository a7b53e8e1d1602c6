use super::Confluence;
use crate::{
    Attachment, Error, GetOptions, ListOptions, Listing, SortOrder, Transport, Window,
    plan::Call,
    query::{ids, options::Takes, order::ordered, words},
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

const TAKES_SINGLE: Takes = Takes {
    version: true,
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
        filter(&mut call, query)?;
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

    /// Gets attachments of the site. `GET /wiki/api/v2/attachments`.
    ///
    /// `sort` orders by the time of the last change. Options: as for
    /// [`list_attachments`](Self::list_attachments).
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_attachments(
        &mut self,
        query: &AttachmentQuery,
        sort: Option<SortOrder>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Attachment>, Error> {
        let mut call = Call::new(15, "list attachments", SCOPE, "/api/v2/attachments");
        filter(&mut call, query)?;
        TAKES.apply(&ordered(options, sort, "modified-date")?, &mut call)?;
        self.list(&call, window)
    }

    /// Gets the attachments of a page. `GET /wiki/api/v2/pages/{id}/attachments`.
    ///
    /// `sort` orders by the time of the last change. Options: as for
    /// [`list_attachments`](Self::list_attachments).
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_attachments_by_page(
        &mut self,
        page_id: &str,
        query: &AttachmentQuery,
        sort: Option<SortOrder>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Attachment>, Error> {
        let id = ids::id("page-id", page_id)?;
        let path = format!("/api/v2/pages/{id}/attachments");
        let mut call = Call::new(16, "list the attachments of a page", SCOPE, path);
        filter(&mut call, query)?;
        TAKES.apply(&ordered(options, sort, "modified-date")?, &mut call)?;
        self.list(&call, window)
    }

    /// Gets an attachment. `GET /wiki/api/v2/attachments/{id}`.
    ///
    /// One in the trash is answered like any other: its `status` says `trashed`.
    ///
    /// Options: `version`, `raw`.
    ///
    /// # Errors
    ///
    /// See [`get_page_by_id`](Self::get_page_by_id); ids of attachments begin with `att`.
    pub fn get_attachment_by_id(
        &mut self,
        id: &str,
        options: &GetOptions,
    ) -> Result<Attachment, Error> {
        let id = ids::attachment("id", id)?;
        let path = format!("/api/v2/attachments/{id}");
        let mut call = Call::new(0, "get the attachment", SCOPE, path);
        TAKES_SINGLE.apply_single(options, &mut call)?;
        self.single(&call, &id)
    }
}

fn filter(call: &mut Call, query: &AttachmentQuery) -> Result<(), Error> {
    words::word("filename", query.filename.as_deref())?;
    words::word("media-type", query.media_type.as_deref())?;
    call.parameter("filename", query.filename.as_deref());
    call.parameter("mediaType", query.media_type.as_deref());
    Ok(())
}
