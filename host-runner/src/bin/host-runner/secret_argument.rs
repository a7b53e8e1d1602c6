//! Arguments that are secrets, kept out of the argument list, which every user of a machine can
//! read.

use std::io::{IsTerminal as _, Read as _};

use crate::exit::Failure;
use crate::report;

/// Longest secret that is read, in bytes. Tokens have some 200.
const SECRET_BYTES: u64 = 64 * 1024;

/// Resolves `-` (standard input), `@FILE` and `env:VARIABLE`. Anything else is the secret itself,
/// which is taken, with a warning.
pub(crate) fn resolve(argument: &str) -> Result<String, Failure> {
    let text = if argument == "-" {
        let mut stdin = std::io::stdin();
        if stdin.is_terminal() {
            return Err(Failure::Usage(
                "the authorization is expected on standard input, which is the terminal, where it would be shown; use a pipe, `@FILE` or `env:VARIABLE`".to_owned(),
            ));
        }
        read(&mut stdin).map_err(|source| Failure::input("standard input", source))?
    } else if let Some(path) = argument.strip_prefix('@') {
        std::fs::File::open(path)
            .and_then(|mut file| read(&mut file))
            .map_err(|source| Failure::input(format!("the file `{path}`"), source))?
    } else if let Some(name) = argument.strip_prefix("env:") {
        std::env::var(name).map_err(|_| {
            Failure::Usage(format!("the variable `{name}` is not set, or is not text"))
        })?
    } else {
        report::warning(
            "the authorization was given as an argument, which others on this machine can read; `-`, `@FILE` and `env:VARIABLE` keep it private",
        );
        argument.to_owned()
    };
    Ok(text.trim().to_owned())
}

fn read(source: &mut impl std::io::Read) -> std::io::Result<String> {
    let mut text = String::new();
    source.take(SECRET_BYTES).read_to_string(&mut text)?;
    Ok(text)
}
