//! Paths of requests that every server and every proxy reads alike.
//!
//! What is in front of a site may decode a path before it looks for dots, decode it twice, drop
//! parameters (`..;x`, as Tomcat does), read bytes that are no UTF-8 as dots (`%c0%ae`), or end at a
//! NUL. A path that could be read in two ways is refused: none of Confluence's needs it.

/// Whether a path means the same to whoever decodes it once, twice or not at all: it stays where it
/// says that it is.
///
/// Decoded once it is UTF-8 of letters, digits, ASCII punctuation and blanks, without a percent
/// sign, a backslash or a slash that was encoded, and no segment is made of dots.
#[must_use]
pub fn is_unambiguous(path: &str) -> bool {
    decoded(path).is_some_and(|path| path.split('/').all(stays))
}

/// The same, and without parameters or empty segments, as all paths of Confluence's REST interface.
pub(crate) fn is_plain(path: &str) -> bool {
    is_unambiguous(path)
        && decoded(path).is_some_and(|path| !path.contains(';') && !path.contains("//"))
}

/// A path decoded once, if a second decoding would find nothing.
fn decoded(path: &str) -> Option<String> {
    let mut bytes = path.bytes();
    let mut decoded = Vec::with_capacity(path.len());
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let (high, low) = (digit(bytes.next()?)?, digit(bytes.next()?)?);
                let byte = u8::try_from(high * 16 + low).ok()?;
                if matches!(byte, b'/' | b'%') {
                    return None;
                }
                byte
            }
            byte if byte.is_ascii_graphic() => byte,
            _ => return None,
        };
        decoded.push(byte);
    }
    let decoded = String::from_utf8(decoded).ok()?;
    decoded.chars().all(is_read_alike).then_some(decoded)
}

/// Whether a character is none that some read as another: `．` and `／`, which some take for a dot
/// and a slash, are no letters.
fn is_read_alike(character: char) -> bool {
    match character {
        '\\' => false,
        ' ' => true,
        _ if character.is_ascii() => character.is_ascii_graphic(),
        _ => character.is_alphanumeric(),
    }
}

/// Whether a segment leads nowhere else, whatever is made of its parameters and its blanks.
fn stays(segment: &str) -> bool {
    segment.split(';').all(|part| {
        let part = part.trim_matches(' ');
        part.is_empty() || part.chars().any(|character| character != '.')
    })
}

#[cfg(test)]
mod tests {
    use super::{is_plain, is_unambiguous};

    /// Each is hostile in place of a segment.
    const HOSTILE: &[&str] = &[
        ".",
        "..",
        "...",
        "%2e%2e",
        "%2E.",
        ".%2e",
        // As two bytes, three bytes, and in the writing of IIS.
        "%c0%ae%c0%ae",
        "%c0%2e",
        "%e0%80%ae",
        "%u002e%u002e",
        "%uff0e",
        // With an end in the middle, and other controls.
        "..%00",
        "%00..",
        "a%00b",
        "..%0d%0a",
        "..%09",
        "a%7f",
        "a%1b",
        // U+0085, U+200B, U+202E, U+FEFF.
        "..%c2%85",
        "..%e2%80%8b",
        "%e2%80%ae",
        "%ef%bb%bf..",
        // Twice, and three times.
        "%252e%252e",
        "%25252e",
        "%25",
        "a%2525b",
        "%%32%65",
        // Slashes and what is read as one.
        "..%2f",
        "a%2fb",
        "a%2Fb",
        "a%255cb",
        "..%5c",
        "..\\",
        "a\\b",
        "a%5Cb",
        "%c0%af",
        // U+FF0E, U+2024, U+FF0F, U+2215, U+FF3C, U+2100.
        "%ef%bc%8e%ef%bc%8e",
        "%e2%80%a4%e2%80%a4",
        "a%ef%bc%8fb",
        "a%e2%88%95b",
        "a%ef%bc%bcb",
        "%e2%84%80",
        // Parameters.
        "..;",
        "..;x",
        "..;x=1",
        "%2e%2e%3bx",
        ".;",
        "a;..",
        "a;%2e%2e",
        // Blanks around dots, which some file systems drop.
        "..%20",
        "%20..",
        "..%20;x",
        // No encoding at all.
        "%",
        "%2",
        "%zz",
        "a%-1",
        "%+2",
        "%80",
        "%ff%fe",
        "%ed%a0%80",
        "a b",
        "ä",
    ];

    #[test]
    fn a_path_that_could_be_read_in_two_ways_is_refused() {
        for segment in HOSTILE {
            for path in [
                format!("/wiki/api/v2/{segment}/admin"),
                format!("/wiki/api/v2/{segment}"),
                format!("/{segment}/wiki/api/v2/pages"),
            ] {
                assert!(!is_unambiguous(&path), "{path}");
                assert!(!is_plain(&path), "{path}");
            }
        }
        for path in ["/wiki/api/v2//pages", "/a;x/b", "/a%3bx=1"] {
            assert!(!is_plain(path), "{path}");
        }
    }

    #[test]
    fn what_confluence_has_passes() {
        for path in [
            "/wiki/api/v2/pages",
            "/wiki/api/v2/pages/",
            "/ex/confluence/11111111-2222-3333-4444-555555555555/wiki/api/v2/spaces/98304",
            "/wiki/rest/api/content/98304/restriction/byOperation/read",
            "/wiki/rest/api/content/98304/child/attachment/att65700/download",
            "/wiki/rest/api/space/~557058%3Aaaaa",
            "/wiki/rest/api/content/1/property/a.b..c",
            "/wiki/rest/api/group/site%20admins/member",
            "/wiki/rest/api/label/%C3%A4rger",
            "/wiki/rest/api/label/%E6%97%A5%E6%9C%AC",
        ] {
            assert!(is_plain(path), "{path}");
        }
        for path in ["/a;x=1/b", "/v1//b", "/a%3bx"] {
            assert!(is_unambiguous(path), "{path}");
        }
    }
}
