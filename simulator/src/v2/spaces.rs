//! Spaces.

use super::{labels, part, properties};
use crate::answer::Answer;
use crate::body_text::{self, BodyOf};
use crate::call::Call;
use crate::json::Json;
use crate::listing::{self, Rows};
use crate::random::mix;
use crate::refusal::Refusal;
use crate::sequence::Sequence;
use crate::site::permission::{SPACE_OPERATIONS as OPERATIONS, SpacePermission};
use crate::site::property::PropertyOf;
use crate::timestamp::iso;

const TYPES: [&str; 7] = [
    "global",
    "collaboration",
    "knowledge_base",
    "personal",
    "system",
    "onboarding",
    "xflow_sample_space",
];
const DESCRIPTIONS: [&str; 2] = ["plain", "view"];
/// `GET /spaces`. Archived ones come as well, unless a status is asked for.
pub(super) fn list(call: &Call<'_>) -> Result<Answer, Refusal> {
    let site = call.site;
    let limit = call.limit(25)?;
    let ids = call.ids("ids", 250)?;
    let keys = call.words("keys", 250)?;
    let of_type = call.one_of("type", &TYPES)?;
    let status = call.one_of("status", &["current", "archived"])?;
    let labels = call
        .words("labels", 250)?
        .map(|names| labels::named(&names));
    let sort = call.sort(&["id", "key", "name"])?;
    let format = call.one_of("description-format", &DESCRIPTIONS)?;
    let mut spaces: Vec<(u64, &crate::site::space::Space)> = (0..).zip(&site.spaces).collect();
    spaces.retain(|(index, space)| {
        !site.is_hidden(*index)
            && ids.as_ref().is_none_or(|ids| ids.contains(&space.id))
            && keys.as_ref().is_none_or(|keys| keys.contains(&space.key))
            && of_type.is_none_or(|of_type| space.kind == of_type)
            && status.is_none_or(|status| (status == "archived") == space.archived)
            && labels.as_ref().is_none_or(|labels| {
                site.labels_of_space(*index)
                    .iter()
                    .any(|label| labels.contains(label))
            })
    });
    match sort {
        Some(("key", _)) => spaces.sort_by_key(|(_, space)| space.key.as_str()),
        Some(("name", _)) => spaces.sort_by_key(|(_, space)| space.name.as_str()),
        _ => {}
    }
    let rows = Rows {
        sequence: Sequence::Picked(spaces.into_iter().map(|(index, _)| index).collect()),
        falling: sort.is_some_and(|(_, falling)| falling),
        accepts: &|_| true,
        id: &|index| site.space(index).map_or(0, |space| space.id).to_string(),
        write: &|index, json| write(call, index, format, false, json),
    };
    listing::answer(call, limit, &rows)
}

/// `GET /spaces/{id}`.
pub(super) fn single(call: &Call<'_>, index: u64) -> Result<Answer, Refusal> {
    let format = call.one_of("description-format", &DESCRIPTIONS)?;
    let mut json = Json::with_capacity(10_000);
    write(call, index, format, true, &mut json);
    Ok(listing::single(call, json))
}

fn write(call: &Call<'_>, index: u64, format: Option<&str>, single: bool, json: &mut Json) {
    let site = call.site;
    let Some(space) = site.space(index) else {
        return;
    };
    let roll = mix(site.seed, 205, index);
    json.open('{')
        .text_at("spaceOwnerId", site.account_id(roll));
    if site.pages.ordinal(index).is_some() {
        json.id_at("homepageId", site.pages.id(index));
    } else {
        json.null_at("homepageId");
    }
    json.text_at("createdAt", &iso(space.created, !roll.is_multiple_of(7)))
        .text_at("authorId", site.account_id(roll >> 8));
    if call.flag("include-icon") {
        json.key("icon").open('{').text_at(
            "path",
            &format!(
                "/download/attachments/{}/{}?version=1&api=v2",
                space.id, space.key
            ),
        );
        json.null_at("apiDownloadLink").close('}');
    } else {
        json.null_at("icon");
    }
    json.text_at("name", &space.name)
        .text_at("key", &space.key)
        .id_at("id", space.id)
        .text_at("type", space.kind);
    match format.filter(|_| !roll.is_multiple_of(3)) {
        Some(format) => {
            let text = body_text::sentence(BodyOf {
                seed: site.seed,
                salt: 2_000,
                index,
            });
            json.key("description").open('{').key(format).open('{');
            json.text_at("representation", format)
                .text_at("value", text)
                .close('}')
                .close('}');
        }
        None => {
            json.null_at("description");
        }
    }
    json.text_at(
        "status",
        if space.archived {
            "archived"
        } else {
            "current"
        },
    );
    if single {
        inclusions(call, index, space.id, json);
    }
    json.key("_links")
        .open('{')
        .text_at("webui", &format!("/spaces/{}", space.key));
    if single {
        json.text_at("base", &format!("{}/wiki", call.site_url));
    }
    json.close('}')
        .text_or_null_at("currentActiveAlias", space.alias.as_deref())
        .close('}');
}

fn inclusions(call: &Call<'_>, index: u64, id: u64, json: &mut Json) {
    let site = call.site;
    let owner = format!("spaces/{id}");
    if call.flag("include-labels") {
        let labels = site.labels_of_space(index);
        let write =
            |at: usize, json: &mut Json| labels::write(labels.get(at).copied().unwrap_or(0), json);
        part::embedded("labels", &owner, labels.len(), write, json);
    }
    if call.flag("include-properties") {
        let of = PropertyOf::Space(index);
        let write = |at: usize, json: &mut Json| properties::write(call, of, at as u64, json);
        let count = site.property_count(of) as usize;
        part::embedded("properties", &owner, count, write, json);
    }
    if call.flag("include-operations") {
        let write = |at: usize, json: &mut Json| {
            let (operation, target) = OPERATIONS.get(at).copied().unwrap_or(("read", "space"));
            json.open('{')
                .text_at("operation", operation)
                .text_at("targetType", target)
                .close('}');
        };
        part::embedded("operations", &owner, OPERATIONS.len(), write, json);
    }
    if call.flag("include-permissions") {
        let permissions = site.permissions_of(index);
        let write = |at: usize, json: &mut Json| permission(permissions.get(at), json);
        part::embedded("permissions", &owner, permissions.len(), write, json);
    }
}

/// `GET /spaces/{id}/permissions`. There is no sort.
pub(super) fn permissions(call: &Call<'_>, index: u64) -> Result<Answer, Refusal> {
    let limit = call.limit(25)?;
    let permissions = call.site.permissions_of(index);
    let at = |at: u64| permissions.get(at as usize);
    let rows = Rows {
        sequence: Sequence::Picked((0..permissions.len() as u64).collect()),
        falling: false,
        accepts: &|_| true,
        id: &|row| at(row).map_or(0, |permission| permission.id).to_string(),
        write: &|row, json| permission(at(row), json),
    };
    listing::answer(call, limit, &rows)
}

/// `GET /spaces/{id}/role-assignments`, on sites with roles. There is no sort.
pub(super) fn role_assignments(call: &Call<'_>, index: u64) -> Result<Answer, Refusal> {
    let limit = call.limit(25)?;
    let wanted = call.query.last("role-id");
    let of = |at| call.site.role_assignment(index, at);
    let rows = Rows {
        sequence: Sequence::Picked((0..call.site.role_assignment_count(index)).collect()),
        falling: false,
        accepts: &|at| wanted.is_none_or(|role| of(at).role_id == role),
        id: &|at| at.to_string(),
        write: &|at, json| {
            let assignment = of(at);
            json.open('{')
                .key("principal")
                .open('{')
                .text_at("principalType", assignment.principal_type)
                .text_at("principalId", &assignment.principal_id)
                .close('}')
                .text_at("roleId", &assignment.role_id)
                .close('}');
        },
    };
    listing::answer(call, limit, &rows)
}

fn permission(permission: Option<&SpacePermission>, json: &mut Json) {
    let Some(permission) = permission else {
        return;
    };
    json.open('{')
        .id_at("id", permission.id)
        .key("principal")
        .open('{')
        .text_at("type", permission.principal_type)
        .text_at("id", &permission.principal_id)
        .close('}')
        .key("operation")
        .open('{')
        .text_at("key", permission.operation)
        .text_at("targetType", permission.target)
        .close('}')
        .close('}');
}
