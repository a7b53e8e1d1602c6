//! Connections that are stored: their definition in a level's file, their token in the store of
//! secrets.

use tokio::sync::MutexGuard;

use super::HostRunner;
use crate::call::CallError;
use crate::connection::{ConnectionDefinition, ConnectionName, Scheme, Token};
use crate::oauth::{Grant, GrantState, grant_binding};
use crate::secret::{SecretError, SecretId, SecretKind, StoreError};
use host_levels::durable_file::FolderLock;
use host_levels::{
    ConfigError, EditError, Effective, Expected, Level, LevelFile, LevelPath, Remedy, Scope, Source,
};

/// A connection in force for a scope.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NamedConnection {
    /// Its name.
    pub name: ConnectionName,
    /// What it is.
    pub definition: ConnectionDefinition,
    /// The level that has it.
    pub level: LevelPath,
    /// The file and the line that it stands in.
    pub source: Source,
    /// Whether calls of the scope go over it.
    pub in_use: bool,
    /// Whether it has a token.
    pub token: TokenState,
    /// The state of its login. `None` for connections without OAuth.
    pub grant: Option<GrantState>,
}

/// Whether a connection has a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenState {
    /// It has one.
    Stored,
    /// It has none for where it leads.
    Missing,
    /// It has one that does not open, or the store of secrets does not answer.
    Unreadable,
}

/// Why a connection is not stored or removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// It may not be, or its parts do not go together.
    #[error(transparent)]
    Call(#[from] Box<CallError>),
    /// There is no such connection at that level.
    #[error("level `{level}` has no connection `{name}`")]
    NoConnection {
        /// The level.
        level: LevelPath,
        /// The connection.
        name: ConnectionName,
        /// The levels that have one of that name.
        elsewhere: Vec<Level>,
    },
    /// It has its tokens from an OAuth login.
    #[error(
        "connection `{name}` of level `{level}` has its tokens from an OAuth login, so none can be entered"
    )]
    UsesOauth {
        /// The level.
        level: LevelPath,
        /// The connection.
        name: ConnectionName,
    },
}

impl SaveError {
    /// What to do about it, as data.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Call(error) => error.remedy(),
            Self::NoConnection { elsewhere, .. } => {
                elsewhere.is_empty().then_some(Remedy::ListConnections)
            }
            Self::UsesOauth { level, name } => Some(Remedy::Login {
                name: name.clone(),
                level: level.clone(),
            }),
        }
    }
}

impl HostRunner {
    /// Stores a connection with its token at a level of a scope, in place of the one of the same
    /// name, if that is still what `expected` says.
    ///
    /// The token is kept first, bound to the new endpoint and user; then the file is replaced;
    /// then the old token is removed. Whoever is killed in between leaves the old connection or
    /// the new one, each with its token. Hosts that share the configuration folder do so one after
    /// the other. A file that has the connection already is not written, so that tokens can be given
    /// where configuration is mounted read-only.
    ///
    /// # Errors
    ///
    /// [`CallError`] when scheme, token and endpoint do not go together, no connection may lead
    /// there, a wider level has fixed the connection, somebody else has changed it, or file or
    /// secrets cannot be written. The connection is then as it was.
    pub async fn save_connection(
        &self,
        scope: &Scope,
        level: Level,
        name: &ConnectionName,
        expected: &Expected,
        definition: &ConnectionDefinition,
        token: &Token,
    ) -> Result<(), CallError> {
        definition.check()?;
        let id = SecretId {
            level: scope.path(level),
            kind: SecretKind::Token,
            name: name.clone(),
            binding: definition.binding(),
        };
        self.save_with(scope, level, id, expected, definition, token)
            .await
    }

    /// Stores a connection with the secret of an id.
    pub(super) async fn save_with(
        &self,
        scope: &Scope,
        level: Level,
        id: SecretId,
        expected: &Expected,
        definition: &ConnectionDefinition,
        token: &Token,
    ) -> Result<(), CallError> {
        let (path, name) = (id.level.clone(), &id.name);
        self.0
            .config
            .effective_at(&path)?
            .accepts(&definition.endpoint)?;
        let _lock = self.lock_connections().await?;
        self.0
            .config
            .try_connection(scope, level, name, expected, definition)?;
        let before = self.secret_at(scope, level, name).ok().flatten();
        let _everywhere;
        if self.connection_at(scope, level, name)?.as_ref() == Some(definition) {
            self.0.secrets.store.put(&id, token).await?;
        } else {
            _everywhere = self.lock_folder().await?;
            let there = self.connection_at(scope, level, name)?;
            // One that does not open is as good as none.
            let old = self.0.secrets.store.get(&id).await.ok().flatten();
            self.0.secrets.store.put(&id, token).await?;
            let written = self
                .0
                .config
                .put_connection(scope, level, name, expected, definition);
            if let Err(refused) = written {
                // The refusal is what is told, whatever becomes of the way back.
                let _ = self.take_back(scope, &id, old, there).await;
                return Err(refused.into());
            }
        }
        // A file that somebody has broken meanwhile does not say which token is in use.
        if let Ok(now) = self.secret_at(scope, level, name) {
            let kinds = [Some(id.kind), before.map(|before| before.kind)];
            self.forget_others(&path, name, kinds, now.as_ref()).await?;
        }
        Ok(())
    }

    /// Forgets the secrets of some kinds that a connection has, except the one that it has a use for.
    /// A store may deny what is asked for other kinds.
    async fn forget_others(
        &self,
        level: &LevelPath,
        name: &ConnectionName,
        kinds: [Option<SecretKind>; 2],
        keep: Option<&SecretId>,
    ) -> Result<(), SecretError> {
        let [first, second] = kinds;
        let second = second.filter(|second| Some(*second) != first);
        for kind in first.into_iter().chain(second) {
            let kept = keep.filter(|keep| keep.kind == kind);
            let kept = kept.map(|keep| keep.binding.as_str());
            self.0.secrets.store.forget(level, kind, name, kept).await?;
        }
        Ok(())
    }

    /// The secret of a connection of a level. A connection whose OAuth app is not there has one that
    /// nothing is stored under.
    pub(super) fn secret_of(
        effective: &Effective,
        level: &LevelPath,
        name: &ConnectionName,
        definition: &ConnectionDefinition,
    ) -> SecretId {
        let (kind, binding) = match &definition.scheme {
            Scheme::Oauth { app, .. } => {
                let app = effective.oauth_app(app, level.level());
                let binding = app.and_then(|(_, entry)| grant_binding(definition, &entry.app));
                (SecretKind::OauthGrant, binding)
            }
            _ => (SecretKind::Token, None),
        };
        SecretId {
            level: level.clone(),
            kind,
            name: name.clone(),
            binding: binding.unwrap_or_else(|| definition.binding()),
        }
    }

    /// Stores a token for the connection that a level has, and leaves the level's file alone, which
    /// may be mounted read-only.
    ///
    /// # Errors
    ///
    /// [`SaveError::NoConnection`] when the level has none of that name, and what
    /// [`HostRunner::save_connection`] has.
    pub async fn store_token(
        &self,
        scope: &Scope,
        level: Level,
        name: &ConnectionName,
        token: &Token,
    ) -> Result<(), SaveError> {
        let boxed = |error: CallError| SaveError::Call(Box::new(error));
        let path = scope.path(level);
        let _lock = self.lock_connections().await.map_err(boxed)?;
        let there = self.connection_at(scope, level, name);
        let there = there.map_err(|error| boxed(error.into()))?;
        let Some(definition) = there else {
            return Err(SaveError::NoConnection {
                elsewhere: self.where_else(scope, name),
                level: path,
                name: name.clone(),
            });
        };
        if let Scheme::Oauth { .. } = definition.scheme {
            return Err(SaveError::UsesOauth {
                level: path,
                name: name.clone(),
            });
        }
        let effective = self.0.config.effective_at(&path);
        effective
            .map_err(|error| boxed(error.into()))?
            .allows(&definition.endpoint)
            .map_err(|error| boxed(error.into()))?;
        let binding = definition.binding();
        let id = SecretId {
            level: path,
            kind: SecretKind::Token,
            name: name.clone(),
            binding,
        };
        let store = &self.0.secrets.store;
        store.put(&id, token).await?;
        store
            .forget(&id.level, id.kind, name, Some(&id.binding))
            .await?;
        Ok(())
    }

    /// Leaves the tokens of a connection as they were before one was put at a id.
    async fn take_back(
        &self,
        scope: &Scope,
        id: &SecretId,
        old: Option<Token>,
        there: Option<ConnectionDefinition>,
    ) -> Result<(), SecretError> {
        let store = &self.0.secrets.store;
        if let Some(old) = old {
            return store.put(id, &old).await;
        }
        let level = id.level.level();
        let kept = there
            .and_then(|_| self.secret_at(scope, level, &id.name).ok().flatten())
            .filter(|kept| kept.kind == id.kind && kept.binding != id.binding);
        let kept = kept.as_ref().map(|kept| kept.binding.as_str());
        store.forget(&id.level, id.kind, &id.name, kept).await
    }

    /// The secret that a level has a use for, at this moment. Looked up right before
    /// others are forgotten: a host on another machine, whom no lock may stop, can have changed the
    /// connection, and its token is the only one by then.
    fn secret_at(
        &self,
        scope: &Scope,
        level: Level,
        name: &ConnectionName,
    ) -> Result<Option<SecretId>, ConfigError> {
        let Some(now) = self.connection_at(scope, level, name)? else {
            return Ok(None);
        };
        let path = scope.path(level);
        let effective = self.0.config.effective_at(&path)?;
        Ok(Some(Self::secret_of(&effective, &path, name, &now)))
    }

    /// Changes what is not bound to the token, such as the concurrency, and keeps the token.
    ///
    /// # Errors
    ///
    /// As [`HostRunner::save_connection`].
    pub async fn change_connection(
        &self,
        scope: &Scope,
        level: Level,
        name: &ConnectionName,
        expected: &Expected,
        definition: &ConnectionDefinition,
    ) -> Result<(), CallError> {
        definition.check()?;
        let _lock = self.lock_connections().await?;
        self.0
            .config
            .put_connection(scope, level, name, expected, definition)?;
        Ok(())
    }

    /// Removes a connection and its tokens from a level.
    ///
    /// # Errors
    ///
    /// [`SaveError::NoConnection`] when the level has none of that name, and what
    /// [`HostRunner::save_connection`] has.
    pub async fn remove_connection(
        &self,
        scope: &Scope,
        level: Level,
        name: &ConnectionName,
    ) -> Result<(), SaveError> {
        let boxed = |error: CallError| SaveError::Call(Box::new(error));
        let path = scope.path(level);
        let _lock = self.lock_connections().await.map_err(boxed)?;
        let _everywhere = self
            .lock_folder()
            .await
            .map_err(|error| boxed(error.into()))?;
        let before = self.secret_at(scope, level, name).ok().flatten();
        let removed = self
            .0
            .config
            .remove_connection(scope, level, name)
            .map_err(|error| boxed(error.into()))?;
        // Whoever was killed between file and token left the token alone.
        let now = self.secret_at(scope, level, name).ok().flatten();
        let kinds = [
            Some(before.map_or(SecretKind::Token, |before| before.kind)),
            None,
        ];
        self.forget_others(&path, name, kinds, now.as_ref())
            .await
            .map_err(|error| boxed(error.into()))?;
        if removed {
            Ok(())
        } else {
            Err(SaveError::NoConnection {
                elsewhere: self.where_else(scope, name),
                level: path,
                name: name.clone(),
            })
        }
    }

    /// The connections in force for a scope, sorted by name.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when the levels have mistakes.
    pub async fn connections(&self, scope: &Scope) -> Result<Vec<NamedConnection>, ConfigError> {
        let effective = self.in_force(scope)?;
        let mut connections = Vec::new();
        for name in effective.connection_names() {
            connections.extend(self.named(&effective, name).await.map(|(named, _)| named));
        }
        Ok(connections)
    }

    /// The connection of a name in force for a scope, with its token, when it has one.
    ///
    /// # Errors
    ///
    /// [`CallError`] when the levels have mistakes, or the token cannot be read.
    pub async fn connection(
        &self,
        scope: &Scope,
        name: &ConnectionName,
    ) -> Result<Option<(NamedConnection, Option<Token>)>, CallError> {
        let effective = self.in_force(scope)?;
        match self.named(&effective, name).await {
            Some((named, token)) => Ok(Some((named, token?))),
            None => Ok(None),
        }
    }

    /// The token of a connection that a file, or an environment variable, has.
    pub(super) async fn token(
        &self,
        file: &LevelFile,
        id: &SecretId,
    ) -> Result<Option<Token>, SecretError> {
        if let Some(variable) = file.variable() {
            let mut tokens = self.0.tokens.iter();
            let token = tokens.find(|there| there.variable == variable);
            return Ok(token.map(|there| there.token.clone()));
        }
        self.0.secrets.store.get(id).await
    }

    async fn named(
        &self,
        effective: &Effective,
        name: &ConnectionName,
    ) -> Option<(NamedConnection, Result<Option<Token>, SecretError>)> {
        let (file, entry) = effective.connection(name)?;
        let id = Self::secret_of(effective, file.level(), name, &entry.definition);
        let mut token = self.token(file, &id).await;
        let is_oauth = id.kind == SecretKind::OauthGrant;
        let grant = is_oauth.then(|| match &token {
            Ok(Some(token)) => Grant::of_token(token)
                .map_or(GrantState::NeedsAuthorization, |grant| {
                    grant.state(self.0.egress.clock.since_1970())
                }),
            _ => GrantState::NeedsAuthorization,
        });
        let source = effective.definition(name)?.2;
        let named = NamedConnection {
            name: name.clone(),
            definition: entry.definition.clone(),
            source,
            in_use: *name == effective.connection_name(),
            token: match &token {
                Ok(Some(_)) => TokenState::Stored,
                Ok(None) => TokenState::Missing,
                Err(_) => TokenState::Unreadable,
            },
            grant,
            level: id.level,
        };
        if is_oauth {
            // A grant is nothing that a caller can send.
            token = token.map(|_| None);
        }
        Some((named, token))
    }

    /// The connection of a name that stands at this very level.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when the level's file has mistakes.
    pub fn connection_at(
        &self,
        scope: &Scope,
        level: Level,
        name: &ConnectionName,
    ) -> Result<Option<ConnectionDefinition>, ConfigError> {
        let file = self.0.config.read(&scope.path(level))?;
        Ok(file.and_then(|file| Some(file.connection(name)?.definition.clone())))
    }

    /// The levels of a scope that have a connection of a name.
    #[must_use]
    pub fn where_else(&self, scope: &Scope, name: &ConnectionName) -> Vec<Level> {
        Level::NARROWEST_FIRST
            .into_iter()
            .filter(|level| matches!(self.connection_at(scope, *level, name), Ok(Some(_))))
            .collect()
    }

    /// One change at a time: in this process first, since tasks that waited for a file's lock on
    /// the threads of the runtime would keep its holder from going on.
    async fn lock_connections(&self) -> Result<(MutexGuard<'_, ()>, FolderLock), CallError> {
        let own = self.0.saving.lock().await;
        let lock = FolderLock::take_async(&self.0.state, "connections")
            .await
            .map_err(|source| {
                let path = self.0.state.clone();
                SecretError::Store(StoreError::File { path, source })
            })?;
        Ok((own, lock))
    }

    /// One change at a time, whichever state folder a host has: another one that shares the
    /// configuration and the store of secrets keeps its token before it writes the file, and who
    /// forgot tokens in between would take the only one.
    async fn lock_folder(&self) -> Result<FolderLock, EditError> {
        FolderLock::take_async(self.0.config.path(), "connections")
            .await
            .map_err(|source| EditError::Write {
                path: self.0.config.path().to_owned(),
                source,
            })
    }
}

impl From<SecretError> for SaveError {
    fn from(error: SecretError) -> Self {
        Self::Call(Box::new(error.into()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        reason = "a test fails by panicking"
    )]

    use confluence_simulator::Simulator;

    use crate::connection::{ConnectionDefinition, Endpoint, Scheme, Token, TokenKind};
    use crate::runner::HostRunner;
    use crate::secret::vault_stand_in::{Fake, VAULT_TOKEN};
    use crate::{CallError, bind};
    use host_levels::Expected;
    use host_levels::{Level, Scope};

    fn host(folder: &std::path::Path, vault: &Fake) -> HostRunner {
        use std::os::unix::fs::PermissionsExt as _;
        let token = folder.join("vault-token");
        std::fs::write(&token, VAULT_TOKEN).unwrap();
        std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o600)).unwrap();
        let config = folder.join("config");
        std::fs::create_dir_all(&config).unwrap();
        let cluster = format!(
            "network.allow-loopback = true\n[secrets]\nstore = \"vault\"\nvault.address = \"{}\"\nvault.token-file = \"{}\"\n",
            vault.address,
            token.display()
        );
        std::fs::write(config.join("cluster.toml"), cluster).unwrap();
        HostRunner::builder(config, folder.join("state"))
            .open()
            .unwrap()
    }

    async fn call(host: &HostRunner) -> Result<(), CallError> {
        let tenant = host.tenant(&Scope::default()).unwrap();
        let list = tenant.function("listSpaces").unwrap();
        tenant
            .call(list, bind(list, &[], &[]).unwrap())
            .await
            .map(drop)
    }

    #[tokio::test]
    async fn a_cluster_that_names_vault_keeps_its_tokens_there_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Fake::start().await;
        let site = Simulator::start(Default::default()).await.unwrap();
        let host = host(folder.path(), &vault);
        let scope = Scope::default();
        let name = "default".parse().unwrap();
        let basic = |user: &str| Scheme::Basic {
            user: user.to_owned(),
        };
        let endpoint = Endpoint::parse(&site.site_url()).unwrap();
        for (user, token) in [
            ("me@example.com", "sesame-1"),
            ("you@example.com", "sesame-2"),
        ] {
            let definition =
                ConnectionDefinition::new(endpoint.clone(), basic(user), TokenKind::Unscoped);
            let token = Token::parse(token).unwrap();
            host.save_connection(
                &scope,
                Level::Env,
                &name,
                &Expected::Any,
                &definition,
                &token,
            )
            .await
            .unwrap();
            call(&host).await.unwrap();
        }
        let kept = format!("{:?}", vault.state().secrets);
        assert!(
            kept.contains("host-runner/env/default/connection/default"),
            "{kept}"
        );
        // The replaced token's versions are destroyed.
        assert!(
            kept.contains("sesame-2") && !kept.contains("sesame-1"),
            "{kept}"
        );
        for entry in std::fs::read_dir(folder.path().join("state")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let bytes = std::fs::read(path).unwrap();
                assert!(!bytes.windows(6).any(|window| window == b"sesame"));
            }
        }
        host.remove_connection(&scope, Level::Env, &name)
            .await
            .unwrap();
        assert!(!format!("{:?}", vault.state().secrets).contains("sesame"));
        vault.state().denied.push("GET data/");
        let definition =
            ConnectionDefinition::new(endpoint, basic("me@example.com"), TokenKind::Unscoped);
        let refused = host
            .save_connection(
                &scope,
                Level::Env,
                &name,
                &Expected::Any,
                &definition,
                &Token::parse("x").unwrap(),
            )
            .await;
        assert!(matches!(refused, Err(CallError::Secret(_))), "{refused:?}");
        assert!(host.connections(&scope).await.unwrap().is_empty());
    }
}
