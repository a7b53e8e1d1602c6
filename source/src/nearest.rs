//! The names that a wrong one was probably meant to be.

/// What an error says about names that there are: the nearest of them, or all where none is near.
#[must_use]
pub fn known_names(wanted: &str, what: &str, names: &[String]) -> String {
    let near = nearest(wanted, names);
    if !near.is_empty() {
        return format!("did you mean `{}`?", near.join("` or `"));
    }
    if names.is_empty() {
        return "there are none".to_owned();
    }
    format!("{what} are `{}`", names.join("`, `"))
}

/// Up to three names that are alike enough to be meant, the nearest first.
fn nearest<'a>(wanted: &str, names: &'a [String]) -> Vec<&'a str> {
    /// Likeness from which a name may be meant, of 1: `pagess` and `pages` have 0.97, `tags` and
    /// `pages` 0.78.
    const ALIKE: f64 = 0.8;
    let wanted = wanted.to_lowercase().replace('-', "_");
    let mut scored: Vec<(f64, &str)> = names
        .iter()
        .map(|name| {
            let contained =
                wanted.len() >= 3 && (name.contains(&wanted) || wanted.contains(name.as_str()));
            let score = strsim::jaro_winkler(&wanted, name);
            (
                if contained { score.max(ALIKE) } else { score },
                name.as_str(),
            )
        })
        .filter(|(score, _)| *score >= ALIKE)
        .collect();
    scored.sort_by(|one, other| other.0.total_cmp(&one.0));
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::known_names;

    fn said(wanted: &str, names: &[&str]) -> String {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        known_names(wanted, "streams", &names)
    }

    #[test]
    fn the_nearest_names_are_named_and_all_where_none_is_near() {
        let names = ["spaces", "pages", "page_labels", "blog_posts"];
        assert_eq!(said("pagess", &names), "did you mean `pages`?");
        assert_eq!(said("Blog-Posts", &names), "did you mean `blog_posts`?");
        assert_eq!(
            said("xyz", &names),
            "streams are `spaces`, `pages`, `page_labels`, `blog_posts`"
        );
        assert_eq!(said("xyz", &[]), "there are none");
    }
}
