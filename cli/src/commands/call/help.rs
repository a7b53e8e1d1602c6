//! The help of one function: its documentation, its parameters, and the options of `call`.

use std::io::Write as _;

use clap::{Arg, ArgAction};
use host_runner::Function;

use super::omitted;
use crate::exit::Failure;
use crate::formats::Format;
use crate::list_flags::is_flag;
use crate::{visible, wrap};

/// Options of `call` for what it prints: as they are written, and what they do.
const RESULT_OPTIONS: [(&str, &str); 8] = [
    (
        "--all",
        "Fetch every item of a list; without it, at most `--limit` [default: 25]",
    ),
    (
        "-o, --output FORMAT",
        "`table`, `wide`, `json`, `ndjson` or `csv` [default: `table` on a terminal, `json` in a pipe, `ndjson` in a pipe with `--all`]",
    ),
    (
        "--columns NAMES",
        "Fields to print, in every format, such as `id,title,version.number`; `version` selects all of its fields",
    ),
    (
        "--json FIELDS",
        "Print only these fields, as JSON; for a list, one array of its items",
    ),
    (
        "--jq EXPRESSION",
        "Filter the JSON with a jq expression; with `--all`, applied to the result of each call",
    ),
    (
        "--web",
        "Open the page in a browser; without a terminal, print its address",
    ),
    (
        "--csv-safe",
        "In CSV, put `'` before cells that spreadsheets would run as formulas",
    ),
    ("--receipt", "Print the cost of the call on standard error"),
];

/// Columns of what precedes the text of a result option.
const NAME_COLUMNS: usize = 23;

/// The result options as the parser of commands has options, which does not parse them: words after
/// the function are parsed against the function's own parameters.
pub(crate) fn result_options() -> impl Iterator<Item = Arg> {
    RESULT_OPTIONS.into_iter().map(|(names, help)| {
        let (short, rest) = match names.strip_prefix("-o, ") {
            Some(rest) => (Some('o'), rest),
            None => (None, names),
        };
        let mut words = rest.trim_start_matches("--").split(' ');
        let name = words.next().unwrap_or_default();
        let arg = Arg::new(name)
            .long(name)
            .help(help)
            .help_heading("Result options");
        let arg = match short {
            Some(short) => arg.short(short),
            None => arg,
        };
        match words.next() {
            Some(value) => arg.value_name(value),
            None => arg.action(ArgAction::SetTrue),
        }
    })
}

/// The options of every command that `call` takes behind the function, too.
const GLOBAL: &str = "--env NAME, --app NAME, --config-dir FOLDER, --state-dir FOLDER, --timeout SECONDS, --memory MIB, --message-format FORMAT; `host-runner call --help` describes them";

pub(super) fn print(function: &Function) -> Result<(), Failure> {
    let mut out = visible::stdout(Format::Table);
    out.write_all(text(function, wrap::help_width()).as_bytes())
        .and_then(|()| out.flush())
        .map_err(Failure::output)
}

fn text(function: &Function, width: usize) -> String {
    let name = function.camel_case_name();
    let usage = format!("host-runner call {name} [VALUE]... [--NAME VALUE]... [RESULT OPTIONS]");
    let mut parts = vec![
        wrap::hanging("Usage: ", &usage, 7, width).join("\n"),
        wrap::hanging("", &omitted::signature(function), 2, width).join("\n"),
    ];
    if let Some(documentation) = function.documentation() {
        parts.push(wrap::markdown(documentation, width));
    }
    let own: Vec<String> = function
        .parameters()
        .iter()
        .map(|parameter| {
            let name = parameter.name();
            let note = omitted::note(function, name, parameter.is_optional());
            line(name, &parameter.type_text(), &note, width)
        })
        .collect();
    if !own.is_empty() {
        parts.push(format!(
            "Arguments, by position in this order or by name:\n{}",
            own.join("\n")
        ));
    }
    let options: Vec<String> = function
        .options()
        .iter()
        .map(|(name, ty)| line(name, ty, "", width))
        .collect();
    if !options.is_empty() {
        parts.push(format!("Options, by name:\n{}", options.join("\n")));
    }
    parts.push(result_options_text(width));
    parts.push(wrap::examples(&examples(function), width));
    let global = wrap::hanging("  ", GLOBAL, 2, width);
    parts.push(format!("Global options:\n{}", global.join("\n")));
    parts.join("\n\n") + "\n"
}

fn result_options_text(width: usize) -> String {
    let mut lines = vec!["Result options:".to_owned()];
    for (names, help) in RESULT_OPTIONS {
        let names = format!("  {names:NAME_COLUMNS$}");
        lines.extend(wrap::hanging(&names, help, NAME_COLUMNS + 2, width));
    }
    lines.join("\n")
}

fn line(name: &str, ty: &str, note: &str, width: usize) -> String {
    if is_flag(name) {
        return format!("  --{name}");
    }
    let text = format!("--{name} <{ty}>{note}");
    wrap::hanging("  ", &text, 6, width).join("\n")
}

fn examples(function: &Function) -> String {
    let mut call = format!("host-runner call {}", function.camel_case_name());
    for parameter in function.parameters() {
        if !parameter.is_optional() && omitted::default_of(function, parameter.name()).is_none() {
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
