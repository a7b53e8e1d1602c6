//! `GET /wiki/rest/api/label`: from the name of a label to its id, and to what carries it.

use super::offset::{self, Window};
use crate::answer::Answer;
use crate::call::Call;
use crate::json::Json;
use crate::refusal::Refusal;
use crate::site::entity::Entity;
use crate::site::label;

/// The label of a name, and the pages and blog posts that carry it. Content ids are numbers here.
pub(super) fn answer(call: &Call<'_>) -> Result<Answer, Refusal> {
    let site = call.site;
    let name = call.query.last("name").filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Refusal::invalid("The parameter 'name' is missing.", ""))?;
    let of_type = call.one_of("type", &["page", "blogpost", "attachment", "page_template"])?;
    let window = Window::of(call, 200)?;
    let index = (0..label::COUNT).find(|&index| label::name(index) == name);
    let index = index.ok_or_else(|| Refusal::not_found("No label of this name was found."))?;
    let wanted = |kind: &str| of_type.is_none_or(|of_type| of_type == kind);
    let carries = |entity: &Entity| {
        let (rows, slot) = (site.rows_of(*entity), entity.slot());
        rows.is_live(slot) && site.shows(*entity) && site.labels_of(*entity).contains(&index)
    };
    let mut content: Vec<Entity> = Vec::new();
    if wanted("page") {
        content.extend((0..site.pages.slots()).map(Entity::Page).filter(carries));
    }
    if wanted("blogpost") {
        content.extend(
            (0..site.blog_posts.slots())
                .map(Entity::BlogPost)
                .filter(carries),
        );
    }
    if wanted("attachment") {
        content.extend(
            (0..site.attachments.slots())
                .map(Entity::Attachment)
                .filter(carries),
        );
    }
    let rows = window.rows(call, &content, |&entity, json| {
        json.open('{')
            .text_at("contentType", entity.target())
            .number_at("contentId", site.rows_of(entity).id(entity.slot()))
            .text_at("title", &site.title_of(entity))
            .close('}');
    });
    let mut json = Json::with_capacity(rows.0.len() + 500);
    json.open('{')
        .key("label")
        .open('{')
        .text_at("prefix", label::prefix(index))
        .text_at("name", name)
        .id_at("id", label::id(index))
        .text_at("label", name)
        .close('}')
        .key("associatedContents")
        .open('{');
    window.write(&rows, &mut json);
    json.close('}');
    offset::links(call, &mut json);
    json.close('}');
    Ok(Answer::json(200, json.into_bytes()))
}
