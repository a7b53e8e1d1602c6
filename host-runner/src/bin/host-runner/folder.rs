//! Where state is kept when nobody says.

use std::path::PathBuf;

use crate::exit::Failure;

/// The platform's folder for such state: on Linux `~/.local/share/host-runner`.
pub(crate) fn default_state() -> Result<PathBuf, Failure> {
    directories::ProjectDirs::from("", "", "host-runner")
        .map(|folders| folders.data_local_dir().to_owned())
        .ok_or_else(|| {
            Failure::Usage(
                "there is no home folder to keep state in; give one with `--state-dir FOLDER`"
                    .to_owned(),
            )
        })
}
