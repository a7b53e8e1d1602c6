//! The one refresh per grant that runs at a time.
//!
//! A refresh token dies when it is used. Two refreshes at once would leave one of them with a dead
//! token, and a process that is killed between the answer and its commit would lose the grant. So:
//!
//! 1. A lock in this process, and a lock file in the state folder, which all processes with the same
//!    store of sealed records share. The system gives it back when a process ends, however it ends.
//! 2. The grant is read again once the locks are held: whoever waited finds the new pair.
//! 3. The new pair replaces the one that was read, if that is still there, before anybody uses it.
//!    The store syncs it to disk. Hosts with another state folder are told apart by that alone.
//! 4. All of it is a task of its own: a call that is dropped meanwhile does not take it along.
//!
//! Killed between the answer and the commit, the next refresh sends the old token. Atlassian takes it
//! for some minutes more; if it is dead, the grant says that it needs authorization.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use host_levels::OauthApp;
use host_levels::durable_file::FolderLock;

use super::error::OauthError;
use super::grant::{Grant, Standing};
use super::server::{OauthServer, ServerFault, TokenFailure};
use crate::error_kind::ErrorKind;
use crate::metrics::Metrics;
use crate::secret::{Replacement, SecretDigest, SecretId, SecretStore};

/// Locks of grants, by their ids.
#[derive(Default)]
pub(crate) struct GrantLocks(Mutex<HashMap<SecretId, Arc<tokio::sync::Mutex<()>>>>);

impl GrantLocks {
    fn of(&self, id: &SecretId) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        locks.retain(|_, lock| Arc::strong_count(lock) > 1);
        Arc::clone(locks.entry(id.clone()).or_default())
    }
}

/// A grant in the store of secrets, and what its refresh needs.
#[derive(Clone)]
pub(crate) struct StoredGrant {
    /// Of the grant: the connection and its level.
    pub(crate) id: SecretId,
    pub(crate) app: OauthApp,
    /// Of the client secret: the app and its level.
    pub(crate) secret_id: SecretId,
    pub(crate) store: Arc<dyn SecretStore>,
    pub(crate) locks: Arc<GrantLocks>,
    pub(crate) state_folder: PathBuf,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) server: OauthServer,
}

/// What came of a refresh.
pub(super) struct Refreshed {
    pub(super) result: Result<Grant, OauthError>,
    /// Requests to the token endpoint that came to nothing.
    pub(super) failures: u32,
}

impl StoredGrant {
    /// The grant as it is stored. One that cannot be read is as good as none.
    pub(crate) async fn read(&self) -> Result<Option<(Grant, SecretDigest)>, OauthError> {
        let stored = self.store.get(&self.id).await?;
        Ok(stored.and_then(|token| Some((Grant::of_token(&token)?, SecretDigest::of(&token)))))
    }

    /// The grant, if it can be used or refreshed.
    pub(crate) async fn usable(&self) -> Result<(Grant, SecretDigest), OauthError> {
        match self.read().await? {
            Some((grant, digest)) if grant.standing != Standing::Ended => Ok((grant, digest)),
            Some(_) => {
                Err(self.needs_authorization("the authorization server has ended the login"))
            }
            None => Err(self.needs_authorization(
                "there is no login for its level, site, cloud id, client id and scopes",
            )),
        }
    }

    fn needs_authorization(&self, why: &'static str) -> OauthError {
        OauthError::NeedsAuthorization {
            name: self.id.name.clone(),
            level: self.id.level.clone(),
            why,
        }
    }

    /// Replaces a grant whose access token is `stale`, unless somebody has done so, with at most so
    /// many requests. It goes on when the future is dropped.
    pub(super) async fn refresh(self: &Arc<Self>, stale: Grant, most: u32) -> Refreshed {
        let this = Arc::clone(self);
        let task = tokio::spawn(async move {
            let mut failures = 0;
            let result = this.refresh_alone(&stale, most, &mut failures).await;
            Refreshed { result, failures }
        });
        task.await.unwrap_or(Refreshed {
            result: Err(OauthError::Task),
            failures: 0,
        })
    }

    async fn refresh_alone(
        &self,
        stale: &Grant,
        most: u32,
        failures: &mut u32,
    ) -> Result<Grant, OauthError> {
        let lock = self.locks.of(&self.id);
        let _in_process = lock.lock().await;
        let _among_processes = self.lock_file().await?;
        let (mut grant, mut digest) = self.usable().await?;
        if !grant.has_same_access(stale) {
            return Ok(grant);
        }
        let secret = self.store.get(&self.secret_id).await?;
        let Some(secret) = secret else {
            return Err(OauthError::NoClientSecret {
                app: self.secret_id.name.clone(),
                level: self.secret_id.level.clone(),
            });
        };
        loop {
            if *failures >= most {
                return Err(OauthError::AskedTwice {
                    name: self.id.name.clone(),
                    server: self.server.name(),
                });
            }
            let asked = self
                .server
                .refresh(&self.app, &secret, grant.refresh_token())
                .await;
            self.metrics.refresh(
                match &asked {
                    Ok(_) => None,
                    Err(TokenFailure::Grant | TokenFailure::Client) => {
                        Some(ErrorKind::Unauthorized)
                    }
                    Err(TokenFailure::Server(fault)) => Some(fault.kind()),
                }
                .as_ref(),
            );
            let failure = match asked {
                Ok(pair) => {
                    let new = grant.refreshed(pair, self.server.now());
                    return self.replace(&grant, digest, new).await;
                }
                Err(failure) => failure,
            };
            *failures += 1;
            match failure {
                TokenFailure::Grant => {
                    let ended = grant.standing(Standing::Ended);
                    let now = self.replace(&grant, digest, ended).await?;
                    // A host with another state folder may have been first, and has the new pair.
                    return if now.standing == Standing::Ended {
                        Err(self.needs_authorization(
                            "the authorization server rejects its refresh token",
                        ))
                    } else {
                        Ok(now)
                    };
                }
                TokenFailure::Client => {
                    let wrong = grant.standing(Standing::WrongClient);
                    self.replace(&grant, digest, wrong).await?;
                    *failures = most;
                    return Err(OauthError::WrongClient {
                        app: self.secret_id.name.clone(),
                        level: self.secret_id.level.clone(),
                        server: self.server.name(),
                    });
                }
                TokenFailure::Server(fault) => {
                    // Somebody else may have a pair by now, which the old token would kill.
                    (grant, digest) = self.usable().await?;
                    if !grant.has_same_access(stale) {
                        return Ok(grant);
                    }
                    if *failures >= most || !fault.passes() {
                        return Err(self.failed(fault));
                    }
                }
            }
        }
    }

    fn failed(&self, fault: ServerFault) -> OauthError {
        OauthError::Server {
            server: self.server.name(),
            doing: "the refresh of the access token",
            fault,
        }
    }

    /// Stores a grant in place of the one that was read. Answers the one that is stored then.
    async fn replace(
        &self,
        old: &Grant,
        digest: SecretDigest,
        new: Grant,
    ) -> Result<Grant, OauthError> {
        if new == *old {
            return Ok(new);
        }
        let token = new
            .to_token()
            .ok_or_else(|| self.failed(ServerFault::Nonsense))?;
        let mut expected = digest;
        loop {
            match self.store.replace(&self.id, expected, &token).await? {
                Replacement::Replaced => return Ok(new),
                Replacement::Conflict => {}
            }
            let Some((stored, digest)) = self.read().await? else {
                return Ok(self.usable().await?.0);
            };
            // Another host sent the same refresh token at the same time, was refused, and has noted
            // that: the pair that is here is the one that lives.
            let is_refused_elsewhere = stored.login == new.login
                && stored.standing != Standing::Valid
                && new.standing == Standing::Valid;
            if !is_refused_elsewhere {
                return Ok(self.usable().await?.0);
            }
            expected = digest;
        }
    }

    /// One refresh at a time among the processes that share the state folder.
    async fn lock_file(&self) -> Result<FolderLock, OauthError> {
        let folder = self.state_folder.clone();
        let hash = blake3::hash(format!("{:?}", self.id).as_bytes()).to_hex();
        let name = format!("oauth-{}", hash.get(..16).unwrap_or_default());
        tokio::task::spawn_blocking(move || FolderLock::take(&folder, &name))
            .await
            .unwrap_or_else(|error| Err(std::io::Error::other(error)))
            .map_err(|source| OauthError::Lock {
                name: self.id.name.clone(),
                source,
            })
    }
}
