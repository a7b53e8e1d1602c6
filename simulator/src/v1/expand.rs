//! What `expand` adds to the rows of a content search. What it does not know it ignores.

use super::restriction;
use crate::call::Call;
use crate::json::Json;
use crate::site::Site;
use crate::site::attachment::Container;
use crate::site::comment::CommentKind;
use crate::site::entity::Entity;
use crate::site::label;
use crate::site::restriction::Operation;
use crate::v2::part;

/// Labels, users or groups that a row carries inside.
const EMBEDDED: usize = 200;

/// The members that were asked for.
pub(super) fn write(call: &Call<'_>, entity: Option<Entity>, space: u64, json: &mut Json) {
    let wanted: Vec<&str> = call
        .query
        .last("expand")
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .collect();
    if wanted.contains(&"space")
        && let Some(space) = call.site.space(space)
    {
        json.key("space")
            .open('{')
            .number_at("id", space.id)
            .text_at("key", &space.key)
            .text_at("name", &space.name)
            .text_at("type", space.kind)
            .text_at(
                "status",
                if space.archived {
                    "archived"
                } else {
                    "current"
                },
            )
            .close('}');
    }
    if wanted.contains(&"metadata.labels")
        && let Some(entity) = entity
    {
        labels(call, entity, json);
    }
    child_types(call, entity, &wanted, json);
    if wanted.contains(&"ancestors")
        && let Some(entity) = entity
    {
        ancestors(call.site, entity, json);
    }
    if let Some(entity) = entity {
        versions(call, entity, &wanted, json);
    }
    json.key("restrictions").open('{');
    for operation in Operation::ALL {
        let prefix = format!("restrictions.{}", operation.name());
        let below = |part: &str| {
            let name = format!("{prefix}.restrictions.{part}");
            wanted.contains(&name.as_str())
        };
        let of_id = |id: u64| call.site.restricted_of_id(id);
        let of = match entity {
            Some(Entity::Page(slot)) => of_id(call.site.pages.id(slot)),
            Some(Entity::BlogPost(slot)) => of_id(call.site.blog_posts.id(slot)),
            _ => None,
        };
        let (Some(of), true) = (of, wanted.iter().any(|name| name.starts_with(&prefix))) else {
            continue;
        };
        let restriction = call.site.restriction(of, operation);
        json.key(operation.name())
            .open('{')
            .text_at("operation", operation.name())
            .key("restrictions")
            .open('{');
        if below("user") {
            json.key("user");
            restriction::users(call, &restriction.users, (0, EMBEDDED), json);
        }
        if below("group") {
            json.key("group");
            restriction::groups(call, &restriction.groups, (0, EMBEDDED), json);
        }
        json.close('}').close('}');
    }
    json.close('}');
}

/// Whether something has comments: a comment, whether it has replies.
fn child_types(call: &Call<'_>, entity: Option<Entity>, wanted: &[&str], json: &mut Json) {
    json.key("childTypes").open('{');
    let is_wanted = wanted.contains(&"childTypes.comment") || wanted.contains(&"childTypes.all");
    if is_wanted && let Some(entity) = entity {
        json.key("comment")
            .open('{')
            .flag_at("value", has_comments(call.site, entity))
            .key("_links")
            .raw("{}")
            .close('}');
    }
    json.close('}');
}

/// What a comment replies to, the outermost first. Those of other content are not simulated.
fn ancestors(site: &Site, entity: Entity, json: &mut Json) {
    let mut above = Vec::new();
    let (kind, mut at) = match entity {
        Entity::FooterComment(slot) => (CommentKind::Footer, slot),
        Entity::InlineComment(slot) => (CommentKind::Inline, slot),
        _ => return,
    };
    let rows = site.comments(kind);
    while let Some(next) = site.comment_above(kind, at) {
        above.push(next);
        at = next;
    }
    json.key("ancestors").open('[');
    for slot in above.into_iter().rev() {
        json.element();
        json.open('{')
            .text_at("id", &rows.id(slot).to_string())
            .text_at("type", "comment")
            .text_at("status", "current")
            .close('}');
    }
    json.close(']');
}

fn has_comments(site: &Site, entity: Entity) -> bool {
    let on = |container| {
        let mut kinds = [CommentKind::Footer, CommentKind::Inline].into_iter();
        kinds.any(|kind| !site.comments_on(kind, container).is_empty())
    };
    match entity {
        Entity::Page(slot) => on(Container::Page(slot)),
        Entity::BlogPost(slot) => on(Container::BlogPost(slot)),
        Entity::FooterComment(slot) => !site.comment_children(CommentKind::Footer, slot).is_empty(),
        Entity::InlineComment(slot) => !site.comment_children(CommentKind::Inline, slot).is_empty(),
        Entity::Attachment(_) | Entity::CustomContent(_) => false,
    }
}

/// The current version, as `version` and as `history.lastUpdated`, and the one before it.
fn versions(call: &Call<'_>, entity: Entity, wanted: &[&str], json: &mut Json) {
    let latest = call.site.version_count(entity);
    if wanted.contains(&"version") {
        json.key("version");
        version(call.site, entity, latest, json);
    }
    if !wanted.iter().any(|name| name.starts_with("history")) {
        return;
    }
    json.key("history").open('{').flag_at("latest", true);
    if wanted.contains(&"history.lastUpdated") {
        json.key("lastUpdated");
        version(call.site, entity, latest, json);
    }
    if wanted.contains(&"history.previousVersion") && latest > 1 {
        json.key("previousVersion");
        version(call.site, entity, latest - 1, json);
    }
    json.close('}');
}

/// A version as REST v1 has it.
fn version(site: &Site, entity: Entity, number: u64, json: &mut Json) {
    let version = site.version(entity, number);
    let rows = site.rows_of(entity);
    let when = part::time_of(rows, entity.slot(), version.created);
    json.open('{')
        .key("by")
        .open('{')
        .text_at("type", "known")
        .text_at("accountId", site.account_id(version.author))
        .close('}')
        .text_at("when", &when)
        .text_at("friendlyWhen", "some time ago")
        .text_at("message", &version.message)
        .number_at("number", number)
        .flag_at("minorEdit", version.minor)
        .close('}');
}

fn labels(call: &Call<'_>, entity: Entity, json: &mut Json) {
    let labels = call.site.labels_of(entity);
    json.key("metadata")
        .open('{')
        .key("labels")
        .open('{')
        .key("results")
        .open('[');
    for &index in labels.iter().take(EMBEDDED) {
        json.element();
        json.open('{')
            .text_at("prefix", label::prefix(index))
            .text_at("name", label::name(index))
            .id_at("id", label::id(index))
            .text_at("label", label::name(index))
            .close('}');
    }
    json.close(']')
        .number_at("start", 0)
        .number_at("limit", EMBEDDED as u64)
        .number_at("size", labels.len().min(EMBEDDED) as u64)
        .close('}')
        .close('}');
}
