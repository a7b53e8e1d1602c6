//! The `interface-docs` section: the WIT's documentation inside the component.
//!
//! Its content is that of `package-docs`, a section of WIT packages: a version, and JSON, which is compressed
//! with gzip here: 17 KB instead of 67. Under that name tools that
//! read the types of a component (`wasm-tools component wit`, `jco transpile`) apply it to the
//! package that they make up, `root:component`, and refuse the file with ``missing world
//! "connector"``.

use std::error::Error;
use std::io::Write as _;
use std::path::Path;

use flate2::{Compression, GzBuilder};
use wit_parser::{PackageMetadata, Resolve};

/// The section's name: none that other tools give a meaning to.
const SECTION: &str = "interface-docs";

/// Appends the documentation of the WIT package at `wit` to `component` as a custom section.
pub(crate) fn append(component: &mut Vec<u8>, wit: &Path) -> Result<(), Box<dyn Error>> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(wit)?;
    let documentation = PackageMetadata::extract(&resolve, package).encode()?;

    let mut content = Vec::new();
    leb128(&mut content, SECTION.len());
    content.extend_from_slice(SECTION.as_bytes());
    let (version, json) = documentation.split_at(1);
    content.extend_from_slice(version);
    // No time and no name: the same documentation has the same bytes.
    let mut compressed = GzBuilder::new().write(content, Compression::best());
    compressed.write_all(json)?;
    let content = compressed.finish()?;

    component.push(0);
    leb128(component, content.len());
    component.extend_from_slice(&content);
    Ok(())
}

/// Unsigned LEB128, in which WebAssembly writes lengths.
fn leb128(bytes: &mut Vec<u8>, mut value: usize) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::leb128;

    #[test]
    fn lengths_are_written_as_leb128() {
        for (value, expected) in [
            (0, vec![0]),
            (127, vec![127]),
            (128, vec![128, 1]),
            (624_485, vec![0xe5, 0x8e, 0x26]),
        ] {
            let mut bytes = Vec::new();
            leb128(&mut bytes, value);
            assert_eq!(bytes, expected);
        }
    }
}
