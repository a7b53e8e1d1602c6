//! References to characters, by name and by number.

mod names;

use std::borrow::Cow;

/// Longest name or number that is looked for behind `&`. The longest of HTML 4 is `thetasym`.
const LONGEST: usize = 32;

/// What HTML reads in 0x80 to 0x9f, where old editors left numbers of Windows-1252.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// What is wrong with a reference.
pub(crate) enum Wrong<'a> {
    /// It has an unknown name.
    Unknown(&'a str),
    /// It is only an `&`, or the number of no character.
    Stray,
}

/// `text` with its references resolved. What cannot be resolved stays, and `wrong` hears of it.
pub(crate) fn decode<'a>(text: &'a str, wrong: &mut dyn FnMut(Wrong<'_>)) -> Cow<'a, str> {
    let Some(mut at) = text.find('&') else {
        return Cow::Borrowed(text);
    };
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let (before, reference) = rest.split_at(at);
        decoded.push_str(before);
        match resolve(reference) {
            Ok((character, length)) => {
                decoded.push(character);
                rest = reference.get(length..).unwrap_or_default();
            }
            Err(reason) => {
                wrong(reason);
                decoded.push('&');
                rest = reference.get(1..).unwrap_or_default();
            }
        }
        match rest.find('&') {
            Some(next) => at = next,
            None => break,
        }
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

/// The character that `text`, which begins with `&`, stands for, and the length of the reference.
fn resolve(text: &str) -> Result<(char, usize), Wrong<'_>> {
    let body = text.get(1..).unwrap_or_default();
    let end = body
        .bytes()
        .take(LONGEST)
        .position(|byte| !byte.is_ascii_alphanumeric() && byte != b'#')
        .filter(|&end| end > 0 && body.as_bytes().get(end) == Some(&b';'))
        .ok_or(Wrong::Stray)?;
    let name = body.get(..end).unwrap_or_default();
    let character = match name.strip_prefix('#') {
        Some(number) => number_of(number).ok_or(Wrong::Stray)?,
        None => named(name).ok_or(Wrong::Unknown(name))?,
    };
    Ok((character, end + 2))
}

fn number_of(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    let windows = code
        .checked_sub(0x80)
        .and_then(|at| WINDOWS.get(at as usize));
    windows.copied().or_else(|| char::from_u32(code))
}

fn named(name: &str) -> Option<char> {
    let at = names::NAMES
        .binary_search_by(|(known, _)| (*known).cmp(name))
        .ok()?;
    names::NAMES.get(at).map(|(_, character)| *character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> (String, usize) {
        let mut wrong = 0;
        let decoded = decode(text, &mut |_| wrong += 1).into_owned();
        (decoded, wrong)
    }

    #[test]
    fn names_are_sorted_so_that_each_is_found() {
        for (name, character) in names::NAMES {
            assert_eq!(named(name), Some(character), "{name}");
        }
    }

    #[test]
    fn names_and_numbers_are_resolved_once() {
        assert_eq!(
            decoded("&auml;&rsquo;&lt;b&gt;&amp;nbsp;&#233;&#xE9;&#x1F600;&#150;"),
            ("ä’<b>&nbsp;éé😀–".to_owned(), 0)
        );
    }

    #[test]
    fn what_cannot_be_resolved_stays() {
        for text in [
            "&",
            "a & b",
            "&;",
            "&nosuch;",
            "&amp",
            "&#;",
            "&#xD800;",
            "&#99999999999;",
            "&&",
        ] {
            let (stays, wrong) = decoded(text);
            assert_eq!(stays, text);
            assert!(wrong > 0);
        }
    }
}
