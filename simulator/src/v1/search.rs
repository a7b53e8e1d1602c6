//! `GET /wiki/rest/api/search`.

use super::cql::{Cql, Kind};
use crate::answer::Answer;
use crate::body_text::{self, BodyOf};
use crate::call::Call;
use crate::fault::Fault;
use crate::json::Json;
use crate::listing::{self, Rows};
use crate::query::encode;
use crate::refusal::Refusal;
use crate::sequence::Sequence;
use crate::site::population::Population;
use crate::timestamp::iso;

/// The most rows of one answer. More may be asked for, and are not given.
const MOST_ROWS: usize = 250;

/// Envelopes around what a CQL finds, with the total. Pages by cursor; `start` without one.
pub(super) fn answer(call: &Call<'_>) -> Result<Answer, Refusal> {
    let site = call.site;
    let text = call.query.last("cql").unwrap_or_default();
    let cql =
        Cql::parse(text).ok_or_else(|| Refusal::invalid("The CQL could not be parsed:", text))?;
    let limit = number(call, "limit", 25)?.min(MOST_ROWS);
    let start = number(call, "start", 0)?;
    let archived = call.flag("includeArchivedSpaces");
    let space = cql
        .space_key
        .as_ref()
        .map(|key| site.spaces.iter().position(|space| &space.key == key));
    let space = match space {
        None => None,
        Some(Some(index)) => Some(index as u64),
        Some(None) => {
            return Err(Refusal::invalid(
                "There is no such space:",
                cql.space_key.as_deref().unwrap_or_default(),
            ));
        }
    };
    let in_open_space =
        |index: u64| archived || !site.space(index).is_some_and(|space| space.archived);
    let accepts = |slot: u64| match cql.kind {
        Kind::Page => site.is_searchable_page(slot, archived),
        Kind::BlogPost => {
            !site.blog_posts.is_trashed(slot) && in_open_space(site.space_index(slot))
        }
        Kind::Space => in_open_space(slot),
    };
    let sequence = |rows: &Population| match space {
        Some(space) => Sequence::of_space(rows, space, site.space_count()),
        None => Sequence::of(rows, None),
    };
    let candidates = || match cql.kind {
        Kind::Page => sequence(&site.pages),
        Kind::BlogPost => sequence(&site.blog_posts),
        Kind::Space => Sequence::Picked(
            space.map_or_else(|| (0..site.space_count()).collect(), |space| vec![space]),
        ),
    };
    let all = candidates();
    let total = (0..all.length())
        .filter_map(|position| all.slot(position, false))
        .filter(|&slot| accepts(slot))
        .count();
    let total = if call.has(&Fault::Anonymous) {
        0
    } else {
        total
    };
    let skipped = if call.query.last("cursor").is_some() {
        0
    } else {
        start
    };
    let sequence = match skipped {
        0 => candidates(),
        skipped => {
            let slots = (0..all.length())
                .filter_map(|position| all.slot(position, false))
                .filter(|&slot| accepts(slot));
            Sequence::Picked(slots.skip(skipped).collect())
        }
    };
    let rows = Rows {
        sequence,
        falling: false,
        accepts: &accepts,
        id: &|slot| slot.to_string(),
        write: &|slot, json| write(call, cql.kind, slot, json),
    };
    let gathered = listing::gather(call, limit, &rows)?;
    let mut json = Json::with_capacity(gathered.rows.len() + 512);
    json.open('{')
        .key("results")
        .open('[')
        .raw_bytes(&gathered.rows)
        .close(']');
    json.number_at("start", start as u64)
        .number_at("limit", limit as u64)
        .number_at("size", gathered.count as u64);
    json.number_at("totalSize", total as u64)
        .text_at("cqlQuery", text)
        .number_at("searchDuration", 12);
    json.key("_links")
        .open('{')
        .text_at("base", &format!("{}/wiki", call.site_url))
        .text_at("context", "/wiki");
    // The links of v1 leave out the context. No next link after a page of none: it would not move.
    if let Some(next) = gathered
        .next
        .as_deref()
        .filter(|_| limit > 0)
        .and_then(|next| next.strip_prefix("/wiki"))
    {
        json.text_at("next", next);
    }
    let mut own = format!("{}/wiki/rest/api/search?cql=", call.site_url);
    encode(text, &mut own);
    json.text_at("self", &own).close('}').close('}');
    Ok(Answer::json(200, json.into_bytes()))
}

fn number(call: &Call<'_>, name: &str, default: usize) -> Result<usize, Refusal> {
    let number = call.query.last(name).map(str::parse::<u32>).transpose();
    let number = number.map_err(|_| Refusal::wrong_type(name, "a number from 0"))?;
    Ok(number.map_or(default, |number| number as usize))
}

fn write(call: &Call<'_>, kind: Kind, slot: u64, json: &mut Json) {
    let site = call.site;
    let excerpt = body_text::sentence(BodyOf {
        seed: site.seed,
        salt: 5_000,
        index: slot,
    });
    let (rows, name) = match kind {
        Kind::Page => (&site.pages, "page"),
        Kind::BlogPost => (&site.blog_posts, "blogpost"),
        Kind::Space => return write_space(call, slot, excerpt, json),
    };
    let (id, title) = (rows.id(slot), rows.titles().of(slot));
    let space = site.space(site.space_index(slot));
    let (key, space_name) =
        space.map_or(("", ""), |space| (space.key.as_str(), space.name.as_str()));
    let mut url = format!(
        "/spaces/{key}/{}/{id}/",
        if name == "page" { "pages" } else { "blog" }
    );
    encode(&title, &mut url);
    json.open('{')
        .key("content")
        .open('{')
        .id_at("id", id)
        .text_at("type", name)
        .text_at("status", "current");
    json.text_at("title", &title)
        .key("childTypes")
        .raw("{}")
        .key("macroRenderedOutput")
        .raw("{}");
    json.key("restrictions")
        .raw("{}")
        .key("_expandable")
        .raw("{\"container\":\"\",\"body\":\"\",\"version\":\"\"}");
    json.key("_links").open('{').text_at("webui", &url);
    json.text_at(
        "self",
        &format!("{}/wiki/rest/api/content/{id}", call.site_url),
    )
    .close('}')
    .close('}');
    json.text_at("title", &title)
        .text_at("excerpt", excerpt)
        .text_at("url", &url);
    json.key("resultGlobalContainer")
        .open('{')
        .text_at("title", space_name);
    json.text_at("displayUrl", &format!("/spaces/{key}"))
        .close('}')
        .key("breadcrumbs")
        .raw("[]");
    json.text_at("entityType", "content")
        .text_at("iconCssClass", "aui-icon content-type-page");
    // Search tells the time of the last change to the second.
    let changed = rows.changed(slot) / 1000 * 1000;
    json.text_at("lastModified", &iso(changed, true))
        .text_at("friendlyLastModified", "some time ago")
        .number_at("score", 0)
        .close('}');
}

/// Search has space ids as numbers.
fn write_space(call: &Call<'_>, index: u64, excerpt: &str, json: &mut Json) {
    let Some(space) = call.site.space(index) else {
        return;
    };
    let url = format!("/spaces/{}", space.key);
    json.open('{')
        .key("space")
        .open('{')
        .number_at("id", space.id)
        .text_at("key", &space.key)
        .text_at("name", &space.name);
    json.text_at("type", space.kind).text_at(
        "status",
        if space.archived {
            "archived"
        } else {
            "current"
        },
    );
    json.key("_links")
        .open('{')
        .text_at("webui", &url)
        .close('}')
        .close('}');
    json.text_at("title", &space.name)
        .text_at("excerpt", excerpt)
        .text_at("url", &url)
        .key("breadcrumbs")
        .raw("[]");
    json.text_at("entityType", "space")
        .text_at("lastModified", &iso(space.created / 1000 * 1000, true))
        .number_at("score", 0)
        .close('}');
}
