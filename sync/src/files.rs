//! The content of attachments, as files beside the rows of a copy.
//!
//! Where a path and a digest are noted was decided between two places: columns of the stream
//! `attachments`, or a stream of their own. The rows of `attachments` are replaced as a whole each time
//! a list shows them, by every sink, and no list knows the columns: each sink would have to merge
//! halves of rows, and a log of whole rows, as files are, could not. So there is a stream of its own,
//! `attachment_files`, whose rows belong to rows of `attachments`: what deletes or excludes an attachment
//! does the same to the row of its file, in the same transaction, and files that no row names any more
//! are removed afterwards.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use source::{Column, ColumnType, FileSource, Stream, VERSION_NUMBER};

use crate::filter::{ByteSize, Media, Selection};
use crate::sink::SinkError;

/// The stream of files.
pub(crate) const FILES_STREAM: &str = "attachment_files";

/// The stream of what the files belong to.
pub(crate) const ATTACHMENTS: &str = "attachments";

/// Which content of attachments is copied, and where to.
#[derive(Clone)]
#[non_exhaustive]
pub struct Files {
    /// Where files are.
    pub store: Arc<dyn FileStore>,
    /// Where their content comes from. `None`: nothing is fetched, and files of attachments that are
    /// gone are removed.
    pub source: Option<Arc<dyn FileSource>>,
    /// Media types: `application/pdf`, `image/*`, `!video/*`. Empty: all.
    pub types: Selection,
    /// Maximum size.
    pub max_size: Option<ByteSize>,
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files")
            .field("store", &self.store)
            .field("types", &self.types)
            .field("max_size", &self.max_size)
            .finish_non_exhaustive()
    }
}

impl Files {
    /// The content of all attachments, from a source into a store.
    #[must_use]
    pub fn new(store: Arc<dyn FileStore>, source: Arc<dyn FileSource>) -> Self {
        Self {
            source: Some(source),
            ..Self::kept(store)
        }
    }

    /// Files of earlier runs, of which none is added.
    #[must_use]
    pub fn kept(store: Arc<dyn FileStore>) -> Self {
        Self {
            store,
            source: None,
            types: Selection::default(),
            max_size: None,
        }
    }

    /// Whether the content of an attachment of this type and size is copied.
    pub(crate) fn admit(&self, media_type: Option<&str>, size: Option<u64>) -> bool {
        let is_small = self
            .max_size
            .is_none_or(|max| size.is_some_and(|size| size <= max.bytes()));
        is_small && Media::of(&self.types).admits(media_type)
    }
}

/// What the name of a file is made of.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct FileName<'a> {
    /// The id of the space, if the copy knows it.
    pub space: Option<&'a str>,
    /// The id of the attachment.
    pub attachment: &'a str,
    /// The number of its version.
    pub version: Option<i64>,
    /// Its title, which is foreign text.
    pub title: Option<&'a str>,
    /// The SHA-256 digest of the content, once it is known.
    pub sha256: Option<&'a str>,
}

impl<'a> FileName<'a> {
    /// The name of a version of an attachment.
    #[must_use]
    pub fn new(attachment: &'a str, version: Option<i64>, title: Option<&'a str>) -> Self {
        Self {
            attachment,
            version,
            title,
            ..Self::default()
        }
    }
}

/// A folder of files that belongs to one copy.
///
/// Paths of files are relative to it and have `/` between their parts.
pub trait FileStore: fmt::Debug + Send + Sync {
    /// Where it is.
    fn place(&self) -> String;

    /// Refuses a place that belongs to another copy, or to no sync. `copy` identifies the copy; a new one
    /// has no identity yet. Nothing is written.
    ///
    /// # Errors
    ///
    /// [`SinkError::Unusable`], and what the operating system says.
    fn check(&self, copy: Option<&str>) -> Result<(), SinkError>;

    /// Makes it the place of a copy.
    ///
    /// # Errors
    ///
    /// As for [`FileStore::check`].
    fn open(&self, copy: &str) -> Result<(), SinkError>;

    /// Whether a file has a path, once its digest is known. It has none if it is to be named by an id that
    /// cannot be part of a path.
    fn has_path(&self, name: FileName<'_>) -> bool;

    /// The path of a file. `None` as long as it depends on a digest that is not known.
    fn path(&self, name: FileName<'_>) -> Option<String>;

    /// The length of a file, if it is there.
    fn size(&self, path: &str) -> Option<u64>;

    /// The SHA-256 digest of a file that is there, in hexadecimal.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    fn digest(&self, path: &str) -> io::Result<String>;

    /// Where the content of an attachment is written until it is complete: no other file has this name,
    /// and no draft.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    fn draft(&self, attachment: &str) -> io::Result<PathBuf>;

    /// Gives complete content its path, and makes that survive a power failure.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    fn keep(&self, draft: &Path, path: &str) -> io::Result<()>;

    /// Gives a file another path, beside the one that it has. What has that path is replaced at once.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    fn link(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes all files but these, and returns how many.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    fn sweep(&self, kept: &BTreeSet<String>) -> io::Result<u64>;
}

/// A failure of the disk as that of a sink.
pub(crate) fn disk_error(place: String, error: io::Error) -> SinkError {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    let (sink, is_full) = (
        place,
        matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge),
    );
    let error = Box::new(error);
    if is_full {
        SinkError::Full { sink, error }
    } else {
        SinkError::Failed { sink, error }
    }
}

/// The columns of the stream of files, in order.
pub(crate) const COLUMNS: [&str; 9] = [
    "attachment_id",
    "space_id",
    VERSION_NUMBER,
    "file_id",
    "media_type",
    "file_size",
    "sha256",
    "path",
    "absent",
];

/// The description of the stream of files.
pub(crate) fn stream() -> Stream {
    let column = |name: &str, documentation: &str| Column {
        name: name.to_owned(),
        documentation: documentation.to_owned(),
        column_type: if [VERSION_NUMBER, "file_size"].contains(&name) {
            ColumnType::Integer
        } else {
            ColumnType::Text
        },
        nullable: name != "attachment_id",
        on_request: false,
    };
    let documentation = [
        "Id of the attachment.",
        "Id of the space that contains it, if the copy has the page or blog post.",
        "Number of the version whose content the file has.",
        "Id of the file in the media service.",
        "Media type.",
        "Size, in bytes.",
        "SHA-256 digest of the content, in hexadecimal.",
        "Path of the file below the folder of files, with `/` between its parts.",
        "Why there is no file: `content-gone` if Confluence has lost it.",
    ];
    let columns = COLUMNS.iter().zip(documentation);
    Stream {
        name: FILES_STREAM.to_owned(),
        documentation:
            "Files with the content of attachments: the path and the digest of each. A sync \
                        that copies files writes it; it cannot be read alone."
                .to_owned(),
        key: vec!["attachment_id".to_owned()],
        parents: vec![ATTACHMENTS.to_owned()],
        by_space: true,
        columns: columns.map(|(name, text)| column(name, text)).collect(),
        passes: Vec::new(),
        scopes: Vec::new(),
        points_per_row: 0,
        is_default: false,
        settings: Vec::new(),
    }
}
