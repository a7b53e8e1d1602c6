//! `docs/functions.md`: every function with its documentation, and an example that is run.
//!
//! The page is made of what the component carries, so the WIT is the one place to write. With
//! `BLESS=1` it is written anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use flate2::read::GzDecoder;
use host_runner::{Function, HostRunner, Scope};
use serde_json::Value;
use serde_json::value::RawValue;
use tests::{Host, binary};
use wasmparser::{Parser, Payload};

const EXAMPLES: &str = include_str!("examples.txt");

/// Where the examples find their site, as the README has it.
const ENDPOINT: &str = "http://127.0.0.1:8090";

/// Where its attachments are.
const MEDIA: &str = "http://127.0.0.1:8091";

/// Lines of an answer that the page shows.
const MOST_LINES: usize = 40;

/// Characters of a text that the page shows.
const MOST_CHARACTERS: usize = 90;

const HEAD: &str = "# Functions

Reference of all functions of the component: signature, documentation, and an example. This page is
generated from the documentation in `wit/`; `BLESS=1 cargo test --workspace docs_functions` rewrites
it.

The examples ran against a generated site. To repeat them:

```sh
host-runner simulator serve --port 8090
host-runner config set network.allow-loopback true --level cluster
echo 'Basic bWVAZXhhbXBsZS5jb206ZGVtby10b2tlbg==' | host-runner call setApiUrlAndAuth http://127.0.0.1:8090/wiki/api/v2/ - app
```

In the results, absent fields are omitted, and long strings, lists, continuation tokens (`after`,
`state`), checkpoints and times of responses are shortened (`…`). Names of functions and arguments are camelCase or kebab-case.
Arguments with `?` are optional.
";

/// The documentation of the interfaces, by their names.
fn interfaces() -> BTreeMap<String, String> {
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(host_runner::embedded_component()) {
        match payload.unwrap() {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::CustomSection(section) if depth == 1 && section.name() == "interface-docs" => {
                // A version comes before the compressed JSON.
                let docs: Value =
                    serde_json::from_reader(GzDecoder::new(&section.data()[1..])).unwrap();
                return docs["interfaces"]
                    .as_object()
                    .unwrap()
                    .iter()
                    .filter_map(|(name, one)| {
                        Some((name.clone(), one["docs"].as_str()?.to_owned()))
                    })
                    .collect();
            }
            _ => {}
        }
    }
    panic!("the component carries no documentation")
}

/// The command lines of the examples, by function.
fn examples() -> BTreeMap<&'static str, &'static str> {
    let mut examples = BTreeMap::new();
    for line in EXAMPLES.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(' ').next().unwrap();
        assert!(
            examples.insert(name, line).is_none(),
            "`{name}` has two examples"
        );
    }
    examples
}

/// Documentation below a heading of the page: its own headings come further down.
fn below(level: usize, documentation: &str) -> String {
    let mut text = String::new();
    for line in documentation.lines() {
        if line.starts_with('#') {
            text.push_str(&"#".repeat(level));
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// Writes what of an answer the page shows, fields in their order.
fn write(json: &str, indent: usize, out: &mut String) {
    let inside = "  ".repeat(indent + 1);
    let mut parts: Vec<String> = Vec::new();
    let (open, close) = match json.as_bytes()[0] {
        b'{' => {
            let fields: BTreeMap<String, &RawValue> = serde_json::from_str(json).unwrap();
            let mut fields: Vec<_> = fields.into_iter().collect();
            // The map sorts by name; the values lie in the text as they came.
            fields.sort_by_key(|(_, value)| value.get().as_ptr());
            for (name, value) in fields {
                let value = value.get();
                let mut part = format!("{inside}\"{name}\": ");
                let is_shortened = ["after", "checkpoint", "state", "siteTime"];
                if is_shortened.contains(&name.as_str()) && value != "null" {
                    part.push_str("\"…\"");
                } else {
                    write(value, indent + 1, &mut part);
                }
                if value != "null" {
                    parts.push(part);
                }
            }
            ('{', '}')
        }
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(json).unwrap();
            let most = if json.starts_with("[{") { 1 } else { 3 };
            for item in items.iter().take(most) {
                let mut part = inside.clone();
                write(item.get(), indent + 1, &mut part);
                parts.push(part);
            }
            if items.len() > most {
                parts.push(format!("{inside}\"…\""));
            }
            ('[', ']')
        }
        b'"' => {
            let mut text: String = serde_json::from_str(json).unwrap();
            if text.chars().count() > MOST_CHARACTERS {
                text = text.chars().take(MOST_CHARACTERS).chain(['…']).collect();
            }
            return out.push_str(&Value::from(text).to_string());
        }
        _ => return out.push_str(json),
    };
    out.push(open);
    if !parts.is_empty() {
        let _ = write!(out, "\n{}\n{}", parts.join(",\n"), "  ".repeat(indent));
    }
    out.push(close);
}

/// Characters that no page shows, such as marks of direction, as JSON escapes them.
fn visible(json: &str) -> String {
    let mut text = String::new();
    for c in json.chars() {
        match u32::from(c) {
            code @ (0x7f..=0x9f | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff) => {
                let _ = write!(text, "\\u{code:04x}");
            }
            _ => text.push(c),
        }
    }
    text
}

/// Runs an example as a shell would, and answers what it printed.
fn run(host: &Host, [site, media]: [&str; 2], line: &str) -> String {
    let (before, call) = match line.split_once(" <<< ") {
        Some((call, input)) => (format!("echo {input} | "), call),
        None => (String::new(), line),
    };
    let command = format!("{before}'{}' call {call}", binary().display());
    let output = host
        .command_line(&command.replace(ENDPOINT, site))
        .output()
        .unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{line}\n{error}");
    let answer = String::from_utf8(output.stdout)
        .unwrap()
        .replace(site, ENDPOINT);
    let answer = without_token(&answer).replace(media, MEDIA);
    let mut text = String::new();
    write(answer.trim(), 0, &mut text);
    let text = visible(&text);
    assert!(
        text.lines().count() <= MOST_LINES,
        "the answer is long for a page; choose another example: {line}\n{text}"
    );
    text
}

/// The answer without the signature of a location, which is another one each second.
fn without_token(answer: &str) -> String {
    let Some((before, behind)) = answer.split_once("?token=") else {
        return answer.to_owned();
    };
    let (_, behind) = behind.split_once('"').unwrap();
    format!("{before}?token=…\"{behind}")
}

/// The example as a person would type it.
fn shown(line: &str) -> String {
    match line.split_once(" <<< ") {
        Some((call, input)) => format!("echo {input} | host-runner call {call}"),
        None => format!("host-runner call {line}"),
    }
}

fn section(function: &Function, example: &str, answer: &str) -> String {
    let mut text = format!(
        "\n### {}\n\n```text\n{}\n```\n\n{}",
        function.camel_case_name(),
        function.signature(),
        below(3, function.documentation().unwrap())
    );
    let columns = function.columns();
    if !columns.is_empty() {
        let _ = writeln!(text, "\nColumns: `{}`.", columns.join("`, `"));
    }
    let _ = writeln!(
        text,
        "\n```sh\n{}\n```\n\n```json\n{answer}\n```",
        shown(example)
    );
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn docs_functions_is_what_the_component_says_and_its_examples_answer() {
    let site = crate::site().await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let runner = HostRunner::builder(folder.path().join("config"), folder.path().join("state"))
        .open()
        .unwrap();
    let tenant = runner.tenant(&Scope::default()).unwrap();
    let (interfaces, mut examples) = (interfaces(), examples());
    let mut page = HEAD.to_owned();
    let mut interface = "";
    for function in tenant.functions() {
        if function.interface() != interface {
            interface = function.interface();
            let name = interface.rsplit('/').next().unwrap();
            let name = name.split('@').next().unwrap();
            let _ = write!(page, "\n## {name}\n\n{}", below(2, &interfaces[name]));
            let links: Vec<String> = tenant
                .functions()
                .iter()
                .filter(|function| function.interface() == interface)
                .map(Function::camel_case_name)
                .map(|name| format!("[{name}](#{})", name.to_lowercase()))
                .collect();
            let _ = write!(page, "\nFunctions: {}.\n", links.join(", "));
        }
        let name = function.camel_case_name();
        let example = examples
            .remove(name.as_str())
            .unwrap_or_else(|| panic!("`{name}` needs an example in `examples.txt`"));
        let answer = run(&host, [&site.site_url(), &site.media_url()], example);
        page.push_str(&section(function, example, &answer));
    }
    assert!(examples.is_empty(), "no functions: {examples:?}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/functions.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let there = std::fs::read_to_string(path).unwrap_or_default();
    for (number, (there, wanted)) in there.lines().zip(page.lines()).enumerate() {
        assert_eq!(there, wanted, "docs/functions.md:{}", number + 1);
    }
    assert_eq!(there, page, "docs/functions.md has more or fewer lines");
}
