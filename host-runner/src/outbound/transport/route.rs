//! The way to a site: whom to trust for it, and through what.

use std::path::PathBuf;

use host_levels::{Effective, Kind, Precedence, Setting, check_not_empty};
use http::{HeaderValue, Uri};
use zeroize::Zeroizing;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::outbound::refusal::Refusal;

/// The settings of the way to sites.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting {
        key: "network.ca-file",
        kind: Kind::Text(check_not_empty),
        precedence: Precedence::ClusterOnly,
        documentation: "File with additional trusted certificates (PEM) for sites, such as the one of a TLS-inspecting proxy. Read again when it changes.",
        default: || None,
    },
    Setting {
        key: "network.proxy",
        kind: Kind::Text(check_proxy),
        precedence: Precedence::ClusterOnly,
        documentation: "Proxy for requests, `http://HOST:PORT`. It opens a tunnel (`CONNECT`) for TLS to the site. The proxy resolves names, so it must block internal addresses. Sites on this machine are reached directly.",
        default: || None,
    },
    Setting {
        key: "network.proxy-authorization-file",
        kind: Kind::Text(check_not_empty),
        precedence: Precedence::ClusterOnly,
        documentation: "File with `USER:PASSWORD` for the proxy. Read again when it changes.",
        default: || None,
    },
];

fn check_proxy(text: &str) -> Result<(), String> {
    proxy_uri(text).map(drop)
}

/// The way to a site, as the cluster level says. This machine is always reached directly.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Route {
    /// A file with certificates (PEM) to trust beside those of the platform.
    pub(crate) ca_file: Option<PathBuf>,
    /// What to go through.
    pub(crate) proxy: Option<Proxy>,
}

impl Route {
    /// The way in force.
    pub(crate) fn in_force(effective: &Effective) -> Self {
        let path = |key: &str| effective.text(key).map(PathBuf::from);
        let proxy = effective.text("network.proxy").and_then(|text| {
            // Settings are checked when they are read.
            let uri = proxy_uri(&text).ok()?;
            Some(Proxy {
                uri,
                authorization_file: path("network.proxy-authorization-file"),
            })
        });
        Self {
            ca_file: path("network.ca-file"),
            proxy,
        }
    }
}

/// A proxy that opens tunnels (`CONNECT`), as nearly all do.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Proxy {
    /// `http://HOST:PORT`.
    pub(crate) uri: Uri,
    /// A file with `USER:PASSWORD`, one line.
    pub(crate) authorization_file: Option<PathBuf>,
}

/// Says what is wrong with the address of a proxy, or reads it.
fn proxy_uri(text: &str) -> Result<Uri, String> {
    // Not repeated: what stands before an `@` is most likely a password.
    if text.contains('@') {
        return Err(
            "a proxy's address has no user and password in it; they belong into the file that `network.proxy-authorization-file` names".to_owned(),
        );
    }
    let uri: Uri = text.parse().map_err(|_| {
        format!("`{text}` is not a valid proxy; use `http://HOST:PORT`, such as `http://proxy.example.com:3128`")
    })?;
    let is_bare = uri.path().trim_matches('/').is_empty() && uri.query().is_none();
    if uri.scheme_str() == Some("http") && uri.port().is_some() && is_bare {
        Ok(uri)
    } else {
        Err(format!(
            "`{text}` is not `http://HOST:PORT`, such as `http://proxy.example.com:3128`; TLS goes through the proxy, not to it"
        ))
    }
}

impl Proxy {
    /// The header that shows the proxy who we are, from what the file for it holds.
    ///
    /// # Errors
    ///
    /// [`Refusal::ProxyAuthorization`] when that is not `USER:PASSWORD`.
    pub(in crate::outbound) fn authorization(&self, held: &[u8]) -> Result<HeaderValue, Refusal> {
        let refused = |reason: &str| Refusal::ProxyAuthorization {
            path: self.authorization_file.clone().unwrap_or_default(),
            reason: reason.to_owned(),
        };
        let pair = std::str::from_utf8(held).map_err(|_| refused("it is not UTF-8 text"))?;
        let pair = pair.trim();
        if !pair.contains(':') {
            return Err(refused("it does not contain `USER:PASSWORD`"));
        }
        let value = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair)));
        let mut value = HeaderValue::from_str(&value)
            .map_err(|_| refused("it contains characters that are not allowed in a header"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::proxy_uri;

    #[test]
    fn a_proxy_is_a_host_and_a_port() {
        for good in ["http://proxy.example.com:3128", "http://10.0.0.7:8080/"] {
            assert!(proxy_uri(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "proxy.example.com",
            "proxy.example.com:3128",
            "http://proxy.example.com",
            "https://proxy.example.com:3128",
            "socks5://proxy.example.com:1080",
            "http://proxy.example.com:3128/path",
        ] {
            assert!(proxy_uri(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_in_a_proxys_address_is_refused_and_not_repeated() {
        let refused = proxy_uri("http://me:sesame@proxy.example.com:3128").unwrap_err();
        assert!(!refused.contains("sesame"), "{refused}");
        assert!(refused.contains("network.proxy-authorization-file"));
    }
}
