//! Custom content.

use super::content::{order_of, written};
use super::part;
use crate::answer::Answer;
use crate::body_text::BodyOf;
use crate::call::Call;
use crate::json::Json;
use crate::listing::{self, Rows};
use crate::refusal::Refusal;
use crate::sequence::Sequence;
use crate::site::entity::Entity;

const BODIES: [&str; 3] = ["raw", "storage", "atlas_doc_format"];
const SINGLE_BODIES: [&str; 6] = [
    "raw",
    "storage",
    "atlas_doc_format",
    "view",
    "export_view",
    "anonymous_export_view",
];

/// `GET /custom-content`. Without a type there is no answer.
pub(super) fn list(call: &Call<'_>) -> Result<Answer, Refusal> {
    let (site, rows) = (call.site, &call.site.custom_content);
    let Some(of_type) = call
        .query
        .last("type")
        .filter(|of_type| !of_type.is_empty())
    else {
        return Err(Refusal::invalid(
            "The parameter 'type' is missing.",
            "Name the type of custom content to list.",
        ));
    };
    let limit = call.limit(25)?;
    let format = call.one_of("body-format", &BODIES)?;
    let sort = call.sort(&["id", "created-date", "modified-date", "title"])?;
    let ids = call.ids("id", 250)?;
    let spaces = call.ids("space-id", 100)?;
    let spaces: Option<Vec<u64>> = spaces.map(|ids| {
        ids.into_iter()
            .filter_map(|id| site.space_of_id(id))
            .collect()
    });
    let (order, falling) = order_of(rows, sort);
    let sequence = match ids {
        Some(ids) => Sequence::picked(
            ids.into_iter().filter_map(|id| rows.slot_of(id)).collect(),
            order,
        ),
        None => Sequence::of(rows, order),
    };
    let accepts = |slot: u64| {
        let space = || site.space_of_container(site.container_of_custom_content(slot));
        site.custom_content_type(slot) == of_type
            && site.shows(Entity::CustomContent(slot))
            && spaces
                .as_ref()
                .is_none_or(|spaces| spaces.contains(&space()))
    };
    let rows = Rows {
        sequence,
        falling,
        accepts: &accepts,
        id: &|slot| rows.id(slot).to_string(),
        write: &|slot, json| {
            let latest = site.version_count(Entity::CustomContent(slot));
            write(call, slot, latest, format, false, json)
        },
    };
    listing::answer(call, limit, &rows)
}

/// `GET /custom-content/{id}`.
pub(super) fn single(call: &Call<'_>, slot: u64) -> Result<Answer, Refusal> {
    let format = call.one_of("body-format", &SINGLE_BODIES)?;
    let version = part::asked_version(call, Entity::CustomContent(slot))?;
    let mut json = Json::with_capacity(10_000);
    write(call, slot, version, format, true, &mut json);
    Ok(listing::single(call, json))
}

/// What the app stores: its own text, or the storage format.
fn is_raw(slot: u64) -> bool {
    slot % 2 == 1
}

fn write(
    call: &Call<'_>,
    slot: u64,
    version: u64,
    format: Option<&str>,
    single: bool,
    json: &mut Json,
) {
    let (site, rows) = (call.site, &call.site.custom_content);
    let container = site.container_of_custom_content(slot);
    let id = rows.id(slot);
    json.open('{')
        .text_at("type", site.custom_content_type(slot))
        .text_at("status", "current");
    let space = site.space(site.space_of_container(container));
    json.id_at("spaceId", space.map_or(0, |space| space.id));
    part::container(site, container, json);
    json.text_at("authorId", site.account_id(rows.roll(6, slot)));
    json.text_at("createdAt", &part::time_of(rows, slot, rows.created(slot)));
    part::version(call, Entity::CustomContent(slot), version, false, json);
    let text = BodyOf {
        seed: site.seed,
        salt: 4_000,
        index: slot,
    };
    // A raw body can be read raw only, and no other as raw.
    let body = match (format, is_raw(slot)) {
        (Some("raw"), true) => Some((
            "raw",
            format!("{{\"nodes\":[{slot},\"<b>&\"],\"kind\":\"note\"}}"),
        )),
        (Some("raw"), false) | (Some(_), true) | (None, _) => None,
        (Some(format), false) => Some((format, written(site, format, text))),
    };
    part::body(body, json);
    json.text_at("title", &rows.title(slot)).id_at("id", id);
    if single {
        part::inclusions(call, Entity::CustomContent(slot), json);
    }
    json.key("_links").open('{').text_at(
        "webui",
        &format!(
            "/spaces/{}/custom/{id}",
            space.map_or("", |space| &space.key)
        ),
    );
    if single {
        json.text_at("base", &format!("{}/wiki", call.site_url));
    }
    json.close('}').close('}');
}
