//! The contract as a package that registries of WIT take.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::Path;

use confluence_component_builder::{compare, wit_package};
use wit_component::DecodedWasm;
use wit_parser::Resolve;

#[test]
fn the_contract_is_a_valid_package_with_its_documentation_and_comes_back_as_it_was() {
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    let bytes = wit_package(&wit).unwrap();
    assert_eq!(bytes, wit_package(&wit).unwrap(), "the same bytes twice");
    let DecodedWasm::WitPackage(decoded, id) = wit_component::decode(&bytes).unwrap() else {
        panic!("a component and not a package");
    };
    let mut source = Resolve::default();
    let (package, _) = source.push_dir(&wit).unwrap();
    assert_eq!(
        decoded.packages[id].name.to_string(),
        source.packages[package].name.to_string()
    );
    let changes = compare((&source, package), (&decoded, id));
    assert!(
        changes.broken.is_empty() && changes.added.is_empty(),
        "{changes:#?}"
    );
    // Every function, type, field and case that is documented in the source is documented there.
    let documented = |resolve: &Resolve, id| {
        let package = &resolve.packages[id];
        let mut found = Vec::new();
        for (name, interface) in &package.interfaces {
            let interface = &resolve.interfaces[*interface];
            found.push((name.clone(), interface.docs.contents.clone()));
            for (function, it) in &interface.functions {
                found.push((format!("{name}.{function}"), it.docs.contents.clone()));
            }
            for (ty, it) in &interface.types {
                found.push((
                    format!("{name}.{ty}"),
                    resolve.types[*it].docs.contents.clone(),
                ));
            }
        }
        found.sort();
        found
    };
    let (theirs, ours) = (documented(&decoded, id), documented(&source, package));
    assert_eq!(theirs, ours);
    let undocumented: Vec<&String> = ours
        .iter()
        .filter(|(name, docs)| docs.is_none() && name.contains('.'))
        .map(|(name, _)| name)
        .collect();
    assert!(ours.len() > 80, "{}", ours.len());
    // What an interface uses of another one is documented there.
    for name in undocumented {
        assert!(
            !name.starts_with("types.") && !name.starts_with("settings."),
            "{name}"
        );
    }
}
