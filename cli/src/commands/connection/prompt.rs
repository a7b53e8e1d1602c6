//! What `connection add` asks for on a terminal.

use std::io::{IsTerminal as _, Write as _};

use crate::exit::Failure;

/// The value of an option that is not there: asked for on a terminal, and required elsewhere.
pub(super) fn ask(what: &str, option: &str) -> Result<String, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Usage(format!(
            "{what} is missing: pass `{option}`, or run the command on a terminal to be asked for it"
        )));
    }
    let mut answer = String::new();
    write!(anstream::stderr(), "{what}: ")
        .and_then(|()| anstream::stderr().flush())
        .and_then(|()| std::io::stdin().read_line(&mut answer))
        .map_err(|source| Failure::input("the terminal", source))?;
    match answer.trim() {
        "" => Err(Failure::Usage(format!("{what} is empty"))),
        answer => Ok(answer.to_owned()),
    }
}
