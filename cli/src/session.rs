//! What the options of every command make: folders, a scope, and a host.

use std::io::ErrorKind;
use std::ops::Deref;
use std::path::PathBuf;

use host_runner::{
    CallError, ConfigFolder, ConnectionName, HostRunner, HostRunnerBuilder, InstanceMemory,
    OpenError, SETTINGS, Scope, SecretError, Setting, StoreError, Value,
};

use tempfile::TempDir;

use crate::exit::Failure;
use crate::options::SessionOptions;
use crate::{folder, output_file, report, variables};

/// The setting that names another component than the embedded one.
const COMPONENT: &str = "component.digest";

/// The file of tokens in a state folder.
const SECRETS: &str = "secrets.sqlite";

/// Of the memory of instances, the bytes that are kept for the next ones, for all concurrent calls of a
/// connection together: a step with 250 bodies of 8 KB touches 7 MiB, and mapping them anew takes a
/// quarter of the time of `read`.
const KEPT_BYTES: usize = 32 * 1024 * 1024;

/// Whether the operating system refused to write the state folder, and not this program because
/// of who else can.
fn is_not_writable(error: &OpenError) -> bool {
    let source = match error {
        OpenError::Secret(error) if error.is_full_disk() => return true,
        OpenError::StateFolder { source, .. }
        | OpenError::Secret(SecretError::Store(StoreError::File { source, .. })) => source,
        _ => return false,
    };
    source.raw_os_error().is_some()
        && matches!(
            source.kind(),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::StorageFull
        )
}

impl SessionOptions {
    pub(crate) fn scope(&self) -> Scope {
        Scope {
            env: self.env.clone(),
            app: self.app.clone(),
        }
    }

    /// The folder with the levels.
    pub(crate) fn config_path(&self) -> Result<PathBuf, Failure> {
        folder::config(self.config_dir.as_deref(), self.state_dir.as_deref())
    }

    pub(crate) fn state_path(&self) -> Result<PathBuf, Failure> {
        folder::state(self.state_dir.as_deref())
    }

    /// The levels alone: no key, no engine.
    pub(crate) fn config(&self) -> Result<ConfigFolder, Failure> {
        let variables = variables::texts(&variables::connections()?);
        Ok(ConfigFolder::new(self.config_path()?, SETTINGS).with_variables(variables))
    }

    /// The settings that the command line has values of its own for.
    pub(crate) fn overrides(&self) -> Vec<(&'static Setting, Value)> {
        let timeout = self.timeout.map(Value::Seconds);
        let memory = self.memory.map(Value::Number);
        let connection = self.connection.as_ref().map(ConnectionName::to_string);
        [
            ("limits.call-seconds", timeout),
            ("limits.memory-mib", memory),
            ("connection", connection.map(Value::Text)),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((SETTINGS.find(key)?, value?)))
        .collect()
    }

    /// The same, by the keys of the settings.
    pub(crate) fn setting_overrides(&self) -> Vec<(&'static str, Value)> {
        let overrides = self.overrides().into_iter();
        overrides
            .map(|(setting, value)| (setting.key, value))
            .collect()
    }

    /// The same options, with calls over this connection, if there is one.
    pub(crate) fn over(&self, connection: Option<&ConnectionName>) -> Self {
        Self {
            connection: connection.cloned().or_else(|| self.connection.clone()),
            ..self.clone()
        }
    }

    pub(crate) fn setup(&self, config: PathBuf, state: PathBuf) -> HostRunnerBuilder {
        // Reserving memory takes 2 ms, which a few calls do not recover.
        let setup = HostRunner::builder(config, state).instance_memory(InstanceMemory::OnDemand);
        // This very program. Where its path is not known, components are compiled in this process.
        let setup = match std::env::current_exe() {
            Ok(program) => setup.compiler(program),
            Err(_) => setup,
        };
        self.overrides()
            .into_iter()
            .fold(setup, |setup, (setting, value)| {
                setup.setting(setting, value)
            })
    }

    /// Writes what all calls have cost, where that was asked for, and says how the command ends:
    /// as its calls did, since that is what it was for, or, where these went well, because of the
    /// file.
    pub(crate) fn after_calls(
        &self,
        host: &HostRunner,
        ended: Result<(), Failure>,
    ) -> Result<(), Failure> {
        let written = self.write_metrics(host);
        if let (Err(_), Err(failure)) = (&ended, &written) {
            report::warning(&failure.to_string());
        }
        ended.and(written)
    }

    fn write_metrics(&self, host: &HostRunner) -> Result<(), Failure> {
        let Some(path) = &self.telemetry.metrics_file else {
            return Ok(());
        };
        output_file::write(path, host.metrics().as_bytes()).map_err(|source| Failure::Metrics {
            path: path.display().to_string(),
            source,
        })
    }

    /// The same, with the connections of variables.
    pub(crate) fn setup_with_variables(
        &self,
        config: PathBuf,
        state: PathBuf,
    ) -> Result<HostRunnerBuilder, Failure> {
        let connections = variables::connections()?;
        Ok(variables::supply(self.setup(config, state), connections))
    }

    /// A host for calls. Where nothing is configured a call fails before a state folder is made.
    ///
    /// # Errors
    ///
    /// What every call would fail with, and what [`SessionOptions::open`] does.
    pub(crate) fn open_to_call(&self) -> Result<HostRunner, Failure> {
        self.check_connection()?;
        self.open()
    }

    /// Fails as every call would where nothing is configured.
    pub(crate) fn check_connection(&self) -> Result<(), Failure> {
        if self.state_path()?.exists() {
            return Ok(());
        }
        self.require_connection()
    }

    /// Fails where no connection is configured.
    pub(crate) fn require_connection(&self) -> Result<(), Failure> {
        let effective = self
            .config()?
            .effective(&self.scope(), &self.setting_overrides())?;
        // Another component may work without a connection.
        let has_own_component = SETTINGS
            .find(COMPONENT)
            .is_some_and(|setting| effective.value(setting).0 != setting.default());
        match CallError::without_connection(&effective) {
            Some(error) if !has_own_component => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// A host for commands that only show what is configured: without a state folder, none is made.
    pub(crate) fn open_to_read(&self) -> Result<ReadingHost, Failure> {
        let (config, state) = (self.config_path()?, self.state_path()?);
        if state.exists() {
            return Ok(ReadingHost {
                host: self.open()?,
                _state: None,
            });
        }
        let empty = tempfile::tempdir()
            .map_err(|source| Failure::io("cannot make a temporary folder", source))?;
        let setup = self.setup_with_variables(config, empty.path().to_owned())?;
        Ok(ReadingHost {
            host: setup.open()?,
            _state: Some(empty),
        })
    }

    /// A host for a command that makes a call for each response that it reads.
    ///
    /// # Errors
    ///
    /// As [`SessionOptions::open_to_call`].
    pub(crate) fn open_to_stream(&self) -> Result<HostRunner, Failure> {
        self.check_connection()?;
        let concurrency = self.concurrency();
        self.open_with(|setup| {
            setup
                .instance_memory(InstanceMemory::Pooled)
                .kept_memory(KEPT_BYTES / concurrency)
        })
    }

    /// How many calls the connection can have at once; 1 if there is none, or if the levels have
    /// mistakes, which the first call reports.
    fn concurrency(&self) -> usize {
        let effective = self.config().ok().and_then(|config| {
            let overrides = self.setting_overrides();
            config.effective(&self.scope(), &overrides).ok()
        });
        let limit = effective
            .and_then(|effective| effective.concurrency_limit(&effective.connection_name()));
        limit.map_or(1, |limit| usize::from(limit.concurrency).max(1))
    }

    /// A host. Where the state folder cannot be made, nothing of it is needed to read with
    /// connections of variables: a folder for temporary files takes its place.
    pub(crate) fn open(&self) -> Result<HostRunner, Failure> {
        self.open_with(|setup| setup)
    }

    fn open_with(
        &self,
        change: impl Fn(HostRunnerBuilder) -> HostRunnerBuilder,
    ) -> Result<HostRunner, Failure> {
        let (config, state) = (self.config_path()?, self.state_path()?);
        let setup = || {
            self.setup_with_variables(config.clone(), state.clone())
                .map(&change)
        };
        let error = match setup()?.open() {
            Ok(host) => return Ok(host),
            Err(error) => error,
        };
        let scratch = folder::scratch();
        // A full disk leaves an empty file.
        let has_tokens = std::fs::metadata(state.join(SECRETS)).is_ok_and(|file| file.len() > 0);
        if !is_not_writable(&error) || has_tokens {
            return Err(error.into());
        }
        match setup()?.scratch(&scratch).open() {
            Ok(host) => {
                report::note(&format!(
                    "the state folder `{}` cannot be written; using `{}`, without stored tokens",
                    state.display(),
                    scratch.display()
                ));
                Ok(host)
            }
            Err(_) => Err(error.into()),
        }
    }
}

/// A host, and the folder that takes the place of a state folder that does not exist, which is removed
/// afterwards.
pub(crate) struct ReadingHost {
    host: HostRunner,
    _state: Option<TempDir>,
}

impl Deref for ReadingHost {
    type Target = HostRunner;

    fn deref(&self) -> &HostRunner {
        &self.host
    }
}
