//! The control interface: changes of the site, and what there is, over HTTP.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::body::Body;
use crate::sent::sent;
use crate::site::inventory::Kind;
use crate::site::mutation::{Mutation, malformed};
use crate::timeline::Timeline;

/// Bytes of a request that are accepted.
const MAX_SENT: usize = 64_000_000;

/// What there is: the method and the path of each answer.
const ROUTES: [(&str, &str, Answering); 5] = [
    ("POST", "/mutations", mutations),
    ("GET", "/journal", journal),
    ("GET", "/content", content),
    ("POST", "/index/flush", flush),
    ("POST", "/clock", clock),
];

/// Answers connections for as long as the task lives.
pub(crate) async fn accept(listener: TcpListener, timeline: Arc<Timeline>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(serve(stream, Arc::clone(&timeline)));
                } else {
                    tokio::task::yield_now().await;
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, timeline: Arc<Timeline>) {
    let service = service_fn(|request| answer(request, Arc::clone(&timeline)));
    let connection = hyper::server::conn::http1::Builder::new()
        // Who has sent less than it announced is told so.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service);
    // A connection that ends badly is the client's affair.
    let _ = connection.await;
}

/// An answer before it is HTTP.
struct Reply {
    status: StatusCode,
    content_type: &'static str,
    body: Vec<u8>,
}

impl Reply {
    fn json(status: StatusCode, value: &Value) -> Self {
        Self {
            status,
            content_type: "application/json",
            body: format!("{value}\n").into_bytes(),
        }
    }

    fn refused(reason: &str) -> Self {
        Self::json(StatusCode::BAD_REQUEST, &json!({ "error": reason }))
    }

    /// A line for each.
    fn lines<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Self {
        let mut body = Vec::new();
        for row in rows {
            // Writing these to memory does not fail.
            let _ = serde_json::to_writer(&mut body, &row);
            body.push(b'\n');
        }
        Self {
            status: StatusCode::OK,
            content_type: "application/x-ndjson",
            body,
        }
    }
}

async fn answer(
    mut request: Request<Incoming>,
    timeline: Arc<Timeline>,
) -> Result<Response<Body>, Infallible> {
    let sent = sent(request.body_mut(), MAX_SENT).await;
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let found = ROUTES.into_iter().find(|(_, known, _)| *known == path);
    let Some((allowed, _, reply)) = found else {
        let paths = ROUTES.map(|(method, path, _)| format!("{method} {path}"));
        let known = json!({ "error": "nothing is at this path", "paths": paths });
        return Ok(response(Reply::json(StatusCode::NOT_FOUND, &known)));
    };
    if request.method().as_str() != allowed {
        let error = json!({ "error": format!("`{path}` takes {allowed}") });
        let mut refused = response(Reply::json(StatusCode::METHOD_NOT_ALLOWED, &error));
        let allowed = HeaderValue::from_static(allowed);
        refused.headers_mut().insert(ALLOW, allowed);
        return Ok(refused);
    }
    let reply = match sent {
        Ok(sent) => reply(&timeline, &query, &sent),
        Err(unread) => {
            let status = StatusCode::from_u16(unread.status()).unwrap_or(StatusCode::BAD_REQUEST);
            Reply::json(status, &json!({ "error": unread.reason() }))
        }
    };
    Ok(response(reply))
}

type Answering = fn(&Timeline, &str, &[u8]) -> Reply;

fn response(reply: Reply) -> Response<Body> {
    let mut response = Response::new(Body::whole(reply.body));
    *response.status_mut() = reply.status;
    let content_type = HeaderValue::from_static(reply.content_type);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// One mutation, or many one after the other. All of them, or none.
fn mutations(timeline: &Timeline, _: &str, sent: &[u8]) -> Reply {
    let values = serde_json::Deserializer::from_slice(sent).into_iter::<Value>();
    let mut mutations = Vec::new();
    for value in values {
        let value = value.map_err(|error| malformed(&error));
        match value.and_then(Mutation::from_value) {
            Ok(mutation) => mutations.push(mutation),
            Err(error) => return refused_mutation(mutations.len(), &error.to_string()),
        }
    }
    if mutations.is_empty() {
        return refused_mutation(0, "the body has no mutation");
    }
    match timeline.mutate_all(&mutations) {
        Ok(changes) => Reply::lines(changes),
        Err((at, error)) => refused_mutation(at, &error.to_string()),
    }
}

/// Nothing was changed.
fn refused_mutation(at: usize, reason: &str) -> Reply {
    let error = json!({
        "error": reason,
        "mutation": at + 1,
        "kinds": Mutation::KINDS,
    });
    Reply::json(StatusCode::BAD_REQUEST, &error)
}

fn journal(timeline: &Timeline, _: &str, _: &[u8]) -> Reply {
    Reply::lines(timeline.journal())
}

/// Everything, or of the kinds that `kind` names.
fn content(timeline: &Timeline, query: &str, _: &[u8]) -> Reply {
    let query = crate::query::Query::parse(query);
    let mut kinds = Vec::new();
    for name in query.all("kind") {
        match Kind::ALL.into_iter().find(|kind| kind.name() == name) {
            Some(kind) => kinds.push(kind),
            None => {
                let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
                let error = json!({ "error": format!("`{name}` is not a kind of content"), "kinds": known });
                return Reply::json(StatusCode::BAD_REQUEST, &error);
            }
        }
    }
    if kinds.is_empty() {
        kinds = Kind::ALL.to_vec();
    }
    let site = timeline.site();
    Reply::lines(kinds.into_iter().flat_map(|kind| site.inventory(kind)))
}

fn flush(timeline: &Timeline, _: &str, _: &[u8]) -> Reply {
    timeline.flush_index();
    Reply::json(StatusCode::OK, &json!({ "flushed": true }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Advance {
    advance_seconds: u32,
}

fn clock(timeline: &Timeline, _: &str, sent: &[u8]) -> Reply {
    match serde_json::from_slice::<Advance>(sent) {
        Ok(advance) => {
            let by = Duration::from_secs(u64::from(advance.advance_seconds));
            let ahead = timeline.advance_clock(by).as_secs();
            Reply::json(StatusCode::OK, &json!({ "aheadSeconds": ahead }))
        }
        Err(error) => Reply::refused(&format!(
            "{error}: expected `{{\"advanceSeconds\": SECONDS}}`"
        )),
    }
}
