//! A function as a command: its parameters as arguments, so that `call` completes like any other
//! command.

use std::collections::BTreeSet;

use clap::{Arg, ArgAction, Command, ValueEnum as _};
use clap_complete::engine::ArgValueCandidates;
use host_runner::{OutlinedFunction, OutlinedParameter};

use super::{candidate, functions, summary};
use crate::formats::Format;
use crate::list_flags::is_flag;
use crate::visible;

/// `call`, with the parameters of the function that was typed.
///
/// `own` are the names of options that every command has.
pub(super) fn command<'a>(
    call: &Command,
    function: Option<&'a OutlinedFunction>,
    own: impl IntoIterator<Item = &'a str>,
) -> Command {
    let own = own
        .into_iter()
        .chain([
            "all", "columns", "csv-safe", "help", "jq", "json", "output", "receipt", "web",
        ])
        .collect();
    let mut command = Command::new("call").disable_help_flag(true);
    if let Some(about) = call.get_about() {
        command = command.about(about.clone());
    }
    command = command.arg(
        Arg::new("   function")
            .index(1)
            .add(ArgValueCandidates::new(functions)),
    );
    let Some(function) = function else {
        return command;
    };
    for (index, parameter) in function.parameters.iter().enumerate() {
        command = command.arg(with_values(
            Arg::new(kept(&format!(" {}", parameter.name))).index(index + 2),
            parameter,
        ));
    }
    // As `call` reads them: this program's own options come first, then parameters, then fields,
    // of which the first of a name is meant.
    let mut taken: BTreeSet<&str> = own;
    let fields = function.parameters.iter().flat_map(|there| &there.fields);
    for parameter in function.parameters.iter().chain(fields) {
        if taken.insert(&parameter.name) {
            command = command.arg(option(parameter));
        }
    }
    own_options(command, function)
}

/// The options that `call` itself reads behind the function.
fn own_options(command: Command, function: &OutlinedFunction) -> Command {
    let formats = Format::value_variants()
        .iter()
        .filter_map(clap::ValueEnum::to_possible_value);
    let mut command = command.arg(
        Arg::new("  output")
            .long("output")
            .short('o')
            .help("Output format")
            .value_parser(clap::builder::PossibleValuesParser::new(formats)),
    );
    if !function.columns.is_empty() {
        let columns = function.columns.clone();
        let fields = function.columns.clone();
        command = command
            .arg(
                Arg::new("  json")
                    .long("json")
                    .help("Print these fields as JSON")
                    .value_delimiter(',')
                    .add(ArgValueCandidates::new(move || {
                        fields.iter().map(|name| candidate(name)).collect()
                    })),
            )
            .arg(
                Arg::new("  all")
                    .long("all")
                    .help("Fetch every page")
                    .action(ArgAction::SetTrue),
            )
            .arg(
                Arg::new("  columns")
                    .long("columns")
                    .help("Columns, in every format")
                    .value_delimiter(',')
                    .add(ArgValueCandidates::new(move || {
                        columns.iter().map(|name| candidate(name)).collect()
                    })),
            );
    }
    command = command
        .arg(
            Arg::new("  jq")
                .long("jq")
                .help("Filter the JSON with a jq expression")
                .value_hint(clap::ValueHint::Other),
        )
        .arg(
            Arg::new("  web")
                .long("web")
                .help("Open the page in a browser")
                .action(ArgAction::SetTrue),
        );
    command.arg(
        Arg::new("  help")
            .long("help")
            .help("Document the function")
            .action(ArgAction::SetTrue),
    )
}

/// A parameter, or a field of one, as an option.
fn option(parameter: &OutlinedParameter) -> Arg {
    let name = kept(&parameter.name);
    let arg = Arg::new(name)
        .long(name)
        // Under a heading of their own they come before the options of every command.
        .help_heading("Arguments")
        .help(parameter.type_text.clone());
    if is_flag(&parameter.name) {
        return arg.action(ArgAction::SetTrue);
    }
    let arg = with_values(arg, parameter).allow_hyphen_values(true);
    if parameter.is_list {
        arg.value_delimiter(',')
    } else {
        arg
    }
}

fn with_values(arg: Arg, parameter: &OutlinedParameter) -> Arg {
    let values = parameter.values.clone();
    arg.value_hint(clap::ValueHint::Other)
        .add(ArgValueCandidates::new(move || {
            values.iter().map(|value| candidate(value)).collect()
        }))
}

/// Completes the names of functions.
pub(super) fn names(functions: &[OutlinedFunction]) -> Vec<clap_complete::CompletionCandidate> {
    functions
        .iter()
        .map(|function| {
            let help = summary(function.documentation.as_deref().unwrap_or_default());
            // A shell shows it on a terminal.
            let help = visible::text(&help).into_owned();
            candidate(&function.name).help(Some(help.into()))
        })
        .collect()
}

/// A name that stays until this process has answered, which is all that it does: commands are
/// made of names that last as long as the program.
fn kept(name: &str) -> &'static str {
    Box::leak(name.to_owned().into_boxed_str())
}
