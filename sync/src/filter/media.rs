//! Media types of files.

use super::{FilterError, Selection};

/// The media types that a selection lets through.
#[derive(Debug, Clone, Copy)]
pub struct Media<'a>(&'a Selection);

impl<'a> Media<'a> {
    /// Those of a selection of types such as `application/pdf` and `image/*`.
    #[must_use]
    pub const fn of(selection: &'a Selection) -> Self {
        Self(selection)
    }

    /// Whether a file of this type is let through. One without a type is, unless types are required.
    #[must_use]
    pub fn admits(&self, media_type: Option<&str>) -> bool {
        // `text/html; charset=utf-8` is `text/html`.
        let media_type = media_type.map(|it| it.split(';').next().unwrap_or(it).trim());
        let is = |pattern: &str| media_type.is_some_and(|it| matches(pattern, it));
        (!self.0.has_only() || self.0.only().any(is)) && !self.0.not().any(is)
    }
}

fn matches(pattern: &str, media_type: &str) -> bool {
    match pattern.strip_suffix("/*") {
        Some(group) => media_type
            .split_once('/')
            .is_some_and(|(of, _)| of.eq_ignore_ascii_case(group)),
        None => pattern.eq_ignore_ascii_case(media_type),
    }
}

impl Selection {
    /// Refuses what is no selection of media types. `name` is that of the filter.
    ///
    /// # Errors
    ///
    /// [`FilterError`] for the first entry that is malformed, or that contradicts another one.
    pub fn check_media_types(&self, name: &'static str) -> Result<(), FilterError> {
        self.check(name)?;
        check(self, name)
    }
}

pub(super) fn check(selection: &Selection, filter: &'static str) -> Result<(), FilterError> {
    let is_type = |entry: &str| {
        let is_word = |word: &str| {
            let is_allowed = |it: u8| it.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&it);
            !word.is_empty() && word.bytes().all(is_allowed)
        };
        entry
            .split_once('/')
            .is_some_and(|(group, rest)| is_word(group) && (rest == "*" || is_word(rest)))
    };
    match selection
        .only()
        .chain(selection.not())
        .find(|entry| !is_type(entry))
    {
        Some(entry) => Err(FilterError::NotAMediaType {
            filter,
            entry: entry.to_owned(),
        }),
        None => Ok(()),
    }
}
