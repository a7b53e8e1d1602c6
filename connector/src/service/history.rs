use super::{Confluence, own_content};
use crate::{
    ContentVersion, Error, ListOptions, Listing, Transport, Window,
    query::{
        body_format::LIST_FORMATS, call::Call, function::Function, ids, options::Takes,
        order::ordered,
    },
};

pub(super) const TAKES: Takes = Takes {
    body_formats: LIST_FORMATS,
    sorts: &["modified-date"],
    order: "modified-date",
    ..Takes::NONE
};

pub(super) const TAKES_OF_ATTACHMENTS: Takes = Takes {
    body_formats: &[],
    ..TAKES
};

impl<T: Transport> Confluence<T> {
    /// Gets the versions of a page. `GET /wiki/api/v2/pages/{id}/versions`.
    ///
    /// `sort` orders by the time they were written. Options: `body_format` (`storage`,
    /// `atlas_doc_format`), `sort` (`modified-date`), `raw`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_page_versions(
        &mut self,
        page_id: &str,
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<ContentVersion>, Error> {
        let id = own_content(&mut self.transport, "page-id", page_id)?;
        let path = format!("/api/v2/pages/{id}/versions");
        let call = Call::new(
            Function::GetPageVersions,
            "list the versions of a page",
            SCOPE,
            path,
        );
        self.versions(call, sort, window, options)
    }

    /// Gets the versions of a blog post. `GET /wiki/api/v2/blogposts/{id}/versions`.
    ///
    /// `sort` and options: as for [`get_page_versions`](Self::get_page_versions).
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_blog_post_versions(
        &mut self,
        blog_post_id: &str,
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<ContentVersion>, Error> {
        let id = own_content(&mut self.transport, "blog-post-id", blog_post_id)?;
        let path = format!("/api/v2/blogposts/{id}/versions");
        let call = Call::new(
            Function::GetBlogPostVersions,
            "list the versions of a blog post",
            SCOPE,
            path,
        );
        self.versions(call, sort, window, options)
    }

    /// Gets the versions of an attachment. `GET /wiki/api/v2/attachments/{id}/versions`.
    ///
    /// `sort` orders by the time they were written. Options: `sort` (`modified-date`), `raw`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_attachment_versions(
        &mut self,
        attachment_id: &str,
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<ContentVersion>, Error> {
        let id = ids::attachment("attachment-id", attachment_id)?;
        let mut call = Call::new(
            Function::GetAttachmentVersions,
            "list the versions of an attachment",
            "read:attachment:confluence",
            format!("/api/v2/attachments/{id}/versions"),
        );
        TAKES_OF_ATTACHMENTS.apply(&ordered(options, sort)?, &mut call)?;
        self.list(&call, window)
    }

    fn versions(
        &mut self,
        mut call: Call,
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<ContentVersion>, Error> {
        TAKES.apply(&ordered(options, sort)?, &mut call)?;
        self.list(&call, window)
    }
}

/// Blog posts have no scope of their own.
const SCOPE: &str = "read:page:confluence";
