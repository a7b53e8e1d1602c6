//! The objects of a copy.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload};
use sink_folder::StagedManifest;

use crate::answers::Answers;
use crate::fault::StoreFault;
use crate::location::Location;

/// The objects of a copy in a store.
#[derive(Clone)]
pub struct Remote {
    store: Arc<dyn ObjectStore>,
    location: Location,
    answers: Answers,
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The store prints its settings.
        f.debug_struct("Remote")
            .field("location", &self.location)
            .finish_non_exhaustive()
    }
}

/// What became of an object that was to be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Created {
    New,
    /// There is one of that name.
    Exists,
}

impl Remote {
    /// The objects of a store whose keys begin with the prefix of the location.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, location: Location) -> Self {
        Self::with_answers(store, location, Answers::default())
    }

    pub(crate) fn with_answers(
        store: Arc<dyn ObjectStore>,
        location: Location,
        answers: Answers,
    ) -> Self {
        Self {
            store,
            location,
            answers,
        }
    }

    /// Where they are.
    #[must_use]
    pub const fn location(&self) -> &Location {
        &self.location
    }

    fn key(&self, path: &str) -> Path {
        let prefix = self.location.prefix();
        let parts = prefix.split('/').chain(path.split('/'));
        parts.filter(|part| !part.is_empty()).collect()
    }

    fn fault(&self, error: &Error) -> StoreFault {
        StoreFault::of(error, &self.location, &self.answers)
    }

    /// Creates an object, unless there is one.
    pub(crate) async fn create(&self, path: &str, bytes: Vec<u8>) -> Result<Created, StoreFault> {
        let options = PutOptions::from(PutMode::Create);
        let payload = PutPayload::from(bytes);
        let put = self.store.put_opts(&self.key(path), payload, options).await;
        match put {
            Ok(_) => Ok(Created::New),
            Err(error @ (Error::AlreadyExists { .. } | Error::Precondition { .. })) => {
                let is_conflict = self
                    .answers
                    .last()
                    .is_some_and(|answer| answer.status == 409);
                // Azure also answers so for a container that is being deleted, and S3 after a conflict with
                // another request.
                let fault = self.fault(&error);
                if is_conflict && !self.exists(path).await? {
                    return Err(fault);
                }
                Ok(Created::Exists)
            }
            Err(error) => Err(self.fault(&error)),
        }
    }

    async fn exists(&self, path: &str) -> Result<bool, StoreFault> {
        match self.store.head(&self.key(path)).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(self.fault(&error)),
        }
    }

    /// The bytes of an object, if there is one.
    pub(crate) async fn read(&self, path: &str) -> Result<Option<Bytes>, StoreFault> {
        let got = match self.store.get(&self.key(path)).await {
            Err(Error::NotFound { .. }) => return Ok(None),
            got => got.map_err(|error| self.fault(&error))?,
        };
        let bytes = got.bytes().await.map_err(|error| self.fault(&error))?;
        Ok(Some(bytes))
    }

    /// The text of a manifest, if there is one.
    pub(crate) async fn manifest(
        &self,
        sequence: i64,
    ) -> Result<Option<StagedManifest>, StoreFault> {
        let path = StagedManifest::path(sequence);
        let Some(bytes) = self.read(&path).await? else {
            return Ok(None);
        };
        let text = String::from_utf8(bytes.into()).map_err(|_| StoreFault::Unreadable {
            reason: format!("`{path}` is not text"),
        })?;
        Ok(Some(StagedManifest { sequence, text }))
    }

    /// The numbers of the manifests from one number on, in order.
    pub(crate) async fn manifests(&self, from: i64) -> Result<Vec<i64>, StoreFault> {
        let before = self.key(&StagedManifest::path(from - 1));
        let folder = self.key(StagedManifest::FOLDER);
        let root = self.key("");
        let mut listed = self.store.list_with_offset(Some(&folder), &before);
        let mut found = Vec::new();
        while let Some(object) = listed.next().await {
            let object = object.map_err(|error| self.fault(&error))?;
            let below = object.location.prefix_match(&root);
            let path: Option<Vec<String>> =
                below.map(|parts| parts.map(|part| part.as_ref().to_owned()).collect());
            let path = path.map(|parts| parts.join("/"));
            found.extend(path.and_then(|path| StagedManifest::sequence_of(&path)));
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Whether there is any object.
    pub(crate) async fn has_objects(&self) -> Result<bool, StoreFault> {
        let root = self.key("");
        let mut listed = self.store.list(Some(&root));
        match listed.next().await {
            None => Ok(false),
            Some(Ok(_)) => Ok(true),
            Some(Err(error)) => Err(self.fault(&error)),
        }
    }

    /// Removes an object that no manifest names.
    pub(crate) async fn remove(&self, path: &str) -> Result<(), StoreFault> {
        match self.store.delete(&self.key(path)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.fault(&error)),
        }
    }
}
