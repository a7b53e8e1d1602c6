//! `host-runner connection scopes`.

use clap::Args;
use host_runner::{NeededScopes, UnknownScopeUser, needed_scopes};
use serde_json::json;

use crate::exit::Failure;
use crate::output;
use crate::output::{PrintOptions, Sheet};

pub(super) const HELP: &str = "\
Scopes are chosen in the developer console, under `Permissions` of the OAuth app, classic and granular ones on a page \
each. `offline_access` needs no choice there.

The option `mention-names` needs what `getUsers` needs: add it to the functions.

Examples:
  host-runner connection scopes
  host-runner connection scopes --for functions listPages search
  host-runner connection scopes --for functions getPageById getUsers
  host-runner connection scopes --for streams pages spaces --for functions";

#[derive(Debug, Args)]
pub(crate) struct ScopesArguments {
    /// `functions` or `streams`, and names of them; without names, all of them [default: both]
    #[arg(long = "for", value_name = "WHAT", num_args = 1..)]
    what: Vec<String>,
    #[command(flatten)]
    print: PrintOptions,
}

pub(super) fn print(arguments: &ScopesArguments) -> Result<(), Failure> {
    let (functions, streams) = users(&arguments.what)?;
    let of = |users: &Users| match users {
        Users::None => Some(Vec::new()),
        Users::Named(names) => Some(names.clone()),
        Users::All => None,
    };
    let needed = needed_scopes(of(&functions).as_deref(), of(&streams).as_deref());
    let needed = needed.map_err(|error| unknown(&error))?;
    let Some(printing) = arguments.print.asked()? else {
        return output::say(&needed.scopes.join("\n"));
    };
    let rows: Vec<_> = needed
        .scopes
        .iter()
        .map(|scope| {
            let kind = if NeededScopes::is_granular(scope) {
                "granular"
            } else {
                "classic"
            };
            json!({ "scope": scope, "kind": kind })
        })
        .collect();
    output::records(&Sheet::of(&["scope", "kind"]), &rows, &printing)
}

/// What scopes are for.
enum Users {
    None,
    Named(Vec<String>),
    All,
}

/// Reads `functions NAME… streams NAME…`.
fn users(words: &[String]) -> Result<(Users, Users), Failure> {
    if words.is_empty() {
        return Ok((Users::All, Users::All));
    }
    let (mut functions, mut streams) = (Users::None, Users::None);
    let mut is_stream = None;
    for word in words.iter().flat_map(|word| word.split(',')) {
        match (word, is_stream) {
            ("functions", _) => is_stream = Some(false),
            ("streams", Some(false) | None) => is_stream = Some(true),
            ("", _) => continue,
            (_, None) => {
                return Err(Failure::Usage(format!(
                    "`--for` begins with `functions` or `streams`, but is `{word}`"
                )));
            }
            _ => {}
        }
        let users = match is_stream {
            Some(true) => &mut streams,
            _ => &mut functions,
        };
        let is_kind = word == "functions" || word == "streams";
        match users {
            Users::None => *users = Users::All,
            _ if is_kind => {}
            Users::All => *users = Users::Named(vec![word.to_owned()]),
            Users::Named(names) => names.push(word.to_owned()),
        }
    }
    Ok((functions, streams))
}

fn unknown(error: &UnknownScopeUser) -> Failure {
    let near = if error.near.is_empty() {
        format!("`host-runner {}s` lists them", error.what)
    } else {
        format!("did you mean `{}`?", error.near.join("` or `"))
    };
    Failure::Usage(format!("{error}; {near}"))
}
