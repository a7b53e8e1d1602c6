//! The settings of components: which one runs, who must have signed it, what it may import and must
//! export.

use host_levels::{Bound, Effective, Kind, Precedence, Setting, Source, Value};

use super::grant::{GRANTABLE, Grant, GrantError};
use super::signature::PublicKey;
use super::store::Digest;

/// The value of `component.digest` for the component that this program carries.
pub(crate) const EMBEDDED_NAME: &str = "embedded";

/// The settings of components.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting {
        key: "component.digest",
        kind: Kind::Text(digest),
        precedence: Precedence::Overrides,
        documentation: "Component to run: the SHA-256 digest of a stored component, or `embedded` for the one that is part of this program.",
        default: || Some(Value::Text(EMBEDDED_NAME.to_owned())),
    },
    Setting {
        key: "component.signed-by",
        kind: Kind::List(public_key),
        precedence: Precedence::Restricts(Bound::Within(has_key)),
        documentation: "Public keys of trusted signers: `ed25519:` and base64, or PEM. A stored component without a signature by one of them is rejected before it is compiled, each time it is loaded. An empty list rejects all stored components. The embedded component is exempt from this check.",
        default: || None,
    },
    Setting {
        key: "component.allow-imports",
        kind: Kind::List(grant),
        precedence: Precedence::Restricts(Bound::Within(grants)),
        documentation: "Interfaces that a component can import: `PACKAGE/INTERFACE`, or a package for all of its interfaces, without versions. A component that imports more is rejected before it is instantiated.",
        default: || {
            Some(Value::List(
                GRANTABLE.iter().map(|name| (*name).to_owned()).collect(),
            ))
        },
    },
    Setting {
        key: "component.require-exports",
        kind: Kind::List(interface),
        precedence: Precedence::Restricts(Bound::Contained),
        documentation: "Interfaces that a component must export, with all functions of the embedded component: `PACKAGE/INTERFACE`, without versions. A component that lacks one is rejected before it is instantiated.",
        default: || {
            Some(Value::List(vec![
                "confluence:connector/confluence-service".to_owned(),
            ]))
        },
    },
];

/// Which component runs.
#[derive(Debug)]
pub(crate) struct ComponentChoice {
    /// Its digest, or [`EMBEDDED_NAME`].
    pub(crate) component: String,
    /// Where that comes from.
    pub(crate) origin: Source,
}

impl ComponentChoice {
    /// The choice in force.
    pub(crate) fn in_force(effective: &Effective) -> Self {
        let (component, origin) = match effective.located("component.digest") {
            (Some(Value::Text(digest)), origin) => (digest, origin),
            (_, origin) => (String::new(), origin),
        };
        Self { component, origin }
    }
}

/// What a component has to have to run.
#[derive(Debug)]
pub(crate) struct ComponentPolicy {
    /// The keys of which one must have signed it, and which level says so. `None` where no level
    /// demands a signature.
    pub(crate) signers: Option<(Vec<PublicKey>, Source)>,
    /// The interfaces that it may import.
    pub(crate) imports: Grant,
    /// The names of the interfaces that it must export.
    pub(crate) exports: Vec<String>,
}

impl ComponentPolicy {
    /// The policy in force.
    ///
    /// # Errors
    ///
    /// [`GrantError`] for imports that this host does not give.
    pub(crate) fn in_force(effective: &Effective) -> Result<Self, GrantError> {
        let signers = match effective.located("component.signed-by") {
            (Some(Value::List(keys)), demand) => {
                // Files are read strictly, so that each one parses.
                let keys = keys.iter().filter_map(|key| key.parse().ok()).collect();
                Some((keys, demand))
            }
            _ => None,
        };
        Ok(Self {
            signers,
            imports: Grant::in_force(effective)?,
            exports: effective.list("component.require-exports"),
        })
    }
}

impl Grant {
    /// The imports that are granted in force.
    ///
    /// # Errors
    ///
    /// [`GrantError`] for imports that this host does not give.
    pub(crate) fn in_force(effective: &Effective) -> Result<Self, GrantError> {
        Self::parse(&effective.list("component.allow-imports"))
    }
}

fn digest(text: &str) -> Result<(), String> {
    if text == EMBEDDED_NAME {
        return Ok(());
    }
    text.parse::<Digest>()
        .map(drop)
        .map_err(|error| format!("{error}; or `{EMBEDDED_NAME}`"))
}

fn public_key(text: &str) -> Result<(), String> {
    text.parse::<PublicKey>()
        .map(drop)
        .map_err(|error| error.to_string())
}

fn grant(text: &str) -> Result<(), String> {
    Grant::parse(&[text.to_owned()])
        .map(drop)
        .map_err(|error| error.to_string())
}

fn interface(text: &str) -> Result<(), String> {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let parts = text
        .split_once('/')
        .and_then(|(package, name)| Some((package.split_once(':')?, name)));
    match parts {
        Some(((namespace, package), name))
            if [namespace, package, name].into_iter().all(is_word) =>
        {
            Ok(())
        }
        _ => Err("an interface is `NAMESPACE:PACKAGE/INTERFACE`, without a version".to_owned()),
    }
}

/// Whether a list of keys has a key, however either is written.
fn has_key(wide: &[String], narrow: &str) -> bool {
    let key = |text: &str| text.parse::<PublicKey>().ok();
    let narrow = key(narrow);
    narrow.is_some() && wide.iter().any(|wide| key(wide) == narrow)
}

/// Whether grants together have everything that one has.
fn grants(wide: &[String], narrow: &str) -> bool {
    match (Grant::parse(wide), Grant::parse(&[narrow.to_owned()])) {
        (Ok(wide), Ok(narrow)) => wide.has_all_of(&narrow),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::grants;

    #[test]
    fn grants_together_cover_a_package() {
        let texts = |texts: &[&str]| -> Vec<String> {
            texts.iter().map(|text| (*text).to_owned()).collect()
        };
        let parts = texts(&["wasi:io/error", "wasi:io/poll", "wasi:io/streams"]);
        assert!(grants(&parts, "wasi:io"));
        assert!(!grants(&parts, "wasi:http"));
        assert!(grants(&texts(&["wasi:io"]), "wasi:io/poll"));
        assert!(!grants(
            &texts(&["wasi:io/error", "wasi:io/poll"]),
            "wasi:io"
        ));
    }
}
