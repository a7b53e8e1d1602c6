//! What a run may spend. It stops between steps; what was committed stays, and the next run goes on.

use source::MAX_PARENTS;

use crate::clock::Millis;

/// Maximum number of requests of a step that has no other bound: the default of sources.
const STEP_REQUESTS: u64 = 100;

/// Maximum number of rows of a request.
const REQUEST_ROWS: u64 = 250;

/// What a run may spend. `None`: no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunBudget {
    /// Maximum number of requests.
    pub max_requests: Option<u64>,
    /// Maximum number of points. A request that has been sent can exceed it: how many rows it returns
    /// is known afterwards.
    pub max_points: Option<u64>,
    /// Maximum time in milliseconds, by the clock of the host. A step that has begun is completed.
    pub max_time: Option<Millis>,
}

/// The limit of a budget that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BudgetLimit {
    /// Requests.
    Requests,
    /// Points.
    Points,
    /// Time.
    Time,
}

impl BudgetLimit {
    /// Its name, which is that of the option that sets it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requests => "max-requests",
            Self::Points => "max-points",
            Self::Time => "max-time",
        }
    }
}

impl std::fmt::Display for BudgetLimit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// What a run has spent so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spent {
    pub(super) requests: u64,
    pub(super) points: u64,
    pub(super) time: Millis,
    /// Requests that running steps may make.
    pub(super) reserved: u64,
}

/// Whether a step may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowance {
    /// It may make so many requests; `None`: as many as it likes.
    Step(Option<u32>),
    /// Running steps have all that is left.
    Wait,
    /// Nothing is left.
    Stop(BudgetLimit),
}

impl RunBudget {
    /// Whether there is a limit.
    pub(super) const fn is_limited(&self) -> bool {
        self.max_requests.is_some() || self.max_points.is_some() || self.max_time.is_some()
    }

    /// Whether a step of a stream may begin, whose rows have so many points.
    pub(super) fn allowance(&self, spent: Spent, points_per_row: u32) -> Allowance {
        if self.max_time.is_some_and(|max| spent.time >= max) {
            return Allowance::Stop(BudgetLimit::Time);
        }
        let mut least = None;
        let mut limit = |left: u64, limit| {
            if least.is_none_or(|(fewest, _)| left < fewest) {
                least = Some((left, limit));
            }
        };
        if let Some(max) = self.max_requests {
            limit(max.saturating_sub(spent.requests), BudgetLimit::Requests);
        }
        if let Some(max) = self.max_points {
            let left = max.saturating_sub(spent.points);
            let of_request = 1 + REQUEST_ROWS * u64::from(points_per_row);
            let requests = left / of_request;
            limit(requests.max(u64::from(left > 0)), BudgetLimit::Points);
        }
        let Some((left, limit)) = least else {
            return Allowance::Step(None);
        };
        match left.saturating_sub(spent.reserved).min(STEP_REQUESTS) {
            0 if spent.reserved == 0 => Allowance::Stop(limit),
            0 => Allowance::Wait,
            requests => Allowance::Step(u32::try_from(requests).ok()),
        }
    }

    /// How many parents are read together. Those of an unfinished step are read again by the next run:
    /// near the end of a budget few are taken, so that each run finishes some.
    pub(super) fn parents(&self, spent: Spent, points_per_row: u32) -> usize {
        match self.allowance(spent, points_per_row) {
            Allowance::Step(Some(requests)) => {
                let parents = usize::try_from(requests / 4).unwrap_or(MAX_PARENTS);
                parents.clamp(1, MAX_PARENTS)
            }
            Allowance::Step(None) => MAX_PARENTS,
            Allowance::Wait | Allowance::Stop(_) => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Allowance, BudgetLimit, RunBudget, Spent};

    fn spent(requests: u64, points: u64, time: i64, reserved: u64) -> Spent {
        Spent {
            requests,
            points,
            time,
            reserved,
        }
    }

    #[test]
    fn a_step_gets_what_is_left_and_no_step_begins_after_that() {
        let budget = RunBudget {
            max_requests: Some(120),
            ..RunBudget::default()
        };
        for (requests, reserved, allowed) in [
            (0, 0, Allowance::Step(Some(100))),
            (0, 100, Allowance::Step(Some(20))),
            (0, 120, Allowance::Wait),
            (119, 0, Allowance::Step(Some(1))),
            (120, 0, Allowance::Stop(BudgetLimit::Requests)),
            (500, 0, Allowance::Stop(BudgetLimit::Requests)),
        ] {
            let spent = spent(requests, 0, 0, reserved);
            assert_eq!(budget.allowance(spent, 1), allowed, "{requests} {reserved}");
        }
    }

    #[test]
    fn points_limit_the_requests_of_a_step_by_what_full_pages_cost() {
        let budget = RunBudget {
            max_points: Some(1_000),
            ..RunBudget::default()
        };
        let allowed = |points, per_row| budget.allowance(spent(0, points, 0, 0), per_row);
        assert_eq!(allowed(0, 1), Allowance::Step(Some(3)));
        assert_eq!(allowed(999, 2), Allowance::Step(Some(1)));
        assert_eq!(allowed(1_000, 1), Allowance::Stop(BudgetLimit::Points));
    }

    #[test]
    fn no_step_begins_once_the_time_is_over() {
        let budget = RunBudget {
            max_time: Some(60_000),
            ..RunBudget::default()
        };
        let allowed = |time| budget.allowance(spent(9, 9, time, 0), 1);
        assert_eq!(allowed(59_999), Allowance::Step(None));
        assert_eq!(allowed(60_000), Allowance::Stop(BudgetLimit::Time));
    }
}
