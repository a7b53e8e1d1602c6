//! Every failure has an exit code of its own, and a message that says cause and way out.

use confluence_simulator::{Settings, Simulator};
use std::sync::{Arc, Mutex};

use tests::scripted::{Address, Reply, Scripted, answer};
use tests::{AUTHORIZATION, Ended, Host};

use crate::{faults, site};

/// What the binary says when the site's next answer is faulty.
async fn faulty(fault: &str) -> Ended {
    let site = site().await;
    let host = Host::with_site(&site);
    site.set_faults(faults(fault));
    let ended = host.call(&["listPages", "--limit", "5"]);
    assert!(
        ended.stderr.contains("cause:") && ended.stderr.contains("fix:"),
        "{ended:#?}"
    );
    assert_eq!(ended.stdout, "");
    // Which level supplied the endpoint and the authorization stands with every such error.
    assert!(
        ended.stderr.contains("level `env/default/app/default`"),
        "{ended:#?}"
    );
    ended
}

#[test]
fn without_configuration_the_levels_are_named() {
    let host = Host::new();
    let ended = host.run(&["--env", "prod", "--app", "search", "call", "listSpaces"]);
    ended.fails(
        3,
        &[
            "env/prod/app/search",
            "env/prod",
            "cluster",
            "setApiUrlAndAuth",
            "demo",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_made_where_no_connection_is_configured() {
    let site = site().await;
    let host = Host::bare();
    let state = host.state().join("never");
    let state = state.to_str().unwrap();
    let run = |words: &[&str]| host.run(&[&["--state-dir", state], words].concat());
    for words in [
        &["call", "listSpaces"][..],
        &["call", "listPages", "--all"],
        &["call", "nope"],
        &["read", "spaces"],
        &["download", "att1"],
        &["sync", "plan", "--to", "sqlite:never.db"],
        &["sync", "run", "--to", "sqlite:never.db"],
        &["--env", "prod", "--app", "search", "call", "listSpaces"],
    ] {
        run(words).fails(3, &["no connection `default`", "connection add default"]);
        assert!(!std::path::Path::new(state).exists(), "{words:?}");
    }
    // What works without a connection makes what it needs, and so does adding one.
    run(&[
        "call",
        "getContentReference",
        "https://example.atlassian.net/wiki/x/E4AB",
    ])
    .ok();
    let endpoint = site.endpoint();
    host.write("cluster.toml", "network.allow-loopback = true\n");
    let config = host.config();
    let set = [
        "--config-dir",
        config.to_str().unwrap(),
        "--state-dir",
        state,
    ];
    let words = ["call", "setApiUrlAndAuth", &endpoint, "-", "app"];
    host.run_with(&[&set[..], &words].concat(), tests::AUTHORIZATION, &[])
        .ok();
    host.run(&[&set[..], &["call", "listSpaces"]].concat()).ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_only_read_create_no_state_folder() {
    let host = Host::bare();
    let state = host.state().join("never");
    let folder = state.to_str().unwrap();
    for words in [
        &["functions"][..],
        &["functions", "listPages"],
        &["functions", "--search", "due date"],
        &["call", "listPages", "--help"],
        &["streams"],
        &["streams", "pages", "--output", "json"],
        &["policy"],
        &["connection", "list"],
        &["oauth-app", "list"],
        &["sync", "list"],
        &["component", "list"],
        &["config", "list"],
    ] {
        host.run(&[&["--state-dir", folder], words].concat()).ok();
        assert!(!state.exists(), "{words:?}");
    }
    for words in [
        &["connection", "test"][..],
        &["component", "inspect", "abcdef012345"],
        &["component", "export", "abcdef012345", "never.wasm"],
    ] {
        let ended = host.run(&[&["--state-dir", folder], words].concat());
        assert_ne!(ended.code, 0, "{ended:#?}");
        assert!(!state.exists(), "{words:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_unauthorized() {
    let settings = Settings {
        credential: Some("Basic b3RoZXI6dG9rZW4=".to_owned()),
        ..Settings::default()
    };
    let site = Simulator::start(settings).await.unwrap();
    let host = Host::with_site(&site);
    host.call(&["listSpaces"])
        .fails(4, &["401", "token", "fix:"]);
    host.call(&["testConnection"]).fails(4, &["fix:"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_are_told_apart() {
    faulty("*:401").await.fails(4, &["401", "token"]);
    faulty("*:403").await.fails(5, &["403"]);
    faulty("*:404").await.fails(6, &["404"]);
    faulty("*:429").await.fails(7, &["429"]);
    faulty("*:500").await.fails(8, &["500"]);
    faulty("*:503").await.fails(8, &["503"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_scope_is_named() {
    faulty("*:scope").await.fails(4, &["read:page:confluence"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_says_how_long_to_wait() {
    faulty("*:burst=17").await.fails(7, &["retry after: 17 s"]);
    faulty("*:quota=1800").await.fails(
        7,
        &[
            "retry after: 30 min",
            "fix: wait 30 min, then run the same command again",
            "quota",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anonymous_answer_is_no_success() {
    faulty("*:anonymous").await.fails(4, &["anonymous"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_answers_are_told_apart() {
    faulty("*:truncate").await.fails(10, &[]);
    faulty("*:truncate-body").await.fails(10, &[]);
    faulty("*:empty-body").await.fails(10, &[]);
    faulty("*:html").await.fails(9, &["web page"]);
    faulty("*:deep").await.fails(11, &[]);
    faulty("*:wrong-shape").await.fails(23, &[]);
    faulty("*:reset").await.fails(13, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_next_link_without_a_cursor_ends_the_list_and_says_so() {
    let site = site().await;
    let host = Host::with_site(&site);
    site.set_faults(faults("*:bad-next-link"));
    let ended = host
        .call(&["listPages", "--limit", "5"])
        .fails(21, &["no cursor", "ended early"]);
    assert_eq!(ended.ids().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_page_that_links_to_itself_ends_the_list_with_a_notice() {
    let page = answer(
        "200 OK\r\ncontent-type: application/json",
        r#"{"results":[],"_links":{"next":"/wiki/api/v2/pages?limit=25"}}"#,
    );
    let site = Scripted::start(move |_| Reply::Sends(page.clone())).await;
    let host = Host::new();
    host.set(&site.url(), AUTHORIZATION, "app").ok();
    let ended = host.call(&["listPages"]).ok();
    assert!(ended.stderr.contains("links to itself"), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_a_login_page_is_a_credential_that_is_not_accepted() {
    for location in [
        "https://id.atlassian.com/login?continue=secret",
        "/wiki/login.action?os_destination=secret",
    ] {
        let page = answer(&format!("302 Found\r\nlocation: {location}"), "");
        let site = Scripted::start(move |_| Reply::Sends(page.clone())).await;
        let host = Host::new();
        host.set(&site.url(), AUTHORIZATION, "app").ok();
        for words in [&["listPages"][..], &["testConnection"]] {
            let ended = host.call(words).fails(
                4,
                &[
                    "requires a login",
                    "missing or invalid",
                    "connection set-token",
                ],
            );
            assert!(!ended.stderr.contains("secret"), "{ended:#?}");
            assert!(!ended.stderr.contains("as its address"), "{ended:#?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_200_mb_is_too_large() {
    faulty("*:huge").await.fails(12, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_ends_is_too_large() {
    faulty("*:endless").await.fails(12, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed() {
    let site = site().await;
    let host = Host::with_site(&site);
    site.set_faults(faults("*:redirect"));
    let before = site.request_count();
    host.call(&["listPages"]).fails(8, &["302"]);
    assert_eq!(site.request_count() - before, 1);
}

#[test]
fn a_refused_connection_is_unreachable() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let host = Host::new();
    host.set(
        &format!("http://127.0.0.1:{port}/wiki/api/v2/"),
        AUTHORIZATION,
        "app",
    )
    .ok();
    host.call(&["listSpaces"])
        .fails(13, &["refused", "fix:", "level `env/default/app/default`"]);
}

#[test]
fn a_name_without_an_address_is_unresolvable() {
    let host = Host::new();
    host.set(
        "https://no-such-site.invalid/wiki/api/v2/",
        AUTHORIZATION,
        "app",
    )
    .ok();
    host.call(&["listSpaces"])
        .fails(14, &["no-such-site.invalid", "fix:"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_arguments_is_said_before_any_request() {
    let site = site().await;
    let host = Host::with_site(&site);
    let before = site.request_count();
    host.call(&["listPages", "null", "0"])
        .fails(18, &["`0`", "10000"]);
    host.call(&["listPages", "null", "10001"])
        .fails(18, &["`10001`", "10000"]);
    host.call(&["listPages", "abc"])
        .fails(18, &["`abc`", "fix:"]);
    host.call(&["listPages", "--limit", "many"])
        .fails(18, &["limit", "many"]);
    host.call(&["listPages", r#"{"a":1}"#]).fails(18, &["ids"]);
    host.call(&["listPage"])
        .fails(2, &["`listPage`", "`listPages`"]);
    host.call(&["listPages", "--limt", "1"])
        .fails(2, &["`limt`", "`--limit`"]);
    host.call(&["listPages", "null", "1", "null", "null", "5"])
        .fails(2, &["4 arguments"]);
    host.call(&["listAttachmentsByPage"]).fails(2, &["pageId"]);
    host.call(&["listPages", "--sort", "colour"])
        .fails(18, &["colour", "modified-date"]);
    host.call(&["listTasks", "--sort", "id"])
        .fails(18, &["sort"]);
    host.call(&["listPages", "--body-format", "view"])
        .fails(18, &["view"]);
    host.call(&["listTasks", "--due-date-from", "soon"])
        .fails(18, &["soon"]);
    host.call(&["testConnection", "--all"]).fails(2, &["--all"]);
    assert_eq!(site.request_count(), before);
    let ended = host.call(&["listPages", "abc"]);
    assert!(
        !ended.stderr.contains("from:"),
        "the connection has no part in it: {ended:#?}"
    );
}

#[test]
fn endpoints_that_cannot_be_are_refused_and_nothing_is_stored() {
    let host = Host::new();
    for (endpoint, words) in [
        ("file:///etc/passwd", ["https", "fix:"]),
        (
            "http://example.atlassian.net/wiki/api/v2/",
            ["unencrypted", "fix:"],
        ),
        (
            "https://me:hunter2@example.atlassian.net/wiki/",
            ["user information", "fix:"],
        ),
        ("https://example.atlassian.net/jira/", ["/jira/", "fix:"]),
        ("not a url", ["blanks", "fix:"]),
        ("https://", ["host", "fix:"]),
    ] {
        let ended = host.set(endpoint, AUTHORIZATION, "app").fails(19, &words);
        assert!(!ended.stderr.contains("hunter2"), "{ended:#?}");
    }
    host.call(&["listSpaces"]).fails(3, &[]);
}

#[test]
fn the_address_of_a_page_is_that_of_its_site() {
    let host = Host::new();
    let page = "https://example.atlassian.net/wiki/spaces/ENG/pages/98304/Design?a=b#Goals";
    let stored = host.set(page, AUTHORIZATION, "app").ok().json();
    assert_eq!(stored["baseUrl"], "https://example.atlassian.net/wiki");
}

#[test]
fn a_level_that_is_none_is_refused() {
    let host = Host::new();
    let ended = host.set("https://example.atlassian.net", AUTHORIZATION, "TEAM");
    ended.fails(18, &["TEAM", "`app`", "`env`", "`cluster`"]);
    host.call(&["listSpaces"]).fails(3, &[]);
}

#[test]
fn an_authorization_that_is_none_is_refused_and_not_repeated() {
    let host = Host::new();
    for authorization in ["sesame4711", "Basic sesame4711", "Digest sesame4711", ""] {
        let ended = host.set("https://example.atlassian.net", authorization, "app");
        let ended = ended.fails(18, &["Basic", "fix:"]);
        assert!(!format!("{ended:?}").contains("sesame"), "{ended:#?}");
    }
    host.call(&["listSpaces"]).fails(3, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_of_a_connection_is_not_advised_to_test_the_connection() {
    for (fault, code, fix) in [
        ("*:404", 6, "open the site in a browser"),
        ("*:401", 4, "create a new token"),
        ("*:html", 9, "open the endpoint in a browser"),
    ] {
        let site = site().await;
        let host = Host::with_site(&site);
        site.set_faults(faults(fault));
        let ended = host.call(&["testConnection"]).fails(code, &[fix]);
        assert!(!ended.stderr.contains("test-connection"), "{ended:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_within_the_site_is_not_its_new_address_and_one_to_https_is() {
    let address = Address::free().await;
    let own = address.url();
    let authority = own.trim_start_matches("http://").to_owned();
    let target = Arc::new(Mutex::new(String::new()));
    let location = Arc::clone(&target);
    let _site = address.serve(move |_| {
        let head = format!("302 Found\r\nlocation: {}", location.lock().unwrap());
        Reply::Sends(answer(&head, ""))
    });
    let host = Host::new();
    host.set(&own, AUTHORIZATION, "app").ok();
    for (to, advice) in [
        (
            format!("{own}/wiki/home"),
            "fix: open the endpoint in a browser",
        ),
        (
            format!("//{authority}/x"),
            "fix: open the endpoint in a browser",
        ),
        ("/x".to_owned(), "fix: open the endpoint in a browser"),
        (
            format!("https://{authority}/wiki"),
            &*format!("fix: if the site is at `https://{authority}` now, configure that"),
        ),
        (
            "https://new.example/wiki".to_owned(),
            "fix: if the site is at `https://new.example` now, configure that",
        ),
    ] {
        target.lock().unwrap().clone_from(&to);
        host.call(&["listPages"]).fails(8, &[advice]);
    }
    // A login is one way out, told once.
    target.lock().unwrap().push_str("/login");
    let ended = host
        .call(&["listPages"])
        .fails(4, &["fix:", "set-token default"]);
    assert_eq!(ended.stderr.matches("new token").count(), 1, "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_that_has_no_content_by_its_status_was_not_cut() {
    let site = Scripted::start(|_| Reply::Sends(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())).await;
    let host = Host::new();
    host.set(&site.url(), AUTHORIZATION, "app").ok();
    let ended = host
        .call(&["listPages"])
        .fails(23, &["without content", "204"]);
    assert!(
        !ended.stderr.contains("closed the connection"),
        "{ended:#?}"
    );
}
