//! Requests that go wrong are made again: patiently, within the call, and never for nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use confluence_simulator::Simulator;
use host_runner::Level;
use tests::{AUTHORIZATION, Host};

use crate::caller::{Caller, component_error, scope};
use crate::front::{AUTHORITY, Front};
use crate::{faults, site, site_of};

/// A host whose apps `one` and `two` share a credential, and `three` has its own.
async fn three_apps(site: &Simulator) -> Caller {
    let caller = Caller::new();
    let other = "Basic b3RoZXJAZXhhbXBsZS5jb206YW5vdGhlci10b2tlbi0wMTIzNDU2Nzg5";
    for (app, authorization) in [
        ("one", AUTHORIZATION),
        ("two", AUTHORIZATION),
        ("three", other),
    ] {
        caller.connect(app, &site.endpoint(), authorization).await;
    }
    caller
}

fn seconds(number: f64) -> Duration {
    Duration::from_secs_f64(number)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_wrong_once_costs_nothing_but_a_wait() {
    for (fault, waited) in [
        ("1:429", seconds(1.5)),
        ("1:502", seconds(0.5)),
        ("1:503", seconds(0.5)),
        ("1:504", seconds(0.5)),
        ("1:truncate", seconds(0.5)),
        ("1:truncate-body", seconds(0.5)),
        ("1:empty-body", seconds(0.5)),
        ("1:reset", seconds(0.5)),
        ("1:burst=7", seconds(7.5)),
    ] {
        let site = site().await;
        let caller = three_apps(&site).await;
        site.set_faults(faults(fault));
        let pages = caller.pages("one").await.unwrap();
        let there: BTreeSet<String> = site.site().page_ids().collect();
        assert_eq!(pages.len(), there.len(), "{fault}");
        assert_eq!(pages.into_iter().collect::<BTreeSet<_>>(), there, "{fault}");
        assert_eq!(site.request_count(), 2, "{fault}");
        let waits: Duration = caller.clock.waits().iter().sum();
        assert!(
            waits >= waited.mul_f64(0.9) && waits <= waited.mul_f64(1.1),
            "{fault}: {waits:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_has_fallen_silent_is_not_asked_again() {
    let site = site().await;
    let front = Front::falling_silent(&site, 1).await;
    let caller = Caller::new();
    caller.set("network.ca-file", AUTHORITY);
    caller.set("limits.first-byte-seconds", "2");
    let endpoint = front.endpoint();
    caller.connect("one", &endpoint, AUTHORIZATION).await;
    assert_eq!(caller.pages("one").await.unwrap().len(), 200);
    assert_eq!((front.requests(), front.connections()), (1, 1));
    // Once over the old connection, and once over a new one, which the next call has as well.
    assert_eq!(caller.pages("one").await.unwrap().len(), 200);
    assert_eq!((front.requests(), front.connections()), (3, 2));
    assert_eq!(caller.clock.waits(), [seconds(0.5)]);
    assert_eq!(caller.pages("one").await.unwrap().len(), 200);
    assert_eq!((front.requests(), front.connections()), (4, 2));
    assert_eq!(front.requests_over_http_2(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_wait_mends_is_asked_for_once() {
    for (fault, kind) in [
        ("*:401", "unauthorized"),
        ("*:403", "forbidden"),
        ("*:404", "not-found"),
    ] {
        let site = site().await;
        let caller = three_apps(&site).await;
        site.set_faults(faults(fault));
        assert_eq!(
            component_error(caller.pages("one").await).kind.as_str(),
            kind,
            "{fault}"
        );
        assert_eq!(site.request_count(), 1, "{fault}");
        assert!(caller.clock.waits().is_empty(), "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_page_in_place_of_json_is_asked_for_once_more() {
    let site = site().await;
    let caller = three_apps(&site).await;
    site.set_faults(faults("1:html"));
    assert_eq!(caller.pages("one").await.unwrap().len(), 200);
    assert_eq!(site.request_count(), 2);
    assert_eq!(caller.clock.waits(), [seconds(0.5)]);

    site.set_faults(faults("*:html"));
    let before = site.request_count();
    let error = component_error(caller.pages("one").await);
    assert_eq!(error.kind.as_str(), "not-json");
    assert_eq!(site.request_count() - before, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn waits_that_the_site_asks_for_do_not_count_as_attempts() {
    let site = site().await;
    let caller = three_apps(&site).await;
    site.set_faults(faults(
        "1:burst=2,2:burst=2,3:burst=2,4:burst=2,5:burst=2,6:burst=2",
    ));
    assert_eq!(caller.pages("one").await.unwrap().len(), 200);
    assert_eq!(site.request_count(), 7);

    // The time of the call is the limit.
    site.set_faults(faults("*:burst=9"));
    let before = caller.clock.waits().len();
    let error = component_error(caller.pages("one").await);
    assert_eq!(error.kind.as_str(), "rate-limited");
    let waits: Duration = caller.clock.waits()[before..].iter().sum();
    assert!(waits > seconds(45.0) && waits < seconds(60.0), "{waits:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_turns_everybody_away_is_asked_at_growing_distances_while_the_call_has_time() {
    let site = site().await;
    let caller = three_apps(&site).await;
    // Without saying for how long.
    site.set_faults(faults("*:burst=0"));
    assert_eq!(
        component_error(caller.pages("one").await).kind.as_str(),
        "rate-limited"
    );
    // The next wait would be 30 seconds, and the call has 28 left.
    assert_eq!(site.request_count(), 7);
    assert_eq!(
        caller.clock.waits(),
        [1.0, 1.0, 2.0, 4.0, 8.0, 16.0].map(seconds)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_halves_of_a_page_that_fails_for_good_are_asked_for_once_each() {
    let site = site().await;
    let caller = three_apps(&site).await;
    site.set_faults(faults("*:503"));
    assert_eq!(
        component_error(caller.pages("one").await).kind.as_str(),
        "upstream-failed"
    );
    // Four times the page, and once each of its halves: 125 down to 1.
    assert_eq!(site.request_count(), 4 + 8);
    assert_eq!(caller.clock.waits().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_no_wait_mends_takes_no_retries_from_the_next_request() {
    let site = site().await;
    let caller = three_apps(&site).await;
    site.set_faults(faults("1:500,2:truncate"));
    assert_eq!(caller.pages("one").await.unwrap().len(), 200);
    assert_eq!(caller.clock.waits(), [seconds(0.5)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_the_call_has_no_time_for_is_told_in_full_and_kept() {
    let site = site().await;
    let caller = three_apps(&site).await;
    site.set_faults(faults("1:quota=1800"));
    let told = component_error(caller.pages("one").await);
    assert_eq!(
        (told.kind.as_str(), told.retry_after_ms),
        ("rate-limited", Some(1_800_000))
    );
    assert_eq!(told.limit_scope.as_deref(), Some("quota-app"));
    assert_eq!(site.request_count(), 1);

    // Who shares the credential is told the same, and the site is left alone.
    let told = component_error(caller.pages("two").await);
    assert_eq!(
        (told.kind.as_str(), told.limit_scope.as_deref()),
        ("rate-limited", Some("quota-app"))
    );
    assert!(
        told.retry_after_ms.is_some_and(|left| left > 1_790_000),
        "{told:?}"
    );
    assert_eq!(site.request_count(), 1);

    // Who has a credential of their own is not concerned.
    assert_eq!(caller.pages("three").await.unwrap().len(), 200);
    assert!(caller.clock.waits().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_pause_everybody_goes_on() {
    let site = site().await;
    let caller = three_apps(&site).await;
    site.set_faults(faults("1:quota=40"));
    assert_eq!(caller.pages("one").await.unwrap().len(), 200);
    assert_eq!(caller.pages("two").await.unwrap().len(), 200);
    assert_eq!(site.request_count(), 3);
    assert!(caller.clock.waits()[0] > seconds(40.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_keep_to_the_cap_that_a_level_sets() {
    let site = site().await;
    let caller = three_apps(&site).await;
    caller
        .host
        .config()
        .set(
            &scope("one"),
            Level::App,
            "network.requests-per-second",
            "2",
        )
        .unwrap();
    for _ in 0..5 {
        caller.pages("one").await.unwrap();
    }
    assert_eq!(caller.clock.waits(), [seconds(0.5); 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_binary_asks_again_and_answers_everything() {
    let site = site_of(1_500).await;
    let host = Host::with_site(&site);
    host.write(
        "cluster.toml",
        "network.allow-loopback = true\nretry.first-wait-seconds = 0.001\n",
    );
    site.set_faults(faults("1:503,3:truncate,5:reset,7:truncate-body"));
    let before = site.request_count();
    let listed = host.call(&["listPages", "--all"]).ok();
    assert_eq!(listed.line_ids().len(), 1_500);
    assert_eq!(site.request_count() - before, 6 + 4);
    assert_eq!(listed.stderr, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn retries_can_be_turned_off() {
    let site = site().await;
    let host = Host::with_site(&site);
    site.set_faults(faults("1:429"));
    host.call(&["listPages"]).fails(7, &["HTTP status 429"]);
    assert_eq!(site.request_count(), 1);
}
