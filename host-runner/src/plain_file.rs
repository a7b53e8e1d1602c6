//! Regular files in places where others may have put something else: a link, a pipe, a device.
//!
//! Opening a pipe waits for its other end, and reading a device may never end. Files are therefore
//! opened without waiting, checked after they were opened, and read up to a maximum.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Whether a link in place of the file is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Links {
    /// As for files that somebody named: mounted secrets are links.
    Follow,
    /// As for files that this program has written, which are never links.
    Refuse,
}

/// What is at a path.
pub(crate) enum Content {
    /// A regular file, read to its end.
    Bytes(Vec<u8>),
    /// A regular file with more bytes than the maximum.
    TooLarge,
    /// A link that is not followed, a folder, a pipe, a socket or a device.
    NotAFile,
}

/// Opens a regular file without waiting. `None` for everything else that is there.
///
/// # Errors
///
/// The system's, such as that nothing is there.
pub(crate) fn open(path: &Path, links: Links) -> io::Result<Option<File>> {
    if links == Links::Refuse && !std::fs::symlink_metadata(path)?.is_file() {
        return Ok(None);
    }
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags(links));
    let opened = options.open(path);
    // A link took the file's place after the check above.
    #[cfg(unix)]
    if let Err(error) = &opened
        && links == Links::Refuse
        && error.raw_os_error() == Some(libc::ELOOP)
    {
        return Ok(None);
    }
    // A socket cannot be opened at all.
    #[cfg(unix)]
    if let Err(error) = &opened
        && matches!(error.raw_os_error(), Some(libc::ENXIO | libc::ENODEV))
    {
        return Ok(None);
    }
    let file = opened?;
    // Of the open file, so that it is the one that is read.
    Ok(file.metadata()?.is_file().then_some(file))
}

#[cfg(unix)]
fn flags(links: Links) -> i32 {
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    match links {
        Links::Follow => flags,
        Links::Refuse => flags | libc::O_NOFOLLOW,
    }
}

/// Reads a regular file of `maximum` bytes or less.
///
/// # Errors
///
/// As [`open`].
pub(crate) fn read(path: &Path, maximum: u64, links: Links) -> io::Result<Content> {
    let Some(file) = open(path, links)? else {
        return Ok(Content::NotAFile);
    };
    let length = file.metadata()?.len();
    if length > maximum {
        return Ok(Content::TooLarge);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    // The file may grow while it is read.
    file.take(maximum + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > maximum {
        return Ok(Content::TooLarge);
    }
    Ok(Content::Bytes(bytes))
}

/// As [`read`], with an error for everything that is no regular file of `maximum` bytes or less.
///
/// # Errors
///
/// As [`open`], and what is there instead.
pub(crate) fn read_or_refuse(path: &Path, maximum: u64, links: Links) -> io::Result<Vec<u8>> {
    match read(path, maximum, links)? {
        Content::Bytes(bytes) => Ok(bytes),
        Content::TooLarge => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("it is larger than {maximum} bytes"),
        )),
        Content::NotAFile => Err(not_a_file()),
    }
}

/// The error for what is no regular file.
pub(crate) fn not_a_file() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        "it is not a regular file but a folder, a pipe, a socket or a device",
    )
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::fs;
    use std::os::unix::net::UnixListener;

    use super::{Content, Links, read};

    #[test]
    fn pipes_sockets_devices_and_folders_are_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let socket = folder.path().join("socket");
        let _listener = UnixListener::bind(&socket).unwrap();
        for path in [
            pipe.as_path(),
            &socket,
            folder.path(),
            "/dev/zero".as_ref(),
            "/dev/tty".as_ref(),
        ] {
            for links in [Links::Follow, Links::Refuse] {
                assert!(
                    matches!(read(path, 10, links), Ok(Content::NotAFile)),
                    "{} {links:?}",
                    path.display()
                );
            }
        }
    }

    #[test]
    fn links_are_followed_where_that_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, b"text").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert!(
            matches!(read(&link, 4, Links::Follow), Ok(Content::Bytes(text)) if text == b"text")
        );
        assert!(matches!(
            read(&link, 4, Links::Refuse),
            Ok(Content::NotAFile)
        ));
        assert!(matches!(
            read(&file, 3, Links::Refuse),
            Ok(Content::TooLarge)
        ));
    }
}
