//! What is in and what is not.

use serde::{Deserialize, Serialize};

use super::FilterError;

/// A list of what is in, and with `!` before it what is not. Without anything that is in, all is in
/// that is not excluded; what is excluded is out in any case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Selection(Vec<String>);

impl Selection {
    /// Whether it says nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is in.
    pub fn only(&self) -> impl Iterator<Item = &str> {
        let entries = self.0.iter().map(String::as_str);
        entries.filter(|entry| !entry.starts_with('!'))
    }

    /// What is not.
    pub fn not(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|entry| entry.strip_prefix('!'))
    }

    /// Whether it says what is in.
    #[must_use]
    pub fn has_only(&self) -> bool {
        self.only().next().is_some()
    }

    /// Whether it lets a name through.
    pub(crate) fn admits(&self, name: &str) -> bool {
        let is_in = !self.has_only() || self.only().any(|entry| entry == name);
        is_in && !self.not().any(|entry| entry == name)
    }

    pub(super) fn check(&self, filter: &'static str) -> Result<(), FilterError> {
        if self.only().chain(self.not()).any(|it| it.trim().is_empty()) {
            return Err(FilterError::EmptyEntry { filter });
        }
        match self
            .only()
            .find(|entry| self.not().any(|not| not == *entry))
        {
            Some(entry) => Err(FilterError::BothWays {
                filter,
                entry: entry.to_owned(),
            }),
            None => Ok(()),
        }
    }

    pub(super) fn check_ids(&self, filter: &'static str) -> Result<(), FilterError> {
        let is_id = |entry: &str| entry.len() <= 20 && entry.bytes().all(|it| it.is_ascii_digit());
        match self.only().chain(self.not()).find(|entry| !is_id(entry)) {
            Some(entry) => Err(FilterError::NotAnId {
                filter,
                entry: entry.to_owned(),
            }),
            None => Ok(()),
        }
    }
}

impl<T: Into<String>> FromIterator<T> for Selection {
    fn from_iter<I: IntoIterator<Item = T>>(entries: I) -> Self {
        Self(entries.into_iter().map(Into::into).collect())
    }
}
