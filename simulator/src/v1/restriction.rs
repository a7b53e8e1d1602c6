//! Restrictions of content.

use super::offset::{self, Window};
use super::{group, user};
use crate::answer::Answer;
use crate::call::Call;
use crate::json::Json;
use crate::listing;
use crate::refusal::Refusal;
use crate::site::restriction::{Operation, Restricted};

/// `GET /wiki/rest/api/content/{id}/restriction`: both operations, always.
pub(super) fn list(call: &Call<'_>, id: &str) -> Result<Answer, Refusal> {
    let of = restricted(call, id)?;
    let window = Window::of(call, 100)?;
    // The window is one over principals, not over operations.
    let mut all = Window::of(call, 100)?;
    (all.start, all.limit) = (0, Operation::ALL.len());
    let written = all.rows(call, &Operation::ALL, |&operation, json| {
        write(call, id, of, operation, Some(&window), json)
    });
    let mut json = Json::with_capacity(written.0.len() + 500);
    json.open('{')
        .key("results")
        .open('[')
        .raw_bytes(&written.0)
        .close(']')
        .number_at("start", window.start as u64)
        .number_at("limit", window.limit as u64)
        .number_at("size", written.1 as u64)
        .text_at(
            "restrictionsHash",
            &crate::random::hex(call.site.seed, 160, crate::call::hash_text(id)),
        );
    offset::links(call, &mut json);
    json.close('}');
    Ok(Answer::json(200, json.into_bytes()))
}

/// `GET /wiki/rest/api/content/{id}/restriction/byOperation`: one member for each operation.
pub(super) fn by_operation(call: &Call<'_>, id: &str) -> Result<Answer, Refusal> {
    let of = restricted(call, id)?;
    let mut json = Json::with_capacity(2_000);
    json.open('{');
    for operation in Operation::ALL {
        json.key(operation.name());
        write(call, id, of, operation, None, &mut json);
    }
    offset::links(call, &mut json);
    json.close('}');
    Ok(listing::single(call, json))
}

/// `GET /wiki/rest/api/content/{id}/restriction/byOperation/{operationKey}`.
pub(super) fn of_operation(call: &Call<'_>, id: &str, name: &str) -> Result<Answer, Refusal> {
    let of = restricted(call, id)?;
    let operation = Operation::ALL
        .into_iter()
        .find(|known| known.name() == name);
    let operation =
        operation.ok_or_else(|| Refusal::not_one_of("operationKey", name, &["read", "update"]))?;
    let window = Window::of(call, 100)?;
    let mut json = Json::with_capacity(2_000);
    write(call, id, of, operation, Some(&window), &mut json);
    Ok(listing::single(call, json))
}

fn restricted(call: &Call<'_>, id: &str) -> Result<Restricted, Refusal> {
    let id: Option<u64> = id.parse().ok();
    let of = id.and_then(|id| call.site.restricted_of_id(id));
    of.ok_or_else(|| {
        Refusal::not_found("No content with this id was found, or you may not see it.")
    })
}

/// Empty lists where nothing is restricted here, whatever stands above.
fn write(
    call: &Call<'_>,
    id: &str,
    of: Restricted,
    operation: Operation,
    window: Option<&Window>,
    json: &mut Json,
) {
    let site = call.site;
    let restriction = site.restriction(of, operation);
    let (start, limit) = window.map_or((0, 100), |window| (window.start, window.limit));
    json.open('{')
        .text_at("operation", operation.name())
        .key("restrictions")
        .open('{')
        .key("user");
    users(call, &restriction.users, (start, limit), json);
    json.key("group");
    groups(call, &restriction.groups, (start, limit), json);
    json.close('}')
        .key("_expandable")
        .open('{')
        .text_at("content", &format!("/rest/api/content/{id}"))
        .close('}')
        .key("_links")
        .open('{')
        .text_at(
            "self",
            &format!(
                "{}/wiki/rest/api/content/{id}/restriction/byOperation/{}",
                call.site_url,
                operation.name()
            ),
        )
        .close('}')
        .close('}');
}

/// The users of a restriction, from one on and so many.
pub(super) fn users(
    call: &Call<'_>,
    accounts: &[String],
    (start, limit): (usize, usize),
    json: &mut Json,
) {
    json.open('{').key("results").open('[');
    let mut count = 0;
    for account in accounts.iter().skip(start).take(limit) {
        json.element();
        if let Some(at) = call.site.account_of_id(account) {
            user::write(call, at, json);
        }
        count += 1;
    }
    end(count, (start, limit), json);
}

/// The groups of a restriction. Some are there no more.
pub(super) fn groups(
    call: &Call<'_>,
    ids: &[String],
    (start, limit): (usize, usize),
    json: &mut Json,
) {
    json.open('{').key("results").open('[');
    let mut count = 0;
    for id in ids.iter().skip(start).take(limit) {
        let name = match call.site.group_of_id(id) {
            Some(index) => call.site.group_name(index),
            None => "deleted-group".to_owned(),
        };
        json.element();
        group::write_named(call, id, &name, json);
        count += 1;
    }
    end(count, (start, limit), json);
}

fn end(count: usize, (start, limit): (usize, usize), json: &mut Json) {
    json.close(']')
        .number_at("start", start as u64)
        .number_at("limit", limit as u64)
        .number_at("size", count as u64)
        .close('}');
}
