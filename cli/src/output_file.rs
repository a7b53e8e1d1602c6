//! Files that the caller names for what a command makes.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

/// A file that has its name once it is whole, so that who reads it meanwhile finds the old one or the
/// new one, and no half. Whom the umask admits may read it. Dropped before, it was never there.
///
/// A pipe or a device is written into: a file in its place would be what nobody asked for, and in
/// the place of `/dev/null` the end of other programs. Who reads a pipe is waited for.
#[derive(Debug)]
pub(crate) struct OutputFile {
    file: File,
    /// What it is until it has its name, and the name.
    draft: Option<(TempPath, PathBuf)>,
}

impl OutputFile {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let is_place = |there: fs::Metadata| !there.is_file() && !there.is_dir();
        if fs::metadata(path).is_ok_and(is_place) {
            let file = File::options().write(true).open(path)?;
            return Ok(Self { file, draft: None });
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut draft = tempfile::Builder::new();
        #[cfg(unix)]
        draft.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let (file, draft) = draft.tempfile_in(folder)?.into_parts();
        Ok(Self {
            file,
            draft: Some((draft, path.to_owned())),
        })
    }

    /// What writes into it.
    pub(crate) fn writer(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Whether what is written before it is finished is there already: in a pipe or a device.
    pub(crate) const fn is_written_through(&self) -> bool {
        self.draft.is_none()
    }

    /// Gives it its name.
    ///
    /// # Errors
    ///
    /// What the operating system says. A file that was there is then as it was.
    pub(crate) fn finish(self) -> io::Result<()> {
        if let Some((draft, path)) = self.draft {
            self.file.sync_all()?;
            draft.persist(path)?;
        }
        Ok(())
    }
}

/// Writes a file.
///
/// # Errors
///
/// As for [`OutputFile::finish`].
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut output = OutputFile::create(path)?;
    output.file.write_all(bytes)?;
    output.finish()
}
