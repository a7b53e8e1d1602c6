//! Looking at the key and the secrets of a state folder without making either.

use std::path::{Path, PathBuf};

use super::SecretError;
use super::key::{KeyError, KeyOrigin};
use super::sealed::{FILE, SealedStore};

/// Where the key of a state folder comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyLocation {
    /// The variable `HOST_RUNNER_KEY`.
    Variable,
    /// The file that `HOST_RUNNER_KEY_FILE` names.
    NamedFile(PathBuf),
    /// The file in the state folder, made on first use.
    OwnFile(PathBuf),
}

/// A key that can be used, or that is yet to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyState {
    /// Where it comes from.
    pub origin: KeyLocation,
    /// Whether it is there. Only the file in the state folder may be missing: it is made on first
    /// use.
    pub is_there: bool,
}

/// The sealed secrets of a state folder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretsState {
    /// There are none: their file is made on first use.
    NotMade,
    /// They are sealed with a key that is not there.
    WithoutKey {
        /// Their file.
        path: PathBuf,
    },
    /// The key opens them.
    Open {
        /// How many there are.
        count: u32,
    },
}

impl KeyState {
    /// Looks at the key of a state folder, and makes none.
    ///
    /// # Errors
    ///
    /// [`KeyError`] says why it cannot be used: no key, unreadable, or readable by others.
    pub fn of(state: &Path) -> Result<Self, KeyError> {
        let origin = KeyOrigin::of(state)?;
        let is_there = match &origin {
            KeyOrigin::OwnFile(path) => path.exists(),
            KeyOrigin::Variable | KeyOrigin::NamedFile(_) => true,
        };
        if is_there {
            origin.read()?;
        }
        Ok(Self {
            is_there,
            origin: match origin {
                KeyOrigin::Variable => KeyLocation::Variable,
                KeyOrigin::NamedFile(path) => KeyLocation::NamedFile(path),
                KeyOrigin::OwnFile(path) => KeyLocation::OwnFile(path),
            },
        })
    }
}

impl SecretsState {
    /// Opens the sealed secrets of a state folder, if there are any, and counts them. A rotation
    /// of the key that was interrupted is finished, as every opening does.
    ///
    /// # Errors
    ///
    /// [`SecretError`] when there is no usable key, the file is no such store, or another key
    /// sealed it.
    pub fn of(state: &Path) -> Result<Self, SecretError> {
        let path = state.join(FILE);
        if !path.exists() {
            return Ok(Self::NotMade);
        }
        if !KeyState::of(state)?.is_there {
            return Ok(Self::WithoutKey { path });
        }
        let store = SealedStore::open(state, KeyOrigin::of(state)?)?;
        let count = store.count()?;
        Ok(Self::Open { count })
    }
}
