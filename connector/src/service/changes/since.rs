//! `since`, as an argument: an instant, or the checkpoint of an earlier list.

use super::seen::{self, Seen};
use crate::{
    Error,
    query::due::{End, instant_ms},
};

/// What is known at the beginning of a list.
pub(super) struct Since {
    /// The changes that were returned before.
    pub(super) known: Seen,
    /// The instant, in milliseconds since 1970.
    pub(super) begin: i64,
}

impl Since {
    /// Reads an instant, or a checkpoint that belongs to `query`.
    pub(super) fn read(since: &str, query: u64) -> Result<Self, Error> {
        let known = if seen::is_checkpoint(since) {
            let (of, known) = Seen::of_checkpoint(since).ok_or_else(|| malformed("since"))?;
            if of != query {
                return Err(of_another_query());
            }
            known
        } else {
            Seen::at(instant_ms("since", since, End::From)?)
        };
        let begin = known.newest.ok_or_else(|| malformed("since"))?;
        Ok(Self { known, begin })
    }
}

/// The error for a text that carries state and was changed.
pub(super) fn malformed(argument: &str) -> Error {
    Error::argument(
        if argument == "since" {
            "checkpoint-malformed"
        } else {
            "after-malformed"
        },
        format!("the value of `{argument}` was not issued by this connector"),
        "it was cut, changed or made up, or it comes from another function",
        "pass it unchanged; `since` also accepts a time such as `2026-01-31T12:00:00Z`",
    )
}

fn of_another_query() -> Error {
    Error::argument(
        "checkpoint-of-another-query",
        "the checkpoint in `since` belongs to another query",
        "it comes from another function, or `space-ids` or `status` has changed since: what changed elsewhere was not in its list",
        "pass the arguments of the call that returned it, or start with a time such as `2026-01-31T12:00:00Z`",
    )
}
