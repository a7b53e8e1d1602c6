//! Components in a folder, each under the digest of its bytes.
//!
//! A level names the component that it runs by digest. Were it to name a path, whoever can
//! replace that file would choose what runs there, and a host could not say afterwards what ran.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use ring::digest::{SHA256, digest};

use super::signature::{MAX_SIGNATURE_BYTES, Signature};
use crate::plain_file::{Content, Links, read};
use host_levels::Remedy;
use host_levels::durable_file::{
    Readers, draft_in, make_private_folder, remove_stale_drafts, replace, sync_folder,
};
use host_levels::text::printable;

/// Largest component that is stored, in bytes. The connector has 0.4 MiB, and components that
/// carry a language's interpreter some tens of MiB; what is larger is most likely another file,
/// such as a disk image, and it is held in memory whole while it is checked and compiled.
pub const MAX_COMPONENT_BYTES: u64 = 256 * 1024 * 1024;

/// Length of a digest, in bytes.
const DIGEST_BYTES: usize = 32;

/// What a digest's text starts with.
const ALGORITHM: &str = "sha256:";

/// Fewest digits that abbreviate a digest. 6 have 16 million values: of 100 components two begin
/// alike once in 3 000 times, and that is an error which lists them.
const MIN_DIGITS: usize = 6;

/// Most characters of what was given that an error repeats. A digest has 71.
const REPEATED_CHARACTERS: usize = 80;

/// The end of a stored component's file name.
const EXTENSION: &str = ".wasm";

/// The end of the name of a file with signatures.
const SIGNATURE_EXTENSION: &str = ".sig";

/// The digest that a component is stored under: `sha256:` and 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; DIGEST_BYTES]);

/// A text is no digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a valid digest: expected `{ALGORITHM}` and 64 hexadecimal digits, as printed by `sha256sum`"
)]
pub struct DigestError {
    text: String,
}

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut own = [0; DIGEST_BYTES];
        // SHA-256 answers 32 bytes; `zip` needs no proof of that.
        for (to, from) in own.iter_mut().zip(digest(&SHA256, bytes).as_ref()) {
            *to = *from;
        }
        Self(own)
    }

    /// The 64 digits alone.
    #[must_use]
    pub fn hex(&self) -> String {
        let mut text = String::with_capacity(2 * DIGEST_BYTES);
        for byte in self.0 {
            for nibble in [byte >> 4, byte & 0xf] {
                text.extend(char::from_digit(u32::from(nibble), 16));
            }
        }
        text
    }

    fn from_hex(hex: &str) -> Option<Self> {
        let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
        if pairs.len() != DIGEST_BYTES || !rest.is_empty() {
            return None;
        }
        let mut own = [0; DIGEST_BYTES];
        for (byte, [high, low]) in own.iter_mut().zip(pairs) {
            let high = char::from(*high).to_digit(16)?;
            let low = char::from(*low).to_digit(16)?;
            *byte = u8::try_from(high << 4 | low).ok()?;
        }
        Some(Self(own))
    }

    fn file_name(&self) -> String {
        format!("{}{EXTENSION}", self.hex())
    }

    /// The digest that this file name stands for. Only the exact name that [`Self::file_name`]
    /// gives: one with upper-case digits would be listed, and then not be found.
    fn of_file_name(name: &str) -> Option<Self> {
        let digest = Self::from_hex(name.strip_suffix(EXTENSION)?)?;
        (digest.file_name() == name).then_some(digest)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ALGORITHM}{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix(ALGORITHM)
            .and_then(Self::from_hex)
            .ok_or_else(|| DigestError {
                text: printable(text, REPEATED_CHARACTERS),
            })
    }
}

/// A component of a [`ComponentStore`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct StoredComponent {
    /// What it is stored under.
    pub digest: Digest,
    /// Its size, in bytes.
    pub bytes: u64,
}

/// Why the store does not take or give a component.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ComponentStoreError {
    /// It is larger than [`MAX_COMPONENT_BYTES`].
    #[error(
        "the component has {bytes} bytes, but the maximum is {MAX_COMPONENT_BYTES}: check that it is the right file, or strip its debug information"
    )]
    TooLarge {
        /// Its size, in bytes.
        bytes: u64,
    },
    /// The stored file differs from what was stored.
    #[error(
        "`{path}` was modified and is no longer the component `{digest}`: load the original file again to replace it"
    )]
    Changed {
        /// The stored file.
        path: PathBuf,
        /// What it was stored under.
        digest: Digest,
    },
    /// In place of the stored file is a link, a folder or a device.
    #[error("`{path}` is not a regular file: remove it, and load the component `{digest}` again")]
    NotAFile {
        /// What is there.
        path: PathBuf,
        /// What should be stored there.
        digest: Digest,
    },
    /// It has as many signatures as are kept, and none of them is given up for another.
    #[error(
        "the component `{digest}` already has the maximum number of signatures: store it without a signature, or unset it at the levels that run it, remove it, and store it again"
    )]
    NoRoom {
        /// The component.
        digest: Digest,
    },
    /// The folder or a file in it cannot be read or written.
    #[error(
        "cannot read or write the stored components in `{path}`: {source}; use a writable state folder"
    )]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl ComponentStoreError {
    /// What to do about it, as data.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::NoRoom { digest } => Some(Remedy::StoreComponentAgain {
                digest: digest.to_string(),
            }),
            Self::File { .. } => Some(Remedy::ChooseStateFolder),
            _ => None,
        }
    }
}

/// Why an abbreviation stands for no component.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FindComponentError {
    /// It abbreviates no digest.
    #[error(
        "`{prefix}` is not a valid abbreviation of a digest: pass at least {MIN_DIGITS} hexadecimal digits, with or without the prefix `{ALGORITHM}`"
    )]
    Malformed {
        /// What was given.
        prefix: String,
    },
    /// No stored component's digest starts with it.
    #[error("no component that starts with `{prefix}` is stored: load its file first")]
    Unknown {
        /// What was given.
        prefix: String,
    },
    /// Several digests start with it.
    #[error("`{prefix}` matches several components: `{}`; pass more digits", .digests.iter().map(Digest::to_string).collect::<Vec<_>>().join("`, `"))]
    Ambiguous {
        /// What was given.
        prefix: String,
        /// The digests that start with it, sorted.
        digests: Vec<Digest>,
    },
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] ComponentStoreError),
}

/// Components in a folder, one file each, named after the digest of its bytes.
///
/// Processes may share the folder: a file appears under its name only once it is whole, and is
/// never written again.
#[derive(Debug, Clone)]
pub struct ComponentStore {
    folder: PathBuf,
}

impl ComponentStore {
    /// The store in this folder, which the first [`Self::put`] makes.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The store of a state folder.
    #[must_use]
    pub fn of_state(state: &Path) -> Self {
        Self::new(state.join("components"))
    }

    /// Stores a component, readable by its owner alone. One that is stored already stays as it
    /// is, and one that was changed meanwhile is replaced.
    ///
    /// # Errors
    ///
    /// [`ComponentStoreError::TooLarge`], and [`ComponentStoreError::File`] when the folder
    /// cannot be written; nothing is stored then.
    pub fn put(&self, bytes: &[u8]) -> Result<Digest, ComponentStoreError> {
        Self::refuse_large(bytes)?;
        let digest = Digest::of(bytes);
        let failed = |source| ComponentStoreError::File {
            path: self.folder.clone(),
            source,
        };
        make_private_folder(&self.folder).map_err(failed)?;
        remove_stale_drafts(&self.folder);
        if let Ok(Some(_)) = self.get(&digest) {
            return Ok(digest);
        }
        // `tempfile` makes it with mode 0600.
        let mut draft = draft_in(&self.folder).map_err(failed)?;
        draft
            .write_all(bytes)
            .and_then(|()| draft.as_file().sync_all())
            .map_err(failed)?;
        let path = self.path(&digest);
        draft
            .persist(&path)
            .map_err(|lost| ComponentStoreError::File {
                path,
                source: lost.error,
            })?;
        let _ = sync_folder(&self.folder);
        Ok(digest)
    }

    /// Refuses a component that would not be stored for its size.
    pub(crate) fn refuse_large(bytes: &[u8]) -> Result<(), ComponentStoreError> {
        let bytes = bytes.len() as u64;
        if bytes > MAX_COMPONENT_BYTES {
            return Err(ComponentStoreError::TooLarge { bytes });
        }
        Ok(())
    }

    /// The component with this digest, or nothing when none is stored.
    ///
    /// # Errors
    ///
    /// [`ComponentStoreError::Changed`] and [`ComponentStoreError::NotAFile`] when something else
    /// is in its place, and [`ComponentStoreError::File`] when it cannot be read.
    pub fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>, ComponentStoreError> {
        let path = self.path(digest);
        let bytes = match read(&path, MAX_COMPONENT_BYTES, Links::Refuse) {
            Ok(Content::Bytes(bytes)) => bytes,
            Ok(Content::TooLarge) => {
                return Err(ComponentStoreError::Changed {
                    path,
                    digest: *digest,
                });
            }
            Ok(Content::NotAFile) => {
                return Err(ComponentStoreError::NotAFile {
                    path,
                    digest: *digest,
                });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(ComponentStoreError::File { path, source }),
        };
        if Digest::of(&bytes) == *digest {
            Ok(Some(bytes))
        } else {
            Err(ComponentStoreError::Changed {
                path,
                digest: *digest,
            })
        }
    }

    /// Stores signatures of a component beside it, and keeps those that are there: one level may
    /// trust another signer than the next.
    ///
    /// # Errors
    ///
    /// [`ComponentStoreError::NoRoom`] when there are too many, and [`ComponentStoreError::File`]
    /// when the folder cannot be written. Those that are there stay as they are, then.
    pub fn put_signatures(
        &self,
        digest: &Digest,
        signatures: &[Signature],
    ) -> Result<(), ComponentStoreError> {
        let there = self.signatures(digest)?;
        let file = self.signatures_joined(digest, there.as_deref(), signatures)?;
        if there.as_ref() == Some(&file) {
            return Ok(());
        }
        let path = self.signature_path(digest);
        make_private_folder(&self.folder)
            .and_then(|()| replace(&path, &file, Readers::Owner))
            .map_err(|source| ComponentStoreError::File { path, source })
    }

    /// The file with the signatures of a component, `there`, with others added.
    ///
    /// # Errors
    ///
    /// As [`Self::put_signatures`].
    pub(crate) fn signatures_joined(
        &self,
        digest: &Digest,
        there: Option<&[u8]>,
        new: &[Signature],
    ) -> Result<Vec<u8>, ComponentStoreError> {
        let mut there = there
            .and_then(|file| Signature::parse_all(file).ok())
            .unwrap_or_default();
        // One that does not fit was changed in the folder: it helps nobody and takes a place.
        if let Ok(Some(component)) = self.get(digest) {
            there.retain(|signature| {
                let signer = signature.signer();
                signer.is_none_or(|signer| signature.is_by(signer, &component))
            });
        }
        Signature::joined(there, new)
            .map(|all| Signature::file_of(&all))
            .ok_or(ComponentStoreError::NoRoom { digest: *digest })
    }

    /// The file with the signatures of a component, or nothing when none is stored. It is foreign
    /// until it has been verified.
    ///
    /// # Errors
    ///
    /// [`ComponentStoreError::NotAFile`] when something else is in its place, and
    /// [`ComponentStoreError::File`] when it cannot be read.
    pub fn signatures(&self, digest: &Digest) -> Result<Option<Vec<u8>>, ComponentStoreError> {
        let path = self.signature_path(digest);
        match read(&path, MAX_SIGNATURE_BYTES, Links::Refuse) {
            Ok(Content::Bytes(bytes)) => Ok(Some(bytes)),
            // No signature: what reads it says so.
            Ok(Content::TooLarge) => Ok(Some(Vec::new())),
            Ok(Content::NotAFile) => Err(ComponentStoreError::NotAFile {
                path,
                digest: *digest,
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(ComponentStoreError::File { path, source }),
        }
    }

    /// All stored components, sorted by digest. Their content is not verified: [`Self::get`]
    /// does that.
    ///
    /// # Errors
    ///
    /// [`ComponentStoreError::File`] when the folder cannot be read.
    pub fn list(&self) -> Result<Vec<StoredComponent>, ComponentStoreError> {
        let failed = |source| ComponentStoreError::File {
            path: self.folder.clone(),
            source,
        };
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut components = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let Some(digest) = entry.file_name().to_str().and_then(Digest::of_file_name) else {
                continue;
            };
            match entry.metadata() {
                Ok(metadata) if metadata.is_file() => components.push(StoredComponent {
                    digest,
                    bytes: metadata.len(),
                }),
                Ok(_) => {}
                // Another process removed it since the folder was read.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(failed(error)),
            }
        }
        components.sort_unstable();
        Ok(components)
    }

    /// The stored component whose digest starts with `prefix`: at least 6 hexadecimal digits,
    /// with or without `sha256:` before them.
    ///
    /// # Errors
    ///
    /// [`FindComponentError`] when `prefix` is no such thing, or none or several are stored.
    pub fn find(&self, prefix: &str) -> Result<Digest, FindComponentError> {
        let repeated = || printable(prefix, REPEATED_CHARACTERS);
        let digits = prefix.strip_prefix(ALGORITHM).unwrap_or(prefix);
        let fits = (MIN_DIGITS..=2 * DIGEST_BYTES).contains(&digits.len())
            && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if !fits {
            return Err(FindComponentError::Malformed { prefix: repeated() });
        }
        let digits = digits.to_ascii_lowercase();
        let mut digests: Vec<Digest> = self
            .list()?
            .into_iter()
            .map(|component| component.digest)
            .filter(|digest| digest.hex().starts_with(&digits))
            .collect();
        match (digests.pop(), digests.is_empty()) {
            (Some(digest), true) => Ok(digest),
            (Some(last), false) => {
                digests.push(last);
                Err(FindComponentError::Ambiguous {
                    prefix: repeated(),
                    digests,
                })
            }
            (None, _) => Err(FindComponentError::Unknown { prefix: repeated() }),
        }
    }

    /// Removes a component, and answers whether it was stored.
    ///
    /// # Errors
    ///
    /// [`ComponentStoreError::File`] when the folder cannot be written.
    pub fn remove(&self, digest: &Digest) -> Result<bool, ComponentStoreError> {
        let path = self.path(digest);
        match fs::remove_file(&path) {
            Ok(()) => {
                // Whoever stores the component again may rely on its signatures: they hold for
                // its bytes. They are removed for tidiness.
                let _ = fs::remove_file(self.signature_path(digest));
                let _ = sync_folder(&self.folder);
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(ComponentStoreError::File { path, source }),
        }
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join(digest.file_name())
    }

    fn signature_path(&self, digest: &Digest) -> PathBuf {
        self.folder
            .join(format!("{}{SIGNATURE_EXTENSION}", digest.hex()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "a test fails by panicking"
    )]

    use std::fs::{self, File};
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant, SystemTime};

    use host_levels::durable_file::DRAFT;

    use super::{
        ComponentStore, ComponentStoreError, Digest, FindComponentError, MAX_COMPONENT_BYTES,
    };

    /// SHA-256 of the empty text, as FIPS 180-4's examples give it.
    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// Where the process that is to be killed stores its components.
    const CHILD_FOLDER: &str = "COMPONENT_STORE_TEST_FOLDER";

    /// The size of its components, in bytes: large enough that most kills fall into a write.
    const CHILD_BYTES: usize = 1 << 18;

    /// How long it lives when nobody kills it.
    const STALE_DRAFT_S: u64 = 24 * 60 * 60;
    const CHILD_LIFE: Duration = Duration::from_secs(60);

    fn store() -> (tempfile::TempDir, ComponentStore) {
        let folder = tempfile::tempdir().unwrap();
        let store = ComponentStore::new(folder.path().join("state").join("components"));
        (folder, store)
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_digest_reads_back_what_it_prints() {
        let digest = Digest::of(b"");
        assert_eq!(digest.to_string(), EMPTY);
        assert_eq!(EMPTY.parse::<Digest>().unwrap(), digest);
        let upper = format!("sha256:{}", digest.hex().to_uppercase());
        assert_eq!(upper.parse::<Digest>().unwrap(), digest);
        assert_eq!(format!("{digest:?}"), format!("Digest({EMPTY})"));
        assert!(Digest::of(b"a") != Digest::of(b"b"));
    }

    #[test]
    fn what_is_no_digest_is_told_what_one_looks_like() {
        for text in [
            "",
            "sha256:",
            &EMPTY[7..],
            &EMPTY[..70],
            &format!("{EMPTY}0"),
            &EMPTY.replace("sha256", "sha512"),
            &EMPTY.replace('e', "g"),
            &EMPTY.replacen("e3", "+3", 1),
            &format!("sha256:{}", "é".repeat(32)),
            &format!(" {EMPTY}"),
            "sha256:../../../../../../../../../../../../../../../../../../../../etc/passwd",
        ] {
            let error = text.parse::<Digest>().unwrap_err().to_string();
            assert!(
                error.contains(
                    "is not a valid digest: expected `sha256:` and 64 hexadecimal digits"
                ),
                "{error}"
            );
        }
        let error = "x".repeat(1_000_000).parse::<Digest>().unwrap_err();
        assert!(error.to_string().len() < 300);
        let error = "\u{1b}[2J\u{202e}".parse::<Digest>().unwrap_err();
        assert!(error.to_string().starts_with("`\u{fffd}[2J\u{fffd}`"));
    }

    #[test]
    fn a_component_comes_back_as_it_was_stored() {
        let (_folder, store) = store();
        let digest = store.put(b"first").unwrap();
        assert_eq!(digest, Digest::of(b"first"));
        assert_eq!(store.get(&digest).unwrap().unwrap(), b"first");
        assert_eq!(store.get(&Digest::of(b"second")).unwrap(), None);
        let empty = store.put(b"").unwrap();
        assert_eq!(store.get(&empty).unwrap().unwrap(), b"");
        let sizes: Vec<_> = store
            .list()
            .unwrap()
            .iter()
            .map(|component| (component.digest, component.bytes))
            .collect();
        let mut expected = vec![(digest, 5), (empty, 0)];
        expected.sort();
        assert_eq!(sizes, expected);
    }

    #[test]
    fn nothing_is_made_until_something_is_stored() {
        let (_folder, store) = store();
        assert_eq!(store.list().unwrap(), []);
        assert_eq!(store.get(&Digest::of(b"")).unwrap(), None);
        assert!(!store.remove(&Digest::of(b"")).unwrap());
        assert!(matches!(
            store.find("abcdef"),
            Err(FindComponentError::Unknown { .. })
        ));
        assert!(!store.folder.parent().unwrap().exists());
    }

    #[test]
    fn storing_twice_leaves_one_file_that_was_written_once() {
        let (_folder, store) = store();
        let digest = store.put(b"one").unwrap();
        let path = store.path(&digest);
        let past = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(past)
            .unwrap();
        assert_eq!(store.put(b"one").unwrap(), digest);
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), past);
        assert_eq!(names(&store.folder), [digest.file_name()]);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_the_folder_and_its_files() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, store) = store();
        let digest = store.put(b"one").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&store.path(&digest)), 0o600);
        assert_eq!(mode(&store.folder), 0o700);
        assert_eq!(mode(store.folder.parent().unwrap()), 0o700);
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_noticed_and_loading_again_helps() {
        let (_folder, store) = store();
        let bytes: Vec<u8> = (0..=255).collect();
        let digest = store.put(&bytes).unwrap();
        let path = store.path(&digest);
        let changed_to = |content: &[u8]| {
            fs::write(&path, content).unwrap();
            let error = store.get(&digest).unwrap_err();
            assert!(
                matches!(&error, ComponentStoreError::Changed { path: told, .. } if *told == path)
            );
            let error = error.to_string();
            assert!(error.contains(&digest.to_string()), "{error}");
            assert!(error.contains("load the original file again"), "{error}");
        };
        for index in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[index] ^= 1;
            changed_to(&changed);
            changed_to(&bytes[..index]);
        }
        changed_to(&[bytes.as_slice(), b"\0"].concat());
        assert_eq!(store.put(&bytes).unwrap(), digest);
        assert_eq!(store.get(&digest).unwrap().unwrap(), bytes);
    }

    #[test]
    fn a_component_above_the_limit_is_refused_before_it_is_read() {
        let (_folder, store) = store();
        // Never touched, so that it takes no memory.
        let bytes = vec![0; usize::try_from(MAX_COMPONENT_BYTES).unwrap() + 1];
        let error = store.put(&bytes).unwrap_err();
        assert!(matches!(error, ComponentStoreError::TooLarge { .. }));
        assert!(!store.folder.exists());

        let digest = store.put(b"one").unwrap();
        File::options()
            .write(true)
            .open(store.path(&digest))
            .unwrap()
            .set_len(1 << 40)
            .unwrap();
        assert!(matches!(
            store.get(&digest),
            Err(ComponentStoreError::Changed { .. })
        ));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_place_of_a_component_is_neither_followed_nor_listed() {
        use std::os::unix::fs::symlink;
        let (outside, store) = store();
        let digest = store.put(b"one").unwrap();
        let path = store.path(&digest);
        let target = outside.path().join("target");
        fs::write(&target, b"one").unwrap();
        for target in [
            &target,
            &outside.path().join("missing"),
            &path,
            Path::new("/dev/zero"),
        ] as [&Path; 4]
        {
            fs::remove_file(&path).unwrap();
            symlink(target, &path).unwrap();
            assert!(matches!(
                store.get(&digest),
                Err(ComponentStoreError::NotAFile { .. })
            ));
            assert_eq!(store.list().unwrap(), []);
        }
        fs::remove_file(&path).unwrap();
        symlink(&target, &path).unwrap();
        store.put(b"one").unwrap();
        assert!(fs::symlink_metadata(&path).unwrap().is_file());
        fs::remove_file(&path).unwrap();
        symlink(&target, &path).unwrap();
        assert!(store.remove(&digest).unwrap());
        assert_eq!(fs::read(&target).unwrap(), b"one");
    }

    #[test]
    fn a_folder_in_place_of_a_component_is_an_error_that_names_it() {
        let (_folder, store) = store();
        let digest = Digest::of(b"one");
        fs::create_dir_all(store.path(&digest)).unwrap();
        assert!(matches!(
            store.get(&digest),
            Err(ComponentStoreError::NotAFile { .. })
        ));
        let error = store.put(b"one").unwrap_err().to_string();
        assert!(error.contains(&digest.hex()), "{error}");
        assert!(store.remove(&digest).is_err());
        assert_eq!(store.list().unwrap(), []);
        assert_eq!(names(&store.folder), [digest.file_name()]);
    }

    #[test]
    fn a_file_in_place_of_the_folder_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("components");
        fs::write(&path, b"").unwrap();
        let store = ComponentStore::new(&path);
        for error in [store.put(b"one").unwrap_err(), store.list().unwrap_err()] {
            assert!(error.to_string().contains("components"), "{error}");
        }
    }

    #[test]
    fn drafts_and_foreign_files_are_not_listed() {
        let (_folder, store) = store();
        let digest = store.put(b"one").unwrap();
        let hex = Digest::of(b"two").hex();
        for name in [
            format!("{DRAFT}abc"),
            format!("{DRAFT}{hex}.wasm"),
            hex.clone(),
            format!("{}.wasm", hex.to_uppercase()),
            format!("{hex}.wasm.bak"),
            format!("{}.wasm", &hex[1..]),
            "README".to_owned(),
        ] {
            fs::write(store.folder.join(name), b"two").unwrap();
        }
        let listed = store.list().unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].digest, digest);
    }

    #[test]
    fn a_draft_is_cleaned_up_by_a_later_put_once_it_is_a_day_old() {
        let (_folder, store) = store();
        store.put(b"one").unwrap();
        let aged = |name: &str, age_s: u64| {
            let path = store.folder.join(name);
            File::create(&path)
                .unwrap()
                .set_modified(SystemTime::now() - Duration::from_secs(age_s))
                .unwrap();
            path
        };
        let stale = aged(&format!("{DRAFT}stale"), STALE_DRAFT_S + 60);
        let young = aged(&format!("{DRAFT}young"), STALE_DRAFT_S - 60);
        let foreign = aged("notes", 10 * STALE_DRAFT_S);
        store.put(b"one").unwrap();
        assert!(!stale.exists());
        assert!(young.exists());
        assert!(foreign.exists());
    }

    #[test]
    fn an_abbreviation_finds_the_one_component_that_it_starts() {
        let (_folder, store) = store();
        let one = store.put(b"one").unwrap();
        store.put(b"two").unwrap();
        let hex = one.hex();
        for prefix in [
            &hex[..6],
            &hex,
            &hex[..7].to_uppercase(),
            &format!("sha256:{}", &hex[..6]),
            &one.to_string(),
        ] {
            assert_eq!(store.find(prefix).unwrap(), one);
        }
        for prefix in [
            "",
            "sha256:",
            &hex[..5],
            &format!("{hex}0"),
            "sha512:abcdef",
            "../../etc",
            "*",
            "ééé",
            "sha256:sha256:abcdef",
        ] {
            assert!(
                matches!(
                    store.find(prefix),
                    Err(FindComponentError::Malformed { .. })
                ),
                "{prefix}"
            );
        }
        store.remove(&one).unwrap();
        assert!(matches!(
            store.find(&hex),
            Err(FindComponentError::Unknown { .. })
        ));
    }

    #[test]
    fn an_abbreviation_of_several_lists_them_sorted() {
        let (_folder, store) = store();
        fs::create_dir_all(&store.folder).unwrap();
        let mut told: Vec<_> = ["2", "1", "3"]
            .map(|last| format!("abcdef{}{last}", "0".repeat(57)))
            .into();
        for hex in &told {
            fs::write(store.folder.join(format!("{hex}.wasm")), b"").unwrap();
        }
        told.sort();
        let error = store.find("sha256:ABCDEF").unwrap_err();
        let FindComponentError::Ambiguous { digests, .. } = &error else {
            panic!("{error}")
        };
        assert_eq!(digests.iter().map(Digest::hex).collect::<Vec<_>>(), told);
        assert!(
            error
                .to_string()
                .contains(&format!("`sha256:{}`, `sha256:{}`", told[0], told[1])),
            "{error}"
        );
    }

    #[test]
    fn processes_that_store_the_same_at_once_leave_one_whole_file() {
        let (_folder, store) = store();
        let bytes = vec![7; 1 << 20];
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| store.put(&bytes).unwrap());
            }
        });
        let digest = Digest::of(&bytes);
        assert_eq!(store.get(&digest).unwrap().unwrap(), bytes);
        assert_eq!(names(&store.folder), [digest.file_name()]);
    }

    /// Not a test by itself: [`a_killed_process_leaves_whole_files_only`] starts it, since only
    /// a process of its own can be killed.
    #[test]
    fn a_process_that_stores_until_it_is_killed() {
        let Some(folder) = std::env::var_os(CHILD_FOLDER) else {
            return;
        };
        let store = ComponentStore::new(PathBuf::from(folder));
        let deadline = Instant::now() + CHILD_LIFE;
        for byte in (0..=u8::MAX).cycle() {
            let digest = store.put(&vec![byte; CHILD_BYTES]).unwrap();
            if byte % 2 == 0 {
                store.remove(&digest).unwrap();
            }
            if Instant::now() > deadline {
                return;
            }
        }
    }

    /// A mocked file system would show the order of the calls that the code makes; a kill shows
    /// what the operating system has made of them. The kill comes after another number of looks
    /// at the folder each time, so that it falls into different steps: into the first write at first,
    /// and a dozen writes later at last.
    #[test]
    fn a_killed_process_leaves_whole_files_only() {
        let child = format!(
            "{}::a_process_that_stores_until_it_is_killed",
            module_path!().split_once("::").unwrap().1
        );
        for round in 0..24 {
            let (_folder, store) = store();
            let mut process = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", &child])
                .env(CHILD_FOLDER, &store.folder)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let deadline = Instant::now() + CHILD_LIFE;
            let mut looks = 0;
            while looks < round * round * 20 {
                assert!(Instant::now() < deadline, "nothing is stored");
                // From the first draft on: what is before it is the start of the process.
                if store.folder.exists() && (looks > 0 || !names(&store.folder).is_empty()) {
                    looks += 1;
                }
            }
            process.kill().unwrap();
            process.wait().unwrap();
            for component in store.list().unwrap() {
                let bytes = store.get(&component.digest).unwrap().unwrap();
                assert_eq!(bytes.len(), CHILD_BYTES);
            }
            let digest = store.put(b"afterwards").unwrap();
            assert_eq!(store.get(&digest).unwrap().unwrap(), b"afterwards");
        }
    }
}
