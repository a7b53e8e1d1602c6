//! Copies in object stores.

use std::path::PathBuf;
use std::sync::Arc;

use host_runner::{HostRunner, ServerClient, ServerError};
use sink_folder::Format;
use sink_sqlite::Sqlite;
use sink_store::{
    Access, Location, ObjectStoreSink, Remote, Retries, Transport, TransportError, TransportFuture,
};
use sync::Sink;

use super::new_copy::NewCopy;
use crate::exit::Failure;
use crate::options::SessionOptions;

/// Folder of the states of copies in object stores, in the state folder.
const STATES: &str = "stores";

/// A copy in an object store: `parquet:s3://wiki/docs`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct StoreCopy {
    /// The name of its format.
    pub(super) kind: String,
    pub(super) format: Format,
    pub(super) location: Location,
}

impl StoreCopy {
    /// Where this host keeps what is known of its rows. The characters of a location do not include `+`.
    fn state(&self, session: &SessionOptions) -> Result<PathBuf, Failure> {
        let location = self.location.to_string().replace("://", "+");
        let name = format!("{}+{}", self.kind, location.replace('/', "+"));
        Ok(session.state_path()?.join(STATES).join(name))
    }

    /// Opens it for a run. If it has no state, that is created when the run begins.
    pub(super) fn open_to_run(
        &self,
        session: &SessionOptions,
        host: &HostRunner,
    ) -> Result<Box<dyn Sink>, Failure> {
        if self.state(session)?.exists() {
            return Ok(Box::new(self.open(session, host)?));
        }
        let (remote, state, format) = (
            self.remote(session, host)?,
            self.state(session)?,
            self.format,
        );
        let make = move || ObjectStoreSink::open(remote, &state, format);
        Ok(Box::new(NewCopy::new(make)))
    }

    /// Opens it, and creates its state if there is none.
    pub(super) fn open(
        &self,
        session: &SessionOptions,
        host: &HostRunner,
    ) -> Result<ObjectStoreSink, Failure> {
        let state = self.state(session)?;
        Ok(ObjectStoreSink::open(
            self.remote(session, host)?,
            &state,
            self.format,
        )?)
    }

    fn remote(&self, session: &SessionOptions, host: &HostRunner) -> Result<Remote, Failure> {
        let get = |name: &str| std::env::var(name).ok();
        let access = Access::from_environment(&self.location, &get);
        let access = access.map_err(|error| Failure::Usage(error.to_string()))?;
        let origins = access.origins().map(str::to_owned);
        let client = host.server_client(&session.scope(), origins)?;
        let remote = access.connect(Arc::new(HostTransport(client)), Retries::default());
        remote.map_err(|error| Failure::Usage(error.to_string()))
    }

    /// Opens its state, which has everything but the rows.
    pub(super) fn open_state(&self, session: &SessionOptions) -> Result<Sqlite, Failure> {
        let state = self.state(session)?;
        if !state.exists() {
            return Err(Failure::NotThere(format!(
                "this host has no state of `{}:{}` in `{}`; `host-runner sync run` with the same `--to` makes one",
                self.kind,
                self.location,
                state.display()
            )));
        }
        Ok(sink_folder::open_staging(&state, self.format)?)
    }
}

/// Requests to a store, on the way of all other requests of the host.
#[derive(Debug)]
struct HostTransport(ServerClient);

impl Transport for HostTransport {
    fn send(&self, request: http::Request<bytes::Bytes>) -> TransportFuture<'_> {
        Box::pin(async move { self.0.send(request).await.map_err(of_host) })
    }
}

fn of_host(error: ServerError) -> TransportError {
    let reason = error.to_string();
    match error {
        ServerError::Unreachable { .. } => TransportError::Unreachable { reason },
        ServerError::TimedOut => TransportError::TimedOut,
        ServerError::Broken { .. } => TransportError::Broken { reason },
        _ => TransportError::Refused { reason },
    }
}
