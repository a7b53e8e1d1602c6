//! The exported functions.

use confluence_connector::{
    AttachmentQuery, BlogPostQuery, Confluence, CustomContentQuery, LabelOwner, LabelQuery,
    PageQuery, SpaceQuery, TaskQuery, Window, check_authorization, check_base_url,
};

use crate::bindings::confluence::connector::settings;
use crate::bindings::exports::confluence::connector::confluence_service::{
    AttachmentListing, BlogPostListing, ConnectionReport, CustomContentListing, Error, Guest,
    LabelListing, LabelOwner as WitLabelOwner, Level, ListOptions, PageListing, ReadDecision,
    SpaceListing, StoredConnection, TaskListing, TaskStatus,
};
use crate::error::settled;
use crate::transport::Site;

/// The component's exports. It has no state: every call stands for itself.
pub(crate) struct Connector;

/// The connector over the site that the host's settings name.
pub(crate) fn confluence() -> Confluence<Site> {
    Confluence::new(Site::default())
}

pub(crate) fn window(limit: Option<u32>, after: Option<String>) -> Window {
    Window { limit, after }
}

pub(crate) fn options(options: Option<ListOptions>) -> confluence_connector::ListOptions {
    options.unwrap_or_default()
}

impl Guest for Connector {
    fn list_spaces(
        ids: Option<Vec<String>>,
        keys: Option<Vec<String>>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<SpaceListing, Error> {
        Ok(confluence()
            .list_spaces(
                &SpaceQuery { ids, keys },
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn list_pages(
        ids: Option<Vec<String>>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<PageListing, Error> {
        Ok(confluence()
            .list_pages(&PageQuery { ids }, &window(limit, after), &options(given))?
            .into())
    }

    fn list_labels(
        select: Option<WitLabelOwner>,
        id: Option<String>,
        prefix: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<LabelListing, Error> {
        let select = select.map(|owner| match owner {
            WitLabelOwner::Space => LabelOwner::Space,
            WitLabelOwner::Page => LabelOwner::Page,
            WitLabelOwner::BlogPost => LabelOwner::BlogPost,
            WitLabelOwner::Attachment => LabelOwner::Attachment,
        });
        let query = LabelQuery { select, id, prefix };
        Ok(confluence()
            .list_labels(&query, &window(limit, after), &options(given))?
            .into())
    }

    fn list_attachments(
        filename: Option<String>,
        media_type: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<AttachmentListing, Error> {
        let query = AttachmentQuery {
            filename,
            media_type,
        };
        Ok(confluence()
            .list_attachments(&query, &window(limit, after), &options(given))?
            .into())
    }

    fn list_attachments_by_page(
        page_id: String,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<AttachmentListing, Error> {
        Ok(confluence()
            .list_attachments_by_page(&page_id, &window(limit, after), &options(given))?
            .into())
    }

    fn list_blog_posts(
        ids: Option<Vec<String>>,
        title: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<BlogPostListing, Error> {
        let query = BlogPostQuery { ids, title };
        Ok(confluence()
            .list_blog_posts(&query, &window(limit, after), &options(given))?
            .into())
    }

    fn list_blog_posts_by_space(
        space_id: String,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<BlogPostListing, Error> {
        Ok(confluence()
            .list_blog_posts_by_space(&space_id, &window(limit, after), &options(given))?
            .into())
    }

    fn list_custom_content(
        type_: Option<String>,
        space_ids: Option<Vec<String>>,
        ids: Option<Vec<String>>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<CustomContentListing, Error> {
        let query = CustomContentQuery {
            type_,
            space_ids,
            ids,
        };
        Ok(confluence()
            .list_custom_content(&query, &window(limit, after), &options(given))?
            .into())
    }

    fn list_tasks(
        due_date_from: Option<String>,
        due_date_to: Option<String>,
        space_ids: Option<Vec<String>>,
        assigned_to: Option<Vec<String>>,
        status: Option<TaskStatus>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<TaskListing, Error> {
        let query = TaskQuery {
            due_date_from,
            due_date_to,
            space_ids,
            assigned_to,
            status: status.map(Into::into),
        };
        Ok(confluence()
            .list_tasks(&query, &window(limit, after), &options(given))?
            .into())
    }

    fn set_api_url_and_auth(
        url: String,
        auth: String,
        level: Level,
    ) -> Result<StoredConnection, Error> {
        check_base_url(&url)?;
        check_authorization(&auth)?;
        let at = match level {
            Level::App => settings::Level::App,
            Level::Env => settings::Level::Env,
            Level::Cluster => settings::Level::Cluster,
        };
        let base_url = settings::store(&url, &auth, at).map_err(settled)?;
        Ok(StoredConnection { base_url, level })
    }

    fn test_connection(space: Option<String>) -> Result<ConnectionReport, Error> {
        let report = confluence().test_connection(space.as_deref())?;
        Ok(ConnectionReport {
            base_url: settings::base_url().map_err(settled)?,
            account_id: report.account_id,
            display_name: report.display_name,
            email: report.email,
            time_zone: report.time_zone,
            spaces: report.spaces,
            space: report.space,
            pages: report.pages,
            notices: report.notices,
        })
    }

    fn can_read(
        user: String,
        page: Option<String>,
        blog_post: Option<String>,
    ) -> Result<ReadDecision, Error> {
        let decision = confluence().can_read(&user, page.as_deref(), blog_post.as_deref())?;
        Ok(decision.into())
    }
}
