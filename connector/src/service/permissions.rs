use std::collections::BTreeSet;

use super::{Confluence, own_content};
use crate::{
    ContentRestrictions, Error, ErrorKind, Group, ListOptions, Listing, Restriction,
    SpacePermission, Transport, User, Window, answer,
    json::{self, Broken, Elements, Fields, Value},
    query::{call::Call, function::Function, ids, options::Takes},
    reading::decode,
};

/// Users and groups of one answer about restrictions.
const MOST_NAMED: usize = 100;
/// Answers of 100 users and 100 groups that are joined.
const MOST_ROUNDS: usize = 100;

impl<T: Transport> Confluence<T> {
    /// Gets who may do what in a space, given by id or key.
    /// `GET /wiki/api/v2/spaces/{id}/permissions`.
    ///
    /// It costs two points of the hourly quota a row, and some spaces have hundreds. Options:
    /// `raw`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`] and [`get_pages_by_space`](Self::get_pages_by_space).
    pub fn get_space_permissions(
        &mut self,
        space: &str,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<SpacePermission>, Error> {
        let mut call = Call::new(
            Function::GetSpacePermissions,
            "list the permissions of a space",
            "read:space:confluence",
            "/api/v2/spaces/{space}/permissions",
        );
        call.within(ids::space("space", space)?);
        Takes::NONE.apply(options, &mut call)?;
        self.list_by_key(call, window)
    }

    /// Gets the restrictions of one piece of content itself, whole:
    /// `GET /wiki/rest/api/content/{id}/restriction/byOperation/read` and `/update`, each as
    /// often as it takes.
    ///
    /// A restriction that names nobody restricts nothing: the piece inherits, from what it hangs
    /// under and from its space. It does not mean that nobody may.
    ///
    /// # Errors
    ///
    /// See [`get_page_by_id`](Self::get_page_by_id); an answer without its lists is an error,
    /// since nothing must be taken for no restriction.
    pub fn get_content_restrictions(
        &mut self,
        content_id: &str,
    ) -> Result<ContentRestrictions, Error> {
        let id = own_content(&mut self.transport, "content-id", content_id)?;
        Ok(ContentRestrictions {
            read: restriction(&mut self.transport, &id, "read")?,
            update: restriction(&mut self.transport, &id, "update")?,
            content_id: id,
        })
    }
}

/// The restriction of one piece to one operation, whole.
pub(super) fn restriction(
    transport: &mut dyn Transport,
    id: &str,
    operation: &str,
) -> Result<Restriction, Error> {
    const DOING: &str = "get the restrictions of content";
    let mut whole = Restriction::default();
    let mut known = BTreeSet::new();
    for round in 0..MOST_ROUNDS {
        let mut call = Call::new(
            Function::Single,
            DOING,
            "read:confluence-content.all",
            format!("/rest/api/content/{id}/restriction/byOperation/{operation}"),
        );
        if round > 0 {
            call.parameter("start", Some(&(round * MOST_NAMED).to_string()));
        }
        call.parameter("limit", Some(&MOST_NAMED.to_string()));
        let answer = transport
            .get(&call.single())
            .map_err(|failure| answer::unanswered(failure, &call.ask))?;
        let text = answer::text(&answer, &call.ask)?;
        let mut said = Said::default();
        json::object(text, &mut said, "")
            .map_err(|Broken| decode::unreadable(text, DOING).answered(&answer))?;
        let whole_lists = said.restrictions.users.is_whole() && said.restrictions.groups.is_whole();
        let same = said.operation.as_deref().is_none_or(|is| is == operation);
        let (users, groups) = (said.restrictions.users, said.restrictions.groups);
        // A site that answers fewer at once than were asked for would have the next ones
        // skipped.
        let cut = |limit: Option<u64>, count: usize| {
            limit.is_some_and(|limit| limit < MOST_NAMED as u64 && count as u64 >= limit)
        };
        if !whole_lists
            || !same
            || cut(users.limit, users.rows.len())
            || cut(groups.limit, groups.rows.len())
        {
            return Err(answer::unexpected(
                DOING,
                "restrictions-unreadable",
                "the response lacks users or groups of the restriction",
            )
            .answered(&answer));
        }
        let more = users.rows.len() >= MOST_NAMED || groups.rows.len() >= MOST_NAMED;
        let before = known.len();
        for user in users.rows {
            if known.insert(format!("u{}", user.account_id)) {
                whole.users.push(user);
            }
        }
        for group in groups.rows {
            let name = group.name.as_deref().unwrap_or_default();
            if known.insert(format!("g{} {name}", group.id)) {
                whole.groups.push(group);
            }
        }
        if !more {
            whole.inherits = whole.users.is_empty() && whole.groups.is_empty();
            return Ok(whole);
        }
        if known.len() == before {
            break;
        }
    }
    Err(Error::new(
        ErrorKind::Looping,
        "restrictions-endless",
        format!("cannot {DOING} completely: the same users and groups were returned again"),
        "a defect of the site or of a proxy that ignores where to go on",
        "check the restrictions in a browser",
    ))
}

/// What the site says of one operation.
#[derive(Default)]
struct Said {
    operation: Option<String>,
    restrictions: Named,
}

#[derive(Default)]
struct Named {
    users: People<User>,
    groups: People<Group>,
}

struct People<R> {
    rows: Vec<R>,
    limit: Option<u64>,
    has_results: bool,
    odd: bool,
}

impl<R> Default for People<R> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            limit: None,
            has_results: false,
            odd: false,
        }
    }
}

impl<R> People<R> {
    fn is_whole(&self) -> bool {
        self.has_results && !self.odd
    }
}

impl Fields for Said {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "operation" => value.text_into(&mut self.operation)?,
            "restrictions" => {
                value.object(&mut self.restrictions)?;
            }
            _ => {}
        }
        Ok(())
    }
}

impl Fields for Named {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "user" => {
                value.object(&mut self.users)?;
            }
            "group" => {
                value.object(&mut self.groups)?;
            }
            _ => {}
        }
        Ok(())
    }
}

impl<R: Fields + Default> Fields for People<R> {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "results" => self.has_results = value.list(self)?,
            "limit" => self.limit = value.natural()?,
            _ => {}
        }
        Ok(())
    }
}

impl<R: Fields + Default> Elements for People<R> {
    fn next(&mut self) -> Option<&mut dyn Fields> {
        self.rows.push(R::default());
        self.rows.last_mut().map(|row| row as &mut dyn Fields)
    }

    fn read(&mut self, was_object: bool, _text: &str) {
        self.odd |= !was_object;
    }

    fn end(&mut self) {
        self.rows.pop();
    }
}
