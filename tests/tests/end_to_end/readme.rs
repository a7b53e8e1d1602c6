//! Every command of the README and of the manual in `docs/` is run, and their links lead somewhere.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tests::{Host, binary};

/// Commands that `.ci/run` runs, or that start the very run that this test is part of.
const RUN_ELSEWHERE: [&str; 13] = [
    "cargo run -- demo",
    "cargo run --example embed",
    "cargo test",
    "BLESS=1 cargo test",
    "rustup ",
    "benches/run",
    "scripts/",
    "cargo xtask",
    // Takes npm or pip, and minutes to install what it runs with; runs the examples of its pages.
    "polyglot/",
    "cp -R polyglot/",
    "npm ",
    "pip install",
    // Takes minutes and a compiler flag of its own.
    "RUSTC_BOOTSTRAP=1 cargo fuzz",
];

/// The page that has the commands which set up a site for the other pages, and their heading.
const CALLING: &str = "docs/calling.md";
const SITE_TO_TRY: &str = "## A site to try";

/// The endpoint of the simulator in the manual. Tests use another port, which is surely free.
const SIMULATOR: &str = "http://127.0.0.1:8090/wiki/api/v2/";

/// The site that stands for the reader's own.
const OWN_SITE: &str = "--site example.atlassian.net";

struct Site {
    simulator: Child,
    endpoint: String,
}

impl Site {
    fn start() -> Self {
        let mut simulator = Command::new(binary())
            .args(["simulator", "serve", "--port", "0", "--pages", "300"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut endpoint = String::new();
        BufReader::new(simulator.stdout.take().unwrap())
            .read_line(&mut endpoint)
            .unwrap();
        Self {
            simulator,
            endpoint: endpoint.trim().to_owned(),
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.simulator.kill();
        let _ = self.simulator.wait();
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text_of(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap()
}

/// The README and all pages of the manual.
fn pages() -> Vec<String> {
    let mut pages: Vec<String> = fs::read_dir(root().join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".md"))
        .map(|name| format!("docs/{name}"))
        .collect();
    pages.sort_unstable();
    pages.insert(0, "README.md".to_owned());
    pages
}

/// The lines of the `sh` blocks of a text.
fn commands(text: &str) -> Vec<String> {
    let mut inside = false;
    let mut commands = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
        } else if inside && !line.trim().is_empty() && !line.starts_with('#') {
            commands.push(line.to_owned());
        }
    }
    commands
}

/// The section of a heading, up to the next one.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let (_, rest) = text.split_once(heading).unwrap();
    rest.split("\n## ").next().unwrap()
}

/// Runs the commands of a page in a configuration of its own; answers how many there were.
fn run(page: &str, commands: &[String], host: &Host, site: &Site) -> usize {
    let (config, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut ran = 0;
    for written in commands {
        if RUN_ELSEWHERE
            .iter()
            .any(|elsewhere| written.starts_with(elsewhere))
        {
            continue;
        }
        ran += 1;
        let line = written.replace("cargo run --", "host-runner");
        assert!(
            line.contains("host-runner "),
            "{page} has a command that this test cannot run: {line}"
        );
        if line.contains("simulator serve") {
            continue;
        }
        let program = format!("{} ", binary().display());
        let line = line
            .replace("host-runner ", &program)
            .replace(SIMULATOR, &site.endpoint)
            .replace(OWN_SITE, &format!("--site {}", site.endpoint));
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &line])
            .current_dir(folder.path())
            .env("HOST_RUNNER_STATE_DIR", host.state())
            .env("HOST_RUNNER_CONFIG_DIR", config.path())
            .env("CONFLUENCE_TOKEN", "demo-token")
            .env_remove("HOST_RUNNER_KEY")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{page}: {written}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(
            !output.stdout.is_empty() || !output.stderr.is_empty() || line.contains('>'),
            "{page}: {written} printed nothing"
        );
    }
    ran
}

#[test]
fn every_command_of_the_readme_and_the_manual_works() {
    let site = Site::start();
    let host = Host::bare();
    let calling = text_of(CALLING);
    let set_up = commands(section(&calling, SITE_TO_TRY));
    let mut ran = 0;
    for page in pages() {
        // The commands of this page and their answers have a test of their own: `reference`.
        if page == "docs/functions.md" {
            continue;
        }
        let own = commands(&text_of(&page));
        let before: &[String] = match page.as_str() {
            CALLING => &[],
            // A reader's own site needs no permission to be reached; the simulator does.
            "README.md" => &set_up[1..2],
            _ => &set_up,
        };
        let ours = run(&page, &[before, &own].concat(), &host, &site) - before.len();
        assert!(
            ours >= 5 || page != "README.md",
            "the README has only {ours} commands"
        );
        ran += ours;
    }
    assert!(ran >= 60, "the manual has only {ran} commands");
}

/// The target of every link of a text.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target)
}

/// What a heading is called in links, as GitHub and others make it.
fn anchor(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .chars()
        .filter(|character| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_'))
        .map(|character| if character == ' ' { '-' } else { character })
        .collect()
}

#[test]
fn every_link_of_the_readme_and_the_manual_leads_to_a_file_and_a_heading() {
    let mut seen = 0;
    for page in pages().into_iter().chain(["docs/llms.txt".to_owned()]) {
        let text = text_of(&page);
        let here = root().join(&page);
        for link in links(&text) {
            if link.contains("://") {
                continue;
            }
            seen += 1;
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() {
                here.clone()
            } else {
                here.parent().unwrap().join(file)
            };
            let there = fs::read_to_string(&target)
                .unwrap_or_else(|error| panic!("{page} links to `{link}`: {error}"));
            assert!(
                heading.is_empty()
                    || there
                        .lines()
                        .any(|line| line.starts_with('#') && anchor(line) == heading),
                "{page} links to `{link}`, and `{file}` has no such heading"
            );
        }
    }
    assert!(seen >= 40, "only {seen} links");
}

#[test]
fn the_index_for_language_models_lists_every_page_of_the_manual() {
    let index = text_of("docs/llms.txt");
    for page in pages() {
        let name = page.strip_prefix("docs/").unwrap_or("../README.md");
        assert!(index.contains(&format!("]({name})")), "{page} is missing");
    }
}
