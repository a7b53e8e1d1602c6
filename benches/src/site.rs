//! The site: spaces of pages, answered from memory.

use std::convert::Infallible;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use tokio::net::TcpListener;

use crate::seen::Counters;
use crate::storage_body;
use crate::wire::Wire;

/// The id of the first page.
const FIRST_ID: usize = 98_304;

/// From one id to the next.
const ID_STEP: usize = 32;

/// The id of the first space. The others follow it.
const FIRST_SPACE: usize = 65_537;

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
    /// How many spaces. The pages of each follow one another.
    pub spaces: usize,
}

/// What the site answers to lists.
struct Answers {
    spaces: Bytes,
    /// Those of all pages.
    all: Vec<Answer>,
    /// Those of each space.
    of_spaces: Vec<Vec<Answer>>,
}

/// An answer of a list: what it says, and what its header `link` says.
struct Answer {
    body: Bytes,
    link: http::HeaderValue,
}

impl Site {
    fn answers(self, base: &str) -> Answers {
        let spaces = 0..self.spaces;
        let described: Vec<String> = spaces.clone().map(Self::space).collect();
        Answers {
            spaces: format!(r#"{{"results":[{}],"_links":{{}}}}"#, described.join(",")).into(),
            all: self.list(base, 0..self.pages),
            // Those of the only space are those of all.
            of_spaces: spaces
                .filter(|_| self.spaces > 1)
                .map(|space| self.list(base, self.first_of(space)..self.first_of(space + 1)))
                .collect(),
        }
    }

    /// The number of the first page of a space.
    const fn first_of(self, space: usize) -> usize {
        (self.pages * space).div_ceil(self.spaces)
    }

    fn space(number: usize) -> String {
        let id = FIRST_SPACE + number;
        format!(
            r#"{{"id":"{id}","key":"ENG{number}","name":"Engineering {number}","type":"global","status":"current","authorId":"712020:6a1f0c1e-8d0b-4a55-9f0e-0c5b1a2d3e4f","createdAt":"2020-01-07T08:30:00.000Z","homepageId":"65538","_links":{{"webui":"/spaces/ENG{number}"}}}}"#
        )
    }

    /// The answers of a list of pages, in order.
    fn list(self, base: &str, pages: Range<usize>) -> Vec<Answer> {
        let count = pages.len().div_ceil(self.per_answer).max(1);
        (0..count)
            .map(|answer| {
                let first = pages.start + answer * self.per_answer;
                let rows: Vec<String> = (first..pages.end.min(first + self.per_answer))
                    .map(|number| self.row(number))
                    .collect();
                let space = FIRST_SPACE + first * self.spaces / self.pages.max(1);
                let of_space = if pages.len() == self.pages {
                    String::new()
                } else {
                    format!("space-id={space}&")
                };
                let next = (answer + 1 < count).then(|| {
                    let cursor = answer + 1;
                    format!("/wiki/api/v2/pages?{of_space}cursor={cursor}&limit=250")
                });
                let in_header = next
                    .as_ref()
                    .map(|next| format!("<{next}>; rel=\"next\", "));
                let in_body = next.map(|next| format!(r#""next":"{next}","#));
                let link = format!("{}<{base}>; rel=\"base\"", in_header.unwrap_or_default());
                Answer {
                    body: Bytes::from(format!(
                        r#"{{"results":[{}],"_links":{{{}"base":"{base}"}}}}"#,
                        rows.join(","),
                        in_body.unwrap_or_default()
                    )),
                    link: link.parse().expect("it is a header's value"),
                }
            })
            .collect()
    }

    /// The id of a page.
    #[must_use]
    pub fn id(number: usize) -> String {
        (FIRST_ID + number * ID_STEP).to_string()
    }

    /// The page of that id, if there is one.
    fn page(self, id: &str) -> Option<Bytes> {
        let above = id.parse::<usize>().ok()?.checked_sub(FIRST_ID)?;
        let number = above / ID_STEP;
        (above % ID_STEP == 0 && number < self.pages).then(|| self.row(number).into())
    }

    /// One page as Confluence writes it: 680 bytes without a body.
    fn row(self, number: usize) -> String {
        let id = Self::id(number);
        let space = FIRST_SPACE + number * self.spaces / self.pages;
        let body = match self.body_bytes {
            0 => "{}".to_owned(),
            bytes => format!(
                r#"{{"storage":{{"representation":"storage","value":{}}}}}"#,
                serde_json::Value::from(storage_body(number, bytes))
            ),
        };
        format!(
            r#"{{"parentType":"page","parentId":"65538","spaceId":"{space}","ownerId":"712020:6a1f0c1e-8d0b-4a55-9f0e-0c5b1a2d3e4f","lastOwnerId":null,"createdAt":"2025-11-03T09:41:27.512Z","authorId":"712020:6a1f0c1e-8d0b-4a55-9f0e-0c5b1a2d3e4f","version":{{"number":7,"message":"","minorEdit":false,"authorId":"712020:6a1f0c1e-8d0b-4a55-9f0e-0c5b1a2d3e4f","createdAt":"2026-08-21T15:02:11.094Z","ncsStepVersion":null}},"position":{number},"title":"Run book of the import, part {number}","status":"current","body":{body},"id":"{id}","_links":{{"editui":"/pages/resumedraft.action?draftId={id}","webui":"/spaces/ENG/pages/{id}/Run+book+of+the+import+part+{number}","edituiv2":"/spaces/ENG/pages/edit-v2/{id}","tinyui":"/x/AYAB"}}}}"#
        )
    }

    /// Answers until the process ends. `told` is given the endpoint once it listens.
    ///
    /// # Errors
    ///
    /// What the operating system said about the socket.
    pub async fn serve(
        self,
        wire: Wire,
        counters: Arc<Counters>,
        told: impl FnOnce(&str),
    ) -> std::io::Result<()> {
        // All of 127.0.0.0/8, so that each tenant may have an address of its own.
        let listener = TcpListener::bind(("0.0.0.0", 0)).await?;
        let port = listener.local_addr()?.port();
        let base = format!("{}://127.0.0.1:{port}/wiki", wire.scheme());
        let answers = Arc::new(self.answers(&base));
        let acceptor = wire.acceptor();
        let latency = Duration::from_millis(self.latency_ms as u64);
        told(&format!("{base}/api/v2/"));
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            counters.connection();
            let (answers, counters) = (Arc::clone(&answers), Arc::clone(&counters));
            let service = service_fn(move |request: Request<Incoming>| {
                counters.request(request.version());
                let answer = self.answer(&answers, &request);
                async move {
                    if !latency.is_zero() {
                        tokio::time::sleep(latency).await;
                    }
                    Ok::<_, Infallible>(answer)
                }
            });
            tokio::spawn(acceptor.clone().serve(stream, service));
        }
    }

    fn answer(self, answers: &Answers, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path();
        if path.ends_with("/rest/api/user/current") {
            return json(Some(who_asks(request)));
        }
        if let Some((_, id)) = path.split_once("/api/v2/pages/") {
            return json(self.page(id));
        }
        if path.ends_with("/api/v2/spaces") {
            return json(Some(answers.spaces.clone()));
        }
        let query = request.uri().query().unwrap_or_default();
        let parameter = |name: &str| {
            query
                .split('&')
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        };
        let list = match parameter("space-id") {
            Some(id) if self.spaces > 1 => id
                .parse::<usize>()
                .ok()
                .and_then(|id| answers.of_spaces.get(id.checked_sub(FIRST_SPACE)?)),
            _ => Some(&answers.all),
        };
        let cursor = parameter("cursor").map_or(Some(0), |cursor| cursor.parse().ok());
        let listed = cursor.and_then(|at: usize| list?.get(at));
        let mut response = json(listed.map(|answer| answer.body.clone()));
        // Confluence sends it with each list, and a client may ask for what it names before it has
        // read the rows.
        if let Some(answer) = listed {
            let link = answer.link.clone();
            response.headers_mut().insert(http::header::LINK, link);
        }
        response
    }
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
