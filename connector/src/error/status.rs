//! What each status means: the one table.

use super::{Error, ErrorKind, LimitScope, complaint::Complaint, quoted, retry_after};
use crate::{Answer, plan::Ask};

/// The error for an answer whose status is not 2xx.
pub(crate) fn refused(answer: &Answer, ask: &Ask) -> Error {
    let complaint = Complaint::of(&answer.body);
    let said = complaint.text.as_deref().map(|text| quoted(text, 300));
    let error = match answer.status {
        400 => bad_request(ask, said.as_deref()),
        401 => unauthorized(answer, ask, said.as_deref()),
        403 => Error::new(
            ErrorKind::Forbidden,
            "forbidden",
            format!("this account may not {}", ask.doing),
            because(
                "the account lacks the permission, has no Confluence licence on this site, or an IP allow-list keeps this machine out",
                said.as_deref(),
            ),
            "log in as this account in a browser and try to open the same thing; then ask the site's admin",
        ),
        404 => not_found(answer, ask, &complaint, said.as_deref()),
        429 => rate_limited(answer, ask),
        300..=399 => Error::new(
            ErrorKind::UpstreamFailed,
            "redirected",
            format!("cannot {}: the site redirects, with status `{}`", ask.doing, answer.status),
            "the site was renamed, or a login page or proxy is in front of it; redirects are not followed, to protect the authorization",
            "configure the actual URL of the site",
        ),
        status => Error::new(
            ErrorKind::UpstreamFailed,
            if status >= 500 { "upstream-failed" } else { "status-unexpected" },
            format!("cannot {}: the site responded with status `{status}`", ask.doing),
            because(
                if complaint.html {
                    "Confluence or a proxy in front of it is down or overloaded; the response is a web page"
                } else {
                    "Confluence is down or overloaded, or the request is too heavy for it"
                },
                said.as_deref(),
            ),
            "try again later; with bodies, try a smaller limit",
        )
        .wait((status == 503).then(|| retry_after::wait_ms(answer, None)).flatten()),
    };
    error.answered(answer)
}

fn because(cause: &str, said: Option<&str>) -> String {
    match said {
        Some(said) => format!("{cause}; confluence responded `{said}`"),
        None => cause.to_owned(),
    }
}

fn bad_request(ask: &Ask, said: Option<&str>) -> Error {
    Error::argument(
        "refused-by-upstream",
        match said {
            Some(said) => format!("confluence rejected the request to {}: `{said}`", ask.doing),
            None => format!(
                "confluence rejected the request to {} without a reason",
                ask.doing
            ),
        },
        "an argument means nothing to this site, such as an id of another kind of thing, or an `after` so old that its place is gone",
        "check the arguments; if `after` was passed, start without it",
    )
}

fn unauthorized(answer: &Answer, ask: &Ask, said: Option<&str>) -> Error {
    let scope_check = answer
        .header("x-failure-category")
        .is_some_and(|category| category.to_ascii_uppercase().contains("SCOPE"))
        || said.is_some_and(|said| said.contains("scope does not match"));
    if scope_check {
        return scope_missing(ask);
    }
    Error::new(
        ErrorKind::Unauthorized,
        "unauthorized",
        format!(
            "the site does not accept the authorization to {}",
            ask.doing
        ),
        because(
            "the token expired or was revoked, e-mail and token do not belong together, or it is a scoped token on a site URL: those work on `https://api.atlassian.com/ex/confluence/CLOUD-ID/wiki` only",
            said,
        ),
        "create a new token, or configure the gateway URL for a scoped one; check it with `test-connection`",
    )
}

fn scope_missing(ask: &Ask) -> Error {
    let scopes = ask.scope.replace(' ', "` and `");
    let (noun, missing) = match ask.scope.contains(' ') {
        true => ("scopes", "at least one of them"),
        false => ("scope", "it"),
    };
    Error::new(
        ErrorKind::Unauthorized,
        "scope-missing",
        format!("the token has not the {noun} to {}", ask.doing),
        format!("this call needs the {noun} `{scopes}`, and the token was made without {missing}"),
        format!("make a token with `{scopes}`; renewing this one does not help"),
    )
}

fn not_found(answer: &Answer, ask: &Ask, complaint: &Complaint, said: Option<&str>) -> Error {
    if complaint.html || answer.header("atl-traceid").is_none() {
        return Error::new(
            ErrorKind::NotFound,
            "endpoint-not-found",
            format!("cannot {}: the endpoint is not Confluence", ask.doing),
            because(
                "the endpoint lacks `/wiki`, names another site, or the cloud id is wrong; the 404 does not come from Confluence itself",
                said,
            ),
            "configure the endpoint as `https://SITE.atlassian.net/wiki` and ask `test-connection`",
        );
    }
    Error::new(
        ErrorKind::NotFound,
        "not-found",
        format!("cannot {}: it is missing or hidden", ask.doing),
        because(
            "it does not exist, was purged, or is hidden from this account; confluence does not distinguish them",
            said,
        ),
        "check the id, and open it in a browser as this account",
    )
}

fn rate_limited(answer: &Answer, ask: &Ask) -> Error {
    let scope = retry_after::scope(answer);
    let wait = retry_after::wait_ms(answer, None);
    let cause = match scope {
        LimitScope::Burst => "the site receives more requests per second than it accepts",
        LimitScope::QuotaApp => {
            "the app's hourly quota is used up; all sites that use the app share it"
        }
        LimitScope::QuotaTenant => "the app's hourly quota at this site is used up",
        LimitScope::Gateway => "the API gateway receives more requests than it accepts",
        LimitScope::Unknown => {
            "too many requests for this site, account or app; confluence did not name the limit"
        }
    };
    let resolution = match wait {
        Some(ms) => format!("wait `{ms}` ms, then go on"),
        None => "wait, at least some seconds, and longer each time that it repeats".to_owned(),
    };
    Error::new(
        ErrorKind::RateLimited,
        "rate-limited",
        format!("cannot {}: too many requests", ask.doing),
        cause,
        resolution,
    )
    .wait(wait)
    .limited_by(scope)
}
