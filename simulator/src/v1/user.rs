//! The current user, and others by their account ids.

use super::offset::{self, Window};
use crate::answer::Answer;
use crate::call::{Call, hash_text};
use crate::credential::email;
use crate::fault::Fault;
use crate::json::Json;
use crate::listing;
use crate::refusal::Refusal;
use crate::site::account::Account;

/// Account ids behind these are not looked at.
const MAX_IN_BULK: usize = 100;

const ANONYMOUS: &str = concat!(
    r#"{"type":"anonymous","profilePicture":{"path":"/wiki/aa-avatar/anonymous","width":48,"#,
    r#""height":48,"isDefault":true},"displayName":"Anonymous","_expandable":{"operations":""},"#,
    r#""_links":{}}"#,
);

/// The account that an `Authorization` stands for. The same one always stands for the same.
pub(super) fn current(call: &Call<'_>) -> Answer {
    if call.has(&Fault::Anonymous) {
        return Answer::json(200, ANONYMOUS.as_bytes().to_vec());
    }
    let Some(account) = asking(call) else {
        return Answer::json(200, ANONYMOUS.as_bytes().to_vec());
    };
    let email = call.authorization.and_then(email);
    // A service account, and a token that names nobody, show no address.
    let email = email
        .filter(|email| !email.ends_with("@serviceaccount.atlassian.com"))
        .unwrap_or_default();
    let kind = if email.is_empty() { "app" } else { "atlassian" };
    let mut json = Json::with_capacity(1_000);
    write_account(call, account, kind, &email, true, &mut json);
    listing::single(call, json)
}

/// `GET /wiki/rest/api/user`.
pub(super) fn single(call: &Call<'_>) -> Result<Answer, Refusal> {
    let at = asked(call)?;
    let mut json = Json::with_capacity(1_000);
    write(call, at, &mut json);
    Ok(listing::single(call, json))
}

/// The account that `accountId` names, as a number for `Site::account_id`.
pub(super) fn asked(call: &Call<'_>) -> Result<u64, Refusal> {
    let id = call.query.last("accountId").filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| Refusal::invalid("The parameter 'accountId' is missing.", ""))?;
    let at = call.site.account_of_id(id);
    at.ok_or_else(|| Refusal::not_found("No user with this account id was found."))
}

/// `GET /wiki/rest/api/user/bulk`: of the first 100 ids, those that are known.
pub(super) fn bulk(call: &Call<'_>) -> Result<Answer, Refusal> {
    let ids: Vec<&str> = call.query.all("accountId").take(MAX_IN_BULK).collect();
    if ids.is_empty() {
        return Err(Refusal::invalid(
            "The parameter 'accountId' is missing.",
            "",
        ));
    }
    let mut accounts: Vec<u64> = Vec::new();
    for account in ids.iter().filter_map(|id| call.site.account_of_id(id)) {
        if !accounts.contains(&account) {
            accounts.push(account);
        }
    }
    let mut window = Window::of(call, MAX_IN_BULK)?;
    (window.start, window.limit) = (0, MAX_IN_BULK);
    Ok(offset::answer(call, &window, &accounts, |&at, json| {
        write(call, at, json)
    }))
}

/// Somebody else, who mostly keeps the address to themselves.
pub(super) fn write(call: &Call<'_>, at: u64, json: &mut Json) {
    if let Some(account) = call.site.accounts.get(at as usize) {
        let email = call.site.visible_email(at);
        write_account(call, account, "atlassian", &email, false, json);
    }
}

fn write_account(
    call: &Call<'_>,
    account: &Account,
    kind: &str,
    email: &str,
    with_context: bool,
    json: &mut Json,
) {
    json.open('{')
        .text_at("type", "known")
        .text_at("accountId", &account.id)
        .text_at("accountType", kind)
        .text_at("email", email)
        .text_at("publicName", &account.name)
        .key("profilePicture")
        .open('{')
        .text_at("path", &format!("/wiki/aa-avatar/{}", account.id))
        .number_at("width", 48)
        .number_at("height", 48)
        .flag_at("isDefault", false)
        .close('}')
        .text_at("displayName", &account.name)
        .flag_at("isExternalCollaborator", false)
        .flag_at("isGuest", false);
    if with_context || !email.is_empty() {
        json.text_at("timeZone", account.time_zone);
    }
    json.key("_expandable")
        .raw("{\"operations\":\"\",\"personalSpace\":\"\"}")
        .key("_links")
        .open('{')
        .text_at(
            "self",
            &format!(
                "{}/wiki/rest/api/user?accountId={}",
                call.site_url, account.id
            ),
        );
    if with_context {
        json.text_at("base", &format!("{}/wiki", call.site_url))
            .text_at("context", "/wiki");
    }
    json.close('}').close('}');
}

/// The account that asks.
pub(super) fn asking<'a>(call: &Call<'a>) -> Option<&'a Account> {
    let email = call.authorization.and_then(email);
    let who = email.as_deref().or(call.authorization).unwrap_or_default();
    let at = hash_text(who) % call.site.accounts.len().max(1) as u64;
    call.site.accounts.get(at as usize)
}
