//! An archive that depends on nothing but what is in it.
//!
//! Entries stand in the order of their names; owner, group and time are the same for all, and
//! permissions say no more than whether a file is a program.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

/// What goes into an archive, by its name there.
#[derive(Debug, Default)]
pub(crate) struct Content(BTreeMap<String, File>);

#[derive(Debug)]
struct File {
    bytes: Vec<u8>,
    is_program: bool,
}

impl Content {
    /// Adds a file.
    pub(crate) fn add(&mut self, name: &str, bytes: Vec<u8>, is_program: bool) {
        self.0.insert(name.to_owned(), File { bytes, is_program });
    }

    /// Adds what is in a folder, and in those below it.
    pub(crate) fn add_folder(&mut self, name: &str, folder: &Path) -> io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = format!("{name}/{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                self.add_folder(&name, &entry.path())?;
            } else {
                self.add(&name, std::fs::read(entry.path())?, false);
            }
        }
        Ok(())
    }

    /// The names of the files, and their bytes, sorted.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0
            .iter()
            .map(|(name, file)| (name.as_str(), file.bytes.as_slice()))
    }

    /// The archive, with everything in one folder.
    pub(crate) fn to_tar_gz(&self, folder: &str, seconds: u64) -> io::Result<Vec<u8>> {
        // A header without name and time: those of gzip would be the packager's.
        let gzip = GzBuilder::new()
            .mtime(0)
            .write(Vec::new(), Compression::best());
        let mut tar = Builder::new(gzip);
        for (name, file) in &self.0 {
            let mut header = Header::new_ustar();
            header.set_entry_type(EntryType::Regular);
            header.set_size(file.bytes.len() as u64);
            header.set_mode(if file.is_program { 0o755 } else { 0o644 });
            header.set_uid(0);
            header.set_gid(0);
            header.set_mtime(seconds);
            tar.append_data(
                &mut header,
                format!("{folder}/{name}"),
                file.bytes.as_slice(),
            )?;
        }
        tar.into_inner()?.finish()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::io::Read as _;
    use std::path::Path;

    use super::Content;

    fn folder(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, name).unwrap();
        }
        folder
    }

    fn archive(folder: &Path, seconds: u64) -> Vec<u8> {
        let mut content = Content::default();
        content.add("bin/program", b"program".to_vec(), true);
        content.add_folder("share", folder).unwrap();
        content.to_tar_gz("name-1.0.0", seconds).unwrap()
    }

    #[test]
    fn the_same_content_gives_the_same_archive_whenever_and_in_whatever_order_it_was_written() {
        let one = folder(&["a", "b/c", "b/d", "e"]);
        let two = folder(&["e", "b/d", "b/c", "a"]);
        let file = std::fs::File::open(two.path().join("a")).unwrap();
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
        assert_eq!(archive(one.path(), 7), archive(two.path(), 7));
        assert_ne!(archive(one.path(), 7), archive(one.path(), 8));
    }

    #[test]
    fn entries_are_sorted_and_say_nothing_of_who_packed_them() {
        let bytes = archive(folder(&["b", "a"]).path(), 1_795_350_123);
        let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(bytes.as_slice()));
        let mut told = Vec::new();
        for entry in tar.entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            let header = entry.header();
            assert_eq!(header.uid().unwrap() + header.gid().unwrap(), 0);
            assert_eq!(header.mtime().unwrap(), 1_795_350_123);
            let path = entry.path().unwrap().display().to_string();
            told.push((path, entry.header().mode().unwrap(), text));
        }
        let expected = [
            ("name-1.0.0/bin/program", 0o755, "program"),
            ("name-1.0.0/share/a", 0o644, "a"),
            ("name-1.0.0/share/b", 0o644, "b"),
        ]
        .map(|(path, mode, text)| (path.to_owned(), mode, text.to_owned()));
        assert_eq!(told, expected);
    }
}
