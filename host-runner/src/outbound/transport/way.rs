//! The way to a site, with what the files that a level names for it hold just now.

use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;

use super::dial::Dial;
use super::files::{Content, Files};
use super::trust::Roots;
use crate::outbound::refusal::Refusal;
use crate::outbound::rules::address::AddressScope;
use crate::outbound::transport::route::{Proxy, Route};

/// The way to a site.
pub(super) struct Way<'a> {
    route: &'a Route,
    is_secure: bool,
    reach: AddressScope,
    /// What the certificates to trust are read from.
    authorities: Option<Arc<Content>>,
    /// What the proxy is shown.
    shown: Option<Arc<Content>>,
}

impl<'a> Way<'a> {
    /// Reads the files of a route that lead to a site, unless they are as they were.
    ///
    /// # Errors
    ///
    /// [`Refusal::Trust`] and [`Refusal::ProxyAuthorization`] when one cannot be read.
    pub(super) fn look(
        files: &Files,
        route: &'a Route,
        is_secure: bool,
        reach: AddressScope,
    ) -> Result<Self, Refusal> {
        let mut way = Self {
            route,
            is_secure,
            reach,
            authorities: None,
            shown: None,
        };
        // A site on loopback that speaks no TLS has no use for roots.
        if let Some(path) = route.ca_file.as_ref().filter(|_| is_secure) {
            let read = files.read(path).map_err(|error| Refusal::Trust {
                path: path.clone(),
                reason: error.to_string(),
            })?;
            way.authorities = Some(read);
        }
        if let Some(path) = way.proxy().and_then(|it| it.authorization_file.as_ref()) {
            let read = files
                .read(path)
                .map_err(|error| Refusal::ProxyAuthorization {
                    path: path.clone(),
                    reason: error.to_string(),
                })?;
            way.shown = Some(read);
        }
        Ok(way)
    }

    fn proxy(&self) -> Option<&'a Proxy> {
        self.route
            .proxy
            .as_ref()
            .filter(|_| self.reach != AddressScope::Loopback)
    }

    /// Takes in what tells it from any other, and from what it was before.
    pub(super) fn hash_into(&self, hasher: &mut blake3::Hasher) {
        hasher.update(format!("{:?}", self.route).as_bytes());
        for content in [&self.authorities, &self.shown] {
            hasher.update(&[u8::from(content.is_some())]);
            if let Some(content) = content {
                hasher.update(content.hash().as_bytes());
            }
        }
    }

    /// Whom to trust at its end.
    ///
    /// # Errors
    ///
    /// [`Refusal::Trust`].
    pub(super) fn roots(&self, roots: &Roots) -> Result<Arc<RootCertStore>, Refusal> {
        if !self.is_secure {
            return Ok(Arc::new(RootCertStore::empty()));
        }
        let file = self.route.ca_file.as_deref();
        roots.with(file.zip(self.authorities.as_deref()))
    }

    /// Connects to its end.
    ///
    /// # Errors
    ///
    /// [`Refusal::ProxyAuthorization`].
    pub(super) fn dial(&self, connect: Duration) -> Result<Dial, Refusal> {
        let Some(proxy) = self.proxy() else {
            return Ok(Dial::direct(self.reach, connect));
        };
        let shown = self.shown.as_ref().map(|shown| shown.bytes());
        let shown = shown.map(|pair| proxy.authorization(pair)).transpose()?;
        Ok(Dial::proxied(proxy.uri.clone(), shown, connect))
    }
}
