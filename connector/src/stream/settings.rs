//! Settings of streams.

use crate::{Error, error::quoted};

/// Settings that some stream needs.
const SETTINGS: &[&str] = &["custom-content-types"];

/// Refuses settings that no stream has.
pub(super) fn check_settings(settings: &[(String, String)]) -> Result<(), Error> {
    let unknown = settings
        .iter()
        .find(|(name, _)| !SETTINGS.contains(&name.as_str()));
    match unknown {
        None => Ok(()),
        Some((name, _)) => Err(Error::argument(
            "unknown-setting",
            format!("unknown setting `{}`", quoted(name, 60)),
            "no stream of this version has it",
            format!("omit it, or pass one of: `{}`", SETTINGS.join("`, `")),
        )),
    }
}
