//! Which imports of a component a level grants.
//!
//! The linker refuses what this host cannot give. A grant is narrower: what one level's component
//! may use of it. Without grants, a component that was meant to compute could send requests with
//! its level's authorization.

use std::collections::BTreeSet;

use host_levels::text::printable;

/// Everything that this host gives: what its linker is filled with.
pub const GRANTABLE: &[&str] = &[
    "confluence:connector/settings",
    "wasi:http/outgoing-handler",
    "wasi:http/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
];

/// Most edits between a name and the one that was meant. A slip of the hand is one or two; from
/// three on, `wasi:clocks` becomes `wasi:io` and `incoming-handler` soon `outgoing-handler`,
/// which are other things.
const MAX_EDITS: usize = 2;

/// Most characters of what was given that an error repeats. The longest that can be granted has
/// 29.
const REPEATED_CHARACTERS: usize = 80;

/// The interfaces that a component may import. Versions are not part of a grant: the linker
/// decides which of them this host gives.
///
/// An empty grant grants nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Grant(BTreeSet<&'static str>);

/// Why a text grants nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GrantError {
    /// It names no interface and no package.
    #[error("`{name}` names no interface and no package; {}{}", grantable(), suggestion(.nearest))]
    Malformed {
        /// What was given.
        name: String,
        /// The name that it is most like, when it is like one.
        nearest: Option<&'static str>,
    },
    /// It has a version.
    #[error(
        "`{name}` has a version, but grants apply to all versions: omit the `@` and everything after it; {}",
        grantable()
    )]
    Versioned {
        /// What was given.
        name: String,
    },
    /// This host does not give it.
    #[error("`{name}` cannot be granted, because this host does not provide it; {}{}", grantable(), suggestion(.nearest))]
    Unavailable {
        /// What was given.
        name: String,
        /// The name that it is most like, when it is like one.
        nearest: Option<&'static str>,
    },
}

fn suggestion(nearest: &Option<&'static str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

fn grantable() -> String {
    format!(
        "what can be granted is `{}`, or with the package's name alone all of these in one package, such as `wasi:io`",
        GRANTABLE.join("`, `")
    )
}

impl Grant {
    /// Reads what a level grants: interfaces such as `wasi:http/types`, and packages such as
    /// `wasi:io`, which stand for what [`GRANTABLE`] has of them.
    ///
    /// # Errors
    ///
    /// [`GrantError::Malformed`] for what has not the form `namespace:package/interface` or
    /// `namespace:package`, [`GrantError::Versioned`] for `wasi:io@0.2.3`, and
    /// [`GrantError::Unavailable`] for `wasi:filesystem` and all else that this host does not
    /// give.
    pub(crate) fn parse(names: &[String]) -> Result<Self, GrantError> {
        let mut granted = BTreeSet::new();
        for name in names {
            let mut named = GRANTABLE
                .iter()
                .copied()
                .filter(|interface| *interface == name || package(interface) == name)
                .peekable();
            if named.peek().is_none() {
                return Err(refusal(name));
            }
            granted.extend(named);
        }
        Ok(Self(granted))
    }

    /// Whether it grants everything that another one grants.
    #[must_use]
    pub(crate) fn has_all_of(&self, other: &Self) -> bool {
        self.0.is_superset(&other.0)
    }

    /// The imports that are not granted, sorted, each once. They are given as declared, with or
    /// without a version; one that is no interface, such as `host-log`, is never granted.
    #[must_use]
    pub(crate) fn surplus(&self, imports: &[String]) -> Vec<String> {
        let surplus: BTreeSet<_> = imports
            .iter()
            .filter(|import| !self.0.contains(without_version(import)))
            .cloned()
            .collect();
        surplus.into_iter().collect()
    }
}

/// `wasi:http` of `wasi:http/types`.
fn package(interface: &str) -> &str {
    interface
        .split_once('/')
        .map_or(interface, |(package, _)| package)
}

/// The import without `@0.2.3`. What follows an `@` without being a version stays, so that it
/// matches nothing.
fn without_version(import: &str) -> &str {
    match import.split_once('@') {
        Some((name, version))
            if version.starts_with(|first: char| first.is_ascii_digit())
                && version
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+')) =>
        {
            name
        }
        _ => import,
    }
}

fn refusal(name: &str) -> GrantError {
    let repeated = printable(name, REPEATED_CHARACTERS);
    let (bare, version) = match name.split_once('@') {
        Some((bare, version)) => (bare, Some(version)),
        None => (name, None),
    };
    if !is_well_formed(bare) {
        GrantError::Malformed {
            nearest: nearest(&repeated),
            name: repeated,
        }
    } else if version.is_some() {
        GrantError::Versioned { name: repeated }
    } else {
        GrantError::Unavailable {
            nearest: nearest(&repeated),
            name: repeated,
        }
    }
}

/// Whether this is `namespace:package` or `namespace:package/interface`, each in kebab case.
fn is_well_formed(name: &str) -> bool {
    let (package, interface) = match name.split_once('/') {
        Some((package, interface)) => (package, Some(interface)),
        None => (name, None),
    };
    let is_kebab = |text: &str| {
        text.split('-').all(|word| {
            word.starts_with(|first: char| first.is_ascii_lowercase())
                && word
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        })
    };
    package
        .split_once(':')
        .is_some_and(|(namespace, package)| is_kebab(namespace) && is_kebab(package))
        && interface.is_none_or(is_kebab)
}

/// The name that was most likely meant: one that ends in what was given, such as `settings`, or
/// differs from it by a slip of the hand.
fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    let candidates = || {
        GRANTABLE
            .iter()
            .flat_map(|interface| [package(interface), interface])
    };
    let ends_in_it = candidates().find(|candidate| {
        candidate
            .strip_suffix(name.as_str())
            .is_some_and(|rest| rest.ends_with([':', '/']))
    });
    ends_in_it.or_else(|| {
        candidates()
            .map(|candidate| (strsim::osa_distance(&name, candidate), candidate))
            .min_by_key(|(edits, _)| *edits)
            .filter(|(edits, _)| *edits <= MAX_EDITS)
            .map(|(_, candidate)| candidate)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{GRANTABLE, Grant, GrantError};

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn grant(list: &[&str]) -> Grant {
        Grant::parse(&names(list)).unwrap()
    }

    fn refused(name: &str) -> GrantError {
        Grant::parse(&names(&["wasi:io", name])).unwrap_err()
    }

    /// What the connector imports.
    const CONNECTOR: [&str; 6] = [
        "confluence:connector/settings@0.3.0",
        "wasi:http/outgoing-handler@0.2.3",
        "wasi:http/types@0.2.3",
        "wasi:io/error@0.2.3",
        "wasi:io/poll@0.2.3",
        "wasi:io/streams@0.2.3",
    ];

    #[test]
    fn an_empty_grant_grants_nothing() {
        assert_eq!(grant(&[]), Grant::default());
        assert_eq!(grant(&[]).surplus(&names(&CONNECTOR)), CONNECTOR);
        assert_eq!(grant(&[]).surplus(&[]), Vec::<String>::new());
    }

    #[test]
    fn everything_that_can_be_granted_is_what_the_connector_needs() {
        assert_eq!(grant(GRANTABLE).surplus(&names(&CONNECTOR)), names(&[]));
        assert_eq!(
            grant(&["wasi:io", "wasi:http", "confluence:connector"]),
            grant(GRANTABLE)
        );
    }

    #[test]
    fn a_package_grants_what_this_host_gives_of_it_and_an_interface_itself() {
        assert_eq!(
            grant(&["wasi:io", "wasi:http/types"]).surplus(&names(&CONNECTOR)),
            [
                "confluence:connector/settings@0.3.0",
                "wasi:http/outgoing-handler@0.2.3"
            ]
        );
        assert_eq!(
            grant(&["wasi:http"]).surplus(&names(&["wasi:http/incoming-handler@0.2.3"])),
            ["wasi:http/incoming-handler@0.2.3"]
        );
    }

    #[test]
    fn naming_something_twice_grants_it_once() {
        assert_eq!(
            grant(&["wasi:io/poll", "wasi:io", "wasi:io", "wasi:io/poll"]),
            grant(&["wasi:io"])
        );
    }

    #[test]
    fn versions_of_imports_do_not_matter() {
        for import in [
            "wasi:io/poll",
            "wasi:io/poll@0.2.3",
            "wasi:io/poll@0.2",
            "wasi:io/poll@1.0.0-rc.1+build-5",
        ] {
            assert_eq!(grant(&["wasi:io"]).surplus(&names(&[import])), names(&[]));
        }
    }

    #[test]
    fn what_only_resembles_a_granted_import_is_surplus() {
        let imports = [
            "",
            "@0.2.3",
            "host-log",
            "locked-dep=<wasi:io/poll@0.2.3>",
            "poll",
            "url=<wasi:io/poll>",
            "wasi:io",
            "wasi:io/",
            "wasi:io/poll ",
            "wasi:io/poll/more",
            "wasi:io/poll@",
            "wasi:io/poll@0.2.3/more",
            "wasi:io/poll@0.2.3@0.2.3",
            "wasi:io/poll@evil",
            "wasi:io/polling@0.2.3",
            "wasi:iota/poll@0.2.3",
        ];
        assert_eq!(grant(GRANTABLE).surplus(&names(&imports)), imports);
    }

    #[test]
    fn surplus_imports_are_sorted_and_told_once() {
        assert_eq!(
            grant(&["wasi:io"]).surplus(&names(&["z", "a", "wasi:io/poll@0.2.3", "z"])),
            ["a", "z"]
        );
    }

    #[test]
    fn what_this_host_does_not_give_cannot_be_granted() {
        for name in [
            "wasi:filesystem",
            "wasi:sockets",
            "wasi:sockets/tcp",
            "wasi:clocks",
            "wasi:cli/environment",
            "wasi:http/incoming-handler",
            "confluence:connector/confluence-service",
        ] {
            let error = refused(name);
            assert_eq!(
                error,
                GrantError::Unavailable {
                    name: name.to_owned(),
                    nearest: None
                }
            );
            let error = error.to_string();
            assert!(
                GRANTABLE.iter().all(|interface| error.contains(interface)),
                "{error}"
            );
        }
    }

    #[test]
    fn a_slip_of_the_hand_is_answered_with_the_name_that_was_meant() {
        for (name, meant) in [
            ("wasi:htpp", "wasi:http"),
            ("wasi:http/type", "wasi:http/types"),
            ("wasi:http/outgoing_handler", "wasi:http/outgoing-handler"),
            ("WASI:IO", "wasi:io"),
            ("wasi/io", "wasi:io"),
            (" wasi:io/streams\n", "wasi:io/streams"),
            ("settings", "confluence:connector/settings"),
            ("http/types", "wasi:http/types"),
            ("types", "wasi:http/types"),
            ("io", "wasi:io"),
        ] {
            let error = refused(name);
            let (GrantError::Unavailable { nearest, .. } | GrantError::Malformed { nearest, .. }) =
                &error
            else {
                unreachable!("{error}")
            };
            assert_eq!(*nearest, Some(meant), "{name}");
            assert!(
                error
                    .to_string()
                    .contains(&format!("did you mean `{meant}`?")),
                "{error}"
            );
        }
    }

    #[test]
    fn a_version_in_a_grant_is_told_to_be_left_out() {
        for name in ["wasi:io@0.2.3", "wasi:http/types@0.2.3", "wasi:sockets@1"] {
            assert!(matches!(refused(name), GrantError::Versioned { .. }));
        }
    }

    #[test]
    fn what_names_no_interface_is_malformed() {
        for name in [
            "",
            ":",
            "*",
            "wasi",
            "wasi:",
            "wasi:*",
            "wasi:io/",
            "wasi:io/*",
            "wasi:io/poll/more",
            "wasi:io:poll",
            "wasi:-io",
            "wasi:io-",
            "wasi:io poll",
            "wasi:ío",
            "@0.2.3",
        ] {
            assert!(
                matches!(refused(name), GrantError::Malformed { .. }),
                "{name}"
            );
        }
        let error = refused(&"\u{1b}".repeat(1_000_000)).to_string();
        assert!(error.len() < 800 && !error.contains('\u{1b}'), "{error}");
    }
}
