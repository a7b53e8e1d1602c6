//! The name of a connection.

use std::fmt;
use std::str::FromStr;

use crate::level::is_plain_name;

/// The name of a connection: 1 to 64 letters, digits, `_` and `-`, the first one a letter or a
/// digit. No dots, which part the keys of files.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionName(String);

impl ConnectionName {
    /// The name that is used when nobody says another.
    #[must_use]
    pub fn default_name() -> Self {
        Self("default".to_owned())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConnectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text names no connection. It does not repeat the text, which may be a token in a wrong
/// place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a connection's name has 1 to 64 letters, digits, `_` or `-`, and starts with a letter or a digit"
)]
pub struct ConnectionNameError;

impl FromStr for ConnectionName {
    type Err = ConnectionNameError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if is_plain_name(name) && !name.contains('.') {
            Ok(Self(name.to_owned()))
        } else {
            Err(ConnectionNameError)
        }
    }
}
