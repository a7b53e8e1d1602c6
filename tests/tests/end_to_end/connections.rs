//! Named connections: added, tested, changed, listed, removed.

use confluence_simulator::{Settings, Simulator};
use tests::{Ended, Host};

use crate::{faults, site};

/// `me@example.com:tok-4711`, and what a site that takes only it is given.
const USER: &str = "me@example.com";
const TOKEN: &str = "tok-4711-abcdefgh";

async fn strict_site() -> Simulator {
    use base64::Engine as _;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{TOKEN}"));
    Simulator::start(Settings {
        credential: Some(format!("Basic {pair}")),
        ..Settings::default()
    })
    .await
    .unwrap()
}

fn add(host: &Host, site: &str, words: &[&str], token: &str) -> Ended {
    let words = [
        &["connection", "add", "--site", site, "--user", USER],
        words,
    ]
    .concat();
    host.run_with(&words, token, &[])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_tested_stored_and_used() {
    let site = strict_site().await;
    let host = Host::new();
    let ended = add(&host, &site.site_url(), &[], TOKEN).ok();
    let pages = site.site().searchable_page_count();
    assert!(
        ended.stderr.contains("Connection successful: ")
            && ended
                .stderr
                .contains(&format!("{pages} pages visible to {USER} at")),
        "{ended:#?}"
    );
    host.call(&["listSpaces"]).ok();
    let ended = host.run(&["connection", "test"]).ok();
    assert!(
        ended.stdout.starts_with("Connection successful: "),
        "{ended:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_does_not_work_is_not_stored() {
    let site = strict_site().await;
    let host = Host::new();
    add(&host, &site.site_url(), &[], "another-token")
        .fails(4, &["nothing was stored", "--no-test", "fix"]);
    assert_eq!(host.read("env/default/app/default.toml"), "");
    host.call(&["listSpaces"]).fails(3, &[]);

    add(&host, &site.site_url(), &["--no-test"], "another-token").ok();
    host.run(&["connection", "test"])
        .fails(4, &["401", "env/default/app/default.toml:1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_takes_the_token_again_and_a_failed_one_changes_nothing() {
    let site = strict_site().await;
    let host = Host::new();
    add(&host, &site.site_url(), &[], TOKEN).ok();
    let before = host.read("env/default/app/default.toml");
    let edit = |words: &[&str], token: &str| {
        host.run_with(&[&["connection", "edit"], words].concat(), token, &[])
    };
    edit(&["--concurrency", "9"], "").fails(2, &["token", "standard input"]);
    edit(&["--concurrency", "9"], "wrong").fails(4, &["nothing was stored"]);
    edit(&["--user", "other@example.com", "--keep-token"], "").fails(2, &["enter it again"]);
    edit(&["--site", "http://127.0.0.1:1/wiki"], TOKEN).fails(13, &[]);
    assert_eq!(host.read("env/default/app/default.toml"), before);
    host.call(&["listSpaces"]).ok();

    let ended = edit(&["--concurrency", "9", "--keep-token"], "").ok();
    assert!(ended.stderr.contains("stored connection"), "{ended:#?}");
    let ended = edit(&["--concurrency", "9", "--keep-token"], "").ok();
    assert!(
        ended.stderr.contains("already has these values") && !ended.stderr.contains("stored"),
        "{ended:#?}"
    );
    host.call(&["listSpaces"]).ok();
    edit(&["--concurrency", "10"], TOKEN).ok();
    assert!(
        host.read("env/default/app/default.toml")
            .contains("concurrency = 10")
    );
    host.call(&["listSpaces"]).ok();
    edit(&["--concurrency", "26"], TOKEN).fails(2, &["--concurrency"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_comes_from_standard_input_a_file_or_a_variable_and_never_from_an_argument() {
    let site = strict_site().await;
    let host = Host::new();
    let file = host.state().join("token.txt");
    std::fs::write(&file, format!("{TOKEN}\n")).unwrap();
    let from_file = format!("@{}", file.display());
    let add = |name: &str, source: &str| {
        host.run_with(
            &[
                "connection",
                "add",
                name,
                "--site",
                &site.site_url(),
                "--user",
                USER,
                "--token",
                source,
            ],
            TOKEN,
            &[("MY_TOKEN", TOKEN)],
        )
    };
    add("one", "-").ok();
    add("two", &from_file).ok();
    add("three", "env:MY_TOKEN").ok();
    let ended = add("four", TOKEN).fails(2, &["`@FILE`", "`env:VARIABLE`"]);
    assert!(!format!("{ended:?}").contains(TOKEN), "{ended:#?}");
    add("five", "env:NOT_SET").fails(2, &["name of a variable"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_never_shown() {
    let site = strict_site().await;
    let host = Host::new();
    add(&host, &site.site_url(), &["--level", "cluster"], TOKEN).ok();
    for words in [
        &["connection", "list", "--output", "json"][..],
        &["connection", "list", "--output", "table"],
        &["connection", "show"],
        &["config", "explain", "--output", "json"],
        &["config", "list", "--level", "cluster", "--output", "csv"],
        &["connection", "test", "--output", "json"],
    ] {
        let ended = host.run(words).ok();
        assert!(!format!("{ended:?}").contains(TOKEN), "{ended:#?}");
    }
    let listed = host
        .run(&["connection", "list", "--output", "json"])
        .ok()
        .json();
    assert_eq!(listed[0]["token"], "stored");
    assert_eq!(listed[0]["inUse"], true);
    assert_eq!(listed[0]["level"], "cluster");
}

#[test]
fn a_site_is_taken_in_every_form_that_people_paste() {
    let host = Host::new();
    for (index, (pasted, read)) in [
        ("docs.atlassian.net", "https://docs.atlassian.net/wiki"),
        (
            "docs.atlassian.net/wiki/home",
            "https://docs.atlassian.net/wiki",
        ),
        (
            "https://Docs.atlassian.net/",
            "https://docs.atlassian.net/wiki",
        ),
        (
            "https://docs.atlassian.net/wiki/spaces/ENG/pages/98304/Design?atlOrigin=x#Goals",
            "https://docs.atlassian.net/wiki",
        ),
        (
            "https://docs.atlassian.net/wiki/api/v2/",
            "https://docs.atlassian.net/wiki",
        ),
        (
            "https://api.atlassian.com/ex/confluence/0c5b-11/wiki/rest/api",
            "https://api.atlassian.com/ex/confluence/0c5b-11/wiki",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("c{index}");
        add(&host, pasted, &[&name, "--no-test"], TOKEN).ok();
        let shown = host.run(&["connection", "show", &name]).ok().json();
        assert_eq!(shown["site"], read, "{pasted}");
    }
    for (pasted, told) in [
        ("docs", "https://DOMAIN.atlassian.net"),
        ("https://docs.atlassian.net/jira", "/jira"),
        ("http://docs.atlassian.net", "https"),
        ("https://api.atlassian.com", "cloud id"),
        ("ftp://docs.atlassian.net", "https"),
    ] {
        add(&host, pasted, &["bad", "--no-test"], TOKEN).fails(19, &[told]);
    }
    let ended = add(
        &host,
        "https://me:sesame@docs.atlassian.net",
        &["bad"],
        TOKEN,
    )
    .fails(19, &[]);
    assert!(!ended.stderr.contains("sesame"), "{ended:#?}");
}

#[test]
fn a_token_with_scopes_is_sent_to_the_gateway() {
    let host = Host::new();
    let site = "https://docs.atlassian.net";
    let gateway = "https://api.atlassian.com/ex/confluence/0c5b-11";
    for kind in ["scoped", "service-account"] {
        add(
            &host,
            site,
            &["x", "--no-test", "--token-kind", kind],
            TOKEN,
        )
        .fails(
            18,
            &["gateway", "ex/confluence/CLOUD-ID", "_edge/tenant_info"],
        );
        let name = format!("basic-{kind}");
        add(
            &host,
            gateway,
            &[&name, "--no-test", "--token-kind", kind],
            TOKEN,
        )
        .ok();
    }
    let bearer = |site: &str| {
        host.run_with(
            &[
                "connection",
                "add",
                "bot",
                "--no-test",
                "--site",
                site,
                "--authorization",
                "bearer",
                "--token-kind",
                "service-account",
            ],
            TOKEN,
            &[],
        )
    };
    bearer(site).fails(18, &["gateway"]);
    bearer(gateway).ok();
    assert_eq!(
        host.run(&["connection", "show", "bot"]).ok().json()["authorization"],
        "bearer"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_setting_connection_chooses_among_named_ones() {
    let site = strict_site().await;
    let host = Host::new();
    add(
        &host,
        &site.site_url(),
        &["docs", "--level", "cluster"],
        TOKEN,
    )
    .fails(0, &["config set connection docs"]);
    host.call(&["listSpaces"])
        .fails(3, &["no connection `default`", "`docs`"]);
    host.run(&["config", "set", "connection", "dosc"])
        .fails(3, &["no connection `dosc`", "did you mean `docs`?"]);
    host.run(&["config", "set", "connection", "nope"])
        .fails(3, &["no connection `nope`", "connection add nope"]);
    assert!(!host.read("env/default/app/default.toml").contains("nope"));
    host.run(&["config", "set", "connection", "docs"]).ok();
    host.call(&["listSpaces"]).ok();
    // set-api-url-and-auth stores what calls go over.
    host.set("https://a.atlassian.net", tests::AUTHORIZATION, "app")
        .ok();
    assert!(
        host.read("env/default/app/default.toml")
            .contains("[connections.docs]")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_connection_leaves_no_token_behind() {
    let site = strict_site().await;
    let host = Host::new();
    add(&host, &site.site_url(), &[], TOKEN).ok();
    let text = host.read("env/default/app/default.toml");
    host.run(&["connection", "remove", "default"]).ok();
    host.run(&["connection", "remove", "default"])
        .fails(3, &["no connection `default`"]);
    // The same definition, written by hand, has no token.
    host.write("env/default/app/default.toml", &text);
    host.call(&["listSpaces"]).fails(
        3,
        &[
            "has no token",
            "connection set-token default --env default --app default --level app",
        ],
    );
}

#[test]
fn a_connection_that_goes_over_to_a_token_alone_has_a_user_no_longer() {
    let host = Host::new();
    // A site takes no token alone.
    let gateway = "https://api.atlassian.com/ex/confluence/0c5b-11";
    add(&host, gateway, &["docs", "--no-test"], TOKEN).ok();
    let edit = |words: &[&str]| {
        let words = [&["connection", "edit", "docs", "--no-test"], words].concat();
        host.run_with(&words, TOKEN, &[])
    };
    let own_user = ["--authorization", "bearer", "--user", USER];
    edit(&own_user).fails(2, &["`--user` is for `--authorization basic`"]);
    edit(&["--authorization", "bearer"]).ok();
    let file = host.read("env/default/app/default.toml");
    assert!(file.contains("bearer") && !file.contains(USER), "{file}");
    // Back again it needs one.
    edit(&["--authorization", "basic"]).fails(2, &["`--user`"]);
    edit(&["--user", USER]).ok();
    assert!(host.read("env/default/app/default.toml").contains(USER));
}

#[test]
fn what_borrows_its_concurrency_borrows_from_a_connection_that_is_there() {
    let host = Host::new();
    let borrow = |name: &str, lender: &str| {
        add(
            &host,
            "docs.atlassian.net",
            &[
                name,
                "--no-test",
                "--level",
                "cluster",
                "--borrow-concurrency-from",
                lender,
            ],
            TOKEN,
        )
    };
    borrow("two", "one").fails(20, &["does not have", "of this level"]);
    add(
        &host,
        "docs.atlassian.net",
        &["one", "--no-test", "--level", "cluster"],
        TOKEN,
    )
    .ok();
    borrow("two", "one").ok();
    host.run(&[
        "config",
        "set",
        "connections.one.borrow-concurrency-from",
        "two",
        "--level",
        "cluster",
    ])
    .fails(20, &["which borrows its own"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reason_why_a_site_refuses_is_told_with_the_way_out() {
    let site = site().await;
    let host = Host::new();
    for (fault, code) in [("*:401", 4), ("*:403", 5), ("*:429", 7), ("*:html", 9)] {
        site.set_faults(faults(fault));
        add(&host, &site.site_url(), &[], TOKEN)
            .fails(code, &["cause", "fix", "nothing was stored"]);
    }
}

#[test]
fn a_token_in_a_wrong_place_is_not_repeated() {
    let host = Host::new();
    let from_variable = format!("env:{TOKEN}");
    let with_option = format!("--token={TOKEN}");
    for words in [
        &["connection", "add", "docs", TOKEN][..],
        &["connection", "add", TOKEN, TOKEN],
        &["connection", "show", &format!("{TOKEN}=")],
        &["connection", TOKEN],
        &["connection", "edit", "--concurrency", TOKEN],
        &[
            "connection",
            "add",
            "--site",
            "a.atlassian.net",
            "--user",
            USER,
            "--token",
            &from_variable,
        ],
        &[
            "connection",
            "add",
            "--site",
            "a.atlassian.net",
            "--user",
            USER,
            &with_option,
        ],
        &["secrets", "rotate", TOKEN],
        &["secrets", "rotate", "--new-key", TOKEN],
    ] {
        let ended = host.run(words);
        assert_ne!(ended.code, 0, "{words:?}");
        assert!(!format!("{ended:?}").contains(TOKEN), "{ended:#?}");
    }
}

#[test]
fn a_value_that_is_not_valid_is_shown_with_what_is_expected_unless_it_may_be_a_token() {
    let host = Host::new();
    let site = ["connection", "add", "--site", "example.atlassian.net"];
    for (option, value, expected) in [
        (
            "--token-expires",
            "05/12/2026",
            "expected a day as `YYYY-MM-DD`",
        ),
        ("--token-expires", "2026-02-30", "has 28 days"),
        ("--concurrency", "0", "1..=25"),
        ("--concurrency", "many", "invalid digit"),
        ("--level", "clutser", "`cluster`"),
        ("--authorization", "basik", "`basic`, `bearer`"),
    ] {
        let words = [&site[..], &[option, value]].concat();
        host.run(&words).fails(
            2,
            &[&format!("`{value}` is not a valid `{option}"), expected],
        );
        let token = "sesame-open-0123456789";
        let words = [&site[..], &[option, token]].concat();
        let ended = host.run(&words).fails(2, &[option, "could be a token"]);
        assert!(!ended.stderr.contains(token), "{ended:#?}");
    }
    let json = [
        "--message-format",
        "json",
        "connection",
        "set-token",
        "--token-expires",
        "soon",
    ];
    host.run(&json).fails(2, &["`soon` is not a valid"]);
}

#[test]
fn an_empty_site_names_its_likely_cause() {
    let host = Host::new();
    for site in ["", " "] {
        let words = [
            "connection",
            "add",
            "--site",
            site,
            "--user",
            "me@example.com",
        ];
        host.run(&[&words[..], &["--no-test"]].concat()).fails(
            19,
            &[
                "the endpoint is empty",
                "cause: a variable that it comes from is not set",
                "fix: pass the site as `https://DOMAIN.atlassian.net",
            ],
        );
    }
}

#[test]
fn commands_that_only_show_what_is_configured_create_nothing() {
    let host = Host::new();
    let state = host.state().join("state");
    let state = state.to_str().unwrap();
    let config = host.config();
    let config = config.to_str().unwrap();
    host.write("cluster.toml", "connections.docs.site = \"https://example.atlassian.net/wiki\"\nconnections.docs.user = \"me@example.com\"\n");
    for words in [
        &["connection", "list"][..],
        &["connection", "show", "docs"],
        &["oauth-app", "list"],
        &["component", "list"],
        &["config", "list"],
        &["config", "explain"],
        &["doctor", "--offline"],
    ] {
        let folders = ["--state-dir", state, "--config-dir", config];
        let ended = host.run(&[&folders[..], words].concat());
        assert!([0, 29].contains(&ended.code), "{ended:#?}");
        assert!(!std::fs::exists(state).unwrap(), "{words:?}");
        if words == ["connection", "list"] {
            assert_eq!(ended.json()[0]["name"], "docs");
            assert_eq!(ended.json()[0]["token"], "missing");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_folder_that_cannot_be_written_is_named_and_no_configuration_file() {
    let site = site().await;
    let host = Host::with_site(&site);
    // A folder is in the place of the lock of the state folder, which cannot be opened for writing.
    let lock = host.state().join(".connections.lock");
    let _ = std::fs::remove_file(&lock);
    std::fs::create_dir(&lock).unwrap();
    let words = ["connection", "set-token", "--token", "-", "--no-test"];
    let ended = host
        .run_with(&words, "sesame-open-0123456789", &[])
        .fails(24, &[&*host.state().to_string_lossy(), "--state-dir"]);
    assert!(!ended.stderr.contains("configuration file"), "{ended:#?}");
}

#[test]
fn a_name_with_a_dot_is_refused_since_keys_have_dots() {
    let host = Host::new();
    add(
        &host,
        "docs.atlassian.net",
        &["docs.user", "--no-test"],
        TOKEN,
    )
    .fails(2, &[]);
    host.write(
        "env/default.toml",
        "[connections.\"docs.user\"]\nsite = \"a.b\"\nuser = \"x\"\n",
    );
    host.call(&["listSpaces"]).fails(27, &["connection's name"]);
}

#[test]
fn a_connection_is_not_taken_out_without_its_token() {
    let host = Host::new();
    add(&host, "docs.atlassian.net", &["docs", "--no-test"], TOKEN).ok();
    host.run(&["config", "unset", "connections.docs"])
        .fails(2, &["connection remove docs --level app"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_whose_file_cannot_be_written_leaves_the_old_token() {
    let site = strict_site().await;
    let host = Host::new();
    add(&host, &site.site_url(), &["docs"], TOKEN).ok();
    let before = host.read("env/default/app/default.toml");
    // A folder in place of the lock: nobody can change a level then, not even root.
    let lock = host.config().join(".config.lock");
    std::fs::remove_file(&lock).unwrap();
    std::fs::create_dir(&lock).unwrap();
    for changed in [["--concurrency", "9"], ["--user", "other@example.com"]] {
        let words = ["connection", "edit", "docs", "--no-test"];
        host.run_with(&[&words[..], &changed].concat(), "another-token", &[])
            .fails(24, &["cannot write"]);
    }
    std::fs::remove_dir(&lock).unwrap();
    assert_eq!(host.read("env/default/app/default.toml"), before);
    host.run(&["connection", "test", "docs"]).ok();
    host.run(&["secrets", "rotate"]).fails(0, &["1 secret is"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_file_has_the_connection_a_token_is_given_without_writing_it() {
    let site = strict_site().await;
    let host = Host::new();
    host.write(
        "env/default.toml",
        &format!(
            "# mounted\n[connections.default]\nsite = \"{}/wiki\"\nuser = \"{USER}\"\n",
            site.site_url()
        ),
    );
    let before = host.read("env/default.toml");
    let ended = host.run(&["connection", "test"]);
    ended.fails(
        3,
        &["connection set-token default --env default --level env"],
    );
    let words = ["connection", "edit", "--level", "env"];
    let ended = host.run_with(&words, TOKEN, &[]).ok();
    assert!(
        ended.stderr.contains("stored the token of connection")
            && ended.stderr.contains("default.toml is unchanged")
            && !ended.stderr.contains("stored connection"),
        "{ended:#?}"
    );
    host.call(&["listSpaces"]).ok();
    assert_eq!(host.read("env/default.toml"), before);
    // Nothing was made there, not even a lock: the folder may be mounted read-only.
    assert!(!host.config().join(".config.lock").exists());
}

mod in_one_process {
    use host_runner::{
        CallError, ConnectionDefinition, EditError, Endpoint, Expected, HostRunner, Level, Scheme,
        Scope, Token, TokenKind,
    };

    fn definition(user: &str) -> ConnectionDefinition {
        let scheme = Scheme::Basic {
            user: user.to_owned(),
        };
        let endpoint = Endpoint::parse("https://a.atlassian.net").unwrap();
        ConnectionDefinition::new(endpoint, scheme, TokenKind::Unscoped)
    }

    #[tokio::test]
    async fn two_saves_at_once_do_not_wait_for_each_other_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let host = HostRunner::builder(folder.path().join("config"), folder.path().join("state"))
            .open()
            .unwrap();
        let (scope, name) = (Scope::default(), "docs".parse().unwrap());
        let (one, two) = (definition("one"), definition("two"));
        let token = Token::parse("a-token").unwrap();
        let save = |definition| {
            host.save_connection(
                &scope,
                Level::App,
                &name,
                &Expected::Any,
                definition,
                &token,
            )
        };
        let (first, second) = tokio::join!(save(&one), save(&two));
        first.unwrap();
        second.unwrap();
        let there = host.connection(&scope, &name).await.unwrap().unwrap();
        assert!(there.1.is_some());
    }

    #[tokio::test]
    async fn a_change_of_what_has_changed_meanwhile_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let host = HostRunner::builder(folder.path().join("config"), folder.path().join("state"))
            .open()
            .unwrap();
        let (scope, name) = (Scope::default(), "docs".parse().unwrap());
        let token = Token::parse("a-token").unwrap();
        let (one, two) = (definition("one"), definition("two"));
        let save = async |basis: Expected, definition: &ConnectionDefinition| {
            host.save_connection(&scope, Level::App, &name, &basis, definition, &token)
                .await
        };
        let refused = |saved: Result<(), CallError>| {
            matches!(
                saved,
                Err(CallError::Edit(EditError::ChangedMeanwhile { .. }))
            )
        };
        save(Expected::New, &one).await.unwrap();
        assert!(refused(save(Expected::New, &two).await));
        save(Expected::of(Some(one.clone())), &two).await.unwrap();
        assert!(refused(save(Expected::of(Some(one.clone())), &one).await));
        let (there, token) = host.connection(&scope, &name).await.unwrap().unwrap();
        assert_eq!(there.definition, two);
        assert!(token.is_some());
    }
}
