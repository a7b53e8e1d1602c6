//! The rows of a call: those of its answer so far, and behind them those of the page at hand.

use crate::record::{Face, Row};

/// Records of one kind, one behind the other, as paging and decoding see them: both are compiled
/// once for all kinds.
///
/// What stands here is compiled for each kind, and takes room in every instance: the host keeps a
/// record of 32 bytes for each function that a table leads to.
pub(crate) trait Records {
    /// Makes them so many: empty ones come behind the last, or the last ones go.
    fn set_count(&mut self, count: usize);
    fn row(&self, at: usize) -> Option<&dyn Row>;
    fn row_mut(&mut self, at: usize) -> Option<&mut dyn Row>;
    /// Of those from `from` on, drops the ones that `wanted` does not mark.
    fn sift(&mut self, from: usize, wanted: &[bool]);
}

impl<R: Row + Default> Records for Vec<R> {
    fn set_count(&mut self, count: usize) {
        self.resize_with(count, R::default);
    }

    fn row(&self, at: usize) -> Option<&dyn Row> {
        self.get(at).map(|row| row as &dyn Row)
    }

    fn row_mut(&mut self, at: usize) -> Option<&mut dyn Row> {
        self.get_mut(at).map(|row| row as &mut dyn Row)
    }

    fn sift(&mut self, from: usize, wanted: &[bool]) {
        let mut wanted = wanted.iter();
        self.extract_if(from.., |_| wanted.next() != Some(&true))
            .for_each(drop);
    }
}

/// Rows on their way into an answer. What was not kept of the page at hand is dropped with this.
pub(crate) struct Rows<'a> {
    records: &'a mut dyn Records,
    kept: usize,
    on_page: usize,
}

impl<'a> Rows<'a> {
    /// Rows for an answer that has none yet.
    pub(crate) fn of<R: Row + Default>(answer: &'a mut Vec<R>) -> Self {
        let kept = answer.len();
        Self {
            records: answer,
            kept,
            on_page: 0,
        }
    }

    /// Forgets the page.
    pub(crate) fn clear(&mut self) {
        self.on_page = 0;
        self.records.set_count(self.kept);
    }

    /// Adds an empty row to the page.
    pub(crate) fn add(&mut self) -> Option<&mut dyn Row> {
        let at = self.on_page;
        self.on_page += 1;
        self.records.set_count(self.kept + self.on_page);
        self.row_mut(at)
    }

    /// Takes the last row off the page.
    pub(crate) fn drop_last(&mut self) {
        self.on_page = self.on_page.saturating_sub(1);
        self.records.set_count(self.kept + self.on_page);
    }

    /// One row of the page.
    pub(crate) fn row_mut(&mut self, at: usize) -> Option<&mut dyn Row> {
        self.records.row_mut(self.kept + at)
    }

    /// Usable rows of the page.
    pub(crate) fn on_page(&self) -> usize {
        self.on_page
    }

    /// What stands in one row of the page.
    pub(crate) fn face(&self, at: usize) -> Face<'_> {
        self.face_of(self.kept + at)
    }

    /// Moves those rows of the page that `wanted` marks to the answer.
    pub(crate) fn keep(&mut self, wanted: &[bool]) {
        let count = wanted.iter().filter(|wanted| **wanted).count();
        if count < self.on_page {
            self.records.sift(self.kept, wanted);
        }
        self.kept += count;
        self.on_page = 0;
    }

    /// Rows of the answer so far.
    pub(crate) fn kept(&self) -> usize {
        self.kept
    }

    /// The id of one row of the answer.
    pub(crate) fn kept_id(&self, at: usize) -> &str {
        self.face_of(at).id
    }

    fn face_of(&self, at: usize) -> Face<'_> {
        self.records.row(at).map(Row::face).unwrap_or_default()
    }
}

impl Drop for Rows<'_> {
    fn drop(&mut self) {
        self.clear();
    }
}
