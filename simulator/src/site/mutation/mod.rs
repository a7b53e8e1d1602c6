//! What can be changed on the site.

mod apply;
mod content;
mod people;
mod target;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::restriction::Operation;

/// One change of the site, as the control interface takes it: an object whose `kind` says which.
///
/// ```
/// use confluence_simulator::Mutation;
///
/// let edit = Mutation::parse(r#"{"kind":"edit","id":"98304"}"#)?;
/// assert_eq!(edit, Mutation::Edit { id: "98304".to_owned(), title: None, message: None });
/// assert!(Mutation::parse(r#"{"kind":"explode"}"#).is_err());
/// # Ok::<(), confluence_simulator::MutationError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
#[non_exhaustive]
pub enum Mutation {
    /// Creates a page: under `parent`, or at the top of `space`.
    CreatePage {
        /// Id or key of a space. By default that of the parent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        space: Option<String>,
        /// Id of a page, folder, whiteboard, database or embed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<String>,
        /// One is made up by default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
    /// Creates a blog post.
    CreateBlogPost {
        /// Id or key of a space.
        space: String,
        /// One is made up by default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
    /// Saves a page, blog post, comment or attachment as a new version with another body.
    Edit {
        /// What to edit.
        id: String,
        /// The new title, of a page or blog post.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// What the version says about itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// Gives a page or blog post another title, which is a new version with the same body.
    Retitle {
        /// What to retitle.
        id: String,
        /// The new title.
        title: String,
    },
    /// Moves a page, blog post or attachment to the trash. Child pages move up.
    Trash {
        /// What to trash.
        id: String,
    },
    /// Takes a page, blog post or attachment out of the trash.
    Restore {
        /// What to restore.
        id: String,
    },
    /// Deletes a page, blog post or attachment in the trash for good.
    Purge {
        /// What to purge.
        id: String,
    },
    /// Moves a page with everything below it, or a blog post. The version stays.
    Move {
        /// What to move.
        id: String,
        /// Id or key of a space. By default that of the parent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        space: Option<String>,
        /// Id of a page, folder, whiteboard, database or embed. By default, the top of the space.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<String>,
    },
    /// Archives a page. The version stays.
    Archive {
        /// What to archive.
        id: String,
    },
    /// Makes an archived page current again. The version stays.
    Unarchive {
        /// What to take out of the archive.
        id: String,
    },
    /// Adds a label to a page, blog post or attachment. The version stays.
    AddLabel {
        /// What to label.
        id: String,
        /// Name of a label that the site has.
        label: String,
    },
    /// Removes a label. The version stays.
    RemoveLabel {
        /// What the label is on.
        id: String,
        /// Name of the label.
        label: String,
    },
    /// Restricts a page or blog post to a user or a group, beside those it is restricted to already.
    /// The version stays.
    Restrict {
        /// What to restrict.
        id: String,
        /// `read` or `update`.
        operation: Operation,
        /// An account id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<String>,
        /// A group id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<String>,
    },
    /// Removes a user or a group from a restriction. The version stays.
    Unrestrict {
        /// What is restricted.
        id: String,
        /// `read` or `update`.
        operation: Operation,
        /// An account id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<String>,
        /// A group id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<String>,
    },
    /// Writes a footer comment, or an inline comment with `"inline": true`.
    CreateComment {
        /// A page, a blog post, or a comment to reply to.
        on: String,
        /// Whether it is an inline comment. A reply is what its comment is.
        #[serde(default)]
        inline: bool,
    },
    /// Deletes a comment and the replies to it. There is no trash for them.
    DeleteComment {
        /// The comment.
        id: String,
    },
    /// Resolves an inline comment. The version stays.
    Resolve {
        /// The comment.
        id: String,
    },
    /// Reopens an inline comment. The version stays.
    Reopen {
        /// The comment.
        id: String,
    },
    /// Ticks a task.
    CompleteTask {
        /// The task.
        id: String,
    },
    /// Unticks a task.
    ReopenTask {
        /// The task.
        id: String,
    },
    /// Deletes an older version, and renumbers those after it.
    DeleteVersion {
        /// What has the version.
        id: String,
        /// Which version; not the current one.
        number: u64,
    },
    /// Moves the time of the current version to now. Its number stays.
    Drift {
        /// What has the version.
        id: String,
    },
    /// Grants a user or a group a permission of a space.
    Grant {
        /// Id or key of the space.
        space: String,
        /// Such as `read`.
        operation: String,
        /// Such as `space`.
        target: String,
        /// An account id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<String>,
        /// A group id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<String>,
    },
    /// Revokes a permission of a space.
    Revoke {
        /// Id or key of the space.
        space: String,
        /// Id of the permission.
        permission: String,
    },
    /// Answers a space and everything in it as if they were not there.
    HideSpace {
        /// Id or key of the space.
        space: String,
    },
    /// Ends [`Self::HideSpace`].
    ShowSpace {
        /// Id or key of the space.
        space: String,
    },
    /// Adds an account to a group.
    AddMember {
        /// Id of the group.
        group: String,
        /// An account id.
        user: String,
    },
    /// Removes an account from a group.
    RemoveMember {
        /// Id of the group.
        group: String,
        /// An account id.
        user: String,
    },
    /// Gives an account another name.
    RenameUser {
        /// An account id.
        user: String,
        /// The new name.
        name: String,
    },
}

impl Mutation {
    /// The values of `kind`.
    pub const KINDS: [&str; 29] = [
        "create-page",
        "create-blog-post",
        "edit",
        "retitle",
        "trash",
        "restore",
        "purge",
        "move",
        "archive",
        "unarchive",
        "add-label",
        "remove-label",
        "restrict",
        "unrestrict",
        "create-comment",
        "delete-comment",
        "resolve",
        "reopen",
        "complete-task",
        "reopen-task",
        "delete-version",
        "drift",
        "grant",
        "revoke",
        "hide-space",
        "show-space",
        "add-member",
        "remove-member",
        "rename-user",
    ];

    /// Reads a mutation from JSON.
    ///
    /// # Errors
    ///
    /// It is not JSON, has no known `kind`, or has other fields than its kind.
    pub fn parse(text: &str) -> Result<Self, MutationError> {
        let value = serde_json::from_str(text);
        Self::from_value(value.map_err(|error| malformed(&error))?)
    }

    pub(crate) fn from_value(value: Value) -> Result<Self, MutationError> {
        match value.get("kind") {
            Some(Value::String(kind)) if Self::KINDS.contains(&kind.as_str()) => {}
            Some(Value::String(kind)) => {
                return Err(MutationError::UnknownKind { kind: kind.clone() });
            }
            _ => {
                return Err(MutationError::Malformed {
                    reason: "the text `kind` is missing".to_owned(),
                });
            }
        }
        Self::deserialize(value).map_err(|error| malformed(&error))
    }
}

pub(crate) fn malformed(error: &serde_json::Error) -> MutationError {
    MutationError::Malformed {
        reason: error.to_string(),
    }
}

/// Why the site cannot be changed so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MutationError {
    /// It is not a mutation.
    #[error("not a mutation: {reason}")]
    Malformed {
        /// What is wrong.
        reason: String,
    },
    /// There is no such kind.
    #[error("`{kind}` is not a kind of mutation")]
    UnknownKind {
        /// The kind that was given.
        kind: String,
    },
    /// Nothing of this id is on the site, or it is of a kind that cannot be changed so.
    #[error("`{id}` is not {expected} of this site")]
    NotFound {
        /// What was given.
        id: String,
        /// What it should be.
        expected: &'static str,
    },
    /// It is there, and cannot be changed so.
    #[error("`{id}` {reason}")]
    Refused {
        /// What was to change.
        id: String,
        /// Why it cannot.
        reason: &'static str,
    },
}

/// What a mutation changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Change {
    /// Counted from 1.
    pub number: u64,
    /// When it happened on the site.
    pub at: String,
    /// What was asked for.
    pub mutation: Mutation,
    /// What is different now, what was asked for first.
    pub ids: Vec<String>,
    /// The number of the current version of the first of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}
