//! OAuth apps that are stored: their definition in a level's file, their secret in the store of secrets.

use super::HostRunner;
use crate::connection::Token;
use crate::oauth::{OauthError, secret_binding};
use crate::secret::{SecretError, SecretId, SecretKind};
use host_levels::{
    ConfigError, Effective, Level, LevelPath, OauthApp, OauthAppName, Scope, Source,
};

/// An OAuth app in force for a scope.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NamedOauthApp {
    /// Its name.
    pub name: OauthAppName,
    /// What it is.
    pub app: OauthApp,
    /// The level that has it.
    pub level: LevelPath,
    /// The file and the line of it.
    pub source: Source,
    /// Whether it has a secret for its client id. `None` where the store of secrets does not answer.
    pub has_secret: Option<bool>,
}

/// The id of an app's secret.
pub(super) fn secret_id(level: &LevelPath, name: &OauthAppName, app: &OauthApp) -> SecretId {
    SecretId {
        level: level.clone(),
        kind: SecretKind::OauthClientSecret,
        name: name.clone(),
        binding: secret_binding(app),
    }
}

impl HostRunner {
    /// Stores an OAuth app at a level of a scope, in place of the one of the same name. Without a
    /// secret, the one that was entered for the same client id is kept.
    ///
    /// # Errors
    ///
    /// [`OauthError`] when file or secrets cannot be written.
    pub async fn save_oauth_app(
        &self,
        scope: &Scope,
        level: Level,
        name: &OauthAppName,
        app: &OauthApp,
        secret: Option<&Token>,
    ) -> Result<(), OauthError> {
        let path = scope.path(level);
        let id = secret_id(&path, name, app);
        if let Some(secret) = secret {
            self.0.secrets.store.put(&id, secret).await?;
        }
        self.0.config.put_oauth_app(scope, level, name, app)?;
        self.0
            .secrets
            .store
            .forget(&path, id.kind, name, Some(&id.binding))
            .await?;
        Ok(())
    }

    /// Stores the secret of an OAuth app that a level has, and leaves the level's file alone.
    ///
    /// # Errors
    ///
    /// [`OauthError::NoApp`] when the level has none of that name, and others when the secrets cannot
    /// be written.
    pub async fn set_oauth_secret(
        &self,
        scope: &Scope,
        level: Level,
        name: &OauthAppName,
        secret: &Token,
    ) -> Result<(), OauthError> {
        let path = scope.path(level);
        let Some(app) = self.oauth_app_at(scope, level, name)? else {
            return Err(OauthError::NoApp {
                app: name.clone(),
                level: path,
            });
        };
        let id = secret_id(&path, name, &app);
        let store = &self.0.secrets.store;
        store.put(&id, secret).await?;
        store
            .forget(&path, id.kind, name, Some(&id.binding))
            .await?;
        Ok(())
    }

    /// Removes an OAuth app and its secret from a level. Answers whether the app was there. Logins that
    /// used it need authorization from then on.
    ///
    /// # Errors
    ///
    /// [`OauthError`] when file or secrets cannot be written.
    pub async fn remove_oauth_app(
        &self,
        scope: &Scope,
        level: Level,
        name: &OauthAppName,
    ) -> Result<bool, OauthError> {
        let was_there = self.0.config.remove_oauth_app(scope, level, name)?;
        self.0
            .secrets
            .store
            .forget(
                &scope.path(level),
                SecretKind::OauthClientSecret,
                name,
                None,
            )
            .await?;
        Ok(was_there)
    }

    /// The OAuth app of a name that this very level has.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when the level's file has mistakes.
    pub fn oauth_app_at(
        &self,
        scope: &Scope,
        level: Level,
        name: &OauthAppName,
    ) -> Result<Option<OauthApp>, ConfigError> {
        let file = self.0.config.read(&scope.path(level))?;
        Ok(file.and_then(|file| Some(file.oauth_app(name)?.app.clone())))
    }

    /// The OAuth apps in force for a scope, sorted by name. With a level, those that it and wider
    /// levels have.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when the levels have mistakes.
    pub async fn oauth_apps(
        &self,
        scope: &Scope,
        level: Level,
    ) -> Result<Vec<NamedOauthApp>, ConfigError> {
        let effective = self.in_force(scope)?;
        let mut apps = Vec::new();
        for name in effective.oauth_app_names() {
            apps.extend(self.named_app(&effective, name, level).await);
        }
        Ok(apps)
    }

    async fn named_app(
        &self,
        effective: &Effective,
        name: &OauthAppName,
        level: Level,
    ) -> Option<NamedOauthApp> {
        let (file, entry) = effective.oauth_app(name, level)?;
        let id = secret_id(file.level(), name, &entry.app);
        let secret: Result<_, SecretError> = self.0.secrets.store.get(&id).await;
        Some(NamedOauthApp {
            name: name.clone(),
            app: entry.app.clone(),
            source: Source::File {
                level: file.level().clone(),
                file: file.path().to_owned(),
                line: entry.line,
            },
            level: file.level().clone(),
            has_secret: secret.ok().map(|secret| secret.is_some()),
        })
    }
}
