//! The table of settings: what a level's file may hold, outside of its connections.
//!
//! Everything else about settings is made of this table: reading and refusing, `config explain`,
//! the JSON schema, completions.

use crate::component::{Digest, GRANTABLE, Grant, PublicKey};
use crate::connection::{ConnectionName, DEFAULT_CONCURRENCY, Endpoint, MOST_CONCURRENCY};
use crate::download::MediaTypePattern;
use crate::engine::{MOST_CALLS_AT_ONCE, MOST_WARM};
use crate::outbound::{AllowedHost, proxy_uri};

use super::value::Value;

/// A setting.
#[derive(Debug)]
#[non_exhaustive]
pub struct Setting {
    /// Its name, such as `limits.memory-mib`. In the file, what stands before a dot is a table.
    pub key: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// Whether the cluster level alone may have it.
    pub cluster_only: bool,
    /// What it does, with unit and reason.
    pub documentation: &'static str,
    default: fn() -> Option<Value>,
}

/// What the value of a setting may be.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Kind {
    /// `true` or `false`.
    Switch,
    /// A whole number between two bounds, both included.
    Number {
        /// The least.
        least: i64,
        /// The most.
        most: i64,
    },
    /// Seconds between 0.001 and 86 400.
    Seconds,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// A text, and what it has to be.
    Text(Check),
    /// A list of texts, and what each has to be.
    List(Check),
}

/// Says what is wrong with a text and what it should be, or nothing.
pub(super) type Check = fn(&str) -> Result<(), String>;

/// Most seconds that a setting may have: a day.
pub(super) const MOST_SECONDS: f64 = 86_400.0;

/// Least seconds that a setting may have.
pub(super) const LEAST_SECONDS: f64 = 0.001;

impl Setting {
    /// Its value where no level has one. `None` where there is none by nature.
    #[must_use]
    pub fn default(&self) -> Option<Value> {
        (self.default)()
    }

    /// All values that it may have, where they are few: for completions.
    #[must_use]
    pub fn choices(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::Switch => &["true", "false"],
            Kind::Choice(words) => words,
            _ => &[],
        }
    }

    /// The setting of a name.
    #[must_use]
    pub fn find(key: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.key == key)
    }
}

/// How many calls run at once, of all apps together.
pub(crate) const CALLS_AT_ONCE: &str = "limits.calls-at-once";

/// How many calls of one app run at once.
pub(crate) const APP_CALLS_AT_ONCE: &str = "limits.app-calls-at-once";

/// The hosts that may be asked beside the site.
pub(super) const ALLOW_HOSTS: &str = "network.allow-hosts";

/// All settings, except connections and `locked`.
pub static SETTINGS: &[Setting] = &[
    Setting {
        key: "connection",
        kind: Kind::Text(connection_name),
        cluster_only: false,
        documentation: "Name of the active connection: calls use it, and set-api-url-and-auth stores it.",
        default: || Some(Value::Text("default".to_owned())),
    },
    Setting {
        key: "component.digest",
        kind: Kind::Text(digest),
        cluster_only: false,
        documentation: "Component to run: the SHA-256 digest of a stored component, or `embedded` for the one that is part of this program.",
        default: || Some(Value::Text(EMBEDDED.to_owned())),
    },
    Setting {
        key: "component.signed-by",
        kind: Kind::List(public_key),
        cluster_only: false,
        documentation: "Public keys of trusted signers: `ed25519:` and base64, or PEM. A stored component without a signature by one of them is rejected before it is compiled, each time it is loaded. An empty list rejects all stored components. The embedded component is exempt from this check.",
        default: || None,
    },
    Setting {
        key: "component.allow-imports",
        kind: Kind::List(grant),
        cluster_only: false,
        documentation: "Interfaces that a component can import: `PACKAGE/INTERFACE`, or a package for all of its interfaces, without versions. A component that imports more is rejected before it is instantiated.",
        default: || {
            Some(Value::List(
                GRANTABLE.iter().map(|name| (*name).to_owned()).collect(),
            ))
        },
    },
    Setting {
        key: "component.require-exports",
        kind: Kind::List(interface),
        cluster_only: false,
        documentation: "Interfaces that a component must export, with all functions of the embedded component: `PACKAGE/INTERFACE`, without versions. A component that lacks one is rejected before it is instantiated.",
        default: || {
            Some(Value::List(vec![
                "confluence:connector/confluence-service".to_owned(),
            ]))
        },
    },
    Setting {
        key: "limits.call-seconds",
        kind: Kind::Seconds,
        cluster_only: false,
        documentation: "Maximum duration of a call in seconds, including network waits. 60 is enough for forty pages of 250 rows at one second each.",
        default: || Some(Value::Seconds(60.0)),
    },
    Setting {
        key: "limits.connect-seconds",
        kind: Kind::Seconds,
        cluster_only: false,
        documentation: "Maximum duration of a DNS lookup, and again of connecting, in seconds. TLS counts towards `limits.first-byte-seconds`.",
        default: || Some(Value::Seconds(10.0)),
    },
    Setting {
        key: "limits.first-byte-seconds",
        kind: Kind::Seconds,
        cluster_only: false,
        documentation: "Maximum time between a request and the response headers, in seconds. Confluence itself ends slow queries after 30.",
        default: || Some(Value::Seconds(30.0)),
    },
    Setting {
        key: "limits.between-bytes-seconds",
        kind: Kind::Seconds,
        cluster_only: false,
        documentation: "Maximum time between two pieces of a response, in seconds.",
        default: || Some(Value::Seconds(15.0)),
    },
    Setting {
        key: "limits.memory-mib",
        kind: Kind::Number {
            least: 1,
            most: 4096,
        },
        cluster_only: false,
        documentation: "Maximum memory per call, in MiB.",
        default: || Some(Value::Number(256)),
    },
    Setting {
        key: "limits.answer-mib",
        kind: Kind::Number {
            least: 1,
            most: 1024,
        },
        cluster_only: false,
        documentation: "Maximum size of one response, in MiB. 64 is enough for 250 pages with bodies of 256 KiB each.",
        default: || Some(Value::Number(64)),
    },
    Setting {
        key: "limits.handles",
        kind: Kind::Number {
            least: 8,
            most: 65_536,
        },
        cluster_only: false,
        documentation: "Maximum number of requests, responses and streams that a component can hold open. The connector holds six.",
        default: || Some(Value::Number(256)),
    },
    Setting {
        key: "limits.table-elements",
        kind: Kind::Number {
            least: 1,
            most: 10_000_000,
        },
        cluster_only: false,
        documentation: "Maximum number of elements in all tables of a component. The connector has about 300.",
        default: || Some(Value::Number(20_000)),
    },
    Setting {
        key: CALLS_AT_ONCE,
        kind: Kind::Number {
            least: 1,
            most: MOST_CALLS_AT_ONCE as i64,
        },
        cluster_only: true,
        documentation: "Maximum concurrent calls of all apps in one process. Further calls wait; apps with fewer running calls come first. A call that waits for its maximum duration fails. Each call has an instance, which can use `limits.memory-mib`.",
        default: || Some(Value::Number(128)),
    },
    Setting {
        key: APP_CALLS_AT_ONCE,
        kind: Kind::Number {
            least: 1,
            most: MOST_CALLS_AT_ONCE as i64,
        },
        cluster_only: false,
        documentation: "Maximum concurrent calls of one app in one process. Further calls of the app wait.",
        default: || Some(Value::Number(32)),
    },
    Setting {
        key: "instances.warm",
        kind: Kind::Number {
            least: 0,
            most: MOST_WARM as i64,
        },
        cluster_only: false,
        documentation: "Number of instances kept for later calls of the same app. The component's memory then survives a call; handles, responses and the connection do not. Instances are never shared between apps. An instance is dropped after a trap, an exceeded limit or an error of the host, and when configuration, connection or component change. With 0, every call has a fresh instance.",
        default: || Some(Value::Number(0)),
    },
    Setting {
        key: "instances.calls",
        kind: Kind::Number {
            least: 1,
            most: 1_000_000,
        },
        cluster_only: false,
        documentation: "Maximum number of calls that one kept instance serves, to release memory that a component leaks.",
        default: || Some(Value::Number(1_000)),
    },
    Setting {
        key: "instances.idle-seconds",
        kind: Kind::Seconds,
        cluster_only: false,
        documentation: "Maximum idle time of a kept instance, in seconds.",
        default: || Some(Value::Seconds(60.0)),
    },
    Setting {
        key: "instances.memory-mib",
        kind: Kind::Number {
            least: 1,
            most: 4096,
        },
        cluster_only: false,
        documentation: "Maximum memory of a kept instance, in MiB; larger instances are dropped, because memory never shrinks. The connector starts with 2 and grows to several times the largest response.",
        default: || Some(Value::Number(16)),
    },
    Setting {
        key: "network.allow-sites",
        kind: Kind::List(site_pattern),
        cluster_only: false,
        documentation: "Hosts that connections can use: `HOST`, `*.SUFFIX`, or `*` for all. An empty list denies all. Addresses of this machine also need `network.allow-loopback`.",
        default: || Some(Value::List(vec!["*".to_owned()])),
    },
    Setting {
        key: ALLOW_HOSTS,
        kind: Kind::List(allowed_host),
        cluster_only: false,
        documentation: "Hosts besides the site that a component can reach: `https://api.example.com`, or `https://*.example.com:8443/prefix/` for all hosts below a suffix, with a port and a path prefix. Only GET requests to public addresses are sent to them, without a credential; redirects are not followed. An empty list denies all. A narrower level can only restrict this list.",
        default: || Some(Value::List(Vec::new())),
    },
    Setting {
        key: "network.allow-loopback",
        kind: Kind::Switch,
        cluster_only: true,
        documentation: "Whether connections can use addresses of this machine, such as a simulator on 127.0.0.1. Only at the cluster level, because apps could reach services of the host.",
        default: || Some(Value::Switch(false)),
    },
    Setting {
        key: "network.requests-per-second",
        kind: Kind::Number {
            least: 1,
            most: 1_000,
        },
        cluster_only: false,
        documentation: "Maximum requests per second to one site with one credential. Without it, the rate adapts to the site and decreases when the site is overloaded.",
        default: || None,
    },
    Setting {
        key: "network.points-per-hour",
        kind: Kind::Number {
            least: 1,
            most: 10_000_000,
        },
        cluster_only: false,
        documentation: "Maximum points per hour of all apps below this level together, over connections with a bearer token. Confluence grants an OAuth app 65000 for all of its tenants. Apps that made calls in this or the previous hour get equal shares; an app can use more only while the others can still get their share. Without it, points are counted but not limited.",
        default: || None,
    },
    Setting {
        key: "network.ca-file",
        kind: Kind::Text(not_empty),
        cluster_only: true,
        documentation: "File with additional trusted certificates (PEM) for sites, such as the one of a TLS-inspecting proxy. Read again when it changes.",
        default: || None,
    },
    Setting {
        key: "network.proxy",
        kind: Kind::Text(proxy),
        cluster_only: true,
        documentation: "Proxy for requests, `http://HOST:PORT`. It opens a tunnel (`CONNECT`) for TLS to the site. The proxy resolves names, so it must block internal addresses. Sites on this machine are reached directly.",
        default: || None,
    },
    Setting {
        key: "network.proxy-authorization-file",
        kind: Kind::Text(not_empty),
        cluster_only: true,
        documentation: "File with `USER:PASSWORD` for the proxy. Read again when it changes.",
        default: || None,
    },
    Setting {
        key: "retry.attempts",
        kind: Kind::Number { least: 0, most: 10 },
        cluster_only: false,
        documentation: "Maximum number of retries of a request, after network errors, incomplete responses, and the statuses 429, 502, 503 and 504. A wait requested by the site is honored in full; if the call has too little time left for it, the call fails.",
        default: || Some(Value::Number(3)),
    },
    Setting {
        key: "retry.first-wait-seconds",
        kind: Kind::Seconds,
        cluster_only: false,
        documentation: "Wait before the first retry in seconds, if the site requests none. Doubles with each retry up to 30, and is shortened by a random part of up to one half.",
        default: || Some(Value::Seconds(0.5)),
    },
    Setting {
        key: "download.file-mib",
        kind: Kind::Number {
            least: 1,
            most: 1_048_576,
        },
        cluster_only: false,
        documentation: "Maximum size of a downloaded file, in MiB. 100 is Confluence's default maximum for attachments.",
        default: || Some(Value::Number(100)),
    },
    Setting {
        key: "download.allow-media-types",
        kind: Kind::List(media_type_pattern),
        cluster_only: false,
        documentation: "Media types of files that can be downloaded: `TYPE/SUBTYPE`, `TYPE/*`, or `*/*` for all. An empty list denies all. Both the type in Confluence and the type in the response must match.",
        default: || Some(Value::List(vec!["*/*".to_owned()])),
    },
    Setting {
        key: "download.allow-hosts",
        kind: Kind::List(site_pattern),
        cluster_only: false,
        documentation: "Hosts besides the site that files can be downloaded from: `HOST`, `*.SUFFIX`, or `*` for all. Confluence names the host of each file, such as `api.media.atlassian.com`; no credential is sent there. An empty list denies all. Private addresses are always denied.",
        default: || Some(Value::List(vec!["*".to_owned()])),
    },
    Setting {
        key: "secrets.store",
        kind: Kind::Choice(&["sqlite", "vault"]),
        cluster_only: true,
        documentation: "Where tokens are stored: `sqlite`, encrypted in the state folder, or `vault`, in HashiCorp Vault's KV version 2.",
        default: || Some(Value::Text("sqlite".to_owned())),
    },
    Setting {
        key: "secrets.vault.address",
        kind: Kind::Text(vault_address),
        cluster_only: true,
        documentation: "URL of Vault, such as `https://vault.example.com:8200`.",
        default: || None,
    },
    Setting {
        key: "secrets.vault.mount",
        kind: Kind::Text(vault_path),
        cluster_only: true,
        documentation: "Mount path of the KV version 2 engine in Vault.",
        default: || Some(Value::Text("secret".to_owned())),
    },
    Setting {
        key: "secrets.vault.prefix",
        kind: Kind::Text(vault_path),
        cluster_only: true,
        documentation: "Path prefix of tokens in the mount: `PREFIX/LEVEL/connection/NAME`.",
        default: || Some(Value::Text("host-runner".to_owned())),
    },
    Setting {
        key: "secrets.vault.namespace",
        kind: Kind::Text(vault_path),
        cluster_only: true,
        documentation: "Namespace in Vault Enterprise.",
        default: || None,
    },
    Setting {
        key: "secrets.vault.token-file",
        kind: Kind::Text(not_empty),
        cluster_only: true,
        documentation: "File with the token for Vault, such as one written by a Vault agent. Read again when Vault rejects the token. Without it, the token is read from the variable `VAULT_TOKEN`.",
        default: || None,
    },
    Setting {
        key: "secrets.vault.ca-file",
        kind: Kind::Text(not_empty),
        cluster_only: true,
        documentation: "File with additional trusted certificates (PEM) for Vault.",
        default: || None,
    },
];

/// What `component.digest` has for the component that this program carries.
pub(crate) const EMBEDDED: &str = "embedded";

/// A field of a connection.
#[derive(Debug)]
#[non_exhaustive]
pub(super) struct Field {
    /// Its name, such as `site`.
    pub key: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// What it is, with unit and reason.
    pub documentation: &'static str,
}

/// What a connection, a table `[connections.NAME]`, may hold. Its token is kept apart.
pub(super) static CONNECTION_FIELDS: &[Field] = &[
    Field {
        key: "site",
        kind: Kind::Text(site),
        documentation: "Site: `https://DOMAIN.atlassian.net`, or `https://api.atlassian.com/ex/confluence/CLOUD-ID` for scoped tokens.",
    },
    Field {
        key: "authorization",
        kind: Kind::Choice(&["basic", "bearer"]),
        documentation: "Authorization scheme: `basic`, with a user, or `bearer`. Default `basic`.",
    },
    Field {
        key: "user",
        kind: Kind::Text(not_empty),
        documentation: "E-mail address of the account, for `basic`.",
    },
    Field {
        key: "token-kind",
        kind: Kind::Choice(&["unscoped", "scoped", "service-account"]),
        documentation: "Kind of token. `scoped` and `service-account` tokens work through the gateway only. Default `unscoped`.",
    },
    Field {
        key: "concurrency",
        kind: Kind::Number {
            least: 1,
            most: MOST_CONCURRENCY as i64,
        },
        documentation: "Maximum concurrent requests, 1 to 25. Default 5.",
    },
    Field {
        key: "borrow-concurrency-from",
        kind: Kind::Text(connection_name),
        documentation: "Connection of the same level whose concurrency limit this one shares. For several tokens of one site, because the limit belongs to the site.",
    },
];

impl Field {
    /// The field of a name.
    #[must_use]
    pub(super) fn find(key: &str) -> Option<&'static Self> {
        CONNECTION_FIELDS.iter().find(|field| field.key == key)
    }
}

/// The concurrency of a connection that says none.
pub(super) const USUAL_CONCURRENCY: i64 = DEFAULT_CONCURRENCY as i64;

fn connection_name(text: &str) -> Result<(), String> {
    text.parse::<ConnectionName>()
        .map(drop)
        .map_err(|error| error.to_string())
}

fn digest(text: &str) -> Result<(), String> {
    if text == EMBEDDED {
        return Ok(());
    }
    text.parse::<Digest>()
        .map(drop)
        .map_err(|error| format!("{error}; or `{EMBEDDED}`"))
}

fn public_key(text: &str) -> Result<(), String> {
    text.parse::<PublicKey>()
        .map(drop)
        .map_err(|error| error.to_string())
}

fn grant(text: &str) -> Result<(), String> {
    Grant::parse(&[text.to_owned()])
        .map(drop)
        .map_err(|error| error.to_string())
}

fn interface(text: &str) -> Result<(), String> {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let parts = text
        .split_once('/')
        .and_then(|(package, name)| Some((package.split_once(':')?, name)));
    match parts {
        Some(((namespace, package), name))
            if [namespace, package, name].into_iter().all(is_word) =>
        {
            Ok(())
        }
        _ => Err("an interface is `NAMESPACE:PACKAGE/INTERFACE`, without a version".to_owned()),
    }
}

fn site(text: &str) -> Result<(), String> {
    Endpoint::parse_site(text)
        .map(drop)
        .map_err(|error| format!("{error}: {}", error.resolution()))
}

fn site_pattern(text: &str) -> Result<(), String> {
    let host = text.strip_prefix("*.").unwrap_or(text);
    let is_host = !host.is_empty()
        && host.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
    if text == "*" || is_host {
        Ok(())
    } else {
        Err("a pattern of hosts is `example.atlassian.net`, `*.atlassian.net` or `*`".to_owned())
    }
}

fn allowed_host(text: &str) -> Result<(), String> {
    text.parse::<AllowedHost>()
        .map(drop)
        .map_err(|error| error.to_string())
}

fn media_type_pattern(text: &str) -> Result<(), String> {
    text.parse::<MediaTypePattern>()
        .map(drop)
        .map_err(|error| error.to_string())
}

fn vault_address(text: &str) -> Result<(), String> {
    let wrong = || {
        "an address of Vault is `https://HOST:8200`, or `http` on a loopback address, without user information".to_owned()
    };
    let url = url::Url::parse(text).map_err(|_| wrong())?;
    if matches!(url.scheme(), "https" | "http")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
    {
        Ok(())
    } else {
        Err(wrong())
    }
}

fn vault_path(text: &str) -> Result<(), String> {
    if text.split('/').all(|segment| {
        !matches!(segment, "" | "." | "..") && segment.bytes().all(|byte| byte.is_ascii_graphic())
    }) {
        Ok(())
    } else {
        Err("a path in Vault is words with slashes between them".to_owned())
    }
}

fn proxy(text: &str) -> Result<(), String> {
    proxy_uri(text).map(|_| ())
}

fn not_empty(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        Err("it is empty".to_owned())
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::path::Path;

    use super::{SETTINGS, Setting, site_pattern};
    use crate::config::LevelFile;
    use crate::engine::Limits;
    use crate::level::{Level, Scope};

    #[test]
    fn every_default_is_a_value_that_a_file_may_have() {
        for setting in SETTINGS {
            let Some(default) = setting.default() else {
                continue;
            };
            let text = format!("{} = {}\n", setting.key, default.to_json());
            let cluster = Scope::default().path(Level::Cluster);
            LevelFile::parse(&text, &cluster, Path::new("cluster.toml")).unwrap();
        }
    }

    #[test]
    fn the_table_and_the_librarys_limits_have_the_same_defaults() {
        let number = |key: &str| Setting::find(key).unwrap().default().unwrap().to_json();
        let limits = Limits::default();
        assert_eq!(number("limits.memory-mib"), limits.memory_bytes >> 20);
        assert_eq!(number("limits.answer-mib"), limits.answer_bytes >> 20);
        assert_eq!(number("limits.handles"), limits.handles);
        assert_eq!(number("limits.table-elements"), limits.table_elements);
        for (key, duration) in [
            ("limits.call-seconds", limits.call),
            ("limits.connect-seconds", limits.connect),
            ("limits.first-byte-seconds", limits.first_byte),
            ("limits.between-bytes-seconds", limits.between_bytes),
        ] {
            assert_eq!(number(key), duration.as_secs_f64(), "{key}");
        }
    }

    #[test]
    fn a_pattern_of_hosts_has_its_star_in_front() {
        for text in ["*", "*.atlassian.net", "example.atlassian.net"] {
            assert!(site_pattern(text).is_ok(), "{text}");
        }
        for text in ["", "*.", "exa*mple.net", "https://x", "a..b", "*.*.net"] {
            assert!(site_pattern(text).is_err(), "{text}");
        }
    }
}
