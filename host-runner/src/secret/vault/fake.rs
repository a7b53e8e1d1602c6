//! Stand-ins for Vault on the loopback interface, for tests.
//!
//! [`Fake`] keeps state and answers as Vault's KV version 2 does, word for word as OpenBao 2.7.2
//! was seen to; whatever the API does not document it counts as a fault of the client.
//! [`Scripted`] answers bytes, one script a connection, whatever is asked.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::{VaultAddress, VaultSettings, VaultToken};

/// What the stand-ins want in `X-Vault-Token`.
pub(crate) const VAULT_TOKEN: &str = "hvs.open-the-vault-4711";

pub(crate) fn settings(address: VaultAddress) -> VaultSettings {
    VaultSettings::new(address, VaultToken::parse(VAULT_TOKEN, "test").unwrap())
}

async fn listen() -> (TcpListener, VaultAddress) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    (listener, VaultAddress::parse(&address).unwrap())
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Version {
    Live(Map<String, Value>),
    Deleted(Map<String, Value>),
    Destroyed,
}

#[derive(Default)]
pub(crate) struct State {
    /// Versions by path in the mount; the first is version 1.
    pub(crate) secrets: BTreeMap<String, Vec<Version>>,
    /// Method and path of every request, as in `GET data/host-runner/…`.
    pub(crate) requests: Vec<String>,
    /// What no client of Vault would send.
    pub(crate) faults: Vec<String>,
    /// Starts of [`State::requests`] that the policy does not grant.
    pub(crate) denied: Vec<&'static str>,
    /// Writes of somebody else, each made right before one of the client's.
    pub(crate) interleaved: VecDeque<Map<String, Value>>,
    /// The token that requests have to show, where it is no longer [`VAULT_TOKEN`].
    pub(crate) token: Option<&'static str>,
    /// The namespace that requests have to name.
    pub(crate) namespace: Option<&'static str>,
}

/// A KV version 2 engine at `secret`.
pub(crate) struct Fake {
    pub(crate) address: VaultAddress,
    state: Arc<Mutex<State>>,
}

impl Fake {
    pub(crate) async fn start() -> Self {
        let (listener, address) = listen().await;
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                let service = service_fn(move |request| answer(Arc::clone(&state), request));
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self { address, state }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let state = self.state.lock().unwrap();
            assert!(state.faults.is_empty(), "{:?}", state.faults);
        }
    }
}

async fn answer(
    state: Arc<Mutex<State>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let (status, answer) =
        state
            .lock()
            .unwrap()
            .answer(&head.method, head.uri.path(), &head.headers, &body);
    let body = if answer.is_null() {
        Bytes::new()
    } else {
        Bytes::from(answer.to_string())
    };
    Ok(Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Full::new(body))
        .unwrap())
}

type Reply = (u16, Value);

fn errors(status: u16, words: &str) -> Reply {
    (status, json!({ "errors": [words] }))
}

impl State {
    fn fault(&mut self, what: String) -> Reply {
        self.faults.push(what);
        errors(400, "fault")
    }

    fn answer(&mut self, method: &Method, path: &str, headers: &HeaderMap, body: &[u8]) -> Reply {
        let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
        if header("x-vault-request") != Some("true") {
            return self.fault("no X-Vault-Request".to_owned());
        }
        if header("x-vault-namespace") != self.namespace {
            return self.fault(format!("namespace {:?}", header("x-vault-namespace")));
        }
        if (header("content-type") == Some("application/json")) == body.is_empty() {
            return self.fault(format!("content type of {method} {path}"));
        }
        let Some(path) = path.strip_prefix("/v1/") else {
            return self.fault(format!("path {path}"));
        };
        let path = percent_decode_str(path).decode_utf8().unwrap().into_owned();
        let Some(path) = path.strip_prefix("secret/") else {
            return errors(
                404,
                &format!("no handler for route \"{path}\". route entry not found."),
            );
        };
        let request = format!("{method} {path}");
        self.requests.push(request.clone());
        if header("x-vault-token") != Some(self.token.unwrap_or(VAULT_TOKEN))
            || self.denied.iter().any(|denied| request.starts_with(denied))
        {
            return errors(403, "1 error occurred:\n\t* permission denied\n\n");
        }
        let (area, key) = path.split_once('/').unwrap();
        match (method.as_str(), area) {
            ("GET", "data") if body.is_empty() => self.read(key),
            ("POST", "data") => self.write(key, body),
            ("POST" | "PUT", "destroy") => self.destroy(key, body),
            ("DELETE", "metadata") if body.is_empty() => {
                self.secrets.remove(key);
                (204, Value::Null)
            }
            _ => self.fault(request),
        }
    }

    fn read(&self, key: &str) -> Reply {
        let Some(versions) = self.secrets.get(key) else {
            return (404, json!({ "errors": [] }));
        };
        let (status, data, deleted, destroyed) = match versions.last().unwrap() {
            Version::Live(data) => (200, json!(data), "", false),
            Version::Deleted(_) => (404, Value::Null, "2026-11-22T11:07:06.887850089Z", false),
            Version::Destroyed => (404, Value::Null, "", true),
        };
        let metadata = json!({
            "created_time": "2026-11-22T11:07:06.859156961Z", "custom_metadata": null,
            "deletion_time": deleted, "destroyed": destroyed, "version": versions.len(),
        });
        let data = json!({ "data": data, "metadata": metadata });
        (
            status,
            json!({ "request_id": "x", "data": data, "warnings": null }),
        )
    }

    fn write(&mut self, key: &str, body: &[u8]) -> Reply {
        if let Some(data) = self.interleaved.pop_front() {
            let versions = self.secrets.entry(key.to_owned()).or_default();
            versions.push(Version::Live(data));
        }
        let body: Value = serde_json::from_slice(body).unwrap();
        let shape = body.as_object().map(|body| body.keys().collect::<Vec<_>>());
        let cas = body.pointer("/options/cas").and_then(Value::as_u64);
        let data = body.get("data").and_then(Value::as_object);
        let (Some(cas), Some(data), 2) = (cas, data, shape.unwrap_or_default().len()) else {
            return self.fault(format!("write of {body}"));
        };
        let newest = self.secrets.get(key).map_or(0, Vec::len);
        if cas != newest as u64 {
            return errors(
                400,
                "check-and-set parameter did not match the current version",
            );
        }
        let versions = self.secrets.entry(key.to_owned()).or_default();
        versions.push(Version::Live(data.clone()));
        let data = json!({
            "created_time": "2026-11-22T11:07:06.859156961Z", "custom_metadata": null,
            "deletion_time": "", "destroyed": false, "version": versions.len(),
        });
        (
            200,
            json!({ "request_id": "x", "data": data, "warnings": null }),
        )
    }

    fn destroy(&mut self, key: &str, body: &[u8]) -> Reply {
        let body: Value = serde_json::from_slice(body).unwrap();
        let numbers = body.get("versions").and_then(Value::as_array);
        let Some(numbers) = numbers.filter(|numbers| !numbers.is_empty()) else {
            return self.fault(format!("destruction of {body}"));
        };
        let numbers: Vec<u64> = numbers.iter().map(|n| n.as_u64().unwrap()).collect();
        for (index, version) in self
            .secrets
            .entry(key.to_owned())
            .or_default()
            .iter_mut()
            .enumerate()
        {
            if numbers.contains(&(index as u64 + 1)) {
                *version = Version::Destroyed;
            }
        }
        (204, Value::Null)
    }
}

/// Answers each connection with the next script, the last one for good, and closes it.
pub(crate) struct Scripted {
    pub(crate) address: VaultAddress,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    pub(crate) async fn start(scripts: Vec<Vec<u8>>) -> Self {
        let (listener, address) = listen().await;
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            let mut scripts = VecDeque::from(scripts);
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream = BufReader::new(stream);
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    if stream.read_until(b'\n', &mut head).await.unwrap_or(0) == 0 {
                        break;
                    }
                }
                let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: "))
                    .map_or(0, |length| length.parse().unwrap());
                let mut body = vec![0; length];
                stream.read_exact(&mut body).await.unwrap();
                let line = head.lines().next().unwrap_or_default().to_owned();
                seen.lock().unwrap().push(line);
                let script = if scripts.len() > 1 {
                    scripts.pop_front()
                } else {
                    scripts.front().cloned()
                };
                // A client that has seen enough closes first.
                let _ = stream.write_all(&script.unwrap_or_default()).await;
                let _ = stream.shutdown().await;
            }
        });
        Self { address, requests }
    }

    /// Method, path and protocol of every request, in lower case.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// A whole answer with a JSON, or any, body.
pub(crate) fn script(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}")
        .into_bytes()
}
