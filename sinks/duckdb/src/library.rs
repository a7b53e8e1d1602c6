//! The DuckDB library of the machine.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use adbc_core::options::AdbcVersion;
use adbc_core::{Database as _, Driver as _};
use adbc_driver_manager::{ManagedDatabase, ManagedDriver};

use crate::error::said;
use crate::session::Session;

/// The function of the library that ADBC begins with.
const ENTRY_POINT: &[u8] = b"duckdb_adbc_init";

/// The oldest version that is supported: older ones were not tested.
pub const MIN_VERSION: (u32, u32) = (1, 4);

/// What DuckDB may do beside reading and writing a database: nothing. It would download extensions, and
/// load them.
const CONFINED: [(&str, &str); 4] = [
    ("autoinstall_known_extensions", "false"),
    ("autoload_known_extensions", "false"),
    ("enable_external_access", "false"),
    ("lock_configuration", "true"),
];

/// Why a library cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LibraryError {
    /// It would be looked for in the folders of the linker.
    #[error("the path of the DuckDB library, `{}`, is not absolute", .path.display())]
    RelativePath {
        /// Its path.
        path: PathBuf,
    },
    /// There is no file that can be read.
    #[error("the DuckDB library `{}` cannot be read: {error}", .path.display())]
    Unreadable {
        /// Its path.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        error: io::Error,
    },
    /// It is a folder, or something else that is not a file.
    #[error("the DuckDB library `{}` is not a file", .path.display())]
    NotAFile {
        /// Its path.
        path: PathBuf,
    },
    /// The linker refuses it, or it has no entry point for ADBC.
    #[error("`{}` cannot be loaded as the DuckDB library: {reason}", .path.display())]
    NotLoaded {
        /// Its path.
        path: PathBuf,
        /// What the linker says.
        reason: String,
    },
    /// It has an entry point for ADBC, and is not DuckDB.
    #[error("`{}` is not the DuckDB library: {reason}", .path.display())]
    NotDuckdb {
        /// Its path.
        path: PathBuf,
        /// What it says.
        reason: String,
    },
    /// It is older than [`MIN_VERSION`].
    #[error(
        "`{}` is DuckDB {version}, which is older than {}.{}",
        .path.display(),
        MIN_VERSION.0,
        MIN_VERSION.1
    )]
    TooOld {
        /// Its path.
        path: PathBuf,
        /// Its version.
        version: String,
    },
}

/// A loaded DuckDB library. It stays loaded until the process ends.
#[derive(Clone)]
pub struct Library {
    driver: ManagedDriver,
    version: String,
}

impl fmt::Debug for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Library")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl Library {
    /// Loads the library in a file, whose code runs in this process from then on: pass no path that
    /// somebody else may choose.
    ///
    /// # Errors
    ///
    /// Each kind of [`LibraryError`].
    pub fn load(path: &Path) -> Result<Self, LibraryError> {
        let owned = || path.to_owned();
        if !path.is_absolute() {
            return Err(LibraryError::RelativePath { path: owned() });
        }
        let unreadable = |error| LibraryError::Unreadable {
            path: owned(),
            error,
        };
        if !path.metadata().map_err(unreadable)?.is_file() {
            return Err(LibraryError::NotAFile { path: owned() });
        }
        if is_cut_off(path).map_err(unreadable)? {
            return Err(LibraryError::NotLoaded {
                path: owned(),
                reason: "the file is not complete".to_owned(),
            });
        }
        let version = AdbcVersion::V100;
        let driver = ManagedDriver::load_dynamic_from_filename(path, Some(ENTRY_POINT), version);
        let driver = driver.map_err(|error| LibraryError::NotLoaded {
            path: owned(),
            reason: said(&error).replace("Error with dynamic library: ", ""),
        })?;
        let mut library = Self {
            driver,
            version: String::new(),
        };
        library.version = library
            .ask_version()
            .map_err(|reason| LibraryError::NotDuckdb {
                path: owned(),
                reason,
            })?;
        if number(&library.version).is_none_or(|number| number < MIN_VERSION) {
            return Err(LibraryError::TooOld {
                path: owned(),
                version: library.version,
            });
        }
        Ok(library)
    }

    /// The version, such as `v1.4.2`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What it says its version is. JSON is an extension, which libraries have that are distributed as such.
    fn ask_version(&self) -> Result<String, String> {
        let in_memory = self.open(&[]).map_err(|error| said(&error))?;
        let connection = in_memory.new_connection().map_err(|error| said(&error))?;
        let mut session = Session::of(connection);
        let asked = session.query("SELECT version(), json_valid('{}')", &[]);
        let rows = asked.map_err(|error| error.to_string())?;
        let version = rows.iter().next().and_then(|row| row.text(0));
        version.ok_or_else(|| "it reports no version".to_owned())
    }

    /// Opens a database with these options of DuckDB, and none that let it reach anything else.
    pub(crate) fn open(
        &self,
        options: &[(&str, &str)],
    ) -> adbc_core::error::Result<ManagedDatabase> {
        let options = options.iter().chain(&CONFINED).map(|(name, value)| {
            let name = adbc_core::options::OptionDatabase::Other((*name).to_owned());
            (name, (*value).into())
        });
        self.driver.clone().new_database_with_opts(options)
    }
}

/// Whether a library for Linux lacks its end, where the table of its sections is. The linker would end the
/// process over it.
fn is_cut_off(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut header = [0; 64];
    match file.read_exact(&mut header) {
        Ok(()) => {}
        // The linker says that it is no library.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
        Err(error) => return Err(error),
    }
    // 64 bits, little-endian.
    if !header.starts_with(b"\x7fELF\x02\x01") {
        return Ok(false);
    }
    let number = |at: usize, bytes: usize| {
        let digits = header.iter().skip(at).take(bytes).rev();
        digits.fold(0u64, |number, byte| number << 8 | u64::from(*byte))
    };
    let end = number(40, 8).saturating_add(number(58, 2) * number(60, 2));
    Ok(end > file.metadata()?.len())
}

/// The first two numbers of a version such as `v1.4.2`.
fn number(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.trim_start_matches('v').split(['.', '-']);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn the_first_two_numbers_of_a_version_are_compared() {
        for (version, expected) in [
            ("v1.4.2", Some((1, 4))),
            ("1.10.0", Some((1, 10))),
            ("v2.0.0-dev12", Some((2, 0))),
            ("v1.4-ossivalis", Some((1, 4))),
            ("nightly", None),
            ("", None),
        ] {
            assert_eq!(number(version), expected, "{version}");
        }
    }
}
