//! The table of settings: what a level's file may hold, outside of its connections.
//!
//! Everything else about settings is made of this table: reading and refusing, `config explain`,
//! the JSON schema, completions.

use crate::component::{Digest, GRANTABLE, Grant, PublicKey};
use crate::connection::{ConnectionName, DEFAULT_CONCURRENCY, Endpoint, MOST_CONCURRENCY};
use crate::download::MediaTypePattern;
use crate::engine::{COMPILE_MIB, COMPILE_SECONDS, MOST_CALLS_AT_ONCE, MOST_WARM};
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

/// All settings, but for connections and `final`.
pub static SETTINGS: &[Setting] = &[
    Setting {
        key: "connection",
        kind: Kind::Text(connection_name),
        cluster_only: false,
        documentation: "The name of the connection that calls go over, and that set-api-url-and-auth stores.",
        default: || Some(Value::Text("default".to_owned())),
    },
    Setting {
        key: "component.digest",
        kind: Kind::Text(digest),
        cluster_only: false,
        documentation: "The component that is called: the SHA-256 digest of one that `component load` has stored, or `embedded` for the one that this program carries.",
        default: || Some(Value::Text(EMBEDDED.to_owned())),
    },
    Setting {
        key: "component.signed-by",
        kind: Kind::List(public_key),
        cluster_only: false,
        documentation: "The public keys of those whose components may be called: `ed25519:` and base64, as `component keygen` prints it, or the PEM of openssl. A stored component that none of them has signed is refused before it is compiled, each time that it is loaded. An empty list refuses every one. The component that this program carries is part of it, and is not asked for a signature.",
        default: || None,
    },
    Setting {
        key: "component.allow-imports",
        kind: Kind::List(grant),
        cluster_only: false,
        documentation: "The interfaces that a component may import: `PACKAGE/INTERFACE`, or a package for all of its interfaces, without versions. A component that imports more is refused before it is instantiated.",
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
        documentation: "The interfaces that a component must export, with every function of this program's own component: `PACKAGE/INTERFACE`, without versions. A component that lacks one is refused before it is instantiated.",
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
        documentation: "The most that one call may take, waiting for the network included, in seconds. 60 is enough for forty pages of 250 rows at a second each, and some.",
        default: || Some(Value::Seconds(60.0)),
    },
    Setting {
        key: "limits.connect-seconds",
        kind: Kind::Seconds,
        cluster_only: false,
        documentation: "The most that resolving the site's name may take, and again connecting to it, in seconds. TLS counts towards `limits.first-byte-seconds`.",
        default: || Some(Value::Seconds(10.0)),
    },
    Setting {
        key: "limits.first-byte-seconds",
        kind: Kind::Seconds,
        cluster_only: false,
        documentation: "The most between a request and the head of its answer, in seconds. 30 is what Confluence itself gives a slow query.",
        default: || Some(Value::Seconds(30.0)),
    },
    Setting {
        key: "limits.between-bytes-seconds",
        kind: Kind::Seconds,
        cluster_only: false,
        documentation: "The most between two pieces of an answer, in seconds.",
        default: || Some(Value::Seconds(15.0)),
    },
    Setting {
        key: "limits.memory-mib",
        kind: Kind::Number {
            least: 1,
            most: 4096,
        },
        cluster_only: false,
        documentation: "The most memory that one call may use, in MiB.",
        default: || Some(Value::Number(256)),
    },
    Setting {
        key: "limits.answer-mib",
        kind: Kind::Number {
            least: 1,
            most: 1024,
        },
        cluster_only: false,
        documentation: "The most that one answer of the site may have, in MiB. 64 is 250 pages with bodies of 256 KiB each.",
        default: || Some(Value::Number(64)),
    },
    Setting {
        key: "limits.handles",
        kind: Kind::Number {
            least: 8,
            most: 65_536,
        },
        cluster_only: false,
        documentation: "The most requests, answers and streams that a component may hold open at once. The connector holds six.",
        default: || Some(Value::Number(256)),
    },
    Setting {
        key: "limits.table-elements",
        kind: Kind::Number {
            least: 1,
            most: 10_000_000,
        },
        cluster_only: false,
        documentation: "The most elements of all tables of a component together. The connector has about 300.",
        default: || Some(Value::Number(20_000)),
    },
    Setting {
        key: COMPILE_SECONDS,
        kind: Kind::Seconds,
        cluster_only: true,
        documentation: "Maximum time for compiling a component, in seconds. It is compiled once, in a process of its own that is ended then; the time of the call that needs it ends it as well. A component with a JavaScript engine takes about twenty seconds. The component that this program carries has ten minutes at least, and takes less than one second.",
        default: || Some(Value::Seconds(60.0)),
    },
    Setting {
        key: COMPILE_MIB,
        kind: Kind::Number {
            least: 64,
            most: 65_536,
        },
        cluster_only: true,
        documentation: "Maximum memory of the process that compiles a component, in MiB. The connector takes about 100. Where the operating system does not enforce it, as on macOS, `limits.compile-seconds` alone ends that process.",
        default: || Some(Value::Number(2048)),
    },
    Setting {
        key: CALLS_AT_ONCE,
        kind: Kind::Number {
            least: 1,
            most: MOST_CALLS_AT_ONCE as i64,
        },
        cluster_only: true,
        documentation: "The most calls that run at once in one process, of all apps together. Others wait, and have their turn before the calls of apps that run more; a call that waits for as long as it may take ends in an error. Each has an instance, which may use `limits.memory-mib`.",
        default: || Some(Value::Number(128)),
    },
    Setting {
        key: APP_CALLS_AT_ONCE,
        kind: Kind::Number {
            least: 1,
            most: MOST_CALLS_AT_ONCE as i64,
        },
        cluster_only: false,
        documentation: "The most calls of one app that run at once in one process. Others of it wait, while other apps have places left.",
        default: || Some(Value::Number(32)),
    },
    Setting {
        key: "instances.warm",
        kind: Kind::Number {
            least: 0,
            most: MOST_WARM as i64,
        },
        cluster_only: false,
        documentation: "How many instances of the component are kept for later calls of the same app. What the component remembers in its memory then outlives a call; handles, answers and the connection do not. None is ever another app's; it is dropped after a trap, a limit or an error of the host, and when the configuration, the connection or the component has changed. Without any, every call has a fresh instance.",
        default: || Some(Value::Number(0)),
    },
    Setting {
        key: "instances.calls",
        kind: Kind::Number {
            least: 1,
            most: 1_000_000,
        },
        cluster_only: false,
        documentation: "The most calls that one kept instance serves, so that what a component leaks is given back.",
        default: || Some(Value::Number(1_000)),
    },
    Setting {
        key: "instances.idle-seconds",
        kind: Kind::Seconds,
        cluster_only: false,
        documentation: "The most that a kept instance waits for its next call, in seconds.",
        default: || Some(Value::Seconds(60.0)),
    },
    Setting {
        key: "instances.memory-mib",
        kind: Kind::Number {
            least: 1,
            most: 4096,
        },
        cluster_only: false,
        documentation: "The most memory that an instance may have to be kept, in MiB: memory never shrinks. The connector has 2 to begin with, and several times the largest answer that it has read.",
        default: || Some(Value::Number(16)),
    },
    Setting {
        key: "network.allow-sites",
        kind: Kind::List(site_pattern),
        cluster_only: false,
        documentation: "The hosts that connections may lead to: `HOST`, `*.SUFFIX`, or `*` for all. An empty list denies. Addresses of this machine are allowed by `network.allow-loopback` alone.",
        default: || Some(Value::List(vec!["*".to_owned()])),
    },
    Setting {
        key: ALLOW_HOSTS,
        kind: Kind::List(allowed_host),
        cluster_only: false,
        documentation: "The hosts that a component may ask beside the site: `https://api.example.com`, `https://*.example.com:8443/prefix/` for all hosts below a suffix, with the port and what paths begin with. GET alone leaves for them, without a credential, over the public internet; redirects are not followed. An empty list denies. What a wider level has is the most that a narrower one may have.",
        default: || Some(Value::List(Vec::new())),
    },
    Setting {
        key: "network.allow-loopback",
        kind: Kind::Switch,
        cluster_only: true,
        documentation: "Whether connections may lead to this machine, such as to a simulator on 127.0.0.1. The cluster level alone has it: an app could reach what listens on the host.",
        default: || Some(Value::Switch(false)),
    },
    Setting {
        key: "network.requests-per-second",
        kind: Kind::Number {
            least: 1,
            most: 1_000,
        },
        cluster_only: false,
        documentation: "The most requests that leave in a second for one site with one credential. Without it as many as the site takes: fewer after it has said that it has too much to do.",
        default: || None,
    },
    Setting {
        key: "network.points-per-hour",
        kind: Kind::Number {
            least: 1,
            most: 10_000_000,
        },
        cluster_only: false,
        documentation: "The points that all apps below the level that has this may spend together in an hour, over connections that show a bearer token: Confluence gives an OAuth app 65000 for all of its tenants. Each app may take what no other is owed: those that called in this hour or the one before are owed equal parts. Without it points are counted and not capped.",
        default: || None,
    },
    Setting {
        key: "network.ca-file",
        kind: Kind::Text(not_empty),
        cluster_only: true,
        documentation: "A file with certificates (PEM) to trust for sites beside those of the platform, such as the one of a proxy that looks into TLS. It is read again when it has changed.",
        default: || None,
    },
    Setting {
        key: "network.proxy",
        kind: Kind::Text(proxy),
        cluster_only: true,
        documentation: "The proxy that requests go through, `http://HOST:PORT`: it is asked to open a tunnel (`CONNECT`), and TLS goes through it to the site. The proxy resolves names then, so that whether a name leads inside the network is for it to check. Sites on this machine are reached directly.",
        default: || None,
    },
    Setting {
        key: "network.proxy-authorization-file",
        kind: Kind::Text(not_empty),
        cluster_only: true,
        documentation: "A file with `USER:PASSWORD` for the proxy. It is read again when it has changed: requests that follow show the new password.",
        default: || None,
    },
    Setting {
        key: "retry.attempts",
        kind: Kind::Number { least: 0, most: 10 },
        cluster_only: false,
        documentation: "How often a request that went wrong is made again: after an error of the network, an answer that broke off, and the statuses 429, 502, 503 and 504. A wait that the site asks for is kept in full; one that the call has no time for is told instead.",
        default: || Some(Value::Number(3)),
    },
    Setting {
        key: "retry.first-wait-seconds",
        kind: Kind::Seconds,
        cluster_only: false,
        documentation: "The wait before a request is made again for the first time, in seconds, where the site asks for none. It doubles from one to the next, up to 30, and by chance it is up to a half shorter.",
        default: || Some(Value::Seconds(0.5)),
    },
    Setting {
        key: "download.file-mib",
        kind: Kind::Number {
            least: 1,
            most: 1_048_576,
        },
        cluster_only: false,
        documentation: "The most that one downloaded file may have, in MiB. 100 is what Confluence takes as an attachment unless an admin allows more.",
        default: || Some(Value::Number(100)),
    },
    Setting {
        key: "download.allow-media-types",
        kind: Kind::List(media_type_pattern),
        cluster_only: false,
        documentation: "The media types of files that may be downloaded: `TYPE/SUBTYPE`, `TYPE/*`, or `*/*` for all. An empty list denies. What counts is what Confluence says that a file is, and what its sender says.",
        default: || Some(Value::List(vec!["*/*".to_owned()])),
    },
    Setting {
        key: "download.allow-hosts",
        kind: Kind::List(site_pattern),
        cluster_only: false,
        documentation: "The hosts that files may be downloaded from, beside the site: `HOST`, `*.SUFFIX`, or `*` for all. Confluence names the host for each file, such as `api.media.atlassian.com`; no credential is sent there. An empty list denies. Addresses inside a network are never among them.",
        default: || Some(Value::List(vec!["*".to_owned()])),
    },
    Setting {
        key: "secrets.store",
        kind: Kind::Choice(&["sqlite", "vault"]),
        cluster_only: true,
        documentation: "Where tokens are kept: `sqlite`, sealed in the state folder, or `vault`, in HashiCorp Vault's KV version 2.",
        default: || Some(Value::Text("sqlite".to_owned())),
    },
    Setting {
        key: "secrets.vault.address",
        kind: Kind::Text(vault_address),
        cluster_only: true,
        documentation: "The address of Vault, such as `https://vault.example.com:8200`.",
        default: || None,
    },
    Setting {
        key: "secrets.vault.mount",
        kind: Kind::Text(vault_path),
        cluster_only: true,
        documentation: "Where the KV version 2 engine is mounted in Vault.",
        default: || Some(Value::Text("secret".to_owned())),
    },
    Setting {
        key: "secrets.vault.prefix",
        kind: Kind::Text(vault_path),
        cluster_only: true,
        documentation: "The path in the mount below which tokens are kept, as `PREFIX/LEVEL/connection/NAME`.",
        default: || Some(Value::Text("host-runner".to_owned())),
    },
    Setting {
        key: "secrets.vault.namespace",
        kind: Kind::Text(vault_path),
        cluster_only: true,
        documentation: "The namespace in Vault Enterprise.",
        default: || None,
    },
    Setting {
        key: "secrets.vault.token-file",
        kind: Kind::Text(not_empty),
        cluster_only: true,
        documentation: "The file with the token for Vault, as an agent of Vault writes it: it is read again when Vault refuses the token. Without it the variable `VAULT_TOKEN` has the token.",
        default: || None,
    },
    Setting {
        key: "secrets.vault.ca-file",
        kind: Kind::Text(not_empty),
        cluster_only: true,
        documentation: "A file with certificates (PEM) to trust for Vault beside those of the platform.",
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
        documentation: "Where the site is: `https://DOMAIN.atlassian.net`, or `https://api.atlassian.com/ex/confluence/CLOUD-ID` for tokens with scopes.",
    },
    Field {
        key: "authorization",
        kind: Kind::Choice(&["basic", "bearer"]),
        documentation: "How the token is shown to the site: `basic`, with the user, or `bearer`. Default `basic`.",
    },
    Field {
        key: "user",
        kind: Kind::Text(not_empty),
        documentation: "The e-mail address of the account, with `basic`.",
    },
    Field {
        key: "token-kind",
        kind: Kind::Choice(&["unscoped", "scoped", "service-account"]),
        documentation: "What kind of token it is. `scoped` and `service-account` tokens are taken by the gateway alone. Default `unscoped`.",
    },
    Field {
        key: "concurrency",
        kind: Kind::Number {
            least: 1,
            most: MOST_CONCURRENCY as i64,
        },
        documentation: "How many requests may be under way at once, 1 to 25. Default 5.",
    },
    Field {
        key: "borrow-concurrency-from",
        kind: Kind::Text(connection_name),
        documentation: "The connection of the same level whose concurrency this one shares, in place of one of its own. For several tokens of one site, whose limits are the site's.",
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
