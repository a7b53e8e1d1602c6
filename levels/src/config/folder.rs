//! The configuration folder: where the files of levels are, and how they are read.

use std::fs::{self, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
#[cfg(test)]
use std::time::Duration;
use std::time::SystemTime;

use super::effective::Effective;
use super::file::LevelFile;
use super::kept::KeptLevels;
use super::problem::{ConfigError, Problem};
use super::setting::Settings;
use super::value::Value;
use crate::level::{Level, LevelName, LevelPath, Scope};

/// Largest level file, in bytes. One with a thousand connections has 200 KB.
const FILE_BYTES: u64 = 1 << 20;

/// A configuration folder. It need not be there: then nothing is configured.
#[derive(Debug, Clone)]
pub struct ConfigFolder {
    path: PathBuf,
    settings: Settings,
    kept: Arc<KeptLevels>,
    /// Connections that environment variables have: their names, and what a file would say.
    variables: Arc<[(String, String)]>,
}

impl ConfigFolder {
    /// The configuration in the folder `path`, whose files may have these settings.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, settings: Settings) -> Self {
        Self {
            path: path.into(),
            settings,
            kept: Arc::default(),
            variables: Arc::default(),
        }
    }

    /// The same, with connections that environment variables have in place of files, for
    /// containers. Each is the variable's name, and a text of TOML as in an app's file. They are
    /// narrower than the app, and locked connections are refused there as in a file.
    #[must_use]
    pub fn with_variables(mut self, variables: Vec<(String, String)>) -> Self {
        self.variables = variables.into();
        self
    }

    /// The same, where files are kept that have been as they are for so long.
    #[cfg(test)]
    pub(super) fn settling_after(path: impl Into<PathBuf>, settles: Duration) -> Self {
        Self {
            path: path.into(),
            settings: super::test_settings::SETTINGS,
            kept: Arc::new(KeptLevels::settling_after(settles)),
            variables: Arc::default(),
        }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The settings that its files may have.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// The file of a level.
    #[must_use]
    pub fn file(&self, level: &LevelPath) -> PathBuf {
        self.path.join(level.file())
    }

    /// What the file of one level holds, if it is there.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when it cannot be read, or has mistakes.
    pub fn read(&self, level: &LevelPath) -> Result<Option<LevelFile>, ConfigError> {
        Ok(self.level(level)?.map(Arc::unwrap_or_clone))
    }

    /// The same, read only where it is not the one that was read last, and shared.
    pub(super) fn level(&self, level: &LevelPath) -> Result<Option<Arc<LevelFile>>, ConfigError> {
        let shown = self.file(level);
        if let Some(file) = self.kept.file(level, &shown) {
            return Ok(Some(file));
        }
        let now = SystemTime::now();
        let Some(path) = self.resolve(level)? else {
            return Ok(None);
        };
        let (text, opened) = self.open_at(level, &path)?;
        let file = Arc::new(LevelFile::parse(self.settings, &text, level, &shown)?);
        self.kept.keep_file(&opened, now, &file);
        Ok(Some(file))
    }

    /// The text of a level's file, which is at `path`.
    pub(super) fn text_at(&self, level: &LevelPath, path: &Path) -> Result<String, ConfigError> {
        self.open_at(level, path).map(|(text, _)| text)
    }

    /// The same, and what the file was before it was read.
    fn open_at(&self, level: &LevelPath, path: &Path) -> Result<(String, Metadata), ConfigError> {
        let shown = self.file(level);
        let failed = |source: io::Error| ConfigError::Read {
            path: shown.clone(),
            source,
        };
        let refused = |reason| ConfigError::Refused {
            path: shown.clone(),
            reason,
        };
        // What was resolved is opened, and what was opened is read: a link that is put there
        // meanwhile is not followed, and a pipe not waited for.
        let file = open_plain(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if !metadata.is_file() {
            return Err(refused("it is no file"));
        }
        let mut bytes = Vec::new();
        file.take(FILE_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        if bytes.len() as u64 > FILE_BYTES {
            return Err(refused("it is larger than 1 MiB"));
        }
        let text = String::from_utf8(bytes).map_err(|_| refused("it is not UTF-8"))?;
        Ok((text, metadata))
    }

    /// Where a level's file really is, if it is there.
    ///
    /// Who may write an app's file must neither have another file of the host's shown in an error
    /// nor one overwritten. A mounted folder's links lead to files in that folder; one that leads
    /// out of it, or to another level's file, is refused.
    pub(super) fn resolve(&self, level: &LevelPath) -> Result<Option<PathBuf>, ConfigError> {
        let shown = self.file(level);
        let failed = |source: io::Error| ConfigError::Read {
            path: shown.clone(),
            source,
        };
        let refused = |reason| ConfigError::Refused {
            path: shown.clone(),
            reason,
        };
        match fs::symlink_metadata(&shown) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        }
        let path = match fs::canonicalize(&shown) {
            Ok(path) => path,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(refused("it is a link that leads nowhere"));
            }
            Err(error) => return Err(failed(error)),
        };
        if level.level() == Level::Cluster {
            return Ok(Some(path));
        }
        let root = fs::canonicalize(&self.path).map_err(failed)?;
        let Ok(inside) = path.strip_prefix(&root) else {
            return Err(refused(
                "it is a link that leads out of the configuration folder",
            ));
        };
        if inside != level.file() && is_level_file(inside) {
            return Err(refused("it is a link to another level's file"));
        }
        Ok(Some(path))
    }

    /// Lays the levels of a scope over each other, as their files are now. Those are three, however
    /// many apps there are; what is as it was is not read again. `overrides` are the caller's own
    /// values, narrower than the app's.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every mistake in the three files, settings that a wider level has
    /// fixed among them.
    pub fn effective(
        &self,
        scope: &Scope,
        overrides: &[(&'static str, Value)],
    ) -> Result<Effective, ConfigError> {
        let effective = self.in_force(scope, overrides)?;
        Ok(Arc::unwrap_or_clone(effective))
    }

    /// The same, shared while it does not change.
    ///
    /// # Errors
    ///
    /// As [`ConfigFolder::effective`].
    pub fn in_force(
        &self,
        scope: &Scope,
        overrides: &[(&'static str, Value)],
    ) -> Result<Arc<Effective>, ConfigError> {
        let mut files = self.files(scope, Level::App)?;
        for (name, text) in self.variables.iter().rev() {
            let level = scope.path(Level::App);
            let file = LevelFile::of_variable(self.settings, name, text, &level)?;
            files.insert(0, Arc::new(file));
        }
        if let Some(effective) = self.kept.effective(scope, &files, overrides) {
            return Ok(effective);
        }
        let effective = Arc::new(Effective::new(
            self.settings,
            scope.clone(),
            files,
            overrides,
        )?);
        self.kept.keep_effective(scope, &effective);
        Ok(effective)
    }

    /// The values of the cluster level alone.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every mistake in its file.
    pub fn cluster(&self) -> Result<Effective, ConfigError> {
        self.effective_at(&Scope::default().path(Level::Cluster))
    }

    /// The environments that have a file or apps, sorted.
    ///
    /// # Errors
    ///
    /// What the operating system says about the folder.
    pub fn environments(&self) -> Result<Vec<LevelName>, ConfigError> {
        let folder = self.path.join("env");
        let mut names = self.names(&folder, true)?;
        names.extend(self.names(&folder, false)?);
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// The apps of an environment that have a file, sorted.
    ///
    /// # Errors
    ///
    /// What the operating system says about the folder.
    pub fn apps(&self, env: &LevelName) -> Result<Vec<LevelName>, ConfigError> {
        let mut names = self.names(&self.path.join("env").join(env.as_str()).join("app"), true)?;
        names.sort();
        Ok(names)
    }

    /// Every level that has a file.
    ///
    /// # Errors
    ///
    /// What the operating system says about the folder.
    pub fn levels(&self) -> Result<Vec<LevelPath>, ConfigError> {
        let mut levels = vec![Scope::default().path(Level::Cluster)];
        for env in self.environments()? {
            let apps = self.apps(&env)?;
            let scope = |app| Scope {
                env: env.clone(),
                app,
            };
            levels.push(scope(LevelName::default_name()).path(Level::Env));
            levels.extend(apps.into_iter().map(|app| scope(app).path(Level::App)));
        }
        levels.retain(|level| fs::symlink_metadata(self.file(level)).is_ok());
        Ok(levels)
    }

    /// Every mistake in the files of all levels.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when a file cannot be read.
    pub fn validate(&self) -> Result<Vec<Problem>, ConfigError> {
        let mut problems = Vec::new();
        for level in self.levels()? {
            let found = match self.effective_at(&level) {
                Ok(_) => continue,
                Err(ConfigError::Invalid { problems }) => problems,
                Err(error) => return Err(error),
            };
            // What is wrong in a wider level's file is told once, there.
            let file = self.file(&level);
            problems.extend(found.into_iter().filter(|problem| problem.file == file));
        }
        Ok(problems)
    }

    /// The values in force for whoever has no level narrower than this one.
    ///
    /// # Errors
    ///
    /// As [`ConfigFolder::effective`].
    pub fn effective_at(&self, level: &LevelPath) -> Result<Effective, ConfigError> {
        let scope = level.scope();
        let files = self.files(&scope, level.level())?;
        Effective::new(self.settings, scope, files, &[])
    }

    /// The files of a scope's levels from one on, the narrowest first, or every mistake in them.
    fn files(&self, scope: &Scope, narrowest: Level) -> Result<Vec<Arc<LevelFile>>, ConfigError> {
        let mut files = Vec::new();
        let mut problems = Vec::new();
        for level in Level::NARROWEST_FIRST {
            if narrowest.is_wider_than(level) {
                continue;
            }
            match self.level(&scope.path(level)) {
                Ok(file) => files.extend(file),
                Err(ConfigError::Invalid { problems: found }) => problems.extend(found),
                Err(error) => return Err(error),
            }
        }
        if problems.is_empty() {
            Ok(files)
        } else {
            Err(ConfigError::Invalid { problems })
        }
    }

    /// The names that files (`NAME.toml`), or folders, of a folder stand for.
    fn names(&self, folder: &Path, of_files: bool) -> Result<Vec<LevelName>, ConfigError> {
        let failed = |source| ConfigError::Read {
            path: folder.to_owned(),
            source,
        };
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let name = if of_files {
                name.strip_suffix(".toml")
            } else {
                Some(name).filter(|_| entry.path().is_dir())
            };
            names.extend(name.and_then(|name| name.parse::<LevelName>().ok()));
        }
        Ok(names)
    }
}

/// Opens a file, but not a link, and without waiting for the other end of a pipe.
fn open_plain(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::File::options();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        libc::O_NOFOLLOW | libc::O_NONBLOCK,
    );
    options.open(path)
}

/// Whether a path below the configuration folder is one where a level's file belongs.
fn is_level_file(path: &Path) -> bool {
    let parts: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
    match parts.as_slice() {
        ["cluster.toml"] => true,
        ["env", file] | ["env", _, "app", file] => file.ends_with(".toml"),
        _ => false,
    }
}
