//! Libraries do not know how they are operated: no text of theirs names a command or an option of
//! the command line. Errors carry a `Remedy`, which the command line words.

use super::graph::{files_of_tests, rust_files};
use super::source::Code;
use super::{read, workspace};

/// Crates that are used by other programs than the command line.
const LIBRARIES: &[&str] = &["levels", "host-runner", "host-sync"];

/// The commands of the command line.
const COMMANDS: &[&str] = &[
    "call",
    "check",
    "completions",
    "component",
    "config",
    "connection",
    "demo",
    "doctor",
    "download",
    "functions",
    "man",
    "policy",
    "secrets",
    "simulator",
];

/// Texts with the program's name that nobody is told: names of files and fields, what keys are
/// derived for, the title of the schema.
const NAMES: &[&str] = &[
    "host-runner",
    "host-runner/",
    ".host-runner-draft-",
    ".host-runner-download-",
    "host-runner 0.1 authentication of compiled components",
    "host-runner 0.1 fingerprint of a master key",
    "host-runner 0.1 seal of tokens",
    "Level file of host-runner",
    "package host-runner:settings",
];

/// What of the command line a text names.
fn named(text: &str) -> Option<String> {
    let is_name = |name: &&str| text == *name || text.trim_start().starts_with(&format!("{name};"));
    if text.contains("host-runner") && !NAMES.iter().any(is_name) {
        return Some("host-runner".to_owned());
    }
    let option = text.split("--").skip(1).find_map(|rest| {
        let name: String = rest
            .chars()
            .take_while(|c| c.is_ascii_lowercase() || *c == '-')
            .collect();
        name.starts_with(|c: char| c.is_ascii_lowercase())
            .then(|| format!("--{name}"))
    });
    // Every other piece between backticks is quoted, such as `connection edit NAME`.
    let command = text.split('`').skip(1).step_by(2).find_map(|quoted| {
        let (first, rest) = quoted.split_once(' ')?;
        let is_command = COMMANDS.contains(&first) && rest.starts_with(char::is_alphabetic);
        is_command.then(|| quoted.to_owned())
    });
    option.or(command)
}

#[test]
fn no_text_of_a_library_names_a_command_or_an_option() {
    let mut wrong = Vec::new();
    for library in LIBRARIES {
        let files = rust_files(&workspace().join(library).join("src"));
        let of_tests = files_of_tests(&files);
        for file in files.iter().filter(|file| !of_tests.contains(*file)) {
            let source = read(file);
            for literal in Code::of(&source).without_tests().literals() {
                let text = literal
                    .trim_start_matches(['r', '#'])
                    .trim_matches(['"', '#']);
                if let Some(named) = named(text) {
                    wrong.push(format!("{}: `{named}` in {literal}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn commands_and_options_are_recognized() {
    for text in [
        "store it with `host-runner component load FILE`",
        "as `component keygen` prints it",
        "give a folder with `--state-dir`",
    ] {
        assert!(named(text).is_some(), "{text}");
    }
    for text in [
        "-----BEGIN PRIVATE KEY-----",
        "the connection `call-center`",
        "set `component.digest`; `a` and `b`",
        "Level file of host-runner",
    ] {
        assert_eq!(named(text), None, "{text}");
    }
}
