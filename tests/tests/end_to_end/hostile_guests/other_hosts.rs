//! Hosts beside the site: what a guest may ask there, and that the credential stays behind.
//!
//! Hosts of the public internet are none of a test's business. A proxy stands for all of them: it is
//! asked to open a way to a name, and answers in its place.

use host_runner::{Limits, Scope};
use tests::scripted::{Asked, Reply, Scripted, answer};

use super::{Stage, app, error, guest, run};

const TOKEN: &str = "sesame-open-0123456789";
/// `me@example.com:` and the token, in base64.
const AUTHORIZATION: &str = "bWVAZXhhbXBsZS5jb206c2VzYW1lLW9wZW4tMDEyMzQ1Njc4OQ==";

const ALLOWED: &str = "http://api.example.com/public, http://*.files.example.com:8080/";

/// The internet, behind a proxy: each way that was opened, and each request on it.
struct Internet(Scripted);

/// What is answered there.
#[derive(Clone, Copy)]
enum Answers {
    With(&'static str),
    /// 503 first, and then a number.
    Late,
    Never,
    /// 2 MiB of letters.
    Much,
}

const GOOD: Answers = Answers::With("200 OK\r\ncontent-type: application/json");

impl Internet {
    async fn open(answers: Answers) -> Self {
        let script = move |asked: &Asked| {
            if asked.on_connection == 1 {
                return Reply::Sends(b"HTTP/1.1 200 Open\r\n\r\n".to_vec());
            }
            Reply::Sends(match answers {
                Answers::With(head) => answer(head, "{}"),
                // The first way was opened just before.
                Answers::Late if asked.number == 2 => answer("503 Later", ""),
                Answers::Late => answer("200 OK\r\ncontent-type: application/json", "7"),
                Answers::Much => answer("200 OK", &"x".repeat(2 << 20)),
                Answers::Never => Vec::new(),
            })
        };
        Self(Scripted::start(script).await)
    }

    /// A host that allows some of it, whose app has a connection to `site`.
    async fn stage(&self, component: Vec<u8>, limits: Limits, site: &str) -> Stage {
        let stage = Stage::with_limits(component, limits);
        stage.set_cluster("network.proxy", &self.0.url());
        stage.set_cluster("network.allow-hosts", ALLOWED);
        for scope in [Scope::default(), app("two")] {
            stage.connect(&scope, site, TOKEN).await;
        }
        stage
    }

    /// How many ways stay open. What was done with is closed by the runtime, some turns later.
    async fn stay_open(&self) -> usize {
        for _ in 0..10_000 {
            if self.0.open() == 0 {
                break;
            }
            tokio::task::yield_now().await;
        }
        self.0.open()
    }

    fn opened(&self) -> Vec<String> {
        self.heads(|asked| asked.on_connection == 1)
    }

    fn requests(&self) -> Vec<String> {
        self.heads(|asked| asked.on_connection > 1)
    }

    fn heads(&self, which: impl Fn(&Asked) -> bool) -> Vec<String> {
        let asked = self.0.requests().into_iter().filter(which);
        asked.map(|asked| asked.head).collect()
    }
}

/// A site that nobody asks.
const NO_SITE: &str = "127.0.0.1:1";

/// A guest that asks for a path at a host, with headers of its own.
fn asks(scheme: u32, method: u32, authority: &str, path: &str) -> Vec<u8> {
    let body = format!(
        "(local.set $a (call $fields))
        (call $append (local.get $a) TEXT2 TEXT3 (i32.const 256))
        (call $append (local.get $a) TEXT4 TEXT3 (i32.const 256))
        (local.set $b (call $new-request (local.get $a)))
        (drop (call $set-method (local.get $b)
            (i32.const {method}) (i32.const 0) (i32.const 0)))
        (drop (call $set-scheme (local.get $b)
            (i32.const 1) (i32.const {scheme}) (i32.const 0) (i32.const 0)))
        (drop (call $set-authority (local.get $b) (i32.const 1) TEXT0))
        (drop (call $set-path (local.get $b) (i32.const 1) TEXT1))
        (call $ask (local.get $b))"
    );
    let texts = [authority, path, "accept", "text/plain", "x-api-key"];
    guest("", &texts, &body)
}

const HTTP: u32 = 0;
const HTTPS: u32 = 1;
const GET: u32 = 0;

#[tokio::test]
async fn a_host_that_is_allowed_is_asked_without_the_credential() {
    let internet = Internet::open(GOOD).await;
    for (authority, path) in [
        ("api.example.com", "/public/a?b=c"),
        ("API.example.com:80", "/public"),
        ("a.files.example.com:8080", "/anything"),
    ] {
        let component = asks(HTTP, GET, authority, path);
        let stage = internet.stage(component, Limits::default(), NO_SITE).await;
        assert_eq!(stage.run().await.unwrap(), 200, "{authority}{path}");
        let request = internet.requests().pop().unwrap();
        let mut lines = request.trim_end().split("\r\n");
        let line = format!("GET {path} HTTP/1.1");
        assert_eq!(lines.next(), Some(line.as_str()));
        let mut headers: Vec<String> = lines.map(str::to_ascii_lowercase).collect();
        headers.sort();
        let version = env!("CARGO_PKG_VERSION");
        let wanted = [
            "accept-encoding: zstd, br, gzip".to_owned(),
            "accept: text/plain".to_owned(),
            format!("host: {}", authority.to_ascii_lowercase()),
            format!("user-agent: host-runner/{version}"),
        ];
        assert_eq!(headers, wanted);
        stage.has_everything_back().await;
    }
    let opened = internet.opened();
    assert!(
        opened[0].starts_with("CONNECT api.example.com:80 "),
        "{opened:?}"
    );
    for told in opened.iter().chain(&internet.requests()) {
        assert!(!told.contains(TOKEN) && !told.contains(&AUTHORIZATION[..20]));
    }
}

#[tokio::test]
async fn a_host_that_is_not_allowed_is_not_asked() {
    let internet = Internet::open(GOOD).await;
    for (scheme, authority, path) in [
        (HTTP, "evil.example", "/public/a"),
        (HTTP, "api.example.com.evil.example", "/public/a"),
        (HTTP, "a.api.example.com", "/public/a"),
        (HTTP, "me@api.example.com", "/public/a"),
        (HTTP, "api.example.com@evil.example", "/public/a"),
        (HTTP, "api.example.com:8080", "/public/a"),
        (HTTPS, "api.example.com", "/public/a"),
        (HTTPS, "api.example.com:80", "/public/a"),
        (HTTP, "api.example.com", "/"),
        (HTTP, "api.example.com", "/publicity"),
        (HTTP, "api.example.com", "/public/../private"),
        (HTTP, "api.example.com", "/public/%2e%2e/private"),
        (HTTP, "api.example.com", "/public/..%2fprivate"),
        (HTTP, "api.example.com", "//public/a"),
        (HTTP, "files.example.com:8080", "/a"),
        (HTTP, "evilfiles.example.com:8080", "/a"),
        (HTTP, ".files.example.com:8080", "/a"),
        (HTTP, "a.files.example.com", "/a"),
        (HTTP, "127.0.0.1:8080", "/public/a"),
        (HTTP, "localhost", "/public/a"),
    ] {
        let component = asks(scheme, GET, authority, path);
        let stage = internet.stage(component, Limits::default(), NO_SITE).await;
        let ended = stage.run().await.unwrap();
        assert_eq!(ended, error("HTTP-request-denied"), "{authority}{path}");
    }
    assert!(internet.opened().is_empty(), "{:?}", internet.opened());
}

#[tokio::test]
async fn another_host_takes_a_get_alone() {
    let internet = Internet::open(GOOD).await;
    // From `head` to `patch`.
    for method in 1..=8 {
        for path in ["/public/a", "/public/wiki/api/v2/users-bulk"] {
            let component = asks(HTTP, method, "api.example.com", path);
            let stage = internet.stage(component, Limits::default(), NO_SITE).await;
            let ended = stage.run().await.unwrap();
            assert_eq!(ended, error("HTTP-request-denied"), "{method} {path}");
        }
    }
    assert!(internet.opened().is_empty());
}

#[tokio::test]
async fn without_an_entry_no_other_host_is_asked() {
    let internet = Internet::open(GOOD).await;
    let component = asks(HTTP, GET, "api.example.com", "/public/a");
    let stage = internet.stage(component, Limits::default(), NO_SITE).await;
    stage.set_cluster("network.allow-hosts", "[]");
    assert_eq!(stage.run().await.unwrap(), error("HTTP-request-denied"));
    assert!(internet.opened().is_empty());
}

#[tokio::test]
async fn where_another_host_sends_to_is_not_followed() {
    let internet = Internet::open(Answers::With(
        "302 Found\r\nlocation: http://api.example.com/public/b",
    ))
    .await;
    let component = asks(HTTP, GET, "api.example.com", "/public/a");
    let stage = internet.stage(component, Limits::default(), NO_SITE).await;
    assert_eq!(stage.run().await.unwrap(), 302);
    assert_eq!(internet.requests().len(), 1);
}

#[tokio::test]
async fn an_answer_of_another_host_is_no_larger_than_any() {
    let limits = Limits {
        answer_bytes: 1 << 20,
        ..Limits::default()
    };
    let internet = Internet::open(Answers::Much).await;
    let component = asks(HTTP, GET, "api.example.com", "/public/a");
    let stage = internet.stage(component, limits, NO_SITE).await;
    assert_eq!(stage.run().await.unwrap(), error("HTTP-response-body-size"));
    stage.has_everything_back().await;
}

#[tokio::test]
async fn a_request_to_another_host_is_made_again_and_counted() {
    let internet = Internet::open(Answers::Late).await;
    let component = asks(HTTP, GET, "api.example.com", "/public/a");
    let stage = internet.stage(component, Limits::default(), NO_SITE).await;
    stage.set_cluster("retry.attempts", "2");
    stage.set_cluster("retry.first-wait-seconds", "0.001");
    let tenant = stage.tenant(&Scope::default());
    let function = tenant.function("run").unwrap();
    let (answer, receipt) = tenant.call_with_receipt(function, Vec::new()).await;
    answer.unwrap();
    // A number is JSON that is whole: it is not asked for once more.
    assert_eq!((receipt.requests, receipt.retries), (2, 1));
    assert_eq!(receipt.bytes_received, 1);
    assert_eq!(internet.requests().len(), 2);
}

#[tokio::test]
async fn apps_share_no_connection_to_another_host() {
    let internet = Internet::open(GOOD).await;
    let component = asks(HTTP, GET, "api.example.com", "/public/a");
    let stage = internet.stage(component, Limits::default(), NO_SITE).await;
    for (scope, opened) in [
        (Scope::default(), 1),
        (Scope::default(), 1),
        (app("two"), 2),
        (app("two"), 2),
        (Scope::default(), 2),
    ] {
        assert_eq!(run(&stage.tenant(&scope)).await.unwrap(), 200);
        assert_eq!(internet.opened().len(), opened, "{scope}");
    }
    assert_eq!(internet.requests().len(), 5);
}

#[tokio::test]
async fn however_many_hosts_a_guest_names_few_requests_are_under_way() {
    // As many hosts below the suffix as there are letters.
    let internet = Internet::open(Answers::Never).await;
    let body = "(loop $again
            (i32.store8 (i32.const 1024) (i32.add (i32.const 97) (local.get $i)))
            (call $handle (call $request TEXT0 TEXT1) (i32.const 0) (i32.const 0) (i32.const 256))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const 26))))
        (call $status-of (call $await (i32.load (i32.const 264))))";
    let limits = Limits {
        call: std::time::Duration::from_millis(300),
        ..Limits::default()
    };
    let component = guest("", &["_.files.example.com:8080", "/a"], body);
    let stage = internet.stage(component, limits, NO_SITE).await;
    stage.run().await.unwrap_err();
    let most = internet.0.most_open();
    assert!((1..=5).contains(&most), "{most}");
}

#[tokio::test]
async fn however_many_hosts_a_guest_names_no_connection_is_left_open() {
    let internet = Internet::open(GOOD).await;
    // As many hosts below the suffix as there are letters, one after the other.
    let body = "(loop $again
            (i32.store8 (i32.const 1024) (i32.add (i32.const 97) (local.get $i)))
            (local.set $a (call $ask (call $request TEXT0 TEXT1)))
            (if (i32.ne (local.get $a) (i32.const 200)) (then (return (local.get $a))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const 26))))
        (local.get $a)";
    let component = guest("", &["_.files.example.com:8080", "/a"], body);
    let stage = internet.stage(component, Limits::default(), NO_SITE).await;
    assert_eq!(stage.run().await.unwrap(), 200);
    assert_eq!(internet.opened().len(), 26);
    assert_eq!(internet.stay_open().await, 0);
}

#[tokio::test]
async fn the_connection_to_a_host_that_is_named_is_left_open() {
    let internet = Internet::open(GOOD).await;
    let component = asks(HTTP, GET, "api.example.com", "/public/a");
    let stage = internet.stage(component, Limits::default(), NO_SITE).await;
    assert_eq!(stage.run().await.unwrap(), 200);
    assert_eq!(internet.stay_open().await, 1);
}

#[tokio::test]
async fn a_guest_that_asks_both_shows_the_credential_to_the_site_alone() {
    let internet = Internet::open(GOOD).await;
    let site = confluence_simulator::Simulator::start(Default::default())
        .await
        .unwrap();
    let authority = site.address().to_string();
    let body = "(call $ask (call $request TEXT0 TEXT1)) (call $ask (call $request TEXT2 TEXT3))
        (i32.add (i32.mul (i32.const 1000)))";
    let texts = [
        &authority,
        "/wiki/api/v2/spaces",
        "api.example.com",
        "/public/a",
    ];
    let stage = internet
        .stage(guest("", &texts, body), Limits::default(), &authority)
        .await;
    // 200 and 200.
    assert_eq!(stage.run().await.unwrap(), 200_200);
    let shown = |text: &str| text.contains(AUTHORIZATION);
    let asked = site.requests().pop().unwrap();
    assert!(asked.headers.iter().any(|(_, value)| shown(value)));
    assert!(!internet.requests().iter().any(|head| shown(head)));
    assert_eq!(internet.requests().len(), 1);
}
