//! Where the host keeps its values.

use crate::bindings::exports::confluence::connector::settings::Problem;

#[cfg(feature = "environment")]
pub(crate) use environment::{PLACE, named, value};

#[cfg(all(feature = "config-store", not(feature = "environment")))]
pub(crate) use config_store::{PLACE, named, value};

/// A value that somebody set to nothing is none, and a blank around it was copied with it.
fn sound(value: String) -> Option<String> {
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(feature = "environment")]
mod environment {
    use super::{Problem, sound};
    use crate::bindings::wasi::cli::environment::get_environment;

    /// Where a value is set, for messages.
    pub(crate) const PLACE: &str = "in the environment of the component";

    /// What a value is called, for messages.
    pub(crate) fn named(name: &str) -> String {
        format!("the variable `{name}`")
    }

    /// The value of a variable.
    pub(crate) fn value(name: &str) -> Result<Option<String>, Problem> {
        Ok(get_environment()
            .into_iter()
            .find(|(given, _)| given == name)
            .and_then(|(_, value)| sound(value)))
    }
}

#[cfg(all(feature = "config-store", not(feature = "environment")))]
mod config_store {
    use super::{Problem, sound};
    use crate::bindings::exports::confluence::connector::settings::ProblemKind;
    use crate::bindings::wasi::config::store::{Error, get};

    /// Where a value is set, for messages.
    pub(crate) const PLACE: &str = "in the configuration of the component";

    /// What a value is called, for messages.
    pub(crate) fn named(name: &str) -> String {
        format!("the key `{}`", key(name))
    }

    /// The value of a key.
    pub(crate) fn value(name: &str) -> Result<Option<String>, Problem> {
        match get(&key(name)) {
            Ok(value) => Ok(value.and_then(sound)),
            Err(Error::Upstream(reason) | Error::Io(reason)) => Err(crate::problem(
                ProblemKind::Unavailable,
                "config-unavailable",
                &format!("{} cannot be read: {reason}", named(name)),
                "the host's configuration store is unavailable",
                "look into the host's log",
            )),
        }
    }

    /// Keys are the names of variables in lower case: some hosts take no others.
    fn key(name: &str) -> String {
        name.to_ascii_lowercase()
    }
}
