//! The documentation that a component carries in its `package-docs` section.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The section's name.
const SECTION: &str = "package-docs";

/// The documentation of a component's interfaces, or nothing where it carries none.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Documentation {
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
        section(component)
            .and_then(|content| content.split_first())
            .and_then(|(_version, json)| serde_json::from_slice(json).ok())
            .unwrap_or_default()
    }

    /// The documentation of a function of an interface given as `package:name/interface@version`.
    pub(super) fn function(&self, interface: &str, function: &str) -> Option<&str> {
        let interface = interface
            .rsplit_once('/')
            .map_or(interface, |(_, name)| name);
        let interface = interface
            .split_once('@')
            .map_or(interface, |(name, _)| name);
        match self.interfaces.get(interface)?.funcs.get(function)? {
            Item::Text(text) => Some(text),
            Item::Record { docs } => docs.as_deref(),
        }
    }
}

/// Walks the top-level sections of a component to the one with the documentation. Sections are
/// an id, a length as LEB128, and so many bytes: the walk reads a dozen of them.
fn section(component: &[u8]) -> Option<&[u8]> {
    let mut rest = component.get(8..)?;
    loop {
        let (id, after) = rest.split_first()?;
        let (length, after) = leb128(after)?;
        let (content, after) = after.split_at_checked(length)?;
        rest = after;
        if *id == 0 {
            let (length, content) = leb128(content)?;
            let (name, content) = content.split_at_checked(length)?;
            if name == SECTION.as_bytes() {
                return Some(content);
            }
        }
    }
}

fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0usize;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(index + 1..)?));
        }
    }
    None
}
