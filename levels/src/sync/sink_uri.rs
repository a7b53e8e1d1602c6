//! Where a sync writes to, as a file names it: `KIND:PLACE`.

/// Checks that a text is `KIND:PLACE` and contains no password. Which kinds there are, the program that
/// opens it knows.
///
/// # Errors
///
/// What is wrong with it, without repeating it: it may contain a password.
pub fn check_sink_uri(text: &str) -> Result<(), String> {
    let Some((kind, place)) = text.split_once(':') else {
        return Err("a sink is `KIND:PLACE`, such as `sqlite:site.db`".to_owned());
    };
    let is_kind = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-');
    if kind.is_empty() || place.is_empty() || !kind.chars().all(is_kind) {
        return Err("a sink is `KIND:PLACE`, such as `sqlite:site.db`".to_owned());
    }
    if text.chars().any(char::is_control) {
        return Err("it has control characters".to_owned());
    }
    let Some(rest) = place.strip_prefix("//") else {
        return Ok(());
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let user = authority.rsplit_once('@').map(|(user, _)| user);
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    let is_secret = |parameter: &str| {
        let name = parameter.split('=').next().unwrap_or_default();
        let name = name.to_ascii_lowercase();
        ["password", "secret", "token"]
            .iter()
            .any(|word| name.contains(word))
    };
    if user.is_some_and(|user| user.contains(':')) || query.split('&').any(is_secret) {
        return Err(
            "it contains a password; remove it, and set `PGPASSWORD` or use `~/.pgpass`".to_owned(),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_sink_uri;

    #[test]
    fn a_sink_with_a_password_is_refused_and_not_repeated() {
        for text in [
            "postgresql://me:sesame@db/wiki",
            "postgresql://db/wiki?password=sesame",
            "postgresql://db/wiki?schema=a&PASSWORD=sesame",
        ] {
            let wrong = check_sink_uri(text).err().unwrap_or_default();
            assert!(
                wrong.contains("password") && !wrong.contains("sesame"),
                "{text}"
            );
        }
        for text in ["", "site.db", "sqlite:", ":x", "a b:x", "sqlite:a\nb"] {
            assert!(check_sink_uri(text).is_err(), "{text}");
        }
        for text in [
            "sqlite:site.db",
            "jsonl+zst:/data/site",
            "postgresql://me@db:5432/wiki?schema=docs",
        ] {
            assert_eq!(check_sink_uri(text), Ok(()), "{text}");
        }
    }
}
