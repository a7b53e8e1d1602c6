use super::{Confluence, by_ids, labels, own_content};
use crate::{
    Error, GetOptions, ListOptions, Listing, Page, Transport, Window,
    paging::after,
    query::{
        body_format::{LIST_FORMATS, SINGLE_FORMATS},
        call::Call,
        function::Function,
        ids,
        options::Takes,
        order::ordered,
    },
};

/// Which pages to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageQuery {
    /// Only these.
    pub ids: Option<Vec<String>>,
}

pub(super) const TAKES: Takes = Takes {
    body_formats: LIST_FORMATS,
    statuses: &["current", "archived", "deleted", "trashed"],
    sorts: &["id", "created-date", "modified-date", "title"],
    order: "modified-date",
    space_ids: 100,
    ..Takes::NONE
};

pub(super) const TAKES_IN_SPACE: Takes = Takes {
    space_ids: 0,
    ..TAKES
};

pub(super) const TAKES_BY_LABEL: Takes = Takes {
    statuses: &[],
    ..TAKES
};

pub(super) const TAKES_SINGLE: Takes = Takes {
    body_formats: SINGLE_FORMATS,
    statuses: &[
        "current",
        "archived",
        "trashed",
        "deleted",
        "historical",
        "draft",
    ],
    version: true,
    ..Takes::NONE
};

const SCOPE: &str = "read:page:confluence";

impl<T: Transport> Confluence<T> {
    /// Lists pages. `GET /wiki/api/v2/pages`.
    ///
    /// Options: `body_format` (`storage`, `atlas_doc_format`), `status` (`current`, `archived`,
    /// `deleted`, `trashed`; current and archived by default), `sort` (`id`, `created-date`,
    /// `modified-date`, `title`), `space_ids` (ids or keys), `raw`.
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
        let mut call = Call::new(Function::ListPages, "list pages", SCOPE, "/api/v2/pages");
        call.outer(by_ids(&mut self.transport, "id", query.ids.as_deref())?);
        TAKES.apply(options, &mut call)?;
        self.list_by_key(call, window)
    }

    /// Gets pages. `GET /wiki/api/v2/pages`.
    ///
    /// `sort` orders by the time of the last change. Options: as for
    /// [`list_pages`](Self::list_pages).
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_pages(
        &mut self,
        query: &PageQuery,
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Page>, Error> {
        let mut call = Call::new(Function::GetPages, "list pages", SCOPE, "/api/v2/pages");
        call.outer(by_ids(&mut self.transport, "id", query.ids.as_deref())?);
        TAKES.apply(&ordered(options, sort)?, &mut call)?;
        self.list_by_key(call, window)
    }

    /// Gets the pages of a space, given by id or key. `GET /wiki/api/v2/spaces/{id}/pages`.
    ///
    /// `sort` orders by the time of the last change. Options: as for
    /// [`list_pages`](Self::list_pages), without `space_ids`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`]; [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) with the code
    /// `space-not-found` for a key that no space came back for.
    pub fn get_pages_by_space(
        &mut self,
        space: &str,
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Page>, Error> {
        let path = "/api/v2/spaces/{space}/pages";
        let mut call = Call::new(
            Function::GetPagesBySpace,
            "list the pages of a space",
            SCOPE,
            path,
        );
        call.within(ids::space("space", space)?);
        TAKES_IN_SPACE.apply(&ordered(options, sort)?, &mut call)?;
        self.list_by_key(call, window)
    }

    /// Gets the pages with a label, given by id or name. `GET /wiki/api/v2/labels/{id}/pages`.
    ///
    /// What is all digits is an id; a name is looked up as by
    /// [`get_label_by_name`](Self::get_label_by_name). `sort` orders by the time of the last
    /// change. Options: `body_format` (`storage`, `atlas_doc_format`), `sort` (`id`,
    /// `created-date`, `modified-date`, `title`), `space_ids` (ids or keys), `raw`. There is no `status`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`]; [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) with the code
    /// `label-not-found` for a name that no label came back for.
    pub fn get_pages_by_label(
        &mut self,
        label: &str,
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Page>, Error> {
        let digits = !label.is_empty() && label.bytes().all(|b| b.is_ascii_digit());
        let by_name = if digits {
            None
        } else {
            Some(labels::by_name("label", label)?)
        };
        let of = |id: &str| -> Result<Call, Error> {
            let path = format!("/api/v2/labels/{id}/pages");
            let mut call = Call::new(
                Function::GetPagesByLabel,
                "list the pages with a label",
                SCOPE,
                path,
            );
            TAKES_BY_LABEL.apply(&ordered(options, sort)?, &mut call)?;
            Ok(call)
        };
        let call = match by_name {
            None => of(&ids::id("label", label)?)?,
            Some(by_name) => {
                // Checks the rest of the arguments before the label is looked up.
                after::check(&of("")?, window)?;
                let found = labels::get(self.transport_mut(), &by_name, label)?;
                of(&ids::id("label", &found.id)?)?
            }
        };
        self.list_by_key(call, window)
    }

    /// Gets a page. `GET /wiki/api/v2/pages/{id}`.
    ///
    /// A page in the trash is answered like any other: its `status` says `trashed`.
    ///
    /// Options: `body_format` (`storage`, `atlas_doc_format`, and of single pages only `view`,
    /// `export_view`, `anonymous_export_view`, `styled_view`, `editor`), `status` (`current`,
    /// `archived`, `trashed`, `deleted`, `historical`, `draft`), `version`, `raw`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for what is wrong in
    /// the arguments, [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for a page that is
    /// missing or hidden, and what else a request fails with.
    pub fn get_page_by_id(&mut self, id: &str, options: &GetOptions) -> Result<Page, Error> {
        let id = own_content(&mut self.transport, "id", id)?;
        let path = format!("/api/v2/pages/{id}");
        let mut call = Call::new(Function::Single, "get the page", SCOPE, path);
        TAKES_SINGLE.apply_single(options, &mut call)?;
        self.single(&call, &id)
    }
}
