//! A name for a file, made of one that a stranger chose.

/// Longest name, in bytes. Most file systems take 255; some that encrypt names take fewer.
const MAX_BYTES: usize = 200;

/// Longest end that is kept as an extension when a name is cut, in bytes, with its dot.
const MAX_EXTENSION: usize = 20;

/// Names that Windows takes for devices, whatever stands behind a dot.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// What a title becomes as the last component of a path. `otherwise` is the name where nothing is
/// left of the title.
///
/// Separators, what Windows reserves, and characters that steer a terminal or the direction of
/// writing become `_`. A name does not begin with a dot, which hides it, nor with a dash, which
/// makes it an option, and ends in neither a dot nor a blank, which Windows drops.
#[must_use]
pub fn safe(title: &str, otherwise: &str) -> String {
    let name = cleaned(title);
    if !name.is_empty() {
        return name;
    }
    let name = cleaned(otherwise);
    if name.is_empty() {
        "attachment".to_owned()
    } else {
        name
    }
}

fn cleaned(title: &str) -> String {
    let plain: String = title
        .chars()
        .map(|c| if is_unsafe(c) { '_' } else { c })
        .collect();
    let edge = |c: char| c == '.' || c.is_whitespace();
    let mut name = shortened(plain.trim_matches(edge))
        .trim_end_matches(edge)
        .to_owned();
    // Nothing but what stands for what was taken out.
    if name.chars().all(|c| c == '_') {
        return String::new();
    }
    if name.starts_with('-') || is_device(&name) {
        name.insert(0, '_');
    }
    name
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
        // Line ends, marks that turn the direction of writing around, and what has no width.
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
        // Other forms of dots and slashes, which some systems turn into the plain ones.
        || matches!(c, '\u{2024}'..='\u{2026}' | '\u{2044}' | '\u{2215}' | '\u{ff0e}' | '\u{ff0f}' | '\u{ff3c}')
}

fn is_device(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_lowercase();
    let numbered = |port: &str| {
        stem.strip_prefix(port).is_some_and(|rest| {
            let mut chars = rest.chars();
            matches!(chars.next(), Some('0'..='9' | '¹' | '²' | '³')) && chars.next().is_none()
        })
    };
    DEVICES.contains(&stem.as_str()) || numbered("com") || numbered("lpt")
}

/// The name in [`MAX_BYTES`], with its extension.
fn shortened(name: &str) -> String {
    if name.len() <= MAX_BYTES {
        return name.to_owned();
    }
    let extension = name
        .rfind('.')
        .and_then(|dot| name.get(dot..))
        .filter(|extension| extension.len() <= MAX_EXTENSION)
        .unwrap_or_default();
    let mut stem = String::new();
    for c in name.chars() {
        if stem.len() + c.len_utf8() + extension.len() > MAX_BYTES {
            break;
        }
        stem.push(c);
    }
    stem + extension
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use super::{MAX_BYTES, safe};

    #[test]
    fn a_usual_name_stays_as_it_is() {
        for name in [
            "angie.svg",
            "Größen & Maße.pdf",
            "議事録 7.docx",
            "budget 2026 (final).xlsx",
            "100% done.zip",
            "a_b-c.tar.gz",
            "_",
        ] {
            let wanted = if name == "_" { "att1" } else { name };
            assert_eq!(safe(name, "att1"), wanted);
        }
    }

    #[test]
    fn a_hostile_name_becomes_a_plain_one() {
        for (title, wanted) in [
            ("", "att1"),
            ("   ", "att1"),
            (".", "att1"),
            ("..", "att1"),
            ("...", "att1"),
            ("/", "att1"),
            ("\0", "att1"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("..\\..\\boot.ini", "_.._boot.ini"),
            ("/etc/passwd", "_etc_passwd"),
            ("C:\\Windows\\win.ini", "C__Windows_win.ini"),
            ("file:///etc/passwd", "file____etc_passwd"),
            (".bashrc", "bashrc"),
            (".ssh/authorized_keys", "ssh_authorized_keys"),
            ("-rf", "_-rf"),
            ("a\0b", "a_b"),
            ("a\nb\r\u{1b}[2Jc", "a_b__[2Jc"),
            ("gpj\u{202e}exe.jpg", "gpj_exe.jpg"),
            ("a\u{ff0f}b\u{2215}c", "a_b_c"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("Com1.log", "_Com1.log"),
            ("lpt\u{b9}", "_lpt\u{b9}"),
            ("console.txt", "console.txt"),
            ("name. . .", "name"),
            ("notes+questions?.txt", "notes+questions_.txt"),
            ("angle <brackets>.svg", "angle _brackets_.svg"),
        ] {
            assert_eq!(safe(title, "att1"), wanted, "{title:?}");
        }
        assert_eq!(safe("..", "../x"), "_x");
        assert_eq!(safe("..", "/"), "attachment");
    }

    #[test]
    fn a_name_is_one_component_of_a_path_whatever_the_title() {
        let parts = [
            "..", "/", "\\", "a", ".", "\u{202e}", "é", "-", " ", "\n", "con", "\u{2025}",
        ];
        for one in parts {
            for two in parts {
                for three in parts {
                    let title = format!("{one}{two}{three}");
                    let name = safe(&title, "att1");
                    let mut components = Path::new(&name).components();
                    assert!(
                        matches!(components.next(), Some(Component::Normal(_))),
                        "{title:?}: {name:?}"
                    );
                    assert!(components.next().is_none(), "{title:?}: {name:?}");
                    assert!(!name.contains(['\\', '\n', '\u{202e}']), "{name:?}");
                    assert!(!name.starts_with(['.', '-', ' ']), "{name:?}");
                }
            }
        }
    }

    #[test]
    fn a_long_name_is_cut_before_its_extension() {
        let name = safe(&format!("{}.pdf", "é".repeat(4_000)), "att1");
        assert!(
            name.len() <= MAX_BYTES && name.len() > MAX_BYTES - 4,
            "{}",
            name.len()
        );
        assert!(name.ends_with("é.pdf"), "{name}");
        let name = safe(&format!("a.{}", "x".repeat(4_000)), "att1");
        assert_eq!(name.len(), MAX_BYTES);
    }
}
