use super::{Confluence, own_content};
use crate::{
    Answer, Error, ErrorKind, Label, ListOptions, Listing, Transport, Window, answer,
    error::quoted,
    json::{self, Broken, Fields, Value},
    query::{
        call::Call,
        choice::{choice, listed},
        function::Function,
        ids,
        options::Takes,
        order::ordered,
        words,
    },
    reading::decode,
};

/// Whose labels to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelOwner {
    /// Those of a space.
    Space,
    /// Those of a page.
    Page,
    /// Those of a blog post.
    BlogPost,
    /// Those of an attachment.
    Attachment,
}

/// Which labels to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelQuery {
    /// Whose. Absent: the site's.
    pub select: Option<LabelOwner>,
    /// The space, by id or key, or the piece of content, by id. Needed with `select`, refused without.
    pub id: Option<String>,
    /// Only labels of this kind: `my`, `team`, `global`, `system`; of a space `my` and `team`.
    pub prefix: Option<String>,
}

pub(super) const TAKES: Takes = Takes {
    name_prefix: true,
    sorts: &["created-date", "id", "name"],
    order: "name",
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
                Call::new(
                    Function::ListLabels,
                    "list labels",
                    "read:label:confluence",
                    "/api/v2/labels",
                ),
                PREFIXES,
            ),
            (Some(LabelOwner::Space), Some(id)) => {
                let mut call = Call::new(
                    Function::ListLabels,
                    "list the labels of a space",
                    "read:space:confluence",
                    "/api/v2/spaces/{space}/labels",
                );
                call.within(ids::space("id", id)?);
                (call, SPACE_PREFIXES)
            }
            (Some(owner), Some(id)) => (
                of_content(&mut self.transport, Function::ListLabels, owner, "id", id)?,
                PREFIXES,
            ),
            (Some(_), None) => {
                return Err(Error::argument(
                    "id-missing",
                    "`select` is passed without `id`",
                    "`select` is the kind of owner, and `id` identifies it",
                    "pass the id or key of the space, or the id of the content, or omit `select` for the site's labels",
                ));
            }
            (None, Some(_)) => {
                return Err(Error::argument(
                    "select-missing",
                    "`id` is passed without `select`",
                    "pages and spaces have ids of the same form, so the id alone is ambiguous",
                    "pass `space`, `page`, `blog-post` or `attachment` as `select`, or omit `id` for the site's labels",
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
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Label>, Error> {
        let mut call = Call::new(
            Function::GetLabels,
            "list labels",
            "read:label:confluence",
            "/api/v2/labels",
        );
        prefixed(&mut call, prefix, PREFIXES)?;
        TAKES.apply(&ordered(options, sort)?, &mut call)?;
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
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Label>, Error> {
        let function = Function::GetLabelsByPage;
        let mut call = of_content(
            &mut self.transport,
            function,
            LabelOwner::Page,
            "page-id",
            page_id,
        )?;
        prefixed(&mut call, prefix, PREFIXES)?;
        TAKES.apply(&ordered(options, sort)?, &mut call)?;
        self.list(&call, window)
    }

    /// Gets the labels of a blog post. `GET /wiki/api/v2/blogposts/{id}/labels`.
    ///
    /// `sort` orders by name. Options: as for [`list_labels`](Self::list_labels).
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_labels_by_blog_post(
        &mut self,
        blog_post_id: &str,
        prefix: Option<&str>,
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Label>, Error> {
        let function = Function::GetLabelsByBlogPost;
        let owner = LabelOwner::BlogPost;
        let mut call = of_content(
            &mut self.transport,
            function,
            owner,
            "blog-post-id",
            blog_post_id,
        )?;
        prefixed(&mut call, prefix, PREFIXES)?;
        TAKES.apply(&ordered(options, sort)?, &mut call)?;
        self.list(&call, window)
    }

    /// Gets the labels of an attachment. `GET /wiki/api/v2/attachments/{id}/labels`.
    ///
    /// `sort` orders by name. Options: as for [`list_labels`](Self::list_labels).
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_labels_by_attachment(
        &mut self,
        attachment_id: &str,
        prefix: Option<&str>,
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Label>, Error> {
        let function = Function::GetLabelsByAttachment;
        let owner = LabelOwner::Attachment;
        let mut call = of_content(
            &mut self.transport,
            function,
            owner,
            "attachment-id",
            attachment_id,
        )?;
        prefixed(&mut call, prefix, PREFIXES)?;
        TAKES.apply(&ordered(options, sort)?, &mut call)?;
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
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Label>, Error> {
        let mut call = Call::new(
            Function::GetLabelsBySpace,
            "list the labels of a space",
            "read:space:confluence",
            "/api/v2/spaces/{space}/labels",
        );
        call.within(ids::space("space", space)?);
        prefixed(&mut call, prefix, SPACE_PREFIXES)?;
        TAKES.apply(&ordered(options, sort)?, &mut call)?;
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

/// The labels of a piece of content. Each kind has them under the scope of its own.
fn of_content(
    transport: &mut dyn Transport,
    function: Function,
    owner: LabelOwner,
    argument: &str,
    id: &str,
) -> Result<Call, Error> {
    let (doing, scope, kind) = match owner {
        LabelOwner::Space | LabelOwner::Page => {
            ("list the labels of a page", "read:page:confluence", "pages")
        }
        LabelOwner::BlogPost => (
            "list the labels of a blog post",
            "read:page:confluence",
            "blogposts",
        ),
        LabelOwner::Attachment => (
            "list the labels of an attachment",
            "read:attachment:confluence",
            "attachments",
        ),
    };
    let id = match owner {
        LabelOwner::Attachment => ids::attachment(argument, id)?,
        _ => own_content(transport, argument, id)?,
    };
    Ok(Call::new(
        function,
        doing,
        scope,
        format!("/api/v2/{kind}/{id}/labels"),
    ))
}

fn prefixed(call: &mut Call, prefix: Option<&str>, prefixes: &[&str]) -> Result<(), Error> {
    let Some(prefix) = prefix else { return Ok(()) };
    if !PREFIXES.contains(&prefix) {
        return Err(Error::argument(
            "prefix-unknown",
            format!(
                "`prefix` cannot be `{}` to {}",
                quoted(prefix, 60),
                call.ask.doing
            ),
            "a prefix of Confluence is the namespace of a label, not the beginning of its name",
            format!(
                "pass one of {}, or `name-prefix` for labels whose name begins with a text",
                listed(prefixes)
            ),
        ));
    }
    choice("prefix-unknown", "prefix", prefix, prefixes, call.ask.doing)?;
    call.parameter("prefix", Some(prefix));
    Ok(())
}

/// The request for a label by name. It answers some of what has the label as well; one is the
/// least that can be asked for.
pub(super) fn by_name(argument: &str, name: &str) -> Result<Call, Error> {
    words::word(argument, Some(name))?;
    let mut call = Call::new(
        Function::Single,
        "look up the label",
        "read:label:confluence read:content:confluence",
        "/rest/api/label",
    );
    call.ask.names = true;
    call.parameter("name", Some(name));
    call.parameter("limit", Some("1"));
    Ok(call)
}

/// The label that `call` asks for.
pub(super) fn get(transport: &mut dyn Transport, call: &Call, name: &str) -> Result<Label, Error> {
    let answer = transport
        .get(&call.single())
        .map_err(|failure| answer::unanswered(failure, &call.ask))?;
    let text = match answer::text(&answer, &call.ask) {
        Ok(text) => text,
        Err(error) if error.code == "not-found" => return Err(unknown(name, &answer)),
        Err(error) => return Err(error),
    };
    let mut details = Details::default();
    json::object(text, &mut details, "")
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
        "no content that this account can see has this label; Confluence does not distinguish missing and hidden content",
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
