//! What to say of a list without items.

use host_runner::{Answer, Function, Val};

use super::super::nothing_visible;
use crate::output::Style;
use crate::report;

/// Arguments and options that change the order, the size or the fields of a list, and not which items it
/// has.
const NOT_NARROWING: [&str; 5] = ["limit", "sort", "body-format", "mention-names", "raw"];

/// Whether arguments select some of the items that there are.
pub(in crate::commands) fn is_narrowed(function: &Function, arguments: &[Val]) -> bool {
    let parameters = function.parameters().iter().zip(arguments);
    parameters
        .map(|(parameter, value)| (parameter.name(), value))
        .any(|(name, value)| narrows(name, value))
}

fn narrows(name: &str, value: &Val) -> bool {
    match value {
        Val::Option(None) => false,
        Val::Option(Some(value)) => narrows(name, value),
        Val::Record(fields) => fields.iter().any(|(name, value)| narrows(name, value)),
        Val::List(items) => !items.is_empty(),
        _ => !NOT_NARROWING.contains(&name),
    }
}

/// Adds a notice to an empty list that no account with access finds empty.
pub(in crate::commands) fn explain(function: &Function, answer: &mut Answer) {
    let is_empty = answer.items().is_some_and(<[_]>::is_empty);
    if is_empty
        && answer.after().is_none()
        && answer.stopped().is_none()
        && let Some(message) = nothing_visible::of_function(function.name())
    {
        answer.add_notice(nothing_visible::CODE, &message);
    }
}

/// Says that nothing matches, to people, unless a notice says why.
pub(in crate::commands) fn tell(
    function: &Function,
    answer: &Answer,
    style: &Style,
    is_narrowed: bool,
) {
    let is_empty = answer.items().is_some_and(<[_]>::is_empty);
    let is_explained = !is_narrowed && nothing_visible::of_function(function.name()).is_some();
    if is_empty && answer.after().is_none() && style.format.is_table() && !is_explained {
        report::note(&format!("no {} match", noun(function.name())));
    }
}

/// What a function lists: `list-blog-posts-by-space` as `blog posts`.
fn noun(function: &str) -> String {
    let rest = function
        .strip_prefix("list-")
        .or_else(|| function.strip_prefix("get-"))
        .unwrap_or("items");
    let noun = rest.split("-by-").next().unwrap_or(rest);
    let noun = noun.split("-changed-").next().unwrap_or(noun);
    noun.replace('-', " ")
}

#[cfg(test)]
mod tests {
    use super::noun;

    #[test]
    fn functions_are_named_by_what_they_list() {
        for (function, expected) in [
            ("list-pages", "pages"),
            ("list-blog-posts-by-space", "blog posts"),
            ("get-pages-changed-since", "pages"),
            ("get-comments", "comments"),
            ("search", "items"),
        ] {
            assert_eq!(noun(function), expected);
        }
    }
}
