use super::{Confluence, by_ids};
use crate::{
    Error, ListOptions, Listing, Page, Transport, Window, plan::Call, query::options::Takes,
};

/// Which pages to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageQuery {
    /// Only these.
    pub ids: Option<Vec<String>>,
}

const TAKES: Takes = Takes {
    body_formats: &["storage", "atlas_doc_format"],
    statuses: &["current", "archived", "deleted", "trashed"],
    sorts: &["id", "created-date", "modified-date", "title"],
    space_ids: 100,
    ..Takes::NONE
};

impl<T: Transport> Confluence<T> {
    /// Lists pages. `GET /wiki/api/v2/pages`.
    ///
    /// Options: `body_format` (`storage`, `atlas_doc_format`), `status` (`current`, `archived`,
    /// `deleted`, `trashed`; current and archived by default), `sort` (`id`, `created-date`,
    /// `modified-date`, `title`), `space_ids`, `raw`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn list_pages(
        &mut self,
        query: &PageQuery,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Page>, Error> {
        let mut call = Call::new(2, "list pages", "read:page:confluence", "/api/v2/pages");
        call.outer(by_ids("id", query.ids.as_deref())?);
        TAKES.apply(options, &mut call)?;
        self.list(&call, window)
    }
}
