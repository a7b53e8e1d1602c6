//! Who may read a piece of content: the space's permissions, and the restrictions of the piece
//! and of all that it hangs under. Whatever cannot be read fails the whole, for a part that is
//! missing is a gate that is missing.

use std::ops::ControlFlow;

use super::{Confluence, hierarchy::ancestors, list, own_content, permissions::restriction};
use crate::{
    BlogPost, Consulted, ContentKind, EffectiveReaders, Error, Page, Principal, ReaderGate,
    SpacePermission, Transport, Window, answer,
    error::quoted,
    query::{call::Call, function::Function, ids},
    reading::single::single,
    record::{RoleAssignment, Row},
};

const DOING: &str = "determine the readers";

/// Calls of 10 000 rows that are joined.
const MOST_ROUNDS: usize = 20;

impl<T: Transport> Confluence<T> {
    /// Works out who may read a page or a blog post, as gates each of which has to be passed: the
    /// space's (`GET /wiki/api/v2/spaces/{id}/permissions`, and for each role that may see it
    /// `GET /wiki/api/v2/spaces/{id}/role-assignments`), those of all that a page hangs under
    /// (`GET /wiki/api/v2/pages/{id}/ancestors`) and its own
    /// (`GET /wiki/rest/api/content/{id}/restriction/byOperation/read`).
    ///
    /// Content that names nobody is no gate.
    ///
    /// # Errors
    ///
    /// It fails closed: when any part cannot be read, the error has the code
    /// `readers-unreadable`, names the part, and has the kind of what went wrong.
    pub fn get_effective_readers(
        &mut self,
        kind: ContentKind,
        id: &str,
    ) -> Result<EffectiveReaders, Error> {
        let id = own_content(&mut self.transport, "id", id)?;
        let mut answer = EffectiveReaders {
            content_id: id.clone(),
            ..EffectiveReaders::default()
        };
        walk(&mut self.transport, kind, &id, &mut answer)?;
        if let Some((first, others)) = answer.gates.split_first() {
            let is_everywhere =
                |one: &&Principal| others.iter().all(|gate| gate.principals.contains(one));
            answer.certain = first
                .principals
                .iter()
                .filter(is_everywhere)
                .cloned()
                .collect();
        }
        Ok(answer)
    }
}

/// What could not be read for a gate, beside the gate itself, and why.
pub(super) struct Unread {
    pub(super) what: &'static str,
    pub(super) id: String,
    pub(super) error: Error,
}

/// What the gates of a piece are read for.
pub(super) trait Visitor {
    /// Where the piece is, and its status. Comes first.
    fn content(&mut self, space: &str, status: Option<String>);

    /// A part and who passes it; `None`: it is no gate. What follows is not read after a break.
    fn part(
        &mut self,
        transport: &mut dyn Transport,
        kind: &str,
        id: &str,
        principals: Option<Vec<Principal>>,
    ) -> Result<ControlFlow<()>, Unread>;
}

/// Reads the gates of a piece, from the space down to the piece.
pub(super) fn walk(
    transport: &mut dyn Transport,
    kind: ContentKind,
    id: &str,
    visitor: &mut dyn Visitor,
) -> Result<(), Error> {
    let piece = match kind {
        ContentKind::Page => "page",
        ContentKind::BlogPost => "blogpost",
    };
    let failed = |error: Error, part: &str, of: &str| closed(error, (piece, id), (part, of));
    let unread = |unread: Unread| failed(unread.error, unread.what, &unread.id);
    let (status, space) = content(transport, kind, id).map_err(|error| failed(error, piece, id))?;
    visitor.content(&space, status);
    let principals = of_space(transport, &space).map_err(|error| failed(error, "space", &space))?;
    if visitor
        .part(transport, "space", &space, Some(principals))
        .map_err(unread)?
        .is_break()
    {
        return Ok(());
    }
    let mut parts: Vec<(String, String)> = Vec::new();
    if kind == ContentKind::Page {
        let above =
            ancestors(transport, id).map_err(|error| failed(error, "ancestors of page", id))?;
        for one in above {
            let kind = one.type_.unwrap_or_else(|| "ancestor".to_owned());
            parts.push((kind, one.id));
        }
    }
    parts.push((piece.to_owned(), id.to_owned()));
    for (part, of) in parts {
        let principals = of_content(transport, &of).map_err(|error| failed(error, &part, &of))?;
        let visited = visitor.part(transport, &part, &of, principals);
        if visited.map_err(unread)?.is_break() {
            return Ok(());
        }
    }
    Ok(())
}

impl Visitor for EffectiveReaders {
    fn content(&mut self, space: &str, status: Option<String>) {
        self.space_id = space.to_owned();
        self.status = status;
    }

    fn part(
        &mut self,
        _: &mut dyn Transport,
        kind: &str,
        id: &str,
        principals: Option<Vec<Principal>>,
    ) -> Result<ControlFlow<()>, Unread> {
        self.add(kind, id, principals);
        Ok(ControlFlow::Continue(()))
    }
}

impl EffectiveReaders {
    fn add(&mut self, kind: &str, id: &str, principals: Option<Vec<Principal>>) {
        self.consulted.push(Consulted {
            kind: kind.to_owned(),
            id: id.to_owned(),
            restricts: principals.is_some(),
        });
        if let Some(principals) = principals {
            self.gates.push(ReaderGate {
                kind: kind.to_owned(),
                id: id.to_owned(),
                principals,
            });
        }
    }
}

/// What failed, as the failure of the whole.
fn closed(error: Error, of: (&str, &str), part: (&str, &str)) -> Error {
    let mut parts = error.into_parts();
    parts.cause = format!(
        "without it nobody can be let in; {}: {}",
        parts.message, parts.cause
    );
    parts.message = format!(
        "cannot {DOING} of {} `{}`: {} `{}` cannot be read",
        of.0,
        of.1,
        quoted(part.0, 40),
        quoted(part.1, 40)
    );
    parts.code = "readers-unreadable".to_owned();
    Error::from(parts)
}

/// The status of a piece and the space that it is in.
fn content(
    transport: &mut dyn Transport,
    kind: ContentKind,
    id: &str,
) -> Result<(Option<String>, String), Error> {
    const SCOPE: &str = "read:page:confluence";
    let (status, space) = match kind {
        ContentKind::Page => {
            let call = Call::new(
                Function::Single,
                "get the page",
                SCOPE,
                format!("/api/v2/pages/{id}"),
            );
            let page: Page = single(transport, &call, Some(id), &mut None)?;
            (page.status, page.space_id)
        }
        ContentKind::BlogPost => {
            let path = format!("/api/v2/blogposts/{id}");
            let call = Call::new(Function::Single, "get the blog post", SCOPE, path);
            let post: BlogPost = single(transport, &call, Some(id), &mut None)?;
            (post.status, post.space_id)
        }
    };
    match space.filter(|space| ids::is_id(space)) {
        Some(space) => Ok((status, space)),
        None => Err(unreadable("the response does not contain its space")),
    }
}

/// Who may see a space.
fn of_space(transport: &mut dyn Transport, space: &str) -> Result<Vec<Principal>, Error> {
    let call = Call::new(
        Function::Single,
        "list the permissions of a space",
        "read:space:confluence",
        format!("/api/v2/spaces/{space}/permissions"),
    );
    let mut principals = Vec::new();
    let mut roles: Vec<String> = Vec::new();
    for row in everything::<SpacePermission>(transport, &call)? {
        let is = |given: &Option<String>, wanted: &str| {
            given
                .as_deref()
                .is_some_and(|given| given.eq_ignore_ascii_case(wanted))
        };
        if row.operation.is_none() || row.target_type.is_none() {
            return Err(unreadable("a permission does not name its operation"));
        }
        if !is(&row.operation, "read") || !is(&row.target_type, "space") {
            continue;
        }
        if word(&row.principal.kind) == "role" {
            if !roles.contains(&row.principal.id) {
                roles.push(row.principal.id);
            }
            continue;
        }
        add(&mut principals, row.principal)?;
    }
    for role in roles {
        let mut call = Call::new(
            Function::Single,
            "list the role assignments of a space",
            "read:space.permission:confluence",
            format!("/api/v2/spaces/{space}/role-assignments"),
        );
        call.parameter("role-id", Some(&role));
        for row in everything::<RoleAssignment>(transport, &call)? {
            // A site that ignores the filter answers who has other roles.
            if row.role_id.as_deref() != Some(role.as_str()) {
                return Err(unreadable(
                    "assignments of different roles cannot be distinguished",
                ));
            }
            add(&mut principals, row.principal)?;
        }
    }
    if principals.is_empty() {
        return Err(unreadable(
            "its permissions let nobody see it, which is true of no space: they are kept elsewhere, or hidden",
        ));
    }
    Ok(principals)
}

/// Adds a principal of a kind that gates can name.
fn add(principals: &mut Vec<Principal>, principal: Principal) -> Result<(), Error> {
    let kind = word(&principal.kind);
    if !matches!(kind.as_str(), "user" | "group" | "access-class") || principal.id.is_empty() {
        return Err(unreadable(&format!(
            "it contains `{}` `{}`, which is not a user, group or access class",
            quoted(&principal.kind, 40),
            quoted(&principal.id, 60)
        )));
    }
    let principal = Principal { kind, ..principal };
    if !principals.contains(&principal) {
        principals.push(principal);
    }
    Ok(())
}

/// `ACCESS_CLASS` of one call is `access-class` of another.
fn word(kind: &str) -> String {
    kind.to_ascii_lowercase().replace('_', "-")
}

/// Whom a piece names, when it names anyone.
fn of_content(transport: &mut dyn Transport, id: &str) -> Result<Option<Vec<Principal>>, Error> {
    let id = ids::content("id", id).map_err(|_| unreadable("its id is none"))?;
    let restriction = restriction(transport, &id, "read")?;
    if restriction.inherits {
        return Ok(None);
    }
    let users = restriction.users.into_iter().map(|user| Principal {
        kind: "user".to_owned(),
        id: user.account_id,
    });
    let groups = restriction.groups.into_iter().map(|group| Principal {
        kind: "group".to_owned(),
        id: group.id,
    });
    // Who was deleted has no id, and passes no gate.
    let named = users.chain(groups).filter(|one| !one.id.is_empty());
    Ok(Some(named.collect()))
}

/// All rows of a list, or an error.
pub(super) fn everything<R: Row + Default>(
    transport: &mut dyn Transport,
    call: &Call,
) -> Result<Vec<R>, Error> {
    let mut rows = Vec::new();
    let mut window = Window {
        limit: Some(10_000),
        after: None,
    };
    for _ in 0..MOST_ROUNDS {
        let listing = list::<R>(transport, call, &window)?;
        if let Some(error) = listing.rest.stopped {
            return Err(error);
        }
        // What came twice or on an empty page is harmless; what was dropped may be a gate's.
        if let Some(notice) =
            listing.rest.notices.iter().find(|notice| {
                matches!(notice.code.as_str(), "row-dropped" | "foreign-row-dropped")
            })
        {
            return Err(unreadable(&notice.message));
        }
        rows.extend(listing.items);
        window.after = listing.rest.after;
        if window.after.is_none() {
            return Ok(rows);
        }
    }
    Err(unreadable("it has more rows than any space has"))
}

pub(super) fn unreadable(what: &str) -> Error {
    answer::unexpected(DOING, "readers-unreadable", what)
}
