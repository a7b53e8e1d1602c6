//! Where connections may lead: `network.allow-sites` and `network.allow-loopback`.

use super::effective::Effective;
use super::host_pattern::{check_host_pattern, covers_host_pattern, matches_host};
use super::precedence::{Bound, Precedence};
use super::setting::{Kind, Setting};
use super::value::Value;
use crate::address::is_public;
use crate::connection::Endpoint;
use crate::level::Level;
use crate::remedy::Remedy;

/// The settings that restrict where connections may lead.
pub const SITE_SETTINGS: &[Setting] = &[
    Setting {
        key: "network.allow-sites",
        kind: Kind::List(check_host_pattern),
        precedence: Precedence::Restricts(Bound::Within(covers_host_pattern)),
        documentation: "Hosts that connections can use: `HOST`, `*.SUFFIX`, or `*` for all. An empty list denies all. Addresses of this machine also need `network.allow-loopback`.",
        default: || Some(Value::List(vec!["*".to_owned()])),
    },
    Setting {
        key: "network.allow-loopback",
        kind: Kind::Switch,
        precedence: Precedence::ClusterOnly,
        documentation: "Whether connections can use addresses of this machine, such as a simulator on 127.0.0.1. Apps could reach services of the host.",
        default: || Some(Value::Switch(false)),
    },
];

impl Effective {
    /// Whether the network settings let a connection lead to an endpoint.
    ///
    /// # Errors
    ///
    /// What forbids it, and which level says so.
    pub fn allows(&self, endpoint: &Endpoint) -> Result<(), EndpointDenied> {
        if endpoint.is_loopback() {
            return if self.switch("network.allow-loopback") {
                Ok(())
            } else {
                Err(EndpointDenied::Loopback {
                    endpoint: endpoint.to_string(),
                })
            };
        }
        let host = endpoint.host();
        let allowed = self
            .list("network.allow-sites")
            .iter()
            .any(|pattern| matches_host(pattern, host));
        if allowed {
            Ok(())
        } else {
            let source = self.located("network.allow-sites").1;
            Err(EndpointDenied::Site {
                host: host.to_owned(),
                origin: source.to_string(),
            })
        }
    }

    /// Whether a connection that is stored may lead there: as [`allows`](Self::allows), and not to an
    /// address that no request is sent to.
    ///
    /// # Errors
    ///
    /// [`EndpointDenied`], with the reason.
    pub fn accepts(&self, endpoint: &Endpoint) -> Result<(), EndpointDenied> {
        let address = endpoint.address().filter(|_| !endpoint.is_loopback());
        if address.is_some_and(|address| !is_public(address)) {
            return Err(EndpointDenied::Private {
                host: endpoint.host().to_owned(),
            });
        }
        self.allows(endpoint)
    }
}

/// Why the network settings do not let a connection lead somewhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointDenied {
    /// It is on this machine.
    #[error("the endpoint `{endpoint}` is on this machine, which the cluster level does not allow")]
    Loopback {
        /// The endpoint.
        endpoint: String,
    },
    /// It is an address that is not one of the public internet.
    #[error(
        "the endpoint's host `{host}` is a private address; connections can use public addresses only"
    )]
    Private {
        /// The host.
        host: String,
    },
    /// Its host is none of those that may be.
    #[error(
        "connections to `{host}` are denied: it is not in `network.allow-sites` (from {origin})"
    )]
    Site {
        /// The host.
        host: String,
        /// Where the list comes from.
        origin: String,
    },
}

impl EndpointDenied {
    /// A stable word for this very refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Loopback { .. } => "endpoint-loopback",
            Self::Private { .. } => "endpoint-private",
            Self::Site { .. } => "endpoint-site",
        }
    }

    /// The likely cause.
    #[must_use]
    pub fn cause(&self) -> &'static str {
        match self {
            Self::Loopback { .. } => {
                "addresses of this machine are for simulators, and an app could reach what else listens there"
            }
            Self::Private { .. } => {
                "it is inside a network, where an app could reach what else listens there"
            }
            Self::Site { .. } => "a level restricts the sites of connections",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn resolution(&self) -> String {
        match self {
            Self::Loopback { .. } => {
                "if this is intended, set `network.allow-loopback` to `true` at the cluster level"
                    .to_owned()
            }
            Self::Private { .. } => {
                "pass the site by its name, such as `https://DOMAIN.atlassian.net`".to_owned()
            }
            Self::Site { host, .. } => format!(
                "check the address, or ask the owner of that level to add `{host}` to `network.allow-sites`"
            ),
        }
    }

    /// What to do about it, as data.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Loopback { .. } => Some(Remedy::SetSetting {
                key: "network.allow-loopback",
                value: "true",
                level: Level::Cluster,
            }),
            Self::Private { .. } | Self::Site { .. } => None,
        }
    }
}
