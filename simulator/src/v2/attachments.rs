//! Attachments.

use super::content::order_of;
use super::part;
use crate::answer::Answer;
use crate::call::Call;
use crate::json::Json;
use crate::listing::{self, Rows};
use crate::query::encode;
use crate::refusal::Refusal;
use crate::sequence::Sequence;
use crate::site::attachment::Container;
use crate::site::entity::Entity;

/// `GET /attachments`.
pub(super) fn list(call: &Call<'_>) -> Result<Answer, Refusal> {
    answer(call, Of::Site)
}

/// `GET /pages/{id}/attachments`.
pub(super) fn of_page(call: &Call<'_>, page: u64) -> Result<Answer, Refusal> {
    answer(call, Of::These(call.site.attachments_of_page(page)))
}

/// `GET /blogposts/{id}/attachments`.
pub(super) fn of_blog_post(call: &Call<'_>, post: u64) -> Result<Answer, Refusal> {
    let slots = (0..call.site.attachments.slots())
        .filter(|&slot| call.site.container_of_attachment(slot) == Container::BlogPost(post));
    answer(call, Of::These(slots.collect()))
}

/// `GET /labels/{id}/attachments`, which knows no filter.
pub(super) fn of_label(call: &Call<'_>, label: u64) -> Result<Answer, Refusal> {
    answer(call, Of::Label(label))
}

/// Which attachments are listed.
enum Of {
    Site,
    These(Vec<u64>),
    Label(u64),
}

fn answer(call: &Call<'_>, of: Of) -> Result<Answer, Refusal> {
    let (site, rows) = (call.site, &call.site.attachments);
    let label = match of {
        Of::Label(label) => Some(label),
        Of::Site | Of::These(_) => None,
    };
    let limit = call.limit(if label.is_some() { 25 } else { 50 })?;
    let statuses = match label {
        None => call.many_of("status", &["current", "archived", "trashed"])?,
        Some(_) => Vec::new(),
    };
    let statuses = if statuses.is_empty() {
        vec!["current", "archived"]
    } else {
        statuses
    };
    let (order, falling) = order_of(rows, call.sort(&["created-date", "modified-date"])?);
    let filter = |name| call.query.last(name).filter(|_| label.is_none());
    let (media_type, file_name) = (filter("mediaType"), filter("filename"));
    let sequence = match of {
        Of::These(slots) => Sequence::picked(slots, order),
        Of::Site | Of::Label(_) => Sequence::of(rows, order),
    };
    let accepts = |slot: u64| {
        let named = |wanted: &str| {
            let mut name = String::new();
            site.write_file_name(slot, &mut name);
            name == wanted
        };
        statuses.contains(&status(call, slot))
            && site.shows(Entity::Attachment(slot))
            && media_type.is_none_or(|wanted| site.media_type(slot) == wanted)
            && file_name.is_none_or(named)
            && label.is_none_or(|label| site.labels_of(Entity::Attachment(slot)).contains(&label))
    };
    let rows = Rows {
        sequence,
        falling,
        accepts: &accepts,
        id: &|slot| format!("att{}", rows.id(slot)),
        write: &|slot, json| {
            let latest = site.version_count(Entity::Attachment(slot));
            write(call, slot, latest, false, json)
        },
    };
    listing::answer(call, limit, &rows)
}

/// `GET /attachments/{id}`.
pub(super) fn single(call: &Call<'_>, slot: u64) -> Result<Answer, Refusal> {
    let version = part::asked_version(call, Entity::Attachment(slot))?;
    let mut json = Json::with_capacity(2_000);
    write(call, slot, version, true, &mut json);
    Ok(listing::single(call, json))
}

/// The attachment of an id: `att` and a number.
pub(super) fn slot(call: &Call<'_>, id: &str) -> Result<u64, Refusal> {
    let number = id.strip_prefix("att").unwrap_or(id);
    if number.parse::<i64>().is_err() {
        return Err(Refusal::wrong_type("id", "ContentId"));
    }
    // A bare number is the id of a page or a blog post, never of an attachment.
    let slot = id
        .strip_prefix("att")
        .and_then(|_| call.site.shown(Entity::Attachment, number.parse().ok()?));
    slot.ok_or_else(|| {
        Refusal::not_found("No attachment with this id was found, or you may not see it.")
    })
}

fn status(call: &Call<'_>, slot: u64) -> &'static str {
    call.site.attachments.status(slot).name()
}

fn write(call: &Call<'_>, slot: u64, version: u64, single: bool, json: &mut Json) {
    let entity = Entity::Attachment(slot);
    let (site, rows) = (call.site, &call.site.attachments);
    let (id, roll) = (rows.id(slot), rows.roll(6, slot));
    let container = site.container_of_attachment(slot);
    let container_id = match container {
        Container::BlogPost(slot) => site.blog_posts.id(slot),
        Container::Page(slot) => site.pages.id(slot),
        Container::CustomContent(_) | Container::Space(_) => 0,
    };
    let mut name = String::new();
    site.write_file_name(slot, &mut name);
    let mut encoded = String::new();
    encode(&name, &mut encoded);
    let web = format!(
        "/pages/viewpageattachments.action?pageId={container_id}&preview=%2F{container_id}%2F{id}%2F{encoded}"
    );
    let changed = rows.changed(slot);
    let download = format!(
        "/download/attachments/{container_id}/{encoded}?version={version}&modificationDate={changed}&cacheVersion=1&api=v2"
    );
    json.open('{')
        .text_or_null_at("mediaTypeDescription", site.media_type_description(slot));
    json.text_at("webuiLink", &web);
    part::container(site, container, json);
    json.text_at("createdAt", &part::time_of(rows, slot, rows.created(slot)));
    json.text_at(
        "comment",
        if roll % 4 == 0 {
            "as agreed, \"v2\""
        } else {
            ""
        },
    );
    part::version(call, entity, version, false, json);
    json.text_at("mediaType", site.media_type(slot))
        .text_at("downloadLink", &download);
    json.text_at("fileId", &site.file_id(slot))
        .text_at("status", status(call, slot));
    json.text_at("title", &name)
        .number_at("fileSize", site.file_size(slot))
        .key("id")
        .raw("\"att")
        .number(id)
        .raw("\"");
    if single {
        part::inclusions(call, entity, json);
    }
    json.key("_links")
        .open('{')
        .text_at("download", &download)
        .text_at("webui", &web);
    if single {
        json.text_at("base", &format!("{}/wiki", call.site_url));
    }
    json.close('}').close('}');
}
