//! What is known of one sync.

use host_levels::Schedule;
use serde_json::{Value, json};

/// How long a sync waits after its first failed run, in milliseconds: 15 minutes. Twice as long after
/// each further one.
const FIRST_WAIT: i64 = 15 * 60 * 1_000;

/// How long it waits at most: 4 hours.
const LONGEST_WAIT: i64 = 4 * 60 * 60 * 1_000;

/// What is known of one sync. Times are milliseconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncRecord {
    /// Why it does not run by itself, if it does not.
    pub paused: Option<Pause>,
    /// Its last run.
    pub last: Option<LastRun>,
    /// How many of its last runs have failed, one after the other.
    pub failures: u32,
}

/// A pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pause {
    /// Since when.
    pub since: i64,
    /// Why.
    pub reason: PauseReason,
}

/// Why a sync is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PauseReason {
    /// Somebody paused it.
    Request,
    /// The site refused its connection.
    Authorization,
}

/// The last run of a sync.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LastRun {
    /// When it began.
    pub started: i64,
    /// When it ended.
    pub ended: i64,
    /// How it ended: `complete`, `partial`, `held` or `failed`.
    pub outcome: String,
}

/// What a sync is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SyncState {
    /// A run goes on.
    Running,
    /// Somebody paused it.
    Paused,
    /// It is paused since the site refused its connection.
    NeedsAuthorization,
    /// Its last runs have failed.
    Failing,
    /// Deletions need approval.
    Held,
    /// It never ran.
    NeverRun,
    /// It ran.
    Active,
}

impl SyncState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::NeedsAuthorization => "needs authorization",
            Self::Failing => "failing",
            Self::Held => "held",
            Self::NeverRun => "never run",
            Self::Active => "active",
        }
    }
}

impl PauseReason {
    const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Authorization => "authorization",
        }
    }
}

impl LastRun {
    /// A run that ended.
    #[must_use]
    pub fn new(started: i64, ended: i64, outcome: impl Into<String>) -> Self {
        Self {
            started,
            ended,
            outcome: outcome.into(),
        }
    }
}

impl SyncRecord {
    /// Pauses the sync.
    pub fn pause(&mut self, since: i64, reason: PauseReason) {
        self.paused = Some(Pause { since, reason });
    }

    /// Resumes it. Failures of before no longer delay it. Returns whether it was paused.
    pub fn resume(&mut self) -> bool {
        self.failures = 0;
        self.paused.take().is_some()
    }

    /// Notes how a run ended. `is_refused`: the site refused the connection, so that the sync is paused
    /// until somebody resumes it or a run of it succeeds.
    pub fn ended(&mut self, run: LastRun, is_refused: bool) {
        if run.outcome == "failed" {
            self.failures = self.failures.saturating_add(1);
        } else {
            self.failures = 0;
            let is_of_us = |pause: &Pause| pause.reason == PauseReason::Authorization;
            self.paused = self.paused.filter(|pause| !is_of_us(pause));
        }
        if is_refused && self.paused.is_none() {
            self.pause(run.ended, PauseReason::Authorization);
        }
        self.last = Some(run);
    }

    /// When it is due: now, if that is in the past. A sync that never ran is due at once; times that
    /// were missed count once; one that failed is tried again after 15 minutes, and after twice as long
    /// each time, up to 4 hours. `None`: never by itself.
    #[must_use]
    pub fn due(&self, schedule: Option<&Schedule>, id: &str, now: i64) -> Option<i64> {
        let schedule = schedule.filter(|_| self.paused.is_none())?;
        let Some(last) = &self.last else {
            return Some(now);
        };
        if self.failures > 0 {
            return Some(last.ended + waits(self.failures));
        }
        // A clock that was set back must not stop it for as long as it was ahead.
        if last.started > now {
            return Some(now);
        }
        schedule.next_after(id, last.started)
    }

    /// What it is doing.
    #[must_use]
    pub fn state(&self, is_running: bool) -> SyncState {
        let reason = self.paused.map(|pause| pause.reason);
        match (reason, &self.last) {
            _ if is_running => SyncState::Running,
            (Some(PauseReason::Request), _) => SyncState::Paused,
            (Some(PauseReason::Authorization), _) => SyncState::NeedsAuthorization,
            (None, None) => SyncState::NeverRun,
            (None, Some(_)) if self.failures > 0 => SyncState::Failing,
            (None, Some(last)) if last.outcome == "held" => SyncState::Held,
            (None, Some(_)) => SyncState::Active,
        }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "paused": self.paused.map(|pause| json!({
                "since": pause.since,
                "reason": pause.reason.name(),
            })),
            "last": self.last.as_ref().map(|last| json!({
                "started": last.started,
                "ended": last.ended,
                "outcome": last.outcome,
            })),
            "failures": self.failures,
        })
    }

    /// What was written. What a later version has written besides is not read.
    pub(super) fn of_json(value: &Value) -> Option<Self> {
        let paused = match value.get("paused")? {
            Value::Null => None,
            pause => Some(Pause {
                since: pause.get("since")?.as_i64()?,
                reason: match pause.get("reason")?.as_str()? {
                    "authorization" => PauseReason::Authorization,
                    _ => PauseReason::Request,
                },
            }),
        };
        let last = match value.get("last")? {
            Value::Null => None,
            last => Some(LastRun {
                started: last.get("started")?.as_i64()?,
                ended: last.get("ended")?.as_i64()?,
                outcome: last.get("outcome")?.as_str()?.to_owned(),
            }),
        };
        Some(Self {
            paused,
            last,
            failures: u32::try_from(value.get("failures")?.as_u64()?).ok()?,
        })
    }
}

/// How long a sync waits that has failed so many times.
fn waits(failures: u32) -> i64 {
    let doublings = failures.saturating_sub(1).min(8);
    (FIRST_WAIT << doublings).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use host_levels::Schedule;

    use super::{LastRun, PauseReason, SyncRecord, SyncState};

    const MINUTE: i64 = 60_000;
    const NOW: i64 = 1_795_910_400_000;

    fn ended(record: &mut SyncRecord, at: i64, outcome: &str) {
        record.ended(LastRun::new(at, at, outcome), false);
    }

    #[test]
    fn a_sync_that_fails_waits_longer_each_time_until_it_succeeds() {
        let schedule = Schedule::parse("60m").unwrap();
        let mut record = SyncRecord::default();
        let due = |record: &SyncRecord| record.due(Some(&schedule), "docs", NOW);
        assert_eq!(due(&record), Some(NOW));
        assert_eq!(record.due(None, "docs", NOW), None);
        for minutes in [15, 30, 60, 120, 240, 240] {
            ended(&mut record, NOW, "failed");
            assert_eq!(due(&record), Some(NOW + minutes * MINUTE));
            assert_eq!(record.state(false), SyncState::Failing);
        }
        ended(&mut record, NOW, "partial");
        assert_eq!(record.state(false), SyncState::Active);
        let next = due(&record).unwrap();
        assert!(next > NOW && next <= NOW + 60 * MINUTE);
        // Missed times count once.
        ended(&mut record, NOW - 600 * MINUTE, "complete");
        assert!(due(&record).unwrap() <= NOW);
        ended(&mut record, NOW, "complete");
        assert!(due(&record).unwrap() > NOW);
        // The clock was a day ahead.
        ended(&mut record, NOW + 1_440 * MINUTE, "complete");
        assert_eq!(due(&record), Some(NOW));
    }

    #[test]
    fn a_refused_login_pauses_until_a_run_succeeds_and_a_person_s_pause_stays() {
        let schedule = Schedule::parse("60m").unwrap();
        let mut record = SyncRecord::default();
        record.ended(LastRun::new(NOW, NOW, "failed"), true);
        assert_eq!(record.state(false), SyncState::NeedsAuthorization);
        assert_eq!(record.due(Some(&schedule), "docs", NOW), None);
        assert_eq!(SyncRecord::of_json(&record.to_json()), Some(record.clone()));
        ended(&mut record, NOW, "held");
        assert_eq!(record.state(false), SyncState::Held);
        record.pause(NOW, PauseReason::Request);
        record.ended(LastRun::new(NOW, NOW, "failed"), true);
        ended(&mut record, NOW, "complete");
        assert_eq!(record.state(false), SyncState::Paused);
        assert_eq!(record.state(true), SyncState::Running);
        assert!(record.resume());
        assert_eq!(record.state(false), SyncState::Active);
    }
}
