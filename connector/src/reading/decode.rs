//! One page of a list, from JSON text to records.

use crate::{
    Error,
    answer::{self, Ask},
    json::{self, Broken, Elements, Fields, Value, depth},
    reading::{link, rendered, rows::Rows},
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
    /// `limit`, where rows are counted: the most rows that the site puts into one page.
    pub(crate) limit: Option<u64>,
    /// There are more rows than are read.
    overfull: bool,
    base: Option<String>,
}

/// Rows of one answer that are read. Confluence sends 250 at most; an empty row of 11 bytes takes
/// 500 in memory, so an answer of the size that a host lets through could fill a guest.
const MOST_ROWS: usize = 10_000;

const NO_OBJECT: &str = "it is not an object";
const NO_ID: &str = "it has no id";

/// Decodes a page into `rows`, in place of the one before. `site` is what links are relative to, where
/// the page does not say it.
pub(crate) fn page(
    rows: &mut Rows<'_>,
    text: &str,
    ask: &Ask,
    raw: bool,
    site: impl FnOnce() -> Option<String>,
) -> Result<PageFacts, Error> {
    rows.clear();
    let mut envelope = Envelope {
        rows,
        raw,
        facts: PageFacts::default(),
        has_results: false,
    };
    json::object(text, &mut envelope, &ask.wanted).map_err(|Broken| unreadable(text, ask.doing))?;
    let (facts, has_results) = (envelope.facts, envelope.has_results);
    if !has_results {
        return Err(answer::unexpected(
            ask.doing,
            "results-missing",
            "the response has no list of results",
        ));
    }
    if facts.overfull {
        return Err(answer::unexpected(
            ask.doing,
            "too-many-rows",
            &format!("the response has more than `{MOST_ROWS}` rows"),
        ));
    }
    let base = facts.base.clone().filter(link::is_base).or_else(site);
    complete(rows, ask, base.as_deref());
    Ok(facts)
}

/// Decodes an object that stands alone into `rows`: one row, or none where it has no id.
pub(crate) fn single(
    rows: &mut Rows<'_>,
    text: &str,
    ask: &Ask,
    raw: bool,
    site: impl FnOnce() -> Option<String>,
) -> Result<(), Error> {
    rows.clear();
    let mut links = Links::default();
    if let Some(row) = rows.add() {
        let mut alone = Alone {
            row,
            links: &mut links,
        };
        json::object(text, &mut alone, &ask.wanted)
            .map_err(|Broken| unreadable(text, ask.doing))?;
    }
    if rows.face(0).id.is_empty() {
        rows.clear();
        return Ok(());
    }
    if raw {
        rows.put_raw(0, text);
    }
    let base = links.base.filter(link::is_base).or_else(site);
    complete(rows, ask, base.as_deref());
    Ok(())
}

/// Completes what rows have only in part: links, and bodies that are rendered here.
fn complete(rows: &mut Rows<'_>, ask: &Ask, base: Option<&str>) {
    complete_links(rows, base);
    match ask.rendered {
        Some(_) if ask.mention_names => rows.remember_base(base),
        Some(format) => rendered::bodies(rows, format, base),
        None => {}
    }
}

/// The error for a text that cannot be read: why, and where.
pub(crate) fn unreadable(text: &str, doing: &str) -> Error {
    if !depth::within(text.as_bytes(), depth::MOST) {
        return answer::too_deep(doing);
    }
    let found = serde_json::from_str::<serde::de::IgnoredAny>(text).err();
    if found.as_ref().is_some_and(serde_json::Error::is_eof) {
        return answer::truncated(doing, "ends early");
    }
    let (line, column) = found.map_or((1, 0), |found| (found.line(), found.column()));
    answer::not_json(
        doing,
        "answer-malformed",
        format!(
            "the JSON breaks off at line `{line}`, column `{column}`: something between garbled it, or a defect of the site"
        ),
    )
}

/// Makes the rows' links whole. Only http and https: the link is meant to be opened.
fn complete_links(rows: &mut Rows<'_>, base: Option<&str>) {
    let base = base.map(|base| base.trim_end_matches('/'));
    rows.complete_links(|path| match base {
        _ if link::is_web(path) => Some(""),
        Some(base) if path.starts_with('/') => Some(base),
        _ => None,
    });
}

struct Envelope<'a, 'b> {
    rows: &'a mut Rows<'b>,
    /// The upstream JSON of each row is wanted as well.
    raw: bool,
    facts: PageFacts,
    has_results: bool,
}

impl Fields for Envelope<'_, '_> {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "results" => self.has_results = value.list(self)?,
            "limit" => self.facts.limit = value.natural()?,
            "_links" => {
                let mut links = Links::default();
                value.object(&mut links)?;
                self.facts.next = links.next;
                self.facts.base = links.base;
            }
            _ => {}
        }
        Ok(())
    }
}

impl Elements for Envelope<'_, '_> {
    fn next(&mut self) -> Option<&mut dyn Fields> {
        if self.facts.sent >= MOST_ROWS {
            return None;
        }
        self.rows.add()
    }

    fn read(&mut self, was_object: bool, text: &str) {
        let last = self.rows.on_page().saturating_sub(1);
        self.rows.close(last);
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
        } else if self.raw {
            self.rows.put_raw(last, text);
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

/// A row that stands alone: its `_links` say what they are relative to as well.
struct Alone<'a> {
    row: &'a mut dyn Fields,
    links: &'a mut Links,
}

impl Fields for Alone<'_> {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        if name == "_links" {
            value.look(self.links)?;
        }
        self.row.read(name, value)
    }
}

/// The `_links` of a page, or of an object that stands alone.
#[derive(Default)]
struct Links {
    next: Option<String>,
    /// What links are relative to.
    base: Option<String>,
}

impl Fields for Links {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "next" => value.text_into(&mut self.next)?,
            "base" => value.text_into(&mut self.base)?,
            _ => {}
        }
        Ok(())
    }
}
