//! Groups and their members.

use super::offset::{self, Window};
use super::user;
use crate::answer::Answer;
use crate::call::Call;
use crate::json::Json;
use crate::listing;
use crate::refusal::Refusal;

/// The most that a listing of members gives; more is refused.
const MAX_MEMBERS: usize = 200;

/// `GET /wiki/rest/api/group`: in the order of the names.
pub(super) fn list(call: &Call<'_>) -> Result<Answer, Refusal> {
    let access = call.one_of("accessType", &["user", "admin", "site-admin"])?;
    let window = Window::of(call, 200)?;
    let groups: Vec<u64> = match access {
        Some("admin" | "site-admin") => vec![0],
        _ => (0..call.site.group_count()).collect(),
    };
    Ok(offset::answer(call, &window, &groups, |&index, json| {
        write(call, index, json)
    }))
}

/// `GET /wiki/rest/api/group/by-id`.
pub(super) fn single(call: &Call<'_>) -> Result<Answer, Refusal> {
    let id = call.query.last("id").unwrap_or_default();
    let index = call.site.group_of_id(id);
    let index = index.ok_or_else(|| Refusal::not_found("No group with this id was found."))?;
    let mut json = Json::with_capacity(500);
    write(call, index, &mut json);
    Ok(listing::single(call, json))
}

/// `GET /wiki/rest/api/group/{groupId}/membersByGroupId`. An unknown group has no members, and
/// answers 200.
pub(super) fn members(call: &Call<'_>, id: &str) -> Result<Answer, Refusal> {
    let window = Window::of(call, MAX_MEMBERS)?;
    if window.limit > MAX_MEMBERS {
        return Err(Refusal::invalid(
            &format!("The limit is {}, which is too many.", window.limit),
            &format!("It may be at most {MAX_MEMBERS}."),
        ));
    }
    let group = call.site.group_of_id(id);
    let members = group.map(|index| call.site.group_members(index));
    let members = members.unwrap_or_default();
    Ok(offset::answer(call, &window, &members, |&account, json| {
        user::write(call, account, json)
    }))
}

/// `GET /wiki/rest/api/user/memberof`.
pub(super) fn of_user(call: &Call<'_>) -> Result<Answer, Refusal> {
    let window = Window::of(call, 200)?;
    let account = user::asked(call)?;
    let groups: Vec<u64> = (0..call.site.group_count())
        .filter(|&index| call.site.group_members(index).contains(&account))
        .collect();
    Ok(offset::answer(call, &window, &groups, |&index, json| {
        write(call, index, json)
    }))
}

fn write(call: &Call<'_>, index: u64, json: &mut Json) {
    write_named(
        call,
        &call.site.group_id(index),
        &call.site.group_name(index),
        json,
    );
}

/// A group that may no longer be there.
pub(super) fn write_named(call: &Call<'_>, id: &str, name: &str, json: &mut Json) {
    json.open('{')
        .text_at("type", "group")
        .text_at("name", name)
        .text_at("id", id)
        .text_at("usageType", "USERBASE_GROUP")
        .text_at("managedBy", "ADMINS")
        .key("_links")
        .open('{')
        .text_at(
            "self",
            &format!("{}/wiki/rest/api/group/by-id?id={id}", call.site_url),
        )
        .close('}')
        .close('}');
}
