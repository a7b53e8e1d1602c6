//! Where levels and state are kept when nobody says.

use std::path::PathBuf;

use directories::ProjectDirs;

use crate::exit::Failure;

/// The platform's folder for such state: on Linux `~/.local/share/host-runner`.
pub(crate) fn default_state() -> Result<PathBuf, Failure> {
    folders("--state-dir").map(|folders| folders.data_local_dir().to_owned())
}

/// The platform's folder for configuration: on Linux `~/.config/host-runner`.
pub(crate) fn default_config() -> Result<PathBuf, Failure> {
    folders("--config-dir").map(|folders| folders.config_dir().to_owned())
}

fn folders(option: &str) -> Result<ProjectDirs, Failure> {
    ProjectDirs::from("", "", "host-runner").ok_or_else(|| {
        Failure::Usage(format!(
            "there is no home folder: pass a folder with `{option} FOLDER`"
        ))
    })
}
