//! Every command of the README is run.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use tests::{Host, binary};

/// Commands that `.ci/run` runs, or that start the very run that this test is part of.
const RUN_ELSEWHERE: [&str; 9] = [
    "cargo run --example embed",
    "cargo test",
    "rustup ",
    "cargo bench",
    "benches/run",
    "scripts/",
    "cargo xtask",
    // Takes npm, and minutes to install what it runs with.
    "polyglot/",
    // Takes minutes and a compiler flag of its own.
    "RUSTC_BOOTSTRAP=1 cargo fuzz",
];

struct Background(Child);

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The lines of the README's `sh` blocks.
fn commands() -> Vec<String> {
    let readme =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let mut inside = false;
    let mut commands = Vec::new();
    for line in readme.lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
        } else if inside && !line.trim().is_empty() && !line.starts_with('#') {
            commands.push(line.to_owned());
        }
    }
    commands
}

#[test]
fn every_command_of_the_readme_works() {
    let host = Host::bare();
    let folder = tempfile::tempdir().unwrap();
    let mut site = None;
    let mut ran = 0;
    for line in commands() {
        if RUN_ELSEWHERE
            .iter()
            .any(|elsewhere| line.starts_with(elsewhere))
        {
            continue;
        }
        ran += 1;
        let program = binary().display().to_string();
        let line = line.replace("cargo run --", "host-runner");
        assert!(
            line.contains("host-runner "),
            "a command that this test cannot run: {line}"
        );
        if line.contains("simulator serve") {
            // Another port than the README's, which somebody may use.
            let mut child = Command::new(binary())
                .args(["simulator", "serve", "--port", "0", "--pages", "300"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut endpoint = String::new();
            BufReader::new(child.stdout.take().unwrap())
                .read_line(&mut endpoint)
                .unwrap();
            site = Some((Background(child), endpoint.trim().to_owned()));
            continue;
        }
        let mut line = line.replace("host-runner ", &format!("{program} "));
        if let Some((_, endpoint)) = &site {
            line = line.replace("http://127.0.0.1:8090/wiki/api/v2/", endpoint);
        }
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &line])
            .current_dir(folder.path())
            .env("HOST_RUNNER_STATE_DIR", host.state())
            .env_remove("HOST_RUNNER_CONFIG_DIR")
            .env_remove("HOST_RUNNER_KEY")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{line}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(
            !output.stdout.is_empty() || !output.stderr.is_empty() || line.contains('>'),
            "{line} printed nothing"
        );
    }
    assert!(ran >= 5, "the README has commands");
}
