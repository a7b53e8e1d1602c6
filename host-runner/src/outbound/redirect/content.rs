//! Content that the site keeps elsewhere: fetched without a credential, from public addresses,
//! through few redirects, in pieces, and to its end or not at all.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, Version, header};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout_at};
use url::Url;
use wasmtime_wasi_http::Error;

use crate::connection::{Endpoint, is_loopback};
use crate::limits::Limits;
use crate::outbound::redirect::location::SignedUrl;
use crate::outbound::rules::address::AddressScope;
use crate::outbound::transport::route::Route;
use crate::outbound::transport::{HttpBody, Transports};

/// Redirects that are followed. Atlassian's media service answers the content itself, or sends to
/// the storage behind it once.
const MAX_REDIRECTS: usize = 3;

/// What content is fetched under.
pub(crate) struct Fetch<'a> {
    /// The site that named the location.
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) transports: &'a Transports,
    pub(crate) route: Route,
    /// Whether a host may be asked.
    pub(crate) allows_host: &'a (dyn Fn(&str) -> bool + Sync),
    pub(crate) limits: Limits,
    /// When all of it has to be here.
    pub(crate) deadline: Instant,
}

/// Why content is not fetched.
#[derive(Debug)]
pub(crate) enum ContentError {
    /// It leads where nothing is fetched from.
    NotFetched { host: String, why: NotFetched },
    /// The network, or its limits.
    Network { host: String, error: Error },
    /// Another status than that of content.
    Status {
        host: String,
        status: StatusCode,
        retry_after: Option<u64>,
    },
    /// It is answered in a form that cannot be checked.
    Unchecked { host: String, what: &'static str },
    /// One redirect after the other.
    Redirects { most: usize },
    /// The whole took too long.
    Deadline,
    /// It stopped coming.
    Stalled,
    /// It ended early.
    Cut,
}

/// Why nothing is fetched from somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotFetched {
    /// Neither https, nor http on this machine.
    #[error("it is not `https`")]
    Scheme,
    /// A name or a password stands before the host.
    #[error("it has user information in front of its host")]
    UserInfo,
    /// It is on this machine, and the site is not.
    #[error("it is on this machine")]
    Loopback,
    /// It is inside a network.
    #[error("it is an address inside a network, not one of the public internet")]
    Inside,
    /// It is the site itself, which takes no request without a credential.
    #[error("it is the site itself, which requires a credential for content, and none is sent")]
    Site,
    /// The levels do not have the host.
    #[error("`download.allow-hosts` does not have it")]
    Host,
}

impl Fetch<'_> {
    /// The head of the content at a location, whose grant is used up with it.
    pub(crate) async fn begin(&self, location: SignedUrl) -> Result<Content, ContentError> {
        let mut location = location;
        for _ in 0..=MAX_REDIRECTS {
            let host = location.authority();
            let reach = self.reach(location.expose()).map_err(|why| {
                let host = host.clone();
                ContentError::NotFetched { host, why }
            })?;
            let asking = self
                .transports
                .fetch(location.expose(), reach, &self.route, &self.limits);
            let answer = match timeout_at(self.deadline, asking).await {
                Err(_) => return Err(ContentError::Deadline),
                Ok(Err(Error::DestinationIpProhibited)) => {
                    let why = NotFetched::Inside;
                    return Err(ContentError::NotFetched { host, why });
                }
                Ok(Err(error)) => return Err(ContentError::Network { host, error }),
                Ok(Ok(answer)) => answer,
            };
            if answer.status().is_redirection()
                && let Some(next) = location.redirected(answer.headers())
            {
                location = next;
                continue;
            }
            return Content::of(answer, host, self.limits.between_bytes, self.deadline);
        }
        Err(ContentError::Redirects {
            most: MAX_REDIRECTS,
        })
    }

    /// Which addresses may be dialled for a location, if it may be asked at all.
    fn reach(&self, url: &Url) -> Result<AddressScope, NotFetched> {
        let host = url.host().ok_or(NotFetched::Scheme)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(NotFetched::UserInfo);
        }
        let on_this_machine = is_loopback(&host);
        // A site on this machine is one that the cluster level allows, and a simulator; a site
        // elsewhere has no business here, whatever is allowed.
        if on_this_machine && !self.endpoint.is_loopback() {
            return Err(NotFetched::Loopback);
        }
        if url.scheme() != "https" && !(url.scheme() == "http" && on_this_machine) {
            return Err(NotFetched::Scheme);
        }
        if self.is_site(url) {
            return Err(NotFetched::Site);
        }
        if on_this_machine {
            return Ok(AddressScope::Loopback);
        }
        if (self.allows_host)(url.host_str().unwrap_or_default()) {
            Ok(AddressScope::Public)
        } else {
            Err(NotFetched::Host)
        }
    }

    fn is_site(&self, url: &Url) -> bool {
        Url::parse(self.endpoint.as_str()).is_ok_and(|site| {
            site.host_str() == url.host_str()
                && site.port_or_known_default() == url.port_or_known_default()
        })
    }
}

/// Content that is on its way.
#[derive(Debug)]
pub(crate) struct Content {
    body: HttpBody,
    host: String,
    /// As announced, in bytes.
    length: Option<u64>,
    /// Whether its end can be told from a connection that broke.
    has_end: bool,
    media_type: Option<String>,
    between_bytes: Duration,
    deadline: Instant,
}

impl Content {
    fn of(
        answer: http::Response<HttpBody>,
        host: String,
        between_bytes: Duration,
        deadline: Instant,
    ) -> Result<Self, ContentError> {
        let (head, body) = answer.into_parts();
        if head.status != StatusCode::OK {
            return Err(ContentError::Status {
                host,
                status: head.status,
                retry_after: text(&head.headers, header::RETRY_AFTER)
                    .and_then(|text| text.parse().ok()),
            });
        }
        let is_coded = text(&head.headers, header::CONTENT_ENCODING)
            .is_some_and(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"));
        if is_coded {
            return Err(ContentError::Unchecked {
                host,
                what: "it is compressed, which was not requested",
            });
        }
        let length = body.size_hint().exact();
        let is_chunked = text(&head.headers, header::TRANSFER_ENCODING)
            .is_some_and(|coding| coding.to_ascii_lowercase().contains("chunked"));
        Ok(Self {
            has_end: length.is_some() || is_chunked || head.version == Version::HTTP_2,
            media_type: text(&head.headers, header::CONTENT_TYPE).map(str::to_owned),
            body,
            host,
            length,
            between_bytes,
            deadline,
        })
    }

    /// Whose content it is.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Its length in bytes, where it was announced.
    pub(crate) fn length(&self) -> Option<u64> {
        self.length
    }

    /// Whether its end can be told from a connection that broke.
    pub(crate) fn has_end(&self) -> bool {
        self.has_end
    }

    /// What the sender says that it is.
    pub(crate) fn media_type(&self) -> Option<&str> {
        self.media_type.as_deref()
    }

    /// The next piece; `None` behind the last one.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>, ContentError> {
        loop {
            let patience = self.deadline.min(Instant::now() + self.between_bytes);
            let frame = match timeout_at(patience, self.body.frame()).await {
                Err(_) if patience == self.deadline => return Err(ContentError::Deadline),
                Err(_) => return Err(ContentError::Stalled),
                Ok(None) => return Ok(None),
                Ok(Some(Err(_))) => return Err(ContentError::Cut),
                Ok(Some(Ok(frame))) => frame,
            };
            // Trailers are nobody's content.
            if let Ok(piece) = frame.into_data() {
                return Ok(Some(piece));
            }
            if Instant::now() >= self.deadline {
                return Err(ContentError::Deadline);
            }
        }
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use tokio::time::Instant;
    use url::Url;

    use super::{AddressScope, Fetch, NotFetched, Route, Transports};
    use crate::connection::Endpoint;
    use crate::limits::Limits;

    fn reach(site: &str, url: &str) -> Result<AddressScope, NotFetched> {
        let fetch = Fetch {
            endpoint: &Endpoint::parse(site).unwrap(),
            transports: &Transports::default(),
            route: Route::default(),
            allows_host: &|host| !host.ends_with("forbidden.example"),
            limits: Limits::default(),
            deadline: Instant::now(),
        };
        fetch.reach(&Url::parse(url).unwrap())
    }

    #[tokio::test]
    async fn content_of_a_site_comes_from_https_hosts_that_are_allowed() {
        let site = "https://a.atlassian.net";
        for (url, wanted) in [
            (
                "https://api.media.example.com/file/f/binary?token=t",
                Ok(AddressScope::Public),
            ),
            // Which address it has is checked when it is dialled.
            ("https://10.0.0.1/x", Ok(AddressScope::Public)),
            ("http://api.media.example.com/x", Err(NotFetched::Scheme)),
            ("ftp://api.media.example.com/x", Err(NotFetched::Scheme)),
            ("file:///etc/passwd", Err(NotFetched::Scheme)),
            ("data:text/plain,x", Err(NotFetched::Scheme)),
            (
                "https://me@api.media.example.com/x",
                Err(NotFetched::UserInfo),
            ),
            (
                "https://:x@api.media.example.com/x",
                Err(NotFetched::UserInfo),
            ),
            ("https://a.atlassian.net/login", Err(NotFetched::Site)),
            (
                "https://A.atlassian.net:443/wiki/rest/api/x",
                Err(NotFetched::Site),
            ),
            ("https://cdn.forbidden.example/x", Err(NotFetched::Host)),
            ("https://127.0.0.1/x", Err(NotFetched::Loopback)),
            ("http://127.0.0.1:8090/x", Err(NotFetched::Loopback)),
            ("http://2130706433/x", Err(NotFetched::Loopback)),
            ("http://localhost/x", Err(NotFetched::Loopback)),
            ("http://[::1]/x", Err(NotFetched::Loopback)),
        ] {
            assert_eq!(reach(site, url), wanted, "{url}");
        }
    }

    #[tokio::test]
    async fn content_of_a_site_on_this_machine_may_be_on_this_machine() {
        let site = "http://127.0.0.1:8090";
        for (url, wanted) in [
            ("http://127.0.0.1:8091/x", Ok(AddressScope::Loopback)),
            ("http://127.0.0.1:8090/x", Err(NotFetched::Site)),
            ("http://10.0.0.1/x", Err(NotFetched::Scheme)),
            ("https://api.media.example.com/x", Ok(AddressScope::Public)),
        ] {
            assert_eq!(reach(site, url), wanted, "{url}");
        }
    }
}
