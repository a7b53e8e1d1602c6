//! One page of a list, from JSON text to records.
//!
//! Nearly always the whole page is decoded in one go. Only when that fails, or when the upstream
//! JSON is wanted as well, it is decoded row by row, so that one bad row costs one row.

mod mend;

use crate::{
    Error, answer,
    lenient::{self, Broken, Elements, Fields, Value},
    plan::Ask,
    record::{Face, Row},
    rendered,
};

/// What a page says beyond its rows.
#[derive(Debug, Default)]
pub(crate) struct PageFacts {
    /// `_links.next`.
    pub(crate) next: Option<String>,
    /// Rows that could not be used: place in the page, counted from 0, and the reason.
    pub(crate) dropped: Vec<(usize, &'static str)>,
    /// Rows that upstream sent, the dropped ones included.
    pub(crate) sent: usize,
    /// There are more rows than are read.
    overfull: bool,
    base: Option<String>,
}

/// The rows of a call, behind one interface for all records: paging and decoding are compiled
/// once.
pub(crate) trait Rows {
    /// Forgets the page.
    fn clear(&mut self);
    /// Adds an empty row to the page.
    fn add(&mut self) -> Option<&mut dyn Row>;
    /// Takes the last row off the page.
    fn drop_last(&mut self);
    /// One row of the page.
    fn row(&mut self, at: usize) -> Option<&mut dyn Row>;
    /// Usable rows of the page.
    fn on_page(&self) -> usize;
    /// What stands in one row of the page.
    fn face(&self, at: usize) -> Face<'_>;
    /// Moves those rows of the page that `wanted` marks to the answer.
    fn keep(&mut self, wanted: &[bool]);
    /// Rows of the answer so far.
    fn kept(&self) -> usize;
    /// The id of one row of the answer.
    fn kept_id(&self, at: usize) -> &str;
}

/// The rows of one kind.
#[derive(Debug)]
pub(crate) struct RowsOf<R> {
    pub(crate) items: Vec<R>,
    page: Vec<R>,
}

impl<R> Default for RowsOf<R> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            page: Vec::new(),
        }
    }
}

impl<R: Row + Default> Rows for RowsOf<R> {
    fn clear(&mut self) {
        self.page.clear();
    }

    fn add(&mut self) -> Option<&mut dyn Row> {
        self.page.push(R::default());
        self.page.last_mut().map(|row| row as &mut dyn Row)
    }

    fn drop_last(&mut self) {
        self.page.pop();
    }

    fn row(&mut self, at: usize) -> Option<&mut dyn Row> {
        self.page.get_mut(at).map(|row| row as &mut dyn Row)
    }

    fn on_page(&self) -> usize {
        self.page.len()
    }

    fn face(&self, at: usize) -> Face<'_> {
        self.page.get(at).map(R::face).unwrap_or_default()
    }

    fn keep(&mut self, wanted: &[bool]) {
        if self.items.is_empty() && wanted.len() == self.page.len() && wanted.iter().all(|w| *w) {
            std::mem::swap(&mut self.items, &mut self.page);
            return;
        }
        self.items.extend(
            self.page
                .drain(..)
                .zip(wanted)
                .filter_map(|(row, wanted)| wanted.then_some(row)),
        );
    }

    fn kept(&self) -> usize {
        self.items.len()
    }

    fn kept_id(&self, at: usize) -> &str {
        self.items.get(at).map_or("", |row| row.face().id)
    }
}

/// Rows of one answer that are read. Confluence sends 250 at most; an empty row of 11 bytes takes
/// 500 in memory, so an answer of the size that a host lets through could fill a guest.
const MOST_ROWS: usize = 10_000;

/// Bytes of the address that links are completed with. It goes into every row.
const MOST_BASE: usize = 1024;

const NO_OBJECT: &str = "it is not an object";
const NO_ID: &str = "it has no id";
const UNREADABLE: &str = "its JSON cannot be read";

/// Decodes a page into `rows`, in place of the one before.
pub(crate) fn page(
    rows: &mut dyn Rows,
    text: &str,
    ask: &Ask,
    raw: bool,
) -> Result<PageFacts, Error> {
    let whole = if raw {
        None
    } else {
        envelope(rows, text, How::Whole, &ask.wanted).ok()
    };
    let (facts, has_results) = match whole {
        Some(read) => read,
        None => envelope(rows, text, How::RowByRow { raw }, &ask.wanted)
            .map_err(|error| unreadable(&error, ask.doing))?,
    };
    if !has_results {
        return Err(answer::unexpected(
            ask.doing,
            "results-missing",
            "the answer has no list of results",
        ));
    }
    if facts.overfull {
        return Err(answer::unexpected(
            ask.doing,
            "too-many-rows",
            &format!("the answer has more than `{MOST_ROWS}` rows"),
        ));
    }
    complete_links(rows, facts.base.as_deref());
    if let Some(format) = ask.rendered {
        rendered::bodies(rows, format, facts.base.as_deref());
    }
    Ok(facts)
}

/// The error for JSON that breaks off.
pub(crate) fn unreadable(error: &serde_json::Error, doing: &str) -> Error {
    if error.is_eof() {
        return answer::truncated(doing, "ends early");
    }
    answer::not_json(
        doing,
        "answer-malformed",
        format!(
            "the JSON breaks off at line `{}`, column `{}`: something between garbled it, or a defect of the site",
            error.line(),
            error.column()
        ),
    )
}

/// Makes the rows' links whole. Only http and https: the link is meant to be opened.
fn complete_links(rows: &mut dyn Rows, base: Option<&str>) {
    let is_web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
    let base = base
        .filter(|base| is_web(base) && base.len() <= MOST_BASE)
        .map(|base| base.trim_end_matches('/'));
    for at in 0..rows.on_page() {
        let Some(link) = rows.row(at).and_then(|row| row.web_url()) else {
            return;
        };
        let Some(path) = link else { continue };
        match base {
            _ if is_web(path) => {}
            Some(base) if path.starts_with('/') => path.insert_str(0, base),
            _ => *link = None,
        }
    }
}

#[derive(Clone, Copy)]
enum How {
    Whole,
    RowByRow { raw: bool },
}

fn envelope(
    rows: &mut dyn Rows,
    text: &str,
    how: How,
    wanted: &str,
) -> Result<(PageFacts, bool), serde_json::Error> {
    rows.clear();
    let mut envelope = Envelope {
        rows,
        how,
        facts: PageFacts::default(),
        has_results: false,
    };
    lenient::object(text, &mut envelope, wanted)?;
    Ok((envelope.facts, envelope.has_results))
}

struct Envelope<'a> {
    rows: &'a mut dyn Rows,
    how: How,
    facts: PageFacts,
    has_results: bool,
}

impl Fields for Envelope<'_> {
    fn read(&mut self, name: &str, value: &mut dyn Value, wanted: &str) -> Result<(), Broken> {
        match (name, self.how) {
            ("results", How::Whole) => self.has_results = value.list(self, wanted)?,
            ("results", How::RowByRow { raw }) => {
                self.has_results = value.texts(&mut |text| self.row(text, raw, wanted))?;
            }
            ("_links", _) => {
                let mut links = Links::default();
                value.object(&mut links, "")?;
                self.facts.next = links.next;
                self.facts.base = links.base;
            }
            _ => {}
        }
        Ok(())
    }
}

impl Envelope<'_> {
    /// Takes one row alone, leaving out what cannot be read when it has to.
    fn row(&mut self, text: &str, raw: bool, wanted: &str) {
        if self.is_full() {
            self.facts.overfull = true;
            return;
        }
        let was_object = match self.try_row(text, wanted) {
            Ok(was_object) => Some(was_object),
            Err(_) => {
                self.rows.drop_last();
                mend::mended(text).and_then(|text| {
                    let was_object = self.try_row(&text, wanted);
                    if was_object.is_err() {
                        self.rows.drop_last();
                    }
                    was_object.ok()
                })
            }
        };
        let Some(was_object) = was_object else {
            self.facts.dropped.push((self.facts.sent, UNREADABLE));
            self.facts.sent += 1;
            return;
        };
        if raw && let Some(row) = self.rows.row(self.rows.on_page().saturating_sub(1)) {
            *row.raw() = Some(text.to_owned());
        }
        Elements::read(self, was_object);
    }

    fn is_full(&self) -> bool {
        self.facts.sent >= MOST_ROWS
    }

    fn try_row(&mut self, text: &str, wanted: &str) -> Result<bool, serde_json::Error> {
        match self.rows.add() {
            Some(row) => lenient::object(text, row, wanted),
            None => Ok(false),
        }
    }
}

impl Elements for Envelope<'_> {
    fn next(&mut self) -> Option<&mut dyn Fields> {
        if self.is_full() {
            return None;
        }
        self.rows.add().map(|row| row as &mut dyn Fields)
    }

    fn read(&mut self, was_object: bool) {
        let last = self.rows.on_page().saturating_sub(1);
        let reason = if !was_object {
            Some(NO_OBJECT)
        } else if self.rows.face(last).id.is_empty() {
            Some(NO_ID)
        } else {
            None
        };
        if let Some(reason) = reason {
            self.rows.drop_last();
            self.facts.dropped.push((self.facts.sent, reason));
        }
        self.facts.sent += 1;
    }

    fn end(&mut self) {
        self.rows.drop_last();
    }

    fn left_out(&mut self) {
        self.facts.overfull = true;
    }
}

/// The `_links` of a page.
#[derive(Default)]
struct Links {
    next: Option<String>,
    base: Option<String>,
}

impl Fields for Links {
    fn read(&mut self, name: &str, value: &mut dyn Value, _wanted: &str) -> Result<(), Broken> {
        match name {
            "next" => self.next = value.text()?,
            "base" => self.base = value.text()?,
            _ => {}
        }
        Ok(())
    }
}
