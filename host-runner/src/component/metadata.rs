//! What a component's package says of itself: name, version, licence, source, revision, and the
//! packages that it was built of.

use std::io::Read as _;

use flate2::read::ZlibDecoder;
use serde::{Deserialize, Serialize};
use wasmparser::{ComponentName, KnownCustom, Parser, Payload};

use super::section;
use host_levels::text::printable;

/// Most characters of one text. A description may have some, a revision has 40.
const TEXT_CHARACTERS: usize = 300;

/// Most bytes of the bill of materials, unpacked. The connector's has 3 KB; 1 GB packs into 1 MB.
const BILL_BYTES: u64 = 1024 * 1024;

/// Most packages that are told.
const MAX_PACKAGES: usize = 5_000;

/// What a component says of itself, by its own account. What it does not say is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Metadata {
    /// Its name.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Its licence, as an SPDX expression.
    pub licenses: Option<String>,
    /// Where its source code is.
    pub source: Option<String>,
    /// The state of the source code that it was built from.
    pub revision: Option<String>,
    /// The packages that it was built of, sorted, such as `serde 1.0.228`.
    pub packages: Vec<String>,
}

/// The bill of materials as `cargo auditable` writes it.
#[derive(Debug, Deserialize)]
struct Bill {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    version: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    kind: Option<String>,
}

impl Metadata {
    /// Reads what the component with these bytes says of itself. They have been inspected: their
    /// nesting is known to be bounded.
    #[must_use]
    pub fn of(component: &[u8]) -> Self {
        let text = |name: &str| {
            let text = std::str::from_utf8(section::find(component, name)?).ok()?;
            Some(printable(text, TEXT_CHARACTERS))
        };
        Self {
            name: name(component),
            version: text("version"),
            description: text("description"),
            licenses: text("licenses"),
            source: text("source"),
            revision: text("revision"),
            packages: section::find(component, ".dep-v0")
                .and_then(packages)
                .unwrap_or_default(),
        }
    }
}

/// The component's name, of the names that its name section has.
fn name(component: &[u8]) -> Option<String> {
    let mut depth = 0u32;
    for payload in Parser::new(0).parse_all(component) {
        match payload.ok()? {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CustomSection(section) if depth == 1 => {
                if let KnownCustom::ComponentName(names) = section.as_known() {
                    return names.into_iter().find_map(|name| match name {
                        Ok(ComponentName::Component { name, .. }) => {
                            Some(printable(name, TEXT_CHARACTERS))
                        }
                        _ => None,
                    });
                }
            }
            _ => {}
        }
    }
    None
}

fn packages(section: &[u8]) -> Option<Vec<String>> {
    let mut json = Vec::new();
    ZlibDecoder::new(section)
        .take(BILL_BYTES)
        .read_to_end(&mut json)
        .ok()?;
    let bill: Bill = serde_json::from_slice(&json).ok()?;
    let told = bill.packages.into_iter().take(MAX_PACKAGES).map(|package| {
        let mut text = format!("{} {}", package.name, package.version);
        if !matches!(package.source.as_str(), "" | "crates.io") {
            text.push_str(&format!(" ({})", package.source));
        }
        if let Some(kind) = package.kind {
            text.push_str(&format!(" [{kind}]"));
        }
        printable(&text, TEXT_CHARACTERS)
    });
    Some(told.collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::{BILL_BYTES, Metadata};
    use crate::component::{embedded_component, section};

    fn component(sections: &[(&str, &[u8])]) -> Vec<u8> {
        let mut component = wat::parse_str("(component)").unwrap();
        for (name, content) in sections {
            section::append(&mut component, name, content);
        }
        component
    }

    fn packed(json: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(json).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_component_that_says_nothing_has_no_metadata() {
        assert_eq!(Metadata::of(&component(&[])), Metadata::default());
    }

    #[test]
    fn what_is_nested_says_nothing_of_the_whole() {
        let mut whole = component(&[("version", b"1")]);
        let inner = component(&[("version", b"2"), ("revision", b"3")]);
        let mut outer = component(&[]);
        // A nested component: section 4.
        outer.push(4);
        outer.push(u8::try_from(inner.len()).unwrap());
        outer.extend(inner);
        assert_eq!(Metadata::of(&outer), Metadata::default());
        section::append(&mut whole, "version", b"4");
        assert_eq!(Metadata::of(&whole).version.as_deref(), Some("1"));
    }

    #[test]
    fn a_bill_that_is_damaged_or_a_bomb_is_none() {
        // A bill behind 50 MB of blanks.
        let mut bomb = vec![b' '; usize::try_from(BILL_BYTES).unwrap() * 50];
        bomb.extend(br#"{"packages":[{"name":"a","version":"1.0.0"}]}"#);
        let bomb = packed(&bomb);
        assert!((bomb.len() as u64) < BILL_BYTES);
        for section in [&b"x"[..], &packed(b"{}"), &packed(b"[1]"), &bomb] {
            assert!(
                Metadata::of(&component(&[(".dep-v0", section)]))
                    .packages
                    .is_empty()
            );
        }
        let bill = packed(
            br#"{"packages":[{"name":"a\u001b[1m","version":"1.0.0","source":"git","kind":"build"}]}"#,
        );
        let packages = Metadata::of(&component(&[(".dep-v0", &bill)])).packages;
        assert_eq!(packages, ["a\u{fffd}[1m 1.0.0 (git) [build]"]);
    }

    #[test]
    fn the_connector_says_what_it_is_and_of_what_it_was_built() {
        let metadata = Metadata::of(embedded_component());
        assert_eq!(metadata.name.as_deref(), Some("confluence-connector"));
        assert_eq!(metadata.version.as_deref(), Some(env!("CARGO_PKG_VERSION")));
        assert_eq!(metadata.licenses.as_deref(), Some("Apache-2.0"));
        assert_eq!(metadata.revision, None);
        let has = |start: &str, end: &str| {
            metadata
                .packages
                .iter()
                .any(|package| package.starts_with(start) && package.ends_with(end))
        };
        assert!(has("confluence-component 0.3.0 (local)", ")"));
        assert!(has("serde_json 1.", ""));
        assert!(has("syn 2.", "[build]") && !has("serde_json 1.", "[build]"));
        assert!(!has("wasmtime", ""));
    }
}
