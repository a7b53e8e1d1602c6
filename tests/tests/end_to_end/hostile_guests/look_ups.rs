//! Look-ups that are POSTs by design: what leaves of them, and guests that would send more.

use std::time::Duration;

use confluence_simulator::Simulator;
use host_runner::{CallError, Limits, Scope};
use tests::scripted::{Asked, Reply, Scripted, answer};

use super::{Stage, error, guest};

pub(super) const TYPES: &str = "/wiki/api/v2/content/convert-ids-to-types";
const USERS: &str = "/wiki/api/v2/users-bulk";

/// The most that a body may have, in bytes.
const MOST: u32 = 65_536;

/// A site that answers the statuses of a script, and then 200.
async fn site(script: &'static [u16]) -> Scripted {
    let script = |asked: &Asked| {
        let status = script.get(asked.number - 1).copied().unwrap_or(200);
        Reply::Sends(answer(&format!("{status} OK"), "{}"))
    };
    Scripted::start(script).await
}

/// What was asked of it, heads and bodies.
fn asked(site: &Scripted) -> Vec<String> {
    site.requests().iter().map(Asked::text).collect()
}

async fn stage(authority: &str, limits: Limits, texts: &[&str], body: &str) -> Stage {
    let stage = Stage::with_limits(guest("", &[&[authority], texts].concat(), body), limits);
    stage
        .connect(&Scope::default(), authority, "sesame-open-0123456789")
        .await;
    stage
}

/// Looks something up, and answers the status.
pub(super) const LOOKS_UP: &str = "(call $post (call $request TEXT0 TEXT1))
    (drop (call $pour TEXT2))
    (call $finish)
    (call $status-of (call $await (global.get $sent-future)))";

#[tokio::test]
async fn look_ups_by_post_are_answered_by_the_site() {
    let site = Simulator::start(Default::default()).await.unwrap();
    let account = site.site().account_ids().next().unwrap();
    let accounts = format!(r#"{{"accountIds":["{account}"]}}"#);
    for (path, body, wanted) in [
        (TYPES, r#"{"contentIds":["98304","1"]}"#, 200),
        (USERS, accounts.as_str(), 200),
        // The site read it: this is none of the lists that it takes.
        (TYPES, r#"{"contentIds":[]}"#, 400),
    ] {
        let authority = site.address().to_string();
        let stage = stage(&authority, Limits::default(), &[path, body], LOOKS_UP).await;
        assert_eq!(stage.run().await.unwrap(), wanted, "{path} {body}");
        let asked = site.requests().pop().unwrap();
        assert_eq!(
            (asked.method.as_str(), asked.status as u32),
            ("POST", wanted)
        );
        assert_eq!(asked.path_and_query, path);
        stage.has_everything_back().await;
        let metrics = stage.host.metrics();
        let counted =
            format!("{{http_request_method=\"POST\",http_response_status_code=\"{wanted}\"");
        assert!(metrics.contains(&counted), "{metrics}");
    }
}

#[tokio::test]
async fn a_look_up_that_goes_wrong_is_made_again_with_the_same_body() {
    let site = site(&[503, 429]).await;
    let ids = format!(r#"{{"contentIds":["{}"]}}"#, "1".repeat(20_000));
    let stage = stage(
        site.authority(),
        Limits::default(),
        &[TYPES, &ids],
        LOOKS_UP,
    )
    .await;
    stage.set_cluster("retry.attempts", "2");
    stage.set_cluster("retry.first-wait-seconds", "0.001");
    assert_eq!(stage.run().await.unwrap(), 200);
    let requests = asked(&site);
    let [first, second, third] = &requests[..] else {
        panic!("{requests:?}");
    };
    assert!(first == second && second == third);
    let (head, body) = first.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, ids);
    let mut lines = head.split("\r\n");
    assert_eq!(
        lines.next(),
        Some(format!("POST {TYPES} HTTP/1.1").as_str())
    );
    let mut headers: Vec<String> = lines.map(str::to_ascii_lowercase).collect();
    headers.sort();
    let names: Vec<&str> = headers
        .iter()
        .map(|line| line.split(':').next().unwrap())
        .collect();
    let ours = [
        "accept-encoding",
        "authorization",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    ];
    assert_eq!(names, ours);
    assert!(headers.contains(&"content-type: application/json".to_owned()));
    assert!(headers.contains(&format!("content-length: {}", ids.len())));
}

#[tokio::test]
async fn a_post_of_anything_else_stays_here_with_its_body() {
    let site = site(&[]).await;
    for path in [
        "/wiki/api/v2/pages",
        "/wiki/api/v2/users-bulk/",
        "/wiki/api/v2/users-bulk?x",
        "/wiki/api/v2/users-bulk/check-access-by-email",
        "/wiki/api/v2/%75sers-bulk",
        "/wiki/api/v2/../api/v2/users-bulk",
        "/wiki/api/v2/users-bulk;x",
        "/wiki/rest/api/content/1/label",
        "/wiki/rest/api/search",
        "/users-bulk",
    ] {
        let body = "(call $post (call $request TEXT0 TEXT1))
            (call $status-of (call $await (global.get $sent-future)))";
        let stage = stage(site.authority(), Limits::default(), &[path], body).await;
        assert_eq!(
            stage.run().await.unwrap(),
            error("HTTP-request-denied"),
            "{path}"
        );
    }
    assert!(site.requests().is_empty());
}

#[tokio::test]
async fn a_look_up_is_sent_up_to_its_limit_and_refused_above_it() {
    // Answers the status, or the limit that the error names.
    let looks_up = |bytes: u32| {
        format!(
            "(memory.fill (i32.const 65536) (i32.const 120) (i32.const 65536))
            (call $post (call $request TEXT0 TEXT1))
            (drop (call $pour (i32.const 65500) (i32.const {bytes})))
            (call $finish)
            (local.set $a (call $status-of (call $await (global.get $sent-future))))
            (if (result i32) (i32.lt_u (local.get $a) (i32.const 1000))
                (then (local.get $a))
                (else (i32.load (i32.const 296))))"
        )
    };
    let site = site(&[]).await;
    for (bytes, wanted, sent) in [(MOST, 200, 1), (MOST + 1, MOST, 1)] {
        let body = looks_up(bytes);
        let stage = stage(site.authority(), Limits::default(), &[TYPES], &body).await;
        assert_eq!(stage.run().await.unwrap(), wanted, "{bytes}");
        stage.has_everything_back().await;
        assert_eq!(site.requests().len(), sent);
    }
    let requests = asked(&site);
    let (_, body) = requests[0].split_once("\r\n\r\n").unwrap();
    assert_eq!(body.len(), MOST as usize);
}

#[tokio::test]
async fn a_look_up_that_is_written_without_end_is_cut_at_its_limit() {
    // Writes until nothing more is taken; answers how many pages of 64 KiB that were, and the error.
    let body = "(call $post (call $request TEXT0 TEXT1))
        (loop $again
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.eqz (call $pour (i32.const 65536) (i32.const 65536)))))
        (i32.add (i32.mul (local.get $i) (i32.const 10000))
            (call $status-of (call $await (global.get $sent-future))))";
    let site = site(&[]).await;
    let stage = stage(site.authority(), Limits::default(), &[TYPES], body).await;
    let ended = stage.run().await.unwrap();
    assert_eq!(ended, 20_000 + error("HTTP-request-body-size"));
    stage.has_everything_back().await;
    assert!(site.requests().is_empty());
}

#[tokio::test]
async fn look_ups_that_never_end_keep_no_other_request_waiting() {
    // More than may be under way at once; then a GET.
    let body = "(loop $again
            (call $post (call $request TEXT0 TEXT1))
            (drop (call $pour (i32.const 65536) (i32.const 10)))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const 10))))
        (call $ask (call $request TEXT0 TEXT2))";
    let site = site(&[]).await;
    let texts = [TYPES, "/wiki/api/v2/pages"];
    let stage = stage(site.authority(), Limits::default(), &texts, body).await;
    assert_eq!(stage.run().await.unwrap(), 200);
    stage.has_everything_back().await;
    let requests = asked(&site);
    let [get] = &requests[..] else {
        panic!("{requests:?}");
    };
    assert!(get.starts_with("GET /wiki/api/v2/pages "), "{get}");
}

#[tokio::test]
async fn a_look_up_that_never_ends_ends_with_its_call() {
    let body = "(call $post (call $request TEXT0 TEXT1))
        (drop (call $pour (i32.const 65536) (i32.const 10)))
        (call $status-of (call $await (global.get $sent-future)))";
    let limits = Limits {
        call: Duration::from_millis(100),
        ..Limits::default()
    };
    let site = site(&[]).await;
    let stage = stage(site.authority(), limits, &[TYPES], body).await;
    let ended = stage.run().await;
    assert!(
        matches!(ended, Err(CallError::TimedOut { .. })),
        "{ended:?}"
    );
    assert!(site.requests().is_empty());
}

#[tokio::test]
async fn a_look_up_that_is_broken_off_is_not_sent() {
    let body = "(call $post (call $request TEXT0 TEXT1))
        (drop (call $pour TEXT2))
        (call $drop-output (global.get $sent-stream))
        (call $drop-body (global.get $sent-body))
        (call $status-of (call $await (global.get $sent-future)))";
    let site = site(&[]).await;
    let ids = r#"{"contentIds":["1"]}"#;
    let stage = stage(site.authority(), Limits::default(), &[TYPES, ids], body).await;
    assert_eq!(stage.run().await.unwrap(), error("HTTP-protocol-error"));
    assert!(site.requests().is_empty());
}

#[tokio::test]
async fn look_ups_that_are_not_ended_are_no_more_than_a_call_may_have_memory() {
    // Each has 60 000 bytes and goes on; answers how many were taken whole.
    let body = "(loop $again
            (call $post (call $request TEXT0 TEXT1))
            (if (call $pour (i32.const 65536) (i32.const 60000))
                (then (return (local.get $i))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $again))
        (unreachable)";
    let limits = Limits {
        memory_bytes: 1 << 20,
        ..Limits::default()
    };
    let site = site(&[]).await;
    let stage = stage(site.authority(), limits, &[TYPES], body).await;
    assert_eq!(stage.run().await.unwrap(), (1 << 20) / 60_000);
    stage.has_everything_back().await;
}
