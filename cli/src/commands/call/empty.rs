//! What to say of a list without items.

use host_runner::{Answer, Function};

use crate::output::Style;
use crate::report;

/// The lists that every account with access has something in.
const NEVER_EMPTY: [&str; 4] = ["list-spaces", "get-spaces", "list-pages", "get-pages"];

/// What to say where an account sees nothing at all.
pub(in crate::commands) const NOTHING_VISIBLE: &str = "nothing is visible to this account: it has no access to Confluence or to any space; open the site in a browser as this account, and ask an administrator of a space for access";

/// Says that nothing matches, to people; and, to everybody, that nothing is visible at all.
pub(in crate::commands) fn tell(
    function: &Function,
    answer: &Answer,
    style: &Style,
    is_narrowed: bool,
) {
    let is_empty = answer.items().is_some_and(<[_]>::is_empty);
    if !is_empty || answer.after().is_some() {
        return;
    }
    if !is_narrowed && NEVER_EMPTY.contains(&function.name()) {
        report::warning(NOTHING_VISIBLE);
    } else if style.format.is_table() {
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
