//! Guests that never end, and sites that do not let them.

use std::time::Duration;

use host_runner::{CallError, Limits, Scope};
use tests::scripted::{Reply, Scripted, answer};

use super::{Stage, error, guest};

fn brief() -> Limits {
    Limits {
        call: Duration::from_millis(100),
        ..Limits::default()
    }
}

/// What a site does with whoever connects.
#[derive(Clone, Copy)]
enum Site {
    /// Nothing.
    Silent,
    /// Sends a good head, and one byte after the other, slowly.
    Drips,
    /// Sends a good head, and bytes for ever.
    Floods,
    /// Answers.
    Answers,
    /// Answers that it cannot answer before a second has passed.
    Overloaded,
}

/// A site of this kind.
async fn site(kind: Site) -> Scripted {
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let reply = match kind {
        Site::Silent => Reply::Hangs(Vec::new()),
        Site::Answers => Reply::Sends(answer("200 OK", "{}")),
        Site::Overloaded => Reply::Sends(answer("503 Not Now\r\nretry-after: 1", "{}")),
        Site::Drips => Reply::Repeats(chunked, b"1\r\nx\r\n".to_vec(), Duration::from_millis(5)),
        Site::Floods => {
            let piece = format!("10000\r\n{}\r\n", "x".repeat(65_536));
            Reply::Repeats(chunked, piece.into_bytes(), Duration::ZERO)
        }
    };
    Scripted::start(move |_| reply.clone()).await
}

const PATH: &str = "/wiki/api/v2/pages";

/// A guest that asks a site, and what `ended` makes of the answer.
async fn asks(kind: Site, limits: Limits, body: &str) -> (Stage, String) {
    let authority = site(kind).await.authority().to_owned();
    let stage = Stage::with_limits(guest("", &[&authority, PATH], body), limits);
    stage
        .connect(&Scope::default(), &authority, "sesame-open-0123456789")
        .await;
    (stage, authority)
}

#[tokio::test]
async fn a_guest_that_never_stops_calling_the_host_is_ended() {
    // On one thread: were the guest not interrupted, nothing could notice the deadline.
    for body in [
        "(loop $again (call $drop-fields (call $fields)) (br $again)) (unreachable)",
        "(loop $again
            (local.set $a (call $new-request (call $fields)))
            (call $drop-request (local.get $a)) (br $again)) (unreachable)",
    ] {
        let ended = Stage::with_limits(guest("", &[], body), brief())
            .run()
            .await;
        assert!(
            matches!(ended, Err(CallError::TimedOut { .. })),
            "{ended:?}"
        );
    }
}

#[tokio::test]
async fn a_guest_that_waits_again_and_again_for_what_is_there_is_ended() {
    let body =
        "(call $handle (call $request TEXT0 TEXT1) (i32.const 0) (i32.const 0) (i32.const 256))
        (local.set $a (call $subscribe (i32.load (i32.const 264))))
        (loop $again (call $block (local.get $a)) (br $again)) (unreachable)";
    let (stage, _) = asks(Site::Answers, brief(), body).await;
    let ended = stage.run().await;
    assert!(
        matches!(ended, Err(CallError::TimedOut { .. })),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_guest_that_asks_again_whatever_it_is_told_is_ended() {
    let body =
        "(loop $again (drop (call $ask (call $request TEXT0 TEXT1))) (br $again)) (unreachable)";
    for kind in [Site::Answers, Site::Silent, Site::Drips] {
        let limits = Limits {
            first_byte: Duration::from_millis(20),
            between_bytes: Duration::from_millis(20),
            ..brief()
        };
        let (stage, _) = asks(kind, limits, body).await;
        let ended = stage.run().await;
        assert!(
            matches!(ended, Err(CallError::TimedOut { .. })),
            "{ended:?}"
        );
        let told = ended.unwrap_err().to_string();
        assert!(told.contains("100 ms"), "{told}");
    }
}

#[tokio::test]
async fn an_answer_that_drips_is_ended_with_its_call() {
    // Each piece comes in time; the whole never does.
    let body = "(call $ask (call $request TEXT0 TEXT1))";
    let (stage, _) = asks(Site::Drips, brief(), body).await;
    let ended = stage.run().await;
    assert!(
        matches!(ended, Err(CallError::TimedOut { .. })),
        "{ended:?}"
    );
}

#[tokio::test]
async fn an_answer_that_never_comes_is_an_error_before_its_call_ends() {
    let limits = Limits {
        first_byte: Duration::from_millis(20),
        ..Limits::default()
    };
    let body = "(call $ask (call $request TEXT0 TEXT1))";
    let (stage, _) = asks(Site::Silent, limits, body).await;
    assert_eq!(stage.run().await.unwrap(), error("HTTP-response-timeout"));
}

#[tokio::test]
async fn an_answer_that_never_ends_is_cut_at_its_limit() {
    let limits = Limits {
        answer_bytes: 1 << 20,
        ..Limits::default()
    };
    let body = "(call $ask (call $request TEXT0 TEXT1))";
    let (stage, _) = asks(Site::Floods, limits, body).await;
    assert_eq!(stage.run().await.unwrap(), error("HTTP-response-body-size"));
    stage.has_everything_back().await;
}

#[tokio::test]
async fn answers_that_nobody_reads_are_no_more_than_a_call_may_have_memory() {
    // Each is 256 KiB and complete; the guest keeps all of them, and never reads.
    let body = "(loop $again
        (local.set $a (call $fetch (call $request TEXT0 TEXT1)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $a) (i32.const 1000))))
        (i32.add (i32.mul (local.get $i) (i32.const 10000)) (local.get $a))";
    let limits = Limits {
        memory_bytes: 1 << 20,
        ..Limits::default()
    };
    let large = answer("200 OK", &"x".repeat(262_144));
    let site = Scripted::start(move |_| Reply::Sends(large.clone())).await;
    let stage = Stage::with_limits(guest("", &[site.authority(), PATH], body), limits);
    let scope = Scope::default();
    stage
        .connect(&scope, site.authority(), "sesame-open-0123456789")
        .await;
    // Four fit; the fifth is one too many.
    let ended = stage.run().await.unwrap();
    assert_eq!(ended, 50_000 + error("HTTP-response-body-size"));
    stage.has_everything_back().await;
}

/// What a call that timed out says of its cause, and of what to do.
fn told(ended: Result<u32, CallError>) -> (String, String) {
    let error = ended.unwrap_err();
    assert_eq!(error.kind().as_str(), "timed-out", "{error:?}");
    (
        error.cause().unwrap().to_owned(),
        format!("{error}; {}", error.resolution().unwrap()),
    )
}

#[tokio::test]
async fn a_guest_that_computes_until_the_deadline_is_not_blamed_on_the_site() {
    let computes = "(loop $again (br $again)) (unreachable)";
    let (cause, rest) = told(
        Stage::with_limits(guest("", &[], computes), brief())
            .run()
            .await,
    );
    assert!(cause.contains("component was computing"), "{cause}");
    assert!(
        !cause.contains("the site") && rest.contains("ms computing"),
        "{rest}"
    );
    // Also behind a request that was answered at once.
    let asks_first = format!("(drop (call $ask (call $request TEXT0 TEXT1))) {computes}");
    let limits = Limits {
        call: Duration::from_millis(500),
        ..Limits::default()
    };
    let (stage, _) = asks(Site::Answers, limits, &asks_first).await;
    stage.set_cluster("instances.warm", "1");
    for _ in 0..2 {
        let (cause, _) = told(stage.run().await);
        assert!(cause.contains("component was computing"), "{cause}");
    }
}

#[tokio::test]
async fn a_site_that_keeps_a_call_until_the_deadline_is_named_as_the_cause() {
    for kind in [Site::Silent, Site::Drips] {
        let body = "(call $ask (call $request TEXT0 TEXT1))";
        let limits = Limits {
            call: Duration::from_millis(500),
            ..Limits::default()
        };
        let (stage, _) = asks(kind, limits, body).await;
        let (cause, rest) = told(stage.run().await);
        assert!(cause.contains("the site answers slowly"), "{cause}; {rest}");
    }
}

#[tokio::test]
async fn waits_between_retries_are_named_as_the_cause() {
    // Two waits of a second, since a third one does not fit; then the guest computes until the deadline.
    let body =
        "(drop (call $ask (call $request TEXT0 TEXT1))) (loop $again (br $again)) (unreachable)";
    let limits = Limits {
        call: Duration::from_millis(3_100),
        ..Limits::default()
    };
    let (stage, _) = asks(Site::Overloaded, limits, body).await;
    stage.set_cluster("retry.attempts", "10");
    stage.set_cluster("retry.first-wait-seconds", "0.05");
    let (cause, rest) = told(stage.run().await);
    assert!(cause.contains("waited for permits"), "{cause}; {rest}");
}
