//! Calls at once: how many run, who waits, and what those are told that wait in vain.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;

use host_runner::{CallError, Level, Scope};
use tokio::net::TcpListener;

use super::{Stage, app, guest, nothing, run};

const PATH: &str = "/wiki/api/v2/pages";

/// A guest that asks a site which takes connections, and never answers.
async fn waiting() -> (Stage, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let body = "(call $ask (call $request TEXT0 TEXT1))";
    let stage = Stage::new(guest("", &[&authority, PATH], body));
    for name in ["one", "two"] {
        stage
            .connect(&app(name), &authority, "sesame-open-0123456789")
            .await;
    }
    (stage, listener)
}

/// Polls a call until so many run.
async fn until_running(stage: &Stage, running: usize, call: &mut Pin<&mut impl Future>) {
    std::future::poll_fn(|context| {
        assert!(call.as_mut().poll(context).is_pending());
        if stage.host.usage().running == running {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

fn set(stage: &Stage, scope: &Scope, key: &str, value: &str) {
    stage
        .host
        .config()
        .set(scope, Level::App, key, value)
        .unwrap();
}

#[tokio::test]
async fn a_call_that_waits_for_as_long_as_it_may_take_is_told_what_it_waited_for() {
    for (setting, level_of) in [
        ("limits.calls-at-once", "two"),
        ("limits.app-calls-at-once", "one"),
    ] {
        let (stage, _listener) = waiting().await;
        stage.set_cluster(setting, "1");
        let first = stage.tenant(&app("one"));
        let mut long = pin!(run(&first));
        until_running(&stage, 1, &mut long).await;

        let scope = app(level_of);
        set(&stage, &scope, "limits.call-seconds", "0.05");
        let second = stage.tenant(&scope);
        let error = run(&second).await.unwrap_err();
        let told = format!("{error}; {}", error.resolution().unwrap());
        assert_eq!(error.kind().as_str(), "limit-exceeded");
        assert!(
            matches!(error, CallError::Busy { at_once: 1, .. }),
            "{error:?}"
        );
        assert!(told.contains("50 ms") && told.contains(setting), "{told}");
        assert_eq!(stage.host.usage().running, 1);
        assert_eq!(stage.host.usage().waiting, 0);
    }
}

#[tokio::test]
async fn a_call_that_waits_has_its_turn_when_another_is_given_up() {
    let (stage, _listener) = waiting().await;
    stage.set_cluster("limits.calls-at-once", "1");
    let tenants = [stage.tenant(&app("one")), stage.tenant(&app("two"))];
    let mut second = pin!(run(&tenants[1]));
    {
        let mut first = pin!(run(&tenants[0]));
        until_running(&stage, 1, &mut first).await;
        std::future::poll_fn(|context| {
            assert!(second.as_mut().poll(context).is_pending());
            match stage.host.usage().waiting {
                1 => Poll::Ready(()),
                _ => Poll::Pending,
            }
        })
        .await;
        assert_eq!(stage.host.usage().instances, 1);
    }
    // The first one is dropped: its seat is free, and its instance gone.
    assert_eq!(stage.host.usage().waiting, 0);
    until_running(&stage, 1, &mut second).await;
}

#[tokio::test]
async fn calls_that_were_given_up_leave_nothing() {
    let (stage, _listener) = waiting().await;
    let tenant = stage.tenant(&app("one"));
    {
        let mut calls: Vec<_> = (0..20).map(|_| Box::pin(run(&tenant))).collect();
        std::future::poll_fn(|context| {
            for call in &mut calls {
                assert!(call.as_mut().poll(context).is_pending());
            }
            match stage.host.usage().instances {
                20 => Poll::Ready(()),
                _ => Poll::Pending,
            }
        })
        .await;
        assert_eq!(stage.host.usage().pooled_memories, Some(20));
    }
    stage.has_everything_back().await;
    assert_eq!(stage.host.usage(), nothing(&stage.host));
}

#[tokio::test]
async fn a_call_that_finds_no_room_for_its_instance_is_told_so_and_the_next_one_finds_it() {
    // As many memories as a component may have: 64 instances have all 1024 of the pool.
    let memories = "(memory 0)".repeat(15);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let body = "(call $ask (call $request TEXT0 TEXT1))";
    let stage = Stage::new(guest(&memories, &[&authority, PATH], body));
    stage
        .connect(&app("one"), &authority, "sesame-open-0123456789")
        .await;
    stage.set_cluster("limits.app-calls-at-once", "128");
    let tenant = stage.tenant(&app("one"));
    {
        let mut calls: Vec<_> = (0..64).map(|_| Box::pin(run(&tenant))).collect();
        std::future::poll_fn(|context| {
            for call in &mut calls {
                assert!(call.as_mut().poll(context).is_pending());
            }
            match stage.host.usage().pooled_memories {
                Some(1024) => Poll::Ready(()),
                _ => Poll::Pending,
            }
        })
        .await;
        let error = run(&tenant).await.unwrap_err();
        assert!(matches!(error, CallError::Crowded), "{error:?}");
        assert_eq!(error.kind().as_str(), "limit-exceeded");
        let told = error.resolution().unwrap();
        assert!(told.contains("`limits.calls-at-once`"), "{told}");
        // Those that run go on.
        assert_eq!(stage.host.usage().running, 64);
    }
    stage.has_everything_back().await;
    let mut next = pin!(run(&tenant));
    until_running(&stage, 1, &mut next).await;
    assert_eq!(stage.host.usage().pooled_memories, Some(16));
}
