//! Arguments that are secrets, kept out of the argument list, which every user of a machine can
//! read.

use std::io::{IsTerminal as _, Read as _};

use zeroize::Zeroizing;

use crate::exit::Failure;
use crate::report;

/// Longest secret that is read, in bytes. Tokens have some 200.
const SECRET_BYTES: u64 = 64 * 1024;

/// Where people create API tokens.
const TOKEN_PAGE: &str = "https://id.atlassian.com/manage-profile/security/api-tokens";

/// Resolves `-` (standard input), `@FILE` and `env:VARIABLE`. Anything else is the secret itself,
/// which is taken, with a warning: callers of other connectors know it so.
pub(crate) fn resolve(argument: &str) -> Result<Zeroizing<String>, Failure> {
    if argument == "-" && std::io::stdin().is_terminal() {
        return Err(Failure::Usage(
            "the authorization is expected on standard input, which is the terminal, where it would be shown; use a pipe, `@FILE` or `env:VARIABLE`".to_owned(),
        ));
    }
    if let Some(text) = source(argument)? {
        return Ok(text);
    }
    report::warning(
        "other users of this machine can read the authorization in the arguments; pass it as `-`, `@FILE` or `env:VARIABLE`",
    );
    Ok(Zeroizing::new(argument.trim().to_owned()))
}

/// A token, or a key: from where the option says, or from a hidden prompt on a terminal, or from
/// standard input. It is never an argument.
pub(crate) fn ask(
    what: &str,
    option: &str,
    argument: Option<&str>,
) -> Result<Zeroizing<String>, Failure> {
    if let Some(argument) = argument.filter(|argument| *argument != "-") {
        return source(argument)?.ok_or_else(|| {
            Failure::Usage(format!(
                "`{option}` must be `-` (standard input), `@FILE` or `env:VARIABLE`, because other users of this machine can read arguments; if this was a real {what}, consider it leaked"
            ))
        });
    }
    if std::io::stdin().is_terminal() {
        let page = match what {
            "token" => format!("; create one at {TOKEN_PAGE}"),
            _ => String::new(),
        };
        let text = rpassword::prompt_password(format!("{what} (hidden{page}): "))
            .map_err(|source| Failure::input("the terminal", source))?;
        return Ok(Zeroizing::new(text));
    }
    let text =
        read(&mut std::io::stdin()).map_err(|source| Failure::input("standard input", source))?;
    if text.trim().is_empty() {
        return Err(Failure::Usage(format!(
            "the {what} is expected on standard input, which is empty: pipe it in, or pass `{option} @FILE` or `{option} env:VARIABLE`"
        )));
    }
    Ok(text)
}

/// What `-`, `@FILE` or `env:VARIABLE` stands for. `None` for anything else.
pub(crate) fn source(argument: &str) -> Result<Option<Zeroizing<String>>, Failure> {
    if argument == "-" {
        read(&mut std::io::stdin())
            .map(Some)
            .map_err(|source| Failure::input("standard input", source))
    } else if let Some(path) = argument.strip_prefix('@') {
        std::fs::File::open(path)
            .and_then(|mut file| read(&mut file))
            .map(Some)
            .map_err(|source| Failure::input(format!("the file `{path}`"), source))
    } else if let Some(name) = argument.strip_prefix("env:") {
        std::env::var(name)
            .map(|text| Some(Zeroizing::new(text)))
            .map_err(|_| {
                Failure::Usage(
                    "the variable after `env:` is not set or is not text: pass the name of a variable, not its value".to_owned(),
                )
            })
    } else {
        Ok(None)
    }
}

fn read(source: &mut impl std::io::Read) -> std::io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    source.take(SECRET_BYTES).read_to_string(&mut text)?;
    Ok(Zeroizing::new(text.trim().to_owned()))
}
