//! What a request costs, also one that its guest gives up: what has left is work of the site's, and
//! counts there.

use std::time::Instant;

use bytes::Bytes;
use confluence_connector::{most_points, points};
use http::{Method, Request, Response};
use wasmtime_wasi_http::Error;

use super::exchange::Exchange;
use crate::connection::Authorization;
use crate::outbound::admission::in_flight::InFlight;
use crate::outbound::answer::pieces::Pieces;

/// A request that its guest waits for, from when it is handed over until it is answered or given up.
pub(super) struct Handed<'a>(&'a Exchange);

impl<'a> Handed<'a> {
    pub(super) fn over(exchange: &'a Exchange) -> Self {
        exchange.terms.meter.request_began(exchange.clock().now());
        Self(exchange)
    }
}

impl Drop for Handed<'_> {
    fn drop(&mut self) {
        self.0.terms.meter.request_ended(self.0.clock().now());
    }
}

/// A request on its way. Dropped before it [arrives](Self::arrived), it was given up, and costs what it
/// costs at most.
pub(super) struct OnItsWay<'a> {
    exchange: &'a Exchange,
    request: &'a Request<Bytes>,
    left: Instant,
    /// Part of the time since then in which it waited for leave to open a connection.
    in_flight: InFlight,
    /// Whether the site counts points: those of API tokens it does not.
    is_counted: bool,
    has_arrived: bool,
}

impl<'a> OnItsWay<'a> {
    /// It leaves, for the `made`th time.
    pub(super) fn left(
        exchange: &'a Exchange,
        request: &'a Request<Bytes>,
        authorization: Option<&Authorization>,
        made: u32,
        in_flight: InFlight,
    ) -> Self {
        exchange.terms.meter.left(made);
        let left = Self {
            exchange,
            request,
            left: exchange.clock().now(),
            in_flight,
            is_counted: authorization.is_some_and(|shown| shown.scheme() == "Bearer"),
            has_arrived: false,
        };
        left.spend(1);
        left
    }

    /// It has an answer, or none: `error` is the name of the case.
    pub(super) fn arrived(mut self, outcome: &Result<Response<Pieces>, Error>, error: &str) {
        self.has_arrived = true;
        let path = self.path();
        match outcome {
            Ok(answer) => {
                self.took(Ok(answer.status().as_u16()));
                if self.is_counted {
                    let points = points(path, answer.body().whole());
                    self.spend(points.saturating_sub(1));
                }
            }
            Err(cause) => {
                self.took(Err(error));
                if has_answered(cause) {
                    self.spend(most_points(path).saturating_sub(1));
                }
            }
        }
    }

    /// Counts points, where the site does.
    fn spend(&self, points: u64) {
        if points == 0 || !self.is_counted {
            return;
        }
        let exchange = self.exchange;
        exchange.terms.meter.spent(points);
        let now = exchange.clock().since_1970();
        for quota in exchange.quota() {
            exchange.egress.quotas.spend(quota, now, points);
        }
    }

    fn path(&self) -> &'a str {
        let path = self.request.uri().path_and_query();
        path.map_or("", |path| path.as_str())
    }

    fn took(&self, outcome: Result<u16, &str>) {
        let exchange = self.exchange;
        let took = exchange.clock().now().saturating_duration_since(self.left);
        let waited = self.in_flight.waited();
        if !waited.is_zero() {
            exchange.terms.meter.waited(waited);
        }
        let method: &Method = self.request.method();
        let took = took.saturating_sub(waited);
        exchange.terms.meter.arrived(method, outcome, took);
    }
}

impl Drop for OnItsWay<'_> {
    fn drop(&mut self) {
        if !self.has_arrived {
            self.took(Err(GIVEN_UP));
            let most = most_points(self.path());
            self.spend(most.saturating_sub(1));
        }
    }
}

/// How metrics name a request whose guest did not wait for its answer.
const GIVEN_UP: &str = "GivenUp";

/// Whether the site has most likely done its work, though its answer did not come through.
fn has_answered(error: &Error) -> bool {
    matches!(
        error,
        Error::HttpResponseIncomplete
            | Error::HttpResponseTimeout
            | Error::ConnectionReadTimeout
            | Error::HttpResponseBodySize(_)
    )
}
