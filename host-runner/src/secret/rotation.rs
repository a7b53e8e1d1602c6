//! A new key for the sealed records, such that whoever is killed half-way leaves records that
//! one of the keys at hand opens.
//!
//! 1. The new key is written beside the old one, as `key.next`.
//! 2. One transaction seals every record anew, and notes the new key's fingerprint.
//! 3. `key.next` takes the place of `key`.
//!
//! A key file that this program was only pointed at may be other state folders' key, too, which
//! nothing here knows of. So the old key of such a file is kept beside it, before step 2.
//!
//! Before 2 the records open with `key`, after it with `key.next`: whoever finds that the
//! fingerprint is not that of `key` looks there, and finishes step 3.

use std::fs;
use std::path::PathBuf;

use rusqlite::TransactionBehavior;

use super::SecretError;
use super::key::{KeyError, KeyOrigin, MasterKey};
use super::sealed::{Records, SealedStore, StoreError, is_missing, reseal};
use host_levels::durable_file::{FolderLock, folder_of, sync_folder};

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RotationReport {
    /// How many records were sealed anew.
    pub records: usize,
    /// The file that has the new key. `None` where the key comes from a variable, which the
    /// caller has to set anew.
    pub key_file: Option<PathBuf>,
    /// The file that has the key before it, readable by whom the new one's is. `None` where the
    /// key is in the state folder, and nobody else's, or comes from a variable.
    pub old_key_file: Option<PathBuf>,
}

/// Where a key was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Adopted {
    /// Where keys belong.
    Settled,
    /// Where it waits to take the old one's place.
    Next,
}

impl SealedStore {
    /// Seals every record with a new key: the one in `text` (base64 of 32 bytes), or a random one.
    ///
    /// # Errors
    ///
    /// [`SecretError`]; the records are then sealed with the old key.
    pub(crate) fn rotate(&self, text: Option<&str>) -> Result<RotationReport, SecretError> {
        let mut records = self.lock();
        let new = match text {
            Some(text) => MasterKey::parse(text, "the new key")?,
            None if records.origin == KeyOrigin::Variable => {
                return Err(KeyError::NewKeyMissing.into());
            }
            None => MasterKey::random()?,
        };
        let state = records.state.clone();
        let _lock = FolderLock::take(&state, "key").map_err(|source| StoreError::File {
            path: records.path.clone(),
            source,
        })?;
        // Another rotation may have ended half-way, and the next key be the only one that opens.
        let agreed = records.sealed_with()?;
        records.adopt(agreed)?;
        records.finish_rotation()?;
        records.origin.refuse_link()?;
        let old_key_file = records.origin.old_file(&records.key);
        if let Some(old) = &old_key_file {
            records.origin.put_beside(old, &records.key)?;
        }
        let next = records.origin.next_file();
        if let Some(next) = &next {
            records.origin.put_beside(next, &new)?;
        }
        let path = records.path.clone();
        let count = records.transact(TransactionBehavior::Immediate, |transaction, old| {
            reseal(transaction, &path, old, &new)
        })?;
        records.key = new;
        records.finish_rotation()?;
        Ok(RotationReport {
            records: count,
            key_file: records.origin.file().map(PathBuf::from),
            old_key_file,
        })
    }
}

impl Records {
    /// Takes the key that has this fingerprint, and finishes the rotation that it belongs to.
    pub(super) fn follow_rotation(
        &mut self,
        fingerprint: Option<[u8; 16]>,
    ) -> Result<(), SecretError> {
        if self.adopt(fingerprint)? == Adopted::Next {
            let state = self.state.clone();
            let _lock = FolderLock::take(&state, "key").map_err(|source| StoreError::File {
                path: self.path.clone(),
                source,
            })?;
            self.finish_rotation()?;
        }
        Ok(())
    }

    /// Takes the key that has this fingerprint: the one at hand, the one that its origin has by
    /// now, or the one that is about to take its place.
    fn adopt(&mut self, fingerprint: Option<[u8; 16]>) -> Result<Adopted, SecretError> {
        let fits = |key: &MasterKey| fingerprint == Some(key.fingerprint());
        if fits(&self.key) {
            return Ok(Adopted::Settled);
        }
        // Twice, since a rotation may end between the two looks.
        for _ in 0..2 {
            match self.origin.read_existing() {
                Ok(settled) if fits(&settled) => {
                    self.key = settled;
                    return Ok(Adopted::Settled);
                }
                Ok(_) => {}
                Err(error) if is_missing(&error) => {}
                Err(error) => return Err(error.into()),
            }
            let Some(path) = self.origin.next_file() else {
                break;
            };
            match self.origin.read_next(&path) {
                Ok(next) if fits(&next) => {
                    self.key = next;
                    return Ok(Adopted::Next);
                }
                Ok(_) => {}
                Err(error) if is_missing(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::WrongKey {
            origin: self.origin.describe(),
            path: self.path.clone(),
        }
        .into())
    }

    /// Puts the next key in the place of the one before, if nobody else has done so meanwhile.
    fn finish_rotation(&self) -> Result<(), SecretError> {
        let (Some(file), Some(next)) = (self.origin.file(), self.origin.next_file()) else {
            return Ok(());
        };
        let failed = |source| KeyError::File {
            path: file.to_owned(),
            source,
        };
        match self.origin.read_next(&next) {
            Ok(key) if key.fingerprint() == self.key.fingerprint() => {
                fs::rename(&next, file).map_err(failed)?;
                sync_folder(folder_of(file)).map_err(failed)?;
                Ok(())
            }
            Ok(_) => Ok(()),
            Err(error) if is_missing(&error) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::path::Path;

    use crate::connection::Token;
    use crate::secret::{
        KeyOrigin, SealedStore, SecretError, SecretId, SecretKind, SecretStore as _, StoreError,
    };
    use host_levels::{Level, Scope};

    fn open(state: &Path) -> Result<SealedStore, SecretError> {
        SealedStore::open(state, KeyOrigin::OwnFile(state.join("key")))
    }

    fn place() -> SecretId {
        SecretId {
            level: Scope::default().path(Level::App),
            kind: SecretKind::Token,
            name: "main".parse().unwrap(),
            binding: "https://a.atlassian.net/wiki basic me".to_owned(),
        }
    }

    async fn token(store: &SealedStore) -> String {
        let token = store.get(&place()).await.unwrap().unwrap();
        token.expose().to_owned()
    }

    #[tokio::test]
    async fn whoever_has_the_store_open_follows_a_rotation() {
        let state = tempfile::tempdir().unwrap();
        let (one, other) = (open(state.path()).unwrap(), open(state.path()).unwrap());
        one.put(&place(), &Token::parse("sesame").unwrap())
            .await
            .unwrap();
        let key = std::fs::read(state.path().join("key")).unwrap();
        assert_eq!(one.rotate(None).unwrap().records, 1);
        assert_ne!(std::fs::read(state.path().join("key")).unwrap(), key);
        assert_eq!(token(&other).await, "sesame");
        other
            .put(&place(), &Token::parse("open").unwrap())
            .await
            .unwrap();
        assert_eq!(token(&one).await, "open");
        assert_eq!(token(&open(state.path()).unwrap()).await, "open");
    }

    #[tokio::test]
    async fn a_rotation_that_ended_half_way_is_finished_or_forgotten() {
        let state = tempfile::tempdir().unwrap();
        let path = |name: &str| state.path().join(name);
        let store = open(state.path()).unwrap();
        store
            .put(&place(), &Token::parse("sesame").unwrap())
            .await
            .unwrap();
        // Killed after step 1: the next key is there, and nothing is sealed with it.
        std::fs::copy(path("key"), path("old")).unwrap();
        let unused = tempfile::tempdir().unwrap();
        drop(open(unused.path()).unwrap());
        std::fs::copy(unused.path().join("key"), path("key.next")).unwrap();
        assert_eq!(token(&open(state.path()).unwrap()).await, "sesame");
        // Killed after step 2: the old key is in its place, and nothing is sealed with it.
        store.rotate(None).unwrap();
        std::fs::rename(path("key"), path("key.next")).unwrap();
        std::fs::copy(path("old"), path("key")).unwrap();
        assert_eq!(token(&open(state.path()).unwrap()).await, "sesame");
        assert!(!path("key.next").exists());
        assert_eq!(token(&open(state.path()).unwrap()).await, "sesame");
    }

    #[tokio::test]
    async fn a_wrong_key_is_told_and_changes_nothing() {
        let state = tempfile::tempdir().unwrap();
        let store = open(state.path()).unwrap();
        store
            .put(&place(), &Token::parse("sesame").unwrap())
            .await
            .unwrap();
        let key = state.path().join("key");
        std::fs::rename(&key, state.path().join("kept")).unwrap();
        let refused = open(state.path());
        assert!(matches!(
            refused,
            Err(SecretError::Store(StoreError::WrongKey { .. }))
        ));
        std::fs::rename(state.path().join("kept"), &key).unwrap();
        assert_eq!(token(&open(state.path()).unwrap()).await, "sesame");
    }
}
