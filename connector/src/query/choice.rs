//! Arguments that take one of a few words.

use crate::{Error, error::quoted};

/// `` `a`, `b` and `c` ``.
pub(crate) fn listed(words: &[&str]) -> String {
    let mut text = String::new();
    for (at, word) in words.iter().enumerate() {
        if at > 0 {
            text.push_str(if at + 1 == words.len() { " and " } else { ", " });
        }
        text.push('`');
        text.push_str(word);
        text.push('`');
    }
    text
}

/// Checks that `word` is among `allowed`.
pub(crate) fn choice(
    code: &str,
    argument: &str,
    word: &str,
    allowed: &[&str],
    doing: &str,
) -> Result<(), Error> {
    if allowed.contains(&word) {
        return Ok(());
    }
    Err(Error::argument(
        code,
        format!("`{argument}` cannot be `{}` to {doing}", quoted(word, 60)),
        match nearest(word, allowed) {
            Some(near) => {
                format!("Confluence does not accept this value here; did you mean `{near}`?")
            }
            None => "Confluence does not accept this value here".to_owned(),
        },
        format!("pass one of {}", listed(allowed)),
    ))
}

/// The word that was probably meant: the same but for case and separators, one that begins the
/// same, or one at most two letters away.
pub(crate) fn nearest<'a>(word: &str, allowed: &[&'a str]) -> Option<&'a str> {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .take(40)
            .collect()
    };
    let word = plain(word);
    if word.len() < 2 {
        return None;
    }
    let begins = |one: &&&str| plain(one).starts_with(&word) || word.starts_with(&plain(one));
    allowed.iter().find(begins).copied().or_else(|| {
        allowed
            .iter()
            .map(|one| (distance(&word, &plain(one)), *one))
            .min()
            .and_then(|(distance, one)| (distance <= 2).then_some(one))
    })
}

/// Letters to insert, delete or replace.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (at, one) in a.chars().enumerate() {
        let mut diagonal = at;
        let mut left = at + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(b.chars()) {
            let replaced = diagonal + usize::from(one != other);
            diagonal = *cell;
            left = replaced.min(left + 1).min(diagonal + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_that_was_meant_is_found() {
        let sorts = ["id", "created-date", "modified-date", "title"];
        for (given, meant) in [
            ("modified", Some("modified-date")),
            ("MODIFIED_DATE", Some("modified-date")),
            ("tilte", Some("title")),
            ("created", Some("created-date")),
            ("x", None),
            ("something", None),
        ] {
            assert_eq!(nearest(given, &sorts), meant, "{given}");
        }
    }
}
