//! One page of a list, from JSON text to records.
//!
//! Nearly always the whole page is decoded in one go. Only when that fails, or when the upstream
//! JSON is wanted as well, it is decoded row by row, so that one bad row costs one row.

mod mend;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::{
    Error, answer,
    lenient::{self, Fields, Key, anything, nothing},
    plan::Ask,
    record::{Face, Row},
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
    base: Option<String>,
    has_results: bool,
}

/// The rows of a call, behind one interface for all records: paging is compiled once.
pub(crate) trait Rows {
    /// Decodes a page, in place of the one before.
    fn decode(&mut self, text: &str, ask: &Ask, raw: bool) -> Result<PageFacts, Error>;
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

impl<R: Row> Rows for RowsOf<R> {
    fn decode(&mut self, text: &str, ask: &Ask, raw: bool) -> Result<PageFacts, Error> {
        self.page.clear();
        let mut facts = PageFacts::default();
        let whole = if raw {
            None
        } else {
            envelope(text, &mut facts, Results::Rows(&mut self.page, &ask.wanted)).ok()
        };
        if whole.is_none() {
            facts = PageFacts::default();
            self.page.clear();
            let mut texts = Vec::new();
            envelope(text, &mut facts, Results::<R>::Texts(&mut texts))
                .map_err(|error| unreadable(&error, ask.doing))?;
            facts.sent = texts.len();
            for (at, row) in texts.into_iter().enumerate() {
                match row_of(row.get(), &ask.wanted) {
                    Ok(mut read) => {
                        if raw {
                            *R::raw(&mut read) = Some(row.get().to_owned());
                        }
                        self.page.push(read);
                    }
                    Err(reason) => facts.dropped.push((at, reason)),
                }
            }
        }
        if !facts.has_results {
            return Err(answer::unexpected(
                ask.doing,
                "results-missing",
                "the answer has no list of results",
            ));
        }
        complete_links(&mut self.page, facts.base.as_deref());
        Ok(facts)
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
        self.items.get(at).map(|row| row.face().id).unwrap_or("")
    }
}

const NO_OBJECT: &str = "it is not an object";
const NO_ID: &str = "it has no id";
const UNREADABLE: &str = "its JSON cannot be read";

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

/// Reads one row, leaving out what cannot be read when it has to.
fn row_of<R: Row>(text: &str, wanted: &str) -> Result<R, &'static str> {
    let row: Option<R> = match lenient::object(text, wanted) {
        Ok(row) => row,
        Err(_) => mend::mended(text)
            .and_then(|text| lenient::object(&text, wanted).ok())
            .ok_or(UNREADABLE)?,
    };
    let row = row.ok_or(NO_OBJECT)?;
    if row.face().id.is_empty() {
        return Err(NO_ID);
    }
    Ok(row)
}

/// Makes the rows' links whole. Only http and https: the link is meant to be opened.
fn complete_links<R: Row>(rows: &mut [R], base: Option<&str>) {
    let is_web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
    let base = base
        .filter(|base| is_web(base))
        .map(|base| base.trim_end_matches('/'));
    for row in rows {
        let Some(link) = row.web_url() else { return };
        let Some(path) = link else { continue };
        match base {
            _ if is_web(path) => {}
            Some(base) if path.starts_with('/') => path.insert_str(0, base),
            _ => *link = None,
        }
    }
}

fn envelope<'de, R: Row>(
    text: &'de str,
    facts: &mut PageFacts,
    results: Results<'_, 'de, R>,
) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Envelope { facts, results }.deserialize(&mut deserializer)?;
    deserializer.end()
}

enum Results<'a, 'de, R> {
    /// Decode the rows, with the wanted body format.
    Rows(&'a mut Vec<R>, &'a str),
    /// Only find where each row begins and ends.
    Texts(&'a mut Vec<&'de RawValue>),
}

struct Envelope<'a, 'de, R> {
    facts: &'a mut PageFacts,
    results: Results<'a, 'de, R>,
}

impl<'de, R: Row> DeserializeSeed<'de> for Envelope<'_, 'de, R> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: Row> Visitor<'de> for Envelope<'_, 'de, R> {
    type Value = ();
    anything!();
    nothing!(unit flag number text list);

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(name)) = map.next_key::<Key<'de>>()? {
            match &*name {
                "results" => {
                    self.facts.has_results = match &mut self.results {
                        Results::Rows(rows, wanted) => map.next_value_seed(RowList {
                            rows,
                            facts: self.facts,
                            wanted,
                        })?,
                        Results::Texts(texts) => map.next_value_seed(TextList(texts))?,
                    };
                }
                "_links" => {
                    if let Some(links) = lenient::nested::<Links, A>(&mut map, "")? {
                        self.facts.next = links.next;
                        self.facts.base = links.base;
                    }
                }
                _ => lenient::skip(&mut map)?,
            }
        }
        Ok(())
    }
}

struct RowList<'a, R> {
    rows: &'a mut Vec<R>,
    facts: &'a mut PageFacts,
    wanted: &'a str,
}

impl<'de, R: Row> DeserializeSeed<'de> for RowList<'_, R> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: Row> Visitor<'de> for RowList<'_, R> {
    type Value = bool;
    anything!();
    nothing!(unit flag number text object);

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<bool, A::Error> {
        while let Some(row) = list.next_element_seed(lenient::ObjectSeed::<R>::new(self.wanted))? {
            match row {
                Some(row) if !row.face().id.is_empty() => self.rows.push(row),
                Some(_) => self.facts.dropped.push((self.facts.sent, NO_ID)),
                None => self.facts.dropped.push((self.facts.sent, NO_OBJECT)),
            }
            self.facts.sent += 1;
        }
        Ok(true)
    }
}

struct TextList<'a, 'de>(&'a mut Vec<&'de RawValue>);

impl<'de> DeserializeSeed<'de> for TextList<'_, 'de> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TextList<'_, 'de> {
    type Value = bool;
    anything!();
    nothing!(unit flag number text object);

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<bool, A::Error> {
        while let Some(text) = list.next_element::<&'de RawValue>()? {
            self.0.push(text);
        }
        Ok(true)
    }
}

/// The `_links` of a page.
#[derive(Default)]
struct Links {
    next: Option<String>,
    base: Option<String>,
}

impl Fields for Links {
    fn read<'de, M: MapAccess<'de>>(
        &mut self,
        name: &str,
        map: &mut M,
        _wanted: &str,
    ) -> Result<(), M::Error> {
        match name {
            "next" => self.next = lenient::text(map)?,
            "base" => self.base = lenient::text(map)?,
            _ => lenient::skip(map)?,
        }
        Ok(())
    }
}
