//! From a request to an answer.

use crate::answer::Answer;
use crate::call::Call;
use crate::credential::is_account;
use crate::fault::{Fault, instead};
use crate::oauth::{Access, AuthorizationServer};
use crate::query::Query;
use crate::refusal::Refusal;
use crate::sent::Unread;
use crate::site::Site;
use crate::{media, v1, v2};

/// Which of the two hosts was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Host {
    /// The site, and the gateway before it.
    Site,
    /// Where files come from.
    Media,
}

/// What an answer depends on.
pub(crate) struct Asked<'a> {
    pub(crate) host: Host,
    pub(crate) site: &'a Site,
    /// The site as search knows it.
    pub(crate) index: &'a Site,
    pub(crate) oauth: Option<&'a AuthorizationServer>,
    pub(crate) site_url: &'a str,
    pub(crate) media_url: &'a str,
    pub(crate) demanded: Option<&'a str>,
    pub(crate) number: u64,
    pub(crate) fault: Option<&'a Fault>,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) authorization: Option<&'a str>,
    pub(crate) has_cookies: bool,
    /// Milliseconds since 1970.
    pub(crate) now: u64,
    pub(crate) sent: Result<&'a [u8], Unread>,
}

/// What the service answers, faults included that change it.
pub(crate) fn answer(asked: &Asked<'_>) -> Answer {
    let gateway = asked.path.starts_with("/ex/");
    if let Some(answer) = asked.fault.and_then(|fault| instead(fault, gateway)) {
        return answer;
    }
    let answer = match asked.host {
        Host::Site => faultless(asked, gateway),
        Host::Media => media::answer(
            asked.site,
            asked.method,
            asked.path,
            asked.query,
            asked.authorization.is_some() || asked.has_cookies,
            asked.now,
        ),
    };
    match asked.fault {
        Some(Fault::TruncatedJson) => answer.with_json_cut(),
        Some(Fault::TruncatedBody) => answer.with_body_cut(),
        Some(Fault::Anonymous) => answer.with("x-seraph-loginreason", "AUTHENTICATED_FAILED"),
        Some(Fault::EchoCredential) => answer.with(
            "x-echo-authorization",
            asked.authorization.unwrap_or_default(),
        ),
        _ => answer,
    }
}

fn faultless(asked: &Asked<'_>, gateway: bool) -> Answer {
    let sent = match asked.sent {
        Ok(sent) => sent,
        Err(unread) => {
            let refusal = Refusal::new(
                unread.status(),
                "BAD_REQUEST",
                "Bad Request",
                &unread.reason(),
            );
            return refusal.answer_for(gateway);
        }
    };
    if asked.path == "/_edge/tenant_info" && asked.method == "GET" {
        return Answer::json(
            200,
            format!("{{\"cloudId\":\"{}\"}}", asked.site.cloud_id).into_bytes(),
        );
    }
    let path = match below_gateway(asked) {
        Ok(path) => path,
        Err(refusal) => return refusal.answer_for(true),
    };
    let version_1 = path.strip_prefix("/wiki/rest/api/");
    let version_2 = path.strip_prefix("/wiki/api/v2/");
    let refuse = |refusal: &Refusal| match version_1 {
        Some(_) => refusal.answer_v1(),
        None => refusal.answer(),
    };
    let anonymous = matches!(asked.fault, Some(Fault::Anonymous));
    if let Some(answer) = refused_token(asked, path) {
        return answer;
    }
    if !anonymous && !is_account(asked.authorization, asked.demanded) {
        let refusal = Refusal::unauthorized();
        return if gateway {
            refusal.answer_for(true)
        } else {
            refuse(&refusal)
        };
    }
    // Files below this path are for browsers: whatever token comes, it is none there.
    if path.starts_with("/wiki/download/") {
        return Refusal::unauthorized().answer_v1();
    }
    let reads = match version_2 {
        Some("users-bulk" | "content/convert-ids-to-types") => "POST",
        _ => "GET",
    };
    if asked.method != reads {
        return refuse(&Refusal::new(
            405,
            "METHOD_NOT_ALLOWED",
            "Method Not Allowed",
            "This resource can only be read.",
        ))
        .with("allow", reads);
    }
    let is_search = version_1.is_some_and(v1::is_search);
    let call = Call {
        site: if is_search { asked.index } else { asked.site },
        site_url: asked.site_url,
        media_url: asked.media_url,
        path,
        query: Query::parse(asked.query),
        number: asked.number,
        fault: asked.fault,
        authorization: asked.authorization,
        now: asked.now,
        sent,
    };
    let answer = match (version_1, version_2) {
        (Some(below), _) => v1::answer(&call, below),
        (None, Some(below)) => v2::answer(&call, below),
        (None, None) => Err(Refusal::not_found("Not Found")),
    };
    answer.unwrap_or_else(|refusal| refuse(&refusal))
}

/// The answer to a bearer token that the authorization server did not issue for the site, or without
/// the scope. Basic is for API tokens.
fn refused_token(asked: &Asked<'_>, path: &str) -> Option<Answer> {
    let oauth = asked.oauth?;
    let token = asked.authorization?.strip_prefix("Bearer ")?;
    let cloud_id = asked
        .path
        .strip_prefix("/ex/confluence/")?
        .split('/')
        .next()?;
    match oauth.access(token, cloud_id, path) {
        Access::Granted => None,
        Access::Unauthorized => Some(Refusal::unauthorized().answer_for(true)),
        Access::ScopeMismatch => instead(&Fault::ScopeMismatch, true),
    }
}

/// The path below the site, for requests through the gateway and for direct ones.
fn below_gateway<'a>(asked: &Asked<'a>) -> Result<&'a str, Refusal> {
    let Some(rest) = asked.path.strip_prefix("/ex/") else {
        return Ok(asked.path);
    };
    let rest = rest
        .strip_prefix("confluence/")
        .and_then(|rest| rest.split_once('/'))
        .filter(|(cloud_id, _)| {
            let is_site = asked.oauth.is_some_and(|oauth| oauth.is_site(cloud_id));
            is_site || *cloud_id == asked.site.cloud_id
        })
        .and_then(|(cloud_id, _)| rest.strip_prefix("confluence/")?.strip_prefix(cloud_id));
    let rest = rest.filter(|rest| rest.starts_with("/wiki/"));
    rest.ok_or_else(|| Refusal::not_found("No site of this cloud id is known here."))
}
