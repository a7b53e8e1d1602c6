//! The content of attachments as files in a folder.
//!
//! ```text
//! FOLDER/98304/att98314/2/report.pdf         space, attachment, version, and a name that is safe
//! FOLDER/sha256/ab/abcd…                     by content: the same content is there once
//! FOLDER/_incoming/                          content that is not complete yet
//! FOLDER/_files.json                         whose folder it is
//! ```
//!
//! The folder belongs to one copy: what the rows of that copy do not name is removed. So it has to be
//! empty when the copy takes it, and says from then on which copy that is.

mod folder;
mod naming;

pub use folder::FilesFolder;
pub use naming::Naming;
