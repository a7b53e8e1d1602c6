//! Where levels and state are kept when nobody says.

use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use crate::exit::Failure;

/// The state folder: the one that was named, or the platform's, on Linux
/// `~/.local/share/host-runner`.
pub(crate) fn state(named: Option<&Path>) -> Result<PathBuf, Failure> {
    match named {
        Some(state) => Ok(state.to_owned()),
        None => folders("--state-dir").map(|folders| folders.data_local_dir().to_owned()),
    }
}

/// The folder with the levels: the one that was named, the one in the state folder that was
/// named, or the platform's, on Linux `~/.config/host-runner`.
pub(crate) fn config(named: Option<&Path>, state: Option<&Path>) -> Result<PathBuf, Failure> {
    match (named, state) {
        (Some(config), _) => Ok(config.to_owned()),
        (None, Some(state)) => Ok(state.join("config")),
        (None, None) => folders("--config-dir").map(|folders| folders.config_dir().to_owned()),
    }
}

/// A folder that takes the place of a state folder that cannot be written: this user's own among
/// the temporary ones, so that compiled code is found again.
pub(crate) fn scratch() -> PathBuf {
    #[cfg(unix)]
    let name = format!("host-runner-{}", rustix::process::geteuid().as_raw());
    #[cfg(not(unix))]
    let name = "host-runner";
    std::env::temp_dir().join(name)
}

fn folders(option: &str) -> Result<ProjectDirs, Failure> {
    ProjectDirs::from("", "", "host-runner").ok_or_else(|| {
        Failure::Usage(format!(
            "there is no home folder: pass a folder with `{option} FOLDER`"
        ))
    })
}
