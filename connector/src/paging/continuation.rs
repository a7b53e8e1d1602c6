//! Where a list goes on: behind a cursor, at a number of rows, or nowhere.
//!
//! v2 and the v1 search send cursors. The other lists of v1 count rows, and most of them send no
//! link to the next page; there the number of rows so far is the cursor, so that walking, `after`
//! and the guards against pagination loops are the same for both.

use crate::{
    Answer,
    query::call::Paging,
    reading::{decode::PageFacts, link},
};

/// One request of a plan.
#[derive(Debug)]
pub(crate) struct Request {
    /// Path and query.
    pub(crate) url: String,
    /// Rows that it asks for.
    pub(crate) rows: u32,
    /// Rows before it, where the list counts rows.
    pub(crate) start: u64,
}

/// What leads to the next page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A link that should have a cursor.
    Link(String),
    /// A link without a cursor that leads to the first page of the list.
    First,
    /// The number of rows before it.
    Start(u64),
}

impl Next {
    /// The cursor of the next page. None for a link without one.
    pub(crate) fn cursor(&self) -> Option<Vec<u8>> {
        match self {
            Self::Link(link) => link::cursor(link),
            Self::First => None,
            Self::Start(start) => Some(start.to_string().into_bytes()),
        }
    }
}

/// What leads to the page after one, if there is one.
pub(crate) fn next(
    paging: Paging,
    request: &Request,
    page: &mut PageFacts,
    answer: &Answer,
) -> Option<Next> {
    let linked = page.next.take();
    match paging {
        Paging::Whole => None,
        Paging::Cursor => linked
            .or_else(|| link::related(answer, "next"))
            .map(|link| match link::is_to_first(&link, &request.url) {
                true => Next::First,
                false => Next::Link(link),
            }),
        Paging::Offset => {
            // A site may answer fewer rows than were asked for, and says so in `limit`. Without
            // it, only a page without rows is surely the last one.
            let most = page.limit.unwrap_or(1).min(u64::from(request.rows));
            let sent = page.sent as u64;
            let more = sent > 0 && (sent >= most || linked.is_some());
            more.then(|| Next::Start(request.start.saturating_add(sent)))
        }
    }
}
