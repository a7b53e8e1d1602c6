//! The master key, where it comes from, and the keys derived from it.

use std::fs::{self, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use host_levels::durable_file::{draft_in, folder_of, replace_like};
#[cfg(unix)]
use host_levels::{Remedy, WrongOwner};

use crate::plain_file::{Links, not_a_file, open};

/// The variable that holds the master key, as base64 of 32 bytes.
pub(crate) const KEY_VARIABLE: &str = "HOST_RUNNER_KEY";

/// The variable that names a file with the master key.
pub(crate) const KEY_FILE_VARIABLE: &str = "HOST_RUNNER_KEY_FILE";

/// The key file's name in the state folder.
const KEY_FILE: &str = "key";

/// Length of every key, in bytes.
pub(super) const KEY_BYTES: usize = 32;

/// Bytes of a key file that are read. The base64 of a key has 44; blanks and line ends around it are
/// left to whoever made the file.
const FILE_BYTES: usize = 1024;

/// Bytes of a key's fingerprint that its file is named after when another one takes its place: of
/// as many as a person keeps, no two are alike.
const OLD_NAME_BYTES: usize = 6;

/// What the fingerprint of a key is derived for.
const FINGERPRINT_PURPOSE: &str = "host-runner 0.1 fingerprint of a master key";

/// The key that every other key of a state folder is derived from. 32 bytes, overwritten when
/// dropped, never printed.
#[derive(Clone)]
pub(crate) struct MasterKey(Zeroizing<[u8; KEY_BYTES]>);

/// Where the master key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyOrigin {
    /// The variable `HOST_RUNNER_KEY`.
    Variable,
    /// The file that `HOST_RUNNER_KEY_FILE` names.
    NamedFile(PathBuf),
    /// The file in the state folder, made on first use.
    OwnFile(PathBuf),
}

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The variable or the file holds something else than a key.
    #[error(
        "`{origin}` does not contain a key: expected base64 of {KEY_BYTES} bytes, as printed by `head -c {KEY_BYTES} /dev/urandom | base64`"
    )]
    Malformed {
        /// Where it was read.
        origin: String,
    },
    /// Both variables are set.
    #[error("`{KEY_VARIABLE}` and `{KEY_FILE_VARIABLE}` are both set: unset one of them")]
    Ambiguous,
    /// Others may read the key file.
    #[error(
        "the key file `{path}` can be read by other users (mode {mode:o}): run `chmod 600 {path}`, and consider the key leaked"
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Somebody else owns the key file.
    #[error(
        "the key file `{path}` is owned by user {owner}, who can read and replace the key; this program runs as user {own}: if the key is yours, run `chown {own} {path}`"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The number of the user who owns it.
        owner: u32,
        /// The number of the user that this process runs as.
        own: u32,
    },
    /// The key file is a link.
    #[error(
        "the key file `{path}` is a link to `{target}`, and a new key would replace the link instead of the file: set `{KEY_FILE_VARIABLE}` to the file itself"
    )]
    Link {
        /// The link.
        path: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// The key file cannot be read or made.
    #[error(
        "cannot read or create the key file `{path}`: {source}; supply the key in `{KEY_VARIABLE}`, its file in `{KEY_FILE_VARIABLE}`, or use a writable state folder"
    )]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The key is in a variable, and no new one was given.
    #[error(
        "the key comes from `{KEY_VARIABLE}`, so a random new key would be unknown to you: supply the new key"
    )]
    NewKeyMissing,
    /// The operating system gives no random numbers.
    #[error("the system random number generator is unavailable")]
    Random,
}

impl KeyError {
    /// What to do about it, as data.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::File { .. } => Some(Remedy::ChooseStateFolder),
            Self::NewKeyMissing => Some(Remedy::GiveNewKey),
            _ => None,
        }
    }
}

impl KeyOrigin {
    /// Where the key of a state folder comes from: one of the variables, or a file in the folder.
    ///
    /// # Errors
    ///
    /// [`KeyError::Ambiguous`] when both variables are set.
    pub(crate) fn of(state: &Path) -> Result<Self, KeyError> {
        // Orchestrators set a variable to nothing where there is no value.
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        match (variable(KEY_VARIABLE), variable(KEY_FILE_VARIABLE)) {
            (Some(_), Some(_)) => Err(KeyError::Ambiguous),
            (Some(_), None) => Ok(Self::Variable),
            (None, Some(path)) => Ok(Self::NamedFile(path.into())),
            (None, None) => Ok(Self::in_folder(state)),
        }
    }

    /// The file of a state folder, whatever the variables say.
    pub(crate) fn in_folder(state: &Path) -> Self {
        Self::OwnFile(state.join(KEY_FILE))
    }

    /// Reads the key. The file of the state folder is made, with mode 0600, when it is not there.
    ///
    /// # Errors
    ///
    /// [`KeyError`] says what is wrong with it, and what to do.
    pub(crate) fn read(&self) -> Result<MasterKey, KeyError> {
        match self {
            Self::Variable => match std::env::var(KEY_VARIABLE) {
                Ok(text) => MasterKey::parse(&Zeroizing::new(text), KEY_VARIABLE),
                Err(_) => Err(KeyError::Malformed {
                    origin: KEY_VARIABLE.to_owned(),
                }),
            },
            Self::NamedFile(path) => MasterKey::from_file(path, self.forbidden()),
            Self::OwnFile(path) => match MasterKey::from_file(path, self.forbidden()) {
                Err(KeyError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                    MasterKey::make_file(path)
                }
                read => read,
            },
        }
    }

    /// Reads the key, and makes none.
    pub(super) fn read_existing(&self) -> Result<MasterKey, KeyError> {
        match self {
            Self::OwnFile(path) => MasterKey::from_file(path, self.forbidden()),
            other => other.read(),
        }
    }

    /// The bits of a key file's mode that let others in.
    fn forbidden(&self) -> u32 {
        match self {
            // Mounted secrets are often readable by a group that the process belongs to.
            Self::NamedFile(_) => 0o007,
            Self::Variable | Self::OwnFile(_) => 0o077,
        }
    }

    /// Reads a key that is about to take this one's place.
    pub(super) fn read_next(&self, next: &Path) -> Result<MasterKey, KeyError> {
        MasterKey::from_file(next, self.forbidden())
    }

    /// Writes a key into a file beside this one's, for those who may read this one.
    pub(super) fn put_beside(&self, path: &Path, key: &MasterKey) -> Result<(), KeyError> {
        let like = self.file().unwrap_or(path);
        replace_like(path, key.to_text().as_bytes(), like).map_err(|source| KeyError::File {
            path: path.to_owned(),
            source,
        })
    }

    /// Refuses a key file that is a link: a new key would take the place of the link, and what it
    /// leads to keep the old one.
    pub(super) fn refuse_link(&self) -> Result<(), KeyError> {
        let Some(path) = self.file() else {
            return Ok(());
        };
        match fs::read_link(path) {
            Ok(_) => Err(KeyError::Link {
                path: path.to_owned(),
                target: fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
            }),
            Err(_) => Ok(()),
        }
    }

    /// The file that has the key, if one has it.
    pub(super) fn file(&self) -> Option<&Path> {
        match self {
            Self::Variable => None,
            Self::NamedFile(path) | Self::OwnFile(path) => Some(path),
        }
    }

    /// Where a key is kept that another one takes the place of, if this program was only pointed
    /// at its file.
    pub(super) fn old_file(&self, key: &MasterKey) -> Option<PathBuf> {
        let Self::NamedFile(path) = self else {
            return None;
        };
        // Named after the key, so that another rotation takes no other's place.
        let name: String = key
            .fingerprint()
            .iter()
            .take(OLD_NAME_BYTES)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        beside(path, &format!(".old-{name}"))
    }

    /// Where a key lies that is about to take this one's place.
    pub(super) fn next_file(&self) -> Option<PathBuf> {
        beside(self.file()?, ".next")
    }

    /// Where people find the key.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Variable => KEY_VARIABLE.to_owned(),
            Self::NamedFile(path) | Self::OwnFile(path) => path.display().to_string(),
        }
    }
}

/// A file's path with an end added to its name.
fn beside(path: &Path, end: &str) -> Option<PathBuf> {
    let mut name = path.file_name()?.to_owned();
    name.push(end);
    Some(path.with_file_name(name))
}

impl MasterKey {
    /// A key of random bytes.
    pub(super) fn random() -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        SystemRandom::new()
            .fill(bytes.as_mut())
            .map_err(|_| KeyError::Random)?;
        Ok(Self(bytes))
    }

    /// A key made of these bytes.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads a key as base64. `origin` says where it was found.
    pub(super) fn parse(text: &str, origin: &str) -> Result<Self, KeyError> {
        let malformed = || KeyError::Malformed {
            origin: origin.to_owned(),
        };
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| malformed())?);
        let bytes: [u8; KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| malformed())?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// The key as a line of base64, as it stands in files.
    pub(super) fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!(
            "{}\n",
            Zeroizing::new(STANDARD.encode(self.0.as_ref())).as_str()
        ))
    }

    /// Reads a key file of this user or of root, that nobody reads whom `forbidden`, bits of a
    /// mode, names.
    pub(super) fn from_file(path: &Path, forbidden: u32) -> Result<Self, KeyError> {
        let failed = |source| KeyError::File {
            path: path.to_owned(),
            source,
        };
        // A mounted secret is a link.
        let file = open(path, Links::Follow)
            .and_then(|file| file.ok_or_else(not_a_file))
            .map_err(failed)?;
        // Of the open file, so that it is the one that is read.
        refuse_exposed(&file.metadata().map_err(failed)?, path, forbidden)?;
        // Reserved at once: a buffer that grows leaves copies of the key behind.
        let mut text = Zeroizing::new(String::with_capacity(FILE_BYTES));
        file.take(FILE_BYTES as u64)
            .read_to_string(&mut text)
            .map_err(failed)?;
        Self::parse(&text, &path.display().to_string())
    }

    /// Makes the key file. Of several processes that do so at once one wins, and the others
    /// read what it wrote: the file appears under its name only once it is whole.
    fn make_file(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::File {
            path: path.to_owned(),
            source,
        };
        let key = Self::random()?;
        let folder = folder_of(path);
        fs::create_dir_all(folder).map_err(failed)?;
        let mut draft = draft_in(folder).map_err(failed)?;
        io::Write::write_all(&mut draft, key.to_text().as_bytes())
            .and_then(|()| draft.as_file().sync_all())
            .map_err(failed)?;
        match draft.persist_noclobber(path) {
            Ok(_) => Ok(key),
            Err(lost) if lost.error.kind() == io::ErrorKind::AlreadyExists => {
                Self::from_file(path, 0o077)
            }
            Err(lost) => Err(failed(lost.error)),
        }
    }

    /// A key for one purpose. `purpose` is a constant that no other use shares.
    #[must_use]
    pub(crate) fn derive(&self, purpose: &'static str) -> Zeroizing<[u8; KEY_BYTES]> {
        Zeroizing::new(blake3::derive_key(purpose, self.0.as_ref()))
    }

    /// What tells this key from others, and nothing else of it.
    #[must_use]
    pub(super) fn fingerprint(&self) -> [u8; 16] {
        let mut fingerprint = [0; 16];
        for (to, from) in fingerprint
            .iter_mut()
            .zip(self.derive(FINGERPRINT_PURPOSE).iter())
        {
            *to = *from;
        }
        fingerprint
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

#[cfg(unix)]
fn refuse_exposed(metadata: &Metadata, path: &Path, forbidden: u32) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt as _;
    if let Some(WrongOwner { owner, own, .. }) = WrongOwner::of(metadata) {
        return Err(KeyError::Foreign {
            path: path.to_owned(),
            owner,
            own,
        });
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & forbidden == 0 {
        Ok(())
    } else {
        Err(KeyError::Exposed {
            path: path.to_owned(),
            mode,
        })
    }
}

#[cfg(not(unix))]
fn refuse_exposed(_metadata: &Metadata, _path: &Path, _forbidden: u32) -> Result<(), KeyError> {
    Ok(())
}
