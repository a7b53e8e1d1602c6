//! Manifests: which parts count, in which order.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Why a folder has no registry that can be used: it was lost, and cannot be made anew from the manifests.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestFault {
    /// One of them is missing.
    #[error("the manifest `{path}` is missing, without which the registry cannot be rebuilt", path = .path.display())]
    Missing {
        /// Its file.
        path: PathBuf,
    },
    /// One of them cannot be read.
    #[error("`{path}` is not a manifest: {reason}", path = .path.display())]
    Damaged {
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// The folder of manifests.
pub(crate) const MANIFESTS: &str = "_manifest";

/// The file of the manifest of a number.
pub(crate) fn path(folder: &Path, sequence: i64) -> PathBuf {
    folder.join(MANIFESTS).join(format!("{sequence:010}.json"))
}

/// The numbers of all manifests that there are, in order.
pub(crate) fn all(folder: &Path) -> io::Result<Vec<i64>> {
    let mut found = Vec::new();
    let entries = match fs::read_dir(folder.join(MANIFESTS)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        entries => entries?,
    };
    for entry in entries {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".json"));
        found.extend(number.and_then(|number| number.parse::<i64>().ok()));
    }
    found.sort_unstable();
    Ok(found)
}

/// What the names of the newest part end with, if there is a manifest that can be read.
pub(crate) fn extension(folder: &Path) -> io::Result<Option<String>> {
    let Some(newest) = all(folder)?.last().copied() else {
        return Ok(None);
    };
    let text = fs::read_to_string(path(folder, newest)).unwrap_or_default();
    let document: Value = serde_json::from_str(&text).unwrap_or_default();
    let part = document.pointer("/parts/0/path").and_then(Value::as_str);
    let name = part.and_then(|path| path.rsplit('/').next());
    // Nothing before the extension has a dot.
    let extension = name.and_then(|name| name.split_once('.'));
    Ok(extension.map(|(_, extension)| extension.to_owned()))
}

/// Creates the manifest of a number, whole or not at all, and only if there is none. One with the same
/// text is this one.
///
/// # Errors
///
/// What the file system says, and when another writer was first.
pub(crate) fn publish(folder: &Path, sequence: i64, text: &str) -> io::Result<()> {
    let path = path(folder, sequence);
    let place = folder.join(MANIFESTS);
    fs::create_dir_all(&place)?;
    let draft = place.join(format!(".{sequence:010}.draft"));
    write(&draft, text.as_bytes())?;
    let linked = fs::hard_link(&draft, &path);
    let _ = fs::remove_file(&draft);
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if fs::read_to_string(&path)? != text {
                return Err(io::Error::new(
                    error.kind(),
                    format!("another writer has created `{}`", path.display()),
                ));
            }
        }
        linked => linked?,
    }
    sync_folder(&place)
}

/// Writes a file that survives a power failure once its folder does.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes names in a folder survive a power failure.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
