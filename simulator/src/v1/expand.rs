//! What `expand` adds to the rows of a content search. What it does not know it ignores.

use super::restriction;
use crate::call::Call;
use crate::json::Json;
use crate::site::entity::Entity;
use crate::site::label;
use crate::site::restriction::Operation;

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
