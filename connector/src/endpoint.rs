//! The form of a base URL.

use crate::{Error, ErrorKind, find};

/// Checks that a text can be a base URL: http or https, which may be omitted, a host, and nothing that does not belong
/// into one. A query and a fragment may follow, as in the address of a page; they mean nothing. Which schemes, hosts and paths are allowed is for the host to say.
///
/// # Errors
///
/// [`ErrorKind::InvalidEndpoint`] with the code `endpoint-empty`, `endpoint-characters`,
/// `endpoint-scheme`, `endpoint-user-info`, `endpoint-host` or `endpoint-port`. User information is not repeated.
///
/// ```
/// use confluence_connector::check_base_url;
///
/// assert!(check_base_url("https://example.atlassian.net/wiki").is_ok());
/// assert_eq!(check_base_url("ftp://example.atlassian.net").unwrap_err().code, "endpoint-scheme");
/// ```
pub fn check_base_url(text: &str) -> Result<(), Error> {
    let refuse = |code: &str, message: &str, cause: &str| {
        Err(Error::new(
            ErrorKind::InvalidEndpoint,
            code,
            message,
            cause,
            "pass the site's URL, such as `https://example.atlassian.net/wiki`",
        ))
    };
    if text.is_empty() {
        return refuse("endpoint-empty", "the endpoint is empty", "it is empty");
    }
    if text
        .chars()
        .any(|c| c.is_control() || c.is_whitespace() || c == '\\')
    {
        return refuse(
            "endpoint-characters",
            "the endpoint has blanks, control characters or backslashes",
            "it was copied with something around it",
        );
    }
    let rest = match find::split(text, "://") {
        Some((scheme, rest))
            if scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http") =>
        {
            rest
        }
        None => text,
        Some(_) => {
            return refuse(
                "endpoint-scheme",
                "the endpoint does not begin with `https://`",
                "the scheme is of another kind",
            );
        }
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return refuse(
            "endpoint-user-info",
            "the endpoint has user information before its host",
            "a name or a token precedes the `@`; pass credentials in the authorization",
        );
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(literal) => match literal.split_once(']') {
            Some((host, port)) => (host, port),
            None => ("", ""),
        },
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let literal = authority.starts_with('[');
    let named = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '_');
    let numbered = |c: char| c.is_ascii_hexdigit() || matches!(c, ':' | '.');
    let sound = !host.is_empty()
        && !host.starts_with('.')
        && !find::has(host, "..")
        && host
            .chars()
            .all(|c| if literal { numbered(c) } else { named(c) });
    if !sound {
        return refuse(
            "endpoint-host",
            "the endpoint has no host, or one that cannot be",
            "the name of the site is missing or misspelt",
        );
    }
    let port_is_sound = match port.strip_prefix(':') {
        None => port.is_empty(),
        Some(port) => {
            port.bytes().all(|b| b.is_ascii_digit())
                && port.parse::<u16>().is_ok_and(|port| port > 0)
        }
    };
    if !port_is_sound {
        return refuse(
            "endpoint-port",
            "the endpoint has a port that cannot be",
            "ports are numbers from 1 to 65535",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn endpoints_of_every_kind_of_site_are_taken() {
        for url in [
            "https://example.atlassian.net",
            "https://example.atlassian.net/wiki",
            "https://example.atlassian.net/wiki/api/v2/",
            "https://api.atlassian.com/ex/confluence/11111111-2222-3333-4444-555555555555/wiki/api/v2/",
            "http://127.0.0.1:8080/wiki",
            "http://[::1]:8080",
            "HTTPS://EXAMPLE.ATLASSIAN.NET",
            "example.atlassian.net",
            "example.atlassian.net/wiki/spaces/ENG",
            "127.0.0.1:8080",
            "https://example.atlassian.net?x=1",
            "https://example.atlassian.net/wiki/spaces/ENG/pages/98304/Design?atl_f=content#Goals",
        ] {
            check_base_url(url).unwrap();
        }
    }

    #[test]
    fn each_wrong_endpoint_has_its_own_code() {
        for (url, code) in [
            ("", "endpoint-empty"),
            (" https://a.example", "endpoint-characters"),
            ("https://a.example/\\x", "endpoint-characters"),
            ("https://a.example/\n", "endpoint-characters"),
            ("ssh://a.example", "endpoint-scheme"),
            ("me:secret@a.example", "endpoint-user-info"),
            ("mailto:a", "endpoint-port"),
            ("ftp://a.example", "endpoint-scheme"),
            ("file:///etc", "endpoint-scheme"),
            ("https://me:secret@a.example", "endpoint-user-info"),
            ("https://", "endpoint-host"),
            ("https:///wiki", "endpoint-host"),
            ("https://:80", "endpoint-host"),
            ("https://a..b", "endpoint-host"),
            ("https://a%00b", "endpoint-host"),
            ("https://[::1", "endpoint-host"),
            ("https://a.example:0", "endpoint-port"),
            ("https://a.example:99999", "endpoint-port"),
            ("https://a.example:+80", "endpoint-port"),
            ("https://[::1]x", "endpoint-port"),
        ] {
            let error = check_base_url(url).unwrap_err();
            assert_eq!(error.code, code, "{url}");
            assert_eq!(error.kind, ErrorKind::InvalidEndpoint);
            assert!(!format!("{error:?}").contains("secret"));
        }
    }
}
