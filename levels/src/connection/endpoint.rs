//! Where a site is: parsed once, at the edge, into a type that cannot be wrong.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use super::path;

/// The base URL of a Confluence site, ending in `/wiki`.
///
/// # Accepted
///
/// ```
/// use host_levels::Endpoint;
///
/// for text in [
///     "https://example.atlassian.net",
///     "https://example.atlassian.net/wiki",
///     "https://example.atlassian.net/wiki/api/v2/",
///     "https://example.atlassian.net/wiki/rest/api",
///     "https://example.atlassian.net/wiki/spaces/ENG/pages/98304/Design",
/// ] {
///     assert_eq!(Endpoint::parse(text)?.as_str(), "https://example.atlassian.net/wiki");
/// }
/// let gateway = Endpoint::parse("https://api.atlassian.com/ex/confluence/0c5b-11/wiki/api/v2/")?;
/// assert_eq!(gateway.as_str(), "https://api.atlassian.com/ex/confluence/0c5b-11/wiki");
/// assert!(Endpoint::parse("http://127.0.0.1:8090/wiki/api/v2/").is_ok());
/// # Ok::<(), host_levels::EndpointError>(())
/// ```
///
/// # Refused
///
/// ```
/// # use host_levels::Endpoint;
/// for text in [
///     "file:///etc/passwd",
///     "http://example.atlassian.net/wiki",
///     "https://user:token@example.atlassian.net/wiki",
///     "https://example.atlassian.net/wiki?x=1",
///     "https://example.atlassian.net/wiki#x",
///     "https://example.atlassian.net/jira",
///     "example",
/// ] {
///     assert!(Endpoint::parse(text).is_err(), "{text}");
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    base: String,
    scheme: http::uri::Scheme,
    authority: String,
    prefix: String,
    loopback: bool,
}

/// What the paths of sites behind the gateway start with.
const GATEWAY_PREFIX: &str = "/ex/confluence/";

/// The host of Atlassian's API gateway.
const GATEWAY_HOST: &str = "api.atlassian.com";

/// How the gateway's address of a site is found.
pub(crate) const CLOUD_ID_HINT: &str = "use `https://api.atlassian.com/ex/confluence/CLOUD-ID`; `https://DOMAIN.atlassian.net/_edge/tenant_info` shows the cloud id of a site";

/// Why a text is no endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// It is empty.
    #[error("the endpoint is empty")]
    Empty,
    /// It does not parse as a URL.
    #[error("the endpoint is not a URL: {reason}")]
    NotUrl {
        /// What the parser said.
        reason: String,
    },
    /// It is neither https nor http.
    #[error("the endpoint's scheme is `{scheme}`, where only `https` will do")]
    Scheme {
        /// The scheme.
        scheme: String,
    },
    /// It is http, and its host is not this machine.
    #[error(
        "the endpoint `http://{host}` would send the authorization unencrypted over the network"
    )]
    PlainHttp {
        /// The host.
        host: String,
    },
    /// It has a user name or a password in it.
    #[error("the endpoint has user information in front of its host")]
    UserInfo,
    /// It has a query.
    #[error("the endpoint has a query (`?…`)")]
    Query,
    /// It has a fragment.
    #[error("the endpoint has a fragment (`#…`)")]
    Fragment,
    /// It has no host, or one that only looks like one.
    #[error("the endpoint has no host")]
    NoHost,
    /// It is the gateway, and does not say which site.
    #[error("the endpoint `https://api.atlassian.com` does not say which site is meant")]
    GatewayWithoutSite,
    /// Its path is none of Confluence's.
    #[error("the endpoint's path `{path}` is not a path of Confluence Cloud")]
    Path {
        /// The path.
        path: String,
    },
}

impl EndpointError {
    /// A stable word for this very error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "endpoint-empty",
            Self::NotUrl { .. } => "endpoint-not-url",
            Self::Scheme { .. } => "endpoint-scheme",
            Self::PlainHttp { .. } => "endpoint-plain-http",
            Self::UserInfo => "endpoint-user-info",
            Self::Query => "endpoint-query",
            Self::Fragment => "endpoint-fragment",
            Self::NoHost => "endpoint-host",
            Self::GatewayWithoutSite => "endpoint-gateway",
            Self::Path { .. } => "endpoint-path",
        }
    }

    /// The likely cause.
    #[must_use]
    pub fn cause(&self) -> &'static str {
        match self {
            Self::Empty => "a variable that it comes from is not set",
            Self::NotUrl { .. } | Self::NoHost => "part of the address is missing or mistyped",
            Self::Scheme { .. } => {
                "the address was copied from something that is not a Confluence site"
            }
            Self::PlainHttp { .. } => "`https` was shortened to `http`",
            Self::GatewayWithoutSite => "the cloud id is missing",
            Self::UserInfo => "the URL contains the token, which exposes it in logs and histories",
            Self::Query | Self::Fragment => {
                "the address was copied from a browser, with what follows the path"
            }
            Self::Path { .. } => {
                "the address is one of another product, or of Confluence Data Center"
            }
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn resolution(&self) -> &'static str {
        match self {
            Self::Empty
            | Self::NotUrl { .. }
            | Self::NoHost
            | Self::Scheme { .. }
            | Self::Path { .. } => {
                "pass the site as `https://DOMAIN.atlassian.net/wiki/api/v2/`, or the gateway as `https://api.atlassian.com/ex/confluence/CLOUD-ID/wiki/api/v2/`"
            }
            Self::GatewayWithoutSite => CLOUD_ID_HINT,
            Self::PlainHttp { .. } => {
                "use `https`; plain `http` is for loopback addresses such as `127.0.0.1`"
            }
            Self::UserInfo => {
                "remove everything before the `@`, and pass the authorization as the second argument; if it was a real token, revoke it"
            }
            Self::Query | Self::Fragment => "remove the `?` or `#` and everything after it",
        }
    }
}

impl Endpoint {
    /// Reads a site in any of the forms that people paste. The base URL ends in `/wiki`.
    ///
    /// # Errors
    ///
    /// [`EndpointError`] for other schemes than https (http is for loopback addresses), user
    /// information, a query, a fragment, and paths that are not Confluence's. It never repeats
    /// user information.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EndpointError::Empty);
        }
        let url = Url::parse(text).map_err(|error| EndpointError::NotUrl {
            reason: error.to_string(),
        })?;
        let scheme = match url.scheme() {
            "https" => http::uri::Scheme::HTTPS,
            "http" => http::uri::Scheme::HTTP,
            other => {
                return Err(EndpointError::Scheme {
                    scheme: other.to_owned(),
                });
            }
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::UserInfo);
        }
        if url.query().is_some() {
            return Err(EndpointError::Query);
        }
        if url.fragment().is_some() {
            return Err(EndpointError::Fragment);
        }
        let host = url.host().ok_or(EndpointError::NoHost)?;
        if url.scheme() == "http" && !is_loopback(&host) {
            return Err(EndpointError::PlainHttp {
                host: host.to_string(),
            });
        }
        let prefix = site_prefix(url.path())?;
        if host == Host::Domain(GATEWAY_HOST) && !prefix.starts_with(GATEWAY_PREFIX) {
            return Err(EndpointError::GatewayWithoutSite);
        }
        let loopback = is_loopback(&host);
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        };
        Ok(Self {
            base: format!("{scheme}://{authority}{prefix}"),
            scheme,
            authority,
            prefix,
            loopback,
        })
    }

    /// Reads a site as people paste it from a browser: as [`Endpoint::parse`], and besides a bare
    /// host (`https`, on this machine `http`), and addresses with a query or a fragment, which are
    /// dropped.
    ///
    /// ```
    /// # use host_levels::Endpoint;
    /// for text in [
    ///     "example.atlassian.net",
    ///     "example.atlassian.net/wiki",
    ///     "https://example.atlassian.net/wiki/spaces/ENG/pages/98304/Design?atl_f=content#Goals",
    /// ] {
    ///     assert_eq!(Endpoint::parse_site(text)?.as_str(), "https://example.atlassian.net/wiki");
    /// }
    /// # Ok::<(), host_levels::EndpointError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Endpoint::parse`].
    pub fn parse_site(text: &str) -> Result<Self, EndpointError> {
        let text = text.trim();
        let text = text.split(['?', '#']).next().unwrap_or_default();
        let host = text.split('/').next().unwrap_or_default();
        if text.contains("://") || host.contains('@') || !host.contains('.') {
            return Self::parse(text);
        }
        let secure = Self::parse(&format!("https://{text}"))?;
        if secure.is_loopback() {
            Self::parse(&format!("http://{text}"))
        } else {
            Ok(secure)
        }
    }

    /// Where an API gateway, given by scheme and host, has the site with a cloud id.
    ///
    /// # Errors
    ///
    /// As [`Endpoint::parse`].
    pub fn at_gateway(api: &str, cloud_id: &str) -> Result<Self, EndpointError> {
        let api = api.trim_end_matches('/');
        Self::parse(&format!("{api}{GATEWAY_PREFIX}{cloud_id}"))
    }

    /// Its host, if that is an address and no name.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        let host = self.host();
        let literal = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        literal.unwrap_or(host).parse().ok()
    }

    /// Whether it is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Whether it is spoken to over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.scheme == http::uri::Scheme::HTTPS
    }

    /// Whether it is a site behind Atlassian's API gateway, the only way in for scoped tokens.
    #[must_use]
    pub fn is_gateway(&self) -> bool {
        self.prefix.starts_with(GATEWAY_PREFIX)
    }

    /// The base URL, such as `https://example.atlassian.net/wiki`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.base
    }

    /// The host, without a port.
    #[must_use]
    pub fn host(&self) -> &str {
        // An address of IPv6 has its colons in brackets.
        match self.authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => &self.authority,
        }
    }

    /// Host and port, as in the `Host` header.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The path below which everything lies: `/wiki`, or `/ex/confluence/CLOUD-ID/wiki`.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether `uri` lies below this endpoint: same scheme, host and port, and a path below the
    /// prefix that every server reads alike.
    #[must_use]
    pub fn covers(&self, uri: &http::Uri) -> bool {
        let path = uri.path();
        uri.scheme() == Some(&self.scheme)
            && uri
                .authority()
                .is_some_and(|authority| authority.as_str().eq_ignore_ascii_case(&self.authority))
            && path
                .strip_prefix(self.prefix.as_str())
                .is_some_and(|below| below.starts_with('/'))
            && path::is_plain(path)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

/// Whether a host is this machine, by name or by address.
#[must_use]
pub fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
        Host::Ipv4(address) => IpAddr::V4(*address).is_loopback(),
        Host::Ipv6(address) => IpAddr::V6(*address).is_loopback(),
    }
}

/// The part of a path up to `/wiki`, which is added where only a site or a gateway was given.
fn site_prefix(path: &str) -> Result<String, EndpointError> {
    let wrong = || EndpointError::Path {
        path: path.to_owned(),
    };
    let segments: Vec<&str> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let gateway = match segments.as_slice() {
        ["ex", "confluence", cloud_id, ..] if is_cloud_id(cloud_id) => 3,
        ["ex", ..] => return Err(wrong()),
        _ => 0,
    };
    let (gateway, site) = segments.split_at_checked(gateway).ok_or_else(wrong)?;
    match site.first() {
        None | Some(&"wiki") => {}
        Some(_) => return Err(wrong()),
    }
    let mut prefix = String::new();
    for segment in gateway {
        prefix.push('/');
        prefix.push_str(segment);
    }
    prefix.push_str("/wiki");
    Ok(prefix)
}

fn is_cloud_id(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{Endpoint, EndpointError};

    fn covers(endpoint: &str, uri: &str) -> bool {
        Endpoint::parse(endpoint)
            .unwrap()
            .covers(&uri.parse().unwrap())
    }

    #[test]
    fn an_endpoint_covers_what_lies_below_it_and_nothing_else() {
        let site = "https://example.atlassian.net/wiki";
        for uri in [
            "https://example.atlassian.net/wiki/api/v2/pages?limit=1",
            "https://EXAMPLE.atlassian.net/wiki/rest/api/user/current",
        ] {
            assert!(covers(site, uri), "{uri}");
        }
        for uri in [
            "http://example.atlassian.net/wiki/api/v2/pages",
            "https://example.atlassian.net:8443/wiki/api/v2/pages",
            "https://example.atlassian.net.evil.example/wiki/api/v2/pages",
            "https://evil.example/wiki/api/v2/pages",
            "https://example.atlassian.net/wikipedia/api",
            "https://example.atlassian.net/wiki",
            "https://example.atlassian.net/jira/wiki/",
            "https://example.atlassian.net/wiki/../jira",
            "https://example.atlassian.net/wiki/%2e%2E/jira",
            "https://example.atlassian.net/wiki/a%2f..%2fb",
            "https://example.atlassian.net/wiki/..%5cjira",
            "https://example.atlassian.net/wiki/..;/jira",
            "https://example.atlassian.net/wiki/..;x=1/jira",
            "https://example.atlassian.net/wiki/%2e%2e%3bx/jira",
            "https://example.atlassian.net/wiki/.;/jira",
            "https://example.atlassian.net/wiki/%252e%252e/jira",
            "https://example.atlassian.net/wiki/a%252fb",
        ] {
            assert!(!covers(site, uri), "{uri}");
        }
    }

    #[test]
    fn two_gateway_tenants_do_not_cover_each_other() {
        let one = "https://api.atlassian.com/ex/confluence/aaaa-1/wiki";
        assert!(covers(
            one,
            "https://api.atlassian.com/ex/confluence/aaaa-1/wiki/api/v2/spaces"
        ));
        assert!(!covers(
            one,
            "https://api.atlassian.com/ex/confluence/aaaa-2/wiki/api/v2/spaces"
        ));
        assert!(!covers(
            one,
            "https://api.atlassian.com/ex/confluence/aaaa-1/rest/api/3/myself"
        ));
    }

    #[test]
    fn plain_http_is_for_this_machine() {
        for text in [
            "http://127.0.0.1:1/wiki",
            "http://[::1]:1/wiki",
            "http://localhost:1",
        ] {
            assert!(Endpoint::parse(text).is_ok(), "{text}");
        }
        for text in [
            "http://10.0.0.1/wiki",
            "http://localhost.evil.example/wiki",
            "http://127.0.0.1.evil.example/",
        ] {
            assert!(
                matches!(Endpoint::parse(text), Err(EndpointError::PlainHttp { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn user_information_is_not_repeated() {
        let error = Endpoint::parse("https://me:sesame@example.atlassian.net/wiki").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("sesame"));
    }
}
