//! A folder of files that belongs to one copy.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use host_levels::durable_file::{self, Readers};
use ring::digest::{Context, SHA256};
use serde_json::{Value, json};
use sync::{FileName, FileStore, SinkError};

use crate::naming::Naming;

/// The file that says whose folder it is.
const MARKER: &str = "_files.json";

/// The folder of content that is not complete yet.
const INCOMING: &str = "_incoming";

/// Bytes that are read at once to make a digest.
const AT_ONCE: usize = 1 << 18;

/// A folder of files.
#[derive(Debug)]
pub struct FilesFolder {
    folder: PathBuf,
    naming: Naming,
    /// How many drafts there were.
    drafts: AtomicU64,
}

impl FilesFolder {
    /// A folder with files that are named so. Nothing is created yet.
    #[must_use]
    pub const fn new(folder: PathBuf, naming: Naming) -> Self {
        Self {
            folder,
            naming,
            drafts: AtomicU64::new(0),
        }
    }

    /// The path of a draft that no other one has. No file is in the folder of drafts: ids have no `_`.
    fn new_draft(&self, of: &str) -> PathBuf {
        let number = self.drafts.fetch_add(1, Ordering::Relaxed);
        self.folder
            .join(INCOMING)
            .join(format!("{number}-{of}.part"))
    }

    fn file(&self, path: &str) -> PathBuf {
        let mut file = self.folder.clone();
        file.extend(path.split('/'));
        file
    }

    fn unusable(&self, reason: &str) -> SinkError {
        SinkError::Unusable {
            sink: self.place(),
            reason: reason.to_owned(),
        }
    }

    fn failed(&self, error: io::Error) -> SinkError {
        SinkError::Failed {
            sink: self.place(),
            error: Box::new(error),
        }
    }

    /// Makes a folder below this one, and its name durable.
    fn make(&self, folder: &Path) -> io::Result<()> {
        if folder.is_dir() {
            return Ok(());
        }
        let above = folder.parent().unwrap_or(&self.folder);
        if above.starts_with(&self.folder) && above != self.folder {
            self.make(above)?;
        }
        match fs::create_dir(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        durable_file::sync_folder(above)
    }
}

/// The entries of a folder; none, if it is not there.
fn entries(folder: &Path) -> io::Result<Vec<fs::DirEntry>> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries?.collect(),
    }
}

impl FileStore for FilesFolder {
    fn place(&self) -> String {
        self.folder.display().to_string()
    }

    fn check(&self, copy: Option<&str>) -> Result<(), SinkError> {
        let marker = match fs::read_to_string(self.folder.join(MARKER)) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(self.failed(error)),
        };
        if let Some(text) = marker {
            let marker: Value = serde_json::from_str(&text).unwrap_or_default();
            let owner = marker.get("copy").and_then(Value::as_str);
            return if owner.is_some() && owner == copy {
                Ok(())
            } else {
                Err(self.unusable(&format!(
                    "its files belong to another copy; use a folder of its own for each copy, or remove `{MARKER}` in it if that copy is no longer there"
                )))
            };
        }
        let entries = entries(&self.folder).map_err(|error| self.failed(error))?;
        let is_foreign = |entry: &fs::DirEntry| {
            let name = entry.file_name();
            !name.to_string_lossy().starts_with(durable_file::DRAFT)
        };
        // A folder of files that has lost its marker is that of the copy which takes it.
        let has_files = entries.iter().any(|entry| entry.file_name() == INCOMING);
        if !has_files && entries.iter().any(is_foreign) {
            return Err(self.unusable("the folder contains files that do not belong to a sync"));
        }
        Ok(())
    }

    fn open(&self, copy: &str) -> Result<(), SinkError> {
        self.check(Some(copy))?;
        let open = || -> io::Result<()> {
            fs::create_dir_all(&self.folder)?;
            let marker = self.folder.join(MARKER);
            if !marker.exists() {
                let text = format!("{}\n", json!({"format": 1, "copy": copy}));
                durable_file::replace(&marker, text.as_bytes(), Readers::Usual)?;
            }
            let incoming = self.folder.join(INCOMING);
            self.make(&incoming)?;
            // Nobody else writes into it: what is there was left behind.
            for entry in entries(&incoming)? {
                fs::remove_file(entry.path())?;
            }
            Ok(())
        };
        open().map_err(|error| self.failed(error))
    }

    fn has_path(&self, name: FileName<'_>) -> bool {
        self.naming.has_path(name)
    }

    fn path(&self, name: FileName<'_>) -> Option<String> {
        self.naming.path(name)
    }

    fn size(&self, path: &str) -> Option<u64> {
        let metadata = fs::symlink_metadata(self.file(path)).ok()?;
        metadata.is_file().then_some(metadata.len())
    }

    fn digest(&self, path: &str) -> io::Result<String> {
        let mut file = File::open(self.file(path))?;
        let mut context = Context::new(&SHA256);
        let mut bytes = vec![0; AT_ONCE];
        loop {
            match file.read(&mut bytes)? {
                0 => break,
                read => context.update(bytes.get(..read).unwrap_or_default()),
            }
        }
        let digest = context.finish();
        Ok(digest
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect())
    }

    fn draft(&self, attachment: &str) -> io::Result<PathBuf> {
        let is_plain = |c: char| c.is_ascii_alphanumeric();
        let name: String = attachment
            .chars()
            .filter(|c| is_plain(*c))
            .take(64)
            .collect();
        Ok(self.new_draft(&name))
    }

    fn keep(&self, draft: &Path, path: &str) -> io::Result<()> {
        let file = self.file(path);
        let folder = durable_file::folder_of(&file);
        self.make(folder)?;
        // Its bytes are on the disk already.
        fs::rename(draft, &file)?;
        durable_file::sync_folder(folder)
    }

    fn link(&self, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (self.file(from), self.file(to));
        let folder = durable_file::folder_of(&to);
        self.make(folder)?;
        let draft = self.new_draft("link");
        // Not all file systems have links.
        let drafted = fs::hard_link(&from, &draft).or_else(|_| copied(&from, &draft));
        let renamed = drafted.and_then(|()| fs::rename(&draft, &to));
        // Where both are links to one file already, nothing was renamed.
        let removed = match fs::remove_file(&draft) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        };
        renamed.and(removed)?;
        durable_file::sync_folder(folder)
    }

    fn sweep(&self, kept: &BTreeSet<String>) -> io::Result<u64> {
        let mut removed = 0;
        for entry in entries(&self.folder)? {
            let name = entry.file_name();
            // What is not a folder of files is not ours to remove.
            let Some(name) = name.to_str().filter(|name| *name != INCOMING) else {
                continue;
            };
            if entry.file_type()?.is_dir() {
                removed += sweep(&entry.path(), name, kept)?;
            }
        }
        Ok(removed)
    }
}

/// Copies a file to a path that has none yet.
fn copied(from: &Path, to: &Path) -> io::Result<()> {
    let mut from = File::open(from)?;
    let mut copy = File::create_new(to)?;
    io::copy(&mut from, &mut copy)?;
    copy.sync_all()
}

/// Removes all files of a folder but these, and the folder if nothing is left. Links are not followed.
fn sweep(folder: &Path, path: &str, kept: &BTreeSet<String>) -> io::Result<u64> {
    let mut removed = 0;
    let mut is_empty = true;
    for entry in entries(folder)? {
        let name = entry.file_name();
        let path = format!("{path}/{}", name.to_string_lossy());
        if entry.file_type()?.is_dir() {
            removed += sweep(&entry.path(), &path, kept)?;
            is_empty &= !entry.path().exists();
        } else if kept.contains(&path) {
            is_empty = false;
        } else {
            fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    if is_empty {
        fs::remove_dir(folder)?;
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::collections::BTreeSet;
    use std::fs;

    use sync::{FileName, FileStore as _, SinkError};

    use super::{FilesFolder, Naming};

    fn folder() -> (tempfile::TempDir, FilesFolder) {
        let folder = tempfile::tempdir().unwrap();
        let files = FilesFolder::new(folder.path().join("files"), Naming::Path);
        (folder, files)
    }

    fn write(files: &FilesFolder, path: &str, text: &str) {
        let draft = files.draft("att1").unwrap();
        fs::write(&draft, text).unwrap();
        files.keep(&draft, path).unwrap();
    }

    #[test]
    fn a_folder_belongs_to_one_copy() {
        let (_root, files) = folder();
        files.check(None).unwrap();
        files.open("one").unwrap();
        files.open("one").unwrap();
        for copy in [None, Some("two")] {
            let refused = files.check(copy);
            assert!(
                matches!(refused, Err(SinkError::Unusable { .. })),
                "{copy:?}"
            );
        }
        // Whoever removes the marker hands the folder over.
        fs::remove_file(files.file("_files.json")).unwrap();
        files.open("two").unwrap();
    }

    #[test]
    fn a_folder_with_other_files_is_refused_and_left_as_it_is() {
        let (_root, files) = folder();
        fs::create_dir(&files.folder).unwrap();
        fs::write(files.file("diary.txt"), "dear").unwrap();
        assert!(matches!(files.check(None), Err(SinkError::Unusable { .. })));
        assert!(files.open("one").is_err());
        assert_eq!(fs::read_dir(&files.folder).unwrap().count(), 1);
    }

    #[test]
    fn files_that_are_not_kept_are_removed_with_their_folders() {
        let (_root, files) = folder();
        files.open("one").unwrap();
        for path in [
            "1/att1/1/a.txt",
            "1/att1/2/a.txt",
            "1/att2/1/b.txt",
            "2/att3/1/c.txt",
        ] {
            write(&files, path, path);
        }
        let kept = BTreeSet::from(["1/att1/2/a.txt".to_owned()]);
        assert_eq!(files.sweep(&kept).unwrap(), 3);
        assert_eq!(files.size("1/att1/2/a.txt"), Some(14));
        assert!(!files.file("1/att1/1").exists());
        assert!(!files.file("2").exists());
        files.check(Some("one")).unwrap();
    }

    #[test]
    fn a_file_with_another_path_has_the_same_content_and_digest() {
        let (_root, files) = folder();
        files.open("one").unwrap();
        write(&files, "1/att1/1/a.txt", "hello");
        files.link("1/att1/1/a.txt", "2/att1/1/b.txt").unwrap();
        files.link("1/att1/1/a.txt", "2/att1/1/b.txt").unwrap();
        let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        assert_eq!(files.digest("2/att1/1/b.txt").unwrap(), hello);
    }

    #[test]
    fn a_link_replaces_what_has_its_path_and_leaves_no_draft() {
        let (_root, files) = folder();
        files.open("one").unwrap();
        write(&files, "1/att1/1/a.txt", "hello");
        write(&files, "2/att1/1/b.txt", "before");
        files.link("1/att1/1/a.txt", "2/att1/1/b.txt").unwrap();
        let read = |path| fs::read_to_string(files.file(path)).unwrap();
        assert_eq!(read("2/att1/1/b.txt"), "hello");
        files.link("1/att1/1/a.txt", "2/att1/1/b.txt").unwrap();
        assert_eq!(read("1/att1/1/a.txt"), "hello");
        // One that cannot be made leaves what is there.
        assert!(files.link("1/none/1/a.txt", "2/att1/1/b.txt").is_err());
        assert_eq!(read("2/att1/1/b.txt"), "hello");
        let drafts = fs::read_dir(files.file("_incoming")).unwrap();
        assert_eq!(drafts.count(), 0);
    }

    #[test]
    fn a_draft_has_the_name_of_no_other_draft_and_of_no_file() {
        let (_root, files) = folder();
        files.open("one").unwrap();
        let mut drafts = BTreeSet::new();
        for attachment in ["att-1", "att1", "at/t1", "att1", "", "..", "_"] {
            let draft = files.draft(attachment).unwrap();
            assert_eq!(draft.parent().unwrap(), files.file("_incoming"));
            assert!(drafts.insert(draft), "{attachment}");
        }
        for id in ["_incoming", "_files.json", "..", ".host-runner-draft-1"] {
            let mut name = FileName::new("att1", Some(1), Some("a.txt"));
            name.space = Some(id);
            assert_eq!(files.path(name), None, "{id}");
            assert!(!files.has_path(name), "{id}");
        }
    }

    #[test]
    fn what_a_killed_run_left_behind_is_removed_when_the_next_one_begins() {
        let (_root, files) = folder();
        files.open("one").unwrap();
        let draft = files.draft("../att1").unwrap();
        assert!(draft.starts_with(files.file("_incoming")));
        fs::write(&draft, "half").unwrap();
        files.open("one").unwrap();
        assert!(!draft.exists());
    }
}
