//! The component as a file: what it imports, how large it is, and that it explains itself.

use tests::Host;
use wasmparser::{Parser, Payload};

/// Maximum size of the component, in bytes.
const MAX_BYTES: usize = 1_100_000;

fn names(of: fn(Payload<'_>) -> Vec<String>) -> Vec<String> {
    let mut depth = 0;
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(host_runner::embedded_component()) {
        let payload = payload.unwrap();
        match payload {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            payload if depth == 1 => found.extend(of(payload)),
            _ => {}
        }
    }
    found.sort();
    found
}

/// Compares with a golden file. `BLESS=1` writes it anew.
fn golden(file: &str, lines: &[String]) {
    let path = format!("{}/golden/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = lines.join("\n") + "\n";
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(&path).unwrap(), "{path}");
}

#[test]
fn the_component_imports_exactly_what_the_golden_file_says() {
    let imports = names(|payload| match payload {
        Payload::ComponentImportSection(section) => section
            .into_iter()
            .map(|import| import.unwrap().name.name.to_owned())
            .collect(),
        _ => Vec::new(),
    });
    golden("imports.txt", &imports);
}

#[test]
fn the_component_exports_exactly_what_the_golden_file_says() {
    let exports = names(|payload| match payload {
        Payload::ComponentExportSection(section) => section
            .into_iter()
            .map(|export| export.unwrap().name.name.to_owned())
            .collect(),
        _ => Vec::new(),
    });
    golden("exports.txt", &exports);
}

#[test]
fn the_component_is_at_most_1160_kb() {
    let bytes = host_runner::embedded_component().len();
    assert!(bytes <= MAX_BYTES, "{bytes}");
}

/// `jco` and `wasm-tools component wit` read a component in this way, and refuse one whose sections
/// they misread.
#[test]
fn tools_that_read_the_types_of_a_component_read_those_of_this_one() {
    let decoded = wit_component::decode(host_runner::embedded_component()).unwrap();
    let wit_component::DecodedWasm::Component(resolve, world) = decoded else {
        panic!("it is taken for a WIT package")
    };
    let exports: Vec<String> = resolve.worlds[world]
        .exports
        .keys()
        .map(|key| resolve.name_world_key(key))
        .collect();
    assert!(
        exports
            .iter()
            .any(|name| name == "confluence:connector/confluence-service@0.3.0"),
        "{exports:?}"
    );
}

#[test]
fn traps_can_name_their_functions() {
    let bytes = host_runner::embedded_component();
    let name = b"connector::paging::walk";
    assert!(bytes.windows(name.len()).any(|window| window == name));
}

#[test]
fn no_path_of_the_machine_that_built_it_is_in_the_component() {
    let bytes = host_runner::embedded_component();
    let home = std::env::var("HOME").unwrap_or_default();
    for path in [
        env!("CARGO_MANIFEST_DIR").trim_end_matches("/tests"),
        &format!("{home}/.cargo"),
    ] {
        assert!(
            !bytes
                .windows(path.len())
                .any(|window| window == path.as_bytes()),
            "{path}"
        );
    }
}

#[test]
fn every_function_is_listed_with_its_documentation() {
    let ended = Host::new().run(&["functions", "--output", "json"]).ok();
    let functions = ended.json().as_array().unwrap().clone();
    assert_eq!(functions.len(), 59);
    for function in functions {
        assert!(
            function["documentation"]
                .as_str()
                .is_some_and(|text| text.len() > 40),
            "{function}"
        );
    }
    let ended = Host::new().run(&["functions", "list-tasks"]).ok();
    assert!(
        ended.stdout.contains("listTasks(dueDateFrom?: string"),
        "{ended:#?}"
    );
    assert!(
        ended.stdout.contains("GET /wiki/api/v2/tasks"),
        "{ended:#?}"
    );
}

#[test]
fn positional_order_is_the_one_that_c3_callers_know() {
    let ended = Host::new().run(&["functions", "--output", "json"]).ok();
    for signature in [
        "listSpaces(ids?: list<string>, keys?: list<string>, limit?: u32, after?:",
        "listPages(ids?: list<string>, limit?: u32, after?:",
        "listLabels(select?: space|page|blog-post|attachment, id?: string, prefix?: string, limit?: u32, after?:",
        "listAttachments(filename?: string, mediaType?: string, limit?: u32, after?:",
        "listAttachmentsByPage(pageId: string, limit?: u32, after?:",
        "listBlogPosts(ids?: list<string>, title?: string, limit?: u32, after?:",
        "listBlogPostsBySpace(spaceId: string, limit?: u32, after?:",
        "listCustomContent(type?: string, spaceIds?: list<string>, ids?: list<string>, limit?: u32, after?:",
        "listTasks(dueDateFrom?: string, dueDateTo?: string, spaceIds?: list<string>, assignedTo?: list<string>, status?: complete|incomplete|open, limit?: u32, after?:",
        "setApiUrlAndAuth(url: string, auth: string, level: app|env|cluster)",
        "testConnection(space?: string)",
    ] {
        assert!(
            ended.stdout.contains(&signature.replace('"', "\\\"")),
            "{signature}\n{}",
            ended.stdout
        );
    }
}
