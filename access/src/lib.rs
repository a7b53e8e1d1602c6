//! Who may read what of a copy of Confluence, from what is stored.
//!
//! A reader has to pass *all* layers of a content, and passes a layer as *any* of its principals. The first
//! layer is who may view the space; each content above it that has a read restriction is one, and so is its
//! own restriction. Layers are never flattened: the ids of two layers may have none in common although an
//! account is in a group of both.
//!
//! What is not known is nobody's. A content is known if everything that it depends on is: its place and
//! those of all content above it, the restrictions of each of them, and the permissions of its space.
//! Rows of different ages are next to each other in a copy, and together they can say what was never true:
//! a page that was moved below an open page, which was restricted meanwhile, would be open for a while.
//! Therefore:
//!
//! - Restrictions and permissions have to be read after the content's row changed last. Where they are
//!   older, those of its layers are read again in the same run; until then it is unknown.
//! - If content above it was moved since its restrictions were read, or was not seen in this run, the
//!   layers of before are required in addition to those that follow from what is stored. That is never
//!   more than what was true before, and needs no request.
//! - The view `content_readers` counts a member that was added to a group only once layers were computed
//!   after that, since the layers of before may name the group.
//! - A row remembers the fingerprint of the content's row that it was computed for. The view
//!   `content_readers` shows nobody for a content whose row is another one.
//!
//! What a site changes while a list is read, which can take several runs, can be read half: the next
//! reading corrects that.
//!
//! This crate reads and writes nothing.

mod content_access;
mod decision;
mod principal;
mod readers;
mod reason;
mod report;
mod space;
mod tree;

pub use content_access::{CONTENT_ACCESS, ContentAccess};
pub use decision::{Decision, Member, layers_of};
pub use principal::Principal;
pub use reason::Reason;
