//! The content of files. It passes no step: it would not fit into one.

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;

use crate::error::SourceError;

/// Which content is fetched, and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileRequest {
    /// The key of the row that describes the file.
    pub key: String,
    /// The number of its version. `None`: the current one.
    pub version: Option<u32>,
    /// The file to write, which is replaced if it is there.
    pub path: PathBuf,
}

impl FileRequest {
    /// The content of a version of a file.
    #[must_use]
    pub fn new(key: impl Into<String>, version: Option<u32>, path: PathBuf) -> Self {
        Self {
            key: key.into(),
            version,
            path,
        }
    }
}

/// Content that was fetched completely and is on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchedFile {
    /// Its length in bytes.
    pub bytes: u64,
    /// Its SHA-256 digest in hexadecimal.
    pub sha256: String,
}

impl FetchedFile {
    /// Content of a length and a digest.
    #[must_use]
    pub fn new(bytes: u64, sha256: impl Into<String>) -> Self {
        Self {
            bytes,
            sha256: sha256.into(),
        }
    }
}

/// Why content was not fetched. Nothing of it is left.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The site or the network.
    #[error("{0}")]
    Source(#[source] SourceError),
    /// The disk.
    #[error("`{}` cannot be written: {error}", .path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        error: io::Error,
    },
}

/// What became of a request, and what it cost.
#[derive(Debug)]
#[non_exhaustive]
pub struct Fetched {
    /// Requests, those to the hosts that files come from among them.
    pub requests: u64,
    /// Points of the site's rate limit.
    pub points: u64,
    /// The content.
    pub file: Result<FetchedFile, FetchError>,
}

impl Fetched {
    /// What a request brought that cost so much.
    #[must_use]
    pub const fn new(requests: u64, points: u64, file: Result<FetchedFile, FetchError>) -> Self {
        Self {
            requests,
            points,
            file,
        }
    }
}

/// What [`FileSource::fetch`] returns. Dropped before it is ready, it leaves at most the file of
/// [`FileRequest::path`].
pub type FileFuture<'a> = Pin<Box<dyn Future<Output = Fetched> + Send + 'a>>;

/// Something whose rows describe files.
pub trait FileSource: Send + Sync {
    /// Writes the content of a file to a path.
    fn fetch<'a>(&'a self, request: &'a FileRequest) -> FileFuture<'a>;
}
