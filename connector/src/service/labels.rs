use super::Confluence;
use crate::{
    Error, Label, ListOptions, Listing, Transport, Window,
    plan::Call,
    query::{choice::choice, ids, options::Takes},
};

/// Whose labels to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelOwner {
    /// Those of a space.
    Space,
    /// Those of a page.
    Page,
}

/// Which labels to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelQuery {
    /// Whose. Absent: the site's.
    pub select: Option<LabelOwner>,
    /// The space or the page, by numeric id. Needed with `select`, refused without.
    pub id: Option<String>,
    /// Only labels of this kind: `my`, `team`, `global`, `system`; of a space `my` and `team`.
    pub prefix: Option<String>,
}

const TAKES: Takes = Takes {
    sorts: &["created-date", "id", "name"],
    ..Takes::NONE
};

const PREFIXES: &[&str] = &["my", "team", "global", "system"];
const SPACE_PREFIXES: &[&str] = &["my", "team"];

impl<T: Transport> Confluence<T> {
    /// Lists labels of the site (`GET /wiki/api/v2/labels`), of a space
    /// (`GET /wiki/api/v2/spaces/{id}/labels`) or of a page (`GET /wiki/api/v2/pages/{id}/labels`).
    ///
    /// Options: `sort` (`created-date`, `id`, `name`), `raw`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn list_labels(
        &mut self,
        query: &LabelQuery,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Label>, Error> {
        let (mut call, prefixes) = match (query.select, query.id.as_deref()) {
            (None, None) => (
                Call::new(3, "list labels", "read:label:confluence", "/api/v2/labels"),
                PREFIXES,
            ),
            (Some(LabelOwner::Space), Some(id)) => (
                Call::new(
                    3,
                    "list the labels of a space",
                    "read:space:confluence",
                    format!("/api/v2/spaces/{}/labels", ids::id("id", id)?),
                ),
                SPACE_PREFIXES,
            ),
            (Some(LabelOwner::Page), Some(id)) => (
                Call::new(
                    3,
                    "list the labels of a page",
                    "read:page:confluence",
                    format!("/api/v2/pages/{}/labels", ids::id("id", id)?),
                ),
                PREFIXES,
            ),
            (Some(_), None) => {
                return Err(Error::argument(
                    "id-missing",
                    "`select` is given without `id`",
                    "`select` says whose labels, and `id` says of which one",
                    "give the numeric id of the space or the page, or leave `select` out for the site's labels",
                ));
            }
            (None, Some(_)) => {
                return Err(Error::argument(
                    "select-missing",
                    "`id` is given without `select`",
                    "pages and spaces have ids of the same form, so the id alone does not say which it is",
                    "give `select` as `space` or `page`, or leave `id` out for the site's labels",
                ));
            }
        };
        if let Some(prefix) = query.prefix.as_deref() {
            choice("prefix-unknown", "prefix", prefix, prefixes, call.ask.doing)?;
            call.parameter("prefix", Some(prefix));
        }
        TAKES.apply(options, &mut call)?;
        self.list(&call, window)
    }
}
