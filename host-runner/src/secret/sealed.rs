//! Tokens sealed in one SQLite file of the state folder.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{
    Connection as Database, OpenFlags, OptionalExtension as _, Transaction, TransactionBehavior,
    params,
};
use zeroize::Zeroizing;

use super::id::{Replacement, SecretDigest, SecretId, SecretKind, associated_data};
use super::key::{KeyError, KeyOrigin, MasterKey};
use super::seal::{Seal, SealError};
use super::{SecretError, SecretFuture, SecretStore};
use crate::connection::Token;
use host_levels::durable_file::FolderLock;
use host_levels::{LevelPath, PlainName, Remedy};

/// The file's name in the state folder.
pub(super) const FILE: &str = "secrets.sqlite";

/// The schema that this version reads and writes, kept in `user_version`.
const SCHEMA: i64 = 2;

/// The schema before secrets had kinds, which is changed into the present one when it is found.
const SCHEMA_OF_TOKENS: i64 = 1;

/// How long a writer waits for another process's, in milliseconds. A write takes about one, so
/// that this is a queue of tens of thousands.
const BUSY_MS: u64 = 60_000;

/// What SQLite's words for a full disk do not say.
fn disk(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode::{CannotOpen, DiskFull, ReadOnly, SystemIoFailure};
    match error.sqlite_error_code() {
        Some(DiskFull | SystemIoFailure) => {
            "; the disk may be full or failing: check it with `df`, and free some space"
        }
        Some(CannotOpen | ReadOnly) => "; the state folder may be read-only, or the disk full",
        _ => "",
    }
}

/// Why the sealed records do not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file cannot be made or opened.
    #[error("cannot open the secrets in `{path}`: {source}; use a writable state folder")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// SQLite refused.
    #[error(
        "the secrets in `{path}` cannot be read or written: {source}{}",
        disk(source)
    )]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// Others write without end.
    #[error(
        "the secrets in `{path}` were in use by other processes for {} s: look for one that hangs, and try again",
        BUSY_MS / 1000
    )]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of this program wrote the file.
    #[error(
        "the secrets in `{path}` have schema {found}, and this version knows {SCHEMA}: use the newer version"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
    },
    /// Another key sealed the records.
    #[error(
        "the key in `{origin}` does not decrypt the secrets in `{path}`, and nothing was changed: supply the right key, or, if it is lost, delete that file and enter the tokens again"
    )]
    WrongKey {
        /// Where the key was found.
        origin: String,
        /// The file.
        path: PathBuf,
    },
    /// A secret cannot be decrypted.
    #[error("the {id} cannot be decrypted: {source}; enter it again")]
    Sealed {
        /// The secret.
        id: Box<SecretId>,
        /// What the seal said.
        source: SealError,
    },
    /// A secret cannot be decrypted, and so not with another key encrypted.
    #[error(
        "the {kind} of `{name}` at level `{level}` cannot be decrypted, so it cannot be re-encrypted; nothing was changed: remove `{name}` first"
    )]
    Unopened {
        /// The level.
        level: String,
        /// What the secret is.
        kind: String,
        /// What it is for.
        name: String,
    },
    /// No seal can be made.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The thread that reads broke.
    #[error("cannot read the secrets: the worker thread panicked")]
    Thread,
}

impl StoreError {
    /// What to do about it, as data.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::File { .. } => Some(Remedy::ChooseStateFolder),
            Self::WrongKey { .. } => Some(Remedy::EnterToken {
                name: None,
                level: None,
            }),
            Self::Sealed { id, .. } if id.kind == SecretKind::Token => Some(Remedy::EnterToken {
                name: Some(id.name.clone()),
                level: Some(id.level.clone()),
            }),
            _ => None,
        }
    }
}

/// Tokens sealed in one SQLite file.
#[derive(Debug, Clone)]
pub(crate) struct SealedStore(Arc<Mutex<Records>>);

/// The file, and the key that opens what is in it.
#[derive(Debug)]
pub(super) struct Records {
    pub(super) database: Database,
    pub(super) origin: KeyOrigin,
    pub(super) key: MasterKey,
    pub(super) state: PathBuf,
    pub(super) path: PathBuf,
}

impl SealedStore {
    /// Opens the store in the folder `state`, and makes it on first use, readable by its owner
    /// alone.
    ///
    /// # Errors
    ///
    /// [`SecretError`] when the folder cannot be written, the file is no such store, it is a newer
    /// version's, or the key is not the one that sealed it.
    pub(crate) fn open(state: &Path, origin: KeyOrigin) -> Result<Self, SecretError> {
        let path = state.join(FILE);
        let failed = |source| StoreError::Database {
            path: path.clone(),
            source,
        };
        // Readers of a journal need a file beside it, for which a full disk has no room.
        let opened = match open_database(&path) {
            Err(StoreError::Database { source, .. }) if may_be_full(&source) => {
                settled(&path).ok_or_else(|| failed(source))
            }
            opened => opened,
        };
        let mut database = opened?;
        let found: i64 = database
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .map_err(failed)?;
        match found {
            0 => database = create(database, state, &path)?,
            SCHEMA_OF_TOKENS => migrate(&mut database, state, &path)?,
            SCHEMA => {}
            found => return Err(StoreError::Newer { path, found }.into()),
        }
        let sealed = sealed_with(&database).map_err(failed)?.is_some();
        let mut records = Records {
            key: first_key(&origin, sealed, &path)?,
            database,
            origin,
            state: state.to_owned(),
            path,
        };
        records.agree_on_key()?;
        Ok(Self(Arc::new(Mutex::new(records))))
    }

    /// The key that the records are sealed with.
    pub(crate) fn key(&self) -> MasterKey {
        self.lock().key.clone()
    }

    /// How many tokens there are.
    pub(super) fn count(&self) -> Result<u32, SecretError> {
        let records = self.lock();
        let count = records
            .database
            .query_row("SELECT count(*) FROM secret", [], |row| row.get(0))
            .map_err(|source| records.failed(source))?;
        Ok(count)
    }

    pub(super) fn lock(&self) -> std::sync::MutexGuard<'_, Records> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the records on a thread that may wait.
    fn answering<'a, T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut Records) -> Result<T, SecretError> + Send + 'static,
    ) -> SecretFuture<'a, T> {
        let store = self.clone();
        Box::pin(async move {
            tokio::task::spawn_blocking(move || ask(&mut store.lock()))
                .await
                .map_err(|_| StoreError::Thread)?
        })
    }
}

impl SecretStore for SealedStore {
    fn get<'a>(&'a self, id: &'a SecretId) -> SecretFuture<'a, Option<Token>> {
        // To read takes some microseconds, and another thread for it several times that.
        let records = self.0.try_lock().ok();
        if let Some(token) = records.and_then(|records| records.get_at_once(id)) {
            return Box::pin(std::future::ready(token));
        }
        let id = id.clone();
        self.answering(move |records| records.get(&id))
    }

    fn put<'a>(&'a self, id: &'a SecretId, secret: &'a Token) -> SecretFuture<'a, ()> {
        let (id, secret) = (id.clone(), secret.clone());
        self.answering(move |records| records.put(&id, &secret))
    }

    fn replace<'a>(
        &'a self,
        id: &'a SecretId,
        expected: SecretDigest,
        new: &'a Token,
    ) -> SecretFuture<'a, Replacement> {
        let (id, new) = (id.clone(), new.clone());
        self.answering(move |records| records.replace(&id, expected, &new))
    }

    fn forget<'a>(
        &'a self,
        level: &'a LevelPath,
        kind: SecretKind,
        name: &'a PlainName,
        keep: Option<&'a str>,
    ) -> SecretFuture<'a, ()> {
        let (level, name) = (level.clone(), name.clone());
        let keep = keep.map(str::to_owned);
        self.answering(move |records| records.forget(&level, kind, &name, keep.as_deref()))
    }
}

/// The key to begin with. A key file is made for a store that nothing is sealed in yet: another
/// one in place of a lost one would open nothing, and look as if it did.
fn first_key(origin: &KeyOrigin, sealed: bool, path: &Path) -> Result<MasterKey, SecretError> {
    if !sealed {
        return Ok(origin.read()?);
    }
    match (origin.read_existing(), origin) {
        (Err(error), KeyOrigin::OwnFile(_)) if is_missing(&error) => Err(StoreError::WrongKey {
            origin: origin.describe(),
            path: path.to_owned(),
        }
        .into()),
        (read, _) => Ok(read?),
    }
}

/// Opens the file, and makes an empty one that its owner alone reads. SQLite gives its side files
/// the permissions of the main one, so that this covers them.
fn open_database(path: &Path) -> Result<Database, StoreError> {
    require_files(path)?;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    if let Err(source) = options.open(path) {
        let is_read_only = matches!(
            source.kind(),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
        );
        if let Some(database) = read_only(path).filter(|_| is_read_only && path.exists()) {
            return Ok(database);
        }
        return Err(StoreError::File {
            path: path.to_owned(),
            source,
        });
    }
    let failed = |source| StoreError::Database {
        path: path.to_owned(),
        source,
    };
    let database = Database::open(path).map_err(failed)?;
    // What is removed is overwritten, and not only no longer pointed to.
    database
        .pragma_update(None, "secure_delete", true)
        .map_err(failed)?;
    // A refreshed token is on the disk before it is used: the one before it is dead.
    database
        .pragma_update(None, "synchronous", "FULL")
        .map_err(failed)?;
    database
        .busy_timeout(Duration::from_millis(BUSY_MS))
        .map_err(failed)?;
    Ok(database)
}

/// SQLite has two words for a disk without room.
fn may_be_full(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DiskFull, SystemIoFailure};
    matches!(error.sqlite_error_code(), Some(DiskFull | SystemIoFailure))
}

/// Opens a file for reading that is all there is: nothing is left in the journal beside it.
fn settled(path: &Path) -> Option<Database> {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-wal");
    let is_empty = std::fs::metadata(journal).map_or(true, |journal| journal.len() == 0);
    is_empty.then(|| read_only(path)).flatten()
}

/// Rejects what is not a regular file in the place of the database and of its side files: opening a pipe
/// waits for its other end.
fn require_files(path: &Path) -> Result<(), StoreError> {
    for end in ["", "-journal", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(end);
        let path = PathBuf::from(file);
        if path.metadata().is_ok_and(|there| !there.is_file()) {
            let source = io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file");
            return Err(StoreError::File { path, source });
        }
    }
    Ok(())
}

/// Opens a file that cannot be written, nor anything beside it, such as in a mounted snapshot:
/// without locks and journal, which nobody else can have there either.
fn read_only(path: &Path) -> Option<Database> {
    let path = path.to_str()?;
    let escaped = path
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    Database::open_with_flags(format!("file:{escaped}?immutable=1"), flags).ok()
}

/// Makes the tables. One process at a time: SQLite does not wait for others while it changes the
/// journal's mode, but fails.
fn create(database: Database, state: &Path, path: &Path) -> Result<Database, StoreError> {
    let _lock = FolderLock::take(state, "key").map_err(|source| StoreError::File {
        path: path.to_owned(),
        source,
    })?;
    database
        .execute_batch(&format!(
            "PRAGMA journal_mode = WAL;
             BEGIN IMMEDIATE;
             {TABLES}
             PRAGMA user_version = {SCHEMA};
             COMMIT;"
        ))
        .map_err(|source| StoreError::Database {
            path: path.to_owned(),
            source,
        })?;
    Ok(database)
}

/// The tables of the present schema.
const TABLES: &str = "CREATE TABLE IF NOT EXISTS secret (
                 level TEXT NOT NULL,
                 kind TEXT NOT NULL,
                 name TEXT NOT NULL,
                 binding TEXT NOT NULL,
                 sealed BLOB NOT NULL,
                 PRIMARY KEY (level, kind, name, binding)
             ) STRICT;
             CREATE TABLE IF NOT EXISTS sealed_with (
                 id INTEGER PRIMARY KEY CHECK (id = 1),
                 fingerprint BLOB NOT NULL
             ) STRICT;";

/// Gives the records of an older version their kind, all of which are tokens, unless another process
/// has done so meanwhile. They stay sealed as they are.
fn migrate(database: &mut Database, state: &Path, path: &Path) -> Result<(), StoreError> {
    let _lock = FolderLock::take(state, "key").map_err(|source| StoreError::File {
        path: path.to_owned(),
        source,
    })?;
    let mut change = || -> rusqlite::Result<()> {
        let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if found == SCHEMA_OF_TOKENS {
            transaction.execute_batch(&format!(
                "ALTER TABLE secret RENAME TO token;
                 {TABLES}
                 INSERT INTO secret SELECT level, 'token', connection, binding, sealed FROM token;
                 DROP TABLE token;
                 PRAGMA user_version = {SCHEMA};"
            ))?;
        }
        transaction.commit()
    };
    change().map_err(|source| failed(path, source))
}

impl Records {
    pub(super) fn failed(&self, source: rusqlite::Error) -> StoreError {
        failed(&self.path, source)
    }

    /// Makes sure that the key is the one that the records are sealed with. The first key that a
    /// new file is opened with becomes that.
    fn agree_on_key(&mut self) -> Result<(), SecretError> {
        let fingerprint = self.sealed_with()?;
        match fingerprint {
            None => {
                self.database
                    .execute(
                        "INSERT OR IGNORE INTO sealed_with (id, fingerprint) VALUES (1, ?1)",
                        [self.key.fingerprint()],
                    )
                    .map_err(|source| self.failed(source))?;
                let agreed = self.sealed_with()?;
                self.follow_rotation(agreed)
            }
            agreed => self.follow_rotation(agreed),
        }
    }

    pub(super) fn sealed_with(&self) -> Result<Option<[u8; 16]>, SecretError> {
        Ok(sealed_with(&self.database).map_err(|source| self.failed(source))?)
    }

    /// Does something in one transaction, with the key that the records are sealed with at that
    /// time: another process may have changed it since this one read it.
    pub(super) fn transact<T>(
        &mut self,
        behavior: TransactionBehavior,
        mut ask: impl FnMut(&Transaction<'_>, &MasterKey) -> Result<T, SecretError>,
    ) -> Result<T, SecretError> {
        loop {
            let path = self.path.clone();
            let failed = |source| failed(&path, source);
            let transaction = self
                .database
                .transaction_with_behavior(behavior)
                .map_err(failed)?;
            let agreed = sealed_with(&transaction).map_err(failed)?;
            if agreed == Some(self.key.fingerprint()) {
                let answer = ask(&transaction, &self.key)?;
                transaction.commit().map_err(failed)?;
                return Ok(answer);
            }
            drop(transaction);
            // Yet another rotation may have gone by meanwhile, which is no wrong key.
            if let Err(wrong) = self.follow_rotation(agreed)
                && self.sealed_with()? == agreed
            {
                return Err(wrong);
            }
        }
    }

    fn get(&mut self, id: &SecretId) -> Result<Option<Token>, SecretError> {
        let path = self.path.clone();
        self.transact(TransactionBehavior::Deferred, |transaction, key| {
            let record = record(transaction, id).map_err(|source| failed(&path, source))?;
            Ok(record.open(key, id)?)
        })
    }

    /// The same, if nothing must be waited for and the key is still the one.
    fn get_at_once(&self, id: &SecretId) -> Option<Result<Option<Token>, SecretError>> {
        // Whatever goes wrong, `get` tries again, and tells it.
        let wait = |milliseconds| {
            self.database
                .busy_timeout(Duration::from_millis(milliseconds))
        };
        wait(0).ok()?;
        let record = record(&self.database, id).ok();
        wait(BUSY_MS).ok()?;
        let record = record?;
        let is_sealed_with_it = record.sealed_with == Some(self.key.fingerprint());
        is_sealed_with_it.then(|| Ok(record.open(&self.key, id)?))
    }

    fn put(&mut self, id: &SecretId, secret: &Token) -> Result<(), SecretError> {
        let path = self.path.clone();
        self.transact(TransactionBehavior::Immediate, |transaction, key| {
            write(transaction, &path, key, id, secret)
        })
    }

    fn replace(
        &mut self,
        id: &SecretId,
        expected: SecretDigest,
        new: &Token,
    ) -> Result<Replacement, SecretError> {
        let path = self.path.clone();
        self.transact(TransactionBehavior::Immediate, |transaction, key| {
            let record = record(transaction, id).map_err(|source| failed(&path, source))?;
            let stored = record.open(key, id)?;
            if stored.as_ref().map(SecretDigest::of) != Some(expected) {
                return Ok(Replacement::Conflict);
            }
            write(transaction, &path, key, id, new)?;
            Ok(Replacement::Replaced)
        })
    }

    fn forget(
        &mut self,
        level: &LevelPath,
        kind: SecretKind,
        name: &PlainName,
        keep: Option<&str>,
    ) -> Result<(), SecretError> {
        let path = self.path.clone();
        self.transact(TransactionBehavior::Immediate, |transaction, _| {
            transaction
                .execute(
                    "DELETE FROM secret
                     WHERE level = ?1 AND kind = ?2 AND name = ?3 AND binding IS NOT ?4",
                    params![level.as_str(), kind.as_str(), name.as_str(), keep],
                )
                .map_err(|source| failed(&path, source))
                .map_err(SecretError::from)
        })
        .map(|removed| {
            if removed > 0 {
                // What was removed is still in the log. Others who read it put this off, and
                // whoever removes something next makes up for it.
                let _ = self
                    .database
                    .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
            }
        })
    }
}

/// Writes a record in place of the one that its id has, if it has one.
fn write(
    transaction: &Transaction<'_>,
    path: &Path,
    key: &MasterKey,
    id: &SecretId,
    secret: &Token,
) -> Result<(), SecretError> {
    let sealed = Seal::new(key)
        .and_then(|seal| seal.seal(secret.expose(), &id.associated_data()))
        .map_err(StoreError::Seal)?;
    transaction
        .execute(
            "INSERT INTO secret (level, kind, name, binding, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET sealed = excluded.sealed",
            params![
                id.level.as_str(),
                id.kind.as_str(),
                id.name.as_str(),
                id.binding,
                sealed
            ],
        )
        .map_err(|source| failed(path, source))?;
    Ok(())
}

pub(super) fn failed(path: &Path, source: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
            StoreError::Busy { path }
        }
        _ => StoreError::Database { path, source },
    }
}

/// The fingerprint of the key that the records are sealed with.
pub(super) fn sealed_with(database: &Database) -> rusqlite::Result<Option<[u8; 16]>> {
    database
        .prepare_cached("SELECT fingerprint FROM sealed_with")?
        .query_row([], |row| row.get(0))
        .optional()
}

/// What there is for an id.
#[derive(Default)]
struct Record {
    /// The fingerprint of the key.
    sealed_with: Option<[u8; 16]>,
    sealed: Option<Vec<u8>>,
}

/// Reads both in one statement, and so as they were at one time.
fn record(database: &Database, id: &SecretId) -> rusqlite::Result<Record> {
    let record = database
        .prepare_cached(
            "SELECT fingerprint, (SELECT sealed FROM secret
             WHERE level = ?1 AND kind = ?2 AND name = ?3 AND binding = ?4) FROM sealed_with",
        )?
        .query_row(
            params![
                id.level.as_str(),
                id.kind.as_str(),
                id.name.as_str(),
                id.binding
            ],
            |row| {
                Ok(Record {
                    sealed_with: row.get(0)?,
                    sealed: row.get(1)?,
                })
            },
        )
        .optional()?;
    Ok(record.unwrap_or_default())
}

impl Record {
    fn open(self, key: &MasterKey, id: &SecretId) -> Result<Option<Token>, StoreError> {
        let Some(sealed) = self.sealed else {
            return Ok(None);
        };
        let unsealed = |source| StoreError::Sealed {
            id: Box::new(id.clone()),
            source,
        };
        let opened = Seal::new(key)
            .and_then(|seal| seal.open(&sealed, &id.associated_data()))
            .map_err(unsealed)?;
        let token = Token::parse(&opened).map_err(|_| unsealed(SealError::DoesNotOpen))?;
        Ok(Some(token))
    }
}

/// Every record, opened, sealed again with another key.
pub(super) fn reseal(
    transaction: &Transaction<'_>,
    path: &Path,
    old: &MasterKey,
    new: &MasterKey,
) -> Result<usize, SecretError> {
    let failed = |source| failed(path, source);
    let (old, new_seal) = (
        Seal::new(old).map_err(StoreError::Seal)?,
        Seal::new(new).map_err(StoreError::Seal)?,
    );
    let mut select = transaction
        .prepare("SELECT rowid, level, kind, name, binding, sealed FROM secret")
        .map_err(failed)?;
    let rows: Vec<(i64, String, String, String, String, Vec<u8>)> = select
        .query_map([], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
            ))
        })
        .and_then(Iterator::collect)
        .map_err(failed)?;
    for (id, level, kind, name, binding, sealed) in &rows {
        let associated = associated_data(level, kind, name, binding);
        let opened: Zeroizing<String> =
            old.open(sealed, &associated)
                .map_err(|_| StoreError::Unopened {
                    level: level.clone(),
                    kind: kind.clone(),
                    name: name.clone(),
                })?;
        let sealed = new_seal
            .seal(&opened, &associated)
            .map_err(StoreError::Seal)?;
        transaction
            .execute(
                "UPDATE secret SET sealed = ?2 WHERE rowid = ?1",
                params![id, sealed],
            )
            .map_err(failed)?;
    }
    transaction
        .execute(
            "UPDATE sealed_with SET fingerprint = ?1",
            [new.fingerprint()],
        )
        .map_err(failed)?;
    Ok(rows.len())
}

/// Whether a key error is that there is no such file.
pub(super) fn is_missing(error: &KeyError) -> bool {
    matches!(error, KeyError::File { source, .. } if source.kind() == io::ErrorKind::NotFound)
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        reason = "a test fails by panicking"
    )]

    use super::{SealedStore, SecretError, StoreError};
    use crate::connection::Token;
    use crate::secret::{
        KeyOrigin, Replacement, SecretDigest, SecretId, SecretKind, SecretStore as _,
    };
    use host_levels::{Level, Scope};

    fn open(state: &std::path::Path) -> SealedStore {
        SealedStore::open(state, KeyOrigin::OwnFile(state.join("key"))).unwrap()
    }

    fn place(level: Level, binding: &str) -> SecretId {
        SecretId {
            level: Scope::default().path(level),
            kind: SecretKind::Token,
            name: "main".parse().unwrap(),
            binding: binding.to_owned(),
        }
    }

    fn token(text: &str) -> Token {
        Token::parse(text).unwrap()
    }

    #[tokio::test]
    async fn a_token_is_given_out_for_its_own_place_alone() {
        let state = tempfile::tempdir().unwrap();
        let store = open(state.path());
        let here = place(Level::Cluster, "https://c basic me");
        store.put(&here, &token("sesame")).await.unwrap();
        assert_eq!(store.get(&here).await.unwrap(), Some(token("sesame")));
        for elsewhere in [
            place(Level::App, "https://c basic me"),
            place(Level::Cluster, "https://evil basic me"),
            place(Level::Cluster, "https://c basic you"),
        ] {
            assert_eq!(store.get(&elsewhere).await.unwrap(), None);
        }
    }

    #[tokio::test]
    async fn a_token_is_read_at_once_or_where_what_is_in_the_way_can_be_waited_for() {
        let state = tempfile::tempdir().unwrap();
        let store = open(state.path());
        let (here, nowhere) = (place(Level::App, "x"), place(Level::App, "y"));
        store.put(&here, &token("sesame")).await.unwrap();
        let at_once = |place| store.lock().get_at_once(place).map(Result::unwrap);
        assert_eq!(at_once(&here), Some(Some(token("sesame"))));
        assert_eq!(at_once(&nowhere), Some(None));

        // Another thread has the store.
        let held = store.lock();
        let asked = store.get(&here);
        drop(held);
        assert_eq!(asked.await.unwrap(), Some(token("sesame")));

        // Another process has put another key in place.
        open(state.path()).rotate(None).unwrap();
        assert_eq!(at_once(&here), None);
        assert_eq!(store.get(&here).await.unwrap(), Some(token("sesame")));
        assert_eq!(at_once(&here), Some(Some(token("sesame"))));
    }

    #[tokio::test]
    async fn what_is_replaced_stays_until_it_is_forgotten() {
        let state = tempfile::tempdir().unwrap();
        let store = open(state.path());
        let (old, new) = (place(Level::App, "old"), place(Level::App, "new"));
        store.put(&old, &token("one")).await.unwrap();
        store.put(&new, &token("two")).await.unwrap();
        assert_eq!(store.get(&old).await.unwrap(), Some(token("one")));
        store
            .forget(&new.level, new.kind, &new.name, Some("new"))
            .await
            .unwrap();
        assert_eq!(store.get(&old).await.unwrap(), None);
        assert_eq!(store.get(&new).await.unwrap(), Some(token("two")));
        store
            .forget(&new.level, new.kind, &new.name, None)
            .await
            .unwrap();
        assert_eq!(store.get(&new).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_record_that_was_moved_or_changed_does_not_open() {
        let state = tempfile::tempdir().unwrap();
        let store = open(state.path());
        for (change, at) in [
            (
                "UPDATE secret SET binding = 'https://evil'",
                place(Level::Cluster, "https://evil"),
            ),
            (
                "UPDATE secret SET level = 'env/default/app/default'",
                place(Level::App, "https://c"),
            ),
            (
                "UPDATE secret SET sealed = zeroblob(64)",
                place(Level::Cluster, "https://c"),
            ),
        ] {
            store
                .put(&place(Level::Cluster, "https://c"), &token("sesame"))
                .await
                .unwrap();
            store.lock().database.execute(change, []).unwrap();
            let Err(SecretError::Store(StoreError::Sealed { .. })) = store.get(&at).await else {
                panic!("`{change}` went unnoticed");
            };
            store
                .lock()
                .database
                .execute("DELETE FROM secret", [])
                .unwrap();
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_two_writers_that_replace_the_same_secret_exactly_one_wins() {
        let state = tempfile::tempdir().unwrap();
        // As two processes have it.
        let (one, other) = (open(state.path()), open(state.path()));
        let mut id = place(Level::App, "x");
        id.kind = SecretKind::OauthGrant;
        let expected = SecretDigest::of(&token("first"));
        let missing = one.replace(&id, expected, &token("none")).await.unwrap();
        assert_eq!(missing, Replacement::Conflict);
        assert_eq!(one.get(&id).await.unwrap(), None);
        let mut last = token("first");
        one.put(&id, &last).await.unwrap();
        for round in 0..50 {
            let expected = SecretDigest::of(&last);
            let new = [
                token(&format!("one-{round}")),
                token(&format!("other-{round}")),
            ];
            let (first, second) = tokio::join!(
                one.replace(&id, expected, &new[0]),
                other.replace(&id, expected, &new[1]),
            );
            let won = [first.unwrap(), second.unwrap()].map(|done| done == Replacement::Replaced);
            assert!(won[0] != won[1], "{round}: {won:?}");
            let [by_one, by_other] = new;
            last = if won[0] { by_one } else { by_other };
            assert_eq!(other.get(&id).await.unwrap().as_ref(), Some(&last));
        }
    }

    #[tokio::test]
    async fn secrets_of_other_kinds_do_not_get_in_each_others_way() {
        let state = tempfile::tempdir().unwrap();
        let store = open(state.path());
        let here = place(Level::App, "x");
        let grant = SecretId {
            kind: SecretKind::OauthGrant,
            ..here.clone()
        };
        store.put(&here, &token("one")).await.unwrap();
        assert_eq!(store.get(&grant).await.unwrap(), None);
        store.put(&grant, &token("two")).await.unwrap();
        store.rotate(None).unwrap();
        store
            .forget(&here.level, here.kind, &here.name, None)
            .await
            .unwrap();
        assert_eq!(store.get(&here).await.unwrap(), None);
        assert_eq!(store.get(&grant).await.unwrap(), Some(token("two")));
    }

    #[tokio::test]
    async fn the_records_of_a_version_without_kinds_are_still_read() {
        let state = tempfile::tempdir().unwrap();
        let here = place(Level::App, "https://c basic me");
        let store = open(state.path());
        store.put(&here, &token("sesame")).await.unwrap();
        // The table as that version made it, with the record as it sealed it.
        let before = "ALTER TABLE secret RENAME TO present;
            CREATE TABLE secret (
                level TEXT NOT NULL,
                connection TEXT NOT NULL,
                binding TEXT NOT NULL,
                sealed BLOB NOT NULL,
                PRIMARY KEY (level, connection, binding)
            ) STRICT;
            INSERT INTO secret SELECT level, name, binding, sealed FROM present;
            DROP TABLE present;
            PRAGMA user_version = 1;";
        store.lock().database.execute_batch(before).unwrap();
        drop(store);
        for _ in 0..2 {
            let store = open(state.path());
            assert_eq!(store.get(&here).await.unwrap(), Some(token("sesame")));
            assert_eq!(store.rotate(None).unwrap().records, 1);
        }
    }

    #[tokio::test]
    async fn neither_the_token_nor_a_part_of_it_lies_in_the_folder() {
        let state = tempfile::tempdir().unwrap();
        let store = open(state.path());
        store
            .put(&place(Level::App, "x"), &token("sesame-open-4711"))
            .await
            .unwrap();
        drop(store);
        for entry in std::fs::read_dir(state.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            assert!(!bytes.windows(6).any(|window| window == b"sesame"));
        }
    }
}
