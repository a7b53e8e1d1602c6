//! REST v2.

mod attachments;
mod comments;
mod content;
mod custom_content;
mod labels;
mod lookups;
pub(crate) mod part;
mod properties;
mod spaces;
mod tasks;
mod tree;
mod versions;

use crate::answer::Answer;
use crate::call::Call;
use crate::refusal::Refusal;
use crate::site::attachment::Container;
use crate::site::comment::CommentKind;
use crate::site::entity::Entity;
use crate::site::property::PropertyOf;
use crate::site::tree::Node;
use content::Of;

/// Most labels, operations and the like that a single resource carries inside.
const EMBEDDED: usize = 50;

/// The answer to a path below `/wiki/api/v2/`.
pub(crate) fn answer(call: &Call<'_>, path: &str) -> Result<Answer, Refusal> {
    let parts: Vec<&str> = path.split('/').collect();
    if parts.contains(&"") {
        return Err(Refusal::not_found("Not Found"));
    }
    match parts.as_slice() {
        ["spaces"] => spaces::list(call),
        ["spaces", id, below @ ..] => of_space(call, space(call, id)?, below),
        ["users-bulk"] => lookups::users(call),
        ["content", "convert-ids-to-types"] => lookups::types(call),
        ["labels"] => labels::list(call),
        ["labels", id, below] => of_label(call, id, below),
        ["attachments"] => attachments::list(call),
        ["tasks"] => tasks::list(call),
        ["tasks", id] => tasks::single(call, task(call, id)?),
        ["pages"] => content::pages(call, Of::Site),
        ["blogposts"] => content::blog_posts(call, Of::Site),
        ["custom-content"] => custom_content::list(call),
        ["footer-comments"] => comments::list(call, CommentKind::Footer),
        ["inline-comments"] => comments::list(call, CommentKind::Inline),
        ["comments", id, "properties", below @ ..] => of_comment_properties(call, id, below),
        [
            "folders" | "whiteboards" | "databases" | "embeds",
            id,
            below @ ..,
        ] => of_other(call, &parts, id, below),
        [resource, id, below @ ..] => of_entity(call, entity(call, resource, id)?, below),
        _ => Err(not_found()),
    }
}

fn not_found() -> Refusal {
    Refusal::not_found("Not Found")
}

fn of_space(call: &Call<'_>, space: u64, below: &[&str]) -> Result<Answer, Refusal> {
    match below {
        [] => spaces::single(call, space),
        ["labels"] => labels::of_space(call, space),
        ["pages"] => content::pages(call, Of::Space(space)),
        ["blogposts"] => content::blog_posts(call, Of::Space(space)),
        ["permissions"] => spaces::permissions(call, space),
        ["role-assignments"] => spaces::role_assignments(call, space),
        ["properties"] => properties::list(call, PropertyOf::Space(space)),
        ["properties", id] => properties::single(call, PropertyOf::Space(space), id),
        _ => Err(not_found()),
    }
}

fn of_label(call: &Call<'_>, id: &str, below: &str) -> Result<Answer, Refusal> {
    let label = slot(id, labels::of_id)?;
    match below {
        "pages" => content::pages(call, Of::Label(label)),
        "blogposts" => content::blog_posts(call, Of::Label(label)),
        "attachments" => attachments::of_label(call, label),
        _ => Err(not_found()),
    }
}

/// Properties of comments stand under one resource for both kinds.
fn of_comment_properties(call: &Call<'_>, id: &str, below: &[&str]) -> Result<Answer, Refusal> {
    let site = call.site;
    let comment = entity(call, "footer-comments", id).or_else(|refusal| {
        let inline = slot(id, |id| site.shown(Entity::InlineComment, id));
        inline.map(Entity::InlineComment).map_err(|_| refusal)
    })?;
    let of = PropertyOf::Content(comment);
    match below {
        [] => properties::list(call, of),
        [id] => properties::single(call, of, id),
        _ => Err(not_found()),
    }
}

/// Folders, whiteboards, databases and embeds.
fn of_other(call: &Call<'_>, parts: &[&str], id: &str, below: &[&str]) -> Result<Answer, Refusal> {
    let mut node = None;
    slot(id, |id| {
        node = call.site.other_of_id(id);
        Some(id)
    })?;
    let resource = parts.first().copied().unwrap_or_default();
    let node = node
        .filter(|node| resource.strip_suffix('s') == Some(node.kind()))
        .ok_or_else(missing)?;
    match below {
        [] => tree::single(call, node),
        _ => of_node(call, node, below),
    }
}

fn of_node(call: &Call<'_>, node: Node, below: &[&str]) -> Result<Answer, Refusal> {
    match (below, node) {
        (["children"], Node::Page(_)) => tree::child_pages(call, node),
        (["direct-children"], _) => tree::direct_children(call, node),
        (["descendants"], _) => tree::descendants(call, node),
        (["ancestors"], _) => tree::ancestors(call, node),
        _ => Err(not_found()),
    }
}

fn entity(call: &Call<'_>, resource: &str, id: &str) -> Result<Entity, Refusal> {
    let site = call.site;
    Ok(match resource {
        "pages" => Entity::Page(slot(id, |id| site.shown(Entity::Page, id))?),
        "blogposts" => Entity::BlogPost(slot(id, |id| site.shown(Entity::BlogPost, id))?),
        "attachments" => Entity::Attachment(attachments::slot(call, id)?),
        "custom-content" => {
            Entity::CustomContent(slot(id, |id| site.shown(Entity::CustomContent, id))?)
        }
        "footer-comments" => {
            Entity::FooterComment(slot(id, |id| site.shown(Entity::FooterComment, id))?)
        }
        "inline-comments" => {
            Entity::InlineComment(slot(id, |id| site.shown(Entity::InlineComment, id))?)
        }
        _ => return Err(not_found()),
    })
}

fn of_entity(call: &Call<'_>, entity: Entity, below: &[&str]) -> Result<Answer, Refusal> {
    let comment = match entity {
        Entity::FooterComment(slot) => Some((CommentKind::Footer, slot)),
        Entity::InlineComment(slot) => Some((CommentKind::Inline, slot)),
        _ => None,
    };
    match (below, entity, comment) {
        (["versions"], ..) => versions::list(call, entity),
        (["versions", number], ..) => versions::single(call, entity, number),
        ([], _, Some((kind, slot))) => comments::single(call, kind, slot),
        (["children"], _, Some((kind, slot))) => comments::children(call, kind, slot),
        (_, _, Some(_)) => Err(not_found()),
        (["labels"], ..) => labels::of(call, entity),
        (["properties"], ..) => properties::list(call, PropertyOf::Content(entity)),
        (["properties", id], ..) => properties::single(call, PropertyOf::Content(entity), id),
        ([], Entity::Page(slot), _) => content::page(call, slot),
        ([], Entity::BlogPost(slot), _) => content::blog_post(call, slot),
        ([], Entity::Attachment(slot), _) => attachments::single(call, slot),
        ([], Entity::CustomContent(slot), _) => custom_content::single(call, slot),
        (["attachments"], Entity::Page(slot), _) => attachments::of_page(call, slot),
        (["attachments"], Entity::BlogPost(slot), _) => attachments::of_blog_post(call, slot),
        (["footer-comments"], ..) => comments::on(call, CommentKind::Footer, container(entity)?),
        (["inline-comments"], ..) => comments::on(call, CommentKind::Inline, container(entity)?),
        (_, Entity::Page(slot), _) => of_node(call, Node::Page(slot), below),
        _ => Err(not_found()),
    }
}

/// What comments stand on.
fn container(entity: Entity) -> Result<Container, Refusal> {
    match entity {
        Entity::Page(slot) => Ok(Container::Page(slot)),
        Entity::BlogPost(slot) => Ok(Container::BlogPost(slot)),
        _ => Err(not_found()),
    }
}

fn space(call: &Call<'_>, id: &str) -> Result<u64, Refusal> {
    slot(id, |id| call.site.space_of_id(id))
}

fn task(call: &Call<'_>, id: &str) -> Result<u64, Refusal> {
    let site = call.site;
    slot(id, |id| {
        site.tasks.slot_of(id).filter(|&slot| site.shows_task(slot))
    })
}

/// 400 for what is no id, 404 for an id that nothing here has.
fn slot(id: &str, find: impl FnOnce(u64) -> Option<u64>) -> Result<u64, Refusal> {
    let number: i64 = id.parse().map_err(|_| Refusal::wrong_type("id", "long"))?;
    u64::try_from(number)
        .ok()
        .and_then(find)
        .ok_or_else(missing)
}

fn missing() -> Refusal {
    Refusal::not_found("Nothing with this id was found, or you may not see it.")
}
