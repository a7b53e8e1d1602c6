//! Free text: titles, file names, types.

use crate::{Error, error::quoted};

/// Titles and file names of Confluence have at most 255 characters.
const MOST: usize = 255;

/// Checks a text that is compared with whole values.
pub(crate) fn word(argument: &str, text: Option<&str>) -> Result<(), Error> {
    let Some(text) = text else { return Ok(()) };
    let (code, cause) = if text.trim().is_empty() {
        ("text-empty", "it is empty, and no value is")
    } else if text.chars().any(char::is_control) {
        (
            "text-with-controls",
            "it has control characters, and no value has",
        )
    } else if text.chars().count() > MOST {
        (
            "text-too-long",
            "it is longer than the 255 characters of any value",
        )
    } else {
        return Ok(());
    };
    Err(Error::argument(
        code,
        format!("`{argument}` cannot be `{}`", quoted(text, 60)),
        cause,
        "pass the complete value as displayed, or omit it for all",
    ))
}
