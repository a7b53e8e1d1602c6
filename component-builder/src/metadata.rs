//! What a component says of itself: name, version, licence, and what it was built of.
//!
//! The sections are those that `wasm-tools metadata show` and registries read: `component-name`,
//! `version`, `description`, `licenses`, and `.dep-v0`, in which `cargo audit bin` looks for
//! packages with known holes. All of it is made of the manifest, the lock file and what `cargo`
//! compiled: two builds of one state give the same bytes. The revision is not in it: it differs
//! between states that give the same component, and is added when one is packaged.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use wasm_encoder::{ComponentNameSection, ComponentSection, CustomSection};

use crate::bill::Bill;

/// Appends what a component says of itself.
pub(crate) fn append(component: &mut Vec<u8>, name: &str, description: &str, bill: &Bill) {
    let mut names = ComponentNameSection::new();
    names.component(name);
    names.append_to_component(component);
    let texts = [
        ("version", env!("CARGO_PKG_VERSION")),
        ("description", description),
        ("licenses", env!("CARGO_PKG_LICENSE")),
        ("source", env!("CARGO_PKG_REPOSITORY")),
    ];
    for (name, text) in texts {
        if !text.is_empty() {
            section(component, name, text.as_bytes());
        }
    }
    if let Ok(packages) = compressed(&bill.to_json()) {
        section(component, ".dep-v0", &packages);
    }
}

fn section(component: &mut Vec<u8>, name: &str, content: &[u8]) {
    CustomSection {
        name: name.into(),
        data: content.into(),
    }
    .append_to_component(component);
}

fn compressed(json: &str) -> std::io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(json.as_bytes())?;
    encoder.finish()
}
