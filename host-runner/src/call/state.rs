//! What the host keeps for one instance, and what of it is one call's alone.

use std::sync::Arc;

use wasmtime_wasi::ResourceTable;
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};
use wasmtime_wasi_io::IoView;

use super::usage::{Census, Counted};
use crate::engine::{Denied, MemoryLimiter};
use crate::limits::{HEADER_BYTES, Limits};
use crate::outbound::{CallEnd, Outbound};
use crate::settings::CallSettings;

/// What the host keeps for one instance.
pub(crate) struct CallState {
    table: ResourceTable,
    http: WasiHttpCtx,
    outbound: Outbound,
    pub(super) memory: MemoryLimiter,
    pub(crate) settings: CallSettings,
    _counted: Counted,
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

impl CallState {
    pub(super) fn new(
        limits: &Limits,
        outbound: Outbound,
        settings: CallSettings,
        census: &Census,
    ) -> Self {
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(HEADER_BYTES);
        Self {
            table: table(limits),
            http,
            outbound,
            memory: MemoryLimiter::new(limits),
            settings,
            _counted: census.count(),
        }
    }

    /// Makes it the state of the next call of the same instance: everything is that call's own, but
    /// for the memory that the instance has already.
    pub(super) fn renew(&mut self, limits: &Limits, outbound: Outbound, settings: CallSettings) {
        self.table = table(limits);
        self.outbound = outbound;
        self.settings = settings;
        self.memory.forgive();
    }

    /// Lets go of what is the ended call's: the credential, answers, requests. Answers its
    /// settings.
    pub(super) fn rest(&mut self) -> CallSettings {
        self.outbound.end_call();
        let idle = CallSettings {
            endpoint: None,
            effective: Arc::clone(&self.settings.effective),
            offered: None,
            accepted: None,
            remedy: None,
        };
        std::mem::replace(&mut self.settings, idle)
    }

    /// Whether the guest has closed everything that it opened.
    pub(super) fn is_tidy(&self) -> bool {
        self.table.is_empty()
    }

    /// Gives back the room that handles had, of a state that is tidy.
    pub(super) fn forget_handles(&mut self) {
        self.table = ResourceTable::new();
    }

    /// What may end the call.
    pub(super) fn end(&self) -> CallEnd {
        self.outbound.end()
    }

    /// What the guest was refused last.
    pub(super) fn denied(&self) -> Option<Denied> {
        self.memory.denied()
    }
}

fn table(limits: &Limits) -> ResourceTable {
    let mut table = ResourceTable::new();
    table.set_max_capacity(limits.handles);
    table
}
