//! The documentation that a component carries in its `interface-docs` section.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::section;
use super::shown::start;

/// The section's name.
pub(super) const SECTION: &str = "interface-docs";

/// Maximum length of the documentation of one function, in bytes: what follows is left out. The
/// connector's longest has 3 KB. Functions of several interfaces may share one text.
const MAX_FUNCTION_BYTES: usize = 16 * 1024;

/// The documentation of a component's interfaces, or nothing where it carries none.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Documentation {
    #[serde(default)]
    docs: Option<String>,
    #[serde(default)]
    interfaces: BTreeMap<String, Interface>,
}

#[derive(Debug, Default, Deserialize)]
struct Interface {
    #[serde(default)]
    funcs: BTreeMap<String, Item>,
}

/// Written as a bare text, or with more beside it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Item {
    Text(String),
    Record { docs: Option<String> },
}

impl Documentation {
    /// Reads the section of a component. Documentation is a courtesy: a section that is absent
    /// or of another version gives none.
    pub(super) fn of(component: &[u8]) -> Self {
        section::find(component, SECTION)
            .and_then(|content| content.split_first())
            .and_then(|(_version, json)| serde_json::from_slice(json).ok())
            .unwrap_or_default()
    }

    /// The documentation of the component's package.
    pub(super) fn package(&self) -> Option<&str> {
        self.docs.as_deref()
    }

    /// The documentation of a function of an interface given as `package:name/interface@version`.
    pub(super) fn function(&self, interface: &str, function: &str) -> Option<&str> {
        let interface = interface
            .rsplit_once('/')
            .map_or(interface, |(_, name)| name);
        let interface = interface
            .split_once('@')
            .map_or(interface, |(name, _)| name);
        let text = match self.interfaces.get(interface)?.funcs.get(function)? {
            Item::Text(text) => text.as_str(),
            Item::Record { docs } => docs.as_deref()?,
        };
        Some(start(text, MAX_FUNCTION_BYTES))
    }
}
