//! Ids and keys.

use std::collections::BTreeSet;

use crate::{Error, address, error::quoted, find};

/// A numeric id in its plain form, without leading zeros.
///
/// # Errors
///
/// `id-malformed`, with what the text seems to be instead.
pub(crate) fn id(argument: &str, text: &str) -> Result<String, Error> {
    let digits = (1..=19).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse::<i64>() {
        Ok(number) if digits => Ok(number.to_string()),
        _ => Err(malformed_id(argument, text)),
    }
}

/// Whether a text is a numeric id.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=19).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_digit())
        && text.parse::<i64>().is_ok()
}

/// The id of an attachment: `att` and a number.
pub(crate) fn attachment(argument: &str, text: &str) -> Result<String, Error> {
    if text.strip_prefix("att").is_some_and(is_id) {
        return Ok(text.to_owned());
    }
    Err(Error::argument(
        "attachment-id-malformed",
        format!(
            "`{argument}` is `{}`, which is not an attachment id",
            quoted(text, 60)
        ),
        "ids of attachments are `att` and 1 to 19 digits",
        "pass the `id` of the attachment from a list, such as `att295053`; `file-id` is another id",
    ))
}

/// The id of a group.
pub(crate) fn group(argument: &str, text: &str) -> Result<String, Error> {
    if is_plain(text, &['-']) && text.is_ascii() {
        return Ok(text.to_owned());
    }
    Err(Error::argument(
        "group-id-malformed",
        format!(
            "`{argument}` is `{}`, which is not a group id",
            quoted(text, 60)
        ),
        "ids of groups are UUIDs; names are not accepted",
        "pass the `id` of the group; `get-groups` lists ids and names",
    ))
}

/// A space by id or key. What is all digits is an id.
pub(crate) fn space(argument: &str, text: &str) -> Result<String, Error> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return id(argument, text);
    }
    key(argument, text)
}

/// Spaces by id or key, each once.
pub(crate) fn spaces(argument: &str, texts: &[String]) -> Result<Vec<String>, Error> {
    distinct(
        texts,
        |text| space(argument, text),
        |space: &String| space.to_ascii_lowercase(),
    )
}

fn malformed_id(argument: &str, text: &str) -> Error {
    let all_digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (cause, resolution) = if text.is_empty() {
        ("a variable that it comes from is not set", "pass an id")
    } else if all_digits {
        (
            "it is larger than any id of Confluence",
            "ids are at most 9223372036854775807; check for a digit too many",
        )
    } else if text.starts_with("att") {
        (
            "it is an attachment's id, and a numeric id is needed here",
            "pass the id of the page or space; the attachment's `page-id` contains it",
        )
    } else if find::has(text, "://") || text.contains('/') {
        (
            "it is a link without an id, such as one with the title, or a link to another kind of item",
            "open it in a browser and pass the resulting address, or the number after `/pages/` in it",
        )
    } else if text
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '~' | '_' | '-' | '.' | ':'))
        && !text.starts_with('-')
    {
        (
            "it looks like a key or a name, and a numeric id is needed here",
            "pass the digits from the link, such as those after `/pages/`; keys are accepted for spaces only",
        )
    } else {
        (
            "ids are 1 to 19 digits",
            "pass only digits, without signs and spaces",
        )
    };
    Error::argument(
        "id-malformed",
        format!("`{argument}` is `{}`, which is not an id", quoted(text, 60)),
        cause,
        resolution,
    )
}

/// The id of a piece of content, given as it is or as an address: that of its page in a browser, or
/// a short link.
pub(crate) fn content(argument: &str, text: &str) -> Result<String, Error> {
    match address::content(text) {
        Some(found) => Ok(found.id),
        None => id(argument, text),
    }
}

/// Ids of content, each once, in the order of their first mention.
pub(crate) fn contents(argument: &str, texts: &[String]) -> Result<Vec<String>, Error> {
    distinct(texts, |text| content(argument, text), |id| id.clone())
}

/// Space keys, each once. Confluence does not tell their case apart.
pub(crate) fn keys(argument: &str, texts: &[String]) -> Result<Vec<String>, Error> {
    distinct(
        texts,
        |text| key(argument, text),
        |key: &String| key.to_ascii_lowercase(),
    )
}

fn key(argument: &str, text: &str) -> Result<String, Error> {
    if is_plain(text, &['~', '_', '-', '.', ':']) {
        return Ok(text.to_owned());
    }
    Err(Error::argument(
        "key-malformed",
        format!(
            "`{argument}` is `{}`, which is not a space key",
            quoted(text, 60)
        ),
        "keys are 1 to 255 letters and digits; personal spaces have keys that start with `~`",
        "pass the key after `/spaces/` in the link of the space",
    ))
}

/// Words for the status of a task.
const STATUS_WORDS: [&str; 6] = [
    "complete",
    "incomplete",
    "open",
    "completed",
    "done",
    "closed",
];

/// Refuses the status of a task in the position of another argument, with the code that belongs to
/// that.
fn no_task_status(code: &str, argument: &str, text: &str) -> Result<(), Error> {
    if !STATUS_WORDS.contains(&text) {
        return Ok(());
    }
    Err(Error::argument(
        code,
        format!("`{argument}` is `{text}`, which is the status of a task"),
        "`status` is a later parameter",
        format!("pass `{text}` as `status`, and omit `{argument}`"),
    ))
}

/// Checks the spaces of tasks for what is the status of one. Keys that are such a word have capitals.
pub(crate) fn spaces_of_tasks(argument: &str, spaces: &[String]) -> Result<(), Error> {
    let mut spaces = spaces.iter();
    spaces.try_for_each(|space| no_task_status("key-malformed", argument, space))
}

/// Account ids, each once.
pub(crate) fn accounts(argument: &str, texts: &[String]) -> Result<Vec<String>, Error> {
    let check = |text: &str| {
        // No account id is such a word, however it is written.
        no_task_status("account-id-malformed", argument, &text.to_ascii_lowercase())?;
        // An id of content, or a date, in a wrong position: the tasks of nobody.
        let is_number_or_date =
            text.len() < 20 && text.chars().all(|c| c.is_ascii_digit() || c == '-');
        if is_account(text) && !is_number_or_date {
            return Ok(text.to_owned());
        }
        Err(Error::argument(
            "account-id-malformed",
            format!(
                "`{argument}` is `{}`, which is not an account id",
                quoted(text, 60)
            ),
            if text.contains('@') {
                "it looks like an e-mail address, and Confluence filters by account id only"
            } else {
                "account ids are letters, digits, `:` and `-`, such as `712020:` and a UUID"
            },
            "pass the account id; the link of the user's profile contains it",
        ))
    };
    distinct(texts, check, |account: &String| account.clone())
}

/// Whether a text can be the id of an account.
pub(crate) fn is_account(text: &str) -> bool {
    is_plain(text, ACCOUNT_MARKS)
}

/// What account ids have beside letters and digits.
const ACCOUNT_MARKS: &[char] = &['_', '-', '.', ':'];

fn is_plain(text: &str, also: &[char]) -> bool {
    !text.is_empty()
        && text.chars().count() <= 255
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || also.contains(&c))
}

fn distinct(
    texts: &[String],
    check: impl Fn(&str) -> Result<String, Error>,
    identity: impl Fn(&String) -> String,
) -> Result<Vec<String>, Error> {
    let mut known = BTreeSet::new();
    let mut values = Vec::with_capacity(texts.len());
    for text in texts {
        let value = check(text)?;
        if known.insert(identity(&value)) {
            values.push(value);
        }
    }
    Ok(values)
}
