//! The credential of the calls of a connection that uses OAuth.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::OauthError;
use super::grant::Grant;
use super::refresh::StoredGrant;
use crate::connection::{
    AfterRejection, Authorization, CredentialError, CredentialFuture, CredentialIdentity,
    CredentialSource,
};

/// Requests to the token endpoint that may come to nothing in one call.
const MAX_FAILURES: u32 = 2;

/// The access token of a grant, for one call. It is refreshed at half of its life, and once when the
/// site rejects it.
pub(crate) struct OauthCredential {
    identity: CredentialIdentity,
    stored: Arc<StoredGrant>,
    current: Mutex<Grant>,
    failures: AtomicU32,
    /// Whether the token is one that this call has refreshed.
    is_refreshed: AtomicBool,
}

impl OauthCredential {
    pub(crate) fn new(identity: CredentialIdentity, stored: StoredGrant, grant: Grant) -> Self {
        Self {
            identity,
            stored: Arc::new(stored),
            current: Mutex::new(grant),
            failures: AtomicU32::new(0),
            is_refreshed: AtomicBool::new(false),
        }
    }

    fn current(&self) -> MutexGuard<'_, Grant> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes sure that there is a token before the call begins.
    pub(crate) async fn prepare(&self) -> Result<(), OauthError> {
        self.valid().await.map(drop)
    }

    /// A grant whose access token is not over, as far as its life says.
    async fn valid(&self) -> Result<Grant, OauthError> {
        let grant = self.current().clone();
        let now = self.stored.server.now();
        if !grant.is_due(now) {
            return Ok(grant);
        }
        match self.refreshed(&grant).await {
            Err(error) if error.passes() && !grant.is_over(self.stored.server.now()) => {
                tracing::warn!(%error, "the access token is not refreshed yet");
                Ok(grant)
            }
            refreshed => refreshed,
        }
    }

    /// The grant that takes the place of one.
    async fn refreshed(&self, stale: &Grant) -> Result<Grant, OauthError> {
        let left = MAX_FAILURES.saturating_sub(self.failures.load(Ordering::SeqCst));
        let refreshed = self.stored.refresh(stale.clone(), left).await;
        self.failures
            .fetch_add(refreshed.failures, Ordering::SeqCst);
        let grant = refreshed.result?;
        self.is_refreshed.store(true, Ordering::SeqCst);
        *self.current() = grant.clone();
        tracing::info!("the access token is another one");
        Ok(grant)
    }
}

fn shown(grant: &Grant) -> Result<Authorization, CredentialError> {
    grant
        .authorization()
        .ok_or_else(|| CredentialError::new("the stored access token is not valid"))
}

impl CredentialSource for OauthCredential {
    fn authorization(&self) -> CredentialFuture<'_, Authorization> {
        Box::pin(async {
            let grant = self.valid().await.map_err(CredentialError::from)?;
            shown(&grant)
        })
    }

    fn rejected<'a>(&'a self, rejected: &'a Authorization) -> CredentialFuture<'a, AfterRejection> {
        Box::pin(async move {
            let grant = self.current().clone();
            if shown(&grant)?.expose() != rejected.expose() {
                return Ok(AfterRejection::Replay);
            }
            // The site rejects a token that is new: another one would be rejected as well.
            if self.is_refreshed.load(Ordering::SeqCst) {
                return Ok(AfterRejection::GiveUp);
            }
            self.refreshed(&grant)
                .await
                .map_err(CredentialError::from)?;
            Ok(AfterRejection::Replay)
        })
    }

    fn identity(&self) -> &CredentialIdentity {
        &self.identity
    }
}
