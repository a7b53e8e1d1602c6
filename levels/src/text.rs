//! Names and foreign text: how names are spelled in JSON and in the contract, which name was
//! probably meant, and what of a foreign text may be shown.

/// A name of the contract as it stands in JSON and in columns: `space-ids` as `spaceIds`.
#[must_use]
pub fn camel_case(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.chars() {
        if c == '-' {
            upper = true;
        } else if upper {
            text.extend(c.to_uppercase());
            upper = false;
        } else {
            text.push(c);
        }
    }
    text
}

/// `spaceIds` and `space_ids` as `space-ids`.
#[must_use]
pub fn kebab_case(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c == '_' || c == '-' {
            text.push('-');
        } else if c.is_uppercase() {
            if !text.is_empty() && !text.ends_with('-') {
                text.push('-');
            }
            text.extend(c.to_lowercase());
        } else {
            text.push(c);
        }
    }
    text
}

/// Up to three names that are most like `wanted`, and alike enough to be meant.
#[must_use]
pub fn closest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    /// Likeness from which a name may be meant, of 1. `listSpace` and `listSpaces` have 0.98,
    /// `spaces` and `list-spaces` about 0.5, which is why a contained word counts too.
    const ALIKE: f64 = 0.8;
    let mut scored: Vec<(f64, &str)> = names
        .map(|name| {
            let contained = wanted.len() >= 3 && (name.contains(wanted) || wanted.contains(name));
            let score = strsim::jaro_winkler(wanted, name);
            (if contained { score.max(ALIKE) } else { score }, name)
        })
        .filter(|(score, _)| *score >= ALIKE)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.dedup_by_key(|(_, name)| *name);
    scored
        .into_iter()
        .take(3)
        .map(|(_, name)| name.to_owned())
        .collect()
}

/// The first `max` characters of a foreign text, safe to be shown in a terminal: without
/// control characters, and without those that turn the direction of what follows them.
#[must_use]
pub fn printable(text: &str, max: usize) -> String {
    text.chars()
        .take(max)
        .map(|c| {
            if c.is_alphanumeric() || c.is_ascii_graphic() || c == ' ' {
                c
            } else {
                char::REPLACEMENT_CHARACTER
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{camel_case, closest, kebab_case, printable};

    #[test]
    fn names_translate_both_ways() {
        for (kebab, camel) in [
            ("list-blog-posts-by-space", "listBlogPostsBySpace"),
            ("set-api-url-and-auth", "setApiUrlAndAuth"),
            ("ids", "ids"),
        ] {
            assert_eq!(camel_case(kebab), camel);
            assert_eq!(kebab_case(camel), kebab);
            assert_eq!(kebab_case(kebab), kebab);
        }
        assert_eq!(kebab_case("space_ids"), "space-ids");
    }

    #[test]
    fn the_nearest_name_comes_first() {
        let names = ["list-spaces", "list-pages", "list-tasks", "test-connection"];
        assert_eq!(
            closest("list-space", names.into_iter())
                .first()
                .map(String::as_str),
            Some("list-spaces")
        );
        assert_eq!(
            closest("pages", names.into_iter())
                .first()
                .map(String::as_str),
            Some("list-pages")
        );
        assert!(closest("qqqqqq", names.into_iter()).is_empty());
    }

    #[test]
    fn text_is_shown_without_what_a_terminal_obeys() {
        assert_eq!(printable("rustc 1.95 (é, 中)", 80), "rustc 1.95 (é, 中)");
        assert_eq!(
            printable("a\u{7}\n\u{9b}\u{2066}b", 80),
            "a\u{fffd}\u{fffd}\u{fffd}\u{fffd}b"
        );
        assert_eq!(printable("中中中", 2), "中中");
    }
}
