//! What is asked of the authorization server and of the list of accessible resources.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use host_levels::OauthApp;
use http::{Request, StatusCode, header};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::grant::{Hidden, Pair};
use super::settings::{OauthServers, ServerAddress};
use crate::connection::{Authorization, Token};
use crate::error_kind::ErrorKind;
use crate::limits::Limits;
use crate::outbound::{Egress, Exchanged, NotExchanged, Route};

/// Most bytes of an answer. An account with 100 sites is answered some 100 KB.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// Longest life of an access token that is believed, in seconds: a year.
const MAX_LIFE_SECONDS: u64 = 365 * 24 * 60 * 60;

/// What is wrong with the answer of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerFault {
    /// It cannot be reached, or closed the connection.
    Unreachable {
        /// What the network said.
        reason: String,
    },
    /// It did not answer in time.
    TimedOut,
    /// It answered with a status that is no answer to what was asked.
    Status {
        /// The status.
        status: u16,
    },
    /// It redirects, which is not followed.
    Redirected {
        /// The status.
        status: u16,
    },
    /// It answered something else than what was asked for.
    Nonsense,
}

impl fmt::Display for ServerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { reason } => write!(f, "cannot be reached ({reason})"),
            Self::TimedOut => f.write_str("did not answer in time"),
            Self::Status { status } => write!(f, "answered with status {status}"),
            Self::Redirected { status } => {
                write!(f, "redirects with status {status}, which is not followed")
            }
            Self::Nonsense => f.write_str("sent an answer that cannot be read"),
        }
    }
}

impl ServerFault {
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::Unreachable { .. } => ErrorKind::Unreachable,
            Self::TimedOut => ErrorKind::TimedOut,
            Self::Status { status: 429 } => ErrorKind::RateLimited,
            Self::Status { .. } => ErrorKind::UpstreamFailed,
            Self::Redirected { .. } | Self::Nonsense => ErrorKind::UnexpectedAnswer,
        }
    }

    pub(super) fn cause(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } | Self::TimedOut => {
                "the server is down, or a firewall or a proxy is in between"
            }
            Self::Status { status: 429 } => "too many logins or refreshes at once",
            Self::Status { status: 500.. } => "the server has a problem of its own",
            Self::Status { .. } => {
                "the server does not support the request, or another server answers at its address"
            }
            Self::Redirected { .. } | Self::Nonsense => {
                "a proxy or a login page answers in its place, or `oauth.authorization-server` or `oauth.api` is wrong"
            }
        }
    }

    pub(super) fn resolution(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } | Self::TimedOut => {
                "check the network, `network.proxy`, `oauth.authorization-server` and `oauth.api`, and try again; stored logins are kept"
            }
            Self::Status { .. } => "try again later; stored logins are kept",
            Self::Redirected { .. } | Self::Nonsense => {
                "check `oauth.authorization-server` and `oauth.api`, and try again; stored logins are kept"
            }
        }
    }

    /// Whether the same request may go better at once.
    pub(super) fn passes(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Nonsense => true,
            Self::Status { status } => *status >= 500,
            Self::TimedOut | Self::Redirected { .. } => false,
        }
    }
}

/// Why there are no tokens.
#[derive(Debug)]
pub(crate) enum TokenFailure {
    /// 403: the code or the refresh token is not valid, or no longer.
    Grant,
    /// 401: the client id or the secret is wrong.
    Client,
    /// Everything else.
    Server(ServerFault),
}

/// A site that was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resource {
    pub(crate) cloud_id: String,
    pub(crate) url: String,
    pub(crate) scopes: Vec<String>,
}

/// The authorization server and the API gateway, and how they are reached.
#[derive(Clone)]
pub(crate) struct OauthServer {
    pub(crate) egress: Arc<Egress>,
    pub(crate) servers: OauthServers,
    pub(crate) route: Route,
    pub(crate) limits: Limits,
}

#[derive(Serialize)]
struct TokenRequest<'a> {
    grant_type: &'static str,
    client_id: &'a str,
    client_secret: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code_verifier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: Hidden,
    refresh_token: Option<Hidden>,
    expires_in: serde_json::Number,
    scope: Option<String>,
}

#[derive(Deserialize)]
struct ResourceRow {
    id: String,
    url: String,
    #[serde(default)]
    scopes: Vec<String>,
}

impl OauthServer {
    /// The time since 1970, by the host's clock.
    pub(crate) fn now(&self) -> Duration {
        self.egress.clock.since_1970()
    }

    /// The host of the authorization server, for messages.
    pub(crate) fn name(&self) -> String {
        self.servers.authorization.host().to_owned()
    }

    /// Redeems the code of a login.
    pub(crate) async fn redeem(
        &self,
        app: &OauthApp,
        secret: &Token,
        code: &str,
        verifier: &str,
    ) -> Result<Pair, TokenFailure> {
        self.tokens(&TokenRequest {
            grant_type: "authorization_code",
            client_id: &app.client_id,
            client_secret: secret.expose(),
            code: Some(code),
            redirect_uri: Some(app.redirect_uri.as_str()),
            code_verifier: Some(verifier),
            refresh_token: None,
        })
        .await
    }

    /// Refreshes an access token. The refresh token may be used up whatever comes of it.
    pub(super) async fn refresh(
        &self,
        app: &OauthApp,
        secret: &Token,
        refresh: &Hidden,
    ) -> Result<Pair, TokenFailure> {
        self.tokens(&TokenRequest {
            grant_type: "refresh_token",
            client_id: &app.client_id,
            client_secret: secret.expose(),
            code: None,
            redirect_uri: None,
            code_verifier: None,
            refresh_token: Some(refresh.expose()),
        })
        .await
    }

    async fn tokens(&self, request: &TokenRequest<'_>) -> Result<Pair, TokenFailure> {
        let server = &self.servers.authorization;
        let mut body = Zeroizing::new(Vec::with_capacity(MAX_ANSWER_BYTES / 32));
        serde_json::to_writer(&mut *body, request)
            .map_err(|_| TokenFailure::Server(ServerFault::Nonsense))?;
        let request = Request::post(format!("{}/oauth/token", server.origin()))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONTENT_LENGTH, body.len())
            .body(Bytes::from_owner(body));
        let answer = self
            .send(server, request)
            .await
            .map_err(TokenFailure::Server)?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::FORBIDDEN => return Err(TokenFailure::Grant),
            StatusCode::UNAUTHORIZED => return Err(TokenFailure::Client),
            status => return Err(TokenFailure::Server(unexpected(status))),
        }
        read_pair(&answer.body).ok_or(TokenFailure::Server(ServerFault::Nonsense))
    }

    /// The sites of an access token. Rows with the same cloud id are one, their scopes together.
    pub(crate) async fn resources(&self, pair: &Pair) -> Result<Vec<Resource>, ServerFault> {
        let server = &self.servers.api;
        let text = Zeroizing::new(format!("Bearer {}", pair.access.expose()));
        let value = Authorization::parse(&text)
            .ok()
            .and_then(|authorization| authorization.header_value())
            .ok_or(ServerFault::Nonsense)?;
        let url = format!("{}/oauth/token/accessible-resources", server.origin());
        let request = Request::get(url)
            .header(header::AUTHORIZATION, value)
            .body(Bytes::new());
        let answer = self.send(server, request).await?;
        if answer.status != StatusCode::OK {
            return Err(unexpected(answer.status));
        }
        let rows: Vec<ResourceRow> =
            serde_json::from_slice(&answer.body).map_err(|_| ServerFault::Nonsense)?;
        let mut resources: Vec<Resource> = Vec::new();
        for row in rows {
            match resources.iter_mut().find(|there| there.cloud_id == row.id) {
                Some(there) => there.scopes.extend(row.scopes),
                None => resources.push(Resource {
                    cloud_id: row.id,
                    url: row.url,
                    scopes: row.scopes,
                }),
            }
        }
        Ok(resources)
    }

    async fn send(
        &self,
        server: &ServerAddress,
        request: http::Result<Request<Bytes>>,
    ) -> Result<Exchanged, ServerFault> {
        let mut request = request.map_err(|_| ServerFault::Nonsense)?;
        request.headers_mut().insert(
            header::ACCEPT,
            http::HeaderValue::from_static("application/json"),
        );
        let transports = &self.egress.transports;
        let (is_secure, reach) = (server.is_secure(), server.reach());
        let sent = transports.exchange(
            request,
            (is_secure, reach),
            &self.route,
            &self.limits,
            MAX_ANSWER_BYTES,
        );
        sent.await.map_err(|failed| match failed {
            NotExchanged::TimedOut => ServerFault::TimedOut,
            NotExchanged::TooLarge => ServerFault::Nonsense,
            NotExchanged::Failed { reason } => ServerFault::Unreachable { reason },
        })
    }
}

fn unexpected(status: StatusCode) -> ServerFault {
    let is_redirect = status.is_redirection();
    let status = status.as_u16();
    if is_redirect {
        ServerFault::Redirected { status }
    } else {
        ServerFault::Status { status }
    }
}

fn read_pair(body: &[u8]) -> Option<Pair> {
    let answer: TokenAnswer = serde_json::from_slice(body).ok()?;
    let seconds = answer.expires_in.as_f64()?;
    if !(0.0..=MAX_LIFE_SECONDS as f64).contains(&seconds) {
        return None;
    }
    let pair = Pair {
        access: answer.access_token,
        refresh: answer.refresh_token,
        life: Duration::from_secs_f64(seconds),
        scopes: answer
            .scope
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
    };
    pair.is_usable().then_some(pair)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::read_pair;

    #[test]
    fn an_answer_without_usable_tokens_is_nonsense() {
        let good =
            br#"{"access_token":"a","refresh_token":"r","expires_in":2,"scope":"x y","more":[1]}"#;
        assert_eq!(read_pair(good).unwrap().scopes, ["x", "y"]);
        for body in [
            "",
            "[]",
            r#"{"access_token":"a"}"#,
            r#"{"access_token":"","expires_in":2}"#,
            r#"{"access_token":"a b","expires_in":2}"#,
            r#"{"access_token":"a\n","expires_in":2}"#,
            r#"{"access_token":"a","expires_in":0}"#,
            r#"{"access_token":"a","expires_in":-1}"#,
            r#"{"access_token":"a","expires_in":1e300}"#,
            r#"{"access_token":7,"expires_in":2}"#,
        ] {
            assert!(read_pair(body.as_bytes()).is_none(), "{body}");
        }
        let long = format!(
            r#"{{"access_token":"{}","expires_in":2}}"#,
            "a".repeat(20_000)
        );
        assert!(read_pair(long.as_bytes()).is_none());
    }
}
