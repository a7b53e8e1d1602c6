//! The least scopes for functions and streams.

use confluence_connector::{FUNCTION_SCOPES, StreamDescription, streams};
use host_levels::OFFLINE_ACCESS;

/// The granular scope that the reads of REST v1 take in place of several classic ones.
const DETAILS: &str = "read:content-details:confluence";

/// Scopes to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NeededScopes {
    /// The scopes, sorted. `offline_access` is always among them.
    pub scopes: Vec<&'static str>,
}

impl NeededScopes {
    /// Whether a scope is granular. In the developer console, granular and classic scopes are on two
    /// pages.
    #[must_use]
    pub fn is_granular(scope: &str) -> bool {
        scope.matches(':').count() == 2
    }
}

/// A name that no function and no stream has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} `{name}`")]
pub struct UnknownScopeUser {
    /// `function` or `stream`.
    pub what: &'static str,
    /// The name.
    pub name: String,
    /// Names that are like it.
    pub near: Vec<String>,
}

/// The least set of scopes for some functions and streams. `None` stands for all of them, an empty
/// list for none.
///
/// ```
/// let names = ["listSpaces".to_owned()];
/// let needed = host_runner::needed_scopes(Some(&names), Some(&[]))?;
/// assert_eq!(needed.scopes, ["offline_access", "read:space:confluence"]);
/// # Ok::<(), host_runner::UnknownScopeUser>(())
/// ```
///
/// # Errors
///
/// [`UnknownScopeUser`] for a name that there is not.
pub fn needed_scopes(
    functions: Option<&[String]>,
    of_streams: Option<&[String]>,
) -> Result<NeededScopes, UnknownScopeUser> {
    let mut needs: Vec<Vec<&'static str>> = vec![vec![OFFLINE_ACCESS]];
    for name in functions.unwrap_or_default() {
        let known = FUNCTION_SCOPES
            .iter()
            .any(|row| is_named(row.function, name));
        if !known {
            let names = FUNCTION_SCOPES.iter().map(|row| row.function);
            return Err(unknown("function", name, names));
        }
    }
    for row in FUNCTION_SCOPES {
        if functions.is_none_or(|names| names.iter().any(|name| is_named(row.function, name))) {
            needs.extend(row.needs.iter().map(|need| need.to_vec()));
        }
    }
    for name in of_streams.unwrap_or_default() {
        if !all_streams().iter().any(|stream| stream.name() == name) {
            let known = all_streams();
            return Err(unknown(
                "stream",
                name,
                known.iter().map(|stream| stream.name()),
            ));
        }
    }
    for stream in all_streams() {
        if of_streams.is_none_or(|names| names.iter().any(|name| name == stream.name())) {
            for need in stream.scopes() {
                needs.extend(split(need));
            }
        }
    }
    Ok(NeededScopes {
        scopes: least(&needs),
    })
}

fn all_streams() -> Vec<StreamDescription> {
    // No setting is wrong where there is none.
    streams(&[]).map(Iterator::collect).unwrap_or_default()
}

fn is_named(function: &str, name: &str) -> bool {
    function == name || function == host_levels::text::camel_case(name)
}

fn unknown<'a>(
    what: &'static str,
    name: &str,
    names: impl Iterator<Item = &'a str>,
) -> UnknownScopeUser {
    UnknownScopeUser {
        what,
        name: name.to_owned(),
        near: host_levels::text::closest(name, names),
    }
}

/// A stream that is read by search in one pass and by REST v2 in another needs a scope for each.
fn split(need: &[&'static str]) -> Vec<Vec<&'static str>> {
    let is_search = |scope: &&&'static str| {
        **scope == DETAILS
            || **scope == "search:confluence"
            || scope.starts_with("read:confluence-")
    };
    let (search, rest): (Vec<&&'static str>, Vec<_>) = need.iter().partition(is_search);
    let owned = |scopes: Vec<&&'static str>| scopes.into_iter().copied().collect::<Vec<_>>();
    if !need.contains(&DETAILS) || rest.is_empty() {
        return vec![need.to_vec()];
    }
    vec![owned(search), owned(rest)]
}

/// Few scopes of which each need has one: those without an alternative first, then those that serve
/// the most of what is left.
fn least(needs: &[Vec<&'static str>]) -> Vec<&'static str> {
    let mut chosen: Vec<&'static str> = Vec::new();
    let singles = needs.iter().filter(|need| need.len() == 1).flatten();
    for scope in singles {
        if !chosen.contains(scope) {
            chosen.push(scope);
        }
    }
    loop {
        let left: Vec<_> = needs
            .iter()
            .filter(|need| !need.is_empty() && !need.iter().any(|scope| chosen.contains(scope)))
            .collect();
        let serves = |scope: &str| left.iter().filter(|need| need.contains(&scope)).count();
        let mut best: Option<&'static str> = None;
        for scope in left.iter().copied().flatten() {
            if best.is_none_or(|best| serves(scope) > serves(best)) {
                best = Some(scope);
            }
        }
        match best {
            Some(best) => chosen.push(best),
            None => break,
        }
    }
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use confluence_connector::FUNCTION_SCOPES;
    use host_levels::MAX_SCOPES;

    use super::{all_streams, needed_scopes};
    use crate::component::{embedded_component, outline};

    #[test]
    fn everything_needs_fewer_scopes_than_one_login_can_grant() {
        let all = needed_scopes(None, None).unwrap().scopes;
        assert!(all.len() < MAX_SCOPES, "{all:?}");
        assert!(all.contains(&"offline_access"));
        for row in FUNCTION_SCOPES {
            for need in row.needs {
                assert!(
                    need.iter().any(|scope| all.contains(scope)),
                    "{}",
                    row.function
                );
            }
        }
        for stream in all_streams() {
            for need in stream.scopes() {
                assert!(
                    need.iter().any(|scope| all.contains(scope)),
                    "{}",
                    stream.name()
                );
            }
        }
    }

    #[test]
    fn every_function_of_the_component_is_in_the_table() {
        let outlined = outline(embedded_component()).unwrap();
        let mut names: Vec<String> = outlined
            .into_iter()
            .map(|function| function.name)
            .filter(|name| name != "step" && name != "streams")
            .collect();
        names.sort();
        let table: Vec<&str> = FUNCTION_SCOPES.iter().map(|row| row.function).collect();
        assert_eq!(names, table);
    }

    #[test]
    fn names_choose_what_is_counted() {
        let of = |functions: &[&str], streams: &[&str]| {
            let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            let (functions, streams): (Vec<String>, Vec<String>) =
                (owned(functions), owned(streams));
            needed_scopes(Some(&functions), Some(&streams)).map(|needed| needed.scopes)
        };
        assert_eq!(
            of(&[], &["spaces"]).unwrap(),
            ["offline_access", "read:space:confluence"]
        );
        assert_eq!(of(&[], &[]).unwrap(), ["offline_access"]);
        assert_eq!(
            of(&["get-current-user"], &["users"]).unwrap(),
            ["offline_access", "read:confluence-user"]
        );
        assert!(
            of(&["listPage"], &[])
                .unwrap_err()
                .near
                .contains(&"listPages".to_owned())
        );
        assert_eq!(of(&[], &["space"]).unwrap_err().what, "stream");
    }
}
