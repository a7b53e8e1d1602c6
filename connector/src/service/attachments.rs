use super::{Confluence, own_content};
use crate::{
    Attachment, AttachmentLocation, Error, ErrorKind, GetOptions, ListOptions, Listing, Transport,
    Window, answer, find,
    query::{call::Call, function::Function, ids, options::Takes, order::ordered, words},
};

/// Which attachments to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachmentQuery {
    /// Only files with exactly this name.
    pub filename: Option<String>,
    /// Only files of exactly this type, such as `image/png`.
    pub media_type: Option<String>,
}

pub(super) const TAKES: Takes = Takes {
    statuses: &["current", "archived", "trashed"],
    sorts: &["created-date", "modified-date"],
    order: "modified-date",
    ..Takes::NONE
};

pub(super) const TAKES_SINGLE: Takes = Takes {
    version: true,
    ..Takes::NONE
};

const SCOPE: &str = "read:attachment:confluence";

/// What stands in a location in place of the file's id when Confluence has lost the content.
const LOST: &str = "/UNKNOWN_MEDIA_ID/";

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
        let mut call = Call::new(
            Function::ListAttachments,
            "list attachments",
            SCOPE,
            "/api/v2/attachments",
        );
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
        let id = own_content(&mut self.transport, "page-id", page_id)?;
        let path = format!("/api/v2/pages/{id}/attachments");
        let mut call = Call::new(
            Function::ListAttachmentsByPage,
            "list the attachments of a page",
            SCOPE,
            path,
        );
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
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Attachment>, Error> {
        let mut call = Call::new(
            Function::GetAttachments,
            "list attachments",
            SCOPE,
            "/api/v2/attachments",
        );
        filter(&mut call, query)?;
        TAKES.apply(&ordered(options, sort)?, &mut call)?;
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
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Attachment>, Error> {
        let id = own_content(&mut self.transport, "page-id", page_id)?;
        let path = format!("/api/v2/pages/{id}/attachments");
        let mut call = Call::new(
            Function::GetAttachmentsByPage,
            "list the attachments of a page",
            SCOPE,
            path,
        );
        filter(&mut call, query)?;
        TAKES.apply(&ordered(options, sort)?, &mut call)?;
        self.list(&call, window)
    }

    /// Gets the attachments of a blog post. `GET /wiki/api/v2/blogposts/{id}/attachments`.
    ///
    /// `sort` orders by the time of the last change. Options: as for
    /// [`list_attachments`](Self::list_attachments).
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_attachments_by_blog_post(
        &mut self,
        blog_post_id: &str,
        query: &AttachmentQuery,
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Attachment>, Error> {
        let id = own_content(&mut self.transport, "blog-post-id", blog_post_id)?;
        let mut call = Call::new(
            Function::GetAttachmentsByBlogPost,
            "list the attachments of a blog post",
            SCOPE,
            format!("/api/v2/blogposts/{id}/attachments"),
        );
        filter(&mut call, query)?;
        TAKES.apply(&ordered(options, sort)?, &mut call)?;
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
        let mut call = Call::new(Function::Single, "get the attachment", SCOPE, path);
        TAKES_SINGLE.apply_single(options, &mut call)?;
        self.single(&call, &id)
    }

    /// Locates the content of an attachment: `GET /wiki/api/v2/attachments/{id}`, and for that very
    /// version `GET /wiki/rest/api/content/{id}/child/attachment/{id}/download`. v2 has no such
    /// call, and the `downloadLink` that it gives refuses API tokens.
    ///
    /// # Errors
    ///
    /// See [`get_page_by_id`](Self::get_page_by_id). [`ErrorKind::NotFound`] with the code
    /// `content-gone` when Confluence has lost the content; [`ErrorKind::UnexpectedAnswer`] with
    /// `container-unknown`, `location-missing` or `location-relative` when there is nothing to be
    /// fetched without credentials.
    pub fn get_attachment_location(
        &mut self,
        id: &str,
        version: Option<u32>,
    ) -> Result<AttachmentLocation, Error> {
        let options = GetOptions {
            version,
            ..GetOptions::default()
        };
        let attachment = self.get_attachment_by_id(id, &options)?;
        locate(&mut self.transport, attachment, version)
    }
}

fn locate(
    transport: &mut dyn Transport,
    attachment: Attachment,
    version: Option<u32>,
) -> Result<AttachmentLocation, Error> {
    const DOING: &str = "locate the content of the attachment";
    let unexpected = |code, what| Err(answer::unexpected(DOING, code, what));
    let holders = [
        attachment.page_id,
        attachment.blog_post_id,
        attachment.custom_content_id,
    ];
    let holder = holders.into_iter().flatten().find(|id| ids::is_id(id));
    let Some(holder) = holder else {
        return unexpected(
            "container-unknown",
            "the response does not contain what it is attached to",
        );
    };
    let id = attachment.id;
    let mut call = Call::new(
        Function::Single,
        DOING,
        "readonly:content.attachment:confluence",
        format!("/rest/api/content/{holder}/child/attachment/{id}/download"),
    );
    // The version that was described, and not one that is written in between.
    let version = version
        .map(u64::from)
        .or_else(|| attachment.version.and_then(|version| version.number));
    if let Some(version) = version {
        call.parameter("version", Some(&version.to_string()));
    }
    // Without it the call knows current attachments only.
    let status = attachment.status;
    call.parameter(
        "status",
        status
            .as_deref()
            .filter(|status| matches!(*status, "archived" | "trashed")),
    );
    let answer = transport
        .get(&call.single())
        .map_err(|failure| answer::unanswered(failure, &call.ask))?;
    let url = match answer.status {
        300..400 if !answer::leads_to_login(&answer) => {
            answer.header("location").unwrap_or_default()
        }
        200..300 => "",
        _ => return Err(answer::refused(&answer, &call.ask)),
    };
    let located = if url.is_empty() {
        unexpected(
            "location-missing",
            "the response does not contain its location",
        )
    } else if !url.starts_with("https://") && !url.starts_with("http://") {
        unexpected("location-relative", "the site redirects to itself")
    } else if find::has(url, LOST) {
        Err(Error::new(
            ErrorKind::NotFound,
            "content-gone",
            format!("cannot {DOING}: Confluence has lost it"),
            "the attachment is listed, and its file is gone from Atlassian's storage",
            "attach the file again; no retry brings it back",
        ))
    } else {
        Ok(AttachmentLocation {
            id,
            version,
            status,
            title: attachment.title,
            media_type: attachment.media_type,
            file_size: attachment.file_size,
            url: url.to_owned(),
        })
    };
    located.map_err(|error| error.answered(&answer))
}

fn filter(call: &mut Call, query: &AttachmentQuery) -> Result<(), Error> {
    words::word("filename", query.filename.as_deref())?;
    words::word("media-type", query.media_type.as_deref())?;
    call.parameter("filename", query.filename.as_deref());
    call.parameter("mediaType", query.media_type.as_deref());
    Ok(())
}
