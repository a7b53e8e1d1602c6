//! `after` of a list of changes: `since` as a hash, the changes that were seen, and the `after` of the
//! list that is read.

use super::{seen::Seen, since::malformed};
use crate::{Error, fingerprint::Fingerprint};

/// Where a list of changes goes on.
#[derive(Default)]
pub(super) struct Place {
    pub(super) seen: Seen,
    /// The `after` of the list that is read.
    pub(super) list: Option<String>,
}

impl Place {
    /// Reads an `after`, if there is one, that belongs to `since`.
    pub(super) fn read(after: Option<&str>, since: &str) -> Result<Self, Error> {
        let Some(text) = after else {
            return Ok(Self::default());
        };
        let (of, text) = text.split_once('.').ok_or_else(|| malformed("after"))?;
        if of != origin(since) {
            return Err(Error::argument(
                "after-of-another-query",
                "the value of `after` belongs to another query",
                "it comes from another function, or `since` has changed since",
                "pass all arguments of the call that returned it, or start without `after`",
            ));
        }
        let (seen, list) = text.split_once('.').ok_or_else(|| malformed("after"))?;
        Ok(Self {
            seen: Seen::read(seen).ok_or_else(|| malformed("after"))?,
            list: Some(list.to_owned()),
        })
    }

    /// The text that resumes here. None at the end of the list.
    pub(super) fn text(&self, since: &str) -> Option<String> {
        let list = self.list.as_ref()?;
        Some(format!("{}.{}.{list}", origin(since), self.seen.text()))
    }
}

fn origin(since: &str) -> String {
    format!("{:016x}", Fingerprint::of(since.as_bytes()))
}
