//! The connector's records as the WIT has them: field by field, by move.

use confluence_connector as connector;

use crate::bindings::exports::confluence::connector::types as wit;
use connector::{Changes, Listing, Rest};

/// Records whose fields are moved one by one: those that stay, and behind `;` those that are
/// records of their own and may be absent.
macro_rules! records {
    ($($row:ident { $($field:ident),* $(; $($inner:ident),*)? })*) => {$(
        impl From<connector::$row> for wit::$row {
            fn from(row: connector::$row) -> Self {
                Self {
                    $($field: row.$field,)*
                    $($($inner: row.$inner.map(Into::into),)*)?
                }
            }
        }
    )*};
}

records! {
    Notice { code, message, id }
    Body { representation, value, degraded }
    Version { number, message, minor_edit, author_id, created_at }
    Space { id, key, name, type_, status, author_id, owner_id, created_at, homepage_id, alias, web_url, raw; description }
    Page { id, status, title, space_id, parent_id, parent_type, position, author_id, owner_id, last_owner_id, subtype, created_at, web_url, raw; version, body }
    BlogPost { id, status, title, space_id, author_id, created_at, web_url, raw; version, body }
    Attachment { id, status, title, created_at, page_id, blog_post_id, custom_content_id, media_type, media_type_description, comment, file_id, file_size, web_url, download_path, raw; version }
    AttachmentLocation { id, version, status, title, media_type, file_size, url }
    CustomContent { id, type_, status, title, space_id, page_id, blog_post_id, custom_content_id, author_id, created_at, web_url, raw; version, body }
    Task { id, local_id, space_id, page_id, blog_post_id, status, created_by, assigned_to, completed_by, created_at, updated_at, due_at, completed_at, raw; body }
    Label { id, name, prefix, raw }
    Count { value, at_least }
    Child { id, type_, status, title, space_id, position, raw }
    Ancestor { id, type_ }
    Folder { id, status, title, space_id, parent_id, parent_type, position, author_id, owner_id, created_at, web_url, raw; version }
    ContentVersion { number, message, minor_edit, author_id, created_at, title, raw; body }
    ContentProperty { id, key, value, created_at, created_by, raw; version }
    User { account_id, type_, account_type, display_name, public_name, email, time_zone, guest, raw }
    Group { id, name, usage_type, managed_by, raw }
    Principal { kind, id }
    Consulted { kind, id, restricts }
    SearchResult { id, entity_type, content_type, status, title, space_key, container_id, container_title, excerpt, last_modified, web_url, raw; user }
    AuditObject { name, type_ }
    AuditChange { name, old_value, new_value }
    ContentReference { id, kind, space_key }
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
            name_prefix: options.name_prefix,
            mention_names: options.mention_names,
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
            mention_names: options.mention_names,
            raw: options.raw,
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
            version: row.version.map(Into::into),
            body: row.body.map(Into::into),
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
            affected: row.affected.map(Into::into),
            changes: row.changes.into_iter().map(Into::into).collect(),
            associated: row.associated.into_iter().map(Into::into).collect(),
            raw: row.raw,
        }
    }
}

impl From<connector::SpacePermission> for wit::SpacePermission {
    fn from(row: connector::SpacePermission) -> Self {
        Self {
            id: row.id,
            principal: row.principal.into(),
            operation: row.operation,
            target_type: row.target_type,
            raw: row.raw,
        }
    }
}

impl From<connector::Restriction> for wit::Restriction {
    fn from(row: connector::Restriction) -> Self {
        Self {
            users: row.users.into_iter().map(Into::into).collect(),
            groups: row.groups.into_iter().map(Into::into).collect(),
            inherits: row.inherits,
        }
    }
}

impl From<connector::ContentRestrictions> for wit::ContentRestrictions {
    fn from(row: connector::ContentRestrictions) -> Self {
        Self {
            content_id: row.content_id,
            read: row.read.into(),
            update: row.update.into(),
        }
    }
}

impl From<connector::ReaderGate> for wit::ReaderGate {
    fn from(row: connector::ReaderGate) -> Self {
        Self {
            kind: row.kind,
            id: row.id,
            principals: row.principals.into_iter().map(Into::into).collect(),
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
            via: row.via.map(Into::into),
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

impl From<connector::EffectiveReaders> for wit::EffectiveReaders {
    fn from(row: connector::EffectiveReaders) -> Self {
        Self {
            content_id: row.content_id,
            space_id: row.space_id,
            status: row.status,
            certain: row.certain.into_iter().map(Into::into).collect(),
            gates: row.gates.into_iter().map(Into::into).collect(),
            consulted: row.consulted.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Changes<connector::Page>> for wit::PageChanges {
    fn from(changes: Changes<connector::Page>) -> Self {
        Self {
            items: changes.items.into_iter().map(Into::into).collect(),
            checkpoint: changes.checkpoint,
            rest: changes.rest.into(),
        }
    }
}

impl From<Changes<connector::BlogPost>> for wit::BlogPostChanges {
    fn from(changes: Changes<connector::BlogPost>) -> Self {
        Self {
            items: changes.items.into_iter().map(Into::into).collect(),
            checkpoint: changes.checkpoint,
            rest: changes.rest.into(),
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
    AuditRecord => AuditRecordListing,
    BlogPost => BlogPostListing,
    Child => ChildListing,
    Comment => CommentListing,
    ContentProperty => ContentPropertyListing,
    ContentVersion => ContentVersionListing,
    CustomContent => CustomContentListing,
    Group => GroupListing,
    Label => LabelListing,
    Page => PageListing,
    SearchResult => SearchResultListing,
    Space => SpaceListing,
    SpacePermission => SpacePermissionListing,
    Task => TaskListing,
    User => UserListing,
}
