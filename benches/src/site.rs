//! The site: one space of pages, answered from memory.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::storage_body;

/// What the site has.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    /// How many pages.
    pub pages: usize,
    /// How many of them an answer holds.
    pub per_answer: usize,
    /// Bytes of each body, or 0 for none.
    pub body_bytes: usize,
    /// How long an answer takes, in milliseconds.
    pub latency_ms: usize,
}

impl Site {
    /// Every answer, in order.
    fn answers(self, base: &str) -> Vec<Bytes> {
        let count = self.pages.div_ceil(self.per_answer);
        (0..count)
            .map(|answer| {
                let first = answer * self.per_answer;
                let rows: Vec<String> = (first..self.pages.min(first + self.per_answer))
                    .map(|number| self.row(number))
                    .collect();
                let next = if answer + 1 < count {
                    format!(
                        r#""next":"/wiki/api/v2/pages?cursor={}&limit=250","#,
                        answer + 1
                    )
                } else {
                    String::new()
                };
                Bytes::from(format!(
                    r#"{{"results":[{}],"_links":{{{next}"base":"{base}"}}}}"#,
                    rows.join(",")
                ))
            })
            .collect()
    }

    /// One page as Confluence writes it: 680 bytes without a body.
    fn row(self, number: usize) -> String {
        let id = 98_304 + number * 32;
        let body = match self.body_bytes {
            0 => "{}".to_owned(),
            bytes => format!(
                r#"{{"storage":{{"representation":"storage","value":{}}}}}"#,
                serde_json::Value::from(storage_body(number, bytes))
            ),
        };
        format!(
            r#"{{"parentType":"page","parentId":"65538","spaceId":"65537","ownerId":"712020:6a1f0c1e-8d0b-4a55-9f0e-0c5b1a2d3e4f","lastOwnerId":null,"createdAt":"2025-11-03T09:41:27.512Z","authorId":"712020:6a1f0c1e-8d0b-4a55-9f0e-0c5b1a2d3e4f","version":{{"number":7,"message":"","minorEdit":false,"authorId":"712020:6a1f0c1e-8d0b-4a55-9f0e-0c5b1a2d3e4f","createdAt":"2026-08-21T15:02:11.094Z","ncsStepVersion":null}},"position":{number},"title":"Run book of the import, part {number}","status":"current","body":{body},"id":"{id}","_links":{{"editui":"/pages/resumedraft.action?draftId={id}","webui":"/spaces/ENG/pages/{id}/Run+book+of+the+import+part+{number}","edituiv2":"/spaces/ENG/pages/edit-v2/{id}","tinyui":"/x/AYAB"}}}}"#
        )
    }

    /// Answers until the process ends. `told` is given the endpoint once it listens.
    ///
    /// # Errors
    ///
    /// What the operating system said about the socket.
    pub async fn serve(self, told: impl FnOnce(&str)) -> std::io::Result<()> {
        // All of 127.0.0.0/8, so that each tenant may have an address of its own.
        let listener = TcpListener::bind(("0.0.0.0", 0)).await?;
        let base = format!("http://127.0.0.1:{}/wiki", listener.local_addr()?.port());
        let answers = Arc::new(self.answers(&base));
        told(&format!("{base}/api/v2/"));
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let answers = Arc::clone(&answers);
            tokio::spawn(async move {
                let latency = Duration::from_millis(self.latency_ms as u64);
                let service = service_fn(move |request: Request<Incoming>| {
                    let answer = answer(&answers, &request);
                    async move {
                        if !latency.is_zero() {
                            tokio::time::sleep(latency).await;
                        }
                        Ok::<_, std::convert::Infallible>(answer)
                    }
                });
                let _ = hyper::server::conn::http1::Builder::new()
                    // No timeout: a client that computes for a while keeps its connection.
                    .header_read_timeout(None)
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    }
}

fn answer(answers: &[Bytes], request: &Request<Incoming>) -> Response<Full<Bytes>> {
    if request.uri().path().ends_with("/rest/api/user/current") {
        return json(Some(who_asks(request)));
    }
    let query = request.uri().query().unwrap_or_default();
    let cursor = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("cursor="))
        .map_or(Some(0), |cursor| cursor.parse().ok());
    let body = cursor.and_then(|at: usize| answers.get(at)).cloned();
    json(body)
}

/// The account of whoever asks is what it shows: so that one tenant's answer is told from another's.
fn who_asks(request: &Request<Incoming>) -> Bytes {
    let shown = request
        .headers()
        .get(http::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    // Not what was shown itself: the host cuts an answer that repeats it.
    let hash = shown.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let host = request.headers().get(http::header::HOST);
    let host = host
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    Bytes::from(format!(
        r#"{{"type":"known","accountId":"{hash:016x}","accountType":"atlassian","publicName":"{host}"}}"#
    ))
}

fn json(body: Option<Bytes>) -> Response<Full<Bytes>> {
    let status = if body.is_some() { 200 } else { 404 };
    let mut response = Response::new(Full::new(body.unwrap_or_default()));
    *response.status_mut() = http::StatusCode::from_u16(status).expect("both are statuses");
    response.headers_mut().insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static("application/json"),
    );
    response
}

/// A site in a process of its own, which ends with this.
pub struct RunningSite {
    process: Child,
    endpoint: String,
}

impl RunningSite {
    /// Starts `program`, which is `benchmark-site`.
    #[must_use]
    pub fn start(program: &Path, site: Site) -> Self {
        let mut process = Command::new(program)
            .args(
                [
                    site.pages,
                    site.per_answer,
                    site.body_bytes,
                    site.latency_ms,
                ]
                .map(|number| number.to_string()),
            )
            .stdout(Stdio::piped())
            .spawn()
            .expect("the site starts");
        let mut endpoint = String::new();
        let output = process.stdout.take().expect("it was asked for");
        BufReader::new(output)
            .read_line(&mut endpoint)
            .expect("the site tells its endpoint");
        Self {
            process,
            endpoint: endpoint.trim().to_owned(),
        }
    }

    /// `http://127.0.0.1:PORT/wiki/api/v2/`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

impl Drop for RunningSite {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
