//! One request of a guest, as often as it takes.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use tracing::{Instrument as _, Span};
use wasmtime_wasi_http::{Error, WasiBody};

use super::accounting::{Handed, OnItsWay};
use super::admission::{NotAdmitted, reasons};
use super::answer::{coding, guard};
use super::clock::Clock;
use super::refusal::Refusal;
use super::retry::{Failure, GivenUp, Tries};
use super::terms::{CallTerms, Egress};
use super::{RefusalSlot, credential, transport};
use crate::connection::Authorization;
use crate::outbound::admission::in_flight::{InFlight, InFlightPermit};
use crate::outbound::admission::quota::Quota;
use crate::outbound::answer::pieces::Pieces;
use crate::outbound::rules::destination::Destination;
use crate::outbound::rules::look_up_body::LookUpBody;

/// One request of a guest, on its way to a destination.
pub(super) struct Exchange {
    pub(super) egress: Arc<Egress>,
    pub(super) terms: Arc<CallTerms>,
    pub(super) destination: Destination,
    given_up: GivenUp,
}

impl Exchange {
    pub(super) fn new(
        egress: Arc<Egress>,
        terms: Arc<CallTerms>,
        destination: Destination,
    ) -> Self {
        // That one host is down says nothing of another.
        let given_up = match destination {
            Destination::Site(_) => terms.given_up.clone(),
            Destination::Other(_) => GivenUp::default(),
        };
        Self {
            egress,
            terms,
            destination,
            given_up,
        }
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.egress.clock
    }

    /// The quotas that the request counts towards.
    pub(super) fn quota(&self) -> &[Quota] {
        match self.destination {
            Destination::Site(_) => &self.terms.quota,
            Destination::Other(_) => &[],
        }
    }

    /// Takes in the body of a look-up, before the request has a place or a turn.
    pub(super) async fn take_in(&self, body: WasiBody) -> Result<LookUpBody, Error> {
        let left = self
            .terms
            .deadline
            .saturating_duration_since(self.clock().now());
        LookUpBody::collect(
            body,
            left,
            &self.terms.held,
            &self.terms.limits,
            &self.terms.refusal,
        )
        .await
    }

    /// Makes the request, and again where that may help, and answers what came last: the whole
    /// of it, so that an answer that broke off is never handed on while there is time.
    pub(super) async fn run(&self, request: &Request<Bytes>) -> Result<Response<WasiBody>, Error> {
        let _handed = Handed::over(self);
        let rate_limiter = self
            .egress
            .rate_limiters
            .of(&self.destination, self.clock());
        let mut made = 0;
        let mut tries = Tries::default();
        let mut is_replay = false;
        loop {
            made += 1;
            let began_to_wait = self.clock().now();
            let admitted = self.admit(&rate_limiter).await;
            let authorization = match &admitted {
                Ok(_) => self.authorization().await,
                Err(_) => Ok(None),
            };
            self.waited_since(began_to_wait);
            let admitted = match admitted {
                Ok(admitted) => Arc::new(admitted),
                Err(not) => return Ok(told_to_wait(not)),
            };
            let authorization = authorization?;
            if !self.terms.end.request_leaves(self.terms.limits.requests) {
                return Err(Error::HttpRequestDenied);
            }
            let span = self.span(request, made);
            let refusal = RefusalSlot::default();
            let in_flight = InFlight::holding(Arc::clone(&admitted) as Arc<dyn InFlightPermit>);
            let shown = authorization.as_ref();
            let on_its_way = OnItsWay::left(self, request, shown, made, in_flight.clone());
            let attempt = self.attempt(request, shown, &refusal, in_flight);
            let outcome = attempt.instrument(span.clone()).await;
            let now = self.clock().now();
            on_its_way.arrived(&outcome, &observed(&span, &outcome));
            let failure = match &outcome {
                Ok(answer) => self.failing(answer),
                Err(error) => Some(Failure::Network(error)),
            };
            // After all that the answer counts for, which does not depend on the credential: an
            // attempt that would be made again is treated like the last one.
            let has_echo = outcome.as_ref().is_ok_and(|answer| self.has_echo(answer));
            match &failure {
                None => admitted.rate_permit.went_well(),
                Some(failure) if failure.is_overload() => {
                    // They are headers, which other calls are shown.
                    let shown = outcome.as_ref().ok().filter(|_| !has_echo);
                    let reasons = shown.map(|answer| reasons(answer.headers()));
                    let reasons = reasons.unwrap_or_default();
                    admitted
                        .rate_permit
                        .turned_away(now, failure.asked(), reasons);
                }
                Some(_) => {}
            }
            // The answer is here, whole, or nobody waits for it any more: then its permit is held for
            // it elsewhere.
            drop(admitted);
            let left = self.terms.deadline.saturating_duration_since(now);
            let could_pass = failure.as_ref().is_some_and(Failure::passes);
            if has_echo {
                span.record("error.type", "echo");
                drop(outcome);
                self.given_up.set(could_pass);
                return Err(self.cut().await);
            }
            if let (Some(rejected), Ok(answer)) = (&authorization, &outcome)
                && answer.status() == StatusCode::UNAUTHORIZED
                && !lacks_scope(answer)
                && !std::mem::replace(&mut is_replay, true)
                && self.is_replayed(rejected).await
            {
                self.waited_since(now);
                tracing::info!(
                    attempt = made,
                    "the request is sent with another credential"
                );
                continue;
            }
            let wait = failure
                .filter(|_| !self.given_up.is_set())
                .and_then(|failure| {
                    self.terms
                        .pacing
                        .retry
                        .wait(&mut tries, &failure, left, self.clock().jitter())
                });
            let Some(wait) = wait else {
                self.given_up.set(could_pass);
                // What was tried again is no reason for how it ended.
                if let Some(last) = refusal.take() {
                    self.terms.refusal.keep(last);
                }
                return outcome.map(|answer| answer.map(|body| body.boxed_unsync()));
            };
            drop(outcome);
            tracing::info!(
                wait_ms = wait.as_millis(),
                attempt = made,
                "the request is retried"
            );
            self.clock().sleep(wait).await;
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

    fn waited_since(&self, then: Instant) {
        let wait = self.clock().now().saturating_duration_since(then);
        self.terms.meter.waited(wait);
    }

    /// What is wrong with an answer, if its status says so or its end is missing.
    fn failing(&self, answer: &Response<Pieces>) -> Option<Failure<'static>> {
        let status = answer.status().as_u16();
        if !matches!(status, 429 | 500..) {
            // JSON of another host may be a number as well.
            if !self.destination.is_site() {
                return None;
            }
            let page = is_page(answer).then_some(Failure::Page);
            return page.or_else(|| is_cut(answer).then_some(Failure::Cut));
        }
        let now = self.clock().since_1970();
        Some(Failure::of(status, answer.headers(), now))
    }

    /// Whether an answer of the site repeats an authorization of this call.
    fn has_echo(&self, answer: &Response<Pieces>) -> bool {
        self.destination.is_site() && {
            let body = answer.body().whole();
            self.terms.live.has_echo(answer.headers(), body)
        }
    }

    /// Counts an answer that is not handed over. After too many the call ends, and the guest is not
    /// told anything more.
    async fn cut(&self) -> Error {
        self.terms.meter.echo();
        self.terms.refusal.keep(Refusal::Echo);
        if !self.terms.end.answer_is_cut() {
            std::future::pending::<()>().await;
        }
        Error::HttpRequestDenied
    }

    async fn attempt(
        &self,
        request: &Request<Bytes>,
        authorization: Option<&Authorization>,
        refusal: &RefusalSlot,
        in_flight: InFlight,
    ) -> Result<Response<Pieces>, Error> {
        let mut request = request.clone();
        request
            .headers_mut()
            .insert(header::ACCEPT_ENCODING, coding::ACCEPTED);
        let request = credential::add(request, authorization)?;
        let answer = transport::send(
            &self.egress.transports,
            &self.destination,
            request,
            &self.terms.route,
            &self.terms.limits,
            in_flight,
        )
        .await
        .map_err(|error| error.into_error(|reason| refusal.keep(reason)))?;
        let answer = coding::decode(answer, refusal, &self.terms.meter)?;
        let answer = guard::watch(answer, &self.terms.limits)?;
        let (mut head, body) = answer.into_parts();
        let pieces = match Pieces::collect(body, &self.terms.held, &self.terms.limits).await {
            // What an error says stands in its head, first of all how long to wait.
            Err(error) if head.status.as_u16() >= 400 && !is_refused(&error) => {
                Pieces::none(&self.terms.held)
            }
            pieces => pieces?,
        };
        let bytes = pieces.count();
        self.terms.meter.decoded(bytes);
        // Known now, also of what came compressed: a guest makes room for all of it at once.
        head.headers
            .insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
        Ok(Response::from_parts(head, pieces))
    }
}

/// Whether a token was rejected because it lacks a scope, as the gateway says: another token of the
/// same login lacks it, too.
fn lacks_scope(answer: &Response<Pieces>) -> bool {
    const SAID: &[u8] = b"scope does not match";
    let body = answer.body().whole();
    let is_named = answer
        .headers()
        .get("x-failure-category")
        .is_some_and(|category| {
            let category = category.as_bytes().to_ascii_uppercase();
            memchr::memmem::find(&category, b"SCOPE").is_some()
        });
    is_named || memchr::memmem::find(body, SAID).is_some()
}

/// Whether an answer is kept from the guest, whatever its status.
fn is_refused(error: &Error) -> bool {
    matches!(error, Error::HttpRequestDenied)
}

/// Whether a site's answer is a web page in place of JSON: most often one to log in, which some edges
/// send now and then to who is logged in.
fn is_page(answer: &Response<Pieces>) -> bool {
    let is_html = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    answer.status() == StatusCode::OK && is_html
}

/// Whether an answer that is to be JSON does not end as an object or a list does. Proxies that give
/// up on a site half-way end the answer in good order.
fn is_cut(answer: &Response<Pieces>) -> bool {
    let is_json = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    answer.status() == StatusCode::OK
        && is_json
        && !matches!(answer.body().last(), Some(b'}' | b']'))
}

/// Tells the span of an attempt how it ended. Answers the name of the error, if there is one.
fn observed(span: &Span, outcome: &Result<Response<Pieces>, Error>) -> String {
    let said = match outcome {
        Ok(answer) => {
            let status = answer.status().as_u16();
            span.record("http.response.status_code", status);
            if status >= 400 {
                span.record("error.type", status);
            }
            return String::new();
        }
        Err(error) => format!("{error:?}"),
    };
    // The name of the case alone: what stands behind it may be anything.
    let name = said
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    span.record("error.type", name);
    name.to_owned()
}

/// What a guest is answered in place of a request that must wait for longer than its call lasts:
/// what the site said to the request that was turned away, and what is left of the wait.
fn told_to_wait(NotAdmitted { wait, reasons }: NotAdmitted) -> Response<WasiBody> {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let body =
        Bytes::from_static(br#"{"message":"the site requested a wait, which this host honors"}"#);
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
