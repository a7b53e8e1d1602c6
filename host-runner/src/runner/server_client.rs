//! A client for servers that the program itself names.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use host_levels::{ConfigError, Scope};

use super::HostRunner;
use crate::limits::Limits;
use crate::outbound::{Egress, Route, ServerError, Servers};

/// A client for servers that the program itself names, such as an object store that rows go to. It takes
/// the way of all other requests: `network.ca-file`, `network.proxy`, time limits, and the HTTP client of
/// [`HostRunnerBuilder::http_client`](crate::HostRunnerBuilder::http_client). Other origins are refused.
/// Nothing is retried, and redirects are not followed.
#[derive(Clone)]
pub struct ServerClient {
    egress: Arc<Egress>,
    servers: Arc<Servers>,
}

impl std::fmt::Debug for ServerClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerClient").finish_non_exhaustive()
    }
}

impl HostRunner {
    /// A client for the servers at these origins, such as `https://host.example.com:443`, on the way that
    /// the scope's levels say.
    ///
    /// # Errors
    ///
    /// The levels have mistakes, or cannot be read.
    pub fn server_client(
        &self,
        scope: &Scope,
        origins: impl IntoIterator<Item = String>,
    ) -> Result<ServerClient, ConfigError> {
        let effective = self.in_force(scope)?;
        let limits = self.0.limits;
        let limits = limits.unwrap_or_else(|| Limits::in_force(&effective));
        let origins: BTreeSet<String> = origins.into_iter().collect();
        let servers = Servers::new(origins, Route::in_force(&effective), limits);
        Ok(ServerClient {
            egress: Arc::clone(&self.0.egress),
            servers: Arc::new(servers),
        })
    }
}

impl ServerClient {
    /// Sends a request once, and takes in its answer.
    ///
    /// # Errors
    ///
    /// [`ServerError`] when there is no answer.
    pub async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, ServerError> {
        self.servers.send(&self.egress.transports, request).await
    }
}
