//! The host runner: a component, the connections of a state folder, and calls.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ring::rand::{SecureRandom, SystemRandom};
use wasmtime::component::Val;
use wasmtime::{Config, Engine};

use crate::call::{Answer, CallError, ComponentError, Invocation, SuppliedBy};
use crate::component::{Function, LoadError, LoadedComponent, embedded_component};
use crate::connection::{Authorization, Connection};
use crate::engine::{CompiledCode, Limits, Ticker, settings};
use crate::level::{Level, Scope};
use crate::outbound::Transports;
use crate::secret::{ConnectionStore, KeyError, MasterKey, StoreError};
use crate::settings::{CallSettings, OfferedConnection};

/// The function that stores connections.
const SET: &str = "set-api-url-and-auth";

/// Why a host runner cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The state folder cannot be made, or others can write it.
    #[error(
        "the state folder `{path}` cannot be used: {source}; or give one that you may write with `--state-dir`"
    )]
    StateFolder {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// There is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The connections cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine cannot start.
    #[error("the WebAssembly engine cannot start: {reason}")]
    Engine {
        /// What it said.
        reason: String,
    },
    /// The component cannot be loaded.
    #[error(transparent)]
    Component(#[from] LoadError),
}

/// A change to the engine's settings.
type Tune = Box<dyn FnOnce(&mut Config)>;

/// How a [`HostRunner`] is set up.
pub struct Setup {
    state: PathBuf,
    limits: Limits,
    component: Option<Vec<u8>>,
    tune: Option<Tune>,
}

impl Setup {
    /// Sets up a host runner that keeps its state in a folder, which is made on first use.
    #[must_use]
    pub fn new(state: impl Into<PathBuf>) -> Self {
        Self {
            state: state.into(),
            limits: Limits::default(),
            component: None,
            tune: None,
        }
    }

    /// What one call may use.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Runs this component in place of the embedded one.
    #[must_use]
    pub fn component(mut self, bytes: Vec<u8>) -> Self {
        self.component = Some(bytes);
        self
    }

    /// Changes the engine's settings after this crate has made its own. Turning a protection off
    /// here turns it off.
    #[must_use]
    pub fn tune_engine(mut self, tune: impl FnOnce(&mut Config) + 'static) -> Self {
        self.tune = Some(Box::new(tune));
        self
    }

    /// Opens the state folder, loads the component, and starts the engine's clock.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says what is missing or wrong and what to do about it.
    pub fn open(self) -> Result<HostRunner, OpenError> {
        let engine_failed = |reason: String| OpenError::Engine { reason };
        make_private_folder(&self.state).map_err(|source| OpenError::StateFolder {
            path: self.state.clone(),
            source,
        })?;
        let key = MasterKey::open(&self.state)?;
        let store = ConnectionStore::open(&self.state, &key)?;
        let mut config = settings();
        if let Some(tune) = self.tune {
            tune(&mut config);
        }
        let engine = Engine::new(&config).map_err(|error| engine_failed(format!("{error:#}")))?;
        let ticker = Ticker::start(&engine).map_err(|error| engine_failed(error.to_string()))?;
        let compiled = CompiledCode::new(self.state.join("compiled"), &key);
        let bytes = self
            .component
            .as_deref()
            .unwrap_or_else(|| embedded_component());
        let component = LoadedComponent::load(&engine, bytes, &compiled)?;
        Ok(HostRunner {
            engine,
            _ticker: ticker,
            component,
            store: Mutex::new(store),
            transports: Arc::new(Transports::default()),
            limits: self.limits,
        })
    }
}

/// A loaded component and the connections that it may be called with.
///
/// Every call runs in an instance of its own, which is gone before the call returns: no state of
/// one tenant outlives its call.
pub struct HostRunner {
    engine: Engine,
    _ticker: Ticker,
    component: LoadedComponent,
    store: Mutex<ConnectionStore>,
    transports: Arc<Transports>,
    limits: Limits,
}

impl HostRunner {
    /// The functions that the component exports.
    #[must_use]
    pub fn functions(&self) -> &[Function] {
        self.component.functions()
    }

    /// Calls a function on behalf of a scope. [`bind`](crate::bind) makes the arguments.
    ///
    /// `set-api-url-and-auth` stores what it is given: the component checks it, and is shown a
    /// stand-in for the authorization.
    ///
    /// # Errors
    ///
    /// [`CallError`] is the component's own error with the level that supplied the connection, or
    /// says which limit ended the call.
    pub async fn call(
        &self,
        scope: &Scope,
        function: &Function,
        mut arguments: Vec<Val>,
    ) -> Result<Answer, CallError> {
        // The name alone decides, whatever the interface: a secret is never handed over as it is.
        let is_set = function.name() == SET;
        let (connection, offered) = if is_set {
            (None, Some(offer(&mut arguments)?))
        } else {
            (self.resolve(scope)?.map(Arc::new), None)
        };
        let supplied_by = connection.as_deref().map(supplied_by);
        let invocation = Invocation {
            engine: &self.engine,
            component: &self.component,
            transports: Arc::clone(&self.transports),
            limits: self.limits,
            settings: CallSettings {
                scope: scope.clone(),
                endpoint: connection
                    .as_deref()
                    .map(|connection| connection.endpoint.clone()),
                offered,
                accepted: None,
            },
            connection,
        };
        let mut outcome = invocation.run(function, &arguments).await?;
        let value = match outcome.value.take() {
            Some(Val::Result(Ok(value))) => value.map(|value| *value),
            Some(Val::Result(Err(error))) => {
                let mut error = error
                    .as_deref()
                    .map(ComponentError::read)
                    .unwrap_or_default();
                if let Some(refusal) = outcome.refusal
                    && error.kind == "denied"
                {
                    error.cause = refusal.to_string();
                }
                return Err(CallError::Component {
                    error: Box::new(error),
                    supplied_by,
                });
            }
            value => value,
        };
        if is_set {
            let Some(accepted) = outcome.settings.accepted else {
                return Err(CallError::Contract {
                    reason: format!("`{SET}` answered without asking to store anything"),
                });
            };
            self.lock().put(
                scope,
                accepted.level,
                &accepted.endpoint,
                &accepted.authorization,
            )?;
        }
        Ok(Answer::new(value))
    }

    /// Which level supplies the connection in force for a scope, when one does.
    #[must_use]
    pub fn supplied_by(&self, scope: &Scope) -> Option<SuppliedBy> {
        self.resolve(scope).ok().flatten().as_ref().map(supplied_by)
    }

    fn resolve(&self, scope: &Scope) -> Result<Option<Connection>, StoreError> {
        self.lock().resolve(scope)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, ConnectionStore> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn supplied_by(connection: &Connection) -> SuppliedBy {
    SuppliedBy {
        level: connection.level.clone(),
        endpoint: connection.endpoint.to_string(),
    }
}

/// Takes the authorization out of the arguments of set-api-url-and-auth, and puts a stand-in in
/// its place.
fn offer(arguments: &mut [Val]) -> Result<OfferedConnection, CallError> {
    let [
        Val::String(url),
        Val::String(authorization),
        Val::Enum(level),
    ] = arguments
    else {
        return Err(CallError::Contract {
            reason: format!("its `{SET}` does not take a URL, an authorization and a level"),
        });
    };
    let real = Authorization::parse(&zeroize::Zeroizing::new(std::mem::take(authorization)))?;
    let mut nonce = [0; 16];
    SystemRandom::new()
        .fill(&mut nonce)
        .map_err(|_| KeyError::Random)?;
    let stand_in = real.stand_in(&format!("{:032x}", u128::from_le_bytes(nonce)));
    authorization.clone_from(&stand_in);
    Ok(OfferedConnection {
        url: url.clone(),
        stand_in,
        authorization: real,
        level: match level.as_str() {
            "env" => Level::Env,
            "cluster" => Level::Cluster,
            _ => Level::App,
        },
    })
}

fn make_private_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    refuse_shared_folder(path)
}

/// Whoever else can write the state folder could put a key and code of their own into it.
#[cfg(unix)]
fn refuse_shared_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path)?.permissions().mode() & 0o777;
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
