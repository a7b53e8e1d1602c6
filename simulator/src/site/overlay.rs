//! What happened to the site since it was generated, beside what its rows keep themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::attachment::Container;
use super::comment::CommentKind;
use super::permission::SpacePermission;
use super::population::LAST_CHANGE;
use super::restriction::{Operation, Restriction};
use super::tree::Node;

/// Milliseconds between two changes.
const TICK: u64 = 60_000;

/// Where a page is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placement {
    pub(crate) space: u64,
    pub(crate) parent: Option<Node>,
}

/// Where a comment is that was written after the site was generated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CommentPlace {
    pub(crate) container: Container,
    /// The comment that it replies to.
    pub(crate) above: Option<u64>,
}

/// That somebody resolved an inline comment or a task, or reopened it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settled {
    pub(crate) is_settled: bool,
    /// Milliseconds since 1970.
    pub(crate) at: u64,
    /// For `Site::account_id`.
    pub(crate) by: u64,
}

/// A change that the audit log has.
#[derive(Debug, Clone)]
pub(crate) struct AuditEvent {
    /// Milliseconds since 1970.
    pub(crate) at: u64,
    /// For `Site::account_id`.
    pub(crate) by: u64,
    pub(crate) summary: &'static str,
    pub(crate) category: &'static str,
    /// What it was done to, which the log knows by its name only.
    pub(crate) kind: &'static str,
    pub(crate) affected: String,
}

/// What happened to the site since it was generated. Empty: nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overlay {
    /// Changes so far.
    pub(crate) changes: u64,
    pub(crate) pages: BTreeMap<u64, Placement>,
    /// The spaces of blog posts.
    pub(crate) blog_posts: BTreeMap<u64, u64>,
    pub(crate) comments: BTreeMap<(CommentKind, u64), CommentPlace>,
    pub(crate) resolutions: BTreeMap<u64, Settled>,
    pub(crate) tasks: BTreeMap<u64, Settled>,
    /// By the family and the slot of an entity.
    pub(crate) labels: BTreeMap<(u64, u64), Vec<u64>>,
    /// By the id of content.
    pub(crate) restrictions: BTreeMap<(u64, Operation), Restriction>,
    pub(crate) permissions: BTreeMap<u64, Vec<SpacePermission>>,
    pub(crate) members: BTreeMap<u64, Vec<u64>>,
    pub(crate) hidden_spaces: BTreeSet<u64>,
    /// The latest last.
    pub(crate) audit: Vec<AuditEvent>,
}

impl Overlay {
    /// The time of the last change, in milliseconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        LAST_CHANGE + self.changes * TICK
    }
}
