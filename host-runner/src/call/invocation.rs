//! One call: in a fresh instance, which is gone before anything else happens, or in a warm one of
//! the same tenant where its levels have that.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::{Engine, Store, component};

use super::failure::CallError;
use super::instance::Instance;
use super::loaded::LoadedComponent;
use super::state::CallState;
use super::turns::Turns;
use super::usage::Census;
use super::warm::{Owner, WarmInstances};
use crate::engine::is_crowded;
use crate::outbound::{CallTerms, Egress, Outbound, Refusal};
use crate::settings::CallSettings;

/// A call that is about to be made.
pub(crate) struct Invocation<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) component: &'a LoadedComponent,
    pub(crate) census: &'a Census,
    pub(crate) warm: &'a WarmInstances,
    pub(crate) turns: &'a Turns,
    /// Whose instance it may run in, and leave behind. `None` for one that is fresh and dropped.
    pub(crate) owner: Option<Owner>,
    pub(crate) egress: Arc<Egress>,
    pub(crate) terms: Arc<CallTerms>,
    /// What is left of [`Limits::call`](crate::limits::Limits::call).
    pub(crate) left: Duration,
    pub(crate) settings: CallSettings,
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
        let terms = self.terms;
        let limits = &terms.limits;
        let clock = Arc::clone(&self.egress.clock);
        let began = clock.now();
        let outbound = Outbound::new(self.egress, Arc::clone(&terms));
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
                let tenant = Arc::clone(&terms.tenant);
                Instance::new(self.engine, state, limits, self.turns.clone(), tenant)
            }
        };
        let called = instance.enter(self.component, limits, self.left, call);
        let called = called.await;
        let peak = instance.state().memory.used_bytes();
        let spent = terms.meter.ended(began, clock.now(), peak);
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
            refusal: terms.refusal.take(),
        })
    }
}
