//! The requests, over HTTP: one address, one token, no redirects.

use std::error::Error as StdError;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Method, Request};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::RootCertStore;
use url::Url;
use zeroize::Zeroizing;

use super::answer::{Answer, Asked, Content, Found, Tokens};
use super::error::VaultError;
use super::path::{Area, SecretPath};
use super::settings::{VaultAddress, VaultSettings};
use super::token::VaultToken;
use crate::tls::{self, platform_roots, tls_error};

/// How long a TCP connection may take, in seconds. Vault stands in the same network; what takes
/// longer is not there.
pub(super) const CONNECT_SECONDS: u64 = 5;

/// How long a request may take from the look-up of the name to the last byte, in seconds. A busy
/// Vault answers within one; a person waits for this.
pub(super) const REQUEST_SECONDS: u64 = 10;

/// Longest answer, in bytes: the most that Vault itself keeps in one secret is about as much.
pub(super) const MAX_BYTES: usize = 1024 * 1024;

/// How long an idle connection is kept, in seconds. Load balancers close after 60 or more, and a
/// write that meets a closing connection fails.
const IDLE_SECONDS: u64 = 30;

/// Idle connections kept. Reads of several calls run at once; writes do not.
const IDLE_CONNECTIONS: usize = 4;

/// Sends requests to one Vault.
pub(super) struct Client {
    pool: Pool<HttpsConnector<HttpConnector>, Full<Bytes>>,
    address: VaultAddress,
    namespace: Option<HeaderValue>,
    /// What Vault is asked with, until its file has another one.
    token: Mutex<VaultToken>,
    /// [`REQUEST_SECONDS`], but in tests.
    pub(super) limit: Duration,
}

impl Client {
    /// A client that has not connected yet.
    pub(super) fn new(settings: &VaultSettings) -> Result<Self, VaultError> {
        let namespace = settings
            .namespace
            .as_deref()
            .map(HeaderValue::from_str)
            .transpose()
            .map_err(|_| VaultError::Namespace)?;
        Ok(Self {
            pool: Pool::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(Duration::from_secs(IDLE_SECONDS))
                .pool_max_idle_per_host(IDLE_CONNECTIONS)
                .build(connector(settings)?),
            address: settings.address.clone(),
            namespace,
            token: Mutex::new(settings.token.clone()),
            limit: Duration::from_secs(REQUEST_SECONDS),
        })
    }

    pub(super) fn address(&self) -> &VaultAddress {
        &self.address
    }

    /// The newest version of a secret. Tried once more when the node or the connection fails: a
    /// read changes nothing.
    pub(super) async fn read(&self, path: &SecretPath) -> Result<Found, VaultError> {
        let mut asked = self.asked(path, Area::Data, "`read`");
        match self.send(Method::GET, &mut asked, None).await {
            Err(error) if Answer::is_passing(&error) => {
                self.send(Method::GET, &mut asked, None).await
            }
            first => first,
        }?
        .found(&asked)
    }

    /// Writes a new version while `version` is the newest: its number, or none when another write
    /// came first.
    pub(super) async fn write(
        &self,
        path: &SecretPath,
        version: u64,
        tokens: &Tokens,
    ) -> Result<Option<u64>, VaultError> {
        let mut asked = self.asked(path, Area::Data, "`create` and `update`");
        let texts = tokens.texts().into_iter();
        asked
            .secrets
            .extend(texts.map(|text| Zeroizing::new(text.to_owned())));
        // What came as JSON goes as JSON, so that this arm is never taken.
        let body = tokens
            .write_body(version)
            .map_err(|_| VaultError::NotToken {
                path: path.shown(Area::Data),
            })?;
        let answer = self.send(Method::POST, &mut asked, Some(body)).await?;
        let written = answer.written(&asked);
        if matches!(written, Err(VaultError::VersionOne { .. })) {
            // Version 1 has kept the body as the secret. Nothing was there, or the read had found
            // out, so that taking it back takes nobody else's; failing to changes no message.
            let mut asked = self.asked(path, Area::Data, "`delete`");
            let _ = self.send(Method::DELETE, &mut asked, None).await;
        }
        written
    }

    /// Takes the data of versions away for good. Numbers of versions that do not exist are fine.
    pub(super) async fn destroy(
        &self,
        path: &SecretPath,
        versions: std::ops::RangeInclusive<u64>,
    ) -> Result<(), VaultError> {
        let mut asked = self.asked(path, Area::Destroy, "`update`");
        let versions: Vec<String> = versions.map(|version| version.to_string()).collect();
        let body = format!(r#"{{"versions":[{}]}}"#, versions.join(","));
        let body = Zeroizing::new(body.into_bytes());
        self.send(Method::PUT, &mut asked, Some(body))
            .await?
            .done(&asked)
    }

    /// Takes a secret away for good, with all its versions.
    pub(super) async fn remove(&self, path: &SecretPath) -> Result<(), VaultError> {
        let mut asked = self.asked(path, Area::Metadata, "`delete`");
        self.send(Method::DELETE, &mut asked, None)
            .await?
            .done(&asked)
    }

    fn asked<'a>(
        &'a self,
        path: &'a SecretPath,
        area: Area,
        capabilities: &'static str,
    ) -> Asked<'a> {
        Asked {
            address: &self.address,
            path,
            area,
            capabilities,
            secrets: Vec::new(),
        }
    }

    fn token(&self) -> MutexGuard<'_, VaultToken> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request, and once more where Vault refuses its token and the token's file has
    /// another one by now: tokens end, and a host outlives them.
    async fn send(
        &self,
        method: Method,
        asked: &mut Asked<'_>,
        body: Option<Zeroizing<Vec<u8>>>,
    ) -> Result<Answer, VaultError> {
        let body = body.map_or_else(Bytes::new, Bytes::from_owner);
        let token = self.token().clone();
        let refused = match self.send_with(&token, &method, asked, body.clone()).await {
            // Of a token that has ended, Vault often says no more than that it may not.
            Err(error @ (VaultError::TokenRefused | VaultError::Denied { .. })) => error,
            sent => return sent,
        };
        let Some(token) = token.renewed() else {
            return Err(refused);
        };
        *self.token() = token.clone();
        self.send_with(&token, &method, asked, body).await
    }

    async fn send_with(
        &self,
        token: &VaultToken,
        method: &Method,
        asked: &mut Asked<'_>,
        body: Bytes,
    ) -> Result<Answer, VaultError> {
        asked
            .secrets
            .push(Zeroizing::new(token.expose().to_owned()));
        let exchange = self.exchange(token, method, asked, body);
        match tokio::time::timeout(self.limit, exchange).await {
            Ok(answer) => answer?.check(asked),
            Err(_) => Err(VaultError::TimedOut {
                address: self.address.to_string(),
            }),
        }
    }

    async fn exchange(
        &self,
        token: &VaultToken,
        method: &Method,
        asked: &Asked<'_>,
        body: Bytes,
    ) -> Result<Answer, VaultError> {
        let uri = format!("{}/v1/{}", self.address, asked.path.encoded(asked.area));
        let mut request = Request::builder()
            .method(method.clone())
            .uri(uri)
            .header("x-vault-token", token.header()?)
            // A Vault Agent can be set to refuse what comes without, as a request does that a
            // service was tricked into sending.
            .header("x-vault-request", "true");
        if let Some(namespace) = &self.namespace {
            request = request.header("x-vault-namespace", namespace);
        }
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request
            .body(Full::new(body))
            .map_err(|error| VaultError::Address {
                reason: format!("makes no request ({error})"),
            })?;
        let answer = self
            .pool
            .request(request)
            .await
            .map_err(|error| self.failed(&error, error.is_connect()))?;
        let (head, body) = answer.into_parts();
        Ok(Answer {
            status: head.status,
            location: head.headers.get(LOCATION).and_then(origin),
            content: Content::read(&self.collect(body, asked).await?),
        })
    }

    async fn collect(
        &self,
        body: hyper::body::Incoming,
        asked: &Asked<'_>,
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let mut body = Limited::new(body, MAX_BYTES);
        let expected = hyper::body::Body::size_hint(&body).lower();
        let expected = usize::try_from(expected)
            .unwrap_or(MAX_BYTES)
            .min(MAX_BYTES);
        let mut bytes = Zeroizing::new(Vec::with_capacity(expected));
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    VaultError::TooLong {
                        path: asked.path.shown(asked.area),
                    }
                } else {
                    self.failed(error.as_ref(), false)
                }
            })?;
            if let Some(data) = frame.data_ref() {
                bytes.extend_from_slice(data);
            }
        }
        Ok(bytes)
    }

    /// Finds the cause that a person can act upon in a chain of errors.
    fn failed(&self, error: &(dyn StdError + 'static), connecting: bool) -> VaultError {
        let address = self.address.to_string();
        let mut reason = error.to_string();
        let mut cause = Some(error);
        while let Some(error) = cause {
            reason = error.to_string();
            if let Some(tls) = tls_error(error) {
                return VaultError::Untrusted {
                    address,
                    reason: tls.to_string(),
                };
            }
            cause = error.source();
        }
        if connecting {
            VaultError::Unreachable { address, reason }
        } else {
            VaultError::Broken { address, reason }
        }
    }
}

/// Scheme, host and port of a `Location`: its path and query are nobody's business.
fn origin(location: &HeaderValue) -> Option<String> {
    let url = Url::parse(location.to_str().ok()?).ok()?;
    Some(url.origin().ascii_serialization())
}

fn connector(settings: &VaultSettings) -> Result<HttpsConnector<HttpConnector>, VaultError> {
    // A loopback address without TLS has no use for roots.
    let mut roots = if settings.address.is_https() {
        platform_roots()
    } else {
        RootCertStore::empty()
    };
    if let Some(path) = &settings.ca_file {
        tls::trust(&mut roots, path).map_err(|reason| VaultError::CaFile {
            path: path.clone(),
            reason,
        })?;
    }
    let tls = tls::client(roots).map_err(|error| VaultError::Untrusted {
        address: settings.address.to_string(),
        reason: error.to_string(),
    })?;
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_nodelay(true);
    http.set_connect_timeout(Some(Duration::from_secs(CONNECT_SECONDS)));
    let builder = HttpsConnectorBuilder::new().with_tls_config(tls);
    let builder = if settings.address.is_https() {
        builder.https_only()
    } else {
        builder.https_or_http()
    };
    Ok(builder.enable_http1().wrap_connector(http))
}
