//! Parts that several resources share.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::call::Call;
use crate::json::Json;
use crate::refusal::Refusal;
use crate::site::Site;
use crate::site::attachment::Container;
use crate::site::entity::Entity;
use crate::site::population::Population;
use crate::site::property::PropertyOf;

/// A time of a row. One in seven has no milliseconds.
pub(crate) fn time_of(rows: &Population, slot: u64, milliseconds: u64) -> String {
    rows.time_text(slot, milliseconds)
}

/// The members of a version, without the braces around them.
pub(super) fn version_members(site: &Site, entity: Entity, number: u64, json: &mut Json) {
    let version = site.version(entity, number);
    json.number_at("number", number)
        .text_at("message", &version.message)
        .flag_at("minorEdit", version.minor)
        .text_at("authorId", site.account_id(version.author));
    let rows = site.rows_of(entity);
    json.text_at("createdAt", &time_of(rows, entity.slot(), version.created));
}

/// The member `version`: the latest one, unless an older one or none was asked for. Only content
/// that is edited together has `ncsStepVersion`.
pub(super) fn version(call: &Call<'_>, entity: Entity, number: u64, steps: bool, json: &mut Json) {
    let without = call.query.last("include-version");
    if without.is_some_and(|value| value.eq_ignore_ascii_case("false")) {
        return;
    }
    json.key("version").open('{');
    version_members(call.site, entity, number, json);
    if steps {
        let roll = call.site.rows_of(entity).roll(11, entity.slot());
        if roll.is_multiple_of(3) {
            json.key("ncsStepVersion")
                .raw("\"")
                .number(roll % 90)
                .raw("\"");
        } else {
            json.null_at("ncsStepVersion");
        }
    }
    json.close('}');
}

/// The one member that names what holds a row.
pub(super) fn container(site: &Site, container: Container, json: &mut Json) {
    match container {
        Container::Page(slot) => json.id_at("pageId", site.pages.id(slot)),
        Container::BlogPost(slot) => json.id_at("blogPostId", site.blog_posts.id(slot)),
        Container::CustomContent(slot) => {
            json.id_at("customContentId", site.custom_content.id(slot))
        }
        Container::Space(_) => json,
    };
}

/// An embedded collection: rows, whether there are more, and a link without `/wiki`.
pub(super) fn embedded(
    name: &str,
    owner: &str,
    total: usize,
    write: impl Fn(usize, &mut Json),
    json: &mut Json,
) {
    let shown = total.min(super::EMBEDDED);
    json.key(name).open('{').key("results").open('[');
    for at in 0..shown {
        json.element();
        write(at, json);
    }
    json.close(']')
        .key("meta")
        .open('{')
        .flag_at("hasMore", total > shown);
    if total > shown {
        json.text_at(
            "cursor",
            &crate::cursor::Cursor::new(String::new(), shown as u64, owner.to_owned()).encode(),
        );
    }
    // Who likes something is asked for one step further down, and is counted.
    let below = match name {
        "likes" => {
            json.number_at("count", total as u64);
            "likes/users"
        }
        "directChildren" => "direct-children",
        other => other,
    };
    json.close('}')
        .key("_links")
        .open('{')
        .text_at("self", &format!("/api/v2/{owner}/{below}"))
        .close('}')
        .close('}');
}

/// The collections that content takes inside when it is asked for: `include-labels`,
/// `include-properties`, `include-operations`, `include-likes`, `include-versions`, and what is
/// no collection: `include-collaborators`, `include-favorited-by-current-user-status`.
pub(super) fn inclusions(call: &Call<'_>, entity: Entity, json: &mut Json) {
    let site = call.site;
    let owner = format!("{}/{}", entity.resource(), site.id_of(entity));
    let comment = entity.target() == "comment";
    if call.flag("include-labels") && !comment {
        let labels = site.labels_of(entity);
        let write = |at: usize, json: &mut Json| {
            super::labels::write(labels.get(at).copied().unwrap_or(0), json)
        };
        embedded("labels", &owner, labels.len(), write, json);
    }
    if call.flag("include-properties") {
        let of = PropertyOf::Content(entity);
        let write =
            |at: usize, json: &mut Json| super::properties::write(call, of, at as u64, json);
        // Properties of comments of both kinds stand under one resource.
        let owner = if comment {
            format!("comments/{}", site.id_of(entity))
        } else {
            owner.clone()
        };
        let count = site.property_count(of) as usize;
        embedded("properties", &owner, count, write, json);
    }
    if call.flag("include-operations") {
        let write = |at: usize, json: &mut Json| operation(OPERATIONS, entity, at, json);
        embedded("operations", &owner, OPERATIONS.len(), write, json);
    }
    if call.flag("include-likes") && entity.family() != 2 {
        embedded("likes", &owner, 0, |_, _| {}, json);
    }
    if call.flag("include-versions") {
        let latest = site.version_count(entity);
        let write = |at: usize, json: &mut Json| {
            super::versions::write(call, entity, latest - at as u64, None, json)
        };
        embedded("versions", &owner, latest as usize, write, json);
    }
    if call.flag("include-collaborators") && !comment {
        json.key("collaborators").open('[');
        for account in collaborators(call, entity) {
            json.element()
                .open('{')
                .text_at("accountId", account)
                .close('}');
        }
        json.close(']');
    }
    if call.flag("include-favorited-by-current-user-status") && entity.family() < 2 {
        let roll = site.rows_of(entity).roll(12, entity.slot());
        json.flag_at("isFavoritedByCurrentUser", roll.is_multiple_of(5));
    }
}

const OPERATIONS: &[&str] = &["read", "update", "delete"];

fn operation(operations: &[&str], entity: Entity, at: usize, json: &mut Json) {
    json.open('{')
        .text_at("operation", operations.get(at).unwrap_or(&"read"))
        .text_at("targetType", entity.target())
        .close('}');
}

/// Who has made a version, each once.
pub(super) fn collaborators<'a>(call: &Call<'a>, entity: Entity) -> Vec<&'a str> {
    let site = call.site;
    let mut accounts: Vec<&str> = (1..=site.version_count(entity))
        .map(|number| site.account_id(site.version(entity, number).author))
        .collect();
    accounts.sort_unstable();
    accounts.dedup();
    accounts
}

/// The version that `version` asks for, or else the latest.
pub(super) fn asked_version(call: &Call<'_>, entity: Entity) -> Result<u64, Refusal> {
    let latest = call.site.version_count(entity);
    let Some(text) = call.query.last("version") else {
        return Ok(latest);
    };
    let number: i32 = text
        .parse()
        .map_err(|_| Refusal::wrong_type("version", "int"))?;
    u64::try_from(number)
        .ok()
        .filter(|number| (1..=latest).contains(number))
        .ok_or_else(|| Refusal::not_found("No version with this number was found."))
}

/// The short link of a piece of content.
pub(super) fn tiny(id: u64) -> String {
    let bytes = id.to_le_bytes();
    let used = bytes
        .iter()
        .rposition(|&byte| byte != 0)
        .map_or(1, |last| last + 1);
    format!("/x/{}", URL_SAFE_NO_PAD.encode(bytes.split_at(used).0))
}

/// The member `body`: empty when no format was asked for.
pub(super) fn body(format: Option<(&str, String)>, json: &mut Json) {
    json.key("body").open('{');
    if let Some((format, value)) = format {
        json.key(format)
            .open('{')
            .text_at("representation", format)
            .text_at("value", &value)
            .close('}');
    }
    json.close('}');
}
