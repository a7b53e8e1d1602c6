//! What requests are sent with: what the host has, for all of them, and what one call has.

use std::sync::Arc;
use std::time::Instant;

use super::clock::Clock;
use super::credential::LiveAuthorizations;
use super::refusal::RefusalSlot;
use super::retry::{GivenUp, Pacing};
use super::transport::Transports;
use crate::connection::Connection;
use crate::limits::Limits;
use crate::meter::Meter;
use crate::outbound::admission::call_end::CallEnd;
use crate::outbound::admission::quota::{Quota, Quotas};
use crate::outbound::admission::rate_limiter::RateLimiters;
use crate::outbound::admission::request_permits::RequestPermits;
use crate::outbound::answer::held::Held;
use crate::outbound::redirect::location::Locations;
use crate::outbound::rules::allowed_host::AllowedHosts;
use crate::outbound::transport::route::Route;
use host_levels::Scope;

/// What the host has for the requests of all its calls.
pub(crate) struct Egress {
    pub(crate) transports: Transports,
    pub(crate) request_permits: RequestPermits,
    pub(crate) rate_limiters: RateLimiters,
    pub(crate) quotas: Quotas,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Egress {
    /// With no connection open, and nothing known of any site.
    pub(crate) fn new(transports: Transports, clock: Arc<dyn Clock>) -> Self {
        Self {
            transports,
            request_permits: RequestPermits::default(),
            rate_limiters: RateLimiters::default(),
            quotas: Quotas::default(),
            clock,
        }
    }
}

/// What one call has for its requests.
pub(crate) struct CallTerms {
    /// The scope that the call is made for.
    pub(crate) tenant: Arc<Scope>,
    /// `None` where nothing is configured: then every request to a site is refused.
    pub(crate) connection: Option<Arc<Connection>>,
    /// Hosts other than the connection's site that requests may go to.
    pub(crate) allowed_hosts: AllowedHosts,
    /// Requests to other hosts cost nothing of it.
    pub(crate) quota: Vec<Quota>,
    pub(crate) route: Route,
    pub(crate) pacing: Pacing,
    pub(crate) limits: Limits,
    /// When the call ends.
    pub(crate) deadline: Instant,
    pub(crate) meter: Meter,
    /// What is kept of answers for the guest.
    pub(crate) held: Held,
    /// Of requests to the site.
    pub(crate) given_up: GivenUp,
    /// What answers are searched for.
    pub(crate) live: LiveAuthorizations,
    /// What may end the call.
    pub(crate) end: CallEnd,
    pub(crate) refusal: RefusalSlot,
    /// Where redirects are kept, for the call that asks where they lead.
    pub(crate) locations: Option<Locations>,
}
