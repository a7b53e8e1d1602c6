//! What the passes of a run have cost, and how that is read from the records of past runs.

use serde_json::{Value, json};
use source::Pass;

/// A way in which a stream is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct PassKind {
    /// The pass.
    pub pass: Pass,
    /// Whether its rows are read by parents or keys, and not from a list.
    pub by_parents: bool,
    /// Whether its rows are not copied: filters look at them, as at the labels of content and at the
    /// folders that pages are in.
    pub is_of_filter: bool,
}

/// What a pass over a stream has cost in one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PassCost {
    /// Requests.
    pub requests: u64,
    /// Points of the site's rate limit.
    pub points: u64,
    /// Rows that the site sent.
    pub rows: u64,
    /// How many parents or keys were read.
    pub parents: u64,
    /// How many parts it was read in: spaces, or groups of up to 250 parents.
    pub parts: u64,
    /// How many parents a list left out that have rows, or, of streams that say who may read, how many
    /// it left out at all. They are read one by one.
    pub omitted: u64,
    /// Whether it began and ended in this run.
    pub is_whole: bool,
}

impl PassKind {
    pub(super) const fn list(pass: Pass) -> Self {
        Self {
            pass,
            by_parents: false,
            is_of_filter: false,
        }
    }

    pub(super) const fn by_parents(pass: Pass) -> Self {
        Self {
            pass,
            by_parents: true,
            is_of_filter: false,
        }
    }

    pub(super) const fn of_filter(pass: Pass, by_parents: bool) -> Self {
        Self {
            pass,
            by_parents,
            is_of_filter: true,
        }
    }

    /// What it is called: by its pass, or `filter`.
    #[must_use]
    pub fn name(self) -> &'static str {
        if self.is_of_filter {
            "filter"
        } else {
            self.pass.name()
        }
    }
}

impl PassCost {
    pub(super) const NOTHING: Self = Self {
        requests: 0,
        points: 0,
        rows: 0,
        parents: 0,
        parts: 0,
        omitted: 0,
        is_whole: true,
    };

    pub(super) fn to_json(self, kind: PassKind) -> Value {
        json!({
            "pass": kind.pass.name(),
            "byParents": kind.by_parents,
            "ofFilter": kind.is_of_filter,
            "requests": self.requests,
            "points": self.points,
            "rows": self.rows,
            "parents": self.parents,
            "parts": self.parts,
            "omitted": self.omitted,
            "whole": self.is_whole,
        })
    }

    /// What was recorded. `None` for what no version of this program has written.
    pub(super) fn of_json(value: &Value) -> Option<(PassKind, Self)> {
        let number = |name: &str| value.get(name)?.as_u64();
        let flag = |name: &str| value.get(name)?.as_bool();
        let kind = PassKind {
            pass: value.get("pass")?.as_str()?.parse().ok()?,
            by_parents: flag("byParents")?,
            is_of_filter: flag("ofFilter").unwrap_or_default(),
        };
        let cost = Self {
            requests: number("requests")?,
            points: number("points")?,
            rows: number("rows")?,
            parents: number("parents")?,
            parts: number("parts")?,
            omitted: number("omitted").unwrap_or_default(),
            is_whole: flag("whole")?,
        };
        Some((kind, cost))
    }
}
