//! Pages and blog posts.

use super::part;
use crate::answer::Answer;
use crate::body_text::{self, BodyOf};
use crate::call::Call;
use crate::fault::Fault;
use crate::json::Json;
use crate::listing::{self, Rows};
use crate::query::encode;
use crate::refusal::Refusal;
use crate::sequence::{Order, Sequence};
use crate::site::population::Population;
use crate::timestamp::day_path;

pub(super) const BODIES: [&str; 2] = ["storage", "atlas_doc_format"];
const SINGLE_BODIES: [&str; 7] = [
    "storage",
    "atlas_doc_format",
    "view",
    "export_view",
    "anonymous_export_view",
    "styled_view",
    "editor",
];

/// `GET /pages`, `GET /spaces/{id}/pages`.
pub(super) fn pages(call: &Call<'_>, space: Option<u64>) -> Result<Answer, Refusal> {
    let site = call.site;
    let statuses = call.many_of("status", &["current", "archived", "deleted", "trashed"])?;
    let statuses = if statuses.is_empty() {
        vec!["current", "archived"]
    } else {
        statuses
    };
    let sort = call.sort(&["id", "created-date", "modified-date", "title"])?;
    let subtype = if space.is_none() {
        call.one_of("subtype", &["live", "page"])?
    } else {
        None
    };
    let roots = space.is_some() && call.one_of("depth", &["all", "root"])? == Some("root");
    let accepts = |slot: u64| {
        statuses.contains(&page_status(call, slot))
            && subtype.is_none_or(|subtype| (subtype == "live") == is_live_document(call, slot))
            && (!roots || site.parent(slot).is_none())
    };
    let write = |slot: u64, format: Option<&str>, json: &mut Json| {
        write_page(call, slot, format, false, json)
    };
    list(call, &site.pages, space, sort, &accepts, &write)
}

/// `GET /blogposts`, `GET /spaces/{id}/blogposts`.
pub(super) fn blog_posts(call: &Call<'_>, space: Option<u64>) -> Result<Answer, Refusal> {
    let statuses = call.many_of("status", &["current", "deleted", "trashed"])?;
    let statuses = if statuses.is_empty() {
        vec!["current"]
    } else {
        statuses
    };
    let sort = call.sort(&["id", "created-date", "modified-date"])?;
    let accepts = |slot: u64| statuses.contains(&blog_post_status(call, slot));
    let write = |slot: u64, format: Option<&str>, json: &mut Json| {
        write_blog_post(call, slot, format, false, json)
    };
    list(call, &call.site.blog_posts, space, sort, &accepts, &write)
}

type WriteRow<'a> = &'a dyn Fn(u64, Option<&str>, &mut Json);

fn list(
    call: &Call<'_>,
    rows: &Population,
    space: Option<u64>,
    sort: Option<(&str, bool)>,
    accepts: &dyn Fn(u64) -> bool,
    write: WriteRow<'_>,
) -> Result<Answer, Refusal> {
    let site = call.site;
    let limit = call.limit(25)?;
    let format = call.one_of("body-format", &BODIES)?;
    // Below a space, `id` and `space-id` are parameters like any other that is not known.
    let (ids, spaces) = match space {
        Some(_) => (None, None),
        None => (call.ids("id", 250)?, call.ids("space-id", 100)?),
    };
    let space = space.filter(|_| !call.has(&Fault::IgnoreFilter));
    let spaces = match (space, spaces) {
        (Some(space), _) => Some(vec![space]),
        (None, spaces) => spaces.map(|ids| {
            ids.into_iter()
                .filter_map(|id| site.space_of_id(id))
                .collect()
        }),
    };
    let (order, falling) = order_of(rows, sort);
    let picked = ids.map(|ids| {
        ids.into_iter()
            .filter_map(|id| rows.slot_of(id))
            .collect::<Vec<_>>()
    });
    let sequence = match (call.query.last("title"), picked, spaces.as_deref()) {
        (Some(title), picked, _) => {
            let found = rows.titles().find(title);
            let found =
                found.filter(|slot| picked.as_ref().is_none_or(|picked| picked.contains(slot)));
            Sequence::Picked(found.into_iter().collect())
        }
        (None, Some(picked), _) => Sequence::picked(picked, order),
        (None, None, Some([space])) if order.is_none() => {
            Sequence::of_space(rows, *space, site.space_count())
        }
        _ => Sequence::of(rows, order),
    };
    let in_spaces = spaces.map(|spaces| {
        let mut wanted = vec![false; site.spaces.len()];
        for space in spaces {
            if let Some(wanted) = wanted.get_mut(space as usize) {
                *wanted = true;
            }
        }
        wanted
    });
    let accepts = |slot: u64| {
        let wanted = |spaces: &Vec<bool>| {
            spaces
                .get(site.space_index(slot) as usize)
                .copied()
                .unwrap_or(false)
        };
        in_spaces.as_ref().is_none_or(wanted) && accepts(slot)
    };
    let rows = Rows {
        sequence,
        falling,
        accepts: &accepts,
        id: &|slot| rows.id(slot).to_string(),
        write: &|slot, json| write(slot, format, json),
    };
    listing::answer(call, limit, &rows)
}

/// The order that a sort stands for. By default, and by creation: the order of the ids.
pub(super) fn order_of<'a>(rows: &'a Population, sort: Option<(&str, bool)>) -> (Order<'a>, bool) {
    match sort {
        Some(("modified-date", falling)) => (Some(rows.changes()), falling),
        Some(("title", falling)) => (Some(rows.titles().permutation()), falling),
        Some((_, falling)) => (None, falling),
        None => (None, false),
    }
}

/// `GET /pages/{id}`. Trashed pages answer 200 as well.
pub(super) fn page(call: &Call<'_>, slot: u64) -> Result<Answer, Refusal> {
    let format = call.one_of("body-format", &SINGLE_BODIES)?;
    let mut json = Json::with_capacity(10_000);
    write_page(call, slot, format, true, &mut json);
    Ok(listing::single(call, json))
}

/// `GET /blogposts/{id}`.
pub(super) fn blog_post(call: &Call<'_>, slot: u64) -> Result<Answer, Refusal> {
    let format = call.one_of("body-format", &SINGLE_BODIES)?;
    let mut json = Json::with_capacity(10_000);
    write_blog_post(call, slot, format, true, &mut json);
    Ok(listing::single(call, json))
}

fn page_status(call: &Call<'_>, slot: u64) -> &'static str {
    if call.site.pages.is_trashed(slot) {
        "trashed"
    } else if call.site.pages.is_archived(slot) {
        "archived"
    } else {
        "current"
    }
}

fn blog_post_status(call: &Call<'_>, slot: u64) -> &'static str {
    if call.site.blog_posts.is_trashed(slot) {
        "trashed"
    } else {
        "current"
    }
}

fn is_live_document(call: &Call<'_>, slot: u64) -> bool {
    call.site.pages.roll(5, slot).is_multiple_of(40)
}

fn write_page(call: &Call<'_>, slot: u64, format: Option<&str>, single: bool, json: &mut Json) {
    let (site, rows) = (call.site, &call.site.pages);
    let (id, roll) = (rows.id(slot), rows.roll(6, slot));
    json.open('{');
    match site.parent(slot) {
        Some(parent) => json
            .text_at("parentType", parent.kind)
            .id_at("parentId", parent.id),
        None => json.null_at("parentType").null_at("parentId"),
    };
    if roll % 6 == 0 {
        json.text_at(
            "sourceTemplateEntityId",
            "com.example.blueprints:notes-page",
        );
    }
    json.text_at("createdAt", &part::time_of(rows, slot, rows.created(slot)));
    json.text_or_null_at(
        "ownerId",
        (roll % 17 != 0).then(|| site.account_id(roll >> 8)),
    );
    json.text_or_null_at(
        "lastOwnerId",
        (roll % 5 == 0).then(|| site.account_id(roll >> 12)),
    );
    json.text_at("authorId", site.account_id(roll >> 20));
    if roll % 13 == 0 {
        json.null_at("position");
    } else {
        json.number_at("position", roll >> 24 & 0x7fff_ffff);
    }
    if is_live_document(call, slot) {
        json.text_at("subtype", "live");
    }
    part::version(site, rows, slot, true, json);
    finish(call, rows, slot, page_status(call, slot), format, json);
    let title = rows.titles().of(slot);
    json.text_at("title", &title).id_at("id", id);
    if single {
        part::inclusions(
            call,
            &format!("pages/{id}"),
            "page",
            &site.labels_of_page(slot),
            json,
        );
    }
    let key = site
        .space(site.space_index(slot))
        .map_or("", |space| space.key.as_str());
    let mut web = format!("/spaces/{key}/");
    if slot < site.space_count() {
        web.push_str("overview");
    } else {
        web.push_str(&format!("pages/{id}/"));
        encode(&title, &mut web);
    }
    links(
        call,
        id,
        &web,
        &format!("/spaces/{key}/pages/edit-v2/{id}"),
        single,
        json,
    );
}

fn write_blog_post(
    call: &Call<'_>,
    slot: u64,
    format: Option<&str>,
    single: bool,
    json: &mut Json,
) {
    let (site, rows) = (call.site, &call.site.blog_posts);
    let (id, created) = (rows.id(slot), rows.created(slot));
    json.open('{')
        .text_at("createdAt", &part::time_of(rows, slot, created));
    json.text_at("authorId", site.account_id(rows.roll(6, slot)));
    part::version(site, rows, slot, true, json);
    finish(call, rows, slot, blog_post_status(call, slot), format, json);
    let title = rows.titles().of(slot);
    json.text_at("title", &title).id_at("id", id);
    if single {
        part::inclusions(call, &format!("blogposts/{id}"), "blogpost", &[], json);
    }
    let key = site
        .space(site.space_index(slot))
        .map_or("", |space| space.key.as_str());
    let mut web = format!("/spaces/{key}/blog/{}/{id}/", day_path(created));
    encode(&title, &mut web);
    links(
        call,
        id,
        &web,
        &format!("/spaces/{key}/blog/edit-v2/{id}"),
        single,
        json,
    );
}

/// The members that both have: `spaceId`, `status`, `body`.
fn finish(
    call: &Call<'_>,
    rows: &Population,
    slot: u64,
    status: &str,
    format: Option<&str>,
    json: &mut Json,
) {
    let site = call.site;
    json.id_at(
        "spaceId",
        site.space(site.space_index(slot))
            .map_or(0, |space| space.id),
    )
    .text_at("status", status);
    let text = BodyOf {
        seed: site.seed,
        salt: rows.roll(7, 0),
        index: slot,
    };
    part::body(format.map(|format| (format, written(format, text))), json);
}

/// A body in a format.
pub(super) fn written(format: &str, text: BodyOf) -> String {
    match format {
        "storage" | "editor" => body_text::storage(text),
        "atlas_doc_format" => body_text::atlas_doc(text),
        _ => body_text::view(text),
    }
}

/// The member `_links`, and the end of the row.
fn links(call: &Call<'_>, id: u64, web: &str, edit: &str, single: bool, json: &mut Json) {
    json.key("_links")
        .open('{')
        .key("editui")
        .raw("\"/pages/resumedraft.action?draftId=")
        .number(id)
        .raw("\"");
    json.text_at("webui", web)
        .text_at("edituiv2", edit)
        .text_at("tinyui", &part::tiny(id));
    if single {
        json.text_at("base", &format!("{}/wiki", call.site_url));
    }
    json.close('}').close('}');
}
