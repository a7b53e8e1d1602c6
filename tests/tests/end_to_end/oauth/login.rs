//! The browser flow, the choice of the site, and what each failure says.

use confluence_simulator::{Consent, TokenFault};
use tests::Host;

use super::{APP_FILE, Login, Place, browse, browse_with, oauth_site};

#[tokio::test(flavor = "multi_thread")]
async fn a_login_through_the_consent_page_is_stored_and_used() {
    let place = Place::with(|oauth| oauth.consent = Consent::Page).await;
    let login = place.begin(&["--site", "https://ONE.example.net/wiki/home"]);
    assert!(
        login
            .url
            .starts_with(&format!("{}/authorize?", place.site.site_url()))
    );
    for (name, value) in [
        ("audience", "api.atlassian.com"),
        ("client_id", "demo-client"),
        ("response_type", "code"),
        ("prompt", "consent"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(login.value(name), value);
    }
    assert_eq!(login.value("code_challenge").len(), 43);
    assert!(login.value("scope").contains("offline_access"));
    let page = browse(&login.url);
    assert!(
        page.status == 200 && page.text.contains("Accept"),
        "{page:?}"
    );
    let consent = browse_with("POST", &login.url, "decision=allow");
    let landed = browse(&consent.location);
    assert!(landed.text.contains("Login received"), "{landed:?}");
    let ended = login.end().ok();
    assert!(
        ended.stdout.lines().next().unwrap().starts_with("http://"),
        "{ended:#?}"
    );
    for step in [
        place.redirect_uri().as_str(),
        "read:page:confluence",
        "console/myapps",
    ] {
        assert!(ended.stderr.contains(step), "{step}: {ended:#?}");
    }
    let file = place.host.read(APP_FILE);
    for line in [
        r#"site = "https://one.example.net/wiki""#,
        r#"authorization = "oauth""#,
        r#"oauth-app = "main""#,
        r#"cloud-id = "11aa-22""#,
    ] {
        assert!(file.contains(line), "{line}: {file}");
    }
    place.call().ok();
    let tested = place.host.run(&["connection", "test"]).ok();
    assert!(
        tested.stdout.contains("Connection successful"),
        "{tested:#?}"
    );
    assert_eq!(place.state(), "ok");
    assert_eq!(place.token_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_chosen_by_its_host_and_never_guessed() {
    let place = Place::with(|oauth| {
        oauth.sites = vec![
            oauth_site("11aa-22", "https://one.example.net"),
            oauth_site("33bb-44", "https://two.example.net"),
            // Of another product.
            oauth_site("33bb-44", "https://two.example.net"),
        ];
    })
    .await;
    let ended = place.login(&[]);
    assert!(ended.code != 0, "{ended:#?}");
    for site in [
        "https://one.example.net",
        "https://two.example.net",
        "nothing was stored",
    ] {
        assert!(ended.stderr.contains(site), "{ended:#?}");
    }
    let ended = place.login(&["--site", "three.example.net"]);
    ended.fails(
        6,
        &[
            "three.example.net",
            "https://one.example.net",
            "https://two.example.net",
        ],
    );
    assert!(!place.host.read(APP_FILE).contains("connections"));
    place
        .login(&["--site", "https://TWO.example.net/wiki/spaces/ENG"])
        .ok();
    assert!(place.host.read(APP_FILE).contains("33bb-44"));
    // Another site again, under the same name.
    place.login(&["--site", "one.example.net"]).ok();
    assert!(place.host.read(APP_FILE).contains("11aa-22"));
    place.call().ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_consent_says_so() {
    let place = Place::with(|oauth| oauth.consent = Consent::Declined).await;
    place
        .login(&[])
        .fails(4, &["declined", "nothing was stored", "Accept"]);
    assert_eq!(place.token_requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_of_the_servers_has_its_message_and_stores_nothing() {
    let place = Place::new().await;
    for (fault, code, words) in [
        (
            TokenFault::WrongClient,
            4,
            &["wrong client", "set-secret main", "extra spaces"][..],
        ),
        (TokenFault::InvalidGrant, 4, &["did not accept the code"]),
        (TokenFault::Status(503), 8, &["503", "try again later"]),
        (TokenFault::Nonsense, 23, &["cannot be read"]),
        (TokenFault::Redirect, 23, &["redirects with status 302"]),
        (TokenFault::Cut, 13, &["closed the connection"]),
    ] {
        place.site.set_token_faults(vec![fault]);
        place.login(&[]).fails(code, words);
        assert!(
            !place.host.read(APP_FILE).contains("connections"),
            "{fault:?}"
        );
    }
    let moved = place.site.token_requests();
    assert!(
        moved
            .iter()
            .all(|request| request.grant_type == "authorization_code"),
        "{moved:?}"
    );
    assert_eq!(moved.len(), 6);
    place.host.call(&["listSpaces"]).fails(3, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unregistered_callback_never_comes_back_and_the_timeout_names_it() {
    let place =
        Place::with(|oauth| oauth.redirect_uri = "http://localhost:1/callback".to_owned()).await;
    let login = place.begin(&["--timeout", "1"]);
    let page = browse(&login.url);
    assert!(
        page.status == 400 && page.text.contains("redirect_uri"),
        "{page:?}"
    );
    login
        .end()
        .fails(15, &[&place.redirect_uri(), "not registered", "1 s"]);
    // The time limit of calls has no part in it.
    assert!(!place.host.read(APP_FILE).contains("connections"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_told_before_a_browser_opens() {
    let place = Place::without_app(|_| {}).await;
    let login = |words: &[&str]| place.host.run(&[&["connection", "login"], words].concat());
    login(&[]).fails(3, &["has no OAuth app yet"]);
    login(&["--oauth-app", "main"]).fails(3, &["no OAuth app `main`", "oauth-app add main"]);
    place.add_app(&[]).ok();
    let words = [
        "connection",
        "add",
        "docs",
        "--no-test",
        "--user",
        "me@example.com",
        "--site",
        "a.example",
    ];
    place.host.run_with(&words, "token", &[]).ok();
    login(&["docs", "--oauth-app", "main"]).fails(18, &["has an API token"]);
    let text = place.host.read("cluster.toml");
    place.host.write(
        "cluster.toml",
        &text.replace("allow-loopback = true", "allow-loopback = false"),
    );
    login(&["--oauth-app", "main"]).fails(20, &["on this machine", "network.allow-loopback"]);
    assert_eq!(place.site.request_count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_does_not_choose_the_connection_of_calls() {
    let place = Place::new().await;
    let words = [
        "connection",
        "login",
        "docs",
        "--oauth-app",
        "main",
        "--no-browser",
    ];
    let login = Login::begin(&place.host, &words);
    browse(&browse(&login.url).location);
    login.end().ok();
    place.call().fails(3, &[]);
    place
        .host
        .run(&["config", "set", "connection", "docs"])
        .ok();
    place.call().ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes_that_are_not_granted_are_named() {
    let place = Place::with(|oauth| {
        let mut site = oauth_site("11aa-22", "https://one.example.net");
        site.scopes = Some(vec!["read:page:confluence".to_owned()]);
        oauth.sites = vec![site];
    })
    .await;
    let ended = place.login(&[]).ok();
    assert!(ended.stderr.contains("missing scopes"), "{ended:#?}");
    assert_eq!(place.state(), "missing scopes");
    // A missing scope is nothing that a refresh helps with.
    let before = place.token_requests();
    place.call().fails(4, &["scope"]);
    place.host.call(&["listPages", "--limit", "2"]).ok();
    assert_eq!(place.token_requests(), before);
}

#[test]
fn the_timeout_of_a_login_is_its_own() {
    let host = Host::new();
    let help = host.run(&["connection", "login", "--help"]).ok().stdout;
    assert!(
        help.contains("Time limit of the login in seconds [default: 600]"),
        "{help}"
    );
    assert!(!help.contains("limits.call-seconds"), "{help}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_that_a_variable_names_is_opened() {
    let place = Place::new().await;
    let opened = place.host.state().join("opened");
    let script = place.host.state().join("browser.sh");
    let text = format!("#!/bin/sh\necho \"$1\" > {}\n", opened.display());
    std::fs::write(&script, text).unwrap();
    let words = ["connection", "login", "--oauth-app", "main"];
    let browser = format!("sh {}", script.display());
    let login = Login::begin_with(&place.host, &words, &[("BROWSER", &browser)]);
    let url = loop {
        match std::fs::read_to_string(&opened) {
            Ok(text) if text.ends_with('\n') => break text,
            _ => tokio::task::yield_now().await,
        }
    };
    assert_eq!(url.trim(), login.url);
    browse(&browse(&login.url).location);
    login.end().ok();
}
