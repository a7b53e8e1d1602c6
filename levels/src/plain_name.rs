//! Names that files, folders and keys can contain as they are.

use std::fmt;
use std::str::FromStr;

/// Maximum length of a name, in bytes.
pub(crate) const MAX_NAME_BYTES: usize = 64;

/// A name: 1 to 64 letters, digits, `_` and `-`, the first one a letter or a digit. No dots, which
/// separate the keys of files.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlainName(String);

impl PlainName {
    /// The name that is used when a caller gives none.
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

impl fmt::Display for PlainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is not a name. It does not repeat the text, which may be a token in a wrong place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 64 letters, digits, `_` or `-`, and starts with a letter or a digit")]
pub struct PlainNameError;

impl FromStr for PlainName {
    type Err = PlainNameError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if is_plain(name) && !name.contains('.') {
            Ok(Self(name.to_owned()))
        } else {
            Err(PlainNameError)
        }
    }
}

/// Whether a text has 1 to 64 letters, digits, `.`, `_` and `-`, the first one a letter or a digit.
pub(crate) fn is_plain(name: &str) -> bool {
    name.len() <= MAX_NAME_BYTES
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

#[cfg(test)]
mod tests {
    use super::{PlainName, PlainNameError};

    #[test]
    fn a_name_goes_into_paths_and_keys_as_it_is() {
        for name in ["a", "7", "docs-2_b", &"a".repeat(64)] {
            assert!(name.parse::<PlainName>().is_ok(), "{name}");
        }
        for name in ["", "-a", "_a", "a.b", "a/b", "a b", "ä", &"a".repeat(65)] {
            assert_eq!(name.parse::<PlainName>(), Err(PlainNameError), "{name}");
        }
    }
}
