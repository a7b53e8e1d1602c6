//! Grants, codes and tokens.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long a code can be redeemed.
const CODE_LIFE: Duration = Duration::from_secs(300);

/// A code that waits to be redeemed.
#[derive(Debug)]
struct Code {
    scopes: Vec<String>,
    challenge: Option<String>,
    issued: Instant,
}

#[derive(Debug)]
struct AccessToken {
    scopes: Vec<String>,
    until: Instant,
}

#[derive(Debug)]
struct RefreshToken {
    grant: u64,
    scopes: Vec<String>,
    used: Option<Instant>,
}

/// Everything that was issued.
#[derive(Debug, Default)]
pub(super) struct Issued {
    codes: HashMap<String, Code>,
    access: HashMap<String, AccessToken>,
    refresh: HashMap<String, RefreshToken>,
    revoked: Vec<u64>,
    grants: u64,
    ever: Vec<String>,
}

/// What a redeemed code or refresh token leads to.
#[derive(Debug)]
pub(super) struct Redeemed {
    pub(super) grant: u64,
    pub(super) scopes: Vec<String>,
}

impl Issued {
    pub(super) fn add_code(
        &mut self,
        code: String,
        scopes: Vec<String>,
        challenge: Option<String>,
    ) {
        let issued = Instant::now();
        self.codes.insert(
            code,
            Code {
                scopes,
                challenge,
                issued,
            },
        );
    }

    /// Redeems a code, once. `challenge` is what the verifier hashes to.
    pub(super) fn redeem(&mut self, code: &str, challenge: Option<&str>) -> Option<Redeemed> {
        let code = self.codes.remove(code)?;
        let proves = code
            .challenge
            .as_deref()
            .is_none_or(|expected| challenge == Some(expected));
        if !proves || code.issued.elapsed() > CODE_LIFE {
            return None;
        }
        self.grants += 1;
        Some(Redeemed {
            grant: self.grants,
            scopes: code.scopes,
        })
    }

    /// Uses up a refresh token.
    pub(super) fn use_up(&mut self, refresh: &str, grace: Duration) -> Option<Redeemed> {
        let token = self.refresh.get_mut(refresh)?;
        let is_dead = token.used.is_some_and(|used| used.elapsed() >= grace);
        if is_dead || self.revoked.contains(&token.grant) {
            return None;
        }
        token.used.get_or_insert_with(Instant::now);
        Some(Redeemed {
            grant: token.grant,
            scopes: token.scopes.clone(),
        })
    }

    pub(super) fn add_access(&mut self, token: String, scopes: Vec<String>, life: Duration) {
        let until = Instant::now() + life;
        self.ever.push(token.clone());
        self.access.insert(token, AccessToken { scopes, until });
    }

    pub(super) fn add_refresh(&mut self, token: String, of: Redeemed) {
        self.ever.push(token.clone());
        self.refresh.insert(
            token,
            RefreshToken {
                grant: of.grant,
                scopes: of.scopes,
                used: None,
            },
        );
    }

    /// The scopes of an access token that is still valid.
    pub(super) fn scopes(&self, access: &str) -> Option<Vec<String>> {
        let token = self.access.get(access)?;
        (token.until > Instant::now()).then(|| token.scopes.clone())
    }

    /// Ends the life of all access tokens.
    pub(super) fn expire(&mut self) {
        self.access.clear();
    }

    /// Revokes all grants so far: their refresh tokens die, their access tokens live on.
    pub(super) fn revoke(&mut self) {
        self.revoked = (1..=self.grants).collect();
    }

    /// Every access token and refresh token that was ever issued.
    pub(super) fn all(&self) -> Vec<String> {
        self.ever.clone()
    }

    /// Refresh tokens that were not used yet.
    pub(super) fn unused(&self) -> usize {
        let is_unused = |token: &&RefreshToken| token.used.is_none();
        self.refresh.values().filter(is_unused).count()
    }
}
