//! How a host runner is made.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

#[cfg(unix)]
use host_levels::WrongOwner;
use host_levels::durable_file::make_private_folder;
use host_levels::{ConfigFolder, ConnectionDefinition, ConnectionName, Level, Setting, Value};
use wasmtime::Config;

use super::secrets::Secrets;
use super::{Host, HostRunner, OpenError, VariableToken};
use crate::call::{Census, Turns, WarmInstances};
use crate::component::ComponentStore;
use crate::connection::Token;
use crate::engine::{
    COMPILED_CODE_PURPOSE, CompiledCode, Compiler, InstanceMemory, KEPT_MEMORY_BYTES, MemoryLayout,
    Ticker, start, takes_usual_code,
};
use crate::known_settings::SETTINGS;
use crate::limits::Limits;
use crate::outbound::{Clock, Egress, HttpClient, SystemClock, Transports};
use crate::permits::Permits;
use crate::secret::{KeyOrigin, SecretError, SecretStore};

/// A change to the engine's settings.
type Tune = Box<dyn FnOnce(&mut Config)>;

/// How a [`HostRunner`] is made: [`HostRunner::builder`].
pub struct HostRunnerBuilder {
    config: ConfigFolder,
    state: PathBuf,
    overrides: Vec<(&'static str, Value)>,
    limits: Option<Limits>,
    widest_level: Level,
    component: Option<Vec<u8>>,
    scratch: Option<PathBuf>,
    secrets: Option<Arc<dyn SecretStore>>,
    variables: Vec<(String, String)>,
    tokens: Vec<VariableToken>,
    http_client: Option<Arc<dyn HttpClient>>,
    clock: Arc<dyn Clock>,
    instance_memory: InstanceMemory,
    kept_memory: usize,
    compiler: Option<PathBuf>,
    tune: Option<Tune>,
}

impl HostRunnerBuilder {
    pub(super) fn new(config: PathBuf, state: PathBuf) -> Self {
        Self {
            config: ConfigFolder::new(config, SETTINGS),
            state,
            overrides: Vec::new(),
            limits: None,
            widest_level: Level::Cluster,
            component: None,
            scratch: None,
            secrets: None,
            variables: Vec::new(),
            tokens: Vec::new(),
            http_client: None,
            clock: Arc::new(SystemClock),
            instance_memory: InstanceMemory::default(),
            kept_memory: KEPT_MEMORY_BYTES,
            compiler: None,
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

    /// A connection that an environment variable has, with its token, for containers. It is in
    /// force as if it stood at a level narrower than the app's, except where a level has locked it.
    #[must_use]
    pub fn connection_from_variable(
        mut self,
        variable: &str,
        name: &ConnectionName,
        definition: &ConnectionDefinition,
        token: Token,
    ) -> Self {
        self.variables
            .push((variable.to_owned(), definition.to_toml(name)));
        self.tokens.push(VariableToken {
            variable: variable.to_owned(),
            token,
        });
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

    /// Waits with this clock before a rejected request is retried, and before a connection is opened
    /// while too many were opened recently. For tests; time limits still use the machine's clock.
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

    /// How many bytes of its linear memory each slot of [`InstanceMemory::Pooled`] keeps for the next
    /// instance, cleared, where the rest is returned to the system. 16 MiB by default and at most; at most
    /// 256 KiB where the kernel does not report which pages were written (Linux before 6.7, other systems).
    /// There are at least as many slots as there were ever concurrent calls, and some for each thread that
    /// calls.
    #[must_use]
    pub fn kept_memory(mut self, bytes: usize) -> Self {
        self.kept_memory = bytes.min(KEPT_MEMORY_BYTES);
        self
    }

    /// Compiles components in a process of its own, for which this program is started, and ends it
    /// at `limits.compile-seconds` and `limits.compile-mib`. `host-runner` is such a program, and so
    /// is every one that calls [`compile_if_asked`](crate::compile_if_asked) first, such as the
    /// embedding one itself. It must be of this very version.
    ///
    /// Without a program, components are compiled in this process, whose time and memory are bounded
    /// by the number and size of a component's parts alone: a component of 300 KB can take a minute
    /// and gigabytes. [`HostRunner::compiler`] says which holds.
    #[must_use]
    pub fn compiler(mut self, program: impl Into<PathBuf>) -> Self {
        self.compiler = Some(program.into());
        self
    }

    /// Changes the engine's settings after this crate has made its own. Turning a protection off
    /// here turns it off. An engine that takes other code than the one without these changes has its
    /// components compiled in this process, whatever [`HostRunnerBuilder::compiler`] names.
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
    pub fn open(mut self) -> Result<HostRunner, OpenError> {
        self.config = self.config.with_variables(self.variables);
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
        let is_tuned = self.tune.is_some();
        let tune = self.tune.unwrap_or_else(|| Box::new(|_| ()));
        let layout = MemoryLayout::of_process();
        let (engine, instance_memory) = start(self.instance_memory, layout, self.kept_memory, tune)
            .map_err(|error| engine_failed(format!("{error:#}")))?;
        let compiler = match self.compiler {
            Some(program) if !is_tuned || takes_usual_code(&engine, layout) => {
                Compiler::Process { program }
            }
            _ => Compiler::InProcess,
        };
        let warm: Arc<WarmInstances> = Arc::default();
        let (idle, clock) = (Arc::downgrade(&warm), Arc::clone(&self.clock));
        let retire_idle = move || {
            if let Some(warm) = idle.upgrade() {
                warm.retire_idle(clock.now());
            }
        };
        let turns = Turns::default();
        let slices = turns.clone();
        let ticker = Ticker::start(&engine, move || slices.end_slice(), retire_idle)
            .map_err(|error| engine_failed(error.to_string()))?;
        let compiled = CompiledCode::new(
            folder.join("compiled"),
            secrets.key.derive(COMPILED_CODE_PURPOSE),
            compiler,
            layout,
        );
        let transports = Transports::new(self.http_client, Arc::clone(&self.clock));
        Ok(HostRunner(Arc::new(Host {
            engine,
            _ticker: ticker,
            instance_memory,
            warm,
            census: Census::default(),
            permits: Permits::default(),
            turns,
            compiled,
            components: ComponentStore::of_state(&self.state),
            loaded: Mutex::default(),
            secrets,
            egress: Arc::new(Egress::new(transports, self.clock)),
            metrics: Arc::default(),
            grants: Arc::default(),
            tokens: self.tokens,
            config: self.config,
            state: self.state,
            saving: tokio::sync::Mutex::default(),
            overrides: self.overrides,
            limits: self.limits,
            widest_level: self.widest_level,
            own_component: self.component,
        })))
    }
}

/// Whoever else can write the state folder could put a key and code of their own into it.
#[cfg(unix)]
fn refuse_shared_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = std::fs::metadata(path)?;
    if let Some(WrongOwner { owner, own, .. }) = WrongOwner::of(&metadata) {
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
