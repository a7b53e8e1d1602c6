//! The connector's records as the WIT has them: field by field, by move.

use confluence_connector as connector;

use crate::bindings::exports::confluence::connector::types as wit;
use connector::{Listing, Rest};

impl From<connector::Notice> for wit::Notice {
    fn from(row: connector::Notice) -> Self {
        Self {
            code: row.code,
            message: row.message,
            id: row.id,
        }
    }
}

impl From<connector::Body> for wit::Body {
    fn from(row: connector::Body) -> Self {
        Self {
            representation: row.representation,
            value: row.value,
        }
    }
}

impl From<connector::Version> for wit::Version {
    fn from(row: connector::Version) -> Self {
        Self {
            number: row.number,
            message: row.message,
            minor_edit: row.minor_edit,
            author_id: row.author_id,
            created_at: row.created_at,
        }
    }
}

impl From<connector::Space> for wit::Space {
    fn from(row: connector::Space) -> Self {
        Self {
            id: row.id,
            key: row.key,
            name: row.name,
            type_: row.type_,
            status: row.status,
            author_id: row.author_id,
            owner_id: row.owner_id,
            created_at: row.created_at,
            homepage_id: row.homepage_id,
            alias: row.alias,
            description: row.description.map(Into::into),
            web_url: row.web_url,
            raw: row.raw,
        }
    }
}

impl From<connector::Page> for wit::Page {
    fn from(row: connector::Page) -> Self {
        Self {
            id: row.id,
            status: row.status,
            title: row.title,
            space_id: row.space_id,
            parent_id: row.parent_id,
            parent_type: row.parent_type,
            position: row.position,
            author_id: row.author_id,
            owner_id: row.owner_id,
            last_owner_id: row.last_owner_id,
            subtype: row.subtype,
            created_at: row.created_at,
            version: row.version.map(Into::into),
            body: row.body.map(Into::into),
            web_url: row.web_url,
            raw: row.raw,
        }
    }
}

impl From<connector::BlogPost> for wit::BlogPost {
    fn from(row: connector::BlogPost) -> Self {
        Self {
            id: row.id,
            status: row.status,
            title: row.title,
            space_id: row.space_id,
            author_id: row.author_id,
            created_at: row.created_at,
            version: row.version.map(Into::into),
            body: row.body.map(Into::into),
            web_url: row.web_url,
            raw: row.raw,
        }
    }
}

impl From<connector::Attachment> for wit::Attachment {
    fn from(row: connector::Attachment) -> Self {
        Self {
            id: row.id,
            status: row.status,
            title: row.title,
            created_at: row.created_at,
            page_id: row.page_id,
            blog_post_id: row.blog_post_id,
            custom_content_id: row.custom_content_id,
            media_type: row.media_type,
            media_type_description: row.media_type_description,
            comment: row.comment,
            file_id: row.file_id,
            file_size: row.file_size,
            version: row.version.map(Into::into),
            web_url: row.web_url,
            download_path: row.download_path,
            raw: row.raw,
        }
    }
}

impl From<connector::CustomContent> for wit::CustomContent {
    fn from(row: connector::CustomContent) -> Self {
        Self {
            id: row.id,
            type_: row.type_,
            status: row.status,
            title: row.title,
            space_id: row.space_id,
            page_id: row.page_id,
            blog_post_id: row.blog_post_id,
            custom_content_id: row.custom_content_id,
            author_id: row.author_id,
            created_at: row.created_at,
            version: row.version.map(Into::into),
            body: row.body.map(Into::into),
            web_url: row.web_url,
            raw: row.raw,
        }
    }
}

impl From<connector::Task> for wit::Task {
    fn from(row: connector::Task) -> Self {
        Self {
            id: row.id,
            local_id: row.local_id,
            space_id: row.space_id,
            page_id: row.page_id,
            blog_post_id: row.blog_post_id,
            status: row.status,
            body: row.body.map(Into::into),
            created_by: row.created_by,
            assigned_to: row.assigned_to,
            completed_by: row.completed_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
            due_at: row.due_at,
            completed_at: row.completed_at,
            raw: row.raw,
        }
    }
}

impl From<connector::Label> for wit::Label {
    fn from(row: connector::Label) -> Self {
        Self {
            id: row.id,
            name: row.name,
            prefix: row.prefix,
            raw: row.raw,
        }
    }
}

impl From<connector::Count> for wit::Count {
    fn from(row: connector::Count) -> Self {
        Self {
            value: row.value,
            at_least: row.at_least,
        }
    }
}

impl From<Rest> for wit::Rest {
    fn from(rest: Rest) -> Self {
        Self {
            after: rest.after,
            stopped: rest.stopped.map(Into::into),
            notices: rest.notices.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<wit::ListOptions> for connector::ListOptions {
    fn from(options: wit::ListOptions) -> Self {
        Self {
            body_format: options.body_format,
            status: options.status,
            sort: options.sort,
            space_ids: options.space_ids,
            raw: options.raw,
            more: options.more,
        }
    }
}

impl From<wit::GetOptions> for connector::GetOptions {
    fn from(options: wit::GetOptions) -> Self {
        Self {
            body_format: options.body_format,
            status: options.status,
            version: options.version,
            raw: options.raw,
        }
    }
}

impl From<wit::TaskStatus> for connector::TaskStatus {
    fn from(status: wit::TaskStatus) -> Self {
        match status {
            wit::TaskStatus::Complete => Self::Complete,
            wit::TaskStatus::Incomplete => Self::Incomplete,
        }
    }
}

/// A listing of rows, for each of the WIT's kinds.
macro_rules! listings {
    ($($row:ident => $listing:ident),* $(,)?) => {$(
        impl From<Listing<connector::$row>> for wit::$listing {
            fn from(listing: Listing<connector::$row>) -> Self {
                Self {
                    items: listing.items.into_iter().map(Into::into).collect(),
                    rest: listing.rest.into(),
                }
            }
        }
    )*};
}

listings! {
    Attachment => AttachmentListing,
    BlogPost => BlogPostListing,
    CustomContent => CustomContentListing,
    Label => LabelListing,
    Page => PageListing,
    Space => SpaceListing,
    Task => TaskListing,
}
