//! The connections of a state folder, in one SQLite file.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection as Database, OptionalExtension as _, params};

use super::key::{MasterKey, private_options};
use super::seal::{Seal, SealError};
use crate::connection::{Authorization, Connection, Endpoint};
use crate::level::{Level, LevelPath, Scope};

/// The file's name in the state folder.
const FILE: &str = "connections.sqlite";

/// The schema that this version reads and writes, kept in `user_version`.
const SCHEMA: i64 = 1;

/// How long a writer waits for another process's, in milliseconds. A write takes about one.
const BUSY_MS: u64 = 10_000;

/// The connections of a state folder: one record a level, endpoint and sealed authorization
/// together.
pub(crate) struct ConnectionStore {
    database: Database,
    seal: Seal,
    path: PathBuf,
}

/// Why the store does not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file cannot be made or opened.
    #[error(
        "the connections in `{path}` cannot be opened: {source}; give a folder that you may write with `--state-dir`"
    )]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// SQLite refused.
    #[error("the connections in `{path}` cannot be read or written: {source}")]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A newer version of this program wrote the file.
    #[error(
        "the connections in `{path}` have schema {found}, and this version knows {SCHEMA}: use the newer `host-runner`"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
    },
    /// The record's authorization does not open.
    #[error(
        "the authorization stored at level `{level}` does not open: the key is not the one that sealed it, or the record was changed; use the right key, or store the connection again"
    )]
    Sealed {
        /// The level of the record.
        level: LevelPath,
        /// What the seal said.
        source: SealError,
    },
    /// The record holds what this version would not have stored.
    #[error("the connection stored at level `{level}` is damaged: store it again")]
    Damaged {
        /// The level of the record.
        level: LevelPath,
    },
}

impl ConnectionStore {
    /// Opens the store in the folder `state`, and makes it on first use, readable by its owner
    /// alone.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the folder cannot be written, the file is no such store, or it is a
    /// newer version's.
    pub(crate) fn open(state: &Path, key: &MasterKey) -> Result<Self, StoreError> {
        let path = state.join(FILE);
        let seal = Seal::new(key).map_err(|error| StoreError::File {
            path: path.clone(),
            source: io::Error::other(error),
        })?;
        // SQLite gives its side files the permissions of the main one, so that this covers them.
        private_options()
            .open(&path)
            .map_err(|source| StoreError::File {
                path: path.clone(),
                source,
            })?;
        let failed = |source| StoreError::Database {
            path: path.clone(),
            source,
        };
        let database = Database::open(&path).map_err(failed)?;
        database
            .busy_timeout(Duration::from_millis(BUSY_MS))
            .map_err(failed)?;
        let found: i64 = database
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .map_err(failed)?;
        match found {
            SCHEMA => {}
            0 => database
                .execute_batch(&format!(
                    "PRAGMA journal_mode = WAL;
                     BEGIN IMMEDIATE;
                     CREATE TABLE IF NOT EXISTS connection (
                         level TEXT PRIMARY KEY NOT NULL,
                         endpoint TEXT NOT NULL,
                         sealed_authorization BLOB NOT NULL
                     ) STRICT;
                     PRAGMA user_version = {SCHEMA};
                     COMMIT;"
                ))
                .map_err(failed)?,
            found => return Err(StoreError::Newer { path, found }),
        }
        Ok(Self {
            database,
            seal,
            path,
        })
    }

    /// Stores a connection at a level of a scope, in place of what it had.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`] when SQLite cannot write, [`StoreError::Sealed`] when the seal
    /// cannot be made.
    pub(crate) fn put(
        &self,
        scope: &Scope,
        level: Level,
        endpoint: &Endpoint,
        authorization: &Authorization,
    ) -> Result<(), StoreError> {
        let level = scope.path(level);
        let sealed = self
            .seal
            .seal(authorization.expose(), &place(&level, endpoint.as_str()))
            .map_err(|source| StoreError::Sealed {
                level: level.clone(),
                source,
            })?;
        self.database
            .execute(
                "INSERT INTO connection (level, endpoint, sealed_authorization) VALUES (?1, ?2, ?3)
                 ON CONFLICT (level) DO UPDATE SET
                     endpoint = excluded.endpoint,
                     sealed_authorization = excluded.sealed_authorization",
                params![level.as_str(), endpoint.as_str(), sealed],
            )
            .map_err(|source| self.failed(source))?;
        Ok(())
    }

    /// The connection in force for a scope: the narrowest level's that has one, whole.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sealed`] when its authorization does not open. A wider level's is not
    /// taken in its place.
    pub(crate) fn resolve(&self, scope: &Scope) -> Result<Option<Connection>, StoreError> {
        for level in Level::NARROWEST_FIRST {
            if let Some(connection) = self.at(scope.path(level))? {
                return Ok(Some(connection));
            }
        }
        Ok(None)
    }

    fn at(&self, level: LevelPath) -> Result<Option<Connection>, StoreError> {
        let row = self
            .database
            .prepare_cached(
                "SELECT endpoint, sealed_authorization FROM connection WHERE level = ?1",
            )
            .and_then(|mut statement| {
                statement
                    .query_row([level.as_str()], |row| {
                        Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?))
                    })
                    .optional()
            })
            .map_err(|source| self.failed(source))?;
        let Some((endpoint, sealed)) = row else {
            return Ok(None);
        };
        let opened = self
            .seal
            .open(&sealed, &place(&level, &endpoint))
            .map_err(|source| StoreError::Sealed {
                level: level.clone(),
                source,
            })?;
        match (Endpoint::parse(&endpoint), Authorization::parse(&opened)) {
            (Ok(endpoint), Ok(authorization)) => Ok(Some(Connection {
                level,
                endpoint,
                authorization,
            })),
            _ => Err(StoreError::Damaged { level }),
        }
    }

    fn failed(&self, source: rusqlite::Error) -> StoreError {
        StoreError::Database {
            path: self.path.clone(),
            source,
        }
    }
}

/// The associated data of a record: its level and its endpoint. Neither holds a line end.
fn place(level: &LevelPath, endpoint: &str) -> Vec<u8> {
    format!("{level}\n{endpoint}").into_bytes()
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        reason = "a test fails by panicking"
    )]

    use super::{ConnectionStore, StoreError};
    use crate::connection::{Authorization, Endpoint};
    use crate::level::{Level, Scope};
    use crate::secret::MasterKey;

    fn open(state: &std::path::Path) -> ConnectionStore {
        ConnectionStore::open(state, &MasterKey::from_bytes([7; 32])).unwrap()
    }

    fn put(store: &ConnectionStore, level: Level, endpoint: &str, token: &str) {
        let authorization = Authorization::parse(&format!("Bearer {token}")).unwrap();
        store
            .put(
                &Scope::default(),
                level,
                &Endpoint::parse(endpoint).unwrap(),
                &authorization,
            )
            .unwrap();
    }

    #[test]
    fn the_narrowest_record_wins_as_a_whole() {
        let state = tempfile::tempdir().unwrap();
        let store = open(state.path());
        assert!(store.resolve(&Scope::default()).unwrap().is_none());
        for (level, host) in [(Level::Cluster, "c"), (Level::Env, "e"), (Level::App, "a")] {
            put(
                &store,
                level,
                &format!("https://{host}.atlassian.net"),
                host,
            );
            let connection = store.resolve(&Scope::default()).unwrap().unwrap();
            assert_eq!(
                connection.endpoint.authority(),
                format!("{host}.atlassian.net")
            );
            assert_eq!(connection.authorization.expose(), format!("Bearer {host}"));
        }
    }

    #[test]
    fn a_changed_endpoint_or_a_moved_record_does_not_open() {
        let state = tempfile::tempdir().unwrap();
        let store = open(state.path());
        for change in [
            "UPDATE connection SET endpoint = 'https://evil.example/wiki'",
            "UPDATE connection SET level = 'env/default/app/default'",
        ] {
            put(&store, Level::Cluster, "https://c.atlassian.net", "sesame");
            store.database.execute(change, []).unwrap();
            let Err(StoreError::Sealed { .. }) = store.resolve(&Scope::default()) else {
                panic!("`{change}` went unnoticed");
            };
            store
                .database
                .execute("DELETE FROM connection", [])
                .unwrap();
        }
    }

    #[test]
    fn neither_the_token_nor_a_part_of_it_lies_in_the_folder() {
        let state = tempfile::tempdir().unwrap();
        let store = open(state.path());
        put(
            &store,
            Level::App,
            "https://a.atlassian.net",
            "sesame-open-4711",
        );
        drop(store);
        for entry in std::fs::read_dir(state.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            assert!(!bytes.windows(6).any(|window| window == b"sesame"));
        }
    }
}
