//! The name section, with names that people read.
//!
//! Without names a trap says `unreachable` and nothing else. As the compiler writes them they are
//! mangled, with a hash at the end, and make up a tenth of the module; demangled they say more
//! in half the space.

use rustc_demangle::demangle;
use wasm_encoder::{Component, Module, NameMap, NameSection, RawSection};
use wasmparser::{BinaryReaderError, KnownCustom, Name, Parser, Payload};

/// Longest name that is kept, in bytes: 4 bytes more of each are 3 KB. Beyond it are mostly lists
/// of type parameters.
const NAME_BYTES: usize = 26;

/// What nearly every name would begin with.
const OURS: [&str; 2] = ["confluence:connector/", "confluence_"];

/// Crates of the guests, as names begin with them.
const CRATES: [&str; 4] = ["connector", "rendering", "component", "provider"];

/// What is generated between the guest and the host. Cut, its names are all the same.
const GENERATED: [&str; 2] = ["component::bindings::", "cabi_post_"];

/// Whether a name is that of a function of a guest: of generated code and of the libraries below, a trap
/// shows the place in the guest that called them.
fn is_of_a_guest(name: &str) -> bool {
    let start = name.trim_start_matches(['<', '&', '(', '[']);
    let start = start.strip_prefix("mut ").unwrap_or(start);
    if GENERATED.iter().any(|name| start.starts_with(name)) {
        return false;
    }
    let behind = CRATES.iter().find_map(|name| start.strip_prefix(name));
    // An export is the function of an interface: `confluence#search`.
    behind.is_some_and(|behind| behind.starts_with("::")) || name.contains('#')
}

/// Answers `module` with the demangled names of the guest's functions, and without other names.
pub(crate) fn demangled(module: &[u8]) -> Result<Vec<u8>, BinaryReaderError> {
    let mut written = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Payload::CustomSection(section) = &payload
            && let KnownCustom::Name(names) = section.as_known()
        {
            let mut functions = NameMap::new();
            for name in names {
                if let Name::Function(map) = name? {
                    for naming in map {
                        let naming = naming?;
                        let name = readable(naming.name);
                        if is_of_a_guest(&name) {
                            functions.append(naming.index, &name);
                        }
                    }
                }
            }
            let mut section = NameSection::new();
            section.functions(&functions);
            written.section(&section);
        } else if let Some((id, range)) = payload.as_section() {
            written.section(&RawSection {
                id,
                data: module.get(range).unwrap_or_default(),
            });
        }
    }
    Ok(written.finish())
}

/// Answers `component` without the names of its own items, which no trap ever shows.
pub(crate) fn without_component_names(component: &[u8]) -> Result<Vec<u8>, BinaryReaderError> {
    let mut written = Component::new();
    let mut depth = 0u32;
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload?;
        match &payload {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        // What is nested has been copied with the section around it.
        let outer = match &payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth == 1,
            Payload::CustomSection(section) => depth == 1 && section.name() != "component-name",
            Payload::Version { .. } | Payload::End(_) => false,
            _ => depth == 1,
        };
        if outer && let Some((id, range)) = payload.as_section() {
            written.section(&RawSection {
                id,
                data: component.get(range).unwrap_or_default(),
            });
        }
    }
    Ok(written.finish())
}

fn readable(mangled: &str) -> String {
    let mut name = format!("{:#}", demangle(mangled));
    for ours in OURS {
        name = name.replace(ours, "");
    }
    // `confluence@0.1.0#search`: there is one version of an interface in a component.
    if let Some((interface, (_, function))) = name
        .split_once('@')
        .and_then(|(interface, rest)| Some((interface, rest.split_once('#')?)))
    {
        name = format!("{interface}#{function}");
    }
    match name
        .char_indices()
        .find(|(at, c)| at + c.len_utf8() > NAME_BYTES)
    {
        None => name,
        Some((end, _)) => {
            let name = name.get(..end).unwrap_or_default();
            name.trim_end_matches(':').to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use wasm_encoder::{
        CodeSection, Function, FunctionSection, Module, NameMap, NameSection, TypeSection,
    };

    use super::{demangled, is_of_a_guest, readable};

    fn module() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut functions = FunctionSection::new();
        functions.function(0);
        let mut code = CodeSection::new();
        let mut body = Function::new([]);
        body.instructions().end();
        code.function(&body);
        let mut map = NameMap::new();
        map.append(0, "_ZN9connector4walk4walk17h7d10ba99a35588a3E");
        let mut names = NameSection::new();
        names.functions(&map);
        let mut module = Module::new();
        module
            .section(&types)
            .section(&functions)
            .section(&code)
            .section(&names);
        module.finish()
    }

    #[test]
    fn names_lose_their_mangling_and_the_code_stays() {
        let written = demangled(&module()).unwrap();
        let holds = |text: &str| {
            written
                .windows(text.len())
                .any(|window| window == text.as_bytes())
        };
        assert!(holds("connector::walk::walk"));
        assert!(!holds("17h7d10ba99a35588a3E"));
        wasmparser::validate(&written).unwrap();
    }

    #[test]
    fn functions_of_libraries_and_generated_ones_have_no_names() {
        for kept in [
            "connector::walk::walk",
            "<connector::record::Page as c",
            "<&mut rendering::Writer as co",
            "confluence#search",
        ] {
            assert!(is_of_a_guest(kept), "{kept}");
        }
        for dropped in [
            "alloc::raw_vec::finish_grow",
            "<str as core::fmt::Display>::",
            "memcmp",
            "<component::bindings::wasi::http::types::Headers",
            "cabi_post_source#step",
        ] {
            assert!(!is_of_a_guest(dropped), "{dropped}");
        }
    }

    #[test]
    fn a_name_is_cut_between_characters() {
        assert_eq!(readable(&"ä".repeat(100)).len(), 26);
        assert_eq!(readable("cabi_realloc"), "cabi_realloc");
        assert_eq!(
            readable("connector::columns::sink::Columns"),
            "connector::columns::sink"
        );
    }

    #[test]
    fn a_name_does_not_repeat_whose_it_is() {
        assert_eq!(
            readable("cabi_post_confluence:connector/source@0.3.0#step"),
            "cabi_post_source#step"
        );
        assert_eq!(
            readable("confluence_connector::walk::walk"),
            "connector::walk::walk"
        );
    }
}
