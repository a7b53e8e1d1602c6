//! Guests that send requests and drop them: what is at work for them at the site, and what the
//! others have of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use host_runner::{
    CallError, ConnectionDefinition, Endpoint, Expected, Level, Limits, Scheme, Scope, Token,
    TokenKind,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{Stage, app, guest, run};

const PATH: &str = "/wiki/api/v2/pages";
const ROLE: &str = "/wiki/api/v2/spaces";

/// Sends a request, and drops the one that was sent three requests before: it has left by then.
const SEND_AND_DROP: &str = "
    (call $handle (call $request TEXT0 TEXT1) (i32.const 0) (i32.const 0) (i32.const 256))
    (if (global.get $third) (then (call $drop-future (global.get $third))))
    (global.set $third (global.get $second))
    (global.set $second (global.get $first))
    (global.set $first (i32.load (i32.const 264)))";

const OPEN: &str = "(global $first (mut i32) (i32.const 0))
    (global $second (mut i32) (i32.const 0))
    (global $third (mut i32) (i32.const 0))";

/// Drops what is open still.
const DROP_THE_REST: &str = "
    (if (global.get $first) (then (call $drop-future (global.get $first))))
    (if (global.get $second) (then (call $drop-future (global.get $second))))
    (if (global.get $third) (then (call $drop-future (global.get $third))))
    (global.set $first (i32.const 0))
    (global.set $second (i32.const 0))
    (global.set $third (i32.const 0))";

/// What a site that does not notice whether its answer is awaited has seen.
#[derive(Debug, Default)]
struct Seen {
    connections: AtomicUsize,
    at_work: AtomicUsize,
    most_at_work: AtomicUsize,
    /// The paths of all requests, in order.
    paths: Mutex<Vec<String>>,
}

impl Seen {
    fn most_at_work(&self) -> usize {
        self.most_at_work.load(Ordering::SeqCst)
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    fn count(&self) -> usize {
        self.paths.lock().unwrap().len()
    }
}

/// A site that works for each request for so many turns of the runtime, whether the connection
/// is still there or not; `None`: for ever. The first request for `ROLE` is answered with 201.
async fn site(turns: Option<usize>) -> (String, Arc<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let seen = Arc::<Seen>::default();
    let sees = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            sees.connections.fetch_add(1, Ordering::SeqCst);
            let sees = Arc::clone(&sees);
            tokio::spawn(async move {
                let mut bytes = [0; 16_384];
                while let Ok(length @ 1..) = stream.read(&mut bytes).await {
                    let head = String::from_utf8_lossy(&bytes[..length]).into_owned();
                    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                    let is_first = {
                        let mut paths = sees.paths.lock().unwrap();
                        paths.push(path.clone());
                        path == ROLE && paths.iter().filter(|one| *one == ROLE).count() == 1
                    };
                    let now = sees.at_work.fetch_add(1, Ordering::SeqCst) + 1;
                    sees.most_at_work.fetch_max(now, Ordering::SeqCst);
                    match turns {
                        Some(turns) => {
                            for _ in 0..turns {
                                tokio::task::yield_now().await;
                            }
                        }
                        None => std::future::pending().await,
                    }
                    sees.at_work.fetch_sub(1, Ordering::SeqCst);
                    let status = if is_first { "201 Made" } else { "200 OK" };
                    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\n{{}}");
                    let _ = stream.write_all(answer.as_bytes()).await;
                }
            });
        }
    });
    (authority, seen)
}

fn limits(call: Duration) -> Limits {
    Limits {
        call,
        handles: 3000,
        ..Limits::default()
    }
}

#[tokio::test]
async fn dropped_requests_count_as_requests_at_work() {
    let (authority, seen) = site(None).await;
    let body = format!("(loop $again {SEND_AND_DROP} (br $again)) (unreachable)");
    let component = guest(OPEN, &[&authority, PATH], &body);
    let stage = Stage::with_limits(component, limits(Duration::from_millis(300)));
    for scope in [Scope::default(), app("two")] {
        stage
            .connect(&scope, &authority, "sesame-open-0123456789")
            .await;
    }
    let ended = stage.run().await;
    assert!(
        matches!(ended, Err(CallError::TimedOut { .. })),
        "{ended:?}"
    );
    let few = |most: usize| {
        let (at_work, connections) = (seen.most_at_work(), seen.connections());
        assert!((1..=most).contains(&at_work), "{at_work}");
        assert!((1..=most).contains(&connections), "{connections}");
    };
    few(5);
    // The next call of the app finds the permits as they are; another app's connection has its own.
    stage.run().await.unwrap_err();
    few(5);
    run(&stage.tenant(&app("two"))).await.unwrap_err();
    few(10);
    assert!(seen.most_at_work() > 5);
}

#[tokio::test]
async fn a_shorter_time_limit_frees_no_permit_of_a_request_at_work() {
    let (authority, seen) = site(None).await;
    let body =
        "(loop $again (drop (call $ask (call $request TEXT0 TEXT1))) (br $again)) (unreachable)";
    let limits = Limits {
        first_byte: Duration::from_millis(5),
        ..limits(Duration::from_millis(300))
    };
    let stage = Stage::with_limits(guest("", &[&authority, PATH], body), limits);
    stage
        .connect(&Scope::default(), &authority, "sesame-open-0123456789")
        .await;
    stage.run().await.unwrap_err();
    assert!((1..=5).contains(&seen.most_at_work()), "{seen:?}");
}

#[tokio::test]
async fn calls_at_once_and_kept_instances_that_drop_requests_have_few_at_work() {
    let (authority, seen) = site(Some(50)).await;
    let body = format!(
        "(local.set $i (i32.const 0))
        (loop $again {SEND_AND_DROP}
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const 60))))
        {DROP_THE_REST} (i32.const 7)"
    );
    let component = guest(OPEN, &[&authority, PATH], &body);
    let stage = Stage::with_limits(component, limits(Duration::from_secs(60)));
    stage.set_cluster("instances.warm", "3");
    let scope = Scope::default();
    stage
        .connect(&scope, &authority, "sesame-open-0123456789")
        .await;
    let tenant = stage.tenant(&scope);
    for _ in 0..3 {
        let (one, two, three) = tokio::join!(run(&tenant), run(&tenant), run(&tenant));
        assert_eq!((one.unwrap(), two.unwrap(), three.unwrap()), (7, 7, 7));
    }
    assert!(seen.count() >= 5, "{}", seen.count());
    assert!(seen.most_at_work() <= 5, "{}", seen.most_at_work());
    assert!(seen.connections() <= 5, "{}", seen.connections());
    assert_eq!(stage.host.usage().running, 0);
}

/// Stores a connection that all apps share.
async fn share(stage: &Stage, authority: &str) {
    stage.set_cluster("network.allow-loopback", "true");
    let user = "me@example.com".to_owned();
    let definition = ConnectionDefinition::new(
        Endpoint::parse(&format!("http://{authority}")).unwrap(),
        Scheme::Basic { user },
        TokenKind::Unscoped,
    );
    let token = Token::parse("sesame-open-0123456789").unwrap();
    let name = "default".parse().unwrap();
    let (scope, level) = (Scope::default(), Level::Cluster);
    let saved =
        stage
            .host
            .save_connection(&scope, level, &name, &Expected::Any, &definition, &token);
    saved.await.unwrap();
}

#[tokio::test]
async fn an_app_that_drops_requests_leaves_the_others_their_turns() {
    let (authority, seen) = site(Some(20)).await;
    // The first call to ask for its role is the hostile one; the quiet one sends twenty requests, one
    // after the other.
    let body = format!(
        "(if (i32.eq (call $ask (call $request TEXT0 TEXT2)) (i32.const 201))
            (then (loop $again {SEND_AND_DROP} (br $again))))
        (loop $next
            (local.set $a (call $ask (call $request TEXT0 TEXT3)))
            (if (i32.ne (local.get $a) (i32.const 200)) (then (return (local.get $a))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $next (i32.lt_u (local.get $i) (i32.const 20))))
        (i32.const 7)"
    );
    let quiet_path = "/wiki/api/v2/tasks";
    let component = guest(OPEN, &[&authority, PATH, ROLE, quiet_path], &body);
    let stage = Stage::with_limits(component, limits(Duration::from_secs(60)));
    share(&stage, &authority).await;
    let (hostile, quiet) = (app("hostile"), app("quiet"));
    let (hostile, quiet) = (stage.tenant(&hostile), stage.tenant(&quiet));
    let until_busy = async {
        while seen.count() < 10 {
            tokio::task::yield_now().await;
        }
        run(&quiet).await
    };
    tokio::select! {
        ended = run(&hostile) => panic!("{ended:?}"),
        ended = until_busy => assert_eq!(ended.unwrap(), 7),
    }
    assert!(seen.most_at_work() <= 5, "{}", seen.most_at_work());
    assert!(seen.connections() <= 5, "{}", seen.connections());
    // Between two requests of the quiet app the site has at most two rounds of five others.
    let paths = seen.paths.lock().unwrap();
    let asks = |path: &String| path == quiet_path;
    let begins = paths.iter().position(asks).unwrap();
    let ends = paths.iter().rposition(asks).unwrap();
    // Of its twenty requests, which have nineteen gaps.
    let others = ends - begins + 1 - 20;
    assert!(others <= 2 * 5 * 19, "{others}");
}

#[tokio::test]
async fn a_call_ends_at_its_limit_of_requests() {
    let (authority, seen) = site(Some(0)).await;
    let body =
        "(loop $again (drop (call $ask (call $request TEXT0 TEXT1))) (br $again)) (unreachable)";
    let stage = Stage::new(guest("", &[&authority, PATH], body));
    stage.set_cluster("limits.requests", "7");
    let scope = Scope::default();
    stage
        .connect(&scope, &authority, "sesame-open-0123456789")
        .await;
    let tenant = stage.tenant(&scope);
    let function = tenant.function("run").unwrap();
    for calls in 1..=2 {
        let (ended, receipt) = tenant.call_with_receipt(function, Vec::new()).await;
        let error = ended.unwrap_err();
        assert!(
            matches!(error, CallError::Requests { limit: 7 }),
            "{error:?}"
        );
        assert_eq!(error.kind().as_str(), "limit-exceeded");
        assert!(error.resolution().unwrap().contains("`limits.requests`"));
        assert_eq!((receipt.requests, seen.count()), (7, calls * 7));
        stage.has_everything_back().await;
    }
}

#[tokio::test]
async fn retries_count_towards_the_limit_of_requests() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut bytes = [0; 16_384];
                while let Ok(1..) = stream.read(&mut bytes).await {
                    let answer = b"HTTP/1.1 503 Later\r\ncontent-length: 0\r\n\r\n";
                    let _ = stream.write_all(answer).await;
                }
            });
        }
    });
    let body = "(call $ask (call $request TEXT0 TEXT1))";
    let stage = Stage::new(guest("", &[&authority, PATH], body));
    stage.set_cluster("limits.requests", "3");
    stage.set_cluster("retry.attempts", "10");
    stage.set_cluster("retry.first-wait-seconds", "0.001");
    let scope = Scope::default();
    stage
        .connect(&scope, &authority, "sesame-open-0123456789")
        .await;
    let tenant = stage.tenant(&scope);
    let function = tenant.function("run").unwrap();
    let (ended, receipt) = tenant.call_with_receipt(function, Vec::new()).await;
    let error = ended.unwrap_err();
    assert!(
        matches!(error, CallError::Requests { limit: 3 }),
        "{error:?}"
    );
    assert_eq!((receipt.requests, receipt.retries), (3, 2));
}
