//! Logs, spans and metrics: enough to find out what happened, and nothing that is a secret.

use serde_json::Value;
use tests::scripted::{Reply, Scripted, answer};
use tests::{AUTHORIZATION, Host, TOKEN};

use crate::{faults, site};

/// A title that is asked for, and that no log repeats.
const TITLE: &str = "Payroll of the board";

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

fn has_no_secret(text: &[u8]) {
    for secret in [TOKEN, &AUTHORIZATION[6..], TITLE, "Payroll"] {
        assert!(!holds(text, secret), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_tells_of_calls_and_requests_and_of_no_secret() {
    let site = site().await;
    let host = Host::with_site(&site);
    let words = ["getBlogPosts", "--title", TITLE, "--output", "json"];
    let before = ["--log", "trace", "--log-format", "json", "call"];
    let ended = host.run(&[&before[..], &words].concat()).ok();
    has_no_secret(ended.stderr.as_bytes());
    let events: Vec<Value> = ended
        .stderr
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let called = events
        .iter()
        .find(|event| event["fields"]["message"] == "called")
        .unwrap_or_else(|| panic!("{events:#?}"));
    assert_eq!(called["span"]["function"], "get-blog-posts");
    assert!(
        called["fields"]["receipt"]
            .as_str()
            .unwrap()
            .contains("1 request (")
    );
    // What the command line prints stays alone on standard output.
    ended.json();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_again_is_logged_with_its_wait() {
    let site = site().await;
    let host = Host::with_site(&site);
    host.write(
        "cluster.toml",
        "network.allow-loopback = true\nretry.first-wait-seconds = 0.001\n",
    );
    site.set_faults(faults("1:503"));
    let ended = host
        .run(&["--log", "info", "call", "listSpaces", "--output", "json"])
        .ok();
    assert!(ended.stderr.contains("retried"), "{}", ended.stderr);
    assert!(ended.stderr.contains("wait_ms"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_come_to_a_collector_by_the_names_of_opentelemetry() {
    let site = site().await;
    let collector = Scripted::start(|_| Reply::Sends(answer("200 OK", ""))).await;
    let host = Host::with_site(&site);
    host.run(&[
        "--otlp-endpoint",
        &collector.url(),
        "call",
        "getBlogPosts",
        "--title",
        TITLE,
    ])
    .ok();
    let taken = collector.requests();
    let first = taken.first().expect("something was sent");
    assert_eq!(first.path(), "/v1/traces");
    for name in [
        "host-runner",
        "http.request.method",
        "http.response.status_code",
        "server.address",
        "127.0.0.1",
        "/wiki/api/v2/blogposts",
        "get-blog-posts",
    ] {
        assert!(holds(&first.body, name), "`{name}` is missing in the spans");
    }
    has_no_secret(&first.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_not_there_takes_nothing_from_the_call() {
    let site = site().await;
    let host = Host::with_site(&site);
    let words = [
        "--otlp-endpoint",
        "http://127.0.0.1:1",
        "call",
        "listSpaces",
    ];
    let ended = host.run(&[&words[..], &["--output", "json"]].concat()).ok();
    assert!(!ended.ids().is_empty());
}

#[test]
fn a_collector_that_is_no_address_is_refused() {
    let host = Host::new();
    host.run(&["--otlp-endpoint", "collector", "call", "listSpaces"])
        .fails(2, &["`--otlp-endpoint`", "http://127.0.0.1:4318"]);
    host.run(&["--log", "host_runner=loud", "call", "listSpaces"])
        .fails(2, &["`--log`", "debug"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_written_as_prometheus_reads_them() {
    let site = site().await;
    let host = Host::with_site(&site);
    let file = host.state().join("host-runner.prom");
    let path = file.to_str().unwrap();
    host.write(
        "cluster.toml",
        "network.allow-loopback = true\nretry.first-wait-seconds = 0.001\n",
    );
    site.set_faults(faults("1:503"));
    host.run(&["--metrics-file", path, "call", "listPages", "--all"])
        .ok();
    let text = std::fs::read_to_string(&file).unwrap();
    for line in [
        "http_client_request_duration_seconds_count{http_request_method=\"GET\",http_response_status_code=\"503\",error_type=\"503\"} 1",
        "http_client_request_duration_seconds_count{http_request_method=\"GET\",http_response_status_code=\"200\",error_type=\"\"} 1",
        "host_runner_call_duration_seconds_count{function=\"list-pages\",error_type=\"\"} 1",
        "host_runner_requests_resent_total 1",
    ] {
        assert!(text.contains(line), "`{line}` is missing in\n{text}");
    }
    has_no_secret(text.as_bytes());
    assert!(!text.contains("127.0.0.1"), "no site is in a label");
    // A call that fails is counted as well.
    site.set_faults(faults("*:401"));
    host.run(&["--metrics-file", path, "call", "listPages"])
        .fails(4, &[]);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("error_type=\"unauthorized\"} 1"), "{text}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn metrics_take_no_devices_place() {
    let site = site().await;
    let host = Host::with_site(&site);
    let device = host.state().join("device");
    std::os::unix::fs::symlink("/dev/null", &device).unwrap();
    let shown = device.display().to_string();
    host.run(&["--metrics-file", &shown, "call", "listSpaces"])
        .ok();
    assert!(device.is_symlink());
}

/// How many calls of a function a file of metrics has, all kinds of ends together.
fn calls(text: &str, function: &str) -> u64 {
    let begins = format!("host_runner_call_duration_seconds_count{{function=\"{function}\"");
    text.lines()
        .filter(|line| line.starts_with(&begins))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok())
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_that_calls_writes_its_metrics() {
    let site = site().await;
    let host = Host::with_site(&site);
    let is_small = |id: &String| {
        let size = site.site().attachment_size(id);
        size.is_some_and(|size| size < 1 << 20)
    };
    let attachment = site.site().attachment_ids().find(is_small).unwrap();
    let downloaded = host.state().join("content").display().to_string();
    let missing = "att9223372036854775807";
    for (words, function, code) in [
        (&["connection", "test"][..], "test-connection", 0),
        (&["doctor"], "test-connection", 0),
        (&["demo"], "list-pages", 0),
        (
            &["download", &attachment, "--output-file", &downloaded],
            "get-attachment-location",
            0,
        ),
        (&["download", missing], "get-attachment-location", 6),
    ] {
        let file = host.state().join("host-runner.prom");
        let options = ["--metrics-file", file.to_str().unwrap()];
        host.run(&[&options[..], words].concat()).fails(code, &[]);
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(calls(&text, function), 1, "{words:?}: {text}");
        std::fs::remove_file(&file).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_that_cannot_be_written_never_hide_how_the_call_ended() {
    let site = site().await;
    let host = Host::with_site(&site);
    let file = host.state().join("nowhere/host-runner.prom");
    let run = |words: &[&str]| {
        let options = ["--metrics-file", file.to_str().unwrap()];
        host.run(&[&options[..], words].concat())
    };
    let told = ["nowhere", "`--metrics-file`"];
    let ended = run(&["call", "listSpaces"]).fails(25, &told);
    assert!(!ended.ids().is_empty(), "the answer is there all the same");
    run(&["call", "listPages", "--all"]).fails(25, &told);
    run(&["connection", "test"]).fails(25, &told);
    site.set_faults(faults("*:401"));
    for words in [
        &["call", "listSpaces"][..],
        &["call", "listSpaces", "--all"],
        &["connection", "test"],
        &["download", "att1"],
    ] {
        let ended = run(words).fails(4, &told);
        assert!(ended.stderr.contains("401"), "{ended:#?}");
    }
}
