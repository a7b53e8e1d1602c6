//! The control interface of `host-runner simulator serve`, and the examples of its page.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::{Value, json};
use tests::{AUTHORIZATION, Host};

struct Served {
    host: Host,
    child: Child,
    endpoint: String,
    control: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    fn start(options: &[&str]) -> Self {
        let host = Host::new();
        let mut child = host
            .command()
            .args(["simulator", "serve", "--port", "0", "--control", "0"])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut line = || lines.next().unwrap().unwrap();
        let (endpoint, control) = (line(), line());
        host.set(&endpoint, AUTHORIZATION, "app").ok();
        Self {
            host,
            child,
            endpoint,
            control,
        }
    }

    /// The status and the body of an answer of the control interface.
    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let address = self.control.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }

    fn lines(&self, method: &str, path: &str, body: &str) -> Vec<Value> {
        let (status, text) = self.ask(method, path, body);
        assert_eq!(status, 200, "{path}: {text}");
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// The words of a command, which has no quotes but single ones.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in command.split('\'').enumerate() {
        if at % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn the_examples_of_the_page_work() {
    let served = Served::start(&[]);
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/simulator.md");
    let text = fs::read_to_string(page).unwrap();
    let mut inside = false;
    let mut ran = 0;
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line == "```bash";
        } else if inside {
            let words = words(line);
            assert_eq!(words[0], "curl", "{line}");
            let url = words.iter().find(|word| word.starts_with("http")).unwrap();
            let path = url.strip_prefix("http://127.0.0.1:8091").unwrap();
            let data = words.iter().position(|word| word == "--data");
            let posts = data.is_some() || words.iter().any(|word| word == "POST");
            let body = data.map_or("", |at| &words[at + 1]);
            let (status, answer) = served.ask(if posts { "POST" } else { "GET" }, path, body);
            assert_eq!(status, 200, "{line}: {answer}");
            assert!(!answer.is_empty());
            ran += 1;
        }
    }
    assert!(ran >= 6, "{ran}");
    let example = text.lines().find(|line| line.starts_with("{\"number\":1"));
    let example: Value = serde_json::from_str(example.unwrap()).unwrap();
    assert_eq!(served.lines("GET", "/journal", "")[0], example);
    let kinds = served.ask("POST", "/mutations", "{}").1;
    let kinds: Value = serde_json::from_str(&kinds).unwrap();
    for kind in kinds["kinds"].as_array().unwrap() {
        let kind = kind.as_str().unwrap();
        assert!(text.contains(&format!("`{kind}`")), "{kind}");
    }
}

#[test]
fn a_mutation_is_answered_by_the_site_at_once() {
    let served = Served::start(&["--pages", "60"]);
    let created = r#"{"kind":"create-page","space":"ENG","title":"Fresh"}"#;
    let created = served.lines("POST", "/mutations", created);
    let id = created[0]["ids"][0].as_str().unwrap().to_owned();
    let page = served.host.call(&["getPageById", &id]).ok().json();
    assert_eq!(page["title"], "Fresh");
    let several = format!(
        "{{\"kind\":\"edit\",\"id\":\"{id}\"}}\n{{\"kind\":\"retitle\",\"id\":\"{id}\",\"title\":\"T\"}}\n"
    );
    let changes = served.lines("POST", "/mutations", &several);
    assert_eq!(changes[1]["version"], 3);
    let page = served.host.call(&["getPageById", &id]).ok().json();
    assert_eq!(page["version"]["number"], 3, "{page}");
    let truth = served.lines("GET", "/content?kind=page", "");
    let row = truth.iter().find(|row| row["id"] == *id).unwrap();
    assert_eq!((&row["title"], &row["version"]), (&json!("T"), &json!(3)));
    assert_eq!(served.lines("GET", "/journal", "").len(), 3);
    assert!(served.endpoint.starts_with("http://127.0.0.1:"));
}

#[test]
fn what_is_wrong_is_refused_with_the_kinds_and_nothing_is_changed() {
    let served = Served::start(&[]);
    let several = r#"{"kind":"create-page","space":"ENG"} {"kind":"exlpode"}"#;
    for (body, place, reason) in [
        (several, 2, "`exlpode` is not a kind of mutation"),
        ("{\"kind\":", 1, "EOF"),
        ("", 1, "the body has no mutation"),
        (r#"{"kind":"trash","id":"5"}"#, 1, "`5` is not a page"),
    ] {
        let (status, answer) = served.ask("POST", "/mutations", body);
        assert_eq!(status, 400, "{answer}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(
            answer["error"].as_str().unwrap().contains(reason),
            "{answer}"
        );
        assert_eq!(answer["mutation"], place, "{answer}");
        assert!(answer["kinds"].as_array().unwrap().contains(&json!("edit")));
    }
    assert_eq!(served.ask("GET", "/journal", ""), (200, String::new()));
    assert_eq!(served.ask("GET", "/mutations", "").0, 405);
    assert_eq!(served.ask("GET", "/content?kind=poem", "").0, 400);
    assert_eq!(served.ask("POST", "/clock", "{}").0, 400);
    let (status, answer) = served.ask("GET", "/", "");
    assert!(
        status == 404 && answer.contains("POST /mutations"),
        "{answer}"
    );
}

#[test]
fn the_commands_to_connect_work_as_they_are_printed() {
    let host = Host::bare();
    let mut child = host
        .command()
        .args(["simulator", "serve", "--port", "0"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut hint = String::new();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    lines.read_line(&mut hint).unwrap();
    let mut commands = 0;
    for command in hint.split('`').skip(1).step_by(2) {
        let words: Vec<&str> = command.split(' ').collect();
        assert_eq!(words[0], "host-runner", "{hint}");
        host.run_with(&words[1..], "any-token", &[]).ok();
        commands += 1;
    }
    assert_eq!(commands, 2, "{hint}");
    host.run(&["connection", "test"]).ok();
    let _ = child.kill();
    let _ = child.wait();
}
