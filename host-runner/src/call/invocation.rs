//! One call in one fresh instance, which is gone before anything else happens.

use std::sync::Arc;

use wasmtime::component::Val;
use wasmtime::{Engine, Store, Trap};
use wasmtime_wasi::ResourceTable;
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};
use wasmtime_wasi_io::IoView;

use super::failure::CallError;
use crate::component::{Function, LoadedComponent};
use crate::connection::Connection;
use crate::engine::{Limits, MemoryLimiter};
use crate::outbound::{
    Clock, GivenUp, Held, Lanes, Locations, Outbound, Paces, Pacing, Quota, Refusal, RefusalSlot,
    Route, SharedQuotas, Transports,
};
use crate::receipt::Meter;
use crate::settings::CallSettings;

/// What the host keeps for one instance.
pub(crate) struct CallState {
    table: ResourceTable,
    http: WasiHttpCtx,
    outbound: Outbound,
    memory: MemoryLimiter,
    pub(crate) settings: CallSettings,
}

impl IoView for CallState {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}

impl WasiHttpView for CallState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.outbound,
        }
    }
}

/// A call that is about to be made.
pub(crate) struct Invocation<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) component: &'a LoadedComponent,
    pub(crate) transports: Arc<Transports>,
    pub(crate) lanes: Arc<Lanes>,
    pub(crate) paces: Arc<Paces>,
    pub(crate) quotas: SharedQuotas,
    pub(crate) quota: Option<Quota>,
    pub(crate) route: Route,
    pub(crate) meter: Meter,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) pacing: Pacing,
    pub(crate) limits: Limits,
    pub(crate) connection: Option<Arc<Connection>>,
    pub(crate) settings: CallSettings,
    /// Where redirects are kept, for the call that asks where they lead.
    pub(crate) locations: Option<Locations>,
}

/// What is left of a call once its instance is gone.
pub(crate) struct Outcome {
    pub(crate) value: Option<Val>,
    pub(crate) settings: CallSettings,
    pub(crate) refusal: Option<Refusal>,
}

impl Invocation<'_> {
    /// Instantiates the component, calls the function, and drops the instance.
    pub(crate) async fn run(
        self,
        function: &Function,
        arguments: &[Val],
    ) -> Result<Outcome, CallError> {
        let limits = self.limits;
        let began = self.clock.now();
        let refusal = RefusalSlot::default();
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits.handles);
        let mut store = Store::new(
            self.engine,
            CallState {
                table,
                http: WasiHttpCtx::new(),
                outbound: Outbound {
                    connection: self.connection,
                    transports: self.transports,
                    lanes: self.lanes,
                    paces: self.paces,
                    quotas: self.quotas,
                    quota: self.quota,
                    route: self.route,
                    meter: self.meter.clone(),
                    deadline: began + limits.call,
                    clock: Arc::clone(&self.clock),
                    pacing: self.pacing,
                    limits,
                    held: Held::default(),
                    given_up: GivenUp::default(),
                    refusal: refusal.clone(),
                    locations: self.locations,
                },
                memory: MemoryLimiter::new(&limits),
                settings: self.settings,
            },
        );
        store.limiter(|state| &mut state.memory);
        // What the guest hands over in one call is memory of the host's, and a value takes more
        // room there than in the guest.
        store.set_hostcall_fuel(limits.memory_bytes);
        // At each tick a computing guest gives way, so that the deadline below is noticed even
        // by a guest that never waits.
        store.epoch_deadline_async_yield_and_update(1);
        store.set_epoch_deadline(1);

        let mut results = vec![Val::Bool(false); usize::from(function.result().is_some())];
        let called = tokio::time::timeout(limits.call, async {
            let instance = self.component.pre().instantiate_async(&mut store).await?;
            let Some(callee) = instance.get_func(&mut store, function.index()) else {
                wasmtime::bail!("the function `{}` is not there", function.name());
            };
            callee.call_async(&mut store, arguments, &mut results).await
        })
        .await;
        let denied = store.data().memory.denied();
        let peak = store.data().memory.used_bytes();
        let settings = store.into_data().settings;
        self.meter.ended(began, self.clock.now(), peak);
        match called {
            Err(_) => Err(CallError::TimedOut { limit: limits.call }),
            Ok(Err(error)) if denied || is_fuel(&error) => Err(CallError::Memory {
                limit_bytes: limits.memory_bytes,
            }),
            Ok(Err(error)) => Err(CallError::Trapped {
                reason: reason(&error),
            }),
            Ok(Ok(())) => Ok(Outcome {
                value: results.pop(),
                settings,
                refusal: refusal.take(),
            }),
        }
    }
}

/// Whether the guest handed over more than the host takes. wasmtime has no type for this error.
fn is_fuel(error: &wasmtime::Error) -> bool {
    format!("{error:#}").contains("fuel allocated for hostcalls")
}

/// What broke, and in which functions: a trap alone says `unreachable`.
fn reason(error: &wasmtime::Error) -> String {
    let Some(trap) = error.downcast_ref::<Trap>() else {
        return format!("{error:#}");
    };
    let frames: Vec<&str> = error
        .downcast_ref::<wasmtime::WasmBacktrace>()
        .map(|backtrace| {
            backtrace
                .frames()
                .iter()
                .filter_map(|frame| frame.func_name())
                .take(3)
                .collect()
        })
        .unwrap_or_default();
    if frames.is_empty() {
        trap.to_string()
    } else {
        format!("{trap} in {}", frames.join(", called by "))
    }
}
