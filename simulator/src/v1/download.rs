//! `GET /wiki/rest/api/content/{id}/child/attachment/{attachmentId}/download`.

use crate::answer::{Answer, HTML};
use crate::call::Call;
use crate::media;
use crate::refusal::Refusal;
use crate::site::attachment::Container;
use crate::site::entity::Entity;

/// 302 to the media host. The attachment has to be one of the content.
pub(super) fn answer(call: &Call<'_>, id: &str, attachment: &str) -> Result<Answer, Refusal> {
    let site = call.site;
    let missing = || Refusal::not_found("No such attachment of this content was found.");
    let statuses = call.many_of("status", &["current", "archived", "trashed", "draft"])?;
    let content: u64 = id.parse().map_err(|_| missing())?;
    let number = attachment.strip_prefix("att").unwrap_or(attachment);
    let number: u64 = number.parse().map_err(|_| missing())?;
    let slot = site.shown(Entity::Attachment, number).ok_or_else(missing)?;
    let held = match site.container_of_attachment(slot) {
        Container::Page(page) => site.pages.id(page),
        Container::BlogPost(post) => site.blog_posts.id(post),
        Container::CustomContent(_) | Container::Space(_) => return Err(missing()),
    };
    let hidden = site.attachments.is_trashed(slot) && !statuses.contains(&"trashed");
    if held != content || hidden {
        return Err(missing());
    }
    if let Some(version) = call.query.last("version") {
        let latest = site.version_count(Entity::Attachment(slot));
        let known = version
            .parse()
            .is_ok_and(|version: u64| (1..=latest).contains(&version));
        if !known {
            return Err(Refusal::invalid("There is no such version:", version));
        }
    }
    let location = media::location(site, call.media_url, slot, call.now);
    Ok(Answer::text(302, HTML, "").with("location", &location))
}
