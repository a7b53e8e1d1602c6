//! What the connector and the WIT have in different forms: enums, records that contain an enum or have fields of their
//! own in the connector, and lists. The WIT's other records are the connector's; see `bindings`.

use confluence_connector as connector;

use crate::bindings::exports::confluence::connector::types as wit;
use connector::{Changes, Listing, Rest};

impl From<Rest> for wit::Rest {
    fn from(rest: Rest) -> Self {
        Self {
            after: rest.after,
            stopped: rest.stopped.map(Into::into),
            notices: rest.notices,
        }
    }
}

/// Enums that have the same cases on both sides, from the WIT's to the connector's.
macro_rules! enums {
    ($($name:ident { $($case:ident),* })*) => {$(
        impl From<wit::$name> for connector::$name {
            fn from(given: wit::$name) -> Self {
                match given {
                    $(wit::$name::$case => Self::$case,)*
                }
            }
        }
    )*};
}

enums! {
    TaskStatus { Complete, Incomplete, Open }
    PropertyOwner { Page, BlogPost, Attachment, CustomContent, Comment, Space }
    ContentKind { Page, BlogPost }
    CommentKind { Footer, Inline }
}

impl From<connector::Comment> for wit::Comment {
    fn from(row: connector::Comment) -> Self {
        Self {
            id: row.id,
            kind: match row.kind {
                connector::CommentKind::Footer => wit::CommentKind::Footer,
                connector::CommentKind::Inline => wit::CommentKind::Inline,
            },
            status: row.status,
            title: row.title,
            page_id: row.page_id,
            blog_post_id: row.blog_post_id,
            attachment_id: row.attachment_id,
            custom_content_id: row.custom_content_id,
            parent_id: row.parent_id,
            resolution_status: row.resolution_status,
            resolution_modifier_id: row.resolution_modifier_id,
            resolution_modified_at: row.resolution_modified_at,
            selection: row.selection,
            marker_ref: row.marker_ref,
            version: row.version,
            body: row.body,
            web_url: row.web_url,
            raw: row.raw,
        }
    }
}

impl From<connector::AuditRecord> for wit::AuditRecord {
    fn from(row: connector::AuditRecord) -> Self {
        Self {
            created_at: row.created_at,
            author_id: row.author_id,
            author_name: row.author_name,
            remote_address: row.remote_address,
            summary: row.summary,
            description: row.description,
            category: row.category,
            sys_admin: row.sys_admin,
            super_admin: row.super_admin,
            affected: row.affected,
            changes: row.changes,
            associated: row.associated,
            raw: row.raw,
        }
    }
}

impl From<connector::SearchResult> for wit::SearchResult {
    fn from(row: connector::SearchResult) -> Self {
        Self {
            id: row.id,
            entity_type: row.entity_type,
            content_type: row.content_type,
            status: row.status,
            title: row.title,
            space_key: row.space_key,
            container_id: row.container_id,
            container_title: row.container_title,
            excerpt: row.excerpt,
            last_modified: row.last_modified,
            web_url: row.web_url,
            user: row.user,
            raw: row.raw,
        }
    }
}

impl From<connector::Ancestor> for wit::Ancestor {
    fn from(row: connector::Ancestor) -> Self {
        Self {
            id: row.id,
            type_: row.type_,
        }
    }
}

impl From<connector::ReadAnswer> for wit::ReadAnswer {
    fn from(answer: connector::ReadAnswer) -> Self {
        match answer {
            connector::ReadAnswer::Yes => Self::Yes,
            connector::ReadAnswer::No => Self::No,
            connector::ReadAnswer::Unknown => Self::Unknown,
        }
    }
}

impl From<connector::GateDecision> for wit::GateDecision {
    fn from(row: connector::GateDecision) -> Self {
        Self {
            kind: row.kind,
            id: row.id,
            answer: row.answer.into(),
            via: row.via,
        }
    }
}

impl From<connector::ReadDecision> for wit::ReadDecision {
    fn from(row: connector::ReadDecision) -> Self {
        Self {
            content_id: row.content_id,
            space_id: row.space_id,
            status: row.status,
            account_id: row.account_id,
            answer: row.answer.into(),
            reason: row.reason,
            decides: row.decides.map(Into::into),
            gates: row.gates.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Changes<connector::Page>> for wit::PageChanges {
    fn from(changes: Changes<connector::Page>) -> Self {
        Self {
            items: changes.items,
            checkpoint: changes.checkpoint,
            rest: changes.rest.into(),
        }
    }
}

impl From<Changes<connector::BlogPost>> for wit::BlogPostChanges {
    fn from(changes: Changes<connector::BlogPost>) -> Self {
        Self {
            items: changes.items,
            checkpoint: changes.checkpoint,
            rest: changes.rest.into(),
        }
    }
}

/// The connector's listing of `$row` as the WIT's `$listing`, with what becomes of its rows.
macro_rules! listings {
    ($items:ident: $rows:expr; $($row:ident => $listing:ident),* $(,)?) => {$(
        impl From<Listing<connector::$row>> for wit::$listing {
            fn from(listing: Listing<connector::$row>) -> Self {
                let $items = listing.items;
                Self {
                    items: $rows,
                    rest: listing.rest.into(),
                }
            }
        }
    )*};
}

listings! { items: items;
    Attachment => AttachmentListing,
    BlogPost => BlogPostListing,
    Child => ChildListing,
    ContentProperty => ContentPropertyListing,
    ContentVersion => ContentVersionListing,
    CustomContent => CustomContentListing,
    Group => GroupListing,
    Label => LabelListing,
    Page => PageListing,
    Space => SpaceListing,
    SpacePermission => SpacePermissionListing,
    Task => TaskListing,
    User => UserListing,
}

listings! { items: items.into_iter().map(Into::into).collect();
    AuditRecord => AuditRecordListing,
    Comment => CommentListing,
    SearchResult => SearchResultListing,
}
