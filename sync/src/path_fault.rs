//! Why the file or the folder of a sink cannot be opened, which databases do not say.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

/// What is wrong with the path of a sink.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PathFault {
    /// The folder that is to contain the file does not exist.
    #[error("the folder `{}` does not exist", .folder.display())]
    NoFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// A folder is in the place of the file.
    #[error("it is a folder, and a file is required")]
    IsFolder,
    /// A pipe, a socket or a device is in the place of the file.
    #[error("it is not a regular file")]
    NotAFile,
    /// A file is in the place of a folder.
    #[error("`{}` is not a folder", .path.display())]
    NotAFolder {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be written.
    #[error("it cannot be written: {source}")]
    NotWritable {
        /// What the operating system says.
        source: io::Error,
    },
}

impl PathFault {
    /// What is in the place of a file, if it is none. Opening a pipe waits for its other end.
    #[must_use]
    pub fn of_place(path: &Path) -> Option<Self> {
        let there = path.metadata().ok()?;
        if there.is_dir() {
            return Some(Self::IsFolder);
        }
        (!there.is_file()).then_some(Self::NotAFile)
    }

    /// What is wrong with the path of a file that could not be opened; `None` if it can be.
    #[must_use]
    pub fn of_file(path: &Path) -> Option<Self> {
        if let Some(fault) = Self::of_place(path) {
            return Some(fault);
        }
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            if let Some(file) = file_among(folder) {
                return Some(Self::NotAFolder { path: file });
            }
            if !folder.exists() {
                return Some(Self::NoFolder {
                    folder: folder.to_owned(),
                });
            }
        }
        let is_new = !path.exists();
        let mut options = OpenOptions::new();
        match options.write(true).create_new(is_new).open(path) {
            // Another process has made it since.
            Err(source) if is_new && source.kind() == io::ErrorKind::AlreadyExists => None,
            Err(source) => Some(Self::NotWritable { source }),
            Ok(_) => {
                if is_new {
                    // It was made to see whether it can be.
                    let _ = std::fs::remove_file(path);
                }
                None
            }
        }
    }

    /// What is wrong with the path of a folder that could not be made or read.
    #[must_use]
    pub fn of_folder(path: &Path, source: io::Error) -> Self {
        match file_among(path) {
            Some(path) => Self::NotAFolder { path },
            None => Self::NotWritable { source },
        }
    }
}

/// The first file among a path and the folders above it.
fn file_among(path: &Path) -> Option<PathBuf> {
    let above = path.ancestors().filter(|path| !path.as_os_str().is_empty());
    above
        .filter(|path| path.exists() && !path.is_dir())
        .last()
        .map(Path::to_owned)
}
