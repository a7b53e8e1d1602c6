//! OAuth apps: records of a level, their secrets apart.

use tests::Host;

use super::{APP_FILE, Place, SECRET};

const URI: &str = "http://localhost:8765/callback";

fn add(host: &Host, words: &[&str]) -> tests::Ended {
    let usual = ["oauth-app", "add", "main", "--client-id", "id-1"];
    host.run_with(&[&usual, words].concat(), SECRET, &[("MY_SECRET", SECRET)])
}

#[test]
fn an_app_is_added_listed_shown_and_removed_at_a_level() {
    let host = Host::new();
    let scopes = "read:page:confluence,read:space:confluence";
    let words = [
        "--redirect-uri",
        URI,
        "--scopes",
        scopes,
        "--secret",
        "-",
        "--level",
        "cluster",
    ];
    add(&host, &words).ok();
    let text = host.read("cluster.toml");
    assert!(
        text.contains(r#"scopes = ["read:page:confluence", "read:space:confluence"]"#),
        "{text}"
    );
    assert!(!text.contains(SECRET), "{text}");
    let listed = host
        .run(&["oauth-app", "list", "--output", "json"])
        .ok()
        .json();
    assert_eq!(listed[0]["clientId"], "id-1");
    assert_eq!(listed[0]["secret"], "stored");
    assert_eq!(listed[0]["level"], "cluster");
    let shown = host
        .run(&["oauth-app", "show", "main", "--output", "json"])
        .ok();
    assert_eq!(shown.json()["redirectUri"], URI);
    assert!(!format!("{shown:?}").contains(SECRET));
    add(&host, &words).fails(2, &["already has an OAuth app `main`"]);
    host.run(&["oauth-app", "remove", "main"])
        .fails(3, &["has no OAuth app `main`"]);
    host.run(&["oauth-app", "remove", "main", "--level", "cluster"])
        .ok();
    host.run(&["oauth-app", "show", "main"])
        .fails(3, &["has no OAuth app `main`"]);
}

#[test]
fn a_secret_is_never_an_argument_and_never_repeated() {
    let host = Host::new();
    for words in [
        &["--redirect-uri", URI, "--secret", "sesame-secret-4711"][..],
        &["--redirect-uri", URI, "--secret=sesame-secret-4711"],
        &["--redirect-uri", URI, "--sekret", "sesame-secret-4711"],
    ] {
        let ended = add(&host, words);
        assert_eq!(ended.code, 2, "{ended:#?}");
        assert!(!format!("{ended:?}").contains("sesame"), "{ended:#?}");
    }
    add(&host, &["--redirect-uri", URI, "--secret", "env:MY_SECRET"]).ok();
}

#[test]
fn a_redirect_uri_is_on_localhost_with_a_port_and_nothing_after_its_path() {
    let host = Host::new();
    for uri in [
        "https://localhost:8765/callback",
        "http://127.0.0.1:8765/callback",
        "http://localhost/callback",
        "http://localhost:8765/callback?x=1",
        "http://localhost:8765/callback#x",
        "http://example.com:8765/callback",
    ] {
        let ended = add(&host, &["--redirect-uri", uri]);
        ended.fails(2, &["redirect URI", "http://localhost:8765/callback"]);
        let file = format!("[oauth-apps.main]\nclient-id = \"id\"\nredirect-uri = \"{uri}\"\n");
        host.write(APP_FILE, &file);
        host.run(&["config", "validate"])
            .fails(27, &["redirect-uri"]);
        std::fs::remove_file(host.config().join(APP_FILE)).unwrap();
    }
}

/// Writes the record of the app by hand. A login fails, since the app's secret is missing.
fn write_record(place: &Place) -> String {
    let uri = place.redirect_uri();
    let record =
        format!("[oauth-apps.main]\nclient-id = \"demo-client\"\nredirect-uri = \"{uri}\"\n");
    place.host.write(APP_FILE, &record);
    let words = ["connection", "login", "--oauth-app", "main", "--no-browser"];
    place
        .host
        .run(&words)
        .fails(3, &["client secret", "oauth-app set-secret main"]);
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_written_by_hand_is_as_good_as_an_added_one() {
    let place = Place::without_app(|_| {}).await;
    let record = write_record(&place);
    let words = ["oauth-app", "set-secret", "main", "--secret", "-"];
    place.host.run_with(&words, SECRET, &[]).ok();
    assert!(place.host.read(APP_FILE).starts_with(&record));
    place.login(&[]).ok();
    place.call().ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_of_a_narrower_level_needs_a_secret_of_its_own() {
    let place = Place::without_app(|_| {}).await;
    place.add_app(&["--level", "cluster"]).ok();
    write_record(&place);
    // What the cluster has is there for its own connections.
    place.login(&["--level", "cluster"]).ok();
    assert_eq!(place.token_requests(), 1);
}

#[test]
fn settings_of_the_servers_are_the_cluster_levels_alone() {
    let host = Host::new();
    for key in ["oauth.api", "oauth.authorization-server"] {
        host.run(&["config", "set", key, "https://a.example"])
            .fails(20, &["cluster level"]);
        for address in [
            "http://a.example",
            "https://me:x@a.example",
            "https://a.example/x",
            "ftp://a",
        ] {
            let set = ["config", "set", key, address, "--level", "cluster"];
            host.run(&set).fails(20, &[key]);
        }
        host.write(APP_FILE, &format!("{key} = \"https://a.example\"\n"));
        host.run(&["config", "explain"])
            .fails(27, &["cluster level alone"]);
        std::fs::remove_file(host.config().join(APP_FILE)).unwrap();
    }
}
