//! The documentation that a component carries in its `interface-docs` section.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::OnceLock;

use flate2::read::GzDecoder;
use serde::Deserialize;

use super::section;
use super::shown::start;

/// The section's name.
pub(super) const SECTION: &str = "interface-docs";

/// Maximum length of the documentation of one function, in bytes: what follows is left out. The
/// connector's longest has 3 KB. Functions of several interfaces may share one text.
const MAX_FUNCTION_BYTES: usize = 16 * 1024;

/// What gzip begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Maximum size of the section's JSON, in bytes, once it is decompressed: the connector's has 67 KB.
const MAX_SECTION_BYTES: u64 = 1 << 20;

/// The documentation of a component's interfaces, or nothing where it carries none. It is read once somebody asks
/// for it: decompressing it takes 3 % of a process that makes one call.
#[derive(Debug)]
pub(super) struct Documentation {
    section: Vec<u8>,
    content: OnceLock<Content>,
}

#[derive(Debug, Default, Deserialize)]
struct Content {
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

/// Reads JSON, which may be compressed with gzip.
fn parse(json: &[u8]) -> Option<Content> {
    if !json.starts_with(&GZIP) {
        return serde_json::from_slice(json).ok();
    }
    let mut text = Vec::new();
    let mut reader = GzDecoder::new(json).take(MAX_SECTION_BYTES + 1);
    reader.read_to_end(&mut text).ok()?;
    if text.len() as u64 > MAX_SECTION_BYTES {
        return None;
    }
    serde_json::from_slice(&text).ok()
}

impl Documentation {
    /// That of a component. Documentation is a courtesy: a section that is absent or of another version
    /// gives none.
    pub(super) fn of(component: &[u8]) -> Self {
        Self {
            section: section::find(component, SECTION)
                .unwrap_or_default()
                .to_vec(),
            content: OnceLock::new(),
        }
    }

    fn content(&self) -> &Content {
        self.content.get_or_init(|| {
            let json = self.section.split_first();
            json.and_then(|(_version, json)| parse(json))
                .unwrap_or_default()
        })
    }

    /// The documentation of the component's package.
    pub(super) fn package(&self) -> Option<&str> {
        self.content().docs.as_deref()
    }

    /// The documentation of a function of an interface given as `package:name/interface@version`.
    pub(super) fn function(&self, interface: &str, function: &str) -> Option<&str> {
        self.content().function(interface, function)
    }
}

impl Content {
    fn function(&self, interface: &str, function: &str) -> Option<&str> {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::io::Write as _;

    use flate2::{Compression, GzBuilder};

    use super::{MAX_SECTION_BYTES, parse};

    fn compressed(json: &[u8]) -> Vec<u8> {
        let mut writer = GzBuilder::new().write(Vec::new(), Compression::best());
        writer.write_all(json).unwrap();
        writer.finish().unwrap()
    }

    #[test]
    fn documentation_is_read_compressed_or_not() {
        let json = br#"{"interfaces":{"one":{"funcs":{"list":"Lists."}}}}"#;
        for section in [json.to_vec(), compressed(json)] {
            let documentation = parse(&section).unwrap();
            assert_eq!(
                documentation.function("a:b/one@0.1.0", "list"),
                Some("Lists.")
            );
        }
    }

    #[test]
    fn documentation_that_grows_without_end_is_left_out() {
        let blanks = usize::try_from(MAX_SECTION_BYTES).unwrap();
        let json = [b"{}".as_slice(), &vec![b' '; blanks]].concat();
        assert!(parse(&compressed(&json)).is_none());
        let mut cut = compressed(b"{}");
        cut.truncate(cut.len() - 9);
        assert!(parse(&cut).is_none());
    }
}
