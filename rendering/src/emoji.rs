//! Emoji and emoticons as characters.

/// Emoticons of the storage format and short names of Atlassian's own emoji.
const NAMES: [(&str, &str); 40] = [
    ("atlassian-blue_star", "⭐"),
    ("blue-star", "⭐"),
    ("broken-heart", "💔"),
    ("check_mark", "✅"),
    ("cheeky", "😛"),
    ("cross", "❌"),
    ("cross_mark", "❌"),
    ("green-star", "⭐"),
    ("heart", "❤️"),
    ("heavy_minus_sign", "➖"),
    ("heavy_plus_sign", "➕"),
    ("info", "ℹ️"),
    ("information", "ℹ️"),
    ("laugh", "😀"),
    ("light-off", "💡"),
    ("light-on", "💡"),
    ("light_bulb_off", "💡"),
    ("light_bulb_on", "💡"),
    ("minus", "➖"),
    ("plus", "➕"),
    ("question", "❓"),
    ("question_mark", "❓"),
    ("red-star", "⭐"),
    ("rocket", "🚀"),
    ("sad", "🙁"),
    ("slight_frown", "🙁"),
    ("slight_smile", "🙂"),
    ("smile", "🙂"),
    ("smiley", "😃"),
    ("star", "⭐"),
    ("tada", "🎉"),
    ("thumbs-down", "👎"),
    ("thumbs-up", "👍"),
    ("thumbsdown", "👎"),
    ("thumbsup", "👍"),
    ("tick", "✅"),
    ("warning", "⚠️"),
    ("wink", "😉"),
    ("yellow-star", "⭐"),
    ("yellow_star", "⭐"),
];

/// The best form of an emoji: its own characters, those of its code points (`1f600` or
/// `1f1e9-1f1ea`), those of its name, or its short name.
pub(crate) fn emoji(own: Option<&str>, code_points: Option<&str>, name: &str) -> String {
    if let Some(own) = own.filter(|own| !own.is_empty() && !own.is_ascii()) {
        return own.to_owned();
    }
    if let Some(characters) = code_points.and_then(from_code_points) {
        return characters;
    }
    let bare = name.trim_matches(':');
    let known = NAMES
        .binary_search_by(|(known, _)| (*known).cmp(bare))
        .ok()
        .and_then(|at| NAMES.get(at));
    match known {
        Some((_, characters)) => (*characters).to_owned(),
        None if bare.is_empty() => own.unwrap_or_default().to_owned(),
        None => format!(":{bare}:"),
    }
}

fn from_code_points(text: &str) -> Option<String> {
    let characters: Option<String> = text
        .split('-')
        .map(|code| {
            u32::from_str_radix(code, 16)
                .ok()
                .and_then(char::from_u32)
                .filter(|character| !character.is_ascii())
        })
        .collect();
    characters.filter(|characters| characters.len() <= 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted() {
        assert!(NAMES.is_sorted());
    }

    #[test]
    fn the_best_known_form_is_taken() {
        assert_eq!(emoji(Some("😀"), Some("1f601"), ":x:"), "😀");
        assert_eq!(emoji(Some(":x:"), Some("1f1e9-1f1ea"), ":x:"), "🇩🇪");
        assert_eq!(
            emoji(None, Some("atlassian-check_mark"), ":check_mark:"),
            "✅"
        );
        assert_eq!(emoji(None, None, "thumbs-up"), "👍");
        assert_eq!(
            emoji(None, Some("9b2a-uuid"), ":partyparrot:"),
            ":partyparrot:"
        );
        assert_eq!(emoji(Some(":)"), None, ""), ":)");
    }
}
