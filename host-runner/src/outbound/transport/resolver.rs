//! The operating system's resolver, which answers only what may be dialled.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::client::legacy::connect::dns::Name;

use crate::outbound::rules::address::AddressScope;

/// The operating system's resolver, which answers what may be dialled, and errors that can be
/// told from others.
#[derive(Debug, Clone)]
pub(super) struct Resolver {
    pub(super) patience: Duration,
    pub(super) reach: AddressScope,
}

/// A name without an address.
#[derive(Debug, thiserror::Error)]
#[error("the name does not resolve: {0}")]
pub(super) struct Unresolved(pub(super) io::Error);

/// A name that has addresses, none of which may be dialled.
#[derive(Debug, thiserror::Error)]
#[error("the name resolves to addresses that must not be dialled")]
pub(super) struct OutOfReach;

impl tower_service::Service<Name> for Resolver {
    type Response = std::vec::IntoIter<std::net::SocketAddr>;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let Self { patience, reach } = *self;
        Box::pin(async move {
            let addresses =
                tokio::time::timeout(patience, tokio::net::lookup_host((name.as_str(), 0)))
                    .await
                    .map_err(|_| {
                        Unresolved(io::Error::new(
                            io::ErrorKind::TimedOut,
                            "the resolver did not answer in time",
                        ))
                    })?
                    .map_err(Unresolved)?;
            let allowed: Vec<_> = addresses
                .filter(|address| reach.allows(address.ip()))
                .collect();
            if allowed.is_empty() {
                return Err(OutOfReach.into());
            }
            Ok(allowed.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::time::Duration;

    use tower_service::Service as _;

    use super::{AddressScope, OutOfReach, Resolver};

    #[tokio::test]
    async fn a_name_of_this_machine_resolves_for_connections_to_it_alone() {
        let resolve = async |reach| {
            let patience = Duration::from_secs(10);
            let name = "localhost".parse().unwrap();
            Resolver { patience, reach }.call(name).await
        };
        assert!(resolve(AddressScope::Loopback).await.unwrap().len() > 0);
        let refused = resolve(AddressScope::Public).await.unwrap_err();
        assert!(refused.downcast_ref::<OutOfReach>().is_some(), "{refused}");
    }
}
