//! Files that a level names, as they were read, for as long as they stay as they are.
//!
//! Pools were made of what the files held when the first request left: a password of the proxy that
//! had been replaced since was shown until the process ended.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

use crate::plain_file::{Links, not_a_file, open};
use crate::tls::MAX_PEM_BYTES;
use host_levels::file_stamp::{SETTLES, Stamp};

/// What a file holds.
pub(super) struct Content {
    bytes: Zeroizing<Vec<u8>>,
    hash: blake3::Hash,
}

impl Content {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What tells it from what the file held before.
    pub(super) fn hash(&self) -> blake3::Hash {
        self.hash
    }
}

/// Files as they were read. They are the cluster level's to name, so that there are few.
pub(super) struct Files {
    settles: Duration,
    kept: Mutex<HashMap<PathBuf, (Stamp, Arc<Content>)>>,
}

impl Default for Files {
    fn default() -> Self {
        Self::settling_after(SETTLES)
    }
}

impl Files {
    fn settling_after(settles: Duration) -> Self {
        Self {
            settles,
            kept: Mutex::default(),
        }
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<PathBuf, (Stamp, Arc<Content>)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a file holds now. Each request asks: to see that it is the same file takes two
    /// microseconds.
    ///
    /// # Errors
    ///
    /// The system's, also for a file that was there before.
    pub(super) fn read(&self, path: &Path) -> io::Result<Arc<Content>> {
        let kept = self.kept().get(path).cloned();
        if let Some((stamp, content)) = kept
            && Stamp::of(&fs::metadata(path)?) == Some(stamp)
        {
            return Ok(content);
        }
        let now = SystemTime::now();
        let file = open(path, Links::Follow)?.ok_or_else(not_a_file)?;
        let opened = file.metadata()?;
        let mut bytes = Zeroizing::new(Vec::new());
        file.take(MAX_PEM_BYTES).read_to_end(&mut bytes)?;
        let content = Arc::new(Content {
            hash: blake3::hash(&bytes),
            bytes,
        });
        if let Some(stamp) = Stamp::of(&opened).filter(|stamp| stamp.is_older(now, self.settles)) {
            self.kept()
                .insert(path.to_owned(), (stamp, Arc::clone(&content)));
        }
        Ok(content)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::fs;
    use std::sync::Arc;
    use std::time::Duration;

    use super::Files;

    #[cfg(unix)]
    #[test]
    fn a_file_that_stays_is_read_once_and_one_that_changes_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "old").unwrap();
        let files = Files::settling_after(Duration::ZERO);
        let old = files.read(&path).unwrap();
        assert!(Arc::ptr_eq(&old, &files.read(&path).unwrap()));
        // As long, so that nothing but which file it is tells them apart for sure.
        let draft = folder.path().join("draft");
        fs::write(&draft, "new").unwrap();
        fs::rename(&draft, &path).unwrap();
        let new = files.read(&path).unwrap();
        assert_eq!(new.bytes(), b"new");
        assert_ne!(new.hash(), old.hash());
        fs::remove_file(&path).unwrap();
        assert!(files.read(&path).is_err());
    }

    #[test]
    fn a_file_that_was_changed_a_moment_ago_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let files = Files::settling_after(Duration::from_secs(3600));
        for text in ["one", "two", "one"] {
            fs::write(&path, text).unwrap();
            assert_eq!(files.read(&path).unwrap().bytes(), text.as_bytes());
        }
        let (one, other) = (files.read(&path).unwrap(), files.read(&path).unwrap());
        assert!(!Arc::ptr_eq(&one, &other));
        // What it holds tells pools apart, and not when it was written.
        assert_eq!(one.hash(), other.hash());
    }
}
