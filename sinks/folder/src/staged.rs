//! What a folder has to be moved elsewhere.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::folder::REGISTRY;
use crate::manifest::{self, MANIFESTS};

/// The manifests and parts of a folder that [`open_staging`](crate::open_staging) opened.
#[derive(Debug, Clone)]
pub struct Staged {
    folder: PathBuf,
}

/// A manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedManifest {
    /// Its number.
    pub sequence: i64,
    /// Its text.
    pub text: String,
}

impl Staged {
    /// Those of a folder.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether there is a registry.
    #[must_use]
    pub fn has_registry(&self) -> bool {
        self.folder.join(REGISTRY).exists()
    }

    /// The numbers of all manifests that are there, in order.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn sequences(&self) -> io::Result<Vec<i64>> {
        manifest::all(&self.folder)
    }

    /// A manifest that is there.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn manifest(&self, sequence: i64) -> io::Result<StagedManifest> {
        let text = fs::read_to_string(manifest::path(&self.folder, sequence))?;
        Ok(StagedManifest { sequence, text })
    }

    /// The bytes of a part, by its path in a manifest.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn part(&self, path: &str) -> io::Result<Vec<u8>> {
        fs::read(self.folder.join(path))
    }

    /// Removes the parts of a manifest, which are elsewhere now, and all manifests before it.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn moved(&self, moved: &StagedManifest) -> io::Result<()> {
        for part in moved.parts()? {
            let part = self.folder.join(part);
            absent_is_fine(fs::remove_file(&part))?;
            // A folder that still has parts is not removed, which is the intention.
            for empty in part.ancestors().skip(1).take(2) {
                let _ = fs::remove_dir(empty);
            }
        }
        for sequence in manifest::all(&self.folder)? {
            if sequence < moved.sequence {
                absent_is_fine(fs::remove_file(manifest::path(&self.folder, sequence)))?;
            }
        }
        Ok(())
    }

    /// Removes the registry with everything that was staged. The registry is made anew from the
    /// manifests that [`Staged::take_over`] is given.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn forget(&self) -> io::Result<()> {
        for suffix in ["", "-wal", "-shm"] {
            let file = self.folder.join(format!("{REGISTRY}{suffix}"));
            absent_is_fine(fs::remove_file(file))?;
        }
        // By their names, and not by the manifests, which may be damaged.
        for of_stream in folders(&self.folder)? {
            for of_run in folders(&of_stream)? {
                if named(&of_run, "run=") {
                    for part in fs::read_dir(&of_run)? {
                        let part = part?.path();
                        if named(&part, "part-") {
                            fs::remove_file(part)?;
                        }
                    }
                    // A folder that still has other files is not removed, which is the intention.
                    let _ = fs::remove_dir(of_run);
                }
            }
            let _ = fs::remove_dir(of_stream);
        }
        absent_is_fine(fs::remove_dir_all(self.folder.join(MANIFESTS)))
    }

    /// Adds a manifest from elsewhere.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn take_over(&self, taken: &StagedManifest) -> io::Result<()> {
        manifest::publish(&self.folder, taken.sequence, &taken.text)
    }
}

impl StagedManifest {
    /// The folder of manifests in a copy.
    pub const FOLDER: &str = MANIFESTS;

    /// The path of a manifest in a copy.
    #[must_use]
    pub fn path(sequence: i64) -> String {
        format!("{MANIFESTS}/{sequence:010}.json")
    }

    /// The number of a manifest by its path in a copy.
    #[must_use]
    pub fn sequence_of(path: &str) -> Option<i64> {
        let number = path.strip_prefix(MANIFESTS)?.strip_prefix('/')?;
        number.strip_suffix(".json")?.parse().ok()
    }

    /// The paths of its parts.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::InvalidData`] if it is not a manifest, or a path leads out of the folder.
    pub fn parts(&self) -> io::Result<Vec<String>> {
        let damaged = || {
            let path = Self::path(self.sequence);
            let reason = format!("`{path}` is not a manifest");
            io::Error::new(io::ErrorKind::InvalidData, reason)
        };
        let document: Value = serde_json::from_str(&self.text).map_err(|_| damaged())?;
        let parts = document.get("parts").and_then(Value::as_array);
        let path = |part: &Value| {
            let path = part.get("path")?.as_str()?;
            let is_inside = path
                .split('/')
                .all(|name| !matches!(name, "" | "." | "..") && !name.contains(['\\', ':']));
            is_inside.then(|| path.to_owned())
        };
        let paths: Option<Vec<String>> = parts.ok_or_else(damaged)?.iter().map(path).collect();
        paths.ok_or_else(damaged)
    }
}

/// The folders in a folder.
fn folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.push(entry.path());
        }
    }
    Ok(folders)
}

fn named(path: &Path, prefix: &str) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with(prefix))
}

fn absent_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
