use super::Confluence;
use crate::{
    Answer, Error, ErrorKind, Label, ListOptions, Listing, SortOrder, Transport, Window, answer,
    decode, error,
    error::quoted,
    lenient::{self, Broken, Fields, Value},
    plan::Call,
    query::{choice::choice, ids, options::Takes, order::ordered, words},
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
    /// The space, by id or key, or the page, by id. Needed with `select`, refused without.
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
            (Some(LabelOwner::Space), Some(id)) => {
                let mut call = Call::new(
                    3,
                    "list the labels of a space",
                    "read:space:confluence",
                    "/api/v2/spaces/{space}/labels",
                );
                call.within(ids::space("id", id)?);
                (call, SPACE_PREFIXES)
            }
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
                    "`select` is passed without `id`",
                    "`select` is the kind of owner, and `id` identifies it",
                    "pass the id or key of the space, or the id of the page, or omit `select` for the site's labels",
                ));
            }
            (None, Some(_)) => {
                return Err(Error::argument(
                    "select-missing",
                    "`id` is passed without `select`",
                    "pages and spaces have ids of the same form, so the id alone is ambiguous",
                    "pass `space` or `page` as `select`, or omit `id` for the site's labels",
                ));
            }
        };
        prefixed(&mut call, query.prefix.as_deref(), prefixes)?;
        TAKES.apply(options, &mut call)?;
        self.list_by_key(call, window)
    }

    /// Gets the site's labels. `GET /wiki/api/v2/labels`.
    ///
    /// `sort` orders by name. Options: as for [`list_labels`](Self::list_labels).
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_labels(
        &mut self,
        prefix: Option<&str>,
        sort: Option<SortOrder>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Label>, Error> {
        let mut call = Call::new(20, "list labels", "read:label:confluence", "/api/v2/labels");
        prefixed(&mut call, prefix, PREFIXES)?;
        TAKES.apply(&ordered(options, sort, "name")?, &mut call)?;
        self.list(&call, window)
    }

    /// Gets the labels of a page. `GET /wiki/api/v2/pages/{id}/labels`.
    ///
    /// `sort` orders by name. Options: as for [`list_labels`](Self::list_labels).
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_labels_by_page(
        &mut self,
        page_id: &str,
        prefix: Option<&str>,
        sort: Option<SortOrder>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Label>, Error> {
        let id = ids::id("page-id", page_id)?;
        let path = format!("/api/v2/pages/{id}/labels");
        let mut call = Call::new(
            21,
            "list the labels of a page",
            "read:page:confluence",
            path,
        );
        prefixed(&mut call, prefix, PREFIXES)?;
        TAKES.apply(&ordered(options, sort, "name")?, &mut call)?;
        self.list(&call, window)
    }

    /// Gets the labels of a space, given by id or key. `GET /wiki/api/v2/spaces/{id}/labels`.
    ///
    /// These are the labels on the space itself, not those of its pages: `my` and `team` only.
    /// `sort` orders by name. Options: as for [`list_labels`](Self::list_labels).
    ///
    /// # Errors
    ///
    /// See [`Confluence`] and [`get_pages_by_space`](Self::get_pages_by_space).
    pub fn get_labels_by_space(
        &mut self,
        space: &str,
        prefix: Option<&str>,
        sort: Option<SortOrder>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Label>, Error> {
        let mut call = Call::new(
            22,
            "list the labels of a space",
            "read:space:confluence",
            "/api/v2/spaces/{space}/labels",
        );
        call.within(ids::space("space", space)?);
        prefixed(&mut call, prefix, SPACE_PREFIXES)?;
        TAKES.apply(&ordered(options, sort, "name")?, &mut call)?;
        self.list_by_key(call, window)
    }

    /// Gets a label by its name: `GET /wiki/rest/api/label?name=`, since v2 has no filter by
    /// name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] with the code `label-not-found` when no label has the name, or
    /// none that this account may see; otherwise see [`get_page_by_id`](Self::get_page_by_id).
    pub fn get_label_by_name(&mut self, name: &str) -> Result<Label, Error> {
        let call = by_name("name", name)?;
        get(&mut self.transport, &call, name)
    }
}

fn prefixed(call: &mut Call, prefix: Option<&str>, prefixes: &[&str]) -> Result<(), Error> {
    if let Some(prefix) = prefix {
        choice("prefix-unknown", "prefix", prefix, prefixes, call.ask.doing)?;
        call.parameter("prefix", Some(prefix));
    }
    Ok(())
}

/// The request for a label by name. It answers some of what has the label as well; one is the
/// least that can be asked for.
pub(super) fn by_name(argument: &str, name: &str) -> Result<Call, Error> {
    words::word(argument, Some(name))?;
    let mut call = Call::new(
        0,
        "look up the label",
        "read:label:confluence read:content:confluence",
        "/rest/api/label",
    );
    call.parameter("name", Some(name));
    call.parameter("limit", Some("1"));
    Ok(call)
}

/// The label that `call` asks for.
pub(super) fn get(transport: &mut dyn Transport, call: &Call, name: &str) -> Result<Label, Error> {
    let answer = transport
        .get(&call.single())
        .map_err(|failure| error::unanswered(failure, &call.ask))?;
    let text = match answer::text(&answer, &call.ask) {
        Ok(text) => text,
        Err(error) if error.code == "not-found" => return Err(unknown(name, &answer)),
        Err(error) => return Err(error),
    };
    let mut details = Details::default();
    lenient::object(text, &mut details, "")
        .map_err(|Broken| decode::unreadable(text, call.ask.doing).answered(&answer))?;
    // Confluence makes labels lower-case, in every script; other scripts are taken on trust.
    let is_wanted = |is: &str| !is.is_ascii() || is.eq_ignore_ascii_case(name);
    match details.label {
        Some(label) if label.id.is_empty() => Err(unknown(name, &answer)),
        Some(label) if label.name.as_deref().is_none_or(is_wanted) => Ok(label),
        _ => Err(unknown(name, &answer)),
    }
}

fn unknown(name: &str, answer: &Answer) -> Error {
    Error::new(
        ErrorKind::NotFound,
        "label-not-found",
        format!("there is no label `{}`, or it is hidden", quoted(name, 60)),
        "no content that this account can see has this label; confluence does not distinguish missing and hidden content",
        "pass the name without the prefix `global:`; `get-labels` lists the labels of the site",
    )
    .answered(answer)
}

/// The answer to a label's name: the label, and what has it.
#[derive(Default)]
struct Details {
    label: Option<Label>,
}

impl Fields for Details {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        if name == "label" {
            let mut label = Label::default();
            if value.object(&mut label)? {
                self.label = Some(label);
            }
        }
        Ok(())
    }
}
