//! The content of attachments: located by the component, fetched by the host, streamed to a caller
//! or into a file.
//!
//! Content does not pass through the component, whose memory it would not fit into, and the
//! component is not believed: only a location that the site named in that very call is fetched, once
//! and without a credential. What comes is held against the size that the site gave.

mod bounds;
mod error;
mod location;
mod media_type;
mod save;

use bytes::Bytes;

pub use error::DownloadError;
pub use media_type::{MediaTypePattern, MediaTypePatternError};
pub use save::{SavedFile, Target};

pub(crate) use bounds::{Bounds, SETTINGS};
pub(crate) use location::Location;

use crate::outbound::{Content, ContentError};
use host_levels::file_name;

/// Which content, and what of it may be more narrowly than the levels say.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AttachmentRequest {
    /// The attachment: `att` and a number.
    pub id: String,
    /// An earlier version, counted from 1. Absent: the current one.
    pub version: Option<u32>,
    /// The most bytes that it may have. The setting `download.file-mib` holds all the same.
    pub most_bytes: Option<u64>,
    /// What it may be. Empty: whatever the setting `download.allow-media-types` has, which holds all
    /// the same.
    pub media_types: Vec<MediaTypePattern>,
}

impl AttachmentRequest {
    /// The current version of an attachment.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            version: None,
            most_bytes: None,
            media_types: Vec::new(),
        }
    }
}

/// The content of an attachment on its way: read with [`Download::piece`] to its end, or written
/// with [`Download::save`].
///
/// Dropping it gives it up.
pub struct Download {
    location: Location,
    content: Content,
    bounds: Bounds,
    came: u64,
    digest: ring::digest::Context,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    Complete,
    Failed,
}

impl std::fmt::Debug for Download {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Download")
            .field("location", &self.location)
            .field("came", &self.came)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Download {
    /// Content whose head is here, if head and description go together and are let through.
    pub(crate) fn begin(
        location: Location,
        content: Content,
        bounds: Bounds,
    ) -> Result<Self, DownloadError> {
        bounds.allow_answered(&location, &content)?;
        Ok(Self {
            location,
            content,
            bounds,
            came: 0,
            digest: ring::digest::Context::new(&ring::digest::SHA256),
            state: State::Running,
        })
    }

    /// The attachment: `att` and a number.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.location.id
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> Option<u64> {
        self.location.version
    }

    /// The file's name as its author gave it, which is foreign text and no path.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.location.title.as_deref()
    }

    /// A name for a file, made of the title: one component of a path, without separators, control
    /// characters, leading dots and names that a system reserves.
    #[must_use]
    pub fn file_name(&self) -> String {
        let title = self.location.title.as_deref().unwrap_or_default();
        file_name::safe(title, &self.location.id)
    }

    /// What the content is, as its author's browser said, or else who sends it.
    #[must_use]
    pub fn media_type(&self) -> Option<&str> {
        self.location
            .media_type
            .as_deref()
            .or(self.content.media_type())
    }

    /// How many bytes will come, where that is known.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.location.size.or(self.content.length())
    }

    /// How many bytes have come.
    #[must_use]
    pub fn came(&self) -> u64 {
        self.came
    }

    /// The next piece. `None` means that all of it has come, as long as the site said that it is.
    ///
    /// # Errors
    ///
    /// [`DownloadError`]; the pieces so far are then no content, and nothing follows them.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, DownloadError> {
        match self.state {
            State::Running => {}
            State::Complete => return Ok(None),
            State::Failed => return Err(self.cut()),
        }
        // Until it is known to be good.
        self.state = State::Failed;
        let piece = match self.content.piece().await {
            Ok(Some(piece)) => piece,
            Ok(None) => return self.end().map(|()| None),
            Err(ContentError::Cut) => return Err(self.cut()),
            Err(error) => return Err(self.bounds.failed(error, self.came)),
        };
        self.came = self.came.saturating_add(piece.len() as u64);
        self.bounds.allow_size(Some(self.came))?;
        if let Some(size) = self.location.size
            && self.came > size
        {
            return Err(DownloadError::Longer { expected: size });
        }
        self.digest.update(&piece);
        self.state = State::Running;
        Ok(Some(piece))
    }

    /// The SHA-256 digest of the content, in hexadecimal, once all of it has come.
    #[must_use]
    pub fn sha256(&self) -> Option<String> {
        if self.state != State::Complete {
            return None;
        }
        let digest = self.digest.clone().finish();
        Some(
            digest
                .as_ref()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }

    fn end(&mut self) -> Result<(), DownloadError> {
        match self.location.size {
            Some(size) if self.came < size => Err(self.cut()),
            // A connection that broke looks like the end.
            None if !self.content.has_end() => Err(self.cut()),
            _ => {
                self.state = State::Complete;
                Ok(())
            }
        }
    }

    fn cut(&self) -> DownloadError {
        DownloadError::Cut {
            came: self.came,
            expected: self.size(),
        }
    }
}
