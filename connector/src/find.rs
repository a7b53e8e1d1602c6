//! Texts within texts. One search for all that look for one: inlined, each is 1 KB.

/// Whether `text` contains `part`.
#[inline(never)]
pub(crate) fn has(text: &str, part: &str) -> bool {
    text.contains(part)
}

/// What is before and behind the first `mark` in `text`.
#[inline(never)]
pub(crate) fn split<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    text.split_once(mark)
}
