//! The credential of a connection whose token is in the secret store.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::connection::{
    AfterRejection, Authorization, CredentialError, CredentialFuture, CredentialIdentity,
    CredentialSource, Scheme,
};
use crate::secret::{SecretId, SecretStore};

/// The token that was in the store when the call began, and after a 401 the one that is there then:
/// somebody may have replaced it meanwhile.
pub(super) struct StoredCredential {
    identity: CredentialIdentity,
    store: Arc<dyn SecretStore>,
    id: SecretId,
    scheme: Scheme,
    current: Mutex<Authorization>,
}

impl StoredCredential {
    pub(super) fn new(
        identity: CredentialIdentity,
        store: Arc<dyn SecretStore>,
        id: SecretId,
        scheme: Scheme,
        current: Authorization,
    ) -> Self {
        Self {
            identity,
            store,
            id,
            scheme,
            current: Mutex::new(current),
        }
    }

    fn current(&self) -> MutexGuard<'_, Authorization> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_current(&self, authorization: &Authorization) -> bool {
        self.current().expose() == authorization.expose()
    }
}

impl CredentialSource for StoredCredential {
    fn authorization(&self) -> CredentialFuture<'_, Authorization> {
        let current = self.current().clone();
        Box::pin(std::future::ready(Ok(current)))
    }

    fn rejected<'a>(&'a self, rejected: &'a Authorization) -> CredentialFuture<'a, AfterRejection> {
        Box::pin(async move {
            if self.is_current(rejected) {
                let stored = self.store.get(&self.id).await;
                let stored = stored.map_err(|error| CredentialError::new(error.to_string()))?;
                if let Some(token) = stored {
                    *self.current() = Authorization::new(&self.scheme, &token);
                }
            }
            Ok(if self.is_current(rejected) {
                AfterRejection::GiveUp
            } else {
                AfterRejection::Replay
            })
        })
    }

    fn identity(&self) -> &CredentialIdentity {
        &self.identity
    }
}
