//! `host-runner functions`.

use std::io::{self, Write as _};

use host_runner::Function;

use crate::command::{Format, FunctionsArguments, SessionOptions};
use crate::exit::Failure;
use crate::{output, report};

pub(crate) fn run(session: &SessionOptions, arguments: &FunctionsArguments) -> Result<(), Failure> {
    let host = session.open()?;
    let tenant = host.tenant(&session.scope())?;
    if let Some(name) = &arguments.function {
        return document(tenant.function(name)?);
    }
    let found: Vec<&Function> = tenant
        .functions()
        .iter()
        .filter(|function| {
            arguments
                .search
                .as_deref()
                .is_none_or(|words| has_all(function, words))
        })
        .collect();
    if found.is_empty() {
        report::note("no function has all these words");
    }
    let format = arguments.output.unwrap_or_else(output::default_format);
    let mut out = io::stdout().lock();
    let mut print = || match format {
        Format::Table => {
            let rows: Vec<Vec<String>> = found
                .iter()
                .map(|function| {
                    vec![
                        function.camel_case_name(),
                        summary(function.documentation().unwrap_or_default()),
                    ]
                })
                .collect();
            writeln!(
                out,
                "{}",
                output::table_of_text(&["function", "what it does"], &rows)
            )
        }
        Format::Json | Format::Ndjson | Format::Csv => {
            for function in &found {
                let line = serde_json::json!({
                    "name": function.camel_case_name(),
                    "interface": function.interface(),
                    "signature": function.signature(),
                    "documentation": function.documentation(),
                });
                writeln!(out, "{line}")?;
            }
            Ok(())
        }
    };
    print().map_err(Failure::output)
}

/// Whether each of the words stands in the function's name, signature or documentation.
fn has_all(function: &Function, words: &str) -> bool {
    let text = format!(
        "{} {} {}",
        function.name(),
        function.signature(),
        function.documentation().unwrap_or_default()
    )
    .to_lowercase();
    words
        .to_lowercase()
        .split_whitespace()
        .all(|word| text.contains(word))
}

/// Prints a function's signature and its documentation.
pub(crate) fn document(function: &Function) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let mut print = || {
        writeln!(out, "{}\n", function.signature())?;
        for parameter in function.parameters() {
            let optional = if parameter.is_optional() {
                ""
            } else {
                ", required"
            };
            writeln!(
                out,
                "  --{}  {}{optional}",
                parameter.name(),
                parameter.type_text()
            )?;
        }
        if let Some(documentation) = function.documentation() {
            writeln!(out, "\n{documentation}")?;
        }
        Ok(())
    };
    print().map_err(Failure::output)
}

/// The first sentence of a documentation.
pub(crate) fn summary(text: &str) -> String {
    let paragraph = text
        .split("\n\n")
        .next()
        .unwrap_or_default()
        .replace('\n', " ");
    match paragraph.split_once(". ") {
        Some((sentence, _)) => format!("{sentence}."),
        None => paragraph,
    }
}
