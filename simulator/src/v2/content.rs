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
use crate::site::Site;
use crate::site::entity::Entity;
use crate::site::population::Population;
use crate::site::row::Status;
use crate::site::tree::Node;
use crate::timestamp::day_path;

pub(super) const BODIES: [&str; 2] = ["storage", "atlas_doc_format"];
pub(super) const SINGLE_BODIES: [&str; 7] = [
    "storage",
    "atlas_doc_format",
    "view",
    "export_view",
    "anonymous_export_view",
    "styled_view",
    "editor",
];

/// Of what pages or blog posts are listed. Each has parameters that the others do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Site,
    Space(u64),
    Label(u64),
}

impl Of {
    /// A parameter that a listing by label does not know reads as not given.
    fn statuses<'k>(self, call: &Call<'_>, known: &[&'k str]) -> Result<Vec<&'k str>, Refusal> {
        match self {
            Self::Site | Self::Space(_) => call.many_of("status", known),
            Self::Label(_) => Ok(Vec::new()),
        }
    }

    fn has_label(self, call: &Call<'_>, entity: Entity) -> bool {
        match self {
            Self::Site | Self::Space(_) => true,
            Self::Label(label) => call.site.labels_of(entity).contains(&label),
        }
    }
}

/// `GET /pages`, `GET /spaces/{id}/pages`, `GET /labels/{id}/pages`.
pub(super) fn pages(call: &Call<'_>, of: Of) -> Result<Answer, Refusal> {
    let site = call.site;
    let statuses = of.statuses(call, &["current", "archived", "deleted", "trashed"])?;
    let statuses = if statuses.is_empty() {
        vec!["current", "archived"]
    } else {
        statuses
    };
    let sort = call.sort(&["id", "created-date", "modified-date", "title"])?;
    let subtype = if of == Of::Site {
        call.one_of("subtype", &["live", "page"])?
    } else {
        None
    };
    let roots =
        matches!(of, Of::Space(_)) && call.one_of("depth", &["all", "root"])? == Some("root");
    let accepts = |slot: u64| {
        statuses.contains(&page_status(call, slot))
            && site.shows(Entity::Page(slot))
            && subtype.is_none_or(|subtype| (subtype == "live") == is_live_document(call, slot))
            && (!roots || site.parent(Node::Page(slot)).is_none())
            && of.has_label(call, Entity::Page(slot))
    };
    let write = |slot: u64, format: Option<&str>, json: &mut Json| {
        let latest = site.version_count(Entity::Page(slot));
        write_page(call, slot, latest, format, false, json)
    };
    let rows = Listed {
        rows: &site.pages,
        space: &|slot| site.space_of_page(slot),
        moved: &|| site.overlay.pages.keys().copied().collect(),
    };
    list(call, &rows, of, sort, &accepts, &write)
}

/// `GET /blogposts`, `GET /spaces/{id}/blogposts`, `GET /labels/{id}/blogposts`.
pub(super) fn blog_posts(call: &Call<'_>, of: Of) -> Result<Answer, Refusal> {
    let statuses = of.statuses(call, &["current", "deleted", "trashed"])?;
    let statuses = if statuses.is_empty() {
        vec!["current"]
    } else {
        statuses
    };
    let sort = call.sort(&["id", "created-date", "modified-date"])?;
    let accepts = |slot: u64| {
        statuses.contains(&blog_post_status(call, slot))
            && call.site.shows(Entity::BlogPost(slot))
            && of.has_label(call, Entity::BlogPost(slot))
    };
    let write = |slot: u64, format: Option<&str>, json: &mut Json| {
        let latest = call.site.version_count(Entity::BlogPost(slot));
        write_blog_post(call, slot, latest, format, false, json)
    };
    let site = call.site;
    let rows = Listed {
        rows: &site.blog_posts,
        space: &|slot| site.space_of_blog_post(slot),
        moved: &|| site.overlay.blog_posts.keys().copied().collect(),
    };
    list(call, &rows, of, sort, &accepts, &write)
}

/// What is listed, and in which space each row is.
struct Listed<'a> {
    rows: &'a Population,
    space: &'a dyn Fn(u64) -> u64,
    /// Rows that may be in another space than the one they were generated in.
    moved: &'a dyn Fn() -> Vec<u64>,
}

type WriteRow<'a> = &'a dyn Fn(u64, Option<&str>, &mut Json);

fn list(
    call: &Call<'_>,
    listed: &Listed<'_>,
    of: Of,
    sort: Option<(&str, bool)>,
    accepts: &dyn Fn(u64) -> bool,
    write: WriteRow<'_>,
) -> Result<Answer, Refusal> {
    let (site, rows) = (call.site, listed.rows);
    let limit = call.limit(25)?;
    let format = call.one_of("body-format", &BODIES)?;
    // Below a space, `id` and `space-id` are parameters like any other that is not known.
    let (ids, spaces, title) = match of {
        Of::Site => (
            call.ids("id", 250)?,
            call.ids("space-id", 100)?,
            call.query.last("title"),
        ),
        Of::Space(_) => (None, None, call.query.last("title")),
        Of::Label(_) => (None, call.ids("space-id", 100)?, None),
    };
    let space = match of {
        Of::Space(space) if !call.has(&Fault::IgnoreFilter) => Some(space),
        _ => None,
    };
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
    let sequence = match (title, picked, spaces.as_deref()) {
        (Some(title), picked, _) => {
            let mut found = rows.slots_titled(title);
            found.retain(|slot| picked.as_ref().is_none_or(|picked| picked.contains(slot)));
            Sequence::picked(found, order)
        }
        (None, Some(picked), _) => Sequence::picked(picked, order),
        (None, None, Some([space])) if matches!(order, Order::Slots) => {
            let moved = (listed.moved)();
            let first = Sequence::of_space(rows, *space, site.space_count());
            if moved.is_empty() {
                first
            } else {
                let generated = (0..first.length()).filter_map(|at| first.slot(at, false));
                Sequence::picked(generated.chain(moved).collect(), order)
            }
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
                .get((listed.space)(slot) as usize)
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
        Some(("modified-date", falling)) => (Order::Ranks(rows.changes()), falling),
        Some(("title", falling)) => {
            let order = rows.title_order().map(Order::Ranks);
            (order.unwrap_or(Order::Titles(rows)), falling)
        }
        Some((_, falling)) => (Order::Slots, falling),
        None => (Order::Slots, false),
    }
}

/// `GET /pages/{id}`. Trashed pages answer 200 as well.
pub(super) fn page(call: &Call<'_>, slot: u64) -> Result<Answer, Refusal> {
    let format = call.one_of("body-format", &SINGLE_BODIES)?;
    let known = [
        "current",
        "archived",
        "trashed",
        "deleted",
        "historical",
        "draft",
    ];
    let version = single_version(call, Entity::Page(slot), page_status(call, slot), &known)?;
    let mut json = Json::with_capacity(10_000);
    write_page(call, slot, version, format, true, &mut json);
    Ok(listing::single(call, json))
}

/// `GET /blogposts/{id}`.
pub(super) fn blog_post(call: &Call<'_>, slot: u64) -> Result<Answer, Refusal> {
    let format = call.one_of("body-format", &SINGLE_BODIES)?;
    let known = ["current", "trashed", "deleted", "historical", "draft"];
    let status = blog_post_status(call, slot);
    let version = single_version(call, Entity::BlogPost(slot), status, &known)?;
    let mut json = Json::with_capacity(10_000);
    write_blog_post(call, slot, version, format, true, &mut json);
    Ok(listing::single(call, json))
}

/// The version that a single answer shows. 404 for content of another status than those that
/// were asked for; older versions are historical. Nothing here has a draft beside what is
/// published, so that `get-draft` changes nothing.
fn single_version(
    call: &Call<'_>,
    entity: Entity,
    status: &str,
    known: &[&str],
) -> Result<u64, Refusal> {
    let statuses = call.many_of("status", known)?;
    let version = part::asked_version(call, entity)?;
    let older = version != call.site.version_count(entity);
    let wanted = statuses.contains(&status) || (older && statuses.contains(&"historical"));
    if !statuses.is_empty() && !wanted {
        return Err(Refusal::not_found(
            "Nothing with this id and status was found, or you may not see it.",
        ));
    }
    Ok(version)
}

/// What the body of a version is made from. Only the latest is the one of the listings.
pub(super) fn body_of(site: &Site, entity: Entity, version: u64) -> BodyOf {
    let rows = site.rows_of(entity);
    BodyOf {
        seed: site.seed,
        salt: rows.roll(7, 0) ^ site.version(entity, version).body,
        index: entity.slot(),
    }
}

pub(super) fn page_status(call: &Call<'_>, slot: u64) -> &'static str {
    call.site.pages.status(slot).name()
}

fn blog_post_status(call: &Call<'_>, slot: u64) -> &'static str {
    match call.site.blog_posts.status(slot) {
        // Blog posts cannot be archived.
        Status::Archived => Status::Current.name(),
        status => status.name(),
    }
}

fn is_live_document(call: &Call<'_>, slot: u64) -> bool {
    call.site.pages.roll(5, slot).is_multiple_of(40)
}

fn write_page(
    call: &Call<'_>,
    slot: u64,
    version: u64,
    format: Option<&str>,
    single: bool,
    json: &mut Json,
) {
    let entity = Entity::Page(slot);
    let (site, rows) = (call.site, &call.site.pages);
    let (id, roll) = (rows.id(slot), rows.roll(6, slot));
    json.open('{');
    match site.parent(Node::Page(slot)) {
        Some(parent) => json
            .text_at("parentType", parent.kind())
            .id_at("parentId", site.node_id(parent)),
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
    json.text_at("authorId", site.account_id(site.author_of(entity)));
    match site.position(Node::Page(slot)) {
        Some(position) => json.number_at("position", position),
        None => json.null_at("position"),
    };
    if is_live_document(call, slot) {
        json.text_at("subtype", "live");
    }
    part::version(call, entity, version, true, json);
    finish(call, entity, version, page_status(call, slot), format, json);
    let title = rows.title(slot);
    json.text_at("title", &title).id_at("id", id);
    if single {
        part::inclusions(call, entity, json);
        if call.flag("include-direct-children") {
            super::tree::embedded_children(call, Node::Page(slot), json);
        }
    }
    let key = site
        .space(site.space_of_page(slot))
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
    version: u64,
    format: Option<&str>,
    single: bool,
    json: &mut Json,
) {
    let entity = Entity::BlogPost(slot);
    let (site, rows) = (call.site, &call.site.blog_posts);
    let (id, created) = (rows.id(slot), rows.created(slot));
    json.open('{')
        .text_at("createdAt", &part::time_of(rows, slot, created));
    json.text_at("authorId", site.account_id(site.author_of(entity)));
    part::version(call, entity, version, true, json);
    let status = blog_post_status(call, slot);
    finish(call, entity, version, status, format, json);
    let title = rows.title(slot);
    json.text_at("title", &title).id_at("id", id);
    if single {
        part::inclusions(call, entity, json);
    }
    let key = site
        .space(site.space_of_blog_post(slot))
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
    entity: Entity,
    version: u64,
    status: &str,
    format: Option<&str>,
    json: &mut Json,
) {
    let site = call.site;
    let older = version != site.version_count(entity);
    let space = match entity {
        Entity::Page(slot) => site.space_of_page(slot),
        entity => site.space_of_blog_post(entity.slot()),
    };
    json.id_at("spaceId", site.space(space).map_or(0, |space| space.id))
        .text_at("status", if older { "historical" } else { status });
    let text = body_of(site, entity, version);
    part::body(
        format.map(|format| (format, written(site, format, text))),
        json,
    );
}

/// A body in a format.
pub(super) fn written(site: &Site, format: &str, text: BodyOf) -> String {
    match format {
        "storage" | "editor" => with_mentions(site, text, body_text::storage(text)),
        "atlas_doc_format" => body_text::atlas_doc(text),
        _ => body_text::view(text),
    }
}

/// A body in the storage format, with the mentions of its row.
pub(super) fn with_mentions(site: &Site, text: BodyOf, mut body: String) -> String {
    for account in site.mentioned(text.index) {
        body_text::mention(&account, &mut body);
    }
    body
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
