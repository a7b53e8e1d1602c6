//! An object store as a sink.

use std::path::Path;

use sink_folder::{Format, ManifestFault, Staged};
use sink_sqlite::Sqlite;
use sync::{Sink, SinkError, SinkFuture};

use crate::fault::StoreFault;
use crate::remote::Remote;
use crate::shipment::{Shipment, Stopped};

/// An object store that a sync is written to. What is known of the rows is in a folder of this machine.
#[derive(Debug)]
pub struct ObjectStoreSink {
    state: Sqlite,
    format: Format,
    shipment: Shipment,
}

impl ObjectStoreSink {
    /// Opens a copy in a store. `folder` is for its state: the copy's alone, and the same in every run.
    /// Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`SinkError::Unusable`] for a folder with other files; what the file system and SQLite say.
    pub fn open(remote: Remote, folder: &Path, format: Format) -> Result<Self, SinkError> {
        Ok(Self {
            state: sink_folder::open_staging(folder, format)?,
            format,
            shipment: Shipment::new(remote, Staged::of(folder)),
        })
    }

    /// Rebuilds the state from the manifests in the store, unless they are those that it knows. Returns
    /// how many manifests it was rebuilt from. The next run reads everything, and writes again what has
    /// changed and what other streams are computed from.
    ///
    /// # Errors
    ///
    /// [`SinkError::Busy`] while a run of this machine writes; what the store says.
    pub async fn take_over(&mut self) -> Result<Option<u64>, SinkError> {
        match self.state.claim() {
            Err(error @ SinkError::Busy { .. }) => return Err(error),
            // A state that cannot be completed is replaced.
            Err(_) => {}
            Ok(()) => match self.shipment.reconcile().await {
                Ok(()) => return Ok(None),
                // What is staged and cannot be read is replaced, too.
                Err(
                    Stopped::Unknown(_)
                    | Stopped::Overtaken(_)
                    | Stopped::Fault(StoreFault::State { .. }),
                ) => {}
                Err(stopped) => return Err(self.shipment.error(stopped)),
            },
        }
        // The connection is closed before its file is removed. No run may begin until there is another.
        let lock = std::mem::replace(&mut self.state, Sqlite::in_memory()?).into_lock();
        let taken = self.shipment.take_over().await;
        self.state = sink_folder::open_staging(self.shipment.staged().folder(), self.format)?;
        self.state.keep_lock(lock);
        let taken = taken.map_err(|stopped| self.shipment.error(stopped))?;
        self.state.claim()?;
        Ok(Some(taken))
    }

    /// Takes the lock of the state. One whose registry is lost has no other manifests than the last:
    /// those in the store are the ones to rebuild it from.
    fn claim(&mut self) -> Result<(), SinkError> {
        self.state.claim().map_err(|error| {
            let fault = match &error {
                SinkError::Failed { error, .. } => error.downcast_ref::<ManifestFault>(),
                _ => None,
            };
            match fault {
                Some(fault) => self.shipment.error(Stopped::Unknown(fault.to_string())),
                None => error,
            }
        })
    }

    async fn ship(&mut self) -> Result<(), SinkError> {
        let shipped = self.shipment.ship().await;
        shipped.map_err(|stopped| self.shipment.error(stopped))
    }
}

/// What changes rows is committed to the state and staged first, and then shipped. A future that is
/// dropped in between leaves the shipment to the next run.
macro_rules! shipped {
    ($($kind:ident $name:ident<$life:lifetime>($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        impl Sink for ObjectStoreSink {$(
            fn $name<$life>(&$life mut self, $($argument: $type),*) -> SinkFuture<$life, $result> {
                shipped!(@$kind self, self.state.$name($($argument),*))
            }
        )*}
    };
    (@begins $self:ident, $call:expr) => {
        Box::pin(async move {
            $self.claim()?;
            let reconciled = $self.shipment.reconcile().await;
            reconciled.map_err(|stopped| $self.shipment.error(stopped))?;
            $call.await
        })
    };
    (@changes $self:ident, $call:expr) => {
        Box::pin(async move {
            let changed = $call.await?;
            $self.ship().await?;
            Ok(changed)
        })
    };
    (@$others:ident $self:ident, $call:expr) => {
        $call
    };
}

sync::sink_functions!(shipped);
