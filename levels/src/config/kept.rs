//! Levels as they were read, for as long as their files stay as they are.
//!
//! A call reads three files. To open, parse and check them takes longer than to make an instance;
//! to see that they are the same ones takes two microseconds each.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::effective::Effective;
use super::file::LevelFile;
use super::value::Value;
use crate::file_stamp::{SETTLES, Stamp};
use crate::level::{LevelPath, Scope};

/// Bytes of text that are kept at most; what is made of it is some three times as large. Beyond it,
/// everything is read again.
const MAX_BYTES: usize = 16 << 20;

/// What a level counts for beside its text, and a scope beside its levels, in bytes.
const EACH_BYTES: usize = 1024;

/// Levels as they were read.
#[derive(Debug)]
pub(super) struct KeptLevels {
    settles: Duration,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    files: HashMap<LevelPath, (Stamp, Arc<LevelFile>)>,
    scopes: HashMap<Scope, Arc<Effective>>,
    bytes: usize,
}

impl Kept {
    fn make_room(&mut self, bytes: usize) {
        if self.bytes + bytes > MAX_BYTES {
            *self = Self::default();
        }
        self.bytes += bytes;
    }
}

impl Default for KeptLevels {
    fn default() -> Self {
        Self::settling_after(SETTLES)
    }
}

impl KeptLevels {
    pub(super) fn settling_after(settles: Duration) -> Self {
        Self {
            settles,
            kept: Mutex::default(),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a level's file holds, if it was read and `path` still leads to the same file.
    pub(super) fn file(&self, level: &LevelPath, path: &Path) -> Option<Arc<LevelFile>> {
        // Of a level that has no file, nothing is asked here.
        let (stamp, file) = self.kept().files.get(level).cloned()?;
        let now = Stamp::of(&fs::metadata(path).ok()?)?;
        (stamp == now).then_some(file)
    }

    /// Keeps what was read of an open file at a time, or later.
    pub(super) fn keep_file(&self, opened: &Metadata, at: SystemTime, file: &Arc<LevelFile>) {
        let Some(stamp) = Stamp::of(opened).filter(|stamp| stamp.is_older(at, self.settles)) else {
            return;
        };
        let mut kept = self.kept();
        let bytes = |file: &LevelFile| file.whole_text().len() + EACH_BYTES;
        if let Some((_, old)) = kept.files.remove(file.level()) {
            kept.bytes -= bytes(&old);
        }
        kept.make_room(bytes(file));
        let level = file.level().clone();
        kept.files.insert(level, (stamp, Arc::clone(file)));
    }

    /// What was made of the same files, and of the same values of the caller.
    pub(super) fn effective(
        &self,
        scope: &Scope,
        files: &[Arc<LevelFile>],
        overrides: &[(&'static str, Value)],
    ) -> Option<Arc<Effective>> {
        let kept = self.kept();
        let effective = kept.scopes.get(scope)?;
        effective
            .is_made_of(files, overrides)
            .then(|| Arc::clone(effective))
    }

    /// Keeps what was made of files, if they are kept.
    pub(super) fn keep_effective(&self, scope: &Scope, effective: &Arc<Effective>) {
        let mut kept = self.kept();
        let is_kept = |file: &Arc<LevelFile>| {
            let there = kept.files.get(file.level());
            there.is_some_and(|(_, there)| Arc::ptr_eq(there, file))
        };
        if effective.files().iter().all(is_kept) {
            if !kept.scopes.contains_key(scope) {
                kept.make_room(EACH_BYTES);
            }
            kept.scopes.insert(scope.clone(), Arc::clone(effective));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::fs;
    use std::sync::Arc;
    use std::time::{Duration, SystemTime};

    use tempfile::TempDir;

    use crate::config::{ConfigFolder, Effective};
    use crate::level::{Level, Scope};

    const OLD: &str = "[limits]\nmemory-mib = 100\n";
    const NEW: &str = "[limits]\nmemory-mib = 200\n";

    fn folder(settles: Duration) -> (TempDir, ConfigFolder) {
        let folder = TempDir::new().unwrap();
        let config = ConfigFolder::settling_after(folder.path(), settles);
        write(&config, OLD);
        (folder, config)
    }

    /// As editors, `git` and this program do it.
    fn write(config: &ConfigFolder, text: &str) {
        let file = config.file(&Scope::default().path(Level::Cluster));
        let draft = file.with_extension("draft");
        fs::write(&draft, text).unwrap();
        fs::rename(draft, file).unwrap();
    }

    fn in_force(config: &ConfigFolder) -> Arc<Effective> {
        config.in_force(&Scope::default(), &[]).unwrap()
    }

    fn mebibytes(effective: &Effective) -> usize {
        effective.size("limits.memory-mib")
    }

    #[test]
    fn a_level_that_stays_is_read_once_and_one_that_changes_is_read_again() {
        let (_folder, config) = folder(Duration::ZERO);
        let first = in_force(&config);
        assert!(Arc::ptr_eq(&first, &in_force(&config)));
        // As long, so that nothing but which file it is tells them apart for sure.
        write(&config, NEW);
        assert_eq!(mebibytes(&in_force(&config)), 200);
        let app = config.file(&Scope::default().path(Level::App));
        fs::create_dir_all(app.parent().unwrap()).unwrap();
        fs::write(&app, OLD).unwrap();
        assert_eq!(mebibytes(&in_force(&config)), 100);
        fs::remove_file(&app).unwrap();
        assert_eq!(mebibytes(&in_force(&config)), 200);
        fs::remove_file(config.file(&Scope::default().path(Level::Cluster))).unwrap();
        assert_eq!(
            mebibytes(&in_force(&config)),
            mebibytes(&Effective::defaults(config.settings()))
        );
    }

    #[test]
    fn a_level_that_was_changed_a_moment_ago_is_read_again() {
        let (_folder, config) = folder(Duration::from_secs(3600));
        assert!(!Arc::ptr_eq(&in_force(&config), &in_force(&config)));
    }

    #[test]
    fn a_level_that_says_that_it_was_changed_a_moment_ago_is_read_again() {
        let (folder, config) = folder(Duration::from_millis(1));
        let file = fs::File::options()
            .write(true)
            .open(folder.path().join("cluster.toml"));
        file.unwrap()
            .set_modified(SystemTime::now() + Duration::from_secs(60))
            .unwrap();
        assert!(!Arc::ptr_eq(&in_force(&config), &in_force(&config)));
    }

    #[test]
    fn what_the_caller_gives_is_no_part_of_what_is_kept() {
        let (_folder, config) = folder(Duration::ZERO);
        let kept = in_force(&config);
        let own = [("limits.memory-mib", super::Value::Number(30))];
        let given = config.in_force(&Scope::default(), &own).unwrap();
        assert_eq!(mebibytes(&given), 30);
        assert_eq!(mebibytes(&kept), mebibytes(&in_force(&config)));
    }

    #[cfg(unix)]
    #[test]
    fn a_kept_level_whose_place_a_link_takes_that_leads_out_is_refused() {
        let (folder, config) = folder(Duration::ZERO);
        let app = config.file(&Scope::default().path(Level::App));
        fs::create_dir_all(app.parent().unwrap()).unwrap();
        fs::write(&app, OLD).unwrap();
        assert_eq!(mebibytes(&in_force(&config)), 100);
        let outside = TempDir::new().unwrap();
        let secret = outside.path().join("secret");
        fs::write(&secret, OLD).unwrap();
        fs::remove_file(&app).unwrap();
        std::os::unix::fs::symlink(&secret, &app).unwrap();
        assert!(config.in_force(&Scope::default(), &[]).is_err());
        drop(folder);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let (_folder, config) = folder(Duration::ZERO);
        let first = in_force(&config);
        // As many scopes as anybody may name, none of which has a file of its own.
        for number in 0..super::MAX_BYTES / super::EACH_BYTES {
            let app = format!("app-{number}").parse().unwrap();
            let scope = Scope {
                app,
                ..Scope::default()
            };
            assert_eq!(mebibytes(&config.in_force(&scope, &[]).unwrap()), 100);
        }
        assert!(!Arc::ptr_eq(&first, &in_force(&config)));
        assert!(Arc::ptr_eq(&in_force(&config), &in_force(&config)));
    }

    #[test]
    fn mistakes_are_told_each_time() {
        let (_folder, config) = folder(Duration::ZERO);
        in_force(&config);
        write(&config, "memory = 1\n");
        for _ in 0..2 {
            assert!(config.in_force(&Scope::default(), &[]).is_err());
        }
        write(&config, OLD);
        assert_eq!(mebibytes(&in_force(&config)), 100);
    }
}
