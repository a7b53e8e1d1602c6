//! Manual pages.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tests::Host;

/// The pages of all commands, by file name, and their text as roff.
fn pages(folder: &Path) -> Vec<(String, String)> {
    let mut pages: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read_to_string(&path).unwrap(),
            )
        })
        .collect();
    pages.sort();
    pages
}

/// The commands below a command, by its help.
fn commands(help: &str) -> Vec<String> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// Every command line without arguments, with its help.
fn all_commands(host: &Host, path: &[String], found: &mut Vec<(Vec<String>, String)>) {
    let words: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
    let help = host.run(&words).ok().stdout;
    for below in commands(&help) {
        let path: Vec<String> = path.iter().cloned().chain([below]).collect();
        all_commands(host, &path, found);
    }
    found.push((path.to_vec(), help));
}

/// A line of an example as it stands in roff.
fn in_roff(line: &str) -> String {
    line.trim()
        .replace('\\', r"\e")
        .replace('-', r"\-")
        .replace('\'', r"\(aq")
        .replace('`', r"\(ga")
        .replace('"', r"\(dq")
        .replace('~', r"\(ti")
}

#[test]
fn every_command_has_a_page_with_its_examples() {
    let host = Host::bare();
    let folder = host.state().join("share/man1");
    let words = ["man", "--folder", &folder.display().to_string()];
    host.run(&words).ok();
    let pages = pages(&folder);
    let mut found = Vec::new();
    all_commands(&host, &[], &mut found);
    assert!(found.len() > 25, "{found:?}");
    let expected: BTreeSet<String> = found
        .iter()
        .map(|(path, _)| {
            let name: Vec<&str> = ["host-runner"]
                .into_iter()
                .chain(path.iter().map(String::as_str))
                .collect();
            format!("{}.1", name.join("-"))
        })
        .collect();
    let names: BTreeSet<String> = pages.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(names, expected);
    let mut examples = 0;
    for (path, help) in &found {
        let name = format!(
            "host-runner{}.1",
            path.iter()
                .map(|word| format!("-{word}"))
                .collect::<String>()
        );
        let (_, page) = pages.iter().find(|(there, _)| *there == name).unwrap();
        let lines = help
            .lines()
            .skip_while(|line| *line != "Examples:")
            .skip(1)
            .take_while(|line| line.starts_with("  "));
        for line in lines {
            examples += 1;
            // The help is wrapped: a command can continue on the next line.
            let line = in_roff(line.trim_end_matches(" \\"));
            assert!(page.contains(&line), "`{line}` in {page}");
        }
    }
    assert!(examples > 40, "{examples} examples");
    // A second time it replaces them.
    host.run(&words).ok();
}

#[test]
fn the_main_page_lists_exit_codes_and_variables() {
    let page = Host::bare().run(&["man"]).ok().stdout;
    assert!(page.starts_with(".ie") || page.starts_with(".TH"), "{page}");
    for code in 0..30 {
        assert!(page.contains(&format!("\n.B {code}\n")), "{code} in {page}");
    }
    for name in ["HOST_RUNNER_STATE_DIR", "HOST_RUNNER_KEY", "NO_COLOR"] {
        assert!(page.contains(&format!("\n.B {name}\n")), "{name} in {page}");
    }
}

#[test]
fn groff_has_nothing_to_say_about_the_pages() {
    let groff = |page: &str| {
        let mut child = Command::new("groff")
            .args(["-man", "-Tutf8", "-ww", "-rLL=80n"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .ok()?;
        let mut pipe = child.stdin.take().unwrap();
        pipe.write_all(page.as_bytes()).unwrap();
        drop(pipe);
        Some(child.wait_with_output().unwrap())
    };
    let host = Host::bare();
    let folder = host.state().join("man1");
    host.run(&["man", "--folder", &folder.display().to_string()])
        .ok();
    for (name, page) in pages(&folder) {
        // Where there is no groff, nothing can be said about it.
        let Some(output) = groff(&page) else { return };
        let said = String::from_utf8_lossy(&output.stderr);
        // Minimal installations of groff lack the macros.
        if said.contains("macro file") {
            return;
        }
        assert_eq!(said, "", "{name}");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let host = Host::bare();
    let file = host.state().join("file");
    std::fs::write(&file, "").unwrap();
    let below = file.join("man1").display().to_string();
    host.run(&["man", "--folder", &below])
        .fails(25, &["man1", "cannot write"]);
}
