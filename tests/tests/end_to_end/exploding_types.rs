//! A component whose types are small where they are written and huge where they are shown.

use std::fmt::Write as _;

use tests::{Host, binary};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Fields of each record.
const FIELDS: usize = 9;

/// Records within each other: the outermost has 9^4 plain fields.
const LEVELS: usize = 4;

/// A component with a list of such records, and a function that takes one.
fn component() -> Vec<u8> {
    // In one field alone: whoever validates the component compares each name as often as it is
    // shown, which takes minutes where all are long.
    let long = |field: usize| format!("f{field}-{}", "a".repeat(2_000));
    let mut records = String::new();
    for level in 0..LEVELS {
        let ty = match level {
            0 => "string".to_owned(),
            level => format!("t{}", level - 1),
        };
        let fields: Vec<String> = (0..FIELDS)
            .map(|field| match level {
                // The first columns have names of a usual length.
                0 if field == 0 => format!("id: {ty}"),
                _ if field == 0 => format!("f: {ty}"),
                level if level == LEVELS - 1 && field == FIELDS - 1 => {
                    format!("{}: {ty}", long(field))
                }
                _ => format!("f{field}: {ty}"),
            })
            .collect();
        writeln!(records, "record t{level} {{ {} }}", fields.join(", ")).unwrap();
    }
    let last = LEVELS - 1;
    let wit = format!(
        "package test:many@0.1.0;
        interface lists {{
            {records}
            record rest {{ after: option<string> }}
            record listing {{ items: list<t{last}>, rest: rest }}
            list-things: func() -> result<listing, string>;
            take-things: func(thing: option<t{last}>, things: tuple<t{last}, t{last}>);
        }}
        world many {{ export lists; }}"
    );
    let mut resolve = Resolve::default();
    let package = resolve.push_str("many.wit", &wit).unwrap();
    let world = resolve.select_world(&[package], Some("many")).unwrap();
    let mut module = wat::parse_str(
        r#"(module
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
            (func (export "test:many/lists@0.1.0#list-things") (result i32) (i32.const 1024))
            (func (export "test:many/lists@0.1.0#take-things") (param i32)))"#,
    )
    .unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let encoder = ComponentEncoder::default().module(&module).unwrap();
    encoder.validate(true).encode().unwrap()
}

fn host() -> Host {
    let host = Host::bare();
    host.write("cluster.toml", "component.require-exports = []\n");
    let path = host.state().join("many.wasm");
    let bytes = component();
    assert!(bytes.len() < 500_000, "{}", bytes.len());
    std::fs::write(&path, bytes).unwrap();
    let path = path.display().to_string();
    host.run(&["component", "load", &path]).ok();
    host
}

#[test]
fn functions_and_headers_of_huge_types_are_bounded() {
    let host = host();
    let header = host.call(&["listThings", "--output", "csv"]).ok();
    assert!(header.stdout.len() < 300_000, "{}", header.stdout.len());
    assert!(header.stdout.contains("f.f.f.id"), "{}", header.stdout);
    assert!(
        header.stderr.contains("the others are omitted"),
        "{}",
        header.stderr
    );
    host.call(&["listThings", "--columns", "f.f.f.id", "-o", "csv"])
        .ok();
    for words in [
        &["functions", "--output", "json"][..],
        &["functions", "takeThings"],
        &["functions", "takeThings", "--output", "json"],
        &["call", "takeThings"],
    ] {
        let told = host.run(words);
        let length = told.stdout.len() + told.stderr.len();
        assert!(length < 100_000, "{words:?}: {length}");
    }
}

/// Asks for completions with as much memory for data, in MiB.
#[cfg(target_os = "linux")]
fn completed(host: &Host, mib: u64, words: &str) -> (Option<i32>, String) {
    let line = format!(
        "ulimit -d {}; exec {} -- host-runner {words}",
        mib << 10,
        binary().display()
    );
    let mut command = host.command_line(&line);
    let output = command.env("HOST_RUNNER_COMPLETE", "fish").output();
    let output = output.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "", "{words}");
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

#[cfg(target_os = "linux")]
#[test]
fn completions_of_huge_types_take_little_memory() {
    /// What completing the connector's functions takes, in MiB, and 50 more.
    const MIB: u64 = 8 + 50;
    let usual = Host::bare();
    let (code, found) = completed(&usual, MIB - 50, "call listPages --columns i");
    assert_eq!(code, Some(0), "what is usual takes less");
    assert!(found.contains("id"), "{found}");
    let host = host();
    for words in [
        "call listThings --columns f",
        "call takeThings --f",
        "call list",
        "functions t",
    ] {
        let (code, found) = completed(&host, MIB, words);
        assert_eq!(code, Some(0), "{words}");
        assert!(!found.is_empty(), "{words}");
        assert!(found.len() < 300_000, "{words}: {}", found.len());
    }
}
