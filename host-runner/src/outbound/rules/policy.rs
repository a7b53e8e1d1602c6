//! Which requests may leave: GET, below the REST interface of the connection's endpoint, the
//! look-ups there that are POSTs by design, and GET to the hosts that the levels allow beside it.

use std::sync::Arc;

use http::{Method, Uri};
use wasmtime_wasi_http::Error;

use crate::connection::{Connection, Endpoint};
use crate::outbound::refusal::{Refusal, RefusalSlot};
use crate::outbound::rules::allowed_host::AllowedHosts;
use crate::outbound::rules::destination::{Destination, OtherHost};

/// The two REST interfaces, below the endpoint's prefix.
const INTERFACES: [&str; 2] = ["/api/v2/", "/rest/api/"];

/// The look-ups, below the endpoint's prefix: each sends a list of ids, answers what they are, and
/// changes nothing. Whole paths without a query: nothing below them is one.
const LOOK_UPS: [&str; 2] = ["/api/v2/users-bulk", "/api/v2/content/convert-ids-to-types"];

/// What may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::outbound) enum Kind {
    /// A GET, whose body stays here.
    Get,
    /// A POST that looks something up, with its body.
    LookUp,
}

/// A request that may leave.
pub(in crate::outbound) struct Passed {
    pub(in crate::outbound) kind: Kind,
    pub(in crate::outbound) destination: Destination,
}

/// Lets a request pass, and says as what, and where it goes. What the connection has is the
/// connection's: no entry for the same host takes the credential off it.
pub(in crate::outbound) fn check<B>(
    request: &http::Request<B>,
    connection: Option<Arc<Connection>>,
    allowed: &AllowedHosts,
    slot: &RefusalSlot,
) -> Result<Passed, Error> {
    let verdict = match connection {
        None => Err(Refusal::NoConnection),
        Some(connection) => judge(request, connection.endpoint()).map(|kind| Passed {
            kind,
            destination: Destination::Site(connection),
        }),
    };
    let verdict = verdict.or_else(|refusal| judge_other(request, allowed).unwrap_or(Err(refusal)));
    verdict.map_err(|refusal| {
        slot.keep(refusal);
        Error::HttpRequestDenied
    })
}

/// What is said of a request to another host, if it is one that the levels allow.
fn judge_other<B>(
    request: &http::Request<B>,
    allowed: &AllowedHosts,
) -> Option<Result<Passed, Refusal>> {
    let other = OtherHost::of(allowed, request.uri())?;
    if request.method() != Method::GET {
        return Some(Err(Refusal::Method {
            method: request.method().to_string(),
        }));
    }
    Some(Ok(Passed {
        kind: Kind::Get,
        destination: Destination::Other(other),
    }))
}

fn judge<B>(request: &http::Request<B>, endpoint: &Endpoint) -> Result<Kind, Refusal> {
    let uri = request.uri();
    let kind = match *request.method() {
        Method::GET => Kind::Get,
        Method::POST if is_look_up(uri, endpoint) => Kind::LookUp,
        _ => {
            return Err(Refusal::Method {
                method: request.method().to_string(),
            });
        }
    };
    if uri.authority().is_none_or(|authority| {
        !authority
            .as_str()
            .eq_ignore_ascii_case(endpoint.authority())
    }) {
        return Err(Refusal::Elsewhere {
            host: uri.authority().map_or_else(String::new, |authority| {
                // What stands before an `@` is none of a log's business.
                authority
                    .as_str()
                    .rsplit('@')
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            }),
        });
    }
    let below = uri
        .path()
        .strip_prefix(endpoint.prefix())
        .unwrap_or_default();
    if endpoint.covers(uri)
        && INTERFACES
            .iter()
            .any(|interface| below.starts_with(interface))
    {
        Ok(kind)
    } else {
        Err(Refusal::Path {
            path: uri.path().to_owned(),
        })
    }
}

fn is_look_up(uri: &Uri, endpoint: &Endpoint) -> bool {
    uri.query().is_none()
        && uri
            .path()
            .strip_prefix(endpoint.prefix())
            .is_some_and(|below| LOOK_UPS.contains(&below))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{Kind, judge};
    use crate::connection::Endpoint;
    use crate::outbound::Refusal;

    fn verdict(method: &str, uri: &str) -> Result<Kind, Refusal> {
        verdict_of("https://example.atlassian.net", method, uri)
    }

    fn verdict_of(endpoint: &str, method: &str, uri: &str) -> Result<Kind, Refusal> {
        let endpoint = Endpoint::parse(endpoint).unwrap();
        judge(
            &http::Request::builder()
                .method(method)
                .uri(uri)
                .body(())
                .unwrap(),
            &endpoint,
        )
    }

    #[test]
    fn a_get_below_the_rest_interface_passes() {
        for uri in [
            "https://example.atlassian.net/wiki/api/v2/pages?id=1",
            "https://example.atlassian.net/wiki/rest/api/user/current",
        ] {
            assert_eq!(verdict("GET", uri), Ok(Kind::Get), "{uri}");
        }
    }

    #[test]
    fn whatever_writes_is_refused() {
        for method in ["POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "get"] {
            let verdict = verdict(method, "https://example.atlassian.net/wiki/api/v2/pages");
            assert!(matches!(verdict, Err(Refusal::Method { .. })), "{method}");
        }
    }

    #[test]
    fn the_look_ups_that_are_posts_pass_by_their_exact_path() {
        let site = "https://example.atlassian.net";
        let gateway = "https://api.atlassian.com/ex/confluence/aaaa-1";
        for endpoint in [site, gateway] {
            for below in ["users-bulk", "content/convert-ids-to-types"] {
                let uri = format!("{endpoint}/wiki/api/v2/{below}");
                assert_eq!(verdict_of(endpoint, "POST", &uri), Ok(Kind::LookUp));
            }
        }
        for (method, below) in [
            ("POST", "wiki/api/v2/users-bulk/"),
            ("POST", "wiki/api/v2/users-bulk?"),
            ("POST", "wiki/api/v2/users-bulk?x=1"),
            ("POST", "wiki/api/v2/users-bulk/check-access-by-email"),
            ("POST", "wiki/api/v2//users-bulk"),
            ("POST", "wiki/api/v2/./users-bulk"),
            ("POST", "wiki/api/v2/pages/../users-bulk"),
            ("POST", "wiki/api/v2/users%2Dbulk"),
            ("POST", "wiki/api/v2/users-bulk%3Fx"),
            ("POST", "wiki/api/v2/users-bulk;x=1"),
            ("POST", "wiki/api/v2/Users-Bulk"),
            ("POST", "wiki/rest/api/users-bulk"),
            ("POST", "wiki/api/v2/content/convert-ids-to-types/1"),
            ("POST", "wiki/api/v2/content"),
            ("POST", "ex/confluence/aaaa-1/wiki/api/v2/users-bulk"),
            ("PUT", "wiki/api/v2/users-bulk"),
            ("PATCH", "wiki/api/v2/users-bulk"),
            ("post", "wiki/api/v2/users-bulk"),
        ] {
            let verdict = verdict(method, &format!("{site}/{below}"));
            assert!(
                matches!(verdict, Err(Refusal::Method { .. })),
                "{method} {below}"
            );
        }
        let elsewhere = verdict("POST", "https://evil.example/wiki/api/v2/users-bulk");
        assert!(matches!(elsewhere, Err(Refusal::Elsewhere { .. })));
    }

    #[test]
    fn whatever_leaves_the_rest_interface_is_refused() {
        for uri in [
            "https://evil.example/wiki/api/v2/pages",
            "https://user@example.atlassian.net/wiki/api/v2/pages",
            "http://example.atlassian.net/wiki/api/v2/pages",
            "https://example.atlassian.net:444/wiki/api/v2/pages",
            "https://example.atlassian.net/wiki/download/attachments/1/x",
            "https://example.atlassian.net/wiki/api/v2/../../admin",
            "https://example.atlassian.net/wiki/api/v2/%2e%2e/%2e%2e/admin",
            "https://example.atlassian.net/wiki/api/v2/%c0%ae%c0%ae/%c0%ae%c0%ae/admin",
            "https://example.atlassian.net/wiki/api/v2/%u002e%u002e/admin",
            "https://example.atlassian.net/wiki/api/v2/..%00/admin",
            "https://example.atlassian.net/wiki/api/v2/a;x/pages",
            "https://example.atlassian.net/wiki/api/v2",
        ] {
            assert!(verdict("GET", uri).is_err(), "{uri}");
        }
    }
}
