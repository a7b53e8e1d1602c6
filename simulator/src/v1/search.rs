//! Search by CQL.

use super::cql::{Comparison, Cql, Kind, OrderBy};
use super::offset::number;
use super::{expand, time_zone, user};
use crate::answer::Answer;
use crate::body_text::{self, BodyOf};
use crate::call::Call;
use crate::fault::Fault;
use crate::json::Json;
use crate::listing::{self, Rows};
use crate::query::encode;
use crate::refusal::Refusal;
use crate::sequence::Sequence;
use crate::site::Site;
use crate::site::comment::CommentKind;
use crate::site::entity::Entity;
use crate::timestamp::iso;

/// The most rows of one answer. More may be asked for, and are not given.
const MAX_ROWS: usize = 250;

/// What is answered about what is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `GET /wiki/rest/api/search`: envelopes, and the total.
    Envelopes,
    /// `GET /wiki/rest/api/content/search`: content alone. It knows no archived spaces.
    Content,
}

/// Something found: its kind and its slot, its space, or its place among the folders.
#[derive(Debug, Clone, Copy)]
struct Found {
    kind: Kind,
    at: u64,
}

impl Found {
    /// Milliseconds since 1970: what the index holds, which lags behind the last changes.
    fn modified(self, site: &Site) -> u64 {
        match self.kind {
            Kind::Page => site.indexed_change(Entity::Page(self.at)),
            Kind::BlogPost => site.indexed_change(Entity::BlogPost(self.at)),
            Kind::Space => site.space(self.at).map_or(0, |space| space.created),
            Kind::Folder => site.node_changed(site.folder(self.at)),
            Kind::Attachment => site.indexed_change(Entity::Attachment(self.at)),
            Kind::FooterComment => site.indexed_change(Entity::FooterComment(self.at)),
            Kind::InlineComment => site.indexed_change(Entity::InlineComment(self.at)),
        }
    }

    fn created(self, site: &Site) -> u64 {
        match self.kind {
            Kind::Page => site.pages.created(self.at),
            Kind::BlogPost => site.blog_posts.created(self.at),
            Kind::Space => site.space(self.at).map_or(0, |space| space.created),
            Kind::Folder => site.node_created(site.folder(self.at)),
            Kind::Attachment => site.attachments.created(self.at),
            Kind::FooterComment => site.footer_comments.created(self.at),
            Kind::InlineComment => site.inline_comments.created(self.at),
        }
    }

    /// What labels and restrictions hang on.
    fn entity(self) -> Option<Entity> {
        match self.kind {
            Kind::Page => Some(Entity::Page(self.at)),
            Kind::BlogPost => Some(Entity::BlogPost(self.at)),
            Kind::Attachment => Some(Entity::Attachment(self.at)),
            Kind::FooterComment => Some(Entity::FooterComment(self.at)),
            Kind::InlineComment => Some(Entity::InlineComment(self.at)),
            Kind::Space | Kind::Folder => None,
        }
    }

    fn space(self, site: &Site) -> u64 {
        match self.kind {
            Kind::Page => site.space_of_page(self.at),
            Kind::BlogPost => site.space_of_blog_post(self.at),
            Kind::Space => self.at,
            Kind::Folder => site.space_of_node(site.folder(self.at)),
            Kind::Attachment => site.space_of_container(site.container_of_attachment(self.at)),
            Kind::FooterComment => self.space_of_comment(site, CommentKind::Footer),
            Kind::InlineComment => self.space_of_comment(site, CommentKind::Inline),
        }
    }

    fn space_of_comment(self, site: &Site, kind: CommentKind) -> u64 {
        site.space_of_container(site.container_of_comment(kind, self.at))
    }
}

/// What a CQL finds. Pages by cursor; `start` without one.
pub(super) fn answer(call: &Call<'_>, form: Form) -> Result<Answer, Refusal> {
    let text = call.query.last("cql").unwrap_or_default();
    let cql =
        Cql::parse(text).ok_or_else(|| Refusal::invalid("The CQL could not be parsed:", text))?;
    let limit = number(call, "limit", 25)?.min(MAX_ROWS);
    let start = number(call, "start", 0)?;
    let archived = form == Form::Envelopes && call.flag("includeArchivedSpaces");
    let found = find(call, &cql, archived)?;
    let total = if call.has(&Fault::Anonymous) {
        0
    } else {
        found.len()
    };
    let skipped = if call.query.last("cursor").is_some() {
        0
    } else {
        start
    };
    let one = |at: u64| {
        let none = Found {
            kind: Kind::Page,
            at: 0,
        };
        found.get(at as usize).copied().unwrap_or(none)
    };
    let rows = Rows {
        // The numbers stay those of the whole, so that a cursor counts from its start.
        sequence: Sequence::Picked((0..found.len() as u64).collect()),
        falling: false,
        accepts: &|at| at >= skipped as u64,
        id: &|at| at.to_string(),
        write: &|at, json| match form {
            Form::Envelopes => write(call, one(at), json),
            Form::Content => write_content(call, one(at), json),
        },
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
    if form == Form::Envelopes {
        json.number_at("totalSize", total as u64)
            .text_at("cqlQuery", text)
            .number_at("searchDuration", 12);
    }
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
    let mut own = format!("{}{}?cql=", call.site_url, call.path);
    encode(text, &mut own);
    json.text_at("self", &own).close('}').close('}');
    Ok(Answer::json(200, json.into_bytes()))
}

/// In the order of the kinds and then of the ids, unless another one is asked for.
fn find(call: &Call<'_>, cql: &Cql, archived: bool) -> Result<Vec<Found>, Refusal> {
    let site = call.site;
    let space = match &cql.space_key {
        None => None,
        Some(key) => {
            let index = site.spaces.iter().position(|space| &space.key == key);
            let index = index.filter(|index| !site.is_hidden(*index as u64));
            let index = index.ok_or_else(|| Refusal::invalid("There is no such space:", key))?;
            Some(index as u64)
        }
    };
    let zone = user::asking(call).map_or("UTC", |account| account.time_zone);
    let mut bounds = Vec::new();
    for &(comparison, local) in &cql.modified {
        let instant = time_zone::to_utc(zone, local).ok_or_else(|| {
            Refusal::invalid("The CQL names a time that the clocks skipped in", zone)
        })?;
        bounds.push((comparison, instant));
    }
    let mut found = Vec::new();
    for &kind in &cql.kinds {
        let (first, step, end) = match kind {
            Kind::Page => {
                let (first, step) = stride(site, space);
                (first, step, site.pages.slots())
            }
            Kind::BlogPost => {
                let (first, step) = stride(site, space);
                (first, step, site.blog_posts.slots())
            }
            Kind::Space => (0, 1, site.space_count()),
            Kind::Folder => (0, 1, site.folder_count()),
            Kind::Attachment => (0, 1, site.attachments.slots()),
            Kind::FooterComment => (0, 1, site.footer_comments.slots()),
            Kind::InlineComment => (0, 1, site.inline_comments.slots()),
        };
        let rows = (first..end).step_by(step).map(|at| Found { kind, at });
        found.extend(rows.filter(|&row| {
            let open = |index| archived || !site.space(index).is_some_and(|space| space.archived);
            let there = match kind {
                Kind::Page => site.is_searchable_page(row.at, archived),
                Kind::BlogPost => site.blog_posts.is_live(row.at) && open(row.space(site)),
                Kind::Space | Kind::Folder | Kind::FooterComment | Kind::InlineComment => {
                    open(row.space(site))
                }
                Kind::Attachment => {
                    site.attachments.is_live(row.at)
                        && !site.attachments.is_archived(row.at)
                        && open(row.space(site))
                }
            };
            let within = |&(comparison, instant): &(Comparison, i64)| {
                let modified = row.modified(site) as i64;
                match comparison {
                    Comparison::From => modified >= instant,
                    Comparison::After => modified > instant,
                    Comparison::Until => modified <= instant,
                    Comparison::Before => modified < instant,
                }
            };
            let is_named = |ids: &Vec<String>| {
                let id = row.entity().map(|entity| site.id_of(entity));
                id.is_some_and(|id| ids.contains(&id))
            };
            there
                && !site.is_hidden(row.space(site))
                && row.entity().is_none_or(|entity| site.shows(entity))
                && space.is_none_or(|space| row.space(site) == space)
                && cql.ids.as_ref().is_none_or(is_named)
                && bounds.iter().all(within)
        }));
    }
    if let Some((by, falling)) = cql.order {
        found.sort_by_cached_key(|row| match by {
            OrderBy::LastModified => row.modified(site),
            OrderBy::Created => row.created(site),
        });
        if falling {
            found.reverse();
        }
    }
    Ok(found)
}

/// The first row to look at, and the distance to the next one.
fn stride(site: &Site, space: Option<u64>) -> (u64, usize) {
    match space {
        // Rows may have moved since the site was generated.
        Some(space) if site.overlay.changes == 0 => (space, site.spaces.len().max(1)),
        _ => (0, 1),
    }
}

/// The title, the address below `/wiki`, the id and the name of the kind.
fn names(site: &Site, found: Found) -> (String, String, u64, &'static str) {
    let (id, title, name, below) = match found.kind {
        Kind::Attachment => {
            let mut title = String::new();
            site.write_file_name(found.at, &mut title);
            let id = site.attachments.id(found.at);
            (id, title, "attachment", "attachments")
        }
        Kind::FooterComment | Kind::InlineComment => {
            let entity = match found.kind {
                Kind::FooterComment => Entity::FooterComment(found.at),
                _ => Entity::InlineComment(found.at),
            };
            let id = site.rows_of(entity).id(found.at);
            (id, site.title_of(entity), "comment", "comments")
        }
        Kind::BlogPost => {
            let rows = &site.blog_posts;
            (rows.id(found.at), rows.title(found.at), "blogpost", "blog")
        }
        Kind::Folder => {
            let node = site.folder(found.at);
            (
                site.node_id(node),
                site.node_title(node),
                "folder",
                "folder",
            )
        }
        Kind::Page | Kind::Space => {
            let rows = &site.pages;
            (rows.id(found.at), rows.title(found.at), "page", "pages")
        }
    };
    let key = site
        .space(found.space(site))
        .map_or("", |space| space.key.as_str());
    let mut url = format!("/spaces/{key}/{below}/{id}/");
    encode(&title, &mut url);
    (title, url, id, name)
}

fn write_content(call: &Call<'_>, found: Found, json: &mut Json) {
    let (title, url, id, name) = names(call.site, found);
    let id = match found.kind {
        Kind::Attachment => format!("att{id}"),
        _ => id.to_string(),
    };
    json.open('{')
        .text_at("id", &id)
        .text_at("type", name)
        .text_at("status", "current");
    json.text_at("title", &title)
        .key("macroRenderedOutput")
        .raw("{}");
    expand::write(call, found.entity(), found.space(call.site), json);
    json.key("_expandable")
        .raw("{\"container\":\"\",\"body\":\"\",\"version\":\"\"}");
    json.key("_links").open('{').text_at("webui", &url);
    json.text_at(
        "self",
        &format!("{}/wiki/rest/api/content/{id}", call.site_url),
    )
    .close('}')
    .close('}');
}

fn write(call: &Call<'_>, found: Found, json: &mut Json) {
    let site = call.site;
    let excerpt = body_text::sentence(BodyOf {
        seed: site.seed,
        salt: 5_000,
        index: found.at,
    });
    if found.kind == Kind::Space {
        return write_space(call, found.at, excerpt, json);
    }
    let (title, url, ..) = names(site, found);
    let space = site.space(found.space(site));
    let (key, space_name) =
        space.map_or(("", ""), |space| (space.key.as_str(), space.name.as_str()));
    json.open('{').key("content");
    write_content(call, found, json);
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
    let changed = found.modified(site) / 1000 * 1000;
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
