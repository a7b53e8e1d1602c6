//! A list to its end, answer by answer, in flat memory.

use std::io::{self, Write};

use host_runner::Val;
use host_runner::{Answer, Function, camel_case};

use super::columns::Columns;
use super::left_out::LeftOut;
use super::lines::Lines;
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
    /// A table for each answer: widths of columns are known once all of their rows are.
    Tables(Tables<W>),
}

impl<W: Write> WholeList<W> {
    pub(crate) fn start(function: &Function, style: &Style, out: W) -> io::Result<Self> {
        Ok(match style.format {
            Format::Ndjson | Format::Csv => Self::Lines(Lines::start(function, style, out)?),
            Format::Json => Self::Document(Document::new(out)),
            Format::Table => Self::Tables(Tables {
                out,
                columns: style.columns.clone(),
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
            Self::Tables(tables) => tables.add(items),
        }
    }

    /// Ends it behind its last answer. A list that broke off in between is not ended, so that its
    /// document is none: what reads it cannot take it for complete.
    ///
    /// Answers what tables left out.
    pub(crate) fn end(self, last: &Answer) -> io::Result<LeftOut> {
        match self {
            Self::Lines(_) => Ok(LeftOut::default()),
            Self::Document(document) => document.end(last).map(|()| LeftOut::default()),
            Self::Tables(tables) => tables.end(),
        }
    }
}

/// `{"items":[…],"rest":{…}}`, and what else the answers of the function have.
pub(crate) struct Document<W: Write> {
    out: W,
    /// What is written next.
    text: String,
    is_empty: bool,
    /// Those of all answers so far: what was dropped on the way is not only the last one's.
    notices: Vec<Val>,
}

impl<W: Write> Document<W> {
    fn new(out: W) -> Self {
        Self {
            out,
            text: "{\"items\":[".to_owned(),
            is_empty: true,
            notices: Vec::new(),
        }
    }

    fn add(&mut self, items: &[Val], answer: &Answer) -> io::Result<()> {
        for item in items {
            if !self.is_empty {
                self.text.push_str(",\n");
            }
            self.is_empty = false;
            host_runner::write_json(item, &mut self.text);
            self.write()?;
        }
        if let Some(Val::Record(rest)) = answer.rest()
            && let Some((_, Val::List(notices))) = rest.iter().find(|(name, _)| name == NOTICES)
        {
            self.notices.extend_from_slice(notices);
        }
        self.out.flush()
    }

    fn end(mut self, last: &Answer) -> io::Result<()> {
        self.text.push(']');
        let fields = match last.value() {
            Some(Val::Record(fields)) => fields.as_slice(),
            _ => &[],
        };
        for (name, value) in fields.iter().filter(|(name, _)| name != ITEMS) {
            self.text.push_str(&format!(",\"{}\":", camel_case(name)));
            match value {
                Val::Record(rest) if name == REST => {
                    let mut rest = rest.clone();
                    if let Some((_, last)) = rest.iter_mut().find(|(name, _)| name == NOTICES) {
                        *last = Val::List(std::mem::take(&mut self.notices));
                    }
                    host_runner::write_json(&Val::Record(rest), &mut self.text);
                }
                value => host_runner::write_json(value, &mut self.text),
            }
        }
        self.text.push_str("}\n");
        self.write()?;
        self.out.flush()
    }

    fn write(&mut self) -> io::Result<()> {
        self.out.write_all(self.text.as_bytes())?;
        self.text.clear();
        Ok(())
    }
}

/// A table for each answer that has items, or one that says that there are none.
pub(crate) struct Tables<W: Write> {
    out: W,
    columns: Option<Columns>,
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
        let table = table::rows(items, self.columns.as_ref(), &mut self.left_out);
        writeln!(self.out, "{table}")?;
        self.out.flush()
    }
}
