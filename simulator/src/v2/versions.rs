//! The versions of content.

use super::content::{BODIES, body_of, written};
use super::part;
use crate::answer::Answer;
use crate::call::Call;
use crate::json::Json;
use crate::listing::{self, Rows};
use crate::refusal::Refusal;
use crate::sequence::Sequence;
use crate::site::entity::Entity;

/// `GET /pages/{id}/versions`, and the same below everything that has versions. The latest comes
/// first, unless `sort` says otherwise.
pub(super) fn list(call: &Call<'_>, entity: Entity) -> Result<Answer, Refusal> {
    let limit = call.limit(25)?;
    let format = match entity {
        // Files have no body, and the parameter is unknown there.
        Entity::Attachment(_) => None,
        Entity::CustomContent(_) => {
            call.one_of("body-format", &["raw", "storage", "atlas_doc_format"])?
        }
        _ => call.one_of("body-format", &BODIES)?,
    };
    let sort = call.sort(&["modified-date"])?;
    let rows = Rows {
        sequence: Sequence::Picked((1..=call.site.version_count(entity)).collect()),
        falling: sort.is_none_or(|(_, falling)| falling),
        accepts: &|_| true,
        id: &|number| number.to_string(),
        write: &|number, json| write(call, entity, number, format, json),
    };
    listing::answer(call, limit, &rows)
}

/// `GET /pages/{id}/versions/{number}`, and the same below everything that has versions.
pub(super) fn single(call: &Call<'_>, entity: Entity, number: &str) -> Result<Answer, Refusal> {
    let number: i64 = number
        .parse()
        .map_err(|_| Refusal::wrong_type("version-number", "long"))?;
    let latest = call.site.version_count(entity);
    let number = u64::try_from(number)
        .ok()
        .filter(|number| (1..=latest).contains(number))
        .ok_or_else(|| Refusal::not_found("No version with this number was found."))?;
    let mut json = Json::with_capacity(1_000);
    json.open('{');
    part::version_members(call.site, entity, number, &mut json);
    json.flag_at("contentTypeModified", false)
        .key("collaborators")
        .open('[')
        .element()
        .text(
            call.site
                .account_id(call.site.version(entity, number).author),
        )
        .close(']');
    if number > 1 {
        json.number_at("prevVersion", number - 1);
    }
    if number < latest {
        json.number_at("nextVersion", number + 1);
    }
    json.close('}');
    Ok(listing::single(call, json))
}

/// One version, as listings and embedded collections have it.
pub(super) fn write(
    call: &Call<'_>,
    entity: Entity,
    number: u64,
    format: Option<&str>,
    json: &mut Json,
) {
    let site = call.site;
    json.open('{');
    part::version_members(site, entity, number, json);
    let (name, with_body) = match entity {
        Entity::Page(_) => ("page", true),
        Entity::BlogPost(_) => ("blogpost", true),
        Entity::Attachment(_) => ("attachment", false),
        Entity::CustomContent(_) => ("custom", true),
        Entity::FooterComment(_) | Entity::InlineComment(_) => ("comment", true),
    };
    json.key(name).open('{');
    let format = format.filter(|format| with_body && *format != "raw");
    let text = body_of(site, entity, number);
    part::body(
        format.map(|format| (format, written(site, format, text))),
        json,
    );
    json.text_at("title", &site.title_of(entity))
        .text_at("id", &site.id_of(entity))
        .close('}')
        .close('}');
}
