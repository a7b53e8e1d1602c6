//! Cuts a text that is too long where it hurts least.

use std::ops::Range;

/// Where a text is cut, best first: between paragraphs, rows or lines, sentences, words.
const SEPARATORS: [&str; 5] = ["\n\n", "\n", ". ", ", ", " "];

/// The pieces of a stretch of a document, none of them longer than `max` characters. `max` is at
/// least 1.
pub(crate) fn pieces(document: &str, range: Range<usize>, max: usize) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    cut(document, range, max, &SEPARATORS, &mut pieces);
    pieces
}

fn cut(
    document: &str,
    range: Range<usize>,
    max: usize,
    separators: &[&str],
    pieces: &mut Vec<Range<usize>>,
) {
    let text = document.get(range.clone()).unwrap_or_default();
    if !is_longer(text, max) {
        pieces.push(range);
        return;
    }
    let Some((separator, finer)) = separators.split_first() else {
        every(text, range.start, max, pieces);
        return;
    };
    let mut start = range.start;
    let mut end = range.start;
    let mut length = 0;
    for part in text.split_inclusive(separator) {
        let chars = part.chars().count();
        if length + chars > max && end > start {
            pieces.push(start..end);
            start = end;
            length = 0;
        }
        end += part.len();
        length += chars;
        if length > max {
            cut(document, start..end, max, finer, pieces);
            // What is left of it may be short: the next part goes into a piece of its own all the
            // same, which keeps this function simple.
            start = end;
            length = 0;
        }
    }
    if end > start {
        pieces.push(start..end);
    }
}

/// A text without any separator, such as an encoded file.
fn every(text: &str, offset: usize, max: usize, pieces: &mut Vec<Range<usize>>) {
    let mut start = 0;
    for (count, (at, _)) in text.char_indices().enumerate() {
        if count > 0 && count % max == 0 {
            pieces.push(offset + start..offset + at);
            start = at;
        }
    }
    pieces.push(offset + start..offset + text.len());
}

/// Whether a text has more characters than `max`, without counting all of a long one.
pub(crate) fn is_longer(text: &str, max: usize) -> bool {
    text.len() > max && text.chars().nth(max).is_some()
}
