//! Media types, and which of them are let through.

use std::fmt;
use std::str::FromStr;

/// What senders say who do not know what they send.
const UNKNOWN: [&str; 2] = ["application/octet-stream", "binary/octet-stream"];

/// Media types that are let through: `image/png`, `image/*` or `*/*`.
///
/// ```
/// use host_runner::MediaTypePattern;
///
/// let images: MediaTypePattern = "image/*".parse()?;
/// assert!(images.matches("Image/PNG; charset=binary"));
/// assert!(!images.matches("application/pdf"));
/// assert!("image".parse::<MediaTypePattern>().is_err());
/// # Ok::<(), host_runner::MediaTypePatternError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaTypePattern {
    /// Both in lower case; `*` for all.
    kind: String,
    subtype: String,
}

/// A text is no pattern of media types.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid media type: use `image/png`, `image/*` or `*/*`")]
pub struct MediaTypePatternError {
    text: String,
}

impl FromStr for MediaTypePattern {
    type Err = MediaTypePatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || MediaTypePatternError {
            text: text.chars().filter(|c| !c.is_control()).take(80).collect(),
        };
        let (kind, subtype) = text.trim().split_once('/').ok_or_else(wrong)?;
        let is_sound =
            is_word(kind) && (subtype == "*" || is_word(subtype)) || (kind, subtype) == ("*", "*");
        if !is_sound {
            return Err(wrong());
        }
        Ok(Self {
            kind: kind.to_ascii_lowercase(),
            subtype: subtype.to_ascii_lowercase(),
        })
    }
}

impl fmt::Display for MediaTypePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.subtype)
    }
}

impl MediaTypePattern {
    /// Whether it has a media type, whose parameters do not count.
    #[must_use]
    pub fn matches(&self, media_type: &str) -> bool {
        essence(media_type)
            .split_once('/')
            .is_some_and(|(kind, subtype)| {
                (self.kind == "*" || self.kind == kind)
                    && (self.subtype == "*" || self.subtype == subtype)
            })
    }
}

impl MediaTypePattern {
    /// Whether it has every media type that another pattern has.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let has = |own: &str, other: &str| own == "*" || own == other;
        has(&self.kind, &other.kind) && has(&self.subtype, &other.subtype)
    }
}

/// The letters of RFC 6838.
fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
}

/// A media type without parameters, in lower case.
pub(super) fn essence(media_type: &str) -> String {
    media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// The media type of content, where its sender says one that says something.
pub(super) fn known(media_type: Option<&str>) -> Option<String> {
    media_type
        .map(essence)
        .filter(|essence| !essence.is_empty() && !UNKNOWN.contains(&essence.as_str()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{MediaTypePattern, known};

    #[test]
    fn a_pattern_has_what_it_says() {
        for (pattern, media_type, wanted) in [
            ("*/*", "image/png", true),
            ("*/*", "nonsense", false),
            ("*/*", "", false),
            ("image/*", "image/svg+xml", true),
            ("image/*", "IMAGE/PNG;q=1", true),
            ("image/*", "imagex/png", false),
            ("image/*", "application/image", false),
            ("Image/PNG", "image/png", true),
            ("image/png", "image/png2", false),
        ] {
            let pattern: MediaTypePattern = pattern.parse().unwrap();
            assert_eq!(
                pattern.matches(media_type),
                wanted,
                "{pattern} {media_type}"
            );
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in [
            "",
            "*",
            "/",
            "image",
            "image/",
            "/png",
            "*/png",
            "im*/png",
            "image/p*",
            "a/b/c",
            "image/png;q=1",
            "a b/c",
            "image/\u{e9}",
        ] {
            assert!(text.parse::<MediaTypePattern>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_sender_that_does_not_know_says_nothing() {
        assert_eq!(known(None), None);
        assert_eq!(known(Some("")), None);
        assert_eq!(known(Some("Application/Octet-Stream; x=1")), None);
        assert_eq!(known(Some("Text/HTML;charset=UTF-8")).unwrap(), "text/html");
    }
}
