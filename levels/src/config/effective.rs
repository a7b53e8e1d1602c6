//! The values in force for a scope, and where each comes from.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::file::{
    CONNECTIONS, ConnectionEntry, LevelFile, Located, LockMark, OAUTH_APPS, OauthAppEntry, SYNCS,
    SyncEntry,
};
use super::precedence::{Excess, Precedence};
use super::problem::{ConfigError, Problem, ProblemKind};
use super::setting::{Setting, Settings};
use super::value::Value;
use crate::connection::{ConcurrencyLimit, ConnectionDefinition, ConnectionName};
use crate::level::{Level, LevelPath, Scope};
use crate::oauth_app::OauthAppName;
use crate::plain_name::PlainName;
use crate::remedy::Remedy;
use crate::sync::SyncName;

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
    /// An environment variable.
    Variable {
        /// Its name.
        name: String,
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
            Self::Variable { name } => write!(f, "variable `{name}`"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A setting in force, as `config explain` tells it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EffectiveSetting {
    /// The setting: `limits.memory-mib`, or `connections.NAME`.
    pub key: String,
    /// Its value. `None` for one that has none by nature and that no level sets.
    pub value: Option<serde_json::Value>,
    /// Where the value comes from.
    pub source: Source,
    /// The level that locked it for all narrower ones, and the line that says so.
    pub locked_by: Option<Source>,
    /// What the value has to be within: that of the next wider level that has one, of a setting that
    /// narrower levels can only restrict.
    pub within: Option<WiderValue>,
}

/// The value that a wider level has for a setting.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WiderValue {
    /// The value.
    pub value: serde_json::Value,
    /// The level that has it.
    pub source: Source,
}

/// The values in force for a scope.
#[derive(Debug, Clone)]
pub struct Effective {
    settings: Settings,
    scope: Scope,
    /// From the narrowest to the widest.
    files: Vec<Arc<LevelFile>>,
    overrides: BTreeMap<&'static str, Value>,
}

impl Effective {
    pub(super) fn new(
        settings: Settings,
        scope: Scope,
        files: Vec<Arc<LevelFile>>,
        overrides: &[(&'static str, Value)],
    ) -> Result<Self, ConfigError> {
        let effective = Self {
            settings,
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
    #[must_use]
    pub fn defaults(settings: Settings) -> Self {
        Self {
            settings,
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

    /// Settings that a wider level has locked, values that go beyond those of a wider level, and
    /// references to connections that there are not.
    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (index, file) in self.files.iter().enumerate() {
            let wider = self.files.get(index + 1..).unwrap_or_default();
            for (key, range) in file.keys() {
                if let Some((level, mark)) = locked(wider, &key) {
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
                        remedy: None,
                    });
                }
            }
        }
        for (index, file) in self.files.iter().enumerate() {
            let wider = self.files.get(index + 1..).unwrap_or_default();
            problems.extend(beyond(self.settings, file, wider));
        }
        problems.extend(self.overrides.iter().filter_map(|(key, value)| {
            // The program that embeds this host may go beyond a default.
            let wider = widest_exceeded(self.settings, &self.files, key, value)
                .filter(|wider| wider.file.is_some() && locked(&self.files, key).is_none())?;
            Some(Problem {
                kind: ProblemKind::Wider,
                file: wider.file.clone().unwrap_or_default(),
                place: None,
                message: format!(
                    "{}, and was given by the caller",
                    wider.excess.message(key, value, &wider.value, &wider.place)
                ),
                fix: Some(format!("omit the value of `{key}`")),
                key: Some((*key).to_owned()),
                remedy: Some(Remedy::OmitOverride {
                    key: (*key).to_owned(),
                }),
            })
        }));
        for key in self.overrides.keys() {
            if let Some((level, mark)) = locked(&self.files, key) {
                problems.push(Problem {
                    kind: ProblemKind::Final,
                    file: level.path.clone(),
                    place: None,
                    message: format!(
                        "`{key}` is locked by level `{}` in line {}, but was given by the caller",
                        level.level, mark.line
                    ),
                    fix: Some(format!("omit the value of `{key}`")),
                    key: Some((*key).to_owned()),
                    remedy: Some(Remedy::OmitOverride {
                        key: (*key).to_owned(),
                    }),
                });
            }
        }
        for file in &self.files {
            for (name, entry) in &file.connections {
                if let Err(message) = concurrency_limit_of(file, name, entry) {
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
                        remedy: None,
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
    pub fn connection(&self, name: &ConnectionName) -> Option<(&LevelFile, &ConnectionEntry)> {
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
        self.names(|file| &file.connections)
    }

    /// The OAuth app of a name for what is at `level`: that of the narrowest level that has one, from
    /// `level` on. What a narrower level has is not for what a wider level refers to.
    #[must_use]
    pub fn oauth_app(
        &self,
        name: &OauthAppName,
        level: Level,
    ) -> Option<(&LevelFile, &OauthAppEntry)> {
        self.files
            .iter()
            .filter(|file| file.level.level() == level || file.level.level().is_wider_than(level))
            .find_map(|file| Some((&**file, file.oauth_apps.get(name)?)))
    }

    /// The names of all OAuth apps in force, sorted.
    #[must_use]
    pub fn oauth_app_names(&self) -> Vec<&OauthAppName> {
        self.names(|file| &file.oauth_apps)
    }

    /// The sync of a name: the narrowest level's that has one, whole.
    #[must_use]
    pub fn sync(&self, name: &SyncName) -> Option<(&LevelFile, &SyncEntry)> {
        self.files
            .iter()
            .find_map(|file| Some((&**file, file.syncs.get(name)?)))
    }

    /// The names of all syncs in force, sorted.
    #[must_use]
    pub fn sync_names(&self) -> Vec<&SyncName> {
        self.names(|file| &file.syncs)
    }

    /// The names of all records of a kind, sorted.
    fn names<'a, T: 'a>(
        &'a self,
        of: impl Fn(&LevelFile) -> &BTreeMap<PlainName, T>,
    ) -> Vec<&'a PlainName> {
        let names: BTreeSet<&PlainName> =
            self.files.iter().flat_map(|file| of(file).keys()).collect();
        names.into_iter().collect()
    }

    /// The name of the connection that calls go over.
    #[must_use]
    pub fn connection_name(&self) -> ConnectionName {
        self.text("connection")
            .and_then(|name| name.parse().ok())
            .unwrap_or_else(ConnectionName::default_name)
    }

    /// Whose concurrency the connection of a name uses.
    #[must_use]
    pub fn concurrency_limit(&self, name: &ConnectionName) -> Option<ConcurrencyLimit> {
        let (file, entry) = self.connection(name)?;
        concurrency_limit_of(file, name, entry).ok()
    }

    /// Passes everything that is in force to `take`, in pieces: the texts of all levels, and the
    /// caller's own values. Where any of it differs, the bytes differ.
    pub fn fingerprint(&self, mut take: impl FnMut(&[u8])) {
        for file in &self.files {
            let text = file.whole_text();
            take(&(text.len() as u64).to_le_bytes());
            take(text.as_bytes());
        }
        take(format!("{:?}", self.overrides).as_bytes());
    }

    /// The value of the setting of a name, and where it comes from.
    #[must_use]
    pub fn located(&self, key: &str) -> (Option<Value>, Source) {
        self.settings
            .find(key)
            .map_or((None, Source::Default), |setting| self.value(setting))
    }

    /// The value of a setting that is a switch. `false` where there is none.
    #[must_use]
    pub fn switch(&self, key: &str) -> bool {
        matches!(self.find(key), Some(Value::Switch(true)))
    }

    /// The value of a setting that is a whole number.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<i64> {
        match self.find(key) {
            Some(Value::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// The value of a setting that is a whole number and not negative. 0 where there is none.
    #[must_use]
    pub fn size(&self, key: &str) -> usize {
        let number = self.number(key).unwrap_or_default();
        usize::try_from(number).unwrap_or_default()
    }

    /// The value of a setting in seconds.
    #[must_use]
    pub fn seconds(&self, key: &str) -> Option<Duration> {
        match self.find(key) {
            Some(Value::Seconds(seconds)) => Some(Duration::from_secs_f64(seconds)),
            _ => None,
        }
    }

    /// The texts of a setting that is a list. Empty where there is none.
    #[must_use]
    pub fn list(&self, key: &str) -> Vec<String> {
        match self.find(key) {
            Some(Value::List(texts)) => texts,
            _ => Vec::new(),
        }
    }

    /// The text of a setting.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        match self.find(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn find(&self, key: &str) -> Option<Value> {
        self.value(self.settings.find(key)?).0
    }

    /// The values that the caller and the files have for a setting, from the caller's on, each with the
    /// level that it comes from; `None` is the caller's.
    pub fn all_values<'a>(
        &'a self,
        key: &'a str,
    ) -> impl Iterator<Item = (Option<&'a LevelPath>, &'a Value)> {
        let of_caller = self.overrides.get(key).map(|value| (None, value));
        let of_files = self.files.iter().filter_map(move |file| {
            let located = file.values.get(key)?;
            Some((Some(&file.level), &located.value))
        });
        of_caller.into_iter().chain(of_files)
    }

    /// The value of the level after the one that supplies a setting, where that bounds it.
    fn within(&self, setting: &Setting) -> Option<WiderValue> {
        setting.precedence.bound()?;
        let supplies = usize::from(!self.overrides.contains_key(setting.key));
        let mut values = self.files.iter().filter_map(|file| {
            let located = file.values.get(setting.key)?;
            Some(WiderValue {
                value: located.value.to_json(),
                source: source(file, located.line),
            })
        });
        values.nth(supplies)
    }

    /// Every setting and every connection in force, with where it comes from.
    #[must_use]
    pub fn explain(&self) -> Vec<EffectiveSetting> {
        let locked_by =
            |key: &str| locked(&self.files, key).map(|(file, mark)| source(file, mark.line));
        let settings = self.settings.iter().map(|setting| {
            let (value, source) = self.value(setting);
            EffectiveSetting {
                key: setting.key.to_owned(),
                value: value.map(|value| value.to_json()),
                source,
                locked_by: locked_by(setting.key),
                within: self.within(setting),
            }
        });
        let record =
            |table: &str, name: &PlainName, value: serde_json::Value, file: &LevelFile, line| {
                let key = format!("{table}.{name}");
                EffectiveSetting {
                    value: Some(value),
                    source: source(file, line),
                    locked_by: locked_by(&key),
                    within: None,
                    key,
                }
            };
        let connections = self.connection_names().into_iter().filter_map(|name| {
            let (file, entry) = self.connection(name)?;
            let value = entry.definition.to_json();
            Some(record(CONNECTIONS, name, value, file, entry.line))
        });
        let apps = self.oauth_app_names().into_iter().filter_map(|name| {
            let (file, entry) = self.oauth_app(name, Level::App)?;
            Some(record(
                OAUTH_APPS,
                name,
                entry.app.to_json(),
                file,
                entry.line,
            ))
        });
        let syncs = self.sync_names().into_iter().filter_map(|name| {
            let (file, entry) = self.sync(name)?;
            let value = entry.definition.to_json();
            Some(record(SYNCS, name, value, file, entry.line))
        });
        settings
            .chain(connections)
            .chain(apps)
            .chain(syncs)
            .collect()
    }
}

/// Whose concurrency a connection uses. A lender is one of the same level, so that an app's slow
/// site does not take the places of the cluster's; and it has a concurrency of its own, so that
/// nobody has to follow a chain.
fn concurrency_limit_of(
    file: &LevelFile,
    name: &ConnectionName,
    entry: &ConnectionEntry,
) -> Result<ConcurrencyLimit, String> {
    let concurrency_limit = |owner: &ConnectionName, concurrency| ConcurrencyLimit {
        owner: format!("{} {owner}", file.level),
        concurrency,
    };
    let Some(lender) = &entry.definition.borrow_concurrency_from else {
        return Ok(concurrency_limit(name, entry.definition.concurrency));
    };
    match file.connections.get(lender) {
        None => Err(format!(
            "`{name}` borrows its concurrency from a connection that level `{}` does not have",
            file.level
        )),
        Some(lending) if lending.definition.borrow_concurrency_from.is_some() => Err(format!(
            "`{name}` borrows its concurrency from `{lender}`, which borrows its own"
        )),
        Some(lending) => Ok(concurrency_limit(lender, lending.definition.concurrency)),
    }
}

/// The values of a file that go beyond those of wider levels.
fn beyond(settings: Settings, file: &LevelFile, wider: &[Arc<LevelFile>]) -> Vec<Problem> {
    if file.level.level() == Level::Cluster {
        return Vec::new();
    }
    let problem = |(key, own): (&&'static str, &Located)| {
        // That a setting is locked says enough.
        let exceeded = widest_exceeded(settings, wider, key, &own.value)
            .filter(|_| locked(wider, key).is_none())?;
        let Exceeded { value, place, .. } = &exceeded;
        Some(Problem {
            kind: ProblemKind::Wider,
            file: file.path.clone(),
            place: Some(file.place(key, own.key_range.clone())),
            message: exceeded.excess.message(key, &own.value, value, place),
            fix: Some(match exceeded.file {
                Some(_) => exceeded.excess.fix(value),
                None => format!(
                    "set at most {value} here, or ask whoever maintains `cluster.toml` to set another maximum there"
                ),
            }),
            key: Some((*key).to_owned()),
            remedy: None,
        })
    };
    file.values.iter().filter_map(problem).collect()
}

/// A wider value that a narrower one goes beyond.
struct Exceeded {
    value: Value,
    /// Where the value comes from.
    place: String,
    file: Option<PathBuf>,
    excess: Excess,
}

/// The widest value of `files`, or the default where that is a bound, that a narrower value goes
/// beyond.
fn widest_exceeded(
    settings: Settings,
    files: &[Arc<LevelFile>],
    key: &str,
    narrow: &Value,
) -> Option<Exceeded> {
    let setting = settings.find(key)?;
    let default = match setting.precedence {
        Precedence::RestrictsDefault(_) if !is_set_by_cluster(files, key) => setting.default(),
        _ => None,
    };
    let default = default.map(|value| (value, Source::Default, None));
    let of_files = files.iter().rev().filter_map(|file| {
        let located = file.values.get(key)?;
        let source = source(file, located.line);
        Some((located.value.clone(), source, Some(file.path.clone())))
    });
    default
        .into_iter()
        .chain(of_files)
        .find_map(|(value, source, file)| {
            let excess = setting.precedence.excess(&value, narrow)?;
            let place = match source {
                Source::Default => "the default".to_owned(),
                source => source.to_string(),
            };
            Some(Exceeded {
                value,
                place,
                file,
                excess,
            })
        })
}

fn is_set_by_cluster(files: &[Arc<LevelFile>], key: &str) -> bool {
    files
        .iter()
        .any(|file| file.level.level() == Level::Cluster && file.values.contains_key(key))
}

fn source(file: &LevelFile, line: usize) -> Source {
    if let Some(name) = file.variable() {
        return Source::Variable {
            name: name.to_owned(),
        };
    }
    Source::File {
        level: file.level.clone(),
        file: file.path.clone(),
        line,
    }
}

/// The widest of `files` that locks `key`.
fn locked<'a>(files: &'a [Arc<LevelFile>], key: &str) -> Option<(&'a LevelFile, &'a LockMark)> {
    files.iter().rev().find_map(|file| {
        let mark = file.locks.iter().find(|mark| mark.covers(key))?;
        Some((&**file, mark))
    })
}
