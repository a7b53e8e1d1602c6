//! Where a copy is in an object store.

use std::fmt;
use std::str::FromStr;

/// Longest prefix, in bytes: hosts may name files by it.
const MAX_PREFIX_BYTES: usize = 150;

/// Who runs the store, or whose protocol it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Provider {
    /// Amazon S3 and compatible stores.
    S3,
    /// Google Cloud Storage.
    Google,
    /// Azure Blob Storage.
    Azure,
}

impl Provider {
    /// The scheme of its URLs.
    #[must_use]
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Google => "gs",
            Self::Azure => "az",
        }
    }

    /// What its users call a place for objects.
    const fn place(self) -> &'static str {
        match self {
            Self::S3 | Self::Google => "bucket",
            Self::Azure => "container",
        }
    }
}

/// `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX` or `az://CONTAINER/PREFIX`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    provider: Provider,
    bucket: String,
    prefix: String,
}

/// Why a text is not a location. It is not repeated: it may contain a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LocationError {
    /// Another scheme, or none.
    #[error(
        "an object store is `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX` or `az://CONTAINER/PREFIX`"
    )]
    Scheme,
    /// Something that may be a password.
    #[error(
        "the URL of an object store must not contain credentials, `?` or `#`: set credentials in the environment"
    )]
    Credentials,
    /// A name that no bucket has.
    #[error(
        "`{scheme}://` must be followed by the name of a {place}: lower-case letters, digits, `-`, `_` and `.`"
    )]
    Bucket {
        /// The scheme.
        scheme: &'static str,
        /// What it is called.
        place: &'static str,
    },
    /// A prefix that stores or tools read in more than one way.
    #[error(
        "the prefix of an object store must not have empty parts, `.`, `..`, or other characters than letters, digits, `-`, `_`, `.`, `=` and `/`"
    )]
    Prefix,
}

impl FromStr for Location {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        let (scheme, rest) = text.split_once("://").ok_or(LocationError::Scheme)?;
        let provider = [Provider::S3, Provider::Google, Provider::Azure]
            .into_iter()
            .find(|provider| provider.scheme() == scheme)
            .ok_or(LocationError::Scheme)?;
        if rest.contains(['@', '?', '#']) {
            return Err(LocationError::Credentials);
        }
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let of_bucket = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
        let is_bucket = bucket.starts_with(|c: char| c.is_ascii_alphanumeric())
            && bucket.len() <= 63
            && bucket.chars().all(of_bucket);
        if !is_bucket {
            let (scheme, place) = (provider.scheme(), provider.place());
            return Err(LocationError::Bucket { scheme, place });
        }
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        let of_prefix = |c: char| c.is_ascii_alphanumeric() || "-_.=".contains(c);
        let is_name = |name: &str| !matches!(name, "" | "." | "..") && name.chars().all(of_prefix);
        let is_prefix = prefix.is_empty() || prefix.split('/').all(is_name);
        if !is_prefix || prefix.len() > MAX_PREFIX_BYTES {
            return Err(LocationError::Prefix);
        }
        Ok(Self {
            provider,
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.provider.scheme(), self.bucket)?;
        if self.prefix.is_empty() {
            return Ok(());
        }
        write!(f, "/{}", self.prefix)
    }
}

impl Location {
    /// Who runs it.
    #[must_use]
    pub const fn provider(&self) -> Provider {
        self.provider
    }

    /// The bucket or container.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// What all keys begin with, without a slash at its end; empty for the whole bucket.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{Location, LocationError};

    #[test]
    fn a_location_is_a_scheme_a_bucket_and_a_prefix() {
        for (text, bucket, prefix) in [
            ("s3://wiki/docs/eng", "wiki", "docs/eng"),
            ("gs://wiki.example.com/", "wiki.example.com", ""),
            ("az://wiki", "wiki", ""),
        ] {
            let location: Location = text.parse().unwrap();
            assert_eq!((location.bucket(), location.prefix()), (bucket, prefix));
            assert_eq!(location.to_string(), text.trim_end_matches('/'));
        }
    }

    #[test]
    fn credentials_in_a_location_are_refused_and_not_repeated() {
        for text in [
            "s3://id:sesame@wiki/x",
            "az://wiki/x?sig=sesame",
            "s3://wiki#sesame",
        ] {
            let refused = text.parse::<Location>().unwrap_err();
            assert_eq!(refused, LocationError::Credentials, "{text}");
            assert!(!refused.to_string().contains("sesame"));
        }
    }

    #[test]
    fn what_stores_could_read_in_two_ways_is_refused() {
        for text in [
            "",
            "s3:",
            "s3://",
            "s3:///x",
            "S3://wiki",
            "ftp://wiki",
            "s3://Wiki",
            "s3://wi ki",
            "s3://-wiki",
            "s3://wiki//x",
            "s3://wiki/../x",
            "s3://wiki/a b",
            "s3://wiki/%2e%2e",
            "s3://wiki/x//",
        ] {
            assert!(text.parse::<Location>().is_err(), "{text}");
        }
    }
}
