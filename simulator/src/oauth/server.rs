//! The token endpoint, the accessible resources, and who may call the API.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use serde_json::{Value, json};

use super::fault::TokenFault;
use super::scopes::needed;
use super::settings::{OauthSettings, OauthSite};
use super::token::{Issued, Redeemed};
use crate::answer::{Answer, HTML};
use crate::random::hex;

/// One request to the token endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// `authorization_code`, `refresh_token`, or whatever was sent.
    pub grant_type: String,
    /// The status answered; 0 when the connection was closed.
    pub status: u16,
}

/// The authorization server, while it runs.
#[derive(Debug)]
pub(crate) struct AuthorizationServer {
    pub(super) settings: OauthSettings,
    pub(super) sites: Vec<OauthSite>,
    pub(super) seed: u64,
    issued: Mutex<Issued>,
    numbers: AtomicU64,
    faults: Mutex<VecDeque<TokenFault>>,
    requests: Mutex<Vec<TokenRequest>>,
    secret: Mutex<String>,
    announced: Mutex<Option<Duration>>,
}

/// What is answered.
pub(crate) enum OauthAnswer {
    /// This, after a wait.
    After(Duration, Answer),
    /// The connection is closed.
    Closed,
}

/// Whether a bearer token may call the API.
pub(crate) enum Access {
    Granted,
    /// It is not valid, or not for that site.
    Unauthorized,
    /// It lacks a scope.
    ScopeMismatch,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl AuthorizationServer {
    pub(crate) fn new(
        settings: OauthSettings,
        seed: u64,
        cloud_id: &str,
        site_url: &str,
        faults: Vec<TokenFault>,
    ) -> Self {
        let sites = if settings.sites.is_empty() {
            vec![OauthSite {
                cloud_id: cloud_id.to_owned(),
                url: site_url.to_owned(),
                name: "simulated".to_owned(),
                scopes: None,
            }]
        } else {
            settings.sites.clone()
        };
        Self {
            secret: Mutex::new(settings.client_secret.clone()),
            settings,
            sites,
            seed,
            issued: Mutex::default(),
            numbers: AtomicU64::new(0),
            faults: Mutex::new(faults.into()),
            requests: Mutex::default(),
            announced: Mutex::default(),
        }
    }

    pub(super) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(super) fn issued(&self) -> MutexGuard<'_, Issued> {
        locked(&self.issued)
    }

    pub(crate) fn requests(&self) -> Vec<TokenRequest> {
        locked(&self.requests).clone()
    }

    pub(crate) fn set_faults(&self, faults: Vec<TokenFault>) {
        *locked(&self.faults) = faults.into();
    }

    pub(crate) fn set_secret(&self, secret: &str) {
        secret.clone_into(&mut locked(&self.secret));
    }

    pub(crate) fn announce(&self, life: Option<Duration>) {
        *locked(&self.announced) = life;
    }

    pub(crate) fn expire(&self) {
        self.issued().expire();
    }

    pub(crate) fn revoke(&self) {
        self.issued().revoke();
    }

    pub(crate) fn tokens(&self) -> Vec<String> {
        self.issued().all()
    }

    pub(crate) fn unused_refresh_tokens(&self) -> usize {
        self.issued().unused()
    }

    /// Answers what is the authorization server's, and nothing else.
    pub(crate) fn answer(
        &self,
        method: &str,
        path: &str,
        query: &str,
        authorization: Option<&str>,
        sent: &[u8],
    ) -> Option<OauthAnswer> {
        let answer = match (method, path) {
            ("GET" | "POST", "/authorize") => self.consent(method, query, sent),
            ("GET", "/oauth/token/accessible-resources") => self.resources(authorization),
            ("POST", "/oauth/token") => return Some(self.token(sent)),
            // Where a redirect of the token endpoint leads.
            ("GET" | "POST", "/oauth/moved") => {
                self.log("moved", 200);
                self.tokens_of(Redeemed {
                    grant: 0,
                    scopes: Vec::new(),
                })
            }
            _ => return None,
        };
        Some(OauthAnswer::After(Duration::ZERO, answer))
    }

    /// Whether a bearer token may call the API of a site.
    pub(crate) fn access(&self, token: &str, cloud_id: &str, path: &str) -> Access {
        let Some(scopes) = self.issued().scopes(token) else {
            return Access::Unauthorized;
        };
        let Some(site) = self.sites.iter().find(|site| site.cloud_id == cloud_id) else {
            return Access::Unauthorized;
        };
        let granted = granted(site, &scopes);
        let needed = needed(path);
        if needed.is_empty()
            || needed
                .iter()
                .any(|scope| granted.iter().any(|g| g == scope))
        {
            Access::Granted
        } else {
            Access::ScopeMismatch
        }
    }

    pub(crate) fn is_site(&self, cloud_id: &str) -> bool {
        self.sites.iter().any(|site| site.cloud_id == cloud_id)
    }

    fn log(&self, grant_type: &str, status: u16) {
        locked(&self.requests).push(TokenRequest {
            grant_type: grant_type.to_owned(),
            status,
        });
    }

    fn token(&self, sent: &[u8]) -> OauthAnswer {
        let fault = locked(&self.faults).pop_front().unwrap_or(TokenFault::None);
        let request: Value = serde_json::from_slice(sent).unwrap_or_default();
        let text = |name: &str| {
            request
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let kind = text("grant_type").to_owned();
        let (wait, answer) = match fault {
            TokenFault::Cut => {
                self.log(&kind, 0);
                return OauthAnswer::Closed;
            }
            TokenFault::CutAfter => {
                self.redeemed(&request);
                self.log(&kind, 0);
                return OauthAnswer::Closed;
            }
            TokenFault::InvalidGrant => (Duration::ZERO, invalid_grant(&kind)),
            TokenFault::WrongClient => (Duration::ZERO, wrong_client()),
            TokenFault::Status(status) => (
                Duration::ZERO,
                Answer::text(
                    status,
                    HTML,
                    "<html><body>Something went wrong</body></html>",
                ),
            ),
            TokenFault::Nonsense => (
                Duration::ZERO,
                Answer::json(200, b"{\"access_token\": 7, \"expires_in\": ".to_vec()),
            ),
            TokenFault::Redirect => (
                Duration::ZERO,
                Answer::text(302, HTML, "").with("location", "/oauth/moved"),
            ),
            TokenFault::Slow(wait) => (wait, self.redeemed(&request)),
            TokenFault::None => (Duration::ZERO, self.redeemed(&request)),
        };
        self.log(&kind, answer.status);
        OauthAnswer::After(wait, answer)
    }

    fn redeemed(&self, request: &Value) -> Answer {
        let text = |name: &str| {
            request
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let kind = text("grant_type");
        if text("client_id") != self.settings.client_id
            || text("client_secret") != *locked(&self.secret)
        {
            return wrong_client();
        }
        let redeemed = match kind {
            "authorization_code" => {
                let verifier = request.get("code_verifier").and_then(Value::as_str);
                let challenge = verifier.map(|verifier| {
                    let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
                    URL_SAFE_NO_PAD.encode(hash)
                });
                let is_registered = text("redirect_uri") == self.settings.redirect_uri;
                let code = text("code");
                is_registered
                    .then(|| self.issued().redeem(code, challenge.as_deref()))
                    .flatten()
            }
            "refresh_token" => self
                .issued()
                .use_up(text("refresh_token"), self.settings.grace),
            _ => {
                let body = json!({ "error": "unsupported_grant_type" });
                return Answer::json(400, body.to_string().into_bytes());
            }
        };
        match redeemed {
            Some(redeemed) => self.tokens_of(redeemed),
            None => invalid_grant(kind),
        }
    }

    fn tokens_of(&self, redeemed: Redeemed) -> Answer {
        let number = self.number();
        // As long as Atlassian's, which are JWTs.
        let access: String = (0..24)
            .map(|part| hex(self.seed, 720 + part, number))
            .collect();
        let refresh: String = (0..12)
            .map(|part| hex(self.seed, 760 + part, number))
            .collect();
        let scopes = redeemed.scopes.clone();
        let mut issued = self.issued();
        issued.add_access(access.clone(), scopes.clone(), self.settings.token_life);
        let mut body = json!({
            "access_token": access,
            "expires_in": self.expires_in(),
            "token_type": "Bearer",
            "scope": scopes.join(" "),
        });
        if scopes.iter().any(|scope| scope == "offline_access") {
            issued.add_refresh(refresh.clone(), redeemed);
            if let Some(body) = body.as_object_mut() {
                body.insert("refresh_token".to_owned(), json!(refresh));
            }
        }
        Answer::json(200, body.to_string().into_bytes())
    }

    /// What `expires_in` says: whole seconds, as Atlassian's, and less only for tests.
    fn expires_in(&self) -> Value {
        let life = locked(&self.announced).unwrap_or(self.settings.token_life);
        if life < Duration::from_secs(1) {
            json!(life.as_secs_f64())
        } else {
            json!(life.as_secs())
        }
    }

    fn resources(&self, authorization: Option<&str>) -> Answer {
        let token = authorization.and_then(|value| value.strip_prefix("Bearer "));
        let Some(scopes) = token.and_then(|token| self.issued().scopes(token)) else {
            let body = json!({ "code": 401, "message": "Unauthorized" });
            return Answer::json(401, body.to_string().into_bytes());
        };
        let rows: Vec<Value> = self
            .sites
            .iter()
            .map(|site| {
                let scopes: Vec<String> = granted(site, &scopes)
                    .into_iter()
                    .filter(|scope| scope != "offline_access")
                    .collect();
                json!({
                    "id": site.cloud_id,
                    "url": site.url,
                    "name": site.name,
                    "scopes": scopes,
                    "avatarUrl": format!("{}/avatar.png", site.url),
                })
            })
            .collect();
        Answer::json(200, Value::from(rows).to_string().into_bytes())
    }
}

/// The scopes of a token at a site.
fn granted(site: &OauthSite, scopes: &[String]) -> Vec<String> {
    let is_granted = |scope: &&String| {
        site.scopes
            .as_ref()
            .is_none_or(|most| most.contains(*scope))
    };
    scopes.iter().filter(is_granted).cloned().collect()
}

fn wrong_client() -> Answer {
    let body = json!({ "error": "access_denied", "error_description": "Unauthorized" });
    Answer::json(401, body.to_string().into_bytes())
}

fn invalid_grant(kind: &str) -> Answer {
    let body = match kind {
        "refresh_token" => json!({
            "error": "unauthorized_client",
            "error_description": "refresh_token is invalid",
        }),
        _ => json!({
            "error": "invalid_grant",
            "error_description": "Invalid authorization code",
        }),
    };
    Answer::json(403, body.to_string().into_bytes())
}
