//! Instances that are kept for later calls: whose they are, and what ends them. The guest counts
//! its calls in its own memory, so that what it answers is how old its instance is.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::{Duration, Instant};

use host_runner::{CallError, Clock, HostRunner, Level, Limits, Scope, bind};
use tests::AUTHORIZATION;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use super::{Stage, app, guest, nothing, run};
use crate::supplied_credential::Rotating;

/// A guest that counts its calls, and then does something.
fn counting(then: &str) -> Vec<u8> {
    let body = format!(
        "(global.set $calls (i32.add (global.get $calls) (i32.const 1))) {then} (global.get $calls)"
    );
    guest("(global $calls (mut i32) (i32.const 0))", &[], &body)
}

/// A stage whose cluster keeps so many instances.
fn keeping(component: Vec<u8>, instances: &str) -> Stage {
    let stage = Stage::new(component);
    stage.set_cluster("instances.warm", instances);
    stage
}

/// What so many calls of an app answer, one after the other.
async fn ages(stage: &Stage, scope: &Scope, calls: usize) -> Vec<u32> {
    let tenant = stage.tenant(scope);
    let mut ages = Vec::new();
    for _ in 0..calls {
        ages.push(run(&tenant).await.unwrap());
    }
    ages
}

#[tokio::test]
async fn without_the_setting_nothing_outlives_a_call() {
    let stage = Stage::new(counting(""));
    assert_eq!(ages(&stage, &app("one"), 3).await, [1, 1, 1]);
    assert_eq!(stage.host.usage(), nothing(&stage.host));
}

#[tokio::test]
async fn an_instance_serves_its_own_tenant_and_no_other() {
    let stage = keeping(counting(""), "2");
    for round in 0..3 {
        for name in ["one", "two", "three"] {
            assert_eq!(ages(&stage, &app(name), 1).await, [round + 1], "{name}");
        }
        let elsewhere = Scope {
            env: "prod".parse().unwrap(),
            ..app("one")
        };
        assert_eq!(ages(&stage, &elsewhere, 1).await, [round + 1]);
    }
    let usage = stage.host.usage();
    assert_eq!((usage.instances, usage.warm, usage.running), (4, 4, 0));
    assert_eq!(usage.pooled_memories, Some(4));
}

#[tokio::test]
async fn an_instance_is_dropped_after_so_many_calls() {
    let stage = keeping(counting(""), "1");
    stage.set_cluster("instances.calls", "3");
    assert_eq!(ages(&stage, &app("one"), 7).await, [1, 2, 3, 1, 2, 3, 1]);
}

#[tokio::test]
async fn a_trap_drops_the_instance() {
    let traps = "(if (i32.eq (global.get $calls) (i32.const 3)) (then unreachable))";
    let stage = keeping(counting(traps), "1");
    let scope = app("one");
    assert_eq!(ages(&stage, &scope, 2).await, [1, 2]);
    let ended = run(&stage.tenant(&scope)).await;
    assert!(matches!(ended, Err(CallError::Trapped { .. })), "{ended:?}");
    stage.has_everything_back().await;
    assert_eq!(ages(&stage, &scope, 1).await, [1]);
}

#[tokio::test]
async fn a_timeout_drops_the_instance() {
    let lingers =
        "(if (i32.eq (global.get $calls) (i32.const 3)) (then (loop $again (br $again))))";
    let limits = Limits {
        call: Duration::from_millis(300),
        ..Limits::default()
    };
    let stage = Stage::with_limits(counting(lingers), limits);
    stage.set_cluster("instances.warm", "1");
    let scope = app("one");
    assert_eq!(ages(&stage, &scope, 2).await, [1, 2]);
    let ended = run(&stage.tenant(&scope)).await;
    assert!(
        matches!(ended, Err(CallError::TimedOut { .. })),
        "{ended:?}"
    );
    stage.has_everything_back().await;
    assert_eq!(ages(&stage, &scope, 1).await, [1]);
}

#[tokio::test]
async fn a_limit_that_was_passed_drops_the_instance_and_is_not_held_against_the_next() {
    let opens = "(if (i32.eq (global.get $calls) (i32.const 2))
        (then (loop $again (drop (call $fields)) (br $again))))";
    let stage = keeping(counting(opens), "1");
    let scope = app("one");
    assert_eq!(ages(&stage, &scope, 1).await, [1]);
    let ended = run(&stage.tenant(&scope)).await;
    assert!(matches!(ended, Err(CallError::Handles { .. })), "{ended:?}");
    stage.has_everything_back().await;
    assert_eq!(ages(&stage, &scope, 1).await, [1]);
}

#[tokio::test]
async fn memory_that_was_refused_in_one_call_is_no_error_of_the_next() {
    // The first call asks for more than there is, and lives with that; the third breaks.
    let asks = "(if (i32.eq (global.get $calls) (i32.const 1))
            (then (drop (memory.grow (i32.const 60000)))))
        (if (i32.eq (global.get $calls) (i32.const 3)) (then unreachable))";
    let stage = keeping(counting(asks), "1");
    let scope = app("one");
    assert_eq!(ages(&stage, &scope, 2).await, [1, 2]);
    let ended = run(&stage.tenant(&scope)).await;
    assert!(matches!(ended, Err(CallError::Trapped { .. })), "{ended:?}");
}

#[tokio::test]
async fn memory_that_a_guest_leaks_is_bounded() {
    // A mebibyte a call, and two pages to begin with.
    let leaks = "(if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable))";
    let stage = keeping(counting(leaks), "1");
    stage.set_cluster("instances.memory-mib", "4");
    assert_eq!(
        ages(&stage, &app("one"), 9).await,
        [1, 2, 3, 4, 1, 2, 3, 4, 1]
    );
    // It counts towards what a call may have, in whichever call it was asked for.
    stage.set_cluster("instances.memory-mib", "4096");
    stage.set_cluster("limits.memory-mib", "3");
    let scope = app("two");
    assert_eq!(ages(&stage, &scope, 2).await, [1, 2]);
    let ended = run(&stage.tenant(&scope)).await;
    assert!(matches!(ended, Err(CallError::Memory { .. })), "{ended:?}");
}

#[tokio::test]
async fn an_instance_that_leaves_handles_open_is_not_kept() {
    let stage = keeping(counting("(drop (call $fields))"), "1");
    assert_eq!(ages(&stage, &app("one"), 3).await, [1, 1, 1]);
    assert_eq!(stage.host.usage(), nothing(&stage.host));
}

#[tokio::test]
async fn a_changed_connection_or_configuration_drops_the_instances() {
    let stage = keeping(counting(""), "1");
    let (one, two) = (app("one"), app("two"));
    let both = async |wanted: [u32; 2]| {
        assert_eq!(ages(&stage, &one, 1).await, [wanted[0]]);
        assert_eq!(ages(&stage, &two, 1).await, [wanted[1]]);
    };
    both([1, 1]).await;
    // A connection where there was none, another token, another site; and each time the other app
    // keeps its own.
    let mut age = 1;
    for (authority, token) in [
        ("127.0.0.1:9", "sesame-open-0123456789"),
        ("127.0.0.1:9", "sesame-shut-0123456789"),
        ("127.0.0.1:10", "sesame-shut-0123456789"),
    ] {
        stage.connect(&one, authority, token).await;
        if age == 1 {
            // The first one lets connections lead to this machine, at the cluster level.
            age = 0;
        }
        age += 1;
        both([1, age]).await;
        age += 1;
        both([2, age]).await;
    }
    // The same token once more is no change, and a comment in the level's file is one.
    stage
        .connect(&one, "127.0.0.1:10", "sesame-shut-0123456789")
        .await;
    both([3, age + 1]).await;
    let file = stage.host.config().file(&one.path(Level::App));
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("# looked at\n{text}")).unwrap();
    both([1, age + 2]).await;
    stage.set_cluster("limits.handles", "99");
    both([1, 1]).await;
    assert_eq!(stage.host.usage().warm, 2);
}

#[tokio::test]
async fn a_rotated_token_of_the_same_account_keeps_the_instance() {
    let stage = keeping(counting(""), "1");
    let scope = app("one");
    let site = "https://example.atlassian.net";
    let (one, other) = (Rotating::new("one", site), Rotating::new("two", site));
    let age = async |source: &Arc<Rotating>| {
        let tenant = stage.tenant(&scope).with_credential(source.clone());
        run(&tenant).await.unwrap()
    };
    assert_eq!(age(&one).await, 1);
    one.rotate();
    assert_eq!(age(&one).await, 2);
    assert_eq!(age(&other).await, 1);
}

#[tokio::test]
async fn another_component_starts_anew() {
    let state = tempfile::tempdir().unwrap();
    let host = HostRunner::builder(state.path().join("config"), state.path().join("state"))
        .open()
        .unwrap();
    let scope = Scope::default();
    for (key, value) in [("component.require-exports", ""), ("instances.warm", "1")] {
        host.config()
            .set(&scope, Level::Cluster, key, value)
            .unwrap();
    }
    for (then, wanted) in [("", 1), ("(drop (i32.const 1))", 1), ("", 1)] {
        host.load_component(&scope, Level::App, &counting(then), None)
            .unwrap();
        let tenant = host.tenant(&scope).unwrap();
        for age in wanted..3 {
            assert_eq!(run(&tenant).await.unwrap(), age);
        }
    }
    assert_eq!(host.usage().warm, 1);
}

/// A clock that a test moves.
#[derive(Debug)]
struct Moved {
    start: Instant,
    seconds: AtomicU64,
}

impl Clock for Moved {
    fn now(&self) -> Instant {
        self.start + Duration::from_secs(self.seconds.load(Ordering::SeqCst))
    }

    fn sleep(&self, _wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::ready(()))
    }

    fn jitter(&self) -> f64 {
        0.5
    }
}

#[tokio::test]
async fn an_instance_that_waited_too_long_is_not_used_and_is_dropped_without_a_call() {
    static CLOCK: OnceLock<Arc<Moved>> = OnceLock::new();
    let clock = CLOCK.get_or_init(|| {
        Arc::new(Moved {
            start: Instant::now(),
            seconds: AtomicU64::new(0),
        })
    });
    let moved: Arc<dyn Clock> = Arc::clone(clock) as _;
    let stage = Stage::set(counting(""), |setup| setup.clock(moved));
    stage.set_cluster("instances.warm", "1");
    stage.set_cluster("instances.idle-seconds", "60");
    let scope = app("one");
    assert_eq!(ages(&stage, &scope, 2).await, [1, 2]);
    clock.seconds.fetch_add(59, Ordering::SeqCst);
    assert_eq!(ages(&stage, &scope, 1).await, [3]);
    clock.seconds.fetch_add(60, Ordering::SeqCst);
    // Whether a call or the housekeeping comes first.
    assert_eq!(ages(&stage, &scope, 1).await, [1]);
    clock.seconds.fetch_add(60, Ordering::SeqCst);
    tokio::time::timeout(Duration::from_secs(60), async {
        while stage.host.usage() != nothing(&stage.host) {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}

/// Requests that are under way at once over a connection, unless it says otherwise.
const CONCURRENCY: usize = 5;

#[tokio::test]
async fn no_more_instances_are_kept_than_the_setting_says() {
    // The site answers once all calls are there, so that each has an instance of its own.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let mut sockets = Vec::new();
        while sockets.len() < CONCURRENCY {
            sockets.push(listener.accept().await.unwrap().0);
        }
        for socket in &mut sockets {
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
            socket.write_all(answer).await.unwrap();
        }
        std::future::pending::<()>().await;
    });
    let asks = guest(
        "",
        &[&authority, "/wiki/api/v2/pages"],
        "(call $ask (call $request TEXT0 TEXT1))",
    );
    let stage = keeping(asks, "2");
    let scope = app("one");
    stage
        .connect(&scope, &authority, "sesame-open-0123456789")
        .await;
    let tenant = stage.tenant(&scope);
    let mut calls: Vec<_> = (0..CONCURRENCY).map(|_| Box::pin(run(&tenant))).collect();
    std::future::poll_fn(|context| {
        calls.retain_mut(|call| match call.as_mut().poll(context) {
            Poll::Ready(status) => {
                assert_eq!(status.unwrap(), 200);
                false
            }
            Poll::Pending => true,
        });
        if calls.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    let usage = stage.host.usage();
    assert_eq!((usage.warm, usage.instances), (2, 2));
}

#[tokio::test]
async fn a_level_that_keeps_none_any_more_drops_what_it_kept() {
    let stage = keeping(counting(""), "1");
    let scope = app("one");
    assert_eq!(ages(&stage, &scope, 2).await, [1, 2]);
    stage.set_cluster("instances.warm", "0");
    assert_eq!(ages(&stage, &scope, 2).await, [1, 1]);
    assert_eq!(stage.host.usage(), nothing(&stage.host));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connector_itself_leaves_an_instance_that_can_be_kept() {
    let site = crate::site().await;
    let state = tempfile::tempdir().unwrap();
    let host = HostRunner::builder(state.path().join("config"), state.path().join("state"))
        .open()
        .unwrap();
    crate::allow_loopback(&host);
    let scope = Scope::default();
    let config = host.config();
    config
        .set(&scope, Level::Cluster, "instances.warm", "1")
        .unwrap();
    let tenant = host.tenant(&scope).unwrap();
    let call = async |name: &str, words: &[&str]| {
        let function = tenant.function(name).unwrap();
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        tenant
            .call(function, bind(function, &words, &[]).unwrap())
            .await
    };
    call(
        "setApiUrlAndAuth",
        &[&site.endpoint(), AUTHORIZATION, "app"],
    )
    .await
    .unwrap();
    assert_eq!(host.usage().warm, 0, "what stores a connection is not kept");
    let fresh = call("listSpaces", &[]).await.unwrap().to_json();
    assert_eq!(host.usage().warm, 1);
    let warm = call("listSpaces", &[]).await.unwrap().to_json();
    assert_eq!(fresh, warm);
    // An error that the component answers is an answer.
    assert!(call("getFolder", &["x"]).await.is_err());
    call("listPages", &["null", "25"]).await.unwrap();
    call("testConnection", &[]).await.unwrap();
    let usage = host.usage();
    assert_eq!((usage.warm, usage.instances), (1, 1));
    assert_eq!(usage.unread_bytes, 0);
}
