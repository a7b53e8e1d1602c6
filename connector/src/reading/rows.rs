//! The rows of a call: those of its answer so far, and behind them those of the page at hand.

use crate::record::{Face, Row};

/// Records of one kind, one behind the other, as paging and decoding see them: both are compiled
/// once for all kinds.
///
/// What stands here is compiled for each kind, and takes room in every instance: the host keeps a
/// record of 32 bytes for each function that a table leads to.
pub(crate) trait Records {
    /// Of those from `from` on, drops the ones that `wanted` does not mark; then makes them so many:
    /// empty ones come behind the last, or the last ones go.
    fn arrange(&mut self, from: usize, wanted: &[bool], count: usize);
    fn row(&mut self, at: usize) -> Option<&mut dyn Row>;
}

/// For a reference, which nothing is done for when it is dropped: a table of a type that is dropped
/// leads to one function more.
impl<R: Row + Default> Records for &mut Vec<R> {
    fn arrange(&mut self, from: usize, wanted: &[bool], count: usize) {
        let mut wanted = wanted.iter();
        self.extract_if(from.min(self.len()).., |_| wanted.next() != Some(&true))
            .for_each(drop);
        self.resize_with(count, R::default);
    }

    fn row(&mut self, at: usize) -> Option<&mut dyn Row> {
        self.get_mut(at).map(|row| row as &mut dyn Row)
    }
}

/// Rows on their way into an answer. What was not kept of the page at hand is dropped with this.
pub(crate) struct Rows<'a> {
    records: Box<dyn Records + 'a>,
    kept: usize,
    on_page: usize,
}

impl<'a> Rows<'a> {
    /// Rows for an answer that has none yet.
    pub(crate) fn of<R: Row + Default>(answer: &'a mut Vec<R>) -> Self {
        let kept = answer.len();
        Self {
            records: Box::new(answer),
            kept,
            on_page: 0,
        }
    }

    /// Forgets the page.
    pub(crate) fn clear(&mut self) {
        self.on_page = 0;
        self.set_count();
    }

    /// Adds an empty row to the page.
    pub(crate) fn add(&mut self) -> Option<&mut dyn Row> {
        let at = self.on_page;
        self.on_page += 1;
        self.set_count();
        self.row(at)
    }

    /// Takes the last row off the page.
    pub(crate) fn drop_last(&mut self) {
        self.on_page = self.on_page.saturating_sub(1);
        self.set_count();
    }

    /// One row of the page.
    pub(crate) fn row(&mut self, at: usize) -> Option<&mut dyn Row> {
        self.records.row(self.kept + at)
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
            self.records.arrange(self.kept, wanted, self.kept + count);
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
        let row = self.records.row(at);
        row.map(|row| row.parts().face).unwrap_or_default()
    }

    /// Makes room for the rows of the page, or drops those that it has no more.
    fn set_count(&mut self) {
        let count = self.kept + self.on_page;
        self.records.arrange(count, &[], count);
    }
}

impl Drop for Rows<'_> {
    fn drop(&mut self) {
        self.clear();
    }
}
