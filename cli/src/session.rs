//! What the options of every command make: folders, a scope, and a host.

use std::path::PathBuf;

use host_runner::{
    ConfigFolder, HostRunner, HostRunnerBuilder, InstanceMemory, SETTINGS, Scope, Setting, Value,
};

use crate::exit::Failure;
use crate::options::SessionOptions;
use crate::{folder, output_file, report};

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
        Ok(ConfigFolder::new(self.config_path()?, SETTINGS))
    }

    /// The settings that the command line has values of its own for.
    pub(crate) fn overrides(&self) -> Vec<(&'static Setting, Value)> {
        let timeout = self.timeout.map(Value::Seconds);
        let memory = self.memory.map(Value::Number);
        [
            ("limits.call-seconds", timeout),
            ("limits.memory-mib", memory),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((SETTINGS.find(key)?, value?)))
        .collect()
    }

    pub(crate) fn setup(&self, config: PathBuf, state: PathBuf) -> HostRunnerBuilder {
        // Calls of this program are few, and one after the other.
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

    pub(crate) fn open(&self) -> Result<HostRunner, Failure> {
        Ok(self.setup(self.config_path()?, self.state_path()?).open()?)
    }
}
