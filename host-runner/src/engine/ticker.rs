//! The engine's clock: without it a guest that computes for ever is never interrupted.

use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use wasmtime::Engine;

/// How often a computing guest gives way, in milliseconds. A deadline is noticed this much late
/// at most; shorter ticks cost more than they gain beside network calls of 100 ms.
const TICK_MS: u64 = 10;

/// Ticks between two occasions for housekeeping: one second.
const HOUSEKEEPING_TICKS: u32 = 100;

/// A thread that advances the epoch of an engine until it is dropped.
pub(crate) struct Ticker {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    /// Starts ticking, and tidies up once a second. The thread does not keep the engine alive.
    pub(crate) fn start(
        engine: &Engine,
        tidy_up: impl Fn() + Send + 'static,
    ) -> std::io::Result<Self> {
        let engine = engine.weak();
        let (stop, stopped) = mpsc::sync_channel(1);
        let thread = thread::Builder::new()
            .name("epoch".to_owned())
            .spawn(move || {
                let mut ticks = 0;
                while stopped.recv_timeout(Duration::from_millis(TICK_MS))
                    == Err(RecvTimeoutError::Timeout)
                {
                    let Some(engine) = engine.upgrade() else {
                        return;
                    };
                    engine.increment_epoch();
                    drop(engine);
                    ticks += 1;
                    if ticks == HOUSEKEEPING_TICKS {
                        ticks = 0;
                        tidy_up();
                    }
                }
            })?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The thread only panics if incrementing a counter does; there is nothing to add.
            let _ = thread.join();
        }
    }
}
