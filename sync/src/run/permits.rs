//! How many steps run at once, of all streams together.

use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};
use std::task::{Poll, Waker};

use source::{Progress, Source, SourceError, SourceFuture, SourceSettings, StepRequest, Stream};

use super::is_fatal;

/// The code of the error of steps that are not made any more.
pub(super) const ENDED: &str = "another-stream-failed";

/// A source whose steps run so many at once, and none after a failure that is one of all streams.
pub(super) struct Limited<'a> {
    source: &'a dyn Source,
    state: Mutex<State>,
}

struct State {
    free: usize,
    waiting: Vec<Waker>,
    /// Whether a failure of all streams has ended the run.
    has_ended: bool,
}

/// Leave to run a step, until it is dropped.
struct Permit<'l, 'a>(&'l Limited<'a>);

impl<'a> Limited<'a> {
    pub(super) fn new(source: &'a dyn Source, at_once: usize) -> Self {
        let state = State {
            free: at_once.max(1),
            waiting: Vec::new(),
            has_ended: false,
        };
        Self {
            source,
            state: Mutex::new(state),
        }
    }

    /// Whether a failure of all streams has ended the run.
    pub(super) fn has_ended(&self) -> bool {
        self.with(|state| state.has_ended)
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn permit(&self) -> Permit<'_, 'a> {
        poll_fn(|context| {
            self.with(|state| {
                if state.free == 0 {
                    state.waiting.push(context.waker().clone());
                    return Poll::Pending;
                }
                state.free -= 1;
                Poll::Ready(())
            })
        })
        .await;
        Permit(self)
    }
}

impl Drop for Permit<'_, '_> {
    fn drop(&mut self) {
        let waiting = self.0.with(|state| {
            state.free += 1;
            std::mem::take(&mut state.waiting)
        });
        // All of them: one that is gone would keep the permit from the others.
        waiting.into_iter().for_each(Waker::wake);
    }
}

impl Source for Limited<'_> {
    fn streams<'a>(&'a self, settings: &'a SourceSettings) -> SourceFuture<'a, Vec<Stream>> {
        self.source.streams(settings)
    }

    fn step<'a>(
        &'a self,
        streams: &'a [Stream],
        request: &'a StepRequest,
    ) -> SourceFuture<'a, Progress> {
        Box::pin(async move {
            let _permit = self.permit().await;
            if self.has_ended() {
                let message = "not read: another stream failed with an error of all streams";
                return Err(SourceError::new("cancelled", ENDED, message));
            }
            let stepped = self.source.step(streams, request).await;
            let failure = match &stepped {
                Err(error) => Some(error),
                Ok(progress) => match &progress.outcome {
                    source::Outcome::Failed(error) => Some(error),
                    _ => None,
                },
            };
            if failure.is_some_and(|error| is_fatal(&error.kind)) {
                self.with(|state| state.has_ended = true);
            }
            stepped
        })
    }
}
