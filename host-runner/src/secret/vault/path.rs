//! Where in Vault the tokens of a connection are.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::error::VaultError;
use super::settings::VaultSettings;
use crate::secret::SecretKind;
use host_levels::{LevelPath, PlainName};

/// What a path segment may not hold as it is: all but the unreserved characters of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The part of a KV version 2 engine that a request is for. Policies grant each by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Area {
    /// The newest version.
    Data,
    /// The record of all versions.
    Metadata,
    /// What takes the data of single versions away for good.
    Destroy,
}

impl Area {
    fn as_str(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Metadata => "metadata",
            Self::Destroy => "destroy",
        }
    }
}

/// Where the secrets of one kind and name are: an engine's mount, and a path in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SecretPath {
    mount: String,
    key: String,
}

impl SecretPath {
    /// `{prefix}/{level path}/{kind}/{name}` in the mount; the kind of tokens is `connection`, as it
    /// was before there were other kinds.
    pub(super) fn new(
        settings: &VaultSettings,
        level: &LevelPath,
        kind: SecretKind,
        name: &PlainName,
    ) -> Self {
        let kind = match kind {
            SecretKind::Token => "connection",
            kind => kind.as_str(),
        };
        Self {
            mount: settings.mount.clone(),
            key: format!(
                "{}/{}/{kind}/{}",
                settings.prefix,
                level.as_str(),
                name.as_str()
            ),
        }
    }

    pub(super) fn mount(&self) -> &str {
        &self.mount
    }

    /// The path as policies and the `vault` command name it.
    pub(super) fn shown(&self, area: Area) -> String {
        format!("{}/{}/{}", self.mount, area.as_str(), self.key)
    }

    /// The path as it goes into a URL.
    pub(super) fn encoded(&self, area: Area) -> String {
        let shown = self.shown(area);
        let segments: Vec<String> = shown
            .split('/')
            .map(|segment| utf8_percent_encode(segment, SEGMENT).to_string())
            .collect();
        segments.join("/")
    }
}

/// Drops slashes around a mount or a prefix, which people write and Vault does not mind.
///
/// # Errors
///
/// [`VaultError::Name`] when a part of it is empty, or leads elsewhere (`.`, `..`).
pub(super) fn clean(setting: &'static str, value: &str) -> Result<String, VaultError> {
    let cleaned = value.trim_matches('/');
    let fits = cleaned
        .split('/')
        .all(|segment| !matches!(segment, "" | "." | "..") && !segment.contains(char::is_control));
    if fits {
        Ok(cleaned.to_owned())
    } else {
        Err(VaultError::Name {
            setting,
            value: value.escape_default().to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{Area, SecretPath, clean};

    #[test]
    fn a_segment_cannot_leave_its_place_in_the_url() {
        let path = SecretPath {
            mount: "team/kv".to_owned(),
            key: "a b?c#d%2e/é".to_owned(),
        };
        assert_eq!(path.shown(Area::Data), "team/kv/data/a b?c#d%2e/é");
        assert_eq!(
            path.encoded(Area::Destroy),
            "team/kv/destroy/a%20b%3Fc%23d%252e/%C3%A9"
        );
    }

    #[test]
    fn a_mount_is_names_with_single_slashes_between_them() {
        assert_eq!(clean("mount", "/team/kv/").unwrap(), "team/kv");
        for value in ["", "/", "a//b", "../sys", "a/./b", "a\nb"] {
            assert!(clean("mount", value).is_err(), "{value}");
        }
    }
}
