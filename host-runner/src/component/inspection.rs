//! What a component file says of itself.
//!
//! Read before anything is compiled: an operator sees what a file asks for before it is trusted,
//! and a file that was cut while it was copied is named as that instead of as a compiler's error.

use std::collections::BTreeSet;

use host_levels::text::printable;
use wasmparser::names::ComponentName;
use wasmparser::{CustomSectionReader, KnownCustom, Parser, Payload, WasmFeatures};

use super::documentation::Documentation;
use super::store::Digest;

/// What every WebAssembly file starts with.
const MAGIC: &[u8] = b"\0asm";

/// Deepest that modules and components may be nested. Tools that compose components nest as deep
/// as one was composed of another, that is, a few levels; a file of 256 MiB could nest 19 million
/// levels, and following them takes 1.8 GB.
const DEEPEST: usize = 100;

/// Most names that a component may import and export together. The connector has eight; a file
/// of 256 MiB could have 50 million.
const MAX_NAMES: usize = 10_000;

/// Most entries of producers that are looked at. Each module names a handful; what is beyond is
/// left out, since nothing depends on it, and a file of 256 MiB could have 128 million.
const MAX_PRODUCERS: usize = 1_000;

/// Most characters of a tool's name or version. `rustc`'s version has 29 with its commit's hash
/// and date.
const PRODUCER_CHARACTERS: usize = 100;

/// Most characters of what the parser says, which repeats names of the file.
const REASON_CHARACTERS: usize = 200;

/// What a component file says of itself. It is not validated: the engine does that when it
/// compiles, and the digest tells a changed file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inspection {
    /// The digest of the file.
    pub digest: Digest,
    /// The size of the file, in bytes.
    pub size_bytes: u64,
    /// What it imports, as declared, such as `wasi:http/types@0.2.3`; sorted.
    pub imports: Vec<String>,
    /// What it exports, as declared; sorted.
    pub exports: Vec<String>,
    /// What made it and the modules and components in it; sorted, each once.
    pub producers: Vec<Producer>,
}

impl Inspection {
    /// What the component's package says of itself, from the documentation that it carries.
    /// `bytes` are those that were inspected: their nesting is known to be bounded.
    #[must_use]
    pub fn documentation(&self, bytes: &[u8]) -> Option<String> {
        Documentation::of(bytes).package().map(str::to_owned)
    }
}

/// A language or a tool that a component was made with, by its own account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Producer {
    /// What it was for: `language`, `processed-by` or `sdk`.
    pub field: String,
    /// Its name, such as `rustc`.
    pub name: String,
    /// Its version, which may be empty.
    pub version: String,
}

/// Why a file cannot be inspected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InspectError {
    /// It has no content.
    #[error("the file is empty: a component was not written to it, or not yet")]
    Empty,
    /// It is WebAssembly's text.
    #[error(
        "this is WebAssembly in text form, and a component is needed in binary form: convert it with `wasm-tools parse FILE -o component.wasm`"
    )]
    Text,
    /// It is no WebAssembly.
    #[error(
        "this is not WebAssembly: a component starts with the bytes `00 61 73 6d`, and this file does not"
    )]
    NotWasm,
    /// It is a core module.
    #[error(
        "this is a core module and not a component: make a component of it with `wasm-tools component new FILE -o component.wasm`"
    )]
    CoreModule,
    /// It is written in another version of the format.
    #[error(
        "this has version `{version:#x}` of the WebAssembly format, and a component has `{COMPONENT_VERSION:#x}`: build it again with current tools"
    )]
    Version {
        /// The four bytes after the first four, as a little-endian number.
        version: u32,
    },
    /// It ends early, or holds what cannot be in a component.
    #[error(
        "the component is truncated or damaged at byte {offset} of {size_bytes} ({reason}): copy or build it again"
    )]
    Damaged {
        /// Where, in bytes from the file's start.
        offset: usize,
        /// The size of the file, in bytes.
        size_bytes: usize,
        /// What the parser said.
        reason: String,
    },
    /// It is built to exhaust its reader.
    #[error(
        "the component has more than {most} {what}, far more than any legitimate component: do not run it, and check its origin"
    )]
    Excessive {
        /// Of what it has too much.
        what: &'static str,
        /// The most that is read.
        most: usize,
    },
}

/// The version that a component's header has.
const COMPONENT_VERSION: u32 = 0x0001_000d;

/// The version that a core module's header has.
const MODULE_VERSION: u32 = 1;

impl Inspection {
    /// Reads what the file with these bytes says of itself.
    ///
    /// A component that was cut between two of its sections cannot be told from a whole one:
    /// the format has no end mark. Only its digest differs.
    ///
    /// # Errors
    ///
    /// [`InspectError`] says what the file is instead of a component, or where it is damaged.
    pub fn of(bytes: &[u8]) -> Result<Self, InspectError> {
        refuse_other_files(bytes)?;
        let damaged = |offset: usize, reason: &str| InspectError::Damaged {
            offset,
            size_bytes: bytes.len(),
            reason: printable(reason, REASON_CHARACTERS),
        };
        let failed = |error: wasmparser::Error| damaged(error.offset(), error.message());
        let mut imports = Vec::new();
        let mut exports = Vec::new();
        let mut producers = Producers::default();
        let mut names = 0;
        let mut depth = 0;
        let mut name = |name: &str, offset: usize| {
            names += 1;
            if names > MAX_NAMES {
                return Err(InspectError::Excessive {
                    what: "imports and exports",
                    most: MAX_NAMES,
                });
            }
            // The parser checks names except for the address in `url=<…>`, which could otherwise
            // carry control characters to a terminal.
            if !name.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(damaged(offset, "a name has other characters than ASCII's"));
            }
            ComponentName::new_with_features(name, offset, WasmFeatures::all()).map_err(failed)?;
            Ok(name.to_owned())
        };
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.map_err(failed)? {
                Payload::Version { .. } => {
                    depth += 1;
                    if depth > DEEPEST {
                        return Err(InspectError::Excessive {
                            what: "levels of nesting",
                            most: DEEPEST,
                        });
                    }
                }
                Payload::End(_) => depth -= 1,
                // The parser takes the file's end for the end of what is nested there.
                Payload::ModuleSection {
                    unchecked_range, ..
                }
                | Payload::ComponentSection {
                    unchecked_range, ..
                } if unchecked_range.end > bytes.len() => {
                    return Err(damaged(unchecked_range.start, "unexpected end-of-file"));
                }
                Payload::ComponentImportSection(section) if depth == 1 => {
                    for import in section.into_iter_with_offsets() {
                        let (offset, import) = import.map_err(failed)?;
                        imports.push(name(import.name.name, offset)?);
                    }
                }
                Payload::ComponentExportSection(section) if depth == 1 => {
                    for export in section.into_iter_with_offsets() {
                        let (offset, export) = export.map_err(failed)?;
                        exports.push(name(export.name.name, offset)?);
                    }
                }
                Payload::CustomSection(section) => producers.collect(&section),
                _ => {}
            }
        }
        imports.sort_unstable();
        exports.sort_unstable();
        Ok(Self {
            digest: Digest::of(bytes),
            size_bytes: bytes.len() as u64,
            imports,
            exports,
            producers: producers.found.into_iter().collect(),
        })
    }
}

/// Names what the file is when it is no component. A component that was cut within its first
/// eight bytes is left to the parser.
fn refuse_other_files(bytes: &[u8]) -> Result<(), InspectError> {
    if bytes.is_empty() {
        return Err(InspectError::Empty);
    }
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        if MAGIC.starts_with(bytes) {
            return Ok(());
        }
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = text.trim_ascii_start();
        // `(` opens a module, a component and a comment of several lines, and `;;` one of one.
        return Err(if text.starts_with(b"(") || text.starts_with(b";;") {
            InspectError::Text
        } else {
            InspectError::NotWasm
        });
    };
    match rest.first_chunk().copied().map(u32::from_le_bytes) {
        None | Some(COMPONENT_VERSION) => Ok(()),
        Some(MODULE_VERSION) => Err(InspectError::CoreModule),
        Some(version) => Err(InspectError::Version { version }),
    }
}

/// What the `producers` sections of a file name.
#[derive(Default)]
struct Producers {
    found: BTreeSet<Producer>,
    looked_at: usize,
}

impl Producers {
    /// Adds what a section names, if it is one of producers. Such a section is a courtesy: one
    /// that is damaged tells what can be read of it.
    fn collect(&mut self, section: &CustomSectionReader<'_>) {
        let KnownCustom::Producers(fields) = section.as_known() else {
            return;
        };
        for field in fields {
            let Ok(field) = field else { return };
            for value in field.values {
                let Ok(value) = value else { return };
                if self.looked_at == MAX_PRODUCERS {
                    return;
                }
                self.looked_at += 1;
                self.found.insert(Producer {
                    field: field.name.to_owned(),
                    name: printable(value.name, PRODUCER_CHARACTERS),
                    version: printable(value.version, PRODUCER_CHARACTERS),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "a test fails by panicking"
    )]

    use wasm_encoder::{
        Component, ComponentExportKind, ComponentExportSection, ComponentImportSection,
        ComponentTypeRef, ComponentTypeSection, CustomSection, InstanceType, Module, ModuleSection,
        NestedComponentSection, ProducersField, ProducersSection,
    };
    use wasmparser::{Parser, Payload};

    use super::{DEEPEST, InspectError, Inspection, MAX_NAMES, MAX_PRODUCERS, Producer};
    use crate::component::Digest;

    fn wat(text: &str) -> Vec<u8> {
        wat::parse_str(text).unwrap()
    }

    /// A component of every kind of section that matters here.
    fn sample() -> Vec<u8> {
        wat(r#"(component
            (import "wasi:io/streams@0.2.3" (instance))
            (import "host-log" (func))
            (import "wasi:http/types@0.2.3" (instance))
            (core module
                (import "core" "import" (func))
                (export "core-export" (func 0))
                (@producers (language "Rust" "") (processed-by "rustc" "1.95.0"))
            )
            (component
                (import "wasi:filesystem/types@0.2.3" (instance))
                (@producers (sdk "inner" "1") (language "Rust" ""))
            )
            (instance $out (export "b" (func 0)))
            (export "confluence:connector/types@0.3.0" (instance $out))
            (export "a" (func 0))
            (@producers (processed-by "wit-component" "0.254.2"))
        )"#)
    }

    fn producers(list: &[(&str, &str, &str)]) -> Vec<Producer> {
        list.iter()
            .map(|(field, name, version)| Producer {
                field: (*field).to_owned(),
                name: (*name).to_owned(),
                version: (*version).to_owned(),
            })
            .collect()
    }

    /// Where the sections at the top level end: a cut there leaves another whole component.
    fn section_ends(bytes: &[u8]) -> Vec<usize> {
        let mut ends = Vec::new();
        let mut depth = 0;
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload.unwrap();
            match &payload {
                Payload::Version { range, .. } => {
                    depth += 1;
                    if depth == 1 {
                        ends.push(range.end);
                    }
                }
                Payload::End(end) => {
                    depth -= 1;
                    if depth == 1 {
                        ends.push(*end);
                    }
                }
                _ if depth == 1 => ends.extend(payload.as_section().map(|(_, range)| range.end)),
                _ => {}
            }
        }
        ends
    }

    #[test]
    fn a_component_tells_its_own_imports_and_exports_sorted() {
        let bytes = sample();
        let inspection = Inspection::of(&bytes).unwrap();
        assert_eq!(
            inspection.imports,
            ["host-log", "wasi:http/types@0.2.3", "wasi:io/streams@0.2.3"]
        );
        assert_eq!(
            inspection.exports,
            ["a", "confluence:connector/types@0.3.0"]
        );
        assert_eq!(inspection.size_bytes, bytes.len() as u64);
        assert_eq!(inspection.digest, Digest::of(&bytes));
    }

    #[test]
    fn producers_of_all_modules_are_told_once() {
        assert_eq!(
            Inspection::of(&sample()).unwrap().producers,
            producers(&[
                ("language", "Rust", ""),
                ("processed-by", "rustc", "1.95.0"),
                ("processed-by", "wit-component", "0.254.2"),
                ("sdk", "inner", "1"),
            ])
        );
    }

    #[test]
    fn a_component_without_anything_is_one() {
        let inspection = Inspection::of(&wat("(component)")).unwrap();
        assert!(inspection.imports.is_empty());
        assert!(inspection.exports.is_empty());
        assert!(inspection.producers.is_empty());
    }

    #[test]
    fn a_file_that_is_no_component_is_named() {
        let component = wat("(component)");
        let mut older = component.clone();
        older[4] = 0x0a;
        for (bytes, expected, way_out) in [
            (b"".as_slice(), InspectError::Empty, "empty"),
            (
                b"(component)",
                InspectError::Text,
                "wasm-tools parse FILE -o component.wasm",
            ),
            (b"\xef\xbb\xbf\r\n\t (module)", InspectError::Text, ""),
            (b";; a comment\n(component)", InspectError::Text, ""),
            (
                b"\x7fELF\x02\x01\x01\0",
                InspectError::NotWasm,
                "00 61 73 6d",
            ),
            (b"\0", damaged(&[0]), "truncated or damaged"),
            (b"\0asn", InspectError::NotWasm, ""),
            (b" \0asm", InspectError::NotWasm, ""),
            (
                &wat("(module)"),
                InspectError::CoreModule,
                "wasm-tools component new FILE -o component.wasm",
            ),
            (
                &older,
                InspectError::Version {
                    version: 0x0001_000a,
                },
                "`0x1000a`",
            ),
        ] {
            let error = Inspection::of(bytes).unwrap_err();
            assert_eq!(error, expected);
            assert!(error.to_string().contains(way_out), "{error}");
        }
    }

    /// The error for bytes that are cut, whose reason is the parser's to word.
    fn damaged(bytes: &[u8]) -> InspectError {
        let error = Inspection::of(bytes).unwrap_err();
        assert!(matches!(&error, InspectError::Damaged { .. }), "{error}");
        error
    }

    #[test]
    fn a_cut_component_is_damaged_unless_it_is_cut_between_two_sections() {
        let bytes = sample();
        let ends = section_ends(&bytes);
        assert!(ends.len() > 8, "{ends:?}");
        for length in 1..bytes.len() {
            match Inspection::of(&bytes[..length]) {
                Ok(inspection) => {
                    assert!(ends.contains(&length), "cut at {length}");
                    assert_ne!(inspection.digest, Digest::of(&bytes));
                }
                Err(InspectError::Damaged {
                    offset, size_bytes, ..
                }) => {
                    assert!(!ends.contains(&length), "cut at {length}");
                    assert!(offset <= length);
                    assert_eq!(size_bytes, length);
                }
                Err(error) => panic!("cut at {length}: {error}"),
            }
        }
    }

    #[test]
    fn a_changed_byte_never_passes_as_the_same_component() {
        let bytes = sample();
        for index in 0..bytes.len() {
            for change in 1..=u8::MAX {
                let mut changed = bytes.clone();
                changed[index] ^= change;
                if let Ok(inspection) = Inspection::of(&changed) {
                    assert_ne!(inspection.digest, Digest::of(&bytes));
                }
            }
        }
    }

    #[test]
    fn random_bytes_are_an_error_or_a_component_and_nothing_worse() {
        // xorshift64, so that a failure comes back.
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let header = wat("(component)");
        for round in 0..20_000 {
            let length = usize::try_from(random() % 200).unwrap();
            let mut bytes = if round % 2 == 0 {
                header.clone()
            } else {
                Vec::new()
            };
            // Low bytes are likelier to be sections and lengths that go on.
            bytes.extend((0..length).map(|_| {
                let byte = random().to_le_bytes()[3];
                if round % 4 < 2 { byte % 16 } else { byte }
            }));
            if let Ok(inspection) = Inspection::of(&bytes) {
                assert_eq!(inspection.digest, Digest::of(&bytes));
            }
        }
    }

    fn nested(levels: usize) -> Vec<u8> {
        let mut component = Component::new();
        for _ in 1..levels {
            let mut outer = Component::new();
            outer.section(&NestedComponentSection(&component));
            component = outer;
        }
        component.finish()
    }

    #[test]
    fn nesting_is_followed_to_a_depth_that_honest_components_have() {
        Inspection::of(&nested(DEEPEST)).unwrap();
        assert!(matches!(
            Inspection::of(&nested(DEEPEST + 1)),
            Err(InspectError::Excessive { .. })
        ));
    }

    #[test]
    fn a_million_levels_are_refused_after_the_first_hundred() {
        /// Magic, version, the section's number, and its length in 5 bytes.
        const LEVEL_BYTES: u32 = 14;
        let levels = 1_000_000u32;
        let mut bytes = Vec::new();
        for level in 0..levels {
            bytes.extend_from_slice(b"\0asm\x0d\0\x01\0\x04");
            let length = (levels - level - 1) * LEVEL_BYTES;
            for shift in [0, 7, 14, 21] {
                bytes.push(u8::try_from(length >> shift & 0x7f).unwrap() | 0x80);
            }
            bytes.push(u8::try_from(length >> 28).unwrap());
        }
        assert!(matches!(
            Inspection::of(&bytes),
            Err(InspectError::Excessive { .. })
        ));
    }

    fn importing(names: impl Iterator<Item = String>) -> Vec<u8> {
        let mut types = ComponentTypeSection::new();
        types.instance(&InstanceType::new());
        let mut imports = ComponentImportSection::new();
        for name in names {
            imports.import(name.as_str(), ComponentTypeRef::Instance(0));
        }
        let mut component = Component::new();
        component.section(&types).section(&imports);
        component.finish()
    }

    #[test]
    fn more_names_than_honest_components_have_are_refused() {
        let names = |most| (0..most).map(|index| format!("n{index}"));
        assert_eq!(
            Inspection::of(&importing(names(MAX_NAMES)))
                .unwrap()
                .imports
                .len(),
            MAX_NAMES
        );
        assert!(matches!(
            Inspection::of(&importing(names(MAX_NAMES + 1))),
            Err(InspectError::Excessive { .. })
        ));
    }

    #[test]
    fn a_name_that_would_write_to_the_terminal_is_damage_and_is_not_repeated() {
        for name in [
            "\u{1b}[2J",
            "url=<https://\u{1b}[2J>",
            "url=<\u{202e}>",
            "a b",
            "",
            "wasi:io",
        ] {
            let error = Inspection::of(&importing([name.to_owned()].into_iter())).unwrap_err();
            assert!(matches!(error, InspectError::Damaged { .. }), "{error}");
            let error = error.to_string();
            assert!(!error.contains(['\u{1b}', '\u{202e}']), "{error}");
        }
    }

    #[test]
    fn exports_count_like_imports() {
        let mut component = Component::new();
        let mut exports = ComponentExportSection::new();
        for index in 0..=MAX_NAMES {
            exports.export(format!("n{index}"), ComponentExportKind::Instance, 0, None);
        }
        component.section(&exports);
        assert!(matches!(
            Inspection::of(&component.finish()),
            Err(InspectError::Excessive { .. })
        ));
    }

    #[test]
    fn damaged_producers_cost_nothing_but_themselves() {
        for content in [
            b"".as_slice(),
            b"\xff\xff\xff\xff\x0f",
            b"\x01\x05other\0",
            b"\x01\x03sdk\x09",
        ] {
            let mut component = Component::new();
            component.section(&CustomSection {
                name: "producers".into(),
                data: content.into(),
            });
            let inspection = Inspection::of(&component.finish()).unwrap();
            assert!(inspection.producers.is_empty());
        }
    }

    #[test]
    fn producers_are_bounded_and_cannot_write_to_the_terminal() {
        let mut field = ProducersField::new();
        field.value("\u{1b}[2J", &"9".repeat(1_000));
        for index in 0..2 * MAX_PRODUCERS {
            field.value(&format!("tool {index}"), "");
        }
        let mut section = ProducersSection::new();
        section.field("sdk", &field);
        let mut module = Module::new();
        module.section(&section);
        let mut component = Component::new();
        component.section(&ModuleSection(&module));
        let producers = Inspection::of(&component.finish()).unwrap().producers;
        assert_eq!(producers.len(), MAX_PRODUCERS);
        let hostile = producers.last().unwrap();
        assert_eq!(hostile.name, "\u{fffd}[2J");
        assert_eq!(hostile.version.len(), 100);
    }
}
