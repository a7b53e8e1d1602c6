//! `GET /wiki/rest/api/user/current`.

use crate::answer::Answer;
use crate::call::{Call, hash_text};
use crate::credential::email;
use crate::fault::Fault;
use crate::json::Json;
use crate::listing;

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
    let site = call.site;
    let email = call.authorization.and_then(email);
    let who = email.as_deref().or(call.authorization).unwrap_or_default();
    let at = hash_text(who) % site.accounts.len().max(1) as u64;
    let Some(account) = site.accounts.get(at as usize) else {
        return Answer::json(200, ANONYMOUS.as_bytes().to_vec());
    };
    // A service account, and a token that names nobody, show no address.
    let email = email
        .filter(|email| !email.ends_with("@serviceaccount.atlassian.com"))
        .unwrap_or_default();
    let mut json = Json::with_capacity(1_000);
    json.open('{')
        .text_at("type", "known")
        .text_at("accountId", &account.id);
    json.text_at(
        "accountType",
        if email.is_empty() { "app" } else { "atlassian" },
    )
    .text_at("email", &email);
    json.text_at("publicName", account.name)
        .key("profilePicture")
        .open('{');
    json.text_at("path", &format!("/wiki/aa-avatar/{}", account.id))
        .number_at("width", 48)
        .number_at("height", 48);
    json.flag_at("isDefault", false)
        .close('}')
        .text_at("displayName", account.name);
    json.flag_at("isExternalCollaborator", false)
        .flag_at("isGuest", false)
        .text_at("timeZone", account.time_zone);
    json.key("_expandable")
        .raw("{\"operations\":\"\",\"personalSpace\":\"\"}")
        .key("_links")
        .open('{');
    json.text_at(
        "self",
        &format!(
            "{}/wiki/rest/api/user?accountId={}",
            call.site_url, account.id
        ),
    );
    json.text_at("base", &format!("{}/wiki", call.site_url))
        .text_at("context", "/wiki")
        .close('}')
        .close('}');
    listing::single(call, json)
}
