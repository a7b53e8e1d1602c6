//! `host-runner streams`.

use std::io::{self, Write as _};

use clap::Args;
use host_sync::Sync;
use serde_json::{Value, json};
use source::{Column, Pass, Stream};

use crate::exit::Failure;
use crate::formats::Format;
use crate::options::SessionOptions;
use crate::output::{PrintOptions, Sheet};
use crate::summary::summary;
use crate::{output, visible, wrap};

#[derive(Debug, Args)]
pub(crate) struct StreamsArguments {
    /// Stream to document
    pub(crate) stream: Option<String>,
    #[command(flatten)]
    pub(crate) print: PrintOptions,
}

/// What a table has.
const SHORT: Sheet<'_> = Sheet {
    columns: &["stream", "what it has", "parents"],
    wide: &["parents"],
    shortened: &["what it has"],
};

/// The fields of a description.
const WHOLE: [&str; 11] = [
    "name",
    "documentation",
    "key",
    "parents",
    "bySpace",
    "default",
    "passes",
    "scopes",
    "pointsPerRow",
    "settings",
    "columns",
];

pub(crate) async fn run(
    session: &SessionOptions,
    arguments: &StreamsArguments,
) -> Result<(), Failure> {
    let host = session.open_to_read()?;
    let client = host.tenant(&session.scope())?.client();
    let all = Sync::builder().build()?;
    let streams = all.streams(&client).await?;
    if let Some(name) = &arguments.stream {
        let stream = Stream::find(&streams, name).map_err(sync::ReadError::from)?;
        return match arguments.print.asked()? {
            Some(printing) if !printing.is_for_people() => {
                output::object(&whole(stream), &printing)
            }
            _ => document(stream),
        };
    }
    let printing = arguments.print.printing()?;
    if printing.is_for_people() {
        let rows: Vec<Value> = streams.iter().map(short).collect();
        return output::records(&SHORT, &rows, &printing);
    }
    let rows: Vec<Value> = streams.iter().map(whole).collect();
    output::records(&Sheet::of(&WHOLE), &rows, &printing)
}

fn short(stream: &Stream) -> Value {
    json!({
        "stream": stream.name,
        "parents": stream.parents.join(", "),
        "what it has": summary(&stream.documentation),
    })
}

fn whole(stream: &Stream) -> Value {
    let columns: Vec<Value> = stream.columns.iter().map(column).collect();
    json!({
        "name": stream.name,
        "documentation": stream.documentation,
        "key": stream.key,
        "parents": stream.parents,
        "bySpace": stream.by_space,
        "default": stream.is_default,
        "passes": stream.passes.iter().map(|pass| pass.name()).collect::<Vec<_>>(),
        "scopes": stream.scopes,
        "pointsPerRow": stream.points_per_row,
        "settings": stream.settings,
        "columns": columns,
    })
}

fn column(column: &Column) -> Value {
    json!({
        "name": column.name,
        "type": column.column_type.name(),
        "nullable": column.nullable,
        "onRequest": column.on_request,
        "documentation": column.documentation,
    })
}

const fn by_space(is_by_space: bool) -> &'static str {
    if is_by_space {
        "yes: it can be limited to spaces"
    } else {
        "no"
    }
}

/// Prints what a stream has, and its columns.
fn document(stream: &Stream) -> Result<(), Failure> {
    let list = |names: &[String]| {
        if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        }
    };
    let passes: Vec<String> = stream.passes.iter().map(Pass::to_string).collect();
    let scopes: Vec<String> = stream.scopes.iter().map(|any| any.join(" or ")).collect();
    let mut out = visible::stdout(Format::Table);
    let mut print = || -> io::Result<()> {
        let documentation = wrap::markdown(&stream.documentation, wrap::help_width());
        writeln!(out, "{}\n\n{documentation}\n", stream.name)?;
        writeln!(out, "key      {}", list(&stream.key))?;
        writeln!(out, "parents  {}", list(&stream.parents))?;
        writeln!(out, "spaces   {}", by_space(stream.by_space))?;
        writeln!(
            out,
            "default  {}",
            if stream.is_default { "yes" } else { "no" }
        )?;
        writeln!(out, "passes   {}", list(&passes))?;
        writeln!(out, "scopes   {}\n", list(&scopes))?;
        let width = stream.columns.iter().map(|column| column.name.len()).max();
        let width = width.unwrap_or_default();
        for column in &stream.columns {
            let on_request = if column.on_request {
                ", on request"
            } else {
                ""
            };
            writeln!(
                out,
                "{:width$}  {:7}  {}{on_request}",
                column.name,
                column.column_type.name(),
                summary(&column.documentation),
            )?;
        }
        out.flush()
    };
    print().map_err(Failure::output)
}
