//! Guests that want to send what they may not: other headers, other hosts, more at once.

use std::time::Duration;

use host_runner::{CallError, Limits, Scope};
use tests::scripted::{Reply, Scripted, answer};

use super::{Stage, error, guest};

/// What is answered in place of a number of a status: the path, or the authority, was refused.
const NOT_SET: u32 = 3000;

/// What the header error of a header that was not appended is added to.
const NOT_APPENDED: u32 = 2000;

/// The header errors of `wasi:http`.
const INVALID_SYNTAX: u32 = NOT_APPENDED;
const FORBIDDEN: u32 = NOT_APPENDED + 1;

/// A site that answers nothing of use.
async fn site() -> Scripted {
    Scripted::start(|_| Reply::Sends(answer("200 OK", "{}"))).await
}

/// What a guest answers that goes over a connection to this site.
async fn run(site: &Scripted, component: Vec<u8>) -> u32 {
    let stage = Stage::new(component);
    stage
        .connect(
            &Scope::default(),
            site.authority(),
            "sesame-open-0123456789",
        )
        .await;
    stage.run().await.unwrap()
}

const PATH: &str = "/wiki/api/v2/pages";

/// A guest that sets one header, and sends the request if it may.
fn with_header(authority: &str, name: &str, value: &str) -> Vec<u8> {
    guest(
        "",
        &[authority, PATH, name, value],
        "(local.set $a (call $fields))
        (call $append (local.get $a) TEXT2 TEXT3 (i32.const 256))
        (if (i32.load8_u (i32.const 256))
            (then (return (i32.add (i32.const 2000) (i32.load8_u (i32.const 257))))))
        (local.set $b (call $new-request (local.get $a)))
        (drop (call $set-scheme (local.get $b)
            (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))
        (drop (call $set-authority (local.get $b) (i32.const 1) TEXT0))
        (drop (call $set-path (local.get $b) (i32.const 1) TEXT1))
        (call $ask (local.get $b))",
    )
}

/// A guest that asks for a path of a host, if it may say so.
fn of_place(authority: &str, path: &str) -> Vec<u8> {
    guest(
        "",
        &[authority, path],
        "(local.set $b (call $new-request (call $fields)))
        (drop (call $set-scheme (local.get $b)
            (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))
        (if (call $set-authority (local.get $b) (i32.const 1) TEXT0)
            (then (return (i32.const 3000))))
        (if (call $set-path (local.get $b) (i32.const 1) TEXT1)
            (then (return (i32.const 3000))))
        (call $ask (local.get $b))",
    )
}

#[tokio::test]
async fn no_header_of_a_guests_making_reaches_the_socket_but_accept() {
    let site = site().await;
    let length = error("HTTP-request-body-size");
    for (name, value, wanted) in [
        ("accept", "application/json", 200),
        ("accept", "text/html, */*;q=0.1", 200),
        ("accept", "a\r\nevil: 1", INVALID_SYNTAX),
        ("accept", "a\nevil: 1", INVALID_SYNTAX),
        ("accept", "a\r\n\r\nGET /evil HTTP/1.1", INVALID_SYNTAX),
        ("accept", "a\0b", INVALID_SYNTAX),
        ("accept\r\nevil", "1", INVALID_SYNTAX),
        ("accept: a\r\nevil", "1", INVALID_SYNTAX),
        ("ac cept", "1", INVALID_SYNTAX),
        ("", "1", INVALID_SYNTAX),
        ("host", "evil.example", FORBIDDEN),
        ("Authorization", "Basic ZXZpbA==", FORBIDDEN),
        ("cookie", "evil=1", FORBIDDEN),
        ("connection", "keep-alive, x", FORBIDDEN),
        ("Transfer-Encoding", "chunked", FORBIDDEN),
        ("upgrade", "h2c", FORBIDDEN),
        ("http2-settings", "x", FORBIDDEN),
        ("proxy-authorization", "Basic ZXZpbA==", FORBIDDEN),
        ("content-length", "5", length),
        ("content-length", "0", 200),
        ("content-type", "evil", 200),
        ("expect", "100-continue", 200),
        ("range", "bytes=0-1", 200),
        ("accept-encoding", "gzip", 200),
        ("x-http-method-override", "DELETE", 200),
        ("x-forwarded-host", "evil.example", 200),
        ("te", "trailers", 200),
        ("trailer", "evil", 200),
    ] {
        let ended = run(&site, with_header(site.authority(), name, value)).await;
        assert_eq!(ended, wanted, "{name}: {value}");
        let heads = site.take_heads();
        if wanted != 200 {
            assert!(heads.is_empty(), "{heads:?}");
            continue;
        }
        let [head] = &heads[..] else {
            panic!("{heads:?}");
        };
        let mut lines = head.trim_end().split("\r\n");
        assert_eq!(lines.next(), Some("GET /wiki/api/v2/pages HTTP/1.1"));
        for line in lines {
            let (header, value) = line.split_once(": ").unwrap();
            let header = header.to_ascii_lowercase();
            let known = [
                "host",
                "accept",
                "accept-encoding",
                "authorization",
                "user-agent",
            ];
            assert!(known.contains(&header.as_str()), "{head}");
            assert!(
                !value.contains("evil") && !value.contains("ZXZpb"),
                "{head}"
            );
        }
        assert!(head.ends_with("\r\n\r\n"), "{head}");
    }
}

#[tokio::test]
async fn a_length_that_is_none_is_refused() {
    let site = site().await;
    for value in ["-1", "5, 5", "0x5", "99999999999999999999", "+0", ""] {
        let ended = run(
            &site,
            with_header(site.authority(), "content-length", value),
        )
        .await;
        assert_ne!(ended, 200, "{value}");
        assert!(site.take_heads().is_empty(), "{value}");
    }
}

#[tokio::test]
async fn a_guest_reaches_no_place_but_its_connections() {
    let site = site().await;
    let denied = error("HTTP-request-denied");
    let own = site.authority().to_owned();
    for (authority, path, wanted) in [
        (own.as_str(), PATH, 200),
        (&own, "/wiki/rest/api/user/current?a=b%0d%0aevil:1", 200),
        (&own, "http://evil.example/wiki/api/v2/pages", NOT_SET),
        (&own, "evil.example/wiki/api/v2/pages", NOT_SET),
        (&own, "@evil.example/wiki/api/v2/pages", NOT_SET),
        (&own, "*", NOT_SET),
        (&own, "/wiki/api/v2/pages HTTP/1.1\r\nevil: 1", NOT_SET),
        (&own, "/wiki/api/v2/\r\n\r\nGET /evil", NOT_SET),
        (&own, "//evil.example/wiki/api/v2/pages", denied),
        (&own, "/wiki/api/v2/../../evil", denied),
        (&own, "/wiki/api/v2/%2e%2e/%2e%2e/evil", denied),
        (&own, "/wiki/api/v2\\..\\..\\evil", denied),
        (&own, "/wiki/api/v2/%c0%ae%c0%ae/%c0%ae%c0%ae/evil", denied),
        (&own, "/wiki/api/v2/%u002e%u002e/%u002e%u002e/evil", denied),
        (&own, "/wiki/api/v2/..%00/..%00/evil", denied),
        (&own, "/wiki/api/v2/%252e%252e/evil", denied),
        (&own, "/wiki/api/v2/..;/..;x/evil", denied),
        (&own, "/wiki/api/v2/pages;x=1", denied),
        (&own, "/wiki/api/v2/%ef%bc%8e%ef%bc%8e/evil", denied),
        (&own, "/wiki/api/v2/a%0d%0ab", denied),
        (&own, "/wiki/api/v2/%ff", denied),
        (&own, "/wiki/api/v2/%zz", denied),
        (&own, "/evil/wiki/api/v2/pages", denied),
        (&own, "?/wiki/api/v2/pages", denied),
        (&own, "", denied),
        ("evil.example", PATH, denied),
        (&format!("evil@{own}"), PATH, denied),
        (&format!("{own}@evil.example"), PATH, denied),
        (&format!("{own}.evil.example"), PATH, denied),
        (&format!("{own}\r\nevil: 1"), PATH, NOT_SET),
        (&format!("{own}/evil"), PATH, NOT_SET),
        ("127.0.0.1", PATH, denied),
        ("localhost:1", PATH, denied),
    ] {
        let ended = run(&site, of_place(authority, path)).await;
        assert_eq!(ended, wanted, "{authority} {path}");
        let heads = site.take_heads();
        assert_eq!(heads.len(), usize::from(wanted == 200), "{heads:?}");
        for head in heads {
            assert!(
                head.starts_with(&format!("GET {path} HTTP/1.1\r\n")),
                "{head}"
            );
        }
    }
}

#[tokio::test]
async fn a_guest_that_opens_thousands_of_requests_has_few_under_way() {
    // The site takes them and says nothing, so that each stays open, and the guest waits for the
    // last one.
    let site = Scripted::start(|_| Reply::Hangs(Vec::new())).await;
    let body = "(loop $again
        (call $handle (call $request TEXT0 TEXT1) (i32.const 0) (i32.const 0) (i32.const 256))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $i) (i32.const 2000))))
        (call $block (call $subscribe (i32.load (i32.const 264))))
        (unreachable)";
    let limits = Limits {
        handles: 3000,
        call: Duration::from_millis(300),
        ..Limits::default()
    };
    let stage = Stage::with_limits(guest("", &[site.authority(), PATH], body), limits);
    let scope = Scope::default();
    stage
        .connect(&scope, site.authority(), "sesame-open-0123456789")
        .await;
    let ended = stage.run().await;
    assert!(
        matches!(ended, Err(CallError::TimedOut { .. })),
        "{ended:?}"
    );
    let most = site.most_open();
    assert!((1..=5).contains(&most), "{most}, of a concurrency of 5");
}
