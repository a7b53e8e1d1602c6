//! Many processes at the moment of expiry, and processes that are killed.

use std::process::Stdio;
use std::time::Duration;

use confluence_simulator::TokenFault;

use super::Place;

/// Processes that call at the same time.
const PROCESSES: usize = 20;

/// Has the component compiled, so that all processes arrive while the first one refreshes.
fn compile(place: &Place) {
    let words = ["--app", "other", "call", "listSpaces"];
    place.host.run(&words).fails(3, &[]);
}

/// Calls that each process makes. The variable `OAUTH_CALLS` has another number.
fn calls() -> usize {
    let given = std::env::var("OAUTH_CALLS");
    given.map_or(1, |calls| calls.parse().unwrap())
}

fn start(place: &Place) -> std::process::Child {
    place
        .host
        .command()
        .args(["call", "listSpaces", "--limit", "1"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_processes_at_expiry_refresh_once() {
    // Without grace, a second refresh with the same token would end the grant.
    let place = Place::expired(Duration::ZERO).await;
    compile(&place);
    place
        .site
        .set_token_faults(vec![TokenFault::Slow(Duration::from_millis(300))]);
    for _ in 0..calls() {
        let children: Vec<_> = (0..PROCESSES).map(|_| start(&place)).collect();
        for child in children {
            let ended = child.wait_with_output().unwrap();
            assert!(ended.status.success(), "{ended:?}");
        }
    }
    assert_eq!(place.token_requests(), 2);
    assert_eq!(place.site.unused_refresh_tokens(), 1);
    assert_eq!(place.state(), "ok");
    // The pair in the store is the one that lives.
    place.site.expire_access_tokens();
    place.call().ok();
    assert_eq!(place.site.unused_refresh_tokens(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_processes_whose_token_is_rejected_refresh_once() {
    let place = Place::new().await;
    place.login(&[]).ok();
    compile(&place);
    place.site.expire_access_tokens();
    place
        .site
        .set_token_faults(vec![TokenFault::Slow(Duration::from_millis(300))]);
    let children: Vec<_> = (0..PROCESSES).map(|_| start(&place)).collect();
    for child in children {
        let ended = child.wait_with_output().unwrap();
        assert!(ended.status.success(), "{ended:?}");
    }
    assert_eq!(place.token_requests(), 2);
}

/// Kills a process while the authorization server, which has issued the tokens, does not answer yet.
async fn killed(grace: Duration) -> Place {
    let place = Place::expired(grace).await;
    compile(&place);
    place
        .site
        .set_token_faults(vec![TokenFault::Slow(Duration::from_secs(60))]);
    let mut child = start(&place);
    while place.token_requests() < 2 {
        assert!(
            child.try_wait().unwrap().is_none(),
            "it ended before it was killed"
        );
        tokio::task::yield_now().await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    place
}

/// Moments at which a process is killed. The variable `OAUTH_KILLS` has another number.
fn kills() -> u32 {
    let given = std::env::var("OAUTH_KILLS");
    given.map_or(6, |kills| kills.parse().unwrap())
}

// The time that the kernel takes to start and end processes spreads the moments by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_at_any_moment_of_a_refresh_loses_no_login_without_a_word() {
    for grace in [Duration::from_secs(600), Duration::ZERO] {
        let place = Place::expired(grace).await;
        compile(&place);
        for kill in 0..kills() {
            place.site.expire_access_tokens();
            let before = place.token_requests();
            let mut child = start(&place);
            while place.token_requests() == before && child.try_wait().unwrap().is_none() {
                tokio::task::yield_now().await;
            }
            // From the answer on, a little later each time.
            for _ in 0..kill * 200 {
                tokio::task::yield_now().await;
            }
            let _ = child.kill();
            child.wait().unwrap();
            let next = place.call();
            let asked = place.token_requests() - before;
            assert!(asked <= 3, "{asked} requests to the token endpoint");
            if next.code == 0 {
                assert_eq!(place.state(), "ok");
                continue;
            }
            assert_eq!(grace, Duration::ZERO, "{next:?}");
            next.fails(4, &["needs authorization", "connection login default"]);
            assert_eq!(place.state(), "needs authorization");
            place.login(&[]).ok();
        }
        place.call().ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_before_the_commit_leaves_a_login_that_works_or_says_what_to_do() {
    let place = killed(Duration::from_secs(600)).await;
    place.call().ok();
    assert_eq!(place.token_requests(), 3);
    assert_eq!(place.state(), "ok");
    let place = killed(Duration::ZERO).await;
    place
        .call()
        .fails(4, &["needs authorization", "connection login default"]);
    assert_eq!(place.token_requests(), 3);
    // No loop: nothing is sent any more.
    let before = place.site.request_count();
    place.call().fails(4, &["needs authorization"]);
    assert_eq!(place.site.request_count(), before);
    place.login(&[]).ok();
    place.call().ok();
}
