//! The rows of a call: those of its answer so far, and behind them those of the page at hand.

use std::ops::Range;

use crate::{
    Answer,
    columns::Columns,
    dates,
    json::Fields,
    record::{Body, Face, Row},
};

/// Records of one kind, one behind the other, as paging and decoding see them: both are compiled
/// once for all kinds.
///
/// What stands here is compiled for each kind, and takes room in every instance: the host keeps a
/// record of 32 bytes for each function that a table leads to.
pub(crate) trait Records {
    fn count(&self) -> usize;
    /// Adds an empty one.
    fn push(&mut self);
    fn truncate(&mut self, count: usize);
    fn swap(&mut self, one: usize, other: usize);
    fn row(&mut self, at: usize) -> Option<&mut dyn Row>;
}

/// For a reference, which nothing is done for when it is dropped: a table of a type that is dropped
/// leads to one function more.
impl<R: Row + Default> Records for &mut Vec<R> {
    fn count(&self) -> usize {
        self.len()
    }

    fn push(&mut self) {
        Vec::push(self, R::default());
    }

    fn truncate(&mut self, count: usize) {
        Vec::truncate(self, count);
    }

    fn swap(&mut self, one: usize, other: usize) {
        self.as_mut_slice().swap(one, other);
    }

    fn row(&mut self, at: usize) -> Option<&mut dyn Row> {
        self.get_mut(at).map(|row| row as &mut dyn Row)
    }
}

/// Makes them so many: empty ones come behind the last, or the last ones go.
fn resize(records: &mut dyn Records, count: usize) {
    records.truncate(count);
    while records.count() < count {
        records.push();
    }
}

/// Of those from `from` on, drops the ones that `wanted` does not mark.
fn keep(records: &mut dyn Records, from: usize, wanted: &[bool]) {
    let mut to = from;
    for (place, _) in wanted.iter().enumerate().filter(|(_, wanted)| **wanted) {
        if to != from + place {
            records.swap(to, from + place);
        }
        to += 1;
    }
    records.truncate(to);
}

/// Shows `look` the bodies of these rows, with the link of the row.
fn bodies(
    records: &mut dyn Records,
    rows: Range<usize>,
    look: &mut dyn FnMut(&mut Body, Option<&str>),
) {
    for at in rows {
        let Some(row) = records.row(at) else { return };
        let parts = row.parts();
        let link = parts.web_url.and_then(|link| link.as_deref());
        if let Some(body) = parts.body {
            look(body, link);
        }
    }
}

/// What rows go into.
enum Sink<'a> {
    Records(Box<dyn Records + 'a>),
    Columns(&'a mut Columns),
}

/// Rows on their way into an answer. What was not kept of the page at hand is dropped with this.
pub(crate) struct Rows<'a> {
    sink: Sink<'a>,
    kept: usize,
    on_page: usize,
    /// What links of the rows are relative to, where their bodies are yet to be rendered.
    base: Option<String>,
    /// `Date` of the first answer, in milliseconds since 1970.
    begun: Option<i64>,
}

impl<'a> Rows<'a> {
    /// Rows for an answer that has none yet.
    pub(crate) fn of<R: Row + Default>(answer: &'a mut Vec<R>) -> Self {
        let kept = answer.len();
        Self {
            sink: Sink::Records(Box::new(answer)),
            kept,
            on_page: 0,
            base: None,
            begun: None,
        }
    }

    /// Rows that become columns.
    pub(crate) fn of_columns(columns: &'a mut Columns) -> Self {
        Self {
            kept: columns.rows(),
            sink: Sink::Columns(columns),
            on_page: 0,
            base: None,
            begun: None,
        }
    }

    /// Forgets the page.
    pub(crate) fn clear(&mut self) {
        self.on_page = 0;
        self.set_count();
    }

    /// Adds an empty row to the page.
    pub(crate) fn add(&mut self) -> Option<&mut dyn Fields> {
        let row = self.kept + self.on_page;
        self.on_page += 1;
        match &mut self.sink {
            Sink::Columns(columns) => Some(columns.open(row)),
            Sink::Records(records) => {
                resize(records.as_mut(), row + 1);
                records.row(row).map(|row| row as &mut dyn Fields)
            }
        }
    }

    /// Takes the last row off the page.
    pub(crate) fn drop_last(&mut self) {
        self.on_page = self.on_page.saturating_sub(1);
        self.set_count();
    }

    /// Ends the last row of the page.
    pub(crate) fn close(&mut self, at: usize) {
        if let Sink::Columns(columns) = &mut self.sink {
            columns.close(self.kept + at);
        }
    }

    /// Adds the upstream JSON of one row of the page.
    pub(crate) fn put_raw(&mut self, at: usize, text: &str) {
        let at = self.kept + at;
        match &mut self.sink {
            Sink::Columns(columns) => columns.put_raw(at, text),
            Sink::Records(records) => {
                if let Some(row) = records.row(at) {
                    *row.parts().raw = Some(text.to_owned());
                }
            }
        }
    }

    /// Completes the links of the page's rows: `before` is what a link lacks. None: it leads nowhere.
    pub(crate) fn complete_links<'b>(&mut self, before: impl Fn(&str) -> Option<&'b str>) {
        let (from, behind) = (self.kept, self.kept + self.on_page);
        match &mut self.sink {
            Sink::Columns(columns) => columns.complete_links(from, before),
            Sink::Records(records) => {
                for at in from..behind {
                    let Some(link) = records.row(at).and_then(|row| row.parts().web_url) else {
                        return;
                    };
                    let Some(path) = link else { continue };
                    match before(path) {
                        Some(base) => path.insert_str(0, base),
                        None => *link = None,
                    }
                }
            }
        }
    }

    /// Renders the bodies of the page's rows with `render`, which gets the link of the row.
    pub(crate) fn render_bodies(&mut self, mut render: impl FnMut(&mut Body, Option<&str>)) {
        let (from, behind) = (self.kept, self.kept + self.on_page);
        match &mut self.sink {
            Sink::Columns(columns) => columns.render_bodies(render),
            Sink::Records(records) => bodies(records.as_mut(), from..behind, &mut render),
        }
    }

    /// Shows `look` the bodies of the answer's rows, with the link of the row. Columns have theirs
    /// rendered already.
    pub(crate) fn kept_bodies(&mut self, look: &mut dyn FnMut(&mut Body, Option<&str>)) {
        if let Sink::Records(records) = &mut self.sink {
            bodies(records.as_mut(), 0..self.kept, look);
        }
    }

    /// Remembers what links are relative to.
    pub(crate) fn remember_base(&mut self, base: Option<&str>) {
        if self.base.as_deref() != base {
            self.base = base.map(str::to_owned);
        }
    }

    /// What was remembered.
    pub(crate) fn base(&self) -> Option<&str> {
        self.base.as_deref()
    }

    /// Counts a request.
    pub(crate) fn count_request(&mut self) {
        if let Sink::Columns(columns) = &mut self.sink {
            columns.meter.requests += 1;
        }
    }

    /// Takes from an answer when it was given.
    pub(crate) fn note(&mut self, answer: &Answer) {
        let date = answer.header("date").and_then(dates::http_date_ms);
        self.begun = self.begun.or(date);
        if let Sink::Columns(columns) = &mut self.sink {
            columns.meter.site_time = date.or(columns.meter.site_time);
        }
    }

    /// When the first answer was given, by the site's clock, in milliseconds since 1970.
    pub(crate) fn begun(&self) -> Option<i64> {
        self.begun
    }

    /// Counts rows that were sent.
    pub(crate) fn count_sent(&mut self, rows: usize) {
        if let Sink::Columns(columns) = &mut self.sink {
            columns.meter.sent += rows as u64;
        }
    }

    /// Counts rows that were dropped because they belong elsewhere.
    pub(crate) fn count_foreign(&mut self, rows: u64) {
        if let Sink::Columns(columns) = &mut self.sink {
            columns.meter.foreign += rows;
        }
    }

    /// How many rows of the page, from `start` on, bring no more than `limit` rows of columns: a row can have
    /// a list of them. At least one, so that every call gets on.
    pub(crate) fn fitting(&self, start: usize, limit: usize) -> usize {
        match &self.sink {
            Sink::Columns(columns) => columns.fitting(self.kept, start, self.on_page, limit),
            Sink::Records(_) => usize::MAX,
        }
    }

    /// Whether no further request is to be made: columns have bounds of their own, and end with a
    /// page rather than within one.
    pub(crate) fn is_full(&self, limit: usize, page_size: u32, behind: usize) -> bool {
        let Sink::Columns(columns) = &self.sink else {
            return false;
        };
        columns.is_full(self.kept + self.on_page, limit, page_size, behind)
    }

    /// Usable rows of the page.
    pub(crate) fn on_page(&self) -> usize {
        self.on_page
    }

    /// What stands in one row of the page.
    pub(crate) fn face(&mut self, at: usize) -> Face<'_> {
        self.face_of(self.kept + at)
    }

    /// Moves those rows of the page that `wanted` marks to the answer.
    pub(crate) fn keep(&mut self, wanted: &[bool]) {
        let count = wanted.iter().filter(|wanted| **wanted).count();
        if count < self.on_page {
            match &mut self.sink {
                Sink::Columns(columns) => columns.keep(self.kept, wanted),
                Sink::Records(records) => keep(records.as_mut(), self.kept, wanted),
            }
        }
        self.kept += count;
        self.on_page = 0;
    }

    /// Rows of the answer so far.
    pub(crate) fn kept(&self) -> usize {
        self.kept
    }

    /// The id of one row of the answer.
    pub(crate) fn kept_id(&mut self, at: usize) -> &str {
        self.face_of(at).id
    }

    fn face_of(&mut self, at: usize) -> Face<'_> {
        match &mut self.sink {
            Sink::Columns(columns) => columns.face(at),
            Sink::Records(records) => {
                let row = records.row(at);
                row.map(|row| row.parts().face).unwrap_or_default()
            }
        }
    }

    /// Drops the rows that the page has no more.
    fn set_count(&mut self) {
        let count = self.kept + self.on_page;
        match &mut self.sink {
            Sink::Columns(columns) => columns.set_rows(count),
            Sink::Records(records) => resize(records.as_mut(), count),
        }
    }
}

impl Drop for Rows<'_> {
    fn drop(&mut self) {
        self.clear();
    }
}
