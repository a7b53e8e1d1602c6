//! `host-runner functions`.

use std::io::{self, Write as _};

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use host_runner::{Function, camel_case};
use serde_json::{Value, json};

use super::call::omitted;
use crate::candidates;
use crate::exit::Failure;
use crate::formats::Format;
use crate::options::SessionOptions;
use crate::output::{PrintOptions, Sheet};
use crate::summary::summary;
use crate::{output, report, visible, wrap};

#[derive(Debug, Args)]
pub(crate) struct FunctionsArguments {
    /// Function to document
    #[arg(add = ArgValueCandidates::new(candidates::functions))]
    pub(crate) function: Option<String>,
    /// Only functions whose name, signature or documentation contains all these words
    #[arg(long, value_name = "WORDS", conflicts_with = "function")]
    pub(crate) search: Option<String>,
    #[command(flatten)]
    pub(crate) print: PrintOptions,
}

pub(crate) fn run(session: &SessionOptions, arguments: &FunctionsArguments) -> Result<(), Failure> {
    let host = session.open_to_read()?;
    let tenant = host.tenant(&session.scope())?;
    if let Some(name) = &arguments.function {
        let function = tenant.function(name)?;
        return match arguments.print.asked()? {
            Some(printing) if !printing.is_for_people() => {
                output::object(&with_parameters(function), &printing)
            }
            _ => document(function),
        };
    }
    let found = tenant.functions().iter().filter(|function| {
        let words = arguments.search.as_deref();
        words.is_none_or(|words| has_all(function, words))
    });
    let found: Vec<&Function> = found.collect();
    if found.is_empty() {
        report::note("no function contains all these words");
    }
    let printing = arguments.print.printing()?;
    if printing.is_for_people() {
        let rows: Vec<Value> = found.into_iter().map(short).collect();
        return output::records(&Sheet::of(&["function", "what it does"]), &rows, &printing);
    }
    let rows: Vec<Value> = found.into_iter().map(row).collect();
    output::records(
        &Sheet::of(&["name", "interface", "signature", "documentation"]),
        &rows,
        &printing,
    )
}

fn short(function: &Function) -> Value {
    json!({
        "function": function.camel_case_name(),
        "what it does": summary(function.documentation().unwrap_or_default()),
    })
}

fn row(function: &Function) -> Value {
    json!({
        "name": function.camel_case_name(),
        "interface": function.interface(),
        "signature": omitted::signature(function),
        "documentation": function.documentation(),
    })
}

fn with_parameters(function: &Function) -> Value {
    let parameters: Vec<Value> = function
        .parameters()
        .iter()
        .map(|parameter| {
            json!({
                "name": camel_case(parameter.name()),
                "type": parameter.type_text(),
                "required": !parameter.is_optional()
                    && omitted::default_of(function, parameter.name()).is_none(),
            })
        })
        .collect();
    let mut object = row(function);
    if let Some(fields) = object.as_object_mut() {
        fields.insert("parameters".to_owned(), json!(parameters));
    }
    object
}

/// Whether the function's name, signature or documentation contains each of the words.
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
    let mut out = visible::stdout(Format::Table);
    let width = wrap::help_width();
    let mut print = || -> io::Result<()> {
        let signature = wrap::hanging("", &omitted::signature(function), 2, width);
        writeln!(out, "{}\n", signature.join("\n"))?;
        for parameter in function.parameters() {
            let note = omitted::note(function, parameter.name(), parameter.is_optional());
            let text = format!("{}{note}", parameter.type_text());
            let name = format!("  --{}  ", parameter.name());
            let lines = wrap::hanging(&name, &text, 6, width);
            writeln!(out, "{}", lines.join("\n"))?;
        }
        if let Some(documentation) = function.documentation() {
            let documentation = wrap::markdown(documentation, width);
            writeln!(out, "\n{documentation}")?;
        }
        out.flush()
    };
    print().map_err(Failure::output)
}
