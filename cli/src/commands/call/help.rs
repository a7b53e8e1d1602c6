//! The help of one function: its documentation, its parameters, and the options of `call`.

use std::io::Write as _;

use host_runner::Function;

use crate::exit::Failure;
use crate::formats::Format;
use crate::list_flags::is_flag;
use crate::visible;

/// The options of `call` for what it prints.
macro_rules! result_options {
    () => {
        "\
Result options:
  --all                  fetch every item of a list, not only `--limit` of them
  -o, --output FORMAT    `table`, `wide`, `json`, `ndjson` or `csv`; default: `table` on a
                         terminal, `json` in a pipe, `ndjson` in a pipe with `--all`
  --columns NAMES        fields to print, in every format, such as `id,title,version.number`
  --json FIELDS          print only these fields, as JSON; a list is an array
  --jq EXPRESSION        filter the JSON with a jq expression; with `--all`, each response alone
  --web                  open the page in a browser; without a terminal, print its address
  --csv-safe             in CSV, put `'` before cells that spreadsheets would run as formulas
  --receipt              print the cost of the call on standard error"
    };
}

pub(super) use result_options;

/// The options of every command that `call` takes behind the function, too.
const GLOBAL: &str = "\
Global options:
  --env NAME, --app NAME, --config-dir FOLDER, --state-dir FOLDER, --timeout SECONDS, --memory MIB,
  --message-format FORMAT; `host-runner call --help` describes them";

pub(super) fn print(function: &Function) -> Result<(), Failure> {
    let mut out = visible::stdout(Format::Table);
    out.write_all(text(function).as_bytes())
        .and_then(|()| out.flush())
        .map_err(Failure::output)
}

fn text(function: &Function) -> String {
    let name = function.camel_case_name();
    let mut parts = vec![
        format!("Usage: host-runner call {name} [ARGUMENTS]... [--NAME VALUE]... [RESULT OPTIONS]"),
        function.signature(),
    ];
    if let Some(documentation) = function.documentation() {
        parts.push(documentation.trim().to_owned());
    }
    let own: Vec<String> = function
        .parameters()
        .iter()
        .map(|parameter| {
            let required = if parameter.is_optional() {
                ""
            } else {
                ", required"
            };
            line(parameter.name(), &parameter.type_text(), required)
        })
        .collect();
    if !own.is_empty() {
        parts.push(format!(
            "Arguments, by position in this order or by name:\n{}",
            own.join("\n")
        ));
    }
    for parameter in function.parameters() {
        let fields: Vec<String> = parameter
            .fields()
            .iter()
            .map(|(name, ty)| line(name, ty, ""))
            .collect();
        if !fields.is_empty() {
            parts.push(format!(
                "Fields of `{}`, by name:\n{}",
                parameter.name(),
                fields.join("\n")
            ));
        }
    }
    parts.push(result_options!().to_owned());
    parts.push(examples(function));
    parts.push(GLOBAL.to_owned());
    parts.join("\n\n") + "\n"
}

fn line(name: &str, ty: &str, note: &str) -> String {
    if is_flag(name) {
        format!("  --{name}")
    } else {
        format!("  --{name} <{ty}>{note}")
    }
}

fn examples(function: &Function) -> String {
    let mut call = format!("host-runner call {}", function.camel_case_name());
    for parameter in function.parameters() {
        if !parameter.is_optional() {
            call.push(' ');
            call.push_str(&parameter.name().to_uppercase());
        }
    }
    let mut lines = vec![format!("  {call}")];
    let columns = function.columns();
    if columns.is_empty() {
        if let Some(field) = function.fields().first() {
            lines.push(format!("  {call} --json {field}"));
        }
    } else {
        let named = ["title", "name", "displayName"];
        let is_named = |column: &&String| named.contains(&column.as_str());
        let second = columns.iter().find(is_named).or(columns.get(1));
        let chosen: Vec<&str> = columns
            .iter()
            .take(1)
            .chain(second)
            .map(String::as_str)
            .collect();
        let chosen = chosen.join(",");
        lines.push(format!("  {call} --limit 5 --output wide"));
        lines.push(format!(
            "  {call} --all --output csv --columns {chosen} > all.csv"
        ));
        lines.push(format!(
            "  {call} --json {chosen} --jq '.[].{}'",
            columns.first().map_or("", |it| it.as_str())
        ));
    }
    format!("Examples:\n{}", lines.join("\n"))
}
