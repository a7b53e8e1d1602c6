//! Levels: the narrower overrides the wider, endpoint and authorization together.

use confluence_simulator::{Settings, Simulator};
use tests::Host;

const APP: &str = "Basic YXBwOnRva2VuLW9mLWFwcA==";
const ENV: &str = "Basic ZW52OnRva2VuLW9mLWVudg==";
const CLUSTER: &str = "Basic Y2x1c3Rlcjp0b2tlbi1vZi1jbHVzdGVy";

/// A site that takes one authorization and no other.
async fn site_for(authorization: &str) -> Simulator {
    let settings = Settings {
        credential: Some(authorization.to_owned()),
        ..Settings::default()
    };
    Simulator::start(settings).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_narrowest_level_present_supplies_endpoint_and_authorization_together() {
    let sites = [
        site_for(APP).await,
        site_for(ENV).await,
        site_for(CLUSTER).await,
    ];
    let levels = [("app", APP), ("env", ENV), ("cluster", CLUSTER)];
    // Each of the seven combinations of levels that are present.
    for present in 1..8u8 {
        let host = Host::new();
        let there: Vec<usize> = (0..3).filter(|level| present & (1 << level) != 0).collect();
        for &level in &there {
            host.set(&sites[level].endpoint(), levels[level].1, levels[level].0)
                .ok();
        }
        let narrowest = there[0];
        let before: Vec<u64> = sites.iter().map(Simulator::request_count).collect();
        // The site answers 401 to any authorization but its own.
        host.call(&["listSpaces"]).ok();
        for (index, site) in sites.iter().enumerate() {
            let expected = u64::from(index == narrowest);
            assert_eq!(
                site.request_count() - before[index],
                expected,
                "combination {present:03b}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_with_its_own_endpoint_is_never_sent_the_clusters_token() {
    let (cluster, app) = (site_for(CLUSTER).await, site_for(APP).await);
    let host = Host::new();
    host.set(&cluster.endpoint(), CLUSTER, "cluster").ok();
    host.set(&app.endpoint(), "Basic d3Jvbmc6d3Jvbmc=", "app")
        .ok();
    host.call(&["listSpaces"])
        .fails(4, &["level `env/default/app/default`"]);
    for request in app.requests() {
        assert!(!format!("{request:?}").contains("Y2x1c3Rlcjp0b2tlbi1vZi1jbHVzdGVy"));
    }
    assert_eq!(cluster.request_count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_and_environments_do_not_see_each_others_records() {
    let site = site_for(APP).await;
    let host = Host::new();
    let call = |env: &str, app: &str| host.run(&["--env", env, "--app", app, "call", "listSpaces"]);
    let words = [
        "--env",
        "prod",
        "--app",
        "one",
        "call",
        "setApiUrlAndAuth",
        &site.endpoint(),
        "-",
        "app",
    ];
    host.run_with(&words, APP, &[]).ok();
    call("prod", "one").ok();
    call("prod", "two").fails(3, &["env/prod/app/two"]);
    call("test", "one").fails(3, &["env/test/app/one"]);

    let words = [
        "--env",
        "prod",
        "call",
        "setApiUrlAndAuth",
        &site.endpoint(),
        "-",
        "ENV",
    ];
    host.run_with(&words, APP, &[]).ok();
    call("prod", "two").ok();
    call("test", "two").fails(3, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn storing_again_replaces_the_record() {
    let site = site_for(APP).await;
    let host = Host::new();
    host.set(&site.endpoint(), ENV, "app").ok();
    host.call(&["listSpaces"]).fails(4, &[]);
    host.set(&site.endpoint(), APP, "app").ok();
    host.call(&["listSpaces"]).ok();
}

#[test]
fn what_was_stored_is_answered_in_canonical_form() {
    let host = Host::new();
    let ended = host
        .set("https://Example.atlassian.net/wiki/api/v2/", APP, "CLUSTER")
        .ok();
    assert_eq!(
        ended.json()["baseUrl"],
        "https://example.atlassian.net/wiki"
    );
    assert_eq!(ended.json()["level"], "cluster");
}

#[test]
fn a_name_that_leaves_its_folder_is_refused() {
    let host = Host::new();
    for name in ["../x", "", "a/b"] {
        host.run(&["--env", name, "call", "listSpaces"])
            .fails(2, &[]);
        host.run(&["call", "listSpaces", "--app", name])
            .fails(2, &[]);
    }
}
