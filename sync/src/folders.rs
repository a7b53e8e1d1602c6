//! Folders: no list has them. Pages and other folders name them as what they are in.

use source::{Batch, Pass, Stream};

/// The stream of folders, and the type that names one of them.
pub(crate) const FOLDERS: &str = "folders";
pub(crate) const FOLDER: &str = "folder";

/// The columns with the id and the type of what a page or a folder is in.
pub(crate) const PARENT_ID: &str = "parent_id";
pub(crate) const PARENT_TYPE: &str = "parent_type";

/// Both.
pub(crate) const PLACE: [&str; 2] = [PARENT_ID, PARENT_TYPE];

/// Whether the rows of a stream are read by the ids that other rows name.
pub(crate) fn is_of_folders(stream: &Stream) -> bool {
    stream.name == FOLDERS && stream.has(Pass::LookUp)
}

/// The folder that a row is in, if it is in one.
pub(crate) fn folder_of(batch: &Batch, row: usize) -> Option<&str> {
    let id = batch.text(PARENT_ID, row)?;
    (batch.text(PARENT_TYPE, row) == Some(FOLDER)).then_some(id)
}
