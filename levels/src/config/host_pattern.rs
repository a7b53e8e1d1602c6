//! Patterns of hosts: `HOST`, `*.SUFFIX` for all hosts below a suffix, or `*` for all hosts.

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

/// Whether one of some patterns of hosts has all hosts of another.
#[must_use]
pub fn covers_host_pattern(wide: &[String], narrow: &str) -> bool {
    wide.iter().any(|wide| {
        let (wide, narrow) = (wide.to_ascii_lowercase(), narrow.to_ascii_lowercase());
        if wide == "*" || wide == narrow {
            return true;
        }
        // The hosts below a suffix of a suffix are below that suffix.
        let host = narrow.strip_prefix("*.").unwrap_or(&narrow);
        narrow != "*" && wide.starts_with("*.") && matches_host(&wide, host)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_pattern_covers_what_its_hosts_are() {
        let covers =
            |wide: &str, narrow: &str| super::covers_host_pattern(&[wide.to_owned()], narrow);
        for (wide, narrow) in [
            ("*", "*"),
            ("*", "*.a.net"),
            ("*.a.net", "*.a.net"),
            ("*.a.net", "*.B.A.net"),
            ("*.A.net", "b.a.net"),
            ("a.net", "A.net"),
        ] {
            assert!(covers(wide, narrow), "{wide} {narrow}");
        }
        for (wide, narrow) in [
            ("*.a.net", "*"),
            ("*.a.net", "a.net"),
            ("*.b.a.net", "*.a.net"),
            ("*.a.net", "*.ba.net"),
            ("a.net", "*.a.net"),
            ("b.a.net", "c.a.net"),
        ] {
            assert!(!covers(wide, narrow), "{wide} {narrow}");
        }
    }

    #[test]
    fn a_pattern_of_hosts_has_its_star_in_front() {
        for text in ["*", "*.atlassian.net", "example.atlassian.net"] {
            assert!(super::check_host_pattern(text).is_ok(), "{text}");
        }
        for text in ["", "*.", "exa*mple.net", "https://x", "a..b", "*.*.net"] {
            assert!(super::check_host_pattern(text).is_err(), "{text}");
        }
    }
}
