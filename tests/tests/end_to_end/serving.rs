//! `host-runner simulator serve`, for programs in other languages.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use serde_json::Value;
use tests::{AUTHORIZATION, Host, TOKEN};

struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_log_has_each_request_before_its_answer_and_no_credential() {
    let host = Host::new();
    let log = host.state().join("requests.ndjson");
    std::fs::write(&log, "of another run\n").unwrap();
    let mut child = host
        .command()
        .args(["simulator", "serve", "--port", "0", "--fault", "2:403"])
        .arg("--request-log")
        .arg(&log)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let _serving = Serving(child);
    let mut endpoint = String::new();
    BufReader::new(stdout).read_line(&mut endpoint).unwrap();
    host.set(endpoint.trim(), AUTHORIZATION, "app").ok();

    host.call(&["listSpaces", "--limit", "2"]).ok();
    host.call(&["listPages", "--limit", "3"]).fails(5, &[]);
    let text = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<(u64, &str, &str, u64)> = lines
        .iter()
        .map(|line| {
            (
                line["number"].as_u64().unwrap(),
                line["method"].as_str().unwrap(),
                line["path"].as_str().unwrap(),
                line["status"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (1, "GET", "/wiki/api/v2/spaces?limit=2", 200),
            (2, "GET", "/wiki/api/v2/pages?limit=3", 403),
        ]
    );
    assert!(
        !text.contains(TOKEN) && !text.contains(AUTHORIZATION),
        "{text}"
    );
}

#[test]
fn a_log_that_cannot_be_written_is_told_before_anything_is_served() {
    Host::new()
        .run(&[
            "simulator",
            "serve",
            "--port",
            "0",
            "--request-log",
            "/no/such/folder/log",
        ])
        .fails(25, &["/no/such/folder/log"]);
}

#[cfg(target_os = "linux")]
#[test]
fn the_memory_of_the_process_is_not_dumped_unless_that_is_allowed() {
    for (allowed, soft) in [(None, "1"), (Some("1"), "unlimited")] {
        let host = Host::new();
        let command = host.command();
        // A shell that allows dumps of any size, where the machine does.
        let mut shell = std::process::Command::new("bash");
        shell.envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        shell.env_remove("HOST_RUNNER_CORE_DUMPS");
        shell.envs(allowed.map(|value| ("HOST_RUNNER_CORE_DUMPS", value)));
        let mut child = shell
            .args([
                "-c",
                "ulimit -S -c unlimited || exit 9; exec \"$@\"",
                "bash",
            ])
            .arg(tests::binary())
            .args(["simulator", "serve", "--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let process = child.id();
        let serving = Serving(child);
        let mut endpoint = String::new();
        BufReader::new(stdout).read_line(&mut endpoint).unwrap();
        if endpoint.is_empty() {
            // The machine allows none at all.
            continue;
        }
        let limits = std::fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
        let line = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let mut words = line.unwrap().split_whitespace().skip(4);
        assert_eq!(words.next(), Some(soft), "{limits}");
        drop(serving);
    }
}

#[test]
fn an_authorization_server_is_served_on_request() {
    let host = Host::new();
    let mut child = host
        .command()
        .args(["simulator", "serve", "--port", "0", "--oauth"])
        .args([
            "--oauth-consent",
            "declined",
            "--oauth-site",
            "11aa=https://one.example.net",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let _serving = Serving(child);
    let mut endpoint = String::new();
    BufReader::new(stdout).read_line(&mut endpoint).unwrap();
    let origin = endpoint.trim().strip_suffix("/wiki/api/v2/").unwrap();
    for key in ["oauth.api", "oauth.authorization-server"] {
        host.run(&["config", "set", key, origin, "--level", "cluster"])
            .ok();
    }
    let uri = "http://localhost:8765/callback";
    let add = [
        "oauth-app",
        "add",
        "main",
        "--client-id",
        "demo-client",
        "--redirect-uri",
        uri,
    ];
    host.run_with(&[&add[..], &["--secret", "-"]].concat(), "demo-secret", &[])
        .ok();
    let login = [
        "connection",
        "login",
        "--oauth-app",
        "main",
        "--paste",
        "--no-browser",
    ];
    let ended = host.run_with(&login, &format!("{uri}?error=access_denied"), &[]);
    assert!(
        ended.stdout.starts_with(&format!("{origin}/authorize?")),
        "{ended:#?}"
    );
    ended.fails(2, &["`state`"]);
}
