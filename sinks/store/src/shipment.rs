//! From the folder in which commits are staged into the store.

use std::io;

use sink_folder::{Staged, StagedManifest};
use sync::SinkError;

use crate::fault::StoreFault;
use crate::remote::{Created, Remote};

/// Moves what is staged into the store, in the order of manifests.
#[derive(Debug)]
pub(crate) struct Shipment {
    remote: Remote,
    staged: Staged,
    newest: Newest,
    /// Whether the store has proved that it does not overwrite.
    is_proved: bool,
}

/// The newest manifest in the store.
#[derive(Debug, Clone)]
enum Newest {
    /// It was not looked up yet.
    Unknown,
    /// It is this one, which this host has written or knows.
    Is(i64),
    /// It is one of another writer, at this path: nothing more is shipped.
    OfOther(String),
}

/// Why it does not go on.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// What the store or the file system says.
    Fault(StoreFault),
    /// Another writer has created the manifest at this path.
    Overtaken(String),
    /// Manifests in the store are not those of the state.
    Unknown(String),
    /// The prefix has objects that are not of a sync.
    Foreign,
}

impl From<StoreFault> for Stopped {
    fn from(fault: StoreFault) -> Self {
        Self::Fault(fault)
    }
}

impl Shipment {
    pub(crate) const fn new(remote: Remote, staged: Staged) -> Self {
        Self {
            remote,
            staged,
            newest: Newest::Unknown,
            is_proved: false,
        }
    }

    pub(crate) const fn staged(&self) -> &Staged {
        &self.staged
    }

    /// As a sink says it.
    pub(crate) fn error(&self, stopped: Stopped) -> SinkError {
        let sink = self.remote.location().to_string();
        match stopped {
            Stopped::Fault(fault) => SinkError::Failed {
                sink,
                error: Box::new(fault),
            },
            Stopped::Overtaken(path) => SinkError::Overtaken { sink, path },
            Stopped::Unknown(reason) => SinkError::UnknownManifests {
                sink,
                state: self.staged.folder().display().to_string(),
                reason,
            },
            Stopped::Foreign => SinkError::Unusable {
                sink,
                reason: "it contains objects that do not belong to a sync".to_owned(),
            },
        }
    }

    fn of_folder(&self) -> impl Fn(io::Error) -> Stopped + use<> {
        let folder = self.staged.folder().display().to_string();
        move |error| {
            Stopped::Fault(StoreFault::State {
                folder: folder.clone(),
                reason: error.to_string(),
            })
        }
    }

    /// Compares the manifests in the store with those of the state, and ships what an interrupted run
    /// has left.
    pub(crate) async fn reconcile(&mut self) -> Result<(), Stopped> {
        self.newest = Newest::Unknown;
        let local = self.staged.sequences().map_err(self.of_folder())?;
        let first = local.first().copied();
        let there = self.remote.manifests(first.unwrap_or(1)).await?;
        let newest = there.last().copied().unwrap_or_default();
        let path = StagedManifest::path;
        match (first, local.last(), newest) {
            (None, _, 0) if self.remote.has_objects().await? => return Err(Stopped::Foreign),
            (_, None, 1..) => {
                return Err(Stopped::Unknown(format!(
                    "the newest one in the store is `{}`, and the state has none",
                    path(newest)
                )));
            }
            (_, Some(&known), newest) if newest > known => {
                return Err(Stopped::Unknown(format!(
                    "the newest one in the store is `{}`, and the newest that the state knows is `{}`",
                    path(newest),
                    path(known)
                )));
            }
            (Some(first), _, 0) if first > 1 => {
                return Err(Stopped::Unknown(format!(
                    "the state knows `{}`, which the store does not have",
                    path(first)
                )));
            }
            _ => {}
        }
        if local.contains(&newest) {
            let same = self.staged.manifest(newest).map_err(self.of_folder())?;
            if self.remote.manifest(newest).await?.as_ref() != Some(&same) {
                return Err(Stopped::Unknown(format!(
                    "`{}` was written by another host",
                    path(newest)
                )));
            }
            self.prove(&same).await?;
        }
        self.newest = Newest::Is(newest);
        self.ship().await
    }

    /// Puts the parts of each manifest into the store, and then the manifest, if it is not there.
    pub(crate) async fn ship(&mut self) -> Result<(), Stopped> {
        let newest = match &self.newest {
            Newest::Is(newest) => *newest,
            Newest::OfOther(path) => return Err(Stopped::Overtaken(path.clone())),
            Newest::Unknown => {
                let reason = "they were not compared, since no run has begun";
                return Err(Stopped::Unknown(reason.to_owned()));
            }
        };
        for sequence in self.staged.sequences().map_err(self.of_folder())? {
            if sequence <= newest {
                continue;
            }
            let manifest = self.staged.manifest(sequence).map_err(self.of_folder())?;
            let mut created = Vec::new();
            for path in manifest.parts().map_err(self.of_folder())? {
                let bytes = match self.staged.part(&path) {
                    // It was there until the store had the manifest.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        return Err(Stopped::Unknown(format!(
                            "the store does not have `{}`, and its parts are no longer staged",
                            StagedManifest::path(sequence)
                        )));
                    }
                    part => part.map_err(self.of_folder())?,
                };
                // One that is there has the same contents: its name says so.
                if self.remote.create(&path, bytes).await? == Created::New {
                    created.push(path);
                }
            }
            let path = StagedManifest::path(manifest.sequence);
            let bytes = manifest.text.clone().into_bytes();
            if self.remote.create(&path, bytes).await? == Created::Exists {
                // The answer to an earlier attempt may have been lost.
                let there = self.remote.manifest(manifest.sequence).await?;
                if there.as_ref() != Some(&manifest) {
                    self.newest = Newest::OfOther(path.clone());
                    self.clear(created, there).await;
                    return Err(Stopped::Overtaken(path));
                }
            }
            self.newest = Newest::Is(sequence);
            self.prove(&manifest).await?;
            self.staged.moved(&manifest).map_err(self.of_folder())?;
        }
        Ok(())
    }

    /// Creates a manifest that is there once more, with the same bytes, which a store has to refuse.
    async fn prove(&mut self, manifest: &StagedManifest) -> Result<(), Stopped> {
        if self.is_proved {
            return Ok(());
        }
        let path = StagedManifest::path(manifest.sequence);
        let bytes = manifest.text.clone().into_bytes();
        match self.remote.create(&path, bytes).await? {
            Created::New => Err(Stopped::Fault(StoreFault::IgnoresConditions)),
            Created::Exists => {
                self.is_proved = true;
                Ok(())
            }
        }
    }

    /// Removes parts that this writer created and no manifest names. What remains does no harm.
    async fn clear(&self, created: Vec<String>, winner: Option<StagedManifest>) {
        let Some(named) = winner.and_then(|winner| winner.parts().ok()) else {
            return;
        };
        for path in created {
            if !named.contains(&path) {
                let _ = self.remote.remove(&path).await;
            }
        }
    }

    /// Replaces the state by the manifests in the store, from which the registry is made anew. Returns
    /// how many there are.
    pub(crate) async fn take_over(&mut self) -> Result<u64, Stopped> {
        let there = self.remote.manifests(1).await?;
        self.staged.forget().map_err(self.of_folder())?;
        for sequence in &there {
            let Some(manifest) = self.remote.manifest(*sequence).await? else {
                return Err(Stopped::Unknown(format!(
                    "`{}` disappeared",
                    StagedManifest::path(*sequence)
                )));
            };
            self.staged.take_over(&manifest).map_err(self.of_folder())?;
        }
        self.newest = Newest::Unknown;
        Ok(there.len() as u64)
    }
}
