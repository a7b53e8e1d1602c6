//! The calls: one module for each kind of record.

mod accepted;
mod all_users;
mod attachments;
mod audit;
mod blog_posts;
mod can_read;
mod changes;
mod comments;
mod connection;
mod custom_content;
mod hierarchy;
mod history;
mod labels;
mod mentions;
mod pages;
mod people;
mod permissions;
mod places;
mod properties;
mod readers;
mod references;
mod search;
mod spaces;
mod tasks;

pub use accepted::accepted_options;
pub use attachments::AttachmentQuery;
pub use audit::AuditQuery;
pub use blog_posts::BlogPostQuery;
pub use changes::Changes;
pub use comments::CommentQuery;
pub use connection::{ConnectionReport, Count};
pub use custom_content::CustomContentQuery;
pub use labels::{LabelOwner, LabelQuery};
pub use pages::PageQuery;
pub use properties::PropertyOwner;
pub use references::ContentReference;
pub use spaces::SpaceQuery;
pub use tasks::{DueTaskQuery, TaskQuery, TaskStatus};

use mentions::Bodies;
use references::own_content;

use crate::{
    Error, Listing, Rest, Transport, Window,
    paging::{after, walk::walk},
    query::{
        call::{By, Call, Dimension, MOST_PER_PAGE},
        ids,
    },
    reading::{rows::Rows, single::single},
    record::Row,
};

/// One Confluence Cloud site, read through a [`Transport`].
///
/// # Lists
///
/// Every list takes a [`Window`] and [`ListOptions`](crate::ListOptions). Arguments are checked
/// before the first request. Lists of values are `Option`: absent means no filter, present and
/// empty means none, so the answer is empty and nothing is sent. Ids given twice count once; one
/// that nothing came back for is named in a notice `unknown-id`.
///
/// A page that answers 500, 502, 503 or 504 is asked for again in halves, down to the one row that
/// the site fails at; so is a page whose bodies are too large together
/// ([`TransportError::TooLarge`](crate::TransportError::TooLarge)). That row is left out and told in a notice `poison-item`, with its id where
/// it is known: always when ids or keys were asked for, else when bodies were, and the row comes
/// without its body. It exists; its absence is no deletion. Otherwise no cursor leads behind it,
/// and the list stops with an error of the code `poison-item`, or `cursor-bound-to-size` when the
/// site takes its cursors with one page size only. A call ends early, with `after` and without an
/// error, when it met 32 such failures.
///
/// So does a call that met 6 pages in a row without rows, as they come where rows are hidden from
/// the account. After 250 of them in a row, over all calls, the list stops with an error of the
/// code `empty-pages`; its `after` leads on.
///
/// # Errors
///
/// Every list fails with [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for
/// what is wrong in its arguments, and with the other kinds when its first request fails. When a
/// later one fails, the rows so far are answered, and the error stands in
/// [`Rest::stopped`](crate::Rest::stopped).
#[derive(Debug)]
pub struct Confluence<T> {
    transport: T,
}

impl<T: Transport> Confluence<T> {
    /// A site behind a transport. Sends nothing.
    pub const fn new(transport: T) -> Self {
        Self { transport }
    }

    /// The transport.
    pub const fn transport_mut(&mut self) -> &mut T {
        &mut self.transport
    }

    /// Gives the transport back.
    pub fn into_transport(self) -> T {
        self.transport
    }

    fn list<R: Row + Default>(
        &mut self,
        call: &Call,
        window: &Window,
    ) -> Result<Listing<R>, Error> {
        list(&mut self.transport, call, window)
    }

    /// Lists where spaces may be given by key: the keys are resolved first.
    fn list_by_key<R: Row + Default>(
        &mut self,
        mut call: Call,
        window: &Window,
    ) -> Result<Listing<R>, Error> {
        places::resolve(&mut self.transport, &mut call, window)?;
        list(&mut self.transport, &call, window)
    }

    fn single<R: Row + Default>(&mut self, call: &Call, id: &str) -> Result<R, Error> {
        single_named(&mut self.transport, call, id)
    }
}

/// Answers a checked call of one piece.
fn single_named<R: Row + Default>(
    transport: &mut dyn Transport,
    call: &Call,
    id: &str,
) -> Result<R, Error> {
    let mut base = None;
    let mut row: R = single(transport, call, Some(id), &mut base)?;
    name_mentions(transport, call, base.as_deref(), &mut row);
    Ok(row)
}

/// Renders the body of a single piece, if it waits for names. There is no place for a notice beside
/// it: its body says what it lacks.
fn name_mentions(
    transport: &mut dyn Transport,
    call: &Call,
    base: Option<&str>,
    row: &mut dyn Row,
) {
    let bodies: Bodies<'_> = &mut |look| {
        let parts = row.parts();
        let link = parts.web_url.and_then(|link| link.as_deref());
        if let Some(body) = parts.body {
            look(body, link);
        }
    };
    mentions::render(transport, &call.ask, base, bodies);
}

/// Answers a checked call. Compiled for each kind of row, so it is short.
fn list<R: Row + Default>(
    transport: &mut dyn Transport,
    call: &Call,
    window: &Window,
) -> Result<Listing<R>, Error> {
    let mut items = Vec::new();
    let rest = read(transport, call, window, &mut Rows::of(&mut items))?;
    Ok(Listing { items, rest })
}

/// Reads and renders the rows of a checked call.
fn read(
    transport: &mut dyn Transport,
    call: &Call,
    window: &Window,
    rows: &mut Rows<'_>,
) -> Result<Rest, Error> {
    let mut rest = fill(transport, call, window, rows)?;
    let base = rows.base().map(str::to_owned);
    let told = mentions::render(transport, &call.ask, base.as_deref(), &mut |look| {
        rows.kept_bodies(look);
    });
    rest.notices.extend(told);
    Ok(rest)
}

/// Reads the rows of a checked call. Bodies in which mentions get names are yet to be rendered.
fn fill(
    transport: &mut dyn Transport,
    call: &Call,
    window: &Window,
    rows: &mut Rows<'_>,
) -> Result<Rest, Error> {
    if call.nothing {
        after::limit(window)?;
        return Ok(Rest::default());
    }
    let (limit, plan, at) = after::begin(call, window)?;
    walk(transport, &plan, at, limit, rows)
}

/// The ids that a call is for: told when nothing came back for them.
fn by_ids(
    transport: &mut dyn Transport,
    name: &'static str,
    given: Option<&[String]>,
) -> Result<Option<Dimension>, Error> {
    given
        .map(|given| {
            for text in given {
                own_content(transport, "ids", text)?;
            }
            Ok(Dimension {
                name,
                by: By::Id,
                values: ids::contents("ids", given)?,
                most: MOST_PER_PAGE as usize,
            })
        })
        .transpose()
}

/// The spaces, by id or key, that a call is restricted to.
fn by_spaces(
    argument: &str,
    given: Option<&[String]>,
    most: usize,
) -> Result<Option<Dimension>, Error> {
    given
        .map(|given| {
            Ok(Dimension {
                name: "space-id",
                by: By::Space,
                values: ids::spaces(argument, given)?,
                most,
            })
        })
        .transpose()
}
