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

/// Segments that paths of pages begin with at which people log in.
const LOGINS: [&str; 4] = ["login", "signin", "saml", "sso"];

/// Leaves of where an answer to a request for `asked` leads only the scheme, the host, the port and
/// that it is to a login page, or nothing.
pub(in crate::outbound) fn keep_host_alone(asked: &Uri, headers: &mut HeaderMap, is_told: bool) {
    let target = headers.remove(header::LOCATION).filter(|_| is_told);
    let target = target.and_then(|value| {
        let text = value.to_str().ok()?.trim();
        let own = Url::parse(&asked.to_string()).ok()?;
        let url = own.join(text).ok()?;
        let is_elsewhere = url.origin() != own.origin();
        let is_web = matches!(url.scheme(), "https" | "http");
        let host = is_web.then(|| url.host_str()).flatten()?;
        let port = url
            .port()
            .map_or_else(String::new, |port| format!(":{port}"));
        let path = url.path().to_ascii_lowercase();
        let mut logins = LOGINS.into_iter();
        let login = logins.find(|login| path.contains(&format!("/{login}")));
        // A site that leads on within itself has not moved.
        let path = login.or(is_elsewhere.then_some(""))?;
        HeaderValue::from_str(&format!("{}://{host}{port}/{path}", url.scheme())).ok()
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
    fn of_where_an_answer_leads_the_host_and_a_login_are_kept() {
        let asked = Uri::from_static("https://a.atlassian.net/wiki/api/v2/pages?limit=5");
        for (location, kept) in [
            (
                "https://b.atlassian.net:444/wiki/x?secret",
                Some("https://b.atlassian.net:444/"),
            ),
            (
                "https://id.atlassian.com/login/secret?continue=secret",
                Some("https://id.atlassian.com/login"),
            ),
            (
                "/wiki/Login.action?os_destination=secret",
                Some("https://a.atlassian.net/login"),
            ),
            (
                "https://u:secret@idp.example/app/secret/sso/saml",
                Some("https://idp.example/saml"),
            ),
            ("//b.atlassian.net/wiki", Some("https://b.atlassian.net/")),
            // To its own address, in whatever form, but in another scheme.
            ("/wiki/elsewhere?secret", None),
            ("https://a.atlassian.net/wiki/elsewhere?secret", None),
            ("HTTPS://A.atlassian.net:443/", None),
            ("//a.atlassian.net/secret", None),
            (
                "http://a.atlassian.net/wiki/secret",
                Some("http://a.atlassian.net/"),
            ),
            ("file:///login", None),
            ("https://", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.append(header::LOCATION, HeaderValue::from_static(location));
            super::keep_host_alone(&asked, &mut headers, true);
            let shown = headers.get(header::LOCATION);
            assert_eq!(shown.map(HeaderValue::as_bytes), kept.map(str::as_bytes));
        }
        let mut headers = HeaderMap::new();
        headers.append(
            header::LOCATION,
            HeaderValue::from_static("https://b/login"),
        );
        super::keep_host_alone(&asked, &mut headers, false);
        assert!(headers.is_empty());
    }

    #[test]
    fn a_location_is_not_shown() {
        let shown = format!("{:?}", keeping(&[URL]));
        assert!(shown.contains("api.media.example.com"), "{shown}");
        assert!(!shown.contains("secret"), "{shown}");
    }
}
