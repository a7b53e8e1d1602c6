//! The base URL of a site, from every form in which people give it.

use confluence_connector::check_base_url;

use crate::bindings::exports::confluence::connector::settings::{Problem, ProblemKind};
use crate::problem;

/// What the paths of sites behind the gateway start with.
const GATEWAY_PREFIX: &str = "/ex/confluence/";

/// The site's base URL, ending in `/wiki`: from a bare host, a site's or a page's address, or an
/// API's.
pub(crate) fn base_url(given: &str) -> Result<String, Problem> {
    let text = if given.contains("://") {
        given.to_owned()
    } else {
        format!("https://{given}")
    };
    check_base_url(&text).map_err(|error| {
        problem(
            ProblemKind::InvalidEndpoint,
            &error.code,
            &error.message,
            &error.cause,
            &error.resolution,
        )
    })?;
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if scheme.eq_ignore_ascii_case("http") && !is_loopback(authority) {
        return Err(problem(
            ProblemKind::InvalidEndpoint,
            "endpoint-plain-http",
            "the endpoint would send the authorization unencrypted over the network",
            "`https` was shortened to `http`",
            "write `https://`",
        ));
    }
    let scheme = scheme.to_ascii_lowercase();
    match prefix(path) {
        Some(prefix) => Ok(format!("{scheme}://{authority}{prefix}/wiki")),
        None => Err(problem(
            ProblemKind::InvalidEndpoint,
            "endpoint-path",
            "the endpoint's path is not a path of Confluence Cloud",
            "it is the address of another product, or of the gateway without a cloud id",
            "pass `https://DOMAIN.atlassian.net`, or `https://api.atlassian.com/ex/confluence/CLOUD-ID`",
        )),
    }
}

/// What stands between the host and `/wiki`: nothing, or the gateway's prefix of a site.
fn prefix(path: &str) -> Option<&str> {
    let before = match path.find("/wiki") {
        Some(at) => {
            let (before, rest) = path.split_at(at);
            let behind = rest.strip_prefix("/wiki")?;
            if !behind.is_empty() && !behind.starts_with('/') {
                return None;
            }
            before
        }
        None => path.trim_end_matches('/'),
    };
    let is_gateway = before
        .strip_prefix(GATEWAY_PREFIX)
        .is_some_and(|id| !id.is_empty() && !id.contains('/'));
    (before.is_empty() || is_gateway).then_some(before)
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(literal) => literal.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    matches!(host, "127.0.0.1" | "localhost" | "::1")
}
