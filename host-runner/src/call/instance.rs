//! One instance of a component, and calls of its functions.

use std::sync::Arc;
use std::time::Duration;

use host_levels::Scope;
use wasmtime::{Engine, PoolConcurrencyLimitError, Store, Trap, UpdateDeadline, component};
use wasmtime_wasi::ResourceTableError;
use wasmtime_wasi_http::FieldMapError;

use super::failure::CallError;
use super::foreign_text::{MAX_MESSAGE_BYTES, cut_display};
use super::state::CallState;
use super::turns::{Slice, Turns};
use host_levels::text::printable;

use super::loaded::LoadedComponent;
use crate::engine::{Denied, GUEST_STACK_BYTES};
use crate::limits::{HEADER_BYTES, Limits};
use crate::outbound::{EndReason, MAX_CUT};
use crate::receipt::TimeSpent;

/// Most characters of a function's name that an error repeats: names are the component's to choose.
const NAME_CHARACTERS: usize = 160;

/// An instance, or the room for one.
pub(crate) struct Instance {
    store: Store<CallState>,
    /// `None` before the first call.
    exports: Option<component::Instance>,
    calls: u32,
    slice: Slice,
}

impl Instance {
    /// Room for an instance of a tenant with these limits.
    pub(super) fn new(
        engine: &Engine,
        state: CallState,
        limits: &Limits,
        turns: Turns,
        tenant: Arc<Scope>,
    ) -> Self {
        let mut store = Store::new(engine, state);
        store.limiter(|state| &mut state.memory);
        // The guest's own resources, too, take memory of the host's.
        store.set_max_component_handles(limits.handles);
        // At each tick a computing guest gives way, so that the deadline of its call is noticed
        // even by a guest that never waits.
        let slice = Slice::new(turns);
        store.epoch_deadline_callback({
            let slice = slice.clone();
            move |_| {
                if !slice.is_used_up() {
                    return Ok(UpdateDeadline::Continue(1));
                }
                let next = Box::pin(slice.next(&tenant));
                Ok(UpdateDeadline::YieldCustom(1, next))
            }
        });
        Self {
            store,
            exports: None,
            calls: 0,
            slice,
        }
    }

    /// Makes a call, and instantiates the component before the first one.
    ///
    /// # Errors
    ///
    /// [`CallError`] with the limit that ended the call. The guest may be in any state then.
    pub(super) async fn enter<T>(
        &mut self,
        component: &LoadedComponent,
        limits: &Limits,
        left: Duration,
        call: impl AsyncFnOnce(&mut Store<CallState>, component::Instance) -> wasmtime::Result<T>,
    ) -> Result<T, CallError> {
        self.calls += 1;
        self.store.set_epoch_deadline(1);
        let end = self.store.data().end();
        // What the guest hands over is memory of the host's. For what the function answers the
        // number is lowered to what its type makes of it.
        self.store.set_hostcall_fuel(limits.memory_bytes);
        let store = &mut self.store;
        let exports = &mut self.exports;
        let guest = self.slice.run(async {
            let instance = match *exports {
                Some(instance) => instance,
                None => *exports.insert(component.pre().instantiate_async(&mut *store).await?),
            };
            call(store, instance).await
        });
        let called = tokio::time::timeout(left, guest);
        let called = tokio::select! {
            biased;
            why = end.decided() => Err(why),
            // Also of a guest that ended before it was stopped.
            called = called => end.reason().map_or(Ok(called), Err),
        };
        let called = called.map_err(|why| match why {
            EndReason::Echoes => CallError::CredentialEchoed { answers: MAX_CUT },
            EndReason::Requests => CallError::Requests {
                limit: limits.requests,
            },
        })?;
        match called {
            Err(_) => Err(CallError::TimedOut {
                limit: limits.call,
                // Whoever counts requests knows it.
                spent: TimeSpent::default(),
            }),
            Ok(Err(error)) => Err(failure(&error, self.store.data().denied(), limits)),
            Ok(Ok(value)) => Ok(value),
        }
    }

    /// How many calls were made.
    pub(super) fn calls(&self) -> u32 {
        self.calls
    }

    pub(super) fn state(&self) -> &CallState {
        self.store.data()
    }

    pub(super) fn state_mut(&mut self) -> &mut CallState {
        self.store.data_mut()
    }
}

/// Which limit ended a call, if one did.
fn failure(error: &wasmtime::Error, denied: Option<Denied>, limits: &Limits) -> CallError {
    if error.is::<PoolConcurrencyLimitError>() {
        return CallError::Crowded;
    }
    // Before what was denied: a guest may live with that, and end on this.
    if let Some(Trap::StackOverflow) = error.downcast_ref::<Trap>() {
        return CallError::Stack {
            limit_bytes: GUEST_STACK_BYTES,
        };
    }
    if let Some(ResourceTableError::Full) = error.downcast_ref::<ResourceTableError>() {
        return CallError::Handles {
            limit: limits.handles,
        };
    }
    if let Some(FieldMapError::TotalSizeTooBig | FieldMapError::TooManyFields) =
        error.downcast_ref::<FieldMapError>()
    {
        return CallError::Headers {
            limit_bytes: HEADER_BYTES,
        };
    }
    // wasmtime has no types for these two.
    let text = cut_display(error, MAX_MESSAGE_BYTES);
    if text.contains("fuel allocated for hostcalls") {
        return CallError::HandedOver {
            limit_bytes: limits.memory_bytes,
        };
    }
    if text.contains("store handle limit exceeded") {
        return CallError::Handles {
            limit: limits.handles,
        };
    }
    // Nor for this one: the guest has not begun to run.
    if text.contains("mmap failed to reserve") {
        return CallError::AddressSpace {
            reason: printable(&format!("{:#}", error.root_cause()), NAME_CHARACTERS),
        };
    }
    match denied {
        Some(Denied::Memory) => CallError::Memory {
            limit_bytes: limits.memory_bytes,
        },
        Some(Denied::Tables) => CallError::Tables {
            limit: limits.table_elements,
        },
        None => CallError::Trapped {
            reason: reason(error),
        },
    }
}

/// What broke, and in which functions: a trap alone says `unreachable`.
fn reason(error: &wasmtime::Error) -> String {
    let Some(trap) = error.downcast_ref::<Trap>() else {
        return cut_display(error, MAX_MESSAGE_BYTES);
    };
    let frames: Vec<String> = error
        .downcast_ref::<wasmtime::WasmBacktrace>()
        .map(|backtrace| {
            backtrace
                .frames()
                .iter()
                .filter_map(|frame| frame.func_name())
                .take(3)
                .map(|name| printable(name, NAME_CHARACTERS))
                .collect()
        })
        .unwrap_or_default();
    if frames.is_empty() {
        trap.to_string()
    } else {
        format!("{trap} in {}", frames.join(", called by "))
    }
}
