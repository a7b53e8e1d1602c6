//! The options for printing rows and objects of this program's own, and what they come to.

use std::rc::Rc;

use clap::Args;
use host_runner::{Answer, Function};
use serde_json::{Map, Value};

use super::columns::Columns;
use super::jq::Filter;
use crate::exit::Failure;
use crate::formats::Format;

/// How a command prints its result.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct PrintOptions {
    /// Output format
    #[arg(long, short, value_enum)]
    output: Option<Format>,
    /// Columns to print, in every format, separated by commas
    #[arg(long, value_name = "NAMES")]
    columns: Option<String>,
    /// Print only these fields, as JSON
    #[arg(
        long,
        value_name = "FIELDS",
        num_args = 0..=1,
        default_missing_value = "",
        conflicts_with = "columns"
    )]
    json: Option<String>,
    /// Filter the JSON with a jq expression
    #[arg(long, value_name = "EXPRESSION")]
    jq: Option<String>,
}

impl PrintOptions {
    /// How to print, or `None` where no option says so: then a command can have a form for people.
    pub(crate) fn asked(&self) -> Result<Option<Printing>, Failure> {
        let is_asked = self.output.is_some()
            || self.columns.is_some()
            || self.json.is_some()
            || self.jq.is_some();
        is_asked.then(|| self.printing()).transpose()
    }

    /// How to print; without options a table on a terminal, and JSON into a pipe.
    pub(crate) fn printing(&self) -> Result<Printing, Failure> {
        let is_filtered = self.json.is_some() || self.jq.is_some();
        let format = format(self.output, is_filtered)?.unwrap_or_else(super::default_format);
        let chosen = match (&self.json, &self.columns) {
            (Some(fields), _) => Some(("--json", fields.clone())),
            (None, Some(columns)) => Some(("--columns", columns.clone())),
            (None, None) => None,
        };
        let filter = self.jq.as_deref().map(Filter::parse).transpose()?;
        Ok(Printing {
            format,
            chosen,
            filter: filter.map(Rc::new),
        })
    }
}

/// The format that was named, or JSON where fields or a filter of it are.
pub(crate) fn format(named: Option<Format>, is_filtered: bool) -> Result<Option<Format>, Failure> {
    match named {
        Some(Format::Json) | None if is_filtered => Ok(Some(Format::Json)),
        Some(_) if is_filtered => Err(Failure::Usage(
            "`--json` and `--jq` print JSON: omit `--output`".to_owned(),
        )),
        named => Ok(named),
    }
}

/// How rows or an object are printed.
#[derive(Debug, Clone)]
pub(crate) struct Printing {
    pub(crate) format: Format,
    /// The option that names fields, and their names.
    chosen: Option<(&'static str, String)>,
    pub(super) filter: Option<Rc<Filter>>,
}

impl From<Format> for Printing {
    fn from(format: Format) -> Self {
        Self {
            format,
            chosen: None,
            filter: None,
        }
    }
}

impl Printing {
    /// Whether people get the form that was made for them: a table whose columns nobody chose.
    pub(crate) fn is_for_people(&self) -> bool {
        self.format.is_table() && self.chosen.is_none()
    }

    /// Whether fields were chosen, or a filter.
    fn is_narrowed(&self) -> bool {
        self.chosen.is_some() || self.filter.is_some()
    }

    /// Prints the answer of a function whose form for people was not asked for.
    pub(crate) fn print(&self, function: &Function, answer: &Answer) -> Result<(), Failure> {
        if self.is_narrowed() {
            let document = serde_json::from_str(&answer.to_json()).unwrap_or_default();
            return super::object(&document, self);
        }
        super::print(function, answer, &super::Style::of(self.format)).map(drop)
    }

    /// The fields that were chosen among those of a sheet and of its rows.
    pub(super) fn fields(
        &self,
        columns: &[&str],
        rows: &[Value],
    ) -> Result<Option<Columns>, Failure> {
        let Some((option, names)) = &self.chosen else {
            return Ok(None);
        };
        let mut known: Vec<String> = columns.iter().map(|&name| name.to_owned()).collect();
        for name in rows.iter().filter_map(Value::as_object).flat_map(Map::keys) {
            if !known.contains(name) {
                known.push(name.clone());
            }
        }
        Columns::among(&known, option, names).map(Some)
    }

    /// A document with the chosen fields alone: of an object, or of each object in a list.
    pub(super) fn narrowed(&self, document: &Value) -> Result<Value, Failure> {
        let rows = match document {
            Value::Array(rows) => rows.as_slice(),
            one => std::slice::from_ref(one),
        };
        let Some(fields) = self.fields(&[], rows)? else {
            return Ok(document.clone());
        };
        let narrow = |row: &Value| only(row, &fields);
        Ok(match document {
            Value::Array(rows) => rows.iter().map(narrow).collect(),
            one => narrow(one),
        })
    }
}

/// An object with these fields alone, in their order.
pub(super) fn only(row: &Value, fields: &Columns) -> Value {
    let of = |name: &String| (name.clone(), row.get(name).cloned().unwrap_or(Value::Null));
    Value::Object(fields.names().iter().map(of).collect())
}
