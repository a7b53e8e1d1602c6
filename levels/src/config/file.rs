//! One level's file, read strictly.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml_edit::{Document, Item, Key, TableLike};

use super::precedence::Precedence;
use super::problem::{ConfigError, Lines, Place, Problem, ProblemKind, Show};
use super::setting::{
    CONNECTION_FIELDS, Check, Field, Kind, MAX_SECONDS, MIN_SECONDS, OAUTH_APP_FIELDS, SYNC_FIELDS,
    Setting, Settings, USUAL_CONCURRENCY,
};
use super::sync_record;
use super::value::Value;
use crate::connection::{ConnectionDefinition, ConnectionName, Endpoint, Scheme, TokenKind};
use crate::level::{Level, LevelPath};
use crate::oauth_app::{MAX_SCOPES, OauthApp, OauthAppName, RedirectUri};
use crate::plain_name::PlainName;
use crate::remedy::Remedy;
use crate::sync::{SyncDefinition, SyncName};
use crate::text::closest;

/// The key that lists the settings which narrower levels cannot set.
pub(super) const LOCKED: &str = "locked";

/// The former name of [`LOCKED`]. Both are read, and can be in one file.
pub(super) const FINAL: &str = "final";

/// Most mistakes of one file that are told. Who has made more reads the first ones.
const MAX_PROBLEMS: usize = 50;

/// Most connections of one file. Each is read for every call of the file's level.
const MAX_CONNECTIONS: usize = 1000;

/// Most syncs of one file.
const MAX_SYNCS: usize = 1000;

/// The table of connections.
pub(super) const CONNECTIONS: &str = "connections";

/// The table of OAuth apps.
pub(super) const OAUTH_APPS: &str = "oauth-apps";

/// The table of syncs.
pub(super) const SYNCS: &str = "syncs";

/// What one level's file holds.
#[derive(Debug, Clone)]
pub struct LevelFile {
    pub(super) level: LevelPath,
    pub(super) path: PathBuf,
    pub(super) values: BTreeMap<&'static str, Located>,
    pub(super) connections: BTreeMap<ConnectionName, ConnectionEntry>,
    pub(super) oauth_apps: BTreeMap<OauthAppName, OauthAppEntry>,
    pub(super) syncs: BTreeMap<SyncName, SyncEntry>,
    pub(super) locks: Vec<LockMark>,
    settings: Settings,
    lines: Lines,
    /// The environment variable that has it in place of a file.
    variable: Option<String>,
}

/// A value, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Located {
    pub(super) value: Value,
    pub(super) key_range: Range<usize>,
    pub(super) line: usize,
}

/// A connection of a file, and where it stands.
#[derive(Debug, Clone)]
pub struct ConnectionEntry {
    /// What the connection is.
    pub definition: ConnectionDefinition,
    /// The line of its name, from 1.
    pub line: usize,
    pub(super) key_range: Range<usize>,
}

/// An OAuth app of a file, and where it is.
#[derive(Debug, Clone)]
pub struct OauthAppEntry {
    /// What the app is.
    pub app: OauthApp,
    /// The line of its name, from 1.
    pub line: usize,
    pub(super) key_range: Range<usize>,
}

/// A sync of a file, and where it is.
#[derive(Debug, Clone)]
pub struct SyncEntry {
    /// What the sync is.
    pub definition: SyncDefinition,
    /// The line of its name, from 1.
    pub line: usize,
    pub(super) key_range: Range<usize>,
}

/// A record that is being read: a table under its name, such as a connection.
struct Record<'a> {
    name: PlainName,
    /// Its key from the top: `connections.NAME`.
    full: String,
    /// The line of its name, from 1.
    line: usize,
    key_range: Range<usize>,
    fields: &'a dyn TableLike,
}

/// A setting, or a whole table of them, that narrower levels may not have.
#[derive(Debug, Clone)]
pub(super) struct LockMark {
    pub(super) key: String,
    pub(super) line: usize,
}

impl LockMark {
    /// Whether this locks the setting `key`.
    pub(super) fn covers(&self, key: &str) -> bool {
        key == self.key
            || key
                .strip_prefix(&self.key)
                .is_some_and(|rest| rest.starts_with('.'))
    }
}

impl LevelFile {
    /// Reads the text of a level's file, which may have these settings. `path` is for messages.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Invalid`] with every mistake that there is, or the first one of syntax.
    pub fn parse(
        settings: Settings,
        text: &str,
        level: &LevelPath,
        path: &Path,
    ) -> Result<Self, ConfigError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = Reader {
            settings,
            lines: Lines::of(text),
            level,
            path,
            problems: Vec::new(),
        };
        let document = match Document::parse(text) {
            Ok(document) => document,
            Err(error) => {
                let range = error.span().unwrap_or(0..0);
                reader.problem(
                    ProblemKind::Syntax,
                    Some(range),
                    None,
                    format!("this is not TOML: {}", error.message().replace('\n', ", ")),
                    None,
                );
                return Err(ConfigError::Invalid {
                    problems: reader.problems,
                });
            }
        };
        let mut file = Self {
            level: level.clone(),
            path: path.to_owned(),
            values: BTreeMap::new(),
            connections: BTreeMap::new(),
            oauth_apps: BTreeMap::new(),
            syncs: BTreeMap::new(),
            locks: Vec::new(),
            settings,
            lines: reader.lines.clone(),
            variable: None,
        };
        reader.table(document.as_table(), "", &mut file);
        if reader.problems.is_empty() {
            Ok(file)
        } else {
            Err(ConfigError::Invalid {
                problems: reader.problems,
            })
        }
    }

    /// What an environment variable has in place of a file.
    pub(super) fn of_variable(
        settings: Settings,
        name: &str,
        text: &str,
        level: &LevelPath,
    ) -> Result<Self, ConfigError> {
        let path = PathBuf::from(format!("variable {name}"));
        let mut file = Self::parse(settings, text, level, &path)?;
        file.variable = Some(name.to_owned());
        Ok(file)
    }

    /// The environment variable that has it, where it is no file.
    #[must_use]
    pub fn variable(&self) -> Option<&str> {
        self.variable.as_deref()
    }

    /// The level.
    #[must_use]
    pub fn level(&self) -> &LevelPath {
        &self.level
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole text that was read.
    pub(super) fn whole_text(&self) -> &str {
        self.lines.text()
    }

    /// A connection that stands in this file.
    #[must_use]
    pub fn connection(&self, name: &ConnectionName) -> Option<&ConnectionEntry> {
        self.connections.get(name)
    }

    /// An OAuth app that this file has.
    #[must_use]
    pub fn oauth_app(&self, name: &OauthAppName) -> Option<&OauthAppEntry> {
        self.oauth_apps.get(name)
    }

    /// A sync that this file has.
    #[must_use]
    pub fn sync(&self, name: &SyncName) -> Option<&SyncEntry> {
        self.syncs.get(name)
    }

    /// What the file has: keys, values and lines.
    pub fn entries(&self) -> impl Iterator<Item = (String, serde_json::Value, usize)> + '_ {
        let values = self
            .values
            .iter()
            .map(|(key, located)| ((*key).to_owned(), located.value.to_json(), located.line));
        let connections = self.connections.iter().map(|(name, entry)| {
            (
                format!("{CONNECTIONS}.{name}"),
                entry.definition.to_json(),
                entry.line,
            )
        });
        let locks = self.locks.iter().map(|mark| {
            (
                LOCKED.to_owned(),
                serde_json::Value::from(mark.key.as_str()),
                mark.line,
            )
        });
        let apps = self.oauth_apps.iter().map(|(name, entry)| {
            (
                format!("{OAUTH_APPS}.{name}"),
                entry.app.to_json(),
                entry.line,
            )
        });
        let syncs = self.syncs.iter().map(|(name, entry)| {
            (
                format!("{SYNCS}.{name}"),
                entry.definition.to_json(),
                entry.line,
            )
        });
        values
            .chain(connections)
            .chain(apps)
            .chain(syncs)
            .chain(locks)
    }

    /// The text of a setting that stands in this file.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        match &self.values.get(key)?.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The place of a range of this file's text.
    pub(super) fn place(&self, key: &str, range: Range<usize>) -> Place {
        let shown = show(self.settings, Some(key), ProblemKind::Final);
        self.lines.place(range, shown)
    }

    /// The keys that the file has, connections as `connections.NAME`, with their places.
    pub(super) fn keys(&self) -> impl Iterator<Item = (String, Range<usize>)> + '_ {
        let values = self
            .values
            .iter()
            .map(|(key, located)| ((*key).to_owned(), located.key_range.clone()));
        let connections = self
            .connections
            .iter()
            .map(|(name, entry)| (format!("{CONNECTIONS}.{name}"), entry.key_range.clone()));
        let apps = self
            .oauth_apps
            .iter()
            .map(|(name, entry)| (format!("{OAUTH_APPS}.{name}"), entry.key_range.clone()));
        let syncs = self
            .syncs
            .iter()
            .map(|(name, entry)| (format!("{SYNCS}.{name}"), entry.key_range.clone()));
        values.chain(connections).chain(apps).chain(syncs)
    }
}

/// Reads one text and gathers what is wrong with it.
struct Reader<'a> {
    settings: Settings,
    lines: Lines,
    level: &'a LevelPath,
    path: &'a Path,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn problem(
        &mut self,
        kind: ProblemKind,
        range: Option<Range<usize>>,
        key: Option<&str>,
        message: String,
        fix: Option<String>,
    ) {
        if self.problems.len() >= MAX_PROBLEMS {
            return;
        }
        let place = range.map(|range| self.lines.place(range, show(self.settings, key, kind)));
        self.problems.push(Problem {
            kind,
            file: self.path.to_owned(),
            place,
            key: key.map(str::to_owned),
            message,
            fix,
            remedy: None,
        });
    }

    /// A problem whose remedy is known.
    fn remediable(
        &mut self,
        range: Option<Range<usize>>,
        key: &str,
        message: String,
        fix: String,
        remedy: Remedy,
    ) {
        let before = self.problems.len();
        self.problem(
            ProblemKind::UnknownKey,
            range,
            Some(key),
            message,
            Some(fix),
        );
        if let Some(problem) = self.problems.get_mut(before) {
            problem.remedy = Some(remedy);
        }
    }

    fn table(&mut self, table: &dyn TableLike, prefix: &str, file: &mut LevelFile) {
        for (name, key, item) in entries(table) {
            let full = join(prefix, name);
            if is_lock_list(&full) {
                self.locks(key, item, file);
            } else if full == CONNECTIONS {
                self.connections(item, file);
            } else if full == OAUTH_APPS {
                self.oauth_apps(item, file);
            } else if full == SYNCS {
                self.syncs(item, file);
            } else if let Some(setting) = self.settings.find(&full) {
                self.setting(setting, key, item, file);
            } else if is_table_of_settings(self.settings, &full) {
                match item.as_table_like() {
                    Some(inner) => self.table(inner, &full, file),
                    None => self.not_a_table(&full, item),
                }
            } else {
                self.unknown(&full, key, known_keys(self.settings));
            }
        }
    }

    fn not_a_table(&mut self, key: &str, item: &Item) {
        self.problem(
            ProblemKind::WrongType,
            item.span(),
            Some(key),
            format!("`{key}` must be a table, but is {}", type_of(item)),
            Some(format!(
                "write `[{key}]`, and its settings on the lines below"
            )),
        );
    }

    fn unknown(&mut self, full: &str, key: &Key, known: Vec<String>) {
        let last = full.rsplit('.').next().unwrap_or(full);
        if SECRET_KEYS.contains(&last) && full.starts_with(CONNECTIONS) {
            let name = full.split('.').nth(1).and_then(|name| name.parse().ok());
            self.remediable(
                key.span(),
                full,
                format!(
                    "`{full}` does not belong in a file: tokens are stored separately, encrypted"
                ),
                "remove it, revoke the token if it was a real one, and enter a new one".to_owned(),
                Remedy::EnterToken { name, level: None },
            );
            return;
        }
        if SECRET_KEYS.contains(&last) && full.starts_with(OAUTH_APPS) {
            let name = full.split('.').nth(1).and_then(|name| name.parse().ok());
            self.remediable(
                key.span(),
                full,
                format!(
                    "`{full}` does not belong in a file: client secrets are stored separately, encrypted"
                ),
                "remove it, regenerate the secret if it was a real one, and enter the new one".to_owned(),
                Remedy::EnterClientSecret { name, level: None },
            );
            return;
        }
        // A setting under another table is meant more likely than one that only looks alike.
        let mut near: Vec<String> = known
            .iter()
            .filter(|known| known.rsplit('.').next() == Some(last))
            .cloned()
            .collect();
        if near.is_empty() {
            near = closest(full, known.iter().map(String::as_str));
        }
        let message = format!("unknown setting `{full}`");
        if near.is_empty() {
            let remedy = Remedy::ListSettings;
            self.remediable(key.span(), full, message, remedy.to_string(), remedy);
        } else {
            self.problem(
                ProblemKind::UnknownKey,
                key.span(),
                Some(full),
                message,
                Some(format!("did you mean `{}`?", near.join("` or `"))),
            );
        }
    }

    fn setting(&mut self, setting: &'static Setting, key: &Key, item: &Item, file: &mut LevelFile) {
        let is_cluster_only = matches!(setting.precedence, Precedence::ClusterOnly);
        if is_cluster_only && self.level.level() != Level::Cluster {
            self.problem(
                ProblemKind::WrongLevel,
                key.span(),
                Some(setting.key),
                format!("`{}` is a setting of the cluster level alone", setting.key),
                Some("remove it here, and ask the owner of `cluster.toml`".to_owned()),
            );
            return;
        }
        if let Some(value) = self.value(setting.key, setting.kind, item) {
            let key_range = key.span().unwrap_or(0..0);
            let line = self.lines.line(key_range.start);
            file.values.insert(
                setting.key,
                Located {
                    value,
                    key_range,
                    line,
                },
            );
        }
    }

    fn value(&mut self, key: &str, kind: Kind, item: &Item) -> Option<Value> {
        let read = match kind {
            Kind::Switch => item.as_bool().map(|value| Ok(Value::Switch(value))),
            Kind::Number { least, most } => item.as_integer().map(|value| {
                if (least..=most).contains(&value) {
                    Ok(Value::Number(value))
                } else {
                    Err(format!("`{key}` is {value}, and may be {least} to {most}"))
                }
            }),
            Kind::Seconds => item
                .as_float()
                .or_else(|| item.as_integer().map(|value| value as f64))
                .map(|value| {
                    if (MIN_SECONDS..=MAX_SECONDS).contains(&value) {
                        Ok(Value::Seconds(value))
                    } else {
                        Err(format!(
                            "`{key}` is {value}, and may be {MIN_SECONDS} to {MAX_SECONDS} seconds"
                        ))
                    }
                }),
            Kind::Choice(words) => item.as_str().map(|value| {
                if words.contains(&value) {
                    Ok(Value::Text(value.to_owned()))
                } else {
                    Err(format!("`{key}` may be `{}`", words.join("` or `")))
                }
            }),
            Kind::Text(check) => item.as_str().map(|value| checked(key, check, value)),
            Kind::List(check) => item.as_array().and_then(|array| {
                let texts: Option<Vec<String>> = array
                    .iter()
                    .map(|value| value.as_str().map(str::to_owned))
                    .collect();
                texts.map(|texts| {
                    for text in &texts {
                        checked(key, check, text)?;
                    }
                    Ok(Value::List(texts))
                })
            }),
        };
        match read {
            Some(Ok(value)) => Some(value),
            Some(Err(message)) => {
                self.problem(
                    ProblemKind::WrongValue,
                    item.span(),
                    Some(key),
                    message,
                    None,
                );
                None
            }
            None => {
                self.problem(
                    ProblemKind::WrongType,
                    item.span(),
                    Some(key),
                    format!("`{key}` must be {}, but is {}", kind.name(), type_of(item)),
                    None,
                );
                None
            }
        }
    }

    fn locks(&mut self, key: &Key, item: &Item, file: &mut LevelFile) {
        if self.level.level() == Level::App {
            self.problem(
                ProblemKind::WrongLevel,
                key.span(),
                Some(LOCKED),
                "`locked` locks settings for narrower levels, but no level is narrower than an app"
                    .to_owned(),
                Some("remove it here".to_owned()),
            );
            return;
        }
        let Some(array) = item.as_array() else {
            self.problem(
                ProblemKind::WrongType,
                item.span(),
                Some(LOCKED),
                format!(
                    "`locked` must be a list of names of settings, but is {}",
                    type_of(item)
                ),
                None,
            );
            return;
        };
        for value in array {
            let Some(name) = value.as_str() else {
                self.problem(
                    ProblemKind::WrongType,
                    value.span(),
                    Some(LOCKED),
                    "`locked` must contain names of settings, in quotes".to_owned(),
                    None,
                );
                continue;
            };
            if let Err((message, fix)) = check_locked(self.settings, name) {
                self.problem(
                    ProblemKind::UnknownKey,
                    value.span(),
                    Some(LOCKED),
                    message,
                    fix,
                );
                continue;
            }
            let line = self.lines.line(value.span().unwrap_or(0..0).start);
            file.locks.push(LockMark {
                key: name.to_owned(),
                line,
            });
        }
    }

    fn connections(&mut self, item: &Item, file: &mut LevelFile) {
        let count = item.as_table_like().map_or(0, TableLike::len);
        if count > MAX_CONNECTIONS {
            self.problem(
                ProblemKind::WrongValue,
                item.span(),
                Some(CONNECTIONS),
                format!("there are {count} connections, and a level may have {MAX_CONNECTIONS}"),
                Some("define connections at the level of the app that uses them".to_owned()),
            );
            return;
        }
        self.records(CONNECTIONS, "connection's name", item, |reader, record| {
            let definition = reader.connection(&record)?;
            let entry = ConnectionEntry {
                definition,
                line: record.line,
                key_range: record.key_range,
            };
            file.connections.insert(record.name, entry);
            Some(())
        });
    }

    /// Reads a table of records, each a table of its own under its name.
    fn records(
        &mut self,
        table: &str,
        what: &str,
        item: &Item,
        mut read: impl FnMut(&mut Self, Record<'_>) -> Option<()>,
    ) {
        let Some(records) = item.as_table_like() else {
            self.not_a_table(table, item);
            return;
        };
        for (name, key, item) in entries(records) {
            let full = join(table, name);
            let name = match name.parse::<PlainName>() {
                Ok(name) => name,
                Err(error) => {
                    self.problem(
                        ProblemKind::WrongValue,
                        key.span(),
                        Some(&full),
                        format!("this is not a valid {what}: {error}"),
                        None,
                    );
                    continue;
                }
            };
            let Some(fields) = item.as_table_like() else {
                self.not_a_table(&full, item);
                continue;
            };
            let key_range = key.span().unwrap_or(0..0);
            let line = self.lines.line(key_range.start);
            read(
                self,
                Record {
                    name,
                    full,
                    line,
                    key_range,
                    fields,
                },
            );
        }
    }

    /// The values of a record's fields, if none of them is wrong.
    fn fields(
        &mut self,
        record: &Record<'_>,
        known: &'static [Field],
    ) -> Option<BTreeMap<&'static str, Value>> {
        let before = self.problems.len();
        let mut values = BTreeMap::new();
        for (name, key, item) in entries(record.fields) {
            let path = join(&record.full, name);
            match known.iter().find(|field| field.key == name) {
                Some(field) => {
                    if let Some(value) = self.value(&path, field.kind, item) {
                        values.insert(field.key, value);
                    }
                }
                None => {
                    let known = known.iter().map(|field| join(&record.full, field.key));
                    self.unknown(&path, key, known.collect());
                }
            }
        }
        (self.problems.len() == before).then_some(values)
    }

    fn connection(&mut self, record: &Record<'_>) -> Option<ConnectionDefinition> {
        let Record {
            full, key_range, ..
        } = record;
        let mut fields = self.fields(record, CONNECTION_FIELDS)?;
        let mut text = |key: &str| match fields.remove(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        };
        let (site, user) = (text("site"), text("user"));
        let authorization = text("authorization");
        let bearer = authorization.as_deref() == Some("bearer");
        let oauth = authorization.as_deref() == Some("oauth");
        let (app, cloud_id) = (text("oauth-app"), text("cloud-id"));
        let kind = text("token-kind").unwrap_or_default();
        let borrow = text("borrow-concurrency-from");
        let expires = text("token-expires");
        let concurrency = match fields.remove("concurrency") {
            Some(Value::Number(number)) => number,
            _ => USUAL_CONCURRENCY,
        };
        let missing = match (&site, &user, bearer) {
            (None, _, _) => Some("site"),
            _ if oauth && app.is_none() => Some("oauth-app"),
            _ if oauth && cloud_id.is_none() => Some("cloud-id"),
            (_, None, false) if !oauth => Some("user"),
            _ => None,
        };
        let stray = match (oauth, &app, &cloud_id) {
            (false, Some(_), _) => Some("oauth-app"),
            (false, _, Some(_)) => Some("cloud-id"),
            (true, ..) if user.is_some() => Some("user"),
            _ => None,
        };
        if let Some(stray) = stray.filter(|_| missing.is_none()) {
            self.problem(
                ProblemKind::WrongValue,
                Some(key_range.clone()),
                Some(full),
                format!("`{full}` has `{stray}`, which does not go with its `authorization`"),
                Some(format!("remove `{stray}`, or change `authorization`: `oauth` has `oauth-app` and `cloud-id`, `basic` has `user`")),
            );
            return None;
        }
        if let Some(missing) = missing {
            self.problem(
                ProblemKind::Missing,
                Some(key_range.clone()),
                Some(full),
                format!("`{full}` has no `{missing}`"),
                Some("a connection is one record and inherits nothing from wider levels: set all of its fields".to_owned()),
            );
            return None;
        }
        let definition = ConnectionDefinition {
            endpoint: Endpoint::parse_site(&site?).ok()?,
            scheme: match (user, app, cloud_id) {
                (_, Some(app), Some(cloud_id)) if oauth => Scheme::Oauth {
                    app: app.parse().ok()?,
                    cloud_id: cloud_id.parse().ok()?,
                },
                (Some(user), ..) if !bearer => Scheme::Basic { user },
                _ => Scheme::Bearer,
            },
            token_kind: TokenKind::ALL
                .into_iter()
                .find(|known| known.as_str() == kind)
                .unwrap_or_default(),
            concurrency: u8::try_from(concurrency).ok()?,
            borrow_concurrency_from: borrow.and_then(|name| name.parse().ok()),
            token_expires: expires.and_then(|date| date.parse().ok()),
        };
        if let Err(error) = definition.check() {
            self.problem(
                ProblemKind::WrongValue,
                Some(key_range.clone()),
                Some(full),
                error.to_string(),
                None,
            );
            return None;
        }
        Some(definition)
    }
}

impl Reader<'_> {
    fn oauth_apps(&mut self, item: &Item, file: &mut LevelFile) {
        self.records(
            OAUTH_APPS,
            "name of an OAuth app",
            item,
            |reader, record| {
                let app = reader.oauth_app(&record)?;
                let entry = OauthAppEntry {
                    app,
                    line: record.line,
                    key_range: record.key_range,
                };
                file.oauth_apps.insert(record.name, entry);
                Some(())
            },
        );
    }

    fn syncs(&mut self, item: &Item, file: &mut LevelFile) {
        let count = item.as_table_like().map_or(0, TableLike::len);
        if count > MAX_SYNCS {
            self.problem(
                ProblemKind::WrongValue,
                item.span(),
                Some(SYNCS),
                format!("there are {count} syncs, and a level may have {MAX_SYNCS}"),
                Some("define syncs at the level of the app that uses them".to_owned()),
            );
            return;
        }
        self.records(SYNCS, "name of a sync", item, |reader, record| {
            let fields = reader.fields(&record, SYNC_FIELDS)?;
            let Some(definition) = sync_record::definition(fields) else {
                reader.problem(
                    ProblemKind::Missing,
                    Some(record.key_range),
                    Some(&record.full),
                    format!("`{}` has no `to`", record.full),
                    Some(
                        "a sync is one record and inherits nothing from wider levels: set `to`, such as `to = \"sqlite:site.db\"`"
                            .to_owned(),
                    ),
                );
                return None;
            };
            let entry = SyncEntry {
                definition,
                line: record.line,
                key_range: record.key_range,
            };
            file.syncs.insert(record.name, entry);
            Some(())
        });
    }

    fn oauth_app(&mut self, record: &Record<'_>) -> Option<OauthApp> {
        let Record {
            full, key_range, ..
        } = record;
        let mut fields = self.fields(record, OAUTH_APP_FIELDS)?;
        let mut text = |key: &str| match fields.remove(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        };
        let (client_id, redirect_uri) = (text("client-id"), text("redirect-uri"));
        let missing = match (&client_id, &redirect_uri) {
            (None, _) => Some("client-id"),
            (_, None) => Some("redirect-uri"),
            _ => None,
        };
        if let Some(missing) = missing {
            self.problem(
                ProblemKind::Missing,
                Some(key_range.clone()),
                Some(full),
                format!("`{full}` has no `{missing}`"),
                Some("an OAuth app is one record and inherits nothing from wider levels: set `client-id` and `redirect-uri`".to_owned()),
            );
            return None;
        }
        let scopes = match fields.remove("scopes") {
            Some(Value::List(scopes)) if !scopes.is_empty() => Some(scopes),
            _ => None,
        };
        let count = scopes.as_deref().map_or(0, OauthApp::requested);
        if count >= MAX_SCOPES {
            self.problem(
                ProblemKind::WrongValue,
                Some(key_range.clone()),
                Some(full),
                format!(
                    "`{full}.scopes` has {count} scopes with `offline_access`, and Atlassian grants fewer than {MAX_SCOPES} at once"
                ),
                Some("remove those that are not needed".to_owned()),
            );
            return None;
        }
        Some(OauthApp {
            client_id: client_id?,
            redirect_uri: RedirectUri::parse(&redirect_uri?).ok()?,
            scopes,
        })
    }
}

/// What a token could have been called by somebody who puts one into a file.
const SECRET_KEYS: [&str; 10] = [
    "client-secret",
    "client_secret",
    "token",
    "api-token",
    "api_token",
    "apiToken",
    "password",
    "secret",
    "auth",
    "credential",
];

/// How much of a line is shown with a problem. A known setting's line holds no secret, unless what
/// is wrong is a text: an address with a password in it, or a private key in place of the public
/// one. Of other lines nobody knows, since people paste tokens into files.
fn show(settings: Settings, key: Option<&str>, kind: ProblemKind) -> Show {
    let setting = key.and_then(|key| settings.find(key));
    let known = key
        .is_some_and(|key| !key.starts_with("secrets") && (setting.is_some() || is_lock_list(key)));
    let is_text =
        setting.is_some_and(|setting| matches!(setting.kind, Kind::Text(_) | Kind::List(_)));
    match kind {
        ProblemKind::WrongValue | ProblemKind::WrongType if is_text => Show::Key,
        _ if known => Show::Line,
        ProblemKind::Syntax => Show::Nothing,
        _ => Show::Key,
    }
}

fn checked(key: &str, check: Check, text: &str) -> Result<Value, String> {
    check(text)
        .map(|()| Value::Text(text.to_owned()))
        .map_err(|wrong| format!("`{key}` is not valid: {wrong}"))
}

/// Whether a key lists locked settings, by its name or its former name.
pub(super) fn is_lock_list(key: &str) -> bool {
    key == LOCKED || key == FINAL
}

/// Checks a name in `locked`: a setting, a table of settings, `connections`, or a connection.
pub(super) fn check_locked(settings: Settings, name: &str) -> Result<(), (String, Option<String>)> {
    let is_connection = name
        .strip_prefix("connections.")
        .or_else(|| name.strip_prefix("oauth-apps."))
        .or_else(|| name.strip_prefix("syncs."))
        .is_some_and(|name| name.parse::<ConnectionName>().is_ok());
    if settings.find(name).is_some()
        || is_table_of_settings(settings, name)
        || name == CONNECTIONS
        || name == OAUTH_APPS
        || name == SYNCS
        || is_connection
    {
        return Ok(());
    }
    let near = closest(name, known_keys(settings).iter().map(String::as_str));
    let fix = (!near.is_empty()).then(|| format!("did you mean `{}`?", near.join("` or `")));
    Err((
        format!("`locked` contains `{name}`, which is not a setting"),
        fix,
    ))
}

/// Whether settings stand below `key`.
pub(super) fn is_table_of_settings(settings: Settings, key: &str) -> bool {
    settings.iter().any(|setting| {
        setting
            .key
            .strip_prefix(key)
            .is_some_and(|rest| rest.starts_with('.'))
    })
}

/// Everything that may stand in a file, outside of connections.
fn known_keys(settings: Settings) -> Vec<String> {
    settings
        .iter()
        .map(|setting| setting.key.to_owned())
        .chain([LOCKED, CONNECTIONS, OAUTH_APPS, SYNCS].map(str::to_owned))
        .collect()
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}.{name}")
    }
}

fn entries(table: &dyn TableLike) -> impl Iterator<Item = (&str, &Key, &Item)> {
    table.iter().filter_map(|(name, _)| {
        table
            .get_key_value(name)
            .map(|(key, item)| (name, key, item))
    })
}

fn type_of(item: &Item) -> &'static str {
    match item.type_name() {
        "string" => "a string",
        "integer" => "an integer",
        "float" => "a decimal number",
        "boolean" => "`true` or `false`",
        "datetime" => "a date",
        "array" => "a list",
        "array of tables" => "a list of tables (`[[…]]`)",
        "inline table" | "table" => "a table",
        _ => "something else",
    }
}

impl Kind {
    /// What a value of this kind is called.
    pub(super) fn name(self) -> String {
        match self {
            Self::Switch => "`true` or `false`".to_owned(),
            Self::Number { least, most } => format!("an integer from {least} to {most}"),
            Self::Seconds => "a number of seconds".to_owned(),
            Self::Choice(words) => format!("`{}` in quotes", words.join("` or `")),
            Self::Text(_) => "a string".to_owned(),
            Self::List(_) => "a list of strings, such as `[\"a\", \"b\"]`".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test fails by panicking"
    )]

    use std::path::Path;

    use super::{LevelFile, Problem, ProblemKind};
    use crate::config::Value;
    use crate::config::test_settings::SETTINGS;
    use crate::level::{Level, Scope};

    fn parse(text: &str, level: Level) -> Result<LevelFile, Vec<Problem>> {
        let level = Scope::default().path(level);
        LevelFile::parse(SETTINGS, text, &level, Path::new("x.toml"))
            .map_err(|error| error.problems().to_vec())
    }

    fn refused(text: &str) -> Problem {
        parse(text, Level::App).unwrap_err().remove(0)
    }

    #[test]
    fn tables_dotted_keys_and_inline_tables_are_the_same() {
        for text in [
            "[limits]\nmemory-mib = 64\n",
            "limits.memory-mib = 64\n",
            "limits = { memory-mib = 64 }\n",
        ] {
            let file = parse(text, Level::App).unwrap();
            assert_eq!(file.values["limits.memory-mib"].value, Value::Number(64));
        }
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place_and_the_nearest_right_one() {
        let problem = refused("# comment\n[limits]\nmemory-mb = 64\n");
        assert_eq!(problem.kind(), ProblemKind::UnknownKey);
        assert_eq!(problem.location(), "x.toml:3:1");
        assert_eq!(problem.key(), Some("limits.memory-mb"));
        assert!(problem.fix().unwrap().contains("`limits.memory-mib`"));
        assert_eq!(problem.excerpt().unwrap(), "3 | memory-mb\n  | ^^^^^^^^^");
        let problem = refused("memory-mib = 64\n");
        assert!(problem.fix().unwrap().contains("`limits.memory-mib`"));
    }

    #[test]
    fn a_wrong_type_or_value_is_named_with_what_belongs_there() {
        for (text, kind, words) in [
            (
                "limits.memory-mib = \"64\"",
                ProblemKind::WrongType,
                "integer from 1 to 4096",
            ),
            (
                "limits.memory-mib = 0",
                ProblemKind::WrongValue,
                "1 to 4096",
            ),
            (
                "limits.call-seconds = nan",
                ProblemKind::WrongValue,
                "seconds",
            ),
            ("limits = 3", ProblemKind::WrongType, "table"),
            (
                "network.allow-sites = \"*\"",
                ProblemKind::WrongType,
                "list of strings",
            ),
            (
                "network.allow-sites = [\"*\", 3]",
                ProblemKind::WrongType,
                "list of strings",
            ),
            ("limits.memory-mib = ", ProblemKind::Syntax, "TOML"),
            (
                "network.allow-loopback = true",
                ProblemKind::WrongLevel,
                "cluster level",
            ),
            (
                "final = [\"limits\"]",
                ProblemKind::WrongLevel,
                "narrower than an app",
            ),
            (
                "connections.a.site = \"https://a.atlassian.net\"",
                ProblemKind::Missing,
                "no `user`",
            ),
            (
                "connections.a.user = \"me\"",
                ProblemKind::Missing,
                "no `site`",
            ),
        ] {
            let problem = refused(text);
            assert_eq!(problem.kind(), kind, "{text}: {problem}");
            assert!(problem.message().contains(words), "{text}: {problem}");
        }
    }

    #[test]
    fn every_mistake_of_a_file_is_told_at_once() {
        let problems = parse("a = 1\nb = 2\n[limits]\nhandles = 1\n", Level::Cluster).unwrap_err();
        assert_eq!(problems.len(), 3);
    }

    #[test]
    fn a_token_in_a_file_is_refused_and_not_repeated() {
        for text in [
            "[connections.a]\ntoken = \"sesame\"\n",
            "[connections.a]\nsite = \"https://me:sesame@a.atlassian.net\"\n",
            "[connections.a]\nsite = \"https://a.atlassian.net\"\nuser = \"me:sesame\"\n",
            "[connections.a]\ntoken = sesame\n",
            "[connections.a]\nsesame\n",
            "[connections.a]\npat = \"sesame\"\n",
            "pat = \"sesame\"\n",
            "[connections.a]\nborrow-concurrency-from = \"sesame.sesame\"\nsite = \"a.b\"\nuser = \"x\"\n",
            "network.allow-sites = [\"https://me:sesame@x\"]\n",
            "[connections.a]\nuser = \"me@example.com:sesame\n",
        ] {
            let problem = refused(text);
            let said = format!("{problem} {:?} {:?}", problem.fix(), problem.excerpt());
            assert!(!said.contains("sesame"), "{said}");
        }
    }

    #[test]
    fn a_token_with_scopes_at_a_site_is_sent_to_the_gateway() {
        let problem = refused(
            "[connections.a]\nsite = \"a.atlassian.net\"\nuser = \"me@example.com\"\ntoken-kind = \"scoped\"\n",
        );
        assert!(problem.message().contains("ex/confluence/CLOUD-ID"));
    }

    #[test]
    fn a_lock_covers_a_setting_or_a_table_and_no_similar_name() {
        for name in ["locked", "final"] {
            let text = format!("{name} = [\"limits\", \"connections.a\"]\n");
            let file = parse(&text, Level::Env).unwrap();
            assert!(file.locks[0].covers("limits.handles"));
            assert!(!file.locks[0].covers("limitsx"));
            assert!(file.locks[1].covers("connections.a"));
            assert!(!file.locks[1].covers("connections.ab"));
            assert!(parse(&format!("{name} = [\"limit\"]\n"), Level::Env).is_err());
        }
    }

    #[test]
    fn both_names_of_the_list_can_be_in_one_file() {
        let text = "locked = [\"limits\"]\nfinal = [\"network\"]\n";
        let file = parse(text, Level::Env).unwrap();
        let keys: Vec<_> = file.locks.iter().map(|mark| mark.key.as_str()).collect();
        assert_eq!(keys, ["limits", "network"]);
    }
}
