//! Files that are replaced whole, so that a process that is killed half-way leaves the old one
//! or the new one.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Who may read a file that [`replace`] makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Its owner alone.
    Owner,
    /// Whom the process's umask admits; a file that is there keeps its permissions.
    Usual,
}

/// Puts `bytes` in place of what `path` holds. Folders that are missing are made.
///
/// The bytes are on the disk before the name is, and the name before this returns.
///
/// # Errors
///
/// What the operating system says; the old file is then still there.
pub(crate) fn replace(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    // A link is followed, so that what it points to is replaced, not the link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder)?;
    let mut draft = match readers {
        Readers::Owner => draft_in(folder)?,
        Readers::Usual => usual_draft_in(folder)?,
    };
    draft.write_all(bytes)?;
    if readers == Readers::Usual
        && let Ok(there) = fs::metadata(&path)
    {
        draft.as_file().set_permissions(there.permissions())?;
    }
    draft.as_file().sync_all()?;
    draft.persist(&path)?;
    sync_folder(folder)
}

/// A file for what is being written, readable by its owner alone, and gone unless it is given a
/// name.
pub(crate) fn draft_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".draft-")
        .tempfile_in(folder)
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// A draft that those may read whom the umask admits.
fn usual_draft_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.prefix(".draft-").tempfile_in(folder)
}

/// A folder that no other process changes while this is held. The system gives it back when the
/// process ends, however it ends.
#[derive(Debug)]
pub(crate) struct FolderLock(#[expect(dead_code, reason = "held, not read")] File);

impl FolderLock {
    /// Waits until no other process holds the lock `name` of the folder. Holders write a file or
    /// two, which takes milliseconds.
    ///
    /// # Errors
    ///
    /// What the operating system says, such as that the folder cannot be written.
    pub(crate) fn take(folder: &Path, name: &str) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.join(format!(".{name}.lock")))?;
        file.lock()?;
        Ok(Self(file))
    }
}
