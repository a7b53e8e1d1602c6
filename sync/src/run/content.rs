//! Which streams filters look into, and which follow them. Streams are known by the names that they
//! and their columns have; a source that has none of them has nothing to filter but spaces.

use source::Stream;

use crate::filter::Kinds;
use crate::spaces::SPACES;

/// The stream with the tree of pages.
pub(super) const PAGES: &str = "pages";

const BLOG_POSTS: &str = "blog_posts";

const CUSTOM_CONTENT: &str = "custom_content";

/// The stream of files.
pub(super) const FILES: &str = "attachments";

/// The columns with the page and the blog post that a row belongs to.
pub(super) const PAGE_ID: &str = "page_id";
pub(super) const BLOG_POST_ID: &str = "blog_post_id";

/// Columns with the id of the content that a row belongs to.
const OWNERS: [&str; 6] = [
    PAGE_ID,
    BLOG_POST_ID,
    "content_id",
    "child_id",
    "attachment_id",
    "custom_content_id",
];

/// The column with the page that a row of the tree is about.
pub(super) const CHILD: &str = "child_id";

/// The columns of a file.
pub(super) const MEDIA_TYPE: &str = "media_type";
pub(super) const FILE_SIZE: &str = "file_size";

/// The stream of groups, which belong to no space.
pub(super) const GROUPS: &str = "groups";

/// The column with the name of a label.
pub(super) const LABEL: &str = "name";

/// Whether filters look into the rows of a stream.
pub(super) fn is_content(stream: &str) -> bool {
    stream == PAGES || stream == BLOG_POSTS
}

/// Whether the rows of a stream belong to content, and follow it.
pub(super) fn follows_content(stream: &Stream) -> bool {
    !is_content(&stream.name)
        && OWNERS
            .iter()
            .any(|name| stream.columns.iter().any(|column| column.name == *name))
}

/// The streams whose rows can own rows of a stream.
pub(super) fn owners(stream: &Stream) -> Vec<&str> {
    let mut owners = vec![
        PAGES,
        BLOG_POSTS,
        CUSTOM_CONTENT,
        FILES,
        stream.name.as_str(),
    ];
    owners.extend(stream.parents.iter().map(String::as_str));
    owners.sort_unstable();
    owners.dedup();
    owners
}

/// The stream with the labels of rows of a stream.
pub(super) fn labels_of<'a>(streams: &'a [Stream], of: &str) -> Option<&'a Stream> {
    streams.iter().find(|stream| {
        stream.parents.iter().any(|parent| parent == of)
            && stream.name.ends_with("_labels")
            && stream.columns.iter().any(|column| column.name == LABEL)
    })
}

/// The streams in an order in which what is followed comes first; with the content that others follow.
pub(super) fn in_order<'a>(
    streams: &'a [Stream],
    kinds: Kinds<'_>,
    mut chosen: Vec<&'a Stream>,
) -> Vec<&'a Stream> {
    if chosen.iter().any(|stream| follows_content(stream)) {
        let is_in = |stream: &&Stream| is_content(&stream.name) && !kinds.excludes(&stream.name);
        let content = streams.iter().filter(is_in);
        for stream in content {
            if !chosen.iter().any(|known| known.name == stream.name) {
                chosen.push(stream);
            }
        }
    }
    chosen.sort_by_key(|stream| rank(&stream.name));
    chosen
}

/// The place of a stream in that order. Streams of the same place do not wait for each other.
pub(super) fn rank(stream: &str) -> u8 {
    match stream {
        SPACES => 0,
        name if is_content(name) => 1,
        CUSTOM_CONTENT => 2,
        FILES => 3,
        _ => 4,
    }
}
