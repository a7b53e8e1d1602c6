//! Files that the caller names for what a command makes.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Writes a file that has its name once it is whole, so that who reads it meanwhile finds the old
/// one or the new one, and no half. Whom the umask admits may read it.
///
/// A pipe or a device is written into: a file in its place would be what nobody asked for, and in
/// the place of `/dev/null` the end of other programs. Who reads a pipe is waited for.
///
/// # Errors
///
/// What the operating system says. A file that was there is then as it was.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let is_place = |there: fs::Metadata| !there.is_file() && !there.is_dir();
    if fs::metadata(path).is_ok_and(is_place) {
        let mut there = File::options().write(true).open(path)?;
        there.write_all(bytes)?;
        return there.flush();
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut draft = tempfile::Builder::new();
    #[cfg(unix)]
    draft.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut draft = draft.tempfile_in(folder)?;
    draft.write_all(bytes)?;
    draft.as_file().sync_all()?;
    draft.persist(path)?;
    Ok(())
}
