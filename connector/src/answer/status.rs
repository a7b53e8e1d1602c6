//! What each status means: the one table.

use super::{Ask, complaint::Complaint, retry_after};
use crate::{Answer, Error, ErrorKind, LimitScope, error::quoted, find};

/// The error for an answer whose status is not 2xx.
pub(crate) fn refused(answer: &Answer, ask: &Ask) -> Error {
    let complaint = Complaint::of(&answer.body);
    let said = complaint.text.as_deref().map(|text| quoted(text, 300));
    let error = match answer.status {
        400 => bad_request(ask, said.as_deref()),
        401 => unauthorized(answer, ask, said.as_deref()),
        403 => forbidden(ask, said.as_deref()),
        404 => not_found(answer, ask, &complaint, said.as_deref()),
        429 => rate_limited(answer, ask, said.as_deref()),
        300..=399 => redirected(answer, ask),
        status => Error::new(
            ErrorKind::UpstreamFailed,
            if status >= 500 { "upstream-failed" } else { "status-unexpected" },
            format!("cannot {}: the site responded with status `{status}`", ask.doing),
            because(
                if status < 500 {
                    "the site or a proxy in front of it does not take such a request, or what it names is gone"
                } else if complaint.html {
                    "Confluence or a proxy in front of it is down or overloaded; the response is a web page"
                } else {
                    "Confluence is down or overloaded, or the request is too heavy for it"
                },
                said.as_deref(),
            ),
            if status < 500 {
                "check the arguments and the endpoint"
            } else {
                "try again later; with bodies, try a smaller limit"
            },
        )
        .wait((status == 503).then(|| retry_after::wait_ms(answer, None)).flatten()),
    };
    error.answered(answer)
}

fn because(cause: &str, said: Option<&str>) -> String {
    match said {
        Some(said) => format!("{cause}; Confluence responded `{said}`"),
        None => cause.to_owned(),
    }
}

fn bad_request(ask: &Ask, said: Option<&str>) -> Error {
    Error::argument(
        "refused-by-upstream",
        match said {
            Some(said) => format!("Confluence rejected the request to {}: `{said}`", ask.doing),
            None => format!(
                "Confluence rejected the request to {} without a reason",
                ask.doing
            ),
        },
        "an argument means nothing to this site, such as an id of another kind of thing, a query that it cannot parse, or an `after` that has expired",
        "check the arguments; if `after` was passed, start without it",
    )
}

/// Whether the site took an API token for a token of another kind.
fn is_misplaced_token(said: Option<&str>) -> bool {
    said.is_some_and(|said| {
        let said = said.to_ascii_lowercase();
        find::has(&said, "session auth token")
            || find::has(&said, "parse") && find::has(&said, "token")
    })
}

const RIGHT_SCHEME: &str = "send an API token as `Basic` with the base64 of `email:token`; send an OAuth access token as `Bearer` to `https://api.atlassian.com/ex/confluence/CLOUD-ID/wiki`";

fn misplaced_token(kind: ErrorKind, ask: &Ask, said: Option<&str>) -> Error {
    Error::new(
        kind,
        "authorization-misplaced",
        format!("the site cannot read the authorization to {}", ask.doing),
        because(
            "an API token was sent as `Bearer`, or an OAuth access token to the address of a site",
            said,
        ),
        RIGHT_SCHEME,
    )
}

fn forbidden(ask: &Ask, said: Option<&str>) -> Error {
    if is_misplaced_token(said) {
        return misplaced_token(ErrorKind::Forbidden, ask, said);
    }
    Error::new(
        ErrorKind::Forbidden,
        "forbidden",
        format!("this account may not {}", ask.doing),
        because(
            "the account lacks the permission, has no Confluence licence on this site, an IP allow-list keeps this machine out, or an API token was given as `Bearer` (it goes with `Basic`)",
            said,
        ),
        "log in as this account in a browser and try to open the same thing; then ask the site's admin",
    )
}

/// The scheme and the host that a redirect leads to. Its path and query may hold a secret.
fn target(answer: &Answer) -> Option<String> {
    let location = answer.header("location")?;
    // Without a scheme it is that of the request.
    let (scheme, rest) = match location.strip_prefix("//") {
        Some(rest) => ("https", rest),
        None => find::split(location, "://")?,
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let is_web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    (is_web && !host.is_empty()).then(|| quoted(&format!("{scheme}://{host}"), 120))
}

/// What addresses have at which people log in: hosts of Atlassian, and beginnings of names and paths.
const LOGINS: [&str; 6] = [
    "/id.atlassian.com",
    "/auth.atlassian.com",
    "/login",
    "/signin",
    "/saml",
    "/sso",
];

/// Whether an answer redirects to where people log in.
pub(crate) fn leads_to_login(answer: &Answer) -> bool {
    let location = answer.header("location").unwrap_or_default();
    let place = location.split(['?', '#']).next().unwrap_or_default();
    let place = place.to_ascii_lowercase();
    // What is downloaded may have the name `login.png`.
    let is_file = find::has(&place, "/download/");
    !is_file && LOGINS.iter().any(|login| find::has(&place, login))
}

fn redirected(answer: &Answer, ask: &Ask) -> Error {
    let (doing, status) = (ask.doing, answer.status);
    let host = target(answer);
    let what = match &host {
        Some(host) => format!("redirects to `{host}`, with status `{status}`"),
        None => format!("redirects, with status `{status}`"),
    };
    let (kind, code, reason, cause, fix) = if leads_to_login(answer) {
        (
            ErrorKind::Unauthorized,
            "login-required",
            "requires a login: it ",
            "the authorization is missing or invalid, or the site does not accept it",
            "create a new token and configure it".to_owned(),
        )
    } else {
        let (cause, fix) = match host {
            Some(host) => (
                "the site was renamed, or a proxy is in front of it; redirects are not followed, to protect the authorization",
                format!("if the site is at `{host}` now, configure that as its address"),
            ),
            None => (
                "the path of the endpoint is wrong, or a proxy in front of the site asks to log in; redirects are not followed, to protect the authorization",
                "open the endpoint in a browser: configure the address that it ends at, without what follows `/wiki`, or let this machine through the proxy".to_owned(),
            ),
        };
        (ErrorKind::UpstreamFailed, "redirected", "", cause, fix)
    };
    Error::new(
        kind,
        code,
        format!("cannot {doing}: the site {reason}{what}"),
        cause,
        fix,
    )
}

fn unauthorized(answer: &Answer, ask: &Ask, said: Option<&str>) -> Error {
    let scope_check = answer
        .header("x-failure-category")
        .is_some_and(|category| find::has(&category.to_ascii_uppercase(), "SCOPE"))
        || said.is_some_and(|said| find::has(said, "scope does not match"));
    if scope_check {
        return scope_missing(ask);
    }
    if is_misplaced_token(said) {
        return misplaced_token(ErrorKind::Unauthorized, ask, said);
    }
    Error::new(
        ErrorKind::Unauthorized,
        "unauthorized",
        format!(
            "the site does not accept the authorization to {}",
            ask.doing
        ),
        because(
            "the token expired or was revoked, e-mail and token do not belong together, an API token was given as `Bearer` (it goes with `Basic`), or it is a scoped token on a site URL: those work on `https://api.atlassian.com/ex/confluence/CLOUD-ID/wiki` only",
            said,
        ),
        "create a new token, or configure the gateway URL for a scoped one",
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
    let is_confluence = complaint.confluence || answer.header("atl-traceid").is_some();
    if complaint.html || !ask.names {
        return Error::new(
            ErrorKind::NotFound,
            "endpoint-not-found",
            if is_confluence && !complaint.html {
                format!(
                    "cannot {}: the endpoint does not have this part of Confluence's API",
                    ask.doing
                )
            } else {
                format!("cannot {}: the endpoint is not Confluence", ask.doing)
            },
            because(
                if complaint.html {
                    "the endpoint lacks `/wiki`, names another site, or the cloud id is wrong; the 404 does not come from Confluence itself"
                } else {
                    "the request names nothing that could be missing, so the endpoint lacks `/wiki`, names another site, or is the address of another product or of Confluence Data Center"
                },
                said,
            ),
            "open the site in a browser, and configure its address as `https://SITE.atlassian.net/wiki`",
        );
    }
    Error::new(
        ErrorKind::NotFound,
        "not-found",
        format!("cannot {}: it is missing or hidden", ask.doing),
        because(
            if is_confluence {
                "it does not exist, was purged, or is hidden from this account; Confluence does not distinguish them"
            } else {
                "it does not exist, was purged, or is hidden from this account; or the endpoint is wrong, because the 404 does not look like one of Confluence's"
            },
            said,
        ),
        if is_confluence {
            "check the id, and open it in a browser as this account"
        } else {
            "check the id, and open it in a browser as this account; `test-connection` says whether the endpoint is right"
        },
    )
}

fn rate_limited(answer: &Answer, ask: &Ask, said: Option<&str>) -> Error {
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
            "too many requests for this site, account or app; Confluence did not name the limit"
        }
    };
    let resolution = match wait {
        Some(ms) => match ms.div_ceil(1_000) {
            seconds @ ..120 => format!("wait `{seconds}` s, then try again"),
            seconds => format!("wait `{}` min, then try again", seconds.div_ceil(60)),
        },
        None => "wait a minute, then try again; if it repeats, wait twice as long".to_owned(),
    };
    Error::new(
        ErrorKind::RateLimited,
        "rate-limited",
        format!("cannot {}: too many requests", ask.doing),
        because(cause, said),
        resolution,
    )
    .wait(wait)
    .limited_by(scope)
}
