//! Patterns of hosts, as settings have them: `HOST`, `*.SUFFIX`, or `*` for all.

/// Checks that a text is a pattern of hosts.
///
/// # Errors
///
/// What a pattern is.
pub fn check_host_pattern(text: &str) -> Result<(), String> {
    let host = text.strip_prefix("*.").unwrap_or(text);
    let is_host = !host.is_empty()
        && host.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
    if text == "*" || is_host {
        Ok(())
    } else {
        Err("a pattern of hosts is `example.atlassian.net`, `*.atlassian.net` or `*`".to_owned())
    }
}

/// Whether a pattern of hosts has a host.
#[must_use]
pub fn matches_host(pattern: &str, host: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let (pattern, host) = (pattern.to_ascii_lowercase(), host.to_ascii_lowercase());
    match pattern.strip_prefix("*.") {
        Some(suffix) => host
            .strip_suffix(suffix)
            .is_some_and(|front| front.len() > 1 && front.ends_with('.')),
        None => pattern == host,
    }
}

#[cfg(test)]
mod tests {
    use super::check_host_pattern;

    #[test]
    fn a_pattern_of_hosts_has_its_star_in_front() {
        for text in ["*", "*.atlassian.net", "example.atlassian.net"] {
            assert!(check_host_pattern(text).is_ok(), "{text}");
        }
        for text in ["", "*.", "exa*mple.net", "https://x", "a..b", "*.*.net"] {
            assert!(check_host_pattern(text).is_err(), "{text}");
        }
    }
}
