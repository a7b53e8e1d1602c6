//! REST v2.

mod attachments;
mod content;
mod custom_content;
mod labels;
mod part;
mod spaces;
mod tasks;

use crate::answer::Answer;
use crate::call::Call;
use crate::refusal::Refusal;

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
        ["spaces", id] => spaces::single(call, space(call, id)?),
        ["spaces", id, "labels"] => labels::of_space(call, space(call, id)?),
        ["spaces", id, "pages"] => content::pages(call, Some(space(call, id)?)),
        ["spaces", id, "blogposts"] => content::blog_posts(call, Some(space(call, id)?)),
        ["pages"] => content::pages(call, None),
        ["pages", id] => content::page(call, slot(id, |id| call.site.pages.slot_of(id))?),
        ["pages", id, "labels"] => {
            labels::of_page(call, slot(id, |id| call.site.pages.slot_of(id))?)
        }
        ["pages", id, "attachments"] => {
            attachments::of_page(call, slot(id, |id| call.site.pages.slot_of(id))?)
        }
        ["labels"] => labels::list(call),
        ["attachments"] => attachments::list(call),
        ["attachments", id] => attachments::single(call, id),
        ["blogposts"] => content::blog_posts(call, None),
        ["blogposts", id] => {
            content::blog_post(call, slot(id, |id| call.site.blog_posts.slot_of(id))?)
        }
        ["custom-content"] => custom_content::list(call),
        ["custom-content", id] => {
            custom_content::single(call, slot(id, |id| call.site.custom_content.slot_of(id))?)
        }
        ["tasks"] => tasks::list(call),
        ["tasks", id] => tasks::single(call, slot(id, |id| call.site.tasks.slot_of(id))?),
        _ => Err(Refusal::not_found("Not Found")),
    }
}

fn space(call: &Call<'_>, id: &str) -> Result<u64, Refusal> {
    slot(id, |id| call.site.space_of_id(id))
}

/// 400 for what is no id, 404 for an id that nothing here has.
fn slot(id: &str, find: impl Fn(u64) -> Option<u64>) -> Result<u64, Refusal> {
    let number: i64 = id.parse().map_err(|_| Refusal::wrong_type("id", "long"))?;
    let found = u64::try_from(number).ok().and_then(find);
    found
        .ok_or_else(|| Refusal::not_found("Nothing with this id was found, or you may not see it."))
}
