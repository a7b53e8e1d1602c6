//! How a command ends after a run.

use sync::{RunOutcome, StreamReport, SyncReport};

use crate::count::count;
use crate::exit::Failure;
use crate::report;

/// How the command ends: a failure of the source as that of a call.
pub(super) fn conclude(done: SyncReport) -> Result<(), Failure> {
    let held: u64 = done.streams.iter().map(|stream| stream.held).sum();
    let unread = |stream: &StreamReport| stream.missed + stream.failed + stream.incomplete > 0;
    let is_unread = done.streams.iter().any(unread);
    let stopped_by = done.stopped_by;
    match done.outcome {
        RunOutcome::Complete => Ok(()),
        RunOutcome::Held => Err(Failure::SyncHeld(held)),
        outcome => {
            let failures = done.streams.into_iter().flat_map(|stream| stream.failures);
            let mut failures: Vec<_> = failures.collect();
            if outcome == RunOutcome::Failed && !failures.is_empty() {
                return Err(failures.remove(0).into());
            }
            for error in &failures {
                report::warning(&error.message);
            }
            if held > 0 {
                report::warning(&need_approval(held));
            }
            match stopped_by {
                Some(limit) if failures.is_empty() && !is_unread => Err(Failure::SyncBudget(limit)),
                _ => Err(Failure::SyncPartial),
            }
        }
    }
}

/// How many deletions wait.
pub(super) fn need_approval(held: u64) -> String {
    let verb = if held == 1 { "needs" } else { "need" };
    format!("{} {verb} approval", count(held, "deletion"))
}
