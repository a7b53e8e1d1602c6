//! Where the authorization server and the API gateway are.

use host_levels::{Effective, EndpointDenied, Kind, Precedence, Setting, Value, is_loopback};
use url::{Host, Url};

use crate::connection::Endpoint;
use crate::outbound::AddressScope;

const AUTHORIZATION_SERVER: &str = "oauth.authorization-server";
const API: &str = "oauth.api";

/// The settings of OAuth.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting {
        key: AUTHORIZATION_SERVER,
        kind: Kind::Text(check_address),
        precedence: Precedence::ClusterOnly,
        documentation: "Authorization server of OAuth logins, with `/authorize` and `/oauth/token`. Plain `http` is for loopback addresses, with `network.allow-loopback`.",
        default: || Some(Value::Text("https://auth.atlassian.com".to_owned())),
    },
    Setting {
        key: API,
        kind: Kind::Text(check_address),
        precedence: Precedence::ClusterOnly,
        documentation: "API gateway of OAuth connections, with `/oauth/token/accessible-resources` and `/ex/confluence/CLOUD-ID`. Plain `http` is for loopback addresses, with `network.allow-loopback`.",
        default: || Some(Value::Text("https://api.atlassian.com".to_owned())),
    },
];

/// A server that the cluster level names: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerAddress {
    origin: String,
    host: String,
    is_secure: bool,
    is_loopback: bool,
}

impl ServerAddress {
    fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text.trim()).map_err(|error| format!("it is not a URL: {error}"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("it has user information in front of its host".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() || !matches!(url.path(), "" | "/") {
            return Err(
                "it has a path, a query or a fragment: write scheme, host and port alone"
                    .to_owned(),
            );
        }
        let host = url.host().ok_or("it has no host")?;
        let is_loopback = is_loopback(&host);
        match url.scheme() {
            "https" => {}
            "http" if is_loopback => {}
            "http" => {
                return Err(
                    "it would send secrets unencrypted over the network: use `https`; plain `http` is for loopback addresses"
                        .to_owned(),
                );
            }
            _ => return Err("it is not an `https` URL".to_owned()),
        }
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        };
        Ok(Self {
            origin: format!("{}://{authority}", url.scheme()),
            is_secure: url.scheme() == "https",
            host: match host {
                Host::Domain(name) => name.to_owned(),
                host => host.to_string(),
            },
            is_loopback,
        })
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The host, for messages.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.is_secure
    }

    pub(crate) fn reach(&self) -> AddressScope {
        if self.is_loopback {
            AddressScope::Loopback
        } else {
            AddressScope::Public
        }
    }
}

fn check_address(text: &str) -> Result<(), String> {
    ServerAddress::parse(text).map(drop)
}

/// The servers in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OauthServers {
    pub(crate) authorization: ServerAddress,
    pub(crate) api: ServerAddress,
}

impl OauthServers {
    /// The servers in force.
    ///
    /// # Errors
    ///
    /// [`EndpointDenied`] for one on this machine, which the cluster level does not allow.
    pub(crate) fn in_force(effective: &Effective) -> Result<Self, EndpointDenied> {
        let address = |key: &str| {
            let text = effective.text(key).unwrap_or_default();
            // Settings are checked when they are read.
            let address = ServerAddress::parse(&text).map_err(|_| EndpointDenied::Site {
                host: text.clone(),
                origin: key.to_owned(),
            })?;
            if address.is_loopback && !effective.switch("network.allow-loopback") {
                return Err(EndpointDenied::Loopback {
                    endpoint: address.origin,
                });
            }
            Ok(address)
        };
        Ok(Self {
            authorization: address(AUTHORIZATION_SERVER)?,
            api: address(API)?,
        })
    }

    /// Where the requests to a site go.
    pub(crate) fn endpoint(&self, cloud_id: &str) -> Option<Endpoint> {
        Endpoint::at_gateway(&self.api.origin, cloud_id).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::ServerAddress;

    #[test]
    fn a_server_is_an_https_origin_or_on_this_machine() {
        for text in [
            "https://auth.atlassian.com",
            "https://auth.atlassian.com/",
            "http://127.0.0.1:8090",
            "http://localhost:8090",
            "http://[::1]:8090",
        ] {
            assert!(ServerAddress::parse(text).is_ok(), "{text}");
        }
        for text in [
            "http://auth.atlassian.com",
            "http://10.0.0.1:80",
            "https://me:sesame@auth.atlassian.com",
            "https://auth.atlassian.com/path",
            "https://auth.atlassian.com?x=1",
            "ftp://127.0.0.1",
            "auth.atlassian.com",
        ] {
            let refused = ServerAddress::parse(text).err().unwrap_or_default();
            assert!(
                !refused.is_empty() && !refused.contains("sesame"),
                "{text}: {refused}"
            );
        }
    }
}
