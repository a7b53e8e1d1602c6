//! Where what is known of syncs is kept.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use host_levels::durable_file::{FolderLock, Readers, make_private_folder, replace};
use host_levels::{LevelPath, PlainName};

use super::record::SyncRecord;
use crate::plain_file::{self, Content, Links};

/// Longest file of a sync that is read.
const MAX_BYTES: u64 = 64 * 1024;

/// A sync that a level defines. One of another level is another sync, whatever its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncId {
    /// The level.
    pub level: LevelPath,
    /// The name.
    pub name: PlainName,
}

impl std::fmt::Display for SyncId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.level, self.name)
    }
}

/// Held during a run: no other run of the sync begins on this machine. The system gives it back when
/// the process ends, however it ends.
#[derive(Debug)]
pub struct SyncLock(#[expect(dead_code, reason = "held, not read")] FolderLock);

/// The name of the lock of a sync's runs. No sync can have that of the records.
fn run_lock(id: &SyncId) -> String {
    format!("run-{}", id.name)
}

/// The records of a state folder.
#[derive(Debug, Clone)]
pub struct SyncRecords {
    state: PathBuf,
}

impl SyncRecords {
    /// Those of a state folder.
    #[must_use]
    pub fn of_state(state: &Path) -> Self {
        Self {
            state: state.to_owned(),
        }
    }

    /// Where the records are.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.state.join("syncs")
    }

    /// The folder of a sync's level.
    fn folder_of(&self, id: &SyncId) -> PathBuf {
        self.folder().join(id.level.as_str())
    }

    fn file(&self, id: &SyncId, extension: &str) -> PathBuf {
        self.folder_of(id).join(format!("{}.{extension}", id.name))
    }

    /// What is known of a sync. Nothing, if it never ran and was never paused.
    ///
    /// # Errors
    ///
    /// What the operating system says; [`io::ErrorKind::InvalidData`] for a file that is none of a
    /// record.
    pub fn get(&self, id: &SyncId) -> io::Result<SyncRecord> {
        let path = self.file(id, "json");
        let bytes = match plain_file::read(&path, MAX_BYTES, Links::Refuse) {
            Ok(Content::Bytes(bytes)) => bytes,
            // A record has another form.
            Ok(Content::TooLarge | Content::NotAFile) => Vec::new(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(SyncRecord::default());
            }
            Err(error) => return Err(error),
        };
        let value = serde_json::from_slice(&bytes).ok();
        let record = value.and_then(|value| SyncRecord::of_json(&value));
        record.ok_or_else(|| {
            let message = format!("`{}` does not describe a sync; remove it", path.display());
            io::Error::new(io::ErrorKind::InvalidData, message)
        })
    }

    /// Changes what is known of a sync, while no other process does. Returns what `change` returns.
    ///
    /// # Errors
    ///
    /// As for [`SyncRecords::get`]; what the operating system says of the folder.
    pub fn update<T>(
        &self,
        id: &SyncId,
        change: impl FnOnce(&mut SyncRecord) -> T,
    ) -> io::Result<T> {
        let folder = self.folder_of(id);
        make_private_folder(&folder)?;
        let _lock = FolderLock::take(&folder, "records")?;
        let mut record = self.get(id)?;
        let result = change(&mut record);
        let text = format!("{}\n", record.to_json());
        replace(&self.file(id, "json"), text.as_bytes(), Readers::Owner)?;
        Ok(result)
    }

    /// Forgets a sync.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn remove(&self, id: &SyncId) -> io::Result<()> {
        match fs::remove_file(self.file(id, "json")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The lock of a run. `None` while another run holds it.
    ///
    /// # Errors
    ///
    /// What the operating system says of the file.
    pub fn lock(&self, id: &SyncId) -> io::Result<Option<SyncLock>> {
        let folder = self.folder_of(id);
        make_private_folder(&folder)?;
        match FolderLock::take_within(&folder, &run_lock(id), Duration::ZERO) {
            Ok(lock) => Ok(Some(SyncLock(lock))),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether a run holds the lock. What cannot be found out is not the case.
    #[must_use]
    pub fn is_running(&self, id: &SyncId) -> bool {
        // A lock that was never taken is not made.
        let path = self.folder_of(id).join(format!(".{}.lock", run_lock(id)));
        path.exists() && matches!(self.lock(id), Ok(None))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use host_levels::{Level, Scope};

    use super::{SyncId, SyncRecords};
    use crate::syncs::PauseReason;

    #[test]
    fn a_record_outlives_the_process_and_belongs_to_its_level() {
        let state = tempfile::tempdir().unwrap();
        let records = SyncRecords::of_state(state.path());
        let id = |level| SyncId {
            level: Scope::default().path(level),
            name: "docs".parse().unwrap(),
        };
        let (app, cluster) = (id(Level::App), id(Level::Cluster));
        let pause = |record: &mut super::SyncRecord| record.pause(1, PauseReason::Request);
        records.update(&app, pause).unwrap();
        let records = SyncRecords::of_state(state.path());
        assert!(records.get(&app).unwrap().paused.is_some());
        assert!(records.get(&cluster).unwrap().paused.is_none());
        let lock = records.lock(&app).unwrap();
        assert!(lock.is_some() && records.is_running(&app));
        assert!(records.lock(&app).unwrap().is_none());
        drop(lock);
        assert!(!records.is_running(&app));
        records.remove(&app).unwrap();
        assert!(records.get(&app).unwrap().paused.is_none());
    }

    #[test]
    fn what_is_no_file_in_place_of_a_record_is_refused_and_not_waited_for() {
        let state = tempfile::tempdir().unwrap();
        let records = SyncRecords::of_state(state.path());
        let id = SyncId {
            level: Scope::default().path(Level::App),
            name: "docs".parse().unwrap(),
        };
        std::fs::create_dir_all(records.file(&id, "json")).unwrap();
        let refused = records.get(&id).unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::InvalidData);
    }
}
