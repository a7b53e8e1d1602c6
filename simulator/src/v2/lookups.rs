//! The two requests that send a list of ids and change nothing.

use serde_json::Value;

use crate::answer::Answer;
use crate::call::Call;
use crate::json::Json;
use crate::listing;
use crate::refusal::Refusal;
use crate::site::entity::Entity;

/// `POST /users-bulk`: the accounts of 1 to 250 ids. Unknown ones are left out.
pub(super) fn users(call: &Call<'_>) -> Result<Answer, Refusal> {
    let ids = words(call, "accountIds", 250)?;
    let site = call.site;
    let mut accounts: Vec<u64> = Vec::new();
    for account in ids.iter().filter_map(|id| site.account_of_id(id)) {
        if !accounts.contains(&account) {
            accounts.push(account);
        }
    }
    let rows = listing::Rows {
        sequence: crate::sequence::Sequence::Picked(accounts),
        falling: false,
        accepts: &|_| true,
        id: &|at| site.account_id(at).to_owned(),
        write: &|at, json| {
            let Some(account) = site.accounts.get(at as usize) else {
                return;
            };
            let email = site.visible_email(at);
            json.open('{')
                .text_at("displayName", &account.name)
                .text_at("timeZone", account.time_zone)
                .null_at("personalSpaceId")
                .flag_at("isExternalCollaborator", false)
                .text_at("accountStatus", "active")
                .text_at("accountId", &account.id)
                .text_at("email", &email)
                .text_at("accountType", "atlassian")
                .text_at("publicName", &account.name)
                .key("profilePicture")
                .open('{')
                .text_at("path", &format!("/wiki/aa-avatar/{}", account.id))
                .flag_at("isDefault", false)
                .close('}')
                .close('}');
        },
    };
    listing::answer(call, 250, &rows)
}

/// `POST /content/convert-ids-to-types`: the type of each of at most 100 ids, or null for what
/// is not there.
pub(super) fn types(call: &Call<'_>) -> Result<Answer, Refusal> {
    let ids = words(call, "contentIds", 100)?;
    let site = call.site;
    let mut json = Json::with_capacity(ids.len() * 40);
    json.open('{').key("results").open('{');
    for text in &ids {
        let number = text.strip_prefix("att").unwrap_or(text).parse::<u64>().ok();
        let kind = number.and_then(|id| match () {
            () if text.starts_with("att") => {
                site.shown(Entity::Attachment, id).map(|_| "attachment")
            }
            () if site.shown(Entity::BlogPost, id).is_some() => Some("blogpost"),
            () if site.shown(Entity::FooterComment, id).is_some() => Some("footer-comment"),
            () if site.shown(Entity::InlineComment, id).is_some() => Some("inline-comment"),
            () => site
                .node_of_id(id)
                .map(crate::site::tree::Node::kind)
                .or_else(|| {
                    let slot = site.shown(Entity::CustomContent, id)?;
                    Some(site.custom_content_type(slot))
                }),
        });
        json.text_or_null_at(text, kind);
    }
    json.close('}').close('}');
    Ok(Answer::json(200, json.into_bytes()))
}

/// The list of this name in what was sent. Numbers count as the words that they are written as.
fn words(call: &Call<'_>, name: &str, most: usize) -> Result<Vec<String>, Refusal> {
    let sent: Value = serde_json::from_slice(call.sent)
        .map_err(|_| Refusal::invalid("The body is no JSON.", ""))?;
    let list = sent.get(name).and_then(Value::as_array);
    let list = list.ok_or_else(|| Refusal::wrong_type(name, "List"))?;
    if list.is_empty() || list.len() > most {
        return Err(Refusal::invalid(
            &format!("'{name}' has {} values.", list.len()),
            &format!("'{name}' must have 1 to {most} values."),
        ));
    }
    let word = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(Refusal::wrong_type(name, "List")),
    };
    list.iter().map(word).collect()
}
