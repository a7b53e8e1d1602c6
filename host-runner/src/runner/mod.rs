//! The host runner: an engine, the levels of a configuration folder, the secrets of a state
//! folder, and the tenants that call through them.

mod components;
mod connections;
mod secrets;
mod site_time;
mod tenant;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use wasmtime::{Config, Engine};

use crate::call::{Census, Usage, WarmInstances};
use crate::component::ComponentStoreError;
use crate::component::{
    ComponentStore, Digest, GrantError, LoadError, LoadedComponent, TrustError,
};
use crate::config::{ConfigError, ConfigFolder, Effective, Setting, Source, Value};
use crate::durable_file::make_private_folder;
use crate::engine::{CompiledCode, InstanceMemory, Limits, Ticker, start};
use crate::level::{Level, Scope};
use crate::metrics::Metrics;
use crate::outbound::{Clock, HttpClient, Lanes, Paces, SharedQuotas, SystemClock, Transports};
#[cfg(unix)]
use crate::owner::ForeignOwner;
use crate::seats::Seats;
use crate::secret::{KeyError, KeyOrigin, SecretError, SecretStore};

use secrets::Secrets;

pub use components::{AssignComponentError, ComponentUse, RemoveComponentError};
pub use connections::{NamedConnection, SaveError, TokenState};
pub use site_time::SiteTimeError;
pub use tenant::Tenant;

/// Why a host runner cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The state folder cannot be made, or others can write it.
    #[error(
        "cannot use the state folder `{path}`: {source}; or pass a writable folder with `--state-dir`"
    )]
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
        "the component `{digest}` that {origin} names is not stored here: store it with `host-runner component load FILE`, or take the setting `component.digest` out"
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

/// A change to the engine's settings.
type Tune = Box<dyn FnOnce(&mut Config)>;

/// How a [`HostRunner`] is set up.
pub struct Setup {
    config: ConfigFolder,
    state: PathBuf,
    overrides: Vec<(&'static str, Value)>,
    limits: Option<Limits>,
    widest_level: Level,
    component: Option<Vec<u8>>,
    scratch: Option<PathBuf>,
    secrets: Option<Arc<dyn SecretStore>>,
    http_client: Option<Arc<dyn HttpClient>>,
    clock: Arc<dyn Clock>,
    instance_memory: InstanceMemory,
    tune: Option<Tune>,
}

impl Setup {
    /// Sets up a host runner with the levels of a configuration folder, which need not be there,
    /// and the secrets, components and compiled code of a state folder, which is made on first use.
    #[must_use]
    pub fn new(config: impl Into<PathBuf>, state: impl Into<PathBuf>) -> Self {
        Self {
            config: ConfigFolder::new(config),
            state: state.into(),
            overrides: Vec::new(),
            limits: None,
            widest_level: Level::Cluster,
            component: None,
            scratch: None,
            secrets: None,
            http_client: None,
            clock: Arc::new(SystemClock),
            instance_memory: InstanceMemory::default(),
            tune: None,
        }
    }

    /// The caller's own value of a setting, as if at a level narrower than the app's: a level that
    /// has fixed it refuses calls.
    #[must_use]
    pub fn setting(mut self, setting: &'static Setting, value: Value) -> Self {
        self.overrides.push((setting.key, value));
        self
    }

    /// What one call may use, in place of what the levels say, whether they fixed it or not.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// The widest level that set-api-url-and-auth may store connections at. For programs that
    /// call on behalf of others: an app's user has no business at the cluster level.
    #[must_use]
    pub fn widest_level(mut self, level: Level) -> Self {
        self.widest_level = level;
        self
    }

    /// Runs this component in place of what the levels say. It may import what they grant. It need
    /// not export what they require, and is not asked for a signature: who gives it here has
    /// vouched for it.
    #[must_use]
    pub fn component(mut self, bytes: Vec<u8>) -> Self {
        self.component = Some(bytes);
        self
    }

    /// Keeps key, secrets and compiled code in this folder, and takes only components from the
    /// state folder, in which nothing is made then. For programs that look at a component and have
    /// no use for secrets: those of the state folder are not opened, and no connection has a token.
    #[must_use]
    pub fn scratch(mut self, folder: impl Into<PathBuf>) -> Self {
        self.scratch = Some(folder.into());
        self
    }

    /// Keeps tokens in this store, in place of the one that the cluster level names
    /// (`secrets.store`). Those that are sealed in the state folder are not opened, nor can their
    /// key be rotated; the key itself stays there, since compiled code is authenticated with it.
    #[must_use]
    pub fn secrets(mut self, store: Arc<dyn SecretStore>) -> Self {
        self.secrets = Some(store);
        self
    }

    /// Sends everything that leaves this host with this client, in place of the host's own pools.
    /// What is sent, when, and what is read of the answers stays the host's to decide;
    /// [`HttpClient`] says what becomes the client's.
    #[must_use]
    pub fn http_client(mut self, client: Arc<dyn HttpClient>) -> Self {
        self.http_client = Some(client);
        self
    }

    /// Waits with this clock before requests that the site turned away are made again. For who
    /// tests: time limits stay the machine's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Where instances have their memory from. Reserving it takes longer than one call saves: a
    /// program that calls once asks for [`InstanceMemory::OnDemand`].
    #[must_use]
    pub fn instance_memory(mut self, memory: InstanceMemory) -> Self {
        self.instance_memory = memory;
        self
    }

    /// Changes the engine's settings after this crate has made its own. Turning a protection off
    /// here turns it off.
    #[must_use]
    pub fn tune_engine(mut self, tune: impl FnOnce(&mut Config) + 'static) -> Self {
        self.tune = Some(Box::new(tune));
        self
    }

    /// Opens the state folder and starts the engine and its clock.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says what is missing or wrong and what to do about it.
    pub fn open(self) -> Result<HostRunner, OpenError> {
        let engine_failed = |reason: String| OpenError::Engine { reason };
        let folder = self.scratch.as_ref().unwrap_or(&self.state);
        make_private_folder(folder)
            .and_then(|()| refuse_shared_folder(folder))
            .map_err(|source| OpenError::StateFolder {
                path: folder.clone(),
                source,
            })?;
        let origin = match &self.scratch {
            Some(scratch) => KeyOrigin::in_folder(scratch),
            None => KeyOrigin::of(&self.state).map_err(SecretError::Key)?,
        };
        let secrets = match (self.secrets, &self.scratch) {
            (Some(store), _) => Secrets::supplied(store, &origin)?,
            (None, Some(_)) => Secrets::sealed(folder, origin)?,
            (None, None) => Secrets::of_cluster(&self.config, folder, origin)?,
        };
        let tune = self.tune.unwrap_or_else(|| Box::new(|_| ()));
        let (engine, instance_memory) = start(self.instance_memory, tune)
            .map_err(|error| engine_failed(format!("{error:#}")))?;
        let warm: Arc<WarmInstances> = Arc::default();
        let (idle, clock) = (Arc::downgrade(&warm), Arc::clone(&self.clock));
        let retire_idle = move || {
            if let Some(warm) = idle.upgrade() {
                warm.retire_idle(clock.now());
            }
        };
        let ticker = Ticker::start(&engine, retire_idle)
            .map_err(|error| engine_failed(error.to_string()))?;
        let compiled = CompiledCode::new(folder.join("compiled"), &secrets.key);
        Ok(HostRunner {
            engine,
            _ticker: ticker,
            instance_memory,
            warm,
            census: Census::default(),
            seats: Seats::default(),
            compiled,
            components: ComponentStore::of_state(&self.state),
            loaded: Mutex::default(),
            secrets,
            transports: Arc::new(
                self.http_client
                    .map_or_else(Transports::default, Transports::over),
            ),
            lanes: Arc::default(),
            paces: Arc::default(),
            quotas: Arc::default(),
            metrics: Arc::default(),
            clock: self.clock,
            config: self.config,
            state: self.state,
            saving: tokio::sync::Mutex::default(),
            overrides: self.overrides,
            limits: self.limits,
            widest_level: self.widest_level,
            own_component: self.component,
        })
    }
}

/// An engine, the levels of a configuration folder, and the secrets of a state folder.
///
/// Every call runs in an instance of its own, which is gone before the call returns: no state of
/// one tenant outlives its call. Where a level has `instances.warm`, an instance that ended a call
/// well serves later calls of the same tenant over the same connection, and what the component
/// remembers in its memory outlives the call; it never serves another tenant.
pub struct HostRunner {
    engine: Engine,
    _ticker: Ticker,
    instance_memory: InstanceMemory,
    warm: Arc<WarmInstances>,
    census: Census,
    seats: Seats,
    compiled: CompiledCode,
    components: ComponentStore,
    /// By digest, grant and required exports.
    loaded: Mutex<HashMap<String, Arc<LoadedComponent>>>,
    secrets: Secrets,
    transports: Arc<Transports>,
    lanes: Arc<Lanes>,
    paces: Arc<Paces>,
    quotas: SharedQuotas,
    metrics: Arc<Metrics>,
    clock: Arc<dyn Clock>,
    config: ConfigFolder,
    state: PathBuf,
    /// Held by the one task of this process that stores or removes a connection.
    saving: tokio::sync::Mutex<()>,
    overrides: Vec<(&'static str, Value)>,
    limits: Option<Limits>,
    widest_level: Level,
    own_component: Option<Vec<u8>>,
}

impl HostRunner {
    /// The configuration folder.
    #[must_use]
    pub fn config(&self) -> &ConfigFolder {
        &self.config
    }

    /// Where instances have their memory from: what was asked for, unless the address space could
    /// not be reserved.
    #[must_use]
    pub fn instance_memory(&self) -> InstanceMemory {
        self.instance_memory
    }

    /// What calls hold at this moment.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let (running, waiting) = self.seats.count();
        let pool = self.engine.pooling_allocator_metrics();
        Usage {
            running,
            waiting,
            instances: self.census.instances(),
            warm: self.warm.count(),
            pooled_memories: pool.as_ref().map(|pool| pool.memories()),
            pooled_stacks: pool.as_ref().map(|pool| pool.stacks()),
            unread_bytes: self.census.unread_bytes().load(Ordering::SeqCst),
        }
    }

    /// The values in force for a scope, as the files of its levels are now.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every mistake in the files of the scope's levels.
    pub fn effective(&self, scope: &Scope) -> Result<Effective, ConfigError> {
        self.config.effective(scope, &self.overrides)
    }

    /// The same, shared by all calls while it does not change.
    fn in_force(&self, scope: &Scope) -> Result<Arc<Effective>, ConfigError> {
        self.config.in_force(scope, &self.overrides)
    }

    /// What all calls of this host have cost, in the text format of Prometheus: durations of requests
    /// and calls as histograms, counts of bytes, points, retries, waits. Names and units follow
    /// OpenTelemetry's conventions; no label holds a tenant or a site.
    #[must_use]
    pub fn metrics(&self) -> String {
        self.metrics.text()
    }
}

impl From<KeyError> for OpenError {
    fn from(error: KeyError) -> Self {
        Self::Secret(error.into())
    }
}

/// Whoever else can write the state folder could put a key and code of their own into it.
#[cfg(unix)]
fn refuse_shared_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = std::fs::metadata(path)?;
    if let Some(ForeignOwner { owner, own }) = ForeignOwner::of(&metadata) {
        return Err(std::io::Error::new(
            std::io::ErrorKind::PermissionDenied,
            format!(
                "user {owner} owns it, whose code would run here, and this program runs as user {own}; if everything in it is yours, run `chown -R {own}` on it"
            ),
        ));
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o022 == 0 {
        return Ok(());
    }
    Err(std::io::Error::new(
        std::io::ErrorKind::PermissionDenied,
        format!("others can write it (mode {mode:o}); run `chmod go-w` on it"),
    ))
}

#[cfg(not(unix))]
fn refuse_shared_folder(_path: &Path) -> std::io::Result<()> {
    Ok(())
}
