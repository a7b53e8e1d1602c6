//! Changes to one level's file, which keep its comments and its order.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use toml_edit::{Array, DocumentMut, Item, Table, TableLike, Value as Toml};

use super::effective::Effective;
use super::file::{
    CONNECTIONS, FINAL, LOCKED, LevelFile, OAUTH_APPS, SYNCS, check_locked, is_lock_list,
    is_table_of_settings,
};
use super::folder::ConfigFolder;
use super::problem::{ConfigError, Problem, ProblemKind};
use super::setting::{Field, Kind, Settings};
use crate::connection::{
    ConnectionDefinition, ConnectionName, DEFAULT_CONCURRENCY, Scheme, TokenKind,
};
use crate::durable_file::{FolderLock, Readers, replace, try_replace};
use crate::level::{Level, LevelPath, Scope};
use crate::oauth_app::{OauthApp, OauthAppName};
use crate::plain_name::PlainName;
use crate::remedy::Remedy;
use crate::sync::{SyncDefinition, SyncName};
use crate::text::closest;

/// Why a level's file is not changed. It is then as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// There is no such setting.
    #[error("unknown setting `{key}`{}", did_you_mean(.near))]
    UnknownKey {
        /// What was asked for.
        key: String,
        /// What is most like it.
        near: Vec<String>,
    },
    /// The value may not be.
    #[error("{message}")]
    Value {
        /// What is wrong.
        message: String,
        /// What to do about it, where that is known.
        remedy: Option<Remedy>,
    },
    /// Another process has changed the connection since it was read.
    #[error(
        "connection `{name}` of level `{level}` was modified since you read it: read it again, and repeat the change"
    )]
    ChangedMeanwhile {
        /// The connection.
        name: ConnectionName,
        /// Its level.
        level: LevelPath,
    },
    /// The file has mistakes, or cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The file cannot be written.
    #[error(
        "cannot write the configuration file `{path}`: {source}; if the configuration is mounted read-only, change it at its source"
    )]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

fn did_you_mean(near: &[String]) -> String {
    if near.is_empty() {
        String::new()
    } else {
        format!("; did you mean `{}`?", near.join("` or `"))
    }
}

impl EditError {
    /// What to do about it, as data.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::UnknownKey { near, .. } => near.is_empty().then_some(Remedy::ListSettings),
            Self::Value { remedy, .. } => remedy.clone(),
            Self::ChangedMeanwhile { name, .. } => {
                Some(Remedy::ShowConnection { name: name.clone() })
            }
            Self::Config(_) | Self::Write { .. } => None,
        }
    }
}

impl ConfigFolder {
    /// Sets a setting, a field of a connection (`connections.NAME.concurrency`), or `locked` at a
    /// level of a scope. A text is read as the setting's type: lists as `a,b` or `["a", "b"]`.
    ///
    /// # Errors
    ///
    /// [`EditError`] for a key that there is not, a value that may not be, a setting that a wider
    /// level has locked, and a file that has mistakes already or cannot be written.
    pub fn set(&self, scope: &Scope, level: Level, key: &str, text: &str) -> Result<(), EditError> {
        self.set_checked(scope, level, key, text, Check::Strict)
    }

    /// Finds out whether [`ConfigFolder::set`] would be refused, or could not write the file, and
    /// changes nothing.
    ///
    /// # Errors
    ///
    /// As [`ConfigFolder::set`].
    pub fn try_set(
        &self,
        scope: &Scope,
        level: Level,
        key: &str,
        text: &str,
    ) -> Result<(), EditError> {
        self.set_checked(scope, level, key, text, Check::Only)
    }

    fn set_checked(
        &self,
        scope: &Scope,
        level: Level,
        key: &str,
        text: &str,
        check: Check,
    ) -> Result<(), EditError> {
        let value = to_toml(self.settings(), key, text)?;
        self.change(scope, level, check.alone(), |document| {
            put(document.as_table_mut(), &segments(key), value);
        })
    }

    /// Sets a setting and locks it for narrower levels, in one change of the file.
    ///
    /// # Errors
    ///
    /// As [`ConfigFolder::set`], and for keys that cannot be locked.
    pub fn set_locked(
        &self,
        scope: &Scope,
        level: Level,
        key: &str,
        text: &str,
    ) -> Result<(), EditError> {
        if let Err((message, fix)) = check_locked(self.settings(), key) {
            return Err(EditError::Value {
                message: fix.map_or(message.clone(), |fix| format!("{message}; {fix}")),
                remedy: None,
            });
        }
        let value = to_toml(self.settings(), key, text)?;
        self.change(scope, level, Check::Strict.alone(), |document| {
            put(document.as_table_mut(), &segments(key), value);
            // A file with the former name keeps one list.
            let list = if document.contains_key(FINAL) && !document.contains_key(LOCKED) {
                FINAL
            } else {
                LOCKED
            };
            let marks = document
                .entry(list)
                .or_insert_with(|| Item::Value(Array::new().into()));
            if let Some(marks) = marks.as_array_mut()
                && !marks.iter().any(|mark| mark.as_str() == Some(key))
            {
                marks.push(key);
            }
        })
    }

    /// Removes a setting, a connection or any other key from a level's file. A file with mistakes
    /// can be mended so.
    ///
    /// # Errors
    ///
    /// [`EditError`] for a file that is not TOML or cannot be written. Answers whether the key
    /// was there.
    pub fn unset(&self, scope: &Scope, level: Level, key: &str) -> Result<bool, EditError> {
        let mut was_there = false;
        self.change(scope, level, Check::Lenient.alone(), |document| {
            was_there = remove(document.as_table_mut(), &segments(key));
        })?;
        if !was_there
            && !key.starts_with(CONNECTIONS)
            && !key.starts_with(OAUTH_APPS)
            && !key.starts_with(SYNCS)
            && !is_lock_list(key)
            && !is_known(self.settings(), key)
        {
            return Err(unknown(self.settings(), key));
        }
        Ok(was_there)
    }

    /// Removes a connection, whatever is in its table. Answers whether it was there.
    ///
    /// # Errors
    ///
    /// [`EditError`] for a file that is not TOML or cannot be written.
    pub fn remove_connection(
        &self,
        scope: &Scope,
        level: Level,
        name: &ConnectionName,
    ) -> Result<bool, EditError> {
        let mut was_there = false;
        self.change(scope, level, Check::Lenient.alone(), |document| {
            was_there = remove(document.as_table_mut(), &[CONNECTIONS, name.as_str()]);
        })?;
        Ok(was_there)
    }

    /// Stores a connection at a level, in place of the one of the same name.
    ///
    /// # Errors
    ///
    /// As [`ConfigFolder::set`].
    pub fn put_connection(
        &self,
        scope: &Scope,
        level: Level,
        name: &ConnectionName,
        expected: &Expected,
        definition: &ConnectionDefinition,
    ) -> Result<(), EditError> {
        self.edit_connection(scope, level, name, expected, definition, Check::Strict)
    }

    /// Finds out whether [`ConfigFolder::put_connection`] would be refused, or could not write the
    /// file, and changes nothing.
    ///
    /// # Errors
    ///
    /// As [`ConfigFolder::put_connection`].
    pub fn try_connection(
        &self,
        scope: &Scope,
        level: Level,
        name: &ConnectionName,
        expected: &Expected,
        definition: &ConnectionDefinition,
    ) -> Result<(), EditError> {
        self.edit_connection(scope, level, name, expected, definition, Check::Only)
    }

    fn edit_connection(
        &self,
        scope: &Scope,
        level: Level,
        name: &ConnectionName,
        expected: &Expected,
        definition: &ConnectionDefinition,
        check: Check,
    ) -> Result<(), EditError> {
        let check = Checked {
            how: check,
            connection: Some((name, expected)),
        };
        let text = |text: &str| Some(Toml::from(text));
        let (authorization, user, oauth) = match &definition.scheme {
            Scheme::Basic { user } => (None, text(user), None),
            Scheme::Bearer => (text("bearer"), None, None),
            Scheme::Oauth { app, cloud_id } => (text("oauth"), None, Some((app, cloud_id))),
        };
        let kind = definition.token_kind;
        let concurrency = i64::from(definition.concurrency);
        let expires = definition.token_expires.map(|date| date.to_string());
        let fields: [(&str, Option<Toml>); 9] = [
            ("site", text(definition.endpoint.as_str())),
            ("authorization", authorization),
            ("user", user),
            ("oauth-app", oauth.and_then(|(app, _)| text(app.as_str()))),
            (
                "cloud-id",
                oauth.and_then(|(_, cloud_id)| text(cloud_id.as_str())),
            ),
            (
                "token-kind",
                text(kind.as_str()).filter(|_| kind != TokenKind::default()),
            ),
            (
                "concurrency",
                Some(concurrency.into()).filter(|_| definition.concurrency != DEFAULT_CONCURRENCY),
            ),
            (
                "borrow-concurrency-from",
                definition
                    .borrow_concurrency_from
                    .as_ref()
                    .and_then(|lender| text(lender.as_str())),
            ),
            ("token-expires", expires.as_deref().and_then(text)),
        ];
        self.change(scope, level, check, |document| {
            put_record(document, CONNECTIONS, name, fields);
        })
    }

    /// Stores an OAuth app at a level, in place of the one of the same name.
    ///
    /// # Errors
    ///
    /// As [`ConfigFolder::set`].
    pub fn put_oauth_app(
        &self,
        scope: &Scope,
        level: Level,
        name: &OauthAppName,
        app: &OauthApp,
    ) -> Result<(), EditError> {
        let scopes = app
            .scopes
            .as_ref()
            .map(|scopes| Toml::Array(scopes.iter().map(String::as_str).collect()));
        let fields = [
            ("client-id", Some(Toml::from(app.client_id.as_str()))),
            ("redirect-uri", Some(Toml::from(app.redirect_uri.as_str()))),
            ("scopes", scopes),
        ];
        self.change(scope, level, Check::Strict.alone(), |document| {
            put_record(document, OAUTH_APPS, name, fields);
        })
    }

    /// Removes an OAuth app, whatever is in its table. Answers whether it was there.
    ///
    /// # Errors
    ///
    /// [`EditError`] for a file that is not TOML or cannot be written.
    pub fn remove_oauth_app(
        &self,
        scope: &Scope,
        level: Level,
        name: &OauthAppName,
    ) -> Result<bool, EditError> {
        let mut was_there = false;
        self.change(scope, level, Check::Lenient.alone(), |document| {
            was_there = remove(document.as_table_mut(), &[OAUTH_APPS, name.as_str()]);
        })?;
        Ok(was_there)
    }

    /// Stores a sync at a level, in place of the one of the same name.
    ///
    /// # Errors
    ///
    /// As [`ConfigFolder::set`].
    pub fn put_sync(
        &self,
        scope: &Scope,
        level: Level,
        name: &SyncName,
        definition: &SyncDefinition,
    ) -> Result<(), EditError> {
        let fields = definition.fields().into_iter();
        let fields: Vec<_> = fields
            .map(|(key, value)| (key, value.as_ref().and_then(toml_of)))
            .collect();
        self.change(scope, level, Check::Strict.alone(), |document| {
            put_record(document, SYNCS, name, fields);
        })
    }

    /// Removes a sync, whatever is in its table. Answers whether it was there.
    ///
    /// # Errors
    ///
    /// [`EditError`] for a file that is not TOML or cannot be written.
    pub fn remove_sync(
        &self,
        scope: &Scope,
        level: Level,
        name: &SyncName,
    ) -> Result<bool, EditError> {
        let mut was_there = false;
        self.change(scope, level, Check::Lenient.alone(), |document| {
            was_there = remove(document.as_table_mut(), &[SYNCS, name.as_str()]);
        })?;
        Ok(was_there)
    }

    /// Changes the file of a level while no other process does.
    fn change(
        &self,
        scope: &Scope,
        level: Level,
        check: Checked<'_>,
        change: impl FnOnce(&mut DocumentMut),
    ) -> Result<(), EditError> {
        let level = scope.path(level);
        let shown = self.file(&level);
        let failed = |source| EditError::Write {
            path: shown.clone(),
            source,
        };
        // Who only asks writes nothing here, and need not be able to where nothing would change.
        let _lock = match check.how {
            Check::Only => None,
            _ => Some(FolderLock::take(self.path(), "config").map_err(failed)?),
        };
        // Found once: what is read here is what is replaced.
        let (path, before) = match self.resolve(&level)? {
            Some(path) => {
                let before = self.text_at(&level, &path)?;
                (path, before)
            }
            None => (shown.clone(), String::new()),
        };
        if check.how != Check::Lenient {
            let file = LevelFile::parse(self.settings(), &before, &level, &shown)?;
            if let Some((name, expected)) = check.connection {
                expected.check(&file, name)?;
            }
        }
        let mut document: DocumentMut = match without_mark(&before).parse() {
            Ok(document) => document,
            // The strict reader says where.
            Err(_) => {
                return Err(LevelFile::parse(self.settings(), &before, &level, &shown)
                    .map_or_else(EditError::from, |_| {
                        failed(io::Error::from(io::ErrorKind::InvalidData))
                    }));
            }
        };
        // What stands in a file without settings is a comment on what follows, not an end.
        let comment = document.as_table().is_empty().then(|| {
            document.set_trailing("");
            without_mark(&before).to_owned()
        });
        change(&mut document);
        let mut after = document.to_string();
        if let Some(comment) = comment.filter(|comment| !comment.is_empty()) {
            let gap = if comment.ends_with('\n') {
                "\n"
            } else {
                "\n\n"
            };
            let gap = if after.is_empty() { "" } else { gap };
            after = format!("{comment}{gap}{after}");
        }
        let after = as_before(&before, after);
        if check.how != Check::Lenient {
            self.check(scope, &level, &after)?;
        }
        if after == before {
            return Ok(());
        }
        if check.how == Check::Only {
            return FolderLock::take(self.path(), "config")
                .and_then(|_lock| try_replace(&path))
                .map_err(failed);
        }
        replace(&path, after.as_bytes(), Readers::Usual).map_err(failed)
    }

    /// Checks what a level's file would be, against the wider levels too.
    fn check(&self, scope: &Scope, level: &LevelPath, text: &str) -> Result<(), EditError> {
        let path = self.file(level);
        // Lines of a text that is not written would mislead.
        let unplaced = |error: ConfigError| match error {
            ConfigError::Invalid { problems } => EditError::Value {
                message: problems.iter().map(one_line).collect::<Vec<_>>().join("; "),
                remedy: problems
                    .iter()
                    .find_map(|problem| problem.remedy().cloned()),
            },
            error => error.into(),
        };
        let file = LevelFile::parse(self.settings(), text, level, &path).map_err(unplaced)?;
        let mut files = vec![Arc::new(file)];
        for wider in Level::NARROWEST_FIRST {
            let wider = scope.path(wider);
            if wider.level().is_wider_than(level.level()) {
                files.extend(self.level(&wider)?);
            }
        }
        Effective::new(self.settings(), scope.clone(), files, &[])
            .map(drop)
            .map_err(unplaced)
    }
}

fn one_line(problem: &Problem) -> String {
    match problem.fix() {
        Some(fix) if problem.kind() != ProblemKind::Final => {
            format!("{}; {fix}", problem.message())
        }
        _ => problem.message().to_owned(),
    }
}

/// What a connection was when its change was decided upon. Between that and the change, somebody
/// may have been asked for a token, and a site whether it works.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// There was none.
    New,
    /// There was this one.
    Was(Box<ConnectionDefinition>),
    /// Whatever there is.
    Any,
}

impl Expected {
    /// What a change expects of the connection that was found.
    #[must_use]
    pub fn of(found: Option<ConnectionDefinition>) -> Self {
        found.map_or(Self::New, |found| Self::Was(Box::new(found)))
    }

    fn check(&self, file: &LevelFile, name: &ConnectionName) -> Result<(), EditError> {
        let is = file.connection(name).map(|entry| &entry.definition);
        let fits = match self {
            Self::Any => true,
            Self::New => is.is_none(),
            Self::Was(was) => is == Some(was),
        };
        if fits {
            Ok(())
        } else {
            Err(EditError::ChangedMeanwhile {
                name: name.clone(),
                level: file.level().clone(),
            })
        }
    }
}

/// What is checked around a change.
#[derive(Debug, Clone, Copy)]
struct Checked<'a> {
    how: Check,
    /// A connection that is changed, and what it has to be still.
    connection: Option<(&'a ConnectionName, &'a Expected)>,
}

impl Check {
    fn alone<'a>(self) -> Checked<'a> {
        Checked {
            how: self,
            connection: None,
        }
    }
}

/// The text without a byte order mark, which editors of another system put in front.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The new text with the byte order mark and the line ends of the old one.
fn as_before(before: &str, after: String) -> String {
    let after = if before.contains("\r\n") {
        after.replace("\r\n", "\n").replace('\n', "\r\n")
    } else {
        after
    };
    if before.starts_with('\u{feff}') {
        format!("\u{feff}{after}")
    } else {
        after
    }
}

/// How strictly a file is read before and after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    Strict,
    /// As strictly, and nothing is written: it is found out whether it could be.
    Only,
    /// TOML will do, so that a mistake can be taken out.
    Lenient,
}

fn unknown(settings: Settings, key: &str) -> EditError {
    EditError::UnknownKey {
        key: key.to_owned(),
        near: closest(key, settings.iter().map(|setting| setting.key)),
    }
}

fn is_known(settings: Settings, key: &str) -> bool {
    settings.find(key).is_some() || is_table_of_settings(settings, key)
}

/// Sets the fields of a record that have a value, and removes the others.
fn put_record<'a>(
    document: &mut DocumentMut,
    table: &str,
    name: &PlainName,
    fields: impl IntoIterator<Item = (&'a str, Option<Toml>)>,
) {
    for (field, value) in fields {
        let path = [table, name.as_str(), field];
        match value {
            Some(value) => put(document.as_table_mut(), &path, value),
            None => {
                remove(document.as_table_mut(), &path);
            }
        }
    }
}

/// A value of a record's field: a text, a number, a switch, or a list of texts.
fn toml_of(value: &serde_json::Value) -> Option<Toml> {
    match value {
        serde_json::Value::String(text) => Some(text.as_str().into()),
        serde_json::Value::Number(number) => Some(number.as_i64()?.into()),
        serde_json::Value::Bool(is_on) => Some((*is_on).into()),
        serde_json::Value::Array(texts) => Some(Toml::Array(
            texts.iter().filter_map(serde_json::Value::as_str).collect(),
        )),
        _ => None,
    }
}

/// The kind of a setting or of a connection's field.
fn kind_of(settings: Settings, key: &str) -> Option<Kind> {
    if is_lock_list(key) {
        return Some(Kind::List(|_| Ok(())));
    }
    if let Some(setting) = settings.find(key) {
        return Some(setting.kind);
    }
    if let Some(rest) = key.strip_prefix("oauth-apps.") {
        return Field::of_oauth_app(rest.rsplit_once('.')?.1).map(|field| field.kind);
    }
    if let Some(rest) = key.strip_prefix("syncs.") {
        return Field::of_sync(rest.rsplit_once('.')?.1).map(|field| field.kind);
    }
    let (_, field) = key.strip_prefix("connections.")?.rsplit_once('.')?;
    Field::find(field).map(|field| field.kind)
}

/// Reads what stands on a command line as the type of a setting. What does not fit is left a
/// text, and refused with the rest of the file.
fn to_toml(settings: Settings, key: &str, text: &str) -> Result<Toml, EditError> {
    let parsed = || text.trim().parse::<Toml>().ok();
    Ok(
        match kind_of(settings, key).ok_or_else(|| unknown(settings, key))? {
            Kind::Switch | Kind::Number { .. } | Kind::Seconds => {
                parsed().unwrap_or_else(|| text.into())
            }
            Kind::Choice(_) | Kind::Text(_) => text.into(),
            Kind::List(_) if text.trim_start().starts_with('[') => {
                parsed().unwrap_or_else(|| text.into())
            }
            Kind::List(_) => text
                .split(',')
                .map(str::trim)
                .filter(|word| !word.is_empty())
                .collect(),
        },
    )
}

/// The parts of a key.
fn segments(key: &str) -> Vec<&str> {
    key.split('.').collect()
}

/// Puts a value at a path, with the comments of what was there.
fn put(table: &mut dyn TableLike, path: &[&str], mut value: Toml) {
    match path {
        [] => {}
        [key] => {
            if let Some(old) = table.get(key).and_then(Item::as_value) {
                *value.decor_mut() = old.decor().clone();
            }
            match table.get_mut(key) {
                Some(item) => *item = Item::Value(value),
                None => {
                    table.insert(key, Item::Value(value));
                }
            }
        }
        [key, rest @ ..] => {
            let inner = table.entry(key).or_insert_with(|| {
                let mut inner = Table::new();
                inner.set_implicit(true);
                Item::Table(inner)
            });
            if let Some(inner) = inner.as_table_like_mut() {
                put(inner, rest, value);
            }
        }
    }
}

/// Removes what is at a path, and tables that are empty then and have no comment. A comment that
/// stands right above what is removed goes with it; one that a blank line parts from it stays.
fn remove(table: &mut dyn TableLike, path: &[&str]) -> bool {
    match path {
        [] => false,
        [key] => {
            let order: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).collect();
            let kept = comments_apart(table, key);
            if table.remove(key).is_none() {
                return false;
            }
            let next = order.iter().skip_while(|other| other != key).nth(1);
            if let (Some(kept), Some(next)) = (kept, next) {
                put_above(table, next, &kept);
            }
            true
        }
        [key, rest @ ..] => {
            let Some(item) = table.get_mut(key) else {
                return false;
            };
            let commented = item
                .as_table()
                .and_then(|table| table.decor().prefix()?.as_str())
                .is_some_and(|prefix| prefix.contains('#'));
            let Some(inner) = item.as_table_like_mut() else {
                return false;
            };
            let removed = remove(inner, rest);
            if removed && inner.is_empty() && !commented {
                table.remove(key);
            }
            removed
        }
    }
}

/// The text above an item.
fn above(table: &dyn TableLike, key: &str) -> Option<String> {
    let (key, item) = table.get_key_value(key)?;
    let decor = match item.as_table() {
        Some(table) => table.decor(),
        None => key.leaf_decor(),
    };
    decor.prefix()?.as_str().map(str::to_owned)
}

/// The comments above an item that a blank line parts from it.
fn comments_apart(table: &dyn TableLike, key: &str) -> Option<String> {
    let above = above(table, key)?;
    let (apart, _) = above.rsplit_once("\n\n")?;
    apart.contains('#').then(|| format!("{apart}\n\n"))
}

/// Puts a text above an item, before what is there.
fn put_above(table: &mut dyn TableLike, key: &str, text: &str) {
    let all = format!(
        "{text}{}",
        above(table, key)
            .unwrap_or_default()
            .trim_start_matches('\n')
    );
    let Some((mut key, item)) = table.get_key_value_mut(key) else {
        return;
    };
    match item.as_table_mut() {
        Some(table) => table.decor_mut().set_prefix(all),
        None => key.leaf_decor_mut().set_prefix(all),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{ConfigFolder, EditError, Expected};
    use crate::config::test_settings::SETTINGS;
    use crate::connection::{ConnectionDefinition, Endpoint, Scheme, TokenKind};
    use crate::level::{Level, Scope};

    fn folder(text: &str) -> (tempfile::TempDir, ConfigFolder) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("cluster.toml"), text).unwrap();
        let config = ConfigFolder::new(folder.path(), SETTINGS);
        (folder, config)
    }

    fn text(folder: &ConfigFolder, level: Level) -> String {
        std::fs::read_to_string(folder.file(&Scope::default().path(level))).unwrap()
    }

    const COMMENTED: &str = "\
# who keeps this: platform team
connection = \"main\" # see the wiki

[limits]
# small machines
memory-mib = 64 # MiB
";

    #[test]
    fn comments_and_order_survive_a_change() {
        let (_guard, config) = folder(COMMENTED);
        let scope = Scope::default();
        config
            .set(&scope, Level::Cluster, "limits.memory-mib", "128")
            .unwrap();
        config
            .set(&scope, Level::Cluster, "limits.handles", "99")
            .unwrap();
        assert_eq!(
            text(&config, Level::Cluster),
            COMMENTED.replace("= 64", "= 128") + "handles = 99\n"
        );
        config
            .unset(&scope, Level::Cluster, "limits.handles")
            .unwrap();
        config
            .set(&scope, Level::Cluster, "limits.memory-mib", "64")
            .unwrap();
        assert_eq!(text(&config, Level::Cluster), COMMENTED);
    }

    #[test]
    fn a_refused_change_leaves_the_file_as_it_was() {
        let (_guard, config) = folder(COMMENTED);
        for (key, value) in [
            ("limits.memory-mb", "64"),
            ("limits.memory-mib", "much"),
            ("limits.memory-mib", "0"),
            ("limits", "3"),
            ("locked", "nothing"),
            ("connections.a.site", "https://a.atlassian.net"),
            ("connections.a.token", "sesame"),
        ] {
            let refused = config.set(&Scope::default(), Level::Cluster, key, value);
            assert!(refused.is_err(), "{key}");
            assert_eq!(text(&config, Level::Cluster), COMMENTED);
        }
    }

    #[test]
    fn a_locked_setting_cannot_be_set_at_a_narrower_level() {
        let (_guard, config) = folder("locked = [\"limits\"]\n");
        let scope = Scope::default();
        for level in [Level::Env, Level::App] {
            let refused = config.set(&scope, level, "limits.handles", "99");
            let Err(EditError::Value { message, .. }) = refused else {
                unreachable!("{refused:?}");
            };
            assert!(message.contains("locked by level `cluster`"), "{message}");
        }
        config
            .set(&scope, Level::Cluster, "limits.handles", "99")
            .unwrap();
        config
            .set_locked(&scope, Level::Env, "connection", "main")
            .unwrap();
        assert_eq!(
            text(&config, Level::Env),
            "connection = \"main\"\nlocked = [\"connection\"]\n"
        );
        assert!(
            config
                .set(&scope, Level::App, "connection", "other")
                .is_err()
        );
    }

    #[test]
    fn a_file_with_the_former_name_of_the_list_keeps_one_list() {
        let (_guard, config) = folder("final = [\"limits\"]\n");
        let scope = Scope::default();
        config
            .set_locked(&scope, Level::Cluster, "connection", "main")
            .unwrap();
        let text = text(&config, Level::Cluster);
        assert!(
            text.contains("final = [\"limits\", \"connection\"]"),
            "{text}"
        );
        assert!(!text.contains("locked"), "{text}");
    }

    #[test]
    fn comments_that_stand_apart_outlive_what_stands_below_them() {
        let text_before = "# owner: platform\n\n# about handles\nlimits.handles = 99\n# about memory\nlimits.memory-mib = 64\n\n# the network\n[network]\n# all\nallow-sites = [\"*\"]\n\n# the end\n";
        let (_guard, config) = folder(text_before);
        let scope = Scope::default();
        for key in ["limits.handles", "network.allow-sites"] {
            assert!(config.unset(&scope, Level::Cluster, key).unwrap());
        }
        let after = text(&config, Level::Cluster);
        for kept in [
            "# owner: platform",
            "# about memory",
            "# the network",
            "# the end",
        ] {
            assert!(after.contains(kept), "{kept} is missing in\n{after}");
        }
    }

    #[test]
    fn line_ends_and_byte_order_mark_stay() {
        let (_guard, config) = folder("\u{feff}# a\r\n[limits]\r\nhandles = 99\r\n");
        config
            .set(&Scope::default(), Level::Cluster, "limits.handles", "98")
            .unwrap();
        assert_eq!(
            text(&config, Level::Cluster),
            "\u{feff}# a\r\n[limits]\r\nhandles = 98\r\n"
        );
    }

    #[test]
    fn a_mark_on_a_field_of_a_connection_is_refused() {
        let (_guard, config) = folder("[connections.a]\nsite = \"a.b\"\nuser = \"x\"\n");
        let scope = Scope::default();
        let key = "connections.a.concurrency";
        assert!(config.set_locked(&scope, Level::Cluster, key, "7").is_err());
        assert!(!text(&config, Level::Cluster).contains('7'));
    }

    #[test]
    fn a_mistake_can_be_taken_out() {
        let (_guard, config) = folder("wrong = 1\n[limits]\nhandles = 99\n");
        let scope = Scope::default();
        assert!(
            config
                .set(&scope, Level::Cluster, "limits.handles", "98")
                .is_err()
        );
        assert!(config.unset(&scope, Level::Cluster, "wrong").unwrap());
        config
            .set(&scope, Level::Cluster, "limits.handles", "98")
            .unwrap();
    }

    #[test]
    fn a_connection_is_one_table_and_replaced_as_one() {
        let (_guard, config) = folder("# mine\n");
        let scope = Scope::default();
        let name = "main-1".parse().unwrap();
        let basic = Scheme::Basic {
            user: "me@example.com".to_owned(),
        };
        let site = Endpoint::parse("https://a.atlassian.net").unwrap();
        let mut definition = ConnectionDefinition::new(site, basic, TokenKind::Unscoped);
        definition.concurrency = 7;
        config
            .put_connection(&scope, Level::Cluster, &name, &Expected::Any, &definition)
            .unwrap();
        assert_eq!(
            text(&config, Level::Cluster),
            "# mine\n\n[connections.main-1]\nsite = \"https://a.atlassian.net/wiki\"\nuser = \"me@example.com\"\nconcurrency = 7\n"
        );
        definition.endpoint =
            Endpoint::parse("https://api.atlassian.com/ex/confluence/0c5b-11").unwrap();
        definition.scheme = Scheme::Bearer;
        definition.concurrency = 5;
        config
            .put_connection(&scope, Level::Cluster, &name, &Expected::Any, &definition)
            .unwrap();
        let after = text(&config, Level::Cluster);
        assert!(
            !after.contains("user") && !after.contains("concurrency"),
            "{after}"
        );
        let effective = config.effective(&scope, &[]).unwrap();
        assert_eq!(
            effective.connection(&name).unwrap().1.definition,
            definition
        );
        config
            .unset(&scope, Level::Cluster, "connections.main-1")
            .unwrap();
        assert!(!text(&config, Level::Cluster).contains("connections"));
    }
}
