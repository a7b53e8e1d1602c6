//! Where the content of an attachment is below its folder.

use std::str::FromStr;

use host_levels::file_name;
use sync::FileName;

/// Longest id that is a part of a path, in bytes. Ids of Confluence have some twenty.
const MAX_ID: usize = 64;

/// The folder of a space that the copy does not know.
const UNKNOWN: &str = "unknown";

/// What the path of a file is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Naming {
    /// Space, attachment, version and name.
    #[default]
    Path,
    /// The SHA-256 digest of the content.
    Digest,
}

impl Naming {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Digest => "digest",
        }
    }

    /// Whether a file has a path, once its digest is known.
    pub(crate) fn has_path(self, name: FileName<'_>) -> bool {
        self == Self::Digest || self.path(name).is_some()
    }

    /// The path of a file, with `/` between its parts.
    pub(crate) fn path(self, name: FileName<'_>) -> Option<String> {
        if self == Self::Digest {
            let digest = name.sha256?;
            let is_digest = digest.len() == 64 && digest.bytes().all(|it| it.is_ascii_hexdigit());
            return is_digest.then(|| {
                let group: String = digest.chars().take(2).collect();
                format!("sha256/{group}/{digest}")
            });
        }
        let attachment = part(name.attachment)?;
        let space = match name.space {
            Some(space) => part(space)?,
            None => UNKNOWN,
        };
        let version = name.version.unwrap_or_default().max(0);
        let title = file_name::safe(name.title.unwrap_or_default(), attachment);
        Some(format!("{space}/{attachment}/{version}/{title}"))
    }
}

impl FromStr for Naming {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "path" => Ok(Self::Path),
            "digest" => Ok(Self::Digest),
            _ => Err(format!("`{text}` is not `path` or `digest`")),
        }
    }
}

/// An id as a part of a path. It comes from a site, which can send anything.
fn part(id: &str) -> Option<&str> {
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || it == b'-';
    let is_part = !id.is_empty() && id.len() <= MAX_ID && id.bytes().all(is_plain);
    is_part.then_some(id)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::path::{Component, Path};

    use sync::FileName;

    use super::Naming;

    fn path(title: &str) -> String {
        let mut name = FileName::new("att7", Some(2), Some(title));
        name.space = Some("98304");
        Naming::Path.path(name).unwrap()
    }

    #[test]
    fn a_title_is_one_part_of_the_path_whatever_it_is() {
        for (title, wanted) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("/etc/passwd", "_etc_passwd"),
            ("a\0b", "a_b"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("..", "att7"),
            ("", "att7"),
        ] {
            assert_eq!(path(title), format!("98304/att7/2/{wanted}"), "{title:?}");
        }
        let long = path(&format!("{}.pdf", "x".repeat(5_000)));
        assert!(long.len() < 240 && long.ends_with("x.pdf"), "{long}");
        for title in ["..\\..", "a/../../b", "\u{202e}/..", "-rf /"] {
            let path = path(title);
            let parts: Vec<_> = Path::new(&path).components().collect();
            assert_eq!(parts.len(), 4, "{title:?}: {path}");
            assert!(
                parts
                    .iter()
                    .all(|part| matches!(part, Component::Normal(_)))
            );
        }
    }

    #[test]
    fn names_that_differ_in_case_alone_are_in_folders_of_their_own() {
        let name = |attachment, title| {
            let path = Naming::Path.path(FileName::new(attachment, Some(1), Some(title)));
            path.unwrap().to_lowercase()
        };
        assert_ne!(name("att1", "Plan.pdf"), name("att2", "plan.PDF"));
    }

    #[test]
    fn an_id_that_is_no_name_has_no_path() {
        for id in ["", "..", "a/b", "a\\b", "a\0", "a.b", &"x".repeat(65)] {
            assert_eq!(
                Naming::Path.path(FileName::new(id, Some(1), None)),
                None,
                "{id:?}"
            );
            let mut name = FileName::new("att1", Some(1), None);
            name.space = Some(id);
            assert_eq!(Naming::Path.path(name), None, "{id:?}");
        }
        for digest in ["", "..", &"/".repeat(64)] {
            let mut name = FileName::new("att1", Some(1), None);
            name.sha256 = Some(digest);
            assert_eq!(Naming::Digest.path(name), None, "{digest:?}");
        }
    }
}
