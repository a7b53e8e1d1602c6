//! Which streams the rows of a stream belong to.

use source::Stream;

use crate::folders::FOLDERS;

/// Columns with the id of what a row belongs to, and the stream that has it. Lists return such rows for the
/// entire site, without being given what they belong to.
const OWNERS: [(&str, &str); 5] = [
    ("page_id", "pages"),
    ("blog_post_id", "blog_posts"),
    ("custom_content_id", "custom_content"),
    ("attachment_id", "attachments"),
    ("content_id", FOLDERS),
];

/// The streams whose rows own rows of a stream: those that it is read for, and those that its columns
/// name. The stream itself is among them if it has replies.
pub(crate) fn of(stream: &Stream) -> Vec<&str> {
    let mut owners: Vec<&str> = stream.parents.iter().map(String::as_str).collect();
    for (column, owner) in OWNERS {
        let mut columns = stream.columns.iter();
        if !owners.contains(&owner) && columns.any(|one| one.name == column) {
            owners.push(owner);
        }
    }
    owners
}
