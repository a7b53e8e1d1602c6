//! Comments: footer and inline, on the site, on content, and below one another.

use super::content::{BODIES, SINGLE_BODIES, body_of, order_of, with_mentions, written};
use super::part;
use crate::answer::Answer;
use crate::body_text;
use crate::call::Call;
use crate::json::Json;
use crate::listing::{self, Rows};
use crate::query::encode;
use crate::random::uuid;
use crate::refusal::Refusal;
use crate::sequence::Sequence;
use crate::site::attachment::Container;
use crate::site::comment::CommentKind;

/// `GET /footer-comments`, `GET /inline-comments`. Answers to comments are not among them.
pub(super) fn list(call: &Call<'_>, kind: CommentKind) -> Result<Answer, Refusal> {
    let order = order(call, kind)?;
    let sequence = Sequence::of(call.site.comments(kind), order.0);
    let accepts = |slot: u64| {
        call.site.comment_above(kind, slot).is_none() && call.site.shows(kind.entity(slot))
    };
    answer(call, kind, sequence, order.1, &accepts)
}

/// `GET /pages/{id}/footer-comments` and the like. Answers to comments are not among them.
pub(super) fn on(
    call: &Call<'_>,
    kind: CommentKind,
    container: Container,
) -> Result<Answer, Refusal> {
    let known: &[&str] = match container {
        Container::Page(_) => &[
            "current",
            "archived",
            "trashed",
            "deleted",
            "historical",
            "draft",
        ],
        _ => &["current", "deleted", "trashed", "historical", "draft"],
    };
    let statuses = call.many_of("status", known)?;
    let resolutions = match kind {
        CommentKind::Footer => Vec::new(),
        CommentKind::Inline => call.many_of(
            "resolution-status",
            &["resolved", "open", "dangling", "reopened"],
        )?,
    };
    let order = order(call, kind)?;
    let sequence = Sequence::picked(call.site.comments_on(kind, container), order.0);
    let accepts = |slot: u64| {
        (statuses.is_empty() || statuses.contains(&"current"))
            && (resolutions.is_empty() || resolutions.contains(&call.site.resolution(kind, slot)))
    };
    answer(call, kind, sequence, order.1, &accepts)
}

/// `GET /footer-comments/{id}/children`, `GET /inline-comments/{id}/children`.
pub(super) fn children(call: &Call<'_>, kind: CommentKind, slot: u64) -> Result<Answer, Refusal> {
    let order = order(call, kind)?;
    let sequence = Sequence::picked(call.site.comment_children(kind, slot), order.0);
    answer(call, kind, sequence, order.1, &|_| true)
}

fn order<'a>(
    call: &Call<'a>,
    kind: CommentKind,
) -> Result<(crate::sequence::Order<'a>, bool), Refusal> {
    Ok(order_of(
        call.site.comments(kind),
        call.sort(&["created-date", "modified-date"])?,
    ))
}

fn answer(
    call: &Call<'_>,
    kind: CommentKind,
    sequence: Sequence<'_>,
    falling: bool,
    accepts: &dyn Fn(u64) -> bool,
) -> Result<Answer, Refusal> {
    let limit = call.limit(25)?;
    let format = call.one_of("body-format", &BODIES)?;
    let site = call.site;
    let rows = Rows {
        sequence,
        falling,
        accepts,
        id: &|slot| site.comments(kind).id(slot).to_string(),
        write: &|slot, json| {
            let latest = site.version_count(kind.entity(slot));
            write(call, kind, slot, latest, format, false, json)
        },
    };
    Ok(warned(kind, listing::answer(call, limit, &rows)?))
}

/// `GET /footer-comments/{id}`, `GET /inline-comments/{id}`.
pub(super) fn single(call: &Call<'_>, kind: CommentKind, slot: u64) -> Result<Answer, Refusal> {
    let format = call.one_of("body-format", &SINGLE_BODIES)?;
    let version = part::asked_version(call, kind.entity(slot))?;
    let mut json = Json::with_capacity(2_000);
    write(call, kind, slot, version, format, true, &mut json);
    Ok(warned(kind, listing::single(call, json)))
}

/// Inline comments carry two properties under an old name as well.
fn warned(kind: CommentKind, answer: Answer) -> Answer {
    match kind {
        CommentKind::Footer => answer,
        CommentKind::Inline => answer
            .with(
                "warning",
                "299 - \"Deprecated Fields: inline-marker-ref and inline-original-selection\"",
            )
            .with(
                "link",
                "<https://developer.example.com/changelog>; rel=\"deprecation\"",
            ),
    }
}

fn write(
    call: &Call<'_>,
    kind: CommentKind,
    slot: u64,
    version: u64,
    format: Option<&str>,
    single: bool,
    json: &mut Json,
) {
    let (site, rows, entity) = (call.site, call.site.comments(kind), kind.entity(slot));
    let (id, roll) = (rows.id(slot), rows.roll(6, slot));
    let older = version != site.version_count(entity);
    json.open('{')
        .id_at("id", id)
        .text_at("status", if older { "historical" } else { "current" })
        .text_at("title", &site.title_of(entity));
    let container = site.container_of_comment(kind, slot);
    match site.comment_above(kind, slot) {
        // An answer names what it answers, and only alone what that stands on.
        Some(above) => {
            json.id_at("parentCommentId", rows.id(above));
            if single {
                part::container(site, container, json);
            }
        }
        None => part::container(site, container, json),
    }
    part::version(call, entity, version, false, json);
    // Footer comments have it as well, though they can be resolved by nobody.
    let resolution = site.resolution(kind, slot);
    json.text_at("resolutionStatus", resolution);
    if kind == CommentKind::Inline {
        if matches!(resolution, "resolved" | "reopened") {
            let settled = site.overlay.resolutions.get(&slot);
            let by = settled.map_or(roll >> 24, |settled| settled.by);
            let at = settled.map_or_else(|| rows.changed(slot), |settled| settled.at);
            json.text_at("resolutionLastModifierId", site.account_id(by));
            json.text_at("resolutionLastModifiedAt", &part::time_of(rows, slot, at));
        }
        if !(single && call.flag("include-properties")) {
            let marker = uuid(site.seed, 402, slot);
            let selection = body_text::sentence(body_of(site, entity, version));
            json.key("properties")
                .open('{')
                .text_at("inlineMarkerRef", &marker)
                .text_at("inlineOriginalSelection", selection)
                .text_at("inline-original-selection", selection)
                .text_at("inline-marker-ref", &marker)
                .close('}');
        }
    }
    // Without a format there is no body at all, where pages have an empty one.
    if let Some(format) = format {
        let text = body_of(site, entity, version);
        let value = match format {
            "storage" | "editor" => with_mentions(site, text, body_text::sentence_storage(text)),
            "atlas_doc_format" => body_text::sentence_atlas_doc(text),
            _ => written(site, format, text),
        };
        part::body(Some((format, value)), json);
    }
    if single {
        part::inclusions(call, entity, json);
    }
    let (pages, slot, title) = match container {
        Container::Page(slot) => ("pages", slot, site.pages.title(slot)),
        Container::BlogPost(slot) => ("blog", slot, site.blog_posts.title(slot)),
        Container::CustomContent(slot) | Container::Space(slot) => ("custom", slot, String::new()),
    };
    let on = match container {
        Container::BlogPost(_) => site.blog_posts.id(slot),
        _ => site.pages.id(slot),
    };
    let key = site
        .space(site.space_of_container(container))
        .map_or("", |space| space.key.as_str());
    let mut web = format!("/spaces/{key}/{pages}/{on}/");
    encode(&title, &mut web);
    web.push_str(&format!("?focusedCommentId={id}"));
    json.key("_links").open('{').text_at("webui", &web);
    if single {
        json.text_at("base", &format!("{}/wiki", call.site_url));
    }
    json.close('}').close('}');
}
