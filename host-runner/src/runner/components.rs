//! Components of levels: stored under their digest, named by a level, and loaded for its scopes.

use std::sync::{Arc, PoisonError};

use super::{HostRunner, TenantError};
use crate::component::{
    ComponentStore, ComponentStoreError, Digest, Function, Grant, LoadError, LoadedComponent,
    Terms, embedded_component,
};
use crate::config::{ConfigError, EMBEDDED, EditError, Effective, Source};
use crate::level::{Level, LevelPath, Scope};

/// Which level runs a stored component.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ComponentUse {
    /// The component.
    pub digest: Digest,
    /// The level.
    pub level: LevelPath,
}

/// Why a stored component is not removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemoveComponentError {
    /// Levels run it.
    #[error(
        "the component `{digest}` is in use by level {}: give that level another one first, or take its `component.digest` out",
        .levels.iter().map(|level| format!("`{level}`")).collect::<Vec<_>>().join(", ")
    )]
    InUse {
        /// The component.
        digest: Digest,
        /// The levels.
        levels: Vec<LevelPath>,
    },
    /// The levels cannot be read, so that nobody knows whether they run it.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The store cannot be written.
    #[error(transparent)]
    Store(#[from] ComponentStoreError),
}

/// Why a level does not get a component.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AssignComponentError {
    /// The component is refused at that level.
    #[error(transparent)]
    Tenant(#[from] TenantError),
    /// The level's file cannot be changed.
    #[error(transparent)]
    Edit(#[from] EditError),
}

impl HostRunner {
    /// The stored components.
    #[must_use]
    pub fn component_store(&self) -> &ComponentStore {
        &self.components
    }

    /// Makes a stored component the one that a level runs, if it keeps the level's terms.
    ///
    /// # Errors
    ///
    /// [`AssignComponentError`] when it imports more than is granted there, lacks an export, is no
    /// component, or the level's file cannot be changed. The level runs what it ran, then.
    pub fn assign_component(
        &self,
        scope: &Scope,
        level: Level,
        digest: &Digest,
    ) -> Result<(), AssignComponentError> {
        let effective = self.effective(scope).map_err(TenantError::Config)?;
        let origin = Source::File {
            level: scope.path(level),
            file: self.config.file(&scope.path(level)),
            line: 0,
        };
        self.stored(&effective, digest, &origin)?;
        self.config
            .set(scope, level, "component.digest", &digest.to_string())?;
        Ok(())
    }

    /// Which levels run stored components.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when a level's file has mistakes.
    pub fn component_uses(&self) -> Result<Vec<ComponentUse>, ConfigError> {
        let mut uses = Vec::new();
        for level in self.config.levels()? {
            if let Some(file) = self.config.read(&level)?
                && let Some(digest) = file
                    .text("component.digest")
                    .and_then(|digest| digest.parse().ok())
            {
                uses.push(ComponentUse { digest, level });
            }
        }
        Ok(uses)
    }

    /// Removes a stored component that no level runs. Answers whether it was stored.
    ///
    /// # Errors
    ///
    /// [`RemoveComponentError`].
    pub fn remove_component(&self, digest: &Digest) -> Result<bool, RemoveComponentError> {
        let levels: Vec<LevelPath> = self
            .component_uses()?
            .into_iter()
            .filter(|there| there.digest == *digest)
            .map(|there| there.level)
            .collect();
        if !levels.is_empty() {
            return Err(RemoveComponentError::InUse {
                digest: *digest,
                levels,
            });
        }
        Ok(self.components.remove(digest)?)
    }

    /// The component in force for a scope.
    pub(super) fn component_of(
        &self,
        effective: &Effective,
    ) -> Result<Arc<LoadedComponent>, TenantError> {
        if let Some(own) = &self.own_component {
            return self.load(effective, own, &[], "given", &Source::Caller);
        }
        let (component, origin) = effective.component();
        if component == EMBEDDED {
            return self.embedded(effective, &origin);
        }
        let digest: Digest = component.parse().map_err(|_| TenantError::Load {
            component: component.clone(),
            origin: Box::new(origin.clone()),
            error: LoadError::Invalid {
                reason: "the setting is no digest".to_owned(),
            },
        })?;
        self.stored(effective, &digest, &origin)
    }

    fn embedded(
        &self,
        effective: &Effective,
        origin: &Source,
    ) -> Result<Arc<LoadedComponent>, TenantError> {
        self.load(effective, embedded_component(), &[], EMBEDDED, origin)
    }

    fn stored(
        &self,
        effective: &Effective,
        digest: &Digest,
        origin: &Source,
    ) -> Result<Arc<LoadedComponent>, TenantError> {
        let bytes = self
            .components
            .get(digest)?
            .ok_or_else(|| TenantError::NotStored {
                digest: *digest,
                origin: Box::new(origin.clone()),
            })?;
        let reference = self.reference()?;
        self.load(
            effective,
            &bytes,
            reference.functions(),
            &digest.to_string(),
            origin,
        )
    }

    /// The component that says which functions the interfaces have: this program's own.
    fn reference(&self) -> Result<Arc<LoadedComponent>, TenantError> {
        let nothing = crate::config::ConfigFolder::new("")
            .effective(&Scope::default(), &[])
            .map_err(TenantError::Config)?;
        self.embedded(&nothing, &Source::Default)
    }

    /// Loads a component once for each set of terms.
    fn load(
        &self,
        effective: &Effective,
        bytes: &[u8],
        reference: &[Function],
        component: &str,
        origin: &Source,
    ) -> Result<Arc<LoadedComponent>, TenantError> {
        let (imports, _) = effective.allowed_imports();
        let grant = Grant::parse(&imports)?;
        // The embedder's own component, and the reference itself, are asked for no exports.
        let exports = if reference.is_empty() {
            Vec::new()
        } else {
            effective.required_exports()
        };
        let key = format!("{component}\n{}\n{}", imports.join(","), exports.join(","));
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = loaded.get(&key) {
            return Ok(Arc::clone(there));
        }
        let terms = Terms {
            grant: &grant,
            exports: &exports,
            reference,
        };
        let fresh = LoadedComponent::load(&self.engine, bytes, &self.compiled, &terms).map_err(
            |error| TenantError::Load {
                component: component.to_owned(),
                origin: Box::new(origin.clone()),
                error,
            },
        )?;
        let fresh = Arc::new(fresh);
        loaded.insert(key, Arc::clone(&fresh));
        Ok(fresh)
    }
}
