//! What a grant is bound to, who may take it away, and what is shown of it.

use super::{APP_FILE, Place};

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_is_bound_to_everything_that_it_was_given_for() {
    let place = Place::without_app(|_| {}).await;
    place
        .add_app(&["--scopes", "read:space:confluence,read:page:confluence"])
        .ok();
    place.login(&[]).ok();
    let before = place.site.request_count();
    for (from, to) in [
        ("https://one.example.net", "https://two.example.net"),
        ("11aa-22", "11aa-23"),
        ("demo-client", "other-client"),
        ("\"read:page:confluence\"", "\"read:task:confluence\""),
        (", \"read:page:confluence\"", ""),
        ("[connections.default]", "[connections.other]"),
    ] {
        let text = place.host.read(APP_FILE);
        place.edit(APP_FILE, from, to);
        if to == "[connections.other]" {
            place
                .host
                .run(&["config", "set", "connection", "other"])
                .ok();
        }
        place
            .call()
            .fails(4, &["needs authorization", "connection login"]);
        let listed = place
            .host
            .run(&["connection", "list", "--output", "json"])
            .ok();
        assert_eq!(listed.json()[0]["state"], "needs authorization", "{to}");
        place.host.write(APP_FILE, &text);
    }
    // Another order of the scopes is no change.
    place.edit(
        APP_FILE,
        "\"read:space:confluence\", \"read:page:confluence\"",
        "\"read:page:confluence\", \"read:space:confluence\"",
    );
    assert_eq!(place.site.request_count(), before);
    place.call().ok();
    // A copy at another level has no grant.
    let text = place.host.read(APP_FILE);
    place.host.write("env/default.toml", &text);
    std::fs::remove_file(place.host.config().join(APP_FILE)).unwrap();
    place.call().fails(4, &["needs authorization"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_takes_the_tokens_of_the_connection_in_force_and_no_others() {
    let place = Place::without_app(|_| {}).await;
    place.add_app(&["--level", "cluster"]).ok();
    place.login(&["--level", "cluster"]).ok();
    place.login(&[]).ok();
    place.host.run(&["connection", "logout", "default"]).ok();
    assert!(place.host.read(APP_FILE).contains("cloud-id"));
    assert_eq!(place.state(), "needs authorization");
    let before = place.site.request_count();
    place
        .call()
        .fails(4, &["needs authorization", "connection login default"]);
    assert_eq!(place.site.request_count(), before);
    // Another app goes by the cluster's, which keeps its own.
    place
        .host
        .run(&["--app", "other", "call", "listSpaces", "--limit", "1"])
        .ok();
    let logout = ["connection", "logout", "default", "--level", "cluster"];
    place.host.run(&logout).ok();
    let other = place
        .host
        .run(&["--app", "other", "call", "listSpaces", "--limit", "1"]);
    other.fails(4, &["--level cluster"]);
    place
        .host
        .run(&["connection", "logout", "nothing"])
        .fails(3, &["no connection `nothing`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_is_refused_for_stored_connections_as_well() {
    let place = Place::new().await;
    place.login(&[]).ok();
    place.edit(
        "cluster.toml",
        "allow-loopback = true",
        "allow-loopback = false",
    );
    let before = place.site.request_count();
    place.call().fails(20, &["on this machine"]);
    place
        .host
        .run(&["connection", "test"])
        .fails(20, &["on this machine"]);
    assert_eq!(place.site.request_count(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_checks_the_login_and_the_gateway() {
    let place = Place::new().await;
    place.login(&[]).ok();
    let doctor = place.host.run(&["doctor", "--output", "json"]).ok().json();
    let row = |check: &str| {
        let rows = doctor.as_array().unwrap();
        rows.iter()
            .find(|row| row["check"] == check)
            .unwrap()
            .clone()
    };
    assert_eq!(row("login")["seen"], "the login of `default`: ok");
    assert_eq!(row("access")["state"], "ok");
    place.host.run(&["connection", "logout"]).ok();
    place.host.run(&["doctor"]).fails(29, &["`login`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_cannot_be_entered_for_a_login() {
    let place = Place::new().await;
    place.login(&[]).ok();
    let set = ["connection", "set-token", "default", "--no-test"];
    place
        .host
        .run_with(&set, "token", &[])
        .fails(2, &["connection login default"]);
    let edit = [
        "connection",
        "edit",
        "--user",
        "me@example.com",
        "--no-test",
    ];
    place
        .host
        .run_with(&edit, "token", &[])
        .fails(2, &["connection login default"]);
    place
        .host
        .run(&["connection", "edit", "--concurrency", "9", "--keep-token"])
        .ok();
    place.call().ok();
    // A login again keeps what it does not speak of.
    place.login(&[]).ok();
    assert!(place.host.read(APP_FILE).contains("concurrency = 9"));
    place.host.run(&["connection", "remove"]).ok();
    place.call().fails(3, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_of_a_copy_warns_when_the_next_run_cannot_log_in() {
    let place = Place::new().await;
    place.login(&[]).ok();
    let to = format!("sqlite:{}", place.host.state().join("site.db").display());
    let run = ["sync", "run", "--to", &to, "--streams", "spaces"];
    place.host.run(&run).ok();
    let status = ["sync", "status", "--to", &to, "--output", "json"];
    let ended = place.host.run(&status).ok();
    assert_eq!(ended.stderr, "");
    place.host.run(&["connection", "logout", "default"]).ok();
    let ended = place.host.run(&status).ok();
    assert!(
        ended
            .stderr
            .contains("the login of connection `default`: needs authorization"),
        "{ended:#?}"
    );
    assert_eq!(ended.json()[0]["stream"], "spaces");
}
