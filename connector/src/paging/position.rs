//! A place in a plan: the state of a list that `after` carries.

use super::{circle::Circle, hunt::Hunt};

/// Bytes of an upstream cursor. The longest seen has 200.
pub(crate) const MOST_CURSOR: usize = 4 * 1024;
/// Pages without rows in a row after which a list ends with an error, over all of its calls. As
/// many pages of one row as a full page has rows.
pub(crate) const MOST_EMPTY_OF_LIST: u8 = 250;

/// A place in a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) outer: u32,
    pub(crate) inner: u32,
    /// Values of the outer chunk that are done, while it is asked for in parts.
    pub(crate) part: u8,
    /// How many rows to ask for, or values of the outer chunk.
    pub(crate) hunt: Hunt,
    pub(crate) cursor: Option<Vec<u8>>,
    /// Rows of the page that were given or dropped already.
    pub(crate) skip: u16,
    /// Hash of the id of the last of them, or of the last row of the page before.
    pub(crate) last: u64,
    /// One bit for each value of the outer chunk.
    pub(crate) found: Vec<u8>,
    pub(crate) cursors: Circle,
    pub(crate) pages: Circle,
    /// Pages without rows in a row that lead here.
    pub(crate) empty: u8,
}

impl Position {
    pub(crate) fn mark_found(&mut self, place: usize) {
        if self.found.len() <= place / 8 {
            self.found.resize(place / 8 + 1, 0);
        }
        if let Some(byte) = self.found.get_mut(place / 8) {
            *byte |= 1 << (place % 8);
        }
    }

    pub(crate) fn is_found(&self, place: usize) -> bool {
        self.found
            .get(place / 8)
            .is_some_and(|byte| byte & (1 << (place % 8)) != 0)
    }
}
