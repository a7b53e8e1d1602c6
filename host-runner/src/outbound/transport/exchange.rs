//! One request that no guest sends, to a server that the cluster level names, and its whole answer.

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use wasmtime_wasi_http::Error;
use zeroize::Zeroizing;

use super::{NotSent, Transports, USER_AGENT};
use crate::limits::Limits;
use crate::outbound::admission::in_flight::InFlight;
use crate::outbound::rules::address::AddressScope;
use crate::outbound::transport::route::Route;

/// A whole answer. Its body is overwritten when it is dropped.
pub(crate) struct Exchanged {
    pub(crate) status: StatusCode,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

/// Why there is no whole answer.
#[derive(Debug)]
pub(crate) enum NotExchanged {
    /// It did not come in time.
    TimedOut,
    /// It is longer than it may be.
    TooLarge,
    /// The network failed.
    Failed { reason: String },
}

impl Transports {
    /// Sends a request over a connection of its own, once, and takes in its answer. Redirects are
    /// answers, and not followed.
    pub(crate) async fn exchange(
        &self,
        mut request: Request<Bytes>,
        (is_secure, reach): (bool, AddressScope),
        route: &Route,
        limits: &Limits,
        max_bytes: usize,
    ) -> Result<Exchanged, NotExchanged> {
        let agent = http::HeaderValue::from_static(USER_AGENT);
        request.headers_mut().insert(header::USER_AGENT, agent);
        let exchanged = async {
            let pool = || self.open_once(is_secure, reach, route, limits);
            let answer = self
                .ask(request, reach, limits, InFlight::default(), pool)
                .await
                .map_err(failed)?;
            let (head, mut answer) = answer.into_parts();
            // So that nothing is moved, and left behind where it was.
            let mut body = Zeroizing::new(Vec::with_capacity(max_bytes.min(64 * 1024)));
            while let Some(frame) = answer.frame().await {
                let frame = frame.map_err(|_| NotExchanged::Failed {
                    reason: "it closed the connection before the answer was complete".to_owned(),
                })?;
                let Ok(piece) = frame.into_data() else {
                    continue;
                };
                if body.len() + piece.len() > max_bytes {
                    return Err(NotExchanged::TooLarge);
                }
                body.extend_from_slice(&piece);
            }
            Ok(Exchanged {
                status: head.status,
                body,
            })
        };
        tokio::time::timeout(limits.first_byte, exchanged)
            .await
            .unwrap_or(Err(NotExchanged::TimedOut))
    }
}

fn failed(not_sent: NotSent) -> NotExchanged {
    let reason = match not_sent {
        NotSent::Refused(refusal) | NotSent::Failed(_, Some(refusal)) => refusal.to_string(),
        NotSent::Failed(Error::HttpResponseTimeout | Error::ConnectionTimeout, None) => {
            return NotExchanged::TimedOut;
        }
        NotSent::Failed(error, None) => words(&error).to_owned(),
    };
    NotExchanged::Failed { reason }
}

/// What the network said, in words.
pub(super) fn words(error: &Error) -> &'static str {
    match error {
        Error::ConnectionRefused => "the connection was refused",
        Error::ConnectionTerminated => "it closed the connection without an answer",
        Error::DnsError { .. } => "its name does not resolve",
        Error::TlsCertificateError => "its certificate is not valid",
        Error::TlsProtocolError => "TLS failed",
        Error::DestinationIpProhibited => "it is a private address",
        Error::DestinationUnavailable => "there is no route to it",
        _ => "it does not speak HTTP",
    }
}
