//! Where Confluence itself has sent a call to: the one thing that may be fetched from elsewhere than
//! below the connection's endpoint, and once.
//!
//! A component answers where the content of an attachment is. Believing it would let it send this
//! host anywhere; so its word is good for what the connection's own site has said during that very
//! call, as the target of a redirect, and for nothing else.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, HeaderValue, Uri, header};
use url::Url;

/// Locations that one call keeps. Resolving one takes one redirect.
const MOST: usize = 8;

/// Longest location that is kept, in bytes. Signed ones have about 1 500.
const MAX_BYTES: usize = 16 * 1024;

/// The locations that the site has named during one call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Locations(Arc<Mutex<Vec<SignedUrl>>>);

impl Locations {
    /// Keeps where an answer of the site to a request for `asked` leads.
    pub(in crate::outbound) fn keep(&self, asked: &Uri, headers: &HeaderMap) {
        let Ok(base) = Url::parse(&asked.to_string()) else {
            return;
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for value in headers.get_all(header::LOCATION) {
            if kept.len() < MOST
                && value.len() <= MAX_BYTES
                && let Ok(text) = std::str::from_utf8(value.as_bytes())
                && let Ok(url) = base.join(text.trim())
            {
                kept.push(SignedUrl(url));
            }
        }
    }

    /// The grant for a location: only for one that the site has named, and only once.
    pub(crate) fn take(&self, url: &str) -> Option<SignedUrl> {
        let wanted = Url::parse(url).ok()?;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|kept| kept.0 == wanted)?;
        Some(kept.swap_remove(at))
    }
}

/// Leaves of where an answer leads only the scheme, the host and the port, or nothing.
pub(in crate::outbound) fn keep_host_alone(headers: &mut HeaderMap, is_told: bool) {
    let target = headers.remove(header::LOCATION).filter(|_| is_told);
    let target = target.and_then(|value| {
        let url = Url::parse(value.to_str().ok()?.trim()).ok()?;
        let is_web = matches!(url.scheme(), "https" | "http");
        let host = is_web.then(|| url.host_str()).flatten()?;
        let port = url
            .port()
            .map_or_else(String::new, |port| format!(":{port}"));
        HeaderValue::from_str(&format!("{}://{host}{port}/", url.scheme())).ok()
    });
    if let Some(target) = target {
        headers.insert(header::LOCATION, target);
    }
}

/// An address that is a secret: whoever has it, has what is there.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SignedUrl(Url);

impl SignedUrl {
    /// The address, to be sent.
    pub(crate) fn expose(&self) -> &Url {
        &self.0
    }

    /// Where a redirect from here leads.
    pub(crate) fn redirected(&self, headers: &HeaderMap) -> Option<Self> {
        let location = headers.get(header::LOCATION)?;
        if location.len() > MAX_BYTES {
            return None;
        }
        let text = std::str::from_utf8(location.as_bytes()).ok()?;
        self.0.join(text.trim()).ok().map(Self)
    }

    /// The host and the port, which are no secret.
    pub(crate) fn authority(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        match self.0.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }
}

impl fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedUrl({}…)", self.authority())
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        reason = "a test fails by panicking"
    )]

    use http::{HeaderMap, HeaderValue, Uri, header};

    use super::{Locations, MAX_BYTES, MOST};

    const ASKED: &str =
        "https://a.atlassian.net/wiki/rest/api/content/1/child/attachment/att2/download";
    const URL: &str = "https://api.media.example.com/file/f/binary?token=secret&name=a%20b";

    fn keeping(locations: &[&str]) -> Locations {
        let kept = Locations::default();
        let mut headers = HeaderMap::new();
        for location in locations {
            headers.append(header::LOCATION, HeaderValue::from_str(location).unwrap());
        }
        kept.keep(&Uri::from_static(ASKED), &headers);
        kept
    }

    #[test]
    fn what_the_site_named_is_granted_once() {
        let kept = keeping(&[URL]);
        assert_eq!(kept.take(URL).unwrap().expose().as_str(), URL);
        assert!(kept.take(URL).is_none());
    }

    #[test]
    fn what_is_only_like_it_is_not_granted() {
        let kept = keeping(&[URL]);
        for url in [
            "https://api.media.example.com/file/f/binary",
            "https://api.media.example.com/file/f/binary?token=secret&name=a%20b&x=1",
            "https://api.media.example.com/file/f/binary?token=secret&name=a%20b#x",
            "https://api.media.example.com/file/F/binary?token=secret&name=a%20b",
            "https://api.media.example.com:444/file/f/binary?token=secret&name=a%20b",
            "http://api.media.example.com/file/f/binary?token=secret&name=a%20b",
            "https://x@api.media.example.com/file/f/binary?token=secret&name=a%20b",
            "https://evil.example/file/f/binary?token=secret&name=a%20b",
            "https://a.atlassian.net/wiki/rest/api/content/1",
            "file:///etc/passwd",
            "/file/f/binary?token=secret&name=a%20b",
            "",
        ] {
            assert!(kept.take(url).is_none(), "{url}");
        }
        assert!(kept.take(URL).is_some());
        assert!(Locations::default().take(URL).is_none());
    }

    #[test]
    fn a_call_keeps_few_locations_and_short_ones() {
        let many: Vec<String> = (0..MOST + 1)
            .map(|n| format!("https://m.example/{n}"))
            .collect();
        let kept = keeping(&many.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(kept.take(&many[MOST - 1]).is_some());
        assert!(kept.take(&many[MOST]).is_none());
        let long = format!("https://m.example/{}", "x".repeat(MAX_BYTES));
        assert!(keeping(&[&long]).take(&long).is_none());
    }

    #[test]
    fn a_location_is_not_shown() {
        let shown = format!("{:?}", keeping(&[URL]));
        assert!(shown.contains("api.media.example.com"), "{shown}");
        assert!(!shown.contains("secret"), "{shown}");
    }
}
