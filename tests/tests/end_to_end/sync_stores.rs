//! Copies in object stores.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use sink_tests::strict_store::{Fault, SECRET, StrictStore, TOKEN};
use tests::{Ended, Host};

use crate::site_of;

const SINK: &str = "jsonl:s3://wiki/docs";

/// The credentials of the store, and where it is.
fn variables(store: &StrictStore) -> [(&'static str, String); 4] {
    [
        ("AWS_ACCESS_KEY_ID", "reader".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
        ("AWS_SESSION_TOKEN", TOKEN.to_owned()),
        ("AWS_ENDPOINT_URL", store.origin.clone()),
    ]
}

fn run(host: &Host, store: &StrictStore, words: &[&str]) -> Ended {
    let variables = variables(store);
    let variables = variables
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let ended = host.run_with(words, "", &variables);
    for secret in [SECRET, TOKEN] {
        assert!(!ended.stdout.contains(secret) && !ended.stderr.contains(secret));
    }
    ended
}

/// How often manifests name a row of a stream, by key.
fn rows(store: &StrictStore, stream: &str) -> BTreeMap<String, usize> {
    let state = store.state.lock().unwrap();
    let mut rows = BTreeMap::new();
    for (key, manifest) in &state.objects {
        if !key.starts_with("docs/_manifest/") {
            continue;
        }
        let manifest: serde_json::Value = serde_json::from_slice(manifest).unwrap();
        for part in manifest["parts"].as_array().unwrap() {
            let bytes = &state.objects[&format!("docs/{}", part["path"].as_str().unwrap())];
            if part["stream"] != stream {
                continue;
            }
            for line in std::str::from_utf8(bytes).unwrap().lines() {
                let row: serde_json::Value = serde_json::from_str(line).unwrap();
                let key = row["_sync_key"].as_str().unwrap().to_owned();
                *rows.entry(key).or_default() += 1;
            }
        }
    }
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_has_all_pages_and_another_host_takes_it_over() {
    let (site, store) = (site_of(200).await, StrictStore::start().await);
    let hosts = [Host::with_site(&site), Host::with_site(&site)];
    let words = ["sync", "run", "--to", SINK, "--streams", "pages"];
    run(&hosts[0], &store, &words).ok();
    let mut ids: Vec<String> = site.site().page_ids().collect();
    ids.sort();
    let once: BTreeMap<String, usize> = ids.into_iter().map(|id| (id, 1)).collect();
    assert_eq!(rows(&store, "pages"), once);
    let objects = || store.state.lock().unwrap().objects.len();
    let count = objects();
    run(&hosts[0], &store, &words).ok();
    assert_eq!(objects(), count);
    // What is known of the rows is in the state of the host: nothing is sent.
    let requests = store.count(|_, _| true);
    let status = ["sync", "status", "--to", SINK];
    let shown = run(&hosts[0], &store, &status).ok();
    assert!(shown.stdout.contains("pages"), "{shown:?}");
    run(&hosts[1], &store, &status).fails(3, &["has no state of"]);
    assert_eq!(store.count(|_, _| true), requests);
    let fix = "host-runner sync reset";
    run(&hosts[1], &store, &words).fails(25, &["are not those that the state", fix]);
    let reset = ["sync", "reset", "--to", SINK];
    let told = run(&hosts[1], &store, &reset).ok();
    assert!(told.stdout.contains("rebuilt"), "{told:?}");
    run(&hosts[1], &store, &words).ok();
    // Access is computed from pages, whose columns are not in the manifests: they are written once more.
    let found = rows(&store, "pages");
    assert!(found.keys().eq(once.keys()), "{found:?}");
    let count = objects();
    run(&hosts[1], &store, &words).ok();
    assert_eq!(objects(), count);
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_are_killed_are_completed_by_the_next_one() {
    let (site, store) = (site_of(200).await, StrictStore::start().await);
    let host = Host::with_site(&site);
    let streams = "spaces,pages,blog_posts,attachments";
    let words = ["sync", "run", "--to", SINK, "--full", "--streams", streams];
    let kills = std::env::var("SYNC_KILLS").map_or(10, |count| count.parse().unwrap());
    for kill in 0..kills {
        let mut child = host
            .command()
            .envs(variables(&store))
            .args(["--message-format", "json"])
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let _ = lines.nth(kill % 8);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    run(&host, &store, &words).ok();
    let found = rows(&store, "pages");
    assert_eq!(found.len(), site.site().page_ids().count());
    assert!(found.values().all(|count| *count == 1), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_denies_access_is_reported_with_what_to_check() {
    let (site, store) = (site_of(4).await, StrictStore::start().await);
    let host = Host::with_site(&site);
    store.fail(|method, _| (method == "PUT").then_some(Fault::Status(403)));
    let words = ["sync", "run", "--to", SINK, "--streams", "pages"];
    run(&host, &store, &words).fails(25, &["403 Injected", "check the credentials"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn urls_with_credentials_and_missing_variables_are_refused_before_any_request() {
    let site = site_of(4).await;
    let host = Host::with_site(&site);
    let store = StrictStore::start().await;
    let before = site.requests().len();
    for (sink, reason) in [
        (
            "parquet:s3://reader:sesame@wiki/docs",
            "must not contain credentials",
        ),
        ("s3://reader:sesame@wiki/docs", "follows a format"),
        ("jsonl:az://wiki?sig=sesame", "must not contain credentials"),
        ("jsonl:s3://wiki/../other", "must not have empty parts"),
        ("jsonl:gs://wiki/docs", "GOOGLE_APPLICATION_CREDENTIALS"),
    ] {
        let refused = run(&host, &store, &["sync", "run", "--to", sink]);
        assert!(!refused.stderr.contains("sesame"), "{refused:?}");
        refused.fails(2, &[reason]);
    }
    let words = ["sync", "run", "--to", SINK];
    let refused = host.run_with(&words, "", &[("AWS_ACCESS_KEY_ID", "")]);
    refused.fails(2, &["AWS_ACCESS_KEY_ID"]);
    assert_eq!(store.count(|_, _| true), 0);
    assert_eq!(site.requests().len(), before);
}
