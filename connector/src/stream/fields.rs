//! Fields that several streams have: one definition of name, place in the JSON, type and documentation.

pub(super) mod body;
pub(super) mod comment;
pub(super) mod content;
pub(super) mod label;
pub(super) mod parent;
pub(super) mod past_version;
pub(super) mod person;
pub(super) mod property;
pub(super) mod version;
