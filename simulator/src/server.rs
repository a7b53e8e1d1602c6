//! The HTTP server: connections, the log, and what all answers have in common.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, DATE, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::answer::Answer;
use crate::body::Body;
use crate::control;
use crate::fault::{Fault, Faults};
use crate::oauth::{AuthorizationServer, OauthAnswer, TokenFault, TokenRequest};
use crate::random::{hex, uuid};
use crate::route::{self, Asked, Host};
use crate::sent::sent;
use crate::settings::Settings;
use crate::site::Site;
use crate::site::mutation::{Change, Mutation, MutationError};
use crate::timeline::Timeline;
use crate::timestamp::http_date;

/// Requests that the log keeps.
const LOGGED: usize = 10_000;
/// Bytes of a request that are accepted: more than any request here needs.
const MAX_SENT: usize = 1_000_000;

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address is one that other machines can reach.
    #[error(
        "`{address}` is no loopback address; the simulator accepts any password, so it serves this \
         machine only: use `127.0.0.1:PORT`"
    )]
    NotLoopback {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// Somebody else listens there.
    #[error(
        "`{address}` is in use, likely by another simulator; stop it, or take another port (0 takes any free one)"
    )]
    AddressInUse {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The system refused the address for another reason.
    #[error(
        "cannot listen at `{address}`: {source}; ports below 1024 need privileges, take a higher one \
         (0 takes any free one)"
    )]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// One request that the simulator got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Counted from 1, since the start.
    pub number: u64,
    /// Such as `GET`.
    pub method: String,
    /// As it stood in the request line.
    pub path_and_query: String,
    /// Names (in lower case) and values, in their order. The credential is among them.
    pub headers: Vec<(String, String)>,
    /// The status answered; 0 when nothing was answered.
    pub status: u16,
    /// The `atl-traceid` of the answer.
    pub trace_id: String,
}

/// A running simulator. Dropping it stops it and closes its connections.
#[derive(Debug)]
pub struct Simulator {
    shared: Arc<Shared>,
    accepting: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    settings: Settings,
    timeline: Arc<Timeline>,
    cloud_id: String,
    oauth: Option<AuthorizationServer>,
    address: SocketAddr,
    site_url: String,
    media_url: String,
    requests: AtomicU64,
    connections: AtomicU64,
    under_way: UnderWay,
    faults: Mutex<ActiveFaults>,
    log: Mutex<VecDeque<Request>>,
    observer: OnceLock<Observer>,
}

/// Who is told of each request.
struct Observer(Box<dyn Fn(&Request) + Send + Sync>);

impl fmt::Debug for Observer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Observer")
    }
}

/// How many requests are under way, and how many were at most.
#[derive(Debug, Default)]
struct UnderWay {
    now: AtomicU64,
    most: AtomicU64,
}

/// One request that is under way, until it is dropped.
struct OneUnderWay<'a>(&'a UnderWay);

impl UnderWay {
    fn enter(&self) -> OneUnderWay<'_> {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        OneUnderWay(self)
    }
}

impl Drop for OneUnderWay<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

#[derive(Debug)]
struct ActiveFaults {
    faults: Faults,
    requests: u64,
}

impl Simulator {
    /// Starts at a free port of 127.0.0.1. Needs a tokio runtime with I/O and time.
    ///
    /// # Errors
    ///
    /// The system gives no port.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        Self::start_at(settings, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await
    }

    /// Starts at this address. Port 0 takes any free one.
    ///
    /// # Errors
    ///
    /// The address is not a loopback address, is in use, or is refused by the system.
    pub async fn start_at(settings: Settings, address: SocketAddr) -> Result<Self, StartError> {
        let listener = listen(address).await?;
        let refused = |source: io::Error| StartError::Listen { address, source };
        let address = listener.local_addr().map_err(refused)?;
        // Files come from another origin: another port, which is free for sure.
        let media = TcpListener::bind(SocketAddr::new(address.ip(), 0))
            .await
            .map_err(refused)?;
        let media_address = media.local_addr().map_err(refused)?;
        let site = Site::generated(&settings);
        let cloud_id = site.cloud_id.clone();
        let site_url = format!("http://{address}");
        let oauth = settings.oauth.clone().map(|oauth| {
            let faults = settings.token_faults.clone();
            AuthorizationServer::new(oauth, settings.seed, &cloud_id, &site_url, faults)
        });
        let shared = Arc::new(Shared {
            timeline: Arc::new(Timeline::new(site, settings.index_lag)),
            cloud_id,
            oauth,
            address,
            site_url,
            media_url: format!("http://{media_address}"),
            requests: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            under_way: UnderWay::default(),
            faults: Mutex::new(ActiveFaults {
                faults: settings.faults.clone(),
                requests: 0,
            }),
            log: Mutex::new(VecDeque::new()),
            observer: OnceLock::new(),
            settings,
        });
        let accepting = [(listener, Host::Site), (media, Host::Media)]
            .map(|(listener, host)| tokio::spawn(accept(listener, host, Arc::clone(&shared))))
            .into();
        Ok(Self { shared, accepting })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn site_url(&self) -> String {
        self.shared.site_url.clone()
    }

    /// `http://127.0.0.1:PORT` of the host that files come from, at another port. It wants the
    /// token that is in the location of a download, and refuses credentials and cookies. Its
    /// requests are counted, logged and hit by faults together with the others.
    #[must_use]
    pub fn media_url(&self) -> String {
        self.shared.media_url.clone()
    }

    /// The base of REST v2 at the site: `http://127.0.0.1:PORT/wiki/api/v2/`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("{}/wiki/api/v2/", self.shared.site_url)
    }

    /// The base of REST v2 at the gateway:
    /// `http://127.0.0.1:PORT/ex/confluence/CLOUD-ID/wiki/api/v2/`.
    #[must_use]
    pub fn gateway_endpoint(&self) -> String {
        format!(
            "{}/ex/confluence/{}/wiki/api/v2/",
            self.shared.site_url, self.shared.cloud_id
        )
    }

    /// The last 10 000 requests. Each is there before its answer is sent.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        locked(&self.shared.log).iter().cloned().collect()
    }

    /// Tells `observer` of each request from now on, before its answer is sent. The first observer
    /// stays the only one.
    pub fn observe(&self, observer: impl Fn(&Request) + Send + Sync + 'static) {
        // A second one is dropped, as said above.
        let _ = self.shared.observer.set(Observer(Box::new(observer)));
    }

    /// Requests since the start.
    #[must_use]
    pub fn request_count(&self) -> u64 {
        self.shared.requests.load(Ordering::SeqCst)
    }

    /// Connections accepted since the start.
    #[must_use]
    pub fn connection_count(&self) -> u64 {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// The most requests that were under way at once since the start: read, and their answer not
    /// yet begun.
    #[must_use]
    pub fn most_at_once(&self) -> u64 {
        self.shared.under_way.most.load(Ordering::SeqCst)
    }

    /// Replaces the faults. The number that they count requests by starts again at 1.
    pub fn set_faults(&self, faults: Faults) {
        *locked(&self.shared.faults) = ActiveFaults {
            faults,
            requests: 0,
        };
    }

    /// The requests to the token endpoint since the start, in their order. Empty without an
    /// authorization server.
    #[must_use]
    pub fn token_requests(&self) -> Vec<TokenRequest> {
        self.oauth()
            .map(AuthorizationServer::requests)
            .unwrap_or_default()
    }

    /// Replaces what goes wrong with the next requests to the token endpoint, one after the other.
    pub fn set_token_faults(&self, faults: Vec<TokenFault>) {
        if let Some(oauth) = self.oauth() {
            oauth.set_faults(faults);
        }
    }

    /// Gives the registered app another secret.
    pub fn set_client_secret(&self, secret: &str) {
        if let Some(oauth) = self.oauth() {
            oauth.set_secret(secret);
        }
    }

    /// Has `expires_in` say another life than tokens have, from now on. With `None`, the truth.
    pub fn announce_token_life(&self, life: Option<std::time::Duration>) {
        if let Some(oauth) = self.oauth() {
            oauth.announce(life);
        }
    }

    /// Lets one answer go that [`TokenFault::Held`] holds, or the next one.
    pub fn release_token_answer(&self) {
        if let Some(oauth) = self.oauth() {
            oauth.release();
        }
    }

    /// Ends the life of all access tokens. Refresh tokens live on.
    pub fn expire_access_tokens(&self) {
        if let Some(oauth) = self.oauth() {
            oauth.expire();
        }
    }

    /// Revokes the consent to all grants so far.
    pub fn revoke_grants(&self) {
        if let Some(oauth) = self.oauth() {
            oauth.revoke();
        }
    }

    /// Access tokens and refresh tokens that were issued. They must turn up nowhere.
    #[must_use]
    pub fn issued_tokens(&self) -> Vec<String> {
        self.oauth()
            .map(AuthorizationServer::tokens)
            .unwrap_or_default()
    }

    /// Refresh tokens that were issued and not used yet.
    #[must_use]
    pub fn unused_refresh_tokens(&self) -> usize {
        self.oauth()
            .map(AuthorizationServer::unused_refresh_tokens)
            .unwrap_or_default()
    }

    fn oauth(&self) -> Option<&AuthorizationServer> {
        self.shared.oauth.as_ref()
    }

    /// The truth that the answers are made from now. What is returned does not change with mutations.
    #[must_use]
    pub fn site(&self) -> Arc<Site> {
        self.shared.timeline.site()
    }

    /// Changes the site. Requests that are answered from now on see it.
    ///
    /// # Errors
    ///
    /// What it names is not there, or cannot be changed so. Nothing is changed then.
    pub fn mutate(&self, mutation: &Mutation) -> Result<Change, MutationError> {
        self.shared.timeline.mutate(mutation)
    }

    /// All changes since the start, in their order.
    #[must_use]
    pub fn journal(&self) -> Vec<Change> {
        self.shared.timeline.journal()
    }

    /// Has search know the site as it is now.
    pub fn flush_index(&self) {
        self.shared.timeline.flush_index();
    }

    /// Puts the clock of the site forward: the `Date` of its answers. Cadences of clients that count
    /// in the time of the site pass without waiting.
    pub fn advance_clock(&self, by: Duration) {
        self.shared.timeline.advance_clock(by);
    }

    /// Serves the control interface at this address, and returns where it listens. Port 0 takes any
    /// free one. `POST /mutations` takes mutations as JSON, one or many; `GET /journal` and
    /// `GET /content` return what happened and what there is.
    ///
    /// # Errors
    ///
    /// The address is not a loopback address, is in use, or is refused by the system.
    pub async fn serve_control(&mut self, address: SocketAddr) -> Result<SocketAddr, StartError> {
        let listener = listen(address).await?;
        let address = listener
            .local_addr()
            .map_err(|source| StartError::Listen { address, source })?;
        let timeline = Arc::clone(&self.shared.timeline);
        self.accepting
            .push(tokio::spawn(control::accept(listener, timeline)));
        Ok(address)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // The connections are tasks of a set that the aborted task owns, and end with it.
        for accepting in &self.accepting {
            accepting.abort();
        }
    }
}

/// A listener at a loopback address.
async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    if !address.ip().is_loopback() {
        return Err(StartError::NotLoopback { address });
    }
    let listener = TcpListener::bind(address).await;
    listener.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => StartError::AddressInUse { address },
        _ => StartError::Listen { address, source },
    })
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is guarded is whole between any two statements, so a panic elsewhere spoils nothing.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, host: Host, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    shared.connections.fetch_add(1, Ordering::SeqCst);
                    connections.spawn(serve(stream, host, Arc::clone(&shared)));
                } else {
                    // Out of descriptors, mostly: others have to close first.
                    tokio::task::yield_now().await;
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, host: Host, shared: Arc<Shared>) {
    // Answers are written in few pieces; waiting to fill a packet costs 40 ms each.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| answer(request, host, Arc::clone(&shared)));
    let connection = hyper::server::conn::http1::Builder::new()
        // Who has sent less than it announced is told so.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service);
    // A connection that ends badly is the client's affair, or a fault doing its work.
    let _ = connection.await;
}

async fn answer(
    mut request: hyper::Request<Incoming>,
    host: Host,
    shared: Arc<Shared>,
) -> Result<Response<Body>, io::Error> {
    let number = shared.requests.fetch_add(1, Ordering::SeqCst) + 1;
    let fault = {
        let mut active = locked(&shared.faults);
        active.requests += 1;
        active.faults.for_request(active.requests).cloned()
    };
    let _under_way = shared.under_way.enter();
    let sent = sent(request.body_mut(), MAX_SENT).await;
    let uri = request.uri();
    let authorization = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let (site, index) = shared.timeline.states();
    let silent = matches!(fault, Some(Fault::Stall | Fault::Reset));
    let mut wait = shared.settings.latency;
    let mut is_held = false;
    let oauth = shared
        .oauth
        .as_ref()
        .filter(|_| matches!(fault, None | Some(Fault::Slow(_))) && host == Host::Site)
        .zip(sent.as_ref().ok())
        .and_then(|(oauth, sent)| {
            let query = uri.query().unwrap_or_default();
            let method = request.method().as_str();
            oauth.answer(method, uri.path(), query, authorization, sent)
        });
    let answer = match oauth {
        Some(OauthAnswer::Closed) => None,
        Some(OauthAnswer::After(later, answer)) => {
            wait += later;
            Some(answer)
        }
        Some(OauthAnswer::Held(answer)) => {
            is_held = true;
            Some(answer)
        }
        None if silent => None,
        None => Some(route::answer(&Asked {
            host,
            site: &site,
            index: &index,
            oauth: shared.oauth.as_ref(),
            site_url: &shared.site_url,
            media_url: &shared.media_url,
            has_cookies: request.headers().contains_key(COOKIE),
            now: shared.timeline.clock(),
            sent: sent.as_deref().map_err(|unread| *unread),
            demanded: shared.settings.credential.as_deref(),
            number,
            fault: fault.as_ref(),
            method: request.method().as_str(),
            path: uri.path(),
            query: uri.query().unwrap_or_default(),
            authorization,
        })),
    };
    shared.log(
        &request,
        number,
        answer.as_ref().map_or(0, |answer| answer.status),
    );
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    if let Some(oauth) = shared.oauth.as_ref().filter(|_| is_held) {
        oauth.held().await;
    }
    match (fault, answer) {
        (Some(Fault::Stall), _) => {
            let never = std::future::pending::<Infallible>().await;
            match never {}
        }
        (_, None) => Err(io::Error::other("closed on purpose")),
        (Some(Fault::Slow(delay)), Some(answer)) => {
            tokio::time::sleep(delay).await;
            Ok(shared.dressed(answer, number))
        }
        (_, Some(answer)) => Ok(shared.dressed(answer, number)),
    }
}

impl Shared {
    fn log(&self, request: &hyper::Request<Incoming>, number: u64, status: u16) {
        let header = |(name, value): (&HeaderName, &HeaderValue)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        };
        let entry = Request {
            number,
            method: request.method().to_string(),
            path_and_query: request
                .uri()
                .path_and_query()
                .map_or_else(String::new, ToString::to_string),
            headers: request.headers().iter().map(header).collect(),
            status,
            trace_id: self.trace_id(number),
        };
        let mut log = locked(&self.log);
        // While the log is held, so that requests are told in the order in which they stand there.
        if let Some(observer) = self.observer.get() {
            (observer.0)(&entry);
        }
        if log.len() == LOGGED {
            log.pop_front();
        }
        log.push_back(entry);
    }

    fn trace_id(&self, number: u64) -> String {
        hex(self.settings.seed, 600, number)
    }

    /// The answer with the headers that every answer of the service has. `date` and
    /// `content-length` come from the HTTP library.
    fn dressed(&self, answer: Answer, number: u64) -> Response<Body> {
        let trace = self.trace_id(number);
        let mut response = Response::new(answer.body);
        *response.status_mut() =
            StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
        for (name, value) in [
            ("server", "AtlassianEdge"),
            ("vary", "Accept-Encoding"),
            ("x-content-type-options", "nosniff"),
            ("x-xss-protection", "1; mode=block"),
            ("strict-transport-security", "max-age=63072000; preload"),
            ("content-language", "en-US"),
            (
                "beta-ratelimit-policy",
                "\"global-app-quota\";q=65000;w=3600",
            ),
            ("x-cache", "Miss from cloudfront"),
        ] {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        let request_id = uuid(self.settings.seed, 601, number);
        if let Some(clock) = self.timeline.own_clock() {
            // Without one, the HTTP library writes the time of the machine.
            if let Ok(value) = HeaderValue::from_str(&http_date(clock)) {
                headers.insert(DATE, value);
            }
        }
        let own = [
            ("x-trace-id", trace.clone()),
            ("atl-traceid", trace),
            ("atl-request-id", request_id),
        ];
        for (name, value) in own.into_iter().chain(answer.headers) {
            // Values come from the site and from the request, where a header may hold them.
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.append(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
