//! The variables of the connection `default`.

pub(crate) const URL: &str = "CONFLUENCE_URL";
pub(crate) const USER: &str = "CONFLUENCE_USER";
pub(crate) const TOKEN: &str = "CONFLUENCE_TOKEN";

/// The value of a variable; an empty one is as good as none.
pub(crate) fn value(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The variable that is missing where another one of the connection is set.
pub(crate) fn missing() -> Option<&'static str> {
    match (value(URL), value(TOKEN)) {
        (Some(_), None) => Some(TOKEN),
        (None, Some(_)) => Some(URL),
        _ => None,
    }
}
