//! One request of a guest, as often as it takes.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use confluence_connector::{Answer, RateLimit, points};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt as _, Full};
use tracing::{Instrument as _, Span};
use wasmtime_wasi_http::{Error, WasiBody};

use super::clock::Clock;
use super::concurrency::Lanes;
use super::destination::Destination;
use super::held::{Held, HeldBytes};
use super::look_up_body::LookUpBody;
use super::pace::{Paces, TooLong};
use super::quota::{Quota, SharedQuotas};
use super::retry::{Failure, GivenUp, Pacing};
use super::route::Route;
use super::{RefusalSlot, Transports, coding, credential, guard, transport};
use crate::engine::Limits;
use crate::receipt::Meter;

/// What a request is made with.
pub(super) struct Exchange {
    pub(super) destination: Destination,
    pub(super) transports: Arc<Transports>,
    pub(super) lanes: Arc<Lanes>,
    pub(super) paces: Arc<Paces>,
    pub(super) quotas: SharedQuotas,
    pub(super) quota: Option<Quota>,
    pub(super) route: Route,
    pub(super) meter: Meter,
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
    /// Takes in the body of a look-up, before the request has a place or a turn.
    pub(super) async fn take_in(&self, body: WasiBody) -> Result<LookUpBody, Error> {
        let left = self.deadline.saturating_duration_since(self.clock.now());
        LookUpBody::collect(body, left, &self.held, &self.limits, &self.refusal).await
    }

    /// Makes the request, and again where that may help, and answers what came last: the whole
    /// of it, so that an answer that broke off is never handed on while there is time.
    pub(super) async fn run(&self, request: &Request<Bytes>) -> Result<Response<WasiBody>, Error> {
        self.meter.request_began(self.clock.now());
        let answer = self.run_metered(request).await;
        self.meter.request_ended(self.clock.now());
        answer
    }

    async fn run_metered(&self, request: &Request<Bytes>) -> Result<Response<WasiBody>, Error> {
        let pace = self.paces.of(&self.destination, &*self.clock);
        let mut made = 0;
        loop {
            made += 1;
            let began_to_wait = self.clock.now();
            let place = self.lanes.enter(&self.destination.lane()).await?;
            if let Err(wait) = self.keep_to_quota().await {
                self.waited_since(began_to_wait);
                let reasons = vec![(REASON, HeaderValue::from_static(OWN_QUOTA))];
                return Ok(told_to_wait(wait, reasons));
            }
            let turn = pace
                .enter(&*self.clock, self.deadline, self.pacing.per_second)
                .await;
            self.waited_since(began_to_wait);
            let turn = match turn {
                Ok(turn) => turn,
                Err(TooLong(wait)) => return Ok(told_to_wait(wait, pace.reasons())),
            };
            let left = self.clock.now();
            let span = self.span(request, made);
            let refusal = RefusalSlot::default();
            let attempt = self.attempt(request, &refusal);
            let outcome = attempt.instrument(span.clone()).await;
            let now = self.clock.now();
            let took = now.saturating_duration_since(left);
            self.observe(&span, request.method(), made, &outcome, took);
            self.count_points(request.uri(), &outcome);
            let failure = match &outcome {
                Ok(answer) => self.failing(answer),
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
            // The answer is here, whole: nothing is under way any more.
            drop((turn, place));
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
                // What was tried again is no reason for how it ended.
                if let Some(last) = refusal.take() {
                    self.refusal.keep(last);
                }
                return outcome.map(|answer| answer.map(|body| body.boxed_unsync()));
            };
            drop(outcome);
            tracing::info!(
                wait_ms = wait.as_millis(),
                attempt = made,
                "the request is made again"
            );
            self.clock.sleep(wait).await;
            self.waited_since(now);
        }
    }

    /// The span of one attempt, as OpenTelemetry has it for HTTP clients. What is asked for stands
    /// in the path; the query, which may hold titles and names, does not belong into a log.
    fn span(&self, request: &Request<Bytes>, made: u32) -> Span {
        let method = request.method().as_str();
        let span = tracing::info_span!(
            "request",
            otel.name = method,
            otel.kind = "client",
            http.request.method = method,
            http.request.resend_count = tracing::field::Empty,
            server.address = self.destination.host(),
            url.path = request.uri().path(),
            http.response.status_code = tracing::field::Empty,
            error.type = tracing::field::Empty,
        );
        if made > 1 {
            span.record("http.request.resend_count", made - 1);
        }
        span
    }

    fn observe(
        &self,
        span: &Span,
        method: &Method,
        made: u32,
        outcome: &Result<Response<Pieces>, Error>,
        took: Duration,
    ) {
        let said = match outcome {
            Ok(answer) => {
                let status = answer.status().as_u16();
                span.record("http.response.status_code", status);
                if status >= 400 {
                    span.record("error.type", status);
                }
                self.meter.left(method, made, Ok(status), took);
                return;
            }
            Err(error) => format!("{error:?}"),
        };
        // The name of the case alone: what stands behind it may be anything.
        let name = said
            .split(|c: char| !c.is_alphanumeric())
            .next()
            .unwrap_or_default();
        span.record("error.type", name);
        self.meter.left(method, made, Err(name), took);
    }

    fn waited_since(&self, then: Instant) {
        let wait = self.clock.now().saturating_duration_since(then);
        self.meter.waited(wait);
    }

    /// Waits until the tenant may spend of its quota.
    ///
    /// # Errors
    ///
    /// The wait that the call has no time for.
    async fn keep_to_quota(&self) -> Result<(), Duration> {
        let Some(quota) = &self.quota else {
            return Ok(());
        };
        while let Err(wait) = self.quotas.check(quota, self.clock.since_1970()) {
            if self.clock.now() + wait >= self.deadline {
                return Err(wait);
            }
            self.clock.sleep(wait).await;
        }
        Ok(())
    }

    /// Counts points, where the site does: API tokens are not counted by them.
    fn count_points(&self, uri: &Uri, outcome: &Result<Response<Pieces>, Error>) {
        let authorization = self.destination.authorization();
        if authorization.is_none_or(|shown| shown.scheme() != "Bearer") {
            return;
        }
        let path = uri.path_and_query().map_or("", |path| path.as_str());
        let body = match outcome {
            Ok(answer) => answer.body().whole(),
            Err(_) => Bytes::new(),
        };
        let points = points(path, &body);
        self.meter.spent(points);
        if let Some(quota) = &self.quota {
            self.quotas.spend(quota, self.clock.since_1970(), points);
        }
    }

    /// What is wrong with an answer, if its status says so or its end is missing.
    fn failing(&self, answer: &Response<Pieces>) -> Option<Failure<'static>> {
        let status = answer.status().as_u16();
        if !matches!(status, 429 | 500..) {
            // JSON of another host may be a number as well.
            let is_cut = self.destination.is_site() && is_cut(answer);
            return is_cut.then_some(Failure::Cut);
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

    async fn attempt(
        &self,
        request: &Request<Bytes>,
        refusal: &RefusalSlot,
    ) -> Result<Response<Pieces>, Error> {
        let mut request = request.clone();
        request
            .headers_mut()
            .insert(header::ACCEPT_ENCODING, coding::ACCEPTED);
        let request = credential::add(request, &self.destination)?;
        let answer = transport::send(
            &self.transports,
            &self.destination,
            request,
            &self.route,
            &self.limits,
        )
        .await
        .map_err(|error| error.into_error(|reason| refusal.keep(reason)))?;
        let answer = coding::decode(answer, refusal, &self.meter)?;
        let answer = guard::watch(
            answer,
            self.destination.authorization(),
            &self.limits,
            refusal,
        )?;
        let (mut head, body) = answer.into_parts();
        let pieces = Pieces::collect(body, &self.held, &self.limits).await?;
        let bytes = pieces.held.count();
        self.meter.decoded(bytes);
        // Known now, also of what came compressed: a guest makes room for all of it at once.
        head.headers
            .insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
        Ok(Response::from_parts(head, pieces))
    }
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
const REASON: &str = "ratelimit-reason";
const REASONS: [&str; 2] = [REASON, "x-failure-category"];

/// What stands there when this host keeps to a quota of its own.
const OWN_QUOTA: &str = "confluence-quota-tenant-based";

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
    let body = Full::new(body)
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

/// A body that has arrived.
pub(super) struct Pieces {
    pieces: VecDeque<Bytes>,
    held: HeldBytes,
}

impl Pieces {
    /// Takes a whole body in.
    ///
    /// # Errors
    ///
    /// What breaks the body, and [`Error::HttpResponseBodySize`] when the guest leaves more
    /// answers unread than it may have memory for.
    async fn collect<B>(mut body: B, held: &Held, limits: &Limits) -> Result<Self, Error>
    where
        B: Body<Data = Bytes, Error = Error> + Unpin,
    {
        let mut arrived = Self {
            pieces: VecDeque::new(),
            held: held.share(),
        };
        let most = limits.memory_bytes as u64;
        while let Some(frame) = body.frame().await {
            let Ok(piece) = frame?.into_data() else {
                continue;
            };
            if arrived.held.add(piece.len() as u64) > most {
                return Err(Error::HttpResponseBodySize(Some(most)));
            }
            arrived.pieces.push_back(piece);
        }
        Ok(arrived)
    }

    /// All of it in one piece.
    fn whole(&self) -> Bytes {
        match self.pieces.front() {
            Some(piece) if self.pieces.len() == 1 => piece.clone(),
            _ => self.pieces.iter().flatten().copied().collect(),
        }
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
        self.held.let_go(piece.len() as u64);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.held.count())
    }
}
