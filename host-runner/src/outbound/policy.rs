//! Which requests may leave: GET, below the REST interface of the connection's endpoint.

use std::sync::Arc;

use http::Method;
use wasmtime_wasi_http::Error;

use super::refusal::{Refusal, RefusalSlot};
use crate::connection::{Connection, Endpoint};

/// The two REST interfaces, below the endpoint's prefix.
const INTERFACES: [&str; 2] = ["/api/v2/", "/rest/api/"];

/// Lets a request pass, and says through which connection.
pub(super) fn check<B>(
    request: &http::Request<B>,
    connection: Option<Arc<Connection>>,
    slot: &RefusalSlot,
) -> Result<Arc<Connection>, Error> {
    let verdict = match connection {
        None => Err(Refusal::NoConnection),
        Some(connection) => judge(request, &connection.endpoint).map(|()| connection),
    };
    verdict.map_err(|refusal| {
        slot.keep(refusal);
        Error::HttpRequestDenied
    })
}

fn judge<B>(request: &http::Request<B>, endpoint: &Endpoint) -> Result<(), Refusal> {
    if request.method() != Method::GET {
        return Err(Refusal::Method {
            method: request.method().to_string(),
        });
    }
    let uri = request.uri();
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
        Ok(())
    } else {
        Err(Refusal::Path {
            path: uri.path().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::judge;
    use crate::connection::Endpoint;
    use crate::outbound::Refusal;

    fn verdict(method: &str, uri: &str) -> Result<(), Refusal> {
        let endpoint = Endpoint::parse("https://example.atlassian.net").unwrap();
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
            assert_eq!(verdict("GET", uri), Ok(()), "{uri}");
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
    fn whatever_leaves_the_rest_interface_is_refused() {
        for uri in [
            "https://evil.example/wiki/api/v2/pages",
            "https://user@example.atlassian.net/wiki/api/v2/pages",
            "http://example.atlassian.net/wiki/api/v2/pages",
            "https://example.atlassian.net:444/wiki/api/v2/pages",
            "https://example.atlassian.net/wiki/download/attachments/1/x",
            "https://example.atlassian.net/wiki/api/v2/../../admin",
            "https://example.atlassian.net/wiki/api/v2/%2e%2e/%2e%2e/admin",
            "https://example.atlassian.net/wiki/api/v2",
        ] {
            assert!(verdict("GET", uri).is_err(), "{uri}");
        }
    }
}
