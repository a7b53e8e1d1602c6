//! A server with as much of S3 as a copy needs. It refuses what S3 refuses, and what a copy must not do:
//! a request without a signature or checksum, and one that could overwrite an object.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::Notify;

pub const SECRET: &str = "sesame/open+secret";
pub const TOKEN: &str = "session-token-of-the-test";

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is answered with a status, and nothing else happens.
    Status(u16),
    /// It is done, and answered with 500.
    Lost,
    /// It is done, and the connection closes without an answer.
    Breaks,
    /// It is done, and overwrites.
    Overwrites,
    /// It is never answered.
    Hangs,
    /// It waits until so many lists were answered.
    AfterLists(usize),
}

/// Marks an answer that is not sent.
#[derive(Clone)]
struct Unanswered;

type Faults = Box<dyn FnMut(&str, &str) -> Option<Fault> + Send>;

/// What it has.
#[derive(Debug, Default)]
pub struct State {
    pub objects: BTreeMap<String, Bytes>,
    /// Method and key of each request.
    pub requests: Vec<(String, String)>,
    lists: usize,
    etags: usize,
}

/// The server. Its bucket is `wiki`, and its user `reader`.
pub struct StrictStore {
    pub state: Mutex<State>,
    pub origin: String,
    /// When a request hangs.
    pub hangs: Notify,
    listed: Notify,
    faults: Mutex<Faults>,
}

impl std::fmt::Debug for StrictStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StrictStore")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl StrictStore {
    /// Starts one on a port of its own.
    pub async fn start() -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let store = Arc::new(Self {
            state: Mutex::default(),
            origin: format!("http://{}", listener.local_addr().unwrap()),
            hangs: Notify::new(),
            listed: Notify::new(),
            faults: Mutex::new(Box::new(|_, _| None)),
        });
        let server = Arc::clone(&store);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let server = Arc::clone(&server);
                let service = service_fn(move |request| {
                    let server = Arc::clone(&server);
                    async move {
                        let answer = server.answer(request).await;
                        match answer.extensions().get::<Unanswered>() {
                            None => Ok(answer),
                            Some(Unanswered) => Err(io::Error::from(io::ErrorKind::Other)),
                        }
                    }
                });
                let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(serving);
            }
        });
        store
    }

    /// Has requests fail, by method and key.
    pub fn fail(&self, faults: impl FnMut(&str, &str) -> Option<Fault> + Send + 'static) {
        *self.faults.lock().unwrap() = Box::new(faults);
    }

    pub fn count(&self, is_counted: impl Fn(&str, &str) -> bool) -> usize {
        let state = self.state.lock().unwrap();
        let requests = state.requests.iter();
        requests
            .filter(|(method, key)| is_counted(method, key))
            .count()
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let Ok(body) = body.collect().await else {
            return error(400, "IncompleteBody");
        };
        let body = body.to_bytes();
        let header = |name: &str| head.headers.get(name).map(|it| it.to_str().unwrap());
        let method = head.method.as_str().to_owned();
        let query: BTreeMap<String, String> =
            url::form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        let Some(key) = head.uri.path().strip_prefix("/wiki") else {
            return error(404, "NoSuchBucket");
        };
        let key = key.trim_start_matches('/');
        let key = percent_encoding::percent_decode_str(key).decode_utf8();
        let key = key.unwrap().into_owned();
        self.state
            .lock()
            .unwrap()
            .requests
            .push((method.clone(), key.clone()));
        let is_signed = header("authorization")
            .is_some_and(|it| it.starts_with("AWS4-HMAC-SHA256 Credential=reader/"));
        if !is_signed || header("x-amz-security-token") != Some(TOKEN) {
            return error(403, "AccessDenied");
        }
        let fault = (self.faults.lock().unwrap())(&method, &key);
        match fault {
            Some(Fault::Status(status)) => return error(status, "Injected"),
            Some(Fault::Hangs) => {
                self.hangs.notify_one();
                return std::future::pending().await;
            }
            Some(Fault::AfterLists(lists)) => loop {
                let listed = self.listed.notified();
                if self.state.lock().unwrap().lists >= lists {
                    break;
                }
                listed.await;
            },
            Some(Fault::Lost | Fault::Breaks | Fault::Overwrites) | None => {}
        }
        let mut answer = match head.method {
            Method::GET if key.is_empty() => self.list(&query),
            Method::GET | Method::HEAD => match self.state.lock().unwrap().objects.get(&key) {
                Some(object) => self.found(object.clone()),
                None => error(404, "NoSuchKey"),
            },
            Method::DELETE => {
                self.state.lock().unwrap().objects.remove(&key);
                Response::builder()
                    .status(204)
                    .body(Full::default())
                    .unwrap()
            }
            Method::PUT => {
                let digest = ring::digest::digest(&ring::digest::SHA256, &body);
                let checksum = STANDARD.encode(digest.as_ref());
                if header("x-amz-checksum-sha256") != Some(&checksum) {
                    return error(400, "BadDigest");
                }
                if header("if-none-match") != Some("*") {
                    return error(400, "CouldOverwrite");
                }
                let mut state = self.state.lock().unwrap();
                if state.objects.contains_key(&key) && fault != Some(Fault::Overwrites) {
                    return error(412, "PreconditionFailed");
                }
                state.objects.insert(key, body);
                state.etags += 1;
                // Not the digest of anything: with some encryptions it is none, either.
                let etag = format!("\"{:032x}\"", state.etags);
                let answer = Response::builder().header("etag", etag);
                answer.body(Full::default()).unwrap()
            }
            _ => error(405, "MethodNotAllowed"),
        };
        if fault == Some(Fault::Lost) {
            return error(500, "InternalError");
        }
        if fault == Some(Fault::Breaks) {
            answer.extensions_mut().insert(Unanswered);
        }
        answer
    }

    fn found(&self, object: Bytes) -> Response<Full<Bytes>> {
        Response::builder()
            .header("content-length", object.len())
            .header("last-modified", "Sun, 29 Nov 2026 12:00:00 GMT")
            .header("etag", "\"another\"")
            .body(Full::new(object))
            .unwrap()
    }

    fn list(&self, query: &BTreeMap<String, String>) -> Response<Full<Bytes>> {
        if query.get("list-type").map(String::as_str) != Some("2") {
            return error(400, "InvalidArgument");
        }
        let of = |name: &str| query.get(name).cloned().unwrap_or_default();
        // Pages of two, so that more than one is read.
        let after = of("start-after").max(of("continuation-token"));
        let mut state = self.state.lock().unwrap();
        let keys = state.objects.iter();
        let keys: Vec<(String, usize)> = keys
            .filter(|(key, _)| key.starts_with(&of("prefix")) && **key > after)
            .map(|(key, object)| (key.clone(), object.len()))
            .take(3)
            .collect();
        let is_truncated = keys.len() > 2;
        let mut page = keys.iter().take(2);
        let contents: String = page
            .clone()
            .map(|(key, size)| format!(
                "<Contents><Key>{key}</Key><LastModified>2026-11-29T12:00:00.000Z</LastModified><ETag>\"x\"</ETag><Size>{size}</Size></Contents>"
            ))
            .collect();
        let next = page.next_back().filter(|_| is_truncated);
        let next = next.map_or_else(String::new, |(key, _)| {
            format!("<NextContinuationToken>{key}</NextContinuationToken>")
        });
        state.lists += 1;
        self.listed.notify_waiters();
        let text = format!(
            "<ListBucketResult><IsTruncated>{is_truncated}</IsTruncated>{contents}{next}</ListBucketResult>"
        );
        Response::builder()
            .body(Full::new(Bytes::from(text)))
            .unwrap()
    }
}

/// A body that repeats what nobody may see again.
fn error(status: u16, code: &str) -> Response<Full<Bytes>> {
    let text = format!("<Error><Code>{code}</Code><Message>{SECRET} {TOKEN}</Message></Error>");
    Response::builder()
        .status(status)
        .body(Full::new(Bytes::from(text)))
        .unwrap()
}
