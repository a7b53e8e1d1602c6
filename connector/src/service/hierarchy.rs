use super::{Confluence, list, own_content};
use crate::{
    Ancestor, Child, Error, ErrorKind, Folder, GetOptions, ListOptions, Listing, Transport, Window,
    answer,
    error::quoted,
    paging::notices::Notices,
    query::{
        call::{Call, MOST_PER_PAGE, Paging},
        choice::choice,
        function::Function,
        ids,
        options::Takes,
        order::ordered,
    },
};

pub(super) const TAKES: Takes = Takes {
    // They are chosen here: the call itself does not take them.
    statuses: STATUSES,
    sorts: &[
        "child-position",
        "created-date",
        "id",
        "modified-date",
        "title",
    ],
    order: "child-position",
    ..Takes::NONE
};

/// What hangs in the tree of a space.
const TYPES: &[&str] = &["page", "folder", "whiteboard", "database", "embed"];
const STATUSES: &[&str] = &["current", "archived", "trashed", "draft"];

/// Answers of 250 ancestors that are joined. No tree is 10 000 levels deep.
const MOST_ROUNDS: usize = 40;

impl<T: Transport> Confluence<T> {
    /// Gets what hangs directly under a page. `GET /wiki/api/v2/pages/{id}/direct-children`.
    ///
    /// Confluence answers folders, whiteboards, databases and embeds as well, and drafts.
    /// Without `types` only pages are given; without `status` no drafts. Both are chosen here,
    /// since the call has no such filters: an answer may have fewer rows than the limit, or
    /// none, with more behind it.
    ///
    /// `sort` orders by the place among siblings. Options: `sort` (`child-position`,
    /// `created-date`, `id`, `modified-date`, `title`), `status` (`current`, `archived`,
    /// `trashed`, `draft`), `raw`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_page_children(
        &mut self,
        page_id: &str,
        types: Option<&[String]>,
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Child>, Error> {
        let id = own_content(&mut self.transport, "page-id", page_id)?;
        let mut call = Call::new(
            Function::GetPageChildren,
            "list the children of a page",
            "read:hierarchical-content:confluence",
            format!("/api/v2/pages/{id}/direct-children"),
        );
        for word in types.unwrap_or_default() {
            choice("type-unknown", "types", word, TYPES, call.ask.doing)?;
        }
        for word in &options.status {
            choice("status-unknown", "status", word, STATUSES, call.ask.doing)?;
        }
        let mut ordered = ordered(options, sort)?;
        ordered.status.clear();
        TAKES.apply(&ordered, &mut call)?;
        let among = |words: &[String], is: &Option<String>| {
            is.as_ref().is_some_and(|is| words.contains(is))
        };
        let mut listing = self.list::<Child>(&call, window)?;
        let mut notices = Notices::default();
        listing.items.retain(|child| {
            // Without a type it may be what was asked for; of a new type it may not be known here.
            let known = child.type_.as_deref().map(|is| TYPES.contains(&is));
            let is_wanted = match types {
                Some(types) => among(types, &child.type_) || known.is_none(),
                None => child.type_.as_deref().is_none_or(|type_| type_ == "page"),
            };
            if !is_wanted && known == Some(false) {
                let type_ = child.type_.as_deref().unwrap_or_default();
                notices.add("row-dropped", Some(&child.id), || {
                    format!(
                        "a child of the type `{}` was dropped: this version does not know it",
                        quoted(type_, 60)
                    )
                });
            }
            let is_in_status = match options.status.is_empty() {
                true => child.status.as_deref() != Some("draft"),
                false => among(&options.status, &child.status),
            };
            is_wanted && is_in_status
        });
        listing.rest.notices.extend(notices.finish());
        Ok(listing)
    }

    /// Gets all that a page hangs under, from the top of its space down to its parent.
    /// `GET /wiki/api/v2/pages/{id}/ancestors`.
    ///
    /// The answer is complete: beyond 250, which have no next link, the ancestors of the topmost
    /// one are asked for.
    ///
    /// # Errors
    ///
    /// See [`get_page_by_id`](Self::get_page_by_id); an answer that cannot be completed is an
    /// error, and never a part.
    pub fn get_page_ancestors(&mut self, page_id: &str) -> Result<Vec<Ancestor>, Error> {
        let id = own_content(&mut self.transport, "page-id", page_id)?;
        ancestors(&mut self.transport, &id)
    }

    /// Gets a folder. `GET /wiki/api/v2/folders/{id}`.
    ///
    /// Confluence has no list of folders: their ids stand in `parent_id` of pages, and among
    /// children and ancestors. Options: `raw`.
    ///
    /// # Errors
    ///
    /// See [`get_page_by_id`](Self::get_page_by_id).
    pub fn get_folder(&mut self, id: &str, options: &GetOptions) -> Result<Folder, Error> {
        let id = own_content(&mut self.transport, "id", id)?;
        let path = format!("/api/v2/folders/{id}");
        let mut call = Call::new(
            Function::Single,
            "get the folder",
            "read:folder:confluence",
            path,
        );
        Takes::NONE.apply_single(options, &mut call)?;
        self.single(&call, &id)
    }
}

/// All that a page hangs under, topmost first.
pub(super) fn ancestors(
    transport: &mut dyn Transport,
    page_id: &str,
) -> Result<Vec<Ancestor>, Error> {
    const DOING: &str = "list the ancestors of a page";
    let mut above: Vec<Ancestor> = Vec::new();
    let (mut kind, mut id) = ("pages", page_id.to_owned());
    for _ in 0..MOST_ROUNDS {
        let mut call = Call::new(
            Function::Single,
            DOING,
            "read:content.metadata:confluence",
            format!("/api/v2/{kind}/{id}/ancestors"),
        );
        call.paging = Paging::Whole;
        call.parameter("limit", Some(&MOST_PER_PAGE.to_string()));
        let window = Window {
            limit: Some(MOST_PER_PAGE),
            after: None,
        };
        let listing = list::<Ancestor>(transport, &call, &window)?;
        if let Some(notice) = listing.rest.notices.into_iter().next() {
            return Err(answer::unexpected(
                DOING,
                "ancestors-unreadable",
                &notice.message,
            ));
        }
        let mut items = listing.items;
        let full = items.len() >= MOST_PER_PAGE as usize;
        items.append(&mut above);
        above = items;
        let Some(top) = above.first().filter(|_| full) else {
            return Ok(above);
        };
        id = ids::content("id", &top.id)
            .map_err(|_| answer::unexpected(DOING, "ancestors-unreadable", "an id is none"))?;
        kind = match top.type_.as_deref() {
            Some("page") => "pages",
            Some("folder") => "folders",
            Some("whiteboard") => "whiteboards",
            Some("database") => "databases",
            Some("embed") => "embeds",
            _ => {
                return Err(answer::unexpected(
                    DOING,
                    "ancestors-unreadable",
                    "the topmost one is of a type whose ancestors cannot be requested",
                ));
            }
        };
    }
    Err(Error::new(
        ErrorKind::Looping,
        "ancestors-endless",
        format!("cannot {DOING}: there is always another one"),
        "a defect of the site or of a proxy before it",
        "check the page in a browser",
    ))
}
