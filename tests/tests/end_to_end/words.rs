//! The texts that users read first keep to the words of `docs/style.md`.

use std::fs;
use std::path::{Path, PathBuf};

use tests::Host;

/// Phrases that `docs/style.md` replaces, in lower case.
const REPLACED: [&str; 10] = [
    " told ",
    " tells ",
    " anew",
    "the most that ",
    "cannot be one",
    "leave away",
    "leave it away",
    "go in circles",
    "goes in circles",
    "how to print",
];

#[track_caller]
fn check(name: &str, text: &str) {
    for (number, line) in text.lines().enumerate() {
        let padded = format!(" {} ", line.to_lowercase());
        for phrase in REPLACED {
            assert!(
                !padded.contains(phrase),
                "{name}:{} has `{}`, which `docs/style.md` replaces: {line}",
                number + 1,
                phrase.trim()
            );
        }
    }
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == extension))
        .collect()
}

#[test]
fn the_readme_the_manual_the_contract_and_the_settings_use_the_words_of_the_style_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut paths = vec![
        root.join("README.md"),
        root.join("host-runner/level.schema.json"),
    ];
    paths.extend(files(&root.join("docs"), "md"));
    paths.extend(files(&root.join("wit"), "wit"));
    assert!(paths.len() > 20, "{paths:?}");
    for path in paths {
        // It quotes them.
        if !path.ends_with("style.md") {
            check(
                &path.display().to_string(),
                &fs::read_to_string(&path).unwrap(),
            );
        }
    }
}

#[test]
fn the_help_of_every_command_uses_the_words_of_the_style_page() {
    let host = Host::bare();
    let folder = host.state().join("man");
    let words = ["man", "--folder", &folder.display().to_string()];
    host.run(&words).ok();
    let pages = fs::read_dir(&folder).unwrap();
    let mut count = 0;
    for page in pages {
        let path = page.unwrap().path();
        check(
            &path.display().to_string(),
            &fs::read_to_string(&path).unwrap(),
        );
        count += 1;
    }
    assert!(count > 25, "{count} pages");
}
