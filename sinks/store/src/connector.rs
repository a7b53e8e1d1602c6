//! The transport as the client library of the stores sees it.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};

use crate::answers::{Answer, Answers};
use crate::transport::{Transport, TransportError};

/// Longest code of an error that is shown.
const MAX_CODE: usize = 64;

/// Sends requests to the origins of a store, and to no other.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) origins: BTreeSet<String>,
    pub(crate) answers: Answers,
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Connector {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        self.answers.note(None);
        let (head, body) = request.into_parts();
        let origin = origin(&head.uri).filter(|origin| self.origins.contains(origin));
        if origin.is_none() {
            let host = head.uri.host().unwrap_or_default();
            let reason = format!("`{host}` is not the host of the store");
            return Err(kept(TransportError::Refused { reason }));
        }
        let body = body.collect().await?.to_bytes();
        let mut request = http::Request::from_parts(head, body);
        if !request.headers().contains_key(http::header::CONTENT_LENGTH) {
            let length = http::HeaderValue::from(request.body().len());
            request
                .headers_mut()
                .insert(http::header::CONTENT_LENGTH, length);
        }
        let answer = self.transport.send(request).await.map_err(kept)?;
        let (head, mut body) = answer.into_parts();
        let status = head.status;
        if !status.is_success() {
            let code = code_of(&head.headers, &body);
            self.answers.note(Some(Answer {
                status: status.as_u16(),
                code,
            }));
            // The library repeats it in errors and logs, and a store may repeat a credential in it.
            body = Bytes::new();
        }
        Ok(HttpResponse::from_parts(head, body.into()))
    }
}

/// Scheme, host and port of a URL.
pub(crate) fn origin(uri: &http::Uri) -> Option<String> {
    let scheme = uri.scheme_str()?;
    let port = uri.port_u16().or(match scheme {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    })?;
    let host = uri.host()?.to_ascii_lowercase();
    Some(format!("{scheme}://{host}:{port}"))
}

fn kept(error: TransportError) -> HttpError {
    let kind = match error {
        TransportError::Refused { .. } => HttpErrorKind::Unknown,
        TransportError::Unreachable { .. } => HttpErrorKind::Connect,
        // The library repeats a request that creates an object only if it was not sent. Here it can be sent
        // again: it overwrites nothing, and a manifest that is there already is compared.
        TransportError::TimedOut | TransportError::Broken { .. } => HttpErrorKind::Request,
    };
    HttpError::new(kind, error)
}

/// The code of an error: `AccessDenied`. Nothing else of an answer is shown.
fn code_of(headers: &http::HeaderMap, body: &Bytes) -> Option<String> {
    let header = headers.get("x-ms-error-code");
    let header = header.and_then(|code| code.to_str().ok());
    let text = std::str::from_utf8(body).unwrap_or_default();
    let in_body = || {
        let (_, rest) = text.split_once("<Code>")?;
        Some(rest.split_once("</Code>")?.0)
    };
    let code = header.or_else(in_body)?;
    let is_code = !code.is_empty()
        && code.len() <= MAX_CODE
        && code.chars().all(|c| c.is_ascii_alphabetic() || c == '.');
    is_code.then(|| code.to_owned())
}
