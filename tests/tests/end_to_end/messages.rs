//! Messages for programs: an object on a line of standard error for each.

use serde_json::{Value, json};
use tests::{Ended, Host};

use crate::{faults, site, site_of};

/// All messages of a run, each of which is an object.
fn messages(ended: &Ended) -> Vec<Value> {
    let lines = ended.stderr.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect()
}

/// The only message of a run.
fn message(ended: &Ended) -> Value {
    match messages(ended).as_slice() {
        [only] => only.clone(),
        several => panic!("{several:#?}"),
    }
}

fn for_programs(host: &Host, words: &[&str]) -> Ended {
    host.run(&[&["--message-format", "json"], words].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_call_says_in_fields_what_a_person_reads() {
    let site = site().await;
    let host = Host::with_site(&site);
    site.set_faults(faults("*:401"));
    let words = ["call", "listPages"];
    let told = message(&for_programs(&host, &words).fails(4, &[]));
    assert_eq!(told["type"], "error");
    assert_eq!(
        (&told["kind"], &told["exitCode"]),
        (&json!("unauthorized"), &json!(4))
    );
    assert_eq!(told["status"], 401);
    let person = host.run(&words).fails(4, &[]).stderr;
    for field in ["message", "cause", "resolution"] {
        let text = told[field].as_str().unwrap();
        assert!(
            !text.is_empty() && person.contains(text),
            "{field}: {person}"
        );
    }
    let from = &told["suppliedBy"];
    assert_eq!(
        (&from["level"], &from["line"]),
        (&json!("env/default/app/default"), &json!(1))
    );
    assert_eq!(
        from["endpoint"],
        site.endpoint().trim_end_matches("/api/v2/")
    );
    assert!(
        from["file"].as_str().unwrap().ends_with("default.toml"),
        "{from}"
    );
    assert!(told["requestId"].is_string(), "{told}");
    // Behind the function as well, and from the environment.
    let behind = host.call(&["listPages", "--message-format", "json"]);
    assert_eq!(message(&behind.fails(4, &[]))["cause"], told["cause"]);
    let mut command = host.command();
    command
        .env("HOST_RUNNER_MESSAGE_FORMAT", "json")
        .args(words);
    let stderr = String::from_utf8(command.output().unwrap().stderr).unwrap();
    let same: Value = serde_json::from_str(&stderr).unwrap();
    assert_eq!(same["cause"], told["cause"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_a_site_asks_for_is_a_number() {
    let site = site().await;
    let host = Host::with_site(&site);
    site.set_faults(faults("*:429"));
    let words = ["call", "listPages", "--timeout", "5"];
    let told = message(&for_programs(&host, &words).fails(7, &[]));
    assert_eq!(told["kind"], "rate-limited");
    assert_eq!(told["retryAfterMs"], 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_a_list_is_named_in_a_field() {
    let site = site_of(3000).await;
    let host = Host::with_site(&site);
    let part = for_programs(&host, &["call", "listPages", "--limit", "2"]).ok();
    let told = message(&part);
    assert_eq!(told["type"], "note");
    assert_eq!(told["after"], part.json()["rest"]["after"]);
    site.set_faults(faults("7:401"));
    let broken = for_programs(&host, &["call", "listPages", "--all"]).fails(4, &[]);
    let [warning, error] = &messages(&broken)[..] else {
        panic!("{broken:#?}")
    };
    assert_eq!(
        (&warning["type"], &error["type"]),
        (&json!("warning"), &json!("error"))
    );
    site.set_faults(faults(""));
    let after = warning["after"].as_str().unwrap();
    let left = host.call(&["listPages", "--all", "--after", after]).ok();
    assert_eq!(broken.line_ids().len() + left.line_ids().len(), 3000);
    let since = [
        "call",
        "getPagesChangedSince",
        "2000-01-01",
        "--all",
        "--output",
        "json",
    ];
    let changes = for_programs(&host, &since).ok();
    let told = message(&changes);
    assert_eq!(told["checkpoint"], changes.json()["checkpoint"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_a_message() {
    let site = site().await;
    let host = Host::with_site(&site);
    for format in ["json", "table"] {
        let words = [
            "call",
            "listSpaces",
            "--receipt",
            "--output",
            format,
            "--limit",
            "100",
        ];
        let told = messages(&for_programs(&host, &words).ok());
        let receipts: Vec<&Value> = told
            .iter()
            .filter(|told| told["type"] == "receipt")
            .collect();
        assert_eq!(receipts.len(), 1, "{told:?}");
        assert_eq!(receipts[0]["receipt"]["requests"], 1);
    }
}

#[test]
fn mistakes_of_files_and_of_the_command_line_are_messages() {
    let host = Host::new();
    host.write("cluster.toml", "[limits]\nmemory-mib = \"many\"\n");
    let told = message(&for_programs(&host, &["config", "explain"]).fails(27, &[]));
    assert_eq!(told["kind"], "configuration");
    let problem = &told["problems"][0];
    assert_eq!(
        (&problem["key"], &problem["line"]),
        (&json!("limits.memory-mib"), &json!(2))
    );
    assert!(
        problem["file"].as_str().unwrap().ends_with("cluster.toml"),
        "{problem}"
    );
    let host = Host::new();
    for (words, named) in [
        (&["conect"][..], "conect"),
        (&["call"], "`call` needs a function"),
        (&["call", "listPagse"], "listPages"),
        (&["connection", "add", "--tokne", "c2VjcmV0"], "not shown"),
    ] {
        let told = message(&for_programs(&host, words).fails(2, &[]));
        assert_eq!(
            (&told["kind"], &told["exitCode"]),
            (&json!("usage"), &json!(2))
        );
        let text = told["message"].as_str().unwrap();
        assert!(
            text.contains(named) && !text.contains("c2VjcmV0"),
            "{words:?}: {text}"
        );
    }
}
