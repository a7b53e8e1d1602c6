use super::{Confluence, by_ids};
use crate::{
    Error, ListOptions, Listing, Space, Transport, Window,
    plan::{By, Call, Dimension, MOST_PER_PAGE},
    query::{ids, options::Takes},
};

/// Which spaces to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpaceQuery {
    /// Only these, by numeric id.
    pub ids: Option<Vec<String>>,
    /// Only these, by key. With `ids`, a space has to match both.
    pub keys: Option<Vec<String>>,
}

const TAKES: Takes = Takes {
    body_parameter: "description-format",
    body_formats: &["plain", "view"],
    statuses: &["current", "archived"],
    sorts: &["id", "key", "name"],
    ..Takes::NONE
};

impl<T: Transport> Confluence<T> {
    /// Lists spaces. `GET /wiki/api/v2/spaces`.
    ///
    /// Options: `body_format` (`plain`, `view`: the description), `status` (`current`,
    /// `archived`; both by default), `sort` (`id`, `key`, `name`), `raw`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn list_spaces(
        &mut self,
        query: &SpaceQuery,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Space>, Error> {
        let mut call = Call::new(1, "list spaces", "read:space:confluence", "/api/v2/spaces");
        let by_id = by_ids("ids", query.ids.as_deref())?;
        let by_key = match query.keys.as_deref() {
            None => None,
            Some(keys) => Some(Dimension {
                name: "keys",
                by: By::Key,
                values: ids::keys("keys", keys)?,
                most: MOST_PER_PAGE as usize,
            }),
        };
        TAKES.apply(options, &mut call)?;
        if by_id.is_some() {
            call.outer(by_id);
            call.inner(by_key);
        } else {
            call.outer(by_key);
        }
        self.list(&call, window)
    }
}
