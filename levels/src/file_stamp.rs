//! What tells a file from what it was before, without reading it.

use std::fs::Metadata;
use std::time::{Duration, SystemTime};

/// How long a file must have been as it is before it is kept. File systems count time in steps of up
/// to two seconds: a file that was changed a moment ago could change again and look the same.
pub const SETTLES: Duration = Duration::from_secs(3);

/// What tells a file, as it is, from any other, and from what it was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    bytes: u64,
    /// Since 1970.
    modified: Duration,
    /// Since 1970. Where a file system has it, nobody can set it.
    changed: Duration,
}

impl Stamp {
    /// The stamp of a file, if it can be told from others at all.
    #[cfg(unix)]
    #[must_use]
    pub fn of(metadata: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let time = |seconds: i64, nanoseconds: i64| {
            let nanoseconds = u32::try_from(nanoseconds).ok()?;
            Some(Duration::new(u64::try_from(seconds).ok()?, nanoseconds))
        };
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.len(),
            modified: time(metadata.mtime(), metadata.mtime_nsec())?,
            changed: time(metadata.ctime(), metadata.ctime_nsec())?,
        })
    }

    /// Where a file has no number, nothing tells it from the one that took its place.
    #[cfg(not(unix))]
    #[must_use]
    pub fn of(_metadata: &Metadata) -> Option<Self> {
        None
    }

    /// Whether the file was as it is for `age` at a time.
    #[must_use]
    pub fn is_older(&self, at: SystemTime, age: Duration) -> bool {
        let since_1970 = at.duration_since(SystemTime::UNIX_EPOCH);
        let last = self.changed.max(self.modified);
        since_1970.is_ok_and(|now| now >= last.saturating_add(age))
    }
}
