//! Components of levels: stored under their digest, named by a level, and loaded for its scopes.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::{HostRunner, TenantError};
use crate::call::LoadedComponent;
use crate::component::{
    ComponentChoice, ComponentPolicy, ComponentStore, ComponentStoreError, Digest, EMBEDDED_NAME,
    Function, Grant, LoadError, PublicKey, Signature, Terms, TrustError, check_signature,
    check_signature_fit, embedded_component,
};
use crate::engine::{CompileLimits, Trust};
use crate::known_settings::SETTINGS;
use crate::limits::Limits;
use host_levels::durable_file::FolderLock;
use host_levels::{ConfigError, EditError, Effective, Level, LevelPath, Remedy, Scope, Source};

/// Components kept loaded at once. A level's is loaded once for all of its apps; linked code is
/// some MB.
const MAX_LOADED: usize = 64;

/// The setting that names the component of a level.
const COMPONENT: &str = "component.digest";

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
        "the component `{digest}` is used by level {}: set another component there first, or unset its `component.digest`",
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

impl RemoveComponentError {
    /// What to do about it, as data.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Store(error) => error.remedy(),
            _ => None,
        }
    }
}

impl AssignComponentError {
    /// What to do about it, as data.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Tenant(error) => error.remedy(),
            Self::Edit(error) => error.remedy(),
        }
    }
}

impl From<ComponentStoreError> for AssignComponentError {
    fn from(error: ComponentStoreError) -> Self {
        Self::Tenant(error.into())
    }
}

impl HostRunner {
    /// The stored components.
    #[must_use]
    pub fn component_store(&self) -> &ComponentStore {
        &self.0.components
    }

    /// Stores a component, with the file of its signatures if there is one, and makes it the one
    /// that a level runs, if it keeps the level's terms.
    ///
    /// # Errors
    ///
    /// As [`HostRunner::assign_component`], [`TenantError::Signature`] when the file is not one of
    /// signatures of this component, and [`TenantError::Store`] when it cannot be stored. A component
    /// that is refused is not stored, nor is its signature.
    pub fn load_component(
        &self,
        scope: &Scope,
        level: Level,
        bytes: &[u8],
        signatures: Option<&[u8]>,
    ) -> Result<Digest, AssignComponentError> {
        ComponentStore::refuse_large(bytes)?;
        let _lock = self.lock_components()?;
        let signatures = signatures
            .map(|file| signatures_of(bytes, file))
            .transpose()?;
        let digest = Digest::of(bytes);
        let (effective, origin) = self.terms_of(scope, level)?;
        let held = Held::of(&effective, None)?;
        let there = self.0.components.signatures(&digest)?;
        let joined = match &signatures {
            Some(new) => {
                // Whose it is can be told by the keys that are trusted alone.
                if new.iter().all(|signature| signature.signer().is_none()) {
                    held.check_signature(&digest, bytes, Some(&Signature::file_of(new)))?;
                }
                let components = &self.0.components;
                Some(components.signatures_joined(&digest, there.as_deref(), new)?)
            }
            None => there,
        };
        held.check_signature(&digest, bytes, joined.as_deref())?;
        self.load_stored(&digest, bytes, held, &origin)?;
        self.0
            .config
            .try_set(scope, level, COMPONENT, &digest.to_string())?;
        self.0.components.put(bytes)?;
        if let Some(signatures) = signatures {
            self.0.components.put_signatures(&digest, &signatures)?;
        }
        self.0
            .config
            .set(scope, level, COMPONENT, &digest.to_string())?;
        Ok(digest)
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
        let _lock = self.lock_components()?;
        let (effective, origin) = self.terms_of(scope, level)?;
        self.stored(&effective, digest, &origin, None)?;
        self.0
            .config
            .set(scope, level, COMPONENT, &digest.to_string())?;
        Ok(())
    }

    /// What is in force for a level, whatever narrower ones say, and where it would name a
    /// component.
    fn terms_of(&self, scope: &Scope, level: Level) -> Result<(Effective, Source), TenantError> {
        let path = scope.path(level);
        let effective = self
            .0
            .config
            .effective_at(&path)
            .map_err(TenantError::Config)?;
        let origin = Source::File {
            file: self.0.config.file(&path),
            level: path,
            line: 1,
        };
        Ok((effective, origin))
    }

    /// Keeps a component from being removed between its storing and its use.
    fn lock_components(&self) -> Result<FolderLock, ComponentStoreError> {
        FolderLock::take(&self.0.state, "components").map_err(|source| ComponentStoreError::File {
            path: self.0.state.clone(),
            source,
        })
    }

    /// Whether compiled code of these bytes is kept, so that the next process loads them at once.
    #[must_use]
    pub fn keeps_code_of(&self, component: &[u8]) -> bool {
        self.0.compiled.kept(&self.0.engine, component).is_some()
    }

    /// Which levels run stored components.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when a level's file has mistakes.
    pub fn component_uses(&self) -> Result<Vec<ComponentUse>, ConfigError> {
        let mut uses = Vec::new();
        for level in self.0.config.levels()? {
            if let Some(file) = self.0.config.read(&level)?
                && let Some(digest) = file.text(COMPONENT).and_then(|digest| digest.parse().ok())
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
        let _lock = self.lock_components()?;
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
        Ok(self.0.components.remove(digest)?)
    }

    /// The component in force for a scope.
    pub(super) fn component_of(
        &self,
        effective: &Effective,
    ) -> Result<Arc<LoadedComponent>, TenantError> {
        let limits = self.0.limits.unwrap_or_else(|| Limits::in_force(effective));
        let call = Some(limits.call);
        if let Some(own) = &self.0.own_component {
            let held = Held::of_own(effective, call)?;
            return self.own(held, own, "given", &Source::Caller);
        }
        let ComponentChoice { component, origin } = ComponentChoice::in_force(effective);
        if component == EMBEDDED_NAME {
            return self.embedded(Held::of_own(effective, call)?, &origin);
        }
        let digest: Digest = component.parse().map_err(|_| TenantError::Load {
            component: component.clone(),
            origin: Box::new(origin.clone()),
            error: LoadError::Invalid {
                reason: "the setting is no digest".to_owned(),
            },
        })?;
        self.stored(effective, &digest, &origin, call)
    }

    fn stored(
        &self,
        effective: &Effective,
        digest: &Digest,
        origin: &Source,
        call: Option<Duration>,
    ) -> Result<Arc<LoadedComponent>, TenantError> {
        let name = digest.to_string();
        let terms = Held::of(effective, call)?;
        if let Some(there) = self.loaded(&name, &terms) {
            return Ok(there);
        }
        let bytes = self
            .0
            .components
            .get(digest)?
            .ok_or_else(|| TenantError::NotStored {
                digest: *digest,
                origin: Box::new(origin.clone()),
            })?;
        if terms.signers.is_some() {
            let signatures = self.0.components.signatures(digest)?;
            terms.check_signature(digest, &bytes, signatures.as_deref())?;
        }
        self.load_stored(digest, &bytes, terms, origin)
    }

    /// Loads a component of the store, or one that is about to be in it, after its signature was
    /// checked.
    fn load_stored(
        &self,
        digest: &Digest,
        bytes: &[u8],
        held: Held,
        origin: &Source,
    ) -> Result<Arc<LoadedComponent>, TenantError> {
        let name = digest.to_string();
        if let Some(there) = self.loaded(&name, &held) {
            return Ok(there);
        }
        let terms = Held {
            compile: held.compile,
            ..Held::of_own(&Effective::defaults(SETTINGS), None)?
        };
        let reference = self.embedded(terms, &Source::Default)?;
        self.load(&name, bytes, held, reference.functions(), origin)
    }

    fn embedded(&self, held: Held, origin: &Source) -> Result<Arc<LoadedComponent>, TenantError> {
        self.own(held, embedded_component(), EMBEDDED_NAME, origin)
    }

    /// A component that is asked for no exports and no signature: the embedder's, or the one that
    /// is part of this program and the reference. Whoever could change that one could change the
    /// code that would verify its signature.
    fn own(
        &self,
        held: Held,
        bytes: &[u8],
        name: &str,
        origin: &Source,
    ) -> Result<Arc<LoadedComponent>, TenantError> {
        match self.loaded(name, &held) {
            Some(there) => Ok(there),
            None => self.load(name, bytes, held, &[], origin),
        }
    }

    fn loaded(&self, component: &str, terms: &Held) -> Option<Arc<LoadedComponent>> {
        let loaded = self.0.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.get(&terms.key(component)).cloned()
    }

    /// Loads a component. Of several tasks and processes that do so at once, one compiles it, and
    /// the others wait.
    fn load(
        &self,
        component: &str,
        bytes: &[u8],
        held: Held,
        reference: &[Function],
        origin: &Source,
    ) -> Result<Arc<LoadedComponent>, TenantError> {
        let terms = Terms {
            grant: &held.grant,
            exports: &held.exports,
            reference,
            compile: held.compile,
            trust: held.trust,
        };
        let fresh = LoadedComponent::load(&self.0.engine, bytes, &self.0.compiled, &terms)
            .map_err(|error| TenantError::Load {
                component: component.to_owned(),
                origin: Box::new(origin.clone()),
                error,
            })?;
        let fresh = Arc::new(fresh);
        let mut loaded = self.0.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if loaded.len() >= MAX_LOADED {
            loaded.clear();
        }
        loaded.insert(held.key(component), Arc::clone(&fresh));
        Ok(fresh)
    }
}

/// The signatures in a file, if they can be ones of this component.
fn signatures_of(component: &[u8], file: &[u8]) -> Result<Vec<Signature>, TenantError> {
    Signature::parse_all(file)
        .map_err(TrustError::Unreadable)
        .and_then(|signatures| {
            check_signature_fit(component, &signatures)?;
            Ok(signatures)
        })
        .map_err(|error| TenantError::Signature {
            component: Digest::of(component),
            error,
        })
}

/// The terms that a level holds a component to.
struct Held {
    grant: Grant,
    /// Sorted, each once.
    exports: Vec<String>,
    /// Whose signature is demanded, and by whom, if one is.
    signers: Option<(Vec<PublicKey>, Source)>,
    /// What compiling it may take.
    compile: CompileLimits,
    trust: Trust,
}

impl Held {
    /// The terms for a component of the store, which a call of so much time needs, if one does.
    fn of(effective: &Effective, call: Option<Duration>) -> Result<Self, TenantError> {
        let ComponentPolicy {
            imports,
            mut exports,
            signers,
        } = ComponentPolicy::in_force(effective)?;
        exports.sort();
        exports.dedup();
        let signers = signers.map(|(mut keys, demand)| {
            keys.sort_unstable();
            keys.dedup();
            (keys, demand)
        });
        Ok(Self {
            grant: imports,
            exports,
            signers,
            compile: CompileLimits {
                call,
                ..CompileLimits::in_force(effective)
            },
            trust: Trust::Foreign,
        })
    }

    /// The terms for a component that needs no other trust.
    fn of_own(effective: &Effective, call: Option<Duration>) -> Result<Self, TenantError> {
        Ok(Self {
            grant: Grant::in_force(effective)?,
            exports: Vec::new(),
            signers: None,
            compile: CompileLimits {
                call,
                ..CompileLimits::in_force(effective)
            },
            trust: Trust::Own,
        })
    }

    /// Checks that who is trusted has signed a component, where that is demanded.
    fn check_signature(
        &self,
        digest: &Digest,
        component: &[u8],
        signatures: Option<&[u8]>,
    ) -> Result<(), TenantError> {
        let Some((trusted, demand)) = &self.signers else {
            return Ok(());
        };
        check_signature(component, signatures, trusted).map_err(|error| TenantError::Untrusted {
            component: *digest,
            demand: Box::new(demand.clone()),
            error,
        })
    }

    /// What a component that was loaded on these terms is found by.
    fn key(&self, component: &str) -> String {
        let signers = self.signers.as_ref().map(|(keys, _)| keys);
        format!(
            "{component}\n{:?}\n{}\n{signers:?}",
            self.grant,
            self.exports.join(",")
        )
    }
}
