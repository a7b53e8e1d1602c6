//! The properties of content and spaces.

use crate::answer::Answer;
use crate::call::Call;
use crate::json::Json;
use crate::listing::{self, Rows};
use crate::random::mix;
use crate::refusal::Refusal;
use crate::sequence::Sequence;
use crate::site::property::PropertyOf;
use crate::timestamp::iso;

/// `GET /pages/{id}/properties`, and the same below everything that has properties.
pub(super) fn list(call: &Call<'_>, of: PropertyOf) -> Result<Answer, Refusal> {
    let site = call.site;
    let limit = call.limit(25)?;
    let key = call.query.last("key");
    // Those of spaces cannot be sorted, and the parameter is unknown there.
    let sort = match of {
        PropertyOf::Content(_) => call.sort(&["key"])?,
        PropertyOf::Space(_) => None,
    };
    let mut rows: Vec<u64> = (0..site.property_count(of))
        .filter(|&at| key.is_none_or(|key| site.property_key(of, at) == key))
        .collect();
    if sort.is_some() {
        rows.sort_by_key(|&at| site.property_key(of, at));
    }
    let rows = Rows {
        sequence: Sequence::Picked(rows),
        falling: sort.is_some_and(|(_, falling)| falling),
        accepts: &|_| true,
        id: &|at| site.property_id(of, at).to_string(),
        write: &|at, json| write(call, of, at, json),
    };
    listing::answer(call, limit, &rows)
}

/// `GET /pages/{page-id}/properties/{property-id}`, and the same below everything else.
pub(super) fn single(call: &Call<'_>, of: PropertyOf, id: &str) -> Result<Answer, Refusal> {
    let id: i64 = id
        .parse()
        .map_err(|_| Refusal::wrong_type("property-id", "long"))?;
    let at = u64::try_from(id)
        .ok()
        .and_then(|id| call.site.property_of_id(of, id))
        .ok_or_else(|| Refusal::not_found("No property with this id was found."))?;
    let mut json = Json::with_capacity(1_000);
    write(call, of, at, &mut json);
    Ok(listing::single(call, json))
}

/// One property. The versions of those of spaces name a maker, the others an author.
pub(super) fn write(call: &Call<'_>, of: PropertyOf, at: u64, json: &mut Json) {
    let site = call.site;
    let id = site.property_id(of, at);
    let roll = mix(site.seed, 140, id);
    let created = 1_600_000_000_000 + roll % 190_000_000_000;
    let time = iso(created, !roll.is_multiple_of(7));
    let account = site.account_id(roll >> 12);
    json.open('{');
    if let PropertyOf::Space(_) = of {
        json.text_at("createdAt", &time)
            .text_at("createdBy", account);
    }
    json.key("version")
        .open('{')
        .number_at("number", 1 + roll % 4)
        .text_at("message", "");
    match of {
        PropertyOf::Content(_) => json
            .flag_at("minorEdit", false)
            .text_at("authorId", account),
        PropertyOf::Space(_) => json.text_at("createdBy", account),
    };
    json.text_at("createdAt", &time)
        .close('}')
        .key("value")
        .raw(site.property_value(of, at))
        .text_at("key", &site.property_key(of, at))
        .id_at("id", id)
        .close('}');
}
