//! The parts of REST v1 that have no twin in v2.

mod cql;
mod search;
mod user;

use crate::answer::Answer;
use crate::call::Call;
use crate::refusal::Refusal;

/// The answer to a path below `/wiki/rest/api/`.
pub(crate) fn answer(call: &Call<'_>, path: &str) -> Result<Answer, Refusal> {
    match path {
        "user/current" => Ok(user::current(call)),
        "search" => search::answer(call),
        _ => Err(Refusal::not_found("No such resource.")),
    }
}
