//! Content into a file that is there whole or not at all.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{Download, DownloadError};
use crate::durable_file;

/// Bytes that are written at once. Pieces come in some 16 KB; a thread is asked once for many.
const AT_ONCE: usize = 1 << 20;

/// Where content goes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Target {
    /// The file, or a folder for a file of the attachment's name. Absent: the current folder.
    pub path: Option<PathBuf>,
    /// Whether a file that is there is replaced.
    pub overwrite: bool,
}

impl Target {
    /// A file, or a folder, where nothing is overwritten.
    #[must_use]
    pub fn new(path: Option<PathBuf>) -> Self {
        Self {
            path,
            overwrite: false,
        }
    }

    /// The same, where a file that is there is replaced.
    #[must_use]
    pub fn overwriting(mut self) -> Self {
        self.overwrite = true;
        self
    }

    /// Refuses a file that is there, unless it is to be overwritten, and what is there and is no
    /// file, before anything is asked for.
    ///
    /// # Errors
    ///
    /// [`DownloadError::Exists`] and [`DownloadError::File`].
    pub fn check(&self) -> Result<(), DownloadError> {
        match &self.path {
            Some(path) if !path.is_dir() => self.free(path),
            _ => Ok(()),
        }
    }

    fn free(&self, path: &Path) -> Result<(), DownloadError> {
        // A link that leads nowhere is there, too.
        if !self.overwrite && path.symlink_metadata().is_ok() {
            return Err(DownloadError::Exists {
                path: path.to_owned(),
            });
        }
        // What takes its place is a file, and pipes and devices are there for others, too.
        match std::fs::metadata(path) {
            Ok(there) if !there.is_file() && !there.is_dir() => Err(DownloadError::File {
                path: path.to_owned(),
                source: io::Error::other(
                    "it is a pipe or a device, which is never replaced; to write to it, redirect standard output with `--output-file -`",
                ),
            }),
            _ => Ok(()),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        match &self.path {
            None => PathBuf::from(name),
            Some(path) if path.is_dir() => path.join(name),
            Some(path) => path.clone(),
        }
    }
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// Where it is.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256 digest, in hexadecimal.
    pub sha256: String,
}

impl Download {
    /// Writes the content into a file, which gets its name when all of it has come and is on the
    /// disk. Whatever ends it before, giving it up included, leaves what was there before.
    ///
    /// `progress` is told the bytes that have come.
    ///
    /// # Errors
    ///
    /// [`DownloadError::Exists`] and [`DownloadError::File`] for the file; else what
    /// [`Download::piece`] fails with.
    pub async fn save(
        mut self,
        target: &Target,
        mut progress: impl FnMut(u64),
    ) -> Result<Saved, DownloadError> {
        let path = target.file(&self.file_name());
        target.free(&path)?;
        let failed = |source| DownloadError::File {
            path: path.clone(),
            source,
        };
        let folder = durable_file::folder_of(&path).to_owned();
        // The name of the draft stays here, so that giving up removes it at once.
        let (mut file, draft) = blocking(move || {
            durable_file::download_draft_in(&folder).map(|draft| draft.into_parts())
        })
        .await
        .map_err(failed)?;
        let mut gathered = Vec::with_capacity(AT_ONCE);
        while let Some(piece) = self.piece().await? {
            progress(self.came());
            gathered.extend_from_slice(&piece);
            if gathered.len() >= AT_ONCE {
                (file, gathered) = write(file, gathered).await.map_err(failed)?;
            }
        }
        let (file, _) = write(file, gathered).await.map_err(failed)?;
        let sha256 = self.sha256().unwrap_or_default();
        let file = blocking(move || file.sync_all().map(|()| file))
            .await
            .map_err(failed)?;
        durable_file::name_download(&file, draft, &path, target.overwrite).map_err(|source| {
            match source.kind() {
                io::ErrorKind::AlreadyExists => DownloadError::Exists { path: path.clone() },
                _ => failed(source),
            }
        })?;
        Ok(Saved {
            bytes: self.came(),
            path,
            sha256,
        })
    }
}

async fn write(mut file: File, mut bytes: Vec<u8>) -> io::Result<(File, Vec<u8>)> {
    blocking(move || {
        file.write_all(&bytes)?;
        bytes.clear();
        Ok((file, bytes))
    })
    .await
}

/// Runs on a thread that may wait for a disk.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}
