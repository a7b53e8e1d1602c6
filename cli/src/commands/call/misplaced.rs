//! Positional arguments that fit another argument of the function.

use host_runner::{ArgumentError, Function, Parameter, bind};

use super::omitted;
use crate::report;

/// Arguments that a number, and a name of an order, most likely belong to.
const LIMIT: &str = "limit";
const SORT: &str = "sort";

/// The largest limit of a list.
const MAX_ROWS: u32 = 10_000;

/// Says which of the words fit another argument than the one that is at their position, after an
/// error as well as after an empty list.
pub(super) fn tell(function: &Function, words: &[String]) {
    report(function, &hints(function, words, false));
}

/// As [`tell`], after nothing was found by an id: a small number is none.
pub(super) fn tell_missing(function: &Function, words: &[String]) {
    report(function, &hints(function, words, true));
}

/// Explains arguments that were rejected: as [`tell`], and shows the signature in any case where
/// there were positional ones.
pub(super) fn explain(function: &Function, words: &[String]) {
    let hints = hints(function, words, false);
    if hints.is_empty() && !words.is_empty() {
        report::note(&format!(
            "the signature is `{}`",
            omitted::signature(function)
        ));
    }
    report(function, &hints);
}

fn hints(function: &Function, words: &[String], is_missing: bool) -> Vec<String> {
    words
        .iter()
        .zip(function.parameters())
        .filter_map(|(word, parameter)| {
            let other = other(function, parameter, word, is_missing)?;
            Some(format!(
                "`{word}` was passed as `{}`, but fits `{other}`: `--{other} {word}`",
                parameter.name()
            ))
        })
        .collect()
}

fn report(function: &Function, hints: &[String]) {
    if !hints.is_empty() {
        let signature = omitted::signature(function);
        report::note(&format!(
            "{}; the signature is `{signature}`",
            hints.join("; ")
        ));
    }
}

/// The argument that `word` fits, where it is unlikely to be meant for `parameter`.
fn other<'a>(
    function: &'a Function,
    parameter: &Parameter,
    word: &str,
    is_missing: bool,
) -> Option<&'a str> {
    let wanted = if is_small(word) {
        LIMIT
    } else if is_order(word) {
        SORT
    } else {
        function
            .parameters()
            .iter()
            .find(|one| is_case(one, word))?
            .name()
    };
    let name = parameter.name();
    let is_id = matches!(name.rsplit('-').next(), Some("id" | "ids"));
    // A number that is meant as one, or as an id.
    let is_meant = name == wanted
        || is_case(parameter, word)
        || wanted == LIMIT && is_id && !is_missing
        || wanted == LIMIT && !parameter.type_text().contains("string");
    if is_meant {
        return None;
    }
    let named = [(wanted.to_owned(), word.to_owned())];
    let fits = match bind(function, &[], &named) {
        Ok(_) | Err(ArgumentError::Missing { .. }) => true,
        Err(_) => false,
    };
    fits.then_some(wanted)
}

/// Whether it is one of the words that a parameter accepts.
fn is_case(parameter: &Parameter, word: &str) -> bool {
    let words = parameter.type_text();
    words.contains('|') && words.split('|').any(|one| one.eq_ignore_ascii_case(word))
}

/// Whether it is a number of rows, and no id: those are larger.
fn is_small(word: &str) -> bool {
    let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    is_number && word.parse().is_ok_and(|rows: u32| rows <= MAX_ROWS)
}

/// Whether it is the name of an order, such as `-modified-date`.
fn is_order(word: &str) -> bool {
    let name = word.trim_start_matches('-');
    matches!(
        name,
        "asc" | "desc" | "id" | "title" | "name" | "web-position"
    ) || name.ends_with("-date")
}

#[cfg(test)]
mod tests {
    use super::{is_order, is_small};

    #[test]
    fn numbers_of_rows_and_orders_are_told_from_other_words() {
        for (word, small, order) in [
            ("5", true, false),
            ("250", true, false),
            ("10000", true, false),
            ("10001", false, false),
            ("65538", false, false),
            ("-5", false, false),
            ("5a", false, false),
            ("", false, false),
            ("-modified-date", false, true),
            ("created-date", false, true),
            ("desc", false, true),
            ("-title", false, true),
            ("ENG", false, false),
            ("2026-03-01", false, false),
        ] {
            assert_eq!((is_small(word), is_order(word)), (small, order), "{word}");
        }
    }
}
