//! The master key, and the keys derived from it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

/// The variable that holds the master key, as base64 of 32 bytes.
pub(crate) const KEY_VARIABLE: &str = "HOST_RUNNER_KEY";

/// The key file's name in the state folder.
const KEY_FILE: &str = "key";

/// Length of every key, in bytes.
const KEY_BYTES: usize = 32;

/// The key that every other key of a state folder is derived from. 32 bytes, overwritten when
/// dropped, never printed.
pub(crate) struct MasterKey(Zeroizing<[u8; KEY_BYTES]>);

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The variable or the file holds something else than a key.
    #[error(
        "`{origin}` holds no key: a key is the base64 of {KEY_BYTES} bytes, as `head -c {KEY_BYTES} /dev/urandom | base64` prints it"
    )]
    Malformed {
        /// Where it was read.
        origin: String,
    },
    /// Others may read the key file.
    #[error(
        "the key file `{path}` can be read by others (mode {mode:o}): run `chmod 600 {path}`, and consider the key as known to them"
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The key file cannot be read or made.
    #[error(
        "the key file `{path}` cannot be read or made: {source}; give the key in `{KEY_VARIABLE}`, or a writable folder with `--state-dir`"
    )]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers to make a key of")]
    Random,
}

impl MasterKey {
    /// Takes the key from the variable `HOST_RUNNER_KEY`, or from the key file in `state`,
    /// which is made with mode 0600 on first use.
    ///
    /// # Errors
    ///
    /// [`KeyError`] says which of the two is wrong, and what to do.
    pub(crate) fn open(state: &Path) -> Result<Self, KeyError> {
        match std::env::var(KEY_VARIABLE) {
            Ok(text) => Self::parse(&Zeroizing::new(text), KEY_VARIABLE),
            Err(std::env::VarError::NotUnicode(_)) => Err(KeyError::Malformed {
                origin: KEY_VARIABLE.to_owned(),
            }),
            Err(std::env::VarError::NotPresent) => Self::from_file(&state.join(KEY_FILE)),
        }
    }

    /// A key made of these bytes.
    #[must_use]
    pub(crate) fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    fn parse(text: &str, origin: &str) -> Result<Self, KeyError> {
        let malformed = || KeyError::Malformed {
            origin: origin.to_owned(),
        };
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| malformed())?);
        let bytes: [u8; KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| malformed())?;
        Ok(Self::from_bytes(bytes))
    }

    fn from_file(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::File {
            path: path.to_owned(),
            source,
        };
        match fs::read_to_string(path) {
            Ok(text) => {
                refuse_exposed(path)?;
                Self::parse(&Zeroizing::new(text), &path.display().to_string())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::make_file(path),
            Err(error) => Err(failed(error)),
        }
    }

    /// Makes the key file. Of several processes that do so at once one wins, and the others
    /// read what it wrote: the file appears under its name only once it is whole.
    fn make_file(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::File {
            path: path.to_owned(),
            source,
        };
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        SystemRandom::new()
            .fill(bytes.as_mut())
            .map_err(|_| KeyError::Random)?;
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        fs::create_dir_all(folder).map_err(failed)?;
        let draft = tempfile::Builder::new()
            .prefix(".key-")
            .tempfile_in(folder)
            .map_err(failed)?;
        let mut file = private_options().open(draft.path()).map_err(failed)?;
        let text = Zeroizing::new(STANDARD.encode(bytes.as_ref()));
        writeln!(file, "{}", text.as_str())
            .and_then(|()| file.sync_all())
            .map_err(failed)?;
        match draft.persist_noclobber(path) {
            Ok(_) => Ok(Self(bytes)),
            Err(lost) if lost.error.kind() == io::ErrorKind::AlreadyExists => Self::from_file(path),
            Err(lost) => Err(failed(lost.error)),
        }
    }

    /// A key for one purpose. `purpose` is a constant that no other use shares.
    #[must_use]
    pub(crate) fn derive(&self, purpose: &'static str) -> Zeroizing<[u8; KEY_BYTES]> {
        Zeroizing::new(blake3::derive_key(purpose, self.0.as_ref()))
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// How a file that only its owner reads is opened for writing.
pub(crate) fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn refuse_exposed(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path)
        .map_err(|source| KeyError::File {
            path: path.to_owned(),
            source,
        })?
        .permissions()
        .mode()
        & 0o777;
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(KeyError::Exposed {
            path: path.to_owned(),
            mode,
        })
    }
}

#[cfg(not(unix))]
fn refuse_exposed(_path: &Path) -> Result<(), KeyError> {
    Ok(())
}
