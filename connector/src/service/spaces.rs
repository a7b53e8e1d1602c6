use super::{Confluence, places};
use crate::{
    Error, GetOptions, ListOptions, Listing, Space, Transport, Window,
    query::{
        call::{By, Call, Dimension, MOST_PER_PAGE},
        function::Function,
        ids,
        options::Takes,
        order::ordered,
    },
};

/// Which spaces to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpaceQuery {
    /// Only these, by id; by key as well, which costs one request more.
    pub ids: Option<Vec<String>>,
    /// Only these, by key. With `ids`, a space has to match both.
    pub keys: Option<Vec<String>>,
}

pub(super) const TAKES: Takes = Takes {
    body_parameter: "description-format",
    body_formats: &["plain", "view"],
    statuses: &["current", "archived"],
    sorts: &["id", "key", "name"],
    order: "key",
    ..Takes::NONE
};

pub(super) const TAKES_SINGLE: Takes = Takes {
    statuses: &[],
    sorts: &[],
    order: "key",
    ..TAKES
};

const SCOPE: &str = "read:space:confluence";

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
        let mut call = Call::new(Function::ListSpaces, "list spaces", SCOPE, "/api/v2/spaces");
        TAKES.apply(options, &mut call)?;
        filter(&mut call, query)?;
        self.list_by_key(call, window)
    }

    /// Gets spaces. `GET /wiki/api/v2/spaces`.
    ///
    /// `sort` orders by key: of the orders of spaces it is the one in which no two are equal and
    /// that people know. Options: as for [`list_spaces`](Self::list_spaces).
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_spaces(
        &mut self,
        query: &SpaceQuery,
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Space>, Error> {
        let mut call = Call::new(Function::GetSpaces, "list spaces", SCOPE, "/api/v2/spaces");
        TAKES.apply(&ordered(options, sort)?, &mut call)?;
        filter(&mut call, query)?;
        self.list_by_key(call, window)
    }

    /// Gets a space: by id (`GET /wiki/api/v2/spaces/{id}`), or by key
    /// (`GET /wiki/api/v2/spaces?keys=`, which answers the same record with one request). What
    /// is all digits is an id.
    ///
    /// Options: `body_format` (`plain`, `view`: the description), `raw`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for a space that is missing or
    /// hidden; otherwise see [`get_page_by_id`](Self::get_page_by_id).
    pub fn get_space_by_id(
        &mut self,
        id_or_key: &str,
        options: &GetOptions,
    ) -> Result<Space, Error> {
        let space = ids::space("id-or-key", id_or_key)?;
        if ids::is_id(&space) {
            let path = format!("/api/v2/spaces/{space}");
            let mut call = Call::new(Function::Single, "get the space", SCOPE, path);
            TAKES_SINGLE.apply_single(options, &mut call)?;
            return self.single(&call, &space);
        }
        let mut call = Call::new(Function::Single, "get the space", SCOPE, "/api/v2/spaces");
        TAKES_SINGLE.apply_single(options, &mut call)?;
        let query = SpaceQuery {
            ids: None,
            keys: Some(vec![space.clone()]),
        };
        filter(&mut call, &query)?;
        let spaces = places::whole(&mut self.transport, &call, 1)?;
        let found = spaces.into_iter().next();
        found.ok_or_else(|| places::unknown(&space))
    }
}

fn filter(call: &mut Call, query: &SpaceQuery) -> Result<(), Error> {
    let by_id = match query.ids.as_deref() {
        None => None,
        Some(ids) => Some(Dimension {
            name: "ids",
            by: By::Space,
            values: ids::spaces("ids", ids)?,
            most: MOST_PER_PAGE as usize,
        }),
    };
    let by_key = match query.keys.as_deref() {
        None => None,
        Some(keys) => Some(Dimension {
            name: "keys",
            by: By::Key,
            values: ids::keys("keys", keys)?,
            most: MOST_PER_PAGE as usize,
        }),
    };
    if by_id.is_some() {
        call.outer(by_id);
        call.inner(by_key);
    } else {
        call.outer(by_key);
    }
    Ok(())
}
