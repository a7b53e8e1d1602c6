//! One call: in a fresh instance, which is gone before anything else happens, or in a warm one of
//! the same tenant where its levels have that.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::{Engine, Store, component};

use super::failure::CallError;
use super::instance::Instance;
use super::loaded::LoadedComponent;
use super::state::CallState;
use super::usage::Census;
use super::warm::{Owner, WarmInstances};
use crate::connection::Connection;
use crate::engine::is_crowded;
use crate::limits::Limits;
use crate::meter::Meter;
use crate::outbound::{
    AllowedHosts, CallEnd, Clock, Echoes, GivenUp, Held, Lanes, Locations, Outbound, Paces, Pacing,
    Quota, Refusal, RefusalSlot, Route, SharedQuotas, Transports,
};
use crate::settings::CallSettings;
use host_levels::Scope;

/// A call that is about to be made.
pub(crate) struct Invocation<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) component: &'a LoadedComponent,
    pub(crate) census: &'a Census,
    pub(crate) warm: &'a WarmInstances,
    /// Whose instance it may run in, and leave behind. `None` for one that is fresh and dropped.
    pub(crate) owner: Option<Owner>,
    /// On whose behalf.
    pub(crate) tenant: Arc<Scope>,
    pub(crate) transports: Arc<Transports>,
    pub(crate) lanes: Arc<Lanes>,
    pub(crate) paces: Arc<Paces>,
    pub(crate) quotas: SharedQuotas,
    pub(crate) quota: Vec<Quota>,
    pub(crate) route: Route,
    pub(crate) meter: Meter,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) pacing: Pacing,
    pub(crate) limits: Limits,
    /// What is left of [`Limits::call`].
    pub(crate) left: Duration,
    pub(crate) connection: Option<Arc<Connection>>,
    /// What may be asked beside the connection's site.
    pub(crate) allowed_hosts: Arc<AllowedHosts>,
    pub(crate) settings: CallSettings,
    /// Where redirects are kept, for the call that asks where they lead.
    pub(crate) locations: Option<Locations>,
}

/// What is left of a call once its instance is gone.
pub(crate) struct Outcome<T> {
    pub(crate) value: T,
    pub(crate) settings: CallSettings,
    pub(crate) refusal: Option<Refusal>,
}

impl Invocation<'_> {
    /// Makes the call, in an instance that is dropped when anything goes wrong.
    pub(crate) async fn run<T>(
        self,
        call: impl AsyncFnOnce(&mut Store<CallState>, component::Instance) -> wasmtime::Result<T>,
    ) -> Result<Outcome<T>, CallError> {
        let refusal = RefusalSlot::default();
        let limits = &self.limits;
        let clock = Arc::clone(&self.clock);
        let began = clock.now();
        let outbound = Outbound {
            connection: self.connection,
            allowed_hosts: self.allowed_hosts,
            tenant: self.tenant,
            transports: self.transports,
            lanes: self.lanes,
            paces: self.paces,
            quotas: self.quotas,
            quota: self.quota,
            route: self.route,
            meter: self.meter.clone(),
            deadline: began + self.left,
            clock: self.clock,
            pacing: self.pacing,
            limits: self.limits,
            held: Held::of(self.census.unread_bytes()),
            given_up: GivenUp::default(),
            echoes: Echoes::default(),
            end: CallEnd::default(),
            refusal: refusal.clone(),
            locations: self.locations,
        };
        let owner = self.owner.as_ref();
        let warm = owner.and_then(|owner| self.warm.take(owner, clock.now()));
        let mut instance = match warm {
            Some(mut instance) => {
                instance.state_mut().renew(limits, outbound, self.settings);
                instance
            }
            None => {
                if is_crowded(self.engine) {
                    self.warm.retire_all();
                }
                let state = CallState::new(limits, outbound, self.settings, self.census);
                Instance::new(self.engine, state, limits)
            }
        };
        let called = instance.enter(self.component, limits, self.left, call);
        let called = called.await;
        let peak = instance.state().memory.used_bytes();
        let spent = self.meter.ended(began, clock.now(), peak);
        let value = called.map_err(|error| match error {
            CallError::TimedOut { limit, .. } => CallError::TimedOut { limit, spent },
            error => error,
        })?;
        let settings = instance.state_mut().rest();
        if let Some(owner) = owner {
            self.warm.keep(owner, instance, clock.now());
        }
        Ok(Outcome {
            value,
            settings,
            refusal: refusal.take(),
        })
    }
}
