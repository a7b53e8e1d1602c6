//! Files that are replaced whole, so that a process that is killed half-way leaves the old one
//! or the new one.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

/// What a draft's file name starts with: nobody else's file in these folders does, and those of
/// configuration are people's own.
pub const DRAFT: &str = ".host-runner-draft-";

/// What the draft of a download is called. It lies in a folder of the user's, whose own files may
/// have any other name.
const DOWNLOAD_DRAFT: &str = ".host-runner-download-";

/// Age from which a draft is one that a killed process left behind: a day. Writing takes seconds.
const STALE_DRAFT: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a lock is waited for. Holders write a file or two, which takes milliseconds, or wait
/// for Vault, whose time limit is 10 s.
const PATIENCE: Duration = Duration::from_secs(60);

/// Time between two tries to take a lock. A hundred processes that wait cost a thousandth of a
/// core each.
const BETWEEN_TRIES: Duration = Duration::from_millis(5);

/// Who may read a file that [`replace`] makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Its owner alone.
    Owner,
    /// Whom the process's umask admits; a file that is there keeps its owner, its group and its
    /// permissions.
    Usual,
}

/// Puts `bytes` in place of what `path` holds. Folders that are missing are made. A link is
/// replaced, not followed: whoever can put one there must not choose what is overwritten.
///
/// The bytes are on the disk before the name is, and the name before this returns.
///
/// # Errors
///
/// What the operating system says; the old file is then still there.
pub fn replace(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    remove_stale_drafts(folder);
    let mut draft = match readers {
        Readers::Owner => draft_in(folder)?,
        Readers::Usual => usual_draft_in(folder, DRAFT)?,
    };
    draft.write_all(bytes)?;
    if readers == Readers::Usual {
        keep_access(draft.as_file(), path)?;
    }
    draft.as_file().sync_all()?;
    draft.persist(path)?;
    sync_folder(folder)
}

/// As [`replace`], for a file that its owner alone reads, and those whom `like` admits: the file
/// whose place it is to take.
///
/// # Errors
///
/// As [`replace`].
pub fn replace_like(path: &Path, bytes: &[u8], like: &Path) -> io::Result<()> {
    let folder = folder_of(path);
    remove_stale_drafts(folder);
    let mut draft = draft_in(folder)?;
    draft.write_all(bytes)?;
    // Another group than before must not get what it admitted.
    if let Ok(there) = fs::symlink_metadata(like)
        && keeps_owner(draft.as_file(), &there)
    {
        keep_access(draft.as_file(), like)?;
    }
    draft.as_file().sync_all()?;
    draft.persist(path)?;
    sync_folder(folder)
}

/// Finds out whether [`replace`] could write a file, and leaves everything as it is.
///
/// # Errors
///
/// What the operating system says.
pub fn try_replace(path: &Path) -> io::Result<()> {
    // Folders that are missing would be made in the nearest one that is there.
    let there = path.ancestors().skip(1).find(|folder| folder.is_dir());
    draft_in(there.unwrap_or_else(|| folder_of(path))).map(drop)
}

/// Gives a file its permissions from the one that it takes the place of, and its owner and group
/// where this process may: root that changes a service's file would lock the service out.
fn keep_access(file: &File, path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(there) if there.is_file() => {
            keeps_owner(file, &there);
            file.set_permissions(there.permissions())
        }
        _ => Ok(()),
    }
}

/// Gives a file the owner and the group of another one, or the group at least. Answers whether it
/// has the group now.
#[cfg(unix)]
fn keeps_owner(file: &File, like: &fs::Metadata) -> bool {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let Ok(is) = file.metadata() else {
        return false;
    };
    if (is.uid(), is.gid()) == (like.uid(), like.gid()) {
        return true;
    }
    fchown(file, Some(like.uid()), Some(like.gid())).is_ok()
        || is.gid() == like.gid()
        || fchown(file, None, Some(like.gid())).is_ok()
}

#[cfg(not(unix))]
fn keeps_owner(_file: &File, _like: &fs::Metadata) -> bool {
    true
}

/// A file for what is being downloaded into a folder, which has to be there. Those whom the umask
/// admits may read it, and it is gone unless it is given a name.
pub fn download_draft_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    remove_stale(folder, DOWNLOAD_DRAFT);
    usual_draft_in(folder, DOWNLOAD_DRAFT)
}

/// Gives the draft of a download, whose bytes are on the disk, its name.
///
/// # Errors
///
/// [`io::ErrorKind::AlreadyExists`] when something has the name, unless it may be overwritten; what
/// has the name is then still there, as with every other error.
pub fn name_download(
    file: &File,
    draft: tempfile::TempPath,
    path: &Path,
    overwrite: bool,
) -> io::Result<()> {
    if overwrite {
        keep_access(file, path)?;
        draft.persist(path)?;
    } else {
        draft.persist_noclobber(path)?;
    }
    sync_folder(folder_of(path))
}

/// The folder that a file is in: for a bare name, the current one.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A file for what is being written, readable by its owner alone, and gone unless it is given a
/// name.
pub fn draft_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(DRAFT).tempfile_in(folder)
}

/// Removes what killed processes left behind. A draft that cannot be removed costs space and
/// nothing else, which is no reason to write nothing.
pub fn remove_stale_drafts(folder: &Path) {
    remove_stale(folder, DRAFT);
}

fn remove_stale(folder: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let is_draft = entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.starts_with(prefix));
        let is_stale = || {
            entry
                .metadata()
                .ok()
                .filter(fs::Metadata::is_file)
                .and_then(|metadata| metadata.modified().ok()?.elapsed().ok())
                .is_some_and(|age| age > STALE_DRAFT)
        };
        if is_draft && is_stale() {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Makes a folder, and those above it, that only their owner enters. One that is there keeps its
/// permissions.
pub fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes the names in a folder durable.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// A draft that those may read whom the umask admits.
fn usual_draft_in(folder: &Path, prefix: &str) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.prefix(prefix).tempfile_in(folder)
}

/// A folder that no other process changes while this is held. The system gives it back when the
/// process ends, however it ends.
#[derive(Debug)]
pub struct FolderLock(#[expect(dead_code, reason = "held, not read")] File);

impl FolderLock {
    /// Waits until no other process holds the lock `name` of the folder, for 60 s at most.
    /// It blocks its thread.
    ///
    /// # Errors
    ///
    /// What the operating system says, such as that the folder cannot be written, or that somebody
    /// holds the lock without end.
    pub fn take(folder: &Path, name: &str) -> io::Result<Self> {
        Self::take_within(folder, name, PATIENCE)
    }

    /// As [`FolderLock::take`], for `patience` at most.
    ///
    /// # Errors
    ///
    /// As [`FolderLock::take`]; [`io::ErrorKind::TimedOut`] when another process holds the lock
    /// for longer.
    pub fn take_within(folder: &Path, name: &str, patience: Duration) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!(".{name}.lock"));
        let mut options = File::options();
        options.write(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            // Whoever can open the file can hold the lock. A pipe in its place is not waited for.
            options.mode(0o600).custom_flags(libc::O_NONBLOCK);
        }
        let file = match options.create_new(true).open(&path) {
            Ok(made) => {
                // Who owns the folder needs the lock when root has made it. What was there is not
                // given away: it may be a link to what is not the owner's.
                if let Ok(folder) = fs::metadata(folder) {
                    keeps_owner(&made, &folder);
                }
                made
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => options
                .create_new(false)
                .create(true)
                .truncate(false)
                .open(&path)?,
            Err(error) => return Err(error),
        };
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if start.elapsed() < patience => {
                    std::thread::sleep(BETWEEN_TRIES);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(io::Error::new(
                        io::ErrorKind::TimedOut,
                        format!(
                            "another process has held `{}` for {} s; look for one that hangs",
                            path.display(),
                            patience.as_secs()
                        ),
                    ));
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }

    /// As [`FolderLock::take`], on a thread that may wait.
    ///
    /// # Errors
    ///
    /// As [`FolderLock::take`].
    pub async fn take_async(folder: &Path, name: &'static str) -> io::Result<Self> {
        let folder = folder.to_owned();
        tokio::task::spawn_blocking(move || Self::take(&folder, name))
            .await
            .map_err(io::Error::other)?
    }
}
