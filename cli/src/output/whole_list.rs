//! A list to its end, answer by answer, in flat memory.

use std::io::{self, Write};

use host_runner::{Answer, Function, Val, camel_case, write_json};

use super::left_out::LeftOut;
use super::lines::Lines;
use super::notice_log::NoticeLog;
use super::selection::Selection;
use super::table;
use super::{Format, Style};

/// Fields of an answer that is a list, by their names in WIT.
const ITEMS: &str = "items";
const REST: &str = "rest";

/// Of `rest`.
const NOTICES: &str = "notices";

/// A list of any length, printed as its answers come.
pub(crate) enum WholeList<W: Write> {
    /// A line for each item.
    Lines(Lines<W>),
    /// One document of JSON, of the shape that one answer has.
    Document(Document<W>),
    /// Each answer, filtered.
    Filtered { out: W, style: Style },
    /// A table for each answer, with the widths of the first.
    Tables(Tables<W>),
}

impl<W: Write> WholeList<W> {
    pub(crate) fn start(function: &Function, style: &Style, out: W) -> io::Result<Self> {
        Ok(match style.format {
            Format::Ndjson | Format::Csv => Self::Lines(Lines::start(function, style, out)?),
            Format::Json if style.filter.is_some() => Self::Filtered {
                out,
                style: style.clone(),
            },
            Format::Json => Self::Document(Document::new(style, out)),
            Format::Table | Format::Wide => Self::Tables(Tables {
                out,
                rows: table::Rows::of(function, style),
                is_empty: true,
                left_out: LeftOut::default(),
            }),
        })
    }

    /// Prints the items of the next answer, and hands them over.
    pub(crate) fn add(&mut self, items: &[Val], answer: &Answer) -> io::Result<()> {
        match self {
            Self::Lines(lines) => {
                lines.add(items)?;
                lines.flush()
            }
            Self::Document(document) => document.add(items, answer),
            Self::Filtered { out, style } => {
                super::answer_document(answer, style, out)?;
                out.flush()
            }
            Self::Tables(tables) => tables.add(items),
        }
    }

    /// Ends it behind its last answer. A list that broke off in between is not ended, so that its
    /// document is none: what reads it cannot take it for complete.
    ///
    /// Returns what was left out.
    pub(crate) fn end(self, last: Option<&Answer>) -> io::Result<LeftOut> {
        match (self, last) {
            (Self::Lines(lines), _) => Ok(lines.left_out()),
            (Self::Document(document), Some(last)) => document.end(last),
            (Self::Tables(tables), Some(_)) => tables.end(),
            (Self::Document(_), None) | (Self::Filtered { .. }, _) => Ok(LeftOut::default()),
            (Self::Tables(tables), None) => Ok(tables.left_out),
        }
    }
}

/// `{"items":[…],"rest":{…}}`, and what else the answers of the function have.
pub(crate) struct Document<W: Write> {
    out: W,
    selection: Selection,
    /// Whether it is `[…]`, the items alone.
    is_array: bool,
    has_begun: bool,
    is_empty: bool,
    /// Those of all answers so far: what was dropped on the way is not only the last one's.
    notices: NoticeLog,
}

impl<W: Write> Document<W> {
    pub(super) fn new(style: &Style, out: W) -> Self {
        Self {
            out,
            selection: style.selection.clone(),
            is_array: style.is_array,
            has_begun: false,
            is_empty: true,
            notices: NoticeLog::default(),
        }
    }

    pub(super) fn add(&mut self, items: &[Val], answer: &Answer) -> io::Result<()> {
        for item in items {
            if self.is_empty {
                self.begin()?;
            } else {
                self.out.write_all(b",\n")?;
            }
            self.is_empty = false;
            self.selection.write(item, &mut self.out)?;
        }
        if let Some(Val::Record(rest)) = answer.rest()
            && let Some((_, Val::List(notices))) = rest.iter().find(|(name, _)| name == NOTICES)
        {
            self.notices.add(notices);
        }
        self.out.flush()
    }

    pub(super) fn end(mut self, last: &Answer) -> io::Result<LeftOut> {
        self.begin()?;
        self.out.write_all(b"]")?;
        if self.is_array {
            self.out.write_all(b"\n")?;
            self.out.flush()?;
            return Ok(LeftOut::default());
        }
        let fields = match last.value() {
            Some(Val::Record(fields)) => fields.as_slice(),
            _ => &[],
        };
        for (name, value) in fields.iter().filter(|(name, _)| name != ITEMS) {
            write!(self.out, ",\"{}\":", camel_case(name))?;
            match value {
                Val::Record(rest) if name == REST => self.rest(rest)?,
                value => write_json(value, &mut self.out)?,
            }
        }
        self.out.write_all(b"}\n")?;
        self.out.flush()?;
        let mut left_out = LeftOut::default();
        left_out.notices(self.notices.omitted());
        Ok(left_out)
    }

    /// Begins the document, once there is something to print: a list that fails at once has none.
    fn begin(&mut self) -> io::Result<()> {
        if self.has_begun {
            return Ok(());
        }
        self.has_begun = true;
        let begin: &[u8] = if self.is_array { b"[" } else { b"{\"items\":[" };
        self.out.write_all(begin)
    }

    /// `rest` of the last answer, with the notices of all.
    fn rest(&mut self, rest: &[(String, Val)]) -> io::Result<()> {
        let mut before = "{";
        for (name, value) in rest {
            write!(self.out, "{before}\"{}\":", camel_case(name))?;
            before = ",";
            if name == NOTICES {
                self.out.write_all(b"[")?;
                self.out.write_all(self.notices.json())?;
                self.out.write_all(b"]")?;
            } else {
                write_json(value, &mut self.out)?;
            }
        }
        self.out.write_all(b"}")
    }
}

/// A table for each answer that has items, or one that says that there are none.
pub(crate) struct Tables<W: Write> {
    out: W,
    rows: table::Rows,
    is_empty: bool,
    left_out: LeftOut,
}

impl<W: Write> Tables<W> {
    fn add(&mut self, items: &[Val]) -> io::Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        self.is_empty = false;
        self.table(items)
    }

    fn end(mut self) -> io::Result<LeftOut> {
        if self.is_empty {
            self.table(&[])?;
        }
        Ok(self.left_out)
    }

    fn table(&mut self, items: &[Val]) -> io::Result<()> {
        self.rows.write(items, &mut self.left_out, &mut self.out)?;
        self.out.flush()
    }
}
