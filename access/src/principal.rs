//! Who can pass a layer.

use std::fmt;

/// The class of all accounts that may use the product.
pub(crate) const LICENSED: &str = "all-licensed-users";

/// Somebody, or everybody of a kind, that a layer lets pass.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Principal {
    /// Everybody of a kind: `all-licensed-users`, `anonymous-users`, …. Who belongs to it is not in a
    /// copy.
    Class(String),
    /// The members of a group, by id. A group that is deleted has none.
    Group(String),
    /// An account, by id.
    User(String),
    /// A principal of a kind that this version does not know. Nobody passes as it.
    Other(String, String),
}

impl Principal {
    /// The principal that Confluence describes with a type and an id.
    pub(crate) fn of(kind: &str, id: &str) -> Self {
        let word = |text: &str| text.to_ascii_lowercase().replace('_', "-");
        match word(kind).as_str() {
            "user" => Self::User(id.to_owned()),
            "group" => Self::Group(id.to_owned()),
            "access-class" => Self::Class(word(id)),
            kind => Self::Other(kind.to_owned(), id.to_owned()),
        }
    }

    /// The principal of a text such as `group:ID`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once(':')?;
        Some(match kind {
            "user" => Self::User(id.to_owned()),
            "group" => Self::Group(id.to_owned()),
            "class" => Self::Class(id.to_owned()),
            kind => Self::Other(kind.to_owned(), id.to_owned()),
        })
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Class(name) => write!(f, "class:{name}"),
            Self::Group(id) => write!(f, "group:{id}"),
            Self::User(id) => write!(f, "user:{id}"),
            Self::Other(kind, id) => write!(f, "{kind}:{id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Principal;

    #[test]
    fn principals_are_read_as_they_are_written() {
        for (kind, id, text) in [
            ("user", "712020:1", "user:712020:1"),
            ("GROUP", "a", "group:a"),
            (
                "ACCESS_CLASS",
                "ALL_LICENSED_USERS",
                "class:all-licensed-users",
            ),
            (
                "access-class",
                "all-licensed-users",
                "class:all-licensed-users",
            ),
            ("robot", "x", "robot:x"),
        ] {
            let principal = Principal::of(kind, id);
            assert_eq!(principal.to_string(), text);
            assert_eq!(Principal::parse(text), Some(principal));
        }
    }
}
