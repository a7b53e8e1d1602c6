//! One request of a guest, as often as it takes.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use confluence_connector::{Answer, RateLimit};
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt as _, Empty};
use wasmtime_wasi_http::{Error, WasiBody};

use super::clock::Clock;
use super::concurrency::{InLane, Lanes};
use super::pace::{Paces, TooLong};
use super::retry::{Failure, GivenUp, Pacing};
use super::{Refusal, RefusalSlot, Transports, credential, guard, transport};
use crate::connection::Connection;
use crate::engine::Limits;

/// What a request is made with.
pub(super) struct Exchange {
    pub(super) connection: Arc<Connection>,
    pub(super) transports: Arc<Transports>,
    pub(super) lanes: Arc<Lanes>,
    pub(super) paces: Arc<Paces>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) pacing: Pacing,
    pub(super) limits: Limits,
    pub(super) refusal: RefusalSlot,
    pub(super) held: Held,
    pub(super) given_up: GivenUp,
    /// When the call ends.
    pub(super) deadline: Instant,
}

impl Exchange {
    /// Makes the request, and again where that may help, and answers what came last: the whole
    /// of it, so that an answer that broke off is never handed on while there is time.
    pub(super) async fn run(&self, head: &Parts) -> Result<Response<WasiBody>, Error> {
        let pace = self.paces.of(&self.connection, &*self.clock);
        let mut made = 0;
        loop {
            made += 1;
            let place = self.lanes.enter(&self.connection.lane).await?;
            let turn = pace
                .enter(&*self.clock, self.deadline, self.pacing.per_second)
                .await;
            let turn = match turn {
                Ok(turn) => turn,
                Err(TooLong(wait)) => return Ok(told_to_wait(wait, pace.reasons())),
            };
            let outcome = self.attempt(head).await;
            let now = self.clock.now();
            let failure = match &outcome {
                Ok(answer) => failing(answer),
                Err(error) => Some(Failure::Network(error)),
            };
            match &failure {
                None => turn.went_well(),
                Some(failure) if failure.is_overload() => {
                    let reasons = outcome.as_ref().map(reasons).unwrap_or_default();
                    turn.turned_away(now, failure.asked(), reasons);
                }
                Some(_) => {}
            }
            drop(turn);
            let left = self.deadline.saturating_duration_since(now);
            let could_pass = failure.as_ref().is_some_and(Failure::passes);
            let wait = failure
                .filter(|_| !self.given_up.is_set())
                .and_then(|failure| {
                    self.pacing
                        .retry
                        .wait(made, &failure, left, self.clock.jitter())
                });
            let Some(wait) = wait else {
                self.given_up.set(could_pass);
                return outcome
                    .map(|answer| answer.map(|body| InLane::new(body, place).boxed_unsync()));
            };
            // Nothing is held while nothing is under way.
            drop((outcome, place));
            self.clock.sleep(wait).await;
        }
    }

    async fn attempt(&self, head: &Parts) -> Result<Response<Pieces>, Error> {
        let body = Empty::new().map_err(|never| match never {}).boxed_unsync();
        let request = http::Request::from_parts(head.clone(), body);
        let request = credential::add(request, &self.connection)?;
        let answer = transport::send(&self.transports, &self.connection, request, &self.limits)
            .await
            .inspect_err(|error| {
                if matches!(error, Error::DestinationIpProhibited) {
                    self.refusal.keep(Refusal::Address {
                        host: self.connection.endpoint.host().to_owned(),
                    });
                }
            })?;
        let answer = guard::watch(
            answer,
            &self.connection.authorization,
            &self.limits,
            &self.refusal,
        )?;
        let (head, body) = answer.into_parts();
        let pieces = self.held.collect(body, &self.limits).await?;
        Ok(Response::from_parts(head, pieces))
    }
}

/// What is wrong with an answer, if its status says so or its end is missing.
fn failing(answer: &Response<Pieces>) -> Option<Failure<'static>> {
    let status = answer.status().as_u16();
    if !matches!(status, 429 | 500..) {
        return is_cut(answer).then_some(Failure::Cut);
    }
    let headers = answer
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
        .collect();
    let limit = RateLimit::read(&Answer {
        status,
        headers,
        body: Vec::new(),
    });
    Some(Failure::Status(status, limit))
}

/// Whether an answer that is to be JSON does not end as an object or a list does. Proxies that give
/// up on a site half-way end the answer in good order.
fn is_cut(answer: &Response<Pieces>) -> bool {
    let is_json = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    let last = || {
        let mut bytes = answer
            .body()
            .pieces
            .iter()
            .rev()
            .flat_map(|piece| piece.iter().rev());
        bytes.find(|byte| !byte.is_ascii_whitespace()).copied()
    };
    answer.status() == StatusCode::OK && is_json && !matches!(last(), Some(b'}' | b']'))
}

/// The headers that say what a limit counts.
const REASONS: [&str; 2] = ["ratelimit-reason", "x-failure-category"];

fn reasons<B>(answer: &Response<B>) -> Vec<(&'static str, HeaderValue)> {
    REASONS
        .into_iter()
        .filter_map(|name| Some((name, answer.headers().get(name)?.clone())))
        .collect()
}

/// What a guest is answered in place of a request that must wait for longer than its call lasts:
/// what the site said to the request that was turned away, and what is left of the wait.
fn told_to_wait(wait: Duration, reasons: Vec<(&'static str, HeaderValue)>) -> Response<WasiBody> {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let body = Bytes::from_static(
        br#"{"message":"the site asked to wait, and this host does not ask it again before"}"#,
    );
    let body = http_body_util::Full::new(body)
        .map_err(|never| match never {})
        .boxed_unsync();
    let mut answer = Response::new(body);
    *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    let headers = answer.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    for (name, value) in reasons {
        headers.insert(name, value);
    }
    answer
}

/// How many bytes of answers are held for the guest of one call, which it has not read yet.
#[derive(Clone, Default)]
pub(crate) struct Held {
    of_call: Arc<AtomicU64>,
    /// The same of all calls of a host.
    of_host: Arc<AtomicU64>,
}

impl Held {
    /// Of a call of the host whose bytes are counted there.
    pub(crate) fn of(host: &Arc<AtomicU64>) -> Self {
        Self {
            of_call: Arc::default(),
            of_host: Arc::clone(host),
        }
    }

    /// Answers how many bytes the call holds then.
    fn add(&self, bytes: u64) -> u64 {
        self.of_host.fetch_add(bytes, Ordering::SeqCst);
        self.of_call.fetch_add(bytes, Ordering::SeqCst) + bytes
    }

    fn let_go(&self, bytes: u64) {
        self.of_host.fetch_sub(bytes, Ordering::SeqCst);
        self.of_call.fetch_sub(bytes, Ordering::SeqCst);
    }

    /// Takes a whole body in.
    ///
    /// # Errors
    ///
    /// What breaks the body, and [`Error::HttpResponseBodySize`] when the guest leaves more
    /// answers unread than it may have memory for.
    async fn collect<B>(&self, mut body: B, limits: &Limits) -> Result<Pieces, Error>
    where
        B: Body<Data = Bytes, Error = Error> + Unpin,
    {
        let mut pieces = Pieces {
            pieces: VecDeque::new(),
            bytes: 0,
            held: self.clone(),
        };
        let most = limits.memory_bytes as u64;
        while let Some(frame) = body.frame().await {
            let Ok(piece) = frame?.into_data() else {
                continue;
            };
            let length = piece.len() as u64;
            pieces.bytes += length;
            if self.add(length) > most {
                return Err(Error::HttpResponseBodySize(Some(most)));
            }
            pieces.pieces.push_back(piece);
        }
        Ok(pieces)
    }
}

/// A body that has arrived.
#[derive(Default)]
pub(super) struct Pieces {
    pieces: VecDeque<Bytes>,
    /// Bytes in them.
    bytes: u64,
    held: Held,
}

impl Pieces {
    fn let_go(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_sub(bytes);
        self.held.let_go(bytes);
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        self.let_go(self.bytes);
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Some(piece) = self.pieces.pop_front() else {
            return Poll::Ready(None);
        };
        self.let_go(piece.len() as u64);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes)
    }
}
