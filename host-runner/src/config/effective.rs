//! The values in force for a scope, and where each comes from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::file::{CONNECTIONS, ConnectionEntry, FinalMark, LevelFile, Located};
use super::problem::{ConfigError, Problem, ProblemKind};
use super::setting::{ALLOW_HOSTS, APP_CALLS_AT_ONCE, CALLS_AT_ONCE, SETTINGS, Setting};
use super::value::Value;
use crate::call::WarmPolicy;
use crate::component::PublicKey;
use crate::connection::{ConnectionDefinition, ConnectionName, Endpoint, Lane};
use crate::engine::Limits;
use crate::level::{Level, LevelPath, Scope};
use crate::outbound::{AllowedHost, AllowedHosts, Pacing, Proxy, Quota, Retry, Route, proxy_uri};
use crate::seats::AtOnce;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The caller: an option of the command line, or of the library.
    Caller,
    /// A level's file.
    File {
        /// The level.
        level: LevelPath,
        /// Its file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// Nobody says, so that it is the built-in one.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caller => f.write_str("command line"),
            Self::File { level, file, line } => {
                write!(f, "level `{level}` ({}:{line})", file.display())
            }
            Self::Default => f.write_str("default"),
        }
    }
}

/// A setting in force, as `config explain` tells it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Explained {
    /// The setting: `limits.memory-mib`, or `connections.NAME`.
    pub key: String,
    /// Its value. `None` for one that has none by nature and that no level sets.
    pub value: Option<serde_json::Value>,
    /// Where the value comes from.
    pub source: Source,
    /// The level that fixed it for all narrower ones, and the line that says so.
    pub fixed_by: Option<Source>,
}

/// The values in force for a scope.
#[derive(Debug, Clone)]
pub struct Effective {
    scope: Scope,
    /// From the narrowest to the widest.
    files: Vec<Arc<LevelFile>>,
    overrides: BTreeMap<&'static str, Value>,
}

impl Effective {
    pub(super) fn new(
        scope: Scope,
        files: Vec<Arc<LevelFile>>,
        overrides: &[(&'static str, Value)],
    ) -> Result<Self, ConfigError> {
        let effective = Self {
            scope,
            files,
            overrides: overrides.iter().cloned().collect(),
        };
        let problems = effective.problems();
        if problems.is_empty() {
            Ok(effective)
        } else {
            Err(ConfigError::Invalid { problems })
        }
    }

    /// The built-in values.
    pub(crate) fn defaults() -> Self {
        Self {
            scope: Scope::default(),
            files: Vec::new(),
            overrides: BTreeMap::new(),
        }
    }

    /// The files, from the narrowest to the widest.
    pub(super) fn files(&self) -> &[Arc<LevelFile>] {
        &self.files
    }

    /// Whether it was made of these very files, and of these values of the caller.
    pub(super) fn is_made_of(
        &self,
        files: &[Arc<LevelFile>],
        overrides: &[(&'static str, Value)],
    ) -> bool {
        let same = |(own, given): (&Arc<LevelFile>, &Arc<LevelFile>)| Arc::ptr_eq(own, given);
        let given: BTreeMap<_, _> = overrides.iter().map(|(key, value)| (*key, value)).collect();
        self.files.len() == files.len()
            && self.files.iter().zip(files).all(same)
            && self
                .overrides
                .iter()
                .map(|(key, value)| (*key, value))
                .eq(given)
    }

    /// On whose behalf.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Settings that a wider level has fixed, and references to connections that there are not.
    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (index, file) in self.files.iter().enumerate() {
            let wider = self.files.get(index + 1..).unwrap_or_default();
            for (key, range) in file.keys() {
                if let Some((level, mark)) = fixed(wider, &key) {
                    problems.push(Problem {
                        kind: ProblemKind::Final,
                        file: file.path.clone(),
                        place: Some(file.place(&key, range)),
                        message: format!(
                            "`{key}` is locked by level `{}` ({}:{})",
                            level.level,
                            level.path.display(),
                            mark.line
                        ),
                        fix: Some(
                            "remove it here, or ask the owner of that file to unlock it".to_owned(),
                        ),
                        key: Some(key),
                    });
                }
            }
        }
        problems.extend(self.files.iter().enumerate().filter_map(|(index, file)| {
            let wider = self.files.get(index + 1..).unwrap_or_default();
            beyond(file, wider)
        }));
        for key in self.overrides.keys() {
            if let Some((level, mark)) = fixed(&self.files, key) {
                problems.push(Problem {
                    kind: ProblemKind::Final,
                    file: level.path.clone(),
                    place: None,
                    message: format!(
                        "`{key}` is locked by level `{}` in line {}, but was passed on the command line",
                        level.level, mark.line
                    ),
                    fix: Some("omit the option".to_owned()),
                    key: Some((*key).to_owned()),
                });
            }
        }
        for file in &self.files {
            for (name, entry) in &file.connections {
                if let Err(message) = lane_of(file, name, entry) {
                    let key = format!("{CONNECTIONS}.{name}.borrow-concurrency-from");
                    problems.push(Problem {
                        kind: ProblemKind::Missing,
                        file: file.path.clone(),
                        place: Some(file.place(&key, entry.key_range.clone())),
                        message,
                        fix: Some(
                            "name a connection of this level that has a concurrency of its own"
                                .to_owned(),
                        ),
                        key: Some(key),
                    });
                }
            }
        }
        problems
    }

    /// The value of a setting, and where it comes from.
    #[must_use]
    pub fn value(&self, setting: &Setting) -> (Option<Value>, Source) {
        if let Some(value) = self.overrides.get(setting.key) {
            return (Some(value.clone()), Source::Caller);
        }
        for file in &self.files {
            if let Some(located) = file.values.get(setting.key) {
                return (Some(located.value.clone()), source(file, located.line));
            }
        }
        (setting.default(), Source::Default)
    }

    /// The connection of a name: the narrowest level's that has one, whole.
    #[must_use]
    pub(crate) fn connection(
        &self,
        name: &ConnectionName,
    ) -> Option<(&LevelFile, &ConnectionEntry)> {
        self.files
            .iter()
            .find_map(|file| Some((&**file, file.connections.get(name)?)))
    }

    /// What the connection of a name is, the level that has it, and the line that it stands in.
    #[must_use]
    pub fn definition(
        &self,
        name: &ConnectionName,
    ) -> Option<(&ConnectionDefinition, &LevelPath, Source)> {
        let (file, entry) = self.connection(name)?;
        Some((&entry.definition, &file.level, source(file, entry.line)))
    }

    /// The names of all connections in force, sorted.
    #[must_use]
    pub fn connection_names(&self) -> Vec<&ConnectionName> {
        let mut names: Vec<&ConnectionName> = self
            .files
            .iter()
            .flat_map(|file| file.connections.keys())
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// The name of the connection that calls go over.
    #[must_use]
    pub fn connection_name(&self) -> ConnectionName {
        self.text("connection")
            .and_then(|name| name.parse().ok())
            .unwrap_or_else(ConnectionName::default_name)
    }

    /// Whose concurrency the connection of a name uses.
    pub(crate) fn lane(&self, name: &ConnectionName) -> Option<Lane> {
        let (file, entry) = self.connection(name)?;
        lane_of(file, name, entry).ok()
    }

    /// What one call may use.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let number = |key: &str| match self.find(key) {
            Some(Value::Number(number)) => u64::try_from(number).unwrap_or_default(),
            _ => 0,
        };
        let seconds = |key: &str| match self.find(key) {
            Some(Value::Seconds(seconds)) => Duration::from_secs_f64(seconds),
            _ => Duration::ZERO,
        };
        let size = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
        Limits {
            memory_bytes: size(number("limits.memory-mib") << 20),
            table_elements: size(number("limits.table-elements")),
            handles: size(number("limits.handles")),
            call: seconds("limits.call-seconds"),
            connect: seconds("limits.connect-seconds"),
            first_byte: seconds("limits.first-byte-seconds"),
            between_bytes: seconds("limits.between-bytes-seconds"),
            answer_bytes: number("limits.answer-mib") << 20,
        }
    }

    /// How many calls may run at once.
    pub(crate) fn calls_at_once(&self) -> AtOnce {
        AtOnce {
            all: self.size(CALLS_AT_ONCE),
            app: self.size(APP_CALLS_AT_ONCE),
        }
    }

    /// How instances are kept for later calls.
    pub(crate) fn warm_policy(&self) -> WarmPolicy {
        let idle = match self.find("instances.idle-seconds") {
            Some(Value::Seconds(seconds)) => Duration::from_secs_f64(seconds),
            _ => Duration::ZERO,
        };
        WarmPolicy {
            most: self.size("instances.warm"),
            calls: u32::try_from(self.size("instances.calls")).unwrap_or(u32::MAX),
            idle,
            memory_bytes: self.size("instances.memory-mib") << 20,
        }
    }

    /// A whole number that is not negative.
    fn size(&self, key: &str) -> usize {
        match self.find(key) {
            Some(Value::Number(number)) => usize::try_from(number).unwrap_or_default(),
            _ => 0,
        }
    }

    /// Takes in everything that is in force: the texts of all levels, and what the caller gave.
    pub(crate) fn hash_into(&self, hasher: &mut blake3::Hasher) {
        for file in &self.files {
            let text = file.whole_text();
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        hasher.update(format!("{:?}", self.overrides).as_bytes());
    }

    /// How fast requests go, and how patiently those that went wrong are made again.
    #[must_use]
    pub fn pacing(&self) -> Pacing {
        let number = |key: &str| match self.find(key) {
            Some(Value::Number(number)) => u32::try_from(number).ok(),
            _ => None,
        };
        let first_wait = match self.find("retry.first-wait-seconds") {
            Some(Value::Seconds(seconds)) => Duration::from_secs_f64(seconds),
            _ => Retry::default().first_wait,
        };
        Pacing {
            retry: Retry {
                attempts: number("retry.attempts").unwrap_or_default(),
                first_wait,
            },
            per_second: number("network.requests-per-second").map(f64::from),
        }
    }

    /// The way to sites.
    pub(crate) fn route(&self) -> Route {
        let path = |key: &str| self.text(key).map(PathBuf::from);
        let proxy = self.text("network.proxy").and_then(|text| {
            // Settings are checked when they are read.
            let uri = proxy_uri(&text).ok()?;
            Some(Proxy {
                uri,
                authorization_file: path("network.proxy-authorization-file"),
            })
        });
        Route {
            ca_file: path("network.ca-file"),
            proxy,
        }
    }

    /// The quota that connections of OAuth apps share, and in whose name this scope spends.
    pub(crate) fn quota(&self) -> Option<Quota> {
        let setting = Setting::find("network.points-per-hour")?;
        let (Some(Value::Number(per_hour)), source) = self.value(setting) else {
            return None;
        };
        let owner = match source {
            Source::File { level, .. } => level.as_str().to_owned(),
            _ => String::new(),
        };
        Some(Quota {
            owner,
            per_hour: u64::try_from(per_hour).unwrap_or_default(),
            tenant: self.scope.path(Level::App).as_str().to_owned(),
        })
    }

    /// Whether the network settings let a connection lead to an endpoint.
    ///
    /// # Errors
    ///
    /// What forbids it, and which level says so.
    pub fn allows(&self, endpoint: &Endpoint) -> Result<(), NotAllowed> {
        if endpoint.is_loopback() {
            return match self.find("network.allow-loopback") {
                Some(Value::Switch(true)) => Ok(()),
                _ => Err(NotAllowed::Loopback {
                    endpoint: endpoint.to_string(),
                }),
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
            let source = Setting::find("network.allow-sites")
                .map_or(Source::Default, |setting| self.value(setting).1);
            Err(NotAllowed::Site {
                host: host.to_owned(),
                origin: source.to_string(),
            })
        }
    }

    /// The most bytes of a downloaded file, and who says so.
    pub(crate) fn most_download_bytes(&self) -> (u64, Source) {
        let (value, source) = self.located("download.file-mib");
        let mebibytes = match value {
            Some(Value::Number(number)) => u64::try_from(number).unwrap_or_default(),
            _ => 0,
        };
        (mebibytes << 20, source)
    }

    /// The media types of files that may be downloaded, and who says so.
    pub(crate) fn download_media_types(&self) -> (Vec<String>, Source) {
        let source = self.located("download.allow-media-types").1;
        (self.list("download.allow-media-types"), source)
    }

    /// The hosts that files may be downloaded from, and who says so.
    pub(crate) fn download_hosts(&self) -> (Vec<String>, Source) {
        let source = self.located("download.allow-hosts").1;
        (self.list("download.allow-hosts"), source)
    }

    /// The hosts that may be asked beside the site.
    pub(crate) fn allowed_hosts(&self) -> AllowedHosts {
        AllowedHosts {
            app: self.scope.path(Level::App),
            // Files are read strictly, so that each one parses.
            entries: parsed(&self.list(ALLOW_HOSTS))
                .map(|(_, host)| host)
                .collect(),
        }
    }

    fn located(&self, key: &str) -> (Option<Value>, Source) {
        Setting::find(key).map_or((None, Source::Default), |setting| self.value(setting))
    }

    /// The component that is called: a digest, or `embedded`, and where that comes from.
    pub(crate) fn component(&self) -> (String, Source) {
        Setting::find("component.digest").map_or_else(
            || (String::new(), Source::Default),
            |setting| match self.value(setting) {
                (Some(Value::Text(digest)), source) => (digest, source),
                (_, source) => (String::new(), source),
            },
        )
    }

    /// The keys of which one must have signed a component, and who says so; `None` where nobody
    /// asks for a signature.
    pub(crate) fn trusted_signers(&self) -> Option<(Vec<PublicKey>, Source)> {
        let (value, source) = self.located("component.signed-by");
        let Some(Value::List(keys)) = value else {
            return None;
        };
        let keys = keys.iter().filter_map(|key| key.parse().ok()).collect();
        Some((keys, source))
    }

    /// The names of the interfaces that a component may import.
    pub(crate) fn allowed_imports(&self) -> Vec<String> {
        self.list("component.allow-imports")
    }

    /// The names of the interfaces that a component must export.
    pub(crate) fn required_exports(&self) -> Vec<String> {
        self.list("component.require-exports")
    }

    /// The texts of a setting that is a list.
    fn list(&self, key: &str) -> Vec<String> {
        match self.find(key) {
            Some(Value::List(texts)) => texts,
            _ => Vec::new(),
        }
    }

    /// The text of a setting, where there is one.
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        match self.find(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn find(&self, key: &str) -> Option<Value> {
        self.value(Setting::find(key)?).0
    }

    /// Every setting and every connection in force, with where it comes from.
    #[must_use]
    pub fn explain(&self) -> Vec<Explained> {
        let fixed_by =
            |key: &str| fixed(&self.files, key).map(|(file, mark)| source(file, mark.line));
        let settings = SETTINGS.iter().map(|setting| {
            let (value, source) = self.value(setting);
            Explained {
                key: setting.key.to_owned(),
                value: value.map(|value| value.to_json()),
                source,
                fixed_by: fixed_by(setting.key),
            }
        });
        let connections = self.connection_names().into_iter().filter_map(|name| {
            let (file, entry) = self.connection(name)?;
            let key = format!("{CONNECTIONS}.{name}");
            Some(Explained {
                value: Some(entry.definition.to_json()),
                source: source(file, entry.line),
                fixed_by: fixed_by(&key),
                key,
            })
        });
        settings.chain(connections).collect()
    }
}

/// Why the network settings do not let a connection lead somewhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAllowed {
    /// It is on this machine.
    #[error("the endpoint `{endpoint}` is on this machine, which the cluster level does not allow")]
    Loopback {
        /// The endpoint.
        endpoint: String,
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

impl NotAllowed {
    /// A stable word for this very refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Loopback { .. } => "endpoint-loopback",
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
            Self::Site { .. } => "a level restricts the sites of connections",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn resolution(&self) -> String {
        match self {
            Self::Loopback { .. } => {
                "if this is meant: `host-runner config set network.allow-loopback true --level cluster`".to_owned()
            }
            Self::Site { host, .. } => format!(
                "check the address, or ask the owner of that level to add `{host}` to `network.allow-sites`"
            ),
        }
    }
}

/// Whose concurrency a connection uses. A lender is one of the same level, so that an app's slow
/// site does not take the places of the cluster's; and it has a concurrency of its own, so that
/// nobody has to follow a chain.
fn lane_of(
    file: &LevelFile,
    name: &ConnectionName,
    entry: &ConnectionEntry,
) -> Result<Lane, String> {
    let lane = |owner: &ConnectionName, concurrency| Lane {
        owner: format!("{} {owner}", file.level),
        concurrency,
    };
    let Some(lender) = &entry.definition.borrow_concurrency_from else {
        return Ok(lane(name, entry.definition.concurrency));
    };
    match file.connections.get(lender) {
        None => Err(format!(
            "`{name}` borrows its concurrency from a connection that level `{}` does not have",
            file.level
        )),
        Some(lending) if lending.definition.borrow_concurrency_from.is_some() => Err(format!(
            "`{name}` borrows its concurrency from `{lender}`, which borrows its own"
        )),
        Some(lending) => Ok(lane(lender, lending.definition.concurrency)),
    }
}

/// The hosts of a list that parse, with their texts.
fn parsed(texts: &[String]) -> impl Iterator<Item = (&str, AllowedHost)> {
    texts
        .iter()
        .filter_map(|text| Some((text.as_str(), text.parse().ok()?)))
}

/// What is wrong with the hosts that a file allows, when a wider level's list does not have one.
///
/// Each host is a way for what a component reads to leave. A level that has a list has therefore
/// decided for all below it, without having to fix the setting.
fn beyond(file: &LevelFile, wider: &[Arc<LevelFile>]) -> Option<Problem> {
    let hosts = |file: &LevelFile| match file.values.get(ALLOW_HOSTS) {
        Some(Located {
            value: Value::List(texts),
            line,
            key_range,
        }) => Some((texts.clone(), *line, key_range.clone())),
        _ => None,
    };
    let (texts, _, range) = hosts(file)?;
    // From the widest, whose word is the last.
    wider.iter().rev().find_map(|wide| {
        let (most, line, _) = hosts(wide)?;
        let most: Vec<AllowedHost> = parsed(&most).map(|(_, host)| host).collect();
        let (text, _) =
            parsed(&texts).find(|(_, host)| !most.iter().any(|most| most.covers(host)))?;
        Some(Problem {
            kind: ProblemKind::Wider,
            file: file.path.clone(),
            place: Some(file.place(ALLOW_HOSTS, range.clone())),
            message: format!(
                "`{ALLOW_HOSTS}` has `{text}`, which the list of level `{}` ({}:{line}) does not",
                wide.level,
                wide.path.display()
            ),
            fix: Some("remove it here, or ask the owner of that file to add it there".to_owned()),
            key: Some(ALLOW_HOSTS.to_owned()),
        })
    })
}

fn source(file: &LevelFile, line: usize) -> Source {
    Source::File {
        level: file.level.clone(),
        file: file.path.clone(),
        line,
    }
}

/// The widest of `files` that fixes `key`.
fn fixed<'a>(files: &'a [Arc<LevelFile>], key: &str) -> Option<(&'a LevelFile, &'a FinalMark)> {
    files.iter().rev().find_map(|file| {
        let mark = file.finals.iter().find(|mark| mark.covers(key))?;
        Some((&**file, mark))
    })
}

/// Whether a pattern of hosts has a host.
pub(crate) fn matches_host(pattern: &str, host: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let (pattern, host) = (pattern.to_ascii_lowercase(), host.to_ascii_lowercase());
    match pattern.strip_prefix("*.") {
        Some(suffix) => host
            .strip_suffix(suffix)
            .is_some_and(|front| front.len() > 1 && front.ends_with('.')),
        None => pattern == host,
    }
}
