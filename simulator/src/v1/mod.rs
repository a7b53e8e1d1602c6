//! The parts of REST v1 that have no twin in v2.

mod audit;
mod cql;
mod download;
mod expand;
mod group;
mod label;
mod offset;
mod restriction;
mod search;
mod time_zone;
mod user;

use crate::answer::Answer;
use crate::call::Call;
use crate::refusal::Refusal;

/// Whether a path below `/wiki/rest/api/` is answered from the index.
pub(crate) fn is_search(path: &str) -> bool {
    matches!(path, "search" | "content/search")
}

/// The answer to a path below `/wiki/rest/api/`.
pub(crate) fn answer(call: &Call<'_>, path: &str) -> Result<Answer, Refusal> {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["user", "current"] => Ok(user::current(call)),
        ["user"] => user::single(call),
        ["user", "bulk"] => user::bulk(call),
        ["user", "memberof"] => group::of_user(call),
        ["group"] => group::list(call),
        ["group", "by-id"] => group::single(call),
        ["group", id, "membersByGroupId"] => group::members(call, id),
        ["audit"] => audit::list(call),
        ["label"] => label::answer(call),
        ["search"] => search::answer(call, search::Form::Envelopes),
        ["content", "search"] => search::answer(call, search::Form::Content),
        ["content", id, "restriction"] => restriction::list(call, id),
        ["content", id, "restriction", "byOperation"] => restriction::by_operation(call, id),
        ["content", id, "restriction", "byOperation", operation] => {
            restriction::of_operation(call, id, operation)
        }
        ["content", id, "child", "attachment", attachment, "download"] => {
            download::answer(call, id, attachment)
        }
        _ => Err(Refusal::not_found("No such resource.")),
    }
}
