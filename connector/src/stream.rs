//! Streams: a site's content as rows of columns, read in bounded steps.
//!
//! The catalogue is data: each stream has a module with its name, documentation, columns, key,
//! parents, endpoint, passes, scopes and points. What reads them knows no stream.

mod attachment_content_properties;
mod attachment_labels;
mod attachment_versions;
mod attachments;
mod audit_records;
mod blog_post_content_properties;
mod blog_post_footer_comments;
mod blog_post_inline_comments;
mod blog_post_labels;
mod blog_post_versions;
mod blog_posts;
mod catalogue;
mod child_pages;
mod content_restrictions;
mod custom_content;
mod description;
mod fields;
mod folders;
mod group_members;
mod groups;
mod page_content_properties;
mod page_footer_comments;
mod page_inline_comments;
mod page_labels;
mod page_versions;
mod pages;
mod request;
mod search;
mod settings;
mod space_labels;
mod space_permissions;
mod space_properties;
mod space_role_assignments;
mod spaces;
mod state;
mod step;
mod table;
mod tasks;
mod users;

pub use description::{ColumnDescription, StreamDescription, streams};
pub use request::{Budget, Parent, Pass, Projection, StepRequest};
pub use step::{Batch, Observed, Outcome, Progress};
