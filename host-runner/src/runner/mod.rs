//! The host runner: an engine, the levels of a configuration folder, the secrets of a state
//! folder, and the tenants that call through them.

mod builder;
mod components;
mod connections;
mod continuations;
mod follow;
mod logins;
mod oauth_apps;
mod secrets;
mod server_client;
mod site_time;
mod stored_credential;
mod tenant;
mod vault;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use wasmtime::Engine;

use crate::call::{Census, LoadedComponent, Turns, Usage, WarmInstances};
use crate::component::ComponentStoreError;
use crate::component::{ComponentStore, Digest, GrantError, LoadError, TrustError};
use crate::engine::{
    CompiledCode, Compiler, InstanceMemory, MemoryLayout, Ticker, address_space_bytes,
};
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::oauth::GrantLocks;
use crate::outbound::Egress;
#[cfg(unix)]
use crate::permits::Permits;
use crate::secret::{KeyError, SecretError};
use host_levels::{ConfigError, ConfigFolder, Effective, Level, Remedy, Scope, Source, Value};

use secrets::Secrets;

pub use builder::HostRunnerBuilder;
pub use components::{AssignComponentError, ComponentUse, RemoveComponentError};
pub use connections::{NamedConnection, SaveError, TokenState};
pub use follow::{Follow, NotAList};
pub use logins::LoggedIn;
pub use oauth_apps::NamedOauthApp;
pub use server_client::ServerClient;
pub use site_time::SiteTimeError;
pub use tenant::Tenant;

/// Why a host runner cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The state folder cannot be made, or others can write it.
    #[error("cannot use the state folder `{path}`: {source}")]
    StateFolder {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// There is no key, or the secrets cannot be opened.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The levels have mistakes, or cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The engine cannot start.
    #[error("the WebAssembly engine cannot start: {reason}")]
    Engine {
        /// What it said.
        reason: String,
    },
}

/// Why there is no component to call for a scope.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TenantError {
    /// The levels have mistakes, or cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The component of the level is not stored here.
    #[error(
        "the component `{digest}` that {origin} names is not stored here: store it, or unset `component.digest`"
    )]
    NotStored {
        /// Its digest.
        digest: Digest,
        /// Where the setting comes from.
        origin: Box<Source>,
    },
    /// The stored component cannot be read.
    #[error(transparent)]
    Store(#[from] ComponentStoreError),
    /// What a level grants cannot be granted.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// A level demands a signature that the component does not have.
    #[error(
        "the component `{component}` is refused: {error}; a signature is demanded by `component.signed-by` of {demand}"
    )]
    Untrusted {
        /// Its digest.
        component: Digest,
        /// Where the demand comes from.
        demand: Box<Source>,
        /// What is wrong with its signature.
        error: TrustError,
    },
    /// The signature that was given with a component is not one of it.
    #[error("the component `{component}` is not stored: {error}")]
    Signature {
        /// Its digest.
        component: Digest,
        /// What is wrong with its signature.
        error: TrustError,
    },
    /// The component cannot be loaded.
    #[error("the component `{component}` (from {origin}) is refused: {error}")]
    Load {
        /// Its digest, or `embedded`.
        component: String,
        /// Where the setting comes from.
        origin: Box<Source>,
        /// Why.
        error: LoadError,
    },
}

impl OpenError {
    /// What to do about it, as data.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::StateFolder { .. } => Some(Remedy::ChooseStateFolder),
            Self::Secret(error) => error.remedy(),
            Self::Config(_) | Self::Engine { .. } => None,
        }
    }
}

impl TenantError {
    /// What to do about it, as data.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::NotStored { .. } => Some(Remedy::StoreComponent),
            Self::Store(error) => error.remedy(),
            Self::Untrusted { error, .. } | Self::Signature { error, .. } => error.remedy(),
            Self::Config(_) | Self::Grant(_) | Self::Load { .. } => None,
        }
    }
}

/// An engine, the levels of a configuration folder, and the secrets of a state folder.
///
/// Every call runs in an instance of its own, which is gone before the call returns: no state of
/// one tenant outlives its call. Where a level has `instances.warm`, an instance that ended a call
/// well serves later calls of the same tenant over the same connection, and what the component
/// remembers in its memory outlives the call; it never serves another tenant.
///
/// It is a handle: clones are cheap and share everything, and it lives for as long as one of them,
/// or a [`Tenant`] of it, does.
#[derive(Clone)]
pub struct HostRunner(Arc<Host>);

/// What the clones of a [`HostRunner`] share.
struct Host {
    engine: Engine,
    _ticker: Ticker,
    instance_memory: InstanceMemory,
    warm: Arc<WarmInstances>,
    census: Census,
    permits: Permits,
    turns: Turns,
    compiled: CompiledCode,
    components: ComponentStore,
    /// By digest, grant and required exports.
    loaded: Mutex<HashMap<String, Arc<LoadedComponent>>>,
    secrets: Secrets,
    egress: Arc<Egress>,
    metrics: Arc<Metrics>,
    grants: Arc<GrantLocks>,
    /// Of the connections that environment variables have.
    tokens: Vec<VariableToken>,
    config: ConfigFolder,
    state: PathBuf,
    /// Held by the one task of this process that stores or removes a connection.
    saving: tokio::sync::Mutex<()>,
    overrides: Vec<(&'static str, Value)>,
    limits: Option<Limits>,
    widest_level: Level,
    own_component: Option<Vec<u8>>,
}

/// The token of a connection that an environment variable has.
struct VariableToken {
    variable: String,
    token: crate::connection::Token,
}

impl HostRunner {
    /// A host runner with the levels of a configuration folder, which need not be there, and the
    /// secrets, components and compiled code of a state folder, which is made on first use.
    #[must_use]
    pub fn builder(config: impl Into<PathBuf>, state: impl Into<PathBuf>) -> HostRunnerBuilder {
        HostRunnerBuilder::new(config.into(), state.into())
    }

    /// The configuration folder.
    #[must_use]
    pub fn config(&self) -> &ConfigFolder {
        &self.0.config
    }

    /// Where instances have their memory from: what was asked for, unless the address space could
    /// not be reserved.
    #[must_use]
    pub fn instance_memory(&self) -> InstanceMemory {
        self.0.instance_memory
    }

    /// Where components are compiled: in the process that [`HostRunnerBuilder::compiler`] asks for, unless the
    /// engine was tuned.
    #[must_use]
    pub fn compiler(&self) -> &Compiler {
        self.0.compiled.compiler()
    }

    /// How much address space memories of instances reserve: less where that of this process is
    /// limited.
    #[must_use]
    pub fn memory_layout(&self) -> MemoryLayout {
        self.0.compiled.layout()
    }

    /// The limit of this process's address space, in bytes, if it has one (`ulimit -v`).
    #[must_use]
    pub fn address_space_bytes(&self) -> Option<u64> {
        address_space_bytes()
    }

    /// What calls hold at this moment.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let (running, waiting) = self.0.permits.count();
        let pool = self.0.engine.pooling_allocator_metrics();
        Usage {
            running,
            waiting,
            instances: self.0.census.instances(),
            warm: self.0.warm.count(),
            pooled_memories: pool.as_ref().map(|pool| pool.memories()),
            pooled_stacks: pool.as_ref().map(|pool| pool.stacks()),
            unread_bytes: self.0.census.unread_bytes().load(Ordering::SeqCst),
        }
    }

    /// The values in force for a scope, as the files of its levels are now.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every mistake in the files of the scope's levels.
    pub fn effective(&self, scope: &Scope) -> Result<Effective, ConfigError> {
        self.0.config.effective(scope, &self.0.overrides)
    }

    /// The same, shared by all calls while it does not change.
    fn in_force(&self, scope: &Scope) -> Result<Arc<Effective>, ConfigError> {
        self.0.config.in_force(scope, &self.0.overrides)
    }

    /// What all calls of this host have cost, in the text format of Prometheus: durations of requests
    /// and calls as histograms, counts of bytes, points, retries, waits. Names and units follow
    /// OpenTelemetry's conventions; no label holds a tenant or a site.
    #[must_use]
    pub fn metrics(&self) -> String {
        self.0.metrics.text()
    }
}

impl From<KeyError> for OpenError {
    fn from(error: KeyError) -> Self {
        Self::Secret(error.into())
    }
}
