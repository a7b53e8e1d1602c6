//! The id of a site behind the API gateway.

use std::fmt;
use std::str::FromStr;

/// Longest cloud id, in bytes. Those of Atlassian have 36.
const MAX_CLOUD_ID_BYTES: usize = 64;

/// The id of a site: what its path at the API gateway has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CloudId(String);

/// Why a text is not a cloud id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cloud id has 1 to 64 letters, digits and `-`")]
pub struct CloudIdError;

impl CloudId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CloudId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for CloudId {
    type Err = CloudIdError;

    fn from_str(text: &str) -> Result<Self, CloudIdError> {
        let is_id = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if !text.is_empty() && text.len() <= MAX_CLOUD_ID_BYTES && text.bytes().all(is_id) {
            Ok(Self(text.to_owned()))
        } else {
            Err(CloudIdError)
        }
    }
}
