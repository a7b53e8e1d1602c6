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
    /// The newest manifest in the store. `None`: it was not looked up yet.
    newest: Option<i64>,
    /// Whether the store has proved that it does not overwrite.
    is_proved: bool,
}

/// Why it does not go on.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// What the store or the file system says.
    Fault(StoreFault),
    /// Another writer has created the manifest.
    Overtaken,
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
            newest: None,
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
            Stopped::Overtaken => SinkError::Superseded { sink },
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
        let local = self.staged.manifests().map_err(self.of_folder())?;
        let first = local.first().map_or(1, |manifest| manifest.sequence);
        let there = self.remote.manifests(first).await?;
        let newest = there.last().copied().unwrap_or_default();
        let known = local.last().map_or(0, |manifest| manifest.sequence);
        match (local.first(), newest) {
            (None, 0) if self.remote.has_objects().await? => return Err(Stopped::Foreign),
            (_, newest) if newest > known => {
                return Err(Stopped::Unknown(format!(
                    "the store has {newest} of them, and the state knows {known}"
                )));
            }
            (Some(first), 0) if first.sequence > 1 => {
                return Err(Stopped::Unknown(format!(
                    "the state knows {known}, and the store does not have the last of them"
                )));
            }
            _ => {}
        }
        let same = local.iter().find(|manifest| manifest.sequence == newest);
        if let Some(same) = same {
            if self.remote.manifest(newest).await?.as_ref() != Some(same) {
                return Err(Stopped::Unknown(format!(
                    "`{}` was written by another host",
                    StagedManifest::path(newest)
                )));
            }
            self.prove(same).await?;
        }
        self.newest = Some(newest);
        self.ship().await
    }

    /// Puts the parts of each manifest into the store, and then the manifest, if it is not there.
    pub(crate) async fn ship(&mut self) -> Result<(), Stopped> {
        let Some(mut newest) = self.newest else {
            return Ok(());
        };
        for manifest in self.staged.manifests().map_err(self.of_folder())? {
            if manifest.sequence <= newest {
                continue;
            }
            let mut created = Vec::new();
            for path in manifest.parts().map_err(self.of_folder())? {
                let bytes = self.staged.part(&path).map_err(self.of_folder())?;
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
                    self.newest = None;
                    self.clear(created, there).await;
                    return Err(Stopped::Overtaken);
                }
            }
            newest = manifest.sequence;
            self.newest = Some(newest);
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
        self.newest = None;
        Ok(there.len() as u64)
    }
}
