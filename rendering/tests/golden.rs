//! Every folder in `golden/` has one body and what it renders to, as markdown and as text, with
//! the notices in `expected.notices` if there are any. `BLESS=1` rewrites what is expected.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use confluence_rendering::{Context, Format, RenderNotice, Rendered, adf, storage};

/// Renders the body in `folder`.
fn render(folder: &Path, format: Format) -> Rendered {
    let mut context = Context::default();
    context.base_url = Some("https://s.example/wiki");
    context.space_key = Some("ENG");
    match fs::read_to_string(folder.join("input.storage.xml")) {
        Ok(body) => storage(&body, format, &context),
        Err(_) => {
            let body = fs::read_to_string(folder.join("input.adf.json")).unwrap();
            adf(&body, format, &context)
        }
    }
    .unwrap()
}

fn notices(list: &[RenderNotice]) -> String {
    let mut text = String::new();
    for RenderNotice {
        kind,
        subject,
        count,
        ..
    } in list
    {
        writeln!(text, "{kind:?} {subject} {count}").unwrap();
    }
    text
}

#[test]
fn every_case_renders_as_expected() {
    let bless = std::env::var_os("BLESS").is_some();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut folders: Vec<_> = fs::read_dir(golden)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    assert!(folders.len() >= 80, "cases are missing");
    let mut wrong = String::new();
    for folder in &folders {
        let markdown = render(folder, Format::Markdown);
        let text = render(folder, Format::Text);
        for (name, rendered) in [
            ("expected.md", markdown.text),
            ("expected.txt", text.text),
            ("expected.notices", notices(&markdown.notices)),
        ] {
            let file = folder.join(name);
            let expected = fs::read_to_string(&file).unwrap_or_default();
            if expected == rendered {
                continue;
            }
            if bless && rendered.is_empty() {
                fs::remove_file(&file).unwrap();
            } else if bless {
                fs::write(&file, &rendered).unwrap();
            } else {
                write!(wrong, "{}:\n{rendered}\n", file.display()).unwrap();
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "not as expected; `BLESS=1` rewrites:\n{wrong}"
    );
}
