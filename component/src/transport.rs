//! `wasi:http` as the connector's transport.
//!
//! Raw bindings, because a GET must never open a body: an HTTP client that does fails at random
//! when the host is done with the empty body first.

use confluence_connector::{Answer, Transport, TransportError};

use crate::arrival;
use crate::bindings::confluence::connector::settings;
use crate::bindings::wasi::http::outgoing_handler;
use crate::bindings::wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingResponse, OutgoingRequest, Scheme,
    http_error_code,
};
use crate::bindings::wasi::io::streams::{InputStream, StreamError};
use crate::error::settled;

/// Bytes asked for at once. The host hands over what it has, up to this: a page of 250 rows in one
/// to three pieces.
const READ_BYTES: usize = 1 << 20;

/// What is set aside at once for an answer that says how large it is, in bytes at most: 250 rows with
/// bodies of 32 KB. Without that, a large answer is moved each time that it has doubled.
const BELIEVED_BYTES: usize = 8 << 20;

/// Largest answer that is taken, in bytes. Hosts have limits of their own; this one holds in
/// those that do not.
const ANSWER_BYTES: usize = 64 << 20;

/// Sends GETs below the base URL that the host's settings name.
#[derive(Default)]
pub(crate) struct Site {
    base: Option<Base>,
    /// What is under way before it is asked for.
    ahead: Option<(String, FutureIncomingResponse)>,
}

struct Base {
    /// The address of the site, unless it is that of the gateway, which is none for people.
    site: Option<String>,
    scheme: Scheme,
    authority: String,
    prefix: String,
    authorization: Option<String>,
}

impl Transport for Site {
    fn get(&mut self, path_and_query: &str) -> Result<Answer, TransportError> {
        let ahead = self.ahead.take();
        let sent = match ahead.filter(|(expected, _)| expected == path_and_query) {
            Some((_, sent)) => sent,
            None => send(self.base()?, path_and_query)?,
        };
        read(wait(&sent)?)
    }

    fn site(&mut self) -> Option<String> {
        self.base().ok()?.site.clone()
    }

    fn expect(&mut self, path_and_query: &str) {
        // Why it cannot be sent is told once it is asked for.
        let sent = self.base().and_then(|base| send(base, path_and_query));
        self.ahead = sent.ok().map(|sent| (path_and_query.to_owned(), sent));
    }
}

impl Site {
    fn base(&mut self) -> Result<&Base, TransportError> {
        match &mut self.base {
            Some(base) => Ok(base),
            slot => Ok(slot.insert(Base::ask()?)),
        }
    }
}

impl Base {
    /// Asks the host where the site is: once a call, and not before the first request.
    fn ask() -> Result<Self, TransportError> {
        let url = settings::base_url()
            .map_err(|problem| TransportError::Settled(Box::new(settled(problem))))?;
        let (scheme, rest) = match url.split_once("://") {
            Some(("https", rest)) => (Scheme::Https, rest),
            Some(("http", rest)) => (Scheme::Http, rest),
            _ => return Err(other("the host's base URL is not a URL")),
        };
        let (authority, prefix) = rest
            .find('/')
            .map_or((rest, ""), |slash| rest.split_at(slash));
        let is_gateway = rest.contains("/ex/confluence/");
        let site = (!is_gateway).then(|| url.trim_end_matches('/').to_owned());
        Ok(Self {
            site,
            scheme,
            authority: authority.to_owned(),
            prefix: prefix.trim_end_matches('/').to_owned(),
            authorization: settings::authorization(),
        })
    }
}

fn send(base: &Base, path_and_query: &str) -> Result<FutureIncomingResponse, TransportError> {
    let headers = Fields::new();
    headers
        .append("accept", b"application/json")
        .map_err(|_| other("the host refuses the header `accept`"))?;
    if let Some(authorization) = &base.authorization {
        headers
            .append("authorization", authorization.as_bytes())
            .map_err(|_| {
                other("the host refuses the header `authorization`, and supplies one to be sent")
            })?;
    }
    let request = OutgoingRequest::new(headers);
    let path = format!("{}{path_and_query}", base.prefix);
    request
        .set_scheme(Some(&base.scheme))
        .and_then(|()| request.set_authority(Some(&base.authority)))
        .and_then(|()| request.set_path_with_query(Some(&path)))
        .map_err(|()| other("the host refuses the request's address"))?;
    outgoing_handler::handle(request, None).map_err(classify)
}

fn wait(answer: &FutureIncomingResponse) -> Result<IncomingResponse, TransportError> {
    loop {
        match answer.get() {
            Some(Ok(Ok(answer))) => return Ok(answer),
            Some(Ok(Err(code))) => return Err(classify(code)),
            Some(Err(())) => return Err(other("the host gave the answer away twice")),
            None => answer.subscribe().block(),
        }
    }
}

fn read(answer: IncomingResponse) -> Result<Answer, TransportError> {
    let status = answer.status();
    let headers = answer.headers().entries();
    let announced = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| std::str::from_utf8(value).ok()?.parse::<usize>().ok())
        .unwrap_or(0);
    let body = answer
        .consume()
        .map_err(|()| other("the host gave the body away twice"))?;
    let stream = body
        .stream()
        .map_err(|()| other("the host gave the body's stream away twice"))?;
    let bytes = drain(&stream, announced)?;
    Ok(Answer {
        status,
        headers,
        body: bytes,
    })
}

fn drain(stream: &InputStream, announced: usize) -> Result<Vec<u8>, TransportError> {
    // What a header announces is a hint. With one byte more the end is seen without growing.
    let expected = match announced {
        0 => READ_BYTES,
        announced => announced.min(BELIEVED_BYTES) + 1,
    };
    let mut bytes = Vec::new();
    // Where there is no such memory, the answer may be smaller.
    let _ = bytes.try_reserve_exact(expected);
    loop {
        if bytes.len() == bytes.capacity() {
            let more = bytes.len().max(READ_BYTES);
            bytes.reserve_exact(more.min(ANSWER_BYTES + 1 - bytes.len()));
        }
        let wanted = READ_BYTES.min(bytes.capacity() - bytes.len()) as u64;
        match arrival::read(stream, wanted, &mut bytes) {
            Ok(()) if bytes.len() > ANSWER_BYTES => {
                return Err(TransportError::TooLarge {
                    detail: format!("more than {} MiB", ANSWER_BYTES >> 20),
                });
            }
            Ok(()) => {}
            Err(StreamError::Closed) => return Ok(bytes),
            Err(StreamError::LastOperationFailed(error)) => {
                return Err(match http_error_code(&error) {
                    Some(code) => classify(code),
                    None => TransportError::Truncated {
                        detail: error.to_debug_string(),
                    },
                });
            }
        }
    }
}

fn classify(code: ErrorCode) -> TransportError {
    use ErrorCode as Code;
    let detail = describe(&code);
    match code {
        Code::DnsError(_) | Code::DnsTimeout => TransportError::Unresolvable { detail },
        Code::ConnectionRefused
        | Code::ConnectionTerminated
        | Code::ConnectionLimitReached
        | Code::DestinationNotFound
        | Code::DestinationUnavailable
        | Code::DestinationIpUnroutable => TransportError::Unreachable { detail },
        Code::ConnectionTimeout
        | Code::ConnectionReadTimeout
        | Code::ConnectionWriteTimeout
        | Code::HttpResponseTimeout => TransportError::TimedOut { detail },
        Code::TlsProtocolError | Code::TlsCertificateError | Code::TlsAlertReceived(_) => {
            TransportError::Insecure { detail }
        }
        Code::DestinationIpProhibited | Code::HttpRequestDenied => {
            TransportError::Denied { detail }
        }
        Code::HttpResponseIncomplete => TransportError::Truncated { detail },
        Code::HttpResponseBodySize(_)
        | Code::HttpResponseHeaderSectionSize(_)
        | Code::HttpResponseHeaderSize(_)
        | Code::HttpResponseTrailerSectionSize(_)
        | Code::HttpResponseTrailerSize(_) => TransportError::TooLarge { detail },
        _ => TransportError::Other { detail },
    }
}

/// A word or two for a person. The generated `Debug` of all cases would be 20 KB of code.
fn describe(code: &ErrorCode) -> String {
    use ErrorCode as Code;
    let text = match code {
        Code::DnsError(payload) => match &payload.rcode {
            Some(rcode) => return rcode.clone(),
            None => "the name does not resolve",
        },
        Code::DnsTimeout => "the resolver did not answer in time",
        Code::ConnectionRefused => "the connection was refused",
        Code::ConnectionTerminated => "the connection was closed",
        Code::ConnectionLimitReached => "too many connections",
        Code::DestinationNotFound | Code::DestinationUnavailable => {
            "no server is listening at the address"
        }
        Code::DestinationIpUnroutable => "no route to the address",
        Code::ConnectionTimeout => "the connection took too long",
        Code::ConnectionReadTimeout => "the response stopped",
        Code::ConnectionWriteTimeout => "the request could not be sent in time",
        Code::HttpResponseTimeout => "the response did not start in time",
        Code::TlsCertificateError => "the certificate is not trusted",
        Code::TlsProtocolError | Code::TlsAlertReceived(_) => "the handshake failed",
        Code::DestinationIpProhibited => "the address is prohibited",
        Code::HttpRequestDenied => "the host's policy",
        Code::HttpResponseIncomplete => "the connection was closed in the middle of the body",
        Code::HttpResponseBodySize(Some(limit)) => return format!("more than {limit} bytes"),
        Code::HttpResponseBodySize(None) => "the body is beyond the host's limit",
        Code::HttpResponseHeaderSectionSize(_) | Code::HttpResponseHeaderSize(_) => {
            "the headers are beyond the host's limit"
        }
        Code::HttpProtocolError => "the site does not speak HTTP as expected",
        Code::ConfigurationError => "the host's HTTP is misconfigured",
        Code::InternalError(Some(text)) => return text.clone(),
        _ => "the host's HTTP failed",
    };
    text.to_owned()
}

fn other(detail: &str) -> TransportError {
    TransportError::Other {
        detail: detail.to_owned(),
    }
}
