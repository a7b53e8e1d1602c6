//! The records that lists answer, and how each reads itself from upstream JSON.

mod attachment;
mod audit;
mod blog_post;
mod comment;
mod content;
mod custom_content;
mod hierarchy;
mod history;
mod label;
mod page;
mod people;
mod permission;
mod property;
mod search_result;
mod space;
mod task;

pub use attachment::{Attachment, AttachmentLocation};
pub use audit::{AuditChange, AuditObject, AuditRecord};
pub use blog_post::BlogPost;
pub use comment::{Comment, CommentKind};
pub(crate) use content::body;
pub use content::{Body, Version};
pub use custom_content::CustomContent;
pub use hierarchy::{Ancestor, Child, Folder};
pub use history::ContentVersion;
pub use label::Label;
pub use page::Page;
pub use people::{Group, User};
pub(crate) use permission::RoleAssignment;
pub use permission::{
    Consulted, ContentRestrictions, EffectiveReaders, GateDecision, Principal, ReadAnswer,
    ReadDecision, ReaderGate, Restriction, SpacePermission,
};
pub use property::ContentProperty;
pub use search_result::SearchResult;
pub use space::Space;
pub use task::Task;

use crate::json::Fields;

/// What an id of content is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentKind {
    /// A page.
    Page,
    /// A blog post.
    BlogPost,
}

/// What filters and progress look at.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Face<'a> {
    pub(crate) id: &'a str,
    pub(crate) space_id: Option<&'a str>,
    pub(crate) kind: Option<&'a str>,
    pub(crate) key: Option<&'a str>,
    pub(crate) alias: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
}

/// A row of a list.
pub(crate) trait Row: Fields {
    fn parts(&mut self) -> Parts<'_>;
}

/// What paging looks at, and what is completed in place once a row is read.
pub(crate) struct Parts<'a> {
    pub(crate) face: Face<'a>,
    /// The place for the upstream JSON.
    pub(crate) raw: &'a mut Option<String>,
    /// The link for people, relative as Confluence sends it.
    pub(crate) web_url: Option<&'a mut Option<String>>,
    /// The text, for the kinds that have one in storage format.
    pub(crate) body: Option<&'a mut Body>,
}

impl<'a> Parts<'a> {
    /// Those of a row that has an id and nothing else that lists look at. Other rows name what they
    /// have beside it.
    pub(crate) fn of(id: &'a str, raw: &'a mut Option<String>) -> Self {
        Self {
            face: Face {
                id,
                ..Face::default()
            },
            raw,
            web_url: None,
            body: None,
        }
    }
}
