//! How lists continue: by cursor, by offset, or not at all.
//!
//! v2 and the v1 search hand out cursors. The other lists of v1 count rows, and most of them
//! send no link to the next page; there a cursor is made of the number of rows so far, so that
//! walking, `after` and the guards against circles are the same for both.

use crate::{
    Answer,
    decode::PageFacts,
    lenient::{self, Broken, Fields, Value},
    link,
    plan::Call,
};

/// How a list continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paging {
    /// With the cursor in a link to the next page.
    Cursor,
    /// With the number of rows so far.
    Offset,
    /// All comes at once, and there is no limit to ask for.
    Whole,
}

impl Paging {
    /// Rows of a page, when so many are wanted. v1 refuses more than 200 of a group's members.
    pub(crate) fn size(self, wanted: u32) -> u32 {
        match self {
            Self::Offset => wanted.min(200),
            Self::Cursor | Self::Whole => wanted,
        }
    }

    /// What stands before the place where the next page begins.
    pub(crate) const fn parameter(self) -> &'static str {
        match self {
            Self::Offset => "&start=",
            Self::Cursor | Self::Whole => "&cursor=",
        }
    }
}

/// The link to the page behind one, when there is one.
pub(crate) fn next(
    call: &Call,
    request: &str,
    page: &mut PageFacts,
    answer: &Answer,
    text: &str,
) -> Option<String> {
    let linked = page.next.take();
    match call.paging {
        Paging::Whole => None,
        Paging::Cursor => linked.or_else(|| link::related(answer, "next")),
        Paging::Offset => {
            // A site may answer fewer rows than were asked for, and says so in `limit`. Without
            // it, only a page without rows is surely the last one.
            let mut size = Size::default();
            let _ = lenient::object(text, &mut size, "");
            let asked = number(request, "limit=").unwrap_or(1);
            let most = size.limit.unwrap_or(1).min(asked);
            let sent = page.sent as u64;
            let more = sent > 0 && (sent >= most || linked.is_some());
            more.then(|| {
                format!(
                    "?cursor={}",
                    number(request, "start=").unwrap_or(0).saturating_add(sent)
                )
            })
        }
    }
}

/// A number in the query of a request.
fn number(request: &str, name: &str) -> Option<u64> {
    let (_, query) = request.split_once('?')?;
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name))?;
    value.parse().ok()
}

#[derive(Default)]
struct Size {
    limit: Option<u64>,
}

impl Fields for Size {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        if name == "limit" {
            self.limit = value.natural()?;
        }
        Ok(())
    }
}
