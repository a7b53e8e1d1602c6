//! The engine's clock: without it a guest that computes for ever is never interrupted.

use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use wasmtime::Engine;

/// How long a guest computes before it gives way, in milliseconds. A deadline is noticed this much
/// late at most.
const SLICE_MS: u64 = 10;

/// The same while guests compute: what else is ready waits for no longer than this.
const CONTESTED_SLICE_MS: u64 = 1;

/// Time between two occasions for housekeeping, in milliseconds.
const HOUSEKEEPING_MS: u64 = 1_000;

/// A thread that advances the epoch of an engine until it is dropped.
pub(crate) struct Ticker {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    /// Starts ticking. `end_slice` is called before each tick, and answers whether guests compute;
    /// `tidy_up` once a second. The thread does not keep the engine alive.
    pub(crate) fn start(
        engine: &Engine,
        end_slice: impl Fn() -> bool + Send + 'static,
        tidy_up: impl Fn() + Send + 'static,
    ) -> std::io::Result<Self> {
        let engine = engine.weak();
        let (stop, stopped) = mpsc::sync_channel(1);
        let thread = thread::Builder::new()
            .name("epoch".to_owned())
            .spawn(move || {
                let mut slice = SLICE_MS;
                let mut since_tidy = 0;
                while stopped.recv_timeout(Duration::from_millis(slice))
                    == Err(RecvTimeoutError::Timeout)
                {
                    let Some(engine) = engine.upgrade() else {
                        return;
                    };
                    let is_contested = end_slice();
                    engine.increment_epoch();
                    drop(engine);
                    since_tidy += slice;
                    slice = if is_contested {
                        CONTESTED_SLICE_MS
                    } else {
                        SLICE_MS
                    };
                    if since_tidy >= HOUSEKEEPING_MS {
                        since_tidy = 0;
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
