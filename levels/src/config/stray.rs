//! Files of the configuration folder that look like a level's and are none.
//!
//! A level is found by the path of its file. One in the wrong place is never opened: what it sets,
//! a limit or a list of what is allowed, is not in force, and nothing else would say so.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::folder::ConfigFolder;
use super::problem::{ConfigError, Problem, ProblemKind};
use crate::level::LevelName;

/// How deep folders are looked into. Levels are in the fourth at most; what lies deeper by far is
/// a folder that was given by mistake.
const MAX_DEPTH: usize = 8;

/// Most files that are told. Who has more has something else in the folder, and reads the first.
const MAX_STRAYS: usize = 50;

impl ConfigFolder {
    /// The files `*.toml` of the folder that are no level's, sorted, and 50 at most: nothing in them
    /// is in force. Hidden files and folders are not looked at.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when a folder cannot be read.
    pub fn strays(&self) -> Result<Vec<Problem>, ConfigError> {
        let levels: HashSet<PathBuf> = self.levels()?.iter().map(|level| level.file()).collect();
        let mut strays = Vec::new();
        self.look_into(Path::new(""), 1, &levels, &mut strays)?;
        strays.sort();
        strays.truncate(MAX_STRAYS);
        Ok(strays.into_iter().map(|path| self.stray(&path)).collect())
    }

    fn look_into(
        &self,
        inside: &Path,
        depth: usize,
        levels: &HashSet<PathBuf>,
        strays: &mut Vec<PathBuf>,
    ) -> Result<(), ConfigError> {
        let folder = self.path().join(inside);
        let failed = |source| ConfigError::Read {
            path: folder.clone(),
            source,
        };
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(error)),
        };
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = inside.join(&name);
            // A link to a folder is one more way to what is looked at there, or a circle.
            if entry.file_type().map_err(failed)?.is_dir() {
                if depth < MAX_DEPTH {
                    self.look_into(&path, depth + 1, levels, strays)?;
                }
            } else if path.extension().is_some_and(|end| end == "toml") && !levels.contains(&path) {
                strays.push(path);
            }
        }
        Ok(())
    }

    fn stray(&self, path: &Path) -> Problem {
        Problem {
            kind: ProblemKind::Stray,
            file: self.path().join(path),
            place: None,
            key: None,
            remedy: None,
            message: "no level has its file there, so that nothing in it is in force".to_owned(),
            fix: Some(match meant(path) {
                Some(meant) => format!("if it is an app's, move it to `{meant}`"),
                None => "the files of levels are `cluster.toml`, `env/ENV.toml` and `env/ENV/app/APP.toml`, with names of letters, digits, `.`, `_` and `-`: move or rename it, or let its name end in something else than `.toml`".to_owned(),
            }),
        }
    }
}

/// Where an app's file belongs that is in its environment's folder, whose folder `app` was
/// forgotten.
fn meant(path: &Path) -> Option<String> {
    let parts: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
    let ["env", env, file] = parts.as_slice() else {
        return None;
    };
    let env: LevelName = env.parse().ok()?;
    let app: LevelName = file.strip_suffix(".toml")?.parse().ok()?;
    Some(format!("env/{env}/app/{app}.toml"))
}
