//! Tokens, codes and secrets turn up nowhere.

use std::path::Path;
use std::time::Duration;

use super::{Place, SECRET, browse};

fn files(folder: &Path, found: &mut Vec<Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(std::fs::read(&path).unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_codes_and_secrets_are_in_no_output_log_or_file() {
    let place = Place::new().await;
    place
        .site
        .announce_token_life(Some(Duration::from_millis(1)));
    let login = place.begin(&["--log", "trace"]);
    let consent = browse(&login.url);
    let code = consent.location.split_once("code=").unwrap().1.to_owned();
    browse(&consent.location);
    let mut said = format!("{:?}", login.end().ok());
    place.site.announce_token_life(None);
    let metrics = place.host.state().join("metrics.prom");
    let metrics = metrics.to_str().unwrap();
    let call = |words: &[&str]| {
        let usual = ["--log", "trace", "--metrics-file", metrics];
        format!("{:?}", place.host.run(&[&usual, words].concat()))
    };
    let list = ["call", "listSpaces", "--receipt", "--output", "json"];
    said += &call(&list);
    place.site.expire_access_tokens();
    said += &call(&list);
    for words in [
        &["connection", "list", "--output", "json"][..],
        &["connection", "show", "--output", "json"],
        &["connection", "test", "--output", "json"],
        &["oauth-app", "list", "--output", "json"],
        &["config", "explain", "--output", "json"],
        &["doctor", "--output", "json"],
        &["policy", "--output", "json"],
    ] {
        said += &call(words);
    }
    place.site.set_client_secret("another");
    place.site.expire_access_tokens();
    said += &call(&list);
    place.site.set_client_secret(SECRET);
    place.site.revoke_grants();
    said += &call(&list);
    let mut secrets = place.site.issued_tokens();
    assert!(secrets.len() >= 6, "{}", secrets.len());
    secrets.extend([code, SECRET.to_owned()]);
    let mut written = Vec::new();
    files(place.host.state(), &mut written);
    for secret in &secrets {
        assert!(!said.contains(secret), "{said}");
        let bytes = secret.as_bytes();
        let is_in = |file: &&Vec<u8>| file.windows(bytes.len()).any(|window| window == bytes);
        assert!(!written.iter().any(|file| is_in(&file)));
    }
    // Nor does the gateway see a refresh token or a secret.
    for request in place.site.requests() {
        let seen = format!("{:?} {}", request.headers, request.path_and_query);
        assert!(!seen.contains(SECRET));
    }
}
