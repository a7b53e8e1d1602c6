//! Guests that send requests and drop them: what is at work for them at the site, and what the
//! others have of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use host_runner::{
    CallError, ConnectionDefinition, Endpoint, Expected, Level, Limits, Scheme, Scope, Token,
    TokenKind,
};
use tests::scripted::{Asked, Reply, Scripted, answer};

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

/// A site that works for each request for so many turns of the runtime, whether the connection
/// is still there or not; `None`: for ever. The first request for `ROLE` is answered with 201.
async fn site(turns: Option<usize>) -> Scripted {
    let is_first = AtomicBool::new(true);
    let script = move |asked: &Asked| {
        let is_role = asked.path() == ROLE && is_first.swap(false, Ordering::SeqCst);
        let status = if is_role { "201 Made" } else { "200 OK" };
        match turns {
            Some(turns) => Reply::Works(turns, answer(status, "{}")),
            None => Reply::Hangs(Vec::new()),
        }
    };
    Scripted::start(script).await
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
    let site = site(None).await;
    let body = format!("(loop $again {SEND_AND_DROP} (br $again)) (unreachable)");
    let component = guest(OPEN, &[site.authority(), PATH], &body);
    let stage = Stage::with_limits(component, limits(Duration::from_millis(300)));
    for scope in [Scope::default(), app("two")] {
        stage
            .connect(&scope, site.authority(), "sesame-open-0123456789")
            .await;
    }
    let ended = stage.run().await;
    assert!(
        matches!(ended, Err(CallError::TimedOut { .. })),
        "{ended:?}"
    );
    let few = |most: usize| {
        let (at_work, connections) = (site.most_at_work(), site.connections());
        assert!((1..=most).contains(&at_work), "{at_work}");
        assert!((1..=most).contains(&connections), "{connections}");
    };
    few(5);
    // The next call of the app finds the permits as they are; another app's connection has its own.
    stage.run().await.unwrap_err();
    few(5);
    run(&stage.tenant(&app("two"))).await.unwrap_err();
    few(10);
    assert!(site.most_at_work() > 5);
}

#[tokio::test]
async fn a_shorter_time_limit_frees_no_permit_of_a_request_at_work() {
    let site = site(None).await;
    let body =
        "(loop $again (drop (call $ask (call $request TEXT0 TEXT1))) (br $again)) (unreachable)";
    let limits = Limits {
        first_byte: Duration::from_millis(5),
        ..limits(Duration::from_millis(300))
    };
    let stage = Stage::with_limits(guest("", &[site.authority(), PATH], body), limits);
    stage
        .connect(
            &Scope::default(),
            site.authority(),
            "sesame-open-0123456789",
        )
        .await;
    stage.run().await.unwrap_err();
    assert!((1..=5).contains(&site.most_at_work()), "{site:?}");
}

#[tokio::test]
async fn calls_at_once_and_kept_instances_that_drop_requests_have_few_at_work() {
    let site = site(Some(50)).await;
    let body = format!(
        "(local.set $i (i32.const 0))
        (loop $again {SEND_AND_DROP}
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const 60))))
        {DROP_THE_REST} (i32.const 7)"
    );
    let component = guest(OPEN, &[site.authority(), PATH], &body);
    let stage = Stage::with_limits(component, limits(Duration::from_secs(60)));
    stage.set_cluster("instances.warm", "3");
    let scope = Scope::default();
    stage
        .connect(&scope, site.authority(), "sesame-open-0123456789")
        .await;
    let tenant = stage.tenant(&scope);
    for _ in 0..3 {
        let (one, two, three) = tokio::join!(run(&tenant), run(&tenant), run(&tenant));
        assert_eq!((one.unwrap(), two.unwrap(), three.unwrap()), (7, 7, 7));
    }
    assert!(site.requests().len() >= 5, "{}", site.requests().len());
    assert!(site.most_at_work() <= 5, "{}", site.most_at_work());
    assert!(site.connections() <= 5, "{}", site.connections());
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
    let site = site(Some(20)).await;
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
    let component = guest(OPEN, &[site.authority(), PATH, ROLE, quiet_path], &body);
    let stage = Stage::with_limits(component, limits(Duration::from_secs(60)));
    share(&stage, site.authority()).await;
    let (hostile, quiet) = (app("hostile"), app("quiet"));
    let (hostile, quiet) = (stage.tenant(&hostile), stage.tenant(&quiet));
    let until_busy = async {
        while site.requests().len() < 10 {
            tokio::task::yield_now().await;
        }
        run(&quiet).await
    };
    tokio::select! {
        ended = run(&hostile) => panic!("{ended:?}"),
        ended = until_busy => assert_eq!(ended.unwrap(), 7),
    }
    assert!(site.most_at_work() <= 5, "{}", site.most_at_work());
    assert!(site.connections() <= 5, "{}", site.connections());
    // Between two requests of the quiet app the site has at most two rounds of five others.
    let paths: Vec<String> = site
        .requests()
        .iter()
        .map(|asked| asked.path().to_owned())
        .collect();
    let asks = |path: &String| path == quiet_path;
    let begins = paths.iter().position(asks).unwrap();
    let ends = paths.iter().rposition(asks).unwrap();
    // Of its twenty requests, which have nineteen gaps.
    let others = ends - begins + 1 - 20;
    assert!(others <= 2 * 5 * 19, "{others}");
}

#[tokio::test]
async fn a_call_ends_at_its_limit_of_requests() {
    let site = site(Some(0)).await;
    let body =
        "(loop $again (drop (call $ask (call $request TEXT0 TEXT1))) (br $again)) (unreachable)";
    let stage = Stage::new(guest("", &[site.authority(), PATH], body));
    stage.set_cluster("limits.requests", "7");
    let scope = Scope::default();
    stage
        .connect(&scope, site.authority(), "sesame-open-0123456789")
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
        assert_eq!((receipt.requests, site.requests().len()), (7, calls * 7));
        stage.has_everything_back().await;
    }
}

#[tokio::test]
async fn retries_count_towards_the_limit_of_requests() {
    let site = Scripted::start(|_| Reply::Sends(answer("503 Later", ""))).await;
    let body = "(call $ask (call $request TEXT0 TEXT1))";
    let stage = Stage::new(guest("", &[site.authority(), PATH], body));
    stage.set_cluster("limits.requests", "3");
    stage.set_cluster("retry.attempts", "10");
    stage.set_cluster("retry.first-wait-seconds", "0.001");
    let scope = Scope::default();
    stage
        .connect(&scope, site.authority(), "sesame-open-0123456789")
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
