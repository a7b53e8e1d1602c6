//! Guests that want to send what they may not: other headers, other hosts, more at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use host_runner::{CallError, Limits, Scope};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{Stage, error, guest};

/// What is answered in place of a number of a status: the path, or the authority, was refused.
const NOT_SET: u32 = 3000;

/// What the header error of a header that was not appended is added to.
const NOT_APPENDED: u32 = 2000;

/// The header errors of `wasi:http`.
const INVALID_SYNTAX: u32 = NOT_APPENDED;
const FORBIDDEN: u32 = NOT_APPENDED + 1;

/// A socket that writes down what comes, byte for byte, and answers.
struct Socket {
    authority: String,
    heads: Arc<Mutex<Vec<String>>>,
    /// Connections that were open at once.
    most_open: Arc<AtomicUsize>,
}

impl Socket {
    async fn open(answers: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let socket = Self {
            authority: listener.local_addr().unwrap().to_string(),
            heads: Arc::default(),
            most_open: Arc::default(),
        };
        let (heads, most_open) = (Arc::clone(&socket.heads), Arc::clone(&socket.most_open));
        let open = Arc::new(AtomicUsize::new(0));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let now = open.fetch_add(1, Ordering::SeqCst) + 1;
                most_open.fetch_max(now, Ordering::SeqCst);
                let (heads, open) = (Arc::clone(&heads), Arc::clone(&open));
                tokio::spawn(async move {
                    let mut bytes = [0; 16_384];
                    while let Ok(length @ 1..) = stream.read(&mut bytes).await {
                        let head = String::from_utf8_lossy(&bytes[..length]).into_owned();
                        heads.lock().unwrap().push(head);
                        if answers {
                            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
                            let _ = stream.write_all(answer).await;
                        }
                    }
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        socket
    }

    /// What a guest answers that goes over a connection to this socket.
    async fn run(&self, component: Vec<u8>) -> u32 {
        let stage = Stage::new(component);
        stage
            .connect(&Scope::default(), &self.authority, "sesame-open-0123456789")
            .await;
        stage.run().await.unwrap()
    }

    fn heads(&self) -> Vec<String> {
        std::mem::take(&mut self.heads.lock().unwrap())
    }
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
    let socket = Socket::open(true).await;
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
        let ended = socket
            .run(with_header(&socket.authority, name, value))
            .await;
        assert_eq!(ended, wanted, "{name}: {value}");
        let heads = socket.heads();
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
    let socket = Socket::open(true).await;
    for value in ["-1", "5, 5", "0x5", "99999999999999999999", "+0", ""] {
        let ended = socket
            .run(with_header(&socket.authority, "content-length", value))
            .await;
        assert_ne!(ended, 200, "{value}");
        assert!(socket.heads().is_empty(), "{value}");
    }
}

#[tokio::test]
async fn a_guest_reaches_no_place_but_its_connections() {
    let socket = Socket::open(true).await;
    let denied = error("HTTP-request-denied");
    let own = socket.authority.clone();
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
        let ended = socket.run(of_place(authority, path)).await;
        assert_eq!(ended, wanted, "{authority} {path}");
        let heads = socket.heads();
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
    // The socket takes them and says nothing, so that each stays open, and the guest waits for the
    // last one.
    let socket = Socket::open(false).await;
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
    let stage = Stage::with_limits(guest("", &[&socket.authority, PATH], body), limits);
    let scope = Scope::default();
    stage
        .connect(&scope, &socket.authority, "sesame-open-0123456789")
        .await;
    let ended = stage.run().await;
    assert!(
        matches!(ended, Err(CallError::TimedOut { .. })),
        "{ended:?}"
    );
    let most = socket.most_open.load(Ordering::SeqCst);
    assert!((1..=5).contains(&most), "{most}, of a concurrency of 5");
}
